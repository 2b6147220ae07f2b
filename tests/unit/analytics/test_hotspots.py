"""What is said about hot spots: verdicts, patterns, one sentence; nothing where there is too little to say it of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from gridgov.analytics.hotspots import FEWEST, HotSpots, Measure, Pattern, Verdict, hot_spots
from gridgov.analytics.rules import AreaCount, Density
from gridgov.areas.rules import Level

SIDE = 16


def counted(counts: np.ndarray[Any, Any], households: int | None = 300) -> Density[AreaCount]:
    items = tuple(
        AreaCount(i, f"{i:03d}", {"zh": f"网格{i}", "en": f"Grid {i}"}, int(n), households, None)
        for i, n in enumerate(counts)
    )
    return Density(int(counts.sum()), 0, 0, items)


SHAPES = {x * SIDE + y: shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)}


@pytest.fixture(scope="module")
def noise() -> np.ndarray[Any, Any]:
    return np.random.default_rng(5).poisson(5.0, SIDE * SIDE)


@pytest.fixture(scope="module")
def burning(noise: np.ndarray[Any, Any]) -> HotSpots:
    counts = noise.copy().reshape(SIDE, SIDE)
    counts[2:6, 2:6] += 12
    counts[4, 4] = 0
    return hot_spots(counted(counts.ravel()), SHAPES, Level.GRID, Measure.COUNT)


def test_what_lies_together_is_hot_and_the_gap_in_it_is_unlike_its_surroundings(burning: HotSpots) -> None:
    inside = [burning.items[x * SIDE + y] for x in (3, 4) for y in (3, 4)]
    assert {one.verdict for one in inside} == {Verdict.HOT}
    assert [one.pattern for one in inside] == [Pattern.HIGH_HIGH] * 3 + [Pattern.LOW_HIGH]
    assert burning.hot == sum(one.verdict is Verdict.HOT for one in burning.items) < 40


def test_the_sentence_names_figures_and_the_place(burning: HotSpots) -> None:
    top = max(burning.items, key=lambda one: one.score or 0.0).area
    assert f"{burning.hot} 个连同周边的事件数明显偏高" in burning.said["zh"]
    assert top.names["zh"] in burning.said["zh"]
    assert top.names["en"] in burning.said["en"]


def test_in_noise_nothing_is_said_to_be_hot(noise: np.ndarray[Any, Any]) -> None:
    found = hot_spots(counted(noise), SHAPES, Level.GRID, Measure.COUNT)
    assert (found.hot, found.cold) == (0, 0)
    assert "no more than chance" in found.said["en"]


def test_more_people_are_no_hot_spot_of_rates(noise: np.ndarray[Any, Any]) -> None:
    counts = noise.copy().reshape(SIDE, SIDE)
    counts[2:6, 2:6] *= 4
    items = counted(counts.ravel()).items
    homes = [300 * (4 if 2 <= i // SIDE < 6 and 2 <= i % SIDE < 6 else 1) for i in range(len(items))]
    dense = Density(int(counts.sum()), 0, 0, tuple(
        AreaCount(one.id, one.code, one.names, one.count, n, None) for one, n in zip(items, homes, strict=True)
    ))  # fmt: skip
    assert hot_spots(dense, SHAPES, Level.GRID, Measure.RATE).hot == 0
    assert hot_spots(dense, SHAPES, Level.GRID, Measure.COUNT).hot > 0  # the control


def test_areas_without_households_have_no_rate_and_too_few_say_nothing(noise: np.ndarray[Any, Any]) -> None:
    found = hot_spots(counted(noise, None), SHAPES, Level.GRID, Measure.RATE)
    assert found.compared == 0 < FEWEST
    assert {one.score for one in found.items} == {None}
    assert str(FEWEST) in found.said["zh"]
