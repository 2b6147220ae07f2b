"""SQL of duty lists: versions and drafts, their items and supporting bodies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.platform.bulk import stage


def list_in_force(session: Session, name: str, at: str) -> Row[Any] | None:
    return session.execute(
        text(
            "select id, version, kind, digest, lower(valid) as since, lower_inf(valid) as always from duties_list "
            "where name = :name and valid @> cast(:at as timestamptz)"
        ),
        {"name": name, "at": at},
    ).one_or_none()


def later_list(session: Session, name: str, at: str) -> datetime | None:
    """When the first version of the list begins that begins after the instant, or None."""
    found: datetime | None = session.execute(
        text(
            "select min(lower(valid)) from duties_list where name = :name and lower(valid) > cast(:at as timestamptz)"
        ),
        {"name": name, "at": at},
    ).scalar_one()
    return found


def end_list(session: Session, list_id: int, at: str) -> None:
    session.execute(
        text("update duties_list set valid = tstzrange(lower(valid), cast(:at as timestamptz), '[)') where id = :id"),
        {"id": list_id, "at": at},
    )


def add_list(session: Session, *, name: str, kind: str, basis: str | None, digest: str) -> int:
    """A list without items, a draft until `publish`; nobody's draft, so it may stand beside one."""
    return int(
        session.execute(
            text(
                "insert into duties_list (name, kind, state, basis, digest) "
                "values (:name, :kind, 'draft', :basis, :digest) returning id"
            ),
            {"name": name, "kind": kind, "basis": basis, "digest": digest},
        ).scalar_one()
    )


def publish(session: Session, list_id: int, at: str) -> int:
    """Puts a draft in force from the instant on; returns its version. The version before has to be ended first."""
    return int(
        session.execute(
            text(
                """
                update duties_list l set state = 'published',
                       version = (select coalesce(max(o.version), 0) + 1 from duties_list o where o.name = l.name),
                       valid = tstzrange(nullif(cast(:at as timestamptz), '-infinity'), null, '[)')
                where l.id = :id returning l.version
                """
            ),
            {"id": list_id, "at": at},
        ).scalar_one()
    )


ITEM: tuple[tuple[str, str], ...] = (
    ("code", "text"),
    ("category", "text"),
    ("area_id", "bigint"),
    ("management_class", "text"),
    ("lead_agency_id", "bigint"),
    ("lead_level", "text"),
    ("served_from_sites", "boolean"),
    ("nearest", "text"),
    ("basis", "text"),
    ("time_limit", "text"),
    ("attributes", "jsonb"),
    ("level", "text"),
    ("payer_agency_id", "bigint"),
    ("opening", "text"),
    ("closing", "text"),
    ("risk_points", "jsonb"),
    ("admission_id", "bigint"),
    ("expires_at", "timestamptz"),
)
SUPPORT = (("code", "text"), ("position", "smallint"), ("agency_id", "bigint"), ("level", "text"))
_NAMES = ", ".join(name for name, _ in ITEM)


def add_items(
    session: Session, list_id: int, items: Sequence[tuple[Any, ...]], supports: Sequence[tuple[Any, ...]]
) -> int:
    """Items: in the order of `ITEM`. Supports: item code, position, agency_id, level. The list must be a draft."""
    stage(session, "new_item", ITEM, items)
    stage(session, "new_support", SUPPORT, supports)
    done = session.execute(
        text(f"insert into duties_item (list_id, {_NAMES}) select :list, {_NAMES} from new_item"),  # noqa: S608 -- literals of this module
        {"list": list_id},
    )
    session.execute(
        text(
            """
            insert into duties_support (item_id, position, agency_id, level)
            select i.id, s.position, s.agency_id, s.level
            from new_support s join duties_item i on i.list_id = :list and i.code = s.code
            """
        ),
        {"list": list_id},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an INSERT's result has it; the general type has not


# The instant is compared with the item's own end too; a draft has none of both.
_ITEMS = f"""
    select i.id, i.{_NAMES.replace(", ", ", i.")}, l.name as list_name, l.version as list_version, l.kind as list_kind,
           array(select s.agency_id from duties_support s where s.item_id = i.id order by s.position)
               as support_agencies,
           array(select s.level from duties_support s where s.item_id = i.id order by s.position)
               as support_levels
    from duties_item i join duties_list l on l.id = i.list_id
"""  # noqa: S608 -- literals of this module


def items_at(session: Session, at: str) -> list[Row[Any]]:
    """Items of every list in force at the instant, with their supporting bodies."""
    return list(
        session.execute(
            text(
                f"{_ITEMS} where l.valid @> cast(:at as timestamptz) "
                "and (i.expires_at is null or i.expires_at > cast(:at as timestamptz)) order by i.id"
            ),
            {"at": at},
        )
    )


def items_of(session: Session, list_id: int) -> list[Row[Any]]:
    """Items of one version or draft, by id, with their supporting bodies."""
    return list(session.execute(text(f"{_ITEMS} where i.list_id = :id order by i.id"), {"id": list_id}))


def list_turning_points(session: Session) -> list[Any]:
    """Instants at which a list begins or ends, or an item of one; None for "since before any record"."""
    return list(
        session.execute(
            text(
                "select case when lower_inf(valid) then null else lower(valid) end from duties_list "
                "where state = 'published' "
                "union select upper(valid) from duties_list where not upper_inf(valid) "
                "union select i.expires_at from duties_item i join duties_list l on l.id = i.list_id "
                "where i.expires_at is not null and l.state = 'published'"
            )
        ).scalars()
    )
