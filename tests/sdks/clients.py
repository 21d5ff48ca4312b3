"""The clients of the official Python SDKs, as their makers give them, and what all of them are asked.

Deliberately not here: retries, timeouts and the like. A client is what a user has after changing its base URL.
"""

import anthropic
import openai
from google import genai
from google.genai import types
from pydantic import BaseModel

from saying import SENTENCE

TEXT = "".join(SENTENCE)
GPT, CLAUDE, GEMINI = "gpt-5-mini", "claude-sonnet-4-6", "gemini-2.5-flash"
SAY = [{"role": "user", "content": "What colour is the light in the tray?"}]
PARAMETERS = {
    "type": "object",
    "properties": {"colour": {"type": "string"}},
    "required": ["colour"],
    "additionalProperties": False,
}


class Light(BaseModel):
    colour: str
    percent: int


class Clients:
    """One of each, for an address: the stand-in's own, or Spendlight's in front of it."""

    def __init__(self, base, through):
        at = (lambda provider: f"{base}/{provider}") if through else (lambda _: base)
        self.openai = openai.OpenAI(api_key="test", base_url=at("openai") + "/v1")
        self.openai_async = openai.AsyncOpenAI(api_key="test", base_url=at("openai") + "/v1")
        self.anthropic = anthropic.Anthropic(api_key="test", base_url=at("anthropic"))
        self.anthropic_async = anthropic.AsyncAnthropic(api_key="test", base_url=at("anthropic"))
        self.gemini = genai.Client(api_key="test", http_options=types.HttpOptions(base_url=at("gemini")))
