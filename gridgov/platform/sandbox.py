"""Files from outside are read in a child process that is thrown away: a named task, bytes in, bytes out.

Owns asking, the wall clock, and what becomes of a child that crashes, hangs or says too much: always a refusal of the
file, never a failure of the server. Does not own the measures (`confinement`), nor what a task does.
The process that bears the children starts once and reads the modules of the tasks; a child is a fork of it, and costs
some 4 ms, where a fresh interpreter with the same modules takes 100.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from gridgov.platform.confinement import Limits
from gridgov.platform.errors import BadInput, TooLarge, Unavailable
from gridgov.platform.nursery import DONE, FAILED, HEAD, JOB, REFUSED

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); from gridgov.platform import nursery; "
    "nursery.main(int(sys.argv[2]), sys.argv[3])"
)
log = logging.getLogger(__name__)
READY_S = 30.0  # the tasks' modules are read from disk, on a machine that may be busy
FORK_S = 10.0


class FileUnreadable(BadInput):
    """The child came to no answer: it crashed, hung, wanted too much memory, or answered too much."""

    code = "file-unreadable"


class FileRefused(BadInput):
    """The task refused the file; `code`, `field` and `remedy` are the task's."""


class FileTooLarge(TooLarge):
    """The same, where it was the size."""


class SandboxDown(Unavailable):
    code = "sandbox-down"


class Sandbox:
    """One set of tasks under one set of limits, for all threads of a process. Nothing starts before the first run."""

    def __init__(self, tasks: Mapping[str, str], limits: Limits, *, at_once: int = 2) -> None:
        """`tasks`: name -> "module:function" of bytes -> bytes, the only ones there are. `at_once` bounds the memory
        that all children take together."""
        self._tasks = dict(tasks)
        self.limits = limits
        self._slots = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._nursery: _Nursery | None = None

    def run(self, task: str, data: bytes) -> bytes:
        """The task's answer. Raises `FileUnreadable`, or `FileRefused` and `FileTooLarge` as the task refused it;
        `SandboxDown` when no child can be had, `KeyError` for a task that there is not."""
        name = task.encode()
        self._tasks[task]
        with self._slots, self._child() as (wire, handle):
            timer = threading.Timer(self.limits.wall_s, _kill, [handle])
            timer.start()
            try:
                wire.sendall(JOB.pack(len(name), len(data)) + name)
                wire.sendall(data)
                kind, length = HEAD.unpack(_read(wire, HEAD.size))
                if length > self.limits.answer_bytes:
                    raise EOFError
                answer = _read(wire, length)
            except (EOFError, OSError):
                kind, answer = FAILED, b""
            finally:
                timer.cancel()
                timer.join()
                _end(handle)
        if kind == DONE:
            return answer
        raise _refusal(kind, answer)

    def measures(self) -> frozenset[str]:
        """What confines the children on this machine; see `confinement`."""
        return self._running().measures

    def close(self) -> None:
        """Ends the process that bears the children, and with it every child."""
        with self._lock:
            if self._nursery is not None:
                self._nursery.close()
            self._nursery = None

    @contextmanager
    def _child(self) -> Iterator[tuple[socket.socket, int]]:
        """The wire to a child that waits for its job, and its handle. A nursery that is gone is made anew, once."""
        for attempt in range(2):
            nursery = self._running()
            ours, theirs = socket.socketpair()
            with ours:
                with theirs:
                    handle = nursery.ask(ours, theirs)
                if handle is not None:
                    try:
                        ours.settimeout(None)
                        yield ours, handle
                    finally:
                        os.close(handle)
                    return
            if attempt == 0:
                self._forget(nursery)
        raise SandboxDown("Files cannot be examined right now.", remedy="Try again in a moment.")

    def _running(self) -> _Nursery:
        with self._lock:
            if self._nursery is None:
                self._nursery = _Nursery(self._tasks, self.limits)
            return self._nursery

    def _forget(self, nursery: _Nursery) -> None:
        with self._lock:
            nursery.close()
            if self._nursery is nursery:
                self._nursery = None


class _Nursery:
    """The running process of `nursery`: asked over one socket, gone as soon as that is closed."""

    def __init__(self, tasks: Mapping[str, str], limits: Limits) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        told = json.dumps({"tasks": tasks, "limits": asdict(limits)})
        folder = tempfile.mkdtemp(prefix="gridgov-")
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 -- this interpreter, with a program of our own
                    [sys.executable, "-I", "-c", PROGRAM, str(ROOT), str(theirs.fileno()), told],
                    env={},
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,  # decoders print what a file tells them to
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                    umask=0o077,
                )
            self._control.settimeout(READY_S)
            with suppress(OSError):
                ready = json.loads(self._control.recv(4096) or b"{}")
                if isinstance(ready, list):
                    self.measures = frozenset(ready)
                    self._control.settimeout(FORK_S)
                    return
                log.error("the process that examines files does not start: %s", ready.get("failed", "it ended"))
        finally:
            os.rmdir(folder)  # the nursery's root goes on without a name, and nothing can be put into it
        self.close()
        raise SandboxDown("The process that examines files does not start.", remedy="The log says why.")

    def ask(self, ours: socket.socket, theirs: socket.socket) -> int | None:
        """The handle of a new child at the other end of `ours`; None when none was had."""
        try:
            socket.send_fds(self._control, [b"?"], [theirs.fileno()])
            theirs.close()
            ours.settimeout(FORK_S)
            _, handles, _, _ = socket.recv_fds(ours, 1, 1)
        except OSError:
            return None
        return handles[0] if handles else None

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(FORK_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _read(wire: socket.socket, length: int) -> bytes:
    buffer = bytearray(length)
    view = memoryview(buffer)
    while view:
        taken = wire.recv_into(view)
        if not taken:
            raise EOFError
        view = view[taken:]
    return bytes(buffer)


def _kill(handle: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)


def _end(handle: int) -> None:
    """It has answered or failed; no child outlives its file."""
    _kill(handle)
    over = select.poll()
    over.register(handle, select.POLLIN)
    over.poll(FORK_S * 1000)


def _refusal(kind: int, answer: bytes) -> BadInput:
    """What the child said is not trusted further than to be shown as text."""
    if kind == REFUSED:
        with suppress(ValueError, TypeError, KeyError):
            facts = json.loads(answer)
            told = {name: str(facts[name])[:400] if facts[name] is not None else None for name in ("field", "remedy")}
            refused = (FileTooLarge if facts["large"] else FileRefused)(str(facts["detail"])[:400], **told)
            refused.code = str(facts["code"])[:80]
            return refused
    why = "more memory than is allowed is needed to read it" if answer == b"memory" else "it cannot be read"
    return FileUnreadable(f"The file is refused: {why}.", field="file", remedy="Save it anew with another program.")
