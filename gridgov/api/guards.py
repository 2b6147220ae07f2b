"""What stands around every request: its id, its line in the log, its metrics; limits of size and time; the last catch.

Owns two plain ASGI layers. `Observed` is the outermost: nothing is answered that it does not see. `Bounded` lies inside
the security headers, so that what it answers itself has them too. Does not own forms of errors (`problems`), nor the
limits of the wire before there is a request (`cli/wire.py`).

Work in a thread cannot be stopped from outside. When the time is over, the client gets its answer and the request is
marked as abandoned: the database ends the statement in hand by its own limit, and no further one begins
(`platform.request.still_wanted`). The same happens when the client goes away.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from re import Pattern

from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.requests import Request as HttpRequest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridgov.api import problems
from gridgov.platform import metrics
from gridgov.platform.crypto import new_salt
from gridgov.platform.db import TookTooLong
from gridgov.platform.errors import GridgovError, TooLarge, TooSlow, Unavailable
from gridgov.platform.limits import in_words
from gridgov.platform.logs import for_people, get_logger
from gridgov.platform.request import Request, current, during, id_from

access = get_logger("gridgov.access")
log = get_logger(__name__)
ID_HEADER = b"x-request-id"
QUIET = "gridgov.quiet"  # in a scope: nobody wants to read of it
KIB = 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much and how long. `bodies`: (method and path, bytes); the first that fits counts, else `body_bytes`."""

    body_bytes: int = 256 * KIB
    bodies: tuple[tuple[Pattern[str], int], ...] = (
        (re.compile(r"POST /api/v1/incidents/[^/]+/attachments"), 96 * KIB * KIB),  # nine photos of 10 MiB
        (re.compile(r"POST /api/v1/incidents"), 64 * KIB),
        (re.compile(r"\w+ /api/v1/(?:session|receipts)(?:/.*)?"), 16 * KIB),
    )
    request_s: float = 30.0
    look_s: float = 1.0  # from then on it is looked, that often, whether the client is still there
    running: int = 256  # more at once are sent away
    linger_bytes: int = 8 * KIB * KIB  # of a body that is too large, read so that the client hears why
    linger_s: float = 2.0

    def body_limit(self, method: str, path: str) -> int:
        """Most bytes of a body that is sent there."""
        asked = f"{method} {path}"
        return next((most for pattern, most in self.bodies if pattern.fullmatch(asked)), self.body_bytes)


class Busy(Unavailable):
    """More requests at once than can be worked on in good time."""

    code = "busy"


class Observed:
    """Gives the request an id, and when it has ended a line in the log and its place in the metrics."""

    def __init__(self, app: ASGIApp, *, chance: Callable[[], bytes] = new_salt) -> None:
        self._app = app
        self._chance = chance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request = Request(_id(scope, self._chance))
        status = sent = 0

        async def observed(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (ID_HEADER, request.id.encode())]
            else:
                sent += len(message.get("body", b""))
            await send(message)

        metrics.in_flight.inc()
        with during(request):
            try:
                await self._app(scope, receive, observed)
            finally:
                metrics.in_flight.dec()
                _ended(scope, request, status, sent, time.perf_counter() - began)


class Bounded:
    """Keeps a request within its bounds, and answers for whatever fails inside without an answer of its own."""

    def __init__(self, app: ASGIApp, *, bounds: Bounds) -> None:
        self._app = app
        self._bounds = bounds
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        turn = _Turn(scope, receive, send, self._bounds)
        if self._running >= self._bounds.running and scope["path"] != "/health/live":
            await turn.instead(Busy("Too many ask at once.", remedy="Try again in a moment."))
            return
        if turn.announced > turn.limit:
            await turn.too_large()
            return
        self._running += 1
        turn.watch()
        try:
            await self._app(scope, turn.receive, turn.send)
        except Exception as failure:
            if turn.over:  # it was told to stop, and it did
                return
            if turn.started:
                raise
            log.error("a request failed", method=scope["method"], route=_template(scope), exc_info=failure)
            await turn.instead(None)
        finally:
            await turn.end()
            self._running -= 1


class _Turn:
    """One request on its way through `Bounded`. All of it happens in the event loop."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, bounds: Bounds) -> None:
        self._scope, self._receive, self._send, self._bounds = scope, receive, send, bounds
        self._loop = asyncio.get_running_loop()
        self._taken = 0
        self._timer: asyncio.TimerHandle | None = None
        self._watch: asyncio.Task[None] | None = None
        self._late: asyncio.Task[None] | None = None
        self._request = current()
        self._deadline = self._loop.time() + bounds.request_s
        self.started = self.over = False
        self.announced, self._whole = _announced(scope)
        self.limit = 0 if self._whole else bounds.body_limit(scope["method"], scope["path"])

    # --- what the application is given ---------------------------------------------------------------------------

    async def receive(self) -> Message:
        """Counts what comes. Ends the request where the body is larger than it may be, announced or not."""
        if self.over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._taken > self.limit:
                await self.too_large()
                return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        """Lets the answer pass, unless the request has been answered already."""
        if self.over:
            return
        self.started = True
        await self._send(message)

    # --- what is answered instead ----------------------------------------------------------------------------------

    async def instead(self, error: GridgovError | None) -> None:
        """Answers in place of the application (None: it failed) and ends the connection. Nothing, if it has begun."""
        await self._answer(error, linger=False)

    async def too_large(self) -> None:
        """Refuses the body. Whoever sends first and reads afterwards hears it too, if the rest is not too long."""
        error = TooLarge(
            f"The body holds more than {self.limit:,} bytes.", remedy="Send less at once.", most_bytes=self.limit
        )
        await self._answer(error, linger=True)

    async def _answer(self, error: GridgovError | None, *, linger: bool) -> None:
        if self.started or self.over:
            return
        self.over = True
        asked = HttpRequest(self._scope)
        body: JSONResponse = problems.answer(asked, error) if error is not None else problems.broken(asked)
        headers = MutableHeaders(raw=list(body.raw_headers))
        headers["connection"] = "close"
        await self._send({"type": "http.response.start", "status": body.status_code, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body.body, "more_body": linger})
        if linger:
            await self._drain()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drain(self) -> None:
        """Reads on for a while: a connection that is closed upon data in flight loses the answer."""
        left = self._bounds.linger_bytes
        try:
            async with asyncio.timeout(self._bounds.linger_s):
                while left > 0:
                    message = await self._receive()
                    if message["type"] != "http.request" or not message.get("more_body", False):
                        return
                    left -= len(message.get("body", b""))
        except TimeoutError:
            return

    # --- time --------------------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """From now on the time counts."""
        self._timer = self._loop.call_later(min(self._bounds.look_s, self._bounds.request_s), self._look)

    async def end(self) -> None:
        """The application has returned."""
        if self._timer is not None:
            self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
        if self._late is not None:
            await self._late

    def _look(self) -> None:
        """Has the time run out? Else sees that somebody watches the client, once the whole body is here."""
        left = self._deadline - self._loop.time()
        if left <= 0:
            if not self.started:
                self._abandon()
                self._late = self._loop.create_task(self._time_is_over())
            return
        if self._whole and self._watch is None:
            self._watch = self._loop.create_task(self._watch_client())
        self._timer = self._loop.call_later(min(self._bounds.look_s, left), self._look)

    async def _time_is_over(self) -> None:
        seconds = in_words(math.ceil(self._bounds.request_s))
        if self._whole:
            error: GridgovError = TookTooLong(
                f"This took longer than {seconds}.", remedy="Ask for less: a smaller area or a shorter time."
            )
        else:
            error = TooSlow(f"The body did not arrive within {seconds}.", remedy="Send it again.")
        await self.instead(error)

    async def _watch_client(self) -> None:
        """Waits until the client is gone. Nobody else listens any more: the body has been read to its end."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._abandon()
                return

    def _abandon(self) -> None:
        if self._request is not None:
            self._request.abandoned = True


def _announced(scope: Scope) -> tuple[int, bool]:
    """Bytes of the body as its head says, 0 where it does not; and whether there is none at all."""
    length, chunked = b"", False
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = value
        elif name == b"transfer-encoding":
            chunked = True
    return int(length) if length.isdigit() else 0, not chunked and length in (b"", b"0")


def _id(scope: Scope, chance: Callable[[], bytes]) -> str:
    given = next((value for name, value in scope["headers"] if name == ID_HEADER), None)
    return id_from(given.decode("latin-1") if given is not None else None, chance()[:8])


def _template(scope: Scope) -> str | None:
    """The path of the route as it is declared: `/api/v1/areas/{area_id}`; None where no route answered."""
    known = (scope.get("fastapi") or {}).get("effective_route_context") or scope.get("route")
    path = getattr(known, "path_format", None)
    return path if isinstance(path, str) else None


def _ended(scope: Scope, request: Request, status: int, sent: int, seconds: float) -> None:
    """Counts and writes down. Of the path only the template: a real one holds ids, a query whatever was asked.

    What goes well is told at the level `debug` where nobody wants to know: of pages, of kept tiles, of probes, and on a
    terminal.
    """
    method, route = scope["method"], _template(scope)
    metrics.request_ended(method, route, status, seconds)
    unasked = QUIET in scope or route is None or route.startswith("/health/") or route == "/metrics"
    quiet = status < 400 and (unasked or for_people())
    (access.debug if quiet else access.info)(
        "request",
        method=method if method in metrics.METHODS else metrics.OTHER,
        route=route or metrics.UNROUTED,
        status=status,
        ms=round(1e3 * seconds, 1),
        bytes=sent,
        account=request.account_id,
        post=request.post_id,
        request_id=request.id,
    )
