"""What no plan can do better: a proven least number of households that must change their grid.

Owns: the bound, and how it is sharpened. Does not own the program (`exact`) nor finding a plan (`repair`).

It holds for every plan that is in the bands, has every grid in one piece, leaves frozen grids as they are, begins and
ends as many grids as are said, and in which a grid that goes on keeps at least one node of its own. Proof, in short:

1. A grid above its band hands away nodes of its own with at least the excess, and nothing that it takes in makes that
   less; a grid below takes in nodes of others with at least what it lacks. Households of a node are not divisible, so
   the least such subset sums count. Each move leaves one grid and enters one: the larger of the two sums is a bound.
   Nodes that were in no grid cost nothing.
2. A plan that moves at most `ceiling` households uses only pairs (node, grid) whose way from the grid's own ground
   costs at most that: a connected grid that keeps a node of its own reaches a node away from home only over nodes that
   were handed to it too. So leaving out the other pairs loses no such plan.
3. The program of `exact` over those pairs allows every such plan, so what HiGHS proves as its dual bound bounds them
   all; inequalities that cut off divided grids hold for every plan as well, and only raise it. Plans above the ceiling
   move more than the ceiling. The least of ceiling and dual bound, and the largest of that and step 1, is the bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridgov.geo.partition.exact import Program
from gridgov.geo.partition.terrain import NOWHERE, Flags, Floats, Terrain, sizes, ways

PAIRS = 30_000
"""Largest program tried: more pairs of node and grid than this, and the subset sums must do."""


@dataclass(frozen=True, slots=True)
class Bound:
    """`households` that must move at least; `simple`: excess or deficit alone, `lumps`: with whole nodes, `program`: by
    the dual bound (None: too large to be tried). `impossible`: proven that no plan is within the bands."""

    households: int
    simple: int
    lumps: int
    program: int | None
    impossible: bool = False


def lower_bound(
    land: Terrain, *, closing: int = 0, ceiling: int | None = None, nodes: int = 1, rounds: int = 1, quick: bool = False
) -> Bound:
    """The least number of households that any plan must move; see the module for which plans and why.

    `closing`: grids that end (begun ones have no home in `land`). `ceiling`: households that a known plan moves (None:
    all). `nodes`: branching allowed to HiGHS each time; `rounds`: how often inequalities are added. `quick`: the subset
    sums alone.
    """
    size = sizes(land, land.home)
    simple = _simple(land, size, closing)
    lumps = max(simple, _lumps(land, size, closing))
    most = int(land.households.sum()) if ceiling is None else ceiling
    program, impossible = None, False
    if quick or lumps >= most:
        return Bound(min(lumps, most), simple, lumps, program)
    allowed = reachable(land, most)
    if int(allowed.sum()) <= PAIRS:
        program, impossible = _program(Program(land, allowed, closing=closing), most, nodes, rounds)
        impossible &= ceiling is None
    best = max(lumps, min(most, program or 0))
    return Bound(best, simple, lumps, program, impossible)


def reachable(land: Terrain, ceiling: float) -> Flags:
    """bool[n, k]: nodes that a grid can get at by moving at most `ceiling` households; a node in no grid can only be
    reached that way too."""
    way = np.column_stack([ways(land, grid) for grid in range(len(land.least))])
    at_home = land.home[:, None] == np.arange(len(land.least))[None, :]
    found: Flags = (way <= ceiling) | at_home
    return found


def _program(program: Program, ceiling: int, nodes: int, rounds: int) -> tuple[int, bool]:
    """(the best dual bound of all rounds, whether it is proven that there is no plan)."""
    best = 0
    for turn in range(max(1, rounds)):
        answer = program.solve(nodes=nodes, slack=0.4, scale=ceiling)
        if answer.bound is None:
            return ceiling, True
        best = max(best, int(answer.bound))
        if turn == rounds - 1 or best >= ceiling or answer.part is None or not program.separate(answer.part):
            break
    return best, False


def _simple(land: Terrain, size: Floats, closing: int) -> int:
    lacking, beyond = _wrong(land, size, closing)
    free = float(land.households[land.home == NOWHERE].sum())
    return int(max(0.0, lacking.sum() - free, beyond.sum()))


def _wrong(land: Terrain, size: Floats, closing: int) -> tuple[Floats, Floats]:
    """(households that each grid lacks, that it has too many). Where grids end, none lacks for sure: it may be the one
    that ends; so only begun grids and frozen ones are counted as lacking."""
    lacking = np.where(land.frozen, 0.0, np.maximum(0.0, land.least - size))
    if closing:
        lacking = np.zeros_like(lacking)
    return lacking, np.where(land.frozen, 0.0, np.maximum(0.0, size - land.most))


def _lumps(land: Terrain, size: Floats, closing: int) -> int:
    """Excess and deficit, each raised to the least sum of whole nodes that covers it; nodes in no grid come free."""
    lacking, beyond = _wrong(land, size, closing)
    free = bool((land.home == NOWHERE).any())
    out = sum(_covering(land.households[land.home == g], beyond[g]) for g in np.flatnonzero(beyond))
    into = 0 if free else sum(_covering(land.households[land.home != g], lacking[g]) for g in np.flatnonzero(lacking))
    return max(out, into)


def _covering(households: Floats, least: float) -> int:
    """The smallest sum of a subset that is at least `least` (all of it where none is)."""
    total = int(households.sum())
    need = int(np.ceil(least))
    if need >= total:
        return total
    sums, limit = 1, need + int(households.max()) + 1
    mask = (1 << limit) - 1
    for one in households[households > 0]:
        sums |= (sums << int(one)) & mask
        if sums >> need & 1:
            return need
    above = sums >> need
    return need + ((above & -above).bit_length() - 1)
