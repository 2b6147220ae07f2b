"""Lists of cases: who sees which, whose step it is, pages, counts, and what they cost."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.integration.cases.helping import CONFIRMED, Cast, do, look, report
from tests.people import Person, appoint


def listed(api: httpx.Client, who: Person, **params: Any) -> list[str]:
    """Ids of a list, all its pages."""
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = api.get("/api/v1/cases", params={**params, "cursor": cursor}, headers=who.headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
    return found


def test_everybody_sees_what_lies_in_their_reach(city: House, api: httpx.Client, cast: Cast) -> None:
    here, beside, east = report(api, "A01"), report(api, "A02"), report(api, "B01")
    assert listed(api, cast.worker) == [here]
    assert set(listed(api, cast.community)) == {here, beside}
    assert set(listed(api, cast.leader)) == {here, beside}
    assert set(listed(api, appoint(city, Role.CENTRE_OPERATOR))) == {here, beside, east}
    assert listed(api, cast.cleaners) == []
    do(api, here, cast.centre, "accept", facts=CONFIRMED)
    do(api, here, cast.centre, "dispatch", to={"agency": cast.agency["HW"]})
    assert listed(api, cast.cleaners) == [here]
    assert listed(api, cast.bureau) == [here], "the bureau sees what its office has"
    assert listed(api, cast.police) == []


def test_no_list_shows_a_word_that_anybody_wrote(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    do(api, case_id, cast.centre, "note", text="住在三号楼的老人")
    do(api, case_id, cast.centre, "cancel", reason="误报的老人")
    for params in ({}, {"ended": True}):
        assert "老人" not in api.get("/api/v1/cases", params=params, headers=cast.centre.headers).text


def test_mine_is_who_is_awaited(city: House, api: httpx.Client, cast: Cast) -> None:
    """Each step makes it somebody else's; nobody else has it on their list."""
    people = {name: getattr(cast, name) for name in ("centre", "worker", "leader", "supervisor", "cleaners", "police")}
    case_id = report(api)

    def awaited() -> set[str]:
        return {name for name, who in people.items() if case_id in listed(api, who, mine=True)}

    def then(who: Person, action: str, **sent: Any) -> None:
        do(api, case_id, who, action, **sent)

    assert awaited() == {"centre"}
    then(cast.centre, "ask-verification")
    assert awaited() == {"worker"}
    then(cast.worker, "verify", facts={"found": True})
    then(cast.centre, "accept", facts=CONFIRMED)
    assert awaited() == {"centre"}
    then(cast.centre, "dispatch", to={"agency": cast.agency["HW"]})
    assert awaited() == {"cleaners"}
    then(cast.cleaners, "receive")
    assert awaited() == {"cleaners"}
    then(cast.cleaners, "ask-extension", reason="下雨", facts={"limit": "1 work_day"})
    assert awaited() == {"cleaners", "centre", "leader", "supervisor"}, "somebody has to answer"
    then(cast.centre, "grant-extension")
    assert awaited() == {"cleaners"}
    then(cast.cleaners, "ask-return", reason="不是我们的")
    assert awaited() == {"centre", "leader"}
    then(cast.centre, "decline-return", reason="是你们的")
    then(cast.cleaners, "dispute", reason="责任不清")
    assert awaited() == {"supervisor"}
    then(cast.supervisor, "rule", to={"agency": cast.agency["HW"]}, reason="归环卫")
    then(cast.cleaners, "receive")
    then(cast.cleaners, "answer", text="好了")
    assert awaited() == {"centre"}
    then(cast.centre, "ask-check")
    assert awaited() == {"worker"}
    then(cast.worker, "pass-check", text="干净")
    assert awaited() == {"centre"}
    then(cast.centre, "close", facts=CONFIRMED)
    assert awaited() == set()


def test_mine_of_a_whistle(city: House, api: httpx.Client, cast: Cast) -> None:
    """Summoned bodies are awaited one by one, then whoever rates, then whoever concludes."""
    case_id = report(api)
    do(api, case_id, cast.centre, "accept", facts=CONFIRMED)
    police = {"agency": cast.agency["JJ"], "part": "support", "category": "09009"}
    bodies = [{"agency": cast.agency["HW"], "part": "lead"}, police]
    facts = {"ground": "key-work", "kind": "advance", "bodies": bodies}
    do(api, case_id, cast.leader, "whistle", reason="协同处置", facts=facts)
    assert case_id in listed(api, cast.cleaners, mine=True)
    assert case_id not in listed(api, cast.leader, mine=True)
    do(api, case_id, cast.cleaners, "summons-sign", summons=1)
    do(api, case_id, cast.cleaners, "summons-report", summons=1, text="到场处置")
    assert case_id not in listed(api, cast.cleaners, mine=True)
    assert case_id in listed(api, cast.police, mine=True), "its own summons waits"
    assert case_id in listed(api, cast.leader, mine=True), "an answer is to be rated"
    assert listed(api, cast.leader, whistled=True) == [case_id]
    assert listed(api, cast.leader, whistled=False) == []


def test_a_task_is_on_the_list_of_its_body(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    cast.handling(api, case_id)
    assert listed(api, cast.police, mine=True) == []
    do(api, case_id, cast.centre, "add-task", to={"agency": cast.agency["JJ"]}, text="维持秩序")
    assert listed(api, cast.police, mine=True) == [case_id]


def test_an_office_has_its_cases(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    do(api, case_id, cast.centre, "accept", facts=CONFIRMED)
    do(api, case_id, cast.centre, "escalate", reason="网格解决不了", to={"area": cast.area["W1"], "level": "community"})
    assert listed(api, cast.community, mine=True) == [case_id]
    assert listed(api, cast.worker, mine=True) == []


def test_filters_and_pages(city: House, api: httpx.Client, cast: Cast) -> None:
    made = [report(api, grid, category=code) for grid in ("A01", "A02", "A07") for code in ("06010", "09009")]
    assert listed(api, cast.leader, limit=2) == made[::-1], "newest change first, no page loses or repeats any"
    do(api, made[0], cast.leader, "note", text="看过")
    assert listed(api, cast.leader, limit=2) == [made[0], *made[:0:-1]], "what changed last comes first"
    assert set(listed(api, cast.leader, category="09*")) == set(made[1::2])
    assert set(listed(api, cast.leader, area=cast.area["A02"])) == {made[2], made[3]}
    assert set(listed(api, cast.leader, area=cast.area["W1"])) == set(made[:4])
    assert set(listed(api, cast.leader, area=cast.area["WS"])) == set(made)
    assert set(listed(api, cast.leader, bbox="117.0,32.0,117.005,32.01")) == {made[0], made[1]}
    assert listed(api, cast.leader, light="green") == listed(api, cast.leader)
    assert listed(api, cast.leader, light="red") == []
    assert listed(api, cast.leader, due_before="2000-01-01") == []
    assert listed(api, cast.leader, to="2000-01-01") == []
    assert len(listed(api, cast.leader, **{"from": "2000-01-01"})) == 6
    assert len(listed(api, cast.leader, due_after="2000-01-01")) == 6
    do(api, made[5], cast.centre, "cancel", reason="误报")
    assert made[5] not in listed(api, cast.leader)
    assert listed(api, cast.leader, ended=True) == [made[5]]
    assert listed(api, cast.leader, ended=True, state="cancelled") == [made[5]]
    assert listed(api, cast.leader, state="reported") == listed(api, cast.leader)
    counts = api.get("/api/v1/cases/counts", headers=cast.leader.headers).json()
    assert counts == {"counts": [{"state": "reported", "light": "green", "cases": 5}], "total": 5}
    mine = api.get("/api/v1/cases/counts", params={"mine": True}, headers=cast.worker.headers).json()
    assert mine == {"counts": [], "total": 0}


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"state": "closed"}, "state"),
        ({"state": "reported", "ended": True}, "state"),
        ({"mine": True, "ended": True}, "ended"),
        ({"ended": True, "from": "2020-01-01"}, "since"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"area": 999_999}, "area"),
        ({"bbox": "1,2,3"}, "bbox"),
    ],
)
def test_what_makes_no_sense_is_told(
    city: House, api: httpx.Client, cast: Cast, params: dict[str, Any], field: str
) -> None:
    answer = api.get("/api/v1/cases", params=params, headers=cast.centre.headers)
    assert answer.status_code in (404, 422)
    assert answer.json()["field"] == field, answer.text


def test_near_is_the_same_matter_close_by_and_of_the_same_day(city: House, api: httpx.Client, cast: Cast) -> None:
    one = report(api)
    near, far = report(api, east_m=40.0), report(api, east_m=60.0)
    other = report(api, category="09009")
    later = report(api, happened_at="2026-01-02T00:00:01Z")
    found = api.get(f"/api/v1/cases/{one}/near", headers=cast.centre.headers).json()
    assert [each["id"] for each in found] == [near]
    assert found[0]["distance_m"] == pytest.approx(40.0, abs=0.5)
    assert not {far, other, later} & {each["id"] for each in found}
    do(api, near, cast.centre, "cancel", reason="误报")
    assert api.get(f"/api/v1/cases/{one}/near", headers=cast.centre.headers).json() == [], "open ones alone"
    assert api.get(f"/api/v1/cases/{one}/near", headers=cast.police.headers).status_code == 404
    assert look(api, one, cast.centre)["state"] == "reported"
