"""Classes of a choropleth: bounds that a legend can print."""

from __future__ import annotations

import numpy as np

from gridgov.reports.classes import breaks, class_of


def test_quintiles_of_what_is_not_zero() -> None:
    values = [0, 0, 0, *range(1, 101), float("nan")]
    assert breaks(values) == [20, 40, 60, 80, 100]
    tally = np.bincount([class_of(value, breaks(values)) for value in range(101)])
    assert tally.tolist() == [1, 20, 20, 20, 20, 20]


def test_equal_values_never_part_and_few_values_make_few_classes() -> None:
    assert breaks([1] * 90 + [7] * 10) == [1, 7]
    assert breaks([3, 3, 3]) == [3]
    assert class_of(3, [3]) == 1


def test_nothing_has_no_classes() -> None:
    assert breaks([]) == []
    assert breaks([0, 0, float("nan")]) == []
    assert class_of(0, [1, 2]) == 0
    assert class_of(float("nan"), [1, 2]) == 0


def test_every_value_finds_the_class_whose_bounds_hold_it() -> None:
    values = np.random.default_rng(5).pareto(1.0, 500)
    bounds = breaks(values)
    for value in values:
        place = class_of(float(value), bounds)
        assert (bounds[place - 2] if place > 1 else 0) < value <= bounds[place - 1]
