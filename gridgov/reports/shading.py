"""How areas of a page are coloured, and the key that says what the colours mean.

Owns classes, colours and their words. Colours are told apart by the colour-blind and in grey: one blue ramp for counts
(ColorBrewer Blues), orange against blue for what is more and less (ColorBrewer PuOr and Blues), light grey for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gridgov.analytics.hotspots import HotSpots, Pattern
from gridgov.reports.briefing import Briefing, Kind
from gridgov.reports.classes import breaks, class_of

BLUES = ("#c6dbef", "#9ecae1", "#6baed6", "#3182bd", "#08519c")
PLAIN = "#f0f1f2"
MORE, MUCH_MORE, LESS, MUCH_LESS = "#fdb863", "#b35806", "#9ecae1", "#08519c"
PATTERNS: Mapping[Pattern, tuple[str, str, str]] = {
    Pattern.HIGH_HIGH: (MUCH_MORE, "热点：自身与周边都多", "hot: many here and around"),
    Pattern.LOW_HIGH: (MORE, "周边多，自身少", "few here, many around"),
    Pattern.HIGH_LOW: (LESS, "自身多，周边少", "many here, few around"),
    Pattern.LOW_LOW: (MUCH_LESS, "冷点：自身与周边都少", "cold: few here and around"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the key: a colour, what it means, and how many areas have it."""

    colour: str
    zh: str
    en: str
    number: int


@dataclass(frozen=True, slots=True)
class Shading:
    """`colours`: of each area, in order. `zh`, `en`: what the key is about."""

    colours: tuple[str, ...]
    entries: tuple[Entry, ...]
    zh: str
    en: str


def shading(shown: Briefing) -> Shading:
    """Colours of the areas of a page and their key."""
    if shown.kind is Kind.HOTSPOTS and shown.hot is not None:
        return _patterns(shown.hot)
    if shown.kind is Kind.TREND and shown.before is not None:
        return _changes(shown.counts.tolist(), shown.before.tolist())
    return _counts(shown.counts.tolist())


def _counts(values: Sequence[int]) -> Shading:
    bounds = breaks(values)
    places = [class_of(value, bounds) for value in values]
    ramp = _spread(len(bounds))
    lowest = [1, *(int(bound) + 1 for bound in bounds)][: len(bounds)]
    entries = [Entry(PLAIN, "无", "none", places.count(0))]
    for place, (low, high) in enumerate(zip(lowest, bounds, strict=True), start=1):
        words = f"{int(high)}" if low == high else f"{low}–{int(high)}"
        entries.append(Entry(ramp[place - 1], words, words, places.count(place)))
    colours = tuple(PLAIN if place == 0 else ramp[place - 1] for place in places)
    return Shading(colours, tuple(entries), "件数（五分位）", "incidents (quintiles)")


def _spread(classes: int) -> list[str]:
    if classes <= 1:
        return [BLUES[2]] * classes
    return [BLUES[round(place * (len(BLUES) - 1) / (classes - 1))] for place in range(classes)]


def _patterns(hot: HotSpots) -> Shading:
    found = [one.pattern for one in hot.items]
    entries = [Entry(*PATTERNS[one], found.count(one)) for one in Pattern if found.count(one)]
    entries.append(Entry(PLAIN, "与随机分布无异", "as chance may have it", found.count(None)))
    colours = tuple(PLAIN if one is None else PATTERNS[one][0] for one in found)
    share = f"{hot.false_share:.0%}"
    return Shading(
        colours, tuple(entries), f"显著的聚集（错误发现率 ≤ {share}）", f"significant (false discoveries ≤ {share})"
    )


def _changes(now: Sequence[int], before: Sequence[int]) -> Shading:
    """More or less than in the period before, by the difference against what chance makes of equal rates: the
    difference of two Poisson counts by its standard deviation, the root of their sum."""
    scores = [(n - b) / max((n + b) ** 0.5, 1.0) for n, b in zip(now, before, strict=True)]
    places = [int(np.sign(score)) * (2 if abs(score) >= 2 else 1 if abs(score) >= 1 else 0) for score in scores]
    lines = [
        (2, MUCH_MORE, "明显增多", "clearly more"), (1, MORE, "略多", "somewhat more"),
        (0, PLAIN, "差别在偶然之内", "no more than chance"),
        (-1, LESS, "略少", "somewhat fewer"), (-2, MUCH_LESS, "明显减少", "clearly fewer"),
    ]  # fmt: skip
    entries = tuple(Entry(colour, zh, en, places.count(at)) for at, colour, zh, en in lines)
    of = {at: colour for at, colour, _, _ in lines}
    return Shading(
        tuple(of[one] for one in places), entries, "比上期（差值以 1、2 个标准差分级）",
        "against the period before (parted at 1 and 2 standard deviations)",
    )  # fmt: skip
