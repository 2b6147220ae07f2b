"""Simulated annealing of a division: which steps are tried, and which are taken.

Owns: the steps and their schedule. Does not own the arrays beneath (`kernels`) nor the beginning (`warm`).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from gridgov.geo.compiled import kernel
from gridgov.geo.partition.arithmetic import Band
from gridgov.geo.partition.kernels import (
    STAMP,
    TAKEN,
    Division,
    Field,
    Floats,
    below,
    best_cut,
    mark_below,
    miss,
    move,
    share,
    tree,
    whole_without,
    with_dependents,
)

Tell = Callable[[float], None]

HOT, COLD, WARM = 2.0, 0.05, 0.4
"""Temperatures at the beginning and at the end, in mean prices of an edge; `WARM`: at the beginning from a plan."""
OUTSIDE, WITHIN, REFERENCE = 9.0, 0.001, 300.0
"""What a household outside the band, and one away from the target, costs in mean prices of an edge, with grids of
`REFERENCE` households."""
MIX = np.array([0.5, 0.75, 1.0, 1.25])
"""Up to which draw a step is a re-combination, a block, an atom with its dependents; else an atom alone. Last: with
which power of the cold the price of the band rises."""


@kernel
def moved_cost(field: Field, division: Division, u: int, a: int, b: int) -> float:
    """What cutting costs more when u alone goes from a to b, fares included."""
    cost = 0.0
    for e in range(field.indptr[u], field.indptr[u + 1]):
        part = division.part[field.indices[e]]
        if part == a:
            cost += field.price[e]
        elif part == b:
            cost -= field.price[e]
    home = field.home[u]
    if home >= 0:
        if home == a:
            cost += field.fare[u]
        elif home == b:
            cost -= field.fare[u]
    return cost


@kernel
def moved_miss(
    division: Division,
    a: int,
    b: int,
    households: float,
    least: float,
    most: float,
    target: float,
    outside: float,
    within: float,
) -> float:
    """What the sizes cost more when so many households go from a to b."""
    p, q = division.size[a], division.size[b]
    after: float = miss(p - households, least, most, target, outside, within)
    after += miss(q + households, least, most, target, outside, within)
    before: float = miss(p, least, most, target, outside, within) + miss(q, least, most, target, outside, within)
    return after - before


@kernel
def several(
    field: Field,
    division: Division,
    number: int,
    a: int,
    b: int,
    least: float,
    most: float,
    target: float,
    outside: float,
    within: float,
    bar: float,
) -> bool:
    """Move `moving[:number]` (marked with the last stamp) from a to b if that costs at most `bar`."""
    stamp = division.count_of[STAMP]
    cost, households = 0.0, 0.0
    for i in range(number):
        u = division.moving[i]
        households += field.households[u]
        for e in range(field.indptr[u], field.indptr[u + 1]):
            y = field.indices[e]
            if division.part[y] == b:
                cost -= field.price[e]
            elif division.part[y] == a and division.mark[y] != stamp:
                cost += field.price[e]
        home = field.home[u]
        if home >= 0:
            if home == a:
                cost += field.fare[u]
            elif home == b:
                cost -= field.fare[u]
    cost += moved_miss(division, a, b, households, least, most, target, outside, within)
    if cost > bar:
        return False
    for i in range(number):
        move(field, division, division.moving[i], b)
    return True


@kernel
def one_atom(
    field: Field,
    division: Division,
    u: int,
    a: int,
    b: int,
    least: float,
    most: float,
    target: float,
    outside: float,
    within: float,
    bar: float,
) -> bool:
    """An atom on the border to the part beyond, with what depends on it."""
    cost = moved_cost(field, division, u, a, b)
    cost += moved_miss(division, a, b, field.households[u], least, most, target, outside, within)
    if cost <= bar and whole_without(field, division, u):
        move(field, division, u, b)
        return True
    return False


@kernel
def branch(
    field: Field,
    division: Division,
    u: int,
    a: int,
    b: int,
    least: float,
    most: float,
    target: float,
    outside: float,
    within: float,
    bar: float,
) -> bool:
    division.moving[0] = u
    number = with_dependents(field, division, 1, 8)
    if number == 0:
        return False
    taken: bool = several(field, division, number, a, b, least, most, target, outside, within, bar)
    return taken


@kernel
def whole_block(
    field: Field,
    division: Division,
    u: int,
    a: int,
    b: int,
    least: float,
    most: float,
    target: float,
    outside: float,
    within: float,
    bar: float,
) -> bool:
    """What a part holds of the street block of u, to the part beyond."""
    division.count_of[STAMP] += 1
    stamp = division.count_of[STAMP]
    division.moving[0] = u
    division.mark[u] = stamp
    number, head = 1, 0
    while head < number:
        x = division.moving[head]
        head += 1
        for e in range(field.indptr[x], field.indptr[x + 1]):
            y = field.indices[e]
            if division.mark[y] != stamp and division.part[y] == a and field.block[y] == field.block[u]:
                division.mark[y] = stamp
                division.moving[number] = y
                number += 1
    number = with_dependents(field, division, number, 8)
    if number == 0:
        return False
    taken: bool = several(field, division, number, a, b, least, most, target, outside, within, bar)
    return taken


@kernel
def recombine(
    field: Field,
    division: Division,
    root: int,
    a: int,
    b: int,
    least: float,
    most: float,
    target: float,
    outside: float,
    within: float,
    bar: float,
) -> bool:
    """Two parts together, divided anew at the best edge of a random tree (DeFord, Duchin and Solomon 2019)."""
    old = miss(division.size[a], least, most, target, outside, within)
    old += miss(division.size[b], least, most, target, outside, within)
    u = division.first[a]
    while u >= 0:
        for e in range(field.indptr[u], field.indptr[u + 1]):
            if division.part[field.indices[e]] == b:
                old += field.price[e]
        u = division.after[u]
    m = tree(field, division, a, b, root)
    for i in range(m):
        u = division.node[i]
        if field.home[u] >= 0 and field.home[u] != division.part[u]:
            old += field.fare[u]
    _, at, label = best_cut(field, division, a, b, m, 1.0, 1.0, least, most, target, outside, within, old + bar)
    if at < 0:
        return False
    mark_below(division, m, at)
    kept = 0
    for i in range(m):
        if (division.part[division.node[i]] == a) == (division.side[i] == 1):
            kept += 1
    # Without fares either label costs the same: the one that moves fewer atoms is less work.
    last = division.order[0]
    free = division.fare_a[last] == 0.0 and division.fare_b[last] == 0.0
    below_is_a = kept * 2 >= m if free else label == 0
    for i in range(m):
        u = division.node[i]
        to = a if (division.side[i] == 1) == below_is_a else b
        if division.part[u] != to:
            move(field, division, u, to)
    return True


@kernel
def anneal(
    field: Field,
    division: Division,
    start: int,
    stop: int,
    whole: int,
    hot: float,
    cold: float,
    least: float,
    most: float,
    target: float,
    outside: float,
    within: float,
    mix: Floats,
) -> None:
    """Tries `start` to `stop` of `whole`; the temperature falls geometrically from `hot` to `cold` over all of them."""
    temperature = hot
    for step in range(start, stop):
        if step % 32 == 0 or step == start:
            temperature = hot * (cold / hot) ** (step / whole)
        if division.count_of[0] == 0:
            return
        e = division.cut[below(division.chance, division.count_of[0])]
        u = field.source[e]
        a, b = division.part[u], division.part[field.indices[e]]
        bar = -temperature * math.log(share(division.chance) + 1e-18)
        kind = share(division.chance)
        out = outside * (cold / temperature) ** mix[3]
        if kind < mix[0]:
            taken = recombine(field, division, u, a, b, least, most, target, out, within, bar)
        elif kind < mix[1]:
            taken = whole_block(field, division, u, a, b, least, most, target, out, within, bar)
        elif kind < mix[2]:
            taken = branch(field, division, u, a, b, least, most, target, out, within, bar)
        else:
            taken = one_atom(field, division, u, a, b, least, most, target, out, within, bar)
        if taken:
            division.count_of[TAKEN] += 1


# --- the schedule -----------------------------------------------------------------------------------------------------


def run(field: Field, division: Division, band: Band, effort: float, *, fresh: bool, stride: int, tell: Tell) -> None:
    """Anneals `division` with `effort` moves an atom. `tell` hears the share done each `stride`, and may raise."""
    whole = int(effort * len(field.households))
    unit = float(field.price.mean())
    per_household = unit * REFERENCE / band.target
    hot, cold = (HOT if fresh else WARM) * unit, COLD * unit
    for begin in range(0, whole, stride):
        anneal(
            field, division, begin, min(begin + stride, whole), whole, hot, cold, float(band.least), float(band.most),
            float(band.target), OUTSIDE * per_household, WITHIN * per_household, MIX,
        )  # fmt: skip
        tell(min(begin + stride, whole) / whole)


def outcome(field: Field, division: Division, band: Band) -> tuple[float, float]:
    """(households by which parts miss the band, price of what is cut and of who is moved) in quanta."""
    size = division.size
    off = np.maximum(0.0, np.maximum(band.least - size, size - band.most)).sum()
    cut = field.price[division.part[field.source] != division.part[field.indices]].sum() / 2.0
    away = (field.home >= 0) & (field.home != division.part)
    return float(off), float(cut + field.fare[away].sum())


def unavoidable(field: Field, parts: int, band: Band) -> float:
    """Households that miss the band in any division: by arithmetic, or for an atom that is above it."""
    total = float(field.households.sum())
    large = field.households[field.households > band.most]
    alone = float((large - band.most).sum())
    rest, left = total - float(large.sum()), parts - len(large)
    return max(0.0, parts * band.least - total, alone, alone + rest - max(0, left) * band.most)
