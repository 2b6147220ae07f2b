"""SQL of approvals and their steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.audit.approving import Approval

COLUMNS = """
    id, noun, ref, permission, digest, summary, state, requested_by, requested_post, requested_at, expires_at,
    decided_by, decided_post, decided_at, taken_by, taken_at
"""


def add(session: Session, new: Approval) -> int:
    return int(
        session.execute(
            text(
                "insert into audit_approval (noun, ref, permission, digest, summary, state, requested_by, "
                "requested_post, requested_at, expires_at) values (:noun, :ref, :permission, :digest, :summary, "
                ":state, :requested_by, :requested_post, :requested_at, :expires_at) returning id"
            ),
            asdict(new),
        ).scalar_one()
    )


def one(session: Session, approval_id: int, *, lock: bool) -> Row[Any] | None:
    """One approval; with `lock` nobody else changes it meanwhile."""
    sql = f"select {COLUMNS} from audit_approval where id = :id"  # noqa: S608  # fixed names
    return session.execute(text(sql + (" for update" if lock else "")), {"id": approval_id}).one_or_none()


def find(session: Session, filters: Mapping[str, Any], now: datetime, limit: int) -> list[Row[Any]]:
    """Newest first; a filter that is None is left out. One whose time is over counts as expired."""
    now_state = "case when state in ('pending', 'approved') and expires_at <= :now then 'expired' else state end"
    clauses = {"state": f"{now_state} = :state", "noun": "noun = :noun", "ref": "ref = :ref", "before": "id < :before"}
    given = {name: value for name, value in filters.items() if value is not None}
    where = " and ".join(clauses[name] for name in given) or "true"
    sql = f"select {COLUMNS} from audit_approval where {where} order by id desc limit :limit"  # noqa: S608  # fixed
    values = {**given, "limit": limit} | ({"now": now} if "state" in given else {})
    return list(session.execute(text(sql), values))


def names(session: Session, accounts: Sequence[int]) -> dict[int, str]:
    """Names of accounts by id."""
    rows = session.execute(text("select id, name from auth_account where id = any(:ids)"), {"ids": list(accounts)})
    return {row.id: row.name for row in rows}


def change(session: Session, new: Approval) -> None:
    session.execute(
        text(
            "update audit_approval set state = :state, decided_by = :decided_by, decided_post = :decided_post, "
            "decided_at = :decided_at, taken_by = :taken_by, taken_at = :taken_at where id = :id"
        ),
        asdict(new),
    )


def expire(session: Session, now: datetime) -> int:
    done = session.execute(
        text(
            """
            with old as (
                select id, state from audit_approval
                where state in ('pending', 'approved') and expires_at <= :now for update
            ), done as (
                update audit_approval a set state = 'expired' from old where a.id = old.id returning a.id, old.state
            )
            insert into audit_approval_step (approval_id, from_state, to_state, at)
            select id, state, 'expired', :now from done
            """
        ),
        {"now": now},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an INSERT's result has it; the general type has not


def add_step(
    session: Session, approval_id: int, before: str | None, after: str, account_id: int | None, post_id: int | None,
    at: datetime, note: str | None,
) -> None:  # fmt: skip
    session.execute(
        text(
            "insert into audit_approval_step (approval_id, from_state, to_state, account_id, post_id, at, note) "
            "values (:approval, :before, :after, :account, :post, :at, :note)"
        ),
        {
            "approval": approval_id, "before": before, "after": after, "account": account_id, "post": post_id,
            "at": at, "note": note,
        },
    )  # fmt: skip


def notes(session: Session, approval_ids: Sequence[int]) -> dict[int, str]:
    """The last that was said in a step of each."""
    rows = session.execute(
        text(
            "select distinct on (approval_id) approval_id, note from audit_approval_step "
            "where approval_id = any(cast(:ids as bigint[])) and note is not null order by approval_id, id desc"
        ),
        {"ids": list(approval_ids)},
    )
    return {row.approval_id: row.note for row in rows}


def steps(session: Session, approval_id: int) -> list[Row[Any]]:
    return list(
        session.execute(
            text(
                "select from_state, to_state, account_id, post_id, at, note from audit_approval_step "
                "where approval_id = :id order by id"
            ),
            {"id": approval_id},
        )
    )
