"""The nearest street and a readable place for any point, from an in-memory R-tree kept fresh.

Owns the index of street segments and named buildings in metres. Does not own which area holds the point (`index`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import shapely
from rtree import index as rtree_index
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas import service
from gridgov.areas.queries import layers as queries
from gridgov.geo.crs import Projection
from gridgov.platform.db import revisions

CROSSING_M = 30.0
NEAR_M = 150.0
FAR_M = 5_000.0
FIRST_BATCH = 8


@dataclass(frozen=True, slots=True)
class NamedNear:
    """Something named near a point and how far it is."""

    id: int
    names: Mapping[str, str]
    distance_m: float


@dataclass(frozen=True, slots=True)
class Place:
    """A point in words: the nearest named `street` (at most 5 km away), a second one within 30 m as `crossing`."""

    text: Mapping[str, str]
    street: NamedNear | None
    crossing: NamedNear | None
    near: NamedNear | None


class _Nearby:
    """Named shapes in metres behind an R-tree; exact distances, ties to the lowest id."""

    def __init__(self, ids: Sequence[int], names: Sequence[Mapping[str, str]], shapes: Sequence[Any]) -> None:
        self._ids, self._names, self._shapes = ids, names, shapes
        bounds = shapely.bounds(np.asarray(shapes, dtype=object)) if len(shapes) else np.empty((0, 4))
        self._boxes: list[tuple[float, float, float, float]] = [tuple(box) for box in bounds.tolist()]
        entries = ((i, box, None) for i, box in enumerate(self._boxes))
        self._tree = rtree_index.Index(entries) if len(shapes) else None
        self._lock = Lock()  # libspatialindex reuses its nodes while it reads: two readers at once crash the process

    def nearest(
        self, x: float, y: float, limit_m: float, keep: Callable[[Mapping[str, str]], bool] = lambda _: True
    ) -> NamedNear | None:
        """The nearest one that `keep` accepts, within the limit; the box distance bounds the true one from below."""
        if self._tree is None:
            return None
        point = shapely.Point(x, y)
        best: tuple[float, int, int] | None = None
        for box, i in self._in_box_order(x, y):
            if box > limit_m or (best is not None and box > best[0]):
                break
            if not keep(self._names[i]):
                continue
            distance_m = float(shapely.distance(point, self._shapes[i]))
            if distance_m <= limit_m and (best is None or (distance_m, self._ids[i]) < best[:2]):
                best = (distance_m, self._ids[i], i)
        return None if best is None else NamedNear(best[1], self._names[best[2]], best[0])

    def _in_box_order(self, x: float, y: float) -> Iterator[tuple[float, int]]:
        """(distance of the box, entry) by growing distance, fetched in growing batches."""
        assert self._tree is not None
        seen: set[int] = set()
        count = FIRST_BATCH
        while True:
            with self._lock:
                found = list(self._tree.nearest((x, y, x, y), count))
            batch = sorted((self._box_distance(i, x, y), i) for i in found if i not in seen)
            yield from batch
            seen.update(found)
            if len(seen) >= len(self._ids):
                return
            count *= 4

    def _box_distance(self, i: int, x: float, y: float) -> float:
        x0, y0, x1, y1 = self._boxes[i]
        return math.hypot(max(x0 - x, 0.0, x - x1), max(y0 - y, 0.0, y - y1))


class Places:
    """The place index of this process; rebuilt when a layer changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._revision = -1
        self._projection: Projection | None = None
        self._streets = _Nearby([], [], [])
        self._buildings = _Nearby([], [], [])

    def describe(self, session: Session, lon: float, lat: float, *, revision: int | None = None) -> Place:
        """The point (EPSG:4326) in words, in 中文 and English."""
        current = revisions(session).get("layers", 0) if revision is None else revision
        with self._lock:
            if current != self._revision:
                self._build(session)
                self._revision = current
            streets, buildings, projection = self._streets, self._buildings, self._projection
        assert projection is not None
        x, y = (float(v) for v in projection.forward(lon, lat))
        street = streets.nearest(x, y, FAR_M)
        crossing = None
        if street is not None and street.distance_m <= CROSSING_M:
            first = street.names
            crossing = streets.nearest(x, y, CROSSING_M, keep=lambda names: names != first)
        near = buildings.nearest(x, y, NEAR_M)
        return Place(text=words(street, crossing, near), street=street, crossing=crossing, near=near)

    def _build(self, session: Session) -> None:
        projection = Projection(service.city(session).srid_m)
        self._projection = projection
        self._streets = _segments([row for row in queries.streets(session) if row.names], projection)
        rows = queries.named_places(session)
        shapes = [projection.geometry(shape) for shape in shapely.from_wkb([row.wkb for row in rows])]
        self._buildings = _Nearby([row.id for row in rows], [row.names for row in rows], shapes)


def _segments(rows: Sequence[Row[Any]], projection: Projection) -> _Nearby:
    """Two-point pieces of the streets: their boxes are tight, so few exact distances are computed."""
    ids: list[int] = []
    names: list[Mapping[str, str]] = []
    pieces: list[Any] = []
    for row, shape in zip(rows, shapely.from_wkb([row.wkb for row in rows]), strict=True):
        for part in shapely.get_parts(projection.geometry(shape)):
            points = shapely.get_coordinates(part)
            segments = np.asarray(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)), dtype=object)
            pieces.extend(segments)
            ids.extend([row.id] * len(segments))
            names.extend([row.names] * len(segments))
    return _Nearby(ids, names, pieces)


def words(street: NamedNear | None, crossing: NamedNear | None, near: NamedNear | None) -> dict[str, str]:
    """The place as a person would say it; empty texts when nothing named is near."""
    if street is None and near is None:
        return {"zh": "", "en": ""}
    zh, en = [], []
    if street is not None and crossing is not None:
        zh.append(f"{name(street, 'zh')}与{name(crossing, 'zh')}路口")
        en.append(f"{name(street, 'en')} at {name(crossing, 'en')}")
    elif street is not None:
        zh.append(
            f"{name(street, 'zh')}（距 {street.distance_m:.0f} 米）" if street.distance_m >= 1 else name(street, "zh")
        )
        en.append(
            f"{name(street, 'en')} ({street.distance_m:.0f} m away)" if street.distance_m >= 1 else name(street, "en")
        )
    if near is not None:
        zh.append(f"近{name(near, 'zh')}")
        en.append(f"near {name(near, 'en')}")
    return {"zh": "，".join(zh), "en": ", ".join(en)}


def name(named: NamedNear, language: str) -> str:
    """The name in the language, else in any other."""
    return named.names.get(language) or next(iter(named.names.values()), "")
