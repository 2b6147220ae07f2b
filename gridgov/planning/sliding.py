"""Where the boundary between two grids runs cheapest: a minimum cut between what stays in each. Pure.

Owns the cut. Does not own carrying it out (`board`). What a boundary costs is the price of the borders that it cuts
(`geo.partition.graph`). Households are brought in as a price of their own, for each household that the first grid keeps
(Lagrange): with it, minimum cuts run through the boundaries that are cheapest for what they leave on either side. The
least set of atoms that a maximum flow leaves with the first grid is the same whichever flow is found, so a slide comes
out the same on every machine. (Ford & Fulkerson 1956; as a way to move boundaries: Sanders & Schulz 2011.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString

from gridgov.geo.mincut import least_cut
from gridgov.planning.contiguity import Members
from gridgov.planning.operations import Line, Slide
from gridgov.planning.pairs import Counts, Flags, Pair, pair_of
from gridgov.planning.rules import Target
from gridgov.planning.state import State
from gridgov.platform.errors import BadInput, Conflict

DEPTHS = (2, 4, 8)
"""So many atoms from the present boundary lies what stays where it is; the last try leaves one atom only."""
STEPS = 16
"""Halvings of the price of a household."""
REFINED = 3
"""So many of the best cuts are brought nearer to what is wanted, atom by atom."""
MOST_MOVES = 64
"""Atoms that are moved so, at most."""
NEAR = 0.05
"""Handed over is as asked if it misses by no more than this share of the target."""
FIXED = 100_000_000
ON_STREET_CM = 1


class NothingToSlide(Conflict):
    """There is no better boundary."""

    code = "nothing-to-slide"


class GridsApart(Conflict):
    """Two grids that do not touch have no boundary."""

    code = "grids-apart"


class HandOverTooLarge(BadInput):
    """A grid cannot give more households than it has."""

    code = "hand-over-too-large"


def slid(state: State, operation: Slide) -> tuple[Members, Members]:
    """(atoms that go to the first grid, that go to the second), ascending.

    Without more said the cheapest boundary that leaves both in their band, or misses it least; with `households` the
    cheapest that hands over about so many; with `street` the one that follows that line. Raises `NothingToSlide`,
    `GridsApart`, `HandOverTooLarge`.
    """
    one, other = operation.grids
    pair = pair_of(state, one, other)
    if not (pair.first[pair.source] != pair.first[pair.target]).any():
        raise GridsApart(f"Grids {one} and {other} do not touch.", field="grids", remedy="Name two neighbours.")
    near = max(1, round(NEAR * min(state.target_of(number).households for number in operation.grids)))
    step = near
    miss: Callable[[int], int] = _no_miss
    if operation.street is not None:
        tries = _along(state, pair, operation.street)
    elif operation.households is not None:
        held = pair.held(pair.first)
        if operation.households >= held:
            raise HandOverTooLarge(
                f"Grid {one} has {held} households.", field="households", remedy="Hand over fewer, or merge the grids."
            )
        wanted = held - operation.households
        step, miss, tries = 1, _Near(wanted, near).miss, _priced(pair, wanted - near, wanted + near)
    else:
        bands = _Bands(state.target_of(one), state.target_of(other), pair.held(np.ones_like(pair.first)))
        miss, tries = bands.miss, _priced(pair, *bands.between(near))
    best = _best(pair, tries, miss, step, stay=operation.street is None)
    to_one, to_other = best & ~pair.first, ~best & pair.first
    if not (to_one.any() or to_other.any()):
        raise NothingToSlide(
            "The boundary lies where it is best.", field="grids",
            remedy="Name households to hand over, or a street to follow, or move atoms one by one.",
        )  # fmt: skip
    return pair.atoms[to_one], pair.atoms[to_other]


# ------------------------------------------------------------------------------------------------------- what is wanted


@dataclass(frozen=True)
class _Near:
    wanted: int
    near: int

    def miss(self, held: int) -> int:
        return max(0, abs(held - self.wanted) - self.near)


@dataclass(frozen=True)
class _Bands:
    one: Target
    other: Target
    total: int

    def miss(self, held: int) -> int:
        """By how much that grid misses its band which misses it by more."""
        counts = ((self.one, held), (self.other, self.total - held))
        return max(max(0, band.least - count, count - band.most) for band, count in counts)

    def between(self, near: int) -> tuple[int, int]:
        """What the first may keep so that both are in their bands, or where both cannot be, about as far from it."""
        least, most = (
            max(self.one.least, self.total - self.other.most),
            min(self.one.most, self.total - self.other.least),
        )
        middle = (least + most) // 2
        return (least, most) if least <= most else (middle - near, middle + near)


def _no_miss(_held: int) -> int:
    return 0


def _best(pair: Pair, tries: Iterator[Flags], miss: Callable[[int], int], step: int, *, stay: bool) -> Flags:
    """Of the boundaries tried, and the present one: fewest pieces, then the least miss in such steps, then the
    cheapest.
    """

    def rank(first: Flags) -> tuple[int, int, int]:
        return int(pair.pieces(first).max()), -(-miss(pair.held(first)) // step), pair.cost(first)

    once = {first.tobytes(): first for first in tries}
    found = [_whole(pair, first) for first in once.values()]
    found = [first for first in found if first.any() and not first.all()]
    if stay or not found:
        found.insert(0, pair.first)
    found.sort(key=rank)
    if stay:
        found += [_nearer(pair, first, miss) for first in found[:REFINED]]
    return min(found, key=rank)


def _whole(pair: Pair, first: Flags) -> Flags:
    """Pieces that a cut leaves apart from the rest of their side go to the other, unless a group is broken by that."""
    after = first.copy()
    for side in (True, False):
        label = pair.pieces(after)
        if label.max() <= 1:
            break
        weight = np.bincount(label, pair.households + 1e-6)
        own = np.unique(label[after == side])
        lesser = np.setdiff1d(own, own[np.argmax(weight[own])]) if len(own) else own
        after[np.isin(label, lesser)] = not side
    return first if pair.breaks(after) else after


def _nearer(pair: Pair, first: Flags, miss: Callable[[int], int]) -> Flags:
    """Atom by atom over the boundary until what is wanted is met or no atom that may go brings it nearer."""
    after, pieces = first.copy(), int(pair.pieces(first).max())
    for _ in range(MOST_MOVES):
        now = miss(pair.held(after))
        if now == 0:
            break
        for atom in _nearing(pair, after, miss, now):
            after[atom] ^= True
            both = after.any() and not after.all()
            if both and int(pair.pieces(after).max()) <= pieces and not pair.breaks(after):
                break
            after[atom] ^= True
        else:
            break
    return after


def _nearing(pair: Pair, first: Flags, miss: Callable[[int], int], now: int) -> list[int]:
    """Atoms at the boundary that bring what is wanted nearer, the best first."""
    across = first[pair.source] != first[pair.target]
    price = np.where(pair.tied, 0, pair.price)
    dearer = np.bincount(pair.source, np.where(across, -price, price), len(first))
    held = pair.held(first)
    found = []
    for atom in np.unique(pair.source[across & ~pair.tied]).tolist():
        missed = miss(held + (-1 if first[atom] else 1) * int(pair.households[atom]))
        if missed < now:
            found.append((missed, float(dearer[atom]), atom))
    return [atom for _, _, atom in sorted(found)]


# ----------------------------------------------------------------------------------------------------------- boundaries


def _priced(pair: Pair, least: int, most: int) -> Iterator[Flags]:
    """Minimum cuts that leave the first grid between `least` and `most` households, or end near it."""
    for depth in (*DEPTHS, None):
        stays = _stays(pair, depth)
        if stays is None:
            continue
        first = _cut(pair, stays, 0)
        yield first
        held = pair.held(first)
        if least <= held <= most:
            continue
        sign = 1 if held > most else -1
        low, high = 0, _dear(pair)
        for _ in range(STEPS):
            middle = (low + high) // 2
            first = _cut(pair, stays, sign * middle)
            yield first
            held = pair.held(first)
            if least <= held <= most or middle == low:
                break
            beyond = held < least if sign > 0 else held > most
            low, high = (low, middle) if beyond else (middle, high)


def _dear(pair: Pair) -> int:
    """A price of a household, in cm, that outweighs any boundary."""
    lived = pair.households[pair.households > 0]
    return int(min(pair.price.sum() // (2 * max(1, lived.min(initial=1))) + 1, FIXED // max(1, lived.max(initial=1))))


def _stays(pair: Pair, depth: int | None) -> tuple[Flags, Flags] | None:
    """What stays in the first and in the second: all atoms so far from the boundary (None: only the farthest)."""
    away = _away(pair)
    found = []
    for side in (pair.first, ~pair.first):
        deepest = int(away[side].max())
        if depth is None:
            keep = np.zeros_like(side)
            keep[np.flatnonzero(side & (away == deepest))[0]] = True
        elif deepest < depth:
            return None
        else:
            keep = side & (away >= depth)
        found.append(keep)
    return found[0], found[1]


def _away(pair: Pair) -> Counts:
    """int64[n]: borders to cross to the other grid, less one; as far as the farthest where it cannot be reached."""
    n = len(pair.atoms)
    on_edge = np.unique(pair.source[pair.first[pair.source] != pair.first[pair.target]])
    away = np.full(n, -1, dtype=np.int64)
    away[on_edge] = 0
    reached = on_edge
    while len(reached):
        beside = np.isin(pair.source, reached) & (away[pair.target] < 0)
        reached, level = np.unique(pair.target[beside]), int(away[reached[0]]) + 1
        away[reached] = level
    away[away < 0] = away.max()
    return away


def _cut(pair: Pair, stays: tuple[Flags, Flags], household_cm: int) -> Flags:
    """bool[n]: the least set that a minimum cut leaves with the first grid, where it pays so much for a household
    that it keeps (below nought: that it gives away).
    """
    pay = np.minimum(abs(household_cm) * pair.households, FIXED)
    none = np.zeros_like(pay)
    keep, give = (none, pay) if household_cm > 0 else (pay, none)
    keep, give = np.where(stays[0], FIXED, keep), np.where(stays[1], FIXED, give)
    first: Flags = least_cut(pair.indptr, pair.target, pair.back, np.where(pair.tied, FIXED, pair.price), keep, give)
    return first


def _along(state: State, pair: Pair, street: Line) -> Iterator[Flags]:
    """The boundary that follows a line: atoms beside it are on its sides, those past its ends where it is cheapest."""
    line = LineString(street)
    labels = state.ground.labels[pair.atoms]
    at = shapely.line_locate_point(line, labels)
    step = min(1e-3, line.length / 4)
    beside = (at > step) & (at < line.length - step)
    one = shapely.get_coordinates(shapely.line_interpolate_point(line, at - step))
    other = shapely.get_coordinates(shapely.line_interpolate_point(line, at + step))
    points = shapely.get_coordinates(labels)
    run, to = other - one, points - one
    left = run[:, 0] * to[:, 1] - run[:, 1] * to[:, 0] > 0
    held_left, held_right = pair.held(beside & left & pair.first), pair.held(beside & ~left & pair.first)
    mine = left if held_left >= held_right else ~left
    if not (beside & mine).any() or not (beside & ~mine).any():
        raise NothingToSlide(
            "The street does not run between atoms of these grids.", field="street",
            remedy="Draw the part of it that lies between them.",
        )  # fmt: skip
    links = shapely.linestrings(np.stack([points[pair.source], points[pair.target]], axis=1))
    price = np.where(shapely.intersects(links, line), ON_STREET_CM, pair.price)
    yield _cut(replace(pair, price=price), (beside & mine, beside & ~mine), 0)
