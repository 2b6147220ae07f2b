"""Clusters in space and time: which places, from when to when, how many against how many expected.

Owns what is looked through (areas by distance, days or spans of days), how much work that may be, and the sentence
about each finding. Does not own the statistic (`geo.spacetime`) nor counting (`daily`). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.hotspots import LEVEL_WORDS
from gridgov.areas.rules import AreaFacts, Level
from gridgov.geo import spacetime

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

RADIUS_M = 1_500.0
LONGEST_DAYS = 7
LEVEL_OF_P = 0.05
FEWEST_AREAS, FEWEST_DAYS, FEWEST_CASES = 10, 14, 50
"""With less, hardly anything could be told from chance."""
MOST_STEPS = 92
MOST_AROUND = 40
BUDGET = 1_500_000_000  # cylinders over all permutations: about two seconds of two cores
FEWEST_DRAWS = 99


@dataclass(frozen=True, slots=True)
class Excess:
    """One kind of matter in a cluster: `group` is its place among the kinds that were looked at."""

    group: int
    count: int
    expected: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Areas, the one nearest to the middle first, and days, both ends included. `p`: corrected for all places and times
    looked at. `kinds`: of what there was more, most of all first."""

    areas: tuple[AreaFacts, ...]
    first: date
    last: date
    count: int
    expected: float
    p: float
    kinds: tuple[Excess, ...]
    said: Mapping[str, str]

    @property
    def ratio(self) -> float:
        return self.count / self.expected


@dataclass(frozen=True, slots=True)
class Clusters:
    """`cases` in `compared` areas from `first` to `last`, in steps of `step_days`; chance by at most `draws`."""

    level: Level
    first: date | None
    last: date | None
    step_days: int
    compared: int
    cases: int
    draws: int
    items: tuple[Cluster, ...]
    said: Mapping[str, str]


def clusters(
    areas: Sequence[AreaFacts],
    x_m: Floats,
    y_m: Floats,
    counts: Longs,
    days: Sequence[date],
    level: Level,
    *,
    groups: Sequence[Mapping[str, str]],
    radius_m: float = RADIUS_M,
    longest_days: int = LONGEST_DAYS,
    seed: int = 0,
) -> Clusters:
    """Looks for circles of at most `radius_m` that had more for at most `longest_days` than place and day let expect.

    `counts`: int64[kinds of matter, areas, days]; `groups`: the names of the kinds; `x_m`, `y_m`: where the middle of
    each area lies. Assumes that without a cluster each place has, of each kind of matter, the same share on every day.
    So a place that is always busy is none, nor is a day on which the whole city has more of a kind; but a place that is
    busy on Sundays alone may be one, and so may be one round of an inspector who reports all that he sees. Says nothing
    about causes.
    """
    step = max(-(-len(days) // MOST_STEPS), 1)
    first = len(days) % step  # whole steps, to the last day
    table = counts[:, :, first:].reshape(*counts.shape[:2], len(days) // step, step).sum(axis=3)
    cases = int(table.sum())
    begin, end = (days[first], days[-1]) if len(days) else (None, None)
    if begin is None or len(areas) < FEWEST_AREAS or len(days) < FEWEST_DAYS or cases < FEWEST_CASES:
        return Clusters(level, begin, end, step, len(areas), cases, 0, (), _too_little())
    longest = max(longest_days // step, 1)
    around, draws = _affordable(x_m, y_m, table.shape[2], longest, radius_m)
    found = spacetime.scan(table, around, longest=longest, seed=seed, draws=draws, level=LEVEL_OF_P)
    items = tuple(_cluster(one, table, areas, groups, x_m, y_m, begin, step, level) for one in found)
    said = _said(items, level, len(areas), cases)
    return Clusters(level, begin, end, step, len(areas), cases, draws, items, said)


def _affordable(x_m: Floats, y_m: Floats, steps: int, longest: int, radius_m: float) -> tuple[spacetime.Circles, int]:
    """Circles and permutations that are done in seconds: smaller circles first where areas are many."""
    most = MOST_AROUND
    around = spacetime.circles(x_m, y_m, radius_m=radius_m, most=most)
    while most > 5 and spacetime.work(around, steps, longest) * FEWEST_DRAWS > BUDGET:
        most = most * 2 // 3
        around = spacetime.circles(x_m, y_m, radius_m=radius_m, most=most)
    affordable = BUDGET // max(spacetime.work(around, steps, longest), 1)
    return around, max(FEWEST_DRAWS, next((n for n in (999, 499, 199) if n <= affordable), FEWEST_DRAWS))


def _cluster(
    one: spacetime.Cylinder,
    table: Longs,
    areas: Sequence[AreaFacts],
    groups: Sequence[Mapping[str, str]],
    x_m: Floats,
    y_m: Floats,
    begin: date,
    step: int,
    level: Level,
) -> Cluster:
    rows = list(one.areas)
    middle = x_m[rows].mean(), y_m[rows].mean()
    rows.sort(key=lambda row: (np.hypot(x_m[row] - middle[0], y_m[row] - middle[1]), row))
    first, last = begin + timedelta(days=one.first * step), begin + timedelta(days=(one.last + 1) * step - 1)
    held, kinds = tuple(areas[row] for row in rows), _kinds(one, table)
    said = _told(held, first, last, one, level, groups[kinds[0].group], kinds[0].count)
    return Cluster(held, first, last, one.count, round(one.expected, 2), round(one.p, 4), kinds, said)


def _kinds(one: spacetime.Cylinder, table: Longs) -> tuple[Excess, ...]:
    """At most three kinds of which there is more than expected, by how much more."""
    rows, steps = list(one.areas), slice(one.first, one.last + 1)
    count = table[:, rows, steps].sum(axis=(1, 2))
    total = np.maximum(table.sum(axis=(1, 2)), 1)
    usual = table[:, rows].sum(axis=(1, 2)) * table[:, :, steps].sum(axis=(1, 2)) / total
    order = np.argsort(usual - count, kind="stable")[:3]
    return tuple(Excess(int(i), int(count[i]), round(float(usual[i]), 2)) for i in order if count[i] > usual[i])


def _told(
    areas: Sequence[AreaFacts],
    first: date,
    last: date,
    one: spacetime.Cylinder,
    level: Level,
    group: Mapping[str, str],
    of_it: int,
) -> dict[str, str]:
    zh, en = LEVEL_WORDS[level]
    name_zh, name_en = (areas[0].names.get(language, areas[0].code) for language in ("zh", "en"))
    kind_zh, kind_en = (group.get(language) or next(iter(group.values()), "") for language in ("zh", "en"))
    more, times = len(areas) - 1, one.count / one.expected
    around = "" if not more else f" and {more} {en if more > 1 else _single(en)} around it"
    return {
        "zh": f"{_span_zh(first, last)}，{name_zh}{f'及周边 {more} 个{zh}' if more else ''}有 {one.count} 件，"
        f"按平常约为 {one.expected:.0f} 件（{times:.1f} 倍），其中{kind_zh} {of_it} 件；修正后 p = {one.p:.3f}。",
        "en": f"{_span_en(first, last)}: {one.count} incidents in {name_en}{around}, where about {one.expected:.0f} "
        f"were to be expected ({times:.1f} times as many), {of_it} of them {kind_en}; corrected p = {one.p:.3f}.",
    }


def _single(plural: str) -> str:
    return f"{plural[:-3]}y" if plural.endswith("ies") else plural[:-1]


def _span_zh(first: date, last: date) -> str:
    day = f"{first.year} 年 {first.month} 月 {first.day} 日"
    return day if first == last else f"{day}至 {last.month} 月 {last.day} 日"


def _span_en(first: date, last: date) -> str:
    return f"{first.isoformat()}" if first == last else f"{first.isoformat()} to {last.isoformat()}"


def _said(items: Sequence[Cluster], level: Level, compared: int, cases: int) -> dict[str, str]:
    zh, en = LEVEL_WORDS[level]
    if not items:
        return {
            "zh": f"{compared} 个{zh}的 {cases} 件事件在时间和空间上没有超出偶然的聚集。",
            "en": f"Nothing in the {cases} incidents of {compared} {en} lies together in place and time "
            f"beyond what chance gives.",
        }
    return {
        "zh": f"{compared} 个{zh}的 {cases} 件事件中发现 {len(items)} 处时空聚集。最突出的：{items[0].said['zh']}",
        "en": f"In the {cases} incidents of {compared} {en}, {len(items)} "
        f"{'cluster' if len(items) == 1 else 'clusters'} in place and time. The clearest: {items[0].said['en']}",
    }


def _too_little() -> dict[str, str]:
    return {
        "zh": f"少于 {FEWEST_AREAS} 个区域、{FEWEST_DAYS} 天或 {FEWEST_CASES} 件，无法与偶然区分。",
        "en": f"With fewer than {FEWEST_AREAS} areas, {FEWEST_DAYS} days or {FEWEST_CASES} incidents, "
        f"nothing can be told from chance.",
    }
