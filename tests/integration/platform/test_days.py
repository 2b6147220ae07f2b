"""The calendar as it is stored: replaced year by year, compared, kept fresh in memory, written down by whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, time
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridgov.platform import days
from gridgov.platform.calendars import HOURS, BadCalendar, Limit, due
from gridgov.platform.days import Day, Days
from gridgov.platform.db import Database, revisions

SHANGHAI = ZoneInfo("Asia/Shanghai")
FREE = Day(date(2026, 10, 1), False, {"zh": "国庆节", "en": "National Day"}, "notice")
MADE_UP = Day(date(2026, 10, 10), True, {"zh": "国庆节调休"}, "notice")
EARLIER = Day(date(2025, 10, 1), False, {"zh": "国庆节"}, "notice of the year before")


def put(db: Database, wanted: Collection[Day], *years: int) -> list[days.DayChange]:
    with db.transaction() as session:
        return days.put(session, wanted, set(years))


def revision(session: Session) -> int:
    return revisions(session).get(days.NOUN, 0)


def test_days_are_stored_and_read_back(db: Database) -> None:
    changes = put(db, [MADE_UP, FREE], 2026)
    assert [(change.day, change.before, change.after) for change in changes] == [
        (FREE.day, None, FREE),
        (MADE_UP.day, None, MADE_UP),
    ]
    with db.transaction() as session:
        assert days.days(session, 2026, 2026) == [FREE, MADE_UP]
        found = days.calendar(session, SHANGHAI)
    assert (set(found.free), set(found.worked), set(found.years)) == ({FREE.day}, {MADE_UP.day}, {2026})
    assert found.hours == HOURS


def test_a_year_is_replaced_as_a_whole_and_others_stay(db: Database) -> None:
    put(db, [EARLIER], 2025)
    put(db, [FREE, MADE_UP], 2026)
    renamed = replace(FREE, names={"zh": "国庆"})
    changes = put(db, [renamed], 2026)
    assert [(change.before, change.after, change.counts) for change in changes] == [
        (FREE, renamed, False),
        (MADE_UP, None, True),
    ]
    with db.transaction() as session:
        assert days.days(session, 1900, 2199) == [EARLIER, renamed]


def test_comparing_stores_nothing(db: Database) -> None:
    with db.transaction() as session:
        before = revision(session)
        assert [change.after for change in days.compare(session, [FREE], {2026})] == [FREE]
    with db.transaction() as session:
        assert days.days(session, 2026, 2026) == []
        assert revision(session) == before


def test_the_same_again_changes_nothing(db: Database) -> None:
    put(db, [FREE], 2026)
    with db.transaction() as session:
        before = revision(session)
    assert put(db, [FREE], 2026) == []
    with db.transaction() as session:
        assert not days.put_hours(session, HOURS)
        assert revision(session) == before


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (FREE, "twice"),
        (replace(FREE, day=date(2027, 1, 1)), "another year"),
        (replace(FREE, day=date(2026, 10, 2), working=True), "worked anyway"),
        (replace(FREE, day=date(2026, 10, 2), names={}), "no name"),
        (replace(FREE, day=date(2026, 10, 2), source=""), "no source"),
    ],
)
def test_one_bad_day_and_nothing_is_stored(db: Database, bad: Day, said: str) -> None:
    with pytest.raises(BadCalendar, match=said):
        put(db, [FREE, bad], 2026)
    with db.transaction() as session:
        assert days.days(session, 1900, 2199) == []


def test_hours_are_replaced(db: Database) -> None:
    night = ((time(9), time(17)), (time(20), time(0)))
    with db.transaction() as session:
        assert days.put_hours(session, night)
    with db.transaction() as session:
        assert days.hours(session) == night
        assert days.written_hours(night) == ["09:00-17:00", "20:00-24:00"]
        with pytest.raises(BadCalendar):
            days.put_hours(session, ((time(9), time(17)), (time(16), time(20))))


@pytest.mark.parametrize(
    "text", ["8:00-12:00", "08:00", "08:00-25:00", "24:00-08:00", "12:00-08:00", "０8:00-12:00", ""]
)
def test_hours_that_are_none(text: str) -> None:
    with pytest.raises(BadCalendar):
        days.read_hours([text])
    assert days.read_hours([" 08:00-12:00", "14:00–24:00"]) == ((time(8), time(12)), (time(14), time(0)))


def test_what_is_in_memory_is_read_anew_with_a_new_revision(db: Database) -> None:
    kept, opened = Days(), datetime(2026, 9, 30, 2, tzinfo=UTC)
    with db.transaction() as session:
        before = kept.calendar(session, SHANGHAI, revision=revision(session))
    put(db, [FREE], 2026)
    with db.transaction() as session:
        after = kept.calendar(session, SHANGHAI, revision=revision(session))
        assert after is kept.calendar(session, SHANGHAI, revision=revision(session))
        assert kept.calendar(session, ZoneInfo("Asia/Urumqi"), revision=revision(session)).zone.key == "Asia/Urumqi"
    limit = Limit.parse("1 work_day")
    assert due(opened, limit, before) == datetime(2026, 10, 1, 2, tzinfo=UTC)
    assert due(opened, limit, after) == datetime(2026, 10, 2, 2, tzinfo=UTC)


def test_two_at_once_both_end_and_the_second_sees_the_first(db: Database) -> None:
    first = db.transaction()
    session = first.__enter__()
    days.put(session, [FREE], {2026})
    second: list[list[days.DayChange]] = []
    other = Thread(target=lambda: second.append(put(db, [FREE, MADE_UP], 2026)))
    other.start()
    other.join(0.5)
    assert other.is_alive()  # it waits for the first
    first.__exit__(None, None, None)
    other.join()
    assert [change.day for change in second[0]] == [MADE_UP.day]


def test_a_change_stands_in_the_trail_and_only_those_who_may_make_one(db: Database) -> None:
    put(db, [FREE], 2026)
    put(db, [], 2026)
    with db.transaction() as session:
        found = session.execute(
            text("select action, row_id, coalesce(before, after) ->> 'source' from audit_entry "
                 "where noun = 'platform_day' order by id")
        ).all()  # fmt: skip
    assert [tuple(row) for row in found] == [("insert", "2026-10-01", "notice"), ("delete", "2026-10-01", "notice")]


@pytest.mark.parametrize(
    "row",
    [
        ("2026-10-02", True, "{}", "x"),
        ("2026-10-03", True, "[]", "x"),
        ("2026-10-03", True, "{}", ""),
        ("1899-12-31", False, "{}", "x"),
    ],
)
def test_the_table_itself_refuses_what_no_calendar_has(db: Database, row: tuple[object, ...]) -> None:
    statement = text("insert into platform_day values (:d, :w, cast(:n as jsonb), :s)")
    values = dict(zip("dwns", row, strict=True))
    with pytest.raises(DBAPIError), db.transaction() as session:
        session.execute(statement, values)
    with db.transaction() as session:
        session.execute(statement, {"d": "2026-10-03", "w": True, "n": "{}", "s": "x"})
