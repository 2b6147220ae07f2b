"""Segments on disk: one file a month, written once, then mapped by every process.

Owns the form of the file and what is wrong with one. Does not own which files are valid (`manifest`).

    0     magic, length of the head, checksum of the head (crc32)
    16    head: JSON with format, family, month, snapshot, origin, rows, columns (type and offset), length, checksum
    …     columns, each aligned to 64 bytes

A file is written under another name and renamed, so that it is there whole or not at all; what a failing machine
leaves of it nevertheless is found by its length and checksums. Removing a file that is mapped harms nobody.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store.columns import Family
from gridgov.analytics.store.snapshot import Snapshot
from gridgov.analytics.store.view import Segment

MAGIC, FORMAT = b"GGSEG001", 1
PREFIX = struct.Struct("<8sII")
ALIGNED = 64
ROOM_A_COLUMN = 64  # bytes of a column's name, type and offset in the head
PIECE = 1 << 24  # bytes that are summed at once
SYNCED = 1 << 20  # bytes from which on a file is brought to the disk before it counts; others are summed at opening
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Damaged(Exception):
    """A file that is cut short, of another form, or not as it was written. What it held is read anew."""


class Full(Exception):
    """The disk has no room for a file."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself. `columns`: name -> (type, offset); `length`: bytes of the whole file."""

    family: str
    month: int
    snapshot: str
    origin: str
    rows: int
    columns: Mapping[str, tuple[str, int]]
    length: int
    checksum: int
    begin: int


def write(
    path: Path, family: Family, month: int, columns: Mapping[str, NDArray[Any]], *, snapshot: Snapshot, origin: str
) -> None:
    """Writes a month's columns. Raises `Full`, leaving nothing behind."""
    rows = len(columns["at"])
    data = [np.ascontiguousarray(columns[name], dtype=dtype) for name, dtype in family.columns.items()]
    head: dict[str, Any] = {
        "format": FORMAT, "family": family.name, "month": month, "snapshot": str(snapshot), "origin": origin,
        "rows": rows, "columns": {}, "length": 0, "checksum": 0,
    }  # fmt: skip
    room = len(json.dumps(head)) + ROOM_A_COLUMN * (len(data) + 1)  # the head is filled up with blanks
    offset = begin = _aligned(PREFIX.size + room)
    checksum = 0
    for (name, dtype), array in zip(family.columns.items(), data, strict=True):
        head["columns"][name] = [dtype.str, offset]
        checksum = _summed(_bytes(array), checksum)
        offset = _aligned(offset + array.nbytes)
    head |= {"length": offset, "checksum": checksum}
    written = json.dumps(head).encode().ljust(begin - PREFIX.size)
    assert len(written) == begin - PREFIX.size
    temporary = path.with_suffix(".new")
    try:
        with open(temporary, "wb") as file:
            file.write(PREFIX.pack(MAGIC, len(written), zlib.crc32(written)) + written)
            for name, array in zip(family.columns, data, strict=True):
                file.seek(head["columns"][name][1])
                file.write(_bytes(array))
            file.truncate(offset)
            file.flush()
            if offset >= SYNCED:
                os.fsync(file.fileno())
        temporary.rename(path)
    except OSError as problem:
        temporary.unlink(missing_ok=True)
        if problem.errno in FULL:
            raise Full(str(problem)) from problem
        raise


def read(path: Path, family: Family, *, summed: bool) -> Segment:
    """The month of a file, mapped. `summed`: the columns are summed too, which reads all of it. Raises `Damaged`."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < PREFIX.size:
                raise Damaged(f"{path.name}: cut short")
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as problem:
        raise Damaged(f"{path.name}: {problem.strerror}") from problem
    head = _head(path, mapped, family)
    if head.length != size:
        raise Damaged(f"{path.name}: {size} bytes in place of {head.length}")
    columns = {
        name: np.frombuffer(mapped, dtype=np.dtype(code), count=head.rows, offset=offset)
        for name, (code, offset) in head.columns.items()
    }
    segment = Segment(head.month, columns, version=path.stem)
    if summed:
        check(path, segment, head.checksum)
    return segment


def is_small(path: Path) -> bool:
    """Whether a file is summed at opening, because it was not brought to the disk by force."""
    try:
        return path.stat().st_size < SYNCED
    except OSError:
        return True


def verify(path: Path, family: Family) -> None:
    """Raises `Damaged` unless the file is as it was written."""
    read(path, family, summed=True)


def check(path: Path, segment: Segment, checksum: int) -> None:
    """Raises `Damaged` unless the columns have this checksum."""
    found = 0
    for column in segment.columns.values():
        found = _summed(_bytes(column), found)
    if found != checksum:
        raise Damaged(f"{path.name}: not as it was written")


def _head(path: Path, mapped: mmap.mmap, family: Family) -> Head:
    magic, length, checksum = PREFIX.unpack_from(mapped, 0)
    if magic != MAGIC:
        raise Damaged(f"{path.name}: of another form")
    written = mapped[PREFIX.size : PREFIX.size + length]
    if len(written) < length or zlib.crc32(written) != checksum:
        raise Damaged(f"{path.name}: its head is not as it was written")
    found = json.loads(written)
    columns = {name: (code, int(offset)) for name, (code, offset) in found["columns"].items()}
    same = {name: dtype.str for name, dtype in family.columns.items()} == {n: c for n, (c, _) in columns.items()}
    if found["format"] != FORMAT or found["family"] != family.name or not same:
        raise Damaged(f"{path.name}: of another form")
    return Head(
        found["family"], int(found["month"]), found["snapshot"], found["origin"], int(found["rows"]), columns,
        int(found["length"]), int(found["checksum"]), PREFIX.size + length,
    )  # fmt: skip


def _bytes(column: NDArray[Any]) -> memoryview:
    return memoryview(column.view(np.uint8).data) if len(column) else memoryview(b"")


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNED) * ALIGNED


def _summed(data: memoryview, checksum: int) -> int:
    """Piece by piece: other threads go on meanwhile."""
    for start in range(0, len(data), PIECE):
        checksum = zlib.crc32(data[start : start + PIECE], checksum)
    return checksum
