"""SQL of incidents that belong elsewhere by new boundaries. Private to the domain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from gridgov.platform.bulk import stage

_POINT = "select id, happened_at, st_x(geom) as lon, st_y(geom) as lat from incidents"
_TRACKS = {
    "grid": "grid_id = :area",
    "unit": "grid_id is null and unit_id = :area",
    "none": "grid_id is null and unit_id is null and :area = 0",
}


def count(session: Session, grids: Sequence[int], units: Sequence[int]) -> int:
    """How many lie in these grids, or in no grid of these units."""
    return int(
        session.execute(
            text(
                "select (select count(*) from incidents where grid_id = any (:grids)) + "
                "(select count(*) from incidents where grid_id is null and unit_id = any (:units))"
            ),
            {"grids": list(grids), "units": list(units)},
        ).scalar_one()
    )


def track(session: Session, kind: str, area_id: int, after: tuple[datetime, UUID] | None, limit: int) -> list[Row[Any]]:
    """(id, happened_at, lon, lat) of one grid, or of what lies in no grid of a unit, by time, after a key."""
    beyond = "" if after is None else " and (happened_at, id) > (:at, :id)"
    values = {} if after is None else {"at": after[0], "id": after[1]}
    sql = f"{_POINT} where {_TRACKS[kind]}{beyond} order by happened_at, id limit :limit"
    return list(session.execute(text(sql), {"area": area_id, "limit": limit, **values}))


def spots(
    session: Session, grids: Sequence[int], units: Sequence[int], since: datetime, until: datetime
) -> tuple[Any, Any, Any]:
    """(lon, lat, grid; 0: none) of what happened from one instant until another in these grids, or in no grid of these
    units."""
    rows = session.execute(
        text(
            """
            select st_x(geom) as lon, st_y(geom) as lat, coalesce(grid_id, 0) as grid from incidents
            where grid_id = any (:grids) and happened_at >= :since and happened_at < :until
            union all
            select st_x(geom), st_y(geom), 0 from incidents
            where grid_id is null and unit_id = any (:units) and happened_at >= :since and happened_at < :until
            """
        ),
        {"grids": list(grids), "units": list(units), "since": since, "until": until},
    ).all()
    found = np.array([(row.lon, row.lat, row.grid) for row in rows], dtype=np.float64).reshape(-1, 3)
    return found[:, 0], found[:, 1], found[:, 2].astype(np.int64)


def since(session: Session, at: datetime, areas: Sequence[int]) -> list[Row[Any]]:
    """(id, happened_at, lon, lat) of what happened at the instant or later in one of these areas."""
    sql = f"{_POINT} where happened_at >= :at and area_id = any (:areas)"
    return list(session.execute(text(sql), {"at": at, "areas": list(areas)}))


def happened_in(session: Session, rows: Iterable[tuple[UUID, datetime, int]]) -> None:
    """Rows of (id, happened_at, area_id): the area in which it happened."""
    stage(session, "happened_in", (("id", "uuid"), ("happened_at", "timestamptz"), ("area_id", "bigint")), rows)
    session.execute(
        text(
            "update incidents i set area_id = h.area_id from happened_in h "
            "where i.id = h.id and i.happened_at = h.happened_at"
        )
    )
