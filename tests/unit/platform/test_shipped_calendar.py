"""geodata/calendar.csv against the words of the notices it was taken from."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[3] / "geodata" / "calendar.csv"
# What each notice says of its holidays: first day, number of days, days worked for them.
NOTICES = {
    2024: (
        ("01-01", 1, ()), ("02-10", 8, ("02-04", "02-18")), ("04-04", 3, ("04-07",)), ("05-01", 5, ("04-28", "05-11")),
        ("06-10", 1, ()), ("09-15", 3, ("09-14",)), ("10-01", 7, ("09-29", "10-12")),
    ),
    2025: (
        ("01-01", 1, ()), ("01-28", 8, ("01-26", "02-08")), ("04-04", 3, ()), ("05-01", 5, ("04-27",)),
        ("05-31", 3, ()), ("10-01", 8, ("09-28", "10-11")),
    ),
    2026: (
        ("01-01", 3, ("01-04",)), ("02-15", 9, ("02-14", "02-28")), ("04-04", 3, ()), ("05-01", 5, ("05-09",)),
        ("06-19", 3, ()), ("09-25", 3, ()), ("10-01", 7, ("09-20", "10-10")),
    ),
}  # fmt: skip
# Legal holidays of all citizens that fall on working days or are made up for: 11 in 2024, 13 from 2025 on
# (全国年节及纪念日放假办法, revised in November 2024).
LEGAL = {2024: 11, 2025: 13, 2026: 13}


def rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def of(year: int, working: str) -> set[date]:
    return {day for row in rows() if (day := date.fromisoformat(row["day"])).year == year and row["working"] == working}


@pytest.mark.parametrize("year", NOTICES)
def test_days_are_those_of_the_notice(year: int) -> None:
    free: set[date] = set()
    worked: set[date] = set()
    for first, count, made_up in NOTICES[year]:
        start = date.fromisoformat(f"{year}-{first}")
        free |= {start + timedelta(days=n) for n in range(count)}
        worked |= {date.fromisoformat(f"{year}-{day}") for day in made_up}
    assert of(year, "false") == free
    assert of(year, "true") == worked
    assert free != worked


@pytest.mark.parametrize("year", NOTICES)
def test_days_fit_each_other(year: int) -> None:
    """Make-up days are weekends, and the year has as many free working days as the law gives holidays.

    A holiday of the law that falls on a weekend is given on another day, so what is free in the week less what is made
    up for it equals the days of the law.
    """
    free, worked = of(year, "false"), of(year, "true")
    assert all(day.isoweekday() >= 6 for day in worked)
    assert sum(day.isoweekday() <= 5 for day in free) - len(worked) == LEGAL[year]


def test_rows_are_in_order_once_and_say_where_they_come_from() -> None:
    found = [row["day"] for row in rows()]
    assert found == sorted(set(found))
    assert all(row["name_zh"] and row["name_en"] and row["source"] for row in rows())
    sources = Counter((row["day"][:4], row["source"]) for row in rows())
    assert len(sources) == len(NOTICES)
