"""Providers that fail and clients that leave, mixed under load, and what the ledger must say of each such call.

Deliberately not here: starting anything (replay_test.py), and how the stand-in fails (provider.py).
"""

import asyncio
import itertools
import json
import urllib.parse
import uuid

SIDE_BY_SIDE = 24
PACE_MS = 100
SAY = [{"role": "user", "content": "What colour is the light in the tray?"}]
GEMINI = {"contents": [{"role": "user", "parts": [{"text": "What colour is the light in the tray?"}]}]}
# (what it is, path, request, whether it streams)
CALLS = [
    ("chat", "/openai/v1/chat/completions", {"model": "gpt-5-mini", "messages": SAY}, False),
    ("chat, streamed", "/openai/v1/chat/completions", {"model": "gpt-5-mini", "messages": SAY, "stream": True}, True),
    (
        "responses, streamed",
        "/openai/v1/responses",
        {"model": "gpt-5-mini", "input": "What colour?", "stream": True},
        True,
    ),
    ("messages", "/anthropic/v1/messages", {"model": "claude-sonnet-4-6", "max_tokens": 500, "messages": SAY}, False),
    (
        "messages, streamed",
        "/anthropic/v1/messages",
        {"model": "claude-sonnet-4-6", "max_tokens": 500, "messages": SAY, "stream": True},
        True,
    ),
    ("generate", "/gemini/v1beta/models/gemini-2.5-flash:generateContent", GEMINI, False),
    ("generate, as events", "/gemini/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", GEMINI, True),
    ("generate, as an array", "/gemini/v1beta/models/gemini-2.5-flash:streamGenerateContent", GEMINI, True),
]
FAILED = {"ok": False, "cost_usd": 0}
SEEN = {"status": 200, "usage_source": "estimated"}
# fault: what its entry must say; `leave` is the client's own
FAULTS = {
    "none": {"status": 200, "ok": True, "usage_source": "reported"},
    "disconnect": SEEN,
    "garbage": SEEN,
    "500": {"status": 500, **FAILED},
    "429": {"status": 429, **FAILED},
    "stall": SEEN,
    "error-event": SEEN,
    "leave": SEEN,
}


def mixed(count):
    """`count` calls of each fault, mixed: (call id, fault, call).

    Only a stream can be left midway, or told an error.
    """
    calls = {
        fault: itertools.cycle([call for call in CALLS if call[3] or fault not in ("leave", "error-event")])
        for fault in FAULTS
    }
    # An array has no event that tells an error.
    calls["error-event"] = itertools.cycle([call for call in CALLS if call[3] and "array" not in call[0]])
    return [(str(uuid.uuid4()), fault, next(calls[fault])) for _ in range(count) for fault in FAULTS]


async def send(place, call_id, fault, call):
    _, path, request, streams = call
    body = json.dumps(request).encode()
    headers = {
        "host": place.netloc,
        "content-type": "application/json",
        "content-length": len(body),
        "authorization": "Bearer test",
        "x-spendlight-call-id": call_id,
        "connection": "close",
    }
    if fault == "leave":
        headers["x-test-pace"] = PACE_MS
    elif fault != "none":
        headers["x-test-fault"] = fault
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        await writer.drain()
        if fault in ("leave", "stall"):
            # The answer has begun; more of it is on its way, or never comes. The client gives up.
            await reader.readuntil(b"\r\n\r\n")
            await reader.read(1)
        else:
            await reader.read()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # an answer that was cut off ends like this
    finally:
        writer.close()


async def load(base, calls):
    place, gate = urllib.parse.urlparse(base), asyncio.Semaphore(SIDE_BY_SIDE)

    async def gated(call):
        async with gate:
            await send(place, *call)

    await asyncio.gather(*(gated(call) for call in calls))


def wrong_entries(calls, entries):
    """What is wrong with the entries of the calls, as lines."""
    by_id, wrong = {}, []
    for entry in entries:
        by_id.setdefault(entry["call_id"], []).append(entry)
    for call_id, fault, call in calls:
        found = by_id.get(call_id, [])
        if len(found) != 1:
            wrong.append(f"{fault}, {call[0]}: {len(found)} entries")
            continue
        entry = found[0]
        said = [f"{name} {entry[name]!r}" for name, value in FAULTS[fault].items() if entry[name] != value]
        if "cost_usd" not in FAULTS[fault] and not entry["cost_usd"] > 0:
            said.append(f"cost {entry['cost_usd']}")
        if said:
            wrong.append(f"{fault}, {call[0]}: {', '.join(said)}")
    if len(entries) != len(calls):
        wrong.append(f"{len(entries)} entries of {len(calls)} calls")
    return wrong
