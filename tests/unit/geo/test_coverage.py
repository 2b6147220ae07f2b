"""Mending one polygon, and finding what is wrong among many."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from gridgov.geo.coverage import NotRepairable, RepairFault, inspect, polygon_of_rings, repair

SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
BOWTIE = Polygon([(0.0, 0.0), (100.0, 100.0), (100.0, 0.0), (0.0, 100.0)])


def unreal(x: float) -> Polygon:
    """As a binary file can hold it; shapely itself warns."""
    with np.errstate(invalid="ignore"):
        return Polygon([(0.0, 0.0), (1.0, 0.0), (x, 1.0), (0.0, 1.0)])


def refusal(geom: BaseGeometry | None) -> RepairFault:
    with pytest.raises(NotRepairable) as caught:
        repair(geom)
    assert caught.value.detail
    return caught.value.reason


# -------------------------------------------------------------------------------------------------------- one polygon


def test_a_valid_polygon_comes_back_as_it_is() -> None:
    square = box(0.0, 0.0, 100.0, 100.0)
    mended = repair(square)
    assert mended.changed_share == 0.0
    assert mended.geom.normalize().equals_exact(square.normalize(), 0.0)


def test_reversed_rings_are_turned() -> None:
    clockwise = Polygon(SQUARE[::-1], [[(20.0, 20.0), (80.0, 20.0), (80.0, 80.0), (20.0, 80.0)]])
    assert not clockwise.exterior.is_ccw
    mended = repair(clockwise)
    assert isinstance(mended.geom, Polygon)
    assert mended.geom.exterior.is_ccw
    assert not mended.geom.interiors[0].is_ccw
    assert mended.changed_share == 0.0
    assert mended.geom.area == 6400.0


def test_doubled_points_and_needles_cost_nothing() -> None:
    doubled = Polygon([SQUARE[0], SQUARE[0], SQUARE[1], SQUARE[2], SQUARE[2], SQUARE[2], SQUARE[3]])
    assert repair(doubled).geom.equals(Polygon(SQUARE))
    needle = Polygon([*SQUARE[:2], (100.0, 50.0), (300.0, 50.0), (100.0, 50.0), *SQUARE[2:]])
    assert not needle.is_valid
    assert repair(needle).changed_share == 0.0
    assert repair(needle).geom.equals(Polygon(SQUARE))


def test_a_crossing_of_a_hairs_breadth_is_mended_and_measured() -> None:
    # The ring overshoots its corner and comes back: a triangle of 2 * 2 / 2 = 2 m2 is gone round backwards.
    ring = [(0.0, 0.0), (100.0, 0.0), (100.0, 102.0), (102.0, 100.0), (0.0, 100.0)]
    mended = repair(Polygon(ring))
    assert mended.geom.is_valid
    assert 0.0 < mended.changed_share < 0.001
    with pytest.raises(NotRepairable):  # the control: the same crossing, ten times as wide
        repair(Polygon([(0.0, 0.0), (100.0, 0.0), (100.0, 120.0), (120.0, 100.0), (0.0, 100.0)]))


def test_the_limit_is_the_callers() -> None:
    ring = Polygon([(0.0, 0.0), (100.0, 0.0), (100.0, 120.0), (120.0, 100.0), (0.0, 100.0)])
    share = repair(ring, max_change=0.5).changed_share
    assert repair(ring, max_change=math.nextafter(share, 1.0)).geom.is_valid
    with pytest.raises(NotRepairable):
        repair(ring, max_change=share)


def test_a_bowtie_is_refused_since_one_lobe_is_backwards() -> None:
    assert refusal(BOWTIE) is RepairFault.CHANGES_AREA
    assert BOWTIE.area == 0.0, "the surveyor's formula alone would not see the lobes"
    assert shapely.buffer(BOWTIE, 0.0).area < 5000.0, "buffer(0) would have dropped half without a word"


def test_a_ring_walked_twice_is_refused() -> None:
    inner = [(10.0, 10.0), (90.0, 10.0), (90.0, 90.0), (10.0, 90.0)]
    twice = Polygon([*SQUARE, SQUARE[0], *inner, inner[0]])
    assert refusal(twice) is RepairFault.CHANGES_AREA


def test_loops_that_would_cancel_are_still_seen() -> None:
    """A backward lobe of 100 m2 and a doubled one of 100 m2: the written and the mended area agree by accident."""
    ring = [
        *[(0.0, 0.0), (100.0, 0.0), (100.0, 40.0), (110.0, 40.0), (110.0, 50.0), (100.0, 50.0)],
        *[(100.0, 40.0), (100.0, 60.0), (90.0, 70.0), (110.0, 70.0), (100.0, 60.0), (100.0, 100.0), (0.0, 100.0)],
    ]
    assert refusal(Polygon(ring)) is RepairFault.CHANGES_AREA


def test_holes_must_lie_within() -> None:
    outside = Polygon(SQUARE, [[(200.0, 0.0), (210.0, 0.0), (210.0, 10.0), (200.0, 10.0)]])
    assert refusal(outside) is RepairFault.CHANGES_AREA
    across = Polygon(SQUARE, [[(90.0, 10.0), (110.0, 10.0), (110.0, 30.0), (90.0, 30.0)]])
    assert refusal(across) is RepairFault.CHANGES_AREA
    touching = Polygon(SQUARE, [[(0.0, 0.0), (50.0, 10.0), (10.0, 50.0)]])
    assert repair(touching).geom.area == touching.area
    sharing = [(20.0, 20.0), (40.0, 20.0), (40.0, 40.0), (20.0, 40.0)]
    twice = Polygon(SQUARE, [sharing, sharing])
    assert refusal(twice) is RepairFault.CHANGES_AREA
    speck = Polygon(SQUARE, [[(200.0, 0.0), (201.0, 0.0), (201.0, 1.0), (200.0, 1.0)]])
    assert repair(speck).geom.equals(Polygon(SQUARE))
    assert repair(speck).changed_share == pytest.approx(0.0001)


def test_parts_must_not_lie_on_one_another() -> None:
    apart = MultiPolygon([box(0.0, 0.0, 10.0, 10.0), box(20.0, 0.0, 30.0, 10.0)])
    assert repair(apart).geom.equals(apart)
    overlapping = MultiPolygon([box(0.0, 0.0, 10.0, 10.0), box(5.0, 0.0, 15.0, 10.0)])
    assert refusal(overlapping) is RepairFault.CHANGES_AREA
    adjoining = repair(MultiPolygon([box(0.0, 0.0, 10.0, 10.0), box(10.0, 0.0, 20.0, 10.0)]))
    assert adjoining.geom.equals(box(0.0, 0.0, 20.0, 10.0))
    assert adjoining.changed_share == 0.0


def test_an_island_in_a_lake_is_no_overlap() -> None:
    lake = [(20.0, 20.0), (80.0, 20.0), (80.0, 80.0), (20.0, 80.0)]
    needle = [*SQUARE[:2], (100.0, 50.0), (300.0, 50.0), (100.0, 50.0), *SQUARE[2:]]
    mended = repair(MultiPolygon([Polygon(needle, [lake]), box(40.0, 40.0, 60.0, 60.0)]))
    assert mended.changed_share == 0.0
    assert mended.geom.area == 10_000.0 - 3600.0 + 400.0


@pytest.mark.parametrize(
    ("geom", "reason"),
    [
        (None, RepairFault.EMPTY),
        (Polygon(), RepairFault.EMPTY),
        (MultiPolygon(), RepairFault.EMPTY),
        (Point(1.0, 1.0), RepairFault.NOT_POLYGON),
        (LineString(SQUARE), RepairFault.NOT_POLYGON),
        (LineString([*SQUARE, SQUARE[0]]), RepairFault.NOT_POLYGON),
        (GeometryCollection([Point(1.0, 1.0), LineString(SQUARE)]), RepairFault.NOT_POLYGON),
        (Polygon([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)]), RepairFault.ZERO_AREA),
        (Polygon([(0.0, 0.0), (0.0, 0.0), (0.0, 0.0)]), RepairFault.ZERO_AREA),
        (unreal(math.inf), RepairFault.NOT_FINITE),
        (unreal(math.nan), RepairFault.NOT_FINITE),
    ],
)
def test_what_is_no_polygon_is_refused_with_its_reason(geom: BaseGeometry | None, reason: RepairFault) -> None:
    assert refusal(geom) is reason


def test_the_polygons_of_a_collection_are_kept_and_z_is_dropped() -> None:
    mixed = GeometryCollection([Point(1.0, 1.0), Polygon([(x, y, 7.0) for x, y in SQUARE])])
    mended = repair(mixed)
    assert mended.geom.equals(Polygon(SQUARE))
    assert not mended.geom.has_z
    nested = GeometryCollection([GeometryCollection([MultiPolygon([box(0.0, 0.0, 1.0, 1.0)])]), LineString(SQUARE)])
    assert repair(nested).geom.area == 1.0


def test_rings_from_files() -> None:
    assert polygon_of_rings(SQUARE).equals(Polygon(SQUARE)), "an open ring is closed"
    closed = [*SQUARE, SQUARE[0]]
    assert polygon_of_rings(closed).equals(Polygon(SQUARE))
    assert polygon_of_rings([(x, y, 3.0) for x, y in SQUARE]).equals(Polygon(SQUARE))
    assert len(polygon_of_rings([SQUARE[0], *SQUARE, SQUARE[3]]).exterior.coords) == 5
    holed = polygon_of_rings(SQUARE, [[(10.0, 10.0), (20.0, 10.0), (20.0, 20.0)], [(30.0, 30.0), (40.0, 40.0)]])
    assert len(holed.interiors) == 1, "a hole of two points has no area"


@pytest.mark.parametrize(
    ("ring", "reason"),
    [
        ([], RepairFault.EMPTY),
        ([(0.0, 0.0)], RepairFault.TOO_FEW_POINTS),
        ([(0.0, 0.0), (1.0, 1.0), (0.0, 0.0)], RepairFault.TOO_FEW_POINTS),
        ([(0.0, 0.0), (0.0, 0.0), (1.0, 1.0), (1.0, 1.0)], RepairFault.TOO_FEW_POINTS),
        ([(0.0, 0.0), (1.0, 0.0), (math.nan, 1.0)], RepairFault.NOT_FINITE),
        ([(0.0, 0.0), (1.0, 0.0), ("x", 1.0)], RepairFault.NOT_FINITE),
        ([0.0, 1.0, 2.0], RepairFault.UNUSABLE),
        ([(0.0, 0.0), (1.0,)], RepairFault.NOT_FINITE),
    ],
)
def test_rings_that_are_none(ring: list[tuple[float, float]], reason: RepairFault) -> None:
    with pytest.raises(NotRepairable) as caught:
        polygon_of_rings(ring)
    assert caught.value.reason is reason


def test_half_a_million_vertices() -> None:
    """Valid, then with fifty pairs of neighbours exchanged: mended, with next to nothing changed."""
    rng = np.random.default_rng(7)
    turn = np.sort(rng.uniform(0.0, 2.0 * math.pi, 500_000))
    radius = 1000.0 + 300.0 * np.sin(5.0 * turn) + 0.5 * rng.normal(size=turn.size)
    ring = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
    assert repair(polygon_of_rings(ring)).changed_share == 0.0
    for at in rng.integers(0, len(ring) - 2, 50):
        ring[[at, at + 1]] = ring[[at + 1, at]]
    broken = polygon_of_rings(ring)
    assert not broken.is_valid
    mended = repair(broken)
    assert mended.geom.is_valid
    assert 0.0 < mended.changed_share < 1e-6


# ------------------------------------------------------------------------------------------------------ many polygons


def grid(columns: int, rows: int, side: float = 100.0) -> list[Polygon]:
    return [box(x * side, y * side, (x + 1) * side, (y + 1) * side) for y in range(rows) for x in range(columns)]


def test_a_clean_coverage_is_clean() -> None:
    report = inspect(grid(4, 3))
    assert report.clean
    report = inspect(grid(4, 3), [box(0.0, 0.0, 200.0, 300.0), box(200.0, 0.0, 400.0, 300.0)])
    assert report.clean
    assert report.parent_of.tolist() == [0, 0, 1, 1] * 3


def test_overlaps_with_their_size() -> None:
    cells = grid(3, 1)
    cells[1] = box(90.0, 0.0, 200.0, 100.0)
    cells.append(box(150.0, 20.0, 160.0, 30.0))  # wholly inside another
    report = inspect(cells)
    assert report.overlaps == [(0, 1, 1000.0), (1, 3, 100.0)]
    assert report.gaps == []
    assert inspect(cells, min_area_m2=500.0).overlaps == [(0, 1, 1000.0)]


def test_a_duplicate_and_a_lid_over_everything_are_seen() -> None:
    """GEOS's coverage check passes over cells that fit their neighbours and lie under one that covers them all."""
    cells = grid(5, 5)
    lid = box(-10.0, -10.0, 510.0, 510.0)
    report = inspect([*cells, lid])
    assert sorted((one.first, one.second) for one in report.overlaps) == [(number, 25) for number in range(25)]
    flagged = ~shapely.is_empty(shapely.coverage_invalid_edges(np.array([*cells, lid], dtype=object)))
    assert flagged.sum() < 26, "GEOS now finds them all: the shortcut could be taken"
    twice = inspect([*cells, cells[12]])
    assert twice.overlaps == [(12, 25, 10_000.0)]


def test_holes_and_slits_are_gaps_and_bays_are_not() -> None:
    cells = grid(3, 3)
    missing = cells.pop(4)
    report = inspect(cells)
    assert len(report.gaps) == 1
    assert report.gaps[0].area_m2 == 10_000.0
    assert report.gaps[0].polygon.equals(missing)
    assert report.gap_parents == [None]
    slit = [box(0.0, 0.0, 100.0, 100.0), box(100.5, 0.0, 200.0, 100.0)]
    assert [round(gap.area_m2, 6) for gap in inspect(slit, gap_width_m=1.0).gaps] == [50.0]
    assert inspect(slit, gap_width_m=0.4).gaps == []
    bay = [box(0.0, 0.0, 300.0, 100.0), box(0.0, 100.0, 100.0, 200.0), box(200.0, 100.0, 300.0, 200.0)]
    assert inspect(bay, gap_width_m=5.0).gaps == []


def test_gaps_are_what_a_parent_misses() -> None:
    cells = grid(3, 2)
    parents = [box(0.0, 0.0, 300.0, 100.0), box(0.0, 100.0, 300.0, 250.0)]
    del cells[2]
    report = inspect(cells, parents)
    assert [(gap.area_m2, parent) for gap, parent in zip(report.gaps, report.gap_parents, strict=True)] == [
        (15_000.0, 1),
        (10_000.0, 0),
    ]


def test_children_outside_their_parent() -> None:
    parents = [box(0.0, 0.0, 200.0, 100.0), box(200.0, 0.0, 400.0, 100.0)]
    cells = grid(4, 1)
    cells[1] = box(100.0, 0.0, 210.0, 100.0)
    cells[2] = box(210.0, 0.0, 300.0, 100.0)
    stray = box(900.0, 0.0, 910.0, 10.0)
    report = inspect([*cells, stray], parents)
    assert report.parent_of.tolist() == [0, 0, 1, 1, -1]
    assert report.outside == [(1, 1000.0, 1000.0 / 11_000.0), (4, 100.0, 1.0)]
    given = inspect(cells, parents, [0, 1, 1, 1])  # the second cell said to be the other parent's
    assert given.outside == [(1, 10_000.0, 10_000.0 / 11_000.0)]


def test_a_child_shared_equally_goes_to_the_first_parent() -> None:
    report = inspect([box(50.0, 0.0, 150.0, 100.0)], [box(0.0, 0.0, 100.0, 100.0), box(100.0, 0.0, 200.0, 100.0)])
    assert report.parent_of.tolist() == [0]
    assert report.outside == [(0, 5000.0, 0.5)]


def test_nothing_at_all() -> None:
    assert inspect([]).clean
    report = inspect([], [box(0.0, 0.0, 10.0, 10.0)])
    assert [gap.area_m2 for gap in report.gaps] == [100.0]


def test_order_of_findings_does_not_depend_on_luck() -> None:
    cells = [translate(cell, 3.0, 2.0) if number % 2 else cell for number, cell in enumerate(grid(8, 8))]
    first, second = inspect(cells), inspect(cells)
    assert first.overlaps == second.overlaps
    assert [gap.polygon.wkb for gap in first.gaps] == [gap.polygon.wkb for gap in second.gaps]
    sizes = [one.area_m2 for one in first.overlaps]
    assert sizes == sorted(sizes, reverse=True)
