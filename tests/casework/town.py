"""A sample city with somebody for each step of a whistle, and what these do, through the API."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.integration.cases.test_life import agencies, do, look, report
from tests.people import Person, appoint

PARKING = "09009"


class Town:
    """The sample city with one of each, and what whistles are made of."""

    def __init__(self, house: House, api: httpx.Client) -> None:
        self.house, self.api, self.ids = house, api, agencies(house)
        self.centre = appoint(house, Role.CENTRE_OPERATOR, area="WS")
        self.leader = appoint(house, Role.SUBDISTRICT_LEADER, area="WS")
        self.supervisor = appoint(house, Role.DISTRICT_SUPERVISOR, area="W")
        self.city_works = appoint(house, Role.AGENCY_OFFICER, agency="HW")
        self.police = appoint(house, Role.AGENCY_OFFICER, agency="JJ")

    def filed(self, grid: str = "A01", who: Person | None = None) -> str:
        case_id = report(self.api, grid)
        do(self.api, case_id, who or self.centre, "accept", facts={"condition": True})
        return case_id

    def bodies(self) -> list[dict[str, Any]]:
        """City works for what lies about, the police for what stands in the way."""
        return [
            {"agency": self.ids["HW"], "part": "lead"},
            {"agency": self.ids["JJ"], "part": "support", "category": PARKING},
        ]

    def blown(self, case_id: str, who: Person | None = None, kind: str = "advance", **facts: Any) -> dict[str, Any]:
        sent = {"ground": "joint-enforcement", "kind": kind, "bodies": self.bodies()} | facts
        return do(self.api, case_id, who or self.centre, "whistle", reason="车与垃圾堵住消防通道", facts=sent)

    def refused(self, case_id: str, who: Person, action: str, **sent: Any) -> dict[str, Any]:
        """The problem that the step is answered with."""
        seen = look(self.api, case_id, who)
        answer = self.api.post(
            f"/api/v1/cases/{case_id}/actions", json={"action": action, "version": seen["version"], **sent},
            headers=who.headers,
        )  # fmt: skip
        assert answer.status_code >= 400, answer.text
        assert look(self.api, case_id, who)["version"] == seen["version"], "what was refused changed something"
        return {"status": answer.status_code, **answer.json()}

    def answer(self, case_id: str, who: Person, summons: int) -> None:
        do(self.api, case_id, who, "summons-sign", summons=summons)
        do(self.api, case_id, who, "summons-contact", summons=summons, text="已联系街道")
        do(self.api, case_id, who, "summons-report", summons=summons, text="已处置")

    def rate(self, case_id: str, summons: int, quality: int = 4, who: Person | None = None) -> dict[str, Any]:
        facts = {"quality": quality}
        return do(self.api, case_id, who or self.leader, "summons-rate", summons=summons, reason="到场快", facts=facts)


def states(seen: dict[str, Any]) -> list[str]:
    return [one["state"] for one in seen["summons"]]


def due(seen: dict[str, Any], summons: int, name: str) -> str:
    return str(next(one["due_at"] for one in seen["clocks"] if (one["summons"], one["name"]) == (summons, name)))


def inbox(town: Town, who: Person, **params: Any) -> list[dict[str, Any]]:
    answer = town.api.get("/api/v1/summons", params=params, headers=who.headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def figures(town: Town, who: Person, **params: Any) -> dict[str, dict[str, Any]]:
    answer = town.api.get(
        "/api/v1/whistles/figures", params={"from": "2026-06-01", "to": "2027-05-01", **params}, headers=who.headers
    )
    assert answer.status_code == 200, answer.text
    return {side: {one["code"]: one for one in lines} for side, lines in answer.json().items()}


def blown(town: Town, who: Person, **params: Any) -> list[dict[str, Any]]:
    answer = town.api.get("/api/v1/whistles", params=params, headers=who.headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def shift(town: Town, case_id: str, days: int) -> None:
    """As if everything so far had happened some days earlier: the history of the case, and what follows from it."""
    with town.house.db.transaction() as session:
        session.execute(text("alter table cases_event disable trigger cases_grows"))
        for table, columns in (
            ("cases_event", ("at",)),
            ("cases", ("opened_at", "changed_at", "accepted_at")),
            ("cases_clock", ("started_at", "due_at", "ended_at", "paused_at")),
            ("cases_summons", ("called_at", "signed_at", "contacted_at", "answered_at", "ended_at", "sign_due_at",
                               "contact_due_at", "report_due_at", "yellow_at", "whistled_at")),
        ):  # fmt: skip
            moved = ", ".join(f"{one} = {one} - make_interval(days => :days)" for one in columns)
            key = "id" if table == "cases" else "case_id"
            session.execute(text(f"update {table} set {moved} where {key} = :id"), {"days": days, "id": case_id})
        session.execute(text("alter table cases_event enable trigger cases_grows"))
