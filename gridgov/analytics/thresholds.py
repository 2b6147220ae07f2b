"""Thresholds and what stands above them: what a rule may say, and what changes from one look to the next. Pure.

Owns the rule, its checks, its period, and the comparison. Does not own counting (`counting`) nor keeping (`alerting`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from uuid import UUID
from zoneinfo import ZoneInfo

from gridgov.analytics import counting
from gridgov.analytics.counting import Question
from gridgov.analytics.dimensions import Dimension
from gridgov.analytics.measures import Measure, Of
from gridgov.analytics.period import Period, local_day, midnight
from gridgov.analytics.rules import Filter
from gridgov.areas.rules import TOP_DOWN, Level
from gridgov.auth.rules import EVERYWHERE
from gridgov.platform.errors import BadInput

LONGEST_DAYS, MOST_RULES, MOST_LISTED, MOST_NAME = 366, 50, 100, 80


class BadRule(BadInput):
    """A rule that nothing can be measured by."""

    code = "bad-alert-rule"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule says: an area of the level stands above it when its measure over the last days, today among them,
    reaches the threshold. Nothing given of matters, channels or agencies: any."""

    area_id: int
    names: Mapping[str, str]
    of: Of
    measure: Measure
    level: Level
    days: int
    threshold: float
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    agencies: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is kept. `desk`: the post that set it, as news knows it."""

    id: UUID
    revision: int
    desk: str
    asked: Asked
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Turned:
    """Areas that began to stand above, with their values, and those that ceased."""

    began: Mapping[int, float]
    ceased: tuple[int, ...]


def check(asked: Asked, ground: Level) -> None:
    """`ground`: the level of the rule's area. Raises `BadRule`, `BadGrouping`."""
    if not isfinite(asked.threshold) or asked.threshold <= 0:
        raise BadRule(
            "A threshold is a number above 0: everything reaches 0.", field="threshold", remedy="Give such a number."
        )
    if not 1 <= asked.days <= LONGEST_DAYS:
        raise BadRule(f"{asked.days} days cannot be looked at.", field="days", remedy=f"Give 1 to {LONGEST_DAYS} days.")
    if TOP_DOWN.index(asked.level) < TOP_DOWN.index(ground):
        raise BadRule(
            "These areas are larger than the one that is looked at.", field="by",
            remedy="Count by its own level or one below.",
        )  # fmt: skip
    for name, some in (("category", asked.categories), ("channel", asked.channels), ("agency", asked.agencies)):
        if len(some) > MOST_LISTED:
            raise BadRule(f"More than {MOST_LISTED} of these.", field=name, remedy="Take groups, or leave it out.")
    for text in asked.names.values():
        if len(text) > MOST_NAME or "\x00" in text:
            raise BadRule(f"A name has at most {MOST_NAME} characters.", field="names", remedy="Make it shorter.")
    counting.check(question(asked, Filter(reach=EVERYWHERE)))


def question(asked: Asked, wanted: Filter) -> Question:
    """What is counted for a rule, `wanted` being its filter."""
    measures = () if asked.measure is Measure.COUNT else (asked.measure,)
    return Question(wanted, Dimension(asked.level), None, measures, asked.of, asked.area_id)


def period(days: int, now: datetime, zone: ZoneInfo) -> Period:
    """The last whole days of the city, with what there is of today; so that a page can ask for the same."""
    first = local_day(now, zone) - timedelta(days=days - 1)
    return Period(midnight(first, zone), midnight(local_day(now, zone) + timedelta(days=1), zone))


def values(answer: counting.Answer, measure: Measure) -> dict[int, float]:
    """Area -> its measure; those that have none are left out."""
    column = answer.counts if measure is Measure.COUNT else answer.measures[measure]
    ids = answer.keys[0][0] or ()
    return {one: float(value) for one, value in zip(ids, column.tolist(), strict=True) if isfinite(value)}


def turned(standing: Collection[int], found: Mapping[int, float], threshold: float) -> Turned:
    """What changes when these areas stood above until now: each area once at most."""
    above = {one: value for one, value in found.items() if value >= threshold}
    began = {one: value for one, value in above.items() if one not in standing}
    return Turned(began, tuple(sorted(one for one in standing if one not in above)))


def listed(some: Sequence[str]) -> tuple[str, ...]:
    """Without blanks and repeats, in one order: the same rule is the same however it is written."""
    return tuple(sorted({one.strip() for one in some if one.strip()}))
