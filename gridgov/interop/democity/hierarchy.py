"""Which block belongs to which grid, community, sub-district and district.

Two districts lie on either side of the river. The northern one has sub-districts (seven of the city, one town of villages) and
eighteen communities below them; the southern one is flat: twelve communities right below the district, as in 辽源 (see the
glossary). Special grids (campus, industry, hospital …) are set apart first, the rest is balanced to about 300 households.

Owns: membership, as arrays over blocks. Does not own: codes and names (`areas`), the method (`partition`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.landuse import Land
from gridgov.interop.democity.partition import Graph, Ints, recombine, split
from gridgov.interop.democity.plan import Plan
from gridgov.interop.democity.planar import Floats, Net

HOUSEHOLDS = 300.0
SLACK = 0.085  # grids are drawn to 300 households give or take this share
_TIE = {"lane": 1.0, "local": 2.4, "secondary": 4.5, "arterial": 8.0, "border": 14.0}
_COST_PER_KM = {"lane": 4.0, "local": 2.4, "secondary": 1.5, "arterial": 1.0, "border": 1.2}

NORTH, SOUTH = 0, 1
# Of each part of the city: its district, and the number of communities in each of its sub-districts (one tier less in the flat one).
PARTS: dict[str, tuple[int, tuple[int, ...]]] = {
    "north-city": (NORTH, (2, 2, 2, 2, 2, 2, 3)),
    "north-villages": (NORTH, (3,)),
    "south-city": (SOUTH, (9,)),
    "south-villages": (SOUTH, (3,)),
}
_SPECIAL_USES = {"hospital": "hospital", "mall": "mall", "station": "station", "city-hall": "city-hall"}


@dataclass(slots=True)
class Membership:
    """For every block the number of its grid; for every grid its community, its sub-district (-1: none) and district, and its kind."""

    grid: Ints
    community: Ints  # of a grid
    subdistrict: Ints  # of a community, -1 in the flat district
    district: Ints  # of a community
    kind: list[str]  # of a grid: urban, rural, special
    what: list[str]  # of a grid: what a special grid is for, else ""
    part: list[str]  # of a community: the part of the city


@dataclass(frozen=True, slots=True)
class _Edges:
    a: Ints
    b: Ints
    tie: Floats
    cost: Floats
    shared_m: Floats


def _edges(net: Net, land: Land) -> _Edges:
    place = {block.face: i for i, block in enumerate(land.blocks)}
    rows = []
    for i, block in enumerate(land.blocks):
        for face, kinds in net.neighbours(block.face).items():
            j = place[face]
            if i < j:
                metres = sum(kinds.values())
                main = max(kinds, key=lambda k: (kinds[k], k))
                rows.append((i, j, _TIE[main], sum(_COST_PER_KM[k] * m for k, m in kinds.items()) / 1000, metres))
    a, b, tie, cost, shared = (np.array(column) for column in zip(*rows, strict=True))
    return _Edges(a, b, tie, cost, shared)


def _loose(land: Land, edges: _Edges) -> NDArray[np.bool_]:
    """The river and the green along it: too long and thin to hold an area together, so they are joined to one last."""
    river = np.array([b.zone == "river" and b.use == "water" for b in land.blocks])
    wet = np.zeros(len(river), dtype=bool)
    wet[edges.a[river[edges.b]]] = wet[edges.b[river[edges.a]]] = True
    strip = np.array([b.zone == "strip" for b in land.blocks])
    return river | (strip & wet)


def _parts(plan: Plan, net: Net, land: Land) -> list[str]:
    at = shapely.point_on_surface(net.polygons(b.face for b in land.blocks))
    ring = plan.zones[-1][1]
    x, y = shapely.get_x(at), shapely.get_y(at)
    north = y > np.interp(x, plan.water_middle[:, 0], plan.water_middle[:, 1])
    city = shapely.contains(ring, at)
    return [("north" if n else "south") + ("-city" if c else "-villages") for n, c in zip(north, city, strict=True)]


def _specials(net: Net, land: Land, part: list[str], edges: _Edges, seed: int) -> list[tuple[str, list[int]]]:
    """Groups of blocks that are grids of their own: what for, and which."""
    by_name: dict[str, list[int]] = {}
    for i, block in enumerate(land.blocks):
        single = land.parcels[block.parcel].single
        if block.use in _SPECIAL_USES:
            by_name.setdefault(single, []).append(i)
        elif block.zone == "campus":
            by_name.setdefault("campus", []).append(i)
        elif block.zone in ("park", "lake"):
            by_name.setdefault("park", []).append(i)
        elif block.zone == "industry":
            by_name.setdefault(f"industry-{part[i]}", []).append(i)
    area = np.array([net.polygon(b.face).area for b in land.blocks])
    whole = Graph(area, edges.a, edges.b, edges.tie, edges.cost)
    groups: list[tuple[str, list[int]]] = []
    for name in sorted(by_name):
        nodes = np.array(by_name[name])
        pieces = whole.part(nodes).pieces()
        for p in range(pieces.max() + 1):
            piece = nodes[pieces == p]
            many = max(1, round(area[piece].sum() / 900_000)) if name.startswith("industry") else 1
            label = split(whole.part(piece), [1.0] * many, 0.3, 30, stream(seed, "special", name, p))
            groups += [(name, piece[label == k].tolist()) for k in range(many)]
    return groups


@dataclass(slots=True)
class _Work:
    """What the steps below share: `group[i]` is the node of block i in the contracted graph, -1 for what is joined last."""

    group: Ints
    graph: Graph
    special: dict[int, str]  # node -> what for
    part: list[str]  # of a node


def _contract(
    land: Land,
    part: list[str],
    edges: _Edges,
    loose: NDArray[np.bool_],
    specials: list[tuple[str, list[int]]],
    households: Floats,
) -> _Work:
    """One node for each special group and for every other block that is not loose."""
    group = np.full(len(land.blocks), -1, dtype=np.int64)
    special: dict[int, str] = {}
    for node, (what, blocks) in enumerate(specials):
        group[blocks] = node
        special[node] = what
    free = np.flatnonzero((group < 0) & ~loose)
    group[free] = len(specials) + np.arange(len(free))
    nodes = len(specials) + len(free)
    held = group >= 0
    weight = np.bincount(group[held], households[held], nodes)
    ga, gb = group[edges.a], group[edges.b]
    keep = (ga >= 0) & (gb >= 0) & (ga != gb)
    pairs, at = np.unique(np.sort(np.c_[ga, gb][keep], axis=1), axis=0, return_inverse=True)
    tie = np.full(len(pairs), np.inf)
    np.minimum.at(tie, at, edges.tie[keep])
    cost = np.bincount(at, edges.cost[keep], len(pairs))
    names = [""] * nodes
    for i in np.flatnonzero(held)[::-1]:
        names[group[i]] = part[i]
    return _Work(group, Graph(weight, pairs[:, 0], pairs[:, 1], tie, cost), special, names)


def belong(plan: Plan, net: Net, land: Land, households: Floats, seed: int) -> Membership:
    """Divide the city. `households`: expected households of every block."""
    edges = _edges(net, land)
    part = _parts(plan, net, land)
    specials = _specials(net, land, part, edges, seed)
    work = _contract(land, part, edges, _loose(land, edges), specials, households)
    out = Membership(np.full(len(land.blocks), -1), *(np.zeros(0, dtype=np.int64) for _ in range(3)), [], [], [])
    grid_of = np.full(len(work.graph), -1)
    tiers: list[tuple[int, int]] = []  # of a community: sub-district, district
    communities: list[int] = []  # of a grid
    for name, (district, counts) in PARTS.items():
        nodes = _main_piece(work.graph, np.array([i for i, p in enumerate(work.part) if p == name]))
        towns = split(work.graph.part(nodes), [float(c) for c in counts], 0.12, 60, stream(seed, "towns", name))
        for town, count in enumerate(counts):
            first = 1 + max((t for t, _ in tiers), default=-1) if town == 0 else tiers[-1][0] + (district == NORTH)
            inside = nodes[towns == town]
            quarters = split(work.graph.part(inside), [1.0] * count, 0.1, 60, stream(seed, "quarters", name, town))
            for q in range(count):
                _make_grids(work, inside[quarters == q], len(tiers), name, grid_of, out, communities, seed)
                tiers.append((first if district == NORTH else -1, district))
                out.part.append(name)
    out.community = np.array(communities)
    out.subdistrict, out.district = (np.array(column) for column in zip(*tiers, strict=True))
    out.grid = np.where(work.group >= 0, grid_of[work.group], -1)
    _join_loose(out, part, edges)
    return out


def _main_piece(graph: Graph, nodes: Ints) -> Ints:
    """The nodes that hang together; a few that do not are joined last. Raises ValueError where people live on those."""
    pieces = graph.part(nodes).pieces()
    main = pieces == np.bincount(pieces).argmax()
    if graph.weight[nodes[~main]].sum() > 0:
        raise ValueError("a part of the city is cut off from the rest")
    return nodes[main]


def _make_grids(
    work: _Work,
    nodes: Ints,
    community: int,
    part: str,
    grid_of: Ints,
    out: Membership,
    communities: list[int],
    seed: int,
) -> None:
    """The grids of one community: the special ones, then the rest in balanced parts, piece by piece."""

    def add(members: Ints, kind: str, what: str = "") -> None:
        grid_of[members] = len(communities)
        communities.append(community)
        out.kind.append(kind)
        out.what.append(what)

    for node in nodes:
        if int(node) in work.special:
            add(np.array([node]), "special", work.special[int(node)])
    rest = np.array([n for n in nodes if int(n) not in work.special])
    whole = work.graph.part(rest)
    pieces = whole.pieces()
    for p in range(pieces.max() + 1):
        piece = rest[pieces == p]
        graph = work.graph.part(piece)
        held = float(graph.weight.sum())
        if held < 0.5 * HOUSEHOLDS:
            continue  # too small for a grid: joined to a neighbour last
        many = max(1, round(held / HOUSEHOLDS))
        rng = stream(seed, "grids", community, p)
        label = split(graph, [1.0] * many, 0.1, 24, rng)
        label = recombine(graph, label, held / many, SLACK, 5, 16, rng)
        for k in range(many):
            add(piece[label == k], "rural" if part.endswith("villages") else "urban")


def _join_loose(out: Membership, part: list[str], edges: _Edges) -> None:
    """Join every block that has no grid yet to the grid it shares most metres with, of the same part where there is one."""
    same = np.array([part[i] == part[j] for i, j in zip(edges.a, edges.b, strict=True)])
    same_bank = np.array([part[i][:5] == part[j][:5] for i, j in zip(edges.a, edges.b, strict=True)])
    ordinary = np.array([kind != "special" for kind in out.kind])
    for allowed in (same, same_bank):
        for only in (True, False):
            while _join_wave(out.grid, edges, allowed, ordinary if only else np.ones_like(ordinary)):
                pass
    if (out.grid < 0).any():
        raise ValueError("a block touches no grid")


def _join_wave(grid: Ints, edges: _Edges, allowed: NDArray[np.bool_], takes: NDArray[np.bool_]) -> bool:
    a, b = np.r_[edges.a, edges.b], np.r_[edges.b, edges.a]
    metres, ok = np.r_[edges.shared_m, edges.shared_m], np.r_[allowed, allowed]
    ok &= (grid[a] < 0) & (grid[b] >= 0) & takes[grid[b]]
    if not ok.any():
        return False
    totals: dict[int, dict[int, float]] = {}
    for i, g, m in zip(a[ok], grid[b[ok]], metres[ok], strict=True):
        mine = totals.setdefault(int(i), {})
        mine[int(g)] = mine.get(int(g), 0.0) + float(m)
    for i, mine in totals.items():
        grid[i] = max(mine, key=lambda g: (mine[g], -g))
    return True
