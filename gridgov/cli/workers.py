"""Several processes that answer at one address: the parent listens and keeps them going, the children answer.

Owns the socket, how a child is begun anew when it ended unasked, and the end of all. Does not own what a child does
(`serve`). A child that the parent lost ends by itself: it holds the other end of a pipe.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep

from prometheus_client import multiprocess

from gridgov.cli.wire import BACKLOG
from gridgov.platform.logs import get_logger

log = get_logger(__name__)
LOOK_S = 0.1
STEADY_S = 10.0  # a child that lived so long had begun well
PAUSES_S = (0.0, 1.0, 5.0, 30.0)  # before one that ended sooner is begun again, and again
END_WITHIN_S = 25.0
METRICS = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a child is given, as descriptors: where it listens, where it says that it answers, what ends when the parent
    does."""

    listening: int
    ready: int
    lifeline: int

    @classmethod
    def parse(cls, text: str) -> Inherited:
        return cls(*(int(part) for part in text.split(",")))

    def __str__(self) -> str:
        return f"{self.listening},{self.ready},{self.lifeline}"


@dataclass
class _Child:
    """A place for a process; `failures`: how many in a row ended soon after they had begun."""

    process: subprocess.Popen[bytes] | None = None
    begun: float = 0.0
    failures: int = 0
    next_at: float = field(default_factory=monotonic)


def serve_by(workers: int, host: str, port: int, *, ready: Callable[[], None]) -> None:
    """Answers at host:port by so many processes until SIGINT or SIGTERM. `ready` is called once all of them answer."""
    ended = threading.Event()
    with ExitStack() as stack:
        stack.enter_context(_told_to_end(ended))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gridgov-metrics-"))
        listening = stack.enter_context(_listening(host, port))
        ready_out, ready_in = _pipe(stack)
        lifeline, _held = _pipe(stack)
        given = Inherited(listening.fileno(), ready_in, lifeline)
        children = [_Child() for _ in range(workers)]
        try:
            waiting = workers
            while not ended.wait(LOOK_S):
                for child in children:
                    _look_after(child, given, folder)
                if waiting and (waiting := waiting - _said(ready_out)) <= 0:
                    waiting = 0
                    ready()
        finally:
            _end(children, folder)


def _look_after(child: _Child, given: Inherited, folder: str) -> None:
    """Begins a child that is not there, after a pause when it ends again and again."""
    now = monotonic()
    if child.process is not None and child.process.poll() is not None:
        log.warning("a server process ended", pid=child.process.pid, code=child.process.returncode)
        _forget(child.process.pid, folder)
        child.failures = 0 if now - child.begun >= STEADY_S else child.failures + 1
        child.next_at = now + PAUSES_S[min(child.failures, len(PAUSES_S) - 1)]
        child.process = None
    if child.process is None and now >= child.next_at:
        child.begun = now
        child.process = subprocess.Popen(  # noqa: S603  # this very program
            [sys.executable, "-m", "gridgov", "serve", "--inherited", str(given)],
            env=os.environ | {METRICS: folder},
            pass_fds=(given.listening, given.ready, given.lifeline),
        )


def _end(children: list[_Child], folder: str) -> None:
    """Asks every child to end, and ends those that do not."""
    running = [child.process for child in children if child.process is not None and child.process.poll() is None]
    for process in running:
        process.send_signal(signal.SIGTERM)
    until = monotonic() + END_WITHIN_S
    while monotonic() < until and any(process.poll() is None for process in running):
        sleep(LOOK_S)
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()
        _forget(process.pid, folder)


def _forget(pid: int, folder: str) -> None:
    """What a process counted stays; what it said of the moment goes with it."""
    multiprocess.mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]  # of theirs


@contextmanager
def _told_to_end(ended: threading.Event) -> Iterator[None]:
    before = {order: signal.signal(order, lambda *_: ended.set()) for order in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for order, handler in before.items():
            signal.signal(order, handler)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
        yield made


def _pipe(stack: ExitStack) -> tuple[int, int]:
    """(reading end, writing end), closed with the stack."""
    out, into = os.pipe()
    stack.callback(os.close, out)
    stack.callback(os.close, into)
    return out, into


def _said(ready_out: int) -> int:
    """How many children have said since the last look that they answer."""
    return len(os.read(ready_out, 64)) if select.select([ready_out], [], [], 0)[0] else 0


# --- in a child -------------------------------------------------------------------------------------------------------


@contextmanager
def as_child(given: Inherited) -> Iterator[socket.socket]:
    """The socket of the parent; when the parent is gone, this process is told to end."""
    threading.Thread(target=_watch, args=(given.lifeline,), name="lifeline", daemon=True).start()
    with socket.socket(fileno=given.listening) as listening:
        yield listening


def say_ready(given: Inherited) -> None:
    """Tells the parent that this process answers."""
    os.write(given.ready, b".")


def _watch(lifeline: int) -> None:
    os.read(lifeline, 1)  # nothing is ever written: it returns when the other end is closed
    os.kill(os.getpid(), signal.SIGTERM)
