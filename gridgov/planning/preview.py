"""Everything that would move if a plan took effect now, before anybody decides: households, open cases, posts, duties.

Owns putting it together, and the questions "where would this point lie?" and "how many would each grid have?" under a
plan that is not in force, or is not any more. Does not own counting a noun (`following.Follower`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.areas.following import Follower, Moves, Redrawn
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level, Located
from gridgov.planning import drafts, publishing, returning
from gridgov.planning.coming import Coming, coming
from gridgov.planning.drafts import PlanFacts
from gridgov.planning.publishing import Readiness
from gridgov.planning.rules import PlanState


@dataclass(frozen=True, slots=True)
class Heir:
    """An area that takes over from one that ends: by its code, with the households that come to it."""

    level: Level
    code: str
    households: int
    share: float


@dataclass(frozen=True, slots=True)
class Ending:
    """An area that would end, and who follows it, the largest share first."""

    area: AreaFacts
    heirs: tuple[Heir, ...]


@dataclass(frozen=True)
class Preview:
    """What would happen. `moved_households`: who would find themselves in another grid; `after`: the part of the city
    that changes, as it would be."""

    moved_households: int
    begun: tuple[AreaFacts, ...]
    changed: tuple[AreaFacts, ...]
    endings: tuple[Ending, ...]
    moves: tuple[Moves, ...]
    readiness: Readiness
    after: AreaIndex


def preview(
    session: Session, plan: PlanFacts, index: AreaIndex, followers: Sequence[Follower], *, now: datetime
) -> Preview:
    """Changes nothing. `index`: the boundaries in force. Raises what `coming` raises."""
    found = coming(session, index, plan.id, now=now)
    redrawn = found.redrawn(now)
    moves = tuple(one.preview(session, redrawn) for one in followers)
    changed = tuple(area for one in found.areas if one.ref > 0 and (area := redrawn.before.get(one.ref)) is not None)
    return Preview(
        sum(one.households for one in found.descents if _grid(redrawn, one.before) and one.before != one.after),
        redrawn.begun, changed, tuple(_ending(redrawn, area) for area in redrawn.ended), moves,
        publishing.readiness(session, plan, found, followers, now=now), found.after,
    )  # fmt: skip


def boundaries(session: Session, plan: PlanFacts, index: AreaIndex, *, now: datetime) -> AreaIndex:
    """The part of the city that a plan changes as it would be, or as it was when the plan took effect.

    Raises what `coming` raises.
    """
    if plan.state in (PlanState.EFFECTIVE, PlanState.RETIRED):
        return returning.as_of(session, plan, before=False)
    return whole(index, coming(session, index, plan.id, now=now))


def redrawn_by(session: Session, plan: PlanFacts, index: AreaIndex, *, now: datetime) -> Redrawn:
    """The boundaries in force beside those of a plan, which may be a draft or of the past: what differs.

    Raises what `coming` raises.
    """
    if plan.state in (PlanState.EFFECTIVE, PlanState.RETIRED):
        return Redrawn(index, returning.as_of(session, plan, before=False), now)
    return coming(session, index, plan.id, now=now).redrawn(now)


def whole(index: AreaIndex, found: Coming) -> AreaIndex:
    """All boundaries with what a plan makes of a part of them."""
    gone = {area.id for area in found.before.areas}
    kept = [area for area in index.areas if area.id not in gone]
    areas = [*kept, *found.after.areas]
    shapes = [*(index.shape(area.id) for area in kept), *found.after.shapes]
    return AreaIndex(areas, shapes, index.projection.srid)


def locate(session: Session, plan: PlanFacts, index: AreaIndex, lon: float, lat: float, *, now: datetime) -> Located:
    """Where a point (EPSG:4326) lies by a plan. Raises what `coming` raises."""
    return boundaries(session, plan, index, now=now).locate(lon, lat)


def _grid(redrawn: Redrawn, area_id: int) -> bool:
    area = redrawn.before.get(area_id)
    return area is not None and area.level == Level.GRID


def _ending(redrawn: Redrawn, area: AreaFacts) -> Ending:
    heirs = []
    for one in redrawn.successors(area.id):
        follows = redrawn.after.get(one.after)
        if follows is not None:
            heirs.append(Heir(follows.level, follows.code, one.households, one.share))
    return Ending(area, tuple(heirs))


def effective(session: Session, plan_id: int) -> PlanFacts:
    """A plan that is or was in force. Raises `PlanUnknown`, `PlanNotThere`."""
    plan = drafts.plan(session, plan_id)
    if plan.state not in (PlanState.EFFECTIVE, PlanState.RETIRED):
        raise publishing.not_there(plan, "brought back")
    return plan
