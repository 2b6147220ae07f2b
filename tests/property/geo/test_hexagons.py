"""Cells hold their points, parents hold their children."""

from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from gridgov.geo import hexagons

LON, LAT = st.floats(-179.0, 179.0), st.floats(-85.0, 85.0)


@settings(max_examples=300, deadline=None)
@given(LON, LAT, st.integers(4, 15))
def test_a_cell_holds_its_point(lon: float, lat: float, res: int) -> None:
    outline = hexagons.boundary(int(hexagons.cells(lon, lat, res)[0]))
    # A cell's sides are arcs of great circles, drawn here as straight lines: a sliver of its size may differ.
    assert outline.distance(Point(lon if outline.bounds[0] < 0 or lon >= 0 else lon + 360.0, lat)) < outline.length / 50


@settings(max_examples=300, deadline=None)
@given(LON, LAT, st.integers(0, 15), st.integers(0, 15))
def test_parents_of_any_resolution(lon: float, lat: float, one: int, other: int) -> None:
    fine, coarse = max(one, other), min(one, other)
    cell = int(hexagons.cells(lon, lat, fine)[0])
    assert hexagons.parent(cell, coarse) == h3.cell_to_parent(cell, coarse)
    assert hexagons.resolution(hexagons.parent(cell, coarse)) == coarse
    assert hexagons.parent(np.array([cell]), coarse).tolist() == [hexagons.parent(cell, coarse)]
