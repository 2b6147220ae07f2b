"""A planar net of lines and the faces between them, in whole centimetres.

Owns: nodes, edges and face rings, kept consistent while an edge is split, a face is cut or two faces are
joined. Blocks, grids and every area above them are unions of these faces, so whatever is built from them shares
its vertices exactly. Does not own: where to cut (`subdivide`), what a line or a face means (`plan`, `landuse`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
_T = TypeVar("_T", bound=np.generic)

ROADS = ("arterial", "secondary", "local", "lane")
BORDER = "border"  # a line that is no street: river bank, middle of the river, fence of the railway, limit of the city


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the plan. `xy` (n, 2) metres; `kind` one of ROADS or BORDER; `name` a key of its own."""

    name: str
    kind: str
    xy: Floats


def key(a: int, b: int) -> tuple[int, int]:
    """The edge between two nodes, whichever way it is walked."""
    return (a, b) if a < b else (b, a)


def after(values: NDArray[_T]) -> NDArray[_T]:
    """The values that follow each one on a ring (np.roll by -1, several times as fast)."""
    return np.concatenate((values[1:], values[:1]))


def ring_area_m2(xy: Floats) -> float:
    """Signed area of a ring that does not repeat its first point; positive when counter-clockwise."""
    x, y = xy[:, 0], xy[:, 1]
    return float(np.dot(x, after(y)) - np.dot(y, after(x))) / 2


@dataclass
class Net:
    """`rings[f]` are the nodes of face f, counter-clockwise; `left[a, b]` is the face left of the step from a to b."""

    xy: list[tuple[float, float]] = field(default_factory=list)
    kind: dict[tuple[int, int], str] = field(default_factory=dict)
    line: dict[tuple[int, int], str] = field(default_factory=dict)
    rings: dict[int, list[int]] = field(default_factory=dict)
    left: dict[tuple[int, int], int] = field(default_factory=dict)
    degree: dict[int, int] = field(default_factory=dict)
    _next_face: int = 0

    def coords(self, face: int) -> Floats:
        """The ring of a face, (n, 2) metres, first point not repeated."""
        return np.array([self.xy[n] for n in self.rings[face]])

    def polygon(self, face: int) -> shapely.Polygon:
        return shapely.Polygon(self.coords(face))

    def polygons(self, faces: Iterable[int]) -> NDArray[np.object_]:
        return np.array([self.polygon(f) for f in faces], dtype=object)

    def steps(self, face: int) -> list[tuple[int, int]]:
        """The directed edges of a face's ring."""
        ring = self.rings[face]
        return list(zip(ring, ring[1:] + ring[:1], strict=True))

    def length_m(self, a: int, b: int) -> float:
        (ax, ay), (bx, by) = self.xy[a], self.xy[b]
        return float(np.hypot(ax - bx, ay - by))

    def neighbours(self, face: int) -> dict[int, dict[str, float]]:
        """Faces that share an edge with this one: metres shared, by kind of line."""
        out: dict[int, dict[str, float]] = {}
        for a, b in self.steps(face):
            other = self.left.get((b, a))
            if other is not None and other != face:
                kinds = out.setdefault(other, {})
                kind = self.kind[key(a, b)]
                kinds[kind] = kinds.get(kind, 0.0) + self.length_m(a, b)
        return out

    def add_node(self, x: float, y: float) -> int:
        self.xy.append((round(x, 2), round(y, 2)))
        return len(self.xy) - 1

    def _add_edge(self, a: int, b: int, kind: str, line: str) -> None:
        self.kind[key(a, b)] = kind
        self.line[key(a, b)] = line
        self.degree[a] = self.degree.get(a, 0) + 1
        self.degree[b] = self.degree.get(b, 0) + 1

    def _add_face(self, ring: list[int]) -> int:
        face = self._next_face
        self._next_face += 1
        self.rings[face] = ring
        for a, b in self.steps(face):
            self.left[a, b] = face
        return face

    def split_edge(self, a: int, b: int, x: float, y: float) -> int:
        """Put a node on the edge between a and b, in the rings on both sides of it."""
        node = self.add_node(x, y)
        kind, line = self.kind.pop(key(a, b)), self.line.pop(key(a, b))
        for n in (a, b):
            self.degree[n] -= 1
        self._add_edge(a, node, kind, line)
        self._add_edge(node, b, kind, line)
        for p, q in ((a, b), (b, a)):
            face = self.left.pop((p, q), None)
            if face is not None:
                ring = self.rings[face]
                ring.insert(ring.index(p) + 1, node)
                self.left[p, node] = self.left[node, q] = face
        return node

    def cut(
        self, face: int, start: int, end: int, between: Sequence[tuple[float, float]], kind: str, line: str
    ) -> tuple[int, int]:
        """Cut a face by a line from one node of its ring to another, by way of the points `between`."""
        ring = self.rings.pop(face)
        i = ring.index(start)
        ring = ring[i:] + ring[:i]
        j = ring.index(end)
        chain = [start, *(self.add_node(x, y) for x, y in between), end]
        for a, b in pairwise(chain):
            self._add_edge(a, b, kind, line)
        first = self._add_face(ring[: j + 1] + chain[-2:0:-1])
        second = self._add_face(ring[j:] + chain[:-1])
        return first, second

    def unroad_islands(self) -> None:
        """Streets that no other street reaches become plain borders, so that all roads are one net."""
        roads = sorted(e for e, kind in self.kind.items() if kind in ROADS)
        a, b = np.array(roads).T
        n = len(self.xy)
        piece = connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)[1]
        main = np.bincount(piece[a]).argmax()
        for i in np.flatnonzero(piece[a] != main):
            self.kind[roads[i]] = BORDER

    def join(self, face: int, other: int) -> int | None:
        """Take away the line between two faces. None (and nothing done) where they touch in more than one place."""
        ring = self.rings[face]
        shared = [self.left.get((b, a)) == other for a, b in self.steps(face)]
        n = len(ring)
        starts = [i for i in range(n) if shared[i] and not shared[i - 1]]
        if len(starts) != 1:
            return None
        i = starts[0]
        ring, count = ring[i:] + ring[:i], sum(shared)
        head, tail = ring[0], ring[count]
        theirs = self.rings[other]
        k = theirs.index(head)
        theirs = theirs[k:] + theirs[:k]
        around = theirs[: theirs.index(tail) + 1]  # from head the other way round to tail
        joined = ring[count:] + around[:-1]
        if len(set(joined)) < len(joined):  # they also touch in a point
            return None
        for a, b in pairwise(ring[: count + 1]):
            del self.left[a, b], self.left[b, a], self.kind[key(a, b)], self.line[key(a, b)]
            self.degree[a] -= 1
            self.degree[b] -= 1
        del self.rings[face], self.rings[other]
        return self._add_face(joined)


def from_lines(lines: Sequence[Line], *, grid_m: float = 0.01) -> Net:
    """Node the lines on a grid, drop what ends blindly, and read the faces.

    Each piece keeps kind and name of the line it lies on (the first in order, where two lines fall together).
    Raises ValueError where a face has a hole: every part of the plan has to hang together.
    """
    sources = [shapely.LineString(line.xy) for line in lines]
    noded = shapely.unary_union(sources, grid_size=grid_m)
    faces = list(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    net = Net()
    ids: dict[tuple[float, float], int] = {}
    rings: list[list[int]] = []
    for face in sorted(faces, key=lambda f: f.bounds):
        if len(face.interiors):
            raise ValueError("a part of the plan floats free of the rest")
        ring = []
        for x, y in shapely.get_coordinates(shapely.force_2d(shapely.orient_polygons(face).exterior))[:-1]:
            at = (round(float(x), 2), round(float(y), 2))
            if at not in ids:
                ids[at] = net.add_node(*at)
            ring.append(ids[at])
        rings.append(ring)
    _label_edges(net, rings, lines, sources)
    for ring in rings:
        net._add_face(ring)
    return net


def _label_edges(net: Net, rings: list[list[int]], lines: Sequence[Line], sources: list[shapely.LineString]) -> None:
    edges = sorted({key(a, b) for ring in rings for a, b in zip(ring, ring[1:] + ring[:1], strict=True)})
    at = np.array(net.xy)
    middle = shapely.points((at[[a for a, _ in edges]] + at[[b for _, b in edges]]) / 2)
    tree = shapely.STRtree(sources)
    found = np.full(len(edges), len(sources))
    i, j = tree.query(middle, predicate="dwithin", distance=0.05)
    np.minimum.at(found, i, j)
    for e in np.flatnonzero(found == len(sources)):
        found[e] = tree.nearest(middle[e])
    for (a, b), s in zip(edges, found, strict=True):
        net._add_edge(a, b, lines[s].kind, lines[s].name)
