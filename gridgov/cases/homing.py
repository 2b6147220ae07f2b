"""Cases under new boundaries: open ones go with their place, each with an event that says from where to where.

Owns that, and who has a case whose office no longer has the place. What ended follows its incident. Does not own the
boundaries (`areas`), nor where incidents belong that have no open case (`incidents.homing`, which goes first).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.following import NOTHING_LEFT, Follower, Moves, Redrawn, Slice, by_pair
from gridgov.areas.locator import Locator
from gridgov.areas.rules import AreaFacts, unit_of
from gridgov.cases import service
from gridgov.cases.duty import Lists
from gridgov.cases.queries import homing as queries
from gridgov.cases.rules import Action, Body, Command
from gridgov.cases.service import AS_SYSTEM, Setting
from gridgov.duties.agencies import AgencyTree
from gridgov.duties.router import Router
from gridgov.incidents import homing as incidents
from gridgov.platform import days
from gridgov.platform.db import revisions


@dataclass(frozen=True, slots=True)
class Going:
    """An open case and where it belongs by the boundaries that follow (0: no such area)."""

    row: Row[Any]
    area_id: int
    grid_id: int
    unit_id: int
    elsewhere: bool


class CasesFollow(Follower):
    """Cases, as `areas.following.Follower`."""

    noun = "cases"

    def preview(self, session: Session, redrawn: Redrawn) -> Moves:
        """Open cases in what changes, by the grids (or units) from which and to which they go."""
        found = going(session, redrawn, lock=False)
        pairs = by_pair((one.row.grid_id or one.row.unit_id or 0 for one in found),
                        (one.grid_id or one.unit_id for one in found))  # fmt: skip
        return Moves(self.noun, total=len(found), moved=sum(one.elsewhere for one in found), by=pairs)

    def follow(self, session: Session, redrawn: Redrawn) -> Moves:
        """Open cases and their incidents. A case of an office that no longer has the place goes to the office of the
        same level that has it now, else to that of the unit. Whoever is acting on one of them is waited for.
        """
        found = going(session, redrawn, lock=True)
        if not found:
            return Moves(self.noun)
        setting = _setting(session, redrawn.at)
        elsewhere = [one for one in found if one.elsewhere]
        incidents.place(session, ((one.row.id, one.row.happened_at, one.grid_id, one.unit_id) for one in found))
        queries.place(session, [(one.row.number, one.row.id, one.area_id, one.grid_id, one.unit_id)
                                for one in elsewhere])  # fmt: skip
        moved = [_stepped(session, one, redrawn, setting) for one in found]
        pairs = by_pair((one.row.grid_id or one.row.unit_id or 0 for one in elsewhere),
                        (one.grid_id or one.unit_id for one in elsewhere))  # fmt: skip
        return Moves(self.noun, total=len(found), moved=sum(moved), by=pairs)

    def later(self, session: Session, redrawn: Redrawn, after: str, most: int) -> Slice:
        """Those that ended, grid by grid, to where their incidents are by then. One that was opened again while the
        boundaries took effect is met here."""
        tracks = [*(("grid", one) for one in redrawn.grids), *(("unit", one) for one in redrawn.units)]
        at, number = (int(part) for part in after.split("|")) if after else (0, 0)
        seen = moved = 0 if after else self.follow(session, redrawn).moved or 0
        while at < len(tracks):
            numbers = queries.ended(session, *tracks[at], number, most - seen)
            if numbers:
                moved += queries.follow_ended(session, numbers)
                seen += len(numbers)
            if seen >= most:
                return Slice(f"{at}|{numbers[-1]}", seen, moved)
            at, number = at + 1, 0
        return Slice(NOTHING_LEFT, seen, moved)


def going(session: Session, redrawn: Redrawn, *, lock: bool) -> list[Going]:
    """Open cases in what changes, by number; `lock`: nobody else acts on them until the transaction ends."""
    rows = queries.open_in(session, redrawn.grids, redrawn.units, lock=lock)
    if not rows:
        return []
    bulk = redrawn.after.locate_many(np.array([row.lon for row in rows]), np.array([row.lat for row in rows]))
    return [_going(*one) for one in zip(rows, bulk.area_id, bulk.grid_id, bulk.unit_id, strict=True)]


def _going(row: Row[Any], area: Any, grid: Any, unit: Any) -> Going:
    elsewhere = (row.grid_id or 0, row.unit_id or 0) != (int(grid), int(unit))
    elsewhere = elsewhere or (not grid and row.area_id != int(area))
    return Going(row, int(grid) or int(area), int(grid), int(unit), elsewhere)


def _setting(session: Session, at: datetime) -> Setting:
    """With indexes of its own: those of the process must not learn what is not committed."""
    locator = Locator()
    return Setting(
        calendar=days.calendar(session, areas.city(session).zone), rules=service.rules(session), locator=locator,
        lists=Lists(Router(locator), AgencyTree()), marks=revisions(session), now=at,
    )  # fmt: skip


def _stepped(session: Session, one: Going, redrawn: Redrawn, setting: Setting) -> bool:
    """The event of a case that goes elsewhere, or whose office does not have the place any more."""
    path = redrawn.after.path_of(one.area_id)
    row = one.row
    if not one.elsewhere and (row.office_id is None or row.office_id in {area.id for area in path}):
        return False
    facts: dict[str, Any] = {
        "from": {"area": row.area_id, "grid": row.grid_id, "unit": row.unit_id},
        "to": {"area": one.area_id, "grid": one.grid_id or None, "unit": one.unit_id or None},
        "offices": _offices(session, row, path, setting),
    }
    service.step(session, row.id, AS_SYSTEM, Command(Action.REHOME, facts=facts), version=None, setting=setting)
    return True


def _offices(session: Session, row: Row[Any], path: Sequence[AreaFacts], setting: Setting) -> list[dict[str, Any]]:
    """For each office that has the case, or an open task of it, and no longer has the place: from, to, level."""
    file = service.replayed(session, row.number, row.id, row.channel, setting.calendar)
    bodies = {file.holder, file.first, *(task.body for task in file.tasks if task.done_at is None)}
    return [found for body in bodies if body is not None and (found := _successor(body, path)) is not None]


def _successor(body: Body, path: Sequence[AreaFacts]) -> dict[str, Any] | None:
    if body.area_id is None or body.area_id in {area.id for area in path}:
        return None
    found = next((area for area in path if area.level == body.level), unit_of(path))
    return None if found is None else {"from": body.area_id, "to": found.id, "level": str(found.level)}
