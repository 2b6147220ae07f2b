"""Handing atoms from grid to grid by annealing, so that few households leave the grid in which they are.

Owns: the compiled walk. A step gives one atom, with whatever it would cut off from its grid, to the grid next door, so
every grid stays in one piece at every step; what is minimised is households outside the bands, households away from
their own grid, and metres of boundary. Does not own where the walk begins nor what it means (`repair`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel
from gridgov.geo.partition.terrain import Terrain

Ints = NDArray[np.int32]

LARGEST_BRANCH, BRANCHES = 24, 4
"""What hangs on an atom goes with it up to so many atoms, in so many branches."""
LATE = 0.5
"""From this share of the steps on the best division met is kept."""


class Schedule(NamedTuple):
    """`steps` tried; temperature from `hot` to `cold` households; a household outside its band counts as `soft` at the
    beginning and as `hard` at the end; a metre of boundary as `metre` households."""

    steps: int
    hot: float
    cold: float
    soft: float
    hard: float
    metre: float


@kernel
def draw(chance: NDArray[np.uint64]) -> float:
    """The next number in [0, 1) of a generator whose state is `chance` uint64[1] (splitmix64)."""
    chance[0] += np.uint64(0x9E3779B97F4A7C15)
    z = chance[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@kernel
def outside(size: float, least: float, most: float) -> float:
    """Households that a grid is short of its band, or beyond it."""
    if size < least:
        return least - size
    return max(0.0, size - most)


@kernel
def branch(  # noqa: PLR0912 (one walk: a call for each neighbour would cost more than it does)
    u: int, land: Terrain, part: Ints, count: Ints, mark: NDArray[np.int64], stamp: int, queue: Ints, moving: Ints
) -> tuple[int, int]:
    """(how many atoms go with `u`, the next stamp): 0 where too many would. They stand in `moving`, marked `stamp`."""
    a, first = part[u], stamp
    moving[0], mark[u], taken = u, first, 1
    if count[a] == 1:
        return 0, stamp
    filled, pieces, largest, largest_stamp = 0, 0, -1, -1
    for f in range(land.indptr[u], land.indptr[u + 1]):
        y = land.indices[f]
        if part[y] != a or mark[y] >= first:
            continue
        stamp += 1
        pieces += 1
        if pieces > BRANCHES:
            return 0, stamp
        begin = reading = filled
        queue[filled], mark[y] = y, stamp
        filled += 1
        while reading < filled:
            z = queue[reading]
            reading += 1
            for e in range(land.indptr[z], land.indptr[z + 1]):
                other = land.indices[e]
                if part[other] == a and mark[other] < first:
                    mark[other] = stamp
                    queue[filled] = other
                    filled += 1
        if filled - begin > largest:
            largest, largest_stamp = filled - begin, stamp
    if pieces == 0 or filled - largest > LARGEST_BRANCH:
        return 0, stamp
    if pieces > 1:
        for i in range(filled):
            if mark[queue[i]] != largest_stamp:
                moving[taken] = queue[i]
                taken += 1
        for i in range(taken):
            mark[moving[i]] = first
    return taken, stamp


@kernel
def hand_over(land: Terrain, start: Ints, plan: Schedule, chance: NDArray[np.uint64]) -> Ints:  # noqa: PLR0912, PLR0915  # one walk
    """The best division met on a walk from `start` int32[n] (each grid in one piece): fewest households outside the
    bands, then fewest away from home with `metre` for each metre of boundary."""
    n, k = len(start), len(land.least)
    part, best = start.copy(), start.copy()
    size, count = np.zeros(k), np.zeros(k, dtype=np.int32)
    for u in range(n):
        if part[u] >= 0:
            size[part[u]] += land.households[u]
            count[part[u]] += 1
    wrong, cost, lowest_wrong, lowest = 0.0, 0.0, 0.0, 0.0
    for g in range(k):
        wrong += outside(size[g], land.least[g], land.most[g])
    lowest_wrong = wrong
    mark, stamp = np.zeros(n, dtype=np.int64), 0
    queue, moving = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    cooling, hardening = np.log(plan.cold / plan.hot), np.log(plan.hard / plan.soft)
    late = int(LATE * plan.steps)
    for step in range(plan.steps):
        if step == late and (wrong < lowest_wrong or (wrong == lowest_wrong and cost < lowest)):
            lowest_wrong, lowest = wrong, cost
            best[:] = part
        u = int(draw(chance) * n)
        degree = land.indptr[u + 1] - land.indptr[u]
        if degree == 0:
            continue
        a, b = part[u], part[land.indices[land.indptr[u] + int(draw(chance) * degree)]]
        if a == b or a < 0 or b < 0 or land.frozen[a] or land.frozen[b]:
            continue
        taken, stamp = branch(u, land, part, count, mark, stamp + 1, queue, moving)
        if taken == 0 or taken >= count[a]:
            continue
        first, leaving, moved, metres = mark[u], 0.0, 0.0, 0.0
        for i in range(taken):
            x = moving[i]
            leaving += land.households[x]
            if land.home[x] == a:
                moved += land.fare[x]
            elif land.home[x] == b:
                moved -= land.fare[x]
            for e in range(land.indptr[x], land.indptr[x + 1]):
                y = land.indices[e]
                if part[y] == b:
                    metres -= land.price[e]
                elif part[y] == a and mark[y] != first:
                    metres += land.price[e]
        more = (
            outside(size[a] - leaving, land.least[a], land.most[a])
            + outside(size[b] + leaving, land.least[b], land.most[b])
            - outside(size[a], land.least[a], land.most[a])
            - outside(size[b], land.least[b], land.most[b])
        )
        share = step / plan.steps
        dearer = moved + plan.metre * metres
        change = plan.soft * np.exp(hardening * share) * more + dearer
        if change > 0.0 and draw(chance) >= np.exp(-change / (plan.hot * np.exp(cooling * share))):
            continue
        for i in range(taken):
            part[moving[i]] = b
        size[a] -= leaving
        size[b] += leaving
        count[a] -= taken
        count[b] += taken
        wrong += more
        cost += dearer
        if step >= late and (wrong < lowest_wrong - 0.5 or (wrong < lowest_wrong + 0.5 and cost < lowest - 1e-6)):
            lowest_wrong, lowest = wrong, cost
            best[:] = part
    return best
