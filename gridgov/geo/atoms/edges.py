"""How atoms touch: shared metres, whether a street runs there, and what only a bridge or an underpass joins.

Owns the rule for pieces that lie apart (an island, a second part): every street that leads from one to another within
`CROSSING_M` joins the two atoms at its ends; whatever is still apart is joined by the shortest way over other streets,
then between the nearest atoms, which is said.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridgov.geo.atoms import faces
from gridgov.geo.atoms.forms import Edges, Finding, Flags, Floats, Ints, Longs, Shapes

ALONG_M = 0.1
"""A border runs along a street when it is nearer to the centre line than this, at three places of each piece."""
CROSSING_M = 500.0
AT_M = 5.0
"""A street that ends nearer than this to an atom leads there."""


class Bridges(NamedTuple):
    """Pairs a < b that only a bridge joins; `by_street` int: how many of them a street does."""

    a: Longs
    b: Longs
    by_street: int


def edges_of(
    shapes: Shapes, streets: Shapes, all_streets: Shapes, *, along_m: float = ALONG_M
) -> tuple[Edges, tuple[Finding, ...]]:
    """Edges of atoms (metres) that are a valid coverage. `streets`: lines that borders may run along; `all_streets`:
    lines that may lead from piece to piece. More than half of a shared border must run along a street to be on it.
    """
    found = faces.borders(shapes)
    inner = np.flatnonzero(found.b >= 0)
    a, b, length = found.a[inner], found.b[inner], found.length_m[inner]
    low, high = np.minimum(a, b), np.maximum(a, b)
    street = _along(found.start[inner], found.end[inner], streets, along_m)
    all_of = faces.summed(low, high, length)
    on = faces.summed(low, high, np.where(street, length, 0.0))
    crossing, findings = bridges(shapes, all_of, all_streets)
    first = np.concatenate([all_of.a, crossing.a])
    second = np.concatenate([all_of.b, crossing.b])
    order = np.lexsort((second, first))
    none = np.zeros(len(crossing.a))
    return Edges(
        first[order].astype(np.int32),
        second[order].astype(np.int32),
        np.concatenate([all_of.metres, none])[order],
        np.concatenate([on.metres * 2.0 > all_of.metres, none > 0.0])[order],
        np.concatenate([all_of.metres < 0.0, none == 0.0])[order],
    ), findings


def _along(start: Floats, end: Floats, streets: Shapes, along_m: float) -> Flags:
    out = np.ones(len(start), dtype=np.bool_)
    tree = shapely.STRtree(streets)
    for share in (0.25, 0.5, 0.75):  # a street that only crosses is near at one of them
        points = shapely.points(start + share * (end - start))
        at, _ = tree.query(points, predicate="dwithin", distance=along_m)
        near = np.zeros(len(start), dtype=np.bool_)
        near[at] = True
        out &= near
    return out


def bridges(shapes: Shapes, touching: faces.Touching, streets: Shapes) -> tuple[Bridges, tuple[Finding, ...]]:
    """What joins the pieces of a community that do not touch."""
    number, piece = _pieces(len(shapes), touching.a, touching.b)
    none = np.empty(0, dtype=np.int64)
    if number == 1:
        return Bridges(none, none, 0), ()
    a, b, away = _crossings(shapes, piece, streets)
    short = away <= CROSSING_M
    chosen = list(zip(a[short].tolist(), b[short].tolist(), strict=True))
    chosen += _spanning(chosen, piece, number, a[~short], b[~short], away[~short])
    by_street = len(set(chosen))
    chosen += _spanning(chosen, piece, number, *_nearest_pairs(shapes, piece, number))
    pairs = sorted({(min(pair), max(pair)) for pair in chosen})
    nearest = len(pairs) - by_street
    findings = [
        Finding(
            "pieces-apart",
            f"社区由{number}个互不相连的部分组成，以{by_street}处道路（桥梁、地道）相连",
            f"The community lies in {number} pieces that do not touch; {by_street} streets (bridges, underpasses) "
            "join them",
            number,
        )
    ]
    if nearest > 0:
        findings.append(
            Finding(
                "joined-by-nearness",
                f"{nearest}处没有道路相通，按最近距离相连，请核对",
                f"No street leads to {nearest} of the pieces; the nearest atoms were joined; please check",
                nearest,
            )
        )
    columns = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Bridges(columns[:, 0], columns[:, 1], by_street), tuple(findings)


def _pieces(n: int, a: Any, b: Any) -> tuple[int, Ints]:
    ones = np.ones(len(a), dtype=np.int8)
    number, piece = connected_components(csr_matrix((ones, (a, b)), shape=(n, n)), directed=False)
    return int(number), piece


def _crossings(shapes: Shapes, piece: Ints, streets: Shapes) -> tuple[Longs, Longs, Floats]:
    """(a, b, metres) of the stretches of street outside the community that lead from piece to piece."""
    empty = np.empty(0, dtype=np.int64)
    if not len(streets):
        return empty, empty, np.empty(0)
    ground = shapely.coverage_union_all(shapes)
    outside = shapely.line_merge(shapely.difference(shapely.union_all(streets, grid_size=0.01), ground))
    lines = shapely.get_parts(outside)
    lines = lines[shapely.length(lines) > 0.0]
    tree = shapely.STRtree(shapes)
    ends = [shapely.get_point(lines, 0), shapely.get_point(lines, -1)]
    atom = np.full((2, len(lines)), -1, dtype=np.int64)
    for side, points in enumerate(ends):
        if len(lines):
            query, found = tree.query_nearest(points, max_distance=AT_M, all_matches=False)
            atom[side, query] = found
    both = (atom[0] >= 0) & (atom[1] >= 0)
    both &= piece[atom[0]] != piece[atom[1]]
    a, b, away = atom[0, both], atom[1, both], shapely.length(lines[both])
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((away, high, low))
    first = np.unique((low[order] << 32) + high[order], return_index=True)[1]
    at = order[first]
    return low[at], high[at], away[at]


def _nearest_pairs(shapes: Shapes, piece: Ints, number: int) -> tuple[Longs, Longs, Floats]:
    """(a, b, metres): for each two pieces the atoms nearest to each other."""
    wholes = [shapely.coverage_union_all(shapes[piece == one]) for one in range(number)]
    a: list[int] = []
    b: list[int] = []
    away: list[float] = []
    for first in range(number):
        for second in range(first + 1, number):
            line = shapely.shortest_line(wholes[first], wholes[second])
            ends = shapely.get_coordinates(line)
            for end, one, into in ((ends[0], first, a), (ends[-1], second, b)):
                rows = np.flatnonzero(piece == one)
                into.append(int(rows[np.argmin(shapely.distance(shapes[rows], shapely.Point(end)))]))
            away.append(float(line.length))
    return np.array(a, dtype=np.int64), np.array(b, dtype=np.int64), np.array(away)


def _spanning(
    chosen: list[tuple[int, int]], piece: Ints, number: int, a: Longs, b: Longs, away: Floats
) -> list[tuple[int, int]]:
    """Of the pairs, the shortest first, those that join pieces which nothing joins yet (Kruskal 1956)."""
    root = list(range(number))

    def find(one: int) -> int:
        while root[one] != one:
            one = root[one]
        return one

    for first, second in chosen:
        root[find(int(piece[first]))] = find(int(piece[second]))
    out = []
    for at in np.argsort(away, kind="stable"):
        first, second = find(int(piece[a[at]])), find(int(piece[b[at]]))
        if first != second:
            root[first] = second
            out.append((int(a[at]), int(b[at])))
    return out
