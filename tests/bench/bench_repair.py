"""Repair after a count: households that change their grid, beside what is proven to be the least and beside redrawing.

A made city is divided, then counted again: a fifth of the buildings drifts by up to 15 %, new estates are built on open
ground, street blocks are pulled down. Each community is repaired by itself. The peers see the same graphs and counts:
a division from scratch, and METIS, both relabelled so that as many households as possible keep their grid (an
assignment by overlap). What each plan does is judged by one function here, not by what it says of itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pymetis
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.repair import Repaired, repair
from gridgov.geo.partition.solve import propose, propose_many
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.bench.plancity import plan_city

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

SEED = 2026_12
COMMUNITIES: dict[Scale, int] = {"small": 6, "full": 60}
LEAST, MOST, TARGET = 270, 330, 300
DRIFTING, DRIFT = 0.2, 0.15
ESTATES_EACH, PULLED_DOWN_EACH = 0.2, 2 / 15
"""New estates (three towers of 120 to 199 households) and street blocks pulled down, for each community."""


@dataclass(frozen=True)
class Counted:
    """A community after the count; `before` int32[n] the grids it has."""

    graph: AtomGraph
    before: Ints


@dataclass(frozen=True)
class Judged:
    """Over communities: households moved, grids, grids within the band, grids in more than one piece, wall seconds."""

    moved: int
    grids: int
    in_band: int
    divided: int
    seconds: float

    @property
    def share(self) -> float:
        return 100 * self.in_band / self.grids


@bench("repair")
def repaired(scale: Scale) -> Iterator[Row | LeftOut]:
    towns = counted_again(COMMUNITIES[scale], SEED)
    first = mend(towns[0])  # compiled before any clock starts
    proven: list[Repaired] = []

    def ours_of(town: Counted) -> Ints:
        proven.append(mend(town))
        return proven[-1].assignment

    found, ours = judged(towns, ours_of)
    if ours.divided:
        raise AssertionError(f"{ours.divided} grids are not in one piece")
    if (first.assignment != found[0]).any():
        raise AssertionError("the same seed does not make the same repair")
    atoms, households = (sum(count(town.graph) for town in towns) for count in (len, total))
    bound = sum(one.bound.households for one in proven)
    simple = sum(one.bound.simple for one in proven)
    if any(one.bound.households > one.moved for one in proven):
        raise AssertionError("a bound is above what a plan moves")
    note = (
        f"{100 * ours.moved / households:.2f} % of {households:,}; {ours.moved / bound:.2f} times the bound,"
        f" {ours.moved / max(simple, 1):.2f} times excess or deficit alone"
    )
    yield Row("repair, households moved", atoms, ours.moved, "proven least", bound, "households", "less", note)
    for name, divide in (("divided from scratch", scratch), ("METIS from scratch", metis)):
        _, theirs = judged(towns, lambda town, divide=divide: relabelled(town, divide(town)))  # type: ignore[misc]
        yield from beside(atoms, ours, f"{name}, relabelled", theirs)


def beside(atoms: int, ours: Judged, peer: str, theirs: Judged) -> Iterator[Row]:
    note = f"{ours.seconds:.1f} s beside {theirs.seconds:.1f} s"
    yield Row("repair, households moved", atoms, ours.moved, peer, theirs.moved, "households", "less", note)
    note = f"{ours.in_band} of {ours.grids} beside {theirs.in_band} of {theirs.grids}"
    yield Row("repair, grids in band", atoms, ours.share, peer, theirs.share, "%", "more", note)


def mend(town: Counted) -> Repaired:
    return repair(town.graph, town.before, least=LEAST, most=MOST, target=TARGET, seed=1)


def total(graph: AtomGraph) -> int:
    return int(graph.households.sum())


def counted_again(communities: int, seed: int) -> list[Counted]:
    """The communities of a made city that have grids, after a count has changed them."""
    city = plan_city(communities, seed)
    rng = np.random.default_rng(seed)
    members = city.members()
    graphs = [city.graph.part(atoms) for atoms in members]
    drawn = propose_many(graphs, least=LEAST, most=MOST, target=TARGET, seed=seed)
    households = changed(city.graph, rng, communities)
    return [
        Counted(replace(graph, households=households[atoms]), one.assignment)
        for graph, atoms, one in zip(graphs, members, drawn, strict=True)
    ]


def changed(graph: AtomGraph, rng: np.random.Generator, communities: int) -> Ints:
    """int32[n]: drift, new estates on open ground, street blocks pulled down."""
    households = graph.households.copy()
    lived = np.flatnonzero(households > 0)
    some = rng.choice(lived, int(DRIFTING * len(lived)), replace=False)
    households[some] = np.round(households[some] * rng.uniform(1 - DRIFT, 1 + DRIFT, len(some))).astype(np.int32)
    blocks = np.unique(graph.block)
    for block in rng.choice(blocks, round(ESTATES_EACH * communities), replace=False):
        open_ground = np.flatnonzero((graph.block == block) & (households == 0))[:3]
        households[open_ground] = rng.integers(120, 200, len(open_ground))
    for block in rng.choice(blocks, round(PULLED_DOWN_EACH * communities), replace=False):
        households[graph.block == block] = 0
    return households


def judged(towns: list[Counted], divide: Callable[[Counted], Ints]) -> tuple[list[Ints], Judged]:
    begin = time.perf_counter()
    made = [divide(town) for town in towns]
    seconds = time.perf_counter() - begin
    moved = grids = in_band = pieces = 0
    for town, after in zip(towns, made, strict=True):
        moved += int(town.graph.households[after != town.before].sum())
        numbers, place = np.unique(after, return_inverse=True)
        size = np.bincount(place, weights=town.graph.households)
        grids += len(numbers)
        in_band += int(((size >= LEAST) & (size <= MOST)).sum())
        pieces += town.graph.pieces(after)[0]
    return made, Judged(moved, grids, in_band, pieces - grids, seconds)


def wanted(town: Counted) -> int:
    """As many grids as there were, or as the new count asks for."""
    grids, households = len(np.unique(town.before)), total(town.graph)
    return grids if grids * LEAST <= households <= grids * MOST else max(1, round(households / TARGET))


def scratch(town: Counted) -> Ints:
    return propose(town.graph, least=LEAST, most=MOST, target=TARGET, seed=1, grids=wanted(town)).assignment


def metis(town: Counted) -> Ints:
    graph = town.graph
    options = pymetis.Options(ufactor=50, contig=1)
    weights = np.maximum(1, np.round(graph.price)).astype(np.int64)
    _, label = pymetis.part_graph(
        wanted(town), xadj=graph.indptr, adjncy=graph.indices, vweights=graph.households, eweights=weights,
        options=options,
    )  # fmt: skip
    return np.asarray(label, dtype=np.int32)


def relabelled(town: Counted, label: Ints) -> Ints:
    """The same division with the numbers of the old grids where most households keep theirs, new ones elsewhere."""
    old, was = np.unique(town.before, return_inverse=True)
    new, now = np.unique(label, return_inverse=True)
    shared = np.zeros((len(new), len(old)))
    np.add.at(shared, (now, was), town.graph.households)
    names = np.arange(len(new), dtype=np.int32) + int(old.max()) + 1
    rows, columns = linear_sum_assignment(shared, maximize=True)
    names[rows] = old[columns]
    return names[now]
