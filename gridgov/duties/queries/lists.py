"""SQL of duty lists: versions and drafts, their items and supporting bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def newest(session: Session, name: str) -> Row[Any] | None:
    """The version that no other follows: (id, version, kind, digest, since), or None."""
    return session.execute(
        text(
            "select id, version, kind, digest, lower(valid) as since from duties_list "
            "where name = :name and state = 'published' order by version desc limit 1"
        ),
        {"name": name},
    ).one_or_none()


def hold(session: Session, name: str) -> None:
    """Nobody else changes this list until the transaction ends."""
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(current_schema() || '.duties_list.' || :name, 0))"),
        {"name": name},
    )


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


FACTS = """
    select l.id, l.name, l.kind, l.state, l.version, l.basis, l.digest, l.base_id, l.drafted_by, l.drafted_at,
           l.wanted_from, l.acknowledged, l.approval_id,
           case when lower_inf(l.valid) then null else lower(l.valid) end as valid_from, upper(l.valid) as valid_to,
           (select count(*) from duties_item i where i.list_id = l.id) as items
    from duties_list l
"""


def one(session: Session, list_id: int, *, lock: bool = False) -> Row[Any] | None:
    """A version or a draft with the number of its items; with `lock` nobody else changes it meanwhile."""
    sql = f"{FACTS} where l.id = :id and (l.state = 'published' or l.drafted_at is not null)"
    return session.execute(text(sql + (" for update" if lock else "")), {"id": list_id}).one_or_none()


def find(
    session: Session, *, name: str | None, state: str | None, kind: str | None, before: int | None, limit: int
) -> list[Row[Any]]:
    """Versions and drafts, newest first, below the id `before`."""
    return list(
        session.execute(
            text(
                f"""
                {FACTS}
                where (l.state = 'published' or l.drafted_at is not null)
                  and (cast(:name as text) is null or l.name = :name)
                  and (cast(:state as text) is null or l.state = :state)
                  and (cast(:kind as text) is null or l.kind = :kind)
                  and (cast(:before as bigint) is null or l.id < :before)
                order by l.id desc limit :limit
                """
            ),
            {"name": name, "state": state, "kind": kind, "before": before, "limit": limit},
        )
    )


def in_force(session: Session, at: datetime) -> list[Row[Any]]:
    """The versions in force at the instant, by name."""
    return list(session.execute(text(f"{FACTS} where l.valid @> :at order by l.name"), {"at": at}))


def add_draft(session: Session, draft: Mapping[str, Any]) -> int:
    """Columns: name, kind, basis, digest, base_id, drafted_by, drafted_at."""
    return int(
        session.execute(
            text(
                "insert into duties_list (name, kind, state, basis, digest, base_id, drafted_by, drafted_at) "
                "values (:name, :kind, 'draft', :basis, :digest, :base_id, :drafted_by, :drafted_at) returning id"
            ),
            draft,
        ).scalar_one()
    )


def draft_of(session: Session, name: str) -> int | None:
    """The id of the draft of a list."""
    found: int | None = session.execute(
        text("select id from duties_list where name = :name and state <> 'published' and drafted_at is not null"),
        {"name": name},
    ).scalar_one_or_none()
    return found


def drop_draft(session: Session, list_id: int) -> None:
    """Takes a draft away with its items."""
    for sql in (
        "delete from duties_support s using duties_item i where i.id = s.item_id and i.list_id = :id",
        "delete from duties_item where list_id = :id",
        "delete from duties_list where id = :id and state <> 'published'",
    ):
        session.execute(text(sql), {"id": list_id})


def ask(
    session: Session, list_id: int, *, wanted_from: datetime | None, acknowledged: Sequence[str], approval_id: int
) -> None:
    """A draft was checked, and its publication is asked for."""
    session.execute(
        text(
            "update duties_list set state = 'checked', wanted_from = :wanted_from, acknowledged = :acknowledged, "
            "approval_id = :approval_id where id = :id and state <> 'published'"
        ),
        {
            "id": list_id,
            "wanted_from": wanted_from,
            "acknowledged": list(acknowledged),
            "approval_id": approval_id,
        },
    )


def page_of_items(session: Session, list_id: int, *, after: int, limit: int) -> list[Row[Any]]:
    """Items of one version or draft by id, above the id `after`."""
    return list(
        session.execute(
            text(f"{_ITEMS} where i.list_id = :id and i.id > :after order by i.id limit :limit"),
            {"id": list_id, "after": after, "limit": limit},
        )
    )


def admissions_named(session: Session) -> set[int]:
    """The admissions by which any published item came."""
    return set(
        session.execute(
            text(
                "select distinct i.admission_id from duties_item i join duties_list l on l.id = i.list_id "
                "where i.admission_id is not null and l.state = 'published'"
            )
        ).scalars()
    )
