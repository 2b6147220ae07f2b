"""What can be said of a group of incidents or cases besides how many they are: formulas, units, what each needs. Pure.

Owns the measures and their formulas. Does not own counting (`store`), nor the areas that counts are related to.

    measure              of       formula                                             unit
    count                both     incidents, or cases                                 1
    per_100_households   both     100 × count ÷ households of the area                1
    per_km2              both     count ÷ area in the city's metre projection         1/km²
    per_worker           both     count ÷ posts of grid workers in force in the area  1
    overdue              cases    cases whose clock ran out before now                1
    overdue_share        cases    overdue ÷ count                                     1
    ended                cases    cases that ended, however                           1
    closed               cases    cases in the state “closed”                         1
    closed_share         cases    closed ÷ ended                                      1
    response_median_s    cases    median of opened → accepted, of those accepted      s
    response_p90_s       cases    90th percentile of the same                         s
    handling_median_s    cases    median of opened → ended, of those that ended       s
    handling_p90_s       cases    90th percentile of the same                         s
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store.durations import Measured

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Of(StrEnum):
    """What is counted."""

    INCIDENTS = "incidents"
    CASES = "cases"


class Measure(StrEnum):
    """What is said of a group."""

    COUNT = "count"
    PER_100_HOUSEHOLDS = "per_100_households"
    PER_KM2 = "per_km2"
    PER_WORKER = "per_worker"
    OVERDUE = "overdue"
    OVERDUE_SHARE = "overdue_share"
    ENDED = "ended"
    CLOSED = "closed"
    CLOSED_SHARE = "closed_share"
    RESPONSE_MEDIAN = "response_median_s"
    RESPONSE_P90 = "response_p90_s"
    HANDLING_MEDIAN = "handling_median_s"
    HANDLING_P90 = "handling_p90_s"


PER_AREA = frozenset({Measure.PER_100_HOUSEHOLDS, Measure.PER_KM2, Measure.PER_WORKER})
"""Those that need an area to be related to."""
QUANTILES: Mapping[Measure, tuple[Measured, float]] = {
    Measure.RESPONSE_MEDIAN: ("answered", 0.5),
    Measure.RESPONSE_P90: ("answered", 0.9),
    Measure.HANDLING_MEDIAN: ("handled", 0.5),
    Measure.HANDLING_P90: ("handled", 0.9),
}
"""Measure -> (what is measured, which share of the cases took no longer)."""
OF_CASES = frozenset(Measure) - PER_AREA - {Measure.COUNT}
BY_CLOCK = frozenset({Measure.OVERDUE, Measure.OVERDUE_SHARE})
"""Those that change with time alone."""
DIGITS = 6


def share(part: Ints, whole: Ints) -> Floats:
    """part ÷ whole; NaN where the whole is 0."""
    return _ratio(part, whole.astype(np.float64))


def per(counts: Ints, by: Floats, *, times: float = 1.0) -> Floats:
    """times × count ÷ by; NaN where there is nothing to divide by (0 or NaN)."""
    return _ratio(times * counts, by)


def _ratio(part: NDArray[np.floating[Any]] | Ints, whole: Floats) -> Floats:
    found = np.full(np.shape(part), np.nan)
    np.divide(part, whole, out=found, where=np.nan_to_num(whole) > 0)
    return found.round(DIGITS)
