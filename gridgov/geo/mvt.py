"""Mapbox Vector Tiles of counts: one layer of points, each with one whole number.

Owns the bytes. Does not own what is counted, nor tiles of shapes (those come from the database).

Source: Mapbox Vector Tile Specification 2.1 (4.1 layers, 4.2 features, 4.3 geometry, 4.4 attributes) on Protocol
Buffers. A layer names each value once; features point to it, so that a tile of many small counts stays small.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel

EXTENT = 4096
MOST_BITS = 12  # cells a side: 2^12, one unit of the extent each
_SMALL = 1 << 18  # counts up to here are numbered without sorting
_FEATURE_BYTES = 18  # the most that a feature takes: numbers of values below 2^28, places below 2^14
_VALUE_BYTES = 13  # and a value

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]


def counts_tile(counts: Longs, *, layer: str = "incidents", key: str = "count") -> bytes:
    """The tile that shows each count in the middle of its cell; cells without any are left out, and so is an empty
    tile (b"").

    `counts`: int64[4^b] in Z-order (`geo.zorder`: the bits of column and row take turns), the square of 2^b x 2^b cells
    that the tile is cut into; b at most 12. Features come in that order. Raises ValueError for any other length.
    """
    bits = (len(counts).bit_length() - 1) // 2
    if len(counts) != 1 << 2 * bits or bits > MOST_BITS:
        raise ValueError(f"{len(counts)} counts are no square of cells")
    n, most = _looked_through(counts)
    if not n:
        return b""
    if most > _SMALL:
        values = np.unique(counts[counts > 0])
        numbers = np.zeros(0, dtype=np.int32)
    else:
        values, numbers = _numbered(counts, n, most)
    name, named = _sized(0x0A, layer.encode()), _sized(0x1A, key.encode())
    out = np.empty(len(name) + n * _FEATURE_BYTES + len(named) + len(values) * _VALUE_BYTES, dtype=np.uint8)
    size = _written(
        counts, values, numbers, bits, EXTENT, np.frombuffer(name, np.uint8), np.frombuffer(named, np.uint8), out
    )
    body = out[:size].tobytes() + b"\x28" + _varint(EXTENT) + b"\x78\x02"  # 15: version
    return b"".join((b"\x1a", _varint(len(body)), body))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _sized(tag: int, body: bytes) -> bytes:
    """A field of bytes that says how long it is."""
    return bytes((tag,)) + _varint(len(body)) + body


@kernel
def _looked_through(counts: Longs) -> tuple[int, int]:
    """(cells with any, the largest count)."""
    n = most = 0
    for i in range(len(counts)):
        n += int(counts[i] > 0)
        most = max(most, int(counts[i]))
    return n, most


@kernel
def _numbered(counts: Longs, n: int, most: int) -> tuple[Longs, NDArray[np.int32]]:
    """(each count once, rising; the number of each count that there is)."""
    numbers = np.zeros(most + 1, dtype=np.int32)
    for i in range(len(counts)):
        numbers[max(counts[i], 0)] = 1
    values, found = np.empty(min(n, most), dtype=np.int64), 0
    for value in range(1, most + 1):
        if numbers[value]:
            values[found], numbers[value] = value, found
            found += 1
    return values[:found], numbers


@kernel
def _put(out: Bytes, at: int, value: int) -> int:
    """Appends a whole number, seven bits a byte; where the next one begins."""
    while value > 127:
        out[at] = value & 127 | 128
        at += 1
        value >>= 7
    out[at] = value
    return at + 1


@kernel
def _length(value: int) -> int:
    """Bytes of a whole number."""
    n = 1
    while value > 127:
        value >>= 7
        n += 1
    return n


@kernel
def _every_second(bits: int) -> int:
    """Bits 0, 2, 4, … of 24, put together (Warren, Hacker's Delight, 7-2)."""
    bits &= 0x555555
    bits = (bits | bits >> 1) & 0x333333
    bits = (bits | bits >> 2) & 0x0F0F0F
    bits = (bits | bits >> 4) & 0xFF00FF
    return (bits | bits >> 8) & 0xFFF


@kernel
def _written(
    counts: Longs, values: Longs, numbers: NDArray[np.int32], bits: int, extent: int, name: Bytes, named: Bytes,
    out: Bytes,
) -> int:  # fmt: skip
    """The layer but for its end: its name, points in the middle of their cells with the number of their value, the name
    of the key, the values; the bytes written."""
    at = len(name)
    out[:at] = name
    side = extent >> bits
    half = side // 2
    for cell in range(len(counts)):
        if counts[cell] <= 0:
            continue
        count = counts[cell]
        number = np.int64(numbers[count]) if len(numbers) else np.int64(np.searchsorted(values, count))
        zx = 2 * (_every_second(cell) * side + half)  # zigzag of what is not negative
        zy = 2 * (_every_second(cell >> 1) * side + half)
        tags, shape = 1 + _length(number), 3 + int(zx > 127) + int(zy > 127)
        out[at], out[at + 1] = 0x12, 6 + tags + shape  # 2: a feature
        out[at + 2], out[at + 3], out[at + 4] = 0x12, tags, 0  # 2: tags; the only key
        at = _put(out, at + 5, number)
        out[at], out[at + 1] = 0x18, 1  # 3: a point
        out[at + 2], out[at + 3], out[at + 4] = 0x22, shape, 9  # 4: geometry, move to, once
        at = _put(out, at + 5, zx)
        at = _put(out, at, zy)
    out[at : at + len(named)] = named
    at += len(named)
    for value in values:
        out[at], out[at + 1], out[at + 2] = 0x22, 1 + _length(value), 0x28  # 4: a value; in it 5: uint_value
        at = _put(out, at + 3, value)
    return at
