"""Verbs of approval: ask, decide, take back, use once. Each leaves a step in the history and an entry in the trail.

Owns the requests. Does not own who may ask for what: the verb that needs a second person checks that first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.audit import approving, service
from gridgov.audit.approving import Approval, ApprovalUnknown, NoteMissing, OtherPayload, State, digest
from gridgov.audit.queries import approvals as queries
from gridgov.audit.rules import Action
from gridgov.auth.rules import Actor, NotSignedIn
from gridgov.platform.errors import BadInput

Payload = Mapping[str, object] | Sequence[object] | str
MOST_TEXT = 500


def request(
    session: Session,
    actor: Actor,
    *,
    noun: str,
    ref: str,
    payload: Payload,
    summary: str,
    permission: str,
    expires_at: datetime,
    now: datetime,
) -> Approval:
    """Asks for another person's yes to do `payload` with `noun` `ref`, until `expires_at`.

    `summary`: what the other person reads. `permission`: what they must be permitted. Raises `NotSignedIn`.
    """
    account_id = _account(actor)
    summary = _text(summary, "summary")
    if not summary:
        raise BadInput("What is asked for must be said.", field="summary")
    if expires_at <= now:
        raise BadInput("This time is over already.", field="expires_at")
    made = Approval(
        0, noun, ref, permission, digest(payload), summary, State.PENDING, account_id, actor.post_id, now, expires_at
    )
    made = replace(made, id=queries.add(session, made))
    _record(session, made, None, actor, now, None)
    return made


def decide(session: Session, actor: Actor, approval_id: int, *, yes: bool, note: str = "", now: datetime) -> Approval:
    """Says yes or no; a no needs a note.

    Raises `ApprovalUnknown`, `NoSuchStep`, `SamePerson`, `NotYours`, `NoteMissing`.
    """
    account_id = _account(actor)
    held = _locked(session, approval_id)
    after = State.APPROVED if yes else State.REFUSED
    approving.step(held, after, account_id, now)
    actor.require(held.permission)
    note = _text(note, "note")
    if not yes and not note:
        raise NoteMissing("A no needs its reason.", field="note", remedy="Say why.")
    new = replace(held, state=after, decided_by=account_id, decided_post=actor.post_id, decided_at=now)
    return _changed(session, held, new, actor, now, note or None)


def withdraw(session: Session, actor: Actor, approval_id: int, *, note: str = "", now: datetime) -> Approval:
    """Takes a request back that was not used yet. Raises `ApprovalUnknown`, `NoSuchStep`, `NotTheRequester`."""
    held = _locked(session, approval_id)
    approving.step(held, State.WITHDRAWN, _account(actor), now)
    return _changed(session, held, replace(held, state=State.WITHDRAWN), actor, now, _text(note, "note") or None)


def take(session: Session, approval_id: int, payload: Payload, actor: Actor, now: datetime) -> Approval:
    """Uses an approval, once, in the transaction that does what was approved.

    Raises `ApprovalUnknown`, `NoSuchStep` (not approved, used before, over) and `OtherPayload`.
    """
    account_id = _account(actor)
    held = _locked(session, approval_id)
    approving.step(held, State.TAKEN, account_id, now)
    if digest(payload) != held.digest:
        raise OtherPayload("This is not what was approved.", remedy="Make a new request for it.")
    return _changed(
        session, held, replace(held, state=State.TAKEN, taken_by=account_id, taken_at=now), actor, now, None
    )


def expire(session: Session, now: datetime) -> int:
    """Writes down which approvals are over; for housekeeping. Returns their number."""
    return queries.expire(session, now)


def get(session: Session, approval_id: int) -> Approval:
    """Raises `ApprovalUnknown`."""
    row = queries.one(session, approval_id, lock=False)
    if row is None:
        raise _unknown()
    return _approval(row)


def find(
    session: Session,
    *,
    now: datetime,
    state: State | None = None,
    noun: str | None = None,
    ref: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Approval]:
    """Newest first, below the id `before`; by the state that each has now."""
    filters = {"state": state and state.value, "noun": noun, "ref": ref, "before": before}
    return [_approval(row) for row in queries.find(session, filters, now, limit)]


def names(session: Session, approvals: Sequence[Approval]) -> dict[int, str]:
    """Names of the accounts that asked, decided and used, by id."""
    held = {account for one in approvals for account in (one.requested_by, one.decided_by, one.taken_by)}
    return queries.names(session, sorted(account for account in held if account is not None))


def notes(session: Session, approvals: Sequence[Approval]) -> dict[int, str]:
    """What was said with the last step that said something, by id of the approval."""
    return queries.notes(session, [one.id for one in approvals])


def history(session: Session, approval_id: int) -> list[Row[Any]]:
    """The steps (from_state, to_state, account_id, post_id, at, note), first one first."""
    return queries.steps(session, approval_id)


ACTIONS = {
    State.PENDING: Action.REQUEST,
    State.APPROVED: Action.APPROVE,
    State.REFUSED: Action.REFUSE,
    State.WITHDRAWN: Action.WITHDRAW,
    State.TAKEN: Action.TAKE,
}


def _locked(session: Session, approval_id: int) -> Approval:
    row = queries.one(session, approval_id, lock=True)
    if row is None:
        raise _unknown()
    return _approval(row)


def _changed(
    session: Session, held: Approval, new: Approval, actor: Actor, now: datetime, note: str | None
) -> Approval:
    queries.change(session, new)
    _record(session, new, held.state, actor, now, note)
    return new


def _record(
    session: Session, new: Approval, before: State | None, actor: Actor, now: datetime, note: str | None
) -> None:
    queries.add_step(session, new.id, before, new.state, actor.account_id, actor.post_id, now, note)
    service.note(session, ACTIONS[new.state], new.noun, new.ref, reason=note, facts={"approval": new.id})


def _account(actor: Actor) -> int:
    if actor.account_id is None:
        raise NotSignedIn("This needs an account.", remedy="Sign in, then try again.")
    return actor.account_id


def _text(given: str, field: str) -> str:
    text = given.strip()
    if len(text) > MOST_TEXT:
        raise BadInput(f"This is longer than {MOST_TEXT} characters.", field=field)
    return text


def _unknown() -> ApprovalUnknown:
    return ApprovalUnknown("There is no such approval.", field="id")


def _approval(row: Row[Any]) -> Approval:
    return Approval(**{**row._mapping, "state": State(row.state), "digest": bytes(row.digest)})
