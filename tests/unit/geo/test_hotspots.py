"""Gi*, local Moran's I and their chance, beside PySAL's esda; what is found in noise, and what is planted."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import shapely

from gridgov.geo import hotspots
from gridgov.geo.hotspots import Floats, Neighbours

SIDE = 24


@pytest.fixture(scope="module")
def cells() -> list[Any]:
    return [shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)]


@pytest.fixture(scope="module")
def around(cells: list[Any]) -> Neighbours:
    return hotspots.bordering(cells)


@pytest.fixture(scope="module")
def values() -> Floats:
    found = np.random.default_rng(7).poisson(4.0, SIDE * SIDE).astype(np.float64)
    found[: 3 * SIDE] += 5.0
    return found


@pytest.fixture(scope="module")
def weights(around: Neighbours) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from libpysal.weights import W

        rows = np.split(around.indices, around.indptr[1:-1])
        return W({i: row.tolist() for i, row in enumerate(rows)}, silence_warnings=True)


def esda() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import esda as library
    return library


def test_neighbours_share_a_border_or_a_corner(around: Neighbours) -> None:
    corner, edge, middle = 0, SIDE // 2, (SIDE // 2) * SIDE + SIDE // 2
    assert around.number[[corner, edge, middle]].tolist() == [3, 5, 8]
    assert corner not in around.indices[around.indptr[corner] : around.indptr[corner + 1]]


@pytest.mark.filterwarnings("ignore")
def test_gi_star_is_that_of_esda(values: Floats, around: Neighbours, weights: Any) -> None:
    theirs = esda().G_Local(values, weights, transform="B", star=True, permutations=0)
    assert np.allclose(hotspots.getis_ord(values, around), theirs.Zs, atol=1e-10)
    assert not np.allclose(hotspots.getis_ord(values + around.number, around), theirs.Zs, atol=1e-10)  # the control


@pytest.mark.filterwarnings("ignore")
def test_local_moran_is_that_of_esda(values: Floats, around: Neighbours, weights: Any) -> None:
    values = values + np.random.default_rng(2).uniform(0, 0.5, len(values))  # no ties: theirs counts those above alone
    ours = hotspots.local_moran(values, around, seed=1)
    theirs = esda().Moran_Local(values, weights, permutations=999, seed=1, n_jobs=1)
    n = len(values)
    assert np.allclose(ours.index * (n - 1) / n, theirs.Is, atol=1e-10)  # theirs divides by one less
    # Theirs is one-sided. Both are drawn: 999 drawings leave a p of 2 % within a quarter, ours a seventh of each.
    told = (theirs.p_sim > 0.02) & (theirs.p_sim < 0.4)
    assert told.sum() >= 100
    ratio = np.log(ours.p[told] / (2 * theirs.p_sim[told]))
    assert np.abs(ratio).max() < 1.0
    assert abs(ratio.mean()) < 0.03
    other = hotspots.chance(values[::-1].copy(), around, seed=1)  # the control: the same values elsewhere
    assert np.abs(np.log(other[told] / (2 * theirs.p_sim[told]))).max() > 1.0


def test_rates_are_made_comparable_as_by_esda() -> None:
    rng = np.random.default_rng(3)
    people = rng.integers(20, 500, 300).astype(np.float64)
    events = rng.poisson(people * 0.04).astype(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.moran import assuncao_rate
    assert np.allclose(hotspots.comparable(events, people), assuncao_rate(events, people), atol=1e-12)
    assert np.isnan(hotspots.comparable(events, np.where(people > 400, 0.0, people))[people > 400]).all()


def test_chance_is_the_same_for_the_same_seed(values: Floats, around: Neighbours) -> None:
    first, again, other = (hotspots.chance(values, around, seed=seed) for seed in (5, 5, 6))
    assert (first == again).all()
    assert (first != other).any()


def test_chance_is_exact_where_everything_can_be_counted() -> None:
    """Five areas in a row: the neighbours' sum against every choice of as many others."""
    row = hotspots.bordering([shapely.box(x, 0, x + 1, 1) for x in range(5)])
    p = hotspots.chance(np.array([9.0, 8.0, 1.0, 0.0, 0.0]), row, seed=2)
    assert p[0] == pytest.approx(0.5, abs=0.1)  # 8 out of (8, 1, 0, 0): one of four, two-sided
    assert p[1] == pytest.approx(2 * 1 / 6, abs=0.1)  # 9 + 1 out of the six pairs of (9, 1, 0, 0): the largest


def test_in_noise_hardly_anything_is_found_and_what_is_planted_is(around: Neighbours) -> None:
    rng = np.random.default_rng(11)
    found = 0
    for _ in range(10):
        noise = rng.poisson(4.0, SIDE * SIDE).astype(np.float64)
        found += bool(hotspots.discovered(hotspots.chance(noise, around, seed=1), 0.05).any())
    assert found <= 3
    planted = rng.poisson(4.0, SIDE * SIDE).astype(np.float64)
    inside = np.array([(x - 10) ** 2 + (y - 10) ** 2 <= 9 for x in range(SIDE) for y in range(SIDE)])
    planted[inside] += 8.0
    kept = hotspots.discovered(hotspots.chance(planted, around, seed=1), 0.05)
    assert kept[inside].mean() > 0.6  # at its rim half of the neighbours are others
    assert kept[~inside].mean() < 0.1


def test_what_is_all_the_same_or_alone_is_nothing() -> None:
    alone = hotspots.bordering([shapely.box(3 * x, 0, 3 * x + 1, 1) for x in range(4)])
    assert hotspots.chance(np.arange(4.0), alone, seed=1).tolist() == [1.0] * 4
    row = hotspots.bordering([shapely.box(x, 0, x + 1, 1) for x in range(30)])
    same = np.full(30, 7.0)
    assert hotspots.getis_ord(same, row).tolist() == [0.0] * 30
    assert not hotspots.discovered(hotspots.chance(same, row, seed=1), 0.05).any()


def test_discoveries_step_up() -> None:
    """Benjamini & Hochberg's own example (1995, section 4.1): four of fifteen at 5 %."""
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
                  0.6528, 0.7590, 1.0])  # fmt: skip
    assert np.flatnonzero(hotspots.discovered(p[::-1], 0.05)).tolist() == [11, 12, 13, 14]
    assert not hotspots.discovered(np.array([]), 0.05).any()
