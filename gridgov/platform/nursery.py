"""The process that bears a child for every file from outside; run by `sandbox`, never imported by it.

Owns the order: namespaces, the tasks' modules, the empty root, and then one fork a file. It reads no file itself, so
that every child begins clean. Does not own the measures (`confinement`), the tasks, nor the clock (`sandbox` kills).
What goes over the wires: `sandbox` sends one end of a pair of sockets; it gets the child's handle (a pidfd) on it, then
speaks with the child itself: name and data one way, one answer the other.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from gridgov.platform import confinement
from gridgov.platform.confinement import Limits
from gridgov.platform.errors import GridgovError, TooLarge

Task = Callable[[bytes], bytes]
HEAD = struct.Struct("<BQ")  # of an answer: its kind, its length
JOB = struct.Struct("<HQ")  # of a job: lengths of the task's name and of its data
DONE, REFUSED, FAILED = 0, 1, 2


def main(control_fd: int, said: str) -> None:
    """Serves until `sandbox` closes its end. `said`: JSON of the tasks (name -> "module:function") and the limits."""
    with socket.socket(fileno=control_fd) as control:
        try:
            tasks, limits, measures = _prepared(json.loads(said))
        except Exception as problem:  # it has no other way to say so
            control.send(json.dumps({"failed": f"{type(problem).__name__}: {problem}"[:1000]}).encode())
            return
        control.send(json.dumps(measures).encode())
        while _bear(control, tasks, limits, measures):
            pass


def _prepared(told: Mapping[str, Any]) -> tuple[dict[str, Task], Limits, list[str]]:
    """All that is done before there is a file: the tasks, the limits, and the measures that this machine allows."""
    limits = Limits(**told["limits"])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children leave nothing to wait for
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")  # where memory runs out, these go before the server and the database
    measures = confinement.leave_the_machine()
    if measures:
        _stay_outside()
    confinement.die_with_parent()
    confinement.one_arena()
    tasks = {name: _found(place) for name, place in told["tasks"].items()}
    measures += confinement.shut_in()
    confinement.die_with_parent()  # giving up rights has undone it
    gc.collect()
    gc.freeze()
    return tasks, limits, measures + _tried(limits, measures)


def _stay_outside() -> None:
    """The child goes on, in the new namespace of processes; the parent lives as long, and takes nothing up."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    inner = os.fork()
    if inner:
        os.waitpid(inner, 0)
        os._exit(0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def _found(place: str) -> Task:
    """The function; a module that has something to read from disk before the root is empty has a `warm_up`."""
    module_name, _, function = place.partition(":")
    module = importlib.import_module(module_name)
    if hasattr(module, "warm_up"):
        module.warm_up()
    task: Task = getattr(module, function)
    return task


def _tried(limits: Limits, measures: list[str]) -> list[str]:
    """What a child can take upon itself, tried in one."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        confinement.limit(limits, measures)
        os.write(writing, json.dumps(["limits", *confinement.forgo_calls()]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        taken: list[str] = json.loads(pipe.read() or b"[]")
    return taken


def _bear(control: socket.socket, tasks: Mapping[str, Task], limits: Limits, measures: list[str]) -> bool:
    """One child; False when nobody is there any more."""
    message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
    if not message:
        return False
    with socket.socket(fileno=descriptors[0]) as wire, suppress(OSError):  # whoever asked may be gone
        try:
            child = os.fork()
        except OSError:
            return True  # an end without a handle says it
        if child == 0:
            control.close()
            confinement.die_with_parent()
            _work(wire, tasks, limits, measures)
        handle = os.pidfd_open(child)
        socket.send_fds(wire, [b"+"], [handle])
        os.close(handle)
    return True


def _work(wire: socket.socket, tasks: Mapping[str, Task], limits: Limits, measures: list[str]) -> None:
    """The child's whole life; does not return."""
    try:
        confinement.limit(limits, measures)
        confinement.forgo_calls()
        wire_fd = wire.fileno()
        name_bytes, data_bytes = JOB.unpack(_read(wire_fd, JOB.size))
        name = _read(wire_fd, name_bytes).decode()
        kind, answer = _answered(tasks[name], _read(wire_fd, data_bytes))
        _write(wire_fd, HEAD.pack(kind, len(answer)))
        _write(wire_fd, answer)
    finally:
        os._exit(0)


def _answered(task: Task, data: bytes) -> tuple[int, bytes]:
    try:
        return DONE, task(data)
    except GridgovError as problem:
        facts = {"detail": problem.detail, "field": problem.field, "remedy": problem.remedy, "code": problem.code}
        return REFUSED, json.dumps(facts | {"large": isinstance(problem, TooLarge)}).encode()
    except MemoryError:
        return FAILED, b"memory"
    except BaseException as problem:  # whatever a decoder raises is the file's fault, and no more is told
        return FAILED, type(problem).__name__.encode()


def _read(descriptor: int, length: int) -> bytes:
    buffer = bytearray(length)
    view = memoryview(buffer)
    while view:
        taken = os.readv(descriptor, [view])
        if not taken:
            raise EOFError
        view = view[taken:]
    return bytes(buffer)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
