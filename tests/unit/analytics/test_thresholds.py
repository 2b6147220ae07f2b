"""What a rule may say, its days, and what begins and ceases from one look to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gridgov.analytics.counting import BadGrouping
from gridgov.analytics.measures import Measure, Of
from gridgov.analytics.thresholds import Asked, BadRule, check, listed, period, turned
from gridgov.areas.rules import Level

FINE = Asked(1, {"zh": "", "en": ""}, Of.INCIDENTS, Measure.COUNT, Level.GRID, 7, 5.0)


def test_a_fine_rule_passes() -> None:
    check(FINE, Level.DISTRICT)
    check(replace(FINE, of=Of.CASES, measure=Measure.OVERDUE_SHARE, threshold=0.2), Level.GRID)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"threshold": float("nan")}, "threshold"), ({"threshold": float("inf")}, "threshold"),
        ({"threshold": -1.0}, "threshold"), ({"threshold": 0.0}, "threshold"), ({"days": 0}, "days"),
        ({"days": 367}, "days"), ({"level": Level.CITY}, "by"), ({"channels": ("a",) * 101}, "channel"),
        ({"names": {"zh": "名" * 81, "en": ""}}, "names"),
    ],
)  # fmt: skip
def test_a_bad_one_does_not(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRule) as refused:
        check(replace(FINE, **changed), Level.DISTRICT)
    assert refused.value.field == field


def test_what_is_of_cases_is_not_measured_of_incidents() -> None:
    with pytest.raises(BadGrouping):
        check(replace(FINE, measure=Measure.OVERDUE), Level.DISTRICT)


def test_days_are_whole_days_of_the_city_with_today() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    found = period(7, datetime(2026, 11, 22, 17, 30, tzinfo=UTC), zone)  # the 23rd has begun there
    assert found.begin == datetime(2026, 11, 17, tzinfo=zone)
    assert found.end == datetime(2026, 11, 24, tzinfo=zone)


def test_an_area_begins_at_the_threshold_and_ceases_below_it() -> None:
    found = {1: 5.0, 2: 4.99, 3: 9.0, 4: 1.0}
    first = turned((), found, 5.0)
    assert (dict(first.began), first.ceased) == ({1: 5.0, 3: 9.0}, ())
    again = turned({1, 3}, found, 5.0)
    assert (dict(again.began), again.ceased) == ({}, ())
    later = turned({1, 3}, {1: 4.0, 2: 6.0}, 5.0)  # nothing more is known of 3
    assert (dict(later.began), later.ceased) == ({2: 6.0}, (1, 3))


def test_a_list_is_the_same_however_it_is_written() -> None:
    assert listed(["06*", " 01 ", "06*", ""]) == ("01", "06*")
