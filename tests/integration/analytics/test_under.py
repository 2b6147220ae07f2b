"""Counts as by a plan and as by boundaries of before, beside ST_Covers; a draft that changes is followed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import shapely
from sqlalchemy import text

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Level
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.planning import drafts, editing, preview
from gridgov.planning.operations import Assign, Merge, Operation
from gridgov.platform import clock
from tests.integration.analytics.conftest import Taking, take  # noqa: F401  # a fixture
from tests.integration.analytics.counted import ask, cells, crowd
from tests.integration.planning import drawing
from tests.integration.planning.taking_effect import draft, followed, put_in_force
from tests.people import appoint


@pytest.fixture
def ids(house: House) -> dict[str, int]:
    return drawing.set_up(house, "W1", "W2", "E1")


@pytest.fixture
def city(house: House, ids: dict[str, int]) -> House:
    """With communities that can be drawn in."""
    return house


def by_cover(house: House, index: AreaIndex, level: Level) -> dict[str, int]:
    """Code -> incidents that PostGIS finds covered by the areas of a level; by the lowest code on an edge."""
    chosen = [(area.code, shapely.to_wkb(index.shape(area.id))) for area in index.areas if area.level == level]
    with house.db.transaction() as session:
        session.execute(text('create temp table drawn (code text collate "C", geom geometry) on commit drop'))
        session.execute(
            text("insert into drawn values (:code, st_setsrid(st_geomfromwkb(:wkb), 4326))"),
            [{"code": code, "wkb": wkb} for code, wkb in chosen],
        )
        found = session.execute(
            text(
                "select code, count(*) as n from (select (select min(d.code) from drawn d "
                "where st_covers(d.geom, i.geom)) as code from incidents i) s where code is not null group by 1"
            )
        )
        return {row.code: row.n for row in found}


def operate(house: House, plan_id: int, operations: Iterable[Operation]) -> None:
    with house.db.transaction() as session:
        (part,) = drafts.parts(session, plan_id)
        editing.operate(session, None, part.id, list(operations), revision=part.revision, now=clock.utcnow())


def drawn(house: House, plan_id: int) -> AreaIndex:
    with house.db.transaction() as session:
        now = house.locator.index(session, clock.utcnow())
        return preview.boundaries(session, drafts.plan(session, plan_id), now, now=clock.utcnow())


def test_a_draft_counts_what_it_would_cover_and_is_followed(
    city: House,
    ids: dict[str, int],
    api: httpx.Client,
    take: Taking,  # noqa: F811  # a fixture is imported under the name of its argument
) -> None:
    crowd(city, take, seed=8, cases=False, rim=0.0003)
    in_force = cells(ask(api, by="grid"))
    plan_id = draft(city, {ids["W1"]: [Assign((0, 1, 10, 11), None)]})
    for level in (Level.GRID, Level.COMMUNITY, Level.DISTRICT):
        assert cells(ask(api, by=level, as_by=plan_id)) == by_cover(city, drawn(city, plan_id), level)
    first = ask(api, by="grid", as_by=plan_id)
    assert cells(first) != in_force
    assert first["total"] == sum(first["counts"]) + first["unlocated"] + first["above_level"]
    looked_up = city.relocations.looked_up
    operate(city, plan_id, [Assign((2, 12), None)])
    later = cells(ask(api, by="grid", as_by=plan_id))
    assert later == by_cover(city, drawn(city, plan_id), Level.GRID) != cells(first)
    again = city.relocations.looked_up - looked_up
    assert 0 < again < looked_up / 2, "only the ground that changed, what touches it, and what lies outside"
    monthly = ask(api, by="grid", then="month", as_by=plan_id, category="06*", channel="hotline")
    plain = ask(api, by="grid", category="06*", channel="hotline", as_by=plan_id)
    assert monthly["total"] == plain["total"] > 0


def test_boundaries_of_before_and_of_a_plan_in_force(
    city: House,
    ids: dict[str, int],
    api: httpx.Client,
    take: Taking,  # noqa: F811  # a fixture is imported under the name of its argument
) -> None:
    crowd(city, take, seed=9, cases=False)
    with city.db.transaction() as session:
        before = city.locator.index(session, clock.utcnow())
    then = datetime.now(UTC).isoformat()
    plan_id = draft(city, {ids["W1"]: [Merge((1, 2))]})
    put_in_force(city, plan_id)
    followed(city)
    was, is_now = ask(api, by="grid", as_by=then), ask(api, by="grid", as_by=plan_id)
    assert cells(was) == by_cover(city, before, Level.GRID)
    assert cells(is_now) == by_cover(city, drawn(city, plan_id), Level.GRID)
    assert len(was["codes"]) == len(is_now["codes"]) + 1
    gone = (set(was["ids"]) - set(is_now["ids"])).pop()
    found = ask(api, by="month", then="grid", as_by=then, area=gone)
    assert sum(found["counts"]) == cells(was)[found["then_codes"][0]]


def test_scope_holds_by_other_boundaries_too(
    city: House,
    ids: dict[str, int],
    api: httpx.Client,
    take: Taking,  # noqa: F811  # a fixture is imported under the name of its argument
) -> None:
    crowd(city, take, seed=10, cases=False)
    plan_id = draft(city, {ids["W1"]: [Merge((1, 2))]})
    leader = appoint(city, Role.SUBDISTRICT_LEADER, area="WS")
    mine = api.get("/api/v1/counts", params={"by": "grid", "as_by": plan_id}, headers=leader.headers).json()
    here = api.get("/api/v1/counts", params={"by": "grid"}, headers=leader.headers).json()
    everything = ask(api, by="grid", as_by=plan_id)
    assert mine["total"] == here["total"] < everything["total"]
    assert 0 < len(mine["codes"]) < len(everything["codes"])


def listed(api: httpx.Client, headers: dict[str, str] | None = None, **query: Any) -> list[str]:
    """Ids of incidents, page by page."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = api.get("/api/v1/incidents", params={**query, "limit": 7, **cursor}, headers=headers)
        assert answer.status_code == 200, answer.text
        found += [item["id"] for item in answer.json()["items"]]
        if answer.json()["next"] is None:
            assert len(set(found)) == len(found)
            return found
        cursor = {"cursor": answer.json()["next"]}


def test_lists_are_as_long_as_the_counts_by_other_boundaries(
    city: House,
    ids: dict[str, int],
    api: httpx.Client,
    take: Taking,  # noqa: F811  # a fixture is imported under the name of its argument
) -> None:
    crowd(city, take, seed=12, cases=False, rim=0.0003)
    now = ask(api, by="grid")
    plan_id = draft(city, {ids["W1"]: [Assign((0, 1, 10, 11), None), Merge((1, 2))]})
    query: dict[str, Any] = {"from": "2026-03-02", "to": "2026-03-30", "channel": ["hotline", "worker"]}
    for by in ("grid", "community", "district"):
        counted = ask(api, by=by, as_by=plan_id, **query)
        for area, n in zip(counted["ids"], counted["counts"], strict=True):
            assert len(listed(api, as_by=plan_id, lies_in=area, **query)) == n, (by, area)
    counted = ask(api, by="grid", as_by=plan_id)
    fresh = [(area, n) for area, n in zip(counted["ids"], counted["counts"], strict=True) if area < 0]
    assert any(n > 0 for _, n in fresh), "new areas of the draft have their lists too"
    kept = dict(zip(now["ids"], now["counts"], strict=True))
    moved = [(area, n) for area, n in zip(counted["ids"], counted["counts"], strict=True) if kept.get(area, n) != n]
    assert moved, "the control: by those in force some lists are of another length"
    for area, n in moved:
        assert len(listed(api, lies_in=area)) == kept[area] != n == len(listed(api, lies_in=area, as_by=plan_id))
    leader = appoint(city, Role.SUBDISTRICT_LEADER, area="WS")
    mine = api.get("/api/v1/counts", params={"by": "district", "as_by": plan_id}, headers=leader.headers).json()
    reached = listed(api, leader.headers, as_by=plan_id, lies_in=ask(api, by="district", as_by=plan_id)["ids"])
    assert len(reached) == sum(mine["counts"]) < sum(counted["counts"]), "a plan opens nothing to anybody"
    then = datetime.now(UTC).isoformat()
    put_in_force(city, draft(city, {ids["W2"]: [Merge((1, 2))]}))
    followed(city)
    was = ask(api, by="grid", as_by=then)
    assert was["ids"] == now["ids"] != ask(api, by="grid")["ids"]
    for area, n in zip(was["ids"], was["counts"], strict=True):
        assert len(listed(api, as_by=then, lies_in=area)) == n, "by what was in force before"


def test_what_lies_in_no_area_is_listed_by_those_in_force_alone(city: House, api: httpx.Client) -> None:
    then = datetime.now(UTC).isoformat()
    for query in ({"outside": "true"}, {"above": "grid"}):
        answer = api.get("/api/v1/incidents", params={**query, "as_by": then})
        assert (answer.status_code, answer.json()["field"]) == (422, "as_by")
        assert api.get("/api/v1/incidents", params=query).status_code == 200, "the control"


def test_the_shapes_that_are_counted_by_have_the_ids_of_the_counts(
    city: House,
    ids: dict[str, int],
    api: httpx.Client,
    take: Taking,  # noqa: F811  # a fixture is imported under the name of its argument
) -> None:
    crowd(city, take, seed=11, cases=False)
    plan_id = draft(city, {ids["W1"]: [Merge((1, 2))]})
    counted = ask(api, by="grid", as_by=plan_id)
    answer = api.get("/api/v1/counts/boundaries", params={"by": "grid", "as_by": plan_id})
    shapes = {one["id"]: shapely.geometry.shape(one["geometry"]) for one in answer.json()["features"]}
    assert sorted(shapes) == sorted(counted["ids"])
    assert len(shapes) == len(ask(api, by="grid")["ids"]) - 1
    exact = drawn(city, plan_id)
    for area_id, shape in shapes.items():
        assert shape.symmetric_difference(exact.shape(area_id)).area < 1e-3 * shape.area
    tag = {"If-None-Match": answer.headers["ETag"]}
    again = api.get("/api/v1/counts/boundaries", params={"by": "grid", "as_by": plan_id}, headers=tag)
    assert again.status_code == 304
    operate(city, plan_id, [Merge((3, 4))])
    redrawn = api.get("/api/v1/counts/boundaries", params={"by": "grid", "as_by": plan_id}, headers=tag)
    assert (redrawn.status_code, len(redrawn.json()["features"])) == (200, len(shapes) - 1)


def test_what_cannot_be_counted_by_other_boundaries(city: House, api: httpx.Client, ids: dict[str, int]) -> None:
    bad: list[tuple[dict[str, Any], int, str, str | None]] = [
        ({"as_by": "999999"}, 404, "plan-unknown", None),
        ({"as_by": "99999999999999999999"}, 404, "plan-unknown", "as_by"),
        ({"as_by": "yesterday"}, 422, "bad-input", "as_by"),
        ({"as_by": "2026-01-01", "by": "day"}, 422, "bad-grouping", "as_by"),
        ({"as_by": "2026-01-01", "of": "cases"}, 422, "bad-grouping", "as_by"),
        ({"as_by": "2026-01-01", "area": "999999"}, 404, "area-unknown", "area"),
    ]
    for query, status, code, field in bad:
        answer = api.get("/api/v1/counts", params={"by": "grid"} | query)
        body = answer.json()
        assert (answer.status_code, body["code"]) == (status, code), query
        assert body.get("field") == field or field is None
        assert body["remedy"] or status == 404
