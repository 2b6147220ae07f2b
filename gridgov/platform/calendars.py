"""Working calendars: how long counted time lasts, in the units of limits. Pure.

Owns `Calendar` and the arithmetic of counted time. Does not own how limits are written (`timelimits`), which days are
free (`days`), nor the clock of the city (`civil`).

One line of thought carries all of it. The city's clock shows civil time; it never goes back (an hour that the clocks
repeat in autumn stands still the second time, one that they leap over in spring passes in an instant). Each unit maps
civil time to counted time, an integer of microseconds that never falls:

    urgent_minute, urgent_hour   all time that passes, by any clock
    natural_day   civil days: the same clock time n days later
    work_day      civil days, working ones alone: the same clock time n working days later
    work_hour     the working hours of working days

`advance` goes to the first instant at which so much more is counted; what starts outside counted time starts with the
next. All is exact, and costs O(log n) in the number of days that differ from a plain week, however long the limit.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from gridgov.platform.civil import TICK, civil, instant, utc
from gridgov.platform.errors import BadInput
from gridgov.platform.timelimits import ALL_TIME, DAY_US, UNIT_US, BadLimit, Limit, Unit

# Whoever counts needs limits too.
__all__ = [
    "HOURS", "BadCalendar", "BadLimit", "Calendar", "Hours", "Limit", "Spans", "Unit", "advance", "advance_us", "due",
    "elapsed", "elapsed_us", "length",
]  # fmt: skip

_SATURDAY = 5

Hours = tuple[tuple[time, time], ...]
Spans = tuple[tuple[int, int], ...]  # of a day, in microseconds since its midnight


class BadCalendar(BadInput):
    """Working hours that no day can have, or a day that is free and worked."""

    code = "bad-calendar"


HOURS: Hours = ((time(8), time(12)), (time(14), time(18)))


@dataclass(frozen=True)
class Calendar:
    """Which days of a city are worked, and when in the day.

    Monday to Friday, but for `free` days, and with `worked` ones (调休). `hours`: from and to, in order; midnight as an
    end is the end of the day. `years`: those for which free and worked days are known; in any other only Saturday and
    Sunday are taken as free, and `knows` says so. Raises `BadCalendar`.
    """

    zone: ZoneInfo
    free: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    hours: Hours = HOURS
    years: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if both := self.free & self.worked:
            raise BadCalendar(f"{min(both)} is both free and worked.", field="day", remedy="Decide for one.")
        ends = [point for span in self.spans for point in span]
        if not ends or any(late <= early for early, late in pairwise(ends)):
            raise BadCalendar(
                "Working hours must follow each other within a day.",
                field="hours",
                remedy="Write them like 08:00-12:00 14:00-18:00.",
            )

    def is_working(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < _SATURDAY and day not in self.free)

    def knows(self, day: date) -> bool:
        """Whether free and worked days are known for the year of this day."""
        return day.year in self.years

    @property
    def known_until(self) -> date | None:
        """The last day for which free and worked days are known; None when they never were."""
        return date(max(self.years), 12, 31) if self.years else None

    @cached_property
    def spans(self) -> Spans:
        """The working hours in microseconds since midnight; with a wholly worked day one span."""
        return tuple((_of_day(start), _of_day(end) or DAY_US) for start, end in self.hours)

    def spans_of(self, unit: Unit) -> Spans:
        """What of a working day counts; only for the units of work."""
        return self.spans if unit is Unit.WORK_HOUR else ((0, DAY_US),)

    @cached_property
    def exceptions(self) -> list[int]:
        """Days (since 0001-01-01, a Monday) on which this is not a plain week, in order."""
        differing = [day for day in self.free if day.weekday() < _SATURDAY]
        differing += [day for day in self.worked if day.weekday() >= _SATURDAY]
        return sorted(day.toordinal() - 1 for day in differing)

    @cached_property
    def shifts(self) -> list[int]:
        """By how much the first i exceptions change the number of working days; one longer than `exceptions`."""
        return [0, *accumulate(1 if day % 7 >= _SATURDAY else -1 for day in self.exceptions)]

    @cached_property
    def worked_to(self) -> list[int]:
        """Working days up to and with each exception."""
        return [plain_before(day + 1) + shift for day, shift in zip(self.exceptions, self.shifts[1:], strict=True)]

    def days_before(self, day: int) -> int:
        """How many working days lie before the day, since 0001-01-01."""
        return plain_before(day) + self.shifts[bisect_left(self.exceptions, day)]

    def nth_day(self, n: int) -> int:
        """The working day before which n working days lie."""
        passed = bisect_right(self.worked_to, n)
        left = n - self.shifts[passed]
        if passed < len(self.exceptions):
            ahead = self.exceptions[passed]
            if ahead % 7 >= _SATURDAY and plain_before(ahead) == left:
                return ahead
        return left // 5 * 7 + left % 5


def plain_before(day: int) -> int:
    """Mondays to Fridays before a day that is counted from a Monday."""
    return day // 7 * 5 + min(day % 7, 5)


def due(opened: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The instant at which the limit is used up, in UTC."""
    return advance_us(opened, limit.counted_us, limit.unit, calendar)


def advance(at: datetime, amount: float, unit: Unit, calendar: Calendar) -> datetime:
    """The first instant at which `amount` more is counted, in UTC to the microsecond; `at` itself for nothing.

    Raises `BadLimit` for less than nothing, and beyond the year 9999; ValueError when `at` names no zone.
    """
    return advance_us(at, round(amount * UNIT_US[unit]), unit, calendar)


def elapsed(start: datetime, end: datetime, unit: Unit, calendar: Calendar) -> float:
    """Counted time between two instants, in units; negative when the end comes first."""
    return elapsed_us(start, end, unit, calendar) / UNIT_US[unit]


def elapsed_us(start: datetime, end: datetime, unit: Unit, calendar: Calendar) -> int:
    """The same in microseconds of counted time, exactly; a working day has 24 hours of them."""
    if unit in ALL_TIME:
        return (utc(end) - utc(start)) // TICK
    return _counted(civil(end, calendar.zone), unit, calendar) - _counted(civil(start, calendar.zone), unit, calendar)


def advance_us(at: datetime, counted_us: int, unit: Unit, calendar: Calendar) -> datetime:
    """`advance` in microseconds of counted time, exactly."""
    if counted_us < 0:
        raise BadLimit("Time is counted forwards.", field="limit", remedy="Give a limit above zero.")
    if counted_us == 0:
        return utc(at)
    try:
        if unit in ALL_TIME:
            return utc(at) + timedelta(microseconds=counted_us)
        counted = _counted(civil(at, calendar.zone), unit, calendar) + counted_us
        return instant(_reached(counted, unit, calendar), calendar.zone)
    except OverflowError as error:
        raise BadLimit("The limit ends after the year 9999.", field="limit", remedy="Give a shorter one.") from error


def _counted(civil_us: int, unit: Unit, calendar: Calendar) -> int:
    if unit is Unit.NATURAL_DAY:
        return civil_us
    day, of_day = divmod(civil_us, DAY_US)
    spans = calendar.spans_of(unit)
    whole = calendar.days_before(day) * length(spans)
    if calendar.days_before(day + 1) == calendar.days_before(day):
        return whole
    return whole + sum(max(0, min(of_day, end) - start) for start, end in spans)


def _reached(counted: int, unit: Unit, calendar: Calendar) -> int:
    """The first civil time at which so much is counted."""
    if unit is Unit.NATURAL_DAY:
        return counted
    spans = calendar.spans_of(unit)
    days, left = divmod(counted - 1, length(spans))  # what a day ends with belongs to that day, not to the next
    left += 1
    midnight = calendar.nth_day(days) * DAY_US
    for start, end in spans:
        if left <= end - start:
            return midnight + start + left
        left -= end - start
    raise AssertionError("a day is as long as its spans")


def length(spans: Spans) -> int:
    return sum(end - start for start, end in spans)


def _of_day(moment: time) -> int:
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000_000 + moment.microsecond
