"""Spans of days, and when an answer is due: days of the city's calendar after the day on which somebody asked. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Limit:
    """A span in days under a name. `working`: only Monday to Friday count, and the city's calendar."""

    name: str
    days: int
    source: str
    working: bool = False


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Monday to Friday, but for days that are free, and with weekend days that are worked (调休)."""

    free: Collection[date] = field(default_factory=frozenset)
    worked: Collection[date] = field(default_factory=frozenset)

    def counts(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < _SATURDAY and day not in self.free)


PLAIN = WorkingDays()


def due(asked: datetime, limit: Limit, zone: ZoneInfo, calendar: WorkingDays = PLAIN) -> datetime:
    """The instant at which the last day of the limit ends in the city's zone; the day of asking does not count."""
    day = asked.astimezone(zone).date()
    left = limit.days
    while left > 0:
        day += timedelta(days=1)
        left -= not limit.working or calendar.counts(day)
    return datetime.combine(day + timedelta(days=1), time(), zone)
