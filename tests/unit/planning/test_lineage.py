"""Lineage: who goes on as whom, merges, splits, ties, what is fixed."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from gridgov.areas.rules import Descent
from gridgov.planning.lineage import Lineage, lineage


def traced(old: list[int], new: list[int], households: list[int], **given: object) -> Lineage:
    area = given.pop("area_m2", [1.0] * len(old))
    return lineage(
        np.array(old), np.array(new), households=np.array(households), area_m2=np.array(area, dtype=float),
        **given,  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_larger_half_goes_on_and_the_other_begins() -> None:
    found = traced([7, 7, 7], [0, 1, 1], [100, 90, 60])
    assert found.goes_on == {1: 7}
    assert found.begun == (0,)
    assert found.ended == ()
    assert found.descents == (Descent(7, 0, 100, 0.4), Descent(7, 1, 150, 0.6))
    assert found.split == {7: (0, 1)}
    assert found.merged == {}


def test_two_become_one_under_the_name_of_the_larger() -> None:
    found = traced([7, 8, 9], [3, 3, 4], [100, 101, 50])
    assert found.goes_on == {3: 8, 4: 9}
    assert found.ended == (7,)
    assert found.merged == {3: (7, 8)}
    assert found.split == {}


def test_the_sum_of_what_stays_counts_not_the_first_come() -> None:
    # Greedily 0 would take 7 (60) and leave 8 with nothing: 60 stay. Together 50 + 40 stay.
    found = traced([7, 7, 8], [0, 1, 0], [60, 50, 40])
    assert found.goes_on == {0: 8, 1: 7}


def test_an_equal_overlap_goes_to_the_larger_ground_then_to_the_lower_code() -> None:
    assert traced([7, 8], [0, 0], [10, 10], area_m2=[1.0, 2.0]).goes_on == {0: 8}
    assert traced([7, 8], [0, 0], [10, 10], codes={7: "b", 8: "a"}).goes_on == {0: 8}
    assert traced([7, 8], [0, 0], [10, 10], codes={7: "a", 8: "b"}).goes_on == {0: 7}
    assert traced([7, 7], [1, 0], [10, 10]).goes_on == {0: 7}
    assert traced([7, 8], [0, 0], [11, 10], area_m2=[1.0, 2.0]).goes_on == {0: 7}


def test_a_fixed_identity_goes_before_the_households() -> None:
    free = traced([7, 7], [0, 1], [10, 90])
    fixed = traced([7, 7], [0, 1], [10, 90], fixed={0: 7})
    assert free.goes_on == {1: 7}
    assert fixed.goes_on == {0: 7}
    assert fixed.begun == (1,)
    with pytest.raises(ValueError, match="two grids"):
        traced([7, 7], [0, 1], [10, 90], fixed={0: 7, 1: 7})


def test_ground_without_households_makes_no_identity_unless_the_old_grid_had_none() -> None:
    found = traced([7, 7, 8, 8], [0, 0, 0, 1], [9, 1, 5, 0])
    assert found.goes_on == {0: 7}
    assert found.begun == (1,)
    assert traced([7, 8, 8], [0, 1, 1], [9, 0, 0]).goes_on == {0: 7, 1: 8}


def test_atoms_of_no_grid_come_from_nowhere_and_go_nowhere() -> None:
    found = traced([-1, 7, 7], [0, 0, -1], [5, 6, 7])
    assert found.descents == (Descent(7, 0, 6, 1.0),)
    assert found.goes_on == {0: 7}


def test_shares_of_an_area_without_households_are_those_of_its_ground() -> None:
    found = traced([7, 7], [0, 1], [0, 0], area_m2=[1.0, 3.0])
    assert found.descents == (Descent(7, 0, 0, 0.25), Descent(7, 1, 0, 0.75))


def test_as_many_households_as_possible_keep_their_grid() -> None:
    rng = np.random.default_rng(5)
    for _ in range(30):
        n, size = int(rng.integers(4, 30)), int(rng.integers(2, 6))
        old, new = rng.integers(0, size, n), rng.integers(0, size, n)
        households = rng.integers(1, 40, n)
        shared = np.zeros((size, size), dtype=int)
        np.add.at(shared, (old, new), households)
        best = max(sum(shared[order[j], j] for j in range(size)) for order in permutations(range(size)))
        found = lineage(old, new, households=households, area_m2=np.ones(n))
        kept = sum(int(shared[one, other]) for other, one in found.goes_on.items())
        assert kept == best
        # Control: handing identities out at random keeps fewer, or as many at best.
        order = rng.permutation(size)
        assert sum(shared[order[j], j] for j in range(size)) <= kept
