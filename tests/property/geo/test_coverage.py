"""Coverages against brute force, and mended polygons against counting how often a ring goes round a point."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import Polygon, box

from gridgov.geo.coverage import NotRepairable, inspect, polygon_of_rings, repair

WHOLE = st.integers(0, 12)
BOXES = st.lists(
    st.tuples(WHOLE, WHOLE, st.integers(1, 6), st.integers(1, 6)).map(
        lambda t: box(t[0] * 10.0, t[1] * 10.0, (t[0] + t[2]) * 10.0, (t[1] + t[3]) * 10.0)
    ),
    min_size=1,
    max_size=12,
)
RING = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=3, max_size=12)


@settings(max_examples=150, deadline=None)
@given(BOXES)
def test_overlaps_are_those_of_every_pair(cells: list[Polygon]) -> None:
    pairs = {
        (first, second): cells[first].intersection(cells[second]).area
        for first, second in combinations(range(len(cells)), 2)
    }
    found = {(one.first, one.second): one.area_m2 for one in inspect(cells).overlaps}
    assert found == pytest.approx({pair: area for pair, area in pairs.items() if area >= 1.0})


@settings(max_examples=150, deadline=None)
@given(BOXES, BOXES)
def test_areas_add_up(cells: list[Polygon], parents: list[Polygon]) -> None:
    report = inspect(cells, parents)
    union = shapely.union_all(cells)
    for number, parent in enumerate(parents):
        missing = sum(gap.area_m2 for gap, of in zip(report.gaps, report.gap_parents, strict=True) if of == number)
        assert missing == pytest.approx(parent.difference(union).area, abs=1e-6)
    outside = {one.child: one.area_m2 for one in report.outside}
    for number, cell in enumerate(cells):
        held = [cell.intersection(parent).area for parent in parents]
        assert report.parent_of[number] == (int(np.argmax(held)) if max(held) > 0.0 else -1)
        assert outside.get(number, 0.0) == pytest.approx(cell.area - max(held), abs=1e-6)


def turns(ring: NDArray[np.float64], point: tuple[float, float]) -> int:
    """How often a closed ring goes round a point (Sunday 2001), counted edge by edge."""
    total = 0
    for (x0, y0), (x1, y1) in pairwise(ring):
        left = (x1 - x0) * (point[1] - y0) - (point[0] - x0) * (y1 - y0)
        if y0 <= point[1] < y1 and left > 0.0:
            total += 1
        elif y1 <= point[1] < y0 and left < 0.0:
            total -= 1
    return total


@settings(max_examples=400, deadline=None)
@given(RING)
def test_whatever_is_mended_is_what_the_ring_goes_round(points: list[tuple[int, int]]) -> None:
    """Any ring: what `repair` returns, without a limit, is the ground with a winding number other than 0, and its
    share is the ground gone round backwards or more than once."""
    try:
        polygon = polygon_of_rings(points)
        mended = repair(polygon, max_change=np.inf)
    except NotRepairable:
        return
    assert mended.geom.is_valid
    ring = shapely.get_coordinates(polygon.exterior)
    lines = shapely.union_all(polygon.exterior)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    winding = np.array([turns(ring, face.representative_point().coords[0]) for face in faces])
    area = shapely.area(faces)
    solid = float(area[winding != 0].sum())
    assert mended.geom.area == pytest.approx(solid, rel=1e-9)
    way = 1 if (winding * area).sum() >= 0.0 else -1
    wrong = area[winding * way < 0].sum() + abs(
        (area * (np.abs(winding) - 1))[winding * way > 0].sum()
        - (area * (np.abs(winding) - 1))[winding * way < 0].sum()
    )
    if abs((winding * area).sum()) > 1e-9:
        assert mended.changed_share == pytest.approx(wrong / max(polygon.area, solid), abs=1e-9)
    else:
        assert mended.changed_share > 0.001, "as much backwards as forwards: nobody can say what was meant"
