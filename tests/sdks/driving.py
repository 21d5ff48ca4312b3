#!/usr/bin/env python3
"""Drives exchanges that are written down through a proxy, against replaying.py as its upstream.

Status, body and content type must come back byte for byte, and the entry must say what the provider told.

    driving.py [FILE]           without a proxy in between, which tests this file

Deliberately not here: starting a proxy (replay_test.py).
"""

import gzip
import http.client
import sys
import threading
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor

from asking import Checks, ask, differences
from replaying import FILE, body_of, lacks_usage, load
from starting import HERE, Process

FIELDS = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_tokens": "cache_read",
    "cache_write_tokens": "cache_write",
    "reasoning_tokens": "reasoning",
}

connections = threading.local()


def call(base, method, path, headers, body):
    """(status, headers, body as it came)"""
    place = urllib.parse.urlparse(base)
    if getattr(connections, "base", None) != base:
        connections.base, connections.open = base, http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    try:
        connections.open.request(method, path, body=body, headers=headers)
        answer = connections.open.getresponse()
        return answer.status, answer.headers, answer.read()
    except Exception:
        connections.open.close()
        connections.base = None
        raise


def one(base, exchange, ledger, more):
    """What is wrong with one exchange, as lines."""
    call_id = str(uuid.uuid4())
    headers = {
        "content-type": "application/json",
        "x-test-exchange": exchange["id"],
        "authorization": "Bearer test",
        "x-api-key": "test",
        "x-goog-api-key": "test",
        **more,
    }
    path = exchange["path"]
    if ledger:
        headers["x-spendlight-call-id"] = call_id
        path = f"/{exchange['provider']}{path}"
    try:
        status, told, got = call(base, exchange["method"], path, headers, body_of(exchange))
        if told["content-encoding"] == "gzip":
            got = gzip.decompress(got)
        elif "gzip" in more.get("accept-encoding", "") and not (ledger and lacks_usage(exchange)):
            return ["a compressed answer stays compressed"]
        if status != exchange["status"]:
            return [f"status {status}, not {exchange['status']}: {got[:400]!r}"]
        if got != exchange["body"].encode():
            return [f"another body: {len(got)} bytes, not {len(exchange['body'].encode())}"]
        if told["content-type"] != exchange["content_type"]:
            return [f"content-type {told['content-type']}"]
        if not ledger:
            return []
        if told["x-spendlight-call-id"] != call_id:
            return [f"the answer's call id is {told['x-spendlight-call-id']}"]
        return entry_of(exchange, ledger, call_id)
    except Exception as e:  # whatever breaks one exchange is told, and the others go on
        return [f"{type(e).__name__}: {e}"]


def entry_of(exchange, ledger, call_id):
    """What is wrong with the entry of a call."""
    path = exchange["path"].partition("?")[0]
    usage, costs = exchange["usage"], spends(exchange["method"], path)
    if not costs and not usage:
        status, entry = ask(ledger.base, "GET", f"/v1/entries/{call_id}")
        return [] if status == 404 or entry["cost_usd"] == 0 else [f"it costs nothing, not {entry['cost_usd']}"]
    entry = ledger.entry(call_id)
    want = {"provider": exchange["provider"], "source": "proxy", "status": exchange["status"]}
    if exchange["status"] >= 400:
        return differences(entry, {**want, "ok": False, "cost_usd": 0})
    if usage:
        want.update({field: usage[name] for field, name in FIELDS.items() if name in usage})
        if costs:
            want.update(model=usage["model"], ok=True, usage_source="reported")
    elif streams(exchange) or path.endswith(":embedContent"):
        want["usage_source"] = "estimated"
    wrong = differences(entry, want)
    if costs and (usage or "usage_source" in want) and not entry["cost_usd"] > 0:
        wrong.append(f"the cost is {entry['cost_usd']}")
    return wrong


def spends(method, path):
    endings = (
        "/chat/completions",
        "/responses",
        "/compact",
        "/embeddings",
        "/generations",
        "/messages",
        "enerateContent",
        "mbedContent",
        "mbedContents",
    )
    return method == "POST" and path.endswith(endings)


def streams(exchange):
    return exchange["content_type"].startswith("text/event-stream")


def drive(base, exchanges, ledger, checks, name, more=None):
    """Drives every exchange; one check each."""
    with ThreadPoolExecutor(8) as pool:
        results = pool.map(lambda exchange: one(base, exchange, ledger, more or {}), exchanges)
        for exchange, wrong in zip(exchanges, results):
            checks.check(f"{name}: {exchange['id']}", not wrong, "; ".join(wrong))


def drive_all(base, exchanges, ledger, checks):
    drive(base, exchanges, ledger, checks, "plain")
    drive(base, exchanges, ledger, checks, "compressed", {"accept-encoding": "gzip"})
    drive(base, exchanges, ledger, checks, "in pieces", {"x-test-split": "13"})
    drive(base, exchanges, ledger, checks, "compressed, in pieces", {"accept-encoding": "gzip", "x-test-split": "101"})


if __name__ == "__main__":
    path = sys.argv[1] if len(sys.argv) > 1 else FILE
    upstream, checks = Process(sys.executable, str(HERE / "replaying.py"), str(path)), Checks()
    drive_all(upstream.base, load(path), None, checks)
    upstream.stop()
    checks.end()
