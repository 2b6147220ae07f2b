"""Verbs of messages and deliveries: read what one's bodies were told, see and settle what could not be delivered.

Owns what people do with them. Does not own how they come about (`jobs`) nor subscriptions (`subscribing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.audit import service as audit
from gridgov.auth.rules import Actor
from gridgov.notices.queries import deliveries as queries
from gridgov.notices.queries import messages
from gridgov.notices.rules import Channel, DeliveryUnknown, NotWaiting, State
from gridgov.notices.topics import REPORTER_TOPIC, RULES, To
from gridgov.platform import outbox
from gridgov.platform.errors import BadInput

MOST_COUNTED = 100
MOST_MARKED = 500
END_OF_IDS = 2**63 - 1
LEAST_REASON, MOST_REASON = 4, 300


@dataclass(frozen=True, slots=True)
class Message:
    """News for one of the reader's bodies. Its text is made by `texts`, in the reader's language."""

    id: int
    topic: str
    key: str
    facts: Mapping[str, Any]
    at: datetime
    body: str
    read: bool


def mine(
    session: Session, actor: Actor, *, unread: bool = False, before: int | None = None, limit: int = 100
) -> list[Message]:
    """What the actor's post is told, newest first."""
    if actor.account_id is None:
        return []
    rows = messages.page(
        session, actor.account_id, actor.bodies, unread=unread, before=before or END_OF_IDS, limit=limit
    )
    return [Message(row.id, row.topic, row.key, row.facts, row.at, row.target, row.read) for row in rows]


def count_unread(session: Session, actor: Actor) -> int:
    """How many are not read by the account; `MOST_COUNTED` stands for that many or more."""
    if actor.account_id is None:
        return 0
    return messages.unread(session, actor.account_id, actor.bodies, most=MOST_COUNTED)


def mark_read(session: Session, actor: Actor, ids: Sequence[int], *, now: datetime) -> int:
    """Marks these as read by the account; others of the body keep their own marks. What is not addressed to the post
    is passed over. How many were not read before. Raises `BadInput`."""
    if len(ids) > MOST_MARKED:
        raise BadInput(f"At most {MOST_MARKED} at once.", field="ids", remedy="Mark everything up to one of them.")
    if actor.account_id is None or not ids:
        return 0
    return messages.read(session, actor.account_id, actor.bodies, ids, now)


def mark_all_read(session: Session, actor: Actor, *, upto: int | None = None, now: datetime) -> None:
    """Marks everything as read up to a message, or up to the newest that there is now."""
    if actor.account_id is None:
        return
    newest = messages.newest(session, actor.bodies)
    messages.seen(session, actor.account_id, min(upto, newest) if upto is not None else newest, now)


# --- to reporters ---------------------------------------------------------------------------------------------------


def to_reporter(session: Session, incident_id: UUID, template: str, facts: Mapping[str, Any], *, at: datetime) -> int:
    """Tells whoever reported an incident, by short message; the number of the event.

    `template`: the part of a topic `reporter.…` of the table (`rules.TABLE`) behind the dot. The address is read from
    the sealed contact at the moment of sending, and stands nowhere else; where there is none any more, the delivery
    ends as `no-contact`. What lies below this package puts the same event into the outbox itself.
    """
    topic = REPORTER_TOPIC + template
    if topic not in RULES or To.REPORTER not in RULES[topic].to:
        known = ", ".join(one.removeprefix(REPORTER_TOPIC) for one, rule in RULES.items() if To.REPORTER in rule.to)
        raise BadInput(f"There is no text “{template}” for reporters.", field="template", remedy=f"One of: {known}.")
    return outbox.put(session, topic, incident_id, {**facts, "incident_id": incident_id}, at=at)


# --- deliveries -----------------------------------------------------------------------------------------------------


def find(
    session: Session,
    *,
    state: State | None = None,
    channel: str | None = None,
    subscription: int | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> list[Row[Any]]:
    """Deliveries, newest first, before (made_at, id)."""
    filters = {"state": state and state.value, "channel": channel, "subscription_id": subscription}
    return queries.page(session, filters, before, limit)


def one(session: Session, ident: UUID) -> Row[Any]:
    """Raises `DeliveryUnknown`."""
    row = queries.one(session, ident)
    if row is None:
        raise DeliveryUnknown("There is no delivery of this id.", field="id", remedy="Look at the list of deliveries.")
    return row


def standing(session: Session) -> dict[tuple[str, str], int]:
    """(channel, state) -> how many wait, or are dead; each channel is there, also with none."""
    counts = {(row.channel, row.state): row.deliveries for row in queries.standing(session)}
    return {
        (channel.value, state.value): counts.get((channel.value, state.value), 0)
        for channel in Channel
        for state in (State.WAITING, State.DEAD)
    }


def retry(session: Session, ident: UUID, *, reason: str, now: datetime) -> Row[Any]:
    """Begins a delivery anew that ended without success, or takes the next attempt of one that waits forward.

    With a reason, which the trail keeps. Raises `DeliveryUnknown`, `NotWaiting`, `BadInput`.
    """
    said = _reason(reason)
    held = one(session, ident)
    if not queries.retry(session, ident, reason=said, now=now):
        raise NotWaiting("It was sent, or is being sent at this moment.", remedy="Look at it again in two minutes.")
    _note(session, "retry", held, said)
    return one(session, ident)


def give_up(session: Session, ident: UUID, *, reason: str, now: datetime) -> Row[Any]:
    """Ends a delivery that waits or is dead, with a reason, which the trail keeps. Raises as `retry`."""
    said = _reason(reason)
    held = one(session, ident)
    if not queries.give_up(session, ident, reason=said, now=now):
        raise NotWaiting("It has ended, or is being sent at this moment.", remedy="Look at it again in two minutes.")
    _note(session, "give-up", held, said)
    return one(session, ident)


def _reason(reason: str) -> str:
    plain = " ".join(reason.split())
    if not LEAST_REASON <= len(plain) <= MOST_REASON or "\x00" in plain:
        raise BadInput(
            f"A reason has {LEAST_REASON} to {MOST_REASON} characters.",
            field="reason",
            remedy="Say why in a few words.",
        )
    return plain


def _note(session: Session, action: str, held: Row[Any], reason: str) -> None:
    facts = {"channel": held.channel, "topic": held.topic, "was": held.state, "problem": held.problem}
    audit.note(session, action, "notices_delivery", row_id=str(held.id), reason=reason, facts=facts)
