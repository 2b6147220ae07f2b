"""The board's filters: whatever counts, draws or looks for something takes them by the same names, and means the same.

What a page counts beside `/counts` is added up for random filters of an area, agencies, matters, channels, a period.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.analytics.quad import tile_of
from gridgov.areas.rules import Level
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.incidents.rules import Channel, Status
from gridgov.platform.clock import utcnow
from tests import mvt, sample
from tests.integration.analytics.conftest import Known, Taking
from tests.integration.analytics.counted import ask, crowd
from tests.people import appoint

Query = dict[str, Any]
Parts = ("from", "category", "status", "channel", "agency", "area")


@pytest.fixture
def full(city: House, take: Taking) -> House:
    crowd(city, take, seed=23, n=900)
    return city


def got(api: httpx.Client, path: str, query: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Any:
    answer = api.get(f"/api/v1{path}", params=dict(query), headers=headers)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


def in_tile(api: httpx.Client, query: Query) -> int:
    """Incidents of the one tile that holds the whole city, where it has any."""
    tile = tile_of(sample.LON0, sample.LAT0, 8)
    answer = api.get(f"/api/v1/tiles/incidents/8/{tile.x}/{tile.y}.mvt", params=query)
    assert answer.status_code in (200, 204), answer.text
    layers = mvt.decode(answer.content) if answer.status_code == 200 else {}
    return sum(feature.properties.get("count", 1) for layer in layers.values() for feature in layer.features)


def everything(api: httpx.Client, query: Query) -> dict[str, int]:
    """How many each of them speaks of, all in one measure: those inside areas in force, or all with those outside."""
    whole = ask(api, by="city", **query)
    located = whole["total"] - whole["unlocated"]
    grids = ask(api, by="grid", **query)
    density = got(api, "/density", {**query, "level": "grid"})
    hexagons = got(api, "/density", {**query, "level": "hexagon"})
    days = got(api, "/density/days", query)
    hot = got(api, "/density/hotspots", {**query, "level": "grid"})
    clusters = got(api, "/density/clusters", {**query, "level": "city"})
    surface = got(api, "/density/surface", {**query, "bbox": "116.9,31.9,117.2,32.2"})
    return {
        "counts of grids": sum(grids["counts"]) + grids["above_level"] - located,
        "density": density["total"] - whole["total"],
        "grids of density": sum(item["count"] for item in density["items"]) - sum(grids["counts"]),
        "hexagons": hexagons["total"] - whole["total"],
        "days": sum(item["count"] for item in days["items"]) - whole["total"],
        "hot spots": sum(item["count"] for item in hot["items"]) - sum(grids["counts"]),
        "clusters": clusters["cases"] - located,
        "surface": surface["total"] - whole["total"],
        "tile": in_tile(api, query) - whole["total"],
    }


def some_query(rng: random.Random, areas: list[int], agencies: list[int]) -> Query:
    """Each part with a chance of its own; a status always, for what looks for findings leaves out void reports."""
    day = rng.randrange(1, 15)
    query: Query = {
        "from": f"2026-03-{day:02}", "to": f"2026-03-{day + 15:02}",
        "status": [str(one) for one in (Status if rng.random() < 0.5 else rng.sample(list(Status), 2))],
    }  # fmt: skip
    parts: list[tuple[str, Callable[[], Any]]] = [
        ("category", lambda: rng.choice([["06"], ["06010", "1*"], ["09009", "10001"]])),
        ("channel", lambda: [str(one) for one in rng.sample(list(Channel), 5)]),
        ("agency", lambda: rng.sample(agencies, 2)),
        ("area", lambda: rng.choice(areas)),
    ]
    return query | {name: value() for name, value in parts if rng.random() < 0.6}


def ids(house: House) -> tuple[list[int], list[int]]:
    """(areas in force of every level, agencies with a row)."""
    with house.db.transaction() as session:
        areas = [area.id for area in house.locator.index(session, utcnow()).areas]
        agencies = session.execute(text("select id from duties_agency where code in ('CG', 'HW', 'JJ') order by id"))
        return areas, list(agencies.scalars())


def test_all_of_them_count_what_counts_counts(full: House, api: httpx.Client) -> None:
    rng, (areas, agencies) = random.Random(3), ids(full)
    met = set[str]()
    for _ in range(14):
        query = some_query(rng, areas, agencies)
        met |= query.keys()
        assert set(everything(api, query).values()) == {0}, (query, everything(api, query))
    assert met >= set(Parts)


@pytest.mark.parametrize("left_out", Parts)
def test_a_part_that_one_of_them_left_out_would_be_seen(full: House, api: httpx.Client, left_out: str) -> None:
    """The control of the test before: the same sums with one part less."""
    _, agencies = ids(full)
    with full.db.transaction() as session:
        index = full.locator.index(session, utcnow())
    district = next(area.id for area in index.areas if area.level == Level.DISTRICT)
    query: Query = {
        "from": "2026-03-05", "to": "2026-03-25", "category": ["06", "09*"], "status": ["open", "closed"],
        "channel": [str(one) for one in list(Channel)[:5]], "agency": agencies[:2], "area": district,
    }  # fmt: skip
    less = {name: value for name, value in query.items() if name != left_out}
    more, some = ask(api, by="city", **less)["total"], ask(api, by="city", **query)["total"]
    assert more > some > 0
    assert in_tile(api, less) == more
    assert in_tile(api, query) == some


def test_parts_of_a_second_are_asked_of_the_database_and_mean_the_same(full: House, api: httpx.Client) -> None:
    areas, agencies = ids(full)
    rng = random.Random(8)
    for _ in range(6):
        query = some_query(rng, areas, agencies) | {"area": rng.choice(areas)}
        fine = query | {"from": f"{query['from']}T00:00:00.000001+08:00"}  # nothing happened at midnight
        for path in ("/density", "/density/surface"):
            assert got(api, path, fine)["total"] == got(api, path, query)["total"], (path, query)
        for path in ("/density/days", "/density/hotspots"):
            counted = [[item["count"] for item in got(api, path, asked)["items"]] for asked in (fine, query)]
            assert counted[0] == counted[1], (path, query)
        assert in_tile(api, fine) == in_tile(api, query)


def test_repeats_and_rises_are_those_of_the_filter(full: House, api: httpx.Client, take: Taking) -> None:
    take([Known("2025-11-01T08:00:00+08:00")])  # history enough for a word on what is usual
    areas, agencies = ids(full)
    area = areas[0]
    query: Query = {"to": "2026-04-08", "status": ["open", "closed"], "agency": agencies, "area": area}
    rising = got(api, "/density/rising", {**query, "from": "2026-03-25", "level": "city"})
    assert (rising["first"], rising["last"]) == ("2026-03-25", "2026-04-07")
    everything = [item for item in rising["items"] if item["group"] is None and item["area"] is None]
    counted = ask(api, by="city", **query, **{"from": "2026-03-25"})
    assert [item["count"] for item in everything] == [counted["total"] - counted["unlocated"]]
    spots = got(api, "/density/repeats", {**query, "radius_m": 100, "least_days": 2, "limit": 500})
    assert spots["items"]
    elsewhere = got(api, "/density/repeats", {**query, "channel": "sensor", "radius_m": 100, "least_days": 2})
    assert elsewhere["found"] < spots["found"]


def test_hot_spots_of_an_area_compare_what_lies_in_it(full: House, api: httpx.Client) -> None:
    with full.db.transaction() as session:
        index = full.locator.index(session, utcnow())
    community = next(area for area in index.areas if area.level == Level.COMMUNITY)
    inside = {area.id for area in index.descendants(community.id) if area.level == Level.GRID}
    for path in ("/density/hotspots", "/density"):
        items = got(api, path, {"area": community.id, "level": "grid"})["items"]
        assert {item["id"] for item in items} == inside
    assert len(got(api, "/density/hotspots", {"level": "grid"})["items"]) > len(inside)


def test_an_area_does_not_reach_beyond_the_reach(full: House, api: httpx.Client) -> None:
    """Whoever leads one sub-district and asks for the whole city is told of the sub-district alone."""
    with full.db.transaction() as session:
        index = full.locator.index(session, utcnow())
    unit = next(area for area in index.areas if area.level == Level.SUBDISTRICT)
    city = next(area for area in index.areas if area.level == Level.CITY)
    leader = appoint(full, Role.SUBDISTRICT_LEADER, area=unit.code).headers
    of_unit = ask(api, by="city", area=unit.id)["total"]
    assert 0 < of_unit < ask(api, by="city", area=city.id)["total"]
    assert got(api, "/counts", {"by": "city", "area": city.id}, leader)["total"] == of_unit
    assert got(api, "/density/days", {"area": city.id}, leader) == got(api, "/density/days", {"area": unit.id})


def test_an_area_that_is_not_in_force_is_refused(full: House, api: httpx.Client) -> None:
    for path in ("/density", "/density/days", "/density/hotspots", "/density/clusters", "/density/rising",
                 "/density/repeats", "/density/surface", "/tiles/incidents/9/1/1.mvt"):  # fmt: skip
        answer = api.get(f"/api/v1{path}", params={"area": 987654321})
        assert (answer.status_code, answer.json()["code"]) == (404, "area-unknown"), path
