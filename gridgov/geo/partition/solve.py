"""Proposing a division: every part connected, within the band of households, its boundaries short and along streets.

Owns: `propose` for one graph, `propose_many` for the communities of a city. Does not own the steps (`anneal`), the
beginning (`warm`), the numbers (`arithmetic`), nor the least change after a count (`repair`).

Method: METIS (Karypis and Kumar 1998), then simulated annealing over re-combination of two parts on a random spanning
tree (DeFord, Duchin and Solomon 2019), an atom, an atom with what depends on it, and a whole street block. docs/
partition.md tells more. The same graph, settings and seed give the same division to the bit, on any number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.partition import anneal
from gridgov.geo.partition.arithmetic import Band, choose, missed, share_out
from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.warm import division_of, field_of, mended, metis

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
Progress = Callable[[float], None]
Cancel = Callable[[], bool]

EFFORT = 40
"""Moves tried for each atom, when nothing is said."""
NONE = -1
STRIDE = 200_000
"""Moves between two questions whether to go on."""
ROUNDS = 3
"""How often a piece is tried again from another seed while a part misses the band for no reason known before."""


class Cancelled(Exception):  # it is no error: somebody said so
    """`cancelled` answered yes; nothing has been changed."""


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Why something is not as wanted. `part`: its number (None: the whole graph). `code` is one of

    `arithmetic`       no number of grids holds the households of its connected piece within the band
    `large-atom`       it holds an atom (or a group that stays together) above the band
    `no-households`    its connected piece has none
    `held`             it was not to change
    `group-in-pieces`  atoms that must stay together do not touch; each piece of them stays whole
    `grids`            as many grids as were asked for cannot be had
    `not-found`        whole atoms could not be exchanged so that it is within the band, as far as was tried
    """

    code: str
    part: int | None
    households: int


@dataclass(frozen=True)
class Partition:
    """`assignment` int32[n] the part of each atom; `numbers` int32[grids] the parts, ascending, and as long as it
    `households` int64, `in_band`, `contiguous` bool. `price` metres of what is cut (`AtomGraph.price`), each boundary
    once. `accepted` moves taken. `exceptions` hold each part that is outside the band, and what else is not as wanted.
    """

    assignment: Ints
    numbers: Ints
    households: Longs
    in_band: Flags
    contiguous: Flags
    price: float
    accepted: int
    exceptions: tuple[Exceptional, ...]

    @property
    def grids(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class _Wish:
    """Everything that is asked of every piece alike."""

    band: Band
    effort: float
    fare: float
    fresh: bool


def propose(
    graph: AtomGraph,
    *,
    least: int,
    most: int,
    target: int,
    grids: int | None = None,
    seed: int,
    effort: float = EFFORT,
    start: NDArray[np.integer] | None = None,
    held: NDArray[np.bool_] | Collection[int] | None = None,
    original: NDArray[np.integer] | None = None,
    price_per_household: float = 0.0,
    groups: NDArray[np.integer] | None = None,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> Partition:
    """Divides `graph` into grids of `least` to `most` households, about `target`, at the least price of what is cut.

    `grids`: how many (None: by arithmetic; with `start`, as many as there are where that is possible). `effort`: moves
    tried for each atom. `start` int[n]: a division to begin with, whose numbers go on (-1: none). `held`: bool[n] atoms,
    or numbers of `start`, that may not change. `original` int[n]: where households are now; each that is elsewhere
    costs `price_per_household` metres of boundary (without `start`, `original` is it). `groups` int[n]: atoms with the
    same number stay together (-1: free). `progress` hears the share done, from the calling thread; `cancelled` is asked
    on the way. Without `start` parts are numbered from 0 by their lowest atom.

    A graph in several pieces is divided piece by piece. Nothing is refused for being impossible: the exceptions say.
    Raises ValueError for arrays of another length and a band that is none, `Cancelled`.
    """
    band = Band(least, most, target)
    start = original if start is None else start
    for name, array in (("start", start), ("original", original), ("groups", groups)):
        if array is not None and len(array) != len(graph):
            raise ValueError(f"{name} has {len(array)} values for {len(graph)} atoms")
    drawn = np.full(len(graph), NONE, dtype=np.int32) if start is None else np.asarray(start, dtype=np.int32)
    home = np.full(len(graph), NONE, dtype=np.int32) if original is None else np.asarray(original, dtype=np.int32)
    fixed = _fixed(drawn, held)
    wish = _Wish(band, max(0.0, effort), max(0.0, price_per_household), start is None)
    free = np.flatnonzero(~fixed)
    rest = graph.part(free)
    node, apart = _nodes(rest, None if groups is None else np.asarray(groups)[free])
    exceptions = [Exceptional("group-in-pieces", None, int(rest.households[node == one].sum())) for one in apart]
    found, accepted, said = _pieces(
        rest, node, drawn[free], home[free], wish, _left(grids, drawn[fixed]), seed, progress, cancelled
    )
    assignment = np.array(drawn)
    assignment[free] = _numbered(found, drawn[free], taken=drawn)
    renamed = {int(part): int(assignment[free][found == part][0]) for part in said}
    return _partition(graph, assignment, band, fixed, renamed, said, exceptions, grids, accepted)


def propose_many(
    graphs: Sequence[AtomGraph],
    *,
    least: int,
    most: int,
    target: int,
    seed: int,
    effort: float = EFFORT,
    threads: int = 2,
    grids: Sequence[int | None] | None = None,
    starts: Sequence[NDArray[np.integer] | None] | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Cancel | None = None,
) -> list[Partition]:
    """Each graph (a community) as `propose` divides it with a seed of its own; the largest are begun first.

    `progress` hears (done, all) from the calling thread. Raises what `propose` does.
    """
    stop = threading.Event()

    def one(at: int) -> Partition:
        return propose(
            graphs[at], least=least, most=most, target=target, seed=mixed(seed, at), effort=effort,
            grids=None if grids is None else grids[at], start=None if starts is None else starts[at],
            cancelled=lambda: stop.is_set() or (cancelled is not None and cancelled()),
        )  # fmt: skip

    order = sorted(range(len(graphs)), key=lambda at: (-len(graphs[at]), at))
    done: dict[int, Partition] = {}
    with ThreadPoolExecutor(max(1, threads)) as pool:
        waiting = {pool.submit(one, at): at for at in order}
        try:
            for future in as_completed(waiting):
                done[waiting[future]] = future.result()
                if progress is not None:
                    progress(len(done), len(graphs))
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return [done[at] for at in range(len(graphs))]


def mixed(seed: int, at: int) -> int:
    """A seed for one of many, from 0 to 2**63 - 1."""
    word = np.random.SeedSequence([seed & (2**64 - 1), at]).generate_state(1, np.uint64)[0]
    return int(word) >> 1


# --- what may change, and in which lumps ------------------------------------------------------------------------------


def _fixed(drawn: Ints, held: NDArray[np.bool_] | Collection[int] | None) -> Flags:
    if held is None:
        return np.zeros(len(drawn), dtype=bool)
    if isinstance(held, np.ndarray) and held.dtype == np.bool_:
        fixed = held
    else:
        fixed = np.isin(drawn, np.array(sorted(held), dtype=np.int32))
    if len(fixed) != len(drawn) or (drawn[fixed] == NONE).any():
        raise ValueError("what is held must be drawn already: give `start` a number for each such atom")
    return fixed


def _left(grids: int | None, held: Ints) -> int | None:
    return None if grids is None else max(0, grids - len(np.unique(held)))


def _nodes(graph: AtomGraph, groups: NDArray[np.integer] | None) -> tuple[Ints, list[int]]:
    """(node of each atom, numbered by lowest atom; lowest nodes of groups that do not hang together)."""
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


# --- dividing piece by piece ------------------------------------------------------------------------------------------


def _pieces(
    graph: AtomGraph,
    node: Ints,
    drawn: Ints,
    home: Ints,
    wish: _Wish,
    grids: int | None,
    seed: int,
    progress: Progress | None,
    cancelled: Cancel | None,
) -> tuple[Ints, int, dict[int, str]]:
    """(part of each atom, moves taken, why parts cannot be within the band). Parts of `drawn` that go on keep their
    number in the first piece that has them; the others have numbers above all of `drawn` and `home`."""
    count, label = graph.pieces()
    atoms = sorted((np.flatnonzero(label == one) for one in range(count)), key=lambda one: int(one[0]))
    totals = [int(graph.households[one].sum()) for one in atoms]
    rooms = [len(np.unique(node[one])) for one in atoms]
    shares = share_out(totals, wish.band, grids, most=rooms) if wish.fresh or grids is not None else [
        min(choose(total, wish.band, near=len(np.unique(drawn[one][drawn[one] != NONE])) or None), room)
        for one, total, room in zip(atoms, totals, rooms, strict=True)
    ]  # fmt: skip
    found = np.zeros(len(graph), dtype=np.int32)
    fresh = max(int(drawn.max(initial=NONE)), int(home.max(initial=NONE))) + 1
    accepted, said, used, whole, begun = 0, {}, set(), max(1, len(graph)), 0
    for at, one in enumerate(atoms):

        def advance(share: float, begun: int = begun, size: int = len(one)) -> None:
            if cancelled is not None and cancelled():
                raise Cancelled
            if progress is not None:
                progress((begun + share * size) / whole)

        lumps = np.unique(node[one], return_inverse=True)[1].astype(np.int32)
        part, kept, taken = _piece(
            graph.part(one), lumps, drawn[one], home[one], shares[at], wish, mixed(seed, at), advance
        )
        accepted += taken
        numbers = np.zeros(len(kept), dtype=np.int32)
        for local, number in enumerate(kept.tolist()):
            if number == NONE or number in used:
                number, fresh = fresh, fresh + 1
            used.add(number)
            numbers[local] = number
            if totals[at] == 0:
                said[number] = "no-households"
            elif missed(totals[at], len(kept), wish.band):
                said[number] = "arithmetic"
        largest = np.bincount(lumps, graph.households[one])
        for lump in np.flatnonzero(largest > wish.band.most).tolist():
            said[int(numbers[part[lumps == lump][0]])] = "large-atom"
        found[one] = numbers[part]
        begun += len(one)
    return found, accepted, said


def _piece(
    graph: AtomGraph, node: Ints, drawn: Ints, home: Ints, parts: int, wish: _Wish, seed: int, advance: Progress
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
    best: tuple[float, float, Ints] | None = None
    taken = 0
    for turn in range(ROUNDS):
        division = division_of(field, begun.part, parts, mixed(seed, turn))
        base = turn / ROUNDS
        anneal.run(
            field, division, wish.band, wish.effort, fresh=wish.fresh, stride=STRIDE,
            tell=lambda share, base=base: advance(base + share / ROUNDS),
        )  # fmt: skip
        taken += int(division.count_of[anneal.TAKEN])
        off, price = anneal.outcome(field, division, wish.band)
        if best is None or (off, price) < best[:2]:
            best = off, price, division.part.copy()
        if best[0] <= anneal.unavoidable(field, parts, wish.band):
            break
    if not wish.fresh:
        division = division_of(field, begun.part, parts, 0)
        off, price = anneal.outcome(field, division, wish.band)
        if (off, price) < best[:2]:
            best = off, price, division.part
    return best[2][node], names, taken


def _of_lumps(graph: AtomGraph, node: Ints, drawn: Ints) -> Ints:
    """int32[nodes]: the number that most households of a node bear (most atoms, then the lowest, among equals)."""
    if len(node) == int(node.max()) + 1:
        return drawn[np.argsort(node, kind="stable")]
    weight = graph.households.astype(np.float64) + 1e-6
    numbers, place = np.unique(drawn, return_inverse=True)
    table = np.zeros((int(node.max()) + 1, len(numbers)))
    np.add.at(table, (node, place), weight)
    return numbers[np.argmax(table, axis=1)].astype(np.int32)


# --- what is handed back ----------------------------------------------------------------------------------------------


def _numbered(found: Ints, drawn: Ints, *, taken: Ints) -> Ints:
    """New parts get the lowest numbers above those taken, in the order of their lowest atom."""
    old = np.unique(drawn[drawn != NONE])
    parts, first, place = np.unique(found, return_index=True, return_inverse=True)
    fresh = int(taken.max(initial=NONE)) + 1
    number = parts.copy()
    for at in np.argsort(first, kind="stable").tolist():
        if not np.isin(parts[at], old):
            number[at], fresh = fresh, fresh + 1
    return number[place].astype(np.int32)


def _partition(
    graph: AtomGraph,
    assignment: Ints,
    band: Band,
    fixed: Flags,
    renamed: dict[int, int],
    said: dict[int, str],
    exceptions: list[Exceptional],
    grids: int | None,
    accepted: int,
) -> Partition:
    numbers, place = np.unique(assignment, return_inverse=True)
    households = np.bincount(place, graph.households, len(numbers)).astype(np.int64)
    count, label = graph.pieces(assignment)
    pieces = np.bincount(place[np.unique(label, return_index=True)[1]], minlength=len(numbers))
    in_band = (households >= band.least) & (households <= band.most)
    why = {renamed[part]: code for part, code in said.items()}
    still = set(np.unique(assignment[fixed]).tolist())
    for number, size in zip(numbers[~in_band].tolist(), households[~in_band].tolist(), strict=True):
        code = "held" if number in still else why.get(number, "not-found")
        exceptions.append(Exceptional(code, number, size))
    if grids is not None and grids != len(numbers):
        exceptions.append(Exceptional("grids", None, int(households.sum())))
    cut = assignment[graph.source] != assignment[graph.indices]
    return Partition(
        assignment.astype(np.int32), numbers.astype(np.int32), households, in_band, pieces == 1,
        float(graph.price[cut].sum()) / 2, accepted, tuple(exceptions),
    )  # fmt: skip
