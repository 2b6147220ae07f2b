"""The list behind every number: as long as the number, whatever was asked, and nothing in it twice."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.analytics.store.columns import STATES, TIERS
from gridgov.areas.rules import Level
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.incidents.rules import Channel, Status
from gridgov.platform.clock import utcnow
from tests.integration.analytics.conftest import Taking
from tests.integration.analytics.counted import ask, crowd
from tests.people import appoint

Query = dict[str, Any]
RANKED = ("grid", "community", "subdistrict", "district", "agency", "channel", "status")


@pytest.fixture
def full(city: House, take: Taking) -> House:
    crowd(city, take, seed=41, n=700)
    with city.db.transaction() as session:  # some at one instant: pages are cut between them all the same
        session.execute(text("update incidents set happened_at = date_trunc('day', happened_at) where number % 9 = 0"))
        session.execute(
            text(
                "update cases c set happened_at = i.happened_at, state = case when c.number % 5 = 0 then 'closed' "
                "else state end from incidents i where i.id = c.id"
            )
        )
    return city


def pages(api: httpx.Client, of: str, query: Query, *, limit: int = 20, headers: Any = None) -> list[dict[str, Any]]:
    """Everything, page by page."""
    found: list[dict[str, Any]] = []
    more: Query = {"counted": "true"} if of == "cases" else {}
    cursor = None
    while True:
        asked = {**query, **more, "limit": limit, **({"cursor": cursor} if cursor else {})}
        answer = api.get(f"/api/v1/{of}", params=asked, headers=headers)
        assert answer.status_code == 200, (asked, answer.text)
        found += answer.json()["items"]
        cursor = answer.json()["next"]
        if cursor is None:
            break
    assert len({item["id"] for item in found}) == len(found)
    return found


def some_query(rng: random.Random, of: str, areas: list[int], agencies: list[int]) -> Query:
    query: Query = {}
    if rng.random() < 0.7:
        first = date(2026, 3, rng.randrange(1, 20))
        query |= {"from": first.isoformat(), "to": (first + timedelta(days=rng.randrange(4, 15))).isoformat()}
    if rng.random() < 0.4:
        query["category"] = rng.choice([["06"], ["06010", "1*"], ["09009"]])
    if rng.random() < 0.4:
        states = [str(one) for one in Status] if of == "incidents" else list(STATES)
        query["status"] = rng.sample(states, len(states) // 2)
    if rng.random() < 0.4:
        query["channel"] = [str(one) for one in rng.sample(list(Channel), 4)]
    if rng.random() < 0.4:
        query["agency"] = rng.sample(agencies, 1)
    if rng.random() < 0.6:
        query["area"] = rng.choice(areas)
    return query


def ground(house: House) -> tuple[list[int], list[int]]:
    with house.db.transaction() as session:
        areas = [area.id for area in house.locator.index(session, utcnow()).areas]
        agencies = session.execute(text("select id from duties_agency where code in ('CG', 'HW', 'JJ') order by id"))
        return areas, list(agencies.scalars())


@pytest.mark.parametrize("of", ["incidents", "cases"])
def test_pages_of_random_filters_are_as_long_as_their_number(full: House, api: httpx.Client, of: str) -> None:
    rng, (areas, agencies) = random.Random(29), ground(full)
    some = 0
    for _ in range(15):
        query = some_query(rng, of, areas, agencies)
        number = ask(api, of=of, by="city", **query)["total"]
        found = pages(api, of, query)
        assert len(found) == number, query
        some += number > 20
    assert some > 2, "several pages were needed"


@pytest.mark.parametrize("of", ["incidents", "cases"])
def test_a_filter_that_is_off_by_a_day_is_seen(full: House, api: httpx.Client, of: str) -> None:
    """The control: that lists are as long as their numbers is no chance."""
    number = ask(api, of=of, by="city", **{"from": "2026-03-05", "to": "2026-03-15"})["total"]
    assert len(pages(api, of, {"from": "2026-03-05", "to": "2026-03-15"})) == number
    assert len(pages(api, of, {"from": "2026-03-05", "to": "2026-03-16"})) > number
    assert len(pages(api, of, {"from": "2026-03-06", "to": "2026-03-15"})) < number


@pytest.mark.parametrize(
    ("of", "by"), [*((of, by) for of in ("incidents", "cases") for by in RANKED), ("cases", "tier")]
)
def test_every_row_of_a_ranking_opens_its_list(full: House, api: httpx.Client, of: str, by: str) -> None:
    query: Query = {"from": "2026-03-02", "to": "2026-03-30"}
    counted = ask(api, of=of, by=by, **query)
    ids = counted["ids"] or counted["codes"]
    name = {"agency": "held_by", "channel": "channel", "status": "status", "tier": "tier"}.get(by, "area")
    rows = list(zip(ids, counted["counts"], strict=True))
    for key, n in rows:
        assert len(pages(api, of, {**query, name: key}, limit=500)) == n, (by, key)
    assert sum(n for _, n in rows) > 100
    if name == "area":
        assert len(pages(api, of, {**query, "outside": "true"}, limit=500)) == counted["unlocated"]
        assert len(pages(api, of, {**query, "above": by}, limit=500)) == counted["above_level"]
    if by == "grid":
        assert counted["above_level"] > 0
        assert (counted["unlocated"] > 0) == (of == "incidents")


def test_the_list_of_several_areas_has_each_of_them_and_nothing_else(full: House, api: httpx.Client) -> None:
    query: Query = {"from": "2026-03-02", "to": "2026-03-30", "status": ["open", "closed"]}
    for by in ("grid", "community"):
        counted = ask(api, by=by, **query)
        rows = sorted(zip(counted["counts"], counted["ids"], strict=True), reverse=True)
        chosen = [ident for _, ident in rows[:3]]
        found = pages(api, "incidents", {**query, "lies_in": chosen})
        assert len(found) == sum(n for n, _ in rows[:3]) > 20
        assert len(pages(api, "incidents", {**query, "lies_in": chosen[:2]})) < len(found), "the control"
        one = pages(api, "incidents", {**query, "lies_in": chosen, "area": chosen[0]})
        assert len(one) == rows[0][0], "of the filter's area and one of these"
    answer = api.get("/api/v1/incidents", params={"lies_in": [1, 987654321]})
    assert (answer.json()["code"], answer.json()["field"]) == ("area-unknown", "lies_in")


def test_measures_of_cases_open_their_lists(full: House, api: httpx.Client) -> None:
    query: Query = {"from": "2026-03-02", "to": "2026-03-30"}
    measured = ask(api, of="cases", by="community", measure=["overdue", "ended", "closed"], **query)
    for measure, values in measured["measures"].items():
        assert sum(values) > 0
        for area, n in zip(measured["ids"], values, strict=True):
            assert len(pages(api, "cases", {**query, "area": area, measure: "true"}, limit=500)) == n, (measure, area)
    tiers = ask(api, of="cases", by="community", then="tier", measure="closed", **query)
    cells = zip(tiers["ids"], tiers["then_codes"], tiers["measures"]["closed"], strict=True)
    closed = [(area, tier, n) for area, tier, n in cells if n]
    assert len({tier for _, tier, _ in closed}) > 1
    assert {tier for _, tier, _ in closed} <= set(TIERS)
    for area, tier, n in closed:
        asked = {**query, "area": area, "tier": tier, "closed": "true"}
        assert len(pages(api, "cases", asked, limit=500)) == n


def test_a_list_is_within_the_reach_as_its_number_is(full: House, api: httpx.Client) -> None:
    with full.db.transaction() as session:
        index = full.locator.index(session, utcnow())
    unit = next(area for area in index.areas if area.level == Level.SUBDISTRICT)
    everything = len(pages(api, "cases", {}, limit=500))
    leader, head = appoint(full, Role.SUBDISTRICT_LEADER, area=unit.code), appoint(full, Role.AGENCY_HEAD, agency="HW")
    for role, headers in (("leader", leader.headers), ("head", head.headers)):
        for of in ("incidents", "cases"):
            number = api.get("/api/v1/counts", params={"of": of, "by": "city"}, headers=headers).json()["total"]
            assert len(pages(api, of, {}, limit=500, headers=headers)) == number > 0, (role, of)
            assert number < everything


def test_who_may_only_count_gets_no_list(full: House, api: httpx.Client) -> None:
    headers = appoint(full, Role.PLANNER).headers
    assert api.get("/api/v1/counts", params={"by": "grid"}, headers=headers).status_code == 200
    for path in ("/incidents", "/cases?counted=true"):
        answer = api.get(f"/api/v1{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted"), path


def test_what_goes_with_a_count_and_what_does_not(full: House, api: httpx.Client) -> None:
    for query in (
        {"overdue": "true"}, {"tier": "grid"}, {"held_by": 0}, {"channel": "hotline"}, {"status": "closed"},
        {"counted": "true", "mine": "true"}, {"counted": "true", "light": "red"},
        {"counted": "true", "bbox": "116,31,118,33"}, {"agency": [1, 2]},
    ):  # fmt: skip
        answer = api.get("/api/v1/cases", params=query)
        assert (answer.status_code, answer.json()["code"]) == (422, "with-counted"), (query, answer.text)
    assert api.get("/api/v1/cases", params={"counted": "true", "status": "pending"}).json()["code"] == "unknown-status"
    assert api.get("/api/v1/cases", params={"counted": "true", "area": 987654321}).json()["code"] == "area-unknown"
