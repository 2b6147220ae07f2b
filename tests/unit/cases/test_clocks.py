"""A clock of a case: running, paused, extended, ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gridgov.cases.clocks import (
    Clock,
    ClockStands,
    Light,
    OtherUnit,
    TimeBackwards,
    end,
    extend,
    late,
    light,
    pause,
    resume,
    share,
    start,
    used_units,
)
from gridgov.platform.calendars import Calendar, Limit, Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
CAL = Calendar(SHANGHAI, worked=frozenset({date(2025, 9, 28)}))
TICK = timedelta(microseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def begun(limit: str = "10 work_hour", when: str = "2025-09-22T08:00") -> Clock:  # a Monday; 8 hours a day
    return start("handle", Limit.parse(limit), at(when), CAL)


def test_green_yellow_red() -> None:
    clock = begun()
    assert clock.due_at == at("2025-09-23T10:00")
    assert light(clock, at("2025-09-22T18:00") - TICK) is Light.GREEN
    assert share(clock, at("2025-09-22T18:00"), CAL) == 0.8
    assert light(clock, at("2025-09-22T18:00")) is Light.YELLOW
    assert light(clock, at("2025-09-23T10:00")) is Light.YELLOW
    assert light(clock, at("2025-09-23T10:00") + TICK) is Light.RED
    assert share(clock, at("2025-09-22T07:00"), CAL) == 0


def test_due_at_the_close_is_late_in_the_evening_though_nothing_counts() -> None:
    clock = begun("8 work_hour")
    assert clock.due_at == at("2025-09-22T18:00")
    assert share(clock, at("2025-09-22T20:00"), CAL) == 1
    assert light(clock, at("2025-09-22T20:00")) is Light.RED


def test_a_pause_moves_what_is_left() -> None:
    clock = pause(begun(), at("2025-09-22T10:00"), CAL)
    assert used_units(clock, at("2025-09-25T10:00"), CAL) == 2
    assert light(clock, at("2025-12-25T10:00")) is Light.GREEN
    clock = resume(clock, at("2025-09-25T14:00"), CAL)
    assert clock.due_at == at("2025-09-26T12:00")
    assert used_units(clock, at("2025-09-25T15:00"), CAL) == 3


def test_what_was_missed_stays_missed_over_a_pause() -> None:
    clock = begun("8 work_hour")
    missed = pause(clock, at("2025-09-22T20:00"), CAL)  # nothing more was counted than at 18:00
    assert late(missed, at("2025-09-22T20:00"))
    assert late(resume(missed, at("2025-09-30T09:00"), CAL), at("2025-09-30T09:00"))
    just = pause(clock, at("2025-09-22T18:00"), CAL)
    assert not late(just, at("2025-09-29T09:00"))
    assert not late(resume(just, at("2025-09-30T09:00"), CAL), at("2025-09-30T09:00"))


def test_an_extension_makes_it_longer() -> None:
    clock = extend(begun(), Limit(10, Unit.WORK_HOUR), at("2025-09-23T09:00"), CAL)
    assert clock.due_at == at("2025-09-24T12:00")
    assert share(clock, at("2025-09-23T10:00"), CAL) == 0.5
    assert light(clock, at("2025-09-24T13:00")) is Light.RED
    with pytest.raises(OtherUnit):
        extend(clock, Limit(1, Unit.WORK_DAY), at("2025-09-23T09:00"), CAL)


def test_an_extension_that_comes_late() -> None:
    clock = begun()
    now = at("2025-09-24T08:00")  # 16 of 10
    assert light(extend(clock, Limit(5, Unit.WORK_HOUR), now, CAL), now) is Light.RED
    assert light(extend(clock, Limit(10, Unit.WORK_HOUR), now, CAL), now) is Light.YELLOW


def test_an_extension_in_a_pause() -> None:
    clock = pause(begun(), at("2025-09-22T10:00"), CAL)
    clock = resume(extend(clock, Limit(2, Unit.WORK_HOUR), at("2025-09-23T10:00"), CAL), at("2025-09-24T08:00"), CAL)
    assert clock.due_at == at("2025-09-25T10:00")


def test_an_ended_clock_is_judged_where_it_ended() -> None:
    clock = begun()
    punctual, tardy = end(clock, clock.due_at, CAL), end(clock, clock.due_at + TICK, CAL)
    assert light(punctual, at("2026-01-01T00:00")) is Light.YELLOW
    assert light(tardy, at("2026-01-01T00:00")) is Light.RED
    paused = end(pause(clock, at("2025-09-22T10:00"), CAL), at("2025-12-01T00:00"), CAL)
    assert used_units(paused, at("2026-01-01T00:00"), CAL) == 2
    assert light(paused, at("2026-01-01T00:00")) is Light.GREEN


def test_what_a_clock_cannot_do() -> None:
    running = begun()
    noon = at("2025-09-22T12:00")
    paused, ended = pause(running, noon, CAL), end(running, noon, CAL)
    for clock, verb in ((running, resume), (paused, pause), (ended, pause), (ended, resume), (ended, end)):
        with pytest.raises(ClockStands):
            verb(clock, noon, CAL)
    with pytest.raises(ClockStands):
        extend(ended, Limit(1, Unit.WORK_HOUR), noon, CAL)
    for clock, verb in ((running, pause), (running, end), (paused, resume), (paused, end)):
        with pytest.raises(TimeBackwards):
            verb(clock, at("2025-09-21T12:00"), CAL)


def test_a_clock_over_the_night_of_25_hours() -> None:
    """Half past one comes twice; the clock tells the two apart, whichever zone they are given in."""
    zone = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 1, 30, tzinfo=zone)
    second = first.replace(fold=1)
    clock = start("sign", Limit(1, Unit.URGENT_HOUR), first, Calendar(zone))
    assert light(clock, first) is Light.GREEN
    assert light(clock, second) is Light.YELLOW
    assert light(clock, second.replace(minute=31)) is Light.RED
    assert used_units(pause(clock, second, Calendar(zone)), second, Calendar(zone)) == 1
