"""SQL of boundary plans whose areas keep their identity, of their lineage, and of the lock around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.platform.bulk import stage

_KEY = "hashtext(current_schema() || '.areas.boundaries')"
_SHARED, _ALONE = (
    text(f"select pg_advisory_xact_lock_shared({_KEY})"),
    text(f"select pg_advisory_xact_lock({_KEY})"),
)


def lock_shared(session: Session) -> None:
    """Beside others, until the transaction ends."""
    session.execute(_SHARED)


def lock_alone(session: Session, wait_ms: int) -> None:
    """Until the transaction ends, after having waited so long at most; other locks are waited for as before."""
    held = session.execute(text("select current_setting('lock_timeout')")).scalar_one()
    session.execute(text(f"set local lock_timeout = {int(wait_ms)}"))
    session.execute(_ALONE)
    session.execute(text("select set_config('lock_timeout', :held, true)"), {"held": held})


def add_lineage(session: Session, plan_id: int, rows: Iterable[tuple[int, int, int, float]]) -> int:
    """Rows of (from, to, households, share)."""
    columns = (("from_id", "bigint"), ("to_id", "bigint"), ("households", "integer"), ("share", "float8"))
    count = stage(session, "new_lineage", columns, rows)
    session.execute(
        text(
            "insert into areas_lineage (plan_id, from_id, to_id, households, share) "
            "select :plan, from_id, to_id, households, share from new_lineage"
        ),
        {"plan": plan_id},
    )
    return count


def lineage(session: Session, plan_ids: list[int]) -> list[Row[Any]]:
    """(plan_id, from_id, to_id, households, share), the largest share of each area first."""
    return list(
        session.execute(
            text(
                "select plan_id, from_id, to_id, households, share from areas_lineage where plan_id = any (:plans) "
                "order by plan_id, from_id, share desc, to_id"
            ),
            {"plans": plan_ids},
        )
    )


def children(session: Session, area_ids: list[int], at: datetime) -> list[Row[Any]]:
    """(area_id, level, code) of what lies directly below these areas at the instant."""
    return list(
        session.execute(
            text(
                "select area_id, level, code from areas_version where parent_id = any (:ids) "
                "and valid @> cast(:at as timestamptz) order by level, code"
            ),
            {"ids": area_ids, "at": at},
        )
    )


def attributes(session: Session, area_ids: list[int], at: datetime) -> dict[int, Mapping[str, Any]]:
    """By id, of those in force at the instant."""
    rows = session.execute(
        text(
            "select area_id, attributes from areas_version where area_id = any (:ids) "
            "and valid @> cast(:at as timestamptz)"
        ),
        {"ids": area_ids, "at": at},
    )
    return {row.area_id: row.attributes for row in rows}


def changed_by(session: Session, plan_id: int) -> tuple[set[int], set[int]]:
    """Areas of which a version began, and of which one ended, with the plan."""
    rows = session.execute(
        text("select area_id, plan_id = :plan as began from areas_version where :plan in (plan_id, ended_plan_id)"),
        {"plan": plan_id},
    ).all()
    return {row.area_id for row in rows if row.began}, {row.area_id for row in rows if not row.began}


def left_of(session: Session, plan_ids: list[int]) -> set[int]:
    """Those boundary plans of which any version is in force or to come."""
    return set(
        session.execute(
            text("select distinct plan_id from areas_version where plan_id = any (:plans) and upper_inf(valid)"),
            {"plans": plan_ids},
        ).scalars()
    )


def voided_codes(session: Session, level: str, at: datetime) -> set[str]:
    """Codes that were in force before the instant and are not at it."""
    return set(
        session.execute(
            text(
                "select distinct code from areas_version where level = :level and upper(valid) <= :at and code not in "
                "(select code from areas_version where level = :level and valid @> cast(:at as timestamptz))"
            ),
            {"level": level, "at": at},
        ).scalars()
    )
