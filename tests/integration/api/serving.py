"""A server as `gridgov serve` runs it, and what tests of the wire need."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from gridgov.cli import wire


@contextmanager
def served(app: Any, protocol: type[asyncio.Protocol] = wire.Patient) -> Iterator[int]:
    """The port of a server with the settings of `gridgov serve`; `app` may also be settings of the test's own."""
    config = app if isinstance(app, uvicorn.Config) else wire.config(app, "127.0.0.1", 0)
    if protocol is not wire.Patient:
        config.http = protocol
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def eventually(holds: Callable[[], bool]) -> None:
    """Waits until it holds; as long as it takes, a minute at the most."""
    for _ in range(6_000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came true")


def whole_answer(wire: socket.socket) -> bytes:
    """Everything until the other side closes."""
    found = b""
    while chunk := wire.recv(65_536):
        found += chunk
    return found
