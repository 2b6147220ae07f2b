"""The life of a case through the API: from a report to its end, by those whose steps they are."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests import sample
from tests.people import Person, appoint


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


def report(api: httpx.Client, grid: str = "A01", channel: str = "worker", category: str = "06010") -> str:
    lon, lat = sample.centre(grid)
    case_id = str(uuid.uuid4())
    body = {"id": case_id, "category": category, "point": {"lon": lon, "lat": lat},
            "happened_at": "2026-01-01T00:00:00Z", "channel": channel}  # fmt: skip
    answer = api.post("/api/v1/incidents", json=body)
    assert answer.status_code == 201, answer.text
    return case_id


def look(api: httpx.Client, case_id: str, who: Person) -> dict[str, Any]:
    answer = api.get(f"/api/v1/cases/{case_id}", headers=who.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def do(api: httpx.Client, case_id: str, who: Person, action: str, **sent: Any) -> dict[str, Any]:
    version = look(api, case_id, who)["version"]
    answer = api.post(
        f"/api/v1/cases/{case_id}/actions", json={"action": action, "version": version, **sent}, headers=who.headers
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_report_begins_a_case(city: House, api: httpx.Client) -> None:
    case_id = report(api)
    centre = appoint(city, Role.CENTRE_OPERATOR)
    seen = look(api, case_id, centre)
    assert (seen["state"], seen["version"]) == ("reported", 1)
    assert [clock["name"] for clock in seen["clocks"]] == ["accept"]
    assert "accept" in [one["action"] for one in seen["allowed"]]


class People:
    """One of each, where their step is."""

    def __init__(self, house: House) -> None:
        self.centre = appoint(house, Role.CENTRE_OPERATOR, area="WS")
        self.worker = appoint(house, Role.GRID_WORKER, area="A01")
        self.leader = appoint(house, Role.SUBDISTRICT_LEADER, area="WS")
        self.supervisor = appoint(house, Role.DISTRICT_SUPERVISOR, area="W")


@pytest.fixture
def people(city: House) -> People:
    return People(city)


def agencies(city: House) -> dict[str, int]:
    with city.db.transaction() as session:
        return {a.code: a.id for a in session.execute(text("select code, id from duties_agency"))}


def test_from_report_to_end(city: House, api: httpx.Client, people: People) -> None:
    """Accepted, dispatched to the department that holds the duty, handled, checked on site, closed."""
    ids = agencies(city)
    case_id = report(api)
    officer = appoint(city, Role.AGENCY_OFFICER, agency="HW")
    assert api.get(f"/api/v1/cases/{case_id}", headers=officer.headers).status_code == 404, "not theirs yet"
    do(api, case_id, people.centre, "accept", facts={"condition": True})
    do(api, case_id, people.centre, "dispatch", to={"agency": ids["HW"]})
    do(api, case_id, officer, "receive")
    do(api, case_id, officer, "answer", text="已清理")
    do(api, case_id, people.centre, "ask-check")
    do(api, case_id, people.worker, "pass-check", text="现场已干净")
    seen = do(api, case_id, people.centre, "close", facts={"condition": True})
    assert seen["state"] == "closed"
    assert seen["first"] == {"agency": ids["HW"], "area": None, "level": None}
    assert all(clock["ended_at"] for clock in seen["clocks"])
    with city.db.transaction() as session:
        found = session.execute(text("select status from incidents where id = :id"), {"id": case_id}).scalar_one()
        told = session.execute(text("select topic from platform_outbox order by id")).scalars().all()
    assert found == "closed"
    assert told[-1] == "case.close"
