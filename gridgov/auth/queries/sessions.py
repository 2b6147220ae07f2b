"""Sessions and handshakes with an OpenID provider."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def add(
    session: Session,
    *,
    digest: bytes,
    account_id: int,
    post_id: int | None,
    how: str,
    now: datetime,
    expires_at: datetime,
) -> int:
    """A new session's id."""
    return int(
        session.execute(
            text(
                "insert into auth_session (token_sha256, account_id, post_id, how, created_at, seen_at, expires_at) "
                "values (:digest, :account, :post, :how, :now, :now, :expires) returning id"
            ),
            {
                "digest": digest,
                "account": account_id,
                "post": post_id,
                "how": how,
                "now": now,
                "expires": expires_at,
            },
        ).scalar_one()
    )


def one(session: Session, session_id: int) -> Row[Any] | None:
    """(how, created_at, expires_at, seen_at) of a session."""
    return session.execute(
        text("select how, created_at, expires_at, seen_at from auth_session where id = :id"), {"id": session_id}
    ).one_or_none()


def end(session: Session, digest: bytes, now: datetime) -> int | None:
    """Ends the session of a cookie; its account, or None where there is no such session that goes on."""
    return session.execute(
        text(
            "update auth_session set ended_at = :now where token_sha256 = :digest and ended_at is null "
            "returning account_id"
        ),
        {"digest": digest, "now": now},
    ).scalar_one_or_none()


def end_all(session: Session, account_id: int, now: datetime, *, but: int | None = None) -> int:
    """Ends every session of an account but one; how many."""
    done = session.execute(
        text(
            "update auth_session set ended_at = :now where account_id = :id and ended_at is null "
            "and id is distinct from cast(:but as bigint) returning id"
        ),
        {"id": account_id, "now": now, "but": but},
    )
    return len(done.all())


def set_post(session: Session, session_id: int, post_id: int) -> None:
    """The session goes on in this post."""
    session.execute(text("update auth_session set post_id = :post where id = :id"), {"id": session_id, "post": post_id})


def last_post(session: Session, account_id: int) -> int | None:
    """The post of the account's newest session that had one."""
    return session.execute(
        text(
            "select post_id from auth_session where account_id = :id and post_id is not null "
            "order by created_at desc, id desc limit 1"
        ),
        {"id": account_id},
    ).scalar_one_or_none()


def add_handshake(
    session: Session, *, digest: bytes, nonce: str, verifier: str, back_to: str, now: datetime, since: datetime
) -> None:
    """A sign-in at the provider begins; those begun before `since` are forgotten."""
    session.execute(text("delete from auth_handshake where created_at < :since"), {"since": since})
    session.execute(
        text(
            "insert into auth_handshake (state_sha256, nonce, verifier, back_to, created_at) "
            "values (:digest, :nonce, :verifier, :back_to, :now)"
        ),
        {"digest": digest, "nonce": nonce, "verifier": verifier, "back_to": back_to, "now": now},
    )


def take_handshake(session: Session, digest: bytes) -> Row[Any] | None:
    """(nonce, verifier, back_to, created_at), which nobody gets a second time."""
    return session.execute(
        text("delete from auth_handshake where state_sha256 = :digest returning nonce, verifier, back_to, created_at"),
        {"digest": digest},
    ).one_or_none()
