"""Clocks: whatever happens to them, they equal their replay, and what they are told to do moves due one way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gridgov.cases import clocks
from gridgov.cases.clocks import Clock, ClockStands, Light, late, light, share, used
from gridgov.platform.calendars import Calendar, Limit, Unit, elapsed_us
from tests.casework.turns import turned

SHANGHAI = ZoneInfo("Asia/Shanghai")
# The autumn of 2026 as announced.
CAL = Calendar(
    SHANGHAI,
    free=frozenset({date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))}),
    worked=frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
)
PLAIN = Calendar(SHANGHAI)
FIRST = datetime(2026, 9, 16, tzinfo=UTC)
TICK = timedelta(microseconds=1)

LIMITS = st.one_of(
    st.builds(Limit, st.integers(1, 120), st.sampled_from([Unit.URGENT_HOUR, Unit.WORK_HOUR])),
    st.builds(Limit, st.integers(1, 15), st.sampled_from([Unit.WORK_DAY, Unit.NATURAL_DAY])),
)
INSTANTS = st.integers(0, 40 * 86_400 * 10**6).map(lambda us: FIRST + timedelta(microseconds=us))
Verb = Literal["pause", "resume", "extend", "end"]


@dataclass(frozen=True)
class Happening:
    verb: Verb
    at: datetime
    amount: int


@st.composite
def histories(draw: st.DrawFn) -> tuple[Limit, datetime, list[Happening]]:
    """A limit, when it starts, and what happens afterwards in order of time, possible or not."""
    times = sorted(draw(st.lists(INSTANTS, min_size=1, max_size=12)))
    verbs: st.SearchStrategy[Verb] = st.sampled_from(("pause", "pause", "resume", "resume", "extend", "end"))
    return (
        draw(LIMITS),
        times[0],
        [Happening(draw(verbs), at, draw(st.integers(1, 10))) for at in times[1:]],
    )


def step(clock: Clock, one: Happening, calendar: Calendar = CAL) -> Clock:
    if one.verb == "extend":
        return clocks.extend(clock, Limit(one.amount, clock.limit.unit), one.at, calendar)
    return {"pause": clocks.pause, "resume": clocks.resume, "end": clocks.end}[one.verb](clock, one.at, calendar)


def told(
    limit: Limit, at: datetime, happenings: list[Happening], calendar: Calendar = CAL
) -> tuple[Clock, list[Happening]]:
    """The clock after all that was possible, and what that was."""
    clock, taken = clocks.start("handle", limit, at, calendar), []
    for one in happenings:
        try:
            clock = step(clock, one, calendar)
        except ClockStands:
            continue
        taken.append(one)
    return clock, taken


def runs(at: datetime, taken: list[Happening], now: datetime) -> list[tuple[datetime, datetime]]:
    """When it ran, read off the history alone."""
    found, since = [], at
    running = True
    for one in taken:
        if running and one.verb in ("pause", "end"):
            found.append((since, one.at))
            running = False
        elif one.verb == "resume":
            since, running = one.at, True
        elif one.verb == "end":
            running = False
    return [*found, (since, now)] if running else found


@given(histories(), INSTANTS)
def test_a_clock_is_what_its_history_says(history: tuple[Limit, datetime, list[Happening]], later: datetime) -> None:
    limit, at, happenings = history
    clock, taken = told(limit, at, happenings)
    now = max([later, at, *(one.at for one in taken)])
    counted = sum(elapsed_us(a, b, limit.unit, CAL) for a, b in runs(at, taken, now))
    assert used(clock, now, CAL) == counted
    assert clock.allowed == limit.counted_us + sum(
        Limit(one.amount, limit.unit).counted_us for one in taken if one.verb == "extend"
    )
    again, _ = told(limit, at, taken)
    assert again == clock
    if counted > clock.allowed:
        assert late(clock, now)
        assert light(clock, now) is Light.RED
    if counted < clock.allowed:
        assert not late(clock, now)
    if counted * 5 >= clock.allowed * 4:
        assert light(clock, now) is not Light.GREEN
    else:
        assert light(clock, now) is Light.GREEN


@given(LIMITS, INSTANTS, st.lists(INSTANTS, max_size=8), INSTANTS)
def test_a_run_that_is_split_is_one_run(limit: Limit, at: datetime, splits: list[datetime], later: datetime) -> None:
    whole = clocks.start("handle", limit, at, CAL)
    split = whole
    for moment in sorted(moment for moment in splits if moment >= at):
        split = clocks.resume(clocks.pause(split, moment, CAL), moment, CAL)
    now = max([at, later, *splits])
    assert split.due_at == whole.due_at
    assert (used(split, now, CAL), late(split, now)) == (used(whole, now, CAL), late(whole, now))
    assert light(split, now) is light(whole, now)


@given(LIMITS, INSTANTS, INSTANTS, INSTANTS)
def test_pausing_never_brings_due_earlier(limit: Limit, a: datetime, b: datetime, c: datetime) -> None:
    at, paused, resumed = sorted((a, b, c))
    whole = clocks.start("handle", limit, at, CAL)
    clock = clocks.resume(clocks.pause(whole, paused, CAL), resumed, CAL)
    assert clock.due_at >= whole.due_at
    if whole.due_at < paused:
        assert clock.due_at == whole.due_at
    left = limit.counted_us - elapsed_us(at, paused, limit.unit, CAL)
    if left > 0:
        assert elapsed_us(resumed, clock.due_at, limit.unit, CAL) == left


@given(LIMITS, INSTANTS, INSTANTS, st.integers(1, 20))
def test_an_extension_never_brings_due_earlier(limit: Limit, a: datetime, b: datetime, amount: int) -> None:
    at, granted = sorted((a, b))
    clock = clocks.start("handle", limit, at, CAL)
    longer = clocks.extend(clock, Limit(amount, limit.unit), granted, CAL)
    assert longer.due_at > clock.due_at or used(clock, granted, CAL) > longer.allowed
    assert share(longer, granted, CAL) <= share(clock, granted, CAL)
    if used(clock, granted, CAL) < longer.allowed:
        whole = clocks.start("handle", Limit(limit.amount + amount, limit.unit), at, CAL)
        assert longer.due_at == whole.due_at  # as if it had been so from the start


@given(LIMITS, INSTANTS, INSTANTS, INSTANTS)
def test_lights_change_in_one_direction(limit: Limit, a: datetime, b: datetime, c: datetime) -> None:
    at, first, second = sorted((a, b, c))
    clock, order = clocks.start("handle", limit, at, CAL), list(Light)
    assert share(clock, first, CAL) <= share(clock, second, CAL)
    assert order.index(light(clock, first)) <= order.index(light(clock, second))
    assert light(clock, clock.due_at) is Light.YELLOW
    assert light(clock, clock.due_at + TICK) is Light.RED


@given(histories(), INSTANTS)
def test_sweeps_that_follow_each_other_announce_each_turn_once(
    history: tuple[Limit, datetime, list[Happening]], later: datetime
) -> None:
    """A sweep after each event and at any time between, each over the span since the last."""
    limit, at, happenings = history
    clock, swept = clocks.start("handle", limit, at, CAL), at - TICK
    shown, order = Light.GREEN, list(Light)
    for one in [*happenings, Happening("end", max(later, at, *(h.at for h in happenings), at), 1)]:
        for until in (swept + (one.at - swept) / 2, one.at):
            found = turned([clock], swept, until)
            assert turned([clock], swept, until) == found
            now = light(clock, until)
            assert [turn.light for turn in found] == order[order.index(shown) + 1 : order.index(now) + 1]
            shown, swept = now, until
        try:
            clock = step(clock, one)
        except ClockStands:
            continue
        shown = light(clock, swept)  # an extension puts it back


@given(histories(), INSTANTS, st.sets(st.integers(1, 40), min_size=1))
def test_a_calendar_that_differs_only_in_days_to_come_changes_nothing_that_was_counted(
    history: tuple[Limit, datetime, list[Happening]], later: datetime, ahead: set[int]
) -> None:
    """So the histories of cases need no older calendars, as long as no day that has passed is changed."""
    limit, at, happenings = history
    clock, taken = told(limit, at, happenings)
    now = max([later, at, *(one.at for one in taken)])
    days = frozenset(now.astimezone(SHANGHAI).date() + timedelta(days=n) for n in ahead)
    new = Calendar(SHANGHAI, CAL.free | days, CAL.worked - days)
    replayed = told(limit, at, taken, new)[0]
    assert used(replayed, now, new) == used(clock, now, CAL)
    assert (light(replayed, now) is Light.RED) == (light(clock, now) is Light.RED)


def test_a_calendar_without_make_up_days_tells_something_else() -> None:
    """The control: the properties above could not be had by a calendar that is never looked at."""
    at = datetime(2026, 9, 18, 8, tzinfo=SHANGHAI)  # Friday; the Sunday after is worked
    for limit in (Limit(12, Unit.WORK_HOUR), Limit(20, Unit.WORK_HOUR), Limit(2, Unit.WORK_DAY)):
        assert clocks.start("x", limit, at, CAL).due_at != clocks.start("x", limit, at, PLAIN).due_at
