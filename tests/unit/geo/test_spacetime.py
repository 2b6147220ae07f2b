"""The space-time permutation scan: its best cylinder by plain reckoning, chance that keeps its word, what it finds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gridgov.geo import spacetime
from gridgov.geo.spacetime import Circles, Longs

SIDE, STEPS = 8, 14


@pytest.fixture(scope="module")
def around() -> Circles:
    x, y = (part.ravel().astype(np.float64) * 500 for part in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    return spacetime.circles(x, y, radius_m=1_000, most=13)


def noise(seed: int, mean: float = 1.5) -> Longs:
    """Places that differ, days that differ, and nothing that joins them."""
    rng = np.random.default_rng(seed)
    place, day = rng.gamma(4.0, 0.25, SIDE * SIDE), rng.gamma(8.0, 0.125, STEPS)
    return rng.poisson(mean * np.outer(place, day)).astype(np.int64)


def plain_best(counts: Longs, around: Circles, longest: int) -> float:
    """The same, one cylinder after the other, from the formula of Kulldorff 2005."""
    total, best = counts.sum(), 0.0
    for i in range(len(around)):
        for stop_at in range(around.indptr[i] + 1, around.indptr[i + 1] + 1):
            rows = around.members[around.indptr[i] : stop_at]
            if counts[rows].sum() > total / 2:
                break
            for first in range(counts.shape[1]):
                for stop in range(first + 1, min(first + longest, counts.shape[1]) + 1):
                    c = int(counts[rows, first:stop].sum())
                    e = counts[rows].sum() * counts[:, first:stop].sum() / total
                    if c >= 2 and c > e:
                        rest = (total - c) * math.log((total - c) / (total - e)) if c < total else 0.0
                        best = max(best, c * math.log(c / e) + rest)
    return best


def test_circles_begin_with_their_centre_and_end_at_the_radius(around: Circles) -> None:
    middle = 3 * SIDE + 3
    members = around.members[around.indptr[middle] : around.indptr[middle + 1]].tolist()
    assert members[0] == middle
    assert set(members[1:5]) == {middle - 1, middle + 1, middle - SIDE, middle + SIDE}
    assert len(members) == 13  # of a lattice within two steps
    assert len(spacetime.circles(np.zeros(3), np.zeros(3), radius_m=1, most=2).members) == 6


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_best_cylinder_is_that_of_the_formula(around: Circles, seed: int) -> None:
    counts = noise(seed)
    (best, *_) = spacetime.scan(counts[None], around, longest=4, seed=1, draws=1, level=1.0, most=1)
    assert best.ratio == pytest.approx(plain_best(counts, around, 4), abs=1e-9)
    inside = counts[list(best.areas), best.first : best.last + 1].sum()
    assert (best.count, best.last - best.first < 4) == (inside, True)
    by_margins = counts[list(best.areas)].sum() * counts[:, best.first : best.last + 1].sum() / counts.sum()
    assert best.expected == pytest.approx(by_margins)


def test_in_noise_as_much_is_found_as_was_said(around: Circles) -> None:
    """At 20 %, over 60 tables without anything in them: 12 expected; 4 to 22 leave one in a hundred to chance."""
    found = sum(
        bool(spacetime.scan(noise(100 + i)[None], around, longest=4, seed=i, draws=49, level=0.2)) for i in range(60)
    )
    assert 4 <= found <= 22


def test_what_is_planted_is_found_where_and_when_it_was(around: Circles) -> None:
    hits = 0
    for seed in range(5):
        counts = noise(seed)
        middle = 4 * SIDE + 4
        rows = around.members[around.indptr[middle] : around.indptr[middle] + 5]
        counts[rows, 6:9] += np.random.default_rng(seed).poisson(4, (5, 3))
        (first, *_) = spacetime.scan(counts[None], around, longest=5, seed=seed, draws=199)
        shared = len({*first.areas} & {*rows.tolist()}) / len({*first.areas} | {*rows.tolist()})
        hits += shared >= 0.6 and abs(first.first - 6) <= 1 and abs(first.last - 8) <= 1
        assert first.p == 0.005
        assert first.count > 1.5 * first.expected
    assert hits >= 4


def test_a_place_that_always_has_much_and_a_day_that_has_much_everywhere_are_no_cluster(around: Circles) -> None:
    steady = np.random.default_rng(4).poisson(1.0, (SIDE * SIDE, STEPS)).astype(np.int64)
    steady[20] += np.random.default_rng(5).poisson(10, STEPS)
    steady[:, 9] += np.random.default_rng(6).poisson(5, SIDE * SIDE)
    assert spacetime.scan(steady[None], around, longest=4, seed=1, draws=99) == ()
    steady[20, 9:11] += 30  # the control
    assert spacetime.scan(steady[None], around, longest=4, seed=1, draws=99)[0].areas[:1] == (20,)


def test_two_clusters_are_told_apart_and_do_not_overlap(around: Circles) -> None:
    counts = noise(9)
    counts[0:2, 2:4] += 12
    counts[62:64, 10:12] += 9
    found = spacetime.scan(counts[None], around, longest=4, seed=3, draws=99)
    assert len(found) >= 2
    assert [one.ratio for one in found] == sorted((one.ratio for one in found), reverse=True)
    cells = [(area, step) for one in found for area in one.areas for step in range(one.first, one.last + 1)]
    assert len(cells) == len(set(cells))
    assert {0, 1, 62, 63} <= {*found[0].areas, *found[1].areas}


def test_the_same_seed_gives_the_same_answer_and_nothing_to_count_gives_none(around: Circles) -> None:
    counts = noise(3)
    one, again = (spacetime.scan(counts[None], around, longest=4, seed=5, draws=49, level=1.0) for _ in range(2))
    assert one == again != ()
    assert spacetime.scan(np.zeros_like(counts)[None], around, longest=4, seed=5) == ()
    assert spacetime.scan(counts[None, :, :1], around, longest=4, seed=5) == ()


def test_more_of_a_kind_in_the_whole_city_does_not_light_up_the_places_where_it_is_common(around: Circles) -> None:
    """A kind that is common in one corner has a busy week, everywhere: asked together with another kind it must not be
    taken for a cluster there, as it is when kinds are not told apart."""
    rng = np.random.default_rng(8)
    corner = np.full(SIDE * SIDE, 0.2)
    corner[around.members[around.indptr[9] : around.indptr[10]]] = 4.0
    week = np.full(STEPS, 0.3)
    week[5:9] = 3.0
    common = rng.poisson(np.outer(corner, week)).astype(np.int64)
    counts = np.stack([noise(2, 2.0), common])
    assert spacetime.scan(counts, around, longest=4, seed=1, draws=99) == ()
    assert spacetime.scan(counts.sum(axis=0)[None], around, longest=4, seed=1, draws=99)  # the control
