"""Limits of a request: size however it is sent, time whatever it waits for, and clients that do not wait."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request
from sqlalchemy import text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridgov.api.app import HEADERS, create_app
from gridgov.api.guards import Bounded, Bounds, Observed
from gridgov.bootstrap import House, build
from gridgov.platform.cluster import Cluster
from tests.conftest import CITY, cloned
from tests.integration.api.serving import eventually, served, whole_answer

KIB = 1024
MIB = 1024 * KIB
PROBLEM = "application/problem+json"
QUICK = Bounds(request_s=1.0, look_s=0.1)


class Happened:
    """What the test's own routes did."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.statements = 0
        self.waiting = 0
        self.release = threading.Event()


def application(house: House, bounds: Bounds, happened: Happened) -> Any:
    """The application with routes of the test's own before its others."""
    app = create_app(house, bounds=bounds)
    router = APIRouter(prefix="/test")

    @router.post("/read")
    async def read(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @router.post("/json")
    def typed(body: dict[str, str]) -> dict[str, int]:
        return {"fields": len(body)}

    @router.get("/sleep/{seconds}")
    def sleep(seconds: float) -> None:
        try:
            with house.db.transaction() as session:
                for _ in range(int(seconds * 10)):
                    session.execute(text("select pg_sleep(0.1)"))
                    happened.statements += 1
        finally:
            happened.ended.append("sleep")

    @router.get("/wait")
    def wait() -> None:
        happened.waiting += 1
        happened.release.wait(60)

    @router.get("/fail")
    def fail() -> None:
        raise RuntimeError("call 13800138000")

    app.include_router(router)
    app.router.routes.insert(0, app.router.routes.pop())
    return app


@pytest.fixture(scope="module")
def house(cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all tests of this module: none of them stores anything."""
    with cloned(cluster, migrated_template) as url:
        made = build(url, CITY, tmp_path_factory.mktemp("home"))
        yield made
        made.close()


@pytest.fixture
def happened() -> Iterator[Happened]:
    made = Happened()
    yield made
    made.release.set()


@pytest.fixture
def port(house: House, happened: Happened) -> Iterator[int]:
    with served(application(house, Bounds(), happened)) as port:
        yield port


@pytest.fixture
def quick(house: House, happened: Happened) -> Iterator[int]:
    """The port of a server with little time for a request."""
    with served(application(house, QUICK, happened)) as port:
        yield port


@pytest.fixture
def client(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        yield client


@pytest.fixture
def hasty(quick: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{quick}", timeout=60) as client:
        yield client


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """A whole problem body, under the security headers, with the id of the request in both places."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), answer.text
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["remedy"]
    assert body["request_id"] == answer.headers["x-request-id"]
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    return body


# --- size ------------------------------------------------------------------------------------------------------------


def pieces(size: int) -> Iterator[bytes]:
    """A body without a length: sent in chunks."""
    for _ in range(size // (16 * KIB)):
        yield b"x" * (16 * KIB)


@pytest.mark.parametrize("sent", [lambda n: b"x" * n, pieces], ids=["with a length", "in chunks"])
@pytest.mark.parametrize(("size", "taken"), [(256 * KIB, True), (272 * KIB, False), (4 * MIB, False)])
def test_a_body_has_a_limit_however_it_is_sent(
    client: httpx.Client, sent: Callable[[int], Any], size: int, taken: bool
) -> None:
    answer = client.post("/test/read", content=sent(size))
    if taken:
        assert answer.json() == {"bytes": size}
    else:
        assert "262,144" in refused(answer, 413, "too-large")["detail"]
        assert answer.headers["connection"] == "close"


def test_one_byte_decides(client: httpx.Client) -> None:
    assert client.post("/test/read", content=b"x" * (256 * KIB)).status_code == 200
    refused(client.post("/test/read", content=b"x" * (256 * KIB + 1)), 413, "too-large")


@pytest.mark.parametrize(
    ("path", "size"),
    [("/api/v1/incidents", 64 * KIB), ("/api/v1/receipts", 16 * KIB), ("/api/v1/session", 16 * KIB),
     ("/test/json", 256 * KIB)],
)  # fmt: skip
def test_each_kind_of_route_has_its_own(client: httpx.Client, path: str, size: int) -> None:
    """A body of that size is read and refused for what it says; one byte more is not read."""
    body = json.dumps({"x": ["y"]}).encode()
    fits = client.post(path, content=body.ljust(size), headers={"content-type": "application/json"})
    assert fits.status_code in (401, 403, 422), fits.text
    refused(client.post(path, content=body.ljust(size + 1)), 413, "too-large")


def test_the_limits_are_told_apart_by_method_and_whole_path() -> None:
    bounds = Bounds()
    assert bounds.body_limit("POST", "/api/v1/incidents") == 64 * KIB
    assert bounds.body_limit("POST", "/api/v1/incidents/0199/attachments") == 96 * MIB
    assert bounds.body_limit("PUT", "/api/v1/session/password") == 16 * KIB
    for method, path in [
        ("PUT", "/api/v1/incidents/0199/attachments"),
        ("POST", "/api/v1/incidents/a/b/attachments"),
        ("POST", "/x/api/v1/incidents/0199/attachments"),
        ("POST", "/api/v1/incidents/0199/attachments/1"),
        ("POST", "/nowhere"),
    ]:
        assert bounds.body_limit(method, path) == 256 * KIB


def test_nothing_is_read_of_a_body_that_announces_too_much(port: int) -> None:
    """The answer comes before the first byte; with `Expect: 100-continue` the client never sends one."""
    with closing(socket.create_connection(("127.0.0.1", port))) as wire:
        wire.sendall(b"POST /test/read HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n")
        assert wire.recv(4096).startswith(b"HTTP/1.1 413 ")
    with closing(socket.create_connection(("127.0.0.1", port))) as wire:
        wire.sendall(b"POST /test/read HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n")
        assert b"100 Continue" not in whole_answer(wire)


def test_a_length_that_lies_ends_where_it_says(port: int) -> None:
    """What follows the announced bytes is no part of the body, and no HTTP either: the connection ends."""
    with closing(socket.create_connection(("127.0.0.1", port))) as wire:
        wire.sendall(b"POST /test/read HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n" + b"x" * 10_000)
        answer = whole_answer(wire)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b"bytes" not in answer or b'{"bytes":10}' in answer


def test_who_sends_without_end_is_cut_off(port: int) -> None:
    """Chunks for ever: refused at the limit, listened to a little longer, then closed."""
    sent = 0
    with closing(socket.create_connection(("127.0.0.1", port))) as wire:
        wire.sendall(b"POST /test/read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                wire.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
                sent += 65_536
    assert sent < 64 * MIB


async def unlimited(bounds: Bounds | None, size: int) -> int:
    """How many bytes a reader inside gets of a body in chunks; with no bounds at all when None."""
    got = 0

    async def reader(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal got
        while True:
            message = await receive()
            got += len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body"):
                return

    chunks = iter([{"type": "http.request", "body": b"x" * KIB, "more_body": True}] * (size // KIB))

    async def receive() -> Message:
        return next(chunks, {"type": "http.request", "body": b"", "more_body": False})

    async def send(message: Message) -> None:
        return None

    app: ASGIApp = reader if bounds is None else Bounded(reader, bounds=bounds)
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"transfer-encoding", b"chunked")]}
    await app(scope | {"query_string": b"", "server": ("x", 80)}, receive, send)
    return got


def test_without_the_guard_everything_is_read() -> None:
    """Control: the same body, the same reader."""
    assert asyncio.run(unlimited(None, 4 * MIB)) == 4 * MIB
    assert asyncio.run(unlimited(Bounds(), 4 * MIB)) <= 256 * KIB + KIB


# --- time ------------------------------------------------------------------------------------------------------------


def test_what_takes_too_long_is_answered_in_time_and_ends_with_its_statement(
    hasty: httpx.Client, happened: Happened
) -> None:
    """Six seconds of work in sixty statements: the answer comes after one second, no statement begins after it."""
    began = time.monotonic()
    refused(hasty.get("/test/sleep/6"), 503, "took-too-long")
    assert time.monotonic() - began < 4
    eventually(lambda: happened.ended == ["sleep"])
    assert 5 <= happened.statements < 30


def test_without_the_mark_the_work_goes_on(
    hasty: httpx.Client, happened: Happened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a database that does not ask whether the answer is still wanted works to the end."""
    monkeypatch.setattr("gridgov.platform.request.Request.abandoned", property(lambda _: False, lambda *_: None))
    refused(hasty.get("/test/sleep/2"), 503, "took-too-long")
    eventually(lambda: happened.ended == ["sleep"])
    assert happened.statements == 20


def test_a_client_that_goes_away_leaves_no_work_running(house: House, happened: Happened) -> None:
    with served(application(house, Bounds(request_s=60, look_s=0.1), happened)) as port:
        with closing(socket.create_connection(("127.0.0.1", port))) as wire:
            wire.sendall(b"GET /test/sleep/30 HTTP/1.1\r\nHost: x\r\n\r\n")
            eventually(lambda: happened.statements > 2)
        eventually(lambda: happened.ended == ["sleep"])
    assert happened.statements < 100


def test_a_client_that_waits_is_served_however_often_it_is_looked_for(house: House, happened: Happened) -> None:
    """Control: looking for the client does not itself end anything."""
    with served(application(house, Bounds(request_s=60, look_s=0.02), happened)) as port:
        assert httpx.get(f"http://127.0.0.1:{port}/test/sleep/1", timeout=30).status_code == 200
        headers = {"content-type": "application/json"}
        body = slowly(b'{"a": "b"}')
        answer = httpx.post(f"http://127.0.0.1:{port}/test/json", content=body, headers=headers, timeout=30)
        assert answer.json() == {"fields": 1}
    assert happened.statements == 10


def slowly(body: bytes) -> Iterator[bytes]:
    for place in range(len(body)):
        time.sleep(0.05)
        yield body[place : place + 1]


def test_a_body_that_trickles_is_refused(hasty: httpx.Client) -> None:
    """A byte now and then for ever keeps no place."""

    def trickle() -> Iterator[bytes]:
        while True:
            yield b"x"
            time.sleep(0.05)

    refused(hasty.post("/test/read", content=trickle()), 408, "too-slow")


def test_a_body_that_stops_is_told_so(quick: int) -> None:
    with closing(socket.create_connection(("127.0.0.1", quick))) as wire:
        wire.sendall(b"POST /test/json HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        head, _, body = whole_answer(wire).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["code"] == "too-slow"


def test_other_requests_do_not_wait_for_one_that_hangs(hasty: httpx.Client, happened: Happened) -> None:
    """All threads hang; what needs none is answered, and each hanging one gets its answer when its time is over."""
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(hasty.get("/test/wait").status_code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    eventually(lambda: happened.waiting == 8)
    assert hasty.get("/health/live").json() == {"status": "live"}
    for thread in threads:
        thread.join()
    happened.release.set()
    assert answers == [503] * 8


def test_beyond_so_many_at_once_all_but_life_is_refused_at_once(house: House, happened: Happened) -> None:
    with served(application(house, Bounds(request_s=60, running=3), happened)) as port:
        base = f"http://127.0.0.1:{port}"
        threads = [
            threading.Thread(target=httpx.get, args=(f"{base}/test/wait",), kwargs={"timeout": 60}) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        eventually(lambda: happened.waiting == 3)
        busy = httpx.get(f"{base}/nowhere")
        assert refused(busy, 503, "busy")
        assert busy.headers["retry-after"]
        assert httpx.get(f"{base}/health/live").status_code == 200
        happened.release.set()
        for thread in threads:
            thread.join()
        assert httpx.get(f"{base}/nowhere").status_code == 404


# --- the last catch --------------------------------------------------------------------------------------------------


def test_what_fails_inside_is_a_problem_that_says_nothing_of_it(client: httpx.Client) -> None:
    body = refused(client.get("/test/fail"), 500, "internal")
    assert "13800138000" not in json.dumps(body)
    assert client.get("/health/live").status_code == 200, "and the server goes on"


@pytest.mark.parametrize("guarded", [True, False])
def test_also_a_failure_has_the_security_headers(house: House, happened: Happened, guarded: bool) -> None:
    """Control: without the guard the framework's outermost layer answers, outside the one that sets them."""
    app = application(house, QUICK, happened)
    if not guarded:
        app.user_middleware = [one for one in app.user_middleware if one.cls is not Bounded]
    logging.getLogger("uvicorn.error").disabled = True
    with served(app) as port:
        answer = httpx.get(f"http://127.0.0.1:{port}/test/fail")
    logging.getLogger("uvicorn.error").disabled = False
    assert answer.status_code == 500
    assert ("content-security-policy" in answer.headers) is guarded


def test_what_has_begun_to_answer_is_not_answered_twice() -> None:
    """A failure half-way reaches the server, which cuts the connection: half an answer must not look whole."""

    async def half(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(RuntimeError):
        asyncio.run(Observed(Bounded(half, bounds=Bounds()))(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start"]
