"""Civil time: what the clock of a city shows, as a time that never goes back. Pure.

Owns the way between instants and civil time, across hours that the clocks repeat (civil time stands still the second
time) or leap over (it passes in an instant). Does not own what is counted in it (`calendars`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

TICK = timedelta(microseconds=1)
_ZERO = datetime(1, 1, 1)  # noqa: DTZ001 -- civil time is naive; the first day is a Monday
_ZERO_UTC = datetime(1, 1, 1, tzinfo=UTC)


def civil(at: datetime, zone: ZoneInfo) -> int:
    """Microseconds of civil time since 0001-01-01 at an instant; stands still while the clocks repeat an hour."""
    local = utc(at).astimezone(zone)
    if local.fold:
        turned = _turned(at, zone)
        return (turned - _ZERO_UTC + _offset(turned - TICK, zone)) // TICK
    return (local.replace(tzinfo=None) - _ZERO) // TICK


def instant(civil_us: int, zone: ZoneInfo) -> datetime:
    """The first instant at which civil time has come so far, in UTC."""
    wall = _ZERO + timedelta(microseconds=civil_us)
    at = wall.replace(tzinfo=zone).astimezone(UTC)  # fold=0: the first of two
    if at.astimezone(zone).replace(tzinfo=None) != wall:  # leapt over
        return _turned(at, zone)
    if (at - TICK).astimezone(zone).fold:  # it stood here since the clocks were put back
        return _turned(at - TICK, zone)
    return at


def _turned(at: datetime, zone: ZoneInfo) -> datetime:
    """The last instant up to `at` at which the clocks were changed, within a day."""
    late = at.astimezone(UTC)
    early = late - timedelta(days=1)
    now = late.astimezone(zone).utcoffset()
    while late - early > TICK:
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == now:
            late = middle
        else:
            early = middle
    return late


def utc(at: datetime) -> datetime:
    """Instants are compared and subtracted in UTC alone: within one zone Python does both by the wall clock."""
    if at.tzinfo is None:
        raise ValueError(f"{at} names no zone.")
    return at.astimezone(UTC)


@lru_cache(maxsize=64)
def turns(zone: ZoneInfo, first: int, last: int) -> tuple[tuple[datetime, timedelta], ...]:
    """Instants from which an offset from UTC holds, and that offset, for the years `first` to `last` and a day around.

    The first of them is where the look begins. A change that is undone within a day may be missed.
    """
    at = datetime(first, 1, 1, tzinfo=UTC) - timedelta(days=1)
    end = datetime(last + 1, 1, 1, tzinfo=UTC) + timedelta(days=1)
    found = [(at, _offset(at, zone))]
    while at < end:
        at += timedelta(days=1)
        if (offset := _offset(at, zone)) != found[-1][1]:
            found.append((_turned(at, zone), offset))
    return tuple(found)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
