"""Whether the server's address is free, asked before anything else is started.

Owns that one question. Does not own the server (`cli` starts it).
"""

from __future__ import annotations

import errno
import socket

from gridgov.platform.errors import BadInput, Conflict


class PortIsTaken(Conflict):
    code = "port-taken"


def require_free(host: str, port: int) -> None:
    """Raises `PortIsTaken` when something listens on host:port already, `BadInput` when it cannot be bound at all.

    The socket is bound the way a server binds it (SO_REUSEADDR) and listened on: binding alone does not notice every
    listener. It is closed again at once, so a racing process can still take the port before the server does.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise BadInput(
            f"“{host}” is not an address.",
            field="GRIDGOV_HOST",
            remedy="Give one of this machine, e.g. GRIDGOV_HOST=127.0.0.1.",
        ) from None
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as problem:
            raise _explained(problem, host, port) from None


def _explained(problem: OSError, host: str, port: int) -> PortIsTaken | BadInput:
    if problem.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return PortIsTaken(
            f"Something else already listens on {host}:{port}.",
            field="GRIDGOV_PORT",
            remedy=f"Stop it, or choose another port: GRIDGOV_PORT={other}.",
        )
    if problem.errno == errno.EACCES:
        return BadInput(
            f"Port {port} may only be opened by root.",
            field="GRIDGOV_PORT",
            remedy="Choose a port from 1024 on, e.g. GRIDGOV_PORT=8000.",
        )
    return BadInput(
        f"{host}:{port} cannot be opened ({problem.strerror}).",
        field="GRIDGOV_HOST",
        remedy="Give an address of this machine, e.g. GRIDGOV_HOST=127.0.0.1.",
    )
