"""Tokens for machines: one post of the role `machine`, and of its permissions those that are named.

Owns making and revoking. Does not own look-up (`credentials`). A token is told once, when it is made; the store holds
its digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth import matrix
from gridgov.auth.credentials import digest_of
from gridgov.auth.posts import PostUnknown
from gridgov.auth.queries import posts as post_queries
from gridgov.auth.queries import tokens as queries
from gridgov.auth.rules import Actor, Role
from gridgov.platform import crypto
from gridgov.platform.errors import BadInput, Conflict, NotFound

PERMISSION = "tokens.manage"
PREFIX = "ggt_"
LONGEST = timedelta(days=366)
LABEL_MOST = 80
ASKING = "session.open"  # every token may ask what it is


class TokenUnknown(NotFound):
    code = "token-unknown"


@dataclass(frozen=True, slots=True)
class Made:
    """A new token; `secret` is told nowhere else."""

    token_id: int
    secret: str

    def __repr__(self) -> str:
        return f"Made({self.token_id})"


def grantable() -> tuple[str, ...]:
    """The permissions that a token can be given."""
    return tuple(name for name in matrix.grants_of(Role.MACHINE) if not name.startswith("session."))


def make(
    session: Session,
    actor: Actor,
    post_id: int,
    *,
    label: str,
    permissions: Iterable[str],
    expires_at: datetime,
    now: datetime,
) -> Made:
    """A token for a machine's post. Raises `BadInput`, `PostUnknown`, `Conflict`."""
    actor.require(PERMISSION)
    label = label.strip()
    if not 1 <= len(label) <= LABEL_MOST or not label.isprintable():
        raise BadInput(
            f"A label has 1 to {LABEL_MOST} characters.", field="label", remedy="Say which machine it is for."
        )
    named = _checked(permissions)
    if not now < expires_at <= now + LONGEST:
        raise BadInput(
            "A token ends within a year from now.", field="expires_at", remedy="Give an instant within a year."
        )
    post = post_queries.one(session, post_id, now)
    if post is None:
        raise PostUnknown(f"There is no post {post_id}.", field="post", remedy="Appoint the machine's account first.")
    if post.role != Role.MACHINE:
        raise Conflict("Only a machine's post has tokens.", field="post", remedy="Appoint it with the role machine.")
    secret = PREFIX + crypto.new_secret()
    token_id = queries.add(
        session,
        digest=digest_of(secret),
        account_id=post.account_id,
        post_id=post_id,
        label=label,
        permissions=[*named, ASKING],
        now=now,
        expires_at=expires_at,
    )
    return Made(token_id, secret)


def revoke(session: Session, actor: Actor, token_id: int, *, now: datetime) -> None:
    """At once, and again without harm. Raises `TokenUnknown`."""
    one(session, actor, token_id)
    queries.revoke(session, token_id, now)


def one(session: Session, actor: Actor, token_id: int) -> Row[Any]:
    """Without its secret, which nobody has. Raises `TokenUnknown`."""
    actor.require(PERMISSION)
    row = queries.one(session, token_id)
    if row is None:
        raise TokenUnknown(f"There is no token {token_id}.", remedy="List them with /api/v1/tokens.")
    return row


def page(session: Session, actor: Actor, *, after: int = 0, limit: int) -> list[Row[Any]]:
    """By id, also those that are over."""
    actor.require(PERMISSION)
    return queries.page(session, after=after, limit=limit)


def _checked(permissions: Iterable[str]) -> list[str]:
    named = list(dict.fromkeys(permissions))
    known = grantable()
    wrong = [name for name in named if name not in known]
    if wrong or not named:
        raise BadInput(
            f"A machine cannot have “{wrong[0]}”." if wrong else "A token needs a permission.",
            field="permissions",
            remedy=f"Choose from: {', '.join(known)}.",
        )
    return named
