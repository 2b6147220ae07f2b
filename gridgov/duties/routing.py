"""Which item of the duty lists answers for a matter at a place, and in which order the others would follow. Pure.

The rule, in this order: an item for a smaller area goes before one for a larger; a full code before a longer prefix, a
longer prefix before a shorter, any of these before "all matters"; then the item's code. Nothing else decides, so the
same lists always give the same answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from gridgov.duties.rules import Item


class Match(StrEnum):
    """How an item's category took in the matter."""

    CODE = "code"
    PREFIX = "prefix"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Ranked:
    """An item that answers for the matter here. `depth` is the place of its area in the path, -1 for the whole city."""

    item: Item
    match: Match
    depth: int


def match(pattern: str, category: str) -> Match | None:
    """Does a list's category take in this code?

    >>> match("06*", "06010")
    <Match.PREFIX: 'prefix'>
    >>> match("06011", "06010") is None
    True
    """
    if pattern == "*":
        return Match.ANY
    if pattern.endswith("*"):
        return Match.PREFIX if category.startswith(pattern[:-1]) else None
    return Match.CODE if pattern == category else None


def rank(items: Iterable[Item], category: str, path: Sequence[int]) -> list[Ranked]:
    """Every item that answers for the matter on this path of area ids (city first), the responsible one first."""
    depth_of = {area_id: depth for depth, area_id in enumerate(path)}
    found = [
        Ranked(item, how, -1 if item.area_id is None else depth_of[item.area_id])
        for item in items
        if (item.area_id is None or item.area_id in depth_of) and (how := match(item.category, category)) is not None
    ]
    found.sort(key=_order)
    return found


@dataclass(frozen=True)
class Book:
    """The items of all lists at one instant."""

    items: Sequence[Item]
    _for: dict[str, list[Item]] = field(default_factory=dict)

    def items_for(self, category: str) -> list[Item]:
        """Those that take in this matter, wherever they hold; kept, for a list has far more items than answer for one.

        Asked for known matters only, so no more is kept than the catalogue has.
        """
        found = self._for.get(category)
        if found is None:
            found = self._for[category] = [item for item in self.items if match(item.category, category) is not None]
        return found

    def ranked(self, category: str, path: Sequence[int]) -> list[Ranked]:
        """Every item that answers for the matter on this path, the responsible one first."""
        return rank(self.items_for(category), category, path)

    def item(self, category: str, path: Sequence[int]) -> Item | None:
        """The one that decides; None: nobody is named."""
        found = self.ranked(category, path)
        return found[0].item if found else None


@dataclass(frozen=True, slots=True)
class Duty:
    """That a body holds a duty: by which item, and whether it leads or supports."""

    item: Item
    part: Literal["lead", "support"]


def duty_of(ranked: Iterable[Ranked], agency_ids: Collection[int]) -> Duty | None:
    """The duty that any of the agencies really holds here: in the best item that names one, as its lead before as
    a supporting body. None: the lists give them no part in the matter. An office ("@unit") is no agency.
    """
    for one in ranked:
        lead = one.item.lead.agency
        if lead is not None and lead.id in agency_ids:
            return Duty(one.item, "lead")
        if any(body.agency is not None and body.agency.id in agency_ids for body in one.item.supporting):
            return Duty(one.item, "support")
    return None


def _order(ranked: Ranked) -> tuple[int, int, int, str, int]:
    how = (Match.CODE, Match.PREFIX, Match.ANY).index(ranked.match)
    return (-ranked.depth, how, -len(ranked.item.category), ranked.item.code, ranked.item.id)
