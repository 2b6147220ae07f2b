"""A community's sheet on its ground, as files and maps show it: the shapes of its grids. Pure.

Owns the form. Does not own where it comes from (`comparing`) nor what is written of it (`interop.plans`, `reports`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.planning.ground import Ground
from gridgov.planning.rules import AtomKind, GridDraft, Sheet


@dataclass(frozen=True)
class Drawn:
    """One community of a plan, or of what is in force. `community`: its code; `names` its names; `part_id`,
    `revision`: of the part that it is, None of what is in force."""

    community: str
    names: Mapping[str, str]
    ground: Ground
    sheet: Sheet
    part_id: int | None = None
    revision: int | None = None

    def households(self) -> dict[int, int]:
        """Households of each grid, and of `NOBODY` where atoms belong to none."""
        numbers, place = np.unique(self.sheet.assignment, return_inverse=True)
        sums = np.bincount(place, weights=self.ground.households, minlength=len(numbers))
        return dict.fromkeys(self.sheet.grids, 0) | dict(zip(numbers.tolist(), sums.astype(int).tolist(), strict=True))

    def drafts(self) -> list[GridDraft]:
        """The grids by number."""
        return [self.sheet.grids[number] for number in sorted(self.sheet.grids)]


def atom_shapes(ground: Ground, sheet: Sheet) -> NDArray[np.object_]:
    """The atoms in metres with corners where the sheet has moved them."""
    if not sheet.corners:
        return ground.shapes

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = points.copy()
        whole = np.rint(points * 100.0).astype(np.int64)
        for before, after in sheet.corners.items():
            moved[(whole[:, 0] == before[0]) & (whole[:, 1] == before[1])] = after[0] / 100.0, after[1] / 100.0
        return moved

    return np.asarray(shapely.transform(ground.shapes, move), dtype=object)


def grid_shapes(ground: Ground, sheet: Sheet) -> dict[int, Any]:
    """Number of the grid -> its MultiPolygon in metres, empty where it has no atom."""
    shapes = atom_shapes(ground, sheet)
    return {number: dissolved(shapes[sheet.assignment == number]) for number in sorted(sheet.grids)}


def dissolved(shapes: NDArray[np.object_]) -> Any:
    """One MultiPolygon of atoms, empty for none; those that lie one above another count once."""
    if not len(shapes):
        return shapely.MultiPolygon()
    _, first = np.unique(shapely.to_wkb(shapes), return_index=True)
    whole = shapely.coverage_union_all(shapes[np.sort(first)])
    if not shapely.is_valid(whole):
        whole = shapely.union_all(shapes)
    return shapely.MultiPolygon([part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"])


def stacked_ground(ground: Ground) -> Any:
    """Ground in metres where atoms lie one above another: parts of buildings; None where there is none."""
    kinds = np.asarray([kind == AtomKind.UNIT for kind in ground.kinds], dtype=bool)
    return shapely.union_all(ground.shapes[kinds]) if kinds.any() else None
