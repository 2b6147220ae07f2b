"""A boundary plan takes effect: incidents go with the ground they lie on.

Owns where an incident belongs now, as far as it follows from boundaries: the grids that change are walked through, and
no others. Does not own open cases and their incidents, which move at once (`cases.homing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.following import NOTHING_LEFT, Follower, Moves, Redrawn, Slice
from gridgov.incidents import queries
from gridgov.incidents.queries import homing as homing_queries
from gridgov.platform.db import bump

Home = tuple[UUID, datetime, int, int]
"""(id, when it happened, grid, unit); 0: none."""


class IncidentsFollow(Follower):
    """Incidents, as `areas.following.Follower`."""

    noun = "incidents"

    def preview(self, session: Session, redrawn: Redrawn) -> Moves:
        """How many lie in grids that change; where each goes is looked at when it goes."""
        return Moves(self.noun, homing_queries.count(session, redrawn.grids, redrawn.units), None)

    def follow(self, session: Session, redrawn: Redrawn) -> Moves:
        """What a clock that is ahead has dated after the instant happened within the new boundaries."""
        rows = homing_queries.since(session, redrawn.at, sorted(redrawn.changed))
        if rows:
            bulk = redrawn.after.locate_many(*_points(rows))
            homing_queries.happened_in(session, [(row.id, row.happened_at, int(area))
                                                 for row, area in zip(rows, bulk.area_id, strict=True)])  # fmt: skip
            place(session, _homes(rows, bulk.grid_id, bulk.unit_id))
        return Moves(self.noun, total=len(rows), moved=len(rows))

    def later(self, session: Session, redrawn: Redrawn, after: str, most: int) -> Slice:
        """Grid by grid in the order of time, then what lies in no grid."""
        tracks = [*(("grid", one) for one in redrawn.grids), *(("unit", one) for one in redrawn.units), ("none", 0)]
        at, key = _read(after)
        seen = moved = 0
        while at < len(tracks):
            rows = homing_queries.track(session, *tracks[at], key, most - seen)
            if rows:
                bulk = redrawn.after.locate_many(*_points(rows))
                moved += place(session, _homes(rows, bulk.grid_id, bulk.unit_id))
                seen += len(rows)
            if seen >= most:
                return Slice(f"{at}|{rows[-1].happened_at.isoformat()}|{rows[-1].id}", seen, moved)
            at, key = at + 1, None
        return Slice(NOTHING_LEFT, seen, moved)


def place(session: Session, homes: Iterable[Home]) -> int:
    """Where incidents belong from now on; how many moved."""
    moved = queries.rehome(session, homes)
    if moved:
        bump(session, "incidents")
    return moved


def _points(rows: Sequence[Row[Any]]) -> tuple[Any, Any]:
    return np.array([row.lon for row in rows]), np.array([row.lat for row in rows])


def _homes(rows: Sequence[Row[Any]], grids: Any, units: Any) -> Iterable[Home]:
    return ((row.id, row.happened_at, int(grid), int(unit)) for row, grid, unit in zip(rows, grids, units, strict=True))


def _read(after: str) -> tuple[int, tuple[datetime, UUID] | None]:
    if not after:
        return 0, None
    at, happened, ident = after.split("|")
    return int(at), (datetime.fromisoformat(happened), UUID(ident))
