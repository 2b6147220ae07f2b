"""Households of atoms: those of buildings, or totals of an area spread over its buildings so that they sum exactly.

Nothing is scaled in silence: what a source area has and its buildings do not, or the other way round, is named with
the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.geo.atoms.forms import Buildings, Finding, Floats, Ints, Longs
from gridgov.geo.atoms.make import Making


class Difference(NamedTuple):
    """A source area whose households are not those of its buildings: `said` by the area, `found` in its atoms."""

    area: str
    said: int
    found: int


def apportioned(total: int, weights: Floats) -> Longs:
    """int64[n] that sum to `total`, as near to the weights' shares as whole numbers can be: largest remainder
    (Hamilton 1792); equal remainders go to the lowest number. Equal weights where all are 0.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if not len(weights):
        return np.empty(0, dtype=np.int64)
    whole = float(weights.sum())
    exact = total * (weights / whole if whole > 0 else np.full(len(weights), 1.0 / len(weights)))
    least = np.floor(exact).astype(np.int64)
    rest = total - int(least.sum())
    order = np.lexsort((np.arange(len(weights)), least - exact))
    least[order[:rest]] += 1
    return least


def of_buildings(making: Making, households: NDArray[np.integer]) -> Ints:
    """int32[n] households of the atoms, from those of each building (-1 unknown: none); a divided building's go to its
    units by their shares.
    """
    out = np.zeros(len(making.atoms), dtype=np.int64)
    known = np.maximum(np.asarray(households, dtype=np.int64), 0)
    number = {key: at for at, key in enumerate(making.atoms.keys)}
    divided = np.zeros(len(known), dtype=np.bool_)
    for building, shares in enumerate(making.unit_shares):
        if shares and making.atom_of[building] >= 0:
            divided[building] = True
            first = making.atoms.keys[int(making.atom_of[building])]
            stem = first.rsplit("/", 1)[0]
            parts = apportioned(int(known[building]), np.array(shares, dtype=float))
            for unit, part in enumerate(parts.tolist(), start=1):
                out[number.get(f"{stem}/{unit}", int(making.atom_of[building]))] += part
    plain = (making.atom_of >= 0) & ~divided
    np.add.at(out, making.atom_of[plain], known[plain])
    return out.astype(np.int32)


def spread(
    totals: Sequence[int], names: Sequence[str], area_of: Longs, weights: Floats, known: NDArray[np.integer]
) -> tuple[Longs, tuple[Difference, ...]]:
    """Households of buildings from totals of the areas (census blocks, grids) that they stand in.

    `area_of[i]`: the area of building i, -1 for none; `weights`: floor space or footprint; `known[i]`: its own
    households, -1 unknown. An area whose buildings are all unknown has its total spread by weight and sums exactly.
    Where some are known they stay, and the rest goes to the unknown. What cannot be reached (all known and another sum,
    more known than said, no building at all) is returned as a `Difference`, and the known numbers stand.
    """
    out = np.maximum(np.asarray(known, dtype=np.int64), 0)
    differences = []
    for area, total in enumerate(totals):
        rows = np.flatnonzero(area_of == area)
        unknown = rows[known[rows] < 0]
        left = int(total) - int(out[rows].sum())
        if left > 0 and len(unknown):
            out[unknown] = apportioned(left, weights[unknown])
        elif left:
            differences.append(Difference(names[area], int(total), int(total) - left))
    return out, tuple(differences)


def weights_of(buildings: Buildings, area_m2: Floats) -> Floats:
    """float64[n]: floor space, footprint times floors (one where unknown); a point counts as a small house."""
    floors = np.where(np.isfinite(buildings.floors) & (buildings.floors > 0), buildings.floors, 1.0)
    return np.where(area_m2 > 0, area_m2, 100.0) * floors


def findings_of(differences: Sequence[Difference]) -> tuple[Finding, ...]:
    """One line for each source area that does not sum, with both figures."""
    return tuple(
        Finding(
            "households-differ",
            f"{one.area}：上报{one.said}户，按建筑汇总{one.found}户，相差{one.said - one.found}户",
            f"{one.area}: {one.said} households said, {one.found} found in its buildings, {one.said - one.found:+d}",
            abs(one.said - one.found),
        )
        for one in differences
    )


def moved(
    shapes: NDArray[np.object_],
    keys: Sequence[str],
    households: NDArray[np.integer],
    to_shapes: NDArray[np.object_],
    to_keys: Sequence[str],
) -> Longs:
    """Households of one basis carried over to another: to the atom of the same key, else by shared ground, so that
    they sum to the same. What lies on no atom of the other basis goes to the nearest.
    """  # fmt: skip
    out = np.zeros(len(to_keys), dtype=np.int64)
    place = {key: number for number, key in enumerate(to_keys)}
    same = np.array([place.get(key, -1) for key in keys], dtype=np.int64)
    np.add.at(out, same[same >= 0], np.asarray(households)[same >= 0])
    rest = np.flatnonzero((same < 0) & (np.asarray(households) > 0))
    if not len(rest):
        return out
    tree = shapely.STRtree(to_shapes)
    source, target = tree.query(shapes[rest], predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[rest][source], to_shapes[target]))
    for number, row in enumerate(rest.tolist()):
        mine = source == number
        total, weights = int(households[row]), shared[mine]
        if weights.sum() > 0:
            np.add.at(out, target[mine], apportioned(total, weights))
        else:
            out[int(tree.nearest(shapes[row]))] += total
    return out
