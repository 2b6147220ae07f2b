"""The ranges of a box hold every point of it, whoever rounds, and not much beside it."""

from __future__ import annotations

import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from gridgov.geo.zorder import ACROSS, KEY_ZOOM, cell_of, cover, interleave

CELLS = 1 << KEY_ZOOM
lons, lats = st.floats(-180, 180), st.floats(-90, 90)
shares = st.floats(0, 1)


def key(lon: float, lat: float) -> int:
    return interleave(*cell_of(lon, lat, KEY_ZOOM))


def box_of(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float, float, float]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])


@given(st.tuples(lons, lats), st.tuples(lons, lats), shares, shares)
def test_every_point_of_a_box_lies_in_one_of_its_ranges(
    a: tuple[float, float], b: tuple[float, float], across: float, up: float
) -> None:
    west, south, east, north = box_of(a, b)
    lon = min(max(west + across * (east - west), west), east)
    lat = min(max(south + up * (north - south), south), north)
    found = cover((west, south, east, north))
    assert any(first <= key(lon, lat) < after for first, after in found)


@given(lons, st.floats(-85, 85), st.integers(-1, 1), st.integers(-1, 1))
def test_so_do_the_cells_beside_the_smallest_box(lon: float, lat: float, right: int, down: int) -> None:
    """The database rounds otherwise: by a cell at most."""
    x, y = cell_of(lon, lat, KEY_ZOOM)
    beside = interleave(min(max(x + right, 0), CELLS - 1), min(max(y + down, 0), CELLS - 1))
    assert any(first <= beside < after for first, after in cover((lon, lat, lon, lat)))


@given(st.tuples(lons, lats), st.tuples(lons, lats))
def test_ranges_rise_are_few_and_do_not_touch(a: tuple[float, float], b: tuple[float, float]) -> None:
    found = cover(box_of(a, b))
    assert 1 <= len(found) <= (ACROSS + 1) ** 2
    assert all(0 <= first < after <= CELLS**2 for first, after in found)
    assert all(before[1] < then[0] for before, then in itertools.pairwise(found))


@given(st.floats(-170, 170), st.floats(-80, 80), st.floats(1e-4, 5))
def test_a_square_is_not_covered_by_much_more(lon: float, lat: float, size: float) -> None:
    """At most so many cells of a zoom whose cells are more than a third as wide as the square with its margin."""
    box = (lon, lat, lon + size, lat + size * math.cos(math.radians(lat)))
    (x0, y1), (x1, y0) = (cell_of(box[0], box[1], KEY_ZOOM), cell_of(box[2], box[3], KEY_ZOOM))
    longest = max(x1 - x0, y1 - y0) + 3
    covered = sum(after - first for first, after in cover(box))
    assert covered <= ((ACROSS + 1) * max(1.0, 2 * longest / ACROSS)) ** 2


def test_the_whole_earth_is_one_range() -> None:
    assert cover((-180.0, -90.0, 180.0, 90.0)) == [(0, CELLS**2)]


def test_known_number() -> None:
    assert interleave(0b11, 0b01) == 0b0111  # bits of y and x take turns, y first
