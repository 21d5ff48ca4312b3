"""OpenAI's answers: chat completions, responses, embeddings; whole and streamed, structured, with tools.

Cached and reasoning tokens are parts of what they stand under. Deliberately not here: what other providers say
differently in this dialect (fixtures/exchanges.ndjson).
"""

import base64
import json
import struct

from saying import CREATED, SENTENCE, Answer, digest, filled, line, pieces, words


def chat(request):
    id_, model = "chatcmpl-" + digest(request), request["model"] + "-2025-08-07"
    form = request.get("response_format") or {}
    tools = request.get("tools") or []
    called = bool(tools) and not any(m.get("role") == "tool" for m in request["messages"])
    text = "".join(SENTENCE)
    if form.get("type") == "json_schema":
        text = json.dumps(filled(form["json_schema"]["schema"]))
    call = (
        {
            "id": "call_" + digest(request, 16),
            "type": "function",
            "function": {
                "name": tools[0]["function"]["name"],
                "arguments": json.dumps(filled(tools[0]["function"]["parameters"])),
            },
        }
        if called
        else None
    )
    n = request.get("n") or 1
    prompt, completion, reasoning = words(request["messages"]) + 40, 25 * n, 8
    cached = prompt // 4
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    counts = {
        "input_tokens": prompt,
        "output_tokens": completion,
        "cache_read_tokens": cached,
        "reasoning_tokens": reasoning,
    }
    finish = "tool_calls" if called else "stop"
    if not request.get("stream"):
        message = {"role": "assistant", "content": None if called else text, "refusal": None, "annotations": []}
        if called:
            message["tool_calls"] = [call]
        return Answer(
            model,
            {
                "id": id_,
                "object": "chat.completion",
                "created": CREATED,
                "model": model,
                "choices": [
                    {"index": i, "message": message, "logprobs": None, "finish_reason": finish} for i in range(n)
                ],
                "usage": usage,
                "service_tier": "default",
                "system_fingerprint": "fp_standin",
            },
            **counts,
        )
    included = (request.get("stream_options") or {}).get("include_usage")
    deltas = [{"role": "assistant", "content": None if called else "", "refusal": None}]
    if called:
        started = {**call, "index": 0, "function": {**call["function"], "arguments": ""}}
        deltas.append({"tool_calls": [started]})
        deltas += [
            {"tool_calls": [{"index": 0, "function": {"arguments": part}}]}
            for part in pieces(call["function"]["arguments"])
        ]
    else:
        deltas += [{"content": part} for part in (SENTENCE if not form else pieces(text))]

    def chunk(choices, **more):
        return line(
            {
                "id": id_,
                "object": "chat.completion.chunk",
                "created": CREATED,
                "model": model,
                "service_tier": "default",
                "system_fingerprint": "fp_standin",
                "choices": choices,
                **more,
            }
        )

    nothing = {"usage": None} if included else {}
    events = [
        chunk([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}], **nothing) for delta in deltas
    ]
    events.append(chunk([{"index": 0, "delta": {}, "logprobs": None, "finish_reason": finish}], **nothing))
    if included:
        events.append(chunk([], usage=usage))
    return Answer(model, events=[*events, b"data: [DONE]\n\n"], kind="text/event-stream; charset=utf-8", **counts)


def responses(request):
    mark, model = digest(request), request["model"] + "-2025-08-07"
    tools = [tool for tool in request.get("tools") or [] if tool.get("type") == "function"]
    given = request.get("input")
    form = (request.get("text") or {}).get("format") or {"type": "text"}
    called = bool(tools) and not (
        isinstance(given, list) and any(one.get("type") == "function_call_output" for one in given)
    )
    text = json.dumps(filled(form["schema"])) if form["type"] == "json_schema" else "".join(SENTENCE)
    input_, output, reasoning = words(given) + words(request.get("instructions")) + 60, 31, 12
    cached = input_ // 3
    if called:
        item = {
            "type": "function_call",
            "id": "fc_" + mark,
            "call_id": "call_" + mark,
            "name": tools[0]["name"],
            "arguments": json.dumps(filled(tools[0]["parameters"])),
            "status": "completed",
        }
    else:
        item = {
            "type": "message",
            "id": "msg_" + mark,
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}],
        }
    whole = {
        "id": "resp_" + mark,
        "object": "response",
        "created_at": CREATED,
        "status": "completed",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": request.get("instructions"),
        "max_output_tokens": request.get("max_output_tokens"),
        "model": model,
        "output": [item],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": "low", "summary": None},
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": form},
        "tool_choice": "auto",
        "tools": request.get("tools") or [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": input_,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": reasoning},
            "total_tokens": input_ + output,
        },
        "user": None,
        "metadata": {},
    }
    counts = {
        "input_tokens": input_,
        "output_tokens": output,
        "cache_read_tokens": cached,
        "reasoning_tokens": reasoning,
    }
    if not request.get("stream"):
        return Answer(model, whole, **counts)
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    place = {"output_index": 0, "item_id": item["id"]}
    told = [("response.created", {"response": begun}), ("response.in_progress", {"response": begun})]
    if called:
        told.append(
            (
                "response.output_item.added",
                {"output_index": 0, "item": {**item, "status": "in_progress", "arguments": ""}},
            )
        )
        told += [
            ("response.function_call_arguments.delta", {**place, "delta": part}) for part in pieces(item["arguments"])
        ]
        told.append(
            ("response.function_call_arguments.done", {**place, "name": item["name"], "arguments": item["arguments"]})
        )
    else:
        part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        told.append(
            (
                "response.output_item.added",
                {"output_index": 0, "item": {**item, "status": "in_progress", "content": []}},
            )
        )
        told.append(("response.content_part.added", {**place, "content_index": 0, "part": part}))
        told += [
            ("response.output_text.delta", {**place, "content_index": 0, "delta": one, "logprobs": []})
            for one in pieces(text)
        ]
        told.append(("response.output_text.done", {**place, "content_index": 0, "text": text, "logprobs": []}))
        told.append(("response.content_part.done", {**place, "content_index": 0, "part": item["content"][0]}))
    told.append(("response.output_item.done", {"output_index": 0, "item": item}))
    told.append(("response.completed", {"response": whole}))
    events = [line({"type": name, "sequence_number": at, **data}, name) for at, (name, data) in enumerate(told)]
    return Answer(model, events=events, kind="text/event-stream; charset=utf-8", **counts)


def decisions(request):
    used, answered = words(request["input"]) + words(request["questions"]) + 20, 4 * len(request["questions"])
    answers = [{"type": "predicate", "name": one.get("name"), "probability": 0.9} for one in request["questions"]]
    usage = {
        "input_tokens": used,
        "input_tokens_details": {"cached_tokens": used // 4, "cache_write_tokens": 0},
        "output_tokens": answered,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": used + answered,
    }
    body = {"answers": answers, "model": request["model"], "usage": usage}
    counts = {"input_tokens": used, "output_tokens": answered, "cache_read_tokens": used // 4, "reasoning_tokens": 2}
    return Answer(request["model"], body, **counts)


def embeddings(request):
    given = request["input"]
    texts = given if isinstance(given, list) else [given]
    size = request.get("dimensions") or 8
    vectors = [[((at + 1) * (place + 1) % 17) / 16 for place in range(size)] for at in range(len(texts))]
    if request.get("encoding_format") == "base64":
        vectors = [base64.b64encode(struct.pack(f"<{size}f", *vector)).decode() for vector in vectors]
    used = words(texts) + 2
    return Answer(
        request["model"],
        {
            "object": "list",
            "model": request["model"],
            "data": [{"object": "embedding", "index": at, "embedding": vector} for at, vector in enumerate(vectors)],
            "usage": {"prompt_tokens": used, "total_tokens": used},
        },
        input_tokens=used,
    )
