"""SQL of the vector tiles. Geometry is looked up by its index in degrees; only what a tile shows is projected.

Areas are thinned by a coarser extent, not by simplifying: neighbours snap to the same lattice, so that shared edges
stay shared, which simplifying each polygon by itself would not give. What is drawn is materialised, or else the test
for nothing to draw would draw it a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.analytics.quad import EARTH_M, KEY_ZOOM, TileAddress
from gridgov.analytics.queries.counts import conditions
from gridgov.analytics.rules import Filter

EXTENT = 4096
BUFFER = 64 / 4096
SEEN = "geom && st_makeenvelope(:west, :south, :east, :north, 4326)"
SHAPE = (
    "st_asmvtgeom({geometry}, st_tileenvelope(:z, :x, :y), cast(:extent as integer), cast(:buffer as integer), true)"
)
PROJECTED = SHAPE.format(geometry="st_transform(geom, 3857)")
NAMES = "names->>'zh' as name_zh, names->>'en' as name_en"


def _place(tile: TileAddress, extent: int) -> dict[str, Any]:
    west, south, east, north = tile.bounds(BUFFER)
    corners = {"west": west, "south": max(south, -90.0), "east": east, "north": min(north, 90.0)}
    return {"z": tile.z, "x": tile.x, "y": tile.y, "extent": extent, "buffer": round(extent * BUFFER), **corners}


def _bytes(session: Session, sql: str, values: dict[str, Any]) -> bytes:
    found = session.execute(text(sql), values).scalar_one()
    return b"" if found is None else bytes(found)


def areas(
    session: Session,
    tile: TileAddress,
    *,
    now: datetime,
    levels: list[str],
    extent: int,
    named_grids: bool,
    label_m2: float,
) -> bytes:
    """Layers `areas` and `area_labels`: a label lies in exactly one tile, if its area is at least `label_m2`."""
    sql = f"""
        with held as (
            select area_id as id, level, code, names, kind, households, area_m2, geom, label
            from areas_version
            where valid @> cast(:now as timestamptz) and level = any(cast(:levels as text[])) and {SEEN}
        ), shape as materialized (
            select id as feature, id, level, kind, households,
                   case when :named or level <> 'grid' then code end as code,
                   case when :named or level <> 'grid' then names->>'zh' end as name_zh,
                   case when :named or level <> 'grid' then names->>'en' end as name_en,
                   {PROJECTED} as geom
            from held
        ), name as materialized (
            select id as feature, id, level, code, {NAMES},
                   {SHAPE.format(geometry="st_transform(label, 3857)")} as geom
            from held
            where area_m2 >= :label_m2
              and st_x(label) >= :left and st_x(label) < :right and st_y(label) > :bottom and st_y(label) <= :top
        )
        select (select st_asmvt(s, 'areas', cast(:extent as integer), 'geom', 'feature')
                from (select * from shape where geom is not null order by feature) s)
            || (select st_asmvt(n, 'area_labels', cast(:extent as integer), 'geom', 'feature')
                from (select * from name where geom is not null order by feature) n)
        """  # noqa: S608 -- every part is written in the code; values are bound
    left, bottom, right, top = tile.bounds()
    exact = {"left": left, "bottom": bottom, "right": right, "top": top}
    chosen = {"now": now, "levels": levels, "named": named_grids, "label_m2": label_m2}
    return _bytes(session, sql, {**_place(tile, extent), **exact, **chosen})


def streets(
    session: Session,
    tile: TileAddress,
    *,
    merged: bool,
    shown: list[str] | None = None,
    hidden: list[str] | None = None,
) -> bytes:
    """Layer `streets`: the classes in `shown`, or all (also streets without a class) but those in `hidden`.

    `merged` joins the pieces of a name and class into one feature.
    """
    chosen = (
        "class = any(cast(:classes as text[]))"
        if hidden is None
        else "(class = any(cast(:classes as text[]))) is not true"
    )
    tolerance = f"{1.5 * EARTH_M / EXTENT} / (1 << :z)"
    drawn = "st_linemerge(st_collectionextract(st_collect(geom), 2))" if merged else "geom"
    line = f"st_simplify(st_transform({drawn}, 3857), {tolerance})"
    sql = f"""
        with shape as materialized (
            select min(id) as feature, min(id) as id, {NAMES}, class, {SHAPE.format(geometry=line)} as geom
            from areas_street
            where {SEEN} and {chosen}
            group by names, class{"" if merged else ", id, geom"}
        )
        select st_asmvt(s, 'streets', cast(:extent as integer), 'geom', 'feature')
        from (select * from shape where geom is not null order by feature) s
        """  # noqa: S608 -- every part is written in the code; values are bound
    return _bytes(session, sql, {**_place(tile, EXTENT), "classes": (shown if hidden is None else hidden) or []})


LAYERS = {
    "buildings": ("areas_building", "households, class"),
    "blocks": ("areas_block", "class"),
    "facilities": ("areas_facility", f"{NAMES}, class"),
}


def layer(session: Session, tile: TileAddress, name: str, *, extent: int) -> bytes:
    """Layers `buildings`, `blocks` and `facilities` as they are stored."""
    table, columns = LAYERS[name]
    sql = f"""
        with shape as materialized (select id as feature, id, {columns}, {PROJECTED} as geom from {table} where {SEEN})
        select st_asmvt(s, '{name}', cast(:extent as integer), 'geom', 'feature')
        from (select * from shape where geom is not null order by feature) s
        """  # noqa: S608 -- every part is written in the code; values are bound
    return _bytes(session, sql, _place(tile, extent))


def blocks(session: Session, tile: TileAddress, *, extent: int) -> bytes:
    """Layer `blocks` as one feature a class, half of what they weigh singly; its id is the least of theirs."""
    sql = f"""
        with drawn as materialized (select id, class, {PROJECTED} as geom from areas_block where {SEEN}),
        shape as (
            select min(id) as feature, class, st_collectionextract(st_collect(geom order by id), 3) as geom
            from drawn where geom is not null group by class
        )
        select st_asmvt(s, 'blocks', cast(:extent as integer), 'geom', 'feature')
        from (select * from shape order by feature) s
        """  # noqa: S608 -- every part is written in the code; values are bound
    return _bytes(session, sql, _place(tile, extent))


def sites(session: Session, tile: TileAddress, *, service_points: bool) -> bytes:
    """Layer `sites`: where agencies work from, and service points of no agency if asked for."""
    sql = f"""
        with shape as materialized (
            select s.id as feature, s.id, s.names->>'zh' as name_zh, s.names->>'en' as name_en, s.kind,
                   a.code as agency, {SHAPE.format(geometry="st_transform(s.geom, 3857)")} as geom
            from duties_site s left join duties_agency a on a.id = s.agency_id
            where s.{SEEN} and (:service_points or s.agency_id is not null)
        )
        select st_asmvt(s, 'sites', cast(:extent as integer), 'geom', 'feature')
        from (select * from shape where geom is not null order by feature) s
        """  # noqa: S608 -- every part is written in the code; values are bound
    return _bytes(session, sql, {**_place(tile, EXTENT), "service_points": service_points})


def _bin_point(bits: int) -> str:
    """The middle of bin `cell` of 2^bits a side, in tile units: the bits of x and y are picked out of the Z-order."""
    x = " | ".join(f"((cell >> {bit}) & {1 << bit})" for bit in range(bits)) or "0"
    y = " | ".join(f"((cell >> {bit + 1}) & {1 << bit})" for bit in range(bits)) or "0"
    size = EXTENT / (1 << bits)
    return f"st_makepoint((({x}) + 0.5) * {size}, (({y}) + 0.5) * {size})"


def incident_bins(session: Session, tile: TileAddress, wanted: Filter, *, bits: int) -> bytes:
    """Layer `incidents` as counts in 2^bits x 2^bits bins. Reads one contiguous range of the quadkey index."""
    where, values = conditions(wanted)
    sql = f"""
        with bin as (
            select i.quad25 >> :shift as cell, count(*)::integer as count
            from incidents i where i.quad25 >= :low and i.quad25 < :high and {where} group by 1
        )
        select st_asmvt(b, 'incidents', {EXTENT}, 'geom')
        from (select count, {_bin_point(bits)} as geom from bin order by cell) b
        """  # noqa: S608 -- every part is written in the code; values are bound
    low, high = tile.key_range()
    keys = {"low": low, "high": high, "shift": 2 * (KEY_ZOOM - tile.z - bits)}
    return _bytes(session, sql, {**values, **keys})


def cells(session: Session, tile: TileAddress, wanted: Filter, zoom: int) -> dict[int, int]:
    """Z-order number of each map cell of a zoom within a tile -> its incidents, where there are any."""
    where, values = conditions(wanted)
    sql = f"""
        select i.quad25 >> :shift as cell, count(*) as n
        from incidents i where i.quad25 >= :low and i.quad25 < :high and {where} group by 1
        """  # noqa: S608 -- every part is written in the code; values are bound
    low, high = tile.key_range()
    keys = {"low": low, "high": high, "shift": 2 * (KEY_ZOOM - zoom)}
    return {row.cell: int(row.n) for row in session.execute(text(sql), {**values, **keys})}


def capped_points(session: Session, tile: TileAddress, wanted: Filter, *, cap: int, bits: int, timezone: str) -> bytes:
    """Layer `incidents`: at most `cap` points, the newest ones; what is older than those comes as bins with a count."""
    here, values = _here(tile, wanted, timezone)
    sql = f"""
        with point as ({_POINT} where {here} limit :more), drawn as materialized ({_DRAWN})
        select count(*) as n, st_asmvt(d, 'incidents', {EXTENT}, 'geom', 'feature') as tile
        from (select * from drawn order by feature) d
        """  # noqa: S608 -- every part is written in the code; values are bound
    row = session.execute(text(sql), {**values, "more": cap + 1}).one()
    if row.n <= cap:
        return bytes(row.tile)
    return _newest_points(session, here, values | {"cap": cap, "shift": 2 * (KEY_ZOOM - tile.z - bits)}, bits)


def incident_points(
    session: Session,
    tile: TileAddress,
    wanted: Filter,
    *,
    timezone: str,
    bins: Sequence[int] | NDArray[np.int64] = (),
    bits: int = 0,
) -> bytes:
    """Layer `incidents`: every incident of the filter as a point; and beside them counts of others, in Z-order, by the
    4^bits cells of the tile."""
    here, values = _here(tile, wanted, timezone)
    counts = np.asarray(bins, dtype=np.int64)
    cells = np.flatnonzero(counts > 0)
    sql = f"""
        with point as ({_POINT} where {here}), feature as materialized (
            select feature, id, category, status, number, happened_at, null::integer as count, geom from ({_DRAWN}) d
            union all
            select null, null, null, null, null, null, count, {_bin_point(bits)}
            from unnest(cast(:cells as bigint[]), cast(:counts as integer[])) as bin (cell, count)
        )
        select st_asmvt(f, 'incidents', {EXTENT}, 'geom', 'feature')
        from (select * from feature order by feature) f
        """  # noqa: S608 -- every part is written in the code; values are bound
    return _bytes(session, sql, {**values, "cells": cells.tolist(), "counts": counts[cells].tolist()})


def _here(tile: TileAddress, wanted: Filter, timezone: str) -> tuple[str, dict[str, Any]]:
    """The filter within a tile, as SQL over `incidents i`, and all that drawing points needs."""
    where, values = conditions(wanted)
    low, high = tile.key_range()
    values |= {**_place(tile, EXTENT), "low": low, "high": high, "timezone": timezone}
    return f"i.quad25 >= :low and i.quad25 < :high and {where}", values


_POINT = "select i.number, i.id, i.category_id, i.happened_at, i.status, i.geom from incidents i"
_DRAWN = f"""
    select p.number as feature, p.id::text as id, c.code as category, p.status,
           to_char(p.happened_at at time zone :timezone, 'YYYYMMDD-')
           || lpad(p.number::text, greatest(6, length(p.number::text)), '0') as number,
           to_char(p.happened_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as happened_at,
           {SHAPE.format(geometry="st_transform(p.geom, 3857)")} as geom
    from point p join duties_category c on c.id = p.category_id
    """  # noqa: S608 -- every part is written in the code; values are bound


def _newest_points(session: Session, here: str, values: dict[str, Any], bits: int) -> bytes:
    """The instant that parts points from bins is found in the index alone; only the points themselves are fetched."""
    sql = f"""
        with parting as materialized (
            select i.happened_at as at from incidents i where {here} order by i.happened_at desc offset :cap limit 1
        ), bin as (
            select i.quad25 >> :shift as cell, count(*)::integer as count
            from incidents i where {here} and i.happened_at <= (select at from parting) group by 1
        ), point as (
            {_POINT} where {here} and i.happened_at > (select at from parting)
        ), feature as materialized (
            select feature, id, category, status, number, happened_at, null::integer as count, geom from ({_DRAWN}) d
            union all
            select null, null, null, null, null, null, count, {_bin_point(bits)} from bin
        )
        select st_asmvt(f, 'incidents', {EXTENT}, 'geom', 'feature')
        from (select * from feature order by feature) f
        """  # noqa: S608 -- every part is written in the code; values are bound
    return _bytes(session, sql, values)


def plans_around(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """The boundary plan that took effect last (0 before any), and when the next one will (None: none is known)."""
    sql = """
        select (select id from areas_plan where valid_from <= :now order by valid_from desc, id desc limit 1),
               (select min(valid_from) from areas_plan where valid_from > :now)
        """
    row = session.execute(text(sql), {"now": now}).one()
    return int(row[0] or 0), row[1]
