"""EXIF blocks: TIFF 6.0 fields written by hand, so that they can also be wrong."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
Value = bytes | int | Sequence[tuple[int, int]]
Fields = Mapping[int, tuple[int, Value]]

EXIF_IFD, GPS_IFD, THUMBNAIL_AT, THUMBNAIL_BYTES = 0x8769, 0x8825, 0x0201, 0x0202


def block(main: Fields, *, exif: Fields | None = None, gps: Fields | None = None, thumbnail: bytes = b"") -> bytes:
    """Little-endian; main directory, EXIF and GPS directories, and a thumbnail in a second one."""
    out = bytearray(b"II*\0\x08\0\0\0")
    main = dict(main)
    if exif:
        main[EXIF_IFD] = (LONG, 0)
    if gps:
        main[GPS_IFD] = (LONG, 0)
    places = _directory(out, main)
    for tag, fields in ((EXIF_IFD, exif), (GPS_IFD, gps)):
        if fields:
            struct.pack_into("<I", out, places[tag], len(out))
            _directory(out, fields)
    if thumbnail:
        struct.pack_into("<I", out, places[0], len(out))
        second = _directory(out, {0x0103: (SHORT, 6), THUMBNAIL_AT: (LONG, 0), THUMBNAIL_BYTES: (LONG, len(thumbnail))})
        struct.pack_into("<I", out, second[THUMBNAIL_AT], len(out))
        out += thumbnail
    return bytes(out)


def degrees(value: float) -> list[tuple[int, int]]:
    """Degrees, minutes, seconds to a hundredth."""
    whole = round(abs(value) * 360_000)
    return [(whole // 360_000, 1), (whole // 6_000 % 60, 1), (whole % 6_000, 100)]


def gps_fields(lon: float, lat: float, *, time: str = "2025:11:20") -> dict[int, tuple[int, Value]]:
    """What a phone writes."""
    return {
        0: (BYTE, b"\x02\x03\0\0"),
        1: (ASCII, b"N\0" if lat >= 0 else b"S\0"),
        2: (RATIONAL, degrees(lat)),
        3: (ASCII, b"E\0" if lon >= 0 else b"W\0"),
        4: (RATIONAL, degrees(lon)),
        6: (RATIONAL, [(3125, 100)]),
        7: (RATIONAL, [(0, 1), (14, 1), (50, 1)]),
        18: (ASCII, b"WGS-84\0"),
        29: (ASCII, time.encode() + b"\0"),
        31: (RATIONAL, [(48, 10)]),
    }


def _directory(out: bytearray, fields: Fields) -> dict[int, int]:
    """Appends a directory and its long values; where each tag's value lies, and under 0 the link to the next one."""
    start = len(out)
    out += bytes(2 + 12 * len(fields) + 4)
    struct.pack_into("<H", out, start, len(fields))
    places = {0: start + 2 + 12 * len(fields)}
    for place, (tag, (kind, value)) in enumerate(sorted(fields.items())):
        at = start + 2 + 12 * place
        raw, count = _raw(kind, value)
        struct.pack_into("<HHI", out, at, tag, kind, count)
        places[tag] = at + 8
        if len(raw) <= 4:
            out[at + 8 : at + 8 + len(raw)] = raw
        else:
            struct.pack_into("<I", out, at + 8, len(out))
            out += raw + bytes(len(raw) % 2)
    return places


def _raw(kind: int, value: Value) -> tuple[bytes, int]:
    if isinstance(value, bytes):
        return value, len(value)
    if isinstance(value, int):
        return (struct.pack("<H", value) if kind == SHORT else struct.pack("<I", value)), 1
    return b"".join(struct.pack("<II", *pair) for pair in value), len(value)
