"""H3 cells as int64, and their parents by bits, in Python and in SQL."""

from __future__ import annotations

import math
import sqlite3

import h3.api.basic_int as h3
import numpy as np
import pytest

from gridgov.geo import hexagons
from gridgov.geo.hexagons import BadCell


def test_cells_are_h3s_and_fit_a_bigint() -> None:
    found = hexagons.cells([117.0, -77.04, 0.0], [31.9, 38.9, 0.0], 9)
    assert found.dtype == np.int64
    assert (found > 0).all()
    assert found.tolist() == [
        h3.latlng_to_cell(lat, lon, 9) for lat, lon in ((31.9, 117.0), (38.9, -77.04), (0.0, 0.0))
    ]
    # The example of h3geo.org: 37.3615593, -122.0553238 at resolution 7 is 87283472bffffff.
    assert hexagons.cells(-122.0553238, 37.3615593, 7).tolist() == [0x87283472BFFFFFF]
    assert hexagons.resolution(0x87283472BFFFFFF) == 7


def test_no_place_no_cell() -> None:
    assert hexagons.cells([math.nan, 117.0, math.inf], [31.9, math.nan, 0.0], 9).tolist() == [0, 0, 0]
    assert hexagons.cells([], [], 9).shape == (0,)


def test_longitude_comes_first() -> None:
    cell = int(hexagons.cells(117.0, 31.9, 9)[0])
    outline = hexagons.boundary(cell)
    assert outline.covers(outline.centroid)
    assert outline.centroid.x == pytest.approx(117.0, abs=0.01)
    assert outline.centroid.y == pytest.approx(31.9, abs=0.01)
    assert outline.is_valid
    assert outline.exterior.is_ccw
    assert len(outline.exterior.coords) == 7


def test_a_cell_across_the_date_line_is_one_small_polygon() -> None:
    cell = int(hexagons.cells(179.999, -17.0, 6)[0])
    outline = hexagons.boundary(cell)
    assert outline.bounds[2] > 180.0
    assert outline.area < 0.01


def test_parents_are_h3s() -> None:
    rng = np.random.default_rng(3)
    found = hexagons.cells(rng.uniform(-180.0, 180.0, 500), rng.uniform(-90.0, 90.0, 500), 11)
    for res in range(12):
        assert hexagons.parent(found, res).tolist() == [h3.cell_to_parent(int(cell), res) for cell in found]
    pentagon = h3.get_pentagons(5)[0]
    assert hexagons.parent(pentagon, 2) == h3.cell_to_parent(pentagon, 2)
    assert hexagons.parent(0, 5) == 0
    assert hexagons.parent(np.array([0, found[0]]), 11).tolist() == [0, found[0]]


def test_a_parent_without_its_filled_digits_would_be_caught() -> None:
    cell = int(hexagons.cells(117.0, 31.9, 10)[0])
    careless = (cell & ~(15 << 52)) | (8 << 52)
    assert careless != hexagons.parent(cell, 8)
    assert not hexagons.is_cell(careless)


def test_parents_in_sql() -> None:
    """SQLite's integers are the same 64 bits with the same operators as PostgreSQL's bigint."""
    rng = np.random.default_rng(4)
    found = hexagons.cells(rng.uniform(73.0, 135.0, 200), rng.uniform(18.0, 53.0, 200), 10)
    with sqlite3.connect(":memory:") as base:
        base.execute("create table incident (cell bigint)")
        base.executemany("insert into incident values (?)", [(int(cell),) for cell in found])
        for res in range(11):
            rows = base.execute(f"select {hexagons.parent_sql('cell', res)} from incident order by rowid").fetchall()
            assert [row[0] for row in rows] == hexagons.parent(found, res).tolist()
        assert base.execute(f"select {hexagons.parent_sql('null', 8)}").fetchone() == (None,)
    base.close()


@pytest.mark.parametrize("res", [-1, 16])
def test_resolutions_go_from_0_to_15(res: int) -> None:
    for refused in (lambda: hexagons.cells(0.0, 0.0, res), lambda: hexagons.parent(1, res)):
        with pytest.raises(BadCell, match=str(res)):
            refused()


def test_what_is_no_cell() -> None:
    for number in (0, -1, 12345, 1 << 63):
        assert not hexagons.is_cell(number)
        with pytest.raises(BadCell):
            hexagons.boundary(number)
    coarse = int(hexagons.cells(117.0, 31.9, 5)[0])
    with pytest.raises(BadCell, match="coarser than 8"):
        hexagons.parent(coarse, 8)
    with pytest.raises(BadCell, match="coarser"):
        hexagons.parent(np.array([coarse]), 8)
