"""Boundaries of before, brought back: a roll-back is a plan like any other, and nothing is destroyed by it.

Owns which ground that is about and what was in force there. Areas come back under their own ids, with the codes and
names they had. Does not own when it holds (`activation`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gridgov.areas import redrawing
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import Locator
from gridgov.areas.redrawing import NextArea
from gridgov.areas.rules import Descent, Level
from gridgov.planning import drafts
from gridgov.planning.changes import BringBack, ChangeImpossible, Tree, next_area
from gridgov.planning.drafts import PlanFacts

LEAST_SHARE = 1e-6
_ABOVE = (Level.DISTRICT, Level.SUBDISTRICT)


def bring_back(session: Session, tree: Tree, change: BringBack) -> None:
    """Makes the tree what it was, on the ground that the plan changed. Raises `PlanUnknown`, `ChangeImpossible`."""
    plan = drafts.plan(session, change.plan)
    then = as_of(session, plan, before=change.before)
    began, ended = redrawing.changed_by(session, plan.areas_plan_id or 0)
    was, is_now = _communities(then, tree.index, began | ended)
    _compare(then, was, tree.index, is_now)
    at = instant(plan, before=change.before)
    said = redrawing.attributes_of(session, [area.id for area in then.areas], at)
    old = {one.id: one for top in was for one in then.descendants(top)}
    above = {one.id: one for top in was for one in then.path_of(top) if one.level in _ABOVE}
    for ref in sorted(above, key=lambda one: above[one].level != Level.DISTRICT):
        if ref in began | ended or tree.get(ref) is None:
            tree.put(replace(next_area(above[ref], then.shape(ref)), attributes=said.get(ref, {})))
    gone = [one.ref for top in is_now for one in tree.all_below(top) if one.ref not in old]
    left = {tree.index.path_of(top)[-2].id for top in is_now}
    for ref in gone:
        tree.end(ref)
    for ref, facts in old.items():
        tree.put(replace(next_area(facts, then.shape(ref)), attributes=said.get(ref, {})))
    for ref in sorted(left):
        area = tree.get(ref)
        if area is not None and area.level == Level.SUBDISTRICT and not tree.below(ref):
            tree.end(ref)
    tree.descents += _descents(tree, is_now, left)


def as_of(session: Session, plan: PlanFacts, *, before: bool) -> AreaIndex:
    """The boundaries that a plan put in force, or those that held until then. Raises `ChangeImpossible`."""
    return Locator().index(session, instant(plan, before=before))


def instant(plan: PlanFacts, *, before: bool) -> datetime:
    """When what a plan put in force began to hold, or the last moment before. Raises `ChangeImpossible`."""
    if plan.effective_at is None or plan.areas_plan_id is None:
        raise ChangeImpossible(f"Plan {plan.id} was never in force.", field="plan", remedy="Name one that is, or was.")
    return plan.effective_at - timedelta(microseconds=1) if before else plan.effective_at


def _communities(then: AreaIndex, now: AreaIndex, touched: Iterable[int]) -> tuple[set[int], set[int]]:
    """Communities of then and of now on the ground of what a plan touched: as many as belong together."""
    was = {one for ident in touched for one in _of(then, ident)}
    is_now = {one for ident in touched for one in _of(now, ident)}
    while True:
        more_now = {_at(now, then, one) for one in was} - {0} - is_now
        more_then = {_at(then, now, one) for one in is_now | more_now} - {0} - was
        if not more_now and not more_then:
            return was, is_now
        was |= more_then
        is_now |= more_now


def _of(index: AreaIndex, ident: int) -> set[int]:
    """The communities that an area is, lies in, or (a sub-district) has below it."""
    area = index.get(ident)
    if area is None:
        return set()
    if area.level in (Level.GRID, Level.COMMUNITY):
        return {one.id for one in index.path_of(ident) if one.level == Level.COMMUNITY}
    if area.level == Level.SUBDISTRICT:
        return {one.id for one in index.descendants(ident) if one.level == Level.COMMUNITY}
    return set()


def _at(index: AreaIndex, other: AreaIndex, ident: int) -> int:
    """The community at the label point of another index's community; 0: none."""
    point = shapely.point_on_surface(other.shape(ident))
    found = index.locate(point.x, point.y).at(Level.COMMUNITY)
    return 0 if found is None else found.id


def _compare(then: AreaIndex, was: set[int], now: AreaIndex, is_now: set[int]) -> None:
    """Both are the same ground."""
    before = shapely.union_all([then.shape(one) for one in was])
    after = shapely.union_all([now.shape(one) for one in is_now])
    if shapely.area(shapely.symmetric_difference(before, after)) > LEAST_SHARE * max(shapely.area(after), 1e-12):
        raise ChangeImpossible(
            "The ground that this plan changed has other borders now.", field="plan",
            remedy="Bring back the plans that followed it first.",
        )  # fmt: skip


def _descents(tree: Tree, is_now: set[int], left: set[int]) -> list[Descent]:
    """What becomes of what is in force, by the ground that they share, level by level."""
    found: list[Descent] = []
    now = [area for top in is_now for area in tree.index.descendants(top)]
    now += [area for ref in left if (area := tree.index.get(ref)) is not None and area.level == Level.SUBDISTRICT]
    after = {level: [one for one in tree.changed.values() if one.level == level] for level in Level}
    for area in now:
        others = after[area.level]
        if area.level == Level.SUBDISTRICT and not others and area.id in tree.ended:
            others = after[Level.COMMUNITY]
        if others:
            found += _shared(tree, area.id, others)
    return found


def _shared(tree: Tree, ref: int, others: list[NextArea]) -> list[Descent]:
    shape = tree.index.shape(ref)
    facts = tree.index.get(ref)
    total = (facts.households if facts is not None else None) or 0
    common = shapely.area(shapely.intersection(shape, np.array([one.geom for one in others], dtype=object)))
    shares = common / shapely.area(shape)
    return [
        Descent(ref, one.ref, round(total * float(share)), min(1.0, float(share)))
        for one, share in zip(others, shares, strict=True)
        if share > 1e-4 and not (one.ref == ref and share > 1 - 1e-4)
    ]
