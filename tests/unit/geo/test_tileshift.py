"""Where a tile's picture lies among tiles in GCJ-02, held against the exact shift at many points."""

from __future__ import annotations

import numpy as np
import pytest

from gridgov.geo.crs import Datum
from gridgov.geo.tileshift import bilinear, exact, lying, to_lonlat, to_tiles

TILES, SPOTS, SIDE = 250, 16, 256
# Residual in pixels: (zoom, most that any of 4,000 points may be off).
MOST_PX = ((10, 0.5), (11, 0.5), (12, 0.3), (13, 0.2), (14, 0.1), (15, 0.1), (16, 0.1), (17, 0.1), (18, 0.1))


def tiles_of_china(z: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(107, 116, TILES), rng.uniform(25, 39, TILES)  # inland: the shift is in full force
    return np.floor(np.column_stack(to_tiles(lon, lat, z))).astype(int)


def residuals_px(z: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(bilinear, one shift a tile, none): how far each of many points is from its exact place."""
    rng = np.random.default_rng(z)
    found: list[list[np.ndarray]] = [[], [], []]
    for x, y in tiles_of_china(z).tolist():
        u, v = rng.uniform(0, 1, (2, SPOTS))
        column, row = exact(x + u, y + v, z, Datum.GCJ02)
        by, br = bilinear(lying(z, x, y, Datum.GCJ02), u, v)
        mx, my = exact(np.array([x + 0.5]), np.array([y + 0.5]), z, Datum.GCJ02)
        one, other = x + u + (mx - x - 0.5), y + v + (my - y - 0.5)
        for place, (c, r) in enumerate(((by, br), (one, other), (x + u, y + v))):
            found[place].append(np.hypot(c - column, r - row) * SIDE)
    return tuple(np.concatenate(one) for one in found)  # type: ignore[return-value]


@pytest.mark.parametrize(("z", "most_px"), MOST_PX)
def test_the_picture_is_where_the_exact_shift_has_it(z: int, most_px: float) -> None:
    shifted, one_shift, unshifted = residuals_px(z)
    assert shifted.max() < most_px, f"z{z}: {shifted.max():.3f} px"
    assert shifted.max() < one_shift.max()
    assert unshifted.min() > 3.0, "control: unshifted tiles are off, at zoom 15 by more than 100 px"
    assert unshifted.min() > 100.0 or z < 15


def test_hardly_ever_more_than_four_tiles() -> None:
    for z in (10, 14, 18):
        counts = [len(lying(z, x, y, Datum.GCJ02).tiles) for x, y in tiles_of_china(z, 5).tolist()]
        assert max(counts) <= 6
        assert np.mean(np.array(counts) <= 4) > 0.9


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.CGCS2000])
def test_without_a_shift_a_tile_is_itself(datum: Datum) -> None:
    found = lying(13, 6756, 3296, datum)
    assert found.tiles == [(6756, 3296)]
    assert found.corners == ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0))


def test_outside_china_a_tile_is_itself_in_gcj02_too() -> None:
    x, y = (int(one[0]) for one in to_tiles(np.array([13.4]), np.array([52.5]), 14))
    assert lying(14, x, y, Datum.GCJ02).tiles == [(x, y)]


def test_there_and_back() -> None:
    lon, lat = np.array([116.9, -70.0]), np.array([33.1, -33.0])
    back = to_lonlat(*to_tiles(lon, lat, 12), 12)
    assert np.allclose(back, (lon, lat), atol=1e-10)


def test_at_the_edge_of_the_pyramid_no_tile_is_asked_for_that_there_is_not() -> None:
    for z in (0, 1, 2):
        for x in range(2**z):
            for y in range(2**z):
                assert all(0 <= a < 2**z and 0 <= b < 2**z for a, b in lying(z, x, y, Datum.GCJ02).tiles)
