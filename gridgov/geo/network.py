"""Roads as a graph: how far it is by road, and by which way.

Owns: making a graph of road centre lines, placing points on it, road distances and paths to sites.
Does not own: straight-line search (`nearest`), the search kernel (`shortest`), or which sites serve a matter.

Metres of one projection throughout. Roads may be used both ways, and every crossing of two lines is a junction: the
distance measures responsibility, not driving (one-way streets, levels and turn bans are not known here).

**The rule.** A point reaches the road at the nearest spot of the nearest edge (the lowest edge among equals), if that
is within `max_snap_m`. Road distance = point to road + along roads + road to site, so it is never less than the
straight line. Sites come in order of road distance, then of straight line, then of index; those without a road
distance (too far from a road, or on roads that do not connect) follow in order of straight line, then of index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from gridgov.geo.reach import Reach
from gridgov.geo.shortest import Graph, Placed, search, search_many

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Geometries = NDArray[np.object_]

JOIN_M = 2.0
MAX_SNAP_M = 500.0
MANY = 8  # points for each site, from which labelling the whole network is less work than a search a point


@dataclass(frozen=True)
class Snapped:
    """Points on the road, as parallel arrays: `edge` (-1: none near enough), `along_m` from the edge's first end,
    `away_m` from the point to the road, and the spot itself (NaN where there is none)."""

    edge: Indices
    along_m: Floats
    away_m: Floats
    x_m: Floats
    y_m: Floats


@dataclass(frozen=True)
class RoadSites:
    """Sites placed on one network: where they are, and where they reach its roads."""

    x_m: Floats
    y_m: Floats
    snapped: Snapped
    placed: Placed

    def __len__(self) -> int:
        return len(self.x_m)


@dataclass(frozen=True)
class RoadDistance:
    """How far one site is. `road_m` is None where no road leads there; `path` starts at the point, ends at the site."""

    site: int
    straight_m: float
    road_m: float | None
    path: shapely.LineString | None = None


class RoadNetwork:
    """Nodes (`node_x_m`, `node_y_m`) and edges (`lines_m`, with `graph` beside them). Make one with `build`.

    Nodes are sorted by easting and northing, edges by their nodes: the same roads in another order give the same
    network.
    """

    def __init__(self, nodes_m: Floats, lines_m: Geometries, graph: Graph) -> None:
        self.node_x_m, self.node_y_m = nodes_m[:, 0], nodes_m[:, 1]
        self.lines_m = lines_m
        self.graph = graph
        self._tree = shapely.STRtree(lines_m)

    @classmethod
    def build(cls, lines_m: Sequence[BaseGeometry] | Geometries, *, join_m: float = JOIN_M) -> RoadNetwork:
        """A network of LineStrings and MultiLineStrings (anything else, empty or not finite, is left out).

        Lines meet where they share a point or cross. A loose end that stops within `join_m` of another road is joined
        to it by a straight piece, for the T-junctions that surveyors leave open. No roads make an empty network.
        """
        lines = _noded(np.asarray(lines_m, dtype=object))
        return cls(*_graph(_joined(lines, join_m)))

    def __repr__(self) -> str:
        return f"RoadNetwork({len(self.node_x_m)} nodes, {len(self.lines_m)} edges)"

    def snap(self, x_m: ArrayLike, y_m: ArrayLike, max_m: float = MAX_SNAP_M) -> Snapped:
        """The nearest spot on a road for each point, within `max_m`; the lowest edge among equals."""
        x, y = np.atleast_1d(np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64))
        edge = np.full(len(x), -1, dtype=np.int64)
        spot = np.full((len(x), 2), np.nan)
        along_m, away_m = np.full(len(x), np.nan), np.full(len(x), np.nan)
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        points = shapely.points(x[finite], y[finite])
        if len(self.lines_m) and len(finite):
            row, line = self._tree.query_nearest(points)
            order = np.lexsort((line, row))
            rows, first = np.unique(row[order], return_index=True)
            edge[finite[rows]] = line[order][first]
        rows = np.flatnonzero(edge >= 0)
        points = shapely.points(x[rows], y[rows])
        lines = self.lines_m[edge[rows]]
        length_m = self.graph.length_m[edge[rows]]
        along_m[rows] = np.clip(shapely.line_locate_point(lines, points), 0.0, length_m)
        spot[rows] = shapely.get_coordinates(shapely.line_interpolate_point(lines, along_m[rows]))
        away_m[rows] = np.hypot(spot[rows, 0] - x[rows], spot[rows, 1] - y[rows])
        far = ~(away_m <= max_m)
        edge[far], along_m[far], away_m[far], spot[far] = -1, np.nan, np.nan, np.nan
        return Snapped(edge, along_m, away_m, spot[:, 0], spot[:, 1])

    def sites(self, x_m: ArrayLike, y_m: ArrayLike, max_snap_m: float = MAX_SNAP_M) -> RoadSites:
        """Place sites on this network, once for all later questions."""
        x, y = np.atleast_1d(np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64))
        snapped = self.snap(x, y, max_snap_m)
        on = np.flatnonzero(snapped.edge >= 0)
        order = on[np.argsort(snapped.edge[on], kind="stable")]
        first = np.searchsorted(snapped.edge[order], np.arange(len(self.lines_m) + 1))
        return RoadSites(x, y, snapped, Placed(snapped.edge, snapped.along_m, snapped.away_m, first, order))

    def distance_to_sites(
        self,
        x_m: float,
        y_m: float,
        sites: RoadSites,
        *,
        k: int | None = None,
        among: ArrayLike | None = None,
        max_snap_m: float = MAX_SNAP_M,
        path: bool = False,
    ) -> list[RoadDistance]:
        """The `k` first sites (all by default) by the rule above, of those whose indices are in `among` (all).

        The search stops when the k-th is certain: with k = 1 a city of 20,000 nodes answers in about 0.2 ms.
        """
        chosen = _chosen(len(sites), among)
        wanted = int(chosen.sum()) if k is None else min(k, int(chosen.sum()))
        road_m = np.full(len(sites), np.inf)
        start = self.snap(x_m, y_m, max_snap_m)
        work = self._work()
        if start.edge[0] >= 0 and wanted:
            source = start.edge[0], start.along_m[0], start.away_m[0]
            search(self.graph, sites.placed, chosen, *source, wanted, work, road_m)
        straight_m = np.hypot(sites.x_m - x_m, sites.y_m - y_m)
        known = np.flatnonzero(chosen)
        ranked = known[np.lexsort((known, straight_m[known], road_m[known]))][:wanted]
        return [
            RoadDistance(
                int(site),
                float(straight_m[site]),
                float(road_m[site]) if np.isfinite(road_m[site]) else None,
                self._path((x_m, y_m), start, sites, site, work) if path and np.isfinite(road_m[site]) else None,
            )
            for site in ranked
        ]

    def nearest_sites(
        self,
        x_m: ArrayLike,
        y_m: ArrayLike,
        sites: RoadSites,
        *,
        among: ArrayLike | None = None,
        max_snap_m: float = MAX_SNAP_M,
    ) -> tuple[Indices, Floats]:
        """For each of many points the first site by the rule, and its road distance (NaN where no road leads to any).

        The same answers as `distance_to_sites(…, k=1)`; -1 where there are no sites, or the point is not finite.
        """
        x, y = np.atleast_1d(np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64))
        chosen = _chosen(len(sites), among)
        best, best_m = np.full(len(x), -1, dtype=np.int64), np.full(len(x), np.inf)
        start = self.snap(x, y, max_snap_m)
        if chosen.any():
            points = start.edge, start.along_m, start.away_m, x, y
            where = sites.x_m, sites.y_m
            search_many(self.graph, sites.placed, chosen, points, where, self._work(), best, best_m)
            _by_straight_line(best, x, y, sites, chosen)
        return best, np.where(np.isfinite(best_m), best_m, np.nan)

    def first_sites(
        self,
        x_m: ArrayLike,
        y_m: ArrayLike,
        sites: RoadSites,
        *,
        among: ArrayLike | None = None,
        max_snap_m: float = MAX_SNAP_M,
    ) -> Indices:
        """The sites of `nearest_sites`, without distances: faster for many points, and the same to the last tie.

        By a table of junctions (`reach`) where that is less work than a search for each point.
        """
        x, y = np.atleast_1d(np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64))
        chosen = _chosen(len(sites), among)
        known = np.flatnonzero(chosen)
        if len(x) < MANY * len(known) or not len(known):
            return self.nearest_sites(x, y, sites, among=known, max_snap_m=max_snap_m)[0]
        return Reach(self, sites, known).nearest(x, y, max_snap_m)[0]

    def reach(self, sites: RoadSites, among: ArrayLike | None = None) -> Reach:
        """Who is first at every junction, for whoever asks again and again; of the sites in `among` (all)."""
        return Reach(self, sites, among)

    def _work(self) -> tuple[Floats, Indices]:
        return np.full(len(self.node_x_m), np.inf), np.full(len(self.node_x_m), -1, dtype=np.int64)

    def _path(
        self, point: tuple[float, float], start: Snapped, sites: RoadSites, site: int, work: tuple[Floats, Indices]
    ) -> shapely.LineString:
        """Traced back from the site: along a shared edge if that is shortest, else by the nearer end of its edge."""
        graph, (node_m, by) = self.graph, work
        edge, along_m = int(sites.snapped.edge[site]), float(sites.snapped.along_m[site])
        length_m = float(graph.length_m[edge])
        first_edge, first_m = int(start.edge[0]), float(start.along_m[0])
        direct_m = start.away_m[0] + abs(along_m - first_m) if edge == first_edge else np.inf
        by_u, by_v = node_m[graph.u[edge]] + along_m, node_m[graph.v[edge]] + length_m - along_m
        pieces = [np.array([[sites.x_m[site], sites.y_m[site]]])]
        if direct_m <= min(by_u, by_v):
            pieces.append(self._stretch(edge, along_m, first_m))
        else:
            node = int(graph.u[edge] if by_u <= by_v else graph.v[edge])
            pieces.append(self._stretch(edge, along_m, 0.0 if by_u <= by_v else length_m))
            while by[node] >= 0:
                half = int(by[node])
                on = int(graph.edge[half])
                whole_m = float(graph.length_m[on])
                to_m, from_m = (0.0, whole_m) if graph.from_v[half] else (whole_m, 0.0)
                pieces.append(self._stretch(on, to_m, from_m))
                node = int(graph.u[on] if graph.from_v[half] == 0 else graph.v[on])
            at_u = graph.u[first_edge] == node and start.away_m[0] + first_m <= node_m[node]
            pieces.append(self._stretch(first_edge, 0.0 if at_u else float(graph.length_m[first_edge]), first_m))
        pieces.append(np.array([point]))
        return shapely.remove_repeated_points(shapely.LineString(np.vstack(pieces)[::-1]))

    def _stretch(self, edge: int, from_m: float, to_m: float) -> Floats:
        """The vertices of one edge between two places on it, in that direction."""
        coords = shapely.get_coordinates(self.lines_m[edge])
        at_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(coords, axis=0).T)))
        low, high = min(from_m, to_m), max(from_m, to_m)
        inner = coords[(at_m > low) & (at_m < high)]
        ends = np.column_stack([np.interp([low, high], at_m, coords[:, axis]) for axis in (0, 1)])
        stretch = np.vstack([ends[:1], inner, ends[1:]])
        return stretch if from_m <= to_m else stretch[::-1]


def _by_straight_line(best: Indices, x: Floats, y: Floats, sites: RoadSites, chosen: NDArray[np.bool_]) -> None:
    """Fill in -1, in place, for finite points that no road leads from."""
    known = np.flatnonzero(chosen)
    for row in np.flatnonzero((best < 0) & np.isfinite(x) & np.isfinite(y)):
        straight_m = np.hypot(sites.x_m[known] - x[row], sites.y_m[known] - y[row])
        best[row] = known[np.argmin(straight_m)]


def _chosen(count: int, among: ArrayLike | None) -> NDArray[np.bool_]:
    chosen = np.full(count, among is None)
    if among is not None:
        chosen[np.asarray(among, dtype=np.int64)] = True
    return chosen


# ------------------------------------------------------------------------------------------------------------ building


def _noded(lines_m: Geometries) -> Geometries:
    """Pieces that meet only at their ends, as long as can be."""
    parts = shapely.get_parts(shapely.force_2d(lines_m[~shapely.is_missing(lines_m)]))
    parts = parts[(shapely.get_type_id(parts) == 1) & np.isfinite(shapely.length(parts)) & (shapely.length(parts) > 0)]
    if not len(parts):
        return np.empty(0, dtype=object)
    noded = shapely.line_merge(shapely.node(shapely.multilinestrings(list(parts))))
    return np.asarray(shapely.get_parts(noded), dtype=object)


def _ends(lines: Geometries) -> Floats:
    """First and last point of every line: shape (2, n, 2)."""
    return np.stack([shapely.get_coordinates(shapely.get_point(lines, end)) for end in (0, -1)])


def _joined(lines: Geometries, join_m: float) -> Geometries:
    """Cut lines where a loose end of another stops within `join_m`, and bridge what is left between."""
    if not len(lines) or join_m <= 0.0:
        return lines
    ends = _ends(lines)
    _, inverse, count = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True, return_counts=True)
    loose = np.flatnonzero(count[inverse.reshape(-1)] == 1)
    points = np.asarray(shapely.points(ends.reshape(-1, 2)[loose]), dtype=object)
    row, other = shapely.STRtree(lines).query(points, predicate="dwithin", distance=join_m)
    own = loose[row] % len(lines)
    row, other = row[other != own], other[other != own]
    order = np.lexsort((other, shapely.distance(points[row], lines[other]), row))
    rows, first = np.unique(row[order], return_index=True)
    other = other[order][first]
    place_m = np.asarray(shapely.line_locate_point(lines[other], points[rows]))
    cuts: dict[int, list[float]] = {}
    bridges: list[tuple[Floats, int, float]] = []
    for end, line, at_m in zip(rows, other, place_m, strict=True):
        cuts.setdefault(int(line), []).append(float(at_m))
        bridges.append((ends.reshape(-1, 2)[loose[end]], int(line), float(at_m)))
    pieces: list[Any] = [line for number, line in enumerate(lines) if number not in cuts]
    spots: dict[tuple[int, float], Floats] = {}
    for number, at in cuts.items():
        pieces.extend(_cut(lines[number], number, sorted(set(at)), spots))
    pieces += [
        shapely.LineString([end, spots[number, at_m]])
        for end, number, at_m in bridges
        if (end != spots[number, at_m]).any()
    ]
    return np.array(pieces, dtype=object)


def _cut(line: Any, number: int, at: list[float], spots: dict[tuple[int, float], Floats]) -> list[Any]:
    """The line in pieces; `spots` learns the exact node of each cut, which at either end is the end itself."""
    coords = shapely.get_coordinates(line)
    at_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(coords, axis=0).T)))
    pieces, start_m, start = [], 0.0, coords[0]
    for cut_m in at:
        if cut_m <= 0.0 or cut_m >= at_m[-1]:
            spots[number, cut_m] = coords[0] if cut_m <= 0.0 else coords[-1]
            continue
        spot = np.array([np.interp(cut_m, at_m, coords[:, axis]) for axis in (0, 1)])
        spots[number, cut_m] = spot
        inner = coords[(at_m > start_m) & (at_m < cut_m)]
        pieces.append(np.vstack([start[None], inner, spot[None]]))
        start_m, start = cut_m, spot
    pieces.append(np.vstack([start[None], coords[at_m > start_m]]))
    return [shapely.LineString(piece) for piece in pieces if len(np.unique(piece, axis=0)) > 1]


def _spots(lines: Geometries, share: float) -> Floats:
    return shapely.get_coordinates(shapely.line_interpolate_point(lines, share, normalized=True)).reshape(-1, 2)


def _graph(lines: Geometries) -> tuple[Floats, Geometries, Graph]:
    count = len(lines)
    ends = _ends(lines) if count else np.empty((2, 0, 2))
    nodes, inverse = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    u, v = inverse.reshape(2, count)
    early, late = (_spots(lines, share) for share in (0.4, 0.6))
    turned = (early[:, 0] > late[:, 0]) | ((early[:, 0] == late[:, 0]) & (early[:, 1] > late[:, 1]))
    backwards = (u > v) | ((u == v) & turned)
    lines = np.where(backwards, shapely.reverse(lines), lines)
    u, v = np.minimum(u, v), np.maximum(u, v)
    middle = _spots(lines, 0.4)
    order = np.lexsort((middle[:, 1], middle[:, 0], v, u))
    lines, u, v = lines[order], u[order], v[order]
    length_m = shapely.length(lines).astype(np.float64)
    leaves = np.concatenate([u, v])
    half = np.argsort(leaves, kind="stable")
    first = np.searchsorted(leaves[half], np.arange(len(nodes) + 1))
    edge = half % max(count, 1)
    from_v = (half >= count).astype(np.int8)
    to = np.concatenate([v, u])[half]
    whole = [np.ascontiguousarray(part, dtype=np.int64) for part in (u, v, first, to, edge)]
    return nodes, lines, Graph(whole[0], whole[1], length_m, whole[2], whole[3], whole[4], from_v)
