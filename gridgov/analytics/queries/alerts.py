"""SQL of thresholds and of what stands above them. Private to the domain."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

_RULE = """
    select id, revision, desk, area_id, names, counted, measure, level, days, threshold, categories, channels, agencies,
           changed_at, ended_at
    from analytics_alert_rule
"""
_SAID = ("area_id", "names", "counted", "measure", "level", "days", "threshold", "categories", "channels", "agencies")


def alone(session: Session) -> None:
    """One look at a time in a city, until the transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(hashtext(current_schema() || '.analytics.alerts'))"))


def alone_at(session: Session, desk: str) -> None:
    """One change at a time of the rules of a post."""
    session.execute(
        text("select pg_advisory_xact_lock(hashtext(current_schema() || '.analytics.alerts.' || :desk))"),
        {"desk": desk},
    )


def rules(session: Session, *, ids: Sequence[UUID] | None = None, ended: bool = False) -> list[Row[Any]]:
    """Those that the reader sees, oldest first; `ids`: only these; `ended`: those that were taken back, too."""
    parts = [] if ended else ["ended_at is null"]
    if ids is not None:
        parts.append("id = any (cast(:ids as uuid[]))")
    where = f" where {' and '.join(parts)}" if parts else ""
    return list(session.execute(text(f"{_RULE}{where} order by made_at, id"), {"ids": list(ids or ())}))


def count(session: Session, desk: str) -> int:
    sql = "select count(*) from analytics_alert_rule where desk = :desk and ended_at is null"
    return int(session.execute(text(sql), {"desk": desk}).scalar_one())


def add(session: Session, values: Mapping[str, Any]) -> bool:
    """Whether it was new."""
    names = ("id", "desk", "account_id", "post_id", "made_at", *_SAID)
    held = ", ".join("cast(:names as jsonb)" if name == "names" else f":{name}" for name in names)
    sql = f"""
        insert into analytics_alert_rule (revision, changed_at, {", ".join(names)}) values (1, :made_at, {held})
        on conflict (id) do nothing returning 1
        """  # noqa: S608  # every part is written in the code; values are bound
    return session.execute(text(sql), {**values, "names": json.dumps(values["names"])}).one_or_none() is not None


def change(session: Session, ident: UUID, revision: int, values: Mapping[str, Any]) -> bool:
    """Whether it stood at that revision."""
    held = ", ".join(f"{name} = " + ("cast(:names as jsonb)" if name == "names" else f":{name}") for name in _SAID)
    sql = f"""
        update analytics_alert_rule set revision = revision + 1, changed_at = :now, {held}
        where id = :id and revision = :revision and ended_at is null returning 1
        """  # noqa: S608  # the same
    given = {**values, "names": json.dumps(values["names"]), "id": ident, "revision": revision}
    return session.execute(text(sql), given).one_or_none() is not None


def end(session: Session, ident: UUID, revision: int, now: datetime) -> bool:
    """Whether it stood at that revision."""
    sql = """
        update analytics_alert_rule set ended_at = :now, revision = revision + 1
        where id = :id and revision = :revision and ended_at is null returning 1
        """
    return session.execute(text(sql), {"id": ident, "revision": revision, "now": now}).one_or_none() is not None


def standing(session: Session) -> list[Row[Any]]:
    """What stands above now and the reader sees, newest first."""
    sql = """
        select a.id, a.rule_id, a.area_id, a.began_at, a.value, a.threshold from analytics_alert a
        where a.ended_at is null order by a.began_at desc, a.id desc
        """
    return list(session.execute(text(sql)))


def past(session: Session, *, before: tuple[datetime, int] | None, limit: int) -> list[Row[Any]]:
    """All that ever stood above and the reader sees, newest first, after a key."""
    key = "" if before is None else "where (a.began_at, a.id) < (:before_at, :before_id)"
    sql = f"""
        select a.id, a.rule_id, a.area_id, a.began_at, a.ended_at, a.value, a.threshold,
               (select v.code from areas_version v where v.area_id = a.area_id
                order by lower(v.valid) desc limit 1) as code
        from analytics_alert a {key} order by a.began_at desc, a.id desc limit :limit
        """  # noqa: S608  # the same
    at, ident = before or (None, None)
    return list(session.execute(text(sql), {"before_at": at, "before_id": ident, "limit": limit}))


def open_of(session: Session) -> list[Row[Any]]:
    """(rule_id, area_id) of all that stand above."""
    return list(session.execute(text("select rule_id, area_id from analytics_alert where ended_at is null")))


def anything(session: Session) -> bool:
    sql = """
        select exists (select from analytics_alert_rule where ended_at is null)
            or exists (select from analytics_alert where ended_at is null)
        """
    return bool(session.execute(text(sql)).scalar_one())


def write_began(
    session: Session, rule: UUID, revision: int, threshold: float, began: Mapping[int, float], at: datetime
) -> None:
    session.execute(
        text(
            """
            insert into analytics_alert (rule_id, revision, threshold, area_id, value, began_at)
            select :rule, :revision, :threshold, n.area_id, n.value, :at
            from unnest(cast(:areas as bigint[]), cast(:values as double precision[])) n (area_id, value)
            """
        ),
        {
            "rule": rule, "revision": revision, "threshold": threshold, "areas": list(began),
            "values": list(began.values()), "at": at,
        },
    )  # fmt: skip


def write_ceased(session: Session, rule: UUID, areas: Sequence[int], at: datetime) -> None:
    session.execute(
        text(
            "update analytics_alert set ended_at = greatest(:at, began_at) where rule_id = :rule and ended_at is null "
            "and area_id = any (cast(:areas as bigint[]))"
        ),
        {"rule": rule, "areas": list(areas), "at": at},
    )
