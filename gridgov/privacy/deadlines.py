"""Spans of days, and when an answer is due: days of the city's calendar after the day on which somebody asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gridgov.platform.calendars import Calendar
from gridgov.platform.civil import civil, instant
from gridgov.platform.timelimits import DAY_US


@dataclass(frozen=True, slots=True)
class Limit:
    """A span in days under a name. `working`: only working days of the city's calendar count."""

    name: str
    days: int
    source: str
    working: bool = False


def due(asked: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The instant at which the last day of the limit ends in the city's zone; the day of asking does not count."""
    day = civil(asked, calendar.zone) // DAY_US
    if limit.working:
        last = calendar.nth_day(calendar.days_before(day + 1) + limit.days - 1) if limit.days else day
    else:
        last = day + limit.days
    return instant((last + 1) * DAY_US, calendar.zone)
