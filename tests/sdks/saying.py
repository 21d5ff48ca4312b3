"""What the answers of every dialect are made of: text in pieces, events, ids and counts that follow from the request
alone.

Deliberately not here: any dialect (answers_openai.py, answers_anthropic.py, answers_gemini.py).
"""

import hashlib
import json

CREATED = 1_790_000_000
SENTENCE = ["The", " light", " in", " the", " tray", " is", " amber", ",", " naïve", " and", " 明るい", " 🌤", "."]


class Answer:
    """A body, or the events of a stream; and what the call used, by the words of the ledger."""

    def __init__(self, model, body=None, events=None, kind="application/json", **counts):
        self.body, self.events, self.kind = body, events, kind
        self.used = {
            "model": model,
            "input_tokens": 0,
            "output_tokens": 0,
            "cache_read_tokens": 0,
            "cache_write_tokens": 0,
            "reasoning_tokens": 0,
            **counts,
        }


def words(value):
    """As many tokens as there are words in all of a request's text."""
    if isinstance(value, str):
        return len(value.split())
    if isinstance(value, dict):
        value = list(value.values())
    return sum(words(one) for one in value) if isinstance(value, list) else 0


def digest(request, length=24):
    kept = {key: value for key, value in request.items() if key != "stream_options"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:length]


def line(data, event=None, end="\n\n"):
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}{end}".encode()


def pieces(text):
    """Text as it streams, some of it in pieces that end within a word."""
    return [text[i : i + 7] for i in range(0, len(text), 7)]


def filled(schema):
    """A value that a JSON schema allows, as deterministic as the rest."""
    kind = schema.get("type")
    if "$ref" in schema or "anyOf" in schema:
        return None
    if kind in ("object", "OBJECT"):
        return {name: filled(part) for name, part in schema.get("properties", {}).items()}
    if kind in ("array", "ARRAY"):
        return [filled(schema.get("items", {}))]
    return {"string": "amber", "integer": 7, "number": 7.5, "boolean": True}.get(str(kind).lower())
