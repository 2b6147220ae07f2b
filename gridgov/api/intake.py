"""The hot path of `POST /api/v1/incidents`: reports that come at one time are committed together.

Owns what takes this way, the queue, and its end. Does not own the transaction (`taking`), nor what takes the other way:
whatever is unusual goes on to the route, with its body as it came, and is answered there.

A report waits for nobody: the first begins a batch of its own at once, and what comes while it is being written makes
the next. An answer is sent when the commit is durable, not before.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from fastapi import Request as HttpRequest
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridgov.api import problems
from gridgov.api.deps import shown_by
from gridgov.api.guards import Busy
from gridgov.api.routes.incidents import ReportBody, report_of
from gridgov.api.taking import Asked, Outcome, take
from gridgov.bootstrap import Caller, House
from gridgov.platform.errors import GridgovError
from gridgov.platform.request import current

PATH = "/api/v1/incidents"
PERMISSION = "incidents.report"
JSON = b"application/json"
MOST_TOGETHER = 64
MOST_WAITING = 512
WRITERS = 2  # while one waits for its commit, the next is made ready


class _Route:
    """What the log and the metrics are told of where a request went."""

    path_format = PATH


ROUTE = _Route()


@dataclass(frozen=True, slots=True)
class _Waiting:
    asked: Asked
    answer: asyncio.Future[Outcome]


class Queue:
    """Reports on their way to a commit. All but the writing happens in the event loop."""

    def __init__(
        self, house: House, *, most_together: int = MOST_TOGETHER, most_waiting: int = MOST_WAITING,
        writers: int = WRITERS,
    ) -> None:  # fmt: skip
        self._house = house
        self._most_together, self._most_waiting, self._writers = most_together, most_waiting, writers
        self._threads = ThreadPoolExecutor(writers, thread_name_prefix="intake")
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting] = deque()
        self._writing = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def put(self, asked: Asked) -> Outcome:
        """What became of a report, when it is durable. Raises `Busy` when too many wait."""
        if len(self._waiting) >= self._most_waiting:
            raise Busy("Too many report at once.", remedy="Try again in a moment; nothing was stored.")
        one = _Waiting(asked, self._loop.create_future())
        self._waiting.append(one)
        self._idle.clear()
        self._write()
        return await one.answer

    async def close(self) -> None:
        """Waits until what was put has been written."""
        await self._idle.wait()
        self._threads.shutdown()

    def _write(self) -> None:
        while self._waiting and self._writing < self._writers:
            batch = [self._waiting.popleft() for _ in range(min(self._most_together, len(self._waiting)))]
            self._writing += 1
            done = self._loop.run_in_executor(self._threads, take, self._house, [one.asked for one in batch])
            done.add_done_callback(partial(self._written, batch))

    def _written(self, batch: Sequence[_Waiting], done: asyncio.Future[list[Outcome]]) -> None:
        self._writing -= 1
        for one, outcome in zip(batch, done.result(), strict=True):
            if not one.answer.done():  # whoever was told to stop waits no more
                one.answer.set_result(outcome)
        self._write()
        if not self._writing:
            self._idle.set()


@asynccontextmanager
async def begun(house: House) -> AsyncIterator[Queue]:
    """A queue for this event loop; at its end, what it holds is written."""
    queue = Queue(house, most_waiting=MOST_WAITING)
    try:
        yield queue
    finally:
        await queue.close()


class Intake:
    """Plain ASGI, inside the guards and the security headers: `app.state.intake` is the queue; without one, and for all
    that is not a plain report with a credential, everything goes on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        queue: Queue | None = getattr(scope["app"].state, "intake", None) if _fits(scope) else None
        caller = _caller(scope) if queue is not None else None
        if queue is None or caller is None:
            await self._app(scope, receive, send)
            return
        came, body = await _read(receive)
        asked = None if body is None else _asked(body, caller)
        outcome: Outcome | GridgovError = None
        if asked is not None:
            try:
                outcome = await queue.put(asked)
            except Busy as busy:
                outcome = busy
        if asked is None or outcome is None:
            await self._app(scope, _again(came, receive), send)
            return
        scope["route"] = ROUTE
        if isinstance(outcome, bytes):
            await _created(send, outcome, f"{PATH}/{asked.report.id}")
        else:
            await problems.answer(HttpRequest(scope), outcome)(scope, receive, send)


def _fits(scope: Scope) -> bool:
    """A report in JSON, with nothing in its address beside the path."""
    return (
        scope["type"] == "http"
        and scope["path"] == PATH
        and scope["method"] == "POST"
        and not scope["query_string"]
        and next((value for name, value in scope["headers"] if name == b"content-type"), b"") == JSON
    )


def _caller(scope: Scope) -> Caller | None:
    """Who asks, if they show a credential as it is to be shown; who has none is counted by where they come from."""
    try:
        caller = shown_by(HttpRequest(scope), PERMISSION)
    except GridgovError:
        return None
    return caller if caller.credential is not None else None


async def _read(receive: Receive) -> tuple[list[Message], bytes | None]:
    """The messages of a body, and the whole of it; None where it did not come to its end."""
    came: list[Message] = []
    while True:
        message = await receive()
        came.append(message)
        if message["type"] != "http.request":
            return came, None
        if not message.get("more_body", False):
            return came, b"".join(one.get("body", b"") for one in came)


def _again(came: Sequence[Message], receive: Receive) -> Receive:
    """What has been read, once more, and what comes after it."""
    left = deque(came)

    async def again() -> Message:
        return left.popleft() if left else await receive()

    return again


def _asked(body: bytes, caller: Caller) -> Asked | None:
    """The report of a body, read as the route would read it; None where it is none, or an order of another system."""
    request = current()
    try:
        sent = ReportBody.model_validate(json.loads(body))
    except (ValueError, ValidationError, RecursionError):
        return None
    if sent.source is not None or request is None:
        return None
    return Asked(report_of(sent, sent.id), caller, request)


async def _created(send: Send, body: bytes, location: str) -> None:
    headers = [
        (b"content-length", str(len(body)).encode()),
        (b"content-type", JSON),
        (b"location", location.encode()),
    ]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body})
