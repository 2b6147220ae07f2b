"""SQL of several reports at once: keys, incidents and contacts in one statement, straight through the driver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.platform.bulk import array
from gridgov.platform.db import cursor

# What is sent of each report, with the type of its column; lists and documents as texts, for an array has no rows.
SENT: Mapping[str, str] = {
    "id": "uuid", "digest": "bytea", "category_id": "integer", "channel": "text", "happened_at": "timestamptz",
    "received_at": "timestamptz", "reported_lon": "float8", "reported_lat": "float8", "datum": "text",
    "accuracy_m": "real", "area_id": "bigint", "grid_id": "bigint", "unit_id": "bigint", "outside_m": "real",
    "candidate_ids": "text", "agency_id": "bigint", "lead_area_id": "bigint", "site_id": "bigint", "item_id": "bigint",
    "hex9": "bigint", "text": "text", "address": "text", "place": "text", "lon": "float8", "lat": "float8",
}  # fmt: skip
LEFT: Mapping[str, str] = {
    "incident_id": "uuid", "name_sealed": "bytea", "phone_sealed": "bytea", "phone_index": "bytea",
    "notice_id": "bigint", "created_at": "timestamptz", "area_id": "bigint", "grid_id": "bigint", "unit_id": "bigint",
    "agency_id": "bigint",
}  # fmt: skip


def _arrays(columns: Mapping[str, str], prefix: str) -> str:
    return ", ".join(f"%({prefix}{name})s::{kind}[]" for name, kind in columns.items())


_ADD = f"""
    with sent as materialized (
        select * from unnest({_arrays(SENT, "s_")}) as s ({", ".join(SENT)})
    ), fresh as (
        insert into incidents_key (id, body_sha256, happened_at)
        select id, digest, happened_at from sent order by id
        on conflict (id) do nothing returning id
    ), left_by as (
        insert into incidents_contact ({", ".join(LEFT)})
        select {", ".join(f"c.{name}" for name in LEFT)}
        from unnest({_arrays(LEFT, "c_")}) as c ({", ".join(LEFT)}) join fresh on fresh.id = c.incident_id
    )
    insert into incidents (id, category_id, channel, happened_at, received_at, reported_lon, reported_lat, datum,
                           accuracy_m, area_id, grid_id, unit_id, outside_m, candidate_ids, agency_id, lead_area_id,
                           site_id, item_id, hex9, text, address, place, geom)
    select id, category_id, channel, happened_at, received_at, reported_lon, reported_lat, datum,
           accuracy_m, area_id, grid_id, unit_id, outside_m, candidate_ids::bigint[], agency_id, lead_area_id,
           site_id, item_id, hex9, text, address, place::jsonb, st_setsrid(st_makepoint(lon, lat), 4326)
    from sent join fresh using (id)
    returning id, number
"""  # noqa: S608  # names are those of this module


def add(session: Session, sent: Sequence[Mapping[str, Any]], left: Sequence[Mapping[str, Any]]) -> dict[UUID, int]:
    """Stores reports (columns of `SENT`) and what their reporters left (of `LEFT`); number of each that is new."""
    plain = [{**one, "candidate_ids": array(one["candidate_ids"])} for one in sent]
    values = {f"s_{name}": array(one[name] for one in plain) for name in SENT}
    values |= {f"c_{name}": array(one.get(name) for one in left) for name in LEFT}
    return {row[0]: int(row[1]) for row in cursor(session).execute(_ADD, values)}
