"""What a process gives up for good before it reads a file from outside (Linux).

Owns the measures: an empty root, no network, no other processes in sight, the user nobody, limits of memory, time and
files, and a filter of system calls. Does not own which process is confined (`nursery`) nor what it does there.
What the machine does not allow (a plain container forbids namespaces) is left out and said; limits always hold, and
the filter, which needs no right at all, forbids files, network and programs of its own accord.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

NOBODY = 65534
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC = 0x10000000, 0x20000000, 0x40000000, 0x08000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
CAPABILITY_VERSION = 0x20080522
OWN_USER = frozenset({"nobody", "user namespace"})
M_ARENA_MAX = -8

# Name -> numbers on x86_64 and aarch64 (asm/unistd_64.h, asm-generic/unistd.h). Threads stay allowed: decoders use
# them. `tgkill` too: it is how a program aborts itself.
CALLS: dict[str, tuple[int | None, int | None]] = {
    "open": (2, None), "creat": (85, None), "openat": (257, 56), "openat2": (437, 437), "open_by_handle_at": (304, 265),
    "socket": (41, 198), "socketpair": (53, 199), "bind": (49, 200), "connect": (42, 203), "sendto": (44, 206),
    "sendmsg": (46, 211), "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "kill": (62, 129), "tkill": (200, 130), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "chroot": (161, 51),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
}  # fmt: skip
MACHINES = {"x86_64": (0, 0xC000003E, 56), "aarch64": (1, 0xC00000B7, 220)}  # column, AUDIT_ARCH, `clone`
CLONE3, CLONE_THREAD, X32 = 435, 0x10000, 0x40000000
KILL, ALLOW, ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
EPERM, ENOSYS = 1, 38
LOAD, JUMP_EQUAL, JUMP_ABOVE, JUMP_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. `memory_bytes` is address space, the interpreter's own included; `answer_bytes` the
    longest answer; `threads` bounds those of all children together, where they are a user of their own."""

    memory_bytes: int
    cpu_s: int
    wall_s: float
    answer_bytes: int
    descriptors: int = 32
    threads: int = 64


def leave_the_machine() -> list[str]:
    """New namespaces, as far as they are given: no network device, no other process to be seen. Names what was given.

    The caller has to fork: only its children are in the new namespace of processes.
    """
    wanted = CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC
    if os.geteuid() == 0 and _libc.unshare(wanted) == 0:
        return ["namespaces"]
    if _libc.unshare(CLONE_NEWUSER | wanted) == 0:
        return ["namespaces", "user namespace"]
    return []


def shut_in() -> list[str]:
    """The working folder becomes the root, rights are dropped. Names what succeeded."""
    done = []
    with suppress(PermissionError):
        os.chroot(".")
        os.chdir("/")
        done.append("empty root")
    if os.geteuid() == 0 and os.getuid() == 0:
        with suppress(PermissionError):
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            done.append("nobody")
    header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
    if _libc.capset(header, struct.pack("=6I", *(0,) * 6)) == 0:
        done.append("no capabilities")
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        done.append("no new privileges")
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # no child may look into another's memory
    return done


def one_arena() -> None:
    """Each thread's own arena would reserve 64 MB of address space that nobody uses."""
    _libc.mallopt(M_ARENA_MAX, 1)


def die_with_parent() -> None:
    """Of use only where the parent is a process of one thread: the kernel means the thread."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def limit(limits: Limits, measures: Collection[str]) -> None:
    """Sets the limits of this process; they cannot be raised again. Threads are counted by user: where the server's
    own count too, they are left to the filter."""
    own_user = not OWN_USER.isdisjoint(measures)
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_NPROC, limits.threads if own_user else resource.RLIM_INFINITY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = min((one for one in (most, hard) if one != resource.RLIM_INFINITY), default=resource.RLIM_INFINITY)
        resource.setrlimit(kind, (allowed, allowed))


def forgo_calls() -> list[str]:
    """From now on no file is opened, no socket made, no program or process started; tried, it fails with EPERM."""
    program = _filter(platform.machine())
    if program is None:
        return []
    buffer = ctypes.create_string_buffer(program)
    rules = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return ["calls"] if _libc.prctl(PR_SET_SECCOMP, 2, rules, 0, 0) == 0 else []


def _filter(machine: str) -> bytes | None:
    """The filter in classic BPF (seccomp(2)); None for a machine whose numbers are not known here."""
    if machine not in MACHINES:
        return None
    column, architecture, clone = MACHINES[machine]
    steps = [
        (LOAD, 0, 0, 4),
        (JUMP_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, 0),
        (JUMP_ABOVE, 0, 1, X32),  # the other numbering of x86_64; no call of aarch64 is so high
        (RETURN, 0, 0, KILL),
        (JUMP_EQUAL, 0, 1, CLONE3),  # its flags lie in memory; libc then takes `clone`
        (RETURN, 0, 0, ERRNO | ENOSYS),
        (JUMP_EQUAL, 0, 4, clone),
        (LOAD, 0, 0, 16),
        (JUMP_BITS, 0, 1, CLONE_THREAD),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, ERRNO | EPERM),
    ]
    for numbers in CALLS.values():
        number = numbers[column]
        if number is not None:
            steps += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | EPERM)]
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
