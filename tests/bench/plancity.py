"""A made-up city to divide: communities of street blocks of building cells, an exact coverage, with households.

Owns: how it is made, from a seed. Does not own what is measured on it. Communities are Voronoi cells (two steps of
Lloyd's), blocks Voronoi cells of a jittered grid turned at random inside a community, atoms the same inside a block;
all lines are noded together on a 1 cm grid, and neighbours found by the segments they share. A boundary between two
blocks is a street. Households are lumpy: a third of the atoms has none, most have 1 to 10, walk-ups 12 to 60, towers up
to 198, in another mix for each community.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.geo.partition.graph import AtomGraph

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Shapes = NDArray[np.object_]

PER_BLOCK = 12
ATOMS_PER_COMMUNITY, AREA_M2 = 470, 550_000.0
LOW, TOWER = np.arange(1, 11), np.array([66, 88, 108, 132, 160, 198])
WALK_UP = np.array([12, 18, 24, 30, 36, 48, 60])
TOWER_SHARE = np.array([0.3, 0.25, 0.2, 0.13, 0.08, 0.04])


@dataclass(frozen=True)
class PlanCity:
    """`graph` of all atoms (what two communities share is no edge), `community` int64[n], `shapes` Polygon[n]."""

    graph: AtomGraph
    community: Longs
    shapes: Shapes

    @property
    def communities(self) -> int:
        return int(self.community.max()) + 1

    def members(self) -> list[Longs]:
        """The atoms of each community."""
        return [np.flatnonzero(self.community == one) for one in range(self.communities)]


def plan_city(communities: int, seed: int) -> PlanCity:
    """A city of so many communities, about 470 atoms and 4,900 households each."""
    rng = np.random.default_rng(seed)
    cells, community, block = _cells(rng, communities)
    shapes, cell = _coverage(cells)
    community, block = community[cell], block[cell]
    a, b, shared_m = _shared(shapes)
    inside = community[a] == community[b]
    a, b, shared_m = a[inside], b[inside], shared_m[inside]
    graph = AtomGraph.of_edges(
        a, b, shared_m, block[a] != block[b], np.zeros(len(a), dtype=bool),
        households=households(rng, community), block=block,
        area_m2=shapely.area(shapes), perimeter_m=shapely.length(shapes),
    )  # fmt: skip
    return PlanCity(graph, community, shapes)


def households(rng: np.random.Generator, community: Longs) -> Longs:
    """Of each atom, in lumps."""
    n = len(community)
    none = rng.uniform(0.25, 0.5, int(community.max()) + 1)[community]
    draw = (rng.uniform(size=n) - none) / (1 - none)
    low, walk_up = rng.choice(LOW, n), rng.choice(WALK_UP, n)
    tower = rng.choice(TOWER, n, p=TOWER_SHARE)
    return np.select([draw < 0, draw < 0.66, draw < 0.955], [np.zeros(n, dtype=np.int64), low, walk_up], tower)


def _cells(rng: np.random.Generator, communities: int) -> tuple[Shapes, Longs, Longs]:
    """(cells, community of each, block of each); not yet noded with each other."""
    side = float(np.sqrt(communities * AREA_M2))
    outline = shapely.box(0.0, 0.0, side, side)
    centres = rng.uniform(0.0, side, (communities, 2))
    for _ in range(2):
        centres = shapely.get_coordinates(shapely.centroid(np.array(_voronoi(centres, outline))))
    grounds = _voronoi(centres, outline)
    weight = shapely.area(np.array(grounds)) * rng.lognormal(0.0, 0.35, communities)
    wanted = np.maximum(120, weight / weight.sum() * communities * ATOMS_PER_COMMUNITY).astype(np.int64)
    cells: list[shapely.Polygon] = []
    owner: list[tuple[int, int]] = []
    blocks = 0
    for number, ground in enumerate(grounds):
        centres = _scattered(rng, ground, max(4, int(wanted[number]) // PER_BLOCK))
        mean = ground.area / len(centres)
        for street_block in _voronoi(centres, ground):
            atoms = max(1, int(rng.poisson(PER_BLOCK * street_block.area / mean)))
            inside = _voronoi(_scattered(rng, street_block, atoms), street_block)
            cells += inside
            owner += [(number, blocks)] * len(inside)
            blocks += 1
    owners = np.array(owner, dtype=np.int64)
    return np.array(cells, dtype=object), owners[:, 0], owners[:, 1]


def _voronoi(points: Floats, outline: shapely.Polygon) -> list[shapely.Polygon]:
    """The cells of points inside a convex outline."""
    if len(points) == 1:
        return [outline]
    found = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=outline)
    cells = shapely.intersection(shapely.get_parts(found), outline)
    return [cell for cell in cells if cell.geom_type == "Polygon" and not cell.is_empty]


def _scattered(rng: np.random.Generator, outline: shapely.Polygon, wanted: int) -> Floats:
    """About so many points inside, on a jittered grid turned by a random angle."""
    angle, aspect = rng.uniform(0.0, np.pi / 2), rng.uniform(0.7, 1.5)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    low, high = np.min(corners := shapely.get_coordinates(outline) @ turn, axis=0), np.max(corners, axis=0)
    step = np.sqrt(outline.area / wanted)
    x = np.arange(low[0], high[0] + step * aspect, step * aspect)
    y = np.arange(low[1], high[1] + step / aspect, step / aspect)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    points = (points + rng.normal(0.0, 0.16 * step, points.shape)) @ turn.T
    points = points[shapely.contains_xy(outline, points[:, 0], points[:, 1])]
    return points if len(points) else shapely.get_coordinates(outline.representative_point())


def _coverage(cells: Shapes) -> tuple[Shapes, Longs]:
    """(polygons that meet exactly, the cell of each): all lines noded at once on a 1 cm grid."""
    lines = shapely.unary_union(shapely.boundary(cells), grid_size=0.01)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    inside = shapely.point_on_surface(faces)
    face, cell = shapely.STRtree(cells).query(inside, predicate="within")
    whose = np.full(len(faces), -1, dtype=np.int64)
    whose[face] = cell
    lost = whose < 0
    if lost.any():  # slivers of the noding go to the nearest face
        whose[lost] = whose[~lost][shapely.STRtree(faces[~lost]).nearest(faces[lost])]
    order = np.argsort(whose, kind="stable")
    kept, first = np.unique(whose[order], return_index=True)
    shapes = np.empty(len(kept), dtype=object)
    for at, group in enumerate(np.split(order, first[1:])):
        whole = faces[group[0]] if len(group) == 1 else shapely.unary_union(faces[group])
        shapes[at] = max(shapely.get_parts(whole), key=shapely.area)
    return shapes, kept


def _shared(shapes: Shapes) -> tuple[Longs, Longs, Floats]:
    """(a, b, metres) of every two polygons that share a segment, each pair once."""
    corner, ring = shapely.get_coordinates(shapely.get_exterior_ring(shapes), return_index=True)
    place = np.round(corner * 100).astype(np.int64)
    key = place[:, 0] * (1 << 31) + place[:, 1]
    along = ring[1:] == ring[:-1]
    start, end, owner = key[:-1][along], key[1:][along], ring[:-1][along].astype(np.int64)
    length = np.hypot(*np.diff(place, axis=0)[along].T) / 100.0
    low, high = np.minimum(start, end), np.maximum(start, end)
    order = np.lexsort((high, low))
    low, high, owner, length = low[order], high[order], owner[order], length[order]
    twin = (low[1:] == low[:-1]) & (high[1:] == high[:-1]) & (owner[1:] != owner[:-1])
    pair = np.sort(np.stack([owner[:-1][twin], owner[1:][twin]]), axis=0)
    code, place_of = np.unique(pair[0] * len(shapes) + pair[1], return_inverse=True)
    metres = np.bincount(place_of, length[:-1][twin], len(code))
    first, second = code // len(shapes), code % len(shapes)
    return first.astype(np.int64), second.astype(np.int64), metres.astype(np.float64)
