"""The keys of an installation: where they lie, how they are written, how one is added and one taken away.

Owns the key file. Does not own what is done with a key (`crypto`) nor where its bytes come from.

    one key     32 bytes, as the first version wrote it; or, in `GRIDGOV_KEY`, their base64: key number 1
    several     lines (in `GRIDGOV_KEY` also commas) of <number>:<base64>, numbers 1 to 255; the highest one seals,
                all of them open
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from gridgov.platform.errors import Conflict, NotFound, Unavailable
from gridgov.platform.locks import let_go, take_alone

KEY_BYTES = 32
MOST = 255  # a key's number is one byte
VARIABLE = "GRIDGOV_KEY"
Ring = Mapping[int, bytes]


class KeysFromOutside(Conflict):
    """The keys come from the environment; the file is not looked at."""

    code = "keys-from-outside"


class KeyUnknown(NotFound):
    """No key of this number."""

    code = "key-unknown"


class KeyInUse(Conflict):
    """The key seals or still has fields that only it opens."""

    code = "key-in-use"


def read(home: Path, fresh: bytes | None) -> Ring:
    """The keys: those of `GRIDGOV_KEY`, else of `home/key` (mode 0600), made at first use from `fresh` if there is one.

    Raises `Unavailable` when either holds no key.
    """
    given = os.environ.get(VARIABLE)
    if given:
        ring = _parsed(given) or _single(given)
        if ring is None:
            raise Unavailable(
                "is not a base64 text of 32 bytes, nor a list of such texts with their numbers.",
                field=VARIABLE,
                remedy="Make one with: openssl rand -base64 32",
            )
        return ring
    path = home / "key"
    if fresh is not None and not path.exists():
        write_first(path, fresh)
    held = path.read_bytes() if path.exists() else b""
    found = {1: held} if len(held) == KEY_BYTES else _parsed(held.decode("ascii", "replace"))
    if found is None:
        raise Unavailable(
            f"“{path}” holds no key of {KEY_BYTES} bytes.",
            remedy="Put it back from a copy; without it the sealed fields cannot be opened.",
        )
    return found


def stamp(home: Path) -> tuple[int, int, int] | None:
    """Changes when the key file does; None where the keys come from outside, or there is no file."""
    if os.environ.get(VARIABLE):
        return None
    try:
        found = os.stat(home / "key")
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def add(home: Path, fresh: bytes) -> int:
    """A new key, which seals from now on; the others still open. Its number.

    Raises `KeysFromOutside`, `Unavailable`, and `Conflict` when there are 255.
    """
    with _alone(home):
        ring = read(home, None)
        number = max(ring) + 1
        if number > MOST:
            raise Conflict(f"There is no number left for a key: they go up to {MOST}.")
        _replace(home / "key", {**ring, number: fresh})
    return number


def drop(home: Path, number: int) -> None:
    """Takes a key away for good. Raises `KeysFromOutside`, `KeyUnknown`, and `KeyInUse` for the newest."""
    with _alone(home):
        ring = read(home, None)
        if number not in ring:
            raise KeyUnknown(f"There is no key {number}.", field="key", remedy="See “gridgov privacy keys”.")
        if number == max(ring):
            raise KeyInUse(f"Key {number} is the one that seals.", field="key", remedy="Add another first.")
        _replace(home / "key", {n: key for n, key in ring.items() if n != number})


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One change of the key file at a time."""
    if os.environ.get(VARIABLE):
        raise KeysFromOutside(
            "The keys come from the environment.", field=VARIABLE, remedy="Change them where the variable is set."
        )
    descriptor = take_alone(home / "key.lock")
    try:
        yield
    finally:
        let_go(descriptor)


def _single(text: str) -> Ring | None:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return {1: key} if len(key) == KEY_BYTES else None


def _parsed(text: str) -> Ring | None:
    """Lines of <number>:<base64>; None for anything else, also for a number that comes twice."""
    ring: dict[int, bytes] = {}
    lines = [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]
    for line in lines:
        number, _, written = line.partition(":")
        one = _single(written)
        if one is None or not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= MOST:
            return None
        ring[int(number)] = one[1]
    return ring if ring and len(ring) == len(lines) else None


def write_first(path: Path, fresh: bytes) -> None:
    """Written apart, then linked: whoever sees the file sees all of it, and of two that make one the first wins."""
    draft = _draft(path, fresh)
    with suppress(FileExistsError):
        os.link(draft, path)
    os.unlink(draft)


def _replace(path: Path, ring: Ring) -> None:
    """The whole file at once, or not at all."""
    lines = [f"{number}:{base64.b64encode(key).decode()}\n" for number, key in sorted(ring.items())]
    draft = _draft(path, "".join(lines).encode())
    os.replace(draft, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _draft(path: Path, content: bytes) -> str:
    handle, draft = tempfile.mkstemp(prefix="key-", dir=path.parent)  # mode 0600
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft
