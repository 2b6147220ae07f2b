"""Hot spots: areas whose surroundings have more, or fewer, incidents than chance would give them.

Owns what is compared (counts, or rates made comparable), which findings are kept, and the sentence about them. Does not
own the statistics (`geo.hotspots`) nor counting (`service`). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from gridgov.analytics.rules import AreaCount, Density
from gridgov.areas.rules import Level
from gridgov.geo import hotspots

FEWEST = 20
"""With fewer areas chance makes too much for anything to be found."""
FALSE_SHARE = 0.05

LEVEL_WORDS: Mapping[Level, tuple[str, str]] = {
    Level.GRID: ("网格", "grids"),
    Level.COMMUNITY: ("社区", "communities"),
    Level.SUBDISTRICT: ("街道", "sub-districts"),
    Level.DISTRICT: ("区县", "districts"),
    Level.CITY: ("城市", "cities"),
}


class Measure(StrEnum):
    """What is compared: incidents, or incidents for the households that there are."""

    COUNT = "count"
    RATE = "rate"


class Verdict(StrEnum):
    """The area and its neighbours together have more, or fewer, than chance gives."""

    HOT = "hot"
    COLD = "cold"


class Pattern(StrEnum):
    """The area, and those around it: high among high, low among low, or unlike its surroundings."""

    HIGH_HIGH = "high-high"
    LOW_LOW = "low-low"
    HIGH_LOW = "high-low"
    LOW_HIGH = "low-high"


@dataclass(frozen=True, slots=True)
class HotArea:
    """`score`: Gi* as a standard score; `moran`: local Moran's I; `p`: two-sided, of the surroundings. Verdict and
    pattern are None where chance may explain what is seen. An area that was not compared (a rate without households)
    has none of them."""

    area: AreaCount
    score: float | None
    moran: float | None
    p: float | None
    verdict: Verdict | None
    pattern: Pattern | None


@dataclass(frozen=True, slots=True)
class HotSpots:
    """`compared` areas, of which some are `hot` or `cold`; of these at most `false_share` are expected to be chance.
    `said`: one sentence in each language."""

    level: Level
    measure: Measure
    false_share: float
    compared: int
    hot: int
    cold: int
    items: tuple[HotArea, ...]
    said: Mapping[str, str]


def hot_spots(
    found: Density[AreaCount],
    shapes: Mapping[int, Any],
    level: Level,
    measure: Measure,
    *,
    false_share: float = FALSE_SHARE,
    seed: int = 0,
) -> HotSpots:
    """What stands out among the areas of a level. `shapes`: of each area by id, in any one plane or in degrees.

    Assumes that areas next to each other may influence each other and others do not, and that without any such
    influence every arrangement of the values would be as likely as another. Says nothing about causes.
    """
    items = found.items
    values = _values(items, measure)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < FEWEST:
        told = tuple(HotArea(item, None, None, None, None, None) for item in items)
        return HotSpots(level, measure, false_share, len(known), 0, 0, told, _too_few(level, len(known)))
    around = hotspots.bordering([shapes[items[i].id] for i in known])
    score = hotspots.getis_ord(values[known], around)
    moran = hotspots.local_moran(values[known], around, seed=seed)
    kept = hotspots.discovered(moran.p, false_share)
    higher = values[known] > values[known].mean()
    rows = {
        int(i): HotArea(
            items[i], round(float(score[k]), 4), round(float(moran.index[k]), 4), round(float(moran.p[k]), 6),
            _verdict(float(score[k])) if kept[k] else None,
            _pattern(bool(higher[k]), float(moran.lag[k])) if kept[k] else None,
        )
        for k, i in enumerate(known)
    }  # fmt: skip
    told = tuple(rows.get(i, HotArea(item, None, None, None, None, None)) for i, item in enumerate(items))
    hot = [one for one in told if one.verdict is Verdict.HOT]
    cold = [one for one in told if one.verdict is Verdict.COLD]
    said = _said(level, measure, false_share, len(known), hot, len(cold))
    return HotSpots(level, measure, false_share, len(known), len(hot), len(cold), told, said)


def _values(items: Sequence[AreaCount], measure: Measure) -> hotspots.Floats:
    counts = np.array([item.count for item in items], dtype=np.float64)
    if measure is Measure.COUNT:
        return counts
    return hotspots.comparable(counts, np.array([item.households or 0 for item in items], dtype=np.float64))


def _verdict(score: float) -> Verdict:
    return Verdict.HOT if score > 0 else Verdict.COLD


def _pattern(high: bool, lag: float) -> Pattern:
    if high:
        return Pattern.HIGH_HIGH if lag > 0 else Pattern.HIGH_LOW
    return Pattern.LOW_HIGH if lag > 0 else Pattern.LOW_LOW


def _too_few(level: Level, compared: int) -> dict[str, str]:
    zh, en = LEVEL_WORDS[level]
    return {
        "zh": f"只有 {compared} 个{zh}可比较，少于 {FEWEST} 个，无法与随机分布区分。",
        "en": f"Only {compared} {en} can be compared; with fewer than {FEWEST}, nothing can be told from chance.",
    }


def _said(
    level: Level, measure: Measure, false_share: float, compared: int, hot: Sequence[HotArea], cold: int
) -> dict[str, str]:
    zh, en = LEVEL_WORDS[level]
    what = ("事件数", "incidents") if measure is Measure.COUNT else ("每百户事件数", "incidents for their households")
    if not hot and not cold:
        return {
            "zh": f"{compared} 个{zh}的{what[0]}看不出与随机分布不同的聚集。",
            "en": f"Among {compared} {en} the {what[1]} lie together no more than chance would have them.",
        }
    top = max(hot, key=lambda one: one.score or 0.0, default=None)
    name_zh = "" if top is None else f"，最突出的是{top.area.names.get('zh', top.area.code)}"
    name_en = "" if top is None else f", most of all around {top.area.names.get('en', top.area.code)}"
    return {
        "zh": f"{compared} 个{zh}中，{len(hot)} 个连同周边的{what[0]}明显偏高{name_zh}；{cold} 个明显偏低。"
        f"其中预计至多 {false_share:.0%} 出于偶然。",
        "en": f"Of {compared} {en}, {len(hot)} {'has with its' if len(hot) == 1 else 'have with their'} neighbours "
        f"clearly more {what[1]} than chance gives{name_en}; {cold} clearly fewer. "
        f"At most {false_share:.0%} of these are expected to be chance.",
    }
