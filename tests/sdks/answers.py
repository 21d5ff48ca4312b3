"""What the stand-in for a provider says: the same answer to the same request, with usage that it also tells in our
words.

Every answer is made from the request alone, so that two runs can be compared whole. Ids come from a digest of the
request without `stream_options`, which a metering proxy may add to. Deliberately not here: sockets, faults,
compression (provider.py).
"""

from answers_anthropic import messages
from answers_gemini import decide, embed, generate, interact
from answers_openai import chat, decisions, embeddings, responses
from saying import Answer, words


def answer(path, query, request):
    """The answer of whichever dialect serves `path`, or none."""
    if path.endswith("/chat/completions"):
        return chat(request)
    if path.endswith("/responses"):
        return responses(request)
    if path.endswith("/embeddings"):
        return embeddings(request)
    if path.endswith("/messages"):
        return messages(request)
    if path.endswith("/messages/count_tokens"):
        return Answer(None, {"input_tokens": words(request.get("messages"))})
    if path.endswith("/decisions"):
        return decide(request) if isinstance(request["questions"], dict) else decisions(request)
    if path.endswith("/interactions"):
        return interact(request)
    model, _, verb = path.rpartition("/models/")[2].partition(":")
    if verb in ("generateContent", "streamGenerateContent"):
        return generate(model, verb == "streamGenerateContent", "alt=sse" in query, request)
    if verb in ("embedContent", "batchEmbedContents"):
        return embed(model, verb == "batchEmbedContents", request)
    if verb == "countTokens":
        return Answer(None, {"totalTokens": words(request.get("contents"))})
    return None
