"""Households spread so that they sum exactly, and what does not sum is named."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import box

from gridgov.geo.atoms.forms import Buildings
from gridgov.geo.atoms.households import Difference, apportioned, findings_of, moved, spread, weights_of
from gridgov.geo.atoms.units import shares, strips


def test_apportioned_sums_and_is_nearest_to_the_shares() -> None:
    assert apportioned(10, np.array([1.0, 1.0, 1.0])).tolist() == [4, 3, 3]
    assert apportioned(7, np.array([0.0, 0.0])).tolist() == [4, 3]
    assert apportioned(0, np.array([3.0, 5.0])).tolist() == [0, 0]
    assert apportioned(3, np.empty(0)).tolist() == []
    rng = np.random.default_rng(5)
    for _ in range(200):
        weights = rng.uniform(0, 10, int(rng.integers(1, 30)))
        total = int(rng.integers(0, 3000))
        parts = apportioned(total, weights)
        assert int(parts.sum()) == total
        assert (np.abs(parts - total * weights / weights.sum()) < 1.0).all()
    naive = np.rint(10 * np.ones(3) / 3)  # rounding each alone does not sum
    assert naive.sum() != 10


def test_spread_keeps_what_is_known_and_fills_what_is_not() -> None:
    area_of = np.array([0, 0, 0, 1, 1, 2, -1])
    known = np.array([5, -1, -1, 7, 8, -1, 4])
    found, differences = spread(
        [25, 15, 9, 40], ["a", "b", "c", "d"], area_of, np.array([1.0, 3.0, 1, 1, 1, 1, 1]), known
    )
    assert found.tolist() == [5, 15, 5, 7, 8, 9, 4]
    assert differences == (Difference("d", 40, 0),)


@pytest.mark.parametrize(("total", "found"), [(12, 15), (20, 15)])
def test_what_does_not_sum_is_named_and_not_scaled(total: int, found: int) -> None:
    counts, differences = spread([total], ["某村"], np.array([0, 0]), np.ones(2), np.array([7, 8]))
    assert counts.tolist() == [7, 8]
    assert differences == (Difference("某村", total, found),)
    (said,) = findings_of(differences)
    assert said.code == "households-differ"
    assert f"{total - found:+d}" in said.en


def test_more_known_than_said_leaves_the_unknown_empty_and_is_named() -> None:
    counts, differences = spread([10], ["x"], np.array([0, 0]), np.ones(2), np.array([14, -1]))
    assert counts.tolist() == [14, 0]
    assert differences == (Difference("x", 10, 14),)


def test_floor_space_weighs() -> None:
    stock = Buildings.plain([box(0, 0, 10, 10)] * 3)
    stock = Buildings(stock.shapes, stock.ids, stock.keys, stock.households, np.array([6.0, np.nan, 0.0]), stock.parts)
    assert weights_of(stock, np.array([100.0, 100.0, 0.0])).tolist() == [600.0, 100.0, 100.0]


def test_moved_goes_by_key_then_by_ground_then_to_the_nearest() -> None:
    before = np.array([box(0, 0, 10, 10), box(10, 0, 20, 10), box(90, 0, 95, 5)], dtype=object)
    after = np.array([box(0, 0, 10, 10), box(10, 0, 17, 10), box(17, 0, 20, 10)], dtype=object)
    out = moved(before, ["a", "b", "c"], np.array([4, 11, 2]), after, ["a", "d", "e"])
    assert out.tolist() == [4, 8, 5]
    assert int(out.sum()) == 17


def test_units_are_equal_parts_or_the_known_entrances() -> None:
    assert shares(400, ()) == [58, 57, 57, 57, 57, 57, 57]
    assert shares(400, (100, 250, 50)) == [100, 250, 50]
    assert shares(400, (100, 250)) == [200, 200]  # entrances that do not sum are only counted
    assert max(shares(5_000, ())) <= 60
    assert sum(shares(5_000, ())) == 5_000


def test_strips_part_a_footprint_from_west_to_east_by_weight() -> None:
    tower = shapely.affinity.rotate(box(0, 0, 60, 14), 30)
    found = strips(tower, [1, 2, 1])
    assert shapely.area(found) == pytest.approx([210.0, 420.0, 210.0])
    west = shapely.get_x(shapely.centroid(found))
    assert (np.diff(west) > 0).all()
    assert shapely.union_all(found).symmetric_difference(tower).area < 1e-6
    assert shapely.area(strips(shapely.Point(3, 3), [1, 1])) == pytest.approx([200.0, 200.0])
