"""Named streams of chance, so that a change in one part of the demo city leaves the others as they were.

Owns: the way from (seed, name) to a random generator. Does not own: any draw.
"""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The generator of one part: the same for the same seed and names, on every machine (PCG64)."""
    return np.random.default_rng([seed, *(n if isinstance(n, int) else zlib.crc32(n.encode()) for n in names)])
