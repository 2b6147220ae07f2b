"""What others make of the same city, and how any division is judged.

Owns: METIS best of many seeds, KaHIP, GerryChain's recursive bisection with a surcharge for blocks; the
evaluation, from dissolved shapes and bare edges, which shares no code with the solver. Does not own the city
(`plancity`) nor the solver's own run (`bench_partition`).
"""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import networkx
import numpy as np
import pymetis
import shapely
from numpy.typing import NDArray

from gridgov.geo.partition.graph import AtomGraph
from tests.bench.plancity import PlanCity

Longs = NDArray[np.int64]
LEAST, MOST, TARGET = 270, 330, 300
BLOCK_SURCHARGE = 1.0


@dataclass(frozen=True)
class Made:
    """A division of a city: `label` int64[n] (-1: this community could not be divided), wall and processor seconds."""

    name: str
    label: Longs
    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class Judged:
    """`cut_km` price of what is cut; shares in percent."""

    parts: int
    cut_km: float
    polsby_popper: float
    in_band: float
    contiguous: float
    on_street: float
    crossing: int

    def note(self) -> str:
        return (
            f"{self.parts:,} grids, in band {self.in_band:.2f} %, contiguous {self.contiguous:.2f} %,"
            f" PP {self.polsby_popper:.3f}, on streets {self.on_street:.1f} %"
        )


def judge(city: PlanCity, label: Longs) -> Judged:
    """From the shapes: parts are dissolved; a part is contiguous if that leaves one polygon."""
    graph = city.graph
    kept = np.flatnonzero(label >= 0)
    numbers, part = np.unique(label[kept], return_inverse=True)
    order = np.argsort(part, kind="stable")
    groups = np.split(kept[order], np.flatnonzero(np.diff(part[order])) + 1)
    whole = np.array([shapely.coverage_union_all(city.shapes[atoms]) for atoms in groups], dtype=object)
    area, around = shapely.area(whole), shapely.length(whole)
    households = np.bincount(part, graph.households[kept], len(numbers))
    one = np.repeat(np.arange(len(label)), np.diff(graph.indptr))
    cut = (label[one] != label[graph.indices]) & (label[one] >= 0) & (one < graph.indices)
    metres, street = graph.shared_m[cut], graph.on_street[cut]
    pairs = np.unique(np.stack([label[kept], city.community[kept]]), axis=1)
    return Judged(
        parts=len(numbers),
        cut_km=float(np.where(street, metres, 3.0 * metres).sum()) / 1000.0,
        polsby_popper=float(np.mean(4 * np.pi * area / around**2)),
        in_band=100.0 * float(np.mean((households >= LEAST) & (households <= MOST))),
        contiguous=100.0 * float(np.mean([shape.geom_type == "Polygon" for shape in whole])),
        on_street=100.0 * float(metres[street].sum() / metres.sum()),
        crossing=pairs.shape[1] - len(numbers),
    )


def grids_of(graph: AtomGraph) -> int:
    return max(1, round(int(graph.households.sum()) / TARGET))


def each(city: PlanCity, name: str, divide: Callable[[AtomGraph], NDArray[np.integer] | None]) -> Made:
    """Every community by itself, one after the other."""
    label = np.full(len(city.graph), -1, dtype=np.int64)
    graphs = [(atoms, city.graph.part(atoms)) for atoms in city.members()]
    wall, cpu, top = time.perf_counter(), time.process_time(), 0
    for atoms, graph in graphs:
        found = divide(graph)
        if found is not None:
            label[atoms] = np.asarray(found) + top
            top += int(np.max(found)) + 1
    return Made(name, label, time.perf_counter() - wall, time.process_time() - cpu)


def metis(city: PlanCity, seeds: int) -> Made:
    """METIS k-way with contiguity asked for; of the seeds the one with fewest grids that are outside the band or in
    pieces, then the least cut."""

    def divide(graph: AtomGraph) -> Longs:
        weight = np.maximum(1, np.round(graph.price)).astype(np.int64)
        tried = []
        for seed in range(seeds):
            options = pymetis.Options(contig=1, ufactor=60, seed=seed)
            _, found = pymetis.part_graph(
                grids_of(graph), pymetis.CSRAdjacency(graph.indptr, graph.indices), eweights=weight,
                vweights=graph.households.astype(np.int64), options=options,
            )  # fmt: skip
            tried.append(np.asarray(found, dtype=np.int64))
        return min(tried, key=lambda label: worth(graph, label))

    return each(city, "METIS k-way, 1 seed" if seeds == 1 else f"METIS k-way, best of {seeds}", divide)


def worth(graph: AtomGraph, label: Longs) -> tuple[int, float]:
    households = np.bincount(label, graph.households)
    bad = int(((households < LEAST) | (households > MOST)).sum()) + graph.pieces(label)[0] - len(np.unique(label))
    return bad, float(graph.price[label[graph.source] != label[graph.indices]].sum())


def kahip(city: PlanCity, seeds: int) -> Made:
    """KaHIP ECO (Sanders and Schulz 2013), which does not know contiguity."""
    import kahip as library

    def divide(graph: AtomGraph) -> Longs:
        weight = np.maximum(1, np.round(graph.price)).astype(int).tolist()
        rows = graph.households.tolist(), graph.indptr.tolist(), weight, graph.indices.tolist()
        tried = []
        for seed in range(seeds):
            _, found = library.kaffpa(*rows, grids_of(graph), 0.06, True, seed, 1)
            tried.append(np.asarray(found, dtype=np.int64))
        return min(tried, key=lambda label: worth(graph, label))

    return each(city, f"KaHIP ECO, best of {seeds}", divide)


def gerrychain(city: PlanCity, seed: int) -> Made:
    """Recursive bisection on random spanning trees; edges between two street blocks bear a surcharge, so that trees
    follow blocks and cuts fall on streets. None for a community that it gives up."""
    import gerrychain as library
    from gerrychain.partition.initial_partition_generators import recursive_tree_part
    from gerrychain.tree import bipartition_tree

    bisect = partial(bipartition_tree, max_attempts=3000, region_surcharge={"block": BLOCK_SURCHARGE})

    def divide(graph: AtomGraph) -> Longs | None:
        plain = networkx.Graph()
        for atom in range(len(graph)):
            plain.add_node(atom, households=int(graph.households[atom]), block=int(graph.block[atom]))
        plain.add_edges_from(zip(graph.source.tolist(), graph.indices.tolist(), strict=True))
        parts = grids_of(graph)
        mean = float(graph.households.sum()) / parts
        slack = min(mean - LEAST, MOST - mean) / mean
        if slack <= 0:
            return None
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                found = recursive_tree_part(
                    library.Graph.from_networkx(plain), range(parts), mean, "households", slack,
                    bipartition_tree_fn=bisect, rng=seed,
                )  # fmt: skip
        except Exception as failed:
            if type(failed).__name__ not in {
                "RuntimeError",
                "BipartitionWarning",
                "BalanceError",
                "PopulationBalanceError",
            }:
                raise
            return None
        return np.array([found[atom] for atom in range(len(graph))], dtype=np.int64)

    return each(city, "GerryChain, block surcharge", divide)
