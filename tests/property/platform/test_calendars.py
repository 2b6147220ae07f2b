"""Counted time has the properties of time, and equals minutes told off one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgov.platform.calendars import Calendar, Limit, Unit, advance_us, due, elapsed_us
from gridgov.platform.duetimes import due_many, elapsed_many, from_us, to_us
from gridgov.platform.timelimits import UNIT_US
from tests.property.platform.minutes import Oracle

ZONES = tuple(ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "UTC"))
DAILY = ((time(8), time(12)), (time(14), time(18)))
HOURS = (DAILY, ((time(9), time(17)),), ((time(0), time(4)), (time(22), time(0))), ((time(0), time(0)),))
SPRING, AUTUMN = date(2026, 2, 20), date(2026, 9, 20)  # the weeks after hold every change of the clocks
TICK = timedelta(microseconds=1)
UNITS = st.sampled_from(Unit)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Some days off in the week, some Saturdays and Sundays worked."""
    days = st.sampled_from((SPRING, AUTUMN)).flatmap(
        lambda first: st.integers(0, 60).map(lambda n: first + timedelta(days=n))
    )
    free = frozenset(draw(st.lists(days, max_size=12)))
    worked = frozenset(draw(st.lists(days, max_size=6))) - free
    return Calendar(draw(st.sampled_from(ZONES)), free, worked, draw(st.sampled_from(HOURS)))


def instants(step: timedelta) -> st.SearchStrategy[datetime]:
    first = st.sampled_from((SPRING, AUTUMN)).map(lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC))
    return st.builds(lambda at, n: at + n * step, first, st.integers(0, timedelta(days=60) // step))


ANY, WHOLE = instants(TICK), instants(timedelta(minutes=1))


def oracle_of(calendar: Calendar) -> Oracle:
    special = dict.fromkeys(calendar.free, False) | dict.fromkeys(calendar.worked, True)
    return Oracle(calendar.zone, special, calendar.hours)


@settings(max_examples=150, deadline=None)
@given(calendars(), WHOLE, UNITS, st.integers(1, 60))
def test_due_is_where_the_minutes_told_off_say(calendar: Calendar, opened: datetime, unit: Unit, amount: int) -> None:
    amount = max(1, amount // (10 if unit in (Unit.WORK_DAY, Unit.NATURAL_DAY) else 1))
    assert due(opened, Limit(amount, unit), calendar) == oracle_of(calendar).due(opened, amount, unit)


@settings(max_examples=100, deadline=None)
@given(calendars(), WHOLE, UNITS, st.integers(0, 20_000))
def test_elapsed_is_the_minutes_told_off(calendar: Calendar, start: datetime, unit: Unit, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    counted = elapsed_us(start, end, unit, calendar)
    assert counted == oracle_of(calendar).minutes(start, end, unit) * 60_000_000


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("turned", ["2026-03-08T07:00", "2026-11-01T06:00", "2026-04-04T15:00", "2026-10-03T15:30"])
def test_around_the_hours_that_clocks_repeat_or_leap_over(unit: Unit, turned: str) -> None:
    """Every 37 minutes from a day and a half before the clocks are changed until half a day after, all days worked."""
    zone = ZONES[1] if turned[5:7] in ("03", "11") else ZONES[2]
    turn = datetime.fromisoformat(turned).replace(tzinfo=UTC)
    assert turn.astimezone(zone).utcoffset() != (turn - TICK).astimezone(zone).utcoffset()
    week = frozenset(turn.date() + timedelta(days=n) for n in range(-4, 5))
    weekend = frozenset(day for day in week if day.isoweekday() > 5)
    calendar = Calendar(zone, worked=weekend, hours=HOURS[2])
    for n in range(-58, 20):
        opened = turn + n * timedelta(minutes=37)
        assert due(opened, Limit(1, unit), calendar) == oracle_of(calendar).due(opened, 1, unit)


def test_an_oracle_that_forgets_the_calendar_disagrees() -> None:
    """The control: without make-up days, without holidays, in another zone or with other hours the minutes differ."""
    shanghai = ZONES[0]
    free = frozenset(date(2026, 10, day) for day in range(1, 8))
    worked = frozenset({date(2026, 9, 20), date(2026, 10, 10)})
    calendar = Calendar(shanghai, free, worked)
    right = oracle_of(calendar)
    wrong = (
        Oracle(shanghai, dict.fromkeys(free, False)),
        Oracle(shanghai, dict.fromkeys(worked, True)),
        Oracle(ZONES[3], right.special),
        Oracle(shanghai, right.special, ((time(9), time(17)),)),
    )
    opened = [datetime(2026, 9, 18, tzinfo=UTC) + timedelta(hours=7 * n) for n in range(72)]
    ours = [due(at, Limit(9, Unit.WORK_HOUR), calendar) for at in opened]
    assert [right.due(at, 9, "work_hour") for at in opened] == ours
    for oracle in wrong:
        assert [oracle.due(at, 9, "work_hour") for at in opened] != ours


@given(calendars(), ANY, ANY, UNITS, st.integers(1, 10**12), st.integers(0, 10**12))
def test_what_begins_later_or_lasts_longer_ends_no_earlier(
    calendar: Calendar, one: datetime, other: datetime, unit: Unit, counted: int, more: int
) -> None:
    first, second = sorted((one, other))
    assert advance_us(first, counted, unit, calendar) <= advance_us(second, counted, unit, calendar)
    assert advance_us(first, counted, unit, calendar) <= advance_us(first, counted + more, unit, calendar)


@given(calendars(), ANY, UNITS, st.integers(1, 10**12))
def test_advance_stops_at_the_first_instant_at_which_so_much_is_counted(
    calendar: Calendar, at: datetime, unit: Unit, counted: int
) -> None:
    end = advance_us(at, counted, unit, calendar)
    assert elapsed_us(at, end - TICK, unit, calendar) < counted <= elapsed_us(at, end, unit, calendar)
    if calendar.zone in (ZONES[0], ZONES[3]):  # where no clock leaps, not a microsecond more
        assert elapsed_us(at, end, unit, calendar) == counted


@given(calendars(), ANY, ANY, ANY, UNITS)
def test_counted_time_adds_up(calendar: Calendar, a: datetime, b: datetime, c: datetime, unit: Unit) -> None:
    first, middle, last = sorted((a, b, c))
    whole = elapsed_us(first, last, unit, calendar)
    assert whole == elapsed_us(first, middle, unit, calendar) + elapsed_us(middle, last, unit, calendar)
    assert 0 <= elapsed_us(first, middle, unit, calendar) <= whole
    assert elapsed_us(last, first, unit, calendar) == -whole


@given(calendars(), st.lists(st.tuples(ANY, st.integers(1, 200)), min_size=1, max_size=50), UNITS)
def test_many_at_once_are_each_as_alone(calendar: Calendar, rows: list[tuple[datetime, int]], unit: Unit) -> None:
    opened = np.array([to_us(at) for at, _ in rows], np.int64)
    amounts = np.array([amount for _, amount in rows], np.int64)
    found = due_many(opened, amounts, unit, calendar)
    alone = [due(at, Limit(amount, unit), calendar) for at, amount in rows]
    assert [from_us(us) for us in found.tolist()] == alone
    spent = [elapsed_us(at, end, unit, calendar) for (at, _), end in zip(rows, alone, strict=True)]
    assert elapsed_many(opened, found, unit, calendar).tolist() == spent


@given(calendars(), st.integers(0, 4000), st.integers(0, 10**6))
def test_working_days_are_found_again_by_their_number(calendar: Calendar, from_day: int, number: int) -> None:
    day = date(2020, 1, 1).toordinal() - 1 + from_day
    before = calendar.days_before(day)
    assert calendar.days_before(day + 1) - before == calendar.is_working(date.fromordinal(day + 1))
    found = calendar.nth_day(number)
    assert calendar.days_before(found) == number
    assert calendar.is_working(date.fromordinal(found + 1))


@given(calendars(), ANY, st.integers(1, 50))
def test_a_working_day_later_has_the_same_clock_time(calendar: Calendar, opened: datetime, amount: int) -> None:
    """As the unit is promised: n working days on, at the same time of day; from a free day on, at midnight."""
    local = opened.astimezone(calendar.zone)
    ends = due(opened, Limit(amount, Unit.WORK_DAY), calendar)
    wall = (ends - TICK).astimezone(calendar.zone)
    if local.time() == time() or not calendar.is_working(local.date()):
        assert calendar.is_working(wall.date())
        assert ends.astimezone(calendar.zone).time() == time()
    elif calendar.zone in (ZONES[0], ZONES[3]):
        day, left = local.date(), amount
        while left:
            day += timedelta(days=1)
            left -= calendar.is_working(day)
        assert ends == datetime.combine(day, local.time(), calendar.zone)


@given(calendars(), ANY, UNITS, st.integers(1, 400))
def test_an_hour_more_is_an_hour_more(calendar: Calendar, at: datetime, unit: Unit, amount: int) -> None:
    """In two steps as in one, where no clock leaps in between."""
    if calendar.zone in (ZONES[0], ZONES[3]):
        once = advance_us(at, (amount + 7) * UNIT_US[unit], unit, calendar)
        first = advance_us(at, amount * UNIT_US[unit], unit, calendar)
        assert advance_us(first, 7 * UNIT_US[unit], unit, calendar) == once
