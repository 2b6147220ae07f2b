"""Another calendar under running cases: their due times follow, once, and nothing else does."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from gridgov.api.keeping import recount_cases
from gridgov.bootstrap import House
from gridgov.cases.verifying import verify
from gridgov.platform import days
from gridgov.platform.days import Day
from tests.integration.cases.helping import Cast, do, look, report


def handled(api: httpx.Client, cast: Cast) -> str:
    """A case that somebody is handling, within five working days."""
    case_id = report(api)
    do(api, case_id, cast.centre, "accept", facts={"condition": True})
    do(api, case_id, cast.centre, "dispatch", to={"agency": cast.agency["HW"]})
    return case_id


def due(city: House, case_id: str) -> tuple[datetime, datetime]:
    """(when the clock of handling is due, when the case is due next), as stored."""
    sql = """
        select k.due_at, c.next_due_at from cases c join cases_clock k using (number)
        where c.id = :id and k.name = 'handle' and k.ended_at is null
        """
    with city.db.transaction() as session:
        row = session.execute(text(sql), {"id": case_id}).one()
    return row.due_at, row.next_due_at


def close_offices(city: House, until: datetime) -> None:
    """A fortnight of free days up to and with the day of an instant, as an import would bring them."""
    last: date = until.date()
    free = [Day(last - timedelta(days=n), False, {"zh": "放假"}, "测试") for n in range(3)]
    with city.db.transaction() as session:
        known = days.days(session, 2020, 2040)
        there = {one.day for one in free}
        kept: list[Any] = [one for one in known if one.day not in there]
        days.put(session, [*kept, *free], sorted({one.day.year for one in (*kept, *free)}))


def test_due_times_follow_the_calendar_once(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = handled(api, cast)
    before, _ = due(city, case_id)
    recount_cases(city)
    assert due(city, case_id)[0] == before, "nothing changed, so nothing is counted"
    close_offices(city, before)
    assert recount_cases(city) == 1
    after, following = due(city, case_id)
    assert after > before
    assert following == after
    assert recount_cases(city) == 0, "once"
    shown = next(one for one in look(api, case_id, cast.centre)["clocks"] if one["name"] == "handle")
    assert datetime.fromisoformat(shown["due_at"]) == after
    with city.db.transaction() as session:
        assert verify(session).difference is None


def test_without_it_the_history_says_otherwise(city: House, api: httpx.Client, cast: Cast) -> None:
    """The control: what is stored differs from what its history gives by the new calendar until it is counted anew."""
    case_id = handled(api, cast)
    close_offices(city, due(city, case_id)[0])
    with city.db.transaction() as session:
        difference = verify(session).difference
    assert difference is not None
    assert difference.table in ("cases", "cases_clock")
    recount_cases(city)
    with city.db.transaction() as session:
        assert verify(session).difference is None
