"""The bulk look-up's promises, one by one; `tests/property/geo/test_locate_tilings.py` throws many points at it."""

from __future__ import annotations

import multiprocessing
import pickle
from dataclasses import FrozenInstanceError
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from gridgov.geo import locate, predicates, raster, table
from gridgov.geo.locate import CoordinateOutOfRange, NotPolygonal, PointIndex

UP, DOWN = np.inf, -np.inf


def by_shapely(polygons: list[Polygon], x: list[float], y: list[float]) -> list[int]:
    """The plain reading of the promise: the first polygon that covers the point."""
    points = [Point(a, b) for a, b in zip(x, y, strict=True)]
    return [next((i for i, polygon in enumerate(polygons) if polygon.covers(point)), -1) for point in points]


def test_nothing_to_find() -> None:
    index = PointIndex.build([])
    assert len(index) == 0
    assert index.nbytes == 0
    assert index.locate([0.0, 1.0], [0.0, 1.0]).tolist() == [-1, -1]
    assert index.locate_one(0.0, 0.0) == -1


def test_no_points() -> None:
    found = PointIndex.build([box(0, 0, 1, 1)]).locate([], [])
    assert found.dtype == np.int32
    assert found.shape == (0,)


def test_the_boundary_belongs_to_the_polygon_and_one_ulp_beyond_does_not() -> None:
    index = PointIndex.build([box(0, 0, 1, 1)])
    x = [0.5, 0.0, 1.0, 1.0, 0.0, np.nextafter(0.0, DOWN), np.nextafter(1.0, UP), 1.0, 0.3]
    y = [0.5, 0.0, 1.0, 0.0, 0.7, 0.5, 0.5, np.nextafter(1.0, UP), np.nextafter(1.0, DOWN)]
    assert index.locate(x, y).tolist() == [0, 0, 0, 0, 0, -1, -1, -1, 0]


def test_a_point_on_a_shared_edge_goes_to_the_lowest_number() -> None:
    left, right = box(0, 0, 1, 1), box(1, 0, 2, 1)
    edge = ([1.0, 1.0, 1.0], [0.0, 0.5, 1.0])
    assert PointIndex.build([left, right]).locate(*edge).tolist() == [0, 0, 0]
    assert PointIndex.build([right, left]).locate(*edge).tolist() == [0, 0, 0]
    assert PointIndex.build([right, left]).locate_one(np.nextafter(1.0, DOWN), 0.5) == 1


@pytest.mark.parametrize("corner", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_a_crowd_meets_in_a_corner_of_everything(corner: tuple[int, int]) -> None:
    """Cells there stay crowded however fine they are; finer ones than numbers can tell apart would lose edges."""
    angle = np.linspace(0.0, np.pi / 2, 41)
    rim = np.abs(np.stack([np.cos(angle), np.sin(angle)], axis=1) - corner)
    fan = [Polygon([corner, a, b]) for a, b in pairwise(rim.tolist())]
    assert PointIndex.build(fan).locate_one(*corner) == 0
    assert PointIndex.build(fan[::-1]).locate_one(*corner) == 0


def test_four_corners_meet_in_one_point() -> None:
    quarters = [box(1, 1, 2, 2), box(0, 1, 1, 2), box(1, 0, 2, 1), box(0, 0, 1, 1)]
    for first in range(4):
        turned = quarters[first:] + quarters[:first]
        assert PointIndex.build(turned).locate_one(1.0, 1.0) == 0


def test_holes_gaps_and_parts() -> None:
    ring = Polygon(box(0, 0, 4, 4).exterior.coords, [box(1, 1, 3, 3).exterior.coords])
    islands = MultiPolygon([box(1.5, 1.5, 2.5, 2.5), box(6, 0, 7, 1)])
    index = PointIndex.build([ring, islands])
    assert index.locate_one(0.5, 2.0) == 0
    assert index.locate_one(1.0, 2.0) == 0, "the edge of a hole is boundary"
    assert index.locate_one(np.nextafter(1.0, UP), 2.0) == -1
    assert index.locate_one(2.0, 2.0) == 1
    assert index.locate_one(6.5, 0.5) == 1
    assert index.locate_one(5.0, 0.5) == -1


def test_a_lake_in_a_lake_and_a_hole_that_touches_the_shell() -> None:
    shell = Polygon([(0, 0), (8, 0), (8, 8), (0, 8)], [[(0, 4), (4, 2), (4, 6)]])
    inner = Polygon([(1, 4), (3.5, 3), (3.5, 5)])
    x, y = np.meshgrid(np.linspace(-0.5, 8.5, 73), np.linspace(-0.5, 8.5, 73))
    places = (x.ravel().tolist(), y.ravel().tolist())
    assert PointIndex.build([shell, inner]).locate(*places).tolist() == by_shapely([shell, inner], *places)


def test_of_overlapping_polygons_the_lowest_number_answers() -> None:
    big, small = box(0, 0, 10, 10), box(4, 4, 6, 6)
    assert PointIndex.build([big, small]).locate_one(5.0, 5.0) == 0
    index = PointIndex.build([small, big])
    assert index.locate([5.0, 4.0, 1.0, 6.0], [5.0, 4.0, 1.0, 5.0]).tolist() == [0, 0, 1, 0]


def test_overlapping_parts_do_not_cancel() -> None:
    parts = MultiPolygon([box(0, 0, 2, 2), box(1, 1, 3, 3)])
    assert PointIndex.build([parts]).locate_one(1.5, 1.5) == 0


def test_nan_and_infinities_are_nowhere() -> None:
    index = PointIndex.build([box(-1, -1, 1, 1)])
    odd = [np.nan, np.inf, -np.inf, 1e308, -1e308]
    assert index.locate(odd, [0.0] * 5).tolist() == [-1] * 5
    assert index.locate([0.0] * 5, odd).tolist() == [-1] * 5
    assert index.locate_one(np.nan, np.nan) == -1


def test_empty_polygons_keep_their_number() -> None:
    index = PointIndex.build([Polygon(), box(0, 0, 1, 1), MultiPolygon(), box(2, 0, 3, 1)])
    assert len(index) == 4
    assert index.locate([0.5, 2.5], [0.5, 0.5]).tolist() == [1, 3]
    assert PointIndex.build([Polygon()]).locate_one(0.0, 0.0) == -1


def test_repeated_vertices_and_spikes() -> None:
    repeated = Polygon([(0, 0), (0, 0), (2, 0), (2, 0), (2, 0), (2, 2), (0, 2), (0, 2)])
    index = PointIndex.build([repeated])
    assert index.locate([0.0, 2.0, 1.0, 2.1], [0.0, 0.0, 2.0, 0.0]).tolist() == [0, 0, 0, -1]
    spike = Polygon([(0, 0), (2, 0), (2, 1), (5, 1), (2, 1), (2, 2), (0, 2)])
    assert PointIndex.build([spike]).locate([4.0, 4.0, 1.0], [1.0, 1.5, 1.5]).tolist() == [0, -1, 0]


def test_a_polygon_without_extent() -> None:
    flat = Polygon([(1, 1), (3, 1), (2, 1)])
    dot = Polygon([(5, 5), (5, 5), (5, 5)])
    index = PointIndex.build([flat, dot])
    assert index.locate([2.0, 2.0, 5.0, 5.5], [1.0, 1.5, 5.0, 5.0]).tolist() == [0, -1, 1, -1]
    assert PointIndex.build([dot]).locate([5.0, 5.0, 4.0], [5.0, 5.1, 5.0]).tolist() == [0, -1, -1]


@pytest.mark.parametrize("x0", [-180.0, 179.999, 117.0])
@pytest.mark.parametrize("size", [1e-12, 1e-6, 1e-3])
def test_extents_of_a_few_ulps_at_the_edge_of_the_world(x0: float, size: float) -> None:
    steps = np.linspace(x0, x0 + size, 5)
    polygons = [box(a, 30.0, b, 30.0 + size) for a, b in pairwise(steps)]
    x = [*steps, *np.nextafter(steps, UP), *np.nextafter(steps, DOWN), *((steps[:-1] + steps[1:]) / 2)]
    y = [30.0 + size / 2] * len(x)
    assert PointIndex.build(polygons).locate(x, y).tolist() == by_shapely(polygons, x, y)


def test_huge_coordinates() -> None:
    polygons = [box(-1e90, -1e90, 0, 1e90), box(0, -1e90, 1e90, 1e90)]
    assert PointIndex.build(polygons).locate([-1.0, 0.0, 1.0, 1e91], [0.0, 0.0, 5e89, 0.0]).tolist() == [0, 0, 1, -1]


def test_slivers_far_thinner_than_a_cell() -> None:
    height = np.linspace(0.0, 1.0, 40)
    slivers = [Polygon([(0, 0), (1, h), (1, h + 1e-12)]) for h in height]
    x = [1.0] * 40 + [0.5] * 40 + [0.5] * 40
    y = [*(height + 5e-13), *(height / 2), *(height / 2 + 1e-9)]
    expected = by_shapely(slivers, x, y)
    assert expected[40:80] == list(range(40)), "the lower edges are hit exactly"
    for cells in (None, 1, 100):
        assert PointIndex.build(slivers, cells=cells).locate(x, y).tolist() == expected


def test_an_edge_through_the_very_corner_of_four_cells() -> None:
    """Rounding may put the edge on either side of the corner; the point is in the cell it barely touches."""
    side, half = 64, 2.0**-8
    frame = [Polygon([(0, 0), (0.001, 0), (0, 0.001)]), Polygon([(1, 1), (0.999, 1), (1, 0.999)])]
    scale = PointIndex.build(frame, cells=side * side).kx
    lines = []  # of the lattice, as far as a double can be exactly on one
    for i in range(1, side):
        near = i / scale
        lines += [x for x in (near, np.nextafter(near, UP), np.nextafter(near, DOWN)) if x * scale == i][:1]
    exact = [x for x in lines if Fraction(x) + Fraction(half) == x + half and Fraction(x) - Fraction(half) == x - half]
    corners = [(x, y) for x in exact for y in exact]
    assert len(corners) > 500
    triangles = [Polygon([(x - half, y + half), (x + half, y - half), (x - half, y - half)]) for x, y in corners]
    index = PointIndex.build(triangles + frame, cells=side * side)
    assert (index.rows, index.columns, index.kx, index.ky) == (side, side, scale, scale)
    assert index.locate(*zip(*corners, strict=True)).tolist() == list(range(len(corners)))


def test_a_polygon_of_half_a_million_vertices() -> None:
    rng = np.random.default_rng(1)
    angle = np.linspace(0, 2 * np.pi, 500_001)[:-1]
    radius = 1 + 0.01 * rng.random(500_000)
    ring = np.stack([np.cos(angle) * radius, np.sin(angle) * radius], axis=1)
    polygon = shapely.Polygon(ring)
    x, y = np.vstack([ring[::500], (ring[::500] + ring[1::500]) / 2, rng.uniform(-1.02, 1.02, (500, 2))]).T
    shapely.prepare(polygon)
    expected = np.where(shapely.intersects_xy(polygon, x, y), 0, -1)
    assert len(np.unique(expected)) == 2
    index = PointIndex.build([polygon])
    assert np.array_equal(index.locate(x, y), expected)
    assert index.nbytes < 150e6


def test_a_stray_polygon_far_away_does_not_coarsen_the_city() -> None:
    city = [
        box(117 + i * 1e-3, 32 + j * 1e-3, 117 + (i + 1) * 1e-3, 32 + (j + 1) * 1e-3)
        for i in range(30)
        for j in range(30)
    ]
    index = PointIndex.build([*city, box(0, 0, 1, 1)])
    assert len(index.lut) > index.rows * index.columns, "the crowded cells have finer ones"
    rng = np.random.default_rng(2)
    x, y = 117 + rng.random(3000) * 0.03, 32 + rng.random(3000) * 0.03
    expected = np.floor((x - 117) * 1e3).astype(int) * 30 + np.floor((y - 32) * 1e3).astype(int)
    assert np.array_equal(index.locate(x, y), expected)
    longest = int(index.words[-2 - index.lut[index.lut < -1]].max())
    assert longest <= 8, "no cell is left with more than a few candidates"


def test_memory_stays_bounded_and_answers_right_when_cells_can_never_be_small_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    strips = [Polygon([(0, 0), (1, i), (1, i + 1)]) for i in range(400)]
    x, y = np.random.default_rng(3).uniform(0, 1, (2, 500))
    y *= 400
    free = PointIndex.build(strips)
    monkeypatch.setattr(table, "ROOM", 20_000)
    tight = PointIndex.build(strips)
    assert tight.nbytes < free.nbytes / 4
    assert np.array_equal(tight.locate(x, y), free.locate(x, y))
    assert free.locate(x, y).tolist() == by_shapely(strips, x.tolist(), y.tolist())


def test_the_number_of_cells_changes_no_answer() -> None:
    polygons = [Point(i % 7, i // 7).buffer(0.7) for i in range(42)]
    x, y = np.random.default_rng(4).uniform(-1, 7, (2, 2000))
    expected = by_shapely(polygons, x.tolist(), y.tolist())
    for cells in (1, 2, 3, 50, 10_000, 10**9):
        assert PointIndex.build(polygons, cells=cells).locate(x, y).tolist() == expected
    with pytest.raises(ValueError, match="at least 1"):
        PointIndex.build(polygons, cells=0)


def test_one_point_and_many_points_agree() -> None:
    polygons = [Point(i % 7, i // 7).buffer(0.7) for i in range(42)]
    index = PointIndex.build(polygons, cells=9)
    x, y = np.random.default_rng(5).uniform(-2, 8, (2, 3000))
    assert [index.locate_one(a, b) for a, b in zip(x, y, strict=True)] == index.locate(x, y).tolist()
    assert type(index.locate_one(0, 0)) is int


def test_threads_change_no_answer() -> None:
    polygons = [Point(i % 7, i // 7).buffer(0.7) for i in range(42)]
    index = PointIndex.build(polygons)
    x, y = np.random.default_rng(6).uniform(-2, 8, (2, 5 * locate.CHUNK + 17))
    alone = index.locate(x, y)
    for threads in (0, 2, 3, 64):
        assert np.array_equal(index.locate(x, y, threads=threads), alone)


def test_a_forked_worker_can_use_its_parents_index_with_threads() -> None:
    index = PointIndex.build([box(0, 0, 1, 1), box(1, 0, 2, 1)])
    x = np.linspace(-0.5, 2.5, 3 * locate.CHUNK)
    y = np.full_like(x, 0.5)
    expected = index.locate(x, y, threads=2)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        found = pool.apply_async(index.locate, (x, y), {"threads": 2}).get(timeout=120)
    assert np.array_equal(found, expected)


def test_any_kind_of_numbers_is_taken_and_nothing_is_compiled_twice() -> None:
    index = PointIndex.build([box(0, 0, 1, 1), box(1, 0, 2, 1)], cells=1)
    x, y = np.array([0.5, 1.5, 2.5]), np.array([0.5, 0.5, 0.5])
    expected = index.locate(x, y).tolist()
    fixed = x.copy()
    fixed.flags.writeable = False
    strided = np.stack([x, y], axis=1)[:, 0]
    for given in (x.tolist(), fixed, strided, x.astype(np.float32), x.astype(object), tuple(x)):
        assert index.locate(given, y).tolist() == expected
    assert index.locate(np.array([0, 1, 3]), np.array([1, 1, 1])).tolist() == [0, 0, -1]
    assert index.locate_one(np.float32(0.5), 1) == 0
    locate.warm()
    for kernel in (
        predicates.find_many, predicates.find_one,
        raster.spans, raster.fill, table.trim, table.descend, table.pack,
    ):  # fmt: skip
        assert len(kernel.signatures) == 1, f"{kernel.__name__} was compiled for {kernel.signatures}"


def test_warm_compiles_all_that_a_look_up_needs() -> None:
    locate.warm()
    before = [
        len(kernel.signatures) for kernel in (table.descend, raster.fill, predicates.find_many, predicates.find_one)
    ]
    index = PointIndex.build([Point(0, 0).buffer(1, quad_segs=200), box(5, 5, 6, 6)])
    index.locate([0.0], [0.0])
    index.locate_one(0.0, 0.0)
    after = [
        len(kernel.signatures) for kernel in (table.descend, raster.fill, predicates.find_many, predicates.find_one)
    ]
    assert before == after == [1, 1, 1, 1]


def test_it_survives_pickling_at_its_own_size_and_cannot_be_changed() -> None:
    index = PointIndex.build([Point(0, 0).buffer(1), box(1, 1, 2, 2)])
    data = pickle.dumps(index)
    again = pickle.loads(data)
    x, y = np.random.default_rng(7).uniform(-1, 2, (2, 1000))
    assert np.array_equal(again.locate(x, y), index.locate(x, y))
    assert len(again) == 2
    assert index.nbytes <= len(data) < index.nbytes + 2000
    with pytest.raises(FrozenInstanceError):
        index.rows = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [(Point(0, 0), "Point"), (shapely.LineString([(0, 0), (1, 1)]), "LineString"), (None, "missing geometry")],
)
def test_only_polygons_are_taken(wrong: object, kind: str) -> None:
    with pytest.raises(NotPolygonal, match=kind) as caught:
        PointIndex.build([box(0, 0, 1, 1), wrong])  # type: ignore[list-item]
    assert caught.value.position == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e101])
def test_coordinates_must_be_numbers_within_reach(bad: float) -> None:
    with np.errstate(invalid="ignore"):
        broken = Polygon([(0, 0), (1, 0), (1, bad), (0, 0)])
    with pytest.raises(CoordinateOutOfRange) as caught:
        PointIndex.build([box(0, 0, 1, 1), box(0, 0, 2, 2), broken])
    assert caught.value.position == 2


@pytest.mark.parametrize(("x", "y"), [([1.0, 2.0], [1.0]), ([[1.0]], [[1.0]]), (1.0, 1.0)])
def test_x_and_y_must_match(x: object, y: object) -> None:
    with pytest.raises(ValueError, match="two rows of numbers"):
        PointIndex.build([box(0, 0, 1, 1)]).locate(x, y)  # type: ignore[arg-type]
