"""SQL of incidents; that of their contacts lies beside it. Private to the domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.auth.rules import Reach
from gridgov.auth.scope import condition
from gridgov.incidents.lying import ANYWHERE, Lying, conditions
from gridgov.incidents.queries import viewport
from gridgov.platform.bulk import stage


def claim(session: Session, client_id: UUID, digest: bytes, happened_at: datetime) -> bytes | None:
    """Takes the client's id for this transaction; returns None, or the digest that the id was taken with before.

    Two at once: the second waits for the first to commit, then sees its digest.
    """
    taken = session.execute(
        text(
            "insert into incidents_key (id, body_sha256, happened_at) values (:id, :digest, :at) "
            "on conflict (id) do nothing returning 1"
        ),
        {"id": client_id, "digest": digest, "at": happened_at},
    ).one_or_none()
    if taken is not None:
        return None
    return bytes(
        session.execute(text("select body_sha256 from incidents_key where id = :id"), {"id": client_id}).scalar_one()
    )


_SHOWN = """
    select i.id, i.number, i.category_id, i.channel, i.status, i.happened_at, i.received_at,
           i.reported_lon, i.reported_lat,
           i.datum, i.accuracy_m, st_x(i.geom) as lon, st_y(i.geom) as lat,
           i.area_id, i.grid_id, i.unit_id, i.outside_m, i.candidate_ids,
           i.agency_id, i.lead_area_id, i.site_id, i.item_id, {text}, i.place,
           c.code as category_code, c.names as category_names,
           a.code as agency_code, a.names as agency_names, s.names as site_names, s.address as site_address
"""
NAMED = """
    join duties_category c on c.id = i.category_id
    left join duties_agency a on a.id = i.agency_id
    left join duties_site s on s.id = i.site_id
"""
SHOWN = _SHOWN.format(text="i.text, i.address")
SHOWN_NO_TEXT = _SHOWN.format(text="null::text as text, null::text as address")
SELECT, SELECT_NO_TEXT = (f"{shown} from incidents i {NAMED}" for shown in (SHOWN, SHOWN_NO_TEXT))
# What these read, for those who must name it: not everybody may read every column.
_READ = """
    id, number, channel, status, happened_at, received_at, reported_lon, reported_lat, datum, accuracy_m, geom,
    category_id, area_id, grid_id, unit_id, outside_m, candidate_ids, agency_id, lead_area_id, site_id, item_id, place
"""

INSERT = """
    insert into incidents (id, category_id, channel, happened_at, received_at, reported_lon, reported_lat, datum,
                           accuracy_m, area_id, grid_id, unit_id, outside_m, candidate_ids, agency_id, lead_area_id,
                           site_id, item_id, hex9, text, address, place, geom)
    values (:id, :category_id, :channel, :happened_at, :received_at, :reported_lon, :reported_lat, :datum,
            :accuracy_m, :area_id, :grid_id, :unit_id, :outside_m, :candidate_ids, :agency_id, :lead_area_id,
            :site_id, :item_id, :hex9, :text, :address, cast(:place as jsonb),
            st_setsrid(st_makepoint(:lon, :lat), 4326))
    returning *
"""
ADD = text(f"with i as ({INSERT}) {SHOWN} from i {NAMED}")


def add(session: Session, values: Mapping[str, Any]) -> Row[Any]:
    """Stores one incident; returns it as `one` would, without a second way to the database."""
    return session.execute(ADD, dict(values)).one()


def one(session: Session, incident_id: UUID, reach: Reach, *, with_text: bool = True) -> Row[Any] | None:
    """By id, if it lies within the reach; the key table says in which month to look."""
    month = "i.happened_at = (select k.happened_at from incidents_key k where k.id = :id)"
    within, values = condition(reach)
    sql = f"{SELECT if with_text else SELECT_NO_TEXT} where i.id = :id and {month} and {within}"
    return session.execute(text(sql), {"id": incident_id, **values}).one_or_none()


def page(
    session: Session,
    filters: Mapping[str, Any],
    limit: int,
    reach: Reach,
    *,
    lying: Lying = ANYWHERE,
    with_text: bool = True,
) -> list[Row[Any]]:
    """Newest first by (happened_at, id). A filter that is None is left out of the statement: plans stay sharp.

    The page is cut before names are joined, so that they are looked up for what is shown and not for all that matches.
    """
    ground = viewport.settle(session)
    clauses = {
        "since": "i.happened_at >= :since",
        "until": "i.happened_at < :until",
        "category_ids": "i.category_id = any(:category_ids)",
        "statuses": "i.status = any(:statuses)",
        "channels": "i.channel = any(:channels)",
        "agency_ids": "i.agency_id = any(:agency_ids)",
        "held_by": "i.agency_id is not distinct from nullif(:held_by, 0)",
        "before_at": "i.happened_at <= :before_at and (i.happened_at, i.id) < (:before_at, :before_id)",
    }
    given = {name: value for name, value in filters.items() if value is not None}
    within, values = condition(reach)
    lies, more = conditions(lying, "i", outside_m=True)
    values |= more
    parts = [within, lies, *(clause for name, clause in clauses.items() if name in given)]
    if "west" in given:
        near, corners = viewport.inside(given, ground)
        parts.append(near)
        values |= corners
    columns, shown = (f"{_READ}, text, address", SHOWN) if with_text else (_READ, SHOWN_NO_TEXT)
    order = "order by i.happened_at desc, i.id desc"
    rows: list[Row[Any]] = []
    latest = min((given[name] for name in ("until", "before_at") if name in given), default=None)
    for helping, span in viewport.helpings(ground, since=given.get("since"), before=latest):
        where = " and ".join([helping, *parts])
        sql = f"""
            {shown}
            from (select {columns} from incidents i where {where} {order} limit :limit) i {NAMED} {order}
            """  # noqa: S608  # every part is written in the code; values are bound
        rows += session.execute(text(sql), {**given, **values, **span, "limit": limit - len(rows)})
        if len(rows) >= limit:
            break
    return rows


# --- months -----------------------------------------------------------------------------------------------------------


def partitions(session: Session) -> set[str]:
    """Names of the monthly partitions there are."""
    rows = session.execute(
        text(
            "select c.relname from pg_inherits h join pg_class c on c.oid = h.inhrelid "
            "where h.inhparent = 'incidents'::regclass"
        )
    )
    return set(rows.scalars())


def lock_months(session: Session) -> None:
    """Alone with the months. Attaching locks every referenced table; taken here from the ground up, as writers take
    them, so that nobody waits in a circle."""
    session.execute(text("set local lock_timeout = '5s'"))
    session.execute(text("select pg_advisory_xact_lock(hashtext(current_schema() || '.incidents.months'))"))
    session.execute(
        text(
            "lock table areas, duties_category, duties_agency, duties_site, duties_item, incidents "
            "in share row exclusive mode"
        )
    )
    session.execute(text("set local lock_timeout = 0"))


def add_month(session: Session, name: str, first: date, after: date) -> None:
    """A partition for one month (UTC); what lay in the default partition moves into it."""
    start, end = f"{first} 00:00+00", f"{after} 00:00+00"
    session.execute(
        text(f"create table {name} (like incidents including defaults including constraints including generated)")
    )
    columns = session.execute(
        text(
            "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute "
            "where attrelid = 'incidents'::regclass and attnum > 0 and not attisdropped and attgenerated = ''"
        )
    ).scalar_one()
    moving = f"""
        with moved as (
            delete from incidents_default where happened_at >= :start and happened_at < :end returning {columns}
        )
        insert into {name} ({columns}) select {columns} from moved
        """  # noqa: S608  # the names come from the database's own catalogue
    session.execute(text(moving), {"start": start, "end": end})
    session.execute(text(f"alter table incidents attach partition {name} for values from ('{start}') to ('{end}')"))


# --- bulk -------------------------------------------------------------------------------------------------------------

BULK_COLUMNS = (
    ("id", "uuid"),
    ("digest", "bytea"),
    ("category_id", "integer"),
    ("channel", "text"),
    ("status", "text"),
    ("happened_at", "timestamptz"),
    ("reported_lon", "float8"),
    ("reported_lat", "float8"),
    ("datum", "text"),
    ("accuracy_m", "real"),
    ("lon", "float8"),
    ("lat", "float8"),
    ("area_id", "bigint"),
    ("grid_id", "bigint"),
    ("unit_id", "bigint"),
    ("outside_m", "real"),
    ("agency_id", "bigint"),
    ("lead_area_id", "bigint"),
    ("site_id", "bigint"),
    ("item_id", "bigint"),
    ("hex9", "bigint"),
    ("text", "text"),
    ("address", "text"),
    ("attributes", "jsonb"),
)


def stage_bulk(session: Session, rows: Iterable[Sequence[Any]]) -> int:
    """Rows in the order of `BULK_COLUMNS` into the temporary table `new_incident`."""
    return stage(session, "new_incident", BULK_COLUMNS, rows)


def insert_bulk(session: Session, now: datetime) -> tuple[int, list[UUID]]:
    """Takes what `stage_bulk` brought: (new rows, ids that were there with another body, which are left alone)."""
    row = session.execute(
        text(
            """
            with fresh as (
                insert into incidents_key (id, body_sha256, happened_at)
                select distinct on (id) id, digest, happened_at from new_incident order by id, digest
                on conflict (id) do nothing returning id
            ), stored as (
                insert into incidents (id, category_id, channel, status, happened_at, received_at, reported_lon,
                                       reported_lat, datum, accuracy_m, area_id, grid_id, unit_id, outside_m,
                                       agency_id, lead_area_id, site_id, item_id, hex9, text, address, attributes,
                                       geom)
                select distinct on (n.id) n.id, category_id, channel, status, happened_at, :now, reported_lon,
                       reported_lat, datum, accuracy_m, area_id, nullif(grid_id, 0), nullif(unit_id, 0), outside_m,
                       nullif(agency_id, 0), nullif(lead_area_id, 0), nullif(site_id, 0), nullif(item_id, 0), hex9,
                       text, address, attributes, st_setsrid(st_makepoint(lon, lat), 4326)
                from new_incident n join fresh using (id) order by n.id, n.digest
                returning 1
            )
            select (select count(*) from stored) as stored,
                   array(select n.id from new_incident n join incidents_key k using (id)
                         where k.body_sha256 <> n.digest) as other
            """
        ),
        {"now": now},
    ).one()
    return int(row.stored), list(row.other)


def analyze(session: Session) -> None:
    session.execute(text("analyze incidents"))


def span(session: Session, reach: Reach) -> Row[Any]:
    """(first, last): between which instants they happened, from the ends of an index."""
    viewport.settle(session)
    within, values = condition(reach)
    sql = f"select min(i.happened_at) as first, max(i.happened_at) as last from incidents i where {within}"  # noqa: S608  # of constants
    return session.execute(text(sql), values).one()


def counts_by_category(session: Session, reach: Reach) -> dict[int, int]:
    """Category id -> incidents within the reach."""
    viewport.settle(session)
    within, values = condition(reach)
    sql = f"select i.category_id, count(*) as n from incidents i where {within} group by i.category_id"  # noqa: S608  # of constants
    return {row.category_id: row.n for row in session.execute(text(sql), values)}


# --- how their cases stand --------------------------------------------------------------------------------------------

STATUSES = text(
    """
    update incidents i set status = n.status
    from unnest(cast(:ids as uuid[]), cast(:at as timestamptz[]), cast(:statuses as text[])) as n (id, at, status)
    where i.id = n.id and i.happened_at = n.at and i.status <> n.status
    """
)


def set_statuses(session: Session, rows: Iterable[tuple[UUID, datetime, str]]) -> int:
    """Rows of (id, happened_at, status); returns how many changed."""
    ids, at, statuses = zip(*rows, strict=True)
    done = session.execute(STATUSES, {"ids": list(ids), "at": list(at), "statuses": list(statuses)})
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it; the general type has not


# --- re-homing --------------------------------------------------------------------------------------------------------


def rehome(session: Session, rows: Iterable[Sequence[Any]]) -> int:
    """Rows of (id, happened_at, grid_id, unit_id); returns how many moved."""
    columns = (("id", "uuid"), ("happened_at", "timestamptz"), ("grid_id", "bigint"), ("unit_id", "bigint"))
    stage(session, "new_home", columns, rows)
    done = session.execute(
        text(
            """
            update incidents i set grid_id = nullif(h.grid_id, 0), unit_id = nullif(h.unit_id, 0)
            from new_home h
            where i.id = h.id and i.happened_at = h.happened_at
              and (i.grid_id, i.unit_id) is distinct from (nullif(h.grid_id, 0), nullif(h.unit_id, 0))
            """
        )
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it; the general type has not
