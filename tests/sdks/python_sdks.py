#!/usr/bin/env python3
"""The official Python SDKs, straight to the stand-in and through Spendlight: the results must be the same, and each
call must have one entry with the counts that the stand-in told. A call that a budget denies raises one error and
sends nothing on.

    python_sdks.py --provider URL [--spendlight URL --token TOKEN]

Without `--spendlight`, only what the SDKs make of the stand-in is looked at. Deliberately not here: faults
(replay_test.py).
"""

import argparse
import json

import anthropic
import openai
from google import genai
from google.genai import errors as gemini_errors
from google.genai import types
from pydantic import BaseModel

import cases_anthropic
import cases_gemini
import cases_openai
from asking import COUNTS, Checks, Ledger, Seen, differences
from clients import GEMINI, GPT, SAY, Clients

CASES = {"openai": cases_openai.CASES, "anthropic": cases_anthropic.CASES, "gemini": cases_gemini.CASES}


def plain(value):
    """A result as JSON. What an SDK adds of the connection is left out: it names the request."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", exclude={"sdk_http_response"}, warnings=False)
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if key not in ("_request_id", "sdk_http_response")}
    return value


def same(provider, case, direct, through, ledger, seen):
    expected = plain(case(direct))
    known = {entry["call_id"] for entry in ledger.get("/v1/entries?limit=100")["entries"]}
    seen.forget()
    got = plain(case(through))
    assert got == expected, (
        f"through Spendlight the result differs: {json.dumps(got)[:900]} is not {json.dumps(expected)[:900]}"
    )
    told = seen.told()
    assert told["spendlight_headers"] == [], f"our own headers are not sent on: {told['spendlight_headers']}"
    entries = ledger.new_entries(known, len(told["used"]))
    assert len(entries) == len(told["used"]), f"{len(entries)} entries of {len(told['used'])} calls"
    for entry, used in zip(entries, told["used"]):
        want = {name: used[name] for name in (*COUNTS, "model")}
        wrong = differences(
            entry,
            {
                **want,
                "provider": provider,
                "source": "proxy",
                "usage_source": "reported",
                "ok": True,
                "status": 200,
                "project": None,
            },
        )
        assert not wrong, f"the entry of {used['model']}: {'; '.join(wrong)}"
        assert entry["cost_usd"] > 0, f"it has a cost: {entry}"


def attributed(base, ledger):
    """A project by the URL alone, finer by headers, and the way from an answer to its entry."""
    client = openai.OpenAI(api_key="test", base_url=f"{base}/p/storefront/openai/v1")
    mine = {"x-spendlight-session": "s-1", "x-spendlight-operation": "colour", "x-spendlight-tags": "team=light,run=7"}
    answer = client.chat.completions.with_raw_response.create(model=GPT, messages=SAY, extra_headers=mine)
    entry = ledger.entry(answer.headers["x-spendlight-call-id"])
    wrong = differences(
        entry,
        {
            "project": "storefront",
            "session": "s-1",
            "operation": "colour",
            "tags": {"team": "light", "run": "7"},
            "provider": "openai",
            "source": "proxy",
        },
    )
    assert not wrong, "; ".join(wrong)
    answer = client.chat.completions.with_raw_response.create(
        model=GPT, messages=SAY, extra_headers={"x-spendlight-call-id": "the-callers-own-id"}
    )
    assert answer.headers["x-spendlight-call-id"] == "the-callers-own-id", "the caller's id is kept"
    assert ledger.entry("the-callers-own-id")["project"] == "storefront"
    gemini = genai.Client(api_key="test", http_options=types.HttpOptions(base_url=f"{base}/p/storefront/gemini"))
    answer = gemini.models.generate_content(model=GEMINI, contents="What colour is it?")
    ours = {name.lower(): value for name, value in answer.sdk_http_response.headers.items()}
    assert ledger.entry(ours["x-spendlight-call-id"])["project"] == "storefront"


DENIED = [
    ("openai chat", "openai", cases_openai.chat, openai.APIStatusError),
    ("openai chat, streamed", "openai", cases_openai.chat_streamed, openai.APIStatusError),
    ("openai responses", "openai", cases_openai.responses, openai.APIStatusError),
    ("openai responses, streamed", "openai", cases_openai.responses_streamed, openai.APIStatusError),
    ("openai embeddings", "openai", cases_openai.embeddings, openai.APIStatusError),
    ("anthropic messages", "anthropic", cases_anthropic.messages, anthropic.APIStatusError),
    ("anthropic messages, streamed", "anthropic", cases_anthropic.messages_streamed, anthropic.APIStatusError),
    ("gemini generate", "gemini", cases_gemini.generate, gemini_errors.ClientError),
    ("gemini generate, streamed", "gemini", cases_gemini.generate_streamed, gemini_errors.ClientError),
    ("gemini embed", "gemini", cases_gemini.embed, gemini_errors.ClientError),
]


def denied(provider, case, error, clients, ledger, seen):
    """One error, with the budget in its message; one request to Spendlight, which is written down; none upstream."""
    known = {entry["call_id"] for entry in ledger.get("/v1/entries?limit=100")["entries"]}
    seen.forget()
    try:
        case(clients)
    except error as e:
        raised = e
    else:
        raise AssertionError("a denied call raises an error")
    status = raised.code if provider == "gemini" else raised.status_code
    assert status == 402, f"the status is 402, not {status}"
    for text in (str(raised), str(raised.message)):
        assert f"Nothing for {provider}" in text, f"the message has the budget's sentence: {text}"
    assert seen.told()["total"] == 0, f"nothing goes upstream: {seen.told()['requests']}"
    entries = ledger.new_entries(known, 1)
    assert len(entries) == 1, f"one request, one entry: {len(entries)}"
    wrong = differences(
        entries[0], {"ok": False, "status": 402, "cost_usd": 0, "provider": provider, "source": "proxy"}
    )
    assert not wrong, "; ".join(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--provider", required=True)
    parser.add_argument("--spendlight")
    parser.add_argument("--token")
    args = parser.parse_args()
    checks = Checks()
    if not args.spendlight:
        for provider, cases in CASES.items():
            for case in cases:
                checks.attempt(f"{provider} {case.__name__}, direct", lambda: case(Clients(args.provider, False)))
        checks.end()
    ledger, seen = Ledger(args.spendlight, args.token), Seen(args.provider)
    for provider, cases in CASES.items():
        for case in cases:
            direct, through = Clients(args.provider, False), Clients(args.spendlight, True)
            checks.attempt(f"{provider} {case.__name__}", lambda: same(provider, case, direct, through, ledger, seen))
    checks.attempt("attribution by URL and by headers", lambda: attributed(args.spendlight, ledger))
    for provider in CASES:
        ledger.exhaust(f"none-{provider}", f"Nothing for {provider}", {"provider": provider})
    for name, provider, case, error in DENIED:
        clients = Clients(args.spendlight, True)
        checks.attempt(f"denied: {name}", lambda: denied(provider, case, error, clients, ledger, seen))
    for provider in CASES:
        ledger.owner("DELETE", f"/v1/budgets/none-{provider}")
    checks.end()


if __name__ == "__main__":
    main()
