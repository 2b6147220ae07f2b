"""Streets: edges of the net strung together, named, and cut at every junction.

Owns: which edges make one street, its name, the pieces between junctions. Does not own: the plan's main streets
(`plan`), the stock of names (`stock`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gridgov.interop.democity import stock
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.landuse import Land
from gridgov.interop.democity.planar import ROADS, Floats, Net, key

_STRAIGHT_COS = np.cos(np.radians(32))
Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A street between two junctions. `xy` (n, 2) metres; `street` numbers the street it is a piece of."""

    street: int
    kind: str
    name: tuple[str, str]  # zh, en
    xy: Floats


@dataclass(slots=True)
class _Strung:
    """Edges grouped into streets."""

    of: dict[Edge, int]
    edges: list[list[Edge]]


def _roads(net: Net) -> list[Edge]:
    return sorted(e for e, kind in net.kind.items() if kind in ROADS)


def _string(net: Net, roads: list[Edge]) -> _Strung:
    """Join edges that go straight on over a junction, or that the plan drew as one line."""
    parent = {e: e for e in roads}

    def root(e: Edge) -> Edge:
        while parent[e] != e:
            parent[e] = parent[parent[e]]
            e = parent[e]
        return e

    at: dict[int, list[Edge]] = {}
    first: dict[str, Edge] = {}
    for e in roads:
        at.setdefault(e[0], []).append(e)
        at.setdefault(e[1], []).append(e)
        line = net.line[e]
        if line in first:
            parent[root(e)] = root(first[line])
        else:
            first[line] = e
    for node in sorted(at):
        for e, f in _through(net, node, at[node]):
            parent[root(e)] = root(f)
    groups: dict[Edge, list[Edge]] = {}
    for e in roads:
        groups.setdefault(root(e), []).append(e)
    edges = [groups[r] for r in sorted(groups)]
    return _Strung({e: i for i, group in enumerate(edges) for e in group}, edges)


def _through(net: Net, node: int, edges: list[Edge]) -> Iterator[tuple[Edge, Edge]]:
    """Pairs of edges of one kind that go on into each other at a node, straightest first; none of the plan's lines."""
    found = []
    for i, e in enumerate(edges):
        for f in edges[i + 1 :]:
            if net.kind[e] == net.kind[f] and net.line[e] != net.line[f] and "." in net.line[e] and "." in net.line[f]:
                u, v = _away(net, node, e), _away(net, node, f)
                cos = -float(u @ v)
                if cos > _STRAIGHT_COS:
                    found.append((-cos, e, f))
    used: set[Edge] = set()
    for _, e, f in sorted(found):
        if e not in used and f not in used:
            used |= {e, f}
            yield e, f


def _away(net: Net, node: int, edge: Edge) -> Floats:
    other = edge[1] if edge[0] == node else edge[0]
    way = np.array(net.xy[other]) - np.array(net.xy[node])
    return np.asarray(way / np.hypot(*way))


def _pieces(roads: list[Edge], street: dict[Edge, int]) -> list[tuple[int, list[int]]]:
    """Runs of edges of one street between junctions: (street, nodes)."""
    at: dict[int, list[int]] = {}
    for a, b in roads:
        at.setdefault(a, []).append(b)
        at.setdefault(b, []).append(a)

    def ends(node: int) -> bool:
        around = at[node]
        return len(around) != 2 or street[key(node, around[0])] != street[key(node, around[1])]

    out: list[tuple[int, list[int]]] = []
    seen: set[Edge] = set()
    starts = [n for n in sorted(at) if ends(n)]
    for start in [*starts, *sorted(at)]:  # the second round takes rings without a junction
        for step in sorted(at[start]):
            if key(start, step) in seen:
                continue
            run = [start, step]
            seen.add(key(start, step))
            while not ends(run[-1]) and run[-1] != start:
                on = next(n for n in at[run[-1]] if n != run[-2])
                seen.add(key(run[-1], on))
                run.append(on)
            out.append((street[key(start, step)], run))
    return out


def _zones(net: Net, land: Land, strung: _Strung) -> list[tuple[str, str, int]]:
    """Of every street: zone and use it runs through most, and the parcel that holds most of it."""
    block = {b.face: b for b in land.blocks}
    out = []
    for edges in strung.edges:
        tally: dict[tuple[str, str, int], float] = {}
        for a, b in edges:
            for face in (net.left.get((a, b)), net.left.get((b, a))):
                if face is not None:
                    k = block[face]
                    tally[k.zone, k.use, k.parcel] = tally.get((k.zone, k.use, k.parcel), 0.0) + net.length_m(a, b)
        out.append(max(tally, key=lambda t: (tally[t], t)))
    return out


class _Namer:
    """Deals names out of the stocks, no name twice."""

    def __init__(self, seed: int, estates: dict[int, tuple[str, str]]) -> None:
        rng = stream(seed, "street names")
        self._estates = estates
        self._used = {zh for zh, _ in stock.places()["streets"].values()}
        self._pool = {}
        for zone in ("core", "inner", "town"):
            pool = stock.stems("street_stems", "zone", zone)
            self._pool[zone] = [pool[i] for i in rng.permutation(len(pool))]

    def main(self, line: str) -> tuple[str, str] | None:
        name = stock.places()["streets"].get(line)
        return (name[0], name[1]) if name else None

    def deal(self, zone: str, endings: list[tuple[str, str]]) -> tuple[str, str]:
        pool = self._pool[zone]
        for zh_end, en_end in [*endings, *((f"{d}{zh}", f"{e} {en}") for zh, en in endings for d, e in _DIRECTIONS)]:
            for zh, en in pool:
                if zh + zh_end not in self._used:
                    self._used.add(zh + zh_end)
                    return zh + zh_end, f"{en} {en_end}"
        raise ValueError(f"the stock of street names for {zone} is used up")

    def street(self, kind: str, flat: bool, zone: str, use: str, parcel: int) -> tuple[str, str]:
        """The name of a street that the plan did not name."""
        if kind == "lane":
            if parcel in self._estates and use in _HOMES:
                zh, en = self._estates[parcel]
                return (f"{zh}村路", f"{en} Village Road") if use == "village" else (f"{zh}内部路", f"{en} Inner Road")
            if zone in _LANES:
                return _LANES[zone]
        stems = zone if zone == "core" else "town" if zone in ("town", "industry", "park") else "inner"
        return self.deal(stems, self._endings(kind, flat, zone))

    @staticmethod
    def _endings(kind: str, flat: bool, zone: str) -> list[tuple[str, str]]:
        if zone == "rural":
            return [("乡道", "Country Road")]
        if zone == "core":
            return [("巷", "Lane"), ("胡同", "Alley")] if kind == "lane" else [("街", "Street")]
        if kind == "lane":
            return [("里弄", "Close"), ("支路", "Side Road")]
        return [("路", "Road") if flat else ("街", "Street")]


_HOMES = ("flats", "towers", "village", "dormitory")
_LANES = {
    "rural": ("机耕路", "Farm Track"),
    "strip": ("滨河绿道", "Riverside Greenway"),
    "axis": ("中央绿道", "Central Greenway"),
    "campus": ("泓川学院校园路", "Hongchuan College Campus Road"),
}
_DIRECTIONS = (("东", "East"), ("西", "West"), ("南", "South"), ("北", "North"), ("中", "Middle"))


def lay(net: Net, land: Land, estates: dict[int, tuple[str, str]], seed: int) -> list[Piece]:
    """All streets of the city, named and noded. `estates`: names of parcels that people live on."""
    roads = _roads(net)
    strung = _string(net, roads)
    namer = _Namer(seed, estates)
    names = []
    for edges, (zone, use, parcel) in zip(strung.edges, _zones(net, land, strung), strict=True):
        line, kind = net.line[edges[0]], net.kind[edges[0]]
        at = np.array([net.xy[n] for e in edges for n in e])
        flat = bool(np.ptp(at[:, 0]) > np.ptp(at[:, 1]))
        names.append(namer.main(line) or namer.street(kind, flat, zone, use, parcel))
    out = []
    for street, nodes in _pieces(roads, strung.of):
        kind = net.kind[key(nodes[0], nodes[1])]
        out.append(Piece(street, kind, names[street], np.array([net.xy[n] for n in nodes])))
    return out
