"""From a draft to boundaries in force over HTTP: a planner submits, another person decides, the platform does it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.planning.operations import Assign, Merge
from gridgov.platform import clock
from tests import sample
from tests.integration.cases.helping import Cast, report
from tests.integration.planning import drawing
from tests.integration.planning.taking_effect import draft, followed, in_one_grid, put_in_force, step, until
from tests.people import Person, appoint


@pytest.fixture
def ids(house: House) -> dict[str, int]:
    return drawing.set_up(house, "W1", "W2", "E1")


@pytest.fixture
def cast(house: House, ids: dict[str, int]) -> Cast:
    return Cast(house)


@pytest.fixture
def planner(house: House, ids: dict[str, int]) -> Person:
    return appoint(house, Role.PLANNER, area="W")


def send(api: httpx.Client, who: Person, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = api.post(f"/api/v1/plans/{path}", json=body, headers=who.headers)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def get(api: httpx.Client, who: Person, path: str, **params: Any) -> dict[str, Any]:
    answer = api.get(f"/api/v1/plans/{path}", params=params, headers=who.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def decide(api: httpx.Client, who: Person, approval: int, *, yes: bool, note: str = "", status: int = 200) -> None:
    answer = api.post(f"/api/v1/approvals/{approval}/decision", json={"yes": yes, "note": note}, headers=who.headers)
    assert answer.status_code == status, answer.text


def test_two_persons_and_the_platform(
    house: House, api: httpx.Client, ids: dict[str, int], cast: Cast, planner: Person
) -> None:
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    report(api, "A01")
    sent = send(api, planner, f"{plan_id}/submission")
    assert sent["plan"]["state"] == "review"
    step(house)
    assert get(api, planner, str(plan_id))["state"] == "review", "nobody has decided"
    decide(api, planner, sent["approval_id"], yes=True, status=403)
    decide(api, cast.supervisor, sent["approval_id"], yes=True)
    until(house, plan_id, "effective")
    done = get(api, planner, str(plan_id))
    assert (done["state"], done["effective_at"] is not None) == ("effective", True)
    (told,) = get(api, planner, "activations")["items"]
    assert (told["plan_id"], told["moved"]["posts"]["moved"]) == (plan_id, 1)
    assert all(one["done_at"] for one in told["follows"].values())
    with house.db.transaction() as session:
        topics = session.execute(text("select topic, count(*) as n from platform_outbox where topic like 'plan.%' "
                                      "group by 1")).all()  # fmt: skip
        actions = session.execute(
            text(
                "select action from audit_entry where noun = 'planning_plan' and row_id = :id "
                "and action not in ('insert', 'update') order by id"
            ),
            {"id": str(plan_id)},
        )
        assert set(actions.scalars()) >= {"submit", "request", "approve", "take", "activate"}
    assert {row.topic for row in topics} == {"plan.effective", "plan.grid"}
    taken = api.get(f"/api/v1/approvals/{sent['approval_id']}", headers=cast.supervisor.headers).json()
    assert taken["state"] == "taken"


def test_not_before_its_instant(
    house: House, api: httpx.Client, ids: dict[str, int], cast: Cast, planner: Person
) -> None:
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    wanted = clock.utcnow() + timedelta(hours=1)
    sent = send(api, planner, f"{plan_id}/submission", wanted_from=wanted.isoformat())
    decide(api, cast.supervisor, sent["approval_id"], yes=True)
    until(house, plan_id, "approved")
    assert step(house) == 0
    assert get(api, planner, str(plan_id))["state"] == "approved"
    later = wanted + timedelta(seconds=1)
    until(house, plan_id, "effective", lambda: later)


def test_an_instant_that_is_over_is_refused(
    api: httpx.Client, house: House, ids: dict[str, int], planner: Person
) -> None:
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    over = (clock.utcnow() - timedelta(hours=1)).isoformat()
    assert send(api, planner, f"{plan_id}/submission", 409, wanted_from=over)["code"] == "instant-over"


def test_a_no_and_a_withdrawal_make_it_a_draft_again(
    house: House, api: httpx.Client, ids: dict[str, int], cast: Cast, planner: Person
) -> None:
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    first = send(api, planner, f"{plan_id}/submission")
    decide(api, cast.supervisor, first["approval_id"], yes=False, note="户数偏多")
    until(house, plan_id, "draft")
    second = send(api, planner, f"{plan_id}/submission")
    decide(api, cast.supervisor, second["approval_id"], yes=True)
    assert send(api, planner, f"{plan_id}/withdrawal", reason="重新划分")["state"] == "draft"
    assert step(house) == 0
    assert get(api, planner, str(plan_id))["state"] == "draft", "a yes that was taken back puts nothing in force"


def test_what_was_dropped_is_taken_up_again(
    house: House, api: httpx.Client, ids: dict[str, int], cast: Cast, planner: Person
) -> None:
    """Also from review: what was asked then is asked no more. By whoever may draw there; it stands in the trail."""
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    drawn = get(api, planner, f"{plan_id}/parts")["items"]
    first = send(api, planner, f"{plan_id}/submission")
    assert send(api, planner, f"{plan_id}/resumption", 409)["code"] == "plan-state", "it was not dropped"
    dropped = api.delete(f"/api/v1/plans/{plan_id}", headers=planner.headers).json()
    assert dropped["state"] == "dropped"
    elsewhere = appoint(house, Role.PLANNER, area="E")
    assert send(api, elsewhere, f"{plan_id}/resumption", 403)["code"] == "community-not-yours"
    send(api, cast.supervisor, f"{plan_id}/resumption", 403)
    assert get(api, planner, str(plan_id))["state"] == "dropped"

    again = send(api, planner, f"{plan_id}/resumption")
    assert (again["state"], again["approval_id"], again["submitted_at"]) == ("draft", None, None)
    assert again["revision"] > dropped["revision"]
    assert get(api, planner, f"{plan_id}/parts")["items"] == drawn
    second = send(api, planner, f"{plan_id}/submission")
    assert second["approval_id"] != first["approval_id"]
    decide(api, cast.supervisor, second["approval_id"], yes=True)
    until(house, plan_id, "effective")
    assert send(api, planner, f"{plan_id}/resumption", 409)["code"] == "plan-state"
    with house.db.transaction() as session:
        rows = session.execute(
            text("select action, account_id from audit_entry where noun = 'planning_plan' and row_id = :id "
                 "and action in ('drop', 'take-up') order by id"), {"id": str(plan_id)},
        ).all()  # fmt: skip
    assert rows == [("drop", planner.account_id), ("take-up", planner.account_id)]


def test_what_a_roll_back_brings_is_compared_with_what_it_rolls_back(
    house: House, api: httpx.Client, ids: dict[str, int], planner: Person
) -> None:
    """It draws nothing itself: its grids are those of before, on the ground of the plan that it rolls back."""
    untouched = draft(house, {ids["W1"]: []})
    was = shown(api, planner, untouched)
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    put_in_force(house, plan_id)
    back = send(api, planner, f"{plan_id}/roll-back", 201, before=True)["id"]
    assert shown(api, planner, back) == was, "the same areas with the same households"
    ahead = get(api, planner, f"{back}/compare/in-force", turned=True)
    with_plan = get(api, planner, f"{back}/compare/{plan_id}", turned=True)
    for told in (ahead, with_plan):
        assert told["households_moved"] > 0
        assert told["fates"]["split"] + told["fates"]["new"] > 0
        assert told["fates"]["ended"] == told["fates"]["merged"] == 0
    put_in_force(house, back)
    assert get(api, planner, f"{back}/compare/in-force", turned=True)["households_moved"] == 0
    assert get(api, planner, f"{back}/compare/{plan_id}", turned=True)["fates"] == with_plan["fates"]

    forth = send(api, appoint(house, Role.PLANNER), f"{back}/roll-back", 201, before=True)["id"]
    assert get(api, planner, f"{forth}/compare/{plan_id}", turned=True)["households_moved"] == 0
    nothing = draft(house, {})
    refused = api.get(f"/api/v1/plans/{nothing}/compare/in-force", headers=planner.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "nothing-to-compare")
    assert shown(api, planner, nothing) == set()


def shown(api: httpx.Client, who: Person, plan_id: int) -> set[tuple[int | None, int]]:
    """Area and households of each grid that a map shows of a plan."""
    found = get(api, who, f"{plan_id}/grids")["items"]
    assert all(one["geometry"] is not None for one in found)
    return {(one["area_id"], one["households"]) for one in found}


def test_findings_block_it(house: House, api: httpx.Client, ids: dict[str, int], planner: Person) -> None:
    """A grid in two pieces; the preview says which."""
    plan_id = draft(house, {ids["W1"]: [Assign((0,), 2)]})  # the south-west corner to A02 in the north-east
    said = send(api, planner, f"{plan_id}/submission", 409)
    assert said["code"] == "findings-block"
    (found,) = get(api, planner, f"{plan_id}/preview")["blocking"]
    assert found["finding"]["kind"] == "not-contiguous"


def test_whoever_is_posted_elsewhere_does_not_submit(house: House, api: httpx.Client, ids: dict[str, int]) -> None:
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    east = appoint(house, Role.PLANNER, area="E")
    assert send(api, east, f"{plan_id}/submission", 403)["code"] == "community-not-yours"


def test_the_preview_says_what_then_happens(
    house: House, api: httpx.Client, ids: dict[str, int], cast: Cast, planner: Person
) -> None:
    """Counts before are counts after: households, open cases, posts; with the area that ends and who follows it."""
    report(api, "A01"), report(api, "A02"), report(api, "A05")
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    said = get(api, planner, f"{plan_id}/preview")
    moves = {one["noun"]: one for one in said["moves"]}
    (ending,) = said["ending"]
    assert (said["begun"], ending["heirs"][0]["share"]) == ([], 1.0)
    assert said["moved_households"] == ending["heirs"][0]["households"] > 0
    assert (moves["cases"]["moved"], moves["posts"]["moved"], moves["incidents"]["total"]) == (1, 1, 3)
    (going,) = get(api, planner, f"{plan_id}/preview/cases")["items"]
    assert (going["before"], going["after"]) == (ending["area"]["code"], ending["heirs"][0]["code"])
    done = put_in_force(house, plan_id)
    for one in done.moves:
        told = moves[one.noun]
        assert (told["moved"] is None) == (one.noun == "incidents"), "they are history, and seen when they go"
        assert told["moved"] in (None, one.moved), one.noun
        assert told["left"] == one.left, one.noun
    followed(house)
    assert in_one_grid(house)[1] == []


def test_a_point_and_the_counts_under_a_draft_and_under_a_plan_of_the_past(
    house: House, api: httpx.Client, ids: dict[str, int], cast: Cast, planner: Person
) -> None:
    for grid in ("A01", "A02", "A02", "A05"):
        report(api, grid)
    first = draft(house, {ids["W1"]: [Merge((1, 2))]})
    lon, lat = sample.centre("A02")
    by_draft = get(api, planner, f"{first}/locate", lon=lon, lat=lat)["path"][-1]["code"]
    counts = get(api, planner, f"{first}/counts")
    assert counts["total"] == 4
    assert {one["code"]: one["count"] for one in counts["now"]} == {"A01": 1, "A02": 2, "A05": 1}
    assert {one["code"]: one["count"] for one in counts["by_plan"]} == {by_draft: 3, "A05": 1}
    put_in_force(house, first)
    followed(house)
    back = send(api, planner, f"{first}/roll-back", 201)["id"]
    assert get(api, planner, f"{back}/locate", lon=lon, lat=lat)["path"][-1]["code"] == "A02"
    put_in_force(house, back)
    followed(house)
    assert get(api, planner, f"{first}/locate", lon=lon, lat=lat)["path"][-1]["code"] == by_draft
    counts = get(api, planner, f"{first}/counts")
    assert {one["code"]: one["count"] for one in counts["by_plan"]} == {by_draft: 3, "A05": 1}
    assert sum(one["count"] for one in counts["now"]) == 4


def test_what_moved_on_is_given_back(house: House, api: httpx.Client, ids: dict[str, int], cast: Cast) -> None:
    """Two plans of one community are approved; the second one is a draft again, with the reason in the trail."""
    planner = appoint(house, Role.PLANNER, area="W")
    plans = [draft(house, {ids["W1"]: [Merge((1, 2))]}) for _ in range(2)]
    for plan_id in plans:
        sent = send(api, planner, f"{plan_id}/submission")
        decide(api, cast.supervisor, sent["approval_id"], yes=True)
    until(house, plans[0], "effective")
    until(house, plans[1], "draft")
    assert [get(api, planner, str(plan_id))["state"] for plan_id in plans] == ["effective", "draft"]
    with house.db.transaction() as session:
        why = session.execute(text("select reason from audit_entry where action = 'give-back'")).scalar_one()
    assert "W1" in why
