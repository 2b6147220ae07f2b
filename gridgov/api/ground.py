"""The fast way of tiles that are kept: areas, streets and the like, the same for everybody who may see the map.

Owns what takes this way, and that whoever asks is looked up: no answer leaves without it. Does not own drawing, nor any
refusal: whatever is not plainly so (no session, none in force, another tile than is kept) goes on to the route, which
finds out for itself and answers.

Sessions are asked after in the database for every request, none is kept here, so that one which was ended is refused at
once by every server. What is saved is a transaction each: requests that come while one look is under way share the
next, which begins after all of them have come.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from gridgov.api.deps import COOKIE
from gridgov.api.guards import QUIET
from gridgov.api.routes.tiles import MEDIA_TYPE, has, headers_of
from gridgov.auth.credentials import Credential, Known, known_together
from gridgov.bootstrap import House
from gridgov.platform import clock, metrics
from gridgov.platform.request import acted_by

PATH = re.compile(r"/api/v1/tiles/((?!incidents/)[a-z]+/(?:0|[1-9]\d?)/(?:0|[1-9]\d{0,7})/(?:0|[1-9]\d{0,7}))\.mvt")
PERMISSION = "map.read"
MOST_TOGETHER = 128


class _Route:
    """What the log and the metrics are told of where a request went."""

    path_format = "/api/v1/tiles/{layer}/{z}/{x}/{y}.mvt"


ROUTE = _Route()
Asking = tuple[Credential, "asyncio.Future[Known | None]"]


class Door:
    """Looks up many credentials in one statement. Everything but the look itself happens in the event loop."""

    def __init__(self, house: Callable[[], House]) -> None:
        self._house = house
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="door")
        self._waiting: list[Asking] = []
        self._looking = False

    async def known(self, credential: Credential) -> Known | None:
        """Whose it is, as of a moment after this call; None where it is to be asked alone."""
        answer: asyncio.Future[Known | None] = self._loop.create_future()
        self._waiting.append((credential, answer))
        if not self._looking:
            self._look()
        return await answer

    def close(self) -> None:
        """Nobody may ask any more."""
        self._thread.shutdown()

    def _look(self) -> None:
        asking, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        self._looking = True
        done = self._loop.run_in_executor(self._thread, self._ask, [one for one, _ in asking])
        done.add_done_callback(lambda found: self._tell(asking, found))

    def _ask(self, credentials: Sequence[Credential]) -> dict[Credential, Known]:
        with self._house().app.transaction() as session:
            return known_together(session, credentials, clock.utcnow())

    def _tell(self, asking: Sequence[Asking], found: asyncio.Future[dict[Credential, Known]]) -> None:
        self._looking = False
        known = {} if found.cancelled() or found.exception() is not None else found.result()
        for credential, answer in asking:
            if not answer.done():  # whoever was told to stop waits no more
                answer.set_result(known.get(credential))
        if self._waiting:
            self._look()


@contextmanager
def opened(house: Callable[[], House]) -> Iterator[Door]:
    """A door for this event loop."""
    door = Door(house)
    try:
        yield door
    finally:
        door.close()


class Ground:
    """Plain ASGI, inside the guards and the security headers: `app.state.door` looks people up; without one everything
    goes on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        answer = None if match is None else await _kept(scope, match[1])
        if answer is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = ROUTE
        scope[QUIET] = True
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})


@dataclass(frozen=True, slots=True)
class _Answer:
    """As it goes out; a response object takes longer to make than all that is looked up for it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""


async def _kept(scope: Scope, address: str) -> _Answer | None:
    """The tile, or word that it is the same, for somebody who may see it; None: to be asked of the route."""
    state = scope["app"].state
    house: House = state.house
    door: Door | None = getattr(state, "door", None)
    given = dict(scope["headers"])
    credential = _session(given)
    if door is None or credential is None or house.tiles.standing(address) is None or b"%00" in scope["query_string"]:
        return None
    known = await door.known(credential)
    if known is None or not known.in_post or not known.actor.may(PERMISSION):
        return None
    standing = house.tiles.standing(address)
    if standing is None or not standing.holds(known.marks, clock.utcnow()):
        return None
    acted_by(known.actor.account_id, known.actor.post_id)
    return _answer(house, standing.tag, given)


def _answer(house: House, tag: str, given: Mapping[bytes, bytes]) -> _Answer | None:
    """As `routes.tiles.sent` says it."""
    headers = [(name.lower().encode(), value.encode()) for name, value in headers_of(tag).items()]
    asked = given.get(b"if-none-match")
    if asked is not None and has(asked.decode("latin-1"), tag):
        return _Answer(304, headers)
    found = house.tiles.get(tag)
    if found is None:
        return None
    metrics.tile_asked(hit=True)
    if not found.plain:
        return _Answer(204, headers)
    body = found.plain
    headers.append((b"content-type", MEDIA_TYPE.encode()))
    if found.gzipped is not None and b"gzip" in given.get(b"accept-encoding", b""):
        headers.append((b"content-encoding", b"gzip"))
        body = found.gzipped
    headers.append((b"content-length", str(len(body)).encode()))
    return _Answer(200, headers, body)


def _session(given: Mapping[bytes, bytes]) -> Credential | None:
    """The session that was shown, as `deps.shown_by` reads it; tokens are counted one by one and take the other way."""
    if b"authorization" in given or b"cookie" not in given:
        return None
    secret = cookie_parser(given[b"cookie"].decode("latin-1")).get(COOKIE)
    return Credential("session", secret) if secret else None
