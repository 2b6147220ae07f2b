"""Dividing the ground around moved boundaries anew, exactly.

Owns: the window of nodes and grids that a mixed-integer program may change, and bringing its answers into one piece.
Does not own the program (`exact`) nor the walks before and after (`repair`).
"""

from __future__ import annotations

import numpy as np

from gridgov.geo.partition.bound import reachable
from gridgov.geo.partition.exact import Program
from gridgov.geo.partition.terrain import NOWHERE, Flags, Ints, Terrain, moved, sizes

PAIRS = 1_000
"""Largest window: pairs of a node and a grid that may have it."""


def polished(land: Terrain, part: Ints, *, reach: int, nodes: int, rounds: int) -> Ints:
    """`part` or a division that moves fewer households, with no grid further outside its band than in `part`.

    The window: each node may be where it is, at home, or in any grid that has a node within `reach` steps, now or at
    home. An answer in which a grid lies in pieces is forbidden and asked again, `rounds` times; `nodes` is HiGHS's
    limit of branching each time.
    """
    before = moved(land, part)
    if (part == NOWHERE).any() or not before:
        return part
    ended = ~np.isin(np.arange(len(land.least)), part)
    near = reachable(land, before - 1) & ~ended[None, :]
    windows = (_window(land, part, steps) & near for steps in range(reach, -1, -1))
    allowed = next((one for one in windows if int(one.sum()) <= PAIRS), None)
    if allowed is None:
        return part
    size = sizes(land, part)
    bounded = land._replace(least=np.where(ended, 0.0, np.minimum(land.least, size)), most=np.maximum(land.most, size))
    program = Program(bounded, allowed)
    for _ in range(rounds):
        answer = program.solve(nodes=nodes, slack=0.4, scale=before)
        if answer.part is None or answer.bound is None or answer.bound >= before:
            return part
        if not program.separate(answer.part):
            return answer.part if moved(land, answer.part) < before else part
    return part


def _window(land: Terrain, part: Ints, reach: int) -> Flags:
    """bool[n, k]: which node may be in which grid."""
    n, k = len(part), len(land.least)
    source = np.repeat(np.arange(n), np.diff(land.indptr))
    at = np.zeros((n, k), dtype=np.bool_)
    for where in (part, land.home):
        known = np.flatnonzero(where != NOWHERE)
        at[known, where[known]] = True
    allowed = at.copy()
    for _ in range(reach):
        wider = allowed.copy()
        np.logical_or.at(wider, source, allowed[land.indices])
        allowed = wider
    allowed[:, land.frozen] = False
    fixed = np.isin(part, np.flatnonzero(land.frozen))
    allowed[fixed] = False
    allowed[fixed, part[fixed]] = True
    return allowed
