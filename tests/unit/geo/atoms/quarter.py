"""A quarter to make atoms of: 600 m square near Bengbu, streets every 150 m, houses in rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon, box

from gridgov.geo.atoms.forms import Atoms, Buildings, Streets
from gridgov.geo.crs import Projection

PROJECTION = Projection(4548)
X0, Y0 = PROJECTION.forward(117.3, 32.9)
SIDE = 600.0


def deg(shape: Any) -> Any:
    """Metres from the quarter's south-western corner -> degrees."""
    return PROJECTION.geometry_deg(shapely.transform(shape, lambda points: points + np.array([X0, Y0])))


def outline() -> Any:
    """No two sides are parallel, so that nothing lies on a grid by chance."""
    return deg(Polygon([(0, 0), (SIDE, 7.3), (SIDE - 11.1, SIDE), (3.7, SIDE + 9.1)]))


def street_lines() -> list[LineString]:
    """Three streets each way, beyond the border on both sides."""
    lines = []
    for at in (150.0, 300.0, 450.0):
        lines += [LineString([(-40, at), (SIDE + 40, at + 6.2)]), LineString([(at, -40), (at - 4.9, SIDE + 40)])]
    return lines


def streets(*more: LineString, lines: list[LineString] | None = None) -> Streets:
    return Streets.plain([deg(line) for line in [*(street_lines() if lines is None else lines), *more]])


def houses() -> list[Polygon]:
    """100 houses of 20 by 12 m, none nearer than 9 m to a street."""
    spots = [20.0, 65.0, 112.0, 172.0, 230.0, 320.0, 365.0, 412.0, 472.0, 530.0]
    return [box(x, y, x + 20, y + 12) for x in spots for y in spots]


def buildings(shapes: list[Any] | None = None, households: Any = None) -> Buildings:
    chosen = houses() if shapes is None else shapes
    counts = np.full(len(chosen), 12) if households is None else households
    return Buildings.plain([None if one is None else deg(one) for one in chosen], counts)


def codes(atoms: Atoms) -> set[str]:
    """What was found."""
    return {one.code for one in atoms.findings}


def check_tiling(atoms: Atoms, community: Polygon | MultiPolygon) -> None:
    """Atoms tile the community: no gap, no overlap, its own corners to the double, nothing in several pieces."""
    assert shapely.is_valid(atoms.shapes).all()
    assert shapely.coverage_is_valid(atoms.shapes)
    assert shapely.coverage_is_valid(atoms.shapes_deg)
    together = shapely.coverage_union_all(atoms.shapes_deg)
    assert together.symmetric_difference(community).area < 1e-15  # a hundred-thousandth of a square metre
    corners = {tuple(point) for point in shapely.get_coordinates(together)}
    assert {tuple(point) for point in shapely.get_coordinates(community)} <= corners
    assert len(set(atoms.keys)) == len(atoms)
    inner = shapely.get_coordinates(atoms.shapes)
    on_grid = (np.abs(np.rint(inner * 100) / 100 - inner) == 0).all(axis=1)
    on_border = shapely.dwithin(shapely.boundary(atoms.outline), shapely.points(inner), 1e-6)
    assert (on_grid | on_border).all()
    assert on_grid.any() or len(atoms) == 1
