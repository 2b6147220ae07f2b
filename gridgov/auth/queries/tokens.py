"""Tokens of machines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_SHOWN = """
    select t.id, t.account_id, a.name as account, t.post_id, t.label, t.permissions, t.created_at, t.expires_at,
           t.revoked_at, t.used_on
    from auth_token t join auth_account a on a.id = t.account_id
"""


def add(
    session: Session,
    *,
    digest: bytes,
    account_id: int,
    post_id: int,
    label: str,
    permissions: Iterable[str],
    now: datetime,
    expires_at: datetime,
) -> int:
    """A new token's id."""
    return int(
        session.execute(
            text(
                """
                insert into auth_token (token_sha256, account_id, post_id, label, permissions, created_at, expires_at)
                values (:digest, :account, :post, :label, :permissions, :now, :expires) returning id
                """
            ),
            {
                "digest": digest,
                "account": account_id,
                "post": post_id,
                "label": label,
                "permissions": list(permissions),
                "now": now,
                "expires": expires_at,
            },
        ).scalar_one()
    )


def one(session: Session, token_id: int) -> Row[Any] | None:
    return session.execute(text(f"{_SHOWN} where t.id = :id"), {"id": token_id}).one_or_none()


def page(session: Session, *, after: int, limit: int) -> list[Row[Any]]:
    """Tokens by id, also those that are over."""
    return list(
        session.execute(
            text(f"{_SHOWN} where t.id > :after order by t.id limit :limit"), {"after": after, "limit": limit}
        )
    )


def revoke(session: Session, token_id: int, now: datetime) -> None:
    """At once; one that is revoked already keeps the instant."""
    session.execute(
        text("update auth_token set revoked_at = :now where id = :id and revoked_at is null"),
        {"id": token_id, "now": now},
    )
