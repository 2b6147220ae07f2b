"""The drawing of areas: small, where the areas are, its neighbours still meeting."""

from __future__ import annotations

import re
from typing import Any

import httpx
import numpy as np
import pytest
import shapely

from gridgov.bootstrap import House
from tests import sample

STEP = re.compile(r"M(-?\d+) (-?\d+)l([^z]*)z")


@pytest.fixture
def city(house: House) -> House:
    with house.db.transaction() as session:
        sample.set_up(session)
    return house


def shape_of(path: str, world: int, origin: tuple[int, int]) -> Any:
    """In units of the drawing, counted from the corner of the world."""
    rings = []
    for east, south, steps in STEP.findall(path):
        moves = np.array(steps.split(), dtype=int).reshape(-1, 2)
        corners = np.vstack([[int(east), int(south)], moves]).cumsum(axis=0) + origin
        assert (corners >= 0).all()
        assert (corners <= world).all()
        rings.append(shapely.Polygon(corners))
    return shapely.union_all(rings)


def degrees(shape: Any, world: int) -> Any:
    def turned(at: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        north = np.degrees(np.arcsin(np.tanh((0.5 - at[:, 1] / world) * 2 * np.pi)))
        return np.column_stack([at[:, 0] / world * 360 - 180, north])

    return shapely.transform(shape, turned)


@pytest.mark.parametrize("level", ["subdistrict", "community", "grid"])
def test_it_lies_where_the_areas_lie(city: House, api: httpx.Client, level: str) -> None:
    answer = api.get("/api/v1/areas/outlines", params={"level": level}).raise_for_status()
    drawn = answer.json()
    exact = api.get("/api/v1/areas", params={"level": level, "geometry": True, "limit": 1000}).json()["items"]
    assert [one["id"] for one in drawn["items"]] == sorted(one["id"] for one in exact)
    shapes = {one["id"]: shapely.geometry.shape(one["geometry"]) for one in exact}
    found = [shape_of(one["path"], drawn["world"], drawn["origin"]) for one in drawn["items"]]
    for one, shape in zip(drawn["items"], found, strict=True):
        there, here = degrees(shape, drawn["world"]), shapes[one["id"]]
        assert there.symmetric_difference(here).area < 0.02 * here.area
    assert shapely.coverage_is_valid(found), "neighbours meet"


def test_what_the_client_has_is_not_sent_again(city: House, api: httpx.Client) -> None:
    first = api.get("/api/v1/areas/outlines")
    tag = first.headers["etag"]
    assert first.json()["level"] == "community"
    again = api.get("/api/v1/areas/outlines", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get("/api/v1/areas/outlines?level=grid", headers={"If-None-Match": tag}).status_code == 200


def test_what_is_no_level_is_named(city: House, api: httpx.Client) -> None:
    answer = api.get("/api/v1/areas/outlines", params={"level": "village"})
    assert answer.status_code == 422
    assert "level" in answer.text
