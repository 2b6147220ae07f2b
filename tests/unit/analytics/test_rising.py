"""What is rising: planted rises are found, none in noise; weekdays, free days and the season are no rise."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from gridgov.analytics import rising
from gridgov.analytics.rising import Rising
from gridgov.platform.calendars import Calendar

ZONE = ZoneInfo("Asia/Shanghai")
PLAIN = Calendar(ZONE)
WEEK = np.array([1.0, 1.0, 1.0, 1.1, 1.2, 0.6, 0.5])
FIRST = date(2025, 1, 6)  # a Monday
GROUPS, AREAS = ["06", "09", "11"], list(range(12))
Counts = NDArray[np.int64]


def days(number: int) -> list[date]:
    return [FIRST + timedelta(days=i) for i in range(number)]


def noise(seed: int, number: int = 84, mean: float = 0.8, scatter: float = 0.0) -> Counts:
    """Kinds and areas of different size over weeks; `scatter`: the variance of what whole weeks are multiplied with."""
    rng = np.random.default_rng(seed)
    size = rng.gamma(2, 0.5, (len(GROUPS), 1)) * rng.gamma(2, 0.5, (len(GROUPS), len(AREAS)))
    usual = mean * size[:, :, None] * WEEK[[day.weekday() for day in days(number)]]
    if scatter:
        weeks = rng.gamma(1 / scatter, scatter, (*size.shape, -(-number // 7)))
        usual = usual * np.repeat(weeks, 7, axis=2)[:, :, :number]
    counts: Counts = rng.poisson(usual).astype(np.int64)
    return counts


def look(counts: Counts, *, calendar: Calendar = PLAIN, window: int = 7) -> Rising:
    return rising.rising(counts, GROUPS, AREAS, days(counts.shape[2]), calendar, window=window)


@pytest.mark.parametrize("scatter", [0.0, 0.1])
def test_in_noise_hardly_anything_rises(scatter: float) -> None:
    """Thirty cities in which nothing changes: with 5 % of false discoveries at most one in twenty tells of a rise; six
    or more would come by chance once in two hundred times."""
    told = [any(one.kept for one in look(noise(seed, scatter=scatter)).items) for seed in range(30)]
    assert sum(told) <= 5


def test_a_planted_rise_is_found_where_it_is_and_nowhere_else() -> None:
    found = 0
    for seed in range(10):
        counts = noise(seed, mean=1.5)
        extra = np.random.default_rng(seed).poisson(4, 7)
        counts[1, 5, -7:] += extra
        kept = [(one.group, one.area_id) for one in look(counts).items if one.kept and one.area_id is not None]
        found += ("09", 5) in kept
        assert len(kept) <= 2
    assert found >= 9


def test_a_rise_is_told_with_what_is_usual_and_its_interval() -> None:
    counts = noise(1, mean=2.0)
    counts[0, 3, -7:] += 6
    (top, *_) = [one for one in look(counts).items if one.area_id == 3]
    usual = counts[0, 3, :-7].mean() * 7
    assert top.expected == pytest.approx(usual, rel=0.15)
    assert top.ratio == pytest.approx(top.count / top.expected, rel=0.01)
    assert top.low is not None
    assert top.ratio is not None
    assert top.high is not None
    assert 1 < top.low < top.ratio < top.high
    said = rising.told(top, {"zh": "市容环境", "en": "Appearance"}, {"zh": "甲社区", "en": "Community A"}, 7)
    assert f"甲社区：市容环境最近 7 天 {top.count} 件" in said["zh"]
    assert f"{top.ratio:.1f} times the usual" in said["en"]


def test_a_weekend_after_a_week_of_work_is_no_rise_and_a_busy_weekend_is() -> None:
    """The last three days are Friday to Sunday: fewer than on other days, yet as many as is usual for these days."""
    counts = noise(3, number=84, mean=3.0)
    assert not [one for one in look(counts, window=3).items if one.kept]
    busy = counts.copy()
    busy[:, :, -2:] = np.random.default_rng(1).poisson(busy[:, :, :5].mean(axis=2, keepdims=True) * 1.1, (3, 12, 2))
    assert [one for one in look(busy, window=3).items if one.kept and one.area_id is None]  # weekdays' counts


def test_a_free_week_is_like_sundays() -> None:
    counts = noise(4, number=84, mean=3.0)
    free = Calendar(ZONE, free=frozenset(days(84)[-7:]), years=frozenset({2025}))
    assert not any(one.kept for one in look(counts).items)
    assert any(one.kept for one in look(counts, calendar=free).items)  # a plain week in a week that should be calm
    assert [rising.weekday_like(day, free) for day in days(84)[-8:-5]] == [6, 6, 6]
    worked = Calendar(ZONE, worked=frozenset({date(2025, 1, 11)}), years=frozenset({2025}))
    assert rising.weekday_like(date(2025, 1, 11), worked) == 4


def test_the_season_is_no_rise_from_a_year_on() -> None:
    """Twice as much in summer as in winter: a week in spring, on the way up, is usual once a year is known."""
    number = 7 * 64
    wave = 1 + 0.6 * np.sin(2 * np.pi * (np.arange(number) - 91) / 365.25)
    rng = np.random.default_rng(6)
    counts = rng.poisson(np.broadcast_to(6.0 * wave, (3, 12, number))).astype(np.int64)
    year = look(counts)
    assert year.seasonal
    assert not any(one.kept for one in year.items if one.area_id is None)
    upward = slice(7 * 4, 7 * 24)  # twenty weeks on the way up: the season is not known, only that it scatters
    short = rising.rising(counts[:, :, upward], GROUPS, AREAS, days(number)[upward], PLAIN, window=7)
    assert not short.seasonal
    assert "season is not" in rising.summary(short)["en"]
    known, unknown = (next(one for one in found.items if one.group is None) for found in (year, short))
    assert known.ratio is not None
    assert unknown.ratio is not None
    assert known.ratio < 1.25
    assert unknown.ratio > 1.45  # the control: what the season explains


def test_too_little_history_says_so_and_few_incidents_are_no_rise() -> None:
    short = look(noise(1, number=62))
    assert (short.enough, short.items, short.history_days) == (False, (), 55)
    assert "历史不足" in rising.summary(short)["zh"]
    assert look(noise(1, number=63)).enough
    few = np.zeros((3, 12, 84), dtype=np.int64)
    few[0, 0, -4:] = 1
    assert look(few).items == ()  # four out of nothing are told by nobody
    assert "none of" in rising.summary(look(noise(1)))["en"]


def test_counts_that_follow_the_week_exactly_are_usual() -> None:
    """Fitted wholly: nothing scatters, and nothing is said to go wrong (a warning would fail this test)."""
    plain = np.tile(np.array([3, 3, 3, 3, 4, 1, 0]), 12)
    counts = np.broadcast_to(plain, (3, 12, 84)).astype(np.int64)
    found = look(counts)
    assert not any(one.kept for one in found.items)
    assert all(one.ratio == pytest.approx(1.0, abs=0.05) for one in found.items if one.area_id is None)
