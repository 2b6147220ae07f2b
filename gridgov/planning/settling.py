"""Atoms to the grids of shapes that know nothing of atoms: a foreign file, or the boundaries in force.

Owns which grid has most of an atom, and which atoms are cut. Does not own what is wrong with the shapes (`foreign`).
Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.planning.ground import Ground
from gridgov.planning.rules import NOBODY, AtomKind

LEAST_M2 = 1.0
CUT_SHARE = 0.005
"""Less of an atom than this on the other side of a line is how the line was drawn, not a cut."""


@dataclass(frozen=True, slots=True)
class CutSide:
    """What one grid (`NOBODY`: none) has of a cut atom."""

    number: int
    area_m2: float
    households: int


@dataclass(frozen=True, slots=True)
class CutAtom:
    """An atom that a line of the file runs through, and its sides, the one it went to first."""

    atom: int
    key: str
    place: tuple[float, float]
    households: int
    sides: tuple[CutSide, ...]


@dataclass(frozen=True)
class Settled:
    """`assignment` int32[n]: the number of the grid each atom falls to; `cut`: most households on a lost side first."""

    assignment: NDArray[np.int32]
    cut: tuple[CutAtom, ...]

    @property
    def unassigned(self) -> NDArray[np.int64]:
        """Atoms that fall to none."""
        return np.flatnonzero(self.assignment == NOBODY)


def settle(ground: Ground, shapes_m: Sequence[Any], numbers: Sequence[int]) -> Settled:
    """Each atom to the grid that has most of it: of its households where it is a building's (they live where its label
    stands), else of its area. More than half in no grid: none. Between equals the lower number.

    `shapes_m` valid polygons in metres of the ground's projection, `numbers` the grid of each.
    """
    n = len(ground)
    kept = [at for at, shape in enumerate(shapes_m) if shape is not None]
    shapes = np.asarray([shapes_m[at] for at in kept], dtype=object)
    grids = np.asarray([numbers[at] for at in kept], dtype=np.int32)
    area = shapely.area(ground.shapes)
    assignment = np.full(n, NOBODY, dtype=np.int32)
    if not len(shapes) or not n:
        return Settled(assignment, ())
    atom, grid, shared = _shares(ground.shapes, area, shapes, grids)
    order = np.lexsort((grid, -shared, atom))
    first = order[np.unique(atom[order], return_index=True)[1]]
    nobodys = np.maximum(area - np.bincount(atom, weights=shared, minlength=n), 0.0)
    taken = first[2.0 * nobodys[atom[first]] <= area[atom[first]]]
    assignment[atom[taken]] = grid[taken]
    homes = _homes(ground, shapes, grids)
    assignment = np.where(homes != NOBODY, homes, assignment).astype(np.int32)
    return Settled(assignment, _cuts(ground, assignment, homes, (atom, grid, shared), nobodys))


def _shares(atoms: Any, area: Any, shapes: Any, grids: Any) -> tuple[Any, Any, Any]:
    """(atom, number of the grid, square metres) of every pair that shares ground; one row a pair."""
    shapely.prepare(shapes)
    atom, shape = shapely.STRtree(shapes).query(atoms, predicate="intersects")
    whole = shapely.covers(shapes[shape], atoms[atom])
    shared = np.where(whole, area[atom], 0.0)
    rest = np.flatnonzero(~whole)
    shared[rest] = shapely.area(shapely.intersection(atoms[atom[rest]], shapes[shape[rest]]))
    kept = shared > 0.0
    pairs, place = np.unique(np.column_stack([atom, grids[shape]])[kept], axis=0, return_inverse=True)
    sums = np.bincount(place.reshape(-1), weights=shared[kept], minlength=len(pairs))
    return pairs[:, 0], pairs[:, 1].astype(np.int32), np.minimum(sums, area[pairs[:, 0]])


def _homes(ground: Ground, shapes: Any, grids: Any) -> NDArray[np.int32]:
    """The grid that each building's label stands in, `NOBODY` for atoms that are none, are empty, or stand in none."""
    found = np.full(len(ground), NOBODY, dtype=np.int32)
    lived = np.asarray([kind in (AtomKind.BUILDING, AtomKind.UNIT) for kind in ground.kinds]) & (ground.households > 0)
    rows = np.flatnonzero(lived)
    label, shape = shapely.STRtree(shapes).query(ground.labels[rows], predicate="intersects")
    order = np.lexsort((grids[shape], label))
    who, first = np.unique(label[order], return_index=True)
    found[rows[who]] = grids[shape[order]][first]
    return found


def _cuts(
    ground: Ground, assignment: Any, homes: Any, pairs: tuple[Any, Any, Any], nobodys: Any
) -> tuple[CutAtom, ...]:
    atom, grid, shared = pairs
    area = shapely.area(ground.shapes)
    real = (shared >= LEAST_M2) & (shared >= CUT_SHARE * area[atom])
    lost = np.flatnonzero((nobodys >= LEAST_M2) & (nobodys >= CUT_SHARE * area))
    atoms = np.concatenate([atom[real], lost])
    grids = np.concatenate([grid[real], np.full(len(lost), NOBODY, dtype=np.int32)])
    areas = np.concatenate([shared[real], nobodys[lost]])
    order = np.argsort(atoms, kind="stable")
    who, begins, counts = np.unique(atoms[order], return_index=True, return_counts=True)
    cut: list[CutAtom] = []
    for one, begin, count in zip(who, begins, counts, strict=True):
        if count < 2 and grids[order[begin]] == assignment[one]:
            continue
        rows = order[begin : begin + count]
        cut.append(_cut(ground, int(one), int(assignment[one]), int(homes[one]), grids[rows], areas[rows]))
    return tuple(sorted(cut, key=lambda one: (-sum(side.households for side in one.sides[1:]), one.atom)))


def _cut(ground: Ground, atom: int, goes_to: int, home: int, grids: Any, areas: Any) -> CutAtom:
    households = int(ground.households[atom])
    if home == NOBODY:
        each = divided(households, areas)
    else:
        each = np.where(grids == home, households, 0)
        if home not in grids:  # the building stands on less ground than a cut is told from
            grids, areas, each = np.append(grids, home), np.append(areas, 0.0), np.append(each, households)
    sides = [CutSide(int(g), float(a), int(h)) for g, a, h in zip(grids, areas, each, strict=True)]
    sides.sort(key=lambda side: (side.number != goes_to, -side.area_m2, side.number))
    lon, lat = ground.projection.inverse(ground.labels[atom].x, ground.labels[atom].y)
    return CutAtom(atom, ground.keys[atom], (round(lon, 7), round(lat, 7)), households, tuple(sides))


def divided(whole: int, weights: Any) -> NDArray[np.int64]:
    """`whole` in whole parts by weight (largest remainder, Hamilton): they add up to it. Between equals the earlier.

    >>> divided(10, [1.0, 1.0, 1.0]).tolist()
    [4, 3, 3]
    """
    share = np.asarray(weights, dtype=np.float64)
    if not share.sum() > 0.0:
        share = np.ones(len(share))
    exact = whole * share / share.sum()
    parts: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    left = int(whole - parts.sum())
    parts[np.argsort(-(exact - parts), kind="stable")[:left]] += 1
    return parts
