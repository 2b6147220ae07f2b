"""The boundaries in force as a sheet: what a plan begins from.

Owns which atom stands in which grid now. Does not own the shapes (`areas`) nor how cut atoms are settled (`settling`).
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from shapely.geometry import shape
from sqlalchemy.orm import Session

from gridgov.areas.rules import Kind, Level
from gridgov.areas.service import list_areas
from gridgov.planning.ground import Ground
from gridgov.planning.rules import NOBODY, GridDraft, Sheet
from gridgov.planning.settling import settle

MOST_GRIDS = 10_000  # of one community


def sheet_in_force(session: Session, ground: Ground, *, now: datetime) -> Sheet:
    """The grids of the community in force now, numbered from 1 in the order of their codes; an atom is where most of it
    lies. A special grid (campus, mall, estate) is locked. A community without grids has an empty sheet.
    """
    rows = list_areas(session, at=now, level=Level.GRID, parent=ground.community_id, geometry=True, limit=MOST_GRIDS)
    grids = {
        number: GridDraft(
            number,
            names=dict(row.names),
            kind=Kind(row.kind or Kind.URBAN),
            locked=row.kind == Kind.SPECIAL,
            area_id=row.id,
            code=row.code,
        )
        for number, row in enumerate(rows, start=1)
    }
    if not grids:
        return Sheet(np.full(len(ground), NOBODY, dtype=np.int32), {})
    shapes = [ground.projection.geometry(shape(row.geometry)) for row in rows]
    assignment = settle(ground, shapes, list(grids)).assignment
    there = set(assignment.tolist())  # a grid smaller than any atom has none to stand on
    return Sheet(assignment, {number: grid for number, grid in grids.items() if number in there})
