"""Layers of the city's map: streets (centre lines), buildings, blocks, facilities (管理部件).

Owns loading them by (source, source_id). Does not own boundaries (`service`) nor agencies' sites (`duties`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from gridgov.areas.queries import layers as queries
from gridgov.areas.queries.layers import Merged
from gridgov.platform.bulk import ewkb
from gridgov.platform.db import bump


class Layer(StrEnum):
    """The four layers, in the glossary's words."""

    STREET = "street"
    BUILDING = "building"
    BLOCK = "block"
    FACILITY = "facility"


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One feature; `source_id` is its id in its source, `geom` in EPSG:4326, `households` of buildings only."""

    source_id: str
    geom: BaseGeometry
    names: Mapping[str, str] = field(default_factory=dict)
    class_: str | None = None
    households: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as it is kept; `geom` in EPSG:4326, always of the layer's Multi kind but for facilities."""

    id: int
    source: str
    source_id: str
    names: Mapping[str, str]
    class_: str | None
    households: int | None
    attributes: Mapping[str, Any]
    geom: BaseGeometry


def put_layer(session: Session, layer: Layer, source: str, rows: Iterable[LayerRow]) -> Merged:
    """Adds or renews features by (source, source_id); the same content changes nothing."""
    merged = queries.merge(session, layer, source, (_columns(row) for row in rows))
    if merged.added or merged.changed:
        bump(session, "layers")
    return merged


def counts_by_layer(session: Session) -> dict[str, int]:
    """How many features each layer holds."""
    return queries.counts(session)


def _columns(row: LayerRow) -> tuple[Any, ...]:
    facts = [dict(row.names), row.class_, row.households, dict(row.attributes)]
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(text.encode() + row.geom.wkb).digest()
    return (row.source_id, dict(row.names), row.class_, row.households, dict(row.attributes), digest, ewkb(row.geom))


def street_lines(session: Session) -> list[BaseGeometry]:
    """Centre lines of every street, in EPSG:4326."""
    return list(shapely.from_wkb([row.wkb for row in queries.streets(session)]))


def features_within(session: Session, layer: Layer, bbox: tuple[float, float, float, float]) -> list[Feature]:
    """Features whose extent touches a box in degrees (west, south, east, north), by id."""
    rows = queries.within(session, layer, bbox)
    shapes = shapely.from_wkb([row.wkb for row in rows])
    return [
        Feature(row.id, row.source, row.source_id, row.names, row.class_name, row.households, row.attributes, shape)
        for row, shape in zip(rows, shapes, strict=True)
    ]
