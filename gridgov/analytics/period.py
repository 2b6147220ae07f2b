"""Periods of time: from inclusive, to exclusive, either end open. Pure.

Owns how a period is written, and how it falls into days, weeks and months of the city's zone. Does not read the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from gridgov.platform.errors import BadInput

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
REMEDY = "Use a date such as 2026-03-01 (in the city's time zone) or an instant such as 2026-03-01T08:00:00+08:00."


class BadPeriod(BadInput):
    """The period cannot be read, or ends before it begins."""

    code = "bad-period"


@dataclass(frozen=True, slots=True)
class Period:
    """Aware instants; `begin` inclusive, `end` exclusive; None leaves that end open."""

    begin: datetime | None = None
    end: datetime | None = None


class Step(StrEnum):
    """What a period is cut into; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def parse_period(begin: str | None, end: str | None, zone: ZoneInfo) -> Period:
    """Reads both ends: dates (midnight in `zone`) or ISO instants. Raises `BadPeriod` with field `from` or `to`."""
    period = Period(_instant(begin, "from", zone), _instant(end, "to", zone))
    if period.begin is not None and period.end is not None and period.begin >= period.end:
        raise BadPeriod("The period ends before it begins.", field="to", remedy="Give an end after the beginning.")
    return period


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an instant in the city's zone."""
    return moment.astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins in the city's zone."""
    return datetime.combine(day, time(), zone)


def step_for(days: int) -> Step:
    """How finely a period is cut so that a reader can step through it: up to 14 days, up to 30 weeks, then months."""
    if days <= 14:
        return Step.DAY
    return Step.WEEK if days <= 210 else Step.MONTH


def step_start(day: date, step: Step) -> date:
    """The first day of the day's step."""
    if step is Step.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step is Step.MONTH else day


def next_step(start: date, step: Step) -> date:
    """The first day of the step after the one that begins on `start`."""
    if step is Step.MONTH:
        return date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return start + timedelta(days=7 if step is Step.WEEK else 1)


def steps(first: date, last: date, step: Step) -> Iterator[date]:
    """First days of every step from the one that holds `first` to the one that holds `last`."""
    start = step_start(first, step)
    while start <= last:
        yield start
        start = next_step(start, step)


def _instant(written: str | None, field: str, zone: ZoneInfo) -> datetime | None:
    if written is None or not written.strip():
        return None
    text = written.strip()
    if "T" in text:
        text = text.replace(" ", "+")  # a “+” that was not escaped arrives as a blank
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadPeriod(f"“{written}” is neither a date nor an instant.", field=field, remedy=REMEDY) from None
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise BadPeriod(
            f"“{written}” lies outside the years {EARLIEST_YEAR} to {LATEST_YEAR}.", field=field, remedy=REMEDY
        )
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
