"""The calendar through the API: everybody reads it, an administrator changes it, and due times follow at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.platform.calendars import Calendar
from gridgov.privacy.deadlines import Limit, due
from tests.people import appoint

SHANGHAI = ZoneInfo("Asia/Shanghai")
NATIONAL = {"day": "2026-10-01", "working": False, "names": {"zh": "国庆节"}, "source": "notice"}
MADE_UP = {"day": "2026-10-10", "working": True, "names": {"zh": "国庆节调休"}, "source": "notice"}
DUE = {"limit": "1 work_day", "opened": "2026-09-30T16:00:00+08:00"}


@pytest.fixture
def administrator(sampled: House, api: httpx.Client) -> Iterator[httpx.Client]:
    """A client of an administrator, of a city that is set up."""
    person = appoint(sampled, Role.ADMINISTRATOR)
    with httpx.Client(base_url=api.base_url, headers=person.headers, timeout=60) as client:
        yield client


def put(client: httpx.Client, *days: dict[str, Any], year: int = 2026, **params: str) -> httpx.Response:
    return client.put(f"/api/v1/calendar/{year}", json={"days": list(days)}, params=params)


def test_a_year_is_shown_as_it_was_put(administrator: httpx.Client, api: httpx.Client) -> None:
    assert put(administrator, NATIONAL, MADE_UP).status_code == 200
    shown = api.get("/api/v1/calendar", params={"year": 2026}).json()
    assert shown["days"] == [NATIONAL, MADE_UP]
    assert (shown["known"], shown["known_until"], shown["timezone"]) == (True, "2026-12-31", "Asia/Shanghai")
    assert shown["hours"] == ["08:00-12:00", "14:00-18:00"]


def test_a_year_without_data_says_so(administrator: httpx.Client, api: httpx.Client) -> None:
    put(administrator, NATIONAL)
    shown = api.get("/api/v1/calendar", params={"year": 2027}).json()
    assert (shown["known"], shown["known_until"], shown["days"]) == (False, "2026-12-31", [])
    ends = api.get("/api/v1/calendar/due", params={"limit": "1 work_day", "opened": "2026-12-31T16:00:00+08:00"}).json()
    assert (ends["due_at"], ends["known"]) == ("2027-01-01T16:00:00+08:00", False)  # it will be a holiday


def test_due_times_follow_at_once(administrator: httpx.Client, api: httpx.Client) -> None:
    put(administrator, MADE_UP)
    assert api.get("/api/v1/calendar/due", params=DUE).json() == {
        "opened_at": "2026-09-30T16:00:00+08:00",
        "limit": "1 work_day",
        "due_at": "2026-10-01T16:00:00+08:00",
        "known": True,
    }
    put(administrator, NATIONAL, MADE_UP)
    assert api.get("/api/v1/calendar/due", params=DUE).json()["due_at"] == "2026-10-02T16:00:00+08:00"
    hours = {"limit": "2 work_hour", "opened": "2026-09-30T16:00:00+08:00"}
    assert api.get("/api/v1/calendar/due", params=hours).json()["due_at"] == "2026-09-30T18:00:00+08:00"
    changed = administrator.put("/api/v1/calendar/hours", json={"hours": ["09:00-17:00"]})
    assert changed.json() == {"hours": ["09:00-17:00"]}
    assert api.get("/api/v1/calendar/due", params=hours).json()["due_at"] == "2026-10-02T10:00:00+08:00"


def test_a_preview_changes_nothing(administrator: httpx.Client, api: httpx.Client) -> None:
    put(administrator, NATIONAL)
    answer = put(administrator, MADE_UP, preview="true").json()
    assert answer == {
        "stored": False,
        "changes": [
            {"day": "2026-10-01", "before": NATIONAL, "after": None, "counts": True},
            {"day": "2026-10-10", "before": None, "after": MADE_UP, "counts": True},
        ],
    }
    assert api.get("/api/v1/calendar", params={"year": 2026}).json()["days"] == [NATIONAL]
    assert put(administrator, MADE_UP).json() == answer | {"stored": True}


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ([NATIONAL, NATIONAL], "day"),
        ([NATIONAL | {"day": "2027-10-01"}], "day"),
        ([NATIONAL | {"working": True}], "working"),
        ([NATIONAL | {"names": {}}], "source"),
        ([NATIONAL | {"day": "1 October"}], "days.0.day"),
    ],
)
def test_a_bad_day_is_named_and_nothing_is_stored(
    administrator: httpx.Client, api: httpx.Client, days: list[dict[str, Any]], field: str
) -> None:
    refused = put(administrator, MADE_UP, *days)
    assert (refused.status_code, refused.json()["field"].replace("days.1", "days.0")) == (422, field)
    assert api.get("/api/v1/calendar", params={"year": 2026}).json()["days"] == []


@pytest.mark.parametrize("limit", ["two work_day", "2 workday", "0 work_day", "2"])
def test_a_bad_limit_is_named(administrator: httpx.Client, api: httpx.Client, limit: str) -> None:
    refused = api.get("/api/v1/calendar/due", params={"limit": limit})
    assert (refused.status_code, refused.json()["field"]) == (422, "limit")
    assert "work_day" in refused.json()["remedy"] or "1 to" in refused.json()["remedy"]


@pytest.mark.parametrize("role", [Role.CENTRE_OPERATOR, Role.AUDITOR, Role.DISTRICT_SUPERVISOR])
def test_only_an_administrator_changes_it(administrator: httpx.Client, house: House, role: Role) -> None:
    person = appoint(house, role)
    with httpx.Client(base_url=administrator.base_url, headers=person.headers, timeout=60) as client:
        assert put(client, NATIONAL).status_code == 403
        assert client.put("/api/v1/calendar/hours", json={"hours": ["09:00-17:00"]}).status_code == 403
        assert client.get("/api/v1/calendar").status_code == 200
    assert put(administrator, NATIONAL).status_code == 200


def test_who_changed_it_stands_in_the_trail(administrator: httpx.Client, house: House) -> None:
    put(administrator, NATIONAL)
    with house.db.transaction() as session:
        row = session.execute(text("select role, after ->> 'day' from audit_entry where noun = 'platform_day'")).one()
    assert tuple(row) == ("administrator", "2026-10-01")


def test_answers_to_persons_are_due_by_it_too(administrator: httpx.Client, api: httpx.Client) -> None:
    """The answer of 15 working days moves by the holiday that lies between."""

    def asked() -> dict[str, Any]:
        body = {"id": str(uuid4()), "kind": "access", "phone": "13800138000"}
        answer = api.post("/api/v1/privacy/requests/papers", json=body)
        assert answer.status_code == 201
        found: dict[str, Any] = answer.json()
        return found

    before = asked()
    filed = datetime.fromisoformat(before["filed_at"])
    free = (filed + timedelta(days=7)).astimezone(SHANGHAI).date()
    while free.isoweekday() > 5:
        free += timedelta(days=1)
    put(administrator, NATIONAL | {"day": str(free)}, year=free.year)
    after = asked()
    days = Limit("answer", 15, "test", working=True)
    for request, calendar in ((before, Calendar(SHANGHAI)), (after, Calendar(SHANGHAI, free=frozenset({free})))):
        expected = due(datetime.fromisoformat(request["filed_at"]), days, calendar)
        assert datetime.fromisoformat(request["due_at"]) == expected
    assert before["due_at"] < after["due_at"]
