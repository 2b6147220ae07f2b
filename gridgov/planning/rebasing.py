"""A sheet carried over to other ground: by the keys of atoms, and by overlap where a key is gone. Pure.

Owns what goes over and what cannot. Does not own the log (`editing`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridgov.planning.ground import Ground
from gridgov.planning.rules import NOBODY, Sheet
from gridgov.planning.settling import settle


@dataclass(frozen=True)
class Carried:
    """`sheet` on the other ground. `by_key`, `by_overlap`: atoms that went over, each way; `unassigned`: atoms of the
    other ground that fall to no grid; `grids_lost`: grids without an atom there; `corners_lost`: corners moved by hand
    that the other ground does not have, in centimetres."""

    sheet: Sheet
    by_key: int
    by_overlap: int
    unassigned: tuple[int, ...]
    grids_lost: tuple[int, ...]
    corners_lost: tuple[tuple[int, int], ...]


def carry(before: Ground, sheet: Sheet, after: Ground) -> Carried:
    """The same drawing on other ground of the same community."""
    known = np.array([before.number_of.get(key, -1) for key in after.keys], dtype=np.int64)
    assignment = np.where(known >= 0, sheet.assignment[known], NOBODY).astype(np.int32)
    fresh = np.flatnonzero(known < 0)
    if len(fresh):
        numbers = sorted(set(sheet.assignment.tolist()) - {NOBODY})
        shapes = [shapely.union_all(before.shapes[sheet.assignment == number]) for number in numbers]
        assignment[fresh] = settle(after, shapes, numbers).assignment[fresh]
    there = set(assignment.tolist())
    corners = _corners(after) if sheet.corners else set()
    kept = {was: now for was, now in sheet.corners.items() if was in corners}
    return Carried(
        sheet=Sheet(assignment, {number: grid for number, grid in sheet.grids.items() if number in there}, kept),
        by_key=int((known >= 0).sum()),
        by_overlap=int((assignment[fresh] != NOBODY).sum()),
        unassigned=tuple(np.flatnonzero(assignment == NOBODY).tolist()),
        grids_lost=tuple(sorted(set(sheet.grids) - there)),
        corners_lost=tuple(sorted(set(sheet.corners) - corners)),
    )


def _corners(ground: Ground) -> set[tuple[int, int]]:
    """Every corner of the ground in centimetres."""
    corners = np.unique(np.round(shapely.get_coordinates(ground.shapes) * 100).astype(np.int64), axis=0)
    return {(x, y) for x, y in corners.tolist()}
