"""Periods as they are written, and the days, weeks and months they fall into."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gridgov.analytics.period import BadPeriod, Period, Step, next_step, parse_period, step_for, step_start, steps

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_dates_begin_at_midnight_of_the_city() -> None:
    period = parse_period("2026-03-01", "2026-03-02", SHANGHAI)
    assert period.begin == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert period.end == datetime(2026, 3, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["2026-03-01T08:00:00+08:00", "2026-03-01T08:00:00 08:00", "2026-03-01T00:00:00Z", "2026-03-01T08:00:00"],
)
def test_instants_in_every_spelling_that_arrives(written: str) -> None:
    assert parse_period(written, None, SHANGHAI).begin == datetime(2026, 3, 1, tzinfo=UTC)


def test_open_ends() -> None:
    assert parse_period(None, " ", SHANGHAI) == Period(None, None)


@pytest.mark.parametrize(
    ("begin", "end", "field"),
    [
        ("2026-03-02", "2026-03-01", "to"),
        ("2026-03-01", "2026-03-01", "to"),
        ("yesterday", None, "from"),
        (None, "2026-02-30", "to"),
        ("0001-01-01", None, "from"),
        (None, "9999-12-31", "to"),
    ],
)
def test_what_cannot_be_a_period_names_its_field(begin: str | None, end: str | None, field: str) -> None:
    with pytest.raises(BadPeriod) as refused:
        parse_period(begin, end, SHANGHAI)
    assert refused.value.field == field
    assert refused.value.remedy


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    sunday = date(2026, 3, 1)
    assert step_start(sunday, Step.WEEK) == date(2026, 2, 23)
    assert list(steps(sunday, date(2026, 3, 9), Step.WEEK)) == [date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9)]
    assert list(steps(date(2025, 12, 31), sunday, Step.MONTH))[-1] == sunday
    assert next_step(date(2025, 12, 1), Step.MONTH) == date(2026, 1, 1)
    assert next_step(date(2026, 2, 28), Step.DAY) == sunday


@pytest.mark.parametrize(
    ("days", "step"), [(1, Step.DAY), (14, Step.DAY), (15, Step.WEEK), (210, Step.WEEK), (211, Step.MONTH)]
)
def test_longer_periods_are_cut_more_coarsely(days: int, step: Step) -> None:
    assert step_for(days) is step
