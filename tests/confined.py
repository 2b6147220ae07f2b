"""What a decoder that was taken over would try: tasks for a sandbox, and, in a plain process, their controls.

Each returns what it got hold of; in a child of `gridgov.platform.sandbox` none may get that far.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import struct
import time
from pathlib import Path

from gridgov.platform import pixels
from gridgov.platform.errors import BadInput, TooLarge
from gridgov.platform.images import HEAD

warm_up = pixels.warm_up
_seen: list[bytes] = []


class Odd(BadInput):
    code = "odd"


class Big(TooLarge):
    code = "big"


def echo(data: bytes) -> bytes:
    return data


def remember(data: bytes) -> bytes:
    """What earlier runs left: nothing, when each has a child of its own."""
    _seen.append(data)
    return b" ".join(_seen)


def refuse(data: bytes) -> bytes:
    if data == b"big":
        raise Big("The file is big.", field="file", remedy="Send a small one.")
    raise Odd("The file is odd.", field="file", remedy="Send an even one.")


def read_file(data: bytes) -> bytes:
    """A file of the machine, by its path."""
    return Path(os.fsdecode(data)).read_bytes()


def list_root(data: bytes) -> bytes:
    return ",".join(sorted(os.listdir("/"))).encode()


def write_file(data: bytes) -> bytes:
    Path(os.fsdecode(data)).write_bytes(b"written")
    return b"written"


def connect(data: bytes) -> bytes:
    """To a port of this machine."""
    with socket.create_connection(("127.0.0.1", int(data)), timeout=5) as wire:
        return wire.recv(100)


def fork(data: bytes) -> bytes:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return b"forked"


def run_program(data: bytes) -> bytes:
    return str(os.spawnv(os.P_WAIT, "/bin/true", ["true"])).encode()


def kill(data: bytes) -> bytes:
    os.kill(int(data), signal.SIGKILL)
    return b"killed"


def environment(data: bytes) -> bytes:
    return ",".join(sorted(os.environ)).encode()


def descriptors(data: bytes) -> bytes:
    """Those that are open, beside the three of every process."""
    found = []
    for number in range(3, 64):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(str(number))
    return ",".join(found).encode()


def memory(data: bytes) -> bytes:
    return str(len(bytearray(int(data)))).encode()


def endless(data: bytes) -> bytes:
    while True:
        pass


def asleep(data: bytes) -> bytes:
    time.sleep(3600)
    return b"woke"


def crash(data: bytes) -> bytes:
    if data == b"abort":
        os.abort()
    if data == b"exit":
        os._exit(0)
    ctypes.memset(8, 0, 1)  # an address that nothing has
    return b"no crash"


def fail(data: bytes) -> bytes:
    raise OSError("the decoder says something about /etc/passwd")


def long_answer(data: bytes) -> bytes:
    return bytes(int(data))


def out_of_turn(data: bytes) -> bytes:
    """Speaks on every wire there is before its answer."""
    for number in range(3, 64):
        try:
            os.write(number, struct.pack("<BQ", 0, int(data)))
        except OSError:
            continue
    return b"answer"


def as_it_came(data: bytes) -> bytes:
    """A decoder that gives back the file itself as the picture it made."""
    facts = b'{"format": "jpeg", "width": 96, "height": 64, "origin": {}}'
    return HEAD.pack(len(facts), len(data)) + facts + data + data
