"""Counted time told off minute by minute: slow, and written from the words of the units alone.

Owns nothing of gridgov's arithmetic: it walks through instants, looks at the city's clock after each minute, and tells
off every minute of the clock that has now passed for the first time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
PER_UNIT = {"urgent_minute": 1, "urgent_hour": 60, "work_hour": 60, "work_day": 24 * 60, "natural_day": 24 * 60}


@dataclass(frozen=True)
class Oracle:
    """`special`: day -> whether it is worked, where that is not what its weekday says."""

    zone: ZoneInfo
    special: Mapping[date, bool] = field(default_factory=dict)
    hours: tuple[tuple[time, time], ...] = ((time(8), time(12)), (time(14), time(18)))

    def due(self, opened: datetime, amount: int, unit: str) -> datetime:
        left = amount * PER_UNIT[unit]
        for at, passed in self._walk(opened, unit):
            left -= passed
            if left <= 0:
                return at
        raise AssertionError("time does not end")

    def minutes(self, start: datetime, end: datetime, unit: str) -> int:
        """Counted minutes from start to end."""
        total = 0
        if start == end:
            return 0
        for at, passed in self._walk(start, unit):
            total += passed
            if at >= end:
                return total
        raise AssertionError("time does not end")

    def _walk(self, opened: datetime, unit: str) -> Iterator[tuple[datetime, int]]:
        """(instant, counted minutes that the minute before it brought)."""
        opened = opened.astimezone(UTC)
        at = opened - timedelta(hours=6)  # the clock may have been further before it was put back
        shown = self._clock(at)
        while True:
            at += MINUTE
            now, passed = max(self._clock(at - MINUTE) + MINUTE, self._clock(at)), 0
            while shown < now:
                passed += self._counts(shown, unit)
                shown += MINUTE
            if unit.startswith("urgent"):
                passed = 1
            if at > opened:
                yield at, passed

    def _clock(self, at: datetime) -> datetime:
        return at.astimezone(self.zone).replace(tzinfo=None)

    def _counts(self, minute: datetime, unit: str) -> bool:
        """Whether the minute of the clock that begins so counts."""
        if unit == "natural_day":
            return True
        day = minute.date()
        if not self.special.get(day, day.isoweekday() <= 5):
            return False
        return unit == "work_day" or any(
            a <= minute.time() and (minute.time() < b or b == time()) for a, b in self.hours
        )
