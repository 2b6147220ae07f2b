"""A boundary plan takes effect under open cases: they go with their place, and whoever has it now has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from shapely import Polygon, union_all
from sqlalchemy import text

from gridgov.areas import service as areas
from gridgov.areas.following import Redrawn, follow_all
from gridgov.areas.locator import Locator
from gridgov.areas.rules import Level, NewArea
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.cases import verifying
from gridgov.interop.followers import FOLLOWERS
from gridgov.platform import clock
from tests import sample
from tests.integration.cases.helping import CONFIRMED, Cast, do, look, report, send
from tests.people import appoint

W1_GRIDS = ("A01", "A02", "A05", "A06")


def plan(city: House, new: list[NewArea], ending: tuple[str, ...]) -> int:
    """Puts areas in force and moves what lies in them, as an import does; how many open cases moved."""
    now = clock.utcnow()
    with city.db.transaction() as session:
        before = Locator().index(session)
        ids = [area.id for area in before.areas if area.code in ending]
        areas.put_in_force(session, new, name="a plan", valid_from=now, ending=ids)
        redrawn = Redrawn(before, Locator().index(session, now), now)
        moves = follow_all(session, FOLLOWERS, redrawn, history=True)
        return next((one.moved or 0 for one in moves if one.noun == "cases"), 0)


def community_replaced(city: House) -> int:
    """W3 instead of W1, with the same grids."""
    old = {one.code: one for one in sample.new_areas()}
    new = [replace(old["W1"], code="W3", names={"zh": "W3社区", "en": "Community W3"})]
    return plan(city, new + [replace(old[grid], parent_code="W3") for grid in W1_GRIDS], ("W1",))


def subdistrict_replaced(city: House) -> int:
    """Two sub-districts instead of one, each with a community."""
    old = {one.code: one for one in sample.new_areas()}
    new = [
        NewArea(Level.SUBDISTRICT, f"WS{n}", "W", {"zh": f"西{n}街道", "en": f"West {n}"}, old[f"W{n}"].geom)
        for n in (1, 2)
    ]
    return plan(city, new + [replace(old[f"W{n}"], parent_code=f"WS{n}") for n in (1, 2)], ("WS",))


def grids_joined(city: House) -> int:
    """One grid instead of A01 and A02."""
    old = {one.code: one for one in sample.new_areas()}
    both = union_all([old["A01"].geom, old["A02"].geom])
    assert isinstance(both, Polygon)
    joined = replace(old["A01"], code="A11", geom=both)
    return plan(city, [joined], ("A01", "A02"))


def history(api: httpx.Client, case_id: str, cast: Cast) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/api/v1/cases/{case_id}/history", headers=cast.supervisor.headers).json()
    return found


def agrees(city: House) -> None:
    with city.db.transaction() as session:
        assert verifying.verify(session).difference is None


def test_grids_are_joined(city: House, api: httpx.Client, cast: Cast) -> None:
    here, elsewhere, ended = report(api, "A01"), report(api, "A05"), report(api, "A02")
    do(api, ended, cast.centre, "cancel", reason="误报")
    assert grids_joined(city) == 1, "one open case lies there"
    worker = appoint(city, Role.GRID_WORKER, area="A11")
    assert look(api, here, worker)["path"][-1]["code"] == "A11"
    assert look(api, ended, worker)["state"] == "cancelled", "what ended follows too"
    assert api.get(f"/api/v1/cases/{here}", headers=cast.worker.headers).status_code == 404
    event = history(api, here, cast)[-1]
    assert (event["action"], event["role"]) == ("rehome", None)
    assert event["facts"]["from"]["grid"] == cast.area["A01"]
    assert [one["action"] for one in history(api, elsewhere, cast)] == ["report"]
    assert [one["action"] for one in history(api, ended, cast)][-1] == "cancel"
    assert grids_joined(city) == 0, "the same plan again moves nothing"
    agrees(city)


def test_the_office_of_a_community_that_is_gone(city: House, api: httpx.Client, cast: Cast) -> None:
    """What W1 had, W3 has; its clock runs against W3, and W3 can act."""
    case_id = report(api)
    do(api, case_id, cast.centre, "accept", facts=CONFIRMED)
    do(api, case_id, cast.centre, "escalate", reason="网格解决不了", to={"area": cast.area["W1"], "level": "community"})
    do(api, case_id, cast.community, "receive")
    assert community_replaced(city) == 1
    officer = appoint(city, Role.COMMUNITY_OFFICER, area="W3")
    seen = look(api, case_id, officer)
    w3 = seen["path"][-2]
    assert w3["code"] == "W3"
    assert seen["holder"] == {"agency": None, "area": w3["id"], "level": "community"}
    assert seen["first"]["area"] == w3["id"]
    (handle,) = [clock for clock in seen["clocks"] if clock["running"]]
    assert (handle["name"], handle["against"]["area"]) == ("handle", w3["id"])
    assert do(api, case_id, officer, "answer", text="已处理")["state"] == "answered"
    agrees(city)


def test_summons_go_with_their_case(city: House, api: httpx.Client, cast: Cast) -> None:
    """The leader of the new sub-district rates; he of the old one is nobody any more."""
    case_id = report(api)
    do(api, case_id, cast.centre, "accept", facts=CONFIRMED)
    bodies = [{"agency": cast.agency["HW"], "part": "lead"}]
    facts = {"ground": "key-work", "kind": "advance", "bodies": bodies}
    do(api, case_id, cast.leader, "whistle", reason="协同处置", facts=facts)
    assert subdistrict_replaced(city) == 1
    do(api, case_id, cast.cleaners, "summons-sign", summons=1)
    do(api, case_id, cast.cleaners, "summons-report", summons=1, text="到场")
    assert api.get(f"/api/v1/cases/{case_id}", headers=cast.leader.headers).status_code == 404
    leader, other = (appoint(city, Role.SUBDISTRICT_LEADER, area=code) for code in ("WS1", "WS2"))
    assert api.get(f"/api/v1/cases/{case_id}", headers=other.headers).status_code == 404
    do(api, case_id, leader, "summons-rate", summons=1, reason="到场及时", facts={"quality": 5})
    with city.db.transaction() as session:
        units = session.execute(text("select unit_id from cases union select unit_id from cases_summons")).scalars()
        found = session.execute(text("select area_id from areas_version where code = 'WS1'")).scalar_one()
        assert list(units) == [found]
    agrees(city)


def test_nothing_moves_where_nothing_changed(city: House, api: httpx.Client, cast: Cast) -> None:
    """The control: the same boundaries again."""
    case_id = report(api, "B01")
    assert community_replaced(city) == 0
    assert [one["action"] for one in history_of(city, case_id)] == ["report"]


def history_of(city: House, case_id: str) -> list[dict[str, Any]]:
    with city.db.transaction() as session:
        rows = session.execute(text("select action from cases_event where case_id = :id order by seq"), {"id": case_id})
        return [{"action": row.action} for row in rows]


@pytest.mark.parametrize("action", ["rehome", "report"])
def test_nobody_moves_a_case_by_hand(city: House, api: httpx.Client, cast: Cast, action: str) -> None:
    answer = send(api, report(api), cast.centre, action)
    assert answer.status_code in (403, 409), answer.text
