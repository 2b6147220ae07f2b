"""Verbs of plans: make one, copy one, name it, add a community to it, drop it, list them.

Owns the beginning and the dropping of a plan. Does not own what is drawn (`editing`) nor how a plan takes effect
(`publishing`, `activation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import numpy as np
from sqlalchemy.orm import Session

from gridgov.areas.rules import Level
from gridgov.areas.service import get_area
from gridgov.audit.service import note
from gridgov.auth.rules import Actor
from gridgov.planning import basis, counts, drafts, standing, surveying
from gridgov.planning.basis import BasisFacts
from gridgov.planning.drafts import PartFacts, PlanFacts, target_document
from gridgov.planning.queries import drafts as queries
from gridgov.planning.rules import PlanState, Sheet, Target
from gridgov.platform.errors import BadInput, Conflict, TooLarge

MOST_BUILDINGS = 4_000  # whose atoms are made while somebody waits
MOST_NAME, MOST_PURPOSE = 200, 4000
DROPPABLE = frozenset({PlanState.DRAFT, PlanState.REVIEW})


class NotACommunity(BadInput):
    """Plans are drawn community by community."""

    code = "not-a-community"


class CommunityThere(Conflict):
    """The plan draws this community already."""

    code = "community-in-plan"


class GroundTooLarge(TooLarge):
    """Making the atoms would take longer than a request may."""

    code = "ground-too-large"


class PlanMovedOn(Conflict):
    """Somebody has changed the plan since it was read."""

    code = "plan-moved-on"


def create(
    session: Session,
    actor: Actor | None,
    *,
    name: str,
    purpose: str = "",
    target: Target | None = None,
    copy_of: int | None = None,
    communities: Sequence[int] = (),
    now: datetime,
) -> int:
    """Makes a draft and returns its id: a copy of another plan as it stands, or begun from the boundaries in force with
    the communities named. None as the actor: the owner.

    A copy begins a log of its own and keeps the ground that the other was drawn on; `target` None: that of the other,
    or 300 ± 10 %. Raises `NotYours`, `CommunityNotYours`, `PlanUnknown`, and what `add_part` raises.
    """
    if actor is not None:
        actor.require(drafts.EDIT)
    copied = None if copy_of is None else drafts.hold(session, copy_of, alone=False)
    values = {
        "name": _text(name, "name", MOST_NAME, least=1),
        "purpose": _text(purpose, "purpose", MOST_PURPOSE),
        "target": target_document(target or (Target() if copied is None else copied.target)),
        "parent": copy_of,
        "now": now,
        "by": None if actor is None else actor.account_id,
    }
    plan_id = queries.add_plan(session, values)
    if copied is not None:
        for one in drafts.parts(session, copied.id):
            drafts.may_draw(session, actor, [one.community_id])
            _put_part(session, plan_id, one, drafts.sheet(session, one.id))
    for community_id in communities:
        add_part(session, actor, plan_id, community_id, now=now)
    return plan_id


def find(
    session: Session, *, state: PlanState | None = None, before: int | None = None, limit: int = 100
) -> list[PlanFacts]:
    """Plans, newest first, below the id `before`."""
    rows = queries.plans(session, state=None if state is None else str(state), before=before, limit=limit)
    return [drafts.plan_facts(row) for row in rows]


def change(
    session: Session,
    actor: Actor | None,
    plan_id: int,
    *,
    revision: int,
    name: str | None = None,
    purpose: str | None = None,
    target: Target | None = None,
    now: datetime,  # noqa: ARG001  # every verb that writes takes it
) -> PlanFacts:
    """Gives a draft another name, purpose or target; None leaves a part as it is.

    Raises `PlanUnknown`, `PlanClosed`, `PlanMovedOn` (`revision` is not the plan's), `CommunityNotYours`.
    """
    held = _held(session, actor, plan_id)
    if held.revision != revision:
        raise PlanMovedOn(
            f"The plan is at revision {held.revision}, you have read {revision}. 方案已被他人修改。",
            field="revision",
            remedy="Read it again, then decide. 请重新读取后再改。",
        )
    values = {
        "name": held.name if name is None else _text(name, "name", MOST_NAME, least=1),
        "purpose": held.purpose if purpose is None else _text(purpose, "purpose", MOST_PURPOSE),
        "target": target_document(target or held.target),
    }
    queries.change_plan(session, plan_id, values)
    return drafts.plan(session, plan_id)


def drop(session: Session, actor: Actor | None, plan_id: int, *, now: datetime) -> None:  # noqa: ARG001
    """Gives a plan up that is a draft or under review; nothing of it is deleted, and it can be taken up again
    (`publishing.take_up`) or copied.

    Raises `PlanUnknown`, `PlanClosed`, `CommunityNotYours`.
    """
    if actor is not None:
        actor.require(drafts.EDIT)
    held = drafts.hold(session, plan_id, alone=True)
    if held.state not in DROPPABLE:
        drafts.open_plan(held)
    drafts.may_draw(session, actor, queries.communities(session, plan_id))
    queries.put_state(session, plan_id, str(PlanState.DROPPED))
    note(session, "drop", "planning_plan", str(plan_id))


def add_part(
    session: Session,
    actor: Actor | None,
    plan_id: int,
    community_id: int,
    *,
    count_id: int | None = None,
    now: datetime,
) -> int:
    """Adds a community to a draft, drawn as the boundaries in force have it, and returns the part's id.

    It lies on the community's newest basis; `count_id` None: with the newest count of it. Raises `NotACommunity`,
    `CommunityThere`, `BasisUnknown`, `CountUnknown`, `NotCounted`, `PlanClosed`, `CommunityNotYours`.
    """
    if actor is not None:
        actor.require(drafts.EDIT)
    drafts.open_plan(drafts.hold(session, plan_id, alone=False))
    drafts.may_draw(session, actor, [community_id])
    level = get_area(session, community_id, at=now, geometry=False).level
    if level != Level.COMMUNITY:
        raise NotACommunity(
            f"Area {community_id} is a {level}.", field="community_id", remedy="Name the communities one by one."
        )
    basis_id = basis.newest(session, community_id)
    ground = basis.ground(session, basis_id, drafts.newest_count(session, basis_id) if count_id is None else count_id)
    on = PartFacts(0, plan_id, community_id, basis_id, ground.count_id, 0, b"", {}, basis_id, ground.count_id)
    return _put_part(session, plan_id, on, standing.sheet_in_force(session, ground, now=now))


def bases(session: Session, community_id: int, *, before: int | None = None, limit: int = 100) -> list[BasisFacts]:
    """Bases of a community, newest first, below the id `before`."""
    rows = queries.bases(session, community_id, before=before, limit=limit)
    return [BasisFacts(row.id, row.community_id, bytes(row.digest), row.source, row.atoms, row.made_at) for row in rows]


def make_basis(
    session: Session, actor: Actor | None, community_id: int, *, target: Target | None = None, now: datetime
) -> int:
    """Makes the atoms of a community from its streets and buildings, with the households that follow from these, and
    returns the basis' id; the same ground again is the basis that is there.

    Raises `GroundTooLarge`, `AreaUnknown`, `NotACommunity`, `CommunityNotYours`.
    """
    if actor is not None:
        actor.require(drafts.EDIT)
    drafts.may_draw(session, actor, [community_id])
    if queries.buildings(session, community_id, MOST_BUILDINGS + 1) > MOST_BUILDINGS:
        raise GroundTooLarge(
            f"The community has more than {MOST_BUILDINGS} buildings. 社区楼栋过多。",
            field="community_id",
            remedy="Make its atoms on the machine: gridgov plan atoms.",
        )
    made = surveying.make(session, community_id, at=now, target=target)
    basis_id = basis.store(session, made, now=now, by=None if actor is None else actor.account_id)
    basis.count(session, basis_id, made, counted_on=now.date(), source="floor space", now=now)
    return basis_id


def put_count(
    session: Session,
    actor: Actor | None,
    basis_id: int,
    households: Sequence[int],
    *,
    counted_on: date,
    source: str,
    total: int | None = None,
    now: datetime,
) -> int:
    """Keeps households of each atom as counted on a day, and returns the count's id. `total`: what they must add up to.

    Raises `BasisUnknown`, `CountUnfit`, `CommunityNotYours`.
    """
    if actor is not None:
        actor.require(drafts.EDIT)
    drafts.may_draw(session, actor, [basis.facts(session, basis_id).community_id])
    found = sum(households)
    if total is not None and total != found:
        raise counts.CountUnfit(
            f"The households add up to {found}, not to {total}: {abs(found - total)} too "
            f"{'many' if found > total else 'few'}. 户数合计不符。",
            field="total",
            remedy="Correct the households, or the total.",
        )
    return counts.put(
        session, basis_id, np.asarray(households, dtype=np.int64), counted_on=counted_on, source=source, now=now
    )


def _put_part(session: Session, plan_id: int, on: PartFacts, sheet: Sheet) -> int:
    """A part that begins with this sheet, and the snapshot that its log begins from."""
    values = {
        "assignment": sheet.assignment.tolist(),
        "document": sheet.document(),
        "digest": sheet.digest(),
        "made_with": dict(on.made_with),
    }
    placed = replace(on, plan_id=plan_id)
    part_id = queries.add_part(
        session,
        {**values, "plan": plan_id, "community": placed.community_id, "basis": on.basis_id, "count": on.count_id},
    )
    if part_id is None:
        raise CommunityThere(
            f"The plan draws the community {on.community_id} already.",
            field="community_id",
            remedy="Open its part: /api/v1/plans/{plan_id}/parts.",
        )
    queries.add_snapshot(session, part_id, 0, values)
    return part_id


def _held(session: Session, actor: Actor | None, plan_id: int) -> PlanFacts:
    """A draft, kept alone, by somebody who may draw in all of it."""
    if actor is not None:
        actor.require(drafts.EDIT)
    held = drafts.open_plan(drafts.hold(session, plan_id, alone=True))
    drafts.may_draw(session, actor, queries.communities(session, plan_id))
    return held


def _text(given: str, field: str, most: int, *, least: int = 0) -> str:
    text = given.strip()
    if not least <= len(text) <= most:
        raise BadInput(
            f"{len(text)} characters came; between {least} and {most} are taken.",
            field=field,
            remedy="Shorten it." if len(text) > most else "Write something.",
        )
    return text
