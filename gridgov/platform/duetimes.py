"""Due times of many at once: the arithmetic of `calendars` over arrays. Pure.

Owns no rule of its own: each answer equals that of `calendars.due`, to the microsecond. Instants are microseconds since
1970 (UTC), as int64.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridgov.platform.calendars import Calendar, Spans, length
from gridgov.platform.civil import TICK, turns
from gridgov.platform.timelimits import ALL_TIME, DAY_US, MOST, UNIT_US, BadLimit, Unit

Int64 = NDArray[np.int64]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_CIVIL = (_EPOCH - datetime(1, 1, 1, tzinfo=UTC)) // TICK
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def due_many(opened_us: Int64, amount: ArrayLike, unit: Unit, calendar: Calendar) -> Int64:
    """When limits that begin at these instants are used up. `amount`: one for all, or one for each.

    Raises `BadLimit` for less than 1 or more than `MOST` of the unit, and for instants and ends outside 1900 to 2200.
    """
    amounts = np.broadcast_to(np.asarray(amount, np.int64), opened_us.shape)
    if opened_us.size == 0:
        return opened_us.astype(np.int64)
    if amounts.min() < 1 or amounts.max() > MOST:
        raise BadLimit("A limit is out of range.", field="limit", remedy=f"Give 1 to {MOST:,}.")
    counted = amounts * UNIT_US[unit]
    _within(opened_us)
    if unit in ALL_TIME:
        return _within(opened_us + counted)
    civil = _civil(opened_us, calendar.zone)
    return _within(_instants(_reached(_counted(civil, unit, calendar) + counted, unit, calendar), calendar.zone))


def elapsed_many(start_us: Int64, end_us: Int64, unit: Unit, calendar: Calendar) -> Int64:
    """Microseconds of counted time between instants, as `calendars.elapsed_us`. Raises `BadLimit` as `due_many`."""
    if unit in ALL_TIME or end_us.size == 0:
        return end_us - start_us
    start, end = (_counted(_civil(_within(us), calendar.zone), unit, calendar) for us in (start_us, end_us))
    return end - start


def to_us(at: datetime) -> int:
    """An instant in microseconds since 1970."""
    return (at - _EPOCH) // TICK


def from_us(us: int) -> datetime:
    """The instant, in UTC."""
    return _EPOCH + timedelta(microseconds=int(us))


def _within(us: Int64) -> Int64:
    low, high = to_us(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)), to_us(datetime(_LAST_YEAR, 1, 1, tzinfo=UTC))
    if us.min() < low or us.max() >= high:
        raise BadLimit(f"Instants lie between {_FIRST_YEAR} and {_LAST_YEAR}.", field="limit", remedy="Look again.")
    return us


def _turns(zone: ZoneInfo) -> tuple[Int64, Int64, Int64]:
    """Where each stretch of one offset begins, its offset, and the furthest that the clock had come before."""
    found = turns(zone, _FIRST_YEAR, _LAST_YEAR)
    since = np.array([to_us(at) for at, _ in found], np.int64)
    offsets = np.array([offset // TICK for _, offset in found], np.int64)
    before = since + np.concatenate((offsets[:1], offsets[:-1]))
    return since, offsets, before


def _civil(us: Int64, zone: ZoneInfo) -> Int64:
    since, offsets, before = _turns(zone)
    stretch = np.searchsorted(since, us, "right") - 1
    shown: Int64 = np.maximum(us + offsets[stretch], before[stretch])
    return shown + _EPOCH_CIVIL


def _instants(civil_us: Int64, zone: ZoneInfo) -> Int64:
    since, offsets, before = _turns(zone)
    wall = civil_us - _EPOCH_CIVIL
    stretch = np.maximum(np.searchsorted(before, wall, "left") - 1, 0)
    found: Int64 = np.maximum(since[stretch], wall - offsets[stretch])
    return found


def _plain_before(day: Int64) -> Int64:
    return day // 7 * 5 + np.minimum(day % 7, 5)


def _days_before(day: Int64, calendar: Calendar) -> Int64:
    exceptions, shifts = np.array(calendar.exceptions, np.int64), np.array(calendar.shifts, np.int64)
    return _plain_before(day) + shifts[np.searchsorted(exceptions, day, "left")]


def _nth_day(n: Int64, calendar: Calendar) -> Int64:
    """As `Calendar.nth_day`."""
    worked_to, shifts = np.array(calendar.worked_to, np.int64), np.array(calendar.shifts, np.int64)
    passed = np.searchsorted(worked_to, n, "right")
    left = n - shifts[passed]
    ahead = np.array([*calendar.exceptions, 0], np.int64)[passed]  # 0: a Monday, and so never a worked weekend
    made_up = (ahead % 7 >= 5) & (_plain_before(ahead) == left)
    return np.where(made_up, ahead, left // 5 * 7 + left % 5)


def _counted(civil_us: Int64, unit: Unit, calendar: Calendar) -> Int64:
    if unit is Unit.NATURAL_DAY:
        return civil_us
    day, of_day = np.divmod(civil_us, DAY_US)
    spans, before = calendar.spans_of(unit), _days_before(day, calendar)
    working = _days_before(day + 1, calendar) > before
    return before * length(spans) + working * _worked(of_day, spans)


def _worked(of_day: Int64, spans: Spans) -> Int64:
    total = np.zeros_like(of_day)
    for start, end in spans:
        total += np.clip(np.minimum(of_day, end) - start, 0, None)
    return total


def _reached(counted: Int64, unit: Unit, calendar: Calendar) -> Int64:
    if unit is Unit.NATURAL_DAY:
        return counted
    spans = calendar.spans_of(unit)
    days, left = np.divmod(counted - 1, length(spans))
    left += 1
    within = np.zeros_like(left)
    for start, end in reversed(spans):
        before = length(spans[: spans.index((start, end))])
        within = np.where((left > before) & (left <= before + end - start), start + left - before, within)
    return _nth_day(days, calendar) * DAY_US + within
