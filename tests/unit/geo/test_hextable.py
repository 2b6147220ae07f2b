"""Cells from a table are those of H3, every one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gridgov.geo import hexagons
from gridgov.geo.hextable import HexTable

Floats = NDArray[np.float64]
BOX = (117.0, 32.0, 117.1, 32.08)


def points(n: int, seed: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    return rng.uniform(116.98, 117.12, n), rng.uniform(31.98, 32.1, n)


def test_every_cell_is_the_one_of_h3() -> None:
    table = HexTable(BOX, 9)
    lon, lat = points(60_000, 1)
    assert len(table) > 500
    np.testing.assert_array_equal(table.cells(lon, lat), hexagons.cells(lon, lat, 9))


def test_also_along_the_borders_of_hexagons() -> None:
    table = HexTable(BOX, 9)
    lon, lat = points(400, 2)
    for cell in np.unique(hexagons.cells(lon, lat, 9)):
        ring = hexagons.boundary(int(cell)).exterior
        along = np.array([ring.interpolate(share, normalized=True).coords[0] for share in np.linspace(0, 1, 60)])
        for near in (0.0, 1e-9, -1e-9, 1e-6, -1e-6, 2e-5):
            x, y = (along + near).T.copy()
            np.testing.assert_array_equal(table.cells(x, y), hexagons.cells(x, y, 9))


def test_a_table_without_the_margin_would_err() -> None:
    """The control: hexagons drawn straight in degrees are not the cells."""
    lon, lat = points(400, 2)
    differ = 0
    for cell in np.unique(hexagons.cells(lon, lat, 9))[:60]:
        shape = hexagons.boundary(int(cell))
        ring = shape.exterior
        x, y = np.array([ring.interpolate(share, normalized=True).coords[0] for share in np.linspace(0, 1, 400)]).T
        differ += int((hexagons.cells(x, y, 9) != cell).any() and (hexagons.cells(x, y, 9) == cell).any())
    assert differ


@pytest.mark.parametrize(("box", "res"), [((0.0, -10.0, 90.0, 60.0), 9), (BOX, 15), ((117.0, 32.0, 117.0, 32.0), 9)])
def test_a_box_too_large_or_hexagons_too_small_make_no_table(box: tuple[float, float, float, float], res: int) -> None:
    table = HexTable(box, res)
    lon, lat = points(50, 3)
    assert len(table) == 0
    np.testing.assert_array_equal(table.cells(lon, lat), hexagons.cells(lon, lat, res))
