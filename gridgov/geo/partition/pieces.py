"""Dividing a graph piece by piece: what stays together, how many parts each piece gets, which numbers go on.

Owns: lumps of atoms, sharing grids out over connected pieces, trying again, why a part cannot be within the band. Does
not own the steps (`anneal`), the beginning of one piece (`warm`), nor what is asked and handed back (`solve`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.partition import anneal
from gridgov.geo.partition.arithmetic import Band, choose, missed, share_out
from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.kernels import TAKEN, Field
from gridgov.geo.partition.warm import division_of, field_of, mended, metis

Ints = NDArray[np.int32]

NONE = -1
STRIDE = 100_000
"""Moves between two questions whether to go on."""
APIECE = 42.0
"""Moves for each atom from which several runs from other seeds, of which the best stays, are worth more than one."""
SPARE = 4
"""How often a piece is tried again while a part misses the band for no reason known before."""


@dataclass(frozen=True)
class Wish:
    """What is asked of every piece alike: the band, moves for each atom, metres for each household that is elsewhere
    than its home, and whether there is a division to begin with (`fresh`: there is none)."""

    band: Band
    effort: float
    fare: float
    fresh: bool


@dataclass(frozen=True)
class Found:
    """`part` int32[n]: of each atom; `why`: the parts that cannot be within the band, with the code of the reason;
    `accepted` moves taken."""

    part: Ints
    why: dict[int, str]
    accepted: int


def mixed(seed: int, at: int) -> int:
    """A seed for one of many, from 0 to 2**63 - 1."""
    word = np.random.SeedSequence([seed & (2**64 - 1), at]).generate_state(1, np.uint64)[0]
    return int(word) >> 1


def lumps_of(graph: AtomGraph, groups: NDArray[np.integer] | None) -> tuple[Ints, list[int]]:
    """(lump of each atom, numbered by lowest atom; the lowest lump of each group that does not hang together)."""
    if groups is None or not (groups >= 0).any():
        return np.arange(len(graph), dtype=np.int32), []
    alone = np.arange(len(graph)) + int(groups.max()) + 1
    _, label = graph.pieces(np.where(groups >= 0, groups, alone))
    first = np.unique(label, return_index=True)[1]
    order = np.argsort(np.argsort(first, kind="stable"), kind="stable")
    node = order[label].astype(np.int32)
    apart = []
    for group in np.unique(groups[groups >= 0]):
        held = np.unique(node[groups == group])
        if len(held) > 1:
            apart.append(int(held[0]))
    return node, apart


def divide(
    graph: AtomGraph,
    lump: Ints,
    drawn: Ints,
    home: Ints,
    wish: Wish,
    grids: int | None,
    seed: int,
    tell: Callable[[float], None],
) -> Found:
    """Each connected piece by itself. Parts of `drawn` that go on keep their number in the first piece that has them;
    the others have numbers above all of `drawn` and `home`. `tell` hears the share done, and may raise."""
    count, label = graph.pieces()
    pieces = sorted((np.flatnonzero(label == one) for one in range(count)), key=lambda one: int(one[0]))
    lumps = [np.unique(lump[one], return_inverse=True)[1].astype(np.int32) for one in pieces]
    loads = [_load(graph.households[one], local, wish.band) for one, local in zip(pieces, lumps, strict=True)]
    shares = _shares(loads, [drawn[one] for one in pieces], wish, grids)
    found = np.zeros(len(graph), dtype=np.int32)
    fresh = max(int(drawn.max(initial=NONE)), int(home.max(initial=NONE))) + 1
    why: dict[int, str] = {}
    used: set[int] = set()
    accepted = begun = 0
    for at, one in enumerate(pieces):

        def advance(share: float, begun: int = begun, size: int = len(one)) -> None:
            tell((begun + share * size) / len(graph))

        piece, local = graph.part(one), lumps[at]
        band = _band(loads[at], shares[at], wish.band)
        here = replace(wish, band=band)
        part, names, taken = _piece(piece, local, drawn[one], home[one], shares[at], here, mixed(seed, at), advance)
        numbers = np.zeros(len(names), dtype=np.int32)
        for place, name in enumerate(names.tolist()):
            goes_on = name != NONE and name not in used
            numbers[place] = name if goes_on else fresh
            fresh += not goes_on
        used |= set(numbers.tolist())
        found[one] = numbers[part]
        reasons = _reasons(piece, local, part, loads[at], len(names), wish.band)
        why |= {int(numbers[place]): code for place, code in reasons.items()}
        accepted += taken
        begun += len(one)
    return Found(found, why, accepted)


@dataclass(frozen=True)
class _Load:
    """What arithmetic wants to know of a piece: lumps, how many of them are above the band, households of the others
    and of all."""

    lumps: int
    large: int
    rest: int
    total: int


def _load(households: Ints, lump: Ints, band: Band) -> _Load:
    size = np.bincount(lump, households)
    large = size > band.most
    return _Load(len(size), int(large.sum()), int(size[~large].sum()), int(size.sum()))


def _shares(loads: list[_Load], drawn: list[Ints], wish: Wish, grids: int | None) -> list[int]:
    """How many parts each piece gets: one for each lump above the band, for the others as arithmetic says (as many as
    are drawn, where that can be), or so many that all sum to `grids`."""
    if wish.fresh or grids is not None:
        left = None if grids is None else grids - sum(load.large for load in loads)
        most = [max(1, load.lumps - load.large) for load in loads]
        shares = share_out([load.rest for load in loads], wish.band, left, most=most)
    else:
        before = [len(np.unique(numbers[numbers != NONE])) for numbers in drawn]
        shares = [
            choose(load.rest, wish.band, near=max(1, k - load.large) if k else None)
            for load, k in zip(loads, before, strict=True)
        ]
    return [
        min(load.large + share if load.rest > 0 else max(1, load.large), load.lumps)
        for load, share in zip(loads, shares, strict=True)
    ]


def _band(load: _Load, parts: int, band: Band) -> Band:
    """The band by which a piece is divided: where the numbers allow none, one about the mean, so that all parts miss
    the true one by about as much."""
    ordinary = parts - load.large
    if load.rest == 0 or ordinary <= 0 or not missed(load.rest, ordinary, band):
        return band
    mean = max(1, round(load.rest / ordinary))
    slack = max(1, round(mean * (band.most - band.least) / (2 * band.target)))
    return Band(max(1, mean - slack), mean + slack, mean)


def _reasons(graph: AtomGraph, lump: Ints, part: Ints, load: _Load, parts: int, band: Band) -> dict[int, str]:
    """What is known before about parts that will miss the band."""
    why: dict[int, str] = {}
    if load.total == 0:
        why = dict.fromkeys(range(parts), "no-households")
    elif parts <= load.large or missed(load.rest, parts - load.large, band):
        why = dict.fromkeys(range(parts), "arithmetic")
    size = np.bincount(lump, graph.households)
    for large in np.flatnonzero(size > band.most).tolist():
        why[int(part[lump == large][0])] = "large-atom"
    return why


def _piece(
    graph: AtomGraph,
    node: Ints,
    drawn: Ints,
    home: Ints,
    parts: int,
    wish: Wish,
    seed: int,
    advance: Callable[[float], None],
) -> tuple[Ints, Ints, int]:
    """(part of each atom from 0, the number each part had in `drawn` or -1, moves taken) of one connected piece."""
    nodes = int(node.max()) + 1
    none = np.full(nodes, NONE, dtype=np.int32)
    advance(0.0)
    if parts == 1:
        here = np.unique(drawn[drawn != NONE])
        size = [int(graph.households[drawn == number].sum()) for number in here]
        kept = int(here[int(np.argmax(size))]) if len(here) else NONE
        return np.zeros(len(node), dtype=np.int32), np.array([kept], dtype=np.int32), 0
    field = field_of(graph, node, nodes, none, 0.0)
    if (drawn == NONE).all():
        begun = mended(field, metis(field, parts, seed), parts, seed)
        names = np.full(parts, NONE, dtype=np.int32)
    else:
        begun = mended(field, _of_lumps(graph, node, drawn), parts, seed)
        names = begun.kept
    place = {int(number): local for local, number in enumerate(names) if number != NONE}
    wanted = _of_lumps(graph, node, home)
    settled = np.array([place.get(int(number), NONE) for number in wanted], dtype=np.int32)
    if wish.fare > 0 and (settled != NONE).any():
        field = field_of(graph, node, nodes, settled, wish.fare)
    part, taken = _best(field, begun.part, parts, wish, seed, advance)
    return part[node], names, taken


def _best(
    field: Field, begun: Ints, parts: int, wish: Wish, seed: int, advance: Callable[[float], None]
) -> tuple[Ints, int]:
    """The best of several runs (one, with little effort, if that is within the band), and of what was there before."""
    least = anneal.unavoidable(field, parts, wish.band)
    tried: list[tuple[float, float, int]] = []
    divisions: list[Ints] = []
    taken = 0
    runs = max(1, round(wish.effort / APIECE))
    for turn in range(runs + SPARE):
        division = division_of(field, begun, parts, mixed(seed, turn))
        if turn == 0 and not wish.fresh:
            tried.append((*anneal.outcome(field, division, wish.band), 0))
            divisions.append(begun)

        def tell(share: float, turn: int = turn) -> None:
            advance(min(1.0, (turn + share) / runs))

        anneal.run(field, division, wish.band, wish.effort / runs, fresh=wish.fresh, stride=STRIDE, tell=tell)
        taken += int(division.count_of[TAKEN])
        tried.append((*anneal.outcome(field, division, wish.band), len(tried)))
        divisions.append(division.part)
        if turn + 1 >= runs and min(tried)[0] <= least:
            break
    return divisions[min(tried)[2]], taken


def _of_lumps(graph: AtomGraph, node: Ints, drawn: Ints) -> Ints:
    """int32[nodes]: the number that most households of a node bear (most atoms, then the lowest, among equals)."""
    if len(node) == int(node.max()) + 1:
        return drawn[np.argsort(node, kind="stable")]
    weight = graph.households.astype(np.float64) + 1e-6
    numbers, place = np.unique(drawn, return_inverse=True)
    table = np.zeros((int(node.max()) + 1, len(numbers)))
    np.add.at(table, (node, place), weight)
    return np.asarray(numbers[np.argmax(table, axis=1)], dtype=np.int32)
