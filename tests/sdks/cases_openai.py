"""What is asked of OpenAI's Python SDK: chat, responses, embeddings; plain, streamed, structured, with tools, and
async.

Each case looks at its own result and hands it back, to be compared. Deliberately not here: the comparison
(python_sdks.py).
"""

import asyncio
import json

import openai

from clients import GPT, SAY, TEXT, Light

EMBEDDING = "text-embedding-3-small"

TOOL = {
    "type": "function",
    "function": {
        "name": "paint",
        "description": "Paints the light",
        "parameters": {
            "type": "object",
            "properties": {"colour": {"type": "string"}},
            "required": ["colour"],
            "additionalProperties": False,
        },
    },
}


def chat(c):
    answer = c.openai.chat.completions.create(model=GPT, messages=SAY)
    assert answer.choices[0].message.content == TEXT, answer
    return answer


def chat_of_two(c):
    answer = c.openai.chat.completions.create(model=GPT, messages=SAY, n=2, max_completion_tokens=100)
    assert len(answer.choices) == 2 and answer.usage.completion_tokens == 50, answer
    return answer


def chat_streamed(c):
    chunks = list(c.openai.chat.completions.create(model=GPT, messages=SAY, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT, chunks
    assert all(chunk.usage is None for chunk in chunks), "usage that was not asked for does not arrive"
    return chunks


def chat_streamed_with_usage(c):
    asked = {"include_usage": True}
    chunks = list(c.openai.chat.completions.create(model=GPT, messages=SAY, stream=True, stream_options=asked))
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 25, "usage that was asked for arrives"
    return chunks


def chat_structured(c):
    answer = c.openai.chat.completions.parse(model=GPT, messages=SAY, response_format=Light)
    assert answer.choices[0].message.parsed == Light(colour="amber", percent=7), answer
    return answer


def chat_structured_streamed(c):
    with c.openai.chat.completions.stream(model=GPT, messages=SAY, response_format=Light) as stream:
        events = [event.type for event in stream]
        answer = stream.get_final_completion()
    assert answer.choices[0].message.parsed == Light(colour="amber", percent=7), answer
    return [events, answer]


def chat_with_tools(c):
    first = c.openai.chat.completions.create(model=GPT, messages=SAY, tools=[TOOL])
    call = first.choices[0].message.tool_calls[0]
    assert json.loads(call.function.arguments) == {"colour": "amber"}, first
    told = {"role": "tool", "tool_call_id": call.id, "content": "painted"}
    messages = [*SAY, first.choices[0].message.to_dict(), told]
    second = c.openai.chat.completions.create(model=GPT, messages=messages, tools=[TOOL])
    assert second.choices[0].message.content == TEXT, second
    return [first, second]


def chat_with_tools_streamed(c):
    with c.openai.chat.completions.stream(model=GPT, messages=SAY, tools=[TOOL]) as stream:
        answer = stream.until_done().get_final_completion()
    assert answer.choices[0].message.tool_calls[0].function.name == "paint", answer
    return answer


def chat_async(c):
    async def both():
        whole = await c.openai_async.chat.completions.create(model=GPT, messages=SAY)
        stream = await c.openai_async.chat.completions.create(model=GPT, messages=SAY, stream=True)
        chunks = [chunk async for chunk in stream]
        await c.openai_async.close()
        return [whole, chunks]

    return asyncio.run(both())


RESPONSES_TOOL = {"type": "function", "strict": True, **TOOL["function"]}


def responses(c):
    answer = c.openai.responses.create(model=GPT, input="What colour is it?", instructions="Be short.")
    assert answer.output_text == TEXT, answer
    return answer


def responses_streamed(c):
    events = list(c.openai.responses.create(model=GPT, input="What colour is it?", stream=True))
    assert events[-1].type == "response.completed" and events[-1].response.output_text == TEXT, events
    return events


def responses_structured(c):
    answer = c.openai.responses.parse(model=GPT, input="What colour is it?", text_format=Light)
    assert answer.output_parsed == Light(colour="amber", percent=7), answer
    return answer


def responses_structured_streamed(c):
    with c.openai.responses.stream(model=GPT, input="What colour is it?", text_format=Light) as stream:
        answer = stream.until_done().get_final_response()
    assert answer.output_parsed == Light(colour="amber", percent=7), answer
    return answer


def responses_with_tools(c):
    first = c.openai.responses.create(model=GPT, input="Paint it.", tools=[RESPONSES_TOOL])
    call = first.output[0]
    assert json.loads(call.arguments) == {"colour": "amber"}, first
    given = [
        {"role": "user", "content": "Paint it."},
        call.to_dict(),
        {"type": "function_call_output", "call_id": call.call_id, "output": "painted"},
    ]
    second = c.openai.responses.create(model=GPT, input=given, tools=[RESPONSES_TOOL])
    assert second.output_text == TEXT, second
    return [first, second]


def responses_async(c):
    async def asked():
        async with openai.AsyncOpenAI(api_key="test", base_url=c.openai_async.base_url) as client:
            stream = await client.responses.create(model=GPT, input="What colour is it?", stream=True)
            return [event async for event in stream]

    return asyncio.run(asked())


def decide(c):
    questions = [{"type": "predicate", "name": "amber", "instructions": "The light is amber."}]
    answer = c.openai.decisions.create(model=GPT, input="The light in the tray is amber.", questions=questions)
    assert answer.answers[0].probability == 0.9, answer
    return answer


def embeddings(c):
    answer = c.openai.embeddings.create(model=EMBEDDING, input=["a light", "in the tray"])
    assert len(answer.data) == 2 and len(answer.data[0].embedding) == 8, answer
    return answer


def embeddings_as_numbers(c):
    return c.openai.embeddings.create(model=EMBEDDING, input="a light", encoding_format="float", dimensions=4)


CASES = [
    chat,
    chat_of_two,
    chat_streamed,
    chat_streamed_with_usage,
    chat_structured,
    chat_structured_streamed,
    chat_with_tools,
    chat_with_tools_streamed,
    responses,
    responses_streamed,
    responses_structured,
    responses_structured_streamed,
    responses_with_tools,
    decide,
    embeddings,
    embeddings_as_numbers,
    responses_async,
    chat_async,
]
