#!/usr/bin/env python3
"""An upstream that answers with exchanges written down beforehand, and refuses a request that does not arrive as sent.

    replaying.py [FILE]         prints its address

Request headers: `x-test-exchange` names the exchange, `x-test-split` cuts the answer into pieces of so many bytes.
Where gzip is accepted, the answer is compressed. Deliberately not here: who sends the requests (driving.py), and faults
(provider.py).
"""

import asyncio
import gzip
import json
import pathlib
import signal
import sys
import zlib

from provider import chunk, head, read_request, whole

FILE = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "exchanges.ndjson"


def load(path=FILE):
    return [json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]


def body_of(exchange):
    return None if exchange["request"] is None else json.dumps(exchange["request"]).encode()


def lacks_usage(exchange):
    """Whether Spendlight asks for the usage of this stream, which it then wants uncompressed."""
    request = exchange["request"] or {}
    asks = (request.get("stream_options") or {}).get("include_usage")
    return bool(request.get("stream") and not asks and exchange["path"].endswith("/chat/completions"))


def arrived(exchange, method, target, headers, body):
    """What is wrong with the request as it arrived, or nothing.

    Only `include_usage` may have been added, where a stream lacks it.
    """
    if (method, target) != (exchange["method"], exchange["path"]):
        return f"{method} {target} arrived"
    ours = [name for name in headers if name.startswith("x-spendlight")]
    if ours:
        return f"{ours} arrived"
    sent = body_of(exchange) or b""
    if body == sent:
        return None
    request = exchange["request"] or {}
    allowed = {**request, "stream_options": {**request.get("stream_options", {}), "include_usage": True}}
    if lacks_usage(exchange) and json.loads(body or b"{}") == allowed:
        return None
    return f"another body arrived: {body[:300]!r}"


def parts_of(exchange, split):
    data = exchange["body"].encode()
    if split:
        return [data[i : i + split] for i in range(0, len(data), split)]
    end = b"\r\n\r\n" if b"\r\n\r\n" in data else b"\n\n"
    return [part + end for part in data.split(end)[:-1]] + [data[data.rfind(end) + len(end) :]]


async def reply(writer, exchange, headers):
    kind, status = exchange["content_type"], exchange["status"]
    accepts, split = "gzip" in headers.get("accept-encoding", ""), int(headers.get("x-test-split", 0))
    more = {"content-encoding": "gzip"} if accepts else {}
    if not split and not kind.startswith("text/event-stream"):
        data = exchange["body"].encode()
        writer.write(whole(status, gzip.compress(data, 6, mtime=0) if accepts else data, kind, **more))
        return await writer.drain()
    squeeze = zlib.compressobj(6, zlib.DEFLATED, 31) if accepts else None
    writer.write(head(status, {"content-type": kind, "transfer-encoding": "chunked", **more}))
    for part in filter(None, parts_of(exchange, split)):
        writer.write(chunk(squeeze.compress(part) + squeeze.flush(zlib.Z_SYNC_FLUSH) if squeeze else part))
        await writer.drain()
    writer.write((chunk(squeeze.flush()) if squeeze else b"") + b"0\r\n\r\n")
    await writer.drain()


async def connection(exchanges, reader, writer):
    try:
        while True:
            method, target, headers, body = await read_request(reader)
            exchange = exchanges.get(headers.get("x-test-exchange"))
            wrong = "no exchange is named" if exchange is None else arrived(exchange, method, target, headers, body)
            if wrong:
                writer.write(whole(599, json.dumps({"error": {"message": wrong}}).encode()))
                await writer.drain()
            else:
                await reply(writer, exchange, headers)
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        pass
    finally:
        writer.close()


async def serve(path):
    exchanges = {one["id"]: one for one in load(path)}
    server = await asyncio.start_server(lambda r, w: connection(exchanges, r, w), "127.0.0.1", 0, limit=1 << 26)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    ended = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, ended.set)
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1] if len(sys.argv) > 1 else FILE))
