"""Risk points (廉政风险点): what acts on one waits for a second person of the same body."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.duties import service as duties
from gridgov.duties.rules import ManagementClass, RiskPoint
from gridgov.duties.service import NewItem
from tests.casework.town import PARKING, Town
from tests.integration.cases.test_life import do, look, report
from tests.people import appoint

POINT = "罚款金额由一人裁量"


@pytest.fixture
def town(sampled: House, api: httpx.Client) -> Town:
    made = Town(sampled, api)
    points = (RiskPoint(POINT), RiskPoint("文书编号", approval=False))
    item = NewItem("0", PARKING, "JJ", ManagementClass.PROFESSIONAL, ("@unit",), risk_points=points)
    with sampled.db.transaction() as session:
        duties.put_list(session, [item], name="交警权力清单")
    return made


def handled(town: Town) -> str:
    case_id = report(town.api, category=PARKING)
    do(town.api, case_id, town.centre, "accept", facts={"condition": True})
    do(town.api, case_id, town.centre, "dispatch", to={"agency": town.ids["JJ"]})
    do(town.api, case_id, town.police, "receive")
    return case_id


def may(seen: dict[str, Any]) -> set[str]:
    return {one["action"] for one in seen["allowed"]}


def test_the_answer_waits_for_a_second_person(town: Town) -> None:
    case_id = handled(town)
    head = appoint(town.house, Role.AGENCY_HEAD, agency="JJ")
    seen = look(town.api, case_id, town.police)
    assert (seen["risks"], seen["approved"]) == ([POINT], False), "the point that needs no approval locks nothing"
    assert "ask-approval" in may(seen)
    assert "answer" not in may(seen)
    problem = town.refused(case_id, town.police, "answer", text="已处罚")
    assert (problem["status"], problem["code"]) == (409, "not-yet")
    assert "ask-approval" in problem["remedy"]
    do(town.api, case_id, town.police, "ask-approval", text="拟罚款二百元")
    assert town.refused(case_id, town.police, "approve")["detail"].startswith("Nobody approves what they asked for")
    for who in (town.centre, town.leader, town.supervisor):
        assert town.refused(case_id, who, "approve")["status"] == 403, "another body's people do not"
    do(town.api, case_id, head, "decline-approval", reason="依据不足")
    assert town.refused(case_id, town.police, "answer", text="已处罚")["code"] == "not-yet", "a no does not unlock it"
    do(town.api, case_id, town.police, "ask-approval", text="拟警告")
    do(town.api, case_id, head, "approve")
    seen = do(town.api, case_id, town.police, "answer", text="已警告")
    assert seen["state"] == "answered"


def test_what_comes_back_is_approved_anew(town: Town) -> None:
    case_id = handled(town)
    head = appoint(town.house, Role.AGENCY_HEAD, agency="JJ")
    do(town.api, case_id, town.police, "ask-approval", text="拟警告")
    do(town.api, case_id, head, "approve")
    do(town.api, case_id, town.police, "answer", text="已警告")
    do(town.api, case_id, town.leader, "rework", reason="仍在")
    assert town.refused(case_id, town.police, "answer", text="已处罚")["code"] == "not-yet"


def test_an_item_without_a_point_locks_nothing(town: Town) -> None:
    """The control."""
    case_id = report(town.api)
    do(town.api, case_id, town.centre, "accept", facts={"condition": True})
    do(town.api, case_id, town.centre, "dispatch", to={"agency": town.ids["HW"]}, facts={"risks": ["sent along"]})
    do(town.api, case_id, town.city_works, "receive")
    seen = look(town.api, case_id, town.city_works)
    assert seen["risks"] == [], "risk points are those of the list, not of the request"
    assert "ask-approval" not in may(seen)
    assert do(town.api, case_id, town.city_works, "answer", text="已清理")["state"] == "answered"


def test_the_way_by_a_whistle_is_locked_as_well(town: Town) -> None:
    case_id = report(town.api, category=PARKING)
    do(town.api, case_id, town.centre, "accept", facts={"condition": True})
    town.blown(case_id, bodies=[{"agency": town.ids["JJ"], "part": "lead"}])
    town.answer(case_id, town.police, 1)
    town.rate(case_id, 1)
    assert "risk point" in town.refused(case_id, town.centre, "conclude", text="完")["detail"]
    do(town.api, case_id, town.centre, "ask-approval", text="拟销哨")
    assert town.refused(case_id, town.police, "approve")["status"] == 403, "the unit has it, not the police"
    do(town.api, case_id, town.leader, "approve")
    assert do(town.api, case_id, town.centre, "conclude", text="完")["state"] == "answered"


def test_nobody_settles_it_alone_on_the_spot(town: Town) -> None:
    worker = appoint(town.house, Role.GRID_WORKER, area="A01")
    risky, plain = report(town.api, category=PARKING), report(town.api)
    assert town.refused(risky, worker, "handle-on-spot", text="已劝离")["code"] == "risk-point"
    assert do(town.api, plain, worker, "handle-on-spot", text="已清理")["state"] == "checked"
