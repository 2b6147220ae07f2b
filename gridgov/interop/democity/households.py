"""How many of the dwellings are lived in.

Most houses are nearly full; where a grid would leave the band of about 300 households, the share of lived-in
dwellings in its houses is moved towards it, within what is plausible. What then still lies outside the band
stays outside.

Owns: households of each building. Does not own: dwellings (`buildings`), grids (`hierarchy`).
"""

from __future__ import annotations

import numpy as np

from gridgov.interop.democity.buildings import Buildings
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.hierarchy import HOUSEHOLDS, Membership
from gridgov.interop.democity.partition import Ints

USUAL = 0.94  # lived-in share that the partition reckons with
_LEAST, _MOST = 0.80, 1.0
_BAND = (276.0, 324.0)


def settle(buildings: Buildings, membership: Membership, seed: int) -> Ints:
    """Households of every building."""
    rng = stream(seed, "households")
    share = np.clip(rng.normal(USUAL, 0.035, len(buildings)), 0.85, _MOST)
    grid = membership.grid[buildings.block]
    expected = np.bincount(grid, buildings.dwellings * share, len(membership.kind))
    for g in np.flatnonzero((expected > 0) & ((expected < _BAND[0]) | (expected > _BAND[1]))):
        if membership.kind[g] == "special":
            continue
        aim = float(np.clip(rng.normal(HOUSEHOLDS, 12), *_BAND))
        mine = grid == g
        share[mine] = np.clip(share[mine] * aim / expected[g], _LEAST, _MOST)
    return _rounded(buildings.dwellings * share, buildings.dwellings, rng)


def _rounded(wanted: np.ndarray[tuple[int, ...], np.dtype[np.float64]], most: Ints, rng: np.random.Generator) -> Ints:
    """Whole numbers whose expectation is what was wanted, so that small houses do not all round up."""
    low = np.floor(wanted)
    return np.minimum((low + (rng.random(len(wanted)) < wanted - low)).astype(np.int64), most)
