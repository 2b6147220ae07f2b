"""A city with people, and cases in every state, through the API. Owns how tests get there."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests import sample
from tests.people import Person, appoint

HAPPENED = "2026-01-01T00:00:00Z"
CONFIRMED = {"condition": True}


def report(
    api: httpx.Client,
    grid: str = "A01",
    channel: str = "worker",
    category: str = "06010",
    *,
    east_m: float = 0.0,
    happened_at: str = HAPPENED,
) -> str:
    """The id of a new case in the middle of a grid, so many metres to the east of it."""
    return str(receipt(api, grid, channel, category, east_m=east_m, happened_at=happened_at)["id"])


def receipt(
    api: httpx.Client,
    grid: str = "A01",
    channel: str = "worker",
    category: str = "06010",
    *,
    east_m: float = 0.0,
    happened_at: str = HAPPENED,
) -> dict[str, Any]:
    """The same with number and secret."""
    lon, lat = sample.centre(grid)
    body = {"id": str(uuid.uuid4()), "category": category, "point": {"lon": lon + east_m / 94_400.0, "lat": lat},
            "happened_at": happened_at, "channel": channel}  # fmt: skip
    answer = api.post("/api/v1/incidents", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def look(api: httpx.Client, case_id: str, who: Person) -> dict[str, Any]:
    answer = api.get(f"/api/v1/cases/{case_id}", headers=who.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def send(
    api: httpx.Client, case_id: str, who: Person, action: str, *, version: int | None = None, **sent: Any
) -> httpx.Response:
    """The answer to a step, whatever it is."""
    if version is None:
        version = look(api, case_id, who)["version"]
    return api.post(
        f"/api/v1/cases/{case_id}/actions", json={"action": action, "version": version, **sent}, headers=who.headers
    )


def do(api: httpx.Client, case_id: str, who: Person, action: str, **sent: Any) -> dict[str, Any]:
    """The case after a step that is taken."""
    answer = send(api, case_id, who, action, **sent)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """What a step was refused with."""
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    assert found["code"] == code, found
    assert found.get("remedy"), "no remedy is named"
    return found


class Cast:
    """One of each, where their step is; ids of agencies and areas by code."""

    def __init__(self, house: House) -> None:
        self.centre = appoint(house, Role.CENTRE_OPERATOR, area="WS")
        self.worker = appoint(house, Role.GRID_WORKER, area="A01")
        self.neighbour = appoint(house, Role.GRID_WORKER, area="A02")
        self.community = appoint(house, Role.COMMUNITY_OFFICER, area="W1")
        self.leader = appoint(house, Role.SUBDISTRICT_LEADER, area="WS")
        self.supervisor = appoint(house, Role.DISTRICT_SUPERVISOR, area="W")
        self.cleaners = appoint(house, Role.AGENCY_OFFICER, agency="HW")
        self.bureau = appoint(house, Role.AGENCY_HEAD, agency="CG")
        self.police = appoint(house, Role.AGENCY_OFFICER, agency="JJ")
        with house.db.transaction() as session:
            in_force = session.execute(text("select code, area_id from areas_version where upper_inf(valid)"))
            self.area: dict[str, int] = {row.code: row.area_id for row in in_force}
            agencies = session.execute(text("select code, id from duties_agency"))
            self.agency: dict[str, int] = {row.code: row.id for row in agencies}

    def handling(self, api: httpx.Client, case_id: str) -> None:
        """The cleaners have it and work on it."""
        do(api, case_id, self.centre, "accept", facts=CONFIRMED)
        do(api, case_id, self.centre, "dispatch", to={"agency": self.agency["HW"]})
        do(api, case_id, self.cleaners, "receive")

    def closed(self, api: httpx.Client, case_id: str) -> None:
        self.handling(api, case_id)
        do(api, case_id, self.cleaners, "answer", text="已清理")
        do(api, case_id, self.centre, "ask-check")
        do(api, case_id, self.worker, "pass-check", text="现场已干净")
        do(api, case_id, self.centre, "close", facts=CONFIRMED)
