"""Gemini's answers: generated content, whole, as events and as an array; interactions, whole and as events; embeddings.

Deliberately not here: its OpenAI-compatible endpoint, which answers as OpenAI does.
"""

import json

from saying import SENTENCE, Answer, digest, filled, line, words


def generate(model, streamed, sse, request):
    """Thoughts are beside the answer's tokens, cached content is within the prompt's, what tools gave comes on top."""
    mark = digest(request)
    settings, tools = request.get("generationConfig") or {}, request.get("tools") or []
    schema = settings.get("responseSchema") or settings.get("responseJsonSchema")
    declared = [one for tool in tools for one in tool.get("functionDeclarations", [])]
    called = bool(declared) and not any(
        "functionResponse" in part for content in request["contents"] for part in content["parts"]
    )
    if called:
        parameters = (
            declared[0].get("parameters")
            or declared[0].get("parametersJsonSchema")
            or declared[0].get("parameters_json_schema")
            or {}
        )
        parts = [{"functionCall": {"name": declared[0]["name"], "args": filled(parameters)}}]
    else:
        parts = [{"text": text} for text in ([json.dumps(filled(schema))] if schema else SENTENCE)]
    n = settings.get("candidateCount") or 1
    prompt, answered, thoughts, tool_use = words(request["contents"]) + 30, 14 * n, 9, 5
    cached = prompt // 5

    def usage(answered):
        return {
            "promptTokenCount": prompt,
            "cachedContentTokenCount": cached,
            "candidatesTokenCount": answered,
            "thoughtsTokenCount": thoughts,
            "toolUsePromptTokenCount": tool_use,
            "totalTokenCount": prompt + answered + thoughts + tool_use,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt}],
            "serviceTier": "standard",
        }

    def chunk(parts, answered, **more):
        candidates = [{"content": {"parts": parts, "role": "model"}, "index": i, **more} for i in range(n)]
        return {"candidates": candidates, "usageMetadata": usage(answered), "modelVersion": model, "responseId": mark}

    counts = {
        "input_tokens": prompt + tool_use,
        "output_tokens": answered + thoughts,
        "cache_read_tokens": cached,
        "reasoning_tokens": thoughts,
    }
    whole = [{"text": "".join(part["text"] for part in parts)}] if not called else parts
    if not streamed:
        return Answer(model, chunk(whole, answered, finishReason="STOP"), **counts)
    chunks = [chunk([part], at + 1) for at, part in enumerate(parts)]
    chunks.append(chunk([{"text": ""}], answered, finishReason="STOP"))
    if sse:
        return Answer(model, events=[line(one, end="\r\n\r\n") for one in chunks], kind="text/event-stream", **counts)
    text = [json.dumps(one, ensure_ascii=False, indent=2).encode() for one in chunks]
    array = [b"[" + text[0], *(b",\r\n" + one for one in text[1:]), b"]"]
    return Answer(model, events=array, kind="application/json; charset=UTF-8", **counts)


def interact(request):
    """Cached content is within the prompt's tokens, thoughts and what tools gave are beside them."""
    model, mark = request["model"], digest(request)
    prompt, thoughts, tool_use = words(request["input"]) + 30, 9, 5
    cached = prompt // 5

    def usage(answered):
        return {
            "total_input_tokens": prompt,
            "total_cached_tokens": cached,
            "total_output_tokens": answered,
            "total_thought_tokens": thoughts,
            "total_tool_use_tokens": tool_use,
            "total_tokens": prompt + answered + thoughts + tool_use,
            "input_tokens_by_modality": [{"modality": "text", "tokens": prompt}],
        }

    def interaction(status, **more):
        known = {"id": mark, "object": "interaction", "model": model, "service_tier": "standard"}
        return {**known, "status": status, **more}

    step = {"type": "model_output", "content": [{"type": "text", "text": "".join(SENTENCE)}]}
    counts = {
        "input_tokens": prompt + tool_use,
        "output_tokens": 14 + thoughts,
        "cache_read_tokens": cached,
        "reasoning_tokens": thoughts,
    }
    if not request.get("stream"):
        return Answer(model, interaction("completed", steps=[step], usage=usage(14)), **counts)
    events = [{"event_type": "interaction.created", "interaction": interaction("in_progress")}]
    events.append({"event_type": "step.start", "index": 0, "step": {"type": "model_output"}})
    for at, text in enumerate(SENTENCE):
        delta = {"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": text}}
        events.append({**delta, "metadata": {"total_usage": usage(at + 1)}})
    events.append({"event_type": "step.stop", "index": 0})
    events.append({"event_type": "interaction.completed", "interaction": interaction("completed", usage=usage(14))})
    lines = [line(event, event=event["event_type"]) for event in events] + [b"event: done\ndata: [DONE]\n\n"]
    return Answer(model, events=lines, kind="text/event-stream", **counts)


def decide(request):
    model, prompt = request["model"].removeprefix("models/"), words(request["input"]) + 20
    answers = {name: {"type": "noul", "confidence": 0.9, "noul": 0.9} for name in request["questions"]}
    usage = {"total_input_tokens": prompt, "total_output_tokens": 3, "total_tokens": prompt + 3}
    return Answer(model, {"answers": answers, "usage": usage}, input_tokens=prompt, output_tokens=3)


def embed(model, batch, request):
    asked = request["requests"] if batch else [request]
    vectors = [{"values": [((at + 1) * (place + 1) % 13) / 12 for place in range(8)]} for at in range(len(asked))]
    used = words([one["content"] for one in asked]) + 1
    body = {"embeddings": vectors} if batch else {"embedding": vectors[0]}
    body["usageMetadata"] = {"promptTokenCount": used, "promptTokenDetails": [{"modality": "TEXT", "tokenCount": used}]}
    return Answer(model, body, input_tokens=used)
