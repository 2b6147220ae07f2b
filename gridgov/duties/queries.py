"""All SQL of duties. Private to the domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Row, func, select, text
from sqlalchemy.orm import Session

from gridgov.duties.tables import Agency, Category, Site
from gridgov.platform.bulk import stage


@dataclass(frozen=True, slots=True)
class Merged:
    """Rows that were new, that replaced another content, and that were there already."""

    added: int
    changed: int
    repeated: int


def _merge(
    session: Session,
    table: str,
    columns: Sequence[tuple[str, str]],
    key: Sequence[str],
    rows: Iterable[Any],
    *,
    wrap: Mapping[str, str] | None = None,
) -> Merged:
    """Insert or renew by key; rows whose content is the same are left alone. `wrap`: an expression for a column."""
    count = stage(session, "new_row", columns, rows)
    names = [name for name, _ in columns]
    values = [name for name in names if name not in key]
    chosen = [(wrap or {}).get(name, name) for name in names]
    keys = ", ".join(key)
    stored, brought = (", ".join(f"{side}.{name}" for name in values) for side in ("t", "excluded"))
    done = session.execute(
        text(
            f"""
            insert into {table} as t ({", ".join(names)}) select {", ".join(chosen)} from new_row order by {keys}
            on conflict ({keys}) do update set {", ".join(f"{name} = excluded.{name}" for name in values)}
            where ({stored}) is distinct from ({brought})
            returning (xmax = 0)
            """  # noqa: S608  # every name is a literal of this module
        )
    ).scalars()
    flags = list(done)
    added = sum(flags)
    return Merged(added, len(flags) - added, count - len(flags))


def merge_national(session: Session, rows: Iterable[Any]) -> Merged:
    """Rows: standard_ref, kind, code, group_code, names, group_names."""
    columns = (
        ("standard_ref", "text"),
        ("kind", "text"),
        ("code", "text"),
        ("group_code", "text"),
        ("names", "jsonb"),
        ("group_names", "jsonb"),
    )
    return _merge(session, "catalogue.category", columns, ("standard_ref", "kind", "code"), rows)


def merge_categories(session: Session, rows: Iterable[Any]) -> Merged:
    """Rows: kind, code, names, group_code, group_names, standard_ref, pinyin, initials."""
    columns = (
        ("kind", "text"),
        ("code", "text"),
        ("names", "jsonb"),
        ("group_code", "text"),
        ("group_names", "jsonb"),
        ("standard_ref", "text"),
        ("pinyin", "text"),
        ("initials", "text"),
    )
    return _merge(session, "duties_category", columns, ("kind", "code"), rows)


def merge_agencies(session: Session, rows: Iterable[Any]) -> Merged:
    """Rows: code, names, kind, attributes."""
    columns = (("code", "text"), ("names", "jsonb"), ("kind", "text"), ("attributes", "jsonb"))
    return _merge(session, "duties_agency", columns, ("code",), rows)


def set_parents(session: Session, pairs: Mapping[str, str]) -> int:
    """Agency code -> code of the agency above it; returns how many changed."""
    done = session.execute(
        text(
            """
            update duties_agency a set parent_id = p.id
            from unnest(cast(:codes as text[]), cast(:parents as text[])) as pair (code, parent)
            join duties_agency p on p.code = pair.parent
            where a.code = pair.code and a.parent_id is distinct from p.id
            """
        ),
        {"codes": list(pairs), "parents": list(pairs.values())},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it; the general type has not


def set_stationed(session: Session, pairs: Mapping[str, int]) -> int:
    """Agency code -> id of the area it is stationed in; returns how many changed."""
    done = session.execute(
        text(
            """
            update duties_agency a set stationed_id = pair.area_id
            from unnest(cast(:codes as text[]), cast(:areas as bigint[])) as pair (code, area_id)
            where a.code = pair.code and a.stationed_id is distinct from pair.area_id
            """
        ),
        {"codes": list(pairs), "areas": list(pairs.values())},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it; the general type has not


def merge_sites(session: Session, rows: Iterable[Any]) -> Merged:
    """Rows: source, source_id, agency_id, names, kind, address, service_area, attributes, digest, geom."""
    columns = (
        ("source", "text"),
        ("source_id", "text"),
        ("agency_id", "bigint"),
        ("names", "jsonb"),
        ("kind", "text"),
        ("address", "text"),
        ("service_area", "geometry"),
        ("attributes", "jsonb"),
        ("digest", "bytea"),
        ("geom", "geometry"),
    )
    wrap = {"service_area": "st_multi(service_area)"}
    return _merge(session, "duties_site", columns, ("source", "source_id"), rows, wrap=wrap)


def agencies(session: Session) -> list[Agency]:
    return list(session.scalars(select(Agency).order_by(Agency.code)))


def categories(session: Session, kind: str | None = None) -> list[Category]:
    chosen = select(Category).order_by(Category.kind.desc(), Category.code)
    return list(session.scalars(chosen if kind is None else chosen.where(Category.kind == kind)))


def sites(session: Session) -> list[Row[Any]]:
    """Every site with its point and service area as WKB."""
    return list(
        session.execute(
            select(
                Site.id,
                Site.agency_id,
                Site.names,
                Site.kind,
                Site.address,
                Site.geom.ST_X().label("lon"),
                Site.geom.ST_Y().label("lat"),
                func.ST_AsBinary(Site.service_area, type_=LargeBinary).label("service_area"),
            ).order_by(Site.id)
        )
    )


def list_in_force(session: Session, name: str, at: str) -> Row[Any] | None:
    return session.execute(
        text(
            "select id, version, digest, lower(valid) as since, lower_inf(valid) as always from duties_list "
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


def add_list(session: Session, *, name: str, basis: str | None, digest: str, at: str) -> int:
    return int(
        session.execute(
            text(
                """
                insert into duties_list (name, version, basis, digest, valid)
                select :name, coalesce(max(version), 0) + 1, :basis, :digest,
                       tstzrange(nullif(cast(:at as timestamptz), '-infinity'), null, '[)')
                from duties_list where name = :name
                returning id
                """
            ),
            {"name": name, "basis": basis, "digest": digest, "at": at},
        ).scalar_one()
    )


def add_items(
    session: Session, list_id: int, items: Sequence[tuple[Any, ...]], supports: Sequence[tuple[Any, ...]]
) -> int:
    """Items: code, category, area_id, management_class, lead_agency_id, lead_level, served_from_sites, nearest, basis,
    time_limit, attributes. Supports: item code, position, agency_id, level."""
    columns = (
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
    )
    stage(session, "new_item", columns, items)
    stage(
        session,
        "new_support",
        (("code", "text"), ("position", "smallint"), ("agency_id", "bigint"), ("level", "text")),
        supports,
    )
    names = ", ".join(name for name, _ in columns)
    done = session.execute(
        text(f"insert into duties_item (list_id, {names}) select :list, {names} from new_item"),  # noqa: S608 -- literals of this module
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


def items_at(session: Session, at: str) -> list[Row[Any]]:
    """Items of every list in force at the instant, with their supporting bodies."""
    return list(
        session.execute(
            text(
                """
                select i.id, i.code, i.category, i.area_id, i.management_class, i.lead_agency_id, i.lead_level,
                       i.served_from_sites, i.nearest, i.basis, l.name as list_name, l.version as list_version,
                       array(select s.agency_id from duties_support s where s.item_id = i.id order by s.position)
                           as support_agencies,
                       array(select s.level from duties_support s where s.item_id = i.id order by s.position)
                           as support_levels
                from duties_item i join duties_list l on l.id = i.list_id
                where l.valid @> cast(:at as timestamptz)
                order by i.id
                """
            ),
            {"at": at},
        )
    )


def list_turning_points(session: Session) -> list[Any]:
    """Instants at which a list begins or ends; None for "since before any record"."""
    return list(
        session.execute(
            text(
                "select case when lower_inf(valid) then null else lower(valid) end from duties_list "
                "union select upper(valid) from duties_list where not upper_inf(valid)"
            )
        ).scalars()
    )


def agency_lines(session: Session) -> list[Row[Any]]:
    """(id, parent_id, stationed_id) of every agency."""
    return list(session.execute(text("select id, parent_id, stationed_id from duties_agency order by id")))
