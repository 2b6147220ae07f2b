"""Counted time in the four units: nights, weekends, holidays, make-up days, hours that clocks repeat or leap over."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from gridgov.platform.calendars import BadCalendar, BadLimit, Calendar, Limit, Unit, advance, due, elapsed

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
PLAIN = Calendar(SHANGHAI)
# National Day of 2025: free from 1 to 8 October, with 28 September and 11 October worked for it.
AUTUMN = Calendar(
    SHANGHAI,
    free=frozenset(date(2025, 10, day) for day in range(1, 9)),
    worked=frozenset({date(2025, 9, 28), date(2025, 10, 11)}),
)
AMERICAN = Calendar(NEW_YORK)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("opened", "limit", "ends"),
    [
        ("2025-09-24T10:30", "2 urgent_hour", "2025-09-24T12:30"),
        ("2025-09-30T23:30", "2 urgent_hour", "2025-10-01T01:30"),  # night and holiday count
        ("2025-12-31T23:30", "2 urgent_hour", "2026-01-01T01:30"),
        ("2025-09-30T17:00", "2 natural_day", "2025-10-02T17:00"),
        ("2025-09-24T10:30", "2 work_hour", "2025-09-24T14:30"),  # across noon
        ("2025-09-24T17:00", "2 work_hour", "2025-09-25T09:00"),  # across the night
        ("2025-09-24T12:30", "1 work_hour", "2025-09-24T15:00"),  # begun at noon
        ("2025-09-24T03:00", "1 work_hour", "2025-09-24T09:00"),  # begun before work
        ("2025-09-24T18:00", "1 work_hour", "2025-09-25T09:00"),  # begun at the close
        ("2025-09-24T14:00", "4 work_hour", "2025-09-24T18:00"),  # ends at the close, not next morning
        ("2025-09-27T10:00", "1 work_hour", "2025-09-28T09:00"),  # a free Saturday, a worked Sunday
        ("2025-09-30T16:00", "4 work_hour", "2025-10-09T10:00"),  # across the holiday
        ("2025-10-10T16:00", "4 work_hour", "2025-10-11T10:00"),  # into the make-up Saturday
        ("2025-09-24T10:30", "2 work_day", "2025-09-26T10:30"),
        ("2025-09-26T10:30", "1 work_day", "2025-09-28T10:30"),  # to the make-up Sunday
        ("2025-09-30T10:30", "1 work_day", "2025-10-09T10:30"),
        ("2025-09-30T10:30", "3 work_day", "2025-10-11T10:30"),
        ("2025-10-03T10:30", "1 work_day", "2025-10-10T00:00"),  # begun on a free day: with the next worked one
        ("2025-10-10T00:00", "1 work_day", "2025-10-11T00:00"),
        ("2025-12-31T10:30", "1 work_day", "2026-01-01T10:30"),  # 2026 is not known here: a plain Thursday
    ],
)
def test_due(opened: str, limit: str, ends: str) -> None:
    assert due(at(opened), Limit.parse(limit), AUTUMN) == at(ends)


def test_without_the_make_up_days_it_would_be_another_day() -> None:
    """The control: the same free days, nothing worked for them."""
    forgetful = Calendar(SHANGHAI, free=AUTUMN.free)
    one, hours = Limit.parse("1 work_day"), Limit.parse("4 work_hour")
    assert due(at("2025-09-26T10:30"), one, forgetful) == at("2025-09-29T10:30")
    assert due(at("2025-10-10T16:00"), hours, forgetful) == at("2025-10-13T10:00")


@pytest.mark.parametrize(
    ("opened", "limit", "ends"),
    [
        ("2026-03-07T12:00-05:00", "1 natural_day", "2026-03-08T12:00-04:00"),  # spring: the same clock time
        ("2026-03-07T12:00-05:00", "24 urgent_hour", "2026-03-08T13:00-04:00"),  # the same number of hours
        ("2026-03-07T02:30-05:00", "1 natural_day", "2026-03-08T03:00-04:00"),  # half past two was leapt over
        ("2026-10-31T12:00-04:00", "1 natural_day", "2026-11-01T12:00-05:00"),  # autumn
        ("2026-10-31T12:00-04:00", "24 urgent_hour", "2026-11-01T11:00-05:00"),
        ("2026-10-31T01:30-04:00", "1 natural_day", "2026-11-01T01:30-04:00"),  # the first half past one
        ("2026-11-01T01:30-05:00", "1 natural_day", "2026-11-02T02:00-05:00"),  # in the hour that stands still
        ("2026-10-31T02:00-04:00", "1 natural_day", "2026-11-01T01:00-05:00"),  # two o'clock, for an hour
        ("2026-03-06T16:00-05:00", "4 work_hour", "2026-03-09T10:00-04:00"),
        ("2026-10-30T16:00-04:00", "1 work_day", "2026-11-02T16:00-05:00"),
    ],
)
def test_days_of_23_and_25_hours(opened: str, limit: str, ends: str) -> None:
    assert due(datetime.fromisoformat(opened), Limit.parse(limit), AMERICAN) == datetime.fromisoformat(ends)


def test_instants_of_one_zone_are_not_compared_by_the_wall_clock() -> None:
    """Python subtracts two times of the same zone as if no clock had been changed."""
    before, after = (datetime(2026, 3, day, 12, tzinfo=NEW_YORK) for day in (7, 8))
    assert elapsed(before, after, Unit.URGENT_HOUR, AMERICAN) == 23
    assert elapsed(before, after, Unit.NATURAL_DAY, AMERICAN) == 1
    assert (after - before).total_seconds() == 24 * 3600  # the control


def test_a_night_shift_counts_by_the_citys_clock() -> None:
    nights = Calendar(NEW_YORK, worked=frozenset({date(2026, 3, 8), date(2026, 11, 1)}), hours=((time(0), time(4)),))
    spring, autumn = datetime(2026, 3, 8, tzinfo=NEW_YORK), datetime(2026, 11, 1, tzinfo=NEW_YORK)
    for midnight, hours in ((spring, 3), (autumn, 5)):
        ends = due(midnight, Limit(4, Unit.WORK_HOUR), nights)
        assert ends.astimezone(NEW_YORK).replace(tzinfo=None) == midnight.replace(tzinfo=None, hour=4)
        assert (ends - midnight.astimezone(UTC)).total_seconds() == hours * 3600


def test_the_same_instant_in_another_zone_is_another_day() -> None:
    opened = datetime(2025, 9, 30, 17, tzinfo=UTC)  # 01:00 on a free day, 13:00 on a worked one
    american = Calendar(NEW_YORK, AUTUMN.free, AUTUMN.worked)
    assert due(opened, Limit(1, Unit.WORK_DAY), AUTUMN) == at("2025-10-10T00:00")
    assert due(opened, Limit(1, Unit.WORK_DAY), american) == at("2025-10-09T13:00", NEW_YORK)


def test_advance_and_elapsed_take_parts_of_units() -> None:
    assert advance(at("2025-09-24T11:45"), 0.5, Unit.WORK_HOUR, AUTUMN) == at("2025-09-24T14:15")
    assert elapsed(at("2025-09-24T11:45"), at("2025-09-24T14:15"), Unit.WORK_HOUR, AUTUMN) == 0.5
    assert elapsed(at("2025-09-30T12:00"), at("2025-10-09T18:00"), Unit.WORK_DAY, AUTUMN) == 1.25
    assert elapsed(at("2025-10-09T18:00"), at("2025-09-30T12:00"), Unit.WORK_DAY, AUTUMN) == -1.25
    assert advance(at("2025-10-03T10:30"), 0, Unit.WORK_DAY, AUTUMN) == at("2025-10-03T10:30")


NO_LIMITS = (
    "", "2", "work_day", "2 workday", "0 work_day", "-1 work_day", "1.5 work_day", "٣ work_day", "2 work_day x",
    "1000000 work_day", "2work_day", "两个工作日", "2个work_day", "2 个", "9" * 5000 + " work_day",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_LIMITS)
def test_what_is_no_limit_is_told(text: str) -> None:
    with pytest.raises(BadLimit):
        Limit.parse(text)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("2个工作日", Limit(2, Unit.WORK_DAY)),
        ("15 工作日", Limit(15, Unit.WORK_DAY)),
        (" 4工作时 ", Limit(4, Unit.WORK_HOUR)),
        ("2 个紧急工作时", Limit(2, Unit.URGENT_HOUR)),
        ("30分钟", Limit(30, Unit.URGENT_MINUTE)),
        ("3自然日", Limit(3, Unit.NATURAL_DAY)),
    ],
)
def test_a_limit_as_officers_write_it(text: str, limit: Limit) -> None:
    assert Limit.parse(text) == limit


def test_a_limit_has_names() -> None:
    assert Limit(1, Unit.WORK_DAY).names == {"zh": "1个工作日", "en": "1 working day"}
    assert Limit(4, Unit.URGENT_HOUR).names == {"zh": "4个紧急工作时", "en": "4 urgent hours"}


@pytest.mark.parametrize("unit", Unit)
def test_a_limit_is_read_as_it_is_written(unit: Unit) -> None:
    limit = Limit(3, unit)
    assert Limit.parse(str(limit)) == limit
    assert Limit.parse(limit.names["zh"]) == limit
    assert limit.times(2) == Limit(6, unit)


def test_no_limit_ends_after_time() -> None:
    late = datetime(9999, 12, 1, tzinfo=SHANGHAI)
    for unit in Unit:
        with pytest.raises(BadLimit):
            due(late, Limit(100_000, unit), PLAIN)
        with pytest.raises(BadLimit):
            advance(late, -1, unit, PLAIN)


@pytest.mark.parametrize(
    "hours",
    [
        (),
        ((time(12), time(8)),),
        ((time(8), time(8)),),
        ((time(8), time(12)), (time(11), time(18))),
        ((time(14), time(18)), (time(8), time(12))),
        ((time(8), time(0)), (time(14), time(18))),
    ],
)
def test_hours_that_no_day_has(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(BadCalendar):
        Calendar(SHANGHAI, hours=hours)
    assert Calendar(SHANGHAI, hours=((time(0), time(0)),)).spans == ((0, 86_400_000_000),)


def test_no_day_is_free_and_worked() -> None:
    with pytest.raises(BadCalendar, match="2026-10-10"):
        Calendar(SHANGHAI, free=frozenset({date(2026, 10, 10)}), worked=frozenset({date(2026, 10, 10)}))


def test_a_year_without_data_is_told() -> None:
    calendar = Calendar(SHANGHAI, years=frozenset({2024, 2025}))
    assert calendar.known_until == date(2025, 12, 31)
    assert calendar.knows(date(2025, 12, 31))
    assert not calendar.knows(date(2026, 1, 1))
    assert PLAIN.known_until is None


def test_an_instant_names_its_zone() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    for unit in Unit:
        with pytest.raises(ValueError, match="zone"):
            due(naive, Limit(1, unit), PLAIN)
