"""Several cities behind one address: `/c/{code}/…` is a city's own, `/province` what a province sees of all of them;
what has no such beginning is the first city's.

Owns which application answers, the cities that are not there (yet), and what a browser keeps of each. Does not own how
a city is opened. Each city has an application, a house and background loops of its own and shares only the threads: a
city that is broken or behind is refused by its name, looked for again and again, and hinders no other.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from gridgov.api import problems
from gridgov.api.app import HEADERS
from gridgov.api.province import PATH as PROVINCE
from gridgov.api.province import create_province
from gridgov.bootstrap import House
from gridgov.platform.db import CITY_CODE, CityUnavailable
from gridgov.platform.errors import GridgovError, NotFound
from gridgov.platform.logs import get_logger

PREFIX = re.compile(r"/c/([^/]*)(/.*)?")
COOKIES = "__Host-gridgov"
LOOK_S = 10.0  # between two looks for cities that are not there
log = get_logger(__name__)

Codes = Callable[[], Sequence[str]]
Opening = Callable[[str], House]
Making = Callable[[House], FastAPI]


class CityNotServed(NotFound):
    """No such city is served here."""

    code = "city-not-served"


@dataclass
class _Place:
    """A city that is to be served: its application while it is, else why it is not."""

    why: GridgovError
    app: FastAPI | None = None
    task: asyncio.Task[None] | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Cities:
    """An ASGI application made of those of its cities."""

    def __init__(
        self, first: FastAPI, codes: Codes, opening: Opening, making: Making, *, look_s: float = LOOK_S
    ) -> None:
        """`codes` names the cities besides the first, asked anew at each look; `opening` gives the house of one or
        raises; `making` makes its application. Both run in a thread beside the event loop."""
        self._first, self._codes, self._opening, self._making = first, codes, opening, making
        self._look_s = look_s
        self._province = create_province(first.state.house)
        self._places: dict[str, _Place] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path = scope["path"] if scope["type"] == "http" else ""
        found = PREFIX.fullmatch(path)
        if found is None:
            province = path == PROVINCE or path.startswith(f"{PROVINCE}/")
            await (self._province if province else self._first)(scope, receive, send)
            return
        code, rest = found[1], found[2] or "/"
        try:
            app = self._of(code)
        except GridgovError as problem:
            answer = problems.answer(Request(scope), problem)
            answer.headers.update({**HEADERS, "Cache-Control": "no-store"})
            await answer(scope, receive, send)
            return
        inner = dict(scope) | {"path": rest, "raw_path": rest.encode(), "headers": _cookies_in(scope, code)}
        await app(inner, receive, _outwards(send, code))

    def _of(self, code: str) -> FastAPI:
        """Raises `CityNotServed`, or why a city that should be is not."""
        place = self._places.get(code) if CITY_CODE.match(code) else None
        if place is None:
            raise CityNotServed(
                "No such city is served here.", field="city", remedy="Ask for one that is: see “gridgov city list”."
            )
        if place.app is None:
            raise place.why
        return place.app

    async def _live(self, receive: Receive, send: Send) -> None:
        """The first city's life is that of the server; the others come and go within it."""
        await receive()
        try:
            async with self._first.router.lifespan_context(self._first):
                seeker = asyncio.create_task(self._seek())
                await send({"type": "lifespan.startup.complete"})
                await receive()
                seeker.cancel()
                with suppress(asyncio.CancelledError):
                    await seeker
                await self._end()
        except BaseException as problem:
            await send({"type": "lifespan.startup.failed", "message": str(problem)})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    async def _seek(self) -> None:
        while True:
            with suppress(GridgovError):
                for code in await asyncio.to_thread(self._codes):
                    self._places.setdefault(code, _Place(_not_yet(code)))
            missing = [(code, place) for code, place in self._places.items() if place.app is None]
            await asyncio.gather(*(self._look_for(code, place) for code, place in missing))
            await asyncio.sleep(self._look_s)

    async def _look_for(self, code: str, place: _Place) -> None:
        try:
            house = await asyncio.to_thread(self._opening, code)
        except GridgovError as problem:
            place.why = _why(code, problem)
            log.warning("a city is not served", city=code, why=str(problem))
            return
        except Exception as problem:  # whatever is wrong with one city must not end the look for the others
            place.why = _why(code, problem)
            log.exception("a city is not served", city=code)
            return
        app = await asyncio.to_thread(self._making, house)
        began = asyncio.Event()
        place.task = asyncio.create_task(_serve(app, house, began, place.ended))
        await began.wait()
        place.app = app
        log.info("a city is served", city=code)

    async def _end(self) -> None:
        tasks = [place.task for place in self._places.values() if place.task is not None]
        for place in self._places.values():
            place.ended.set()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(app: FastAPI, house: House, began: asyncio.Event, ended: asyncio.Event) -> None:
    """A city's background loops run while its application may be asked."""
    try:
        async with app.router.lifespan_context(app):
            began.set()
            await ended.wait()
    finally:
        began.set()
        await asyncio.to_thread(house.close)


def _not_yet(code: str) -> CityUnavailable:
    return CityUnavailable(f"The city “{code}” is being opened.", remedy="Try again in a moment.")


def _why(code: str, problem: Exception) -> CityUnavailable:
    """Names the city, and of our own errors what they say; of others nothing: it is in the log."""
    said = problem.detail if isinstance(problem, GridgovError) else "An error that is in the log."
    return CityUnavailable(
        f"The city “{code}” cannot be served: {said}", remedy="The other cities are; tell whoever runs the platform."
    )


def _cookies_in(scope: Scope, code: str) -> list[tuple[bytes, bytes]]:
    """The request's headers with this city's cookies under the names that its application knows, and no other city's.

    A browser keeps `__Host-` cookies for the whole host, so that each city's carry its code: `__Host-gridgov.east`.
    """
    headers = []
    for name, value in scope["headers"]:
        if name == b"cookie":
            kept = [one.strip() for one in value.decode("latin-1").split(";")]
            own = [renamed for one in kept if (renamed := _own(one, code)) is not None]
            if own:
                headers.append((name, "; ".join(own).encode("latin-1")))
        else:
            headers.append((name, value))
    return headers


def _own(cookie: str, code: str) -> str | None:
    name, _, value = cookie.partition("=")
    if not name.startswith(COOKIES):
        return cookie
    return f"{name.removesuffix(f'.{code}')}={value}" if name.endswith(f".{code}") else None


def _outwards(send: Send, code: str) -> Send:
    """Addresses and cookies of an answer as the outside knows them."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = dict(message) | {
                "headers": [_header_out(name, value, code) for name, value in message["headers"]]
            }
        await send(message)

    return sending


def _header_out(name: bytes, value: bytes, code: str) -> tuple[bytes, bytes]:
    if name.lower() == b"location" and value.startswith(b"/") and not value.startswith(f"/c/{code}/".encode()):
        return name, f"/c/{code}".encode() + value
    if name.lower() == b"set-cookie" and value.startswith(COOKIES.encode()):
        cookie, _, rest = value.partition(b"=")
        return name, cookie + f".{code}=".encode() + rest
    return name, value
