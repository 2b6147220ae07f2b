"""The wire before there is a request: how the server listens, how long a head may be and how long it may take.

Owns uvicorn's settings and a protocol that ends connections which only hold a place. Does not own what a request may
be (`api/guards.py`).

uvicorn's fast protocol (httptools) has no limit for the head of a request, waits for ever for its first byte and for
its last, and for ever for a client that does not read. A proxy in front does all this too; this holds without one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 32 * 1024  # request line and headers; cookies and a long query have room
HEAD_S = 10.0  # from the first byte of a head (or from the connection) to its last
WRITE_S = 60.0  # for a client that does not read what it asked for
KEEP_ALIVE_S = 15  # between two requests of a connection
MOST_READ = 256 * 1024  # of a body's wire form beyond its bytes, and of what is refused while it is on its way
CONNECTIONS = 1_000
BACKLOG = 512


class Patient(HttpToolsProtocol):
    """HTTP/1.1 with an end to its patience."""

    head_bytes, head_s, write_s = HEAD_BYTES, HEAD_S, WRITE_S
    _headless = True  # the head of a request is awaited or on its way
    _read = 0  # bytes of the head so far; later those of a body that are no body: sizes of chunks, trailers
    _timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A new client has as long for its first head as for any other."""
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Counts what belongs to a head, before and after it is parsed: it may come in one piece or in a thousand."""
        if self._headless and self._timer is None:
            self._wait_for_head()
        self._read += len(data)
        super().data_received(data)
        if self._read > self.head_bytes and (self._headless or self._read > MOST_READ):
            self._refuse()

    def on_header(self, name: bytes, value: bytes) -> None:
        """What comes after the body is of no use to anybody here, and has no end of its own."""
        if self._headless:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._stop_waiting()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.head_bytes:
            self._refuse()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A chunk of one byte takes six on the wire. Of a request that was refused for its head nothing is kept."""
        self._read -= 8 * len(body)
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The next byte begins another head."""
        self._headless, self._read = True, 0
        if not self.transport.is_closing():
            super().on_message_complete()

    def pause_writing(self) -> None:
        """The client reads more slowly than it is answered."""
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.write_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        if self._write_timer is not None:
            self._write_timer.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 -- uvicorn's
        """What is no HTTP at all is answered like everything else."""
        self._answer(_MALFORMED)

    def _wait_for_head(self) -> None:
        self._timer = self.loop.call_later(self.head_s, self._too_slow)

    def _stop_waiting(self) -> None:
        self._headless, self._read = False, 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        self.transport.close()

    def _refuse(self) -> None:
        self._answer(_TOO_LARGE)

    def _answer(self, whole: bytes) -> None:
        """In words of its own: there is no request that a route could answer. One that is being answered is cut."""
        if not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(whole)
            self.transport.close()


def _problem(status: str, code: str, title: str, detail: str, remedy: str) -> bytes:
    body = json.dumps(
        {
            "type": f"urn:gridgov:problem:{code}",
            "title": title,
            "status": int(status[:3]),
            "detail": detail,
            "code": code,
            "remedy": remedy,
        }
    ).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
    return f"{head}x-content-type-options: nosniff\r\nconnection: close\r\n\r\n".encode() + body


_TOO_LARGE = _problem(
    "431 Request Header Fields Too Large",
    "head-too-large",
    "More than is taken at once",
    f"The address and the headers hold more than {HEAD_BYTES:,} bytes.",
    "Send a shorter address and fewer headers.",
)
_MALFORMED = _problem(
    "400 Bad Request", "no-http", "What was sent cannot be taken", "This is no HTTP request.", "Send HTTP/1.1."
)


def config(app: ASGI3Application | Callable[..., Any], host: str, port: int, *, proxies: str = "") -> uvicorn.Config:
    """How the server runs. `proxies`: addresses whose X-Forwarded-For and X-Forwarded-Proto are believed.

    Logs go through `platform.logs` (`log_config=None`) and uvicorn writes none of requests: `api.guards` does.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Patient,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=10,
        limit_concurrency=CONNECTIONS,
        backlog=BACKLOG,
    )
