"""Which site of the responsible agency serves a point.

The rule, in this order: a site whose service area holds the point goes before one without; then the shortest way by the
measure asked for (road, or straight line where no road leads); then the straight line; then the lowest id.
Does not own which item decides (`routing`) nor freshness (`router`). Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridgov.duties.route import SiteDistance
from gridgov.duties.rules import Nearest, Site
from gridgov.geo import service_areas
from gridgov.geo.candidates import NOBODY
from gridgov.geo.crs import Projection
from gridgov.geo.nearest import SiteIndex
from gridgov.geo.network import MANY, MAX_SNAP_M, RoadNetwork
from gridgov.geo.reach import Reach

CONSIDERED = 4
KEPT_REACHES = 32  # a megabyte for 30,000 junctions each
Floats = NDArray[np.float64]


class SiteTable:
    """Sites in groups: a group is an agency's id, and holds its own sites and those of every agency below it."""

    def __init__(
        self,
        sites: Sequence[Site],
        service_areas: Sequence[BaseGeometry | None],
        groups: Sequence[tuple[int, ...]],
        projection: Projection,
        network: RoadNetwork | None,
    ) -> None:
        """`groups[i]` are the agencies that site i serves; without a network every way is a straight line."""
        self.sites = tuple(sites)
        self._areas = tuple(service_areas)
        self._projection = projection
        self._network = network
        x, y = projection.forward(np.array([s.lon for s in sites]), np.array([s.lat for s in sites]))
        self._x, self._y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        self._on_road = None if network is None else network.sites(self._x, self._y)
        self._reaches: dict[int, Reach] = {}
        self._spots = np.array([i for i, of in enumerate(groups) for _ in of], dtype=np.int64)
        self._index = SiteIndex(self._x[self._spots], self._y[self._spots], [group for of in groups for group in of])

    def consider(self, agency_id: int, lon: float, lat: float, nearest: Nearest) -> tuple[SiteDistance, ...]:
        """The sites that come into question, the one that serves first and marked; empty when the agency has none."""
        x, y = (float(v) for v in self._projection.forward(lon, lat))
        members = np.unique(self._spots[self._index.sites_of(agency_id)])
        if not len(members):
            return ()
        holding = members[[self._holds(int(i), lon, lat) for i in members]]
        by_road = self._by_road(x, y, holding if len(holding) else members, nearest)
        if len(holding):
            shown = {int(i) for i in holding[:CONSIDERED]} | set(by_road)
        else:
            near, _ = self._index.k_nearest(x, y, agency_id, 1 if by_road else CONSIDERED)
            shown = {int(self._spots[i]) for i in near if i != NOBODY} | set(by_road)
        rest = sorted(shown - set(by_road))
        by_road |= self._by_road(x, y, np.array(rest, dtype=np.int64), nearest)
        seen = [self._distance(i, x, y, lon, lat, by_road.get(i)) for i in sorted(shown)]
        seen.sort(key=lambda s: (s.road_m is None, s.road_m or 0.0, s.straight_m, s.site.id))
        return tuple(replace(one, chosen=place == 0) for place, one in enumerate(seen))

    def nearest_many(self, agency_id: int, lon: Floats, lat: Floats, nearest: Nearest) -> NDArray[np.int64]:
        """For n points, the position of the site that serves (-1: none); the same choice as `consider` makes."""
        members = np.unique(self._spots[self._index.sites_of(agency_id)])
        if any(self._areas[int(i)] is not None for i in members):
            place_of = {site.id: place for place, site in enumerate(self.sites)}
            answers = (self.consider(agency_id, x, y, nearest) for x, y in zip(lon.tolist(), lat.tolist(), strict=True))
            return np.array([place_of[found[0].site.id] for found in answers], dtype=np.int64)
        x, y = (np.asarray(v, dtype=np.float64) for v in self._projection.forward(lon, lat))
        if nearest is Nearest.ROAD and self._network is not None and self._on_road is not None and len(members):
            return self._by_road_many(agency_id, x, y, members)
        straight, _ = self._index.nearest(x, y, agency_id)
        return (
            np.where(straight == NOBODY, NOBODY, self._spots[straight]) if len(members) else np.full(len(lon), NOBODY)
        )

    def grounds(self, agency_id: int, ground_m: BaseGeometry, nearest: Nearest) -> dict[int, BaseGeometry]:
        """The position of each site of the group that serves anything -> the part of the ground, in metres, where it is
        the one that `consider` chooses."""
        members = np.unique(self._spots[self._index.sites_of(agency_id)]).tolist()
        claims = {i: self._projection.geometry(self._areas[i]) for i in members if self._areas[i] is not None}
        found: dict[int, list[BaseGeometry]] = {}
        for held, part in service_areas.claimed(ground_m, claims, members):
            if nearest is Nearest.ROAD and self._network is not None and self._on_road is not None:
                pieces = service_areas.by_road(part, self._network, self._on_road, held)
            else:
                pieces = service_areas.by_straight_line(part, self._x, self._y, held)
            for site, piece in pieces.items():
                found.setdefault(site, []).append(piece)
        return {site: shapely.union_all(parts) for site, parts in sorted(found.items())}

    def ways(self, seen: Sequence[SiteDistance], lon: float, lat: float) -> list[BaseGeometry | None]:
        """The way by road from a point to each of these sites, in degrees; None where no road leads there."""
        if self._network is None or self._on_road is None or not seen:
            return [None] * len(seen)
        x, y = (float(v) for v in self._projection.forward(lon, lat))
        places = {site.id: place for place, site in enumerate(self.sites)}
        among = np.array([places[one.site.id] for one in seen], dtype=np.int64)
        found = self._network.distance_to_sites(x, y, self._on_road, among=among, path=True)
        paths = {self.sites[one.site].id: (one.road_m, one.path) for one in found}
        return [
            None if (path := paths.get(one.site.id, (None, None))[1]) is None else self._projection.geometry_deg(path)
            for one in seen
        ]

    def _by_road_many(self, agency_id: int, x: Floats, y: Floats, members: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first site by road; the table of an agency's junctions is kept for the next points."""
        assert self._network is not None
        assert self._on_road is not None
        reach = self._reaches.get(agency_id)
        if reach is None and len(x) < MANY * len(members):
            return self._network.first_sites(x, y, self._on_road, among=members)
        if reach is None:
            reach = self._network.reach(self._on_road, members)
            while len(self._reaches) >= KEPT_REACHES:
                self._reaches.pop(next(iter(self._reaches)), None)
            self._reaches[agency_id] = reach
        return reach.nearest(x, y, MAX_SNAP_M)[0]

    def _by_road(self, x: float, y: float, among: NDArray[np.int64], nearest: Nearest) -> dict[int, float]:
        """Road distances of the first few by road, nearest first; empty where roads do not count."""
        if nearest is not Nearest.ROAD or self._network is None or self._on_road is None or not len(among):
            return {}
        found = self._network.distance_to_sites(x, y, self._on_road, k=CONSIDERED, among=among)
        return {one.site: one.road_m for one in found if one.road_m is not None}

    def _holds(self, i: int, lon: float, lat: float) -> bool:
        area = self._areas[i]
        return area is not None and bool(shapely.intersects_xy(area, lon, lat))

    def _distance(self, i: int, x: float, y: float, lon: float, lat: float, road_m: float | None) -> SiteDistance:
        area = self._areas[i]
        return SiteDistance(
            site=self.sites[i],
            straight_m=float(np.hypot(self._x[i] - x, self._y[i] - y)),
            road_m=road_m,
            in_service_area=None if area is None else self._holds(i, lon, lat),
        )
