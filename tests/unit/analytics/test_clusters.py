"""What is said of clusters: places, days, kinds of matter; coarser steps for long periods; too little is said to be."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.clusters import BUDGET, MOST_STEPS, Clusters, _affordable, _single, clusters
from gridgov.analytics.hotspots import LEVEL_WORDS
from gridgov.areas.rules import AreaFacts, Level
from gridgov.geo import spacetime

SIDE = 6
FIRST = date(2026, 3, 2)
KINDS = [{"zh": "市容环境", "en": "Appearance"}, {"zh": "噪声", "en": "Noise"}]
X, Y = (part.ravel().astype(np.float64) * 600 for part in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
Counts = NDArray[np.int64]


def areas() -> list[AreaFacts]:
    made = []
    for i in range(SIDE * SIDE):
        names = {"zh": f"第{i}网格", "en": f"Grid {i}"}
        made.append(AreaFacts(i, Level.GRID, f"{i:03d}", names, None))
    return made


def noise(days: int, seed: int = 2, mean: float = 0.6) -> Counts:
    return np.random.default_rng(seed).poisson(mean, (2, SIDE * SIDE, days)).astype(np.int64)


def look(counts: Counts) -> Clusters:
    days = [FIRST + timedelta(days=i) for i in range(counts.shape[2])]
    return clusters(areas(), X, Y, counts, days, Level.GRID, groups=KINDS, radius_m=900)


def test_a_cluster_is_said_in_both_languages_with_its_kind() -> None:
    counts = noise(28)
    counts[1, [14, 15], 10:13] += 6
    (first, *_) = look(counts).items
    assert {14, 15} <= {area.id for area in first.areas}
    assert (first.first, first.last) == (FIRST + timedelta(days=10), FIRST + timedelta(days=12))
    assert first.kinds[0].group == 1
    assert first.kinds[0].count > 30
    assert "2026 年 3 月 12 日至 3 月 14 日" in first.said["zh"]
    assert f"其中噪声 {first.kinds[0].count} 件" in first.said["zh"]
    assert f"{first.count} incidents in {first.areas[0].names['en']}" in first.said["en"]
    assert look(noise(28)).items == ()  # the control
    assert "没有超出偶然的聚集" in look(noise(28)).said["zh"]


def test_one_community_around_it_is_said_in_the_singular() -> None:
    counts = noise(28)
    counts[1, [14, 15], 10:13] += 6
    days = [FIRST + timedelta(days=i) for i in range(28)]
    found = clusters(areas(), X, Y, counts, days, Level.COMMUNITY, groups=KINDS, radius_m=900).items[0]
    more = len(found.areas) - 1
    assert f"and {more} {'community' if more == 1 else 'communities'} around it" in found.said["en"]
    said = {level: _single(plural) for level, (_, plural) in LEVEL_WORDS.items()}
    assert said == {level: "sub-district" if level == Level.SUBDISTRICT else str(level) for level in LEVEL_WORDS}


def test_long_periods_go_by_spans_of_days_up_to_the_last_one() -> None:
    days = 2 * MOST_STEPS + 9
    counts = noise(days, mean=0.05)
    counts[0, 20, -6:] += 5
    found = look(counts)
    assert found.step_days == 3
    assert found.first is not None
    assert found.last is not None
    assert (found.last - found.first).days + 1 == days - days % 3
    assert found.items[0].last == FIRST + timedelta(days=days - 1)


def test_too_little_says_nothing() -> None:
    assert look(noise(13)).draws == 0
    assert "nothing can be told" in look(noise(13)).said["en"]
    assert look(noise(28, mean=0.01)).items == ()


def test_many_areas_are_looked_at_in_smaller_circles_within_the_budget() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 20_000, 3_000), rng.uniform(0, 20_000, 3_000)
    around, draws = _affordable(x, y, 60, 7, 2_000)
    assert spacetime.work(around, 60, 7) * draws <= 1.5 * BUDGET
    assert draws >= 99
    few, more_draws = _affordable(x[:200], y[:200], 60, 7, 2_000)
    assert (len(few), more_draws) == (200, 999)
