#!/usr/bin/env python3
"""A stand-in for every provider: answers the official SDKs on loopback, remembers what arrived, and fails on demand.

    provider.py [--port N]      prints its address; port 0 picks a free one
    GET /_seen                  what arrived: requests by path, hosts, header names, and the usage of the last answers
    DELETE /_seen               forgets it

The request header `x-test-fault` asks for a fault: `disconnect` (half a body, then the connection is cut), `stall`
(half a body, then nothing), `garbage` (a 200 that is no JSON), `500`, `429`, `error-event` (an error within a
stream, as the dialect tells it). `x-test-pace: N` waits N ms after each event. Where the client accepts gzip, whole
bodies are compressed; with `x-test-gzip: yes` streams are too. Deliberately not here: what is answered (answers.py),
and any opinion on what should arrive.
"""

import argparse
import asyncio
import collections
import gzip
import json
import signal
import zlib

from answers import answer
from saying import line

STALL_SECONDS = 60
# Headers that are one connection's own and that no proxy may pass on; RFC 9110, 7.6.1.
HOP_BY_HOP = {"keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade"}


class Seen:
    def __init__(self):
        self.paths, self.hosts, self.names = collections.Counter(), set(), set()
        self.ours, self.hop_by_hop, self.options = set(), set(), []
        self.used = collections.deque(maxlen=50)

    def request(self, path, headers):
        self.paths[path] += 1
        self.hosts.add(headers.get("host", ""))
        self.names |= set(headers)
        self.ours |= {name for name in headers if name.startswith("x-spendlight")}
        self.hop_by_hop |= HOP_BY_HOP & set(headers)

    def told(self):
        return {
            "requests": dict(self.paths),
            "total": sum(self.paths.values()),
            "hosts": sorted(self.hosts),
            "header_names": sorted(self.names),
            "spendlight_headers": sorted(self.ours),
            "hop_by_hop_headers": sorted(self.hop_by_hop),
            "stream_options": self.options[-50:],
            "used": list(self.used),
        }


async def read_request(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    headers = {}
    for one in head[1:]:
        name, colon, value = one.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    body = b""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
    elif "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    return method, target, headers, body


def head(status, headers):
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Answer\r\n{lines}\r\n".encode()


def whole(status, body, kind="application/json", **more):
    return head(status, {"content-type": kind, "content-length": len(body), **more}) + body


def chunk(data):
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def refusal(path, status, text):
    """An error in the dialect of `path`."""
    if path.endswith("/messages"):
        value = {
            "type": "error",
            "error": {"type": "rate_limit_error" if status == 429 else "api_error", "message": text},
        }
    elif "/models/" in path:
        value = {
            "error": {"code": status, "message": text, "status": "RESOURCE_EXHAUSTED" if status == 429 else "INTERNAL"}
        }
    else:
        value = {"error": {"message": text, "type": "server_error", "param": None, "code": None}}
    return value


def with_error(path, events):
    """The first half of a stream, then the error that ends it."""
    error = refusal(path, 500, "the stand-in was asked to fail")
    name = "error" if path.endswith(("/messages", "/responses")) else None
    if path.endswith("/responses"):
        error = {
            "type": "error",
            "code": "server_error",
            "message": error["error"]["message"],
            "param": None,
            "sequence_number": 99,
        }
    return [*events[: len(events) // 2], line(error, name)]


class Provider:
    def __init__(self):
        self.seen, self.count = Seen(), 0

    async def connection(self, reader, writer):
        try:
            while True:
                method, target, headers, body = await read_request(reader)
                if not await self.reply(writer, method, target, headers, body):
                    return
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    async def reply(self, writer, method, target, headers, body):
        """Whether the connection goes on."""
        path, _, query = target.partition("?")
        if path == "/_seen":
            if method == "DELETE":
                self.seen = Seen()
            writer.write(whole(200, json.dumps(self.seen.told()).encode()))
            await writer.drain()
            return True
        self.seen.request(path, headers)
        self.count += 1
        mark = {"x-request-id": f"req_{self.count}", "request-id": f"req_{self.count}"}
        fault = headers.get("x-test-fault", "")
        if fault in ("500", "429"):
            text = json.dumps(refusal(path, int(fault), "the stand-in was asked to fail")).encode()
            writer.write(whole(int(fault), text, **mark, **({"retry-after": "1"} if fault == "429" else {})))
        elif fault == "garbage":
            writer.write(whole(200, b"\x00 no JSON at all {", **mark))
        else:
            given = json.loads(body) if body else {}
            answered = answer(path, query, given)
            if answered is None:
                text = json.dumps(
                    {"object": "list", "data": []} if method == "GET" else {"error": {"message": "no such path"}}
                )
                writer.write(whole(200 if method == "GET" else 404, text.encode(), **mark))
            else:
                if "stream" in given:
                    self.seen.options.append(given.get("stream_options"))
                self.seen.used.append(answered.used)
                return await self.send(writer, path, headers, fault, answered, mark)
        await writer.drain()
        return True

    async def send(self, writer, path, headers, fault, answered, mark):
        accepts = "gzip" in headers.get("accept-encoding", "")
        if answered.events is None:
            body = json.dumps(answered.body, ensure_ascii=False, separators=(",", ":")).encode()
            more = dict(mark)
            if accepts:
                body = gzip.compress(body, 6, mtime=0)
                more["content-encoding"] = "gzip"
            if fault in ("disconnect", "stall"):
                writer.write(head(200, {"content-type": answered.kind, "content-length": len(body), **more}))
                writer.write(body[: len(body) // 2])
                return await self.break_off(writer, fault)
            writer.write(whole(200, body, answered.kind, **more))
            await writer.drain()
            return True
        squeeze = zlib.compressobj(6, zlib.DEFLATED, 31) if accepts and headers.get("x-test-gzip") else None
        more = {"content-encoding": "gzip"} if squeeze else {}
        writer.write(
            head(
                200,
                {
                    "content-type": answered.kind,
                    "transfer-encoding": "chunked",
                    "cache-control": "no-cache",
                    **more,
                    **mark,
                },
            )
        )
        events = answered.events
        if fault == "error-event":
            events = with_error(path, events)
        elif fault in ("disconnect", "stall"):
            events = events[: max(1, len(events) // 2)]
        pace_seconds = int(headers.get("x-test-pace", 0)) / 1000
        for event in events:
            data = squeeze.compress(event) + squeeze.flush(zlib.Z_SYNC_FLUSH) if squeeze else event
            writer.write(chunk(data))
            await writer.drain()
            if pace_seconds:
                await asyncio.sleep(pace_seconds)
        if fault in ("disconnect", "stall"):
            return await self.break_off(writer, fault)
        if squeeze:
            writer.write(chunk(squeeze.flush()))
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def break_off(self, writer, fault):
        await writer.drain()
        if fault == "stall":
            await asyncio.sleep(STALL_SECONDS)
        else:
            # What was written must be on its way before the connection is cut.
            while writer.transport.get_write_buffer_size():
                await asyncio.sleep(0)
        writer.transport.abort()
        return False


async def serve(port):
    provider = Provider()
    server = await asyncio.start_server(provider.connection, "127.0.0.1", port, limit=1 << 26)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    ended = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, ended.set)
    await ended.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
