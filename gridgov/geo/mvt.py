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
_FEATURE_BYTES = 32  # more than any feature here takes

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
    cells = np.flatnonzero(counts > 0)
    if not len(cells):
        return b""
    values, numbers = _numbered(counts[cells])
    features = np.empty(len(cells) * _FEATURE_BYTES, dtype=np.uint8)
    size = _features(cells, numbers, bits, EXTENT, features)
    told = b"".join(_sized(0x22, b"\x28" + _varint(int(value))) for value in values)  # 4: values; in it 5: uint_value
    body = (
        _sized(0x0A, layer.encode())
        + features[:size].tobytes()
        + _sized(0x1A, key.encode())
        + told
        + b"\x28" + _varint(EXTENT)
        + b"\x78\x02"  # 15: version
    )  # fmt: skip
    return _sized(0x1A, body)


def _numbered(counts: Longs) -> tuple[Longs, Longs]:
    """(each count once, rising; for each cell the number of its count)."""
    most = int(counts.max())
    if most > _SMALL:
        values, numbers = np.unique(counts, return_inverse=True)
        return values, numbers.astype(np.int64)
    seen = np.zeros(most + 1, dtype=np.int64)
    seen[counts] = 1
    values = np.flatnonzero(seen)
    seen[values] = np.arange(len(values))
    return values, seen[counts]


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
def _features(cells: Longs, numbers: Longs, bits: int, extent: int, out: Bytes) -> int:
    """Points in the middle of their cells, with the number of their value; the bytes written."""
    at = 0
    side = extent >> bits
    for i in range(len(cells)):
        x = y = 0
        for bit in range(bits):
            x |= (cells[i] >> 2 * bit & 1) << bit
            y |= (cells[i] >> (2 * bit + 1) & 1) << bit
        zx, zy = 2 * (x * side + side // 2), 2 * (y * side + side // 2)  # zigzag of what is not negative
        tags, shape = 1 + _length(numbers[i]), 1 + _length(zx) + _length(zy)
        out[at] = 0x12  # 2: a feature
        at = _put(out, at + 1, 2 + tags + 2 + 2 + shape)
        out[at] = 0x12  # 2: tags
        at = _put(out, at + 1, tags)
        out[at] = 0  # the only key
        at = _put(out, at + 1, numbers[i])
        out[at], out[at + 1] = 0x18, 1  # 3: a point
        out[at + 2], out[at + 3], out[at + 4] = 0x22, shape, 9  # 4: geometry, move to, once
        at = _put(out, at + 5, zx)
        at = _put(out, at, zy)
    return at
