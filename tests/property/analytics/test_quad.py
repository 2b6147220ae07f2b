"""Tiles and quadkeys: a tile's key range is exactly the cells in it, at every zoom."""

from __future__ import annotations

import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from gridgov.analytics.quad import KEY_ZOOM, TileAddress, centre_of, interleave, tile_of

lons = st.floats(-180, 179.9999999)
lats = st.floats(-85.0511, 85.0511)
zooms = st.integers(0, 22)


@given(lons, lats, zooms)
def test_a_point_lies_in_the_bounds_and_in_the_range_of_its_tile(lon: float, lat: float, z: int) -> None:
    tile = tile_of(lon, lat, z)
    west, south, east, north = tile.bounds()
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9
    fine = tile_of(lon, lat, KEY_ZOOM)
    low, high = tile.key_range()
    assert low <= interleave(fine.x, fine.y) < high


@given(lons, lats, st.integers(0, 21))
def test_the_ranges_of_four_children_make_up_their_parents(lon: float, lat: float, z: int) -> None:
    tile = tile_of(lon, lat, z)
    low, high = tile.key_range()
    ranges = sorted(TileAddress(z + 1, 2 * tile.x + i, 2 * tile.y + j).key_range() for i in (0, 1) for j in (0, 1))
    assert ranges[0][0] == low
    assert ranges[-1][1] == high
    assert all(before[1] == after[0] for before, after in itertools.pairwise(ranges))


@given(lons, lats, st.integers(1, 25))
def test_the_middle_of_a_cell_lies_in_that_cell(lon: float, lat: float, zoom: int) -> None:
    tile = tile_of(lon, lat, zoom)
    assert tile_of(*centre_of(interleave(tile.x, tile.y), zoom), zoom) == tile


@given(st.integers(-1, 25), st.integers(-3, 1 << 23), st.integers(-3, 1 << 23))
def test_only_tiles_of_the_pyramid_exist(z: int, x: int, y: int) -> None:
    inside = 0 <= z <= 22 and 0 <= x < 2 ** max(z, 0) and 0 <= y < 2 ** max(z, 0)
    assert TileAddress(z, x, y).exists == inside


def test_known_tile() -> None:
    assert tile_of(116.9383842662287, 32.50221319471392, 10) == TileAddress(10, 844, 414)  # as OpenStreetMap numbers it


def test_a_pixel_at_the_equator_is_as_long_as_the_standard_says() -> None:
    at_equator = TileAddress(22, 1 << 21, 1 << 21).metres_per_px
    assert math.isclose(at_equator, 40_075_016.68557849 / 512 / 2**22, rel_tol=1e-6)
