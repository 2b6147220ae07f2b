"""The ground that plans are drawn on: made, kept, and brought back whole.

Owns storing a basis (immutable, known again by its content) and reading it with a count as `Ground`. Does not own the
geometry (`geo.atoms`) nor how it is made from the layers (`surveying`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from sqlalchemy.orm import Session

from gridgov.areas import layers
from gridgov.areas.layers import Layer
from gridgov.areas.service import city
from gridgov.geo.atoms.outline import metres
from gridgov.geo.crs import Projection
from gridgov.geo.partition.graph import AtomGraph
from gridgov.planning import counts
from gridgov.planning.ground import Ground
from gridgov.planning.queries import basis as queries
from gridgov.planning.surveying import Made, make, make_of_blocks
from gridgov.platform.bulk import ewkb
from gridgov.platform.errors import NotFound

__all__ = [
    "BasisFacts",
    "BasisUnknown",
    "Made",
    "count",
    "facts",
    "ground",
    "make",
    "make_of_blocks",
    "newest",
    "store",
]


class BasisUnknown(NotFound):
    """No basis of this id."""

    code = "basis-unknown"


@dataclass(frozen=True, slots=True)
class BasisFacts:
    """A basis as it is listed."""

    id: int
    community_id: int
    digest: bytes
    source: Mapping[str, Any]
    atoms: int
    made_at: datetime


def store(session: Session, made: Made, *, now: datetime, by: int | None) -> int:
    """Keeps atoms and edges and returns the basis' id; the same content again is the basis that is there.

    Households are kept apart, by `count`.
    """
    atoms = made.atoms
    digest = atoms.digest()
    there = queries.find(session, made.community_id, digest)
    if there is not None:
        return there
    values = {
        "community": made.community_id,
        "digest": digest,
        "source": json.dumps(dict(made.source), ensure_ascii=False, default=str),
        "atoms": len(atoms),
        "now": now,
        "by": by,
    }
    basis_id = queries.add(session, values)
    if basis_id is None:  # somebody else was faster
        found = queries.find(session, made.community_id, digest)
        assert found is not None
        return found
    labels_deg = atoms.projection.geometry_deg(atoms.labels)
    area_m2, perimeter_m = shapely.area(atoms.shapes), shapely.length(atoms.shapes)
    queries.add_atoms(
        session,
        basis_id,
        (
            (
                no, atoms.keys[no], atoms.kinds[no], int(atoms.blocks[no]), atoms.groups[no] or None,
                atoms.building_ids[no], ewkb(atoms.shapes_deg[no]), ewkb(labels_deg[no]), float(area_m2[no]),
                float(perimeter_m[no]),
            )
            for no in range(len(atoms))
        ),
    )  # fmt: skip
    edges = atoms.edges
    columns = (edges.a, edges.b, edges.shared_m, edges.on_street, edges.bridge)
    queries.add_edges(session, basis_id, zip(*(column.tolist() for column in columns), strict=True))
    return basis_id


def count(session: Session, basis_id: int, made: Made, *, counted_on: date, source: str, now: datetime) -> int:
    """Keeps the households that came with the making, and returns the count's id."""
    return counts.put(session, basis_id, made.households, counted_on=counted_on, source=source, now=now)


def facts(session: Session, basis_id: int) -> BasisFacts:
    """Raises `BasisUnknown`."""
    row = queries.basis_row(session, basis_id)
    if row is None:
        raise BasisUnknown(f"There is no basis {basis_id}.", field="basis_id", remedy="Make it: gridgov plan atoms.")
    return BasisFacts(row.id, row.community_id, bytes(row.digest), row.source, row.atoms, row.made_at)


def newest(session: Session, community_id: int) -> int:
    """The basis of a community that was made last. Raises `BasisUnknown`."""
    found = queries.newest(session, community_id)
    if found is None:
        raise BasisUnknown(
            "No atoms have been made of this community.", field="community", remedy="Make them: gridgov plan atoms."
        )
    return found


def ground(session: Session, basis_id: int, count_id: int) -> Ground:
    """A basis with the households of one of its counts, in memory. Raises `BasisUnknown`, `CountUnknown`."""
    known = facts(session, basis_id)
    counted = queries.count_row(session, count_id)
    if counted is None or counted.basis_id != basis_id:
        raise counts.CountUnknown(
            f"The basis {basis_id} has no count {count_id}.", field="count_id", remedy="Name one of its own counts."
        )
    projection = Projection(city(session).srid_m)
    rows = queries.atoms(session, basis_id)
    shapes_deg = shapely.from_wkb([row.wkb for row in rows])
    shapes = metres(np.asarray(shapes_deg, dtype=object), projection)
    single = shapely.get_num_geometries(shapes) == 1
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    west, south, east, north = shapely.total_bounds(shapes_deg)
    return Ground(
        basis_id=basis_id,
        count_id=count_id,
        community_id=known.community_id,
        counted_on=counted.counted_on,
        projection=projection,
        graph=_graph(session, basis_id, rows, counted.households),
        shapes=shapes,
        labels=projection.geometry(np.asarray(shapely.from_wkb([row.label for row in rows]), dtype=object)),
        keys=tuple(row.key for row in rows),
        kinds=tuple(row.kind for row in rows),
        groups=tuple(row.group_name or "" for row in rows),
        building_ids=tuple(row.building_id for row in rows),
        outline=cast("Polygon | MultiPolygon", shapely.coverage_union_all(shapes)),
        streets=_streets(session, projection, (west, south, east, north)),
    )


def _streets(session: Session, projection: Projection, bbox: tuple[float, float, float, float]) -> NDArray[np.object_]:
    """Centre lines within a box of degrees, one part each, in metres."""
    found = layers.features_within(session, Layer.STREET, bbox)
    lines = np.array([one.geom for one in found], dtype=object)
    return np.asarray(projection.geometry(shapely.get_parts(lines)), dtype=object)


def _graph(session: Session, basis_id: int, rows: list[Any], households: list[int]) -> AtomGraph:
    edges = queries.edges(session, basis_id)
    return AtomGraph.of_edges(
        np.array([edge.a for edge in edges], dtype=np.int64),
        np.array([edge.b for edge in edges], dtype=np.int64),
        np.array([edge.shared_m for edge in edges], dtype=np.float64),
        np.array([edge.on_street for edge in edges], dtype=np.bool_),
        np.array([edge.bridge for edge in edges], dtype=np.bool_),
        households=np.array(households, dtype=np.int32),
        block=np.array([row.block for row in rows], dtype=np.int32),
        area_m2=np.array([row.area_m2 for row in rows]),
        perimeter_m=np.array([row.perimeter_m for row in rows]),
    )
