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

from gridgov.geo.partition.arithmetic import Band
from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.pieces import NONE, Wish, divide, lumps_of, mixed

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
Progress = Callable[[float], None]
Cancel = Callable[[], bool]

EFFORT = 20
"""Moves tried for each atom, when nothing is said."""


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
    tried for each atom. `start` int[n]: a division to begin with, whose numbers go on (-1: none). `held`: bool[n]
    atoms, or numbers of `start`, that may not change. `original` int[n]: where households are now; each elsewhere costs
    `price_per_household` metres of boundary (without `start`, `original` is it). `groups` int[n]: atoms with the
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
    wish = Wish(band, max(0.0, effort), max(0.0, price_per_household), fresh=start is None)
    free = np.flatnonzero(~fixed)
    rest = graph.part(free)
    lump, apart = lumps_of(rest, None if groups is None else np.asarray(groups)[free])
    exceptions = [Exceptional("group-in-pieces", None, int(rest.households[lump == one].sum())) for one in apart]

    def tell(share: float) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled
        if progress is not None:
            progress(share)

    left = None if grids is None else max(0, grids - len(np.unique(drawn[fixed])))
    found = divide(rest, lump, drawn[free], home[free], wish, left, seed, tell)
    assignment = drawn.copy()
    assignment[free] = _numbered(found.part, drawn[free], taken=drawn)
    why = {int(assignment[free[found.part == part][0]]): code for part, code in found.why.items()}
    tell(1.0)
    return _partition(graph, assignment, band, fixed, why, exceptions, grids, found.accepted)


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


# --- what may change -------------------------------------------------------------------------------------------------


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
    why: dict[int, str],
    exceptions: list[Exceptional],
    grids: int | None,
    accepted: int,
) -> Partition:
    numbers, place = np.unique(assignment, return_inverse=True)
    households = np.bincount(place, graph.households, len(numbers)).astype(np.int64)
    _, label = graph.pieces(assignment)
    pieces = np.bincount(place[np.unique(label, return_index=True)[1]], minlength=len(numbers))
    in_band = (households >= band.least) & (households <= band.most)
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
