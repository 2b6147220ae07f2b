"""Dividing a made city, beside METIS best of 50, KaHIP and GerryChain: the same graphs, judged by the same code.

The city's seed is one that tuning never saw. Each community is divided by itself. A peer that could not divide some
community is compared on the others alone. Times: wall seconds of ours on two threads, of peers on one (they have no
more), processor seconds in the note. The growth curve draws households afresh for copies of one made city of a million.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.solve import EFFORT, Exceptional, propose_many
from tests.bench import partition_peers as peers
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.bench.partition_peers import LEAST, MOST, TARGET, Judged, Made
from tests.bench.plancity import PlanCity, households, plan_city

T = TypeVar("T")
SEED, THREADS = 2026_11, 2
COMMUNITIES: dict[Scale, int] = {"small": 12, "full": 60}
GROWTH: dict[Scale, tuple[int, ...]] = {
    "small": (100_000,),
    "full": (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000),
}
LESS, MORE = 4.0, 126.0
"""Moves an atom for a first look, and for those who can wait."""
PER_COMMUNITY = 4_900


@dataclass(frozen=True)
class Ours:
    made: Made
    exceptions: tuple[Exceptional, ...]


@bench("partition")
def partition(scale: Scale) -> Iterator[Row | LeftOut]:
    compiled()
    city = plan_city(COMMUNITIES[scale], SEED)
    quick, usual, more = ours(city, LESS), ours(city, EFFORT), ours(city, MORE)
    again = ours(city, EFFORT, threads=1)
    if (again.made.label != usual.made.label).any():
        raise AssertionError("one thread and two do not make the same division")
    makers: list[Callable[[], Made]] = [lambda: peers.metis(city, 50), lambda: peers.kahip(city, 5)]
    if scale == "full":
        makers.append(lambda: peers.gerrychain(city, 1))
    else:
        yield LeftOut("beside GerryChain", "it takes over a minute; --scale full has it")
    for make in makers:
        peer = make()
        for mine in (quick, usual, more):
            yield from beside(city, mine, peer)


@bench("partition-growth")
def growth(scale: Scale) -> Iterator[Row]:
    compiled()
    for wanted in GROWTH[scale]:
        yield grown(wanted)


def compiled() -> None:
    """Kernels are compiled, or read from disk, before any clock starts."""
    ours(plan_city(2, 1), 1.0)


def ours(city: PlanCity, effort: float, threads: int = THREADS) -> Ours:
    members = city.members()
    graphs = [city.graph.part(atoms) for atoms in members]
    label = np.full(len(city.graph), -1, dtype=np.int64)
    wall, cpu, top = time.perf_counter(), time.process_time(), 0
    found = propose_many(graphs, least=LEAST, most=MOST, target=TARGET, seed=7, effort=effort, threads=threads)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    for atoms, one in zip(members, found, strict=True):
        label[atoms] = one.assignment + top
        top += one.grids
    name = "usual effort" if effort == EFFORT else f"{effort:.0f} moves an atom"
    return Ours(Made(name, label, wall, cpu), tuple(said for one in found for said in one.exceptions))


def beside(city: PlanCity, mine: Ours, peer: Made) -> Iterator[Row]:
    """Cut, compactness and time; communities that the peer left undivided are left out for both."""
    both = np.where(peer.label >= 0, mine.made.label, -1)
    left, right = peers.judge(city, both), peers.judge(city, peer.label)
    checked(left, mine)
    n, name = len(city.graph), f"{mine.made.name}:"
    said = ", ".join(f"{sum(one.code == code for one in mine.exceptions)} {code}" for code in codes(mine)) or "none"
    yield Row(
        f"{name} weighted cut", n, left.cut_km, peer.name, right.cut_km, "km", "less",
        f"{left.cut_km / right.cut_km:.3f} of it; ours {left.note()}, exceptions {said}; theirs {right.note()}",
    )  # fmt: skip
    yield Row(f"{name} Polsby-Popper", n, left.polsby_popper, peer.name, right.polsby_popper, "mean", "more")
    yield Row(f"{name} on streets", n, left.on_street, peer.name, right.on_street, "%", "more")
    yield Row(
        f"{name} time", n, mine.made.wall_s, peer.name, peer.wall_s, "s", "less",
        f"processor {mine.made.cpu_s:.2f} beside {peer.cpu_s:.2f} s: {peer.cpu_s / mine.made.cpu_s:.1f} times",
    )  # fmt: skip


def codes(mine: Ours) -> list[str]:
    return sorted({one.code for one in mine.exceptions})


def checked(found: Judged, mine: Ours) -> None:
    """What is promised without exception; the rest are figures."""
    if found.contiguous < 100.0 or found.crossing:
        raise AssertionError(f"{mine.made.name}: {found.contiguous} % contiguous, {found.crossing} crossings")
    outside = round(found.parts * (100.0 - found.in_band) / 100.0)
    if outside > len(mine.exceptions):
        raise AssertionError(f"{outside} grids outside the band, {len(mine.exceptions)} exceptions explained")


# --- growth -----------------------------------------------------------------------------------------------------------


def grown(wanted: int) -> Row:
    """About `wanted` households; ours with everything it holds, beside one run of METIS."""
    graphs = copies(wanted)
    n = sum(len(graph) for graph in graphs)
    total = sum(int(graph.households.sum()) for graph in graphs)
    before = held("VmRSS")
    seconds, cpu, rise, found = measured(
        lambda: propose_many(graphs, least=LEAST, most=MOST, target=TARGET, seed=3, threads=THREADS)
    )
    sizes = np.concatenate([one.households for one in found])
    inside = 100.0 * float(np.mean((sizes >= LEAST) & (sizes <= MOST)))
    whole = all(bool(one.contiguous.all()) for one in found)
    theirs, _, _, _ = measured(lambda: [metis_once(graph) for graph in graphs])
    memory = f"{before:.0f} MB before, {rise:.0f} more at the peak"
    return Row(
        f"growth, {total:,} households, {len(sizes):,} grids", n, seconds, "METIS k-way, 1 seed, 1 thread", theirs, "s",
        "less", f"processor {cpu:.1f} s, {memory}, in band {inside:.2f} %, all contiguous: {whole}",
    )  # fmt: skip


def metis_once(graph: AtomGraph) -> Made:
    return peers.metis(PlanCity(graph, np.zeros(len(graph), dtype=np.int64), np.empty(0, dtype=object)), 1)


def copies(wanted: int) -> list[AtomGraph]:
    communities = max(2, round(wanted / PER_COMMUNITY))
    city = plan_city(min(communities, 204), SEED + 1)
    parts = [city.graph.part(atoms) for atoms in city.members()]
    rng = np.random.default_rng(SEED + 2)
    found: list[AtomGraph] = []
    while len(found) < communities:
        drawn = households(rng, city.community)
        fresh = [drawn[atoms].astype(np.int32) for atoms in city.members()]
        found += [replace(part, households=one) for part, one in zip(parts, fresh, strict=True)]
    return found[:communities]


def measured(work: Callable[[], T]) -> tuple[float, float, float, T]:
    """(wall seconds, processor seconds, megabytes by which the memory held rose at most, what it gave)."""
    Path("/proc/self/clear_refs").write_text("5")
    before = held("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return wall, cpu, held("VmHWM") - before, found


def held(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024
