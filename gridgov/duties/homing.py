"""Duty lists and stationed units under new boundaries: items of areas that end, matters whose office is no more.

Owns which items say something else from then on; each list that does gets a new version, so what was said before stays
(domain A75: matters are mapped anew where a tier goes or comes). Does not own who takes a matter over: that stands in
the plan (`planning.matters`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.following import Ceasing, Follower, Moves, Redrawn
from gridgov.areas.rules import AreaFacts, Level
from gridgov.duties import lists, queries
from gridgov.duties.queries import homing as homing_queries
from gridgov.duties.queries import lists as list_queries
from gridgov.duties.rules import ListKind, NewItem
from gridgov.duties.versions import new_items
from gridgov.platform.db import bump

OFFICE = f"@{Level.SUBDISTRICT}"


@dataclass(frozen=True)
class Said:
    """A list in force, what it says, and what it says under the new boundaries."""

    row: Row[Any]
    before: tuple[NewItem, ...]
    after: tuple[NewItem, ...]
    ceasing: tuple[NewItem, ...]


@dataclass(frozen=True)
class Ground:
    """What re-mapping rests on. `lost`: districts that have no sub-districts any more; `all_lost`: no district has any;
    `gone`: codes of agencies stationed where an office has no successor."""

    redrawn: Redrawn
    lost: tuple[AreaFacts, ...]
    all_lost: bool
    gone: frozenset[str]


class DutiesFollow(Follower):
    """Duty lists and stationed units, as `areas.following.Follower`."""

    noun = "duties"

    def preview(self, session: Session, redrawn: Redrawn) -> Moves:
        """Items that would say something else; those that need somebody to take them over are `left` without."""
        said = _said(session, redrawn)
        return _moves(said, redrawn, len(_stationed(session, redrawn)))

    def follow(self, session: Session, redrawn: Redrawn) -> Moves:
        """New versions from the instant of the boundaries on, and the units' new stations."""
        said, stations = _said(session, redrawn), _stationed(session, redrawn)
        for one in said:
            if one.before != one.after:
                lists.put_list(session, one.after, name=one.row.name, kind=ListKind(one.row.kind),
                               basis=one.row.basis, valid_from=redrawn.at)  # fmt: skip
        if stations:
            queries.set_stationed(session, stations)
            bump(session, "duties")
        return _moves(said, redrawn, len(stations))

    def ceasing(self, session: Session, redrawn: Redrawn) -> Sequence[Ceasing]:
        """Matters led by the office of a sub-district where that tier goes, or by a unit stationed in one that goes."""
        codes = {area.id: area.code for area in redrawn.before.areas}
        return [
            Ceasing(one.row.name, item.code, item.category, item.lead, codes.get(item.area_id or 0, ""))
            for one in _said(session, redrawn)
            for item in one.ceasing
        ]


def _moves(said: Sequence[Said], redrawn: Redrawn, stations: int) -> Moves:
    changed = [one for one in said if one.before != one.after]
    moved = sum(len(set(map(_key, one.after)) - set(map(_key, one.before))) for one in changed)
    taken = {(one.list, one.item) for one in redrawn.takeovers}
    left = sum((one.row.name, item.code) not in taken for one in said for item in one.ceasing)
    facts = {"lists": [str(one.row.name) for one in changed], "stations": stations}
    return Moves("duties", total=sum(len(one.before) for one in said), moved=moved, left=left, facts=facts)


def _key(item: NewItem) -> str:
    return repr(item)


def _said(session: Session, redrawn: Redrawn) -> list[Said]:
    if not redrawn.ended:
        return []
    ground = _ground(session, redrawn)
    found = []
    for row in list_queries.in_force(session, redrawn.at):
        items = new_items(session, row.id)
        leads = {one.item: one.lead for one in redrawn.takeovers if one.list == row.name}
        ceasing = tuple(item for item in items if ceases(item, ground))
        found.append(Said(row, tuple(items), tuple(remapped(items, leads, ground)), ceasing))
    return found


def _ground(session: Session, redrawn: Redrawn) -> Ground:
    before, after = ({area.parent_id for area in index.areas if area.level == Level.SUBDISTRICT}
                     for index in (redrawn.before, redrawn.after))  # fmt: skip
    lost = tuple(area for area in redrawn.before.areas if area.id in before - after)
    others = areas.list_areas(session, at=redrawn.at, level=Level.SUBDISTRICT, limit=100_000)
    left = any(redrawn.before.get(row.id) is None and redrawn.after.get(row.id) is None for row in others)
    gone = [area.id for area in redrawn.ended
            if area.level == Level.SUBDISTRICT and redrawn.successor(area.id) is None]  # fmt: skip
    units = frozenset(row.code for row in homing_queries.stationed(session, gone))
    return Ground(redrawn, lost, not after and not left, units)


def ceases(item: NewItem, ground: Ground) -> bool:
    """Whether whoever leads an item is no more where it holds. Pure."""
    if item.lead in ground.gone:
        return True
    return item.lead == OFFICE and any(_over(ground.redrawn, item.area_id, one) for one in ground.lost)


def remapped(items: Sequence[NewItem], leads: Mapping[str, str], ground: Ground) -> list[NewItem]:
    """What a list says under the new boundaries. `leads`: who takes over which item. Pure.

    An item of an area that ends holds in those that follow it, the largest share first; copies carry the code of their
    area behind their own. A matter of an office goes to who takes it over there, and stays as it is elsewhere.
    """
    used = {item.code for item in items}
    made: list[NewItem] = []
    for item in items:
        for one in _led(item, leads.get(item.code), ground, used):
            made += _placed(one, ground.redrawn, used)
    return made


def _led(item: NewItem, lead: str | None, ground: Ground, used: set[str]) -> Iterator[NewItem]:
    """The item with whoever takes it over."""
    if lead is None or not ceases(item, ground):
        yield item
        return
    inside = item.area_id is not None and all(
        item.area_id in {area.id for area in ground.redrawn.before.descendants(one.id)} or item.area_id == one.id
        for one in ground.lost if _over(ground.redrawn, item.area_id, one)
    )  # fmt: skip
    if item.lead != OFFICE or inside or ground.all_lost:
        yield replace(item, lead=lead)
        return
    yield item
    for one in ground.lost:
        yield replace(item, code=_fresh(f"{item.code}-{one.code}", used), area_id=one.id, lead=lead)


def _placed(item: NewItem, redrawn: Redrawn, used: set[str]) -> list[NewItem]:
    """The item in the areas that follow its own."""
    if item.area_id is None or redrawn.before.get(item.area_id) is None or redrawn.after.get(item.area_id) is not None:
        return [item]
    follow = [redrawn.after.get(one.after) for one in redrawn.successors(item.area_id)]
    places = [one for one in follow if one is not None] or [_above(redrawn, item.area_id)]
    first = replace(item, area_id=places[0].id)
    rest = [replace(item, code=_fresh(f"{item.code}-{one.code}", used), area_id=one.id) for one in places[1:]]
    return [first, *rest]


def _over(redrawn: Redrawn, area_id: int | None, district: AreaFacts) -> bool:
    """Whether an item of an area (None: the whole city) holds anywhere in a district."""
    if area_id is None:
        return True
    if redrawn.before.get(area_id) is None:
        return False
    path = {area.id for area in redrawn.before.path_of(district.id)}
    return area_id in path or district.id in {area.id for area in redrawn.before.path_of(area_id)}


def _above(redrawn: Redrawn, area_id: int) -> AreaFacts:
    """The lowest area above that goes on."""
    path = reversed(redrawn.before.path_of(area_id))
    return next(one for area in path if (one := redrawn.after.get(area.id)) is not None)


def _stationed(session: Session, redrawn: Redrawn) -> dict[str, int]:
    """Code -> area for units stationed where an area ends: its successor, else the area above that goes on."""
    gone = {area.id: area for area in redrawn.ended}
    return {
        row.code: redrawn.successor(row.stationed_id) or _above(redrawn, row.stationed_id).id
        for row in homing_queries.stationed(session, list(gone))
    }


def _fresh(code: str, used: set[str]) -> str:
    """A code that no item of the list has yet; from now on one has."""
    number, found = 1, code
    while found in used:
        number += 1
        found = f"{code}-{number}"
    used.add(found)
    return found
