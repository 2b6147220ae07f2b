"""An open-loop client of whole lifecycles, in a process of its own: they begin when they are due, however slow the
server is, and what is measured of each begins then too.

`python -m tests.bench.lifecycles` reads {"port", "rate", "at_once", "lives": [[[method, path, headers, body], …], …]}
from its standard input and writes {"seconds", "life_ms", "request_ms", "bad"}: one number a lifecycle that came to its
end, one list a kind of request, statuses that were not 2xx. HTTP/1.1 over plain sockets that are used again.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.client import answer

Request = tuple[str, str, dict[str, str], str | None]
ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 900


@dataclass(frozen=True)
class Lived:
    """What a run gave: seconds until the last had ended."""

    seconds: float
    life_ms: list[float]
    request_ms: list[list[float]]
    bad: list[str]


def live(port: int, lives: Sequence[Sequence[Request]], *, rate: float, at_once: int = 10_000) -> Lived:
    """Begin so many lifecycles a second, from another process; `at_once`: later where so many are on their way."""
    asked = {"port": port, "rate": rate, "lives": lives, "at_once": at_once}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.lifecycles"], input=json.dumps(asked), capture_output=True, text=True,
        cwd=ROOT, timeout=WITHIN_S, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return Lived(**json.loads(done.stdout))


async def run(port: int, rate: float, lives: Sequence[Sequence[Request]], at_once: int) -> dict[str, Any]:
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    life_ms: list[float] = []
    request_ms: list[list[float]] = [[] for _ in lives[0]]
    bad: list[str] = []
    room = asyncio.Semaphore(at_once)
    raw = [[encoded(*request) for request in life] for life in lives]
    begin = time.perf_counter()

    async def one(number: int) -> None:
        due = begin + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        async with room:
            streams = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
            await lived(raw[number], due, streams)
            idle.append(streams)

    async def lived(
        requests: Sequence[bytes], due: float, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> None:
        for place, sent in enumerate(requests):
            asked = due if place == 0 else time.perf_counter()
            streams[1].write(sent)
            status, body = await answer(streams[0])
            request_ms[place].append(1e3 * (time.perf_counter() - asked))
            if status // 100 != 2:
                bad.append(f"{place}: {status} {body[:200].decode(errors='replace')}")
                return
        life_ms.append(1e3 * (time.perf_counter() - due))

    await asyncio.gather(*(one(number) for number in range(len(lives))))
    return {"seconds": time.perf_counter() - begin, "life_ms": life_ms, "request_ms": request_ms, "bad": bad}


def encoded(method: str, path: str, headers: dict[str, str], body: str | None) -> bytes:
    content = (body or "").encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


if __name__ == "__main__":
    json.dump(asyncio.run(run(**json.load(sys.stdin))), sys.stdout)
