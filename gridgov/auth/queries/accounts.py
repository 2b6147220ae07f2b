"""Accounts, their passwords and the subjects that sign in to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_SHOWN = """
    select a.id, a.name, a.title, a.demo, a.created_at, a.disabled_at, p.changed_at as password_changed_at,
           coalesce(p.must_change, false) as must_change, p.account_id is not null as has_password,
           (select count(*) from auth_session s where s.account_id = a.id and s.ended_at is null
              and s.expires_at > :now and s.seen_at > cast(:now as timestamptz) - cast(:idle as interval)) as sessions,
           (select coalesce(jsonb_agg(jsonb_build_object('issuer', i.issuer, 'subject', i.subject) order by i.issuer),
                            '[]') from auth_identity i where i.account_id = a.id) as identities
    from auth_account a left join auth_password p on p.account_id = a.id
"""


def add(session: Session, *, name: str, title: str, demo: bool, now: datetime) -> int | None:
    """A new account's id; None where the name is taken."""
    return session.execute(
        text(
            "insert into auth_account (name, title, demo, created_at) values (:name, :title, :demo, :now) "
            "on conflict (name) do nothing returning id"
        ),
        {"name": name, "title": title, "demo": demo, "now": now},
    ).scalar_one_or_none()


def one(session: Session, account_id: int, *, now: datetime, idle: Any) -> Row[Any] | None:
    """An account with what concerns its signing in, without its hash."""
    return session.execute(
        text(f"{_SHOWN} where a.id = :id"), {"id": account_id, "now": now, "idle": idle}
    ).one_or_none()


def page(
    session: Session, *, find: str | None, after: str | None, limit: int, now: datetime, idle: Any
) -> list[Row[Any]]:
    """Accounts in the order of their names; `find`: a part of the name or title."""
    return list(
        session.execute(
            text(
                f"""{_SHOWN}
                where (cast(:after as text) is null or a.name > :after)
                  and (cast(:find as text) is null or strpos(a.name, lower(:find)) > 0 or strpos(a.title, :find) > 0)
                order by a.name limit :limit"""
            ),
            {"find": find, "after": after, "limit": limit, "now": now, "idle": idle},
        )
    )


def id_of(session: Session, name: str) -> int | None:
    """An account by its name."""
    return session.execute(text("select id from auth_account where name = :name"), {"name": name}).scalar_one_or_none()


def for_sign_in(session: Session, name: str) -> Row[Any] | None:
    """What signing in by name needs, with the hash."""
    return session.execute(
        text(
            "select a.id, a.name, a.demo, a.disabled_at, p.hash, p.must_change, p.changed_at "
            "from auth_account a left join auth_password p on p.account_id = a.id where a.name = :name"
        ),
        {"name": name},
    ).one_or_none()


def by_subject(session: Session, issuer: str, subject: str) -> Row[Any] | None:
    """The account that a provider's subject signs in to."""
    return session.execute(
        text(
            "select a.id, a.name, a.demo, a.disabled_at "
            "from auth_identity i join auth_account a on a.id = i.account_id "
            "where i.issuer = :issuer and i.subject = :subject"
        ),
        {"issuer": issuer, "subject": subject},
    ).one_or_none()


def named(session: Session, account_id: int) -> Row[Any] | None:
    """(name, title, demo) of an account."""
    return session.execute(
        text("select name, title, demo from auth_account where id = :id"), {"id": account_id}
    ).one_or_none()


def password_of(session: Session, account_id: int) -> Row[Any] | None:
    """(name, title, demo, hash, must_change) of an account."""
    return session.execute(
        text(
            "select a.name, a.title, a.demo, p.hash, p.must_change from auth_account a "
            "left join auth_password p on p.account_id = a.id where a.id = :id"
        ),
        {"id": account_id},
    ).one_or_none()


def password_stands(session: Session, account_id: int, stored: str) -> bool:
    """Whether this still is the account's hash; who changes it waits until this transaction ends."""
    return (
        session.execute(
            text("select 1 from auth_password where account_id = :id and hash = :hash for share"),
            {"id": account_id, "hash": stored},
        ).one_or_none()
        is not None
    )


def put_password(session: Session, account_id: int, stored: str, *, must_change: bool, now: datetime) -> None:
    """The first password of an account, or another one. Reads none: who resets a password need not see its hash."""
    session.execute(
        text(
            """
            insert into auth_password (account_id, hash, changed_at, must_change) values (:id, :hash, :now, :must)
            on conflict (account_id) do update set hash = :hash, changed_at = :now, must_change = :must
            """
        ),
        {"id": account_id, "hash": stored, "must": must_change, "now": now},
    )


def change_password(session: Session, account_id: int, stored: str, *, was: str, now: datetime) -> bool:
    """The owner's own new password, unless it has been changed since `was` was read."""
    done = session.execute(
        text(
            "update auth_password set hash = :hash, changed_at = :now, must_change = false "
            "where account_id = :id and hash = :was returning 1"
        ),
        {"id": account_id, "hash": stored, "was": was, "now": now},
    )
    return done.one_or_none() is not None


def rehash(session: Session, account_id: int, stored: str, *, was: str) -> None:
    """The same password under the parameters of today; not a change."""
    session.execute(
        text("update auth_password set hash = :hash where account_id = :id and hash = :was"),
        {"id": account_id, "hash": stored, "was": was},
    )


def set_title(session: Session, account_id: int, title: str) -> None:
    session.execute(text("update auth_account set title = :title where id = :id"), {"id": account_id, "title": title})


def set_disabled(session: Session, account_id: int, at: datetime | None) -> None:
    """Disabled since then; None: allowed again. One that is disabled already keeps the instant."""
    session.execute(
        text(
            "update auth_account set disabled_at = :at "
            "where id = :id and (disabled_at is null) <> (cast(:at as timestamptz) is null)"
        ),
        {"id": account_id, "at": at},
    )


def link(session: Session, account_id: int, issuer: str, subject: str, now: datetime) -> int:
    """Links a provider's subject; returns the account it is linked to, which may be another, from before."""
    session.execute(
        text(
            "insert into auth_identity (issuer, subject, account_id, created_at) "
            "values (:issuer, :subject, :id, :now) on conflict (issuer, subject) do nothing"
        ),
        {"issuer": issuer, "subject": subject, "id": account_id, "now": now},
    )
    return int(
        session.execute(
            text("select account_id from auth_identity where issuer = :issuer and subject = :subject"),
            {"issuer": issuer, "subject": subject},
        ).scalar_one()
    )


def unlink(session: Session, account_id: int, issuer: str, subject: str) -> bool:
    done = session.execute(
        text(
            "delete from auth_identity where issuer = :issuer and subject = :subject and account_id = :id returning 1"
        ),
        {"issuer": issuer, "subject": subject, "id": account_id},
    )
    return done.one_or_none() is not None


def administrators(session: Session, now: datetime) -> list[int]:
    """Accounts that can administer now. One asks at a time: two could dismiss each other."""
    session.execute(text("select pg_advisory_xact_lock(hashtext(current_schema() || '.administrators'))"))
    return list(
        session.execute(
            text(
                "select distinct p.account_id from auth_post p join auth_account a on a.id = p.account_id "
                "where p.role = 'administrator' and p.valid @> cast(:now as timestamptz) and a.disabled_at is null"
            ),
            {"now": now},
        ).scalars()
    )


def demo_accounts(session: Session) -> list[Row[Any]]:
    """(id, name, title) of the accounts that the demo shows."""
    return list(
        session.execute(text("select id, name, title from auth_account where demo and disabled_at is null order by id"))
    )


def note(session: Session, action: str, noun: str, row_id: object, *, reason: str | None, facts: str) -> None:
    """An entry of the audit trail for what changes no row; `facts`: JSON without personal data."""
    session.execute(
        text("select audit_note(:action, :noun, :row, :reason, cast(:facts as jsonb))"),
        {"action": action, "noun": noun, "row": None if row_id is None else str(row_id), "reason": reason,
         "facts": facts},
    )  # fmt: skip
