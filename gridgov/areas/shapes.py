"""Areas with their shapes as they are kept, to the double: what drawing new boundaries begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from shapely import MultiPolygon
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.queries import shapes as queries
from gridgov.areas.rules import AreaFacts, Level
from gridgov.areas.service import AreaUnknown


@dataclass(frozen=True, slots=True)
class Shaped:
    """An area and its shape in EPSG:4326."""

    facts: AreaFacts
    geom: MultiPolygon


def shape_of(session: Session, area_id: int, *, at: datetime | None) -> Shaped:
    """One area at an instant (None: beyond the last change). Raises `AreaUnknown`."""
    rows = queries.by_id(session, [area_id], at)
    if not rows:
        raise AreaUnknown(f"No area {area_id} is in force then.", field="id", remedy="List them with /api/v1/areas.")
    return _shaped(rows)[0]


def children_of(session: Session, area_id: int, *, at: datetime | None) -> list[Shaped]:
    """The areas right under another one, by code."""
    return _shaped(queries.children(session, area_id, at))


def _shaped(rows: Sequence[Row[Any]]) -> list[Shaped]:
    geoms = shapely.from_wkb([row.wkb for row in rows])
    return [
        Shaped(
            AreaFacts(
                row.id, Level(row.level), row.code, row.names, row.parent_id, row.kind, row.population, row.households
            ),
            geom,
        )
        for row, geom in zip(rows, geoms, strict=True)
    ]
