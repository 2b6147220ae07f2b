"""Requests of persons: filed once, answered in time, from every holding.

Owns how a request goes (the table in `rules`). Does not own the data: the holdings find, open, correct and end it.
Whoever shows only a receipt reaches what came with that one report: the number in it may be somebody else's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth.rules import EVERYWHERE, Reach
from gridgov.platform.calendars import Calendar
from gridgov.platform.crypto import Sealer
from gridgov.platform.errors import Conflict, NotFound, Refused
from gridgov.platform.personal import place
from gridgov.privacy import normal, service, trail
from gridgov.privacy.deadlines import due
from gridgov.privacy.holdings import Because, Ended, Held, Holding, Subject
from gridgov.privacy.queries import held as held_keys
from gridgov.privacy.queries import requests as queries
from gridgov.privacy.records import FORGOTTEN
from gridgov.privacy.retention import ANSWER, EXTENSION
from gridgov.privacy.rules import OPEN, Home, Kind, NewRequest, NotNow, Proof, RequestState, Verb, after, check

TABLE = "privacy_request"


class RequestUnknown(NotFound):
    """No request of this id, or not one for you."""

    code = "privacy-request-unknown"


class OtherRequest(Conflict):
    """The id was used before for another request."""

    code = "id-used-for-another-request"


class NeedsWholeCity(Refused):
    """What is held under a number may lie anywhere in the city."""

    code = "needs-whole-city"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands; what it says is sealed and comes with the answer."""

    id: UUID
    number: int
    kind: Kind
    state: RequestState
    proof: Proof
    incident_id: UUID | None
    filed_at: datetime
    due_at: datetime
    extended: bool
    ended_at: datetime | None
    outcome: Mapping[str, Any] | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a fulfilled request brought: the rows that are held, or what was done with them, by holding."""

    request: Request
    held: tuple[Held, ...] = ()
    ended: Mapping[str, Ended] = field(default_factory=dict)
    corrected: Mapping[str, int] = field(default_factory=dict)


def file(
    session: Session,
    new: NewRequest,
    *,
    reach: Reach,
    calendar: Calendar,
    sealer: Sealer,
    now: datetime,
    by: int | None = None,
) -> Request:
    """Takes a request and says when its answer is due; the same again returns the first.

    `reach`: how far whoever takes it may look; with a receipt it does not matter. Raises `BadRequest`, `NoNumber`,
    `NeedsWholeCity`, `OtherRequest`.
    """
    check(new)
    check_reach(new.proof, reach)
    number = normal.the_phone(new.phone) if new.phone else None
    details = json.dumps({"words": new.words, "values": dict(new.values)}, ensure_ascii=False, sort_keys=True)
    meaning = json.dumps([new.kind, new.proof, str(new.incident_id), number, details]).encode()
    limit = service.limits(session).get(ANSWER.name, ANSWER)
    home = new.home or _NOWHERE
    added = queries.add(
        session,
        {
            "id": new.id,
            "kind": new.kind,
            "state": RequestState.RECEIVED,
            "proof": new.proof,
            "incident_id": new.incident_id,
            "subject_index": sealer.index("phone", number) if number else None,
            "subject_sealed": sealer.seal(new.phone, place=place(TABLE, "subject", new.id)) if new.phone else None,
            "details_sealed": sealer.seal(details, place=place(TABLE, "details", new.id)),
            "digest": sealer.fingerprint(meaning),
            "area_id": home.area_id,
            "grid_id": home.grid_id,
            "unit_id": home.unit_id,
            "agency_id": home.agency_id,
            "filed_at": now,
            "filed_by": by,
            "due_at": due(now, limit, calendar),
        },
    )
    row = queries.one(session, new.id, EVERYWHERE)  # the row policies still apply
    if row is None or (not added and not sealer.is_fingerprint(bytes(row.digest), meaning)):
        raise OtherRequest(
            "This id was used before for another request.", field="id", remedy="Make a new id for a new request."
        )
    return _request(row)


def get(session: Session, request_id: UUID, *, reach: Reach) -> Request:
    """Raises `RequestUnknown`, also for one that lies beyond the reach."""
    return _request(_row(session, request_id, reach))


def find(session: Session, *, reach: Reach, only_open: bool = True, limit: int = 100) -> list[Request]:
    """Those within the reach, the most urgent first."""
    return [_request(row) for row in queries.page(session, reach, only_open=only_open, limit=limit)]


def of_receipt(session: Session, incident_id: UUID) -> list[Request]:
    """Those that were filed with the receipt of this incident."""
    return [_request(row) for row in queries.of_incident(session, incident_id)]


def take(session: Session, request_id: UUID, *, reach: Reach, by: int | None = None) -> Request:
    """Somebody answers for it. Raises `RequestUnknown`, `NotNow`."""
    row = _row(session, request_id, reach, lock=True)
    return _changed(session, row, {"state": after(RequestState(row.state), Verb.TAKE), "taken_by": by})


def extend(
    session: Session,
    request_id: UUID,
    *,
    reach: Reach,
    reason: str,
    calendar: Calendar,
    now: datetime,
) -> Request:
    """Moves the day once, for a reason that the person is told. Raises `RequestUnknown`, `NotNow`, `NoReason`."""
    reason = trail.check_reason(reason)
    row = _row(session, request_id, reach, lock=True)
    state = after(RequestState(row.state), Verb.EXTEND)
    if row.extended_at is not None:
        raise NotNow("It was extended before.", remedy="Answer it, or refuse it with a reason.")
    limit = service.limits(session).get(EXTENSION.name, EXTENSION)
    later = due(row.due_at - timedelta(microseconds=1), limit, calendar)  # due_at ends its last day
    return _changed(session, row, {"state": state, "due_at": later, "extended_at": now, "reason": reason})


def drop(session: Session, request_id: UUID, *, incident_id: UUID | None = None, now: datetime) -> Request:
    """The person no longer wants it; with a receipt, only what it was filed with. Raises `RequestUnknown`, `NotNow`."""
    row = _row(session, request_id, EVERYWHERE, lock=True)
    if incident_id is not None and row.incident_id != incident_id:
        raise _unknown()
    return _changed(session, row, {"state": after(RequestState(row.state), Verb.DROP), "ended_at": now, **FORGOTTEN})


def refuse(session: Session, request_id: UUID, *, reach: Reach, reason: str, now: datetime) -> Request:
    """With a reason, which the person is told (article 50). Raises `RequestUnknown`, `NotNow`, `NoReason`."""
    reason = trail.check_reason(reason)
    row = _row(session, request_id, reach, lock=True)
    state = after(RequestState(row.state), Verb.REFUSE)
    trail.note(session, "refuse", TABLE, request_id, reason=reason, facts={"kind": row.kind})
    return _changed(session, row, {"state": state, "ended_at": now, "reason": reason})


def fulfil(
    session: Session,
    request_id: UUID,
    holdings: Collection[Holding],
    *,
    reach: Reach,
    sealer: Sealer,
    now: datetime,
) -> Answer:
    """Asks every holding and does what was asked for; the trail keeps what, in counts.

    Raises `RequestUnknown`, `NotNow`, `NeedsWholeCity`.
    """
    row = _row(session, request_id, reach, lock=True)
    state, kind = after(RequestState(row.state), Verb.FULFIL), Kind(row.kind)
    check_reach(Proof(row.proof), reach)
    who = _subject(row, sealer)
    found = {holding: _others(holding.find(session, who), row.id) for holding in holdings}
    held = tuple(one for holding, keys in found.items() if keys for one in holding.export(session, keys, sealer))
    done = _done(session, row, kind, found, sealer, now)
    outcome = {holding.name: _counted(len(keys), done.get(holding)) for holding, keys in found.items()}
    for holding, keys in found.items():
        if keys:
            facts = {**outcome[holding.name], "request": row.number}
            trail.note(session, _ACTIONS[kind], holding.tables[0], None, facts=facts)
    ended = {"state": state, "ended_at": now, "outcome": json.dumps(outcome)}
    request = _changed(session, row, {**ended, **(FORGOTTEN if kind is Kind.ERASE else {})})
    return Answer(
        request,
        held=held if kind in (Kind.ACCESS, Kind.COPY, Kind.EXPLAIN) else (),
        ended={holding.name: one for holding, one in done.items() if isinstance(one, Ended)},
        corrected={holding.name: one for holding, one in done.items() if isinstance(one, int)},
    )


def overdue(request: Request, now: datetime) -> bool:
    """Whether the answer should have been given."""
    return request.state in OPEN and request.due_at <= now


def _done(
    session: Session,
    row: Row[Any],
    kind: Kind,
    found: Mapping[Holding, list[str]],
    sealer: Sealer,
    now: datetime,
) -> dict[Holding, Ended | int]:
    """What an erasure or a correction did, by holding; the other kinds change nothing."""
    if kind is Kind.ERASE:
        return {
            holding: holding.erase(session, keys, held=held_keys(session, holding.name), because=Because.ERASE, now=now)
            for holding, keys in found.items()
        }
    if kind is Kind.CORRECT:
        values = json.loads(sealer.open(bytes(row.details_sealed), place=place(TABLE, "details", row.id)))["values"]
        return {holding: holding.correct(session, keys, values, sealer) for holding, keys in found.items()}
    return {}


def _others(keys: list[str], request_id: UUID) -> list[str]:
    """Without the request itself: it ends by being answered."""
    return [key for key in keys if key != str(request_id)]


_NOWHERE = Home(None, None, None, None)
_ACTIONS: Mapping[Kind, trail.Action] = {
    Kind.ACCESS: "export",
    Kind.COPY: "export",
    Kind.EXPLAIN: "export",
    Kind.CORRECT: "correct",
    Kind.ERASE: "erase",
}


def _subject(row: Row[Any], sealer: Sealer) -> Subject:
    if Proof(row.proof) is Proof.RECEIPT:
        return service.by_receipt(row.incident_id)
    return service.by_phone(sealer, sealer.open(bytes(row.subject_sealed), place=place(TABLE, "subject", row.id)))


def _counted(found: int, done: Ended | int | None) -> dict[str, int]:
    if isinstance(done, Ended):
        return {"found": found, "erased": done.erased, "frozen": done.frozen}
    return {"found": found} | ({} if done is None else {"corrected": done})


def _row(session: Session, request_id: UUID, reach: Reach, *, lock: bool = False) -> Row[Any]:
    row = queries.one(session, request_id, reach, lock=lock)
    if row is None:
        raise _unknown()
    return row


def _unknown() -> RequestUnknown:
    return RequestUnknown("No request has this id.", field="id")


def check_reach(proof: Proof, reach: Reach) -> None:
    """What is held under a number may lie anywhere; who reaches a part of the city would answer with a part."""
    if proof is Proof.PAPERS and not reach.city:
        raise NeedsWholeCity(
            "What is held under a number may lie outside your part of the city.",
            remedy="Pass it on to an operator of the city's own centre.",
        )


def _changed(session: Session, row: Row[Any], values: Mapping[str, Any]) -> Request:
    queries.change(session, row.id, values)
    return get(session, row.id, reach=EVERYWHERE)


def _request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        number=row.number,
        kind=Kind(row.kind),
        state=RequestState(row.state),
        proof=Proof(row.proof),
        incident_id=row.incident_id,
        filed_at=row.filed_at,
        due_at=row.due_at,
        extended=row.extended_at is not None,
        ended_at=row.ended_at,
        outcome=row.outcome,
        reason=row.reason,
    )
