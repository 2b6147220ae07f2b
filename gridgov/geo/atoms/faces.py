"""Faces of a net of lines, who borders on whom, and faces put together to larger ones.

Owns the planar part: noding on the 1 cm grid (Hobby 1999; GEOS OverlayNG), faces, shared borders, dissolving, and the
joining of slivers. Does not own what the lines are nor what a face stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridgov.geo.atoms.forms import Flags, Floats, Longs, Shapes
from gridgov.geo.atoms.outline import PER_M, key_of


class Borders(NamedTuple):
    """s pieces of border between shapes `a` < `b` (b = -1: nobody on the other side), `start` to `end`, metres."""

    a: Longs
    b: Longs
    start: Floats
    end: Floats

    @property
    def length_m(self) -> Floats:
        span = self.end - self.start
        return np.hypot(span[:, 0], span[:, 1])


class Touching(NamedTuple):
    """Pairs a < b with the metres that they share."""

    a: Longs
    b: Longs
    metres: Floats


def faces_of(lines: Sequence[Any] | Shapes, within: Any) -> Shapes:
    """Polygons[f] that the lines enclose inside `within`, corners on the 1 cm grid. Loose ends are left out."""
    noded = shapely.union_all(np.asarray(list(lines), dtype=object), grid_size=1 / PER_M)
    found = np.asarray(shapely.get_parts(shapely.polygonize([noded])), dtype=object)
    shapely.prepare(within)
    points = shapely.get_coordinates(shapely.point_on_surface(found))
    return found[shapely.contains_xy(within, points[:, 0], points[:, 1])]


def borders(shapes: Shapes) -> Borders:
    """Every piece of border of a coverage, shared ones once. Corners must match to the double."""
    polygons, owner = shapely.get_parts(shapes, return_index=True)
    rings, of = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    owners = owner[of][ring[:-1][same]].astype(np.int64)
    start, end = points[:-1][same], points[1:][same]
    number = _numbers(points)
    tail, head = number[:-1][same], number[1:][same]
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order = np.lexsort((owners, high, low))
    low, high, owners, start, end = low[order], high[order], owners[order], start[order], end[order]
    again = np.zeros(len(order), dtype=np.bool_)
    again[1:] = (low[1:] == low[:-1]) & (high[1:] == high[:-1])
    first = np.flatnonzero(~again)
    other = np.full(len(first), -1, dtype=np.int64)
    has = first + 1 < len(order)
    twin = np.minimum(first + 1, len(order) - 1)
    paired = has & again[twin]
    other[paired] = owners[twin[paired]]
    return Borders(owners[first], other, start[first], end[first])


def _numbers(points: Floats) -> Longs:
    """int64[n]: the same number for the same point, to the double."""
    order = np.lexsort((points[:, 1], points[:, 0]))
    fresh = np.ones(len(points), dtype=np.bool_)
    fresh[1:] = (points[order][1:] != points[order][:-1]).any(axis=1)
    number = np.empty(len(points), dtype=np.int64)
    number[order] = np.cumsum(fresh) - 1
    return np.asarray(number, dtype=np.int64)


def outer_keys(found: Borders) -> Longs:
    """int64[s, 2]: keys of the two ends of every piece of the outer border."""
    outer = found.b < 0
    return np.stack([key_of(found.start[outer]), key_of(found.end[outer])], axis=1)


def touching(found: Borders, label: Longs) -> Touching:
    """Who shares how many metres with whom, once the shapes are labelled; label -1 is nobody."""
    inner = found.b >= 0
    a, b = label[found.a[inner]], label[found.b[inner]]
    low, high = np.minimum(a, b), np.maximum(a, b)
    kept = (low != high) & (low >= 0)
    return summed(low[kept], high[kept], found.length_m[inner][kept])


def summed(a: Longs, b: Longs, values: Floats) -> Touching:
    """Sums over equal pairs, by (a, b)."""
    if not len(a):
        return Touching(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    pair = (a.astype(np.int64) << 32) + b
    unique, at = np.unique(pair, return_inverse=True)
    return Touching(unique >> 32, unique & 0xFFFFFFFF, np.bincount(at, values).astype(np.float64))


def parted(label: Longs, found: Borders) -> Longs:
    """int64[f]: labels so that faces of one label which do not touch get different ones; numbered from 0."""
    inner = found.b >= 0
    a, b = found.a[inner], found.b[inner]
    same = label[a] == label[b]
    n = len(label)
    ones = np.ones(int(same.sum()), dtype=np.int8)
    _, piece = connected_components(csr_matrix((ones, (a[same], b[same])), shape=(n, n)), directed=False)
    return np.asarray(piece, dtype=np.int64)


def joined(label: Longs, found: Borders, area_m2: Floats, small: Any, *, kin: Longs | None = None) -> Longs:
    """int64[f]: labels after every group that `small` says is too small was joined to the neighbour that it shares the
    longest border with, the smallest groups first, a neighbour of the same `kin` before any other.

    `small(area_m2[g], border_m[g], groups[g]) -> bool[g]`, asked again after each round.
    """
    label = label.copy()
    for _ in range(32):
        groups, at = np.unique(label, return_inverse=True)
        if len(groups) < 2:
            break
        area = np.bincount(at, area_m2).astype(np.float64)
        pairs = touching(found, at)
        outer = np.bincount(at[found.a[found.b < 0]], found.length_m[found.b < 0], minlength=len(groups))
        round_m = (
            outer + np.bincount(pairs.a, pairs.metres, len(groups)) + np.bincount(pairs.b, pairs.metres, len(groups))
        )
        tiny = np.asarray(small(area, round_m, groups), dtype=np.bool_)
        of_kin = None if kin is None else _first(kin, at, len(groups))
        target = _neighbours(pairs, tiny, area, of_kin)
        moving = np.flatnonzero(target >= 0)
        if not len(moving):
            break
        ones = np.ones(len(moving), dtype=np.int8)
        _, together = connected_components(
            csr_matrix((ones, (moving, target[moving])), shape=(len(groups), len(groups))), directed=False
        )
        root = np.empty(int(together.max()) + 1, dtype=np.int64)  # of a chain of joinings, the one that joins nobody
        root[together[target < 0]] = groups[target < 0]
        label = root[together][at]
    return label


def _first(values: Longs, at: Longs, n: int) -> Longs:
    out = np.full(n, -1, dtype=np.int64)
    out[at[::-1]] = values[::-1]
    return out


def _neighbours(pairs: Touching, tiny: Flags, area: Floats, kin: Longs | None) -> Longs:
    """For each group that is too small the one it joins, else -1. It joins no smaller one that itself is too small."""
    source = np.concatenate([pairs.a, pairs.b])
    target = np.concatenate([pairs.b, pairs.a])
    length = np.concatenate([pairs.metres, pairs.metres])
    larger = (area[target] > area[source]) | ((area[target] == area[source]) & (target < source))
    use = tiny[source] & (~tiny[target] | larger)
    source, target, length = source[use], target[use], length[use]
    strange = np.zeros(len(source)) if kin is None else (kin[source] != kin[target]).astype(float)
    order = np.lexsort((target, -length, strange, source))
    out = np.full(len(tiny), -1, dtype=np.int64)
    chosen, first = np.unique(source[order], return_index=True)
    out[chosen] = target[order][first]
    return out


def dissolved(shapes: Shapes, label: Longs) -> tuple[Longs, Shapes]:
    """(labels ascending, one shape each): faces of a coverage with equal labels put together."""
    order = np.argsort(label, kind="stable")
    labels, start = np.unique(label[order], return_index=True)
    ends = np.append(start[1:], len(order))
    out = np.empty(len(labels), dtype=object)
    for number, (first, last) in enumerate(zip(start, ends, strict=True)):
        members = shapes[order[first:last]]
        out[number] = members[0] if len(members) == 1 else shapely.coverage_union_all(members)
    return labels, out
