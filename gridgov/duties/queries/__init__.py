"""All SQL of duties, here and in `lists`. Private to the domain."""

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


def agency_lines(session: Session) -> list[Row[Any]]:
    """(id, parent_id, stationed_id) of every agency."""
    return list(session.execute(text("select id, parent_id, stationed_id from duties_agency order by id")))


def site_counts(session: Session) -> dict[int, int]:
    """Agency id -> how many sites it has itself."""
    rows = session.execute(
        text("select agency_id, count(*) as sites from duties_site where agency_id is not null group by agency_id")
    )
    return {row.agency_id: int(row.sites) for row in rows}


def close_agency(session: Session, code: str, at: datetime | None) -> bool:
    """Says since when a body does not exist any more (None: it does); whether there is one of that code."""
    done = session.execute(
        text("update duties_agency set closed_at = :at where code = :code"), {"code": code, "at": at}
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it; the general type has not


def service_points(session: Session, box: tuple[float, float, float, float]) -> list[Row[Any]]:
    """(lon, lat) of sites of no agency in a box of degrees, by id."""
    sql = """
        select st_x(geom) as lon, st_y(geom) as lat from duties_site
        where agency_id is null and geom && st_makeenvelope(:west, :south, :east, :north, 4326) order by id
        """
    corners = dict(zip(("west", "south", "east", "north"), box, strict=True))
    return list(session.execute(text(sql), corners))
