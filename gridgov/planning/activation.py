"""A plan takes effect: in one transaction, at its instant, with all that is alive in the ground that it changes.

Owns that transaction. Nothing is placed by the old boundaries meanwhile (`areas.redrawing`), so that each case lies in
exactly one grid that is in force. Does not own when it is tried (`jobs`), nor the history that follows later on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas import redrawing
from gridgov.areas.following import Follower, Moves, Redrawn, follow_all
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import Locator
from gridgov.areas.names import index_own_names
from gridgov.areas.redrawing import Redrawing
from gridgov.areas.rules import Descent, Level
from gridgov.audit import approval
from gridgov.audit.service import note
from gridgov.auth.rules import Actor, Role
from gridgov.planning import drafts, publishing
from gridgov.planning.coming import Coming, NotACoverage, coming
from gridgov.planning.drafts import PlanFacts
from gridgov.planning.queries import drafts as draft_queries
from gridgov.planning.queries import time as queries
from gridgov.planning.rules import PlanState
from gridgov.platform import outbox
from gridgov.platform.errors import Conflict

TOPIC, GRID_TOPIC = "plan.effective", "plan.grid"
HISTORY = ("incidents", "cases")
"""Nouns whose past follows slice by slice afterwards, in this order."""


class NotYet(Conflict):
    """The instant that was approved has not come."""

    code = "not-yet"


class TakenByAnother(Conflict):
    """Another process is putting the plan in force."""

    code = "plan-taken"


@dataclass(frozen=True)
class Activated:
    """What took effect: the boundary plan, from when, what moved at once, which plans it has taken the place of."""

    activation_id: int
    areas_plan_id: int
    at: datetime
    moves: tuple[Moves, ...]
    retired: tuple[int, ...]


def activate(
    session: Session,
    plan_id: int,
    *,
    followers: Sequence[Follower],
    clock: Callable[[], datetime],
    early: bool = False,
) -> Activated:
    """Puts an approved plan in force, from the instant at which nobody places anything by the old boundaries any more.

    As the owner of the platform. `early`: before the instant that was wanted. Raises `PlanUnknown`, `PlanNotThere`,
    `NotYet`, `TakenByAnother`, `BoundariesElsewhere`, `NoSuchStep` and `OtherPayload` of the approval, and what
    `coming` raises: then nothing has changed.
    """
    drafts.plan(session, plan_id)
    if queries.claim(session, plan_id) is None:
        raise TakenByAnother("Another process is putting this plan in force.", remedy="Look again in a moment.")
    plan = drafts.plan(session, plan_id)
    if plan.state is not PlanState.APPROVED:
        raise publishing.not_there(plan, "put in force")
    if not early and plan.wanted_from is not None and plan.wanted_from > clock():
        raise NotYet(f"The plan is to hold from {plan.wanted_from.isoformat()} on.", remedy="Wait until then.")
    redrawing.change_boundaries(session)
    at = clock()
    before = Locator().index(session, at)
    drawn_on = publishing.unchanged(session, plan, before)
    _take(session, plan, drawn_on, at)
    found = coming(session, before, plan_id, now=at)
    done = redrawing.redraw(
        session, found.areas, ending=found.ending, lineage=found.descents, name=plan.name, valid_from=at,
        basis=f"{publishing.NOUN} {plan_id}",
    )  # fmt: skip
    if done.areas_plan_id is None:
        raise publishing.NothingChanges(
            "The plan says what is in force already.", field="plan_id", remedy="Drop it, or redraw something."
        )
    redrawing.took_effect(session, at)
    index_own_names(session)
    after = Locator().index(session, at)
    check(after, found, done)
    redrawn = Redrawn(before, after, at, _mapped(found.descents, done.ids), found.takeovers)
    moves = follow_all(session, followers, redrawn, history=False)
    return _recorded(session, plan, done, redrawn, moves)


def check(index: AreaIndex, found: Coming, done: Redrawing) -> None:
    """Every community that changed is tiled by its grids, as it is stored. Raises `NotACoverage`."""
    refs = {one.parent for one in found.areas if one.level == Level.GRID and one.parent is not None}
    for ref in sorted(refs):
        ident = done.ids.get(ref, ref)
        community = index.get(ident)
        if community is None:
            continue
        grids = [index.shape(one.id) for one in index.descendants(ident) if one.level == Level.GRID]
        whole = shapely.area(index.shape(ident))
        gap = abs(float(np.sum(shapely.area(grids))) - whole)
        if grids and (not shapely.coverage_is_valid(grids) or gap > 1e-7 * whole):
            raise NotACoverage(
                f"The grids of the community “{community.code}” would leave gaps or overlap.", field="parts",
                remedy="Look at the findings of the part.",
            )  # fmt: skip


def find(
    session: Session, *, plan_id: int | None = None, before: int | None = None, limit: int = 100
) -> list[Row[Any]]:
    """(id, plan_id, name, areas_plan_id, before_id, effective_from, at, moved, follows), newest first."""
    return queries.activations(session, plan_id=plan_id, before=before, limit=limit)


def _take(session: Session, plan: PlanFacts, drawn_on: dict[str, str], at: datetime) -> None:
    """Uses the approval, in the name of whoever asked for it; a plan of the owner's needs none."""
    if plan.approval_id is None:
        return
    asked = Actor(Role.PLANNER, account_id=plan.submitted_by)
    said = publishing.payload(plan.id, plan.digest or b"", drawn_on, plan.wanted_from)
    approval.take(session, plan.approval_id, said, asked, at)


def _mapped(descents: Sequence[Descent], ids: Mapping[int, int]) -> tuple[Descent, ...]:
    return tuple(
        Descent(ids.get(one.before, one.before), ids.get(one.after, one.after), one.households, one.share)
        for one in descents
    )


def _recorded(
    session: Session, plan: PlanFacts, done: Redrawing, redrawn: Redrawn, moves: Sequence[Moves]
) -> Activated:
    assert done.areas_plan_id is not None  # something changed
    others = [row for row in queries.in_force(session) if row.id != plan.id]
    queries.take_effect(session, plan.id, done.areas_plan_id, redrawn.at)
    retired = _replaced(session, plan, others)
    queries.retire(session, retired, redrawn.at)
    moved = {one.noun: one.document() for one in moves}
    activation_id = queries.add_activation(
        session,
        {"plan": plan.id, "areas_plan": done.areas_plan_id, "before": others[0].id if others else None,
         "effective_from": redrawn.at, "at": redrawn.at, "moved": moved},
    )  # fmt: skip
    queries.add_follows(session, activation_id, HISTORY)
    facts = {"areas_plan": done.areas_plan_id, "added": done.added, "changed": done.changed, "ended": done.ended,
             "retired": retired}  # fmt: skip
    note(session, "activate", publishing.NOUN, str(plan.id), facts=facts)
    _announce(session, plan, redrawn)
    return Activated(activation_id, done.areas_plan_id, redrawn.at, tuple(moves), tuple(retired))


def _replaced(session: Session, plan: PlanFacts, others: Sequence[Row[Any]]) -> list[int]:
    """Plans of which nothing is in force any more, and those whose every community this one draws."""
    left = redrawing.left_of(session, [row.areas_plan_id for row in others])
    drawn = set(draft_queries.communities(session, plan.id))
    found = []
    for row in others:
        theirs = set(draft_queries.communities(session, row.id))
        whole = bool(theirs) and theirs <= drawn and not queries.changes(session, row.id)
        if whole or row.areas_plan_id not in left:
            found.append(int(row.id))
    return found


def _announce(session: Session, plan: PlanFacts, redrawn: Redrawn) -> None:
    """The offices, centres and supervisors of every unit that changes, and whoever works in a grid that does."""
    after = redrawn.after
    ids = {one for one in redrawn.changed if after.get(one) is not None} | {one.id for one in redrawn.begun}
    units = {Redrawn.unit_of(after, one) for one in ids} - {None}
    facts = {"plan_id": plan.id, "effective_from": redrawn.at}
    for unit in sorted(one for one in units if one is not None):
        outbox.put(session, TOPIC, f"{plan.id}-{unit}", {**facts, "unit_id": unit}, at=redrawn.at)
    for ident in sorted(ids):
        area = after.get(ident)
        if area is not None and area.level == Level.GRID:
            outbox.put(session, GRID_TOPIC, f"{plan.id}-{ident}", {**facts, "grid_id": ident}, at=redrawn.at)
