"""What a plan says above its sheets: changes and matters, and a roll-back begun from an earlier plan.

Owns writing these into a draft. Does not own what they do (`changes`, `returning`), nor when (`activation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.areas.following import Takeover
from gridgov.auth.rules import Actor
from gridgov.planning import drafts, matters, preview, service
from gridgov.planning.changes import BringBack, Change, document
from gridgov.planning.drafts import PlanFacts
from gridgov.planning.queries import drafts as draft_queries
from gridgov.planning.queries import time as queries
from gridgov.planning.rules import PlanState
from gridgov.platform.errors import BadInput, Refused

MOST_CHANGES, MOST_MATTERS = 500, 5_000


class WholeCityOnly(Refused):
    """What lies above communities is changed by a planner of the whole city."""

    code = "whole-city-only"


class TooMany(BadInput):
    code = "too-many"


def put_changes(
    session: Session,
    actor: Actor | None,
    plan_id: int,
    changes: Sequence[Change],
    *,
    now: datetime,  # noqa: ARG001
) -> PlanFacts:
    """These changes in place of all that a draft has. Raises `PlanUnknown`, `PlanClosed`, `WholeCityOnly`."""
    plan = _open(session, actor, plan_id)
    _may_change(session, actor, changes)
    if len(changes) > MOST_CHANGES:
        raise TooMany(f"At most {MOST_CHANGES} changes.", field="changes", remedy="Make two plans.")
    queries.put_changes(session, plan.id, [(one.kind, document(one)) for one in changes])
    back = next((one for one in changes if isinstance(one, BringBack)), None)
    queries.return_to(session, plan.id, None if back is None else _returned(session, back))
    queries.bump_plan(session, plan.id)
    return drafts.plan(session, plan.id)


def put_matters(
    session: Session,
    actor: Actor | None,
    plan_id: int,
    takeovers: Sequence[Takeover],
    *,
    now: datetime,  # noqa: ARG001
) -> PlanFacts:
    """Who takes over what, in place of all that a draft has. Raises `PlanUnknown`, `PlanClosed`, `TakeoverUnusable`."""
    plan = _open(session, actor, plan_id)
    if len(takeovers) > MOST_MATTERS:
        raise TooMany(f"At most {MOST_MATTERS} matters.", field="matters", remedy="Make two plans.")
    rows = [(one.list, one.item, one.lead, one.note) for one in matters.checked(session, takeovers)]
    queries.put_matters(session, plan.id, rows)
    queries.bump_plan(session, plan.id)
    return drafts.plan(session, plan.id)


def roll_back(
    session: Session, actor: Actor | None, plan_id: int, *, before: bool, name: str = "", now: datetime
) -> int:
    """A new draft that brings back what held until a plan took effect (`before`), or what it put in force; its id.

    An activation of its own like any other: submitted, decided on, put in force. Raises `PlanUnknown`, `PlanNotThere`.
    """
    plan = preview.effective(session, plan_id)
    said = name or (f"恢复“{plan.name}”以前的边界" if before else f"恢复“{plan.name}”的边界")
    made = service.create(session, actor, name=said[: service.MOST_NAME], target=plan.target, now=now)
    put_changes(session, actor, made, [BringBack(plan_id, before)], now=now)
    return made


def _may_change(session: Session, actor: Actor | None, changes: Sequence[Change]) -> None:
    """What was only drawn may be brought back by whoever may draw there."""
    if actor is None or actor.reach.city:
        return
    for one in changes:
        if not isinstance(one, BringBack) or queries.changes(session, one.plan):
            raise WholeCityOnly(
                "Communities and tiers are changed by a planner of the whole city. "
                "社区、街道层级的调整由全市规划员提出。",
                remedy="Ask one, or draw grids.",
            )
        drafts.may_draw(session, actor, draft_queries.communities(session, one.plan))


def _returned(session: Session, change: BringBack) -> int | None:
    plan = preview.effective(session, change.plan)
    return queries.before_of(session, plan.id) if change.before else plan.id


def _open(session: Session, actor: Actor | None, plan_id: int) -> PlanFacts:
    if actor is not None:
        actor.require(drafts.EDIT)
    plan = drafts.open_plan(drafts.hold(session, plan_id, alone=True))
    assert plan.state is PlanState.DRAFT
    drafts.may_draw(session, actor, draft_queries.communities(session, plan_id))
    return plan
