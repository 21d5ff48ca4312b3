"""What is asked of google-genai: content generated and embedded, and interactions; plain, streamed, structured, with
tools, and async.

Each case looks at its own result and hands it back, to be compared. Deliberately not here: the comparison
(python_sdks.py).
"""

import asyncio

from google.genai import types

from clients import GEMINI, TEXT, Light


def generate(c):
    answer = c.gemini.models.generate_content(model=GEMINI, contents="What colour is it?")
    assert answer.text == TEXT, answer
    return answer


def generate_streamed(c):
    chunks = list(c.gemini.models.generate_content_stream(model=GEMINI, contents="What colour is it?"))
    assert "".join(chunk.text or "" for chunk in chunks) == TEXT, chunks
    return chunks


def generate_structured(c):
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Light)
    answer = c.gemini.models.generate_content(model=GEMINI, contents="What colour is it?", config=config)
    assert answer.parsed == Light(colour="amber", percent=7), answer
    return answer


def generate_with_tools(c):
    painted = []

    def paint(colour: str) -> str:
        """Paints the light."""
        painted.append(colour)
        return "painted"

    chat = c.gemini.chats.create(model=GEMINI, config=types.GenerateContentConfig(tools=[paint]))
    answer = chat.send_message("Paint it.")
    assert painted == ["amber"] and answer.text == TEXT, answer
    return answer


def embed(c):
    answer = c.gemini.models.embed_content(model="gemini-embedding-001", contents=["a light", "in the tray"])
    assert len(answer.embeddings) == 2, answer
    return answer


def interact(c):
    answer = c.gemini.interactions.create(model=GEMINI, input="What colour is it?")
    assert answer.output_text == TEXT, answer
    return answer


def interact_streamed(c):
    events = list(c.gemini.interactions.create(model=GEMINI, input="What colour is it?", stream=True))
    text = "".join(event.delta.text for event in events if event.event_type == "step.delta")
    assert text == TEXT and events[-1].event_type == "interaction.completed", events
    return events


def decide(c):
    questions = {"amber": {"type": "noul", "instructions": "The light is amber."}}
    return c.gemini.decisions.create(model=f"models/{GEMINI}", input="The light is amber.", questions=questions)


def generate_async(c):
    async def both():
        whole = await c.gemini.aio.models.generate_content(model=GEMINI, contents="What colour is it?")
        chunks = [
            chunk
            async for chunk in await c.gemini.aio.models.generate_content_stream(
                model=GEMINI, contents="What colour is it?"
            )
        ]
        await c.gemini.aio.aclose()
        return [whole, chunks]

    return asyncio.run(both())


CASES = [generate, generate_streamed, generate_structured, generate_with_tools, embed]
CASES += [interact, interact_streamed, decide, generate_async]
