"""Inboxes and lists of whistles through the API: whose they show, what they leave out, in pages, with lights."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House
from tests.casework.town import Town, blown, figures, inbox, shift
from tests.integration.cases.test_life import do
from tests.people import Person, appoint


@pytest.fixture
def town(sampled: House, api: httpx.Client) -> Town:
    """Four whistles: one answered and rated, one for the police too, one twelve days old, one in the east."""
    made = Town(sampled, api)
    rated = made.filed()
    made.blown(rated, bodies=made.bodies()[:1])
    made.answer(rated, made.city_works, 1)
    made.rate(rated, 1)
    made.blown(made.filed("A03"), made.leader, "hard")
    old = made.filed("A05")
    made.blown(old, bodies=made.bodies()[:1])
    shift(made, old, days=12)
    east = appoint(sampled, Role.COMMUNITY_OFFICER, area="E1")
    made.blown(made.filed("B01", east), east, bodies=made.bodies()[:1])
    return made


def numbers(lines: list[dict[str, Any]]) -> list[str]:
    return [line["number"][-3:] for line in lines]


def test_whose_they_are(town: Town) -> None:
    """Under reach twice: what the query says, the row policies say by themselves."""
    police, works = inbox(town, town.police), inbox(town, town.city_works)
    assert (numbers(police), numbers(works)) == (["002"], ["004", "002", "001", "003"])
    assert {line["agency"]["code"] for line in works} == {"HW"}
    assert [call["agency"]["code"] for call in blown(town, town.police)[0]["summons"]] == ["JJ"], "their own part"
    parent = appoint(town.house, Role.AGENCY_HEAD, agency="CG")
    assert inbox(town, parent) == works, "who stands above it sees what it is asked"
    officer = appoint(town.house, Role.COMMUNITY_OFFICER, area="W2")
    assert numbers(blown(town, officer)) == ["002"]
    assert numbers(blown(town, town.supervisor)) == ["002", "001", "003"]
    assert numbers(blown(town, appoint(town.house, Role.CENTRE_OPERATOR))) == ["004", "002", "001", "003"]
    for who in (town.police, town.leader, officer):
        with town.house.acting(caller(who)) as work:
            seen = work.session.execute(text("select count(*) from cases_summons")).scalar_one()
        assert seen == len(inbox(town, who))


def caller(who: Person) -> Caller:
    return Caller("cases.read", who.credential)


def test_filters(town: Town) -> None:
    everybody = appoint(town.house, Role.CENTRE_OPERATOR)
    ids = areas(town)
    for params, expected in (
        ({"open": True}, ["004", "002", "002", "003"]),
        ({"open": False}, ["001"]),
        ({"late": True}, ["003"]),
        ({"light": "red"}, ["003"]),
        ({"light": "green"}, ["004", "002", "002"]),
        ({"kind": "hard"}, ["002", "002"]),
        ({"state": "rated"}, ["001"]),
        ({"agency": town.ids["JJ"]}, ["002"]),
        ({"agency": town.ids["CG"]}, ["004", "002", "001", "003"]),
        ({"area": ids["E1"]}, ["004"]),
        ({"area": ids["E"]}, ["004"]),
        ({"area": ids["W2"]}, ["002", "002"]),
        ({"area": ids["A05"]}, ["003"]),
        ({"area": ids["C"]}, ["004", "002", "002", "001", "003"]),
        ({"from": "2030-01-01"}, []),
    ):
        assert numbers(inbox(town, everybody, **params)) == expected, params
        whistles = blown(town, everybody, **{**params, "open": True} if params.get("open") is False else params)
        if "open" not in params:
            assert numbers(whistles) == list(dict.fromkeys(expected)), params
    assert numbers(blown(town, everybody, open=True)) == ["004", "002", "001", "003"], "rated is not concluded"


def areas(town: Town) -> dict[str, int]:
    with town.house.db.transaction() as session:
        rows = session.execute(text("select code, area_id from areas_version where upper_inf(valid)"))
        return {row.code: row.area_id for row in rows}


def test_pages(town: Town) -> None:
    """One line a page, each once, in both lists; a line that comes meanwhile moves none of them."""
    everybody = appoint(town.house, Role.CENTRE_OPERATOR)
    for path in ("/api/v1/summons", "/api/v1/whistles"):
        whole = town.api.get(path, headers=everybody.headers).json()["items"]
        seen, cursor = [], None
        while True:
            params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
            page = town.api.get(path, params=params, headers=everybody.headers).json()
            seen += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
            assert len(page["items"]) == 1
        assert seen == whole


def test_bad_input(town: Town) -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("/api/v1/summons", {"cursor": "x"}, "cursor"),
        ("/api/v1/summons", {"state": "rated", "open": True}, "state"),
        ("/api/v1/summons", {"area": 999_999}, "area"),
        ("/api/v1/summons", {"agency": 999_999}, "agency"),
        ("/api/v1/whistles", {"from": "yesterday"}, "from"),
        ("/api/v1/whistles/figures", {"from": "2026-02-01", "to": "2026-01-01"}, "to"),
        ("/api/v1/whistles/figures", {"from": "2024-01-01", "to": "2026-01-01"}, "to"),
    ]
    for path, params, field in wrong:
        answer = town.api.get(path, params=params, headers=town.leader.headers)
        assert answer.status_code in (404, 422), (path, params)
        assert answer.json()["field"] == field


def test_what_is_no_longer_theirs_leaves_the_summons_alone(town: Town) -> None:
    (line,) = inbox(town, town.police)
    do(town.api, line["case"], town.police, "summons-return", summons=line["summons"], reason="不涉车辆")
    do(town.api, line["case"], town.leader, "summons-agree", summons=line["summons"])
    (line,) = inbox(town, town.police)
    assert (line["state"], line["ended_by"], line["light"]) == ("released", "summons-agree", None)
    assert (line["number"], line["category"]) == (None, None)


def test_figures_of_both_sides(town: Town) -> None:
    """Against a count by hand: 001 all in time; 002 open for both; 003 silent for twelve days; 004 in the east."""
    found = figures(town, appoint(town.house, Role.CENTRE_OPERATOR))
    works, police = found["agencies"]["HW"], found["agencies"]["JJ"]
    for name in ("signed", "contacted", "reported"):
        assert works[name] == {"in_time": 1, "late": 1, "open": 2, "rate": 0.5}, name
        assert police[name] == {"in_time": 0, "late": 0, "open": 1, "rate": None}, name
    assert (works["rated"], works["speed"], works["quality"]) == (1, 5.0, 4.0)
    assert (police["rated"], police["speed"]) == (0, None)
    west, east = found["units"]["WS"], found["units"]["E1"]
    assert (west["counts"]["whistles"], west["counts"]["summoned"], west["counts"]["whistles_hard"]) == (3, 4, 1)
    assert (east["counts"]["whistles"], east["rated"]) == (1, 0)
    assert set(figures(town, town.leader)["units"]) == {"WS"}
    assert set(figures(town, town.police)["agencies"]) == {"JJ"}


def test_where_they_meet_is_not_for_those_without_text(town: Town) -> None:
    line = blown(town, town.leader)[0]
    facts = {"place": "王家院内", "time": "2026-12-01T09:00:00+08:00"}
    do(town.api, line["case"], town.leader, "convene", text="联合整治", facts=facts)
    deputy = appoint(town.house, Role.DEPUTY, area="W")
    assert blown(town, town.leader)[0]["meeting"]["place"] == "王家院内"
    assert blown(town, deputy)[0]["meeting"]["place"] is None
    case = town.api.get(f"/api/v1/cases/{line['case']}", headers=deputy.headers).json()
    assert [one["place"] for one in case["joints"]] == [""]
