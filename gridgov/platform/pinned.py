"""Connections to one address that was checked, and no other, within a time. Does not own what goes over them."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from time import monotonic
from typing import Any

import httpcore


class Pinned(httpcore.NetworkBackend):
    """Connects to one address, whatever the name, and lets nothing take longer than what is left of the time."""

    def __init__(self, address: str, whole_s: float) -> None:
        self._address = address
        self._until = monotonic() + whole_s
        self._real = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 -- looked up and checked before
        port: int,
        timeout: float | None = None,  # noqa: ARG002 -- ours counts
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        made = self._real.connect_tcp(self._address, port, _left(self._until), local_address, socket_options)
        return _Bounded(made, self._until)


class _Bounded(httpcore.NetworkStream):
    """A connection that ends at an instant."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream, self._until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 -- as above
        return self._stream.read(max_bytes, _left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 -- as above
        self._stream.write(buffer, _left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 -- as above
    ) -> httpcore.NetworkStream:
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, _left(self._until)), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
