"""Where and when more happened than place and time alone let expect: the space-time permutation scan statistic.

Owns cylinders (a circle of areas for some steps of time), their likelihood ratio, and chance by permutation. Does not
own what is counted nor what is said about it (`analytics`). Pure numbers.

Sources: Kulldorff, Heffernan, Hartman, Assunção, Mostashari 2005, "A space-time permutation scan statistic for disease
outbreak detection" (PLoS Medicine 2:e59); Patefield 1981, AS 159, and Boyett 1979, AS 144 (random tables, by
`scipy.stats.random_table`); Besag & Clifford 1991, "Sequential Monte Carlo p-values".

Needs no population: a place that always has much, and a day on which there is much everywhere, are expected, for each
kind by itself, so that more of one kind in the whole city does not light up the places where that kind is common. What
is found is neither. All places, sizes and times are looked at and only the largest ratio of each permutation counts, so
that p is corrected for looking everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.spatial
import scipy.stats
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

DRAWS = 999
FEWEST_CASES = 2
THREADS = 2
_BATCH = 37  # permutations at once: 27 batches are 999


@dataclass(frozen=True, slots=True)
class Circles:
    """Areas by distance from each of n centres, itself first, as compressed rows: `indptr` int64[n+1]."""

    indptr: Longs
    members: Longs

    def __len__(self) -> int:
        return len(self.indptr) - 1


@dataclass(frozen=True, slots=True)
class Cylinder:
    """Areas (rows of the table) for the steps from `first` to `last`, both included: `count` where `expected` were.

    `ratio`: log likelihood ratio. `p`: how often permuted times give as large a ratio anywhere; at least 1/(draws + 1).
    """

    areas: tuple[int, ...]
    first: int
    last: int
    count: int
    expected: float
    ratio: float
    p: float


def circles(x_m: Floats, y_m: Floats, *, radius_m: float, most: int) -> Circles:
    """Around each centre, those whose centres lie within `radius_m`, the nearest `most` of them."""
    points = np.column_stack([x_m, y_m])
    tree = scipy.spatial.cKDTree(points)
    far, near = tree.query(points, k=min(most, len(points)), distance_upper_bound=np.nextafter(radius_m, np.inf))
    far, near = far.reshape(len(points), -1), near.reshape(len(points), -1)
    own = near == np.arange(len(points))[:, None]
    order = np.lexsort((near, ~own, far), axis=1)  # equal distances by number, itself before all
    near, inside = np.take_along_axis(near, order, axis=1), np.isfinite(np.take_along_axis(far, order, axis=1))
    indptr = np.zeros(len(points) + 1, dtype=np.int64)
    np.cumsum(inside.sum(axis=1), out=indptr[1:])
    return Circles(indptr, near[inside].astype(np.int64))


def work(around: Circles, steps: int, longest: int) -> int:
    """How many cylinders there are to look at, for each table."""
    return len(around.members) * sum(min(longest, steps - start) for start in range(steps))


def scan(
    counts: Longs, around: Circles, *, longest: int, seed: int, draws: int = DRAWS, level: float = 0.05, most: int = 20
) -> tuple[Cylinder, ...]:
    """Cylinders of at most `longest` steps whose p does not exceed `level`, the largest ratio first; none overlap.

    `counts`: int64[kinds, areas, steps]; times are permuted within each kind. A cylinder holds at most half of all
    cases, else it is what is not in it that is few. The second and further ones are held against the same largest
    ratios, which can only make their p too large. The same seed gives the same answer; where chance is soon seen to be
    as good, fewer than `draws` permutations do.
    """
    table = counts.sum(axis=0)
    if int(table.sum()) < FEWEST_CASES or counts.shape[2] < 2:
        return ()
    usual = expected(counts)
    blocked = np.zeros(table.shape, dtype=np.bool_)
    best = _best(table, usual, blocked, around, longest)
    if best is None:
        return ()
    enough = int(level * (draws + 1)) + 1
    chance = _largest(counts, usual, around, longest, seed, draws, enough=enough, than=best[0])
    found: list[Cylinder] = []
    while best is not None and len(found) < most:
        ratio, centre, size, first, stop = best
        p = (1 + int((chance >= ratio - 1e-9).sum())) / (1 + len(chance))
        if p > level:
            break
        rows = around.members[around.indptr[centre] : around.indptr[centre] + size]
        count, should = int(table[rows, first:stop].sum()), float(usual[rows, first:stop].sum())
        found.append(Cylinder(tuple(sorted(rows.tolist())), first, stop - 1, count, should, ratio, p))
        blocked[rows, first:stop] = True
        best = _best(table, usual, blocked, around, longest)
    return tuple(found)


def expected(counts: Longs) -> Floats:
    """float64[areas, steps]: for each kind, what the area has in all times what the step has in all, by its sum."""
    by_area, by_step = counts.sum(axis=2).astype(np.float64), counts.sum(axis=1).astype(np.float64)
    totals = np.maximum(by_area.sum(axis=1), 1.0)
    usual: Floats = np.einsum("ga,gs,g->as", by_area, by_step, 1.0 / totals)
    return usual


def _best(
    table: Longs, usual: Floats, blocked: Flags, around: Circles, longest: int
) -> tuple[float, int, int, int, int] | None:
    """(ratio, centre, number of areas, first step, step after the last) of the best cylinder that nothing blocks."""
    out = np.zeros(4, dtype=np.int64)
    ratio = _search(table, usual, blocked, around.indptr, around.members, longest, out)
    return (ratio, int(out[0]), int(out[1]), int(out[2]), int(out[3])) if ratio > 0 else None


def _largest(
    counts: Longs, usual: Floats, around: Circles, longest: int, seed: int, draws: int, *, enough: int, than: float
) -> Floats:
    """The largest ratio of each permuted table; stops after a batch when `enough` of them reach `than`."""
    free = np.zeros(usual.shape, dtype=np.bool_)
    kinds = [(one.sum(axis=1), one.sum(axis=0)) for one in counts if one.any()]
    seeds = np.random.SeedSequence(seed).spawn(-(-draws // _BATCH))

    def batch(number: int) -> Floats:
        rng = np.random.default_rng(seeds[number])
        size = min(_BATCH, draws - number * _BATCH)
        tables = np.zeros((size, *usual.shape), dtype=np.int64)
        for rows, columns in kinds:
            tables += scipy.stats.random_table(rows, columns).rvs(size, random_state=rng)
        out = np.zeros(4, dtype=np.int64)
        where = around.indptr, around.members
        return np.array([_search(one, usual, free, *where, longest, out) for one in tables])

    found: list[Floats] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for pair in _in_pairs(len(seeds)):
            found += pool.map(batch, pair)
            if sum(int((one >= than - 1e-9).sum()) for one in found) >= enough:
                break
    return np.concatenate(found)


def _in_pairs(number: int) -> Iterator[range]:
    return (range(start, min(start + THREADS, number)) for start in range(0, number, THREADS))


@kernel
def _search(
    counts: Longs, usual: Floats, blocked: Flags, indptr: Longs, members: Longs, longest: int, out: Longs
) -> float:
    """The largest log likelihood ratio of all cylinders; `out`: its centre, number of areas, first step, step after.

    A bound that needs no logarithm is tried first: c ln(c/e) + (C-c) ln((C-c)/(C-e)) <= (c-e)^2 (1/2e + 1/(C-e)).
    """
    n, steps = counts.shape
    total = 0.0
    for i in range(n):
        for t in range(steps):
            total += counts[i, t]
    best = 0.0
    sums, should, walls = np.zeros(steps + 1), np.zeros(steps + 1), np.zeros(steps + 1)
    for i in range(n):
        sums[:], should[:], walls[:] = 0.0, 0.0, 0.0
        for k in range(indptr[i], indptr[i + 1]):
            row = members[k]
            seen, would, hidden = 0.0, 0.0, 0.0
            for t in range(steps):
                seen += counts[row, t]
                would += usual[row, t]
                hidden += blocked[row, t]
                sums[t + 1] += seen
                should[t + 1] += would
                walls[t + 1] += hidden
            if sums[steps] > 0.5 * total:
                break
            if sums[steps] == 0.0:
                continue
            for first in range(steps):
                for stop in range(first + 1, min(first + longest, steps) + 1):
                    c = sums[stop] - sums[first]
                    e = should[stop] - should[first]
                    over = c - e  # one test that is nearly always the same, not three
                    if over * abs(over) * (total + e) <= best * 2.0 * e * (total - e) or c < FEWEST_CASES:
                        continue
                    ratio = c * np.log(c / e)
                    if c < total:
                        ratio += (total - c) * np.log((total - c) / (total - e))
                    if ratio > best + 1e-12 and walls[stop] == walls[first]:
                        best = ratio
                        out[0], out[1], out[2], out[3] = i, k - indptr[i] + 1, first, stop
    return best
