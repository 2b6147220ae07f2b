"""SQL of the city itself and of boundary versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from gridgov.areas.tables import City
from gridgov.platform.bulk import stage

BEGINNING = "-infinity"


def instant(at: datetime | None) -> str:
    """An instant as PostgreSQL reads it; None is the beginning of time."""
    return BEGINNING if at is None else at.isoformat()


def current_city(session: Session) -> str | None:
    """The schema that this session looks into first; None when it does not exist."""
    found: str | None = session.execute(text("select current_schema()")).scalar_one()
    return found


def city_codes(session: Session) -> list[str]:
    """Codes of the cities that are registered, in order; none in a database before its first migration."""
    if session.execute(text("select to_regclass('catalogue.city')")).scalar_one() is None:
        return []
    return list(session.execute(select(City.code).order_by(City.code)).scalars())


def cities(session: Session) -> list[Row[Any]]:
    """(code, names) of every registered city, by code."""
    if session.execute(text("select to_regclass('catalogue.city')")).scalar_one() is None:
        return []
    return list(session.execute(select(City.code, City.names).order_by(City.code)))


def city_row(session: Session, code: str) -> Row[Any] | None:
    return session.execute(
        select(
            City.code,
            City.names,
            City.timezone,
            City.srid_m,
            City.nearest,
            City.demo,
            City.centre.ST_X().label("lon"),
            City.centre.ST_Y().label("lat"),
        ).where(City.code == code)
    ).one_or_none()


def upsert_city(session: Session, values: Mapping[str, Any]) -> bool:
    """Registers the city or changes what is registered; True when that changed anything."""
    done = session.execute(
        text(
            """
            insert into catalogue.city as c (code, names, timezone, centre, srid_m, nearest, demo)
            values (:code, cast(:names as jsonb), :timezone, st_setsrid(st_makepoint(:lon, :lat), 4326), :srid_m,
                    :nearest, :demo)
            on conflict (code) do update
               set names = excluded.names, timezone = excluded.timezone, centre = excluded.centre,
                   srid_m = excluded.srid_m, nearest = excluded.nearest, demo = excluded.demo
             where (c.names, c.timezone, c.centre, c.srid_m, c.nearest, c.demo)
                   is distinct from (excluded.names, excluded.timezone, excluded.centre, excluded.srid_m,
                                     excluded.nearest, excluded.demo)
            returning 1
            """
        ),
        dict(values),
    )
    return done.one_or_none() is not None


def turning_points(session: Session) -> list[datetime | None]:
    """Instants at which boundaries begin or end, ascending; None first where some hold since before any record."""
    rows = session.execute(
        text(
            "select case when lower_inf(valid) then null else lower(valid) end from areas_version "
            "union select upper(valid) from areas_version where not upper_inf(valid)"
        )
    ).scalars()
    return sorted(rows, key=lambda since: (since is not None, since))


def versions_at(session: Session, at: datetime | None) -> list[Row[Any]]:
    """Every version in force at the instant, with its shape as WKB."""
    return list(
        session.execute(
            text(
                """
                select area_id, level, code, names, parent_id, kind, population, households, digest,
                       st_asbinary(geom) as wkb
                from areas_version where valid @> cast(:at as timestamptz) order by area_id
                """
            ),
            {"at": instant(at)},
        )
    )


def identities_at(session: Session, at: datetime | None) -> list[Row[Any]]:
    """(area_id, level, code, parent_id, digest) in force at the instant, without shapes."""
    columns = "area_id, level, code, parent_id, digest"
    return list(
        session.execute(
            text(f"select {columns} from areas_version where valid @> cast(:at as timestamptz)"),  # noqa: S608  # of constants
            {"at": instant(at)},
        )
    )


def turns_at_or_after(session: Session, area_ids: list[int], at: datetime) -> int:
    """How many versions of these areas begin at the instant or later."""
    return int(
        session.execute(
            text(
                "select count(*) from areas_version "
                "where area_id = any(:ids) and lower(valid) >= cast(:at as timestamptz)"
            ),
            {"ids": area_ids, "at": instant(at)},
        ).scalar_one()
    )


def in_force_from(session: Session, keys: Sequence[tuple[str, str]], at: datetime | None) -> Row[Any] | None:
    """The first of these (level, code) of which a version is in force at the instant or later, or None."""
    return session.execute(
        text(
            """
            select v.level, v.code
            from unnest(cast(:levels as text[]), cast(:codes as text[])) as wanted (level, code)
            join areas_version v using (level, code)
            where v.valid && tstzrange(nullif(cast(:at as timestamptz), '-infinity'), null, '[)')
            order by v.level, v.code limit 1
            """
        ),
        {"levels": [level for level, _ in keys], "codes": [code for _, code in keys], "at": instant(at)},
    ).one_or_none()


def add_plan(session: Session, *, name: str, basis: str | None, digest: str, valid_from: datetime | None) -> int:
    return int(
        session.execute(
            text(
                "insert into areas_plan (name, basis, digest, valid_from) "
                "values (:name, :basis, :digest, cast(:at as timestamptz)) returning id"
            ),
            {"name": name, "basis": basis, "digest": digest, "at": instant(valid_from)},
        ).scalar_one()
    )


def add_areas(session: Session, plan_id: int, levels: list[str]) -> list[int]:
    """New identities, in the order of `levels`."""
    rows = session.execute(
        text(
            """
            with wanted as (select level, n from unnest(cast(:levels as text[])) with ordinality as w (level, n)),
                 made as (insert into areas (level, plan_id) select level, :plan from wanted order by n returning id)
            select id from made order by id
            """
        ),
        {"levels": levels, "plan": plan_id},
    )
    return list(rows.scalars())


def end_versions(session: Session, plan_id: int, area_ids: list[int], at: datetime) -> int:
    """Ends at the instant what is in force then for these areas; the ended versions stay and name the plan."""
    done = session.execute(
        text(
            """
            update areas_version
               set valid = tstzrange(lower(valid), cast(:at as timestamptz), '[)'), ended_plan_id = :plan
             where area_id = any(:ids) and valid @> cast(:at as timestamptz)
            returning 1
            """
        ),
        {"plan": plan_id, "ids": area_ids, "at": instant(at)},
    )
    return len(done.all())


VERSION_COLUMNS = (
    ("area_id", "bigint"),
    ("level", "text"),
    ("parent_id", "bigint"),
    ("code", "text"),
    ("names", "jsonb"),
    ("kind", "text"),
    ("population", "integer"),
    ("households", "integer"),
    ("attributes", "jsonb"),
    ("digest", "bytea"),
    ("geom", "geometry"),
)


def add_versions(
    session: Session, plan_id: int, valid_from: datetime | None, srid_m: int, rows: Iterable[tuple[Any, ...]]
) -> int:
    """Rows in the order of `VERSION_COLUMNS`, in force from the instant on. Returns their number."""
    stage(session, "new_version", VERSION_COLUMNS, rows)
    done = session.execute(
        text(
            """
            insert into areas_version (area_id, plan_id, valid, level, parent_id, code, names, kind, population,
                                       households, attributes, digest, geom, label, area_m2)
            select area_id, :plan, tstzrange(nullif(cast(:at as timestamptz), '-infinity'), null, '[)'), level,
                   parent_id, code, names, kind, population, households, attributes, digest, st_multi(geom),
                   st_pointonsurface(geom), st_area(st_transform(geom, :srid))
            from new_version
            """
        ),
        {"plan": plan_id, "at": instant(valid_from), "srid": srid_m},
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def areas_page(session: Session, filters: Mapping[str, Any], limit: int) -> list[Row[Any]]:
    """One page of areas in force at `at`, by (level, code), after the given key."""
    return list(
        session.execute(
            text(
                """
                select v.area_id as id, v.level, v.code, v.names, v.parent_id, p.code as parent_code, v.kind,
                       v.population, v.households, v.area_m2, st_x(v.label) as lon, st_y(v.label) as lat, v.attributes,
                       lower(v.valid) as valid_from, upper(v.valid) as valid_to,
                       case when :geometry then st_asgeojson(v.geom, 7)::jsonb end as geometry
                from areas_version v
                left join areas_version p on p.area_id = v.parent_id and p.valid @> cast(:at as timestamptz)
                where v.valid @> cast(:at as timestamptz)
                  and (cast(:level as text) is null or v.level = :level)
                  and (cast(:parent as bigint) is null or v.parent_id = :parent)
                  and (cast(:id as bigint) is null or v.area_id = :id)
                  and (cast(:code as text) is null or v.code = :code)
                  and (cast(:west as float8) is null or v.geom && st_makeenvelope(:west, :south, :east, :north, 4326))
                  and (cast(:after_level as text) is null or (v.level, v.code) > (:after_level, :after_code))
                order by v.level, v.code
                limit :limit
                """
            ),
            {**filters, "limit": limit},
        )
    )


def counts_by_level(session: Session) -> dict[str, int]:
    rows = session.execute(text("select level, count(*) as n from areas_version where upper_inf(valid) group by level"))
    return {row.level: row.n for row in rows}


def extent(session: Session) -> tuple[float, float, float, float] | None:
    """West, south, east, north of everything in force now."""
    row = session.execute(
        text(
            "select st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e) from "
            "(select st_extent(geom)::geometry as e from areas_version where upper_inf(valid)) x where e is not null"
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2], row[3])
