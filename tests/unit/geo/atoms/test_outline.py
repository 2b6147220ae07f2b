"""Degrees and metres and back: inner corners on the grid, the border's own corners to the double."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import Polygon, box

from gridgov.geo.atoms.outline import Border, grid_near, key_of, metres, on_grid, point_of
from tests.unit.geo.atoms.quarter import PROJECTION, X0, Y0, deg


def test_what_lies_on_the_grid_comes_back_onto_it() -> None:
    rng = np.random.default_rng(2)
    points = on_grid(np.column_stack([X0 + rng.uniform(-4e4, 4e4, 5_000), Y0 + rng.uniform(-4e4, 4e4, 5_000)]))
    there = np.column_stack(PROJECTION.inverse(points[:, 0], points[:, 1]))
    back = np.column_stack(PROJECTION.forward(there[:, 0], there[:, 1]))
    assert (grid_near(back) == points).all()
    assert not (back == points).all()  # the projection alone loses the last bits


def test_what_lies_off_the_grid_stays_there() -> None:
    points = np.array([[X0 + 0.004, Y0 + 0.003], [X0 + 0.00002, Y0]])
    assert (grid_near(on_grid(points) + np.array([0.004, 0.0])) != on_grid(points)).any(axis=1).all()


def test_keys_name_places() -> None:
    points = on_grid(np.array([[X0, Y0], [500_000.01, 3_640_000.99], [0.01, -3.2], [-7.5, 4.0]]))
    assert (point_of(key_of(points)) == points).all()
    assert len(set(key_of(points).tolist())) == 4


def test_long_sides_get_corners_on_the_line_in_degrees() -> None:
    """A straight side in degrees bends in metres: without corners 10 km of it would be off by half a metre."""
    long = deg(box(0, 0, 10_000, 300))
    border = Border.of(long, PROJECTION)
    assert len(border.deg) > 100
    assert shapely.dwithin(shapely.boundary(long), shapely.points(border.deg), 1e-14).all()
    gridded = border.gridded
    assert gridded.symmetric_difference(metres(long, PROJECTION)).area > 100.0
    fine = metres(shapely.segmentize(long, 1e-5), PROJECTION)
    assert gridded.symmetric_difference(fine).area < 100.0


def test_a_sharp_corner_keeps_the_corners_beside_it_apart() -> None:
    """Two lines end within a centimetre of a corner of 5 degrees: each keeps a place of its own on its own side."""
    needle = Polygon([(0, 0), (100.005, 0.004), (0, 8.7)])
    border = Border.of(deg(needle), PROJECTION)
    tip = on_grid(border.m[1:2])[0]
    ring = on_grid(border.m[:-1])
    above, below = tip + np.array([-0.01, 0.01]), tip + np.array([-0.01, 0.0])
    order = [ring[0], below, tip, above, ring[2]]
    if not shapely.Polygon(shapely.get_coordinates(border.gridded)).exterior.is_ccw:
        order.reverse()
    keys = key_of(np.array(order))
    places = border.places(np.stack([keys, np.roll(keys, -1)], axis=1))
    assert len({(ring_, round(along, 9)) for ring_, along, _ in places.values()}) == 5
    assert len({tuple(found) for _, _, found in places.values()}) == 5
