"""What a plan is: states, atoms, grids as drawn, the target of households, the state of one community's sheet. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.areas.rules import Kind

NOBODY = -1
"""Number of the grid of an atom that belongs to none yet."""


class PlanState(StrEnum):
    """draft → review → approved → effective → retired; a draft or one in review may be dropped, and be a
    draft again."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    EFFECTIVE = "effective"
    RETIRED = "retired"
    DROPPED = "dropped"


class AtomKind(StrEnum):
    """What an atom is: a building's cell, part of a building (entrance, unit), open ground, or given as it is."""

    BUILDING = "building"
    UNIT = "unit"
    OPEN = "open"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Target:
    """Households a grid should have, and the share by which it may miss that: 300 ± 10 % is 270 to 330."""

    households: int = 300
    band: float = 0.1

    @property
    def least(self) -> int:
        return int(np.ceil(self.households * (1 - self.band) - 1e-9))

    @property
    def most(self) -> int:
        return int(np.floor(self.households * (1 + self.band) + 1e-9))

    def holds(self, households: int) -> bool:
        return self.least <= households <= self.most


@dataclass(frozen=True, slots=True)
class GridDraft:
    """A grid as drawn. `area_id`: the area that it goes on as (None: a new one); `code` None: given at publication.

    `target` None: that of the plan. `locked`: neither the solver nor an operation changes its ground.
    """

    number: int
    names: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = Kind.URBAN
    target: Target | None = None
    locked: bool = False
    area_id: int | None = None
    code: str | None = None


@dataclass(frozen=True)
class Sheet:
    """One community's drawing: `assignment` int32[n] the grid's number of each atom (`NOBODY`: none), the grids by
    number, and corners moved by hand: (x, y) in centimetres of the city's metre projection, as they were -> as they
    are. Two sheets with the same `digest` are the same to the byte.
    """

    assignment: NDArray[np.int32]
    grids: Mapping[int, GridDraft]
    corners: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def digest(self) -> bytes:
        """SHA-256 of everything above, independent of the order in which it came about."""
        said = hashlib.sha256(np.ascontiguousarray(self.assignment, dtype="<i4").tobytes())
        said.update(json.dumps(self.document(), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())
        return said.digest()

    def document(self) -> dict[str, Any]:
        """Grids and corners as JSON, in one order; `sheet_of` reads it back. The assignment goes apart."""
        return {
            "grids": [grid_document(self.grids[number]) for number in sorted(self.grids)],
            "corners": sorted([*before, *after] for before, after in self.corners.items()),
        }


def sheet_of(assignment: NDArray[np.int32], document: Mapping[str, Any]) -> Sheet:
    """The sheet that `Sheet.document` wrote down."""
    grids = [grid_of(one) for one in document["grids"]]
    corners = {(x, y): (to_x, to_y) for x, y, to_x, to_y in document["corners"]}
    return Sheet(np.asarray(assignment, dtype=np.int32), {grid.number: grid for grid in grids}, corners)


def grid_document(grid: GridDraft) -> dict[str, Any]:
    """A grid as JSON; `grid_of` reads it back."""
    target = None if grid.target is None else [grid.target.households, grid.target.band]
    return {
        "number": grid.number, "names": dict(grid.names), "kind": str(grid.kind), "target": target,
        "locked": grid.locked, "area_id": grid.area_id, "code": grid.code,
    }  # fmt: skip


def grid_of(one: Mapping[str, Any]) -> GridDraft:
    """The grid that `grid_document` wrote down."""
    target = None if one["target"] is None else Target(*one["target"])
    return GridDraft(
        number=one["number"], names=one["names"], kind=Kind(one["kind"]), target=target, locked=one["locked"],
        area_id=one["area_id"], code=one["code"],
    )  # fmt: skip
