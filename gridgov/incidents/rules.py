"""What a report is and when it can be taken. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from gridgov.geo.crs import BadCoordinate, Datum, check_lonlat
from gridgov.platform.errors import BadInput

MAX_TEXT = 4_000
MAX_ADDRESS = 300
MAX_ACCURACY_M = 50_000.0
CLOCK_TOLERANCE = timedelta(minutes=10)
MAX_OUTSIDE_M = 50_000.0
EARLIEST_YEAR = 1949


class Channel(StrEnum):
    """How a report came in."""

    WORKER = "worker"
    HOTLINE = "hotline"
    MINI_PROGRAM = "mini-program"
    WINDOW = "window"
    VISIT = "visit"
    DEPUTY = "deputy"
    SENSOR = "sensor"
    IMPORT = "import"


class Status(StrEnum):
    """Where a report stands. Cases have finer states of their own."""

    OPEN = "open"
    CLOSED = "closed"
    VOID = "void"
    DUPLICATE = "duplicate"


class BadReport(BadInput):
    """The report cannot be taken as it is; `field` says which part."""

    code = "bad-report"


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who may be answered. Personal data; optional, sealed in the store, never listed.

    `notice_id`: the notice that was shown before they were asked; no part of what makes a repeat the same.
    """

    name: str | None = None
    phone: str | None = None
    notice_id: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was sent. `lon`, `lat` in degrees of `datum`; `id` is made by the client."""

    id: UUID
    category: str
    lon: float
    lat: float
    happened_at: datetime
    channel: Channel
    datum: Datum = Datum.WGS84
    accuracy_m: float | None = None
    text: str = ""
    address: str | None = None
    reporter: Reporter | None = None


def digest(report: Report) -> bytes:
    """SHA-256 of the report's meaning: what makes a repeat the same, whatever the order of its JSON."""
    facts: Mapping[str, Any] = {
        "category": report.category,
        "lon": report.lon,
        "lat": report.lat,
        "happened_at": report.happened_at.timestamp(),
        "channel": report.channel,
        "datum": report.datum,
        "accuracy_m": report.accuracy_m,
        "text": report.text,
        "address": report.address,
        "reporter": [report.reporter.name, report.reporter.phone] if report.reporter else None,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).digest()


def check(report: Report, now: datetime, bbox: tuple[float, float, float, float] | None = None) -> None:
    """Raises `BadReport` for what can never be right. `bbox` (west, south, east, north) shows swapped coordinates."""
    try:
        check_lonlat(report.lon, report.lat, bbox=bbox)
    except BadCoordinate as problem:
        raise BadReport(
            str(problem), field="point", remedy="Send lon and lat in degrees, lon first.", reason=problem.reason
        ) from None
    if report.happened_at > now + CLOCK_TOLERANCE:
        raise BadReport(
            "The time it happened lies in the future.", field="happened_at", remedy="Check the clock of the device."
        )
    if report.happened_at.year < EARLIEST_YEAR:
        raise BadReport(
            f"The time it happened lies before {EARLIEST_YEAR}.", field="happened_at", remedy="Check the date."
        )
    if report.accuracy_m is not None and not 0 <= report.accuracy_m <= MAX_ACCURACY_M:
        raise BadReport(
            f"An accuracy lies between 0 and {MAX_ACCURACY_M:.0f} m.",
            field="accuracy_m",
            remedy="Leave it out when it is unknown.",
        )
    if len(report.text) > MAX_TEXT:
        raise BadReport(
            f"The text has more than {MAX_TEXT} characters.", field="text", remedy="Shorten it; nothing was stored."
        )
    for field, text in (("text", report.text), ("address", report.address or "")):
        if "\x00" in text:
            raise BadReport("The text holds a NUL character.", field=field, remedy="Take it out.")


def check_distance(outside_m: float) -> None:
    """Raises `BadReport` for a point so far outside every area that nobody here can answer for it."""
    if outside_m > MAX_OUTSIDE_M:
        raise BadReport(
            f"The point lies {outside_m / 1000:,.0f} km outside the city.",
            field="point",
            remedy="Check the coordinates and their datum, or report it to the city where it happened.",
        )
