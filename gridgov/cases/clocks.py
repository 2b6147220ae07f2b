"""Clocks of a case: how much of a limit is used, when it ends, and which light it shows (B.7). Pure.

Owns starting, pausing, extending and ending a clock. Does not own counted time (`platform.calendars`), nor which clock
belongs to which step. All are functions of history: the same events, replayed, give the same clocks.

`used` is an integer of microseconds of counted time (a working day has 24 hours of them), not a float of units: sums of
integers are exact, so that a run split at any instants equals one run. `paused_at` is kept beside `running_since`, and
`yellow_at` beside `due_at`: lights follow from these instants alone, so that stored ones can be looked for in order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from gridgov.platform.calendars import Calendar, Limit, advance_us, elapsed_us
from gridgov.platform.errors import BadInput, Conflict
from gridgov.platform.timelimits import UNIT_US


class Light(StrEnum):
    """Below 80 % of the limit, from there on, and after the due time."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


YELLOW_FROM = 4, 5  # four fifths of what is allowed; a minute has microseconds enough to be divided by 5


class ClockStands(Conflict):
    """It has ended, or is paused already, or runs already."""

    code = "clock-stands"


class OtherUnit(BadInput):
    """An extension counts in the unit of its clock."""

    code = "other-unit"


class TimeBackwards(BadInput):
    """An event before the one that it follows."""

    code = "time-backwards"


@dataclass(frozen=True, slots=True)
class Clock:
    """`used`: microseconds counted before `running_since`. `yellow_at`, `due_at`: when 80 and 100 % are used up; while
    paused, as if it went on at `paused_at`."""

    name: str
    limit: Limit
    started_at: datetime
    due_at: datetime
    yellow_at: datetime
    running_since: datetime | None
    used: int = 0
    extended: tuple[Limit, ...] = ()
    ended_at: datetime | None = None
    paused_at: datetime | None = None

    @property
    def allowed(self) -> int:
        """Microseconds of counted time that it may take, with what was granted later."""
        return self.limit.counted_us + sum(limit.counted_us for limit in self.extended)


def start(name: str, limit: Limit, at: datetime, calendar: Calendar) -> Clock:
    """A clock that runs from `at`; its instants are in UTC."""
    at = at.astimezone(UTC)
    return _timed(Clock(name, limit, at, due_at=at, yellow_at=at, running_since=at), calendar)


def pause(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """Nothing counts until it is resumed (挂账). What is missed stays missed. Raises `ClockStands`, `TimeBackwards`."""
    if clock.ended_at is not None or clock.running_since is None:
        raise ClockStands(f"The clock {clock.name} does not run.", field="clock", remedy="Look at the case again.")
    _forwards(clock, at)
    return replace(clock, running_since=None, used=used(clock, at, calendar), paused_at=at.astimezone(UTC))


def resume(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """The rest of the limit counts from `at`. Raises `ClockStands`, `TimeBackwards`."""
    if clock.ended_at is not None or clock.paused_at is None:
        raise ClockStands(f"The clock {clock.name} is not paused.", field="clock", remedy="Look at the case again.")
    _forwards(clock, at)
    return _timed(replace(clock, running_since=at.astimezone(UTC), paused_at=None), calendar, judged=clock)


def extend(clock: Clock, limit: Limit, at: datetime, calendar: Calendar) -> Clock:
    """More time, as granted; one that had been missed is in time again when the extension reaches far enough.

    An extension that does not cover what is used already leaves the due time where it was missed. Raises `ClockStands`,
    `OtherUnit`, `TimeBackwards`.
    """
    if clock.ended_at is not None:
        raise ClockStands(f"The clock {clock.name} has ended.", field="clock", remedy="Look at the case again.")
    if limit.unit is not clock.limit.unit:
        raise OtherUnit(
            f"The clock {clock.name} counts {clock.limit.unit}, not {limit.unit}.",
            field="limit",
            remedy=f"Give the extension in {clock.limit.unit}.",
        )
    _forwards(clock, at)
    return _timed(replace(clock, extended=(*clock.extended, limit)), calendar)


def end(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """It stops for good; ending a paused clock counts nothing more. Raises `ClockStands`, `TimeBackwards`."""
    if clock.ended_at is not None:
        raise ClockStands(f"The clock {clock.name} has ended.", field="clock", remedy="Look at the case again.")
    _forwards(clock, at)
    return replace(clock, running_since=None, used=used(clock, at, calendar), ended_at=at.astimezone(UTC))


def used(clock: Clock, now: datetime, calendar: Calendar) -> int:
    """Microseconds of counted time used until now; nothing counts before it started."""
    if clock.running_since is None or now <= clock.running_since:
        return clock.used
    return clock.used + elapsed_us(clock.running_since, now, clock.limit.unit, calendar)


def share(clock: Clock, now: datetime, calendar: Calendar) -> float:
    """How much of what is allowed has been used: 0.8 is 80 %."""
    return used(clock, now, calendar) / clock.allowed


def used_units(clock: Clock, now: datetime, calendar: Calendar) -> float:
    """Counted time used until now, in units of the limit."""
    return used(clock, now, calendar) / UNIT_US[clock.limit.unit]


def late(clock: Clock, now: datetime) -> bool:
    """Whether the due time passed while the clock ran; a paused or ended one is judged where it stopped."""
    return _judged(clock, now) > clock.due_at


def light(clock: Clock, now: datetime) -> Light:
    """Red is what is late: also in the night after a due time at the close of work, though nothing counts there."""
    if late(clock, now):
        return Light.RED
    return Light.YELLOW if _judged(clock, now) >= clock.yellow_at else Light.GREEN


def _judged(clock: Clock, now: datetime) -> datetime:
    return clock.paused_at or clock.ended_at or now


def _timed(clock: Clock, calendar: Calendar, *, judged: Clock | None = None) -> Clock:
    """The clock with its instants, counted from where it runs or stands still.

    `judged`: the clock as it stood before; an instant that it had passed stays where it was.
    """
    since = clock.running_since or clock.paused_at or clock.started_at
    part, whole = YELLOW_FROM
    due_at, yellow_at = clock.due_at, clock.yellow_at
    if judged is None or not late(judged, since):
        due_at = _reached(clock, clock.allowed, since, calendar) or due_at
    if judged is None or _judged(judged, since) < yellow_at:
        yellow_at = _reached(clock, clock.allowed * part // whole, since, calendar) or yellow_at
    return replace(clock, due_at=due_at, yellow_at=yellow_at)


def _reached(clock: Clock, counted_us: int, since: datetime, calendar: Calendar) -> datetime | None:
    """When so much will be used, going on from `since`; None when it was before."""
    left = counted_us - clock.used
    return None if left < 0 else advance_us(since, left, clock.limit.unit, calendar)


def _forwards(clock: Clock, at: datetime) -> None:
    last = clock.running_since or clock.paused_at or clock.started_at
    if at < last:
        raise TimeBackwards(
            f"The clock {clock.name} stands at {last.isoformat()}, which is later.", field="at", remedy="Look again."
        )
