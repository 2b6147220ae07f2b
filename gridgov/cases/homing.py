"""Cases under new boundaries: open ones go with their place, each with an event that says from where to where.

Owns that, and who has a case whose office no longer has the place. Does not own the boundaries (`areas`), nor where
incidents belong (`incidents.service.rehome`, which runs before).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import Locator
from gridgov.areas.rules import AreaFacts, unit_of
from gridgov.cases import service
from gridgov.cases.duty import Lists
from gridgov.cases.queries import homing as queries
from gridgov.cases.rules import Action, Body, Command
from gridgov.cases.service import AS_SYSTEM, Setting
from gridgov.duties.agencies import AgencyTree
from gridgov.duties.router import Router
from gridgov.platform import days
from gridgov.platform.db import revisions

SLICE = 5_000


def rehome(session: Session, *, at: datetime) -> int:
    """Moves every open case whose grid or unit has changed, or whose office no longer has the place; then the ended
    ones follow their incidents. Returns how many open ones moved.

    A case of an office that no longer has the place goes to the office of the same level that has it now, else to that
    of the unit. In the transaction in which the boundaries take effect, after the incidents were moved.
    """
    setting = _setting(session, at)
    index = setting.locator.index(session, at)
    moved, after = 0, 0
    while rows := queries.open_after(session, after, SLICE):
        moved += sum(_rehomed(session, row, index, setting) for row in rows)
        after = rows[-1].number
    queries.follow_ended(session)
    return moved


def _setting(session: Session, at: datetime) -> Setting:
    """With indexes of its own: those of the process must not learn what is not committed."""
    locator = Locator()
    return Setting(
        calendar=days.calendar(session, areas.city(session).zone), rules=service.rules(session), locator=locator,
        lists=Lists(Router(locator), AgencyTree()), marks=revisions(session), now=at,
    )  # fmt: skip


def _rehomed(session: Session, row: Row[Any], index: AreaIndex, setting: Setting) -> bool:
    area_id = row.new_grid_id or index.locate(row.lon, row.lat).path[-1].id
    path = index.path_of(area_id)
    elsewhere = (row.grid_id, row.unit_id) != (row.new_grid_id, row.new_unit_id)
    elsewhere = elsewhere or (row.grid_id is None and row.area_id != area_id)
    if not elsewhere and (row.office_id is None or row.office_id in {area.id for area in path}):
        return False
    facts: dict[str, Any] = {
        "from": {"area": row.area_id, "grid": row.grid_id, "unit": row.unit_id},
        "to": {"area": area_id, "grid": row.new_grid_id, "unit": row.new_unit_id},
        "offices": _offices(session, row, path, setting),
    }
    queries.place(session, row.id, area_id, row.new_grid_id, row.new_unit_id)
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
