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
        import esda.moran
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


def unlike(values: Floats) -> Floats:
    """Without ties: of those esda counts the ones above alone."""
    return values + np.random.default_rng(2).uniform(0, 0.5, len(values))


@pytest.mark.filterwarnings("ignore")
def test_local_moran_is_that_of_esda(values: Floats, around: Neighbours, weights: Any) -> None:
    ours = hotspots.local_moran(unlike(values), around, seed=1, draws=99)
    theirs = esda().Moran_Local(unlike(values), weights, permutations=0)
    n = len(values)
    assert np.allclose(ours.index * (n - 1) / n, theirs.Is, atol=1e-10)  # theirs divides by one less
    assert not np.allclose(ours.index, theirs.Is, atol=1e-4)  # the control


def test_chance_is_that_of_plain_drawing(values: Floats, around: Neighbours) -> None:
    """Every area by itself, with numpy: others drawn 999 times, no sequence, no early end."""
    found, rng = unlike(values), np.random.default_rng(3)
    ours, n, plain = hotspots.chance(found, around, seed=1), len(values), np.ones(len(values))
    for i in range(0, n, 3):
        own = around.indices[around.indptr[i] : around.indptr[i + 1]]
        others = np.delete(found, i)
        drawn = rng.random((999, n - 1)).argpartition(len(own), axis=1)[:, : len(own)]
        sums, seen = others[drawn].sum(axis=1), found[own].sum()
        plain[i] = min(1.0, 2 * (1 + min((sums >= seen).sum(), (sums <= seen).sum())) / 1000)
    told = (plain > 0.04) & (plain < 0.8)  # below, 999 drawings tell little
    ratio = np.log(ours[told] / plain[told])
    assert told.sum() > 80
    assert np.abs(ratio).max() < 0.8
    assert abs(ratio.mean()) < 0.05
    other = hotspots.chance(found[::-1].copy(), around, seed=1)  # the control: the same values elsewhere
    assert np.abs(np.log(other[told] / plain[told])).max() > 1.5


@pytest.mark.soak  # esda compiles its own drawing anew in every process, for ten seconds and more
@pytest.mark.filterwarnings("ignore")
def test_chance_is_that_of_esda(values: Floats, around: Neighbours, weights: Any) -> None:
    ours = hotspots.local_moran(unlike(values), around, seed=1)
    theirs = esda().Moran_Local(unlike(values), weights, permutations=9_999, seed=1, n_jobs=1)
    rare = (theirs.p_sim > 0.002) & (theirs.p_sim < 0.02)  # below, ten thousand drawings tell little
    assert rare.sum() >= 10
    # Theirs is one-sided; both are drawn, ours until 50 exceedances, which leaves a seventh of each p to chance.
    assert (np.abs(ours.p[rare] / (2 * theirs.p_sim[rare]) - 1) < 0.6).all()
    assert abs(np.log(ours.p[rare] / (2 * theirs.p_sim[rare])).mean()) < 0.1


def test_rates_are_made_comparable_as_by_esda() -> None:
    rng = np.random.default_rng(3)
    people = rng.integers(20, 500, 300).astype(np.float64)
    events = rng.poisson(people * 0.04).astype(np.float64)
    theirs = esda().moran.assuncao_rate(events, people)
    assert np.allclose(hotspots.comparable(events, people), theirs, atol=1e-12)
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
