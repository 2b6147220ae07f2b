"""Clients that get without a pause, in a process of their own: prepared bytes over plain sockets, no HTTP library.

`python -m tests.bench.getting` reads {"port", "connections", "seconds", "paths", "headers"} from its standard input and
writes {"seconds", "ms", "status", "bytes"}: each connection asks for the next path when it has its answer.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import uvloop

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 600


@dataclass(frozen=True)
class Got:
    """What a run gave: seconds in all, milliseconds of each answer, how many of each status, bytes of bodies."""

    seconds: float
    ms: list[float]
    status: dict[str, int]
    bytes: int

    @property
    def per_second(self) -> float:
        return len(self.ms) / self.seconds


def got(
    port: int, paths: Sequence[str], *, connections: int, seconds: float, headers: Mapping[str, str] | None = None
) -> Got:
    """Gets the paths in turn from another process, for so long."""
    asked = {
        "port": port, "connections": connections, "seconds": seconds, "paths": list(paths),
        "headers": dict(headers or {}),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.getting"], input=json.dumps(asked), capture_output=True, text=True,
        cwd=ROOT, timeout=WITHIN_S, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return Got(**json.loads(done.stdout))


class _Connection(asyncio.Protocol):
    """One connection; it looks for the end of an answer by its length and nothing else."""

    def __init__(self, run: _Run) -> None:
        self._run, self._seen, self._need = run, b"", 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._begun = time.perf_counter()
        self._transport.write(next(self._run.raw))

    def data_received(self, data: bytes) -> None:
        self._seen = self._seen + data if self._seen else data
        if not self._need:
            head = self._seen.find(b"\r\n\r\n")
            if head < 0:
                return
            lower = self._seen[:head].lower()
            named = lower.find(b"content-length:")
            length = int(lower[named + 15 :].split(b"\r", 1)[0]) if named >= 0 else 0
            self._need = head + 4 + length
            self._run.bytes += length
        if len(self._seen) < self._need:
            return
        self._run.told(self._seen[9:12].decode(), 1e3 * (time.perf_counter() - self._begun))
        self._seen, self._need = b"", 0
        if self._run.open:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost(exc)


class _Run:
    def __init__(self, paths: Sequence[str], headers: Mapping[str, str], seconds: float) -> None:
        given = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        raw = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{given}\r\n".encode() for path in paths]
        self.raw = cycle(raw)
        self.ms: list[float] = []
        self.status: dict[str, int] = {}
        self.bytes = 0
        self._begun = time.perf_counter()
        self._until = self._begun + seconds
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def open(self) -> bool:
        if time.perf_counter() < self._until:
            return True
        if not self.done.done():
            self.done.set_result(None)
        return False

    def told(self, status: str, ms: float) -> None:
        self.ms.append(ms)
        self.status[status] = self.status.get(status, 0) + 1

    def lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or RuntimeError("the server hung up"))

    def result(self) -> dict[str, Any]:
        seconds = time.perf_counter() - self._begun
        return {"seconds": seconds, "ms": self.ms, "status": self.status, "bytes": self.bytes}


async def run(port: int, connections: int, seconds: float, paths: Sequence[str], headers: Mapping[str, str]) -> Any:
    loop = asyncio.get_running_loop()
    made = _Run(paths, headers, seconds)
    opened = [await loop.create_connection(lambda: _Connection(made), "127.0.0.1", port) for _ in range(connections)]
    await made.done
    found = made.result()
    for transport, _ in opened:
        transport.abort()
    return found


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    json.dump(asyncio.run(run(**json.load(sys.stdin))), sys.stdout)
