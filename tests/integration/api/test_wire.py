"""Connections that only hold a place end: heads without an end, silence, clients that do not read."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gridgov.cli import wire
from tests.integration.api.serving import eventually, served, whole_answer

MIB = 1024 * 1024


class Hasty(wire.Patient):
    """The same protocol with less patience."""

    head_s, write_s = 0.5, 0.5


class Plain(HttpToolsProtocol):
    """Uvicorn's own."""


class Seen:
    """What the application was asked, and connections that it was asked over."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.clients: list[str] = []
        self.sent = self.ended = 0


@pytest.fixture
def seen() -> Seen:
    return Seen()


def application(seen: Seen) -> Any:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for answer in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{answer}.complete"})
            return
        seen.paths.append(scope["path"])
        seen.clients.append(scope["client"][0])
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        if scope["path"] == "/large":
            for _ in range(256):
                await send({"type": "http.response.body", "body": b"x" * MIB, "more_body": True})
                seen.sent += MIB
        await send({"type": "http.response.body", "body": b"well"})
        seen.ended += 1

    return app


@pytest.fixture
def port(seen: Seen) -> Iterator[int]:
    with served(application(seen), Hasty) as port:
        yield port


def connected(port: int) -> Any:
    made = socket.create_connection(("127.0.0.1", port))
    made.settimeout(60)
    return closing(made)


def refusal(answer: bytes) -> tuple[int, str]:
    """Status and code of a problem body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    found = json.loads(body)
    assert found["remedy"]
    assert int(head.split(b" ")[1]) == found["status"]
    return found["status"], found["code"]


def test_an_ordinary_request_is_answered_over_and_over(port: int, seen: Seen) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for n in range(20):
            assert client.post(f"/{n}", content=b"x" * n, headers={"x": "y" * 1_000}).text == "well"
            if n == 10:
                time.sleep(0.7)  # longer than a head may take: between requests there is more time
    assert len(seen.paths) == 20


# --- how long a head may be ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 8_000 + b"\r\n",
    ],
    ids=["address", "one header", "many headers"],
)
def test_a_head_that_is_too_long_is_refused_before_anybody_reads_it(port: int, seen: Seen, head: bytes) -> None:
    with connected(port) as client:
        client.sendall(head)
        assert refusal(whole_answer(client)) == (431, "head-too-large")
    assert seen.paths == []


def test_a_head_just_short_enough_passes(port: int, seen: Seen) -> None:
    with connected(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " + b"a" * 32_000 + b"\r\n\r\n")
        assert b"well" in whole_answer(client)


def test_a_head_without_an_end_is_cut_off(port: int, seen: Seen) -> None:
    sent = 0
    with connected(port) as client, suppress(ConnectionError):
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
        while sent < 64 * MIB:
            client.sendall(b"a" * 65_536)
            sent += 65_536
    assert sent < 16 * MIB
    assert seen.paths == []


def test_trailers_without_an_end_are_cut_off(port: int, seen: Seen) -> None:
    """Headers may come after a body, too."""
    sent = 0
    with connected(port) as client, suppress(ConnectionError):
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: ")
        while sent < 64 * MIB:
            client.sendall(b"a" * 65_536)
            sent += 65_536
    assert sent < 16 * MIB


def test_a_body_in_very_small_chunks_is_no_flood(port: int, seen: Seen) -> None:
    with connected(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.sendall(b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n")
        assert b"well" in whole_answer(client)


# --- how long it may take --------------------------------------------------------------------------------------------


def trickled(port: int) -> float:
    """Seconds until the server hangs up on a head that comes a byte at a time; 5 when it does not."""
    began = time.monotonic()
    with connected(port) as client, suppress(ConnectionError):
        for sign in b"GET / HTTP/1.1\r\nX-Patience: " + b"a" * 1_000:
            client.sendall(bytes([sign]))
            time.sleep(0.02)
            if time.monotonic() - began > 5:
                return 5.0
    return time.monotonic() - began


def test_a_head_that_trickles_in_ends(port: int) -> None:
    assert trickled(port) < 4


def test_silence_ends(port: int) -> None:
    with connected(port) as client:
        assert client.recv(1) == b""


def test_a_second_head_that_trickles_in_ends_too(port: int) -> None:
    """Uvicorn forgets its timer for the pause between requests as soon as one byte has come."""
    with connected(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in client.recv(4096)
        client.sendall(b"GET / HT")
        assert client.recv(4096) in (b"well", b"0\r\n\r\n", b"4\r\nwell\r\n0\r\n\r\n", b"")
        assert not whole_answer(client).strip(b"well\r\n04")


def test_uvicorn_by_itself_would_wait(seen: Seen) -> None:
    """Control: the same server with uvicorn's protocol as it comes; its timers know nothing of heads."""
    with served(application(seen), Plain) as port:
        assert trickled(port) == 5.0
        with connected(port) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 4 * MIB + b"\r\nConnection: close\r\n\r\n")
            assert b"well" in whole_answer(client)


def test_a_client_that_does_not_read_is_let_go(port: int, seen: Seen) -> None:
    """It asked for 256 MiB; the server neither keeps them nor waits."""
    with connected(port) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: seen.ended == 1)
        got = 0
        with suppress(ConnectionError):
            while chunk := client.recv(MIB):
                got += len(chunk)
    assert got < 64 * MIB


def test_uvicorn_by_itself_would_wait_for_it(seen: Seen) -> None:
    """Control: the same client; the work ends only when it is gone."""
    with served(application(seen), Plain) as port:
        with connected(port) as client:
            client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            eventually(lambda: seen.sent > 0)
            time.sleep(3)
            assert seen.ended == 0
        eventually(lambda: seen.ended == 1)


def test_a_client_that_reads_slowly_gets_everything(port: int, seen: Seen) -> None:
    """Control: what ends a connection is that nothing is read, not that there is much of it."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        assert len(client.get("/large").content) == 256 * MIB + 4


# --- what is no HTTP, and who asks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nonsense",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
     b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_http_is_told_so(port: int, seen: Seen, nonsense: bytes) -> None:
    with connected(port) as client:
        client.sendall(nonsense)
        assert refusal(whole_answer(client)) == (400, "no-http")
    assert seen.paths == []


@pytest.mark.parametrize(
    ("proxies", "forwarded", "believed"),
    [
        ("", "198.51.100.7", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1,198.51.100.0/24", "203.0.113.9, 198.51.100.7", "203.0.113.9"),
        ("10.0.0.0/8", "198.51.100.7", "127.0.0.1"),
    ],
)
def test_an_address_is_believed_of_proxies_that_were_named(
    seen: Seen, proxies: str, forwarded: str, believed: str
) -> None:
    config = wire.config(application(seen), "127.0.0.1", 0, proxies=proxies)
    with served(config) as port:
        httpx.get(f"http://127.0.0.1:{port}/", headers={"x-forwarded-for": forwarded})
    assert seen.clients == [believed]


def test_the_server_says_nothing_of_itself_and_logs_nothing_by_itself() -> None:
    config = wire.config(application(Seen()), "127.0.0.1", 0)
    assert isinstance(config, uvicorn.Config)
    assert config.http is wire.Patient
    assert (config.server_header, config.access_log, config.log_config, config.ws) == (False, False, None, "none")
