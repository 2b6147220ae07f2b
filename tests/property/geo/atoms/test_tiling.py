"""Whatever streets and houses, and whatever the border: atoms tile the community and nobody is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from shapely import LineString, Polygon

from gridgov.geo.atoms.forms import Buildings, Streets
from gridgov.geo.atoms.given import Given, make_given
from gridgov.geo.atoms.households import of_buildings
from gridgov.geo.atoms.make import make
from tests.unit.geo.atoms.quarter import PROJECTION, check_tiling, deg


def star(rng: np.random.Generator, side: float) -> Any:
    """A community with a ragged border."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(5, 60))))
    reach = side * rng.uniform(0.45, 0.6, len(angles))
    points = np.column_stack([side / 2 + reach * np.cos(angles), side / 2 + reach * np.sin(angles)])
    return Polygon(points) if Polygon(points).is_valid else Polygon(points).convex_hull


def lines(rng: np.random.Generator, side: float) -> list[LineString]:
    """Streets that bend, cross, end anywhere, and run along one another."""
    out = []
    for _ in range(int(rng.integers(0, 25))):
        start, way = rng.uniform(-0.1, 1.1, 2) * side, rng.uniform(-1, 1, 2) * side / 3
        points = start + np.cumsum(
            np.vstack([[0, 0], way + rng.normal(0, side / 30, (int(rng.integers(1, 5)), 2))]), axis=0
        )
        out.append(LineString(points))
    out += [LineString(np.array(one.coords) + rng.uniform(-4, 4, 2)) for one in out[:3]]
    return out


def houses(rng: np.random.Generator, side: float) -> list[Any]:
    """Turned rectangles, some on top of one another, some points."""
    out: list[Any] = []
    for _ in range(int(rng.integers(0, 120))):
        x, y = rng.uniform(0, side, 2)
        if rng.random() < 0.1:
            out.append(shapely.Point(x, y))
            continue
        wide, deep = rng.uniform(2, 40), rng.uniform(2, 15)
        out.append(
            shapely.affinity.rotate(
                shapely.box(x - wide / 2, y - deep / 2, x + wide / 2, y + deep / 2), rng.uniform(0, 90)
            )
        )
    return out


def check(seed: int) -> None:
    rng = np.random.default_rng(seed)
    side = float(rng.uniform(80, 1500))
    community = deg(star(rng, side))
    stock = houses(rng, side)
    counts = rng.integers(-1, 60, len(stock)) * (1 + 20 * (rng.random(len(stock)) < 0.03)).astype(int)
    counts = np.maximum(counts, -1)
    found = make(
        community, Streets.plain([deg(one) for one in lines(rng, side)]),
        Buildings.plain([deg(one) for one in stock], counts), PROJECTION,
    )  # fmt: skip
    check_tiling(found.atoms, community)
    assert not any(one.code == "border-rounded" for one in found.atoms.findings)
    mine = found.atom_of >= 0
    assert int(of_buildings(found, counts).sum()) == int(np.maximum(counts, 0)[mine].sum())
    edges = found.atoms.edges
    joined = shapely.length(shapely.intersection(found.atoms.shapes[edges.a], found.atoms.shapes[edges.b]))
    assert edges.shared_m == pytest.approx(joined, abs=0.05)
    inside = shapely.contains_properly(
        community, shapely.point_on_surface(np.array([deg(one) for one in stock], dtype=object))
    )
    assert (mine == inside).all()


@pytest.mark.parametrize("seed", range(12))
def test_atoms_tile_any_quarter(seed: int) -> None:
    check(seed)


@pytest.mark.soak
def test_atoms_tile_a_thousand_quarters() -> None:
    for seed in range(12, 1_012):
        check(seed)


def check_given(seed: int) -> None:
    rng = np.random.default_rng(seed)
    side = float(rng.uniform(200, 3000))
    shape = star(rng, side)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(rng.uniform(0, side, (40, 2)))))
    shaky = [
        shapely.transform(one, lambda points: points + rng.uniform(-0.4, 0.4, (1, 2)))
        for one in cells
        if rng.random() < 0.95
    ]
    given = Given(
        np.array([deg(one) for one in shaky], dtype=object), tuple(map(str, range(len(shaky)))), ("",) * len(shaky)
    )
    found = make_given(deg(shape), given, Streets.plain([]), PROJECTION)
    check_tiling(found.atoms, deg(shape))
    counts = rng.integers(0, 300, len(shaky))
    assert int(of_buildings(found, counts).sum()) == int(counts[found.atom_of >= 0].sum())


@pytest.mark.parametrize("seed", range(8))
def test_given_polygons_tile_any_quarter(seed: int) -> None:
    check_given(seed)


@pytest.mark.soak
def test_given_polygons_tile_five_hundred_quarters() -> None:
    for seed in range(8, 508):
        check_given(seed)
