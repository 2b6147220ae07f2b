"""SQL of privacy: limits, holds, notices, consents, and notes for the audit trail. Private to the package."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session


def note(
    session: Session, action: str, noun: str, row_id: str | None, reason: str | None, facts: Mapping[str, Any]
) -> None:
    """A line of the audit trail; its function is the only way to write one."""
    session.execute(
        text("select audit_note(:action, :noun, :row_id, :reason, cast(:facts as jsonb))"),
        {"action": action, "noun": noun, "row_id": row_id, "reason": reason, "facts": json.dumps(facts)},
    )


# --- limits and holds -------------------------------------------------------------------------------------------------


def limits(session: Session) -> list[Row[Any]]:
    """(name, days, working, source): what the city has set otherwise."""
    return list(session.execute(text("select name, days, working, source from privacy_limit order by name")))


def set_limit(session: Session, values: Mapping[str, Any]) -> None:
    session.execute(
        text(
            "insert into privacy_limit (name, days, working, source, set_at, set_by) "
            "values (:name, :days, :working, :source, :now, :by) on conflict (name) do update "
            "set days = excluded.days, working = excluded.working, source = excluded.source, "
            "set_at = excluded.set_at, set_by = excluded.set_by"
        ),
        dict(values),
    )


def place_hold(session: Session, values: Mapping[str, Any]) -> int | None:
    """The hold's id; None when the row is held already."""
    return session.execute(
        text(
            "insert into privacy_hold (holding, row_key, reason, placed_at, placed_by) "
            "values (:holding, :row_key, :reason, :now, :by) "
            "on conflict (holding, row_key) where lifted_at is null do nothing returning id"
        ),
        dict(values),
    ).scalar_one_or_none()


def lift_hold(session: Session, hold_id: int, *, now: datetime, by: int | None) -> Row[Any] | None:
    """(holding, row_key) of a hold that was in force; None when there is none of this id."""
    return session.execute(
        text(
            "update privacy_hold set lifted_at = :now, lifted_by = :by where id = :id and lifted_at is null "
            "returning holding, row_key"
        ),
        {"id": hold_id, "now": now, "by": by},
    ).one_or_none()


def held(session: Session, holding: str) -> list[str]:
    """Keys of the rows of a holding that are under a hold."""
    return list(
        session.execute(
            text("select row_key from privacy_hold where holding = :holding and lifted_at is null order by row_key"),
            {"holding": holding},
        ).scalars()
    )


# --- notices ----------------------------------------------------------------------------------------------------------

NOTICE = """
    select id, code, version, handler, texts, purposes, kinds, retention, rights, digest, lower(valid) as valid_from,
           upper(valid) as valid_to, published_at
    from privacy_notice
    """


def notice_in_force(session: Session, code: str, now: datetime) -> Row[Any] | None:
    return session.execute(
        text(f"{NOTICE} where code = :code and valid @> cast(:now as timestamptz)"), {"code": code, "now": now}
    ).one_or_none()


def notice(session: Session, notice_id: int) -> Row[Any] | None:
    return session.execute(text(f"{NOTICE} where id = :id"), {"id": notice_id}).one_or_none()


def newest_notice(session: Session, code: str) -> Row[Any] | None:
    """Locked, so that of two that publish one comes after the other."""
    sql = f"{NOTICE} where code = :code order by version desc limit 1 for update"
    return session.execute(text(sql), {"code": code}).one_or_none()


def end_notice(session: Session, notice_id: int, at: datetime) -> None:
    session.execute(
        text("update privacy_notice set valid = tstzrange(lower(valid), :at) where id = :id"),
        {"id": notice_id, "at": at},
    )


def add_notice(session: Session, values: Mapping[str, Any]) -> int:
    return int(
        session.execute(
            text(
                "insert into privacy_notice (code, version, handler, texts, purposes, kinds, retention, rights, "
                "digest, valid, published_at, published_by) "
                "values (:code, :version, cast(:handler as jsonb), cast(:texts as jsonb), cast(:purposes as jsonb), "
                "cast(:kinds as jsonb), cast(:retention as jsonb), :rights, :digest, tstzrange(:valid_from, null), "
                ":now, :by) returning id"
            ),
            dict(values),
        ).scalar_one()
    )


# --- consents ---------------------------------------------------------------------------------------------------------

CONSENT = """
    select c.id, c.subject_sealed, c.notice_id, c.purposes, c.separate, c.channel, c.given_at, c.withdrawn_at
    from privacy_consent c
    """


def add_consent(session: Session, values: Mapping[str, Any]) -> bool:
    """False when there is one of this id."""
    done = session.execute(
        text(
            "insert into privacy_consent (id, subject_index, subject_sealed, notice_id, purposes, separate, channel, "
            "given_at, recorded_by) "
            "values (:id, :index, :sealed, :notice_id, :purposes, :separate, :channel, :now, :by) "
            "on conflict (id) do nothing returning 1"
        ),
        dict(values),
    )
    return done.one_or_none() is not None


def consent(session: Session, consent_id: UUID) -> Row[Any] | None:
    return session.execute(text(f"{CONSENT} where c.id = :id"), {"id": consent_id}).one_or_none()


def consents(session: Session, ids: Sequence[UUID]) -> list[Row[Any]]:
    sql = f"{CONSENT} where c.id = any(:ids) order by c.given_at, c.id"
    return list(session.execute(text(sql), {"ids": list(ids)}))


def consents_of(session: Session, indexes: Sequence[bytes]) -> list[UUID]:
    return list(
        session.execute(
            text("select id from privacy_consent where subject_index = any(:indexes) order by given_at, id"),
            {"indexes": list(indexes)},
        ).scalars()
    )


def agreed(session: Session, indexes: Sequence[bytes], purpose: str, *, separate: bool) -> bool:
    """Whether a consent to this purpose stands; `separate`: one that was given for it alone."""
    sql = """
        select exists (select from privacy_consent where subject_index = any(:indexes) and withdrawn_at is null
                       and :purpose = any(purposes) and (separate or not :separate))
        """
    values = {"indexes": list(indexes), "purpose": purpose, "separate": separate}
    return bool(session.execute(text(sql), values).scalar_one())


def withdraw(session: Session, ids: Sequence[UUID], *, now: datetime, channel: str) -> int:
    """How many consents stood until now."""
    sql = """
        update privacy_consent set withdrawn_at = :now, withdrawn_channel = :channel
        where id = any(:ids) and withdrawn_at is null
        """
    done = session.execute(text(sql), {"ids": list(ids), "now": now, "channel": channel})
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it; the general type has not


def expire_consents(session: Session, before: datetime, *, held: Sequence[str], limit: int) -> int:
    """Deletes at most so many whose withdrawal lies at that instant or before it."""
    sql = """
        delete from privacy_consent where id in (
            select id from privacy_consent where withdrawn_at <= :before and not id::text = any(:held)
            order by withdrawn_at, id limit :limit)
        """
    done = session.execute(text(sql), {"before": before, "held": list(held), "limit": limit})
    return int(done.rowcount)  # type: ignore[attr-defined]  # as above
