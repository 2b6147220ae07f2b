"""What a stored picture holds beside its pixels: judged byte by byte, without the product's own code.

JPEG (ITU-T T.81), PNG (W3C, third edition) and WebP (RFC 9649): all bytes are given to a segment or chunk, and whatever
is not needed to decode the picture counts as left over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

JFIF = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
# SOI, DQT, SOF0, DHT, SOS, EOI; and JFIF, if it is the plain one.
JPEG_NEEDS = frozenset({0xD8, 0xDB, 0xC0, 0xC4, 0xDA, 0xD9})
PNG_NEEDS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"})
WEBP_NEEDS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})


def left_over(data: bytes) -> list[tuple[str, int]]:
    """(name, bytes) of everything that is not the picture itself."""
    if data.startswith(b"\xff\xd8"):
        return list(_jpeg(data))
    if data.startswith(b"\x89PNG"):
        return list(_png(data))
    if data.startswith(b"RIFF"):
        return list(_webp(data))
    return [("no picture", len(data))]


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, whole segment) of a JPEG in their order; 0 for coded data, -1 for what follows the end."""
    at = 0
    while at < len(data):
        if data[at] != 0xFF or at + 1 >= len(data):
            yield -1, data[at:]
            return
        marker = data[at + 1]
        length = 2 if marker in (0xD8, 0xD9) else 2 + struct.unpack_from(">H", data, at + 2)[0]
        yield marker, data[at : at + length]
        at += length
        if marker == 0xD9 and at < len(data):
            yield -1, data[at:]
            return
        if marker == 0xDA:
            end = at
            while not (data[end] == 0xFF and data[end + 1] != 0):
                end += 1
            yield 0, data[at:end]
            at = end


def _jpeg(data: bytes) -> Iterator[tuple[str, int]]:
    for marker, segment in segments(data):
        if marker == -1:
            yield "after the end", len(segment)
        elif marker not in JPEG_NEEDS and marker != 0 and segment != JFIF:
            yield f"segment {marker:02x}", len(segment)


def _png(data: bytes) -> Iterator[tuple[str, int]]:
    at = 8
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind not in PNG_NEEDS:
            yield f"chunk {kind!r}", 12 + length
        at += 12 + length
        if kind == b"IEND":
            break
    if at < len(data):
        yield "after the end", len(data) - at


def _webp(data: bytes) -> Iterator[tuple[str, int]]:
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    at = 12
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        if kind not in WEBP_NEEDS:
            yield f"chunk {kind!r}", 8 + length
        at += 8 + length + length % 2
    if end < len(data):
        yield "after the end", len(data) - end
