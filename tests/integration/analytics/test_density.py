"""Counts over HTTP beside counts made by hand: by area, by hexagon, by day, filtered, and refused."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import h3
import httpx
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from gridgov.api.routes.density import DaysBody, DensityBody
from gridgov.areas import service as areas
from gridgov.areas.rules import Level, NewArea
from gridgov.bootstrap import House
from tests import sample
from tests.followed import followed, standing
from tests.integration.analytics.conftest import Known, Taking

OUTSIDE = (sample.LON0 - 0.02, sample.LAT0)


def ask(api: httpx.Client, path: str = "density", **query: Any) -> dict[str, Any]:
    answer = api.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    described = DaysBody if path.endswith("days") else DensityBody
    assert json.loads(described.model_validate_json(answer.content).model_dump_json(by_alias=True)) == found
    return found


def counts(found: dict[str, Any]) -> dict[str, int]:
    return {item["code"]: item["count"] for item in found["items"] if item["count"]}


@pytest.fixture
def crowd(take: Taking) -> list[tuple[float, float, datetime]]:
    """600 incidents over 40 days anywhere in and around the city."""
    rng = random.Random(7)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    made = []
    for _ in range(600):
        lon = rng.uniform(sample.LON0 - 0.003, sample.LON0 + 8 * sample.STEP + 0.003)
        lat = rng.uniform(sample.LAT0 - 0.003, sample.LAT0 + 2 * sample.STEP + 0.003)
        made.append((lon, lat, start + timedelta(seconds=rng.randrange(40 * 86_400))))
    take([Known(at.isoformat(), (lon, lat), rng.choice(["06010", "09009"])) for lon, lat, at in made])
    return made


def test_every_level_agrees_with_counting_by_hand(
    crowd: list[tuple[float, float, datetime]], api: httpx.Client
) -> None:
    points = shapely.points([(lon, lat) for lon, lat, _ in crowd])
    whole = next(area.geom for area in sample.new_areas() if area.level == Level.CITY)
    outside = 600 - int(shapely.contains(whole, points).sum())
    for level in Level:
        found = ask(api, level=level)
        shapes = {area.code: area.geom for area in sample.new_areas() if area.level == level}
        expected = {code: int(shapely.contains(shape, points).sum()) for code, shape in shapes.items()}
        assert {item["code"]: item["count"] for item in found["items"]} == expected
        assert found["unlocated"] == outside > 0
        assert found["total"] == 600 == outside + found["above_level"] + sum(expected.values())


def test_hexagons_agree_with_the_h3_library(crowd: list[tuple[float, float, datetime]], api: httpx.Client) -> None:
    whole = next(area.geom for area in sample.new_areas() if area.level == Level.CITY)
    inside = [(lon, lat) for lon, lat, _ in crowd if whole.contains(shapely.Point(lon, lat))]
    for resolution in range(5, 10):
        found = ask(api, level="hexagon", resolution=resolution)
        expected = Counter(h3.cell_to_parent(h3.latlng_to_cell(lat, lon, 9), resolution) for lon, lat in inside)
        assert {item["cell"]: item["count"] for item in found["items"]} == expected
        for item in found["items"]:
            assert np.allclose((item["lat"], item["lon"]), h3.cell_to_latlng(item["cell"]), atol=1e-6)
        assert found["total"] == 600 == found["unlocated"] + sum(expected.values())


def test_days_are_the_citys_and_none_is_left_out(crowd: list[tuple[float, float, datetime]], api: httpx.Client) -> None:
    found = ask(api, "density/days", **{"from": "2026-02-27", "to": "2026-04-15"})
    expected = Counter((at + timedelta(hours=8)).date().isoformat() for _, _, at in crowd)
    assert {item["day"]: item["count"] for item in found["items"] if item["count"]} == expected
    assert [item["day"] for item in found["items"]][:2] == ["2026-02-27", "2026-02-28"]
    assert len(found["items"]) == 47


def test_an_area_is_counted_by_its_id_at_every_level_and_day(
    crowd: list[tuple[float, float, datetime]], api: httpx.Client
) -> None:
    for level in ("grid", "community", "district", "city"):
        for item in ask(api, level=level)["items"]:
            days = ask(api, "density/days", area=item["id"])["items"]
            assert sum(day["count"] for day in days) == item["count"]


def test_the_period_includes_its_beginning_and_not_its_end(take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T00:00:00+08:00"), Known("2026-03-01T23:59:59+08:00"), Known("2026-03-02T00:00:00+08:00")])
    assert ask(api, **{"from": "2026-03-01", "to": "2026-03-02"})["total"] == 2
    assert ask(api, **{"from": "2026-03-01T00:00:01+08:00"})["total"] == 2
    assert ask(api, **{"to": "2026-03-02T00:00:01+08:00"})["total"] == 3
    noon = ask(api, "density/days", **{"from": "2026-03-01T12:00:00", "to": "2026-03-02T12:00:00"})
    assert noon["items"] == [{"day": "2026-03-01", "count": 1}, {"day": "2026-03-02", "count": 1}]


def test_a_day_begins_in_the_city_and_not_in_greenwich(take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T23:30:00+00:00")])
    assert ask(api, "density/days")["items"] == [{"day": "2026-03-02", "count": 1}]


def test_a_category_is_a_code_a_group_or_a_prefix(take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00Z", "A01", code) for code in ("06010", "06010", "09009", "10001")])
    for category, expected in {"*": 4, "06010": 2, "06": 2, "06*": 2, "0*": 3, "10001": 1, "": 4}.items():
        found = ask(api, category=category)
        assert (found["total"], counts(found)) == (expected, {"A01": expected}), category
    for category in ("1", "0_*", "%*", "99"):
        answer = api.get("/api/v1/density", params={"category": category})
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
            422,
            "unknown-category",
            "category",
        )


def test_statuses(take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00Z", "A01", status=status) for status in ("open", "open", "closed", "void")])
    assert ask(api)["total"] == 4
    assert ask(api, status="open")["total"] == 2
    assert ask(api, status=["open", "void"])["total"] == 3
    refused = api.get("/api/v1/density", params={"status": "lost"})
    assert (refused.status_code, refused.json()["field"].split(".")[0]) == (422, "status")


def test_rates_use_an_areas_own_households_or_its_grids(take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00Z", "A01")] * 3 + [Known("2026-03-01T08:00:00Z", "A02")])
    grid = next(item for item in ask(api)["items"] if item["code"] == "A01")
    assert (grid["households"], grid["per_100_households"]) == (300, 1.0)
    community = next(item for item in ask(api, level="community")["items"] if item["code"] == "W1")
    assert (community["households"], community["per_100_households"]) == (1200, 0.3333)


def test_a_community_without_a_grid_there_counts_upward(take: Taking, city: House, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00Z", "B04"), Known("2026-03-01T08:00:00Z", "B03")])
    with city.db.transaction() as session:
        gone, before = areas.list_areas(session, at=None, code="B04")[0].id, standing(session)
        areas.put_in_force(session, [], name="B04 ceases", valid_from=datetime(2026, 4, 1, tzinfo=UTC), ending=[gone])
        followed(session, before, datetime(2026, 5, 1, tzinfo=UTC))
    found = ask(api)
    assert (found["total"], found["above_level"], found["unlocated"], counts(found)) == (2, 1, 0, {"B03": 1})
    upward = ask(api, level="community")
    assert (upward["above_level"], counts(upward)) == (0, {"E2": 2})
    east = next(item for item in ask(api, level="district")["items"] if item["code"] == "E")
    assert sum(day["count"] for day in ask(api, "density/days", area=east["id"])["items"]) == 2


def test_areas_are_those_in_force_now(city: House, take: Taking, api: httpx.Client) -> None:
    take([Known("2026-03-01T08:00:00Z", "A01")])
    whole = sample.cell("A01")
    west, south, east, north = whole.bounds
    middle = (west + east) / 2
    halves = [
        NewArea(Level.GRID, "A01a", "W1", {"en": "half"}, shapely.box(west, south, middle, north), "urban", 1, 10),
        NewArea(Level.GRID, "A01b", "W1", {"en": "half"}, shapely.box(middle, south, east, north), "urban", 1, 10),
    ]
    with city.db.transaction() as session:
        old = areas.list_areas(session, at=None, code="A01")[0].id
        future = datetime.now(UTC) + timedelta(days=30)
        areas.put_in_force(session, halves, name="a split to come", valid_from=future, ending=[old])
    assert "A01" in counts(ask(api)), "a plan that is not in force yet changes nothing"
    assert not {"A01a", "A01b"} & {item["code"] for item in ask(api)["items"]}


def test_an_empty_city_and_an_empty_period_are_no_error(city: House, api: httpx.Client) -> None:
    found = ask(api)
    assert (found["total"], len(found["items"]), counts(found)) == (0, 16, {})
    assert ask(api, level="hexagon")["items"] == []
    assert ask(api, "density/days")["items"] == []
    assert ask(api, "density/days", **{"from": "2026-01-01", "to": "2026-01-03"})["items"] == [
        {"day": "2026-01-01", "count": 0},
        {"day": "2026-01-02", "count": 0},
    ]


def test_a_city_without_boundaries_has_no_items(house: House, api: httpx.Client) -> None:
    with house.db.transaction() as session:
        areas.set_up_city(session, code="demo", names={"en": "Bare"}, timezone="Asia/Shanghai", lon=117, lat=32)
    assert ask(api)["items"] == []


BAD: list[tuple[dict[str, Any], str]] = [
    ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
    ({"from": "soon"}, "from"),
    ({"level": "hexagon", "resolution": 4}, "resolution"),
    ({"level": "hexagon", "resolution": 10}, "resolution"),
    ({"level": "street"}, "level"),
    ({"category": "no such"}, "category"),
]


def test_bad_questions_name_their_field(city: House, api: httpx.Client) -> None:
    for query, field in BAD:
        answer = api.get("/api/v1/density", params=query)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["field"] == field
        assert answer.json()["remedy"]


def test_days_refuse_an_unknown_area_and_too_long_a_period(city: House, api: httpx.Client) -> None:
    assert api.get("/api/v1/density/days", params={"area": 999_999}).json()["code"] == "area-unknown"
    long = api.get("/api/v1/density/days", params={"from": "1950-01-01", "to": "2020-01-01"})
    assert (long.status_code, long.json()["field"]) == (422, "to")


def test_one_category_is_counted_from_the_index_alone(crowd: list[tuple[float, float, datetime]], city: House) -> None:
    """What is read grows with what is asked for: no table page is touched once it is known to be visible to all."""
    with city.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze incidents"))
        connection.execute(text("set enable_seqscan = off"))
        plan = connection.execute(
            text(
                "explain (analyze, costs off, timing off)"
                " select i.grid_id, count(*) filter (where i.outside_m = 0) as inside, count(*) as n"
                " from incidents i where i.category_id = any(cast(:ids as integer[]))"
                " and i.happened_at >= '2026-03-01Z' and i.happened_at < '2026-03-20Z' group by i.grid_id"
            ),
            {"ids": [1]},
        )
        lines = "\n".join(plan.scalars())
    assert "Index Only Scan using incidents_2026_03_category_id" in lines
    assert "Heap Fetches: 0" in lines
