"""What somebody shows to be known: the cookie of a session or the token of a machine; and who that is.

Owns look-up and expiry. Does not own sign-in (`signin`), nor where a post reaches (`bootstrap` asks the areas).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth import matrix
from gridgov.auth.queries import credentials as queries
from gridgov.auth.rules import Actor, Role
from gridgov.platform.errors import Refused, Unauthenticated

IDLE = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=5)  # a session's last use is written down no more often than this


class SessionEnded(Unauthenticated):
    """The cookie or token is unknown, has expired, or was revoked; which of these is not said."""

    code = "session-ended"


class PostEnded(Refused):
    """The session's post is over, or none was chosen."""

    code = "post-ended"


@dataclass(frozen=True, slots=True)
class Credential:
    """What came with a request; `secret` is repeated nowhere."""

    kind: Literal["session", "token"]
    secret: str

    def __repr__(self) -> str:
        return f"Credential({self.kind})"

    @property
    def digest(self) -> bytes:
        """What the store knows it by."""
        return digest_of(self.secret)


def digest_of(secret: str) -> bytes:
    """SHA-256: 32 random bytes need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class Known:
    """An actor before its reach is worked out, and the revisions that its transaction sees."""

    actor: Actor
    marks: Mapping[str, int]
    in_post: bool


NOBODY = Actor(role=Role.RESIDENT, grants=matrix.grants_of(Role.RESIDENT))


def known(session: Session, credential: Credential, now: datetime) -> Known:
    """Whose credential it is. Raises `SessionEnded`.

    A session whose post is over is known, and may choose another post; nothing else (`in_post` is false).
    """
    find = queries.session_by if credential.kind == "session" else queries.token_by
    return _judged(session, find(session, credential.digest, now), credential.kind, now)


def known_together(session: Session, credentials: Iterable[Credential], now: datetime) -> dict[Credential, Known]:
    """Those of several that are known, by the same rules, in one look a kind. Whoever is refused is left out: asked
    alone, `known` says why."""
    given = set(credentials)
    found: dict[Credential, Known] = {}
    for kind, look in (("session", queries.sessions_by), ("token", queries.tokens_by)):
        asked = {one.digest: one for one in given if one.kind == kind}
        for row in look(session, list(asked), now) if asked else ():
            with suppress(SessionEnded):
                found[asked[bytes(row.token_sha256)]] = _judged(session, row, kind, now)
    return found


def _judged(session: Session, row: Any, kind: str, now: datetime) -> Known:
    """Whether what was found still counts; that it was used is written down. Raises `SessionEnded`."""
    if row is None or row.ended_at is not None or row.disabled_at is not None or row.expires_at <= now:
        raise SessionEnded("You are not signed in any more.", remedy="Sign in again.")
    if kind == "session":
        if row.seen_at + IDLE <= now:
            raise SessionEnded("You were away for long.", remedy="Sign in again.")
        if row.seen_at + SEEN_EVERY <= now:
            queries.seen(session, row.id, now)
    elif row.used_on != now.date():
        queries.used(session, row.id, now)
    return Known(_actor(row, kind), row.marks or {}, bool(row.in_post))


def _actor(row: Row[Any], kind: str) -> Actor:
    role = Role(row.role) if row.in_post else Role.RESIDENT
    return Actor(
        role=role,
        account_id=row.account_id,
        account=row.name,
        post_id=row.post_id if row.in_post else None,
        session_id=row.id if kind == "session" else None,
        token_id=row.id if kind == "token" else None,
        area_id=row.area_id if row.in_post else None,
        agency_id=row.agency_id if row.in_post else None,
        narrowed=None if row.permissions is None else frozenset(row.permissions),
        grants=matrix.grants_of(role),
    )
