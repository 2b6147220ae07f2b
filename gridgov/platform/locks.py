"""Locks between processes: files under flock(2). The kernel lets one go when its holder dies, however it dies.

Owns taking, asking and giving up. Does not own what a lock means (`cluster`, `server`).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from gridgov.platform.errors import Refused


class HomeIsAnothers(Refused):
    code = "home-anothers"


def open_lock(path: Path) -> int:
    """A descriptor of the lock file, made if need be."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except PermissionError:
        raise HomeIsAnothers(
            f"“{path}” belongs to another user.",
            field="GRIDGOV_HOME",
            remedy="Run gridgov as that user, or choose another GRIDGOV_HOME.",
        ) from None


def take_shared(path: Path) -> int:
    """Joins the holders; waits while somebody holds the lock alone."""
    descriptor = open_lock(path)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def take_alone(path: Path) -> int:
    """Becomes the only holder; waits for all others."""
    descriptor = open_lock(path)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def let_go(descriptor: int) -> None:
    """Unlocks before closing: a forked child that inherited the descriptor must not hold on."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether anybody holds the lock. True for a moment also while another process asks the same."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def try_alone(path: Path) -> int | None:
    """Becomes the only holder, or None when there is another; does not wait."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
