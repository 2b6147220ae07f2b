"""Areas of one instant in memory, ready for point questions: one exact index a level, parents by array look-up.

Owns the rule for edges and for points outside. Does not own the database (`queries`) nor freshness (`locator`). Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon, STRtree

from gridgov.areas.rules import TOP_DOWN, AreaFacts, Level, Located
from gridgov.geo.crs import Projection
from gridgov.geo.locate import PointIndex

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class BulkLocated:
    """Answers for n points: database ids (0 = none), metres outside (0 = inside)."""

    area_id: Ints
    grid_id: Ints
    unit_id: Ints
    outside_m: Floats


class _Tier:
    """The areas of one level, in the order of their codes, so that a tie goes to the lowest code."""

    def __init__(
        self, level: Level, members: Sequence[int], shapes: Sequence[Polygon | MultiPolygon], projection: Projection
    ) -> None:
        self.level = level
        self.members = np.asarray(members, dtype=np.int64)
        self.shapes = np.asarray(shapes, dtype=object)
        self.index = PointIndex.build(list(shapes))
        self._projection = projection

    @cached_property
    def tree(self) -> STRtree:
        """Shapes in degrees, to find every area that touches a point."""
        return STRtree(self.shapes)

    @cached_property
    def tree_m(self) -> STRtree:
        """Shapes in metres, for distances; built when the first distance is asked for."""
        return STRtree([self._projection.geometry(shape) for shape in self.shapes])


class AreaIndex:
    """Every area in force at one instant. Built once a boundary version, then only read (safe for many threads)."""

    def __init__(
        self,
        areas: Sequence[AreaFacts],
        shapes: Sequence[Polygon | MultiPolygon],
        srid_m: int,
        *,
        in_force_from: datetime | None = None,
    ) -> None:
        """`shapes[i]` belongs to `areas[i]`, in EPSG:4326; `in_force_from` is None for "since before any record"."""
        self.in_force_from = in_force_from
        self.areas = tuple(areas)
        self.shapes = tuple(shapes)
        self.projection = Projection(srid_m)
        self._place = {area.id: i for i, area in enumerate(self.areas)}
        self._parent = np.array(
            [self._place.get(area.parent_id, -1) if area.parent_id is not None else -1 for area in self.areas],
            dtype=np.int64,
        )
        self._ids = np.array([area.id for area in self.areas], dtype=np.int64)
        self._tiers = self._build_tiers()
        self._level_of = {level: self._ancestors(level) for level in TOP_DOWN}
        unit = self._level_of[Level.SUBDISTRICT].copy()
        unit[unit < 0] = self._level_of[Level.COMMUNITY][unit < 0]
        self._unit = unit

    def __len__(self) -> int:
        return len(self.areas)

    def get(self, area_id: int) -> AreaFacts | None:
        place = self._place.get(area_id)
        return None if place is None else self.areas[place]

    def shape(self, area_id: int) -> Polygon | MultiPolygon:
        return self.shapes[self._place[area_id]]

    def path_of(self, area_id: int) -> tuple[AreaFacts, ...]:
        """From the city down to this area."""
        place, path = self._place[area_id], []
        while place >= 0:
            path.append(self.areas[place])
            place = int(self._parent[place])
        return tuple(reversed(path))

    @cached_property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east, north of everything in force."""
        west, south, east, north = shapely.total_bounds(np.asarray(self.shapes, dtype=object))
        return float(west), float(south), float(east), float(north)

    def descendants(self, area_id: int) -> list[AreaFacts]:
        """The area itself and everything below it."""
        top = self._place[area_id]
        level = self._level_of[self.areas[top].level]
        return [self.areas[int(i)] for i in np.flatnonzero(level == top)]

    def ids_of(self, level: Level) -> Ints:
        """Ids of the areas of a level, by code."""
        return next((self._ids[tier.members] for tier in self._tiers if tier.level == level), np.empty(0, np.int64))

    def children(self, area_id: int) -> list[AreaFacts]:
        """The areas right below this one, by code."""
        below = np.flatnonzero(self._parent == self._place[area_id])
        return sorted((self.areas[int(i)] for i in below), key=lambda area: area.code)

    def deepest(self) -> list[AreaFacts]:
        """Areas with none below them, by place: together they are all the ground there is."""
        above = set(self._parent.tolist())
        return [area for place, area in enumerate(self.areas) if place not in above]

    def locate(self, lon: float, lat: float, *, accuracy_m: float = 0.0) -> Located:
        """One point in EPSG:4326. Never fails for a finite point when there is any area at all."""
        if not self._tiers:
            raise LookupError("no area is in force")
        for tier in self._tiers:
            hit = tier.index.locate_one(lon, lat)
            if hit >= 0:
                return self._answer(tier, hit, lon, lat, 0.0, accuracy_m)
        tier = self._tiers[0]
        hit, distance_m = self._nearest(tier, lon, lat)
        return self._answer(tier, hit, lon, lat, distance_m, accuracy_m)

    def locate_many(self, lon: Floats, lat: Floats, *, threads: int = 1) -> BulkLocated:
        """n finite points in EPSG:4326; the same answers as `locate`, point by point."""
        if not self._tiers:
            raise LookupError("no area is in force")
        found = self.inside_many(lon, lat, threads=threads)
        outside_m = np.zeros(len(lon))
        for i in np.flatnonzero(found < 0):
            hit_one, distance_m = self._nearest(self._tiers[0], float(lon[i]), float(lat[i]))
            found[i] = self._tiers[0].members[hit_one]
            outside_m[i] = distance_m
        return BulkLocated(
            area_id=self._ids[found],
            grid_id=self._to_ids(self._level_of[Level.GRID][found]),
            unit_id=self._to_ids(self._unit[found]),
            outside_m=outside_m,
        )

    def inside_many(self, lon: Floats, lat: Floats, *, threads: int = 1) -> Ints:
        """Place in `areas` of the deepest area that holds each of n points; −1 outside every area."""
        found = np.full(len(lon), -1, dtype=np.int64)
        for tier in self._tiers:
            todo = np.flatnonzero(found < 0)
            if not len(todo):
                break
            hit = tier.index.locate(lon[todo], lat[todo], threads=threads)
            found[todo[hit >= 0]] = tier.members[hit[hit >= 0]]
        return found

    def _build_tiers(self) -> list[_Tier]:
        tiers = []
        for level in reversed(TOP_DOWN):
            members = [i for i, area in enumerate(self.areas) if area.level == level]
            if members:
                members.sort(key=lambda i: self.areas[i].code)
                tiers.append(_Tier(level, members, [self.shapes[i] for i in members], self.projection))
        return tiers

    def _ancestors(self, level: Level) -> Ints:
        """For every area, the place of its ancestor (or itself) of that level, -1 where there is none."""
        out = np.full(len(self.areas), -1, dtype=np.int64)
        for i in range(len(self.areas)):
            place = i
            while place >= 0 and self.areas[place].level != level:
                place = int(self._parent[place])
            out[i] = place
        return out

    def _to_ids(self, places: Ints) -> Ints:
        return np.where(places >= 0, self._ids[places], 0)

    def _nearest(self, tier: _Tier, lon: float, lat: float) -> tuple[int, float]:
        x, y = self.projection.forward(lon, lat)
        point = shapely.Point(float(x), float(y))
        ties, distances = tier.tree_m.query_nearest(point, return_distance=True)
        return int(ties.min()), float(distances[0])

    def _answer(self, tier: _Tier, hit: int, lon: float, lat: float, distance_m: float, accuracy_m: float) -> Located:
        chosen = self.areas[int(tier.members[hit])]
        touching = sorted(int(i) for i in tier.tree.query(shapely.Point(lon, lat), predicate="intersects"))
        near = self._near(tier, lon, lat, accuracy_m) if accuracy_m > 0 else touching
        others = [self.areas[int(tier.members[i])] for i in near if i != hit]
        path = self.path_of(chosen.id)
        return Located(
            path=path,
            inside=distance_m == 0.0,
            distance_m=distance_m,
            on_edge=len(touching) > 1,
            candidates=(chosen, *others),
            in_force_from=self.in_force_from,
        )

    def _near(self, tier: _Tier, lon: float, lat: float, accuracy_m: float) -> list[int]:
        x, y = self.projection.forward(lon, lat)
        point = shapely.Point(float(x), float(y))
        return sorted(int(i) for i in tier.tree_m.query(point, predicate="dwithin", distance=accuracy_m))
