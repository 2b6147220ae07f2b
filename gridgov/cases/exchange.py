"""What follows from an event for others: the reporter who is told, the system that sent the order, the paper's number.

Owns orders of other systems and what they are told, feedback and its time, the numbers of written replies. Does not own
steps (`service`), nor sending (`notices`). Everything happens in the transaction of the step itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.cases import queries as case_queries
from gridgov.cases import records
from gridgov.cases.applying import fold
from gridgov.cases.file import CaseFile
from gridgov.cases.papers import title_of
from gridgov.cases.queries import exchange as queries
from gridgov.cases.rules import Action, Body, Event, Rules, State
from gridgov.incidents.receipts import number_of
from gridgov.platform import outbox
from gridgov.platform.calendars import Calendar
from gridgov.platform.errors import BadInput, Conflict

ANSWERS = frozenset({Action.ANSWER, Action.HANDLE_ON_SPOT, Action.CONCLUDE})
SOURCED = frozenset({"hotline", "mini-program", "sensor", "deputy"})  # channels by which other systems report
NAME = re.compile(r"[a-z][a-z-]{0,30}[0-9]{0,8}")  # nobody's telephone number
LATELY = timedelta(days=30)
CHANGED = "exchange.changed"
TO_REPORTER = "reporter.answered"


class OrderKind(StrEnum):
    """咨询, 求助, 投诉, 举报, 建议 (北京市接诉即办工作条例, article 2)."""

    CONSULTATION = "consultation"
    HELP = "help"
    COMPLAINT = "complaint"
    TIP = "tip"
    SUGGESTION = "suggestion"


class OrderTaken(Conflict):
    """The order's number was used before, for another report."""

    code = "order-number-taken"


class BadSource(BadInput):
    code = "bad-source"


@dataclass(frozen=True, slots=True)
class Source:
    """An order of another system: whose, under which number there, of which kind, and by when it wants an answer."""

    name: str
    order_number: str
    kind: OrderKind | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a reporter is told: what they were fed back, the newest written reply, how many tasks are open and done,
    and when the next clock is due."""

    feedback: tuple[Event, ...]
    reply: Event | None
    paper: str | None
    tasks_open: int
    tasks_done: int
    merged_into: UUID | None
    state: State
    due_at: datetime | None


# --- orders of other systems ----------------------------------------------------------------------------------------


def check_source(source: Source, channel: str) -> None:
    """Raises `BadSource`."""
    if not NAME.fullmatch(source.name):
        raise BadSource(
            "A source is named by lower-case letters, then digits.", field="source.name", remedy="Write hotline-91580."
        )
    if channel not in SOURCED:
        raise BadSource(
            f"What comes by “{channel}” is no order of another system.", field="source",
            remedy=f"Leave it out, or report by one of: {', '.join(sorted(SOURCED))}.",
        )  # fmt: skip


def case_of(session: Session, source: Source) -> UUID | None:
    """The case that an order became; None for a new one."""
    return queries.case_of(session, source.name, source.order_number)


def keep_source(session: Session, case_id: UUID, source: Source, *, now: datetime) -> None:
    """Keeps the order's number with its case. Raises `OrderTaken`."""
    values = {
        "name": source.name,
        "order_number": source.order_number,
        "case_id": case_id,
        "kind": source.kind.value if source.kind else None,
        "due_at": source.due_at,
        "taken_at": now,
    }
    if not queries.keep_source(session, values):
        raise OrderTaken(
            "This order, or this report, was taken before.", field="source.number",
            remedy="Send the same report again to get its receipt.",
        )  # fmt: skip


def source_of(session: Session, case_id: UUID) -> Source | None:
    """The order that a case came from."""
    row = queries.source_of(session, case_id)
    if row is None:
        return None
    return Source(row.name, row.order_number, OrderKind(row.kind) if row.kind else None, row.due_at)


def changes(session: Session, name: str, reach: Reach, *, after: int, limit: int) -> list[Any]:
    """What became of a source's orders after a position, in order; no word of what people wrote."""
    return queries.changes(session, name, reach, after=after, limit=limit)


# --- after a step ---------------------------------------------------------------------------------------------------


def follow(
    session: Session, row: Any, event: Event, earlier: Sequence[Event], after: CaseFile, *, rules: Rules, zone: ZoneInfo
) -> None:
    """What an event that was just written brings with it. `earlier`: the events before it."""
    paper = None
    if event.action is Action.REPLY:
        paper = _numbered(session, row, event, rules, zone)
        queries.opinion_replied(session, row.id, event.at)
    if event.action is Action.FEED_BACK:
        _fed_back(session, row, event, earlier, after)
    if event.action in (Action.FEED_BACK, Action.REPLY):
        number = number_of(row.number, row.happened_at, zone)
        outbox.put(session, TO_REPORTER, row.id, {"number": number, "incident_id": row.id}, at=event.at)
    if row.channel in SOURCED and event.action is not Action.REHOME:  # many cases at once would wait for each other
        _changed(session, row, event, after, paper)


def _numbered(session: Session, row: Any, event: Event, rules: Rules, zone: ZoneInfo) -> str:
    year = event.at.astimezone(zone).year
    serial = queries.next_serial(session, year)
    title = title_of(rules.reply_prefix, year, serial)
    queries.add_paper(session, {"year": year, "serial": serial, "number": row.number, "seq": event.seq,
                                "case_id": row.id, "title": title, "at": event.at})  # fmt: skip
    return title


def _fed_back(session: Session, row: Any, event: Event, earlier: Sequence[Event], after: CaseFile) -> None:
    answered = waiting_since(earlier)
    if answered is None:
        return
    body = body_of(event, after)
    queries.add_feedback(session, {
        "number": row.number, "seq": event.seq, "case_id": row.id,
        "agency_id": body.agency_id if body else None, "office_id": body.area_id if body else None,
        "answered_at": answered, "at": event.at,
        "area_id": row.area_id, "grid_id": row.grid_id, "unit_id": row.unit_id,
    })  # fmt: skip


def waiting_since(events: Sequence[Event]) -> datetime | None:
    """Since when an answer waits to be told to the reporter: that of the newest, if no feedback came after it. Pure."""
    for event in reversed(events):
        if event.action is Action.FEED_BACK:
            return None
        if event.action in ANSWERS:
            return event.at
    return None


def body_of(event: Event, after: CaseFile) -> Body | None:
    """Whose word it is: of who gave it, or of the body that has the case. Pure."""
    if event.by.agency_id is not None:
        return Body(agency_id=event.by.agency_id)
    return after.holder or (Body(area_id=event.by.area_id) if event.by.area_id is not None else None)


def _changed(session: Session, row: Any, event: Event, after: CaseFile, paper: str | None) -> None:
    handle = after.clock("handle")
    holder = after.holder
    made = queries.add_change(session, {
        "case_id": row.id, "seq": event.seq, "at": event.at, "action": event.action.value, "state": event.after.value,
        "holder_agency": holder.agency_id if holder else None, "holder_area": holder.area_id if holder else None,
        "due_at": handle.clock.due_at if handle else None, "paper": paper,
        "why": (event.facts.get("redirect") or {}).get("why") if event.action is Action.REFUSE else None,
        "area_id": row.area_id, "grid_id": row.grid_id, "unit_id": row.unit_id,
    })  # fmt: skip
    if made is not None:
        facts = {"source": made.name, "position": made.position, "action": event.action.value, "state": event.after}
        outbox.put(session, CHANGED, row.id, facts, at=event.at)


# --- what a reporter is told ----------------------------------------------------------------------------------------


def told(session: Session, events: Sequence[Event], file: CaseFile) -> Told:
    """For the receipt. In a transaction that works on this one case."""
    replies = [one for one in events if one.action is Action.REPLY]
    papers = {one.seq: one.title for one in queries.papers(session, file.id)} if replies else {}
    done = sum(task.done_at is not None for task in file.tasks)
    return Told(
        feedback=tuple(one for one in events if one.action is Action.FEED_BACK),
        reply=replies[-1] if replies else None,
        paper=papers.get(replies[-1].seq) if replies else None,
        tasks_open=len(file.tasks) - done,
        tasks_done=done,
        merged_into=file.merged_into,
        state=file.state,
        due_at=file.next_due,
    )


def told_of(session: Session, case_id: UUID, calendar: Calendar) -> Told | None:
    """The same for a case of which only the id is known; None where no case was begun."""
    row = case_queries.bare(session, case_id)
    if row is None:
        return None
    events = tuple(records.event_of(one) for one in case_queries.history(session, row.number))
    return told(session, events, fold(case_id, row.channel, events, calendar))


def feedback_times(session: Session, reach: Reach, *, since: datetime, until: datetime) -> list[Any]:
    """How long each body took from its answer until the reporter was told: cases, median and most seconds."""
    return queries.feedback_times(session, reach, since=since, until=until)
