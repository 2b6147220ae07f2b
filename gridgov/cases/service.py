"""Verbs of cases: begin one with its report, look at one, act on it.

Owns the order: see, lock, decide, write, announce. Does not own what may follow what (`transitions`, `deciding`), nor
who is told (`notices`). Nothing here commits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.locator import Locator
from gridgov.areas.redrawing import placed_at
from gridgov.areas.rules import AreaFacts, unit_of
from gridgov.auth.rules import Actor, Reach
from gridgov.cases import exchange, merging, queries, ratings, records
from gridgov.cases.applying import apply, begun, fold
from gridgov.cases.deciding import AGENCY_ROLES, Allowed, allowed, decide
from gridgov.cases.duty import Asked, Lists, duty_for, limits_for, risks_for, why_not
from gridgov.cases.file import CaseFile
from gridgov.cases.queries import stepping
from gridgov.cases.rules import (
    ENDED,
    SYSTEM,
    Action,
    By,
    CaseUnknown,
    Command,
    Event,
    MovedOn,
    NotAdmittedHere,
    Place,
    Rules,
    Standing,
    State,
)
from gridgov.cases.settings import rules_of
from gridgov.incidents import service as incidents
from gridgov.platform import outbox
from gridgov.platform.calendars import Calendar
from gridgov.platform.db import revisions

NOUN = "case-settings"  # its revision rises when a setting changes


@dataclass(frozen=True, slots=True)
class Setting:
    """What decisions rest on: the city's calendar and rules, boundaries, duty lists, and the time."""

    calendar: Calendar
    rules: Rules
    locator: Locator
    lists: Lists
    marks: Mapping[str, int]
    now: datetime

    def path(self, session: Session, row: Row[Any]) -> tuple[AreaFacts, ...]:
        """The areas of a case by the boundaries in force now, city first."""
        found = self._path(session, row, self.marks)
        return found or self._path(
            session, row, revisions(session)
        )  # a plan has taken effect since the marks were read

    def _path(self, session: Session, row: Row[Any], marks: Mapping[str, int]) -> tuple[AreaFacts, ...]:
        index = self.locator.index(session, placed_at(marks, self.now), revision=marks.get("areas", 0))
        for area_id in (row.grid_id, row.area_id, row.unit_id):
            if area_id is not None and index.get(area_id) is not None:
                return index.path_of(area_id)
        return ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as somebody sees it: its row, its file, where it lies, and what they may do with it now."""

    row: Row[Any]
    file: CaseFile
    events: tuple[Event, ...]
    path: tuple[AreaFacts, ...]
    allowed: tuple[Allowed, ...] = ()


def standing(actor: Actor, *, reporter: bool = False) -> Standing:
    """Who somebody is before a case that they can see."""
    by = By(actor.account_id, actor.post_id, actor.role, actor.agency_id, actor.area_id)
    agencies = frozenset(actor.reach.agencies) if actor.role in AGENCY_ROLES else frozenset()
    return Standing(by, agencies, reporter)


def place_of(path: Sequence[AreaFacts]) -> Place:
    """Areas by level, and which of them is the unit."""
    unit = unit_of(path)
    return Place({str(area.level): area.id for area in path}, str(unit.level) if unit else "community")


def rules(session: Session) -> Rules:
    """The city's rules: the defaults, and what it sets otherwise."""
    return rules_of(queries.settings(session))


class KeptRules:
    """The city's rules in memory, kept fresh by the revision "case-settings". Safe for many threads."""

    def __init__(self) -> None:
        self._kept: tuple[int, Rules] | None = None

    def rules(self, session: Session, marks: Mapping[str, int]) -> Rules:
        """As of the revisions that this transaction sees."""
        kept, revision = self._kept, marks.get(NOUN, 0)
        if kept is None or kept[0] != revision:
            self._kept = kept = (revision, rules(session))
        return kept[1]


def open_case(session: Session, incident: Row[Any], by: By, *, setting: Setting, text: str = "") -> CaseFile:
    """Begins the file of an incident, in the transaction that takes the report. `incident`: the row as it was stored.

    The report's own time is that of its receipt: clocks run from when somebody could know.
    """
    event, file = first(incident, by, setting=setting, text=text)
    queries.add(session, fixed(incident, setting.now), records.event_values(event), records.file_values(file),
                  records.changed_clocks(None, file))  # fmt: skip
    _announce(session, event, file, incident)
    return file


def first(incident: Any, by: By, *, setting: Setting, text: str = "") -> tuple[Event, CaseFile]:
    """The event that begins the file of an incident, and the file that it makes."""
    event = Event(
        1, setting.now, Action.REPORT, by, State.REPORTED, State.REPORTED, text=text,
        limits={"accept": setting.rules.clocks["accept"]},
    )  # fmt: skip
    return event, begun(incident.id, incident.channel, event, setting.calendar)


def get(
    session: Session,
    case_id: UUID,
    reach: Reach,
    who: Standing,
    *,
    setting: Setting,
    become: Callable[[], None],
) -> Seen:
    """One case with its history and what may be done. Raises `CaseUnknown`, also beyond the reach.

    `become`: from then on the transaction works as the role that sees this one case alone.
    """
    if not stepping.visible(session, case_id, reach):
        raise _unknown()
    become()
    row = stepping.opened(session, case_id, alone=False)
    events = _events(session, row)
    file = fold(row.id, row.channel, events, setting.calendar)
    path = setting.path(session, row)
    may = allowed(file, who, place_of(path), rules=setting.rules, now=setting.now)
    return Seen(row, file, events, path, may)


def act(
    session: Session,
    case_id: UUID,
    reach: Reach,
    who: Standing,
    command: Command,
    *,
    version: int | None,
    setting: Setting,
    become: Callable[[], None],
) -> Seen:
    """Takes one step. `version`: the one that the actor saw; None takes whatever there is.

    Raises `CaseUnknown`, `MovedOn` (somebody else was faster; it says with what), and whatever `decide` raises.
    """
    if not stepping.visible(session, case_id, reach):
        raise _unknown()
    command = merging.checked(session, case_id, command, reach)
    become()
    return step(session, case_id, who, command, version=version, setting=setting)


def step(
    session: Session, case_id: UUID, who: Standing, command: Command, *, version: int | None, setting: Setting
) -> Seen:
    """The same within a transaction that works on this one case already."""
    row = stepping.opened(session, case_id, alone=True)
    events = _events(session, row)
    file = fold(row.id, row.channel, events, setting.calendar)
    if version is not None and version != file.version:
        raise _moved_on(version, events)
    path = setting.path(session, row)
    place = place_of(path)
    asked = informed(session, row, command, path, setting)
    asked = replace(asked, second=ratings.second_of(session, file, command, who.by, path, setting.now))
    try:
        event = decide(file, asked, who, place, rules=setting.rules, now=setting.now)
    except NotAdmittedHere as refused:
        if file.holder is not None and file.holder.agency_id is not None and asked.to is not None:
            refused.facts |= why_not(session, file.holder.agency_id, asked.to, row.category_code, path, setting.now)
        raise
    after = apply(file, event, setting.calendar)
    _write(session, row, event, file, after)
    exchange.follow(session, row, event, events, after, rules=setting.rules, zone=setting.calendar.zone)
    may = allowed(after, who, place, rules=setting.rules, now=setting.now)
    return Seen(_moved(row, after), after, (*events, event), path, may)


def replayed(session: Session, number: int, case_id: UUID, channel: str, calendar: Calendar) -> CaseFile:
    """The file of a case from its history alone."""
    events = [records.event_of(one) for one in queries.history(session, number)]
    return fold(case_id, channel, events, calendar)


def _events(session: Session, row: Row[Any]) -> tuple[Event, ...]:
    """The history that came with the case; read again where somebody else was faster while this waited."""
    found = stepping.events(row.history)
    if len(found) != row.version:
        return tuple(records.event_of(one) for one in queries.history(session, row.number))
    return tuple(records.event_of(one) for one in found)


def _moved(row: Row[Any], after: CaseFile) -> Any:
    """The row as the step left it, without asking for it again."""
    return SimpleNamespace(**{**row._mapping, **records.file_values(after)})


def informed(session: Session, row: Any, command: Command, path: Sequence[AreaFacts], setting: Setting) -> Command:
    """The command with what only the lists can tell: the duty of whom it addresses, and how long that may take."""
    asked = Asked(session, row, command, path, setting.lists, setting.now, setting.marks)
    told, found, risks = duty_for(asked), limits_for(asked), risks_for(asked)
    return replace(
        command, duty=told.duty, admitted=told.admitted, lacking=told.lacking, holders=told.holders, risks=risks,
        limits={**found, **command.limits},
    )  # fmt: skip


def _write(session: Session, row: Row[Any], event: Event, before: CaseFile, after: CaseFile) -> None:
    queries.change(session, row.number, row.id, records.event_values(event), records.file_values(after),
                   records.changed_clocks(before, after))  # fmt: skip
    summons = records.changed_summons(before, after)
    if summons:
        queries.call(session, row, summons)
    rating = records.new_rating(after, event)
    if rating is not None:
        queries.rate(session, row, rating)
    status = records.incident_status(after.state)
    if status != records.incident_status(before.state):
        incidents.set_statuses(session, [(row.id, row.happened_at, status)])
    _announce(session, event, after, row)


def _announce(session: Session, event: Event, after: CaseFile, row: Row[Any]) -> None:
    """Tells the outbox."""
    topic, key, facts = announced(event, after, row)
    outbox.put(session, topic, key, facts, at=event.at)


def announced(event: Event, after: CaseFile, row: Any) -> tuple[str, UUID, dict[str, Any]]:
    """What the outbox is told of an event: topic, key and facts, without a word of what people wrote."""
    holder = after.holder
    first = after.first if after.first != holder else None  # 首接负责: the others report to it
    call = after.call(event.summons)
    called = [
        one.body.agency_id for one in after.summons
        if (event.action in CALLING and one.called_at == event.at)
        or (event.action is Action.WITHDRAW_WHISTLE and one.ended_by is event.action and one.ended_at == event.at)
    ]  # fmt: skip
    facts = {
        "number": row.number,
        "version": event.seq,
        "state": event.after.value,
        "unit_id": row.unit_id,
        "grid_id": row.grid_id,
        "area_id": row.area_id,
        "agency_id": holder.agency_id if holder else None,
        "office_id": holder.area_id if holder else None,
        "first_id": first.agency_id if first else None,
        "first_office_id": first.area_id if first else None,
        "agency_ids": list(after.agencies),
        "summoned_id": call.body.agency_id if call else None,
        "called_ids": called,
        "ended": after.state in ENDED,
    }
    return f"case.{event.action.value}", row.id, facts


def fixed(incident: Any, now: datetime) -> dict[str, Any]:
    """Columns of a case that no event changes, from the row of its incident."""
    return {
        "case_id": incident.id,
        "number": incident.number,
        "happened_at": incident.happened_at,
        "category_id": incident.category_id,
        "item_id": incident.item_id,
        "channel": incident.channel,
        "at": now,
        "area_id": incident.area_id,
        "grid_id": incident.grid_id,
        "unit_id": incident.unit_id,
        "place": json.dumps(incident.place, ensure_ascii=False),
        "lon": incident.lon,
        "lat": incident.lat,
    }


def _moved_on(version: int, events: Sequence[Event]) -> MovedOn:
    """What happened since: actions and states, no texts."""
    since = [
        f"{one.action} → {one.after} ({one.at.isoformat(timespec='seconds')})" for one in events if one.seq > version
    ]
    return MovedOn(
        "Somebody else moved this case meanwhile: " + ("; ".join(since) or "it has fewer steps than that") + ".",
        field="version",
        remedy="Look at it again, then decide anew; nothing was changed.",
        version=events[-1].seq,
        state=events[-1].after.value,
    )


def _unknown() -> CaseUnknown:
    return CaseUnknown("No case has this id.", field="id", remedy="Check the id on the receipt.")


CALLING = frozenset({Action.WHISTLE, Action.SUMMON})
AS_SYSTEM = Standing(SYSTEM, system=True)
