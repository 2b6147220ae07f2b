"""Who sets thresholds, and who sees what stands above them: by the verbs, and by the rows of the database."""

from __future__ import annotations

import uuid
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House
from gridgov.incidents.service import OldIncident, take_many
from gridgov.platform.clock import utcnow
from tests import sample
from tests.people import AGENCY_ROLES, Person, appoint
from tests.security.world import path

READ = {
    Role.COMMUNITY_OFFICER, Role.CENTRE_OPERATOR, Role.SUBDISTRICT_LEADER, Role.DISTRICT_SUPERVISOR, Role.PLANNER,
}  # fmt: skip
EDIT = {Role.SUBDISTRICT_LEADER, Role.DISTRICT_SUPERVISOR}
GRIDS = ("A01", "A03", "B01")


@pytest.fixture
def busy(sampled: House) -> House:
    """Three grids with three incidents of today each."""
    old = [
        OldIncident(uuid.uuid4(), "06010", *sample.centre(code), utcnow() - timedelta(minutes=n), status="open")
        for code in GRIDS for n in range(3)
    ]  # fmt: skip
    with sampled.db.transaction() as session:
        take_many(session, old, locator=sampled.locator, router=sampled.router, now=utcnow())
    return sampled


def rule(**more: object) -> dict[str, object]:
    return {"id": str(uuid.uuid4()), "by": "grid", "days": 1, "threshold": 3, **more}


def ident(house: House, code: str) -> int:
    with house.db.transaction() as session:
        return next(one.id for one in house.locator.index(session, utcnow()).areas if one.code == code)


def set_one(api: httpx.Client, who: Person, **more: object) -> str:
    answer = api.post("/api/v1/alerts/rules", json=rule(**more), headers=who.headers)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


def seen(api: httpx.Client, who: Person) -> set[str]:
    answer = api.get("/api/v1/alerts", headers=who.headers)
    assert answer.status_code == 200, answer.text
    return {item["area_code"] for item in answer.json()["items"]}


def test_who_may(busy: House, api: httpx.Client) -> None:
    for role in (one for one in Role if one is not Role.RESIDENT):
        who = appoint(busy, role, agency="CG" if role in AGENCY_ROLES else None)
        assert (api.get("/api/v1/alerts", headers=who.headers).status_code == 200) == (role in READ), role
        made = api.post("/api/v1/alerts/rules", json=rule(), headers=who.headers)
        assert (made.status_code == 201) == (role in EDIT), (role, made.text)
        if role not in EDIT:
            assert made.json()["code"] == "not-permitted"


@pytest.mark.parametrize("place", ["W", "WS", "W1", "A01", "E", "B01"])
def test_each_is_told_of_their_own_area(busy: House, api: httpx.Client, place: str) -> None:
    set_one(api, appoint(busy, Role.DISTRICT_SUPERVISOR))
    role = {"W": Role.DISTRICT_SUPERVISOR, "E": Role.DISTRICT_SUPERVISOR}.get(place, Role.COMMUNITY_OFFICER)
    who = appoint(busy, role, area=place)
    assert seen(api, who) == {code for code in GRIDS if place in path(code)}
    shown = api.get("/api/v1/alerts/past", headers=who.headers).json()["items"]
    assert {item["area_code"] for item in shown} == {code for code in GRIDS if place in path(code)}


def test_a_threshold_is_for_ones_own_area(busy: House, api: httpx.Client) -> None:
    west = appoint(busy, Role.DISTRICT_SUPERVISOR, area="W")
    refused = api.post("/api/v1/alerts/rules", json=rule(area=ident(busy, "E")), headers=west.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "alert-area-not-yours")
    above = api.post("/api/v1/alerts/rules", json=rule(area=ident(busy, "C")), headers=west.headers)
    assert (above.status_code, above.json()["code"]) == (403, "alert-area-not-yours")
    set_one(api, west)
    assert seen(api, west) == {"A01", "A03"}
    set_one(api, west, area=ident(busy, "W1"), by="community")
    assert seen(api, west) == {"A01", "A03", "W1"}


def test_nobody_changes_the_rule_of_another_post(busy: House, api: httpx.Client) -> None:
    city, west = appoint(busy, Role.DISTRICT_SUPERVISOR), appoint(busy, Role.DISTRICT_SUPERVISOR, area="W")
    mine = set_one(api, west)
    said = {name: value for name, value in rule().items() if name != "id"} | {"revision": 1}
    east = appoint(busy, Role.DISTRICT_SUPERVISOR, area="E")
    for other in (city, east):
        at = f"/api/v1/alerts/rules/{mine}"
        assert api.patch(at, json=said, headers=other.headers).status_code == 404
        assert api.delete(at, params={"revision": 1}, headers=other.headers).status_code == 404
    listed = {
        item["id"]: item["mine"] for item in api.get("/api/v1/alerts/rules", headers=city.headers).json()["items"]
    }
    assert listed == {mine: False}, "the city sees what is set below it"
    assert api.get("/api/v1/alerts/rules", headers=east.headers).json()["items"] == []
    successor = appoint(busy, Role.DISTRICT_SUPERVISOR, area="W")
    assert api.patch(f"/api/v1/alerts/rules/{mine}", json=said, headers=successor.headers).status_code == 200


def test_the_rows_of_the_database_say_the_same(busy: House, api: httpx.Client) -> None:
    """Whatever SQL comes: a post of one district reads and writes nothing of another, and no alert at all."""
    set_one(api, appoint(busy, Role.DISTRICT_SUPERVISOR, area="E"))
    west = appoint(busy, Role.DISTRICT_SUPERVISOR, area="W")
    for permission in ("alerts.read", "alerts.edit"):
        with busy.acting(Caller(permission, west.credential)) as work:
            for table in ("analytics_alert_rule", "analytics_alert"):
                assert work.session.execute(text(f"select count(*) from {table}")).scalar_one() == 0, permission
            touched = work.session.execute(text("update analytics_alert_rule set threshold = 1 returning id")).scalars()
            assert list(touched) == []
    for statement in ("update analytics_alert set ended_at = now()", "delete from analytics_alert_rule",
                      "insert into analytics_alert (rule_id, revision, area_id, began_at, value, threshold) "
                      "values (gen_random_uuid(), 1, 1, now(), 1, 1)"):  # fmt: skip
        with (
            pytest.raises(Exception, match="permission denied"),
            busy.acting(Caller("alerts.edit", west.credential)) as work,
        ):
            work.session.execute(text(statement))


def test_without_the_policies_they_would_not(busy: House, api: httpx.Client) -> None:
    """The control of the test before."""
    set_one(api, appoint(busy, Role.DISTRICT_SUPERVISOR, area="E"))
    west = appoint(busy, Role.DISTRICT_SUPERVISOR, area="W")
    with busy.db.transaction() as session:
        session.execute(text("alter table analytics_alert disable row level security"))
    with busy.acting(Caller("alerts.read", west.credential)) as work:
        assert work.session.execute(text("select count(*) from analytics_alert")).scalar_one() == 1
