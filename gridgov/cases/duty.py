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


def duty_for(
    session: Session,
    row: Row[Any],
    command: Command,
    path: Sequence[AreaFacts],
    lists: Lists,
    now: datetime,
    marks: Mapping[str, int],
) -> Told:
    """Whether the bodies addressed hold the duty."""
    needs = EDGE_OF[command.action].needs
    if "duty" not in needs:
        return Told()
    if command.action in (Action.WHISTLE, Action.SUMMON):
        return _of_all(session, row, command, path, lists, now, marks)
    if command.to is None:
        return Told()
    ranked = _ranked(session, row.category_code, path, lists, now, marks)
    if command.to.agency_id is not None:
        held = _of_agency(session, command.to.agency_id, ranked, lists, marks)
        lacking = () if held else (_name(session, command.to.agency_id, lists, marks),)
        return Told(held, True, lacking, _holders(ranked, path))
    held = _of_office(command.to, ranked, path)
    if command.action is Action.ORDER and row.agency_id is not None:
        may = _ordered(session, row.agency_id, command.to, row.category_code, path, now)
        return Told(held or "admitted", may)
    return Told(held, holders=_holders(ranked, path))


def risks_for(
    session: Session,
    row: Row[Any],
    command: Command,
    path: Sequence[AreaFacts],
    lists: Lists,
    now: datetime,
    marks: Mapping[str, int],
) -> tuple[str, ...]:
    """Risk points (廉政风险点) of the responsible item that need one more approval; for steps that begin to act."""
    if command.action not in AT_RISK:
        return ()
    ranked = _ranked(session, row.category_code, path, lists, now, marks)
    return tuple(point.text for point in ranked[0].item.risk_points if point.approval) if ranked else ()


def limits_for(
    session: Session,
    row: Row[Any],
    command: Command,
    path: Sequence[AreaFacts],
    lists: Lists,
    now: datetime,
    marks: Mapping[str, int],
) -> dict[str, Limit]:
    """The limit that the best item sets for handling; nothing where no item sets one."""
    starts = [mark[1:] for mark in EDGE_OF[command.action].clocks if mark[0] == "+"]
    if "handle" not in starts:
        return {}
    ranked = _ranked(session, row.category_code, path, lists, now, marks)
    limit = next((one.item.limit for one in ranked if one.item.limit is not None), None)
    return {} if limit is None else {"handle": limit}


def _ranked(
    session: Session, category: str, path: Sequence[AreaFacts], lists: Lists, now: datetime, marks: Mapping[str, int]
) -> list[Ranked]:
    return lists.router.ranked(session, category, [area.id for area in path], at=now, marks=marks)


def _of_agency(
    session: Session, agency_id: int, ranked: Sequence[Ranked], lists: Lists, marks: Mapping[str, int]
) -> str | None:
    """A body holds what it or those above it hold: a squadron acts for its bureau."""
    line = lists.agencies.above(session, agency_id, revision=marks.get("duties", 0))
    duty = duty_of(ranked, frozenset(line))
    return duty.item.code if duty else None


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


def _of_all(
    session: Session,
    row: Row[Any],
    command: Command,
    path: Sequence[AreaFacts],
    lists: Lists,
    now: datetime,
    marks: Mapping[str, int],
) -> Told:
    """Each body that is summoned, for the case's matter or for the one named with it (a joint action has several)."""
    called = command.facts.get("bodies")
    if not isinstance(called, list):
        return Told()
    found: list[str] = []
    lacking: dict[str, None] = {}
    holders: dict[str, None] = {}
    for one in called[:MOST_CALLED]:
        agency_id = one.get("agency") if isinstance(one, dict) else None
        if not isinstance(agency_id, int) or not isinstance(one.get("category", ""), str):
            return Told()
        ranked = _ranked(session, one.get("category") or row.category_code, path, lists, now, marks)
        held = _of_agency(session, agency_id, ranked, lists, marks)
        if held is None:
            lacking[_name(session, agency_id, lists, marks)] = None
            holders |= dict.fromkeys(_holders(ranked, path))
        else:
            found.append(held)
    return Told(None if lacking else " ".join(found), True, tuple(lacking), tuple(holders))


def _name(session: Session, agency_id: int, lists: Lists, marks: Mapping[str, int]) -> str:
    agency = lists.agencies.named(session, revision=marks.get("duties", 0)).get(agency_id)
    return f"agency {agency_id}" if agency is None else _word(agency)


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
