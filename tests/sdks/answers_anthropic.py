"""Anthropic's answers: messages, whole and streamed, with thinking, tools and both kinds of cache writes.

Deliberately not here: batches and stored files, which no test asks for.
"""

import json

from saying import SENTENCE, Answer, digest, filled, line, pieces, words


def messages(request):
    """`input_tokens` is what no cache had part in, so the ledger's input is the sum of three."""
    mark, model = digest(request), request["model"] + "-20260901"
    plain, read, five, hour, output, thinking = (
        words(request["messages"]) + words(request.get("system")) + 20,
        64,
        32,
        16,
        29,
        11,
    )
    tools, thinks = request.get("tools") or [], request.get("thinking")
    called = bool(tools) and not any(
        part.get("type") == "tool_result"
        for message in request["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
    )
    text = "".join(SENTENCE)
    blocks = (
        [{"type": "thinking", "thinking": "It is amber because most is spent.", "signature": "c3RhbmQtaW4="}]
        if thinks
        else []
    )
    blocks.append(
        {"type": "tool_use", "id": "toolu_" + mark, "name": tools[0]["name"], "input": filled(tools[0]["input_schema"])}
        if called
        else {"type": "text", "text": text, "citations": None}
    )
    stop = "tool_use" if called else "end_turn"
    inputs = {
        "input_tokens": plain,
        "cache_creation_input_tokens": five + hour,
        "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour},
    }
    tier = {"service_tier": "standard", "inference_geo": "global"}
    outputs = {"output_tokens": output, "output_tokens_details": {"thinking_tokens": thinking if thinks else 0}}
    message = {
        "id": "msg_" + mark,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": blocks,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {**inputs, **outputs, **tier},
    }
    counts = {
        "input_tokens": plain + read + five + hour,
        "output_tokens": output,
        "cache_read_tokens": read,
        "cache_write_tokens": five + hour,
        "reasoning_tokens": thinking if thinks else 0,
    }
    if not request.get("stream"):
        return Answer(model, message, **counts)
    told = [
        {
            "type": "message_start",
            "message": {**message, "content": [], "stop_reason": None, "usage": {**inputs, "output_tokens": 3, **tier}},
        }
    ]
    for at, block in enumerate(blocks):
        if block["type"] == "thinking":
            begun = {**block, "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": part} for part in pieces(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        elif block["type"] == "tool_use":
            begun = {**block, "input": {}}
            deltas = [
                {"type": "input_json_delta", "partial_json": part} for part in ["", *pieces(json.dumps(block["input"]))]
            ]
        else:
            begun = {**block, "text": ""}
            deltas = [{"type": "text_delta", "text": part} for part in SENTENCE]
        told.append({"type": "content_block_start", "index": at, "content_block": begun})
        told += [{"type": "content_block_delta", "index": at, "delta": delta} for delta in deltas]
        told.append({"type": "ping"})
        told.append({"type": "content_block_stop", "index": at})
    told.append(
        {
            "type": "message_delta",
            "delta": {"stop_reason": stop, "stop_sequence": None},
            "usage": {
                "input_tokens": plain,
                "cache_creation_input_tokens": five + hour,
                "cache_read_input_tokens": read,
                **outputs,
            },
        }
    )
    told.append({"type": "message_stop"})
    return Answer(
        model, events=[line(one, one["type"]) for one in told], kind="text/event-stream; charset=utf-8", **counts
    )
