"""Bringing grids back into the band after a count, with as few households as possible handed to another grid.

Owns: `repair`: which grids are opened or closed, the walks that are tried, the choice among them, the gap to the proven
bound, why a grid stays outside. Does not own a step (`handover`), the program (`exact`), the bound (`bound`), nor a
division from scratch (`solve`).

Method: annealing over handing an atom, with what depends on it, to the grid next door, from several seeds and
schedules; then the atoms around the boundaries that moved are divided anew by a mixed-integer program whose answers are
forbidden until every grid is in one piece. The same arguments give the same answer to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.partition.bound import Bound, lower_bound
from gridgov.geo.partition.graph import AtomGraph
from gridgov.geo.partition.handover import Schedule, hand_over
from gridgov.geo.partition.openings import closed, mended, opened
from gridgov.geo.partition.pieces import mixed
from gridgov.geo.partition.polish import polished
from gridgov.geo.partition.solve import Cancelled, Exceptional
from gridgov.geo.partition.terrain import NOWHERE, Ints, Laid, Terrain, lay_out, moved, outside, sizes

PRICE_M = 200.0
"""Metres of boundary (`AtomGraph.price`) that a household is worth which need not change its grid."""
NEAR = 1.1
"""Within this factor of the simple bound no more is tried."""
FEW = 100
"""Up to so many households moved the ground around is divided exactly: beyond, it takes long and gains little."""
QUICK = ((600, 30.0, 0.5, 2.0, 30.0, 1.0), (600, 30.0, 0.5, 2.0, 30.0, 0.2))
DEEP = ((4000, 30.0, 0.5, 2.0, 30.0, 1.0), (4000, 30.0, 0.5, 2.0, 30.0, 0.2), (4000, 8.0, 1.0, 3.0, 30.0, 0.2))
"""Walks: steps for each node, hot, cold, soft, hard, share of the boundary's price (`Schedule`)."""
SEEDS = 3
SHORTEN = (100, 0.5, 0.5, 60.0, 60.0, 1.0)
"""The last walk: boundaries are made shorter where that moves nobody."""


@dataclass(frozen=True)
class Repaired:
    """`assignment` int32[n] of grid numbers. `moved` households in another grid than before; `bound`: what any plan
    with these grids, as near the band as this one, must move; `gap` moved / bound (1 where nothing need move).

    `grids` numbers after, ascending; `households` int64 and `in_band` bool of each; `opened`, `closed` numbers.
    `exceptions`: every grid outside its band, and why.
    """

    assignment: Ints
    moved: int
    bound: Bound
    grids: Ints
    households: NDArray[np.int64]
    in_band: NDArray[np.bool_]
    opened: tuple[int, ...]
    closed: tuple[int, ...]
    exceptions: tuple[Exceptional, ...]

    @property
    def gap(self) -> float:
        return self.moved / self.bound.households if self.bound.households else (1.0 if not self.moved else np.inf)


@dataclass(frozen=True)
class _Asked:
    seed: int
    effort: float
    metre: float
    progress: Callable[[float], None]
    cancelled: Callable[[], bool]

    def part(self, low: float, high: float) -> _Asked:
        """The same, where 0 to 1 is heard as `low` to `high`."""
        return replace(self, progress=lambda share: self.progress(low + share * (high - low)))

    def go_on(self, share: float) -> None:
        if self.cancelled():
            raise Cancelled
        self.progress(share)


@dataclass(frozen=True)
class _Found:
    """A division int32[nodes] of a terrain, with the grids that were opened and closed for it."""

    laid: Laid
    part: Ints
    opened: tuple[int, ...]
    closed: tuple[int, ...]

    @property
    def rank(self) -> tuple[int, float, int]:
        """Grids outside, households outside, households moved: the least is the best."""
        wrong = outside(self.laid.land, self.part)
        return int((wrong > 0).sum()), float(wrong.sum()), moved(self.laid.land, self.part)


def repair(
    graph: AtomGraph,
    assignment: NDArray[np.integer],
    *,
    least: int,
    most: int,
    target: int,
    seed: int,
    effort: float = 1.0,
    held: Collection[int] | None = None,
    groups: NDArray[np.integer] | None = None,
    grids: int | None = None,
    bands: Mapping[int, tuple[int, int]] | None = None,
    price_per_household: float = PRICE_M,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Repaired:
    """The plan in the band of `least` to `most` households that hands fewest of them to another grid.

    `assignment` int[n]: the grid of each atom (-1: none; it costs nothing to place it). `held`: grids that do not
    change; `groups` int[n]: atoms that touch and have the same number stay together (-1: free); `bands`: (least, most)
    of grids whose own differ. `grids`: how many there shall be (None: as many as there are; where no such plan is in
    the band, one more or one fewer). `target`: households that an opened grid begins with. `price_per_household`:
    metres of boundary that are worth one household that stays. `effort` scales what is tried; `progress` hears the
    share done, `cancelled` is asked on the way. Raises ValueError for a length or a band that is none, and where
    there is no grid, `Cancelled`.
    """
    if not 0 < least <= target <= most:
        raise ValueError(f"a band wants 0 < least <= target <= most, not {least}, {target}, {most}")
    for name, array in (("assignment", assignment), ("groups", groups)):
        if array is not None and len(array) != len(graph):
            raise ValueError(f"{name} has {len(array)} values for {len(graph)} atoms")
    if not price_per_household > 0 or not effort > 0:
        raise ValueError("price_per_household and effort must be above zero")
    if not len(assignment) or int(np.max(assignment)) < 0:
        raise ValueError("assignment names no grid: there is nothing to repair")
    asked = _Asked(seed, effort, 1.0 / price_per_household, progress or (lambda _: None), cancelled or (lambda: False))

    def laid(fresh: tuple[int, ...]) -> Laid:
        return lay_out(
            graph, assignment, least=least, most=most, held=held or (), groups=groups, bands=bands, opened=fresh
        )

    now = laid(())
    changes = _changes(now.land, least, most, None if grids is None else grids - len(now.grids))
    best: _Found | None = None
    for turn, change in enumerate(changes):
        if best is not None and not best.rank[0]:
            break
        share = asked.part(0.9 * turn / len(changes), 0.9 * (turn + 1) / len(changes))
        found = _with(change, laid, share, mixed(seed, turn))
        best = found if best is None or found.rank < best.rank else best
    assert best is not None
    return _told(best, asked, least, most)


def _changes(land: Terrain, least: int, most: int, wanted: int | None) -> list[int]:
    """By how many grids their number may change, what is preferred first."""
    free = ~land.frozen
    total = int(land.households[(land.home == NOWHERE) | free[land.home]].sum())
    low, high, count = float(land.least[free].sum()), float(land.most[free].sum()), int(free.sum())
    if wanted is not None:
        return [max(wanted, 1 - count)]

    def missed(change: int) -> float:
        more, fewer = (most, least) if change > 0 else (high / max(count, 1), low / max(count, 1))
        return max(0.0, low + change * fewer - total, total - high - change * more)

    span = range(1 - count if count else 0, total // least + 2)
    ranked = sorted(span, key=lambda change: (missed(change), abs(change), change))
    near = [change for change in ranked if abs(change - ranked[0]) == 1 and not missed(change)]
    return [ranked[0], *near]


def _with(change: int, laid: Callable[[tuple[int, ...]], Laid], asked: _Asked, seed: int) -> _Found:
    """The best division found with `change` grids more (fewer, below 0)."""
    first = max(laid(()).grids, default=-1) + 1
    fresh = tuple(range(first, first + max(0, change)))
    ground = laid(fresh)
    part, gone = mended(ground.land), []
    for number in fresh:
        place = ground.grids.index(number)
        starts = list(opened(ground.land, part, place))
        part = min(
            (_walked(ground.land, start, QUICK[1], asked, mixed(seed, at)) for at, start in enumerate(starts)),
            key=lambda one: _Found(ground, one, (), ()).rank,
            default=part,
        )
    for _ in range(max(0, -change)):
        tried = [
            (grid, _walked(ground.land, start, QUICK[1], asked, mixed(seed, at)))
            for at, (grid, start) in enumerate(closed(ground.land, part))
        ]
        if tried:
            grid, part = min(tried, key=lambda one: _Found(ground, one[1], (), ()).rank)
            gone.append(ground.grids[grid])
    made = tuple(number for number in fresh if bool((part == ground.grids.index(number)).any()))
    return _improved(_Found(ground, part, made, tuple(gone)), asked, seed)


def _improved(found: _Found, asked: _Asked, seed: int) -> _Found:
    """The best of many walks from one beginning, then its boundaries divided anew."""
    land = found.laid.land
    floor = lower_bound(land, closing=len(found.closed), quick=True).households
    best = found
    if best.rank == (0, 0.0, 0):
        return best
    walks = SEEDS * (*QUICK, *DEEP)
    for turn, plan in enumerate(walks):
        if plan in DEEP and not best.rank[1] and best.rank[2] <= NEAR * floor:
            continue
        asked.go_on(turn / len(walks))
        part = _walked(land, found.part, plan, asked, mixed(seed, 100 + turn))
        tried = _Found(found.laid, part, found.opened, found.closed)
        best = min(best, tried, key=lambda one: one.rank)
    if best.rank[2] <= NEAR * floor or best.rank[2] > FEW:
        return best
    exact = replace(best, part=polished(land, best.part, reach=2, nodes=5, rounds=3))
    return min(best, exact, key=lambda one: one.rank)


def _walked(land: Terrain, start: Ints, plan: tuple[float, ...], asked: _Asked, seed: int) -> Ints:
    steps, hot, cold, soft, hard, share = plan
    schedule = Schedule(int(asked.effort * steps * len(start)), hot, cold, soft, hard, share * asked.metre)
    part: Ints = hand_over(land, start, schedule, np.array([seed], dtype=np.uint64))
    return part


def _told(found: _Found, asked: _Asked, least: int, most: int) -> Repaired:
    """What came out, beside what is proven."""
    land, part = found.laid.land, found.part
    if moved(land, part):
        part = _walked(land, part, SHORTEN, asked, asked.seed)
    size = sizes(land, part)
    drawn = np.bincount(part[part != NOWHERE], minlength=len(size)) > 0
    reached = land._replace(least=np.minimum(land.least, size), most=np.maximum(land.most, size))
    bound = lower_bound(reached, closing=len(found.closed), ceiling=moved(land, part))
    asked.go_on(1.0)
    wrong = outside(land, part) > 0
    strange = wrong | (land.frozen & ((size < least) | (size > most)))
    exceptions = [
        Exceptional(_why(land, part, int(g)), found.laid.grids[g], int(size[g]))
        for g in np.flatnonzero(strange & drawn)
    ]
    return Repaired(
        assignment=found.laid.numbers(part),
        moved=moved(land, part),
        bound=bound,
        grids=np.array(found.laid.grids, dtype=np.int32)[drawn],
        households=size[drawn].astype(np.int64),
        in_band=~wrong[drawn],
        opened=found.opened,
        closed=found.closed,
        exceptions=tuple(exceptions),
    )


def _why(land: Terrain, part: Ints, g: int) -> str:
    """Why a grid is outside its band; the codes are those of `solve.Exceptional`."""
    if land.frozen[g]:
        return "held"
    if size_of_largest(land, part, g) > land.most[g]:
        return "large-atom"
    free = ~land.frozen
    total = land.households[free[part]].sum()
    low, high = land.least[free].sum(), land.most[free].sum()
    return "not-found" if low <= total <= high else "arithmetic"


def size_of_largest(land: Terrain, part: Ints, g: int) -> float:
    """Households of the largest node of a grid."""
    return float(land.households[part == g].max(initial=0.0))
