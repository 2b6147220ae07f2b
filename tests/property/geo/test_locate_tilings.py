"""Masses of hard points against shapely, and against whole numbers: tilings, overlaps, holes, parts, at any fineness.

Whole numbers (`exact`) judge where coordinates are drawn so that shapely's own rounding shows.

Control: `tests/unit/geo/test_locate_predicates.py` shows that such points find a look-up without exact orientation,
without the boundary, or with another choice on shared edges; here, that they do lie on boundaries in great number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gridgov.geo import table
from gridgov.geo.locate import PointIndex
from tests.bench.tiling import BOUNDS, border_points, clustered_points, jagged_tiling
from tests.property.geo import exact

Floats = npt.NDArray[np.float64]
Polygons = npt.NDArray[np.object_]
Maker = Callable[[np.random.Generator], Polygons]
Judge = Callable[[Polygons, Floats], tuple[npt.NDArray[np.int64], int]]


def lowest_by_shapely(polygons: Polygons, points: Floats) -> tuple[npt.NDArray[np.int64], int]:
    """The lowest polygon that intersects each point, and how many points have several."""
    found, polygon = shapely.STRtree(polygons).query(shapely.points(points), "intersects")
    lowest = np.full(len(points), len(polygons))
    np.minimum.at(lowest, found, polygon)
    lowest[lowest == len(polygons)] = -1
    return lowest, int((np.bincount(found, minlength=len(points)) > 1).sum())


def around(index: PointIndex, points: Floats, rng: np.random.Generator) -> Floats:
    """The points, their neighbours one ulp away, points on the lines between cells, and points anywhere."""
    n = len(points) // 4
    column = index.x0 + rng.integers(0, index.columns + 1, n) / (index.kx or 1.0)
    row = index.y0 + rng.integers(0, index.rows + 1, n) / (index.ky or 1.0)
    low, high = points.min(axis=0), points.max(axis=0)
    lines = [np.stack([column, row], axis=1), np.stack([points[:n, 0], row], axis=1)]
    lines.append(np.stack([column, points[:n, 1]], axis=1))
    anywhere = low + rng.uniform(-0.1, 1.1, (n, 2)) * (high - low)
    base = np.vstack([points, *lines, anywhere])
    up, down = np.nextafter(base, np.inf), np.nextafter(base, -np.inf)
    return np.vstack(
        [base, up, down, np.stack([up[:, 0], base[:, 1]], axis=1), np.stack([down[:, 0], up[:, 1]], axis=1)]
    )


def check(polygons: Polygons, points: Floats, index: PointIndex, judge: Judge = lowest_by_shapely) -> int:
    """How many of the points lie on several polygons; fails when any answer differs from the judge's."""
    truth, several = judge(polygons, points)
    wrong = np.flatnonzero(index.locate(*points.T) != truth)
    places = [(points[i].tolist(), int(truth[i])) for i in wrong[:3]]
    assert len(wrong) == 0, f"{len(wrong)} of {len(points)} points differ: {places}"
    return several


def voronoi(rng: np.random.Generator) -> Polygons:
    """Neighbours share whole edges, in no order of their numbers."""
    seeds = shapely.MultiPoint(rng.uniform(BOUNDS[:2], BOUNDS[2:], (400, 2)))
    return rng.permutation(np.array(shapely.voronoi_polygons(seeds).geoms, dtype=object))


def with_t_junctions(rng: np.random.Generator) -> Polygons:
    """Vertices of one polygon in the middle of its neighbour's edge."""
    x = np.linspace(BOUNDS[0], BOUNDS[2], 13)
    boxes = []
    for i in range(12):
        y = np.sort(np.concatenate([[BOUNDS[1], BOUNDS[3]], rng.uniform(BOUNDS[1], BOUNDS[3], 9)]))
        boxes.append(shapely.box(x[i], y[:-1], x[i + 1], y[1:]))
    return rng.permutation(np.concatenate(boxes))


def with_holes_and_parts(rng: np.random.Generator) -> Polygons:
    """A tiling some of whose polygons are cut out of others, joined into multi-polygons, or left out."""
    tiles = jagged_tiling(rng, 12, 8)
    around_hole = shapely.union_all(tiles[:24]).difference(shapely.union_all(tiles[[7, 9]]))
    scattered = shapely.union_all(tiles[30:60:2])
    return np.array([scattered, *tiles[60:], around_hole, tiles[7]], dtype=object)


def overlapping(rng: np.random.Generator) -> Polygons:
    """Discs over discs, some of them exactly repeated."""
    discs = shapely.buffer(shapely.points(rng.uniform(BOUNDS[:2], BOUNDS[2:], (150, 2))), rng.uniform(0.005, 0.1, 150))
    return np.concatenate([discs, discs[:20]])


def jagged(rng: np.random.Generator) -> Polygons:
    return jagged_tiling(rng, 20, 12)


def city_and_province(rng: np.random.Generator) -> Polygons:
    """Small polygons in one corner of huge ones: most of the city falls into a few cells."""
    small = jagged_tiling(rng, 12, 12, bounds=(117.0, 32.0, 117.02, 32.02))
    huge = jagged_tiling(rng, 3, 2, bounds=(110.0, 28.0, 122.0, 36.0))
    return np.concatenate([small, huge])


@pytest.mark.parametrize(
    "make", [jagged, voronoi, with_t_junctions, with_holes_and_parts, overlapping, city_and_province]
)
@pytest.mark.parametrize("cells", [None, 50])
def test_hard_points_of_a_city_are_placed_as_shapely_places_them(make: Maker, cells: int | None) -> None:
    rng = np.random.default_rng([7, cells or 0])
    polygons = make(rng)
    assert shapely.is_valid(polygons).all()
    index = PointIndex.build(polygons, cells=cells)
    points = around(index, np.vstack([border_points(rng, polygons, 3500), clustered_points(rng, 500)]), rng)
    assert len(points) > 30_000
    assert check(polygons, points, index) > 1000, "too few points on several polygons to mean anything"


coordinate = st.integers(0, 8)
corner = st.tuples(coordinate, coordinate)


@st.composite
def lattice_polygon(draw: st.DrawFn) -> BaseGeometry:
    """A polygon with corners on a small lattice, so that edges, vertices and cells coincide all the time."""
    shape = shapely.convex_hull(shapely.MultiPoint(draw(st.lists(corner, min_size=3, max_size=8))))
    for _ in range(draw(st.integers(0, 2))):
        x, y = draw(corner)
        part = shapely.box(x, y, x + draw(st.integers(1, 4)), y + draw(st.integers(1, 4)))
        shape = draw(st.sampled_from([shapely.union, shapely.difference, shapely.symmetric_difference]))(shape, part)
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


@contextmanager
def crowded_above(limit: int, side: int) -> Iterator[None]:
    """Go down to finer cells much sooner than needed."""
    with patch.object(table, "CROWDED", limit), patch.object(table, "SIDE", side):
        yield


@settings(max_examples=80, deadline=None)
@given(
    shapes=st.lists(lattice_polygon(), min_size=1, max_size=10),
    cells=st.sampled_from([None, 1, 3, 64, 1000]),
    crowded=st.sampled_from([(1, 2), (2, 4), (6, 16), (24, 16)]),
    scale=st.sampled_from([1.0, 0.1, 1e-7, 1e6]),
    turn=st.sampled_from([0.0, 30.0]),
)
def test_coinciding_polygons_are_told_apart_exactly(
    shapes: list[BaseGeometry], cells: int | None, crowded: tuple[int, int], scale: float, turn: float
) -> None:
    polygons = np.array([shapely.affinity.rotate(shape, turn, origin=(0, 0)) for shape in shapes], dtype=object)
    polygons = shapely.transform(polygons, lambda xy: xy * scale + [117.0, 0.0])
    if not shapely.is_valid(polygons).all():
        return
    with crowded_above(*crowded):
        index = PointIndex.build(polygons, cells=cells)
    vertices = shapely.get_coordinates(polygons)
    x, y = np.meshgrid(np.arange(-0.5, 9.0, 0.5), np.arange(-0.5, 9.0, 0.5))
    lattice = np.stack([x.ravel(), y.ravel()], axis=1) * scale + [117.0, 0.0]
    between = (vertices[1:] + vertices[:-1]) / 2
    points = around(index, np.vstack([vertices, between, lattice]), np.random.default_rng(len(vertices)))
    check(polygons, points, index, exact.lowest)


@settings(max_examples=40, deadline=None)
@given(shapes=st.lists(lattice_polygon(), min_size=1, max_size=10))
def test_the_exact_judge_and_shapely_agree_on_a_small_lattice(shapes: list[BaseGeometry]) -> None:
    """There every product is a small number, so that shapely does not round: what the judge says is no other rule."""
    polygons = np.array(shapes, dtype=object)
    x, y = np.meshgrid(np.arange(-0.5, 9.0, 0.5), np.arange(-0.5, 9.0, 0.5))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    found, several = exact.lowest(polygons, points)
    truth, truly_several = lowest_by_shapely(polygons, points)
    assert found.tolist() == truth.tolist()
    assert several == truly_several
