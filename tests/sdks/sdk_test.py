#!/usr/bin/env python3
"""Runs the official SDKs against Spendlight, and looks at what reaches a provider.

    sdk_test.py SPENDLIGHT [--modules DIR]      the program; where `npm ci` has put Node's SDK

The Python that runs this must have the SDKs of requirements.txt. Deliberately not here: what the SDKs must see
(python_sdks.py, node_sdks.mjs), replayed exchanges and faults (replay_test.py).
"""

import argparse
import http.client
import json
import pathlib
import subprocess
import sys
import urllib.parse

from asking import Checks, Seen
from starting import HERE, Spendlight, stand_in

PATIENCE_SECONDS = 240


def run(checks, name, *command):
    """Runs a driver, tells what it tells, and counts its checks; one that does not end well has failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired as e:
        checks.check(f"{name} ends", False, str(e.output)[-2000:])
        return
    lines = done.stdout.splitlines()
    for line in lines[:-1]:
        print(line)
    passed = sum(line.startswith("ok: ") for line in lines)
    failed = sum(line.startswith("FAILED: ") for line in lines)
    checks.passed += passed
    checks.failed += failed
    told = lines[-1:] == [f"{passed} passed, {failed} failed"] and passed > 0
    checks.check(f"{name} ends as it should", told and done.returncode == (1 if failed else 0), done.stderr[-2000:])


CHAT = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "What colour is it?"}]}


def upstream_sees(spendlight, upstream):
    """The request goes on as it is, without what is ours or one connection's own, to the host that is configured."""
    seen = Seen(upstream.base)
    seen.forget()
    place = urllib.parse.urlparse(spendlight.base)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    connection.request(
        "POST",
        "/openai/v1/chat/completions",
        json.dumps(CHAT),
        {
            "content-type": "application/json",
            "authorization": "Bearer test",
            "connection": "keep-alive, x-of-this-hop",
            "x-of-this-hop": "1",
            "keep-alive": "timeout=5",
            "te": "trailers",
            "proxy-authorization": "Basic dGVzdDp0ZXN0",
            "x-spendlight-user": "nobody",
            "x-spendlight-tags": "a=b",
            "x-of-the-caller": "kept",
            "openai-organization": "org-own",
        },
    )
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, f"{answer.status} {body[:300]}"
    told = seen.told()
    assert told["hosts"] == [upstream.base.removeprefix("http://")], f"the upstream's own host: {told['hosts']}"
    assert told["hop_by_hop_headers"] == [], f"nothing of one connection's own is sent on: {told['hop_by_hop_headers']}"
    assert told["spendlight_headers"] == [], f"our own headers are not sent on: {told['spendlight_headers']}"
    assert "x-of-this-hop" not in told["header_names"], "what `connection` names is not sent on"
    assert {"x-of-the-caller", "openai-organization", "authorization"} <= set(told["header_names"]), told[
        "header_names"
    ]
    entry = spendlight.ledger.entry(answer.headers["x-spendlight-call-id"])
    assert (entry["user"], entry["tags"]) == ("nobody", {"a": "b"}), entry
    assert answer.headers["x-request-id"], "the provider's own headers come back"


def usage_is_asked_for(spendlight, upstream):
    """A stream that lacks it is asked for its usage; the client's other options stay."""
    seen = Seen(upstream.base)
    place = urllib.parse.urlparse(spendlight.base)
    for asked, sent in (
        (None, {"include_usage": True}),
        ({"include_usage": True}, {"include_usage": True}),
        ({"include_obfuscation": False}, {"include_obfuscation": False, "include_usage": True}),
    ):
        seen.forget()
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
        request = {**CHAT, "stream": True, **({"stream_options": asked} if asked else {})}
        connection.request(
            "POST", "/openai/v1/chat/completions", json.dumps(request), {"content-type": "application/json"}
        )
        body = connection.getresponse().read().decode()
        assert seen.told()["stream_options"] == [sent], f"{asked} becomes {seen.told()['stream_options']}"
        wanted = bool(asked and asked.get("include_usage"))
        assert ('"choices":[]' in body) == wanted, (
            f"the chunk of usage arrives only where it was asked for: {body[-600:]}"
        )
        assert body.endswith("data: [DONE]\n\n"), body[-200:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spendlight")
    parser.add_argument("--modules", default=str(HERE))
    args = parser.parse_args()
    checks, upstream = Checks(), stand_in()
    spendlight = None
    try:
        spendlight = Spendlight(args.spendlight, upstream.base)
        both = ("--provider", upstream.base, "--spendlight", spendlight.base, "--token", spendlight.app.token)
        alone = both[:2]
        node = ("node", str(HERE / "node_sdks.mjs"), "--modules", str(pathlib.Path(args.modules).resolve()))
        python = (sys.executable, str(HERE / "python_sdks.py"))
        run(checks, "the Python SDKs without Spendlight", *python, *alone)
        run(checks, "the Python SDKs", *python, *both)
        run(checks, "the SDK for Node without Spendlight", *node, *alone)
        run(checks, "the SDK for Node", *node, *both)
        checks.attempt("the upstream sees the request as it was", lambda: upstream_sees(spendlight, upstream))
        checks.attempt("a stream is asked for its usage", lambda: usage_is_asked_for(spendlight, upstream))
        checks.attempt("no call is held at the end", lambda: spendlight.ledger.nothing_held())
    except RuntimeError as e:
        checks.check("Spendlight starts", False, str(e))
    finally:
        if spendlight:
            spendlight.stop()
        upstream.stop()
    checks.end()


if __name__ == "__main__":
    main()
