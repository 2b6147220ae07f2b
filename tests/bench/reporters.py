"""Clients that report without a pause, in a process of their own: prepared bytes over plain sockets, no HTTP library.

`python -m tests.bench.reporters` reads {"port", "connections", "rate", "requests": [[headers, body], …]} from its
standard input and writes {"seconds", "ms", "status", "late_ms"} in the order of the requests. Closed loop (`rate` 0):
each connection sends the next report when it has its answer, and a time begins with the sending. Open loop: a report is
sent when it is due, by whichever connection is free, and its time begins when it was due, however long it had to wait.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Sent = tuple[dict[str, str], str]  # headers, body
ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 600
PATH = "/api/v1/incidents"


@dataclass(frozen=True)
class Reported:
    """What a run gave: seconds in all, milliseconds and status of each report. `late_ms`: how much later than it was
    due it was sent, also within `ms`; part of it is the server's, which has kept every connection busy until then."""

    seconds: float
    ms: list[float]
    status: list[int]
    late_ms: list[float]


def reported(port: int, requests: Sequence[Sent], *, connections: int, rate: float = 0.0) -> Reported:
    """Sends the reports from another process. `rate`: reports a second that fall due; 0: as fast as answers come."""
    asked = {"port": port, "connections": connections, "rate": rate, "requests": list(requests)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.reporters"], input=json.dumps(asked), capture_output=True, text=True,
        cwd=ROOT, timeout=WITHIN_S, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return Reported(**json.loads(done.stdout))


class _Connection(asyncio.Protocol):
    """One connection; it looks for the end of an answer by its length and nothing else."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._seen = b""
        self._place = -1

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def send(self, place: int) -> None:
        self._place = place
        self._run.sending(place)
        self.transport.write(self._run.raw[place])

    def data_received(self, data: bytes) -> None:
        self._seen = self._seen + data if self._seen else data
        head = self._seen.find(b"\r\n\r\n")
        if head < 0:
            return
        named = self._seen.lower().index(b"content-length:", 0, head)
        length = int(self._seen[named + 15 : self._seen.index(b"\r", named)])
        if len(self._seen) >= head + 4 + length:
            status, self._seen = int(self._seen[9:12]), b""
            self._run.answered(self, self._place, status)

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost(exc)


class _Run:
    def __init__(self, rate: float, requests: Sequence[Sent]) -> None:
        self.raw = [encoded(*one) for one in requests]
        self.ms, self.status, self.late_ms = [0.0] * len(requests), [0] * len(requests), [0.0] * len(requests)
        self._rate = rate
        self._next = 0
        self._left = len(requests)
        self._begun = [0.0] * len(requests)
        self._idle: deque[_Connection] = deque()
        self._due: deque[int] = deque()
        self.done: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def begin(self, connections: Sequence[_Connection]) -> None:
        self._from = time.perf_counter()
        if self._rate:
            self._idle.extend(connections)
            self._fall_due()
        else:
            for one in connections:
                self._follow(one)

    def sending(self, place: int) -> None:
        self.late_ms[place] = 1e3 * (time.perf_counter() - self._begun[place])

    def answered(self, by: _Connection, place: int, status: int) -> None:
        now = time.perf_counter()
        self.ms[place], self.status[place] = 1e3 * (now - self._begun[place]), status
        self._left -= 1
        if self._left == 0:
            self.done.set_result(now - self._from)
        elif not self._rate:
            self._follow(by)
        elif self._due:
            by.send(self._due.popleft())
        else:
            self._idle.append(by)

    def lost(self, why: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(f"a connection ended: {why}"))

    def _follow(self, by: _Connection) -> None:
        if self._next < len(self.raw):
            place, self._next = self._next, self._next + 1
            self._begun[place] = time.perf_counter()
            by.send(place)

    def _fall_due(self) -> None:
        now = time.perf_counter()
        while self._next < len(self.raw) and (due := self._from + self._next / self._rate) <= now:
            self._begun[self._next] = due
            if self._idle:
                self._idle.popleft().send(self._next)
            else:
                self._due.append(self._next)
            self._next += 1
        if self._next < len(self.raw):
            wait = self._from + self._next / self._rate - now
            asyncio.get_running_loop().call_later(max(0.0005, wait), self._fall_due)


def encoded(headers: dict[str, str], body: str) -> bytes:
    content = body.encode()
    lines = [f"POST {PATH} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json", "Content-Type: application/json"]
    lines += [*(f"{name}: {value}" for name, value in headers.items()), f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


async def run(port: int, connections: int, rate: float, requests: Sequence[Sent]) -> dict[str, Any]:
    going = _Run(rate, requests)
    loop = asyncio.get_running_loop()
    opened = [
        (await loop.create_connection(lambda: _Connection(going), "127.0.0.1", port))[1] for _ in range(connections)
    ]
    going.begin(opened)
    seconds = await going.done
    return {"seconds": seconds, "ms": going.ms, "status": going.status, "late_ms": going.late_ms}


if __name__ == "__main__":
    import uvloop

    sys.stdout.write(json.dumps(uvloop.run(run(**json.load(sys.stdin)))))
