"""Security headers: on every answer, whatever it is, and none replaced that a route set itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from gridgov.api.app import HEADERS, Secure, create_app
from gridgov.bootstrap import House
from tests import sample


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/city", 200), ("/api/v1/areas/999999", 404), ("/api/v1/locate?lon=1", 422), ("/nowhere", 404)],
)
def test_every_answer_has_them(api: httpx.Client, house: House, path: str, status: int) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    answer = api.get(path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/api/v1/session", "no-store"),
        ("/api/v1/accounts", "no-store"),
        ("/api/v1/incidents", "no-store"),
        ("/api/v1/nowhere", "no-store"),
        ("/api/v1/tiles/areas/13/6756/3296.mvt", "private, no-cache"),
    ],
)
def test_no_cache_keeps_what_depends_on_who_asks(api: httpx.Client, house: House, path: str, kept: str) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    assert api.get(path).headers.get("cache-control") == kept


def test_they_come_from_one_place(house: House, tmp_path: Path) -> None:
    """Control: an application without that part sends none of them."""
    app = create_app(house, web=tmp_path / "none")
    app.user_middleware = [one for one in app.user_middleware if getattr(one.cls, "__name__", "") != Secure.__name__]

    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.get("/nowhere")

    assert not set(asyncio.run(get()).headers) & {name.lower() for name in HEADERS}


def test_what_a_route_set_stays() -> None:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"referrer-policy", b"no-referrer")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"x"})

    async def answer() -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        await Secure(inner)({"type": "http", "path": "/x", "headers": []}, receive, send)
        return sent

    start, body = asyncio.run(answer())
    headers = dict(start["headers"])
    assert headers[b"referrer-policy"] == b"no-referrer"
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert body["body"] == b"x"
