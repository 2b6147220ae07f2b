"""What is placed on each sub-district or community, counted from what is in force, with all that the index is made of.

Owns how the counts are taken. Does not own the weights (`burden`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level, unit_of
from gridgov.auth.rules import EVERYWHERE, Actor, Reach
from gridgov.duties import appraisals, burden
from gridgov.duties.admitting import Burden
from gridgov.duties.asking import READ
from gridgov.duties.burden import Counts
from gridgov.duties.funding import balance_of
from gridgov.duties.ledger import Balance
from gridgov.duties.queries import appraisals as queries
from gridgov.duties.queries import funding as funds
from gridgov.platform.errors import BadInput

LEVELS = (Level.SUBDISTRICT, Level.COMMUNITY)
REPORTS, INSPECTIONS = (Burden.REPORT, Burden.RECORD), (Burden.INSPECTION, Burden.RANKING)


@dataclass(frozen=True, slots=True)
class AreaBurden:
    """One area: counts, points, the index for 1,000 households (None: their number is not known), and the money."""

    area: AreaFacts
    counts: Counts
    households: int | None
    points: float
    index: float | None
    balance: Balance


def find(
    session: Session,
    actor: Actor,
    level: str,
    *,
    index: AreaIndex,
    at: datetime,
    after: str = "",
    limit: int = 100,
) -> list[AreaBurden]:
    """Areas of a level within reach, by code above `after`; an agency sees those on which it has placed something.

    Counts are what lies on the area itself, as of `at`. Raises `BadInput` for other levels.
    """
    if level not in LEVELS:
        raise BadInput(f"Burdens are counted by {' and '.join(LEVELS)}.", field="level", remedy="Choose one of these.")
    reach = actor.reach_of(READ)
    own = set(queries.areas_of(session, reach.agencies, at)) if reach.agencies else set()
    shown = [one for one in index.areas if one.level == level and one.code > after and _within(one, reach, own, index)]
    page = sorted(shown, key=lambda one: one.code)[:limit]
    ids = [one.id for one in page]
    placed: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in queries.placed(session, ids, at):
        placed[row.area_id].append(row)
    register = queries.in_force(session, at)
    sums = funds.sums(session, "area", EVERYWHERE, limit=limit, areas=ids)
    money = {row.group_id: balance_of(row) for row in sums}
    return [_burden(one, placed[one.id], register, money, index) for one in page]


def counts_of(placed: Iterable[Row[Any]], appraised: Iterable[Row[Any]]) -> Counts:
    """Counts of one area from its admissions (agency_id, burdens) and the appraisal items (agency_id) about it."""
    items, register = list(placed), list(appraised)

    def times(kinds: Iterable[Burden]) -> int:
        return sum(row.burdens.get(kind, 0) for row in items for kind in kinds)

    inspecting = {row.agency_id for row in register}
    inspecting |= {row.agency_id for row in items if any(row.burdens.get(kind) for kind in INSPECTIONS)}
    return Counts(
        items=len(items),
        departments=len({row.agency_id for row in items}),
        appraisals=len(register),
        inspecting_departments=len(inspecting),
        reports=times(REPORTS),
        inspections=times(INSPECTIONS),
        signs=times([Burden.SIGN]),
        systems=times([Burden.SYSTEM]),
    )


def households(area: AreaFacts, index: AreaIndex) -> int | None:
    """Those of the area, else of all areas right below it; None where one of them is not known."""
    if area.households is not None:
        return area.households
    below = [one for one in index.descendants(area.id) if one.parent_id == area.id]
    found = [households(one, index) for one in below]
    known = [one for one in found if one is not None]
    return sum(known) if found and len(known) == len(found) else None


def _burden(
    area: AreaFacts,
    placed: list[Row[Any]],
    register: Iterable[Row[Any]],
    money: Mapping[int, Balance],
    index: AreaIndex,
) -> AreaBurden:
    path = index.path_of(area.id)
    counts = counts_of(placed, [row for row in register if appraisals.applies(row, path)])
    known = households(area, index)
    return AreaBurden(
        area, counts, known, burden.points(counts), burden.index(counts, known), money.get(area.id, Balance())
    )


def _within(area: AreaFacts, reach: Reach, own: set[int], index: AreaIndex) -> bool:
    if reach.city or area.id in own or area.id in reach.places:
        return True
    unit = unit_of(index.path_of(area.id))
    return unit is not None and unit.id in reach.units
