"""Where values lie together that are higher or lower than chance would have them: Gi* and local Moran's I.

Owns neighbourhoods, both statistics, chance by conditional permutation, rates made comparable, and the correction for
asking about many areas at once. Does not own what is counted nor what is said about it (`analytics`). Pure numbers.

Sources: Ord & Getis 1995, "Local spatial autocorrelation statistics" (Gi*); Anselin 1995, "Local indicators of spatial
association" (I); Besag & Clifford 1991, "Sequential Monte Carlo p-values"; Assunção & Reis 1999, "A new proposal to
adjust Moran's I for population density" (rates); Benjamini & Hochberg 1995, "Controlling the false discovery rate",
proposed for local statistics by Caldas de Castro & Singer 2006.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

EXCEEDANCES = 50
"""A permutation test ends as soon as chance has been as extreme so often: its p is settled then."""
MOST_DRAWS = 99_999


@dataclass(frozen=True, slots=True)
class Neighbours:
    """n areas and who borders on whom, as compressed rows: `indptr` int64[n+1], `indices` int64[m]; nobody borders on
    itself, and each border stands twice."""

    indptr: Longs
    indices: Longs

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def number(self) -> Longs:
        """int64[n]: how many neighbours each has."""
        return np.diff(self.indptr)


@dataclass(frozen=True, slots=True)
class LocalMoran:
    """`index` float64[n]: I of each area; `lag` float64[n]: the mean standard score of its neighbours; `p` float64[n],
    two-sided, 1 where an area has no neighbour."""

    index: Floats
    lag: Floats
    p: Floats


def bordering(shapes: Sequence[Any]) -> Neighbours:
    """Areas that share a border or a corner (queen contiguity)."""
    found = np.asarray(shapes, dtype=object)
    first, second = shapely.STRtree(found).query(found, predicate="intersects")
    apart = first != second
    order = np.lexsort((second[apart], first[apart]))
    indptr = np.zeros(len(found) + 1, dtype=np.int64)
    np.cumsum(np.bincount(first[apart], minlength=len(found)), out=indptr[1:])
    return Neighbours(indptr, second[apart][order].astype(np.int64))


def getis_ord(values: Floats, neighbours: Neighbours) -> Floats:
    """Gi* of each area as a standard score: the sum over the area and its neighbours against what the whole would let
    expect. 0 where all values are equal, or where somebody borders on everybody."""
    n = len(values)
    around = neighbours.number + 1
    total = values + _sums(values, neighbours)
    spread = float(values.std())
    square = spread**2 * (n * around - around**2) / max(n - 1, 1)
    score = np.zeros(n)
    np.divide(total - values.mean() * around, np.sqrt(np.maximum(square, 0.0)), out=score, where=square > 0)
    return score


def local_moran(values: Floats, neighbours: Neighbours, *, seed: int, draws: int = MOST_DRAWS) -> LocalMoran:
    """Local Moran's I, with chance by drawing the neighbours of each area anew from all others.

    At most `draws` drawings an area, fewer where chance settles it. The same seed gives the same answer.
    """
    spread = float(values.std())
    score = (values - values.mean()) / spread if spread else np.zeros(len(values))
    number = neighbours.number
    lag = np.divide(_sums(score, neighbours), number, out=np.zeros(len(values)), where=number > 0)
    p = chance(score, neighbours, seed=seed, draws=draws)
    return LocalMoran(score * lag, lag, p)


def chance(values: Floats, neighbours: Neighbours, *, seed: int, draws: int = MOST_DRAWS) -> Floats:
    """float64[n]: how often as many others, drawn at random, have a sum as far from what is usual as the neighbours'.

    Two-sided: twice the smaller tail, at most 1; 1 where nobody borders. An area's own value stays where it is
    (conditional permutation), so that this is the tail of Gi* as well as that of I.
    """
    out = np.ones(len(values))
    _draw(values, neighbours.indptr, neighbours.indices, np.uint64(seed), draws, EXCEEDANCES, out)
    return out


def comparable(events: Floats, population: Floats) -> Floats:
    """Rates as standard scores that account for small populations (empirical Bayes, Assunção & Reis).

    NaN where there is nobody. Equal rates give 0.
    """
    known = population > 0
    score = np.full(len(events), np.nan)
    if not known.any():
        return score
    people, rate = population[known], events[known] / population[known]
    mean = float(events[known].sum() / people.sum())
    variance = float((people * (rate - mean) ** 2).sum() / people.sum()) - mean / (people.sum() / known.sum())
    each = max(variance, 0.0) + mean / people
    score[known] = np.divide(rate - mean, np.sqrt(each), out=np.zeros(len(people)), where=each > 0)
    return score


def discovered(p: Floats, share: float) -> Flags:
    """Which of n findings are kept so that at most this share of those kept is expected to be chance alone."""
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= share * np.arange(1, len(p) + 1) / max(len(p), 1))
    kept = np.zeros(len(p), dtype=np.bool_)
    if len(passed):
        kept[order[: passed[-1] + 1]] = True
    return kept


def _sums(values: Floats, neighbours: Neighbours) -> Floats:
    """Sum of the neighbours' values."""
    rows = np.repeat(np.arange(len(neighbours)), neighbours.number)
    return np.bincount(rows, values[neighbours.indices], len(neighbours)).astype(np.float64)


@kernel
def _next(state: np.uint64) -> np.uint64:
    """SplitMix64 (Steele, Lea, Flood 2014): the state goes on by a constant, the output is its mix."""
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def _draw(values: Floats, indptr: Longs, indices: Longs, seed: np.uint64, draws: int, enough: int, out: Floats) -> None:
    """For each area, sums of as many others drawn without replacement, until both tails are settled."""
    n = len(values)
    golden = np.uint64(0x9E3779B97F4A7C15)
    others = np.arange(n)
    for i in range(n):
        k = indptr[i + 1] - indptr[i]
        if k == 0 or n < 2:
            continue
        seen = 0.0
        for at in range(indptr[i], indptr[i + 1]):
            seen += values[indices[at]]
        slack = 1e-9 * (abs(seen) + 1.0)
        state = _next((seed + np.uint64(i + 1)) * golden)
        others[i], others[n - 1] = others[n - 1], others[i]  # the area itself is not drawn
        above, below, done = 0, 0, 0
        while done < draws and min(above, below) < enough:
            total = 0.0
            for at in range(k):  # the first k of a shuffle (Fisher and Yates)
                state = state + golden
                left = np.uint64(n - 1 - at)
                pick = at + np.int64(_next(state) % left)
                others[at], others[pick] = others[pick], others[at]
                total += values[others[at]]
            above += total >= seen - slack
            below += total <= seen + slack
            done += 1
        tail = min(above, below)
        p = tail / done if tail >= enough else (tail + 1) / (done + 1)
        out[i] = min(1.0, 2.0 * p)
        for at in range(n):
            others[at] = at
