"""Which grid goes on as which: an identity passes on to where most of its households are. Pure.

Old and new grids are matched so that as many households as possible stay in a grid that keeps its identity (an
assignment problem; Crouse 2016, "On implementing 2D rectangular assignment algorithms", as in scipy). Ties go to the
larger common ground, then to the lower code and the lower number. Does not own codes (`codes`) nor when it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gridgov.areas.rules import Descent
from gridgov.planning.rules import NOBODY

AREA_BITS, ORDER_BITS = 20, 12
"""A pair's weight: households, then its share of the ground in 2^20 parts, then the order of codes in 2^12."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """`goes_on`: new grid -> the old one whose identity it keeps. `begun`: new ones without; `ended`: old ones that go
    on nowhere. `descents` by (from, to): every pair with common households, or with common ground where there are
    none."""

    goes_on: dict[int, int]
    begun: tuple[int, ...]
    ended: tuple[int, ...]
    descents: tuple[Descent, ...]

    @property
    def merged(self) -> dict[int, tuple[int, ...]]:
        """New grids into which an old one ended, with all old ones of which they hold households (n → 1)."""
        into = {one.after for one in self.descents if one.before in self.ended and one.households}
        return {to: tuple(d.before for d in self.descents if d.after == to and d.households) for to in sorted(into)}

    @property
    def split(self) -> dict[int, tuple[int, ...]]:
        """Old grids out of which a new one began, with all new ones that hold households of theirs (1 → n)."""
        out = {one.before for one in self.descents if one.after in self.begun and one.households}
        return {of: tuple(d.after for d in self.descents if d.before == of and d.households) for of in sorted(out)}


def lineage(
    old: NDArray[np.integer],
    new: NDArray[np.integer],
    *,
    households: NDArray[np.integer],
    area_m2: NDArray[np.floating],
    codes: Mapping[int, str] | None = None,
    fixed: Mapping[int, int] | None = None,
) -> Lineage:
    """What became of what.

    `old`, `new` int[n]: the grid of each atom before and after, `NOBODY` where it belonged to none; `households`
    int[n], `area_m2` float[n] of the atoms. `codes`: of the old grids, for ties. `fixed`: new -> old, where the
    identity is decided (locked) whatever the households say. Raises ValueError where `fixed` names an old one twice.
    """
    fixed = dict(fixed or {})
    if len(set(fixed.values())) != len(fixed):
        raise ValueError("an identity cannot go on as two grids")
    codes = codes or {}
    olds = sorted({*_named(old), *fixed.values()}, key=lambda one: (codes.get(one, ""), one))
    news = sorted({*_named(new), *fixed})
    shared, ground = _overlap(old, new, olds, news, households, area_m2)
    goes_on = fixed | _matched(olds, news, shared, ground, fixed)
    descents = _descents(olds, news, shared, ground)
    kept = set(goes_on.values())
    return Lineage(
        goes_on=dict(sorted(goes_on.items())),
        begun=tuple(one for one in news if one not in goes_on),
        ended=tuple(sorted(one for one in olds if one not in kept)),
        descents=tuple(sorted(descents, key=lambda one: (one.before, one.after))),
    )


def _named(grids: NDArray[np.integer]) -> list[int]:
    return [int(one) for one in np.unique(grids) if one != NOBODY]


def _overlap(
    old: NDArray[np.integer],
    new: NDArray[np.integer],
    olds: list[int],
    news: list[int],
    households: NDArray[np.integer],
    area_m2: NDArray[np.floating],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(households, m²) [old, new] that each pair has in common, in the order of `olds` and `news`."""
    row = {one: place for place, one in enumerate(olds)}
    column = {one: place for place, one in enumerate(news)}
    both = np.flatnonzero((old != NOBODY) & (new != NOBODY))
    rows = np.array([row[int(old[atom])] for atom in both], dtype=np.int64)
    columns = np.array([column[int(new[atom])] for atom in both], dtype=np.int64)
    shared = np.zeros((len(olds), len(news)), dtype=np.int64)
    ground = np.zeros((len(olds), len(news)), dtype=np.float64)
    np.add.at(shared, (rows, columns), np.asarray(households, dtype=np.int64)[both])
    np.add.at(ground, (rows, columns), np.asarray(area_m2, dtype=np.float64)[both])
    return shared, ground


def _matched(
    olds: list[int], news: list[int], shared: NDArray[np.int64], ground: NDArray[np.float64], fixed: Mapping[int, int]
) -> dict[int, int]:
    """New -> old with most households kept; a pair without common households only where the old one had none."""
    rows = np.array([place for place, one in enumerate(olds) if one not in set(fixed.values())], dtype=np.int64)
    columns = np.array([place for place, one in enumerate(news) if one not in fixed], dtype=np.int64)
    if not len(rows) or not len(columns):
        return {}
    size = len(olds) + len(news)
    parts = np.floor(ground / max(float(ground.sum()), 1e-9) * (2**AREA_BITS - 1)).astype(np.int64)
    before = np.add.outer(np.arange(len(olds)), np.arange(len(news)))
    order = (size - before) * (2**ORDER_BITS - 1) // (size * min(len(rows), len(columns)))
    empty = shared.sum(axis=1, keepdims=True) == 0
    allowed = (shared > 0) | (empty & (ground > 0))
    weight = (shared << (AREA_BITS + ORDER_BITS)) + (parts << ORDER_BITS) + order
    weight = np.where(allowed, weight, 0)[np.ix_(rows, columns)]
    chosen = linear_sum_assignment(weight.astype(np.float64), maximize=True)
    pairs = ((int(rows[i]), int(columns[j])) for i, j in zip(*chosen, strict=True))
    return {news[j]: olds[i] for i, j in pairs if allowed[i, j]}


def _descents(
    olds: list[int], news: list[int], shared: NDArray[np.int64], ground: NDArray[np.float64]
) -> list[Descent]:
    made = []
    for i, one in enumerate(olds):
        total, whole = int(shared[i].sum()), float(ground[i].sum())
        for j, other in enumerate(news):
            if shared[i, j]:
                made.append(Descent(one, other, int(shared[i, j]), float(shared[i, j] / total)))
            elif not total and ground[i, j] > 0:
                made.append(Descent(one, other, 0, float(ground[i, j] / whole)))
    return made
