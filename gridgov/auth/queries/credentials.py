"""Who somebody is: one statement a request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_POST = """
    a.name, a.disabled_at, p.id as post_id, p.role, p.area_id, p.agency_id,
    coalesce(p.valid @> cast(:now as timestamptz), false) as in_post,
    (select jsonb_object_agg(r.noun, r.revision) from platform_revision r) as marks
"""
_BY_SESSION = text(
    f"""
    select s.id, s.account_id, s.seen_at, s.expires_at, s.ended_at, null::text[] as permissions, {_POST}
    from auth_session s join auth_account a on a.id = s.account_id left join auth_post p on p.id = s.post_id
    where s.token_sha256 = :digest
    """  # noqa: S608  # made of the constant above
)
_BY_TOKEN = text(
    f"""
    select t.id, t.account_id, null::timestamptz as seen_at, t.expires_at, t.revoked_at as ended_at, t.permissions,
           t.used_on, {_POST}
    from auth_token t join auth_account a on a.id = t.account_id join auth_post p on p.id = t.post_id
    where t.token_sha256 = :digest
    """  # noqa: S608  # made of the constant above
)


def session_by(session: Session, digest: bytes, now: datetime) -> Row[Any] | None:
    """A session by the digest of its cookie, with account, current post and the revisions of all nouns."""
    return session.execute(_BY_SESSION, {"digest": digest, "now": now}).one_or_none()


def token_by(session: Session, digest: bytes, now: datetime) -> Row[Any] | None:
    """A token by its digest, in the same form."""
    return session.execute(_BY_TOKEN, {"digest": digest, "now": now}).one_or_none()


def seen(session: Session, session_id: int, now: datetime) -> None:
    """The session was used."""
    session.execute(text("update auth_session set seen_at = :now where id = :id"), {"id": session_id, "now": now})


def used(session: Session, token_id: int, now: datetime) -> None:
    """The token was used on this day."""
    session.execute(
        text("update auth_token set used_on = cast(:now as timestamptz)::date where id = :id"),
        {"id": token_id, "now": now},
    )
