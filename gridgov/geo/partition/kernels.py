"""What the annealing stands on: chance, the state of a division, membership, contiguity, trees.

Owns: the arrays of a division and the compiled steps that keep them consistent. Does not own which steps are tried
(`anneal`) nor where a division begins (`warm`).

Prices and households are whole numbers held in doubles (prices in `QUANTUM` metres), so that every sum is exact and
does not depend on the order in which it was taken. Chance comes from a state that the division carries (splitmix64,
Steele, Lea and Flood, OOPSLA 2014), never from numpy's global one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Bits = NDArray[np.uint64]

QUANTUM = 1.0 / 64.0
"""Metres to which prices are rounded: a power of two, so that sums of them are exact."""
FOREVER = 1e300

GOLDEN, FIRST, SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
LOW = np.uint64(4095)
S30, S27, S31, S11, S33 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11), np.uint64(33)
TABLE = -np.log((np.arange(4096) + 0.5) / 4096.0)
"""Exponential variates: what a random tree draws its keys from."""

CUTS, STAMP, TAKEN = 0, 1, 2
"""Places in `Division.count_of`: number of cut edges, last mark used, moves accepted."""


class Field(NamedTuple):
    """The ground of one piece, n atoms and m directed edges: `back[e]` is the same edge from its other end, `ease`
    1 / price. `home` the part in which an atom should stay (-1: none), `fare` what it costs to have it elsewhere."""

    indptr: Ints
    indices: Ints
    source: Ints
    back: Ints
    price: Floats
    ease: Floats
    households: Floats
    block: Ints
    home: Ints
    fare: Floats


class Division(NamedTuple):
    """Which part each atom is in, with everything that makes a step cheap.

    `size` households and `members` atoms of each part; `first`, `after`, `before` its atoms as a linked list; `cut` the
    directed edges between parts (the first `count_of[CUTS]`), `place` where each edge stands in it (-1: not cut);
    `mark`, `queue`, `moving` and what follows are scratch; `chance` the state of the generator.
    """

    part: Ints
    size: Floats
    members: Ints
    first: Ints
    after: Ints
    before: Ints
    cut: Ints
    place: Ints
    mark: Longs
    queue: Ints
    moving: Ints
    node: Ints
    local: Ints
    order: Ints
    parent: Ints
    spot: Ints
    edge_key: Floats
    below: Floats
    fare_a: Floats
    fare_b: Floats
    side: Ints
    count_of: Longs
    chance: Bits


@kernel
def bits(chance: Bits) -> np.uint64:
    """64 random bits."""
    chance[0] += GOLDEN
    z = chance[0]
    z = (z ^ (z >> S30)) * FIRST
    z = (z ^ (z >> S27)) * SECOND
    mixed: np.uint64 = z ^ (z >> S31)
    return mixed


@kernel
def below(chance: Bits, n: int) -> np.int64:
    """A whole number from 0 to n - 1, n < 2**31."""
    return (np.int64(bits(chance) >> S33) * n) >> 31


@kernel
def share(chance: Bits) -> float:
    """A number from 0 (inclusive) to 1 (exclusive)."""
    return np.float64(bits(chance) >> S11) * (1.0 / 9007199254740992.0)


@kernel
def miss(size: float, least: float, most: float, target: float, outside: float, within: float) -> float:
    """What a part of `size` households costs: `within` for each that it misses the target by, `outside` the band."""
    cost = within * abs(size - target)
    if size < least:
        cost += outside * (least - size)
    elif size > most:
        cost += outside * (size - most)
    return cost


@kernel
def tie(division: Division, e: int) -> None:
    """Edge e lies between two parts now."""
    if division.place[e] < 0:
        division.place[e] = division.count_of[CUTS]
        division.cut[division.count_of[CUTS]] = e
        division.count_of[CUTS] += 1


@kernel
def untie(division: Division, e: int) -> None:
    """Edge e lies inside one part now."""
    hole = division.place[e]
    if hole >= 0:
        division.count_of[CUTS] -= 1
        last = division.cut[division.count_of[CUTS]]
        division.cut[hole] = last
        division.place[last] = hole
        division.place[e] = -1


@kernel
def enlist(division: Division, u: int, part: int) -> None:
    """Put u at the head of a part's list."""
    head = division.first[part]
    division.after[u], division.before[u] = head, -1
    if head >= 0:
        division.before[head] = u
    division.first[part] = u


@kernel
def move(field: Field, division: Division, u: int, to: int) -> None:
    """Give atom u to another part; contiguity is the caller's."""
    out = division.part[u]
    ahead, behind = division.before[u], division.after[u]
    if ahead >= 0:
        division.after[ahead] = behind
    else:
        division.first[out] = behind
    if behind >= 0:
        division.before[behind] = ahead
    enlist(division, u, to)
    division.part[u] = to
    division.size[out] -= field.households[u]
    division.size[to] += field.households[u]
    division.members[out] -= 1
    division.members[to] += 1
    for e in range(field.indptr[u], field.indptr[u + 1]):
        if division.part[field.indices[e]] == to:
            untie(division, e)
            untie(division, field.back[e])
        else:
            tie(division, e)
            tie(division, field.back[e])


@kernel
def set_up(field: Field, division: Division) -> None:
    """Fill everything that follows from `division.part`."""
    division.size[:] = 0.0
    division.members[:] = 0
    division.first[:] = -1
    division.place[:] = -1
    division.mark[:] = 0
    division.count_of[:] = 0
    for u in range(len(division.part) - 1, -1, -1):
        part = division.part[u]
        division.size[part] += field.households[u]
        division.members[part] += 1
        enlist(division, u, part)
    for e in range(len(field.indices)):
        if division.part[field.source[e]] != division.part[field.indices[e]]:
            tie(division, e)


@kernel
def whole_without(field: Field, division: Division, u: int) -> bool:
    """Whether the part of u stays connected, and not empty, without u."""
    part = division.part[u]
    division.count_of[STAMP] += 2
    wanted, seen = division.count_of[STAMP] - 1, division.count_of[STAMP]
    missing, start = 0, -1
    for e in range(field.indptr[u], field.indptr[u + 1]):
        y = field.indices[e]
        if division.part[y] == part:
            division.mark[y] = wanted
            missing += 1
            start = y
    if missing <= 1:
        return missing == 1
    division.mark[u] = seen
    division.mark[start] = seen
    division.queue[0] = start
    missing -= 1
    tail, head = 1, 0
    while head < tail:
        x = division.queue[head]
        head += 1
        for e in range(field.indptr[x], field.indptr[x + 1]):
            y = field.indices[e]
            if division.part[y] == part and division.mark[y] != seen:
                if division.mark[y] == wanted:
                    missing -= 1
                    if missing == 0:
                        return True
                division.mark[y] = seen
                division.queue[tail] = y
                tail += 1
    return False


@kernel
def with_dependents(field: Field, division: Division, number: int, largest: int) -> int:  # noqa: PLR0912  # one walk
    """Add to `moving[:number]` (atoms of one part) what the part would lose without them: all but its largest piece.

    Returns how many move then, at most `number + largest`; 0 when more would, or when nothing would stay.
    """
    part = division.part[division.moving[0]]
    division.count_of[STAMP] += 1
    taken = division.count_of[STAMP]
    for i in range(number):
        division.mark[division.moving[i]] = taken
    if number >= division.members[part]:
        return 0
    tail, most, best = 0, 0, taken
    for i in range(number):
        u = division.moving[i]
        for f in range(field.indptr[u], field.indptr[u + 1]):
            if division.part[field.indices[f]] != part or division.mark[field.indices[f]] >= taken:
                continue
            division.count_of[STAMP] += 1
            piece, begin, head = division.count_of[STAMP], tail, tail
            division.queue[tail] = field.indices[f]
            division.mark[field.indices[f]] = piece
            tail += 1
            while head < tail:
                x = division.queue[head]
                head += 1
                for e in range(field.indptr[x], field.indptr[x + 1]):
                    y = field.indices[e]
                    if division.part[y] == part and division.mark[y] < taken:
                        division.mark[y] = piece
                        division.queue[tail] = y
                        tail += 1
            if tail - begin > most:
                most, best = tail - begin, piece
    if tail == 0 or tail - most > largest:
        return 0
    for i in range(tail):
        if division.mark[division.queue[i]] != best:
            division.moving[number] = division.queue[i]
            number += 1
    division.count_of[STAMP] += 1
    for i in range(number):
        division.mark[division.moving[i]] = division.count_of[STAMP]
    return number


@kernel
def tree(field: Field, division: Division, a: int, b: int, root: int) -> int:
    """A random spanning tree of parts a and b together (Prim's algorithm on random keys, dear edges first) from `root`.

    Returns the number of atoms m. Then `node[:m]` are they; by local number: `order[:m]` from the root, `parent`.
    """
    m = 0
    for turn in range(1 if a == b else 2):
        u = division.first[a if turn == 0 else b]
        while u >= 0:
            division.node[m] = u
            division.local[u] = m
            division.spot[m] = -1
            m += 1
            u = division.after[u]
    part, local, price = division.part, division.local, field.ease
    first = local[root]
    division.queue[0] = first
    division.edge_key[0] = 0.0
    division.parent[first] = -1
    frontier, grown = 1, 0
    while frontier > 0:
        at, least = 0, division.edge_key[0]
        for i in range(1, frontier):
            if division.edge_key[i] < least:
                at, least = i, division.edge_key[i]
        x = division.queue[at]
        frontier -= 1
        last = division.queue[frontier]
        division.queue[at] = last
        division.edge_key[at] = division.edge_key[frontier]
        division.spot[last] = at
        division.spot[x] = -2
        division.order[grown] = x
        grown += 1
        u = division.node[x]
        random = bits(division.chance)
        for e in range(field.indptr[u], field.indptr[u + 1]):
            v = field.indices[e]
            if part[v] != a and part[v] != b:
                continue
            y = local[v]
            spot = division.spot[y]
            if spot == -2:
                continue
            draw = TABLE[np.int64(random & LOW)] * price[e]
            random = (random >> S11) ^ (random * FIRST)
            if spot == -1:
                division.queue[frontier] = y
                division.edge_key[frontier] = draw
                division.spot[y] = frontier
                division.parent[y] = x
                frontier += 1
            elif draw < division.edge_key[spot]:
                division.edge_key[spot] = draw
                division.parent[y] = x
    return grown


@kernel
def mark_below(division: Division, m: int, at: int) -> None:
    """`side` is 1 for the atoms below `at` and itself, else 0."""
    division.side[division.order[0]] = 1 if division.order[0] == at else 0
    for r in range(1, m):
        x = division.order[r]
        division.side[x] = 1 if x == at else division.side[division.parent[x]]


@kernel
def price_across(field: Field, division: Division, a: int, b: int, m: int) -> float:
    """The prices of the edges inside parts a and b between atoms of the two sides that are marked."""
    cut = 0.0
    for i in range(m):
        if division.side[i] == 1:
            u = division.node[i]
            for e in range(field.indptr[u], field.indptr[u + 1]):
                v = field.indices[e]
                if (division.part[v] == a or division.part[v] == b) and division.side[division.local[v]] == 0:
                    cut += field.price[e]
    return cut


@kernel
def best_cut(
    field: Field,
    division: Division,
    a: int,
    b: int,
    m: int,
    one: float,
    other: int,
    least: float,
    most: float,
    target: float,
    outside: float,
    within: float,
    limit: float,
) -> tuple[float, int, int]:
    """The edge of the tree whose removal costs least, if less than `limit`: (cost, local number of the atom below it or
    -1, label of that side).

    `one` and `other`: how many grids each side holds (1 and 1 when two parts are divided anew; the label a side then
    bears is chosen by the fares). Label 0: the side below is a's, or is worth `one`; 1: it is b's, or worth `other`.
    What is cut is only added up where the sizes alone leave hope: for most edges they do not.
    """
    total, all_a, all_b = 0.0, 0.0, 0.0
    for i in range(m):
        u = division.node[i]
        division.below[i] = field.households[u]
        total += division.below[i]
        away_a = field.fare[u] if field.home[u] >= 0 and field.home[u] != a else 0.0
        away_b = field.fare[u] if field.home[u] >= 0 and field.home[u] != b else 0.0
        division.fare_a[i], division.fare_b[i] = away_a, away_b
        all_a += away_a
        all_b += away_b
    best, at, label = limit, -1, 0
    for r in range(m - 1, 0, -1):
        x = division.order[r]
        p = division.parent[x]
        division.below[p] += division.below[x]
        division.fare_a[p] += division.fare_a[x]
        division.fare_b[p] += division.fare_b[x]
        size = division.below[x]
        straight = one * miss(size / one, least, most, target, outside, within)
        straight += other * miss((total - size) / other, least, most, target, outside, within)
        crossed = straight
        if one != other:
            crossed = other * miss(size / other, least, most, target, outside, within)
            crossed += one * miss((total - size) / one, least, most, target, outside, within)
        straight += division.fare_a[x] + all_b - division.fare_b[x]
        crossed += division.fare_b[x] + all_a - division.fare_a[x]
        hope = min(straight, crossed)
        if hope >= best:
            continue
        mark_below(division, m, x)
        hope += price_across(field, division, a, b, m)
        if hope < best:
            best, at, label = hope, x, 0 if straight <= crossed else 1
    return best, at, label
