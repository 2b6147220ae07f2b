"""What is rising: more of a kind of matter, in an area, than is usual for these weekdays, this season and holidays.

Owns the model of what is usual, how far it scatters, which rises are kept, and the sentence about them. Does not own
counting (`daily`) nor the calendar (`platform.calendars`). Pure.

The course of a kind of matter over the days is fitted to the whole (a Poisson regression of its counts by day on the
weekday, and from a year of history on also the season as one yearly wave and a steady trend); an area is expected to
have the share of it that it had so far. A free day counts as a Sunday, a weekend day that is worked as a Friday.
How far counts scatter is seen in earlier spans of the same length: beyond chance alone (overdispersion), as in all
areas together or, where an area scatters more, drawn from that towards its own. The chance of so many or more is that
of a negative binomial distribution with this scatter and the uncertainty of the share in it. Many are asked at once,
so p is corrected for that.

Sources: Farrington, Andrews, Beale, Catchpole 1996, "A statistical algorithm for the early detection of outbreaks";
Noufaily et al. 2013, "An improved algorithm for outbreak detection in multiple surveillance systems" (negative binomial
instead of powers); McCullagh & Nelder 1989, chapter 6 (overdispersion); Benjamini & Hochberg 1995.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from gridgov.geo.hotspots import discovered
from gridgov.platform.calendars import Calendar

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

WEEKS_NEEDED = 8
SEASON_DAYS = 365
LEAST = 5
"""Fewer incidents than these are told by their number alone; no rise is made of them."""
PRIOR_SPANS = 12.0
"""An area's own scatter weighs as many spans as it has; that of all areas weighs so many."""
FALSE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Rise:
    """One kind of matter (None: all) in one area (None: all that was asked for): `count` where `expected` were usual.

    `ratio` with its interval of 95 %; None where nothing was expected. `p`: one-sided. `kept`: rising, corrected.
    """

    group: str | None
    area_id: int | None
    count: int
    expected: float
    ratio: float | None
    low: float | None
    high: float | None
    p: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Rising:
    """`first` to `last`: the days that were looked at; `history_days`: what is usual was learnt from so many before.

    `enough`: False where that is too little to say anything; `seasonal`: whether the season is in it.
    `items`: rows with at least `LEAST` incidents, kept ones first, then by p.
    """

    first: date
    last: date
    history_days: int
    enough: bool
    seasonal: bool
    false_share: float
    compared: int
    items: tuple[Rise, ...]


def rising(
    counts: Longs,
    groups: Sequence[str],
    area_ids: Sequence[int],
    days: Sequence[date],
    calendar: Calendar,
    *,
    window: int,
    false_share: float = FALSE_SHARE,
) -> Rising:
    """Looks at the last `window` days against those before. `counts`: int64[groups, areas, days], days without a gap.

    Assumes that what drives a kind of matter drives it alike everywhere, that spans of this length scatter as earlier
    ones did, and that reporting has not changed. A rise says that there is more, not why.
    """
    history = len(days) - window
    found = [days[history] if history >= 0 else days[0], days[-1]]
    if history < 7 * WEEKS_NEEDED or not len(groups):
        return Rising(found[0], found[1], max(history, 0), False, False, false_share, 0, ())
    course = _Course.of(days, calendar, history)
    rows: list[tuple[str | None, int | None, _Seen]] = []
    by_group = counts.sum(axis=1)
    wholes = [by_group.sum(axis=0), *by_group] if len(groups) > 1 else list(by_group)
    names: list[str | None] = [None, *groups] if len(groups) > 1 else list(groups)
    seen = _seen(np.array(wholes), np.array([course.usual(one) for one in wholes]), history, window, alone=True)
    rows += [(name, None, one) for name, one in zip(names, seen, strict=True)]
    for place, group in enumerate(groups):
        if counts[place].any() and len(area_ids) > 1:
            usual = course.usual(by_group[place])
            share = _shares(counts[place, :, :history])
            seen = _seen(counts[place], share[:, None] * usual[None, :], history, window)
            rows += [(group, area, one) for area, one in zip(area_ids, seen, strict=True)]
    told = [row for row in rows if row[2].count >= LEAST]
    kept = discovered(np.array([one.p for _, _, one in rows]), false_share) if rows else np.zeros(0, dtype=bool)
    flags = {id(row[2]): bool(flag) for row, flag in zip(rows, kept, strict=True)}
    items = [_rise(group, area, one, flags[id(one)]) for group, area, one in told]
    items.sort(key=lambda one: (not one.kept, one.p, -one.count))
    return Rising(found[0], found[1], history, True, course.seasonal, false_share, len(rows), tuple(items))


@dataclass(frozen=True, slots=True)
class _Seen:
    count: int
    expected: float
    scatter: float
    before: int
    p: float


def _rise(group: str | None, area: int | None, seen: _Seen, kept: bool) -> Rise:
    ratio = low = high = None
    if seen.expected > 0:
        ratio = seen.count / seen.expected
        wide = 1.96 * np.sqrt(seen.scatter / max(seen.count, 0.5) + seen.scatter / max(seen.before, 0.5))
        low, high = round(ratio * float(np.exp(-wide)), 3), round(ratio * float(np.exp(wide)), 3)
        ratio = round(ratio, 3)
    return Rise(group, area, seen.count, round(seen.expected, 2), ratio, low, high, round(seen.p, 6), kept)


@dataclass(frozen=True, slots=True)
class _Course:
    """What days are told apart by: float64[days, terms]; the first `history` of them are learnt from."""

    terms: Floats
    history: int
    seasonal: bool

    @classmethod
    def of(cls, days: Sequence[date], calendar: Calendar, history: int) -> _Course:
        kind = np.array([weekday_like(day, calendar) for day in days])
        parts = [np.ones(len(days)), *((kind == weekday).astype(np.float64) for weekday in range(1, 7))]
        seasonal = history >= SEASON_DAYS
        if seasonal:
            angle = np.array([2 * np.pi * day.timetuple().tm_yday / 365.25 for day in days])
            parts += [np.sin(angle), np.cos(angle), np.arange(len(days)) / 365.25]
        return cls(np.column_stack(parts), history, seasonal)

    def usual(self, counts: Longs) -> Floats:
        """Expected counts of every day, learnt from the history."""
        import statsmodels.api as models  # noqa: PLC0415 -- a second to load, and only this asks for it
        from statsmodels.tools.sm_exceptions import PerfectSeparationWarning  # noqa: PLC0415 -- with it

        # Counts that follow the week to the last one are fitted wholly: of a Poisson model nothing is amiss then.
        warnings.filterwarnings("ignore", category=PerfectSeparationWarning)

        past = counts[: self.history].astype(np.float64)
        seen = [self.terms[: self.history][:, i].any() for i in range(self.terms.shape[1])]
        if past.sum() < 3 * sum(seen):  # too few to tell days apart
            return np.full(len(counts), past.mean())
        fitted = models.GLM(past + 1e-9, self.terms[: self.history][:, seen], family=models.families.Poisson()).fit()
        usual: Floats = np.exp(np.clip(self.terms[:, seen] @ fitted.params, -30, 30))
        return usual


def weekday_like(day: date, calendar: Calendar) -> int:
    """0 Monday … 6 Sunday: what kind of day it is. A free day is like a Sunday, a worked weekend day like a Friday."""
    if day in calendar.free:
        return 6
    return 4 if day in calendar.worked else day.weekday()


def _shares(past: Longs) -> Floats:
    """Of the whole, what each area had; half an incident more each, so that none is thought impossible."""
    own = past.sum(axis=1) + 0.5
    shares: Floats = own / own.sum()
    return shares


def _seen(counts: Longs, usual: Floats, history: int, window: int, *, alone: bool = False) -> list[_Seen]:
    """The last span of every row against what is usual, with the scatter of its earlier spans.

    `alone`: rows that are not parts of one whole, so that one's scatter tells little of another's; then the upper end
    (9 in 10) of its own is taken, which few spans leave wide.
    """
    spans = history // window
    start = history - spans * window
    was = counts[:, start:history].reshape(len(counts), spans, window).sum(axis=2).astype(np.float64)
    be = usual[:, start:history].reshape(len(counts), spans, window).sum(axis=2)
    now, expected = counts[:, history:].sum(axis=1), usual[:, history:].sum(axis=1)
    square = (was - be) ** 2 * spans / max(spans - 1, 1)
    beyond = max(float((square - be).sum() / max((be**2).sum(), 1e-12)), 0.0)  # NB2: variance m + beyond m^2
    own = (square / np.maximum(be, 1e-12)).mean(axis=1)
    alike = 1.0 + beyond * expected
    if alone and spans > 1:
        own *= (spans - 1) / scipy.stats.chi2.ppf(0.1, spans - 1)
    weight = 1.0 if alone else (spans - 1) / (spans - 1 + PRIOR_SPANS)
    scatter = np.maximum(alike, weight * own + (1 - weight) * alike)
    before = counts[:, :history].sum(axis=1)
    variance = scatter * expected * (1.0 + expected / np.maximum(before, 0.5))
    return [
        _Seen(int(n), float(mean), float(wide), int(past), _at_least(int(n), float(mean), float(spread)))
        for n, mean, wide, past, spread in zip(now, expected, scatter, before, variance, strict=True)
    ]


def _at_least(count: int, mean: float, variance: float) -> float:
    """The chance of so many or more: negative binomial, Poisson where there is no more scatter than that."""
    if count == 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if variance <= mean * (1 + 1e-9):
        return float(scipy.stats.poisson.sf(count - 1, mean))
    return float(scipy.stats.nbinom.sf(count - 1, mean**2 / (variance - mean), mean / variance))


def told(rise: Rise, group: Mapping[str, str], where: Mapping[str, str], days: int) -> dict[str, str]:
    """The finding in a sentence. `group`, `where`: the kind of matter and the area in words."""
    zh, en = (group.get(language) or next(iter(group.values()), "") for language in ("zh", "en"))
    at_zh, at_en = (where.get(language) or next(iter(where.values()), "") for language in ("zh", "en"))
    ratio_zh = ratio_en = ""
    if rise.ratio is not None:
        ratio_zh = f"，是平常的 {rise.ratio:.1f} 倍（95% 区间 {rise.low:.1f}–{rise.high:.1f}）"
        ratio_en = f", {rise.ratio:.1f} times the usual (95 % interval {rise.low:.1f} to {rise.high:.1f})"
    return {
        "zh": f"{at_zh}：{zh}最近 {days} 天 {rise.count} 件，平常同期约 {rise.expected:.0f} 件{ratio_zh}。",
        "en": f"{at_en}: {en}, {rise.count} in the last {days} days where about {rise.expected:.0f} are usual"
        f"{ratio_en}.",
    }


def summary(found: Rising) -> dict[str, str]:
    """What the whole search says, in a sentence."""
    kept, days = sum(one.kept for one in found.items), (found.last - found.first).days + 1
    if not found.enough:
        return {
            "zh": f"历史不足：此前只有 {found.history_days} 天的记录，少于 {WEEKS_NEEDED} 周，无法说明什么是平常。",
            "en": f"Too little history: {found.history_days} days before, fewer than {WEEKS_NEEDED} weeks, "
            f"do not tell what is usual.",
        }
    season_zh = "已计入星期、节假日和季节" if found.seasonal else "已计入星期和节假日；历史不足一年，未计季节"
    season_en = (
        "weekdays, holidays and season are accounted for"
        if found.seasonal
        else "weekdays and holidays are accounted for; with less than a year of history the season is not"
    )
    if not kept:
        return {
            "zh": f"最近 {days} 天，{found.compared} 项比较中没有超出偶然的上升（{season_zh}）。",
            "en": f"In the last {days} days none of {found.compared} comparisons shows a rise beyond chance "
            f"({season_en}).",
        }
    return {
        "zh": f"最近 {days} 天，{found.compared} 项比较中有 {kept} 项明显上升（{season_zh}）；"
        f"其中预计至多 {found.false_share:.0%} 出于偶然。",
        "en": f"In the last {days} days, {kept} of {found.compared} comparisons show a clear rise ({season_en}); "
        f"at most {found.false_share:.0%} of these are expected to be chance.",
    }
