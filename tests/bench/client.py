"""A closed-loop HTTP client in a process of its own: each connection sends the next request when it has its answer.

`python -m tests.bench.client` reads {"port", "connections", "keep", "requests": [[method, path, body or null], …]} from
its standard input and writes {"seconds", "ms": […], "status": […], "bodies": […]} in the order of the requests
(bodies only with `keep`). HTTP/1.1 over plain sockets, so that little of what is measured is the client.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Request = tuple[str, str, str | None]
WITHIN_S = 600
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Measured:
    """What a run gave: seconds in all, milliseconds of each request, statuses, bodies where they were kept."""

    seconds: float
    ms: list[float]
    status: list[int]
    bodies: list[Any]


def measure(port: int, requests: Sequence[Request], *, connections: int, keep: bool = False) -> Measured:
    """Send the requests from another process, over so many connections at once."""
    asked = {"port": port, "connections": connections, "keep": keep, "requests": list(requests)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.client"], input=json.dumps(asked), capture_output=True, text=True,
        cwd=ROOT, timeout=WITHIN_S, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return Measured(**json.loads(done.stdout))


async def send_all(port: int, connections: int, keep: bool, requests: Sequence[Request]) -> dict[str, Any]:
    count = len(requests)
    ms, status, bodies = [0.0] * count, [0] * count, [None] * (count if keep else 0)
    raw = [encoded(*request) for request in requests]
    waiting = iter(range(count))

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, turns: Iterator[int]) -> None:
        for i in turns:
            begin = time.perf_counter()
            writer.write(raw[i])
            status[i], body = await answer(reader)
            ms[i] = 1e3 * (time.perf_counter() - begin)
            if keep:
                bodies[i] = json.loads(body)
        writer.close()

    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    begin = time.perf_counter()
    await asyncio.gather(*(connection(*streams, waiting) for streams in opened))
    return {"seconds": time.perf_counter() - begin, "ms": ms, "status": status, "bodies": bodies}


def encoded(method: str, path: str, body: str | None) -> bytes:
    content = (body or "").encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + b"\r\n" + content


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    return int(lines[0].split(" ")[1]), await reader.readexactly(int(headers["content-length"]))


if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    json.dump(asyncio.run(send_all(**wanted)), sys.stdout)
