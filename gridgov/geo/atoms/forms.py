"""What goes into the making of atoms and what comes out of it.

Owns these forms. Does not own the making (`make`, `given`), nor where the ground comes from (`planning.basis`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gridgov.geo.crs import Projection

Shapes = NDArray[np.object_]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

GRID_M = 0.01
"""Inner corners lie on this grid of the metre projection."""
UNIT_MOST = 60
"""A building above one grid's band is divided into parts of at most this many households."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that whoever draws should know. `count` things of `code`; `at` (lon, lat) of the first, where known."""

    code: str
    zh: str
    en: str
    count: int = 1
    at: tuple[float, float] | None = None


@dataclass(frozen=True)
class Edges:
    """k neighbourhoods, each once with a < b, by (a, b). `shared_m` metres of common border, 0 for a bridge."""

    a: Ints
    b: Ints
    shared_m: Floats
    on_street: Flags
    bridge: Flags

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True)
class Atoms:
    """n atoms of one community, and how they touch.

    `shapes_deg` MultiPolygon[n] in EPSG:4326 are what is stored; `shapes` Polygon or MultiPolygon[n] in metres follow
    from them (`outline.metres`). `keys`: the same ground has the same key in another making. `blocks[i]` the street
    block; `groups[i]` what the atom must stay together with ("" for nothing).
    """

    projection: Projection
    shapes_deg: Shapes
    shapes: Shapes
    keys: tuple[str, ...]
    kinds: tuple[str, ...]
    blocks: Ints
    groups: tuple[str, ...]
    building_ids: tuple[int | None, ...]
    edges: Edges
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def outline(self) -> Polygon | MultiPolygon:
        """All atoms together, in metres."""
        return cast("Polygon | MultiPolygon", shapely.coverage_union_all(self.shapes))

    @cached_property
    def labels(self) -> Shapes:
        """A point inside each atom, in metres."""
        return np.asarray(shapely.point_on_surface(self.shapes), dtype=object)

    def digest(self) -> bytes:
        """SHA-256 of all that is stored of atoms and edges, but for the findings."""
        said = hashlib.sha256()
        facts = [self.keys, self.kinds, self.blocks.tolist(), self.groups, self.building_ids, self.projection.srid]
        said.update(json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode())
        for wkb in shapely.to_wkb(self.shapes_deg, byte_order=1):
            said.update(wkb)
        edges = self.edges
        for column, kind in ((edges.a, "<i4"), (edges.b, "<i4"), (edges.shared_m, "<f8")):
            said.update(np.ascontiguousarray(column, dtype=kind).tobytes())
        said.update(np.packbits(np.concatenate([edges.on_street, edges.bridge])).tobytes())
        return said.digest()


@dataclass(frozen=True)
class Streets:
    """Centre lines in EPSG:4326. `raised`: on a bridge or flyover; `sunk`: in a tunnel, under the ground."""

    lines: Shapes
    raised: Flags
    sunk: Flags

    @classmethod
    def plain(cls, lines: Sequence[object] | Shapes) -> Streets:
        """Streets that all run on the ground."""
        flat = np.zeros(len(lines), dtype=np.bool_)
        return cls(np.array(list(lines), dtype=object), flat, flat.copy())

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Buildings:
    """Footprints (polygons, or points where no footprint is known) in EPSG:4326.

    `households` -1 where unknown. `parts[i]`: households of each entrance or unit where known, else (). `keys`
    name the building for ever.
    """

    shapes: Shapes
    ids: tuple[int | None, ...]
    keys: tuple[str, ...]
    households: Ints
    floors: Floats
    parts: tuple[tuple[int, ...], ...]

    @classmethod
    def plain(cls, shapes: Sequence[object] | Shapes, households: Sequence[int] | Ints | None = None) -> Buildings:
        """Buildings known by their number alone."""
        n = len(shapes)
        counts = np.full(n, -1) if households is None else np.asarray(households)
        return cls(
            np.array(list(shapes), dtype=object), tuple(range(n)), tuple(str(i) for i in range(n)),
            counts.astype(np.int32), np.full(n, np.nan), ((),) * n,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.shapes)


@dataclass(frozen=True)
class Regions:
    """Polygons with a name in EPSG:4326, such as villager groups, that no atom crosses and that keep together."""

    shapes: Shapes
    names: tuple[str, ...]

    @classmethod
    def none(cls) -> Regions:
        return cls(np.empty(0, dtype=object), ())

    def __len__(self) -> int:
        return len(self.names)
