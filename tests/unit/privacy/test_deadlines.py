"""When an answer is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgov.platform.calendars import Calendar
from gridgov.privacy.deadlines import Limit, due
from gridgov.privacy.retention import ANSWER

ZONE = ZoneInfo("Asia/Shanghai")
PLAIN = Calendar(ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("asked", "days", "working", "ends"),
    [
        ("2026-10-05T09:00", 15, True, "2026-10-27"),  # a Monday: three weeks on, and its last day counts whole
        ("2026-10-05T00:00", 15, True, "2026-10-27"),
        ("2026-10-05T23:59:59", 15, True, "2026-10-27"),
        ("2026-10-03T12:00", 1, True, "2026-10-06"),  # a Saturday
        ("2026-10-02T12:00", 1, True, "2026-10-06"),  # a Friday
        ("2026-10-02T12:00", 1, False, "2026-10-04"),
        ("2026-10-05T09:00", 30, False, "2026-11-05"),
    ],
)
def test_due(asked: str, days: int, working: bool, ends: str) -> None:
    assert due(at(asked), Limit("x", days, "test", working), PLAIN) == at(ends)


def test_the_day_is_that_of_the_city() -> None:
    """One o'clock in the morning there is still the day before in UTC."""
    asked = datetime(2026, 10, 5, 17, 0, tzinfo=UTC)  # Tuesday 01:00 in the city
    assert due(asked, Limit("x", 1, "test", True), PLAIN) == at("2026-10-08")
    assert due(asked, Limit("x", 1, "test", True), Calendar(ZoneInfo("UTC"))) == datetime(2026, 10, 7, tzinfo=UTC)


def test_free_days_and_worked_weekends_count_as_the_calendar_says() -> None:
    """As in the week of the national holiday: free from Thursday to Wednesday, a Saturday is worked for it."""
    free = frozenset(date(2026, 10, 1) + timedelta(days=i) for i in range(7))
    calendar = Calendar(ZONE, free, worked=frozenset({date(2026, 10, 10)}))
    limit = Limit("x", 3, "test", True)
    assert due(at("2026-09-30T10:00"), limit, calendar) == at("2026-10-11")
    assert due(at("2026-09-30T10:00"), limit, PLAIN) == at("2026-10-06")  # the control: a plain calendar


@given(st.integers(0, 10**8), st.integers(1, 60))
def test_between_asking_and_the_end_lie_as_many_working_days(seconds: int, days: int) -> None:
    asked = at("2024-01-01") + timedelta(seconds=seconds)
    last = due(asked, Limit("x", days, "test", True), PLAIN) - timedelta(seconds=1)
    first = asked.date()
    between = [first + timedelta(days=i) for i in range(1, (last.date() - first).days + 1)]
    assert sum(PLAIN.is_working(day) for day in between) == days
    assert PLAIN.is_working(last.date())


def test_the_answer_has_fifteen_working_days_and_says_by_which_rule() -> None:
    assert (ANSWER.days, ANSWER.working) == (15, True)
    assert "191号" in ANSWER.source
