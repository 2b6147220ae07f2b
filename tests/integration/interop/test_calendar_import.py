"""Holidays from a file: all of it or nothing, seen before it counts; and those that a Chinese city begins with."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from gridgov.bootstrap import House
from gridgov.interop.cityload import load_city
from gridgov.interop.files.refusals import ColumnMissing
from gridgov.interop.imports.calendar import CalendarFaulty, import_calendar, import_shipped
from gridgov.interop.imports.run import Place
from gridgov.platform import days
from gridgov.platform.days import Day
from tests.integration.interop import making

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def row(day: str, working: str = "false", name: str = "国庆节") -> dict[str, Any]:
    return {"day": day, "working": working, "name_zh": name, "name_en": "", "source": "通知"}


ROWS = [row("2026-10-01"), row("2026/10/2", "休"), row("2026年10月10日", "班", "国庆节调休")]


@pytest.fixture
def place(house: House, tmp_path: Path) -> Place:
    return Place(house.db, problems=tmp_path / "problems")


def stored(house: House) -> list[Day]:
    with house.db.transaction() as session:
        return days.days(session, 1900, 2199)


@pytest.mark.parametrize("codec", ["utf-8-sig", "gb18030"])
def test_days_are_taken(place: Place, house: House, tmp_path: Path, codec: str) -> None:
    done = import_calendar(place, [making.table(tmp_path / "c.csv", ROWS, codec)])
    assert (done.report.read, done.report.taken, done.report.repeated) == (3, 3, 0)
    assert [(one.day, one.working) for one in stored(house)] == [
        (date(2026, 10, 1), False), (date(2026, 10, 2), False), (date(2026, 10, 10), True),
    ]  # fmt: skip
    assert stored(house)[0].names == {"zh": "国庆节"}


def test_a_preview_shows_and_stores_nothing(place: Place, house: House, tmp_path: Path) -> None:
    path = making.table(tmp_path / "c.csv", ROWS)
    done = import_calendar(place, [path], preview=True)
    assert [change.after is not None for change in done.changes] == [True] * 3
    assert [note.code for note in done.report.notes] == ["nothing-stored"]
    assert stored(house) == []
    assert import_calendar(place, [path]).changes == done.changes


def test_days_are_added_to_a_year_or_replace_it(place: Place, house: House, tmp_path: Path) -> None:
    import_calendar(place, [making.table(tmp_path / "c.csv", ROWS)])
    more = making.table(tmp_path / "more.csv", [row("2026-10-03"), ROWS[0]])
    done = import_calendar(place, [more])
    assert (done.report.taken, done.report.repeated, len(stored(house))) == (1, 1, 4)
    done = import_calendar(place, [more], complete=True)
    assert [str(change.day) for change in done.changes if change.after is None] == ["2026-10-02", "2026-10-10"]
    assert [note.facts["days"] for note in done.report.notes] == ["2026-10-02, 2026-10-10"]
    assert len(stored(house)) == 2


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (row("2026-10-32"), "2026-10-32"),
        (row("2026-10-08", "true"), "no Saturday or Sunday"),
        (row("2026-10-03", "perhaps"), "perhaps"),
        (row("2026-10-03", name=""), "must not be empty"),
        (row("2026-10-03") | {"source": ""}, "must not be empty"),
        (row("2026-10-01", name="另"), "stands in row"),
        (row("2226-10-01"), "between 1900 and 2199"),
        (row(""), "must not be empty"),
    ],
)
def test_one_bad_row_is_named_and_nothing_is_taken(
    place: Place, house: House, tmp_path: Path, bad: dict[str, Any], said: str
) -> None:
    path = making.table(tmp_path / "c.csv", [*ROWS, bad, row("2026-10-04")])
    with pytest.raises(CalendarFaulty, match=said) as caught:
        import_calendar(place, [path])
    assert "c.csv, row 5:" in caught.value.detail
    assert caught.value.field in ("day", "working", "name_zh", "source")
    (problems,) = (tmp_path / "problems").iterdir()
    assert "c.csv,5," in problems.read_text(encoding="utf-8-sig")
    assert stored(house) == []
    import_calendar(place, [making.table(tmp_path / "c.csv", [*ROWS, row("2026-10-04")])])  # the control
    assert len(stored(house)) == 4


def test_a_file_without_a_column_is_refused(place: Place, house: House, tmp_path: Path) -> None:
    path = making.table(tmp_path / "c.csv", [{"day": "2026-10-01", "work": "false"}])
    with pytest.raises(ColumnMissing):
        import_calendar(place, [path])


def test_a_chinese_city_begins_with_the_national_calendar(house: House, tmp_path: Path) -> None:
    path = making.whole_city(tmp_path)
    (report,) = [one for one in load_city(house, path, now=NOW) if one.noun == "calendar"]
    assert report.taken == report.read == len(stored(house))
    with house.db.transaction() as session:
        found = days.calendar(session, house.locator.city(session).zone)
    assert found.known_until == date(2026, 12, 31)
    assert not found.is_working(date(2026, 10, 1))
    assert found.is_working(date(2026, 10, 10))


def test_a_city_elsewhere_begins_without_one(house: House, tmp_path: Path) -> None:
    path = making.whole_city(tmp_path)
    text = path.read_text(encoding="utf-8").replace("[city]", '[city]\ntimezone = "America/New_York"', 1)
    path.write_text(text, encoding="utf-8")
    assert not [one for one in load_city(house, path, now=NOW) if one.noun == "calendar"]
    assert stored(house) == []


def test_what_is_shipped_changes_no_year_that_the_city_has(place: Place, house: House, tmp_path: Path) -> None:
    import_calendar(place, [making.table(tmp_path / "c.csv", ROWS)])
    report = import_shipped(place)
    own = [one for one in stored(house) if one.day.year == 2026]
    assert len(own) == 3
    assert Counter(one.day.year for one in stored(house)).keys() == {2024, 2025, 2026}
    assert report.read == report.taken + report.repeated
    assert import_shipped(place).taken == 0
