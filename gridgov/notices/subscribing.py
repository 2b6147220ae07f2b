"""Verbs of subscriptions: who outside is told of what; webhooks with their secrets, offices by mail or SMS.

Owns subscriptions. Does not own what is sent to them (`jobs`). The secret of a webhook is shown when it is made and
never again; while it is changed, both count for a day, and every message carries a signature of each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth.rules import Actor
from gridgov.notices import signatures
from gridgov.notices.addresses import Allowed
from gridgov.notices.queries import deliveries
from gridgov.notices.queries import subscriptions as queries
from gridgov.notices.rules import SOURCE, BadTopics, Channel, SubscriptionEnded, SubscriptionUnknown, parse_body
from gridgov.notices.sending import DESTINATION, SECRET
from gridgov.notices.topics import PING, RULES
from gridgov.platform import outbox
from gridgov.platform.crypto import Sealer, Unreadable, new_key
from gridgov.platform.errors import BadInput
from gridgov.platform.personal import place
from gridgov.privacy.normal import phone

OVERLAP = timedelta(days=1)
MOST_LABEL, MOST_TOPICS = 80, 50
_PATTERN = re.compile(r"\*|[a-z][a-z_-]*(\.[a-z][a-z_-]*){0,3}(\.\*)?")
_SOURCE = re.compile(r"[a-z][a-z-]{0,30}[0-9]{0,8}")  # as `cases.exchange` has it
_MAILBOX = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as it may be shown: no secret, no destination."""

    id: int
    channel: Channel
    label: str
    topics: tuple[str, ...]
    body: str | None
    url: str | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Made:
    """A subscription with the secret that is shown once; None for offices."""

    id: int
    secret: str | None = field(repr=False)


def add_webhook(
    session: Session,
    actor: Actor,
    *,
    label: str,
    url: str,
    topics: Sequence[str],
    allowed: Allowed,
    sealer: Sealer,
    now: datetime,
    source: str | None = None,
) -> Made:
    """A receiver of webhooks, with its first secret. `source`: another system, which is told of its own orders alone.

    Raises `BadUrl`, `HostNotAllowed`, `BadTopics`, `BadInput`."""
    allowed.check(url)
    ident = queries.next_id(session)
    queries.add(
        session,
        {
            "id": ident, "channel": Channel.WEBHOOK.value, "label": _label(label), "topics": _topics(topics),
            "body": _source(source), "url": url, "destination": None, "created_at": now, "created_by": actor.account_id,
        },
    )  # fmt: skip
    return Made(ident, _new_secret(session, ident, 1, sealer, now))


def add_office(
    session: Session,
    actor: Actor,
    *,
    channel: Channel,
    label: str,
    body: str,
    destination: str,
    topics: Sequence[str],
    sealer: Sealer,
    now: datetime,
) -> Made:
    """A mailbox, or a number for short messages, of the office on duty of a body: not of a person. It is kept sealed
    and not shown again. Raises `BadBody`, `BadTopics`, `BadInput`."""
    named = parse_body(body).name
    if named.startswith("account:"):
        raise BadInput("News goes to bodies.", field="body", remedy="Name an agency, or an area with a role.")
    ident = queries.next_id(session)
    sealed = sealer.seal(_destination(channel, destination), place=place(*DESTINATION, ident))
    queries.add(
        session,
        {
            "id": ident, "channel": channel.value, "label": _label(label), "topics": _topics(topics), "body": named,
            "url": None, "destination": sealed, "created_at": now, "created_by": actor.account_id,
        },
    )  # fmt: skip
    return Made(ident, None)


def change(
    session: Session, ident: int, *, label: str | None = None, topics: Sequence[str] | None = None
) -> Subscribed:
    """Another label, other topics. Raises `SubscriptionUnknown`, `SubscriptionEnded`, `BadTopics`."""
    held = _live(session, ident)
    queries.change(
        session,
        ident,
        label=held.label if label is None else _label(label),
        topics=list(held.topics) if topics is None else _topics(topics),
    )
    return get(session, ident)


def end(session: Session, ident: int, *, now: datetime) -> Subscribed:
    """It is told nothing any more; what waits for it is given up. Raises `SubscriptionUnknown`, `SubscriptionEnded`."""
    _live(session, ident)
    queries.end(session, ident, now)
    deliveries.give_up_of(session, ident, reason="the subscription ended", now=now)
    return get(session, ident)


def rotate(session: Session, ident: int, *, sealer: Sealer, now: datetime, overlap: timedelta = OVERLAP) -> Made:
    """A new secret, shown once; those before count until the overlap is over. Raises as `end`, and `BadInput`."""
    held = _live(session, ident)
    if held.channel is not Channel.WEBHOOK:
        raise BadInput("Only webhooks have secrets.", field="id")
    version = queries.versions(session, ident)[0].version + 1
    queries.end_secrets(session, ident, now + overlap)
    return Made(ident, _new_secret(session, ident, version, sealer, now))


def ping(session: Session, ident: int, *, now: datetime) -> int:
    """Sends a test by the ordinary way; the number of its event. Raises as `end`."""
    _live(session, ident)
    return outbox.put(session, PING, str(ident), {"subscription_id": ident}, at=now)


def by_key(session: Session) -> dict[int, int]:
    """Number of a key -> how many secrets and destinations need it."""
    return queries.by_key(session)


def reseal(session: Session, sealer: Sealer) -> tuple[int, int]:
    """Seals every secret and destination with the newest key: (done, those that no key here opens)."""
    done = unreadable = 0
    for table, column, row, sealed in queries.behind(session, sealer.newest):
        where = place(table, column, row)
        try:
            fresh = sealer.seal(sealer.open(sealed, place=where), place=where)
        except Unreadable:
            unreadable += 1
            continue
        queries.put_sealed(session, table, column, row, fresh)
        done += 1
    return done, unreadable


def get(session: Session, ident: int) -> Subscribed:
    """Raises `SubscriptionUnknown`."""
    row = queries.one(session, ident)
    if row is None:
        raise SubscriptionUnknown("There is no subscription of this id.", field="id", remedy="Look at the list.")
    return _shown(row)


def page(session: Session, *, webhooks: bool, after: int = 0, limit: int = 100) -> list[Subscribed]:
    """By id, ended ones too; webhooks, or offices."""
    return [_shown(row) for row in queries.page(session, webhooks=webhooks, after=after, limit=limit)]


def _live(session: Session, ident: int) -> Subscribed:
    queries.lock(session, ident)
    held = get(session, ident)
    if held.ended_at is not None:
        raise SubscriptionEnded("This subscription has ended.", field="id", remedy="Make a new one.")
    return held


def _new_secret(session: Session, ident: int, version: int, sealer: Sealer, now: datetime) -> str:
    secret = new_key()
    sealed = sealer.seal(secret.hex(), place=place(*SECRET, f"{ident}:{version}"))
    queries.add_secret(session, ident, version, sealed, now)
    return signatures.written(secret)


def _source(name: str | None) -> str | None:
    if name is not None and not _SOURCE.fullmatch(name):
        raise BadInput("This is no name of a source.", field="source", remedy="As its orders name it, e.g. hotline.")
    return None if name is None else SOURCE + name


def _label(label: str) -> str:
    plain = " ".join(label.split())
    if not 1 <= len(plain) <= MOST_LABEL or "\x00" in plain:
        raise BadInput(f"A label has 1 to {MOST_LABEL} characters.", field="label", remedy="Say whom it is for.")
    return plain


def _topics(topics: Sequence[str]) -> list[str]:
    """Patterns without repeats; those that no topic of the table fits may be those of a later version."""
    found = list(dict.fromkeys(topics))
    bad = [one for one in found if not _PATTERN.fullmatch(one) or len(one) > 80]
    if not 1 <= len(found) <= MOST_TOPICS or bad:
        known = ", ".join(one for one in RULES if one not in ("*", PING))
        raise BadTopics(
            f"1 to {MOST_TOPICS} topics are needed" + (f"; “{bad[0]}” is none." if bad else "."),
            field="topics",
            remedy=f"Write *, case.*, or one of: {known}.",
        )
    return found


def _destination(channel: Channel, given: str) -> str:
    plain = given.strip()
    if channel is Channel.MAIL and _MAILBOX.fullmatch(plain):
        return plain
    number = phone(plain) if channel is Channel.SMS else None
    if number is None:
        raise BadInput(
            "This is no mailbox." if channel is Channel.MAIL else "This is no number.",
            field="destination",
            remedy="Write name@host for mail, a mobile number for SMS.",
        )
    return number


def _shown(row: Row[Any]) -> Subscribed:
    return Subscribed(
        row.id,
        Channel(row.channel),
        row.label,
        tuple(row.topics),
        row.body,
        row.url,
        row.created_at,
        row.ended_at,
    )
