"""Whole histories at once: computed by the very rules of single steps, stored by COPY.

Owns the order in which a history is worked out, and its loading. Does not own a rule: `deciding`, `applying` and what
the lists say (`service.informed`) are those of a live step, so that both ways make the same rows (tests hold them
against each other). Nothing is announced: news of long ago is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.cases import records, service
from gridgov.cases.applying import apply
from gridgov.cases.deciding import decide
from gridgov.cases.file import CaseFile
from gridgov.cases.queries import bulk as queries
from gridgov.cases.rules import By, Command, Event, Standing
from gridgov.cases.service import Setting
from gridgov.incidents import service as incidents
from gridgov.platform.db import bump


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did at an instant."""

    at: datetime
    who: Standing
    command: Command


@dataclass(frozen=True, slots=True)
class History:
    """A case with all its events; clocks, summons and ratings as rows, as its steps left them."""

    file: CaseFile
    happened_at: datetime
    events: tuple[Event, ...]
    clocks: tuple[dict[str, Any], ...]
    summons: tuple[dict[str, Any], ...]
    ratings: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: new cases, the events that came; `there`: cases that were there before and are left alone."""

    cases: int
    events: int
    there: int


class Unfolding:
    """One case that is being worked out, step by step, without a row of it in the database.

    `incident`: its row as `incidents.service` shows it. The session is asked for lists and boundaries alone.
    """

    def __init__(
        self, session: Session, incident: Row[Any], by: By, *, at: datetime, setting: Setting, text: str = ""
    ) -> None:
        self._session = session
        self._setting = setting
        self._incident = incident
        event, self.file = service.first(incident, by, setting=replace(setting, now=at), text=text)
        self.events = [event]
        self._clocks: dict[tuple[int, int, str], dict[str, Any]] = {}
        self._summons: dict[int, dict[str, Any]] = {}
        self._ratings: list[dict[str, Any]] = []
        self._keep(None, event)

    def take(self, step: Step) -> Event:
        """One step more. Raises what a live step would raise."""
        before, incident = self.file, self._incident
        setting = replace(self._setting, now=step.at)
        path = setting.path(self._session, incident)
        held = before.holder
        row = SimpleNamespace(
            id=incident.id, category_id=incident.category_id, category_code=incident.category_code,
            item_id=incident.item_id, channel=incident.channel, happened_at=incident.happened_at,
            agency_id=held.agency_id if held else None, office_id=held.area_id if held else None,
        )  # fmt: skip
        asked = service.informed(self._session, row, step.command, path, setting)
        event = decide(before, asked, step.who, service.place_of(path), rules=setting.rules, now=step.at)
        self.file = apply(before, event, setting.calendar)
        self.events.append(event)
        self._keep(before, event)
        return event

    def history(self) -> History:
        """The case as it stands after the steps taken."""
        return History(
            self.file, self._incident.happened_at, tuple(self.events), tuple(self._clocks.values()),
            tuple(self._summons.values()), tuple(self._ratings),
        )  # fmt: skip

    def _keep(self, before: CaseFile | None, event: Event) -> None:
        """What a live step would have written of clocks, summons and ratings; the last word counts."""
        for clock in records.changed_clocks(before, self.file):
            self._clocks[clock["seq"], clock["summons"], clock["name"]] = clock
        for call in records.changed_summons(before, self.file):
            self._summons[call["summons"]] = call
        rating = records.new_rating(self.file, event)
        if rating is not None:
            self._ratings.append(rating)


def any_case(session: Session) -> bool:
    """Whether the city has a case."""
    return queries.any_case(session)


def load(session: Session, histories: Sequence[History]) -> Loaded:
    """Stores cases whose incidents are there, with their whole histories; the incidents' status follows.

    Ids that have a case already are left as they are, so that it may be repeated. Triggers of audit fire once for each
    statement and write an entry for each row, as they do when incidents are imported.
    """
    if not histories:
        return Loaded(0, 0, 0)
    queries.stage_cases(session, (_case(one) for one in histories))
    events = queries.stage_part(session, "event", _rows(histories, "event"))
    for part in ("clock", "summons", "rating"):
        queries.stage_part(session, part, _rows(histories, part))
    made, there = queries.insert(session)
    if made:
        incidents.set_statuses(session, (
            (one.file.id, one.happened_at, records.incident_status(one.file.state))
            for one in histories if one.file.id not in there
        ))  # fmt: skip
        bump(session, "incidents")
    return Loaded(made, events, len(there))


def _case(one: History) -> tuple[Any, ...]:
    file = one.file
    values = records.file_values(file) | {"happened_at": one.happened_at, "opened_at": file.opened_at}
    return file.id, *(values[name] for name in queries.CASE)


def _rows(histories: Iterable[History], part: str) -> Iterator[tuple[Any, ...]]:
    names = queries.PARTS[part]
    for one in histories:
        for values in _values(one, part):
            yield one.file.id, *(values[name] for name in names)


def _values(one: History, part: str) -> Iterable[dict[str, Any]]:
    match part:
        case "event":
            return map(records.event_values, one.events)
        case "clock":
            return one.clocks
        case "summons":
            return one.summons
    return one.ratings
