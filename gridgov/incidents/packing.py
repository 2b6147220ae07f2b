"""Columns as the bytes of a binary COPY.

Owns the form of rows on the wire (PostgreSQL, "COPY", Binary Format). Does not own which columns a table has. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
EPOCH_US = 946_684_800_000_000  # from 1970 to 2000, where PostgreSQL counts from
POINT = np.dtype([("head", "V9"), ("x", "<f8"), ("y", "<f8")])
POINT_4326 = b"\x01" + (0x20000001).to_bytes(4, "little") + (4326).to_bytes(4, "little")  # EWKB

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Fixed:
    """A column of one width: `values` as they go on the wire (big-endian); None of `missing`: nowhere null."""

    name: str
    values: NDArray[Any]
    missing: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Words:
    """A column of texts or bytes: row i holds `words[numbers[i]]`."""

    name: str
    words: Sequence[bytes]
    numbers: NDArray[np.int64]


def whole(name: str, values: NDArray[Any], width: int = 8) -> Fixed:
    """Whole numbers of 2, 4 or 8 bytes."""
    return Fixed(name, values.astype(f">i{width}"))


def reference(name: str, ids: NDArray[np.int64], width: int = 8) -> Fixed:
    """Ids, 0 for null."""
    return Fixed(name, ids.astype(f">i{width}"), ids == 0)


def real(name: str, values: NDArray[np.float64], width: int = 8) -> Fixed:
    """Floating-point numbers of 4 or 8 bytes."""
    return Fixed(name, values.astype(f">f{width}"))


def instant(name: str, since_1970_us: NDArray[np.int64]) -> Fixed:
    """Instants with their time zone, from microseconds since 1970 (UTC)."""
    return Fixed(name, (since_1970_us - EPOCH_US).astype(">i8"))


def point(name: str, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Fixed:
    """Points in EPSG:4326 as EWKB."""
    values = np.empty(len(lon), dtype=POINT)
    values["head"] = np.void(POINT_4326)
    values["x"], values["y"] = lon, lat
    return Fixed(name, values)


def packed(columns: Sequence[Fixed | Words]) -> Bytes:
    """The rows of columns of one length, in their order, without header and trailer."""
    n = len(columns[0].values if isinstance(columns[0], Fixed) else columns[0].numbers)
    fixed = [one for one in columns if isinstance(one, Fixed)]
    words = [one for one in columns if isinstance(one, Words)]
    width = np.array([one.values.dtype.itemsize for one in fixed], dtype=np.int64)
    start = np.concatenate([[0], np.cumsum(width)]).astype(np.int64)
    table = np.empty((n, int(start[-1])), dtype=np.uint8)
    missing = np.zeros((n, len(fixed)), dtype=np.bool_)
    for place, one in enumerate(fixed):
        flat = np.ascontiguousarray(one.values).view(np.uint8).reshape(n, int(width[place]))
        table[:, start[place] : start[place + 1]] = flat
        if one.missing is not None:
            missing[:, place] = one.missing
    pool, end, number = _pooled(words, n)
    kind = np.array([isinstance(one, Words) for one in columns], dtype=np.bool_)
    size = np.full(n, 2 + 4 * len(columns), dtype=np.int64)
    size += (~missing) @ width
    length = np.diff(end, prepend=0)
    for place in range(len(words)):
        size += length[number[:, place]]
    at = np.concatenate([[0], np.cumsum(size)])
    out = np.empty(int(at[-1]), dtype=np.uint8)
    write(out, at, kind, table, start, missing, pool, end, number)
    return out


def _pooled(columns: Sequence[Words], n: int) -> tuple[Bytes, NDArray[np.int64], NDArray[np.int64]]:
    """All words one after the other, where each ends, and the number of each row's word in each column."""
    pool = [word for one in columns for word in one.words]
    number = np.empty((n, len(columns)), dtype=np.int64)
    before = 0
    for place, one in enumerate(columns):
        number[:, place] = one.numbers + before
        before += len(one.words)
    end = np.cumsum([len(word) for word in pool], dtype=np.int64)
    return np.frombuffer(b"".join(pool), dtype=np.uint8), end, number


@kernel
def write(out: Any, at: Any, kind: Any, table: Any, start: Any, missing: Any, pool: Any, end: Any, number: Any) -> None:
    """Writes each row from its place `at`: fields as their length and their bytes, -1 for null."""
    for row in range(len(at) - 1):
        place = at[row]
        out[place] = len(kind) >> 8
        out[place + 1] = len(kind) & 255
        place += 2
        fixed, word = 0, 0
        for field in range(len(kind)):
            if kind[field]:
                which = number[row, word]
                begin = end[which - 1] if which > 0 else 0
                length = end[which] - begin
                word += 1
            else:
                begin = start[fixed]
                length = -1 if missing[row, fixed] else start[fixed + 1] - begin
                fixed += 1
            for byte in range(4):
                out[place + byte] = (length >> (24 - 8 * byte)) & 255
            place += 4
            if kind[field]:
                for byte in range(length):
                    out[place + byte] = pool[begin + byte]
            else:
                for byte in range(length):
                    out[place + byte] = table[row, begin + byte]
            if length > 0:
                place += length
