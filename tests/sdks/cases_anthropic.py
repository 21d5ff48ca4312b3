"""What is asked of Anthropic's Python SDK: messages; plain, streamed, with thinking, with tools, and async.

Each case looks at its own result and hands it back, to be compared. Deliberately not here: the comparison
(python_sdks.py).
"""

import asyncio

from clients import CLAUDE, PARAMETERS, SAY, TEXT

CLAUDE_TOOL = {"name": "paint", "description": "Paints the light", "input_schema": PARAMETERS}
ASKED = {"model": CLAUDE, "max_tokens": 2048, "messages": SAY}


def messages(c):
    answer = c.anthropic.messages.create(**ASKED, system="Be short.")
    assert answer.content[0].text == TEXT, answer
    return answer


def messages_streamed(c):
    with c.anthropic.messages.stream(**ASKED) as stream:
        events = list(stream)
        answer = stream.get_final_message()
    assert answer.content[0].text == TEXT and answer.usage.output_tokens == 29, answer
    return [events, answer]


def messages_streamed_with_thinking(c):
    with c.anthropic.messages.stream(**ASKED, thinking={"type": "enabled", "budget_tokens": 1024}) as stream:
        answer = stream.get_final_message()
    assert [block.type for block in answer.content] == ["thinking", "text"], answer
    return answer


def messages_raw_events(c):
    return list(c.anthropic.messages.create(**ASKED, stream=True))


def messages_with_tools(c):
    first = c.anthropic.messages.create(**ASKED, tools=[CLAUDE_TOOL])
    assert first.stop_reason == "tool_use" and first.content[0].input == {"colour": "amber"}, first
    told = {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": first.content[0].id, "content": "painted"}],
    }
    said = {"role": "assistant", "content": [block.to_dict() for block in first.content]}
    second = c.anthropic.messages.create(
        model=CLAUDE, max_tokens=2048, messages=[*SAY, said, told], tools=[CLAUDE_TOOL]
    )
    assert second.content[0].text == TEXT, second
    return [first, second]


def messages_async(c):
    async def both():
        whole = await c.anthropic_async.messages.create(**ASKED)
        async with c.anthropic_async.messages.stream(**ASKED) as stream:
            streamed = await stream.get_final_message()
        await c.anthropic_async.close()
        return [whole, streamed]

    return asyncio.run(both())


CASES = [
    messages,
    messages_streamed,
    messages_streamed_with_thinking,
    messages_raw_events,
    messages_with_tools,
    messages_async,
]
