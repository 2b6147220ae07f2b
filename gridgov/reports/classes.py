"""Classes of a choropleth: quantiles of what is not 0, with their breaks as numbers a legend can print. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

CLASSES = 5


def breaks(values: ArrayLike, classes: int = CLASSES) -> list[float]:
    """Upper bounds of at most `classes` classes of the positive values, rising; the last one is the largest value.

    A value belongs to the first class whose bound it does not exceed; 0 and what is unknown (NaN) to none. Bounds
    are values that occur, so that equal values never part; where few values differ there are fewer classes.
    """
    found = np.asarray(values, dtype=np.float64).ravel()
    found = np.sort(found[np.isfinite(found) & (found > 0)])
    if not len(found):
        return []
    places = np.ceil(np.arange(1, classes + 1) * len(found) / classes).astype(int) - 1
    return [float(bound) for bound in np.unique(found[places])]


def class_of(value: float, bounds: Sequence[float]) -> int:
    """0 for nothing, else the number of the class from 1 on."""
    if not value > 0:
        return 0
    return min(int(np.searchsorted(bounds, value, side="left")) + 1, len(bounds))
