"""Which block belongs to which grid, community, sub-district and district.

Two districts lie on either side of the river. The northern one has sub-districts (seven of the city, one town of
villages) and eighteen communities below them; the southern one is flat: twelve communities right below the district, as
辽源 had them. Special grids (campus, industry, hospital …) are set apart first, the rest is balanced to about 300
households.

Owns: membership, as arrays over blocks. Does not own: codes (`areas`), names (`areanames`), the method (`partition`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely

from gridgov.interop.democity.blockgraph import Contracted, Edges, contract, edges_of, join_rest, loose
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.landuse import Land
from gridgov.interop.democity.partition import Graph, Ints, recombine, split
from gridgov.interop.democity.plan import Plan
from gridgov.interop.democity.planar import Floats, Net

HOUSEHOLDS = 300.0
SLACK = 0.085  # grids are drawn to 300 households give or take this share
_LARGEST_SPECIAL_M2 = 900_000.0

NORTH, SOUTH = 0, 1
# Of each part of the city: its district, and how many communities each of its sub-districts has. In the flat district a
# part stands where a sub-district would, but makes none.
PARTS: dict[str, tuple[int, tuple[int, ...]]] = {
    "north-city": (NORTH, (2, 2, 2, 2, 2, 2, 3)),
    "north-villages": (NORTH, (3,)),
    "south-city": (SOUTH, (9,)),
    "south-villages": (SOUTH, (3,)),
}
_SPECIAL_USES = ("hospital", "mall", "station", "city-hall")
_SPECIAL_ZONES = {"campus": "campus", "park": "park", "lake": "park"}


@dataclass(slots=True)
class Membership:
    """For every block the number of its grid; for every grid its community; and so on upward."""

    grid: Ints
    community: Ints  # of a grid
    subdistrict: Ints  # of a community, -1 in the flat district
    district: Ints  # of a community
    kind: list[str]  # of a grid: urban, rural, special
    what: list[str]  # of a grid: what a special grid is for, else ""
    part: list[str]  # of a community: the part of the city


@dataclass(slots=True)
class _Draft:
    """Grids and communities as they are made, one after the other."""

    grid_of_node: Ints
    community: list[int] = field(default_factory=list)
    subdistrict: list[int] = field(default_factory=list)
    district: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    what: list[str] = field(default_factory=list)
    part: list[str] = field(default_factory=list)

    def add_grid(self, nodes: Ints, kind: str, what: str = "") -> None:
        self.grid_of_node[nodes] = len(self.community)
        self.community.append(len(self.part))
        self.kind.append(kind)
        self.what.append(what)

    def close_community(self, part: str, subdistrict: int, district: int) -> None:
        self.part.append(part)
        self.subdistrict.append(subdistrict)
        self.district.append(district)


def _parts(plan: Plan, net: Net, land: Land) -> list[str]:
    """The part of the city that each block lies in: by the middle of the river and by the ring road."""
    at = shapely.point_on_surface(net.polygons(b.face for b in land.blocks))
    x, y = shapely.get_x(at), shapely.get_y(at)
    north = y > np.interp(x, plan.water_middle[:, 0], plan.water_middle[:, 1])
    city = shapely.contains(plan.ring, at)
    return [("north" if n else "south") + ("-city" if c else "-villages") for n, c in zip(north, city, strict=True)]


def _specials(net: Net, land: Land, part: list[str], edges: Edges, seed: int) -> list[tuple[str, list[int]]]:
    """Groups of blocks that are grids of their own: what for, and which."""
    by_name: dict[str, list[int]] = {}
    for i, block in enumerate(land.blocks):
        if block.use in _SPECIAL_USES:
            by_name.setdefault(land.parcels[block.parcel].single, []).append(i)
        elif block.zone in _SPECIAL_ZONES:
            by_name.setdefault(_SPECIAL_ZONES[block.zone], []).append(i)
        elif block.zone == "industry":
            by_name.setdefault(f"industry-{part[i]}", []).append(i)
    area = np.array([net.polygon(b.face).area for b in land.blocks])
    whole = edges.graph(area)
    groups: list[tuple[str, list[int]]] = []
    for name in sorted(by_name):
        nodes = np.array(by_name[name])
        pieces = whole.part(nodes).pieces()
        for p in range(pieces.max() + 1):
            piece = nodes[pieces == p]
            many = max(1, round(area[piece].sum() / _LARGEST_SPECIAL_M2)) if name.startswith("industry") else 1
            label = split(whole.part(piece), [1.0] * many, 0.3, 30, stream(seed, "special", name, p))
            groups += [(name, piece[label == k].tolist()) for k in range(many)]
    return groups


def belong(plan: Plan, net: Net, land: Land, households: Floats, seed: int) -> Membership:
    """Divide the city. `households`: expected households of every block."""
    edges = edges_of(net, land)
    part = _parts(plan, net, land)
    nodes = contract(part, edges, loose(land, edges), _specials(net, land, part, edges, seed), households)
    draft = _Draft(np.full(len(nodes.graph), -1, dtype=np.int64))
    towns = 0
    for name, (district, counts) in PARTS.items():
        inside = _main_piece(nodes.graph, np.array([i for i, p in enumerate(nodes.part) if p == name]))
        label = split(nodes.graph.part(inside), counts, 0.12, 60, stream(seed, "towns", name))
        for t, count in enumerate(counts):
            mine = inside[label == t]
            quarters = split(nodes.graph.part(mine), [1.0] * count, 0.1, 60, stream(seed, "quarters", name, t))
            for q in range(count):
                _make_grids(nodes, mine[quarters == q], name, draft, seed)
                draft.close_community(name, towns if district == NORTH else -1, district)
            towns += district == NORTH
    grid = np.where(nodes.group >= 0, draft.grid_of_node[nodes.group], -1)
    ordinary = np.array([kind != "special" for kind in draft.kind])
    return Membership(
        join_rest(grid, ordinary, part, edges),
        np.array(draft.community),
        np.array(draft.subdistrict),
        np.array(draft.district),
        draft.kind,
        draft.what,
        draft.part,
    )


def _main_piece(graph: Graph, nodes: Ints) -> Ints:
    """The nodes that hang together; a few that do not are joined last. Raises ValueError where people live on those."""
    pieces = graph.part(nodes).pieces()
    main = pieces == np.bincount(pieces).argmax()
    if graph.weight[nodes[~main]].sum() > 0:
        raise ValueError("a part of the city is cut off from the rest")
    return np.asarray(nodes[main])


def _make_grids(nodes: Contracted, members: Ints, part: str, draft: _Draft, seed: int) -> None:
    """The grids of one community: the special ones, then the rest in balanced parts, piece by piece."""
    special = np.array([nodes.is_special(int(n)) for n in members])
    for node in members[special]:
        draft.add_grid(np.array([node]), "special", nodes.special[int(node)])
    rest = members[~special]
    pieces = nodes.graph.part(rest).pieces()
    for p in range(pieces.max() + 1):
        piece = rest[pieces == p]
        graph = nodes.graph.part(piece)
        held = float(graph.weight.sum())
        if held < HOUSEHOLDS / 2:
            continue  # too small for a grid: joined to a neighbour last
        many = max(1, round(held / HOUSEHOLDS))
        rng = stream(seed, "grids", len(draft.part), p)
        label = split(graph, [1.0] * many, 0.1, 24, rng)
        label = recombine(graph, label, held / many, SLACK, 5, 16, rng)
        for k in range(many):
            draft.add_grid(piece[label == k], "rural" if part.endswith("villages") else "urban")
