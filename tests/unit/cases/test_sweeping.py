"""Which lights turned: each once, whatever happens in between."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from gridgov.cases.clocks import Light, end, extend, light, pause, resume, start
from gridgov.platform.calendars import Calendar, Limit, Unit
from tests.casework.turns import next_turn, turned

SHANGHAI = ZoneInfo("Asia/Shanghai")
CAL = Calendar(SHANGHAI)
TICK = timedelta(microseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONDAY, TUESDAY = at("2025-09-22T08:00"), at("2025-09-23T08:00")
CLOCK = start("handle", Limit(10, Unit.WORK_HOUR), MONDAY, CAL)  # yellow at 18:00, due at 10:00


def test_each_turn_lies_in_one_span() -> None:
    hours = [MONDAY + timedelta(hours=n) for n in range(60)]
    found = [turn for since, until in pairwise(hours) for turn in turned([CLOCK], since, until)]
    assert [(turn.light, turn.at) for turn in found] == [
        (Light.YELLOW, at("2025-09-22T18:00")),
        (Light.RED, at("2025-09-23T10:00") + TICK),
    ]


def test_the_same_span_twice_has_the_same_keys() -> None:
    first, second = (turned([CLOCK], MONDAY, at("2025-09-24T00:00")) for _ in range(2))
    assert len({turn.key for turn in first}) == 2
    assert [turn.key for turn in first] == [turn.key for turn in second]


def test_a_span_begins_after_its_first_instant() -> None:
    yellow = at("2025-09-22T18:00")
    assert len(turned([CLOCK], yellow - TICK, yellow)) == 1
    assert turned([CLOCK], yellow, yellow + TICK) == []


def test_what_stands_still_does_not_turn() -> None:
    paused = pause(CLOCK, at("2025-09-22T17:00"), CAL)
    ended = end(CLOCK, at("2025-09-23T10:00"), CAL)
    later = at("2026-01-01T00:00")
    assert turned([paused], MONDAY, later) == []
    assert [turn.light for turn in turned([ended], MONDAY, later)] == [Light.YELLOW]
    assert next_turn(paused, MONDAY) is None


def test_what_stops_just_as_it_turns_has_turned() -> None:
    for moment, shown in ((CLOCK.yellow_at, Light.YELLOW), (CLOCK.due_at + TICK, Light.RED)):
        for stopped in (end(CLOCK, moment, CAL), pause(CLOCK, moment, CAL)):
            assert light(stopped, moment) is shown
            assert turned([stopped], MONDAY, moment)[-1].light is shown


def test_a_turn_before_a_pause_is_still_found_after_it() -> None:
    paused = pause(CLOCK, at("2025-09-23T09:00"), CAL)
    resumed = resume(paused, at("2025-10-13T09:00"), CAL)
    assert [turn.at for turn in turned([resumed], MONDAY, at("2025-10-01T00:00"))] == [at("2025-09-22T18:00")]
    assert next_turn(resumed, TUESDAY) == at("2025-10-13T10:00") + TICK


def test_a_turn_in_the_evening_is_not_made_again_by_a_pause_in_the_night() -> None:
    """Between the close at 18:00, when it turned, and the pause nothing was counted."""
    paused = pause(CLOCK, at("2025-09-22T20:00"), CAL)
    resumed = resume(paused, at("2025-09-24T09:00"), CAL)
    assert [turn.at for turn in turned([resumed], MONDAY, at("2025-09-24T10:00"))] == [at("2025-09-22T18:00")]


def test_an_extension_makes_another_turn() -> None:
    extended = extend(CLOCK, Limit(10, Unit.WORK_HOUR), TUESDAY, CAL)
    (before,) = turned([CLOCK], MONDAY, TUESDAY)
    after, _ = turned([extended], TUESDAY, at("2025-10-01T00:00"))
    assert (before.light, after.light) == (Light.YELLOW, Light.YELLOW)
    assert before.key != after.key


def test_many_clocks_in_order_of_time() -> None:
    other = start("sign", Limit(1, Unit.URGENT_HOUR), MONDAY, CAL)
    found = turned([CLOCK, other], MONDAY, TUESDAY)
    assert [(turn.name, turn.light) for turn in found] == [
        ("sign", Light.YELLOW),
        ("sign", Light.RED),
        ("handle", Light.YELLOW),
    ]
