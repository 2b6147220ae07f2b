"""What the duty lists say about a step: whether whom it addresses holds the duty, and how long that may take.

Owns these questions. Does not own the lists (`duties`), nor what follows from the answers (`deciding`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.rules import AreaFacts, unit_of
from gridgov.cases.calling import MOST_CALLED
from gridgov.cases.rules import Action, Body, Command
from gridgov.cases.transitions import EDGE_OF
from gridgov.duties import ordering
from gridgov.duties.agencies import AgencyTree
from gridgov.duties.router import Router
from gridgov.duties.routing import Ranked, duty_of
from gridgov.platform.calendars import Limit

HANDLED = frozenset({Action.DISPATCH, Action.ESCALATE, Action.ORDER, Action.RULE})
AT_RISK = HANDLED | {Action.WHISTLE, Action.HANDLE_ON_SPOT}


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists in force and who stands under whom."""

    router: Router
    agencies: AgencyTree


@dataclass(frozen=True, slots=True)
class Told:
    """What the lists say about a step: the item by which each body addressed holds the duty, or None; whether it may be
    ordered; names of bodies addressed without the duty, and of those who hold it."""

    duty: str | None = None
    admitted: bool = True
    lacking: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that the lists are asked about: the case's row, the command, the areas of its place from the top down, and
    as of when."""

    session: Session
    row: Row[Any]
    command: Command
    path: Sequence[AreaFacts]
    lists: Lists
    now: datetime
    marks: Mapping[str, int]

    def ranked(self, category: str | None = None) -> list[Ranked]:
        """Every item that answers here for the case's matter, or for another one; best first."""
        areas = [area.id for area in self.path]
        matter = category or self.row.category_code
        return self.lists.router.ranked(self.session, matter, areas, at=self.now, marks=self.marks)

    def duty_of_agency(self, agency_id: int, ranked: Sequence[Ranked]) -> str | None:
        """A body holds what it or those above it hold: a squadron acts for its bureau."""
        line = self.lists.agencies.above(self.session, agency_id, revision=self.marks.get("duties", 0))
        duty = duty_of(ranked, frozenset(line))
        return duty.item.code if duty else None

    def name(self, agency_id: int) -> str:
        agency = self.lists.agencies.named(self.session, revision=self.marks.get("duties", 0)).get(agency_id)
        return f"agency {agency_id}" if agency is None else _word(agency)


def duty_for(asked: Asked) -> Told:
    """Whether the bodies addressed hold the duty."""
    command, path = asked.command, asked.path
    needs = EDGE_OF[command.action].needs
    if "duty" not in needs:
        return Told()
    if command.action in (Action.WHISTLE, Action.SUMMON):
        return _of_all(asked)
    if command.to is None:
        return Told()
    ranked = asked.ranked()
    if command.to.agency_id is not None:
        held = asked.duty_of_agency(command.to.agency_id, ranked)
        lacking = () if held else (asked.name(command.to.agency_id),)
        return Told(held, True, lacking, _holders(ranked, path))
    held = _of_office(command.to, ranked, path)
    row = asked.row
    if command.action is Action.ORDER and row.agency_id is not None:
        may = _ordered(asked.session, row.agency_id, command.to, row.category_code, path, asked.now)
        return Told(held or "admitted", may)
    return Told(held, holders=_holders(ranked, path))


def risks_for(asked: Asked) -> tuple[str, ...]:
    """Risk points (廉政风险点) of the responsible item that need one more approval; for steps that begin to act."""
    if asked.command.action not in AT_RISK:
        return ()
    ranked = asked.ranked()
    return tuple(point.text for point in ranked[0].item.risk_points if point.approval) if ranked else ()


def limits_for(asked: Asked) -> dict[str, Limit]:
    """The limit that the best item sets for handling; nothing where no item sets one."""
    starts = [mark[1:] for mark in EDGE_OF[asked.command.action].clocks if mark[0] == "+"]
    if "handle" not in starts:
        return {}
    limit = next((one.item.limit for one in asked.ranked() if one.item.limit is not None), None)
    return {} if limit is None else {"handle": limit}


def _of_office(to: Body, ranked: Sequence[Ranked], path: Sequence[AreaFacts]) -> str | None:
    """The office of an area of the place, where an item names its level, as lead, as supporting body, or as the tier at
    which the matter is to be solved."""
    area = next((one for one in path if one.id == to.area_id), None)
    if area is None:
        return None
    unit = unit_of(path)
    names = {str(area.level)} | ({"unit"} if unit is not None and unit.id == area.id else set())
    for one in ranked:
        levels = {one.item.lead.level, one.item.level, *(body.level for body in one.item.supporting)}
        if names & levels:
            return one.item.code
    return None


def _of_all(asked: Asked) -> Told:
    """Each body that is summoned, for the case's matter or for the one named with it (a joint action has several)."""
    called = asked.command.facts.get("bodies")
    if not isinstance(called, list):
        return Told()
    found: list[str] = []
    lacking: dict[str, None] = {}
    holders: dict[str, None] = {}
    for one in called[:MOST_CALLED]:
        agency_id = one.get("agency") if isinstance(one, dict) else None
        if not isinstance(agency_id, int) or not isinstance(one.get("category", ""), str):
            return Told()
        ranked = asked.ranked(one.get("category"))
        held = asked.duty_of_agency(agency_id, ranked)
        if held is None:
            lacking[asked.name(agency_id)] = None
            holders |= dict.fromkeys(_holders(ranked, asked.path))
        else:
            found.append(held)
    return Told(None if lacking else " ".join(found), True, tuple(lacking), tuple(holders))


def _holders(ranked: Sequence[Ranked], path: Sequence[AreaFacts]) -> tuple[str, ...]:
    """Whom the best item names: its lead, then who supports it."""
    if not ranked:
        return ()
    unit = unit_of(path)
    names: dict[str, None] = {}
    for body in (ranked[0].item.lead, *ranked[0].item.supporting):
        if body.agency is not None:
            names[_word(body.agency.names)] = None
        elif body.level is not None:
            area = unit if body.level == "unit" else next((one for one in path if one.level == body.level), None)
            names |= {} if area is None else {_word(area.names): None}
    return tuple(names)


def _word(names: Mapping[str, str]) -> str:
    return names.get("zh") or next(iter(names.values()), "")


def why_not(
    session: Session, agency_id: int, to: Body, category: str, path: Sequence[AreaFacts], now: datetime
) -> dict[str, Any]:
    """The facts of an order that may not be given, for the register of attempts (`ordering.note_attempt`)."""
    levels = [area.id for area in path]
    try:
        ordering.check_order(
            session, from_agency_id=agency_id, to_area_path=path[: levels.index(to.area_id or 0) + 1],
            category_code=category, at=now,
        )  # fmt: skip
    except ordering.NotAdmitted as refused:
        return dict(refused.facts)
    return {}


def _ordered(
    session: Session, agency_id: int, to: Body, category: str, path: Sequence[AreaFacts], now: datetime
) -> bool:
    """Whether a department may order this of an office of the place: its own by a list, or admitted."""
    levels = [area.id for area in path]
    if to.area_id not in levels:
        return False
    try:
        ordering.check_order(
            session, from_agency_id=agency_id, to_area_path=path[: levels.index(to.area_id) + 1],
            category_code=category, at=now,
        )  # fmt: skip
    except ordering.NotAdmitted:
        return False
    return True
