"""Where and when a photo says it was taken: the few EXIF fields that are kept, and kept sealed (CIPA DC-008).

Owns reading these fields, of a file nobody vouches for; run in a child of `sandbox`. Does not own keeping them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from PIL import Image

ORIENTATION, EXIF_IFD, GPS_IFD = 0x0112, 0x8769, 0x8825
TAKEN, TAKEN_ZONE = 0x9003, 0x9011
LAT_SIDE, LAT, LON_SIDE, LON, HEIGHT_SIDE, HEIGHT, GPS_TIME, GPS_DATUM, GPS_DATE, ERROR_M = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    18,
    29,
    31,
)
MOMENT = re.compile(r"\d{4}:\d{2}:\d{2} \d{2}:\d{2}:\d{2}")
ZONE = re.compile(r"[+-]\d{2}:\d{2}")
DATE = re.compile(r"\d{4}:\d{2}:\d{2}")
DATUM = re.compile(r"[A-Za-z0-9 ._-]{1,20}")

Facts = dict[str, float | str]


def orientation(exif: Image.Exif) -> int:
    """1 to 8; 1 where the field is absent or means nothing."""
    value = exif.get(ORIENTATION)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def origin(exif: Image.Exif) -> Facts:
    """`lat`, `lon` in degrees of `datum` (WGS-84 where none is named), `altitude_m`, `accuracy_m`, `taken` and its
    `zone`, `gps_time` (UTC); each only where the file holds a value that can be one."""
    found: Facts = {}
    for number, read in ((EXIF_IFD, _time), (GPS_IFD, _place)):
        with suppress(Exception):  # a field that cannot be read is a field that is not there
            found |= read(exif.get_ifd(number))
    return found


def _time(fields: Mapping[int, Any]) -> Facts:
    found: Facts = {}
    for name, number, form in (("taken", TAKEN, MOMENT), ("zone", TAKEN_ZONE, ZONE)):
        text = _text(fields.get(number))
        if form.fullmatch(text):
            found[name] = text
    return found


def _place(fields: Mapping[int, Any]) -> Facts:
    found: Facts = {}
    lat = _degrees(fields.get(LAT), _text(fields.get(LAT_SIDE)), "NS", 90)
    lon = _degrees(fields.get(LON), _text(fields.get(LON_SIDE)), "EW", 180)
    if lat is not None and lon is not None:
        found |= {"lat": lat, "lon": lon}
        datum = _text(fields.get(GPS_DATUM))
        if DATUM.fullmatch(datum):
            found["datum"] = datum
        for name, number in (("altitude_m", HEIGHT), ("accuracy_m", ERROR_M)):
            value = _number(fields.get(number))
            if value is not None and abs(value) < 100_000:
                below = name == "altitude_m" and fields.get(HEIGHT_SIDE) in (1, b"\x01")
                found[name] = -value if below else value
    date, clock = _text(fields.get(GPS_DATE)), fields.get(GPS_TIME)
    if DATE.fullmatch(date) and isinstance(clock, tuple) and len(clock) == 3:
        hour, minute, second = (_number(part) for part in clock)
        if None not in (hour, minute, second):
            found["gps_time"] = f"{date} {int(hour or 0):02d}:{int(minute or 0):02d}:{int(second or 0):02d}"[:19]
    return found


def _degrees(parts: object, side: str, sides: str, most: float) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != 3 or side not in sides or len(side) != 1:
        return None
    numbers = [_number(part) for part in parts]
    if None in numbers:
        return None
    degrees = sum(float(part or 0) / scale for part, scale in zip(numbers, (1, 60, 3600), strict=True))
    return (-degrees if side == sides[1] else degrees) if 0 <= degrees <= most else None


def _number(value: object) -> float | None:
    """A finite number; a rational whose denominator is 0 is none."""
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever the file holds; what is no number raises
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return round(number, 7) if math.isfinite(number) else None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", errors="replace")
    return value.split("\0")[0].strip() if isinstance(value, str) else ""
