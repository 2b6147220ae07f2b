"""The community's border, and the way between degrees and metres on which corners stay the same corner.

What is stored is in degrees. A corner on the 1 cm grid of the metre projection comes back onto it exactly; any other
(the community's own border) comes back as the double that the projection gives. Both ways go point by point, so
corners that neighbours share stay shared.

Inner lines are noded on the 1 cm grid, the border is not on it. So the atoms are cut out of the border put onto the
grid, and `Border.restore` puts the border's own corners back, each to the double; where an inner line ends on the
border, a corner is added on it (in degrees, as far as doubles reach).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gridgov.geo.atoms.forms import Floats, Longs, Shapes
from gridgov.geo.crs import Projection

PER_M = 100
"""Steps of the grid that inner corners lie on, a metre."""
ON_GRID_M = 1e-5
"""Nearer to the grid than this is on it: a hundred times what the projection loses on the way there and back."""
APART_M = 0.001
"""Corners that lines add to the border are at least this far from each other and from its own."""
STEP_M = 200.0
"""A straight piece of border in degrees bends by less than 2 mm in metres over this length."""


def metres(geom_deg: Any, projection: Projection) -> Any:
    """Degrees -> metres, a geometry or an array of them; corners within `ON_GRID_M` of the 1 cm grid lie on it."""

    def move(points: Floats) -> Floats:
        return grid_near(np.column_stack(projection.forward(points[:, 0], points[:, 1])))

    return shapely.transform(geom_deg, move)


def grid_near(points_m: Floats) -> Floats:
    """float64[n, 2] with the points that lie within `ON_GRID_M` of the 1 cm grid put onto it."""
    gridded = on_grid(points_m)
    near = (np.abs(gridded - points_m) <= ON_GRID_M).all(axis=1, keepdims=True)
    return np.where(near, gridded, points_m)


def on_grid(points_m: Floats) -> Floats:
    """float64[n, 2] rounded to the 1 cm grid; the same double for the same place, whatever it was computed from."""
    return np.rint(points_m * PER_M) / PER_M


def key_of(points_m: Floats) -> Longs:
    """int64[n]: one number for each place on the 1 cm grid."""
    steps = np.rint(points_m * PER_M).astype(np.int64)
    return (steps[:, 0] << 32) + steps[:, 1]


def point_of(keys: Longs) -> Floats:
    """float64[n, 2] the places that keys name, in metres."""
    y = ((keys + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
    return np.column_stack([(keys - y) >> 32, y]) / PER_M


@dataclass(frozen=True)
class Border:
    """The border of a community: v corners of its rings one after the other, first and last of a ring the same.

    `deg`, `m` float64[v, 2]; `ring` int64[v]; `along` float64[v] metres since the ring's beginning. `gridded`: the
    community with its corners on the 1 cm grid, to cut atoms out of.
    """

    deg: Floats
    m: Floats
    ring: Longs
    along: Floats
    gridded: Polygon | MultiPolygon
    projection: Projection

    @classmethod
    def of(cls, outline_deg: Polygon | MultiPolygon, projection: Projection) -> Border:
        """From a valid polygon in EPSG:4326."""
        rings = [np.asarray(ring.coords)[:, :2] for part in shapely.get_parts(outline_deg) for ring in _rings(part)]
        deg = [_stepped(ring, projection) for ring in rings]
        number = np.repeat(np.arange(len(deg)), [len(one) for one in deg])
        points = np.concatenate(deg)
        m = grid_near(np.column_stack(projection.forward(points[:, 0], points[:, 1])))
        length = np.hypot(*np.diff(m, axis=0, prepend=m[:1]).T)
        along = np.cumsum(length)
        along -= along[np.searchsorted(number, number)]
        shape = (
            shapely.transform(outline_deg, lambda _: m)
            if len(points) == _count(outline_deg)
            else _polygon(m, number, outline_deg)
        )
        gridded = shapely.set_precision(shapely.make_valid(shape), 1 / PER_M)
        return cls(points, m, number, along, cast("Polygon | MultiPolygon", gridded), projection)

    def lines(self) -> Any:
        """The gridded border as lines."""
        return shapely.boundary(self.gridded)

    def places(self, outer: Longs) -> dict[int, tuple[int, float, Floats]]:
        """(ring, metres along it, degrees) of every corner of the gridded border, by its key.

        A corner of the border that fell onto the very place is taken to the double. Whatever lies between two such
        corners is put on the border between them, in the order in which it came and at least `APART_M` apart.
        """
        corner_at: dict[int, int] = {}
        closing = np.append(self.ring[1:] != self.ring[:-1], True)
        for corner, key in enumerate(key_of(self.m).tolist()):
            if not closing[corner]:
                corner_at.setdefault(key, corner)
        out: dict[int, tuple[int, float, Floats]] = {}
        for cycle in _cycles(outer.tolist()):
            known = [at for at, key in enumerate(cycle) if key in corner_at]
            for first, second in zip(known, [*known[1:], *(at + len(cycle) for at in known[:1])], strict=True):
                run = [cycle[at % len(cycle)] for at in range(first + 1, second)]
                a, b = corner_at[cycle[first]], corner_at[cycle[second % len(cycle)]]
                out[cycle[first]] = (int(self.ring[a]), float(self.along[a]), self.deg[a])
                if run:
                    out.update(self._between(run, a, b))
            if not known:
                out.update(self._between(cycle, None, None))
        return out

    def _between(self, run: list[int], a: int | None, b: int | None) -> dict[int, tuple[int, float, Floats]]:
        """Places of corners of the gridded border that lie between the border's corners a and b."""
        path = None if a is None or b is None or a == b or self.ring[a] != self.ring[b] else self._path(a, b)
        points = point_of(np.array(run, dtype=np.int64))
        if path is None:  # no corner to hold on to, as on a border that is all finer than the grid
            return self._nearest(run, points)
        line = self.m[path]
        ends = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        s = shapely.line_locate_point(shapely.LineString(line), shapely.points(points))
        step = min(APART_M, float(ends[-1]) / (len(run) + 1) / 2)
        low = step * np.arange(1, len(run) + 1)
        s = np.maximum.accumulate(np.clip(s, low, float(ends[-1]) - low[::-1]) - low) + low
        s = np.minimum(s, float(ends[-1]) - low[::-1])
        piece = np.clip(np.searchsorted(ends, s, side="right") - 1, 0, len(path) - 2)
        share = (s - ends[piece]) / np.maximum(ends[piece + 1] - ends[piece], 1e-12)
        deg = self.deg[path]
        found = deg[piece] + share[:, None] * (deg[piece + 1] - deg[piece])
        ring = int(self.ring[path[0]])
        jump = np.diff(path)[piece]
        base = self.along[path[piece]] + np.where(jump > 1, self._length(ring), 0.0)  # back over the ring's beginning
        along = base + np.where((jump == 1) | (jump < -1), 1.0, -1.0) * (s - ends[piece])
        return {key: (ring, float(m), one) for key, m, one in zip(run, along.tolist(), found, strict=True)}

    def _path(self, a: int, b: int) -> Longs:
        """Corners from a to b, the shorter way round; over a ring's beginning its first corner stands for its last."""
        first = int(np.searchsorted(self.ring, self.ring[a]))
        many = int((self.ring == self.ring[a]).sum()) - 1
        forwards, backwards = (b - a) % many, (a - b) % many
        whole = self._length(int(self.ring[a]))
        way = (float(self.along[b]) - float(self.along[a])) % whole
        if forwards == 1 or (backwards != 1 and way <= whole - way):
            return first + (a - first + np.arange(forwards + 1)) % many
        return first + (a - first - np.arange(backwards + 1)) % many

    def _length(self, ring: int) -> float:
        return float(self.along[np.flatnonzero(self.ring == ring)[-1]])

    def _nearest(self, run: list[int], points_m: Floats) -> dict[int, tuple[int, float, Floats]]:
        """Places of corners on the nearest straight piece of the border."""
        start = np.flatnonzero(self.ring[1:] == self.ring[:-1])
        pieces = shapely.linestrings(np.stack([self.m[start], self.m[start + 1]], axis=1))
        first = start[shapely.STRtree(np.asarray(pieces, dtype=object)).nearest(shapely.points(points_m))]
        a, b = self.m[first], self.m[first + 1]
        span = b - a
        share = ((points_m - a) * span).sum(axis=1) / np.maximum((span**2).sum(axis=1), 1e-12)
        share = np.clip(share, 0.0, 1.0)
        deg = self.deg[first] + share[:, None] * (self.deg[first + 1] - self.deg[first])
        along = self.along[first] + share * (self.along[first + 1] - self.along[first])
        found = zip(run, self.ring[first].tolist(), along.tolist(), deg, strict=True)
        return {key: (ring, m, one) for key, ring, m, one in found}

    def restore(self, shapes: Shapes, outer: Longs) -> Shapes:
        """Atoms cut out on the grid -> MultiPolygon[n] in EPSG:4326 with the border's own corners.

        `outer` int64[s, 2]: keys (`key_of`) of the ends of each piece of the gridded border.
        """
        many = np.empty(len(shapes) + 1, dtype=object)
        many[:-1], many[-1] = shapes, MultiPolygon()  # one of several parts, so that all are
        kind, coords, offsets = shapely.to_ragged_array(many)
        coords = on_grid(coords)
        deg = np.column_stack(self.projection.inverse(coords[:, 0], coords[:, 1]))
        own = key_of(coords)
        on = np.flatnonzero(np.isin(own, outer))
        where = np.full(len(coords), np.nan)
        which = np.full(len(coords), -1)
        if len(on):
            places = self.places(outer)
            found = [places[key] for key in own[on].tolist()]
            which[on], where[on] = [one[0] for one in found], [one[1] for one in found]
            deg[on] = np.stack([one[2] for one in found])
        both = np.flatnonzero((which[:-1] >= 0) & (which[:-1] == which[1:]))
        both = both[~np.isin(both, offsets[0][1:] - 1)]
        both = both[_among(own[both], own[both + 1], outer)]
        filled, ends = self._fill(deg, offsets, which, where, both)
        return np.asarray(shapely.from_ragged_array(kind, filled, ends), dtype=object)[:-1]

    def _fill(self, deg: Floats, offsets: Any, which: Longs, where: Floats, both: Longs) -> tuple[Floats, Any]:
        """Corners of the border that the grid swallowed, put back between the two that it left. `both`: the places of
        the corners from which a piece of border leads to the next.
        """
        inserts: list[tuple[int, Floats]] = []
        for ring in np.unique(which[both]):
            corners = np.flatnonzero(self.ring == ring)[:-1]
            along, whole = self.along[corners], self.along[np.flatnonzero(self.ring == ring)[-1]]
            rows = both[which[both] == ring]
            low, high = np.minimum(where[rows], where[rows + 1]), np.maximum(where[rows], where[rows + 1])
            wraps = high - low > whole / 2
            first, beyond = np.searchsorted(along, low, side="right"), np.searchsorted(along, high, side="left")
            for at in np.flatnonzero(np.where(wraps, (beyond < len(along)) | (along[0] < low), beyond > first)):
                if wraps[at]:
                    chosen = np.concatenate(
                        [corners[np.searchsorted(along, high[at], side="right") :], corners[along < low[at]]]
                    )
                    forwards = where[rows[at]] > where[rows[at] + 1]
                else:
                    chosen = corners[first[at] : beyond[at]]
                    forwards = where[rows[at]] < where[rows[at] + 1]
                if len(chosen):
                    inserts.append((int(rows[at]) + 1, self.deg[chosen if forwards else chosen[::-1]]))
        if not inserts:
            return deg, offsets
        places = np.concatenate([np.full(len(points), place) for place, points in inserts])
        filled = np.insert(deg, places, np.concatenate([points for _, points in inserts]), axis=0)
        shift = np.searchsorted(np.sort(places), offsets[0], side="right")
        return filled, (offsets[0] + shift, *offsets[1:])


def _among(a: Longs, b: Longs, pairs: Longs) -> NDArray[np.bool_]:
    """bool[n]: whether (a, b) is one of the pairs, either way round."""
    keys = np.unique(pairs)
    low, high = np.minimum(a, b), np.maximum(a, b)
    code = np.searchsorted(keys, low) * len(keys) + np.searchsorted(keys, high)
    pairs = np.searchsorted(keys, np.sort(pairs, axis=1))
    return np.isin(code, pairs[:, 0] * len(keys) + pairs[:, 1])


def _cycles(pieces: list[list[int]]) -> list[list[int]]:
    """The closed ways that pieces of border make, each as the keys of its corners in order."""
    beside: dict[int, list[int]] = {}
    for one, other in pieces:
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    out = []
    for start, others in beside.items():
        while others:
            cycle, at = [start], start
            while beside[at]:
                to = beside[at].pop()
                beside[to].remove(at)
                if to == start:
                    break
                cycle.append(to)
                at = to
            out.append(cycle)
    return out


def _rings(part: Any) -> list[Any]:
    return [part.exterior, *part.interiors]


def _stepped(ring: Floats, projection: Projection) -> Floats:
    """The ring with corners added on straight pieces longer than `STEP_M`, in degrees."""
    m = np.column_stack(projection.forward(ring[:, 0], ring[:, 1]))
    pieces = np.maximum(np.ceil(np.hypot(*np.diff(m, axis=0).T) / STEP_M).astype(np.int64), 1)
    if int(pieces.max()) == 1:
        return ring
    row = np.repeat(np.arange(len(pieces)), pieces)
    step = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = (step / pieces[row])[:, None]
    points = ring[row] + share * (ring[row + 1] - ring[row])
    return np.concatenate([points, ring[-1:]])


def _count(shape: Any) -> int:
    return int(shapely.get_num_coordinates(shape))


def _polygon(points: Floats, number: Longs, like: Any) -> Any:
    """Polygons of stepped rings, parted as `like` is."""
    rings = [points[number == one] for one in range(int(number.max()) + 1)]
    parts, at = [], 0
    for part in shapely.get_parts(like):
        many = 1 + len(part.interiors)
        parts.append(Polygon(rings[at], rings[at + 1 : at + many]))
        at += many
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
