"""Lists of cases and their counts, for those who work on them: what is open, whose step it is, what is near.

Owns what may be asked for. Does not own the SQL (`queries.worklists`), nor one case (`service`). No list shows a word
that anybody wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level, unit_of
from gridgov.auth.rules import Actor, Reach, Role
from gridgov.cases import queries
from gridgov.cases.clocks import Light
from gridgov.cases.deciding import AGENCY_ROLES, AT_LEVEL
from gridgov.cases.queries import worklists as lists
from gridgov.cases.rules import ENDED, CaseUnknown, State, Who
from gridgov.cases.service import Setting
from gridgov.cases.steps import AS, ASKED, CONCLUDING, HELD, states_of, summons_states_of
from gridgov.incidents import service as incidents
from gridgov.platform.errors import BadInput

LATELY = timedelta(days=30)  # of ended cases, unless another beginning is asked for
LONGEST = timedelta(days=366)
MOST_NEAR = 20
TASKS = ("dispatched", "handling", "answered", "checking")  # while a back-office task may be open


class OpenOrEnded(BadInput):
    """What is asked for of open cases makes no sense of ended ones, or the other way round."""

    code = "open-or-ended"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is cut down to; None leaves a part open. `since`, `until`: when they changed, or ended."""

    ended: bool = False
    state: State | None = None
    mine: bool = False
    area: int | None = None
    agency: int | None = None
    category: str | None = None
    light: Light | None = None
    due_before: datetime | None = None
    due_after: datetime | None = None
    whistled: bool | None = None
    bbox: tuple[float, float, float, float] | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, int] | None = None
    reach: Reach = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list: its row, and the areas it lies in by the boundaries in force."""

    row: Row[Any]
    light: Light | None
    path: tuple[AreaFacts, ...]
    office: AreaFacts | None


@dataclass(frozen=True, slots=True)
class Count:
    """So many open cases stand so and show this light."""

    state: State
    light: Light
    cases: int


def find(session: Session, wanted: Wanted, actor: Actor, *, setting: Setting, limit: int) -> list[Listed]:
    """A page of cases, newest change first; ended ones newest end first, within a span of a year at most.

    Raises `OpenOrEnded`, `AreaUnknown`, `BadInput`.
    """
    index = setting.locator.index(session, setting.now, revision=setting.marks.get("areas", 0))
    filters = _filters(session, wanted, index, setting)
    mine = _mine(actor, index) if wanted.mine else {}
    if wanted.mine and not mine:
        return []
    rows = lists.page(session, filters, limit, wanted.reach, ended=wanted.ended, mine=mine)
    return [listed(row, index) for row in rows]


def count(session: Session, wanted: Wanted, actor: Actor, *, setting: Setting) -> list[Count]:
    """Open cases by state and light, in the order of the states. Raises as `find`."""
    index = setting.locator.index(session, setting.now, revision=setting.marks.get("areas", 0))
    filters = _filters(session, wanted, index, setting)
    mine = _mine(actor, index) if wanted.mine else {}
    if wanted.ended:
        raise OpenOrEnded("Counts are of open cases.", field="ended", remedy="Leave it out.")
    if wanted.mine and not mine:
        return []
    found = [
        Count(State(row.state), Light(row.light), row.cases)
        for row in lists.counts(session, filters, wanted.reach, mine=mine)
    ]
    return sorted(found, key=lambda one: (list(State).index(one.state), list(Light).index(one.light)))


def numbered(session: Session, number: int) -> UUID | None:
    """The id of the case with this count of its number, for the owner of the database."""
    return lists.numbered(session, number)


def near(session: Session, case_id: UUID, reach: Reach, *, setting: Setting) -> list[Row[Any]]:
    """Open cases within the reach that may be the same matter: same category, within the metres and hours that the
    city's rules give, nearest first. Raises `CaseUnknown`."""
    row = queries.one(session, case_id, reach)
    if row is None:
        raise CaseUnknown("No case has this id.", field="id", remedy="Check the id on the receipt.")
    hours = timedelta(hours=setting.rules.merge_hours)
    return lists.near(
        session, lon=row.lon, lat=row.lat, within_m=setting.rules.merge_m, since=row.happened_at - hours,
        until=row.happened_at + hours, besides=case_id, category_id=row.category_id, reach=reach, limit=MOST_NEAR,
    )  # fmt: skip


def _filters(session: Session, wanted: Wanted, index: AreaIndex, setting: Setting) -> dict[str, Any]:
    _consistent(wanted)
    since = wanted.since
    if wanted.ended:
        since = since or (wanted.until or setting.now) - LATELY
        if (wanted.until or setting.now) - since > LONGEST:
            raise BadInput("The span is longer than a year.", field="since", remedy="Ask for one year at a time.")
    router = setting.lists.router
    return {
        "state": None if wanted.state is None else wanted.state.value,
        "category_ids": None if wanted.category is None else router.category_ids(session, wanted.category),
        "agency_id": wanted.agency,
        **incidents.area_filter(index, wanted.area),
        "due_before": wanted.due_before,
        "due_after": wanted.due_after,
        "light": None if wanted.light is None else wanted.light.value,
        "whistled": wanted.whistled,
        **dict(zip(("west", "south", "east", "north"), wanted.bbox or (None,) * 4, strict=True)),
        "since": since,
        "until": wanted.until,
        "before_at": wanted.before[0] if wanted.before else None,
        "before_number": wanted.before[1] if wanted.before else None,
        "now": setting.now,
    }


def _consistent(wanted: Wanted) -> None:
    state = wanted.state
    if state is not None and (state in ENDED) != wanted.ended:
        raise OpenOrEnded(
            f"“{state}” is {'an end' if state in ENDED else 'no end'}.", field="state",
            remedy="Ask for ended=true with the states that end a case, and only with these.",
        )  # fmt: skip
    if wanted.ended and (wanted.mine or wanted.light or wanted.due_before or wanted.due_after):
        raise OpenOrEnded(
            "Nobody is awaited by a case that has ended, and none of its clocks runs.", field="ended",
            remedy="Leave out mine, light, due_before and due_after.",
        )  # fmt: skip


def _mine(actor: Actor, index: AreaIndex) -> Mapping[str, Any]:
    """The values by which a step is somebody's: nothing for those who take none."""
    who = AS.get(actor.role, frozenset())
    if actor.lost:
        return {}
    below = index.descendants(actor.area_id) if actor.area_id is not None else index.areas
    if _at_unit(actor, below, index):
        who |= {Who.UNIT}
    found: dict[str, Any] = {"mine_states": states_of(who), "mine_summons": summons_states_of(who)}
    if actor.role in AGENCY_ROLES:
        found |= {"mine_agencies": list(actor.reach.agencies), "mine_held": list(HELD), "mine_tasks": list(TASKS)}
        found["mine_states"] = []  # a summoned body is awaited by its summons, not by the case
        return found
    levels = {level for level, roles in AT_LEVEL.items() if actor.role in roles}
    if not who and not levels:
        return {}
    found |= {"mine_offices": [one.id for one in below if one.level in levels], "mine_held": list(HELD)}
    found |= {"mine_unit": bool(who & ASKED), "mine_concluding": bool(who & CONCLUDING)}
    return found


def _at_unit(actor: Actor, below: Sequence[AreaFacts], index: AreaIndex) -> bool:
    """Whether somebody acts as a unit: leads a sub-district, or works in a community where there is none."""
    if actor.role is Role.SUBDISTRICT_LEADER:
        return True
    if actor.role is not Role.COMMUNITY_OFFICER:
        return False
    return any(unit_of(index.path_of(one.id)) == one for one in below if one.level == Level.COMMUNITY)


def listed(row: Row[Any], index: AreaIndex) -> Listed:
    """A row with the areas that it lies in."""
    path: tuple[AreaFacts, ...] = ()
    for area_id in (row.grid_id, row.area_id, row.unit_id):
        if area_id is not None and index.get(area_id) is not None:
            path = index.path_of(area_id)
            break
    office = index.get(row.office_id) if row.office_id is not None else None
    return Listed(row, None if row.ended_at else Light(row.light), path, office)
