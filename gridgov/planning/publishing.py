"""From a draft to an approved plan: submitted whole, decided on by another person, given back or withdrawn.

Owns what may follow what before a plan takes effect, and what must be so for it. What takes effect is what was approved
(a digest of all of it), drawn on what is still in force (a mark of each community). Does not own the second person
(`audit.approval`) nor taking effect (`activation`).

| from | to | who | needs |
|---|---|---|---|
| draft | review | planner | no blocking finding, every matter taken over, something that changes, an instant to come |
| review | draft | planner (withdraws), another person (says no), time | - |
| review | approved | another person, who may publish | in time |
| approved | draft | whoever asked | not in force yet |
| approved | effective | the platform, at its instant | the same content, on the same boundaries |
| effective | retired | the platform | another plan in its place |
| dropped | draft | planner | - |
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from gridgov.areas.following import Ceasing, Follower
from gridgov.areas.index import AreaIndex
from gridgov.audit import approval
from gridgov.audit.approving import Approval, State
from gridgov.audit.service import note
from gridgov.auth.rules import Actor
from gridgov.planning import basis, changes, drafts, matters
from gridgov.planning.board import Board, publishable
from gridgov.planning.coming import Coming, changes_of, coming, marks
from gridgov.planning.drafts import PlanFacts
from gridgov.planning.findings import Finding
from gridgov.planning.queries import drafts as draft_queries
from gridgov.planning.queries import time as queries
from gridgov.planning.rules import PlanState
from gridgov.platform.errors import Conflict

NOUN = "planning_plan"
PUBLISH = "plans.publish"
OPEN_FOR = timedelta(days=30)
SHOWN = 5


class FindingsBlock(Conflict):
    """A sheet has findings that keep it from going out."""

    code = "findings-block"


class MattersOpen(Conflict):
    """Matters would have no body, and nobody takes them over."""

    code = "matters-open"


class NothingChanges(Conflict):
    """The plan says what is in force already."""

    code = "plan-changes-nothing"


class InstantOver(Conflict):
    """Boundaries are not put in force backwards."""

    code = "instant-over"


class PlanNotThere(Conflict):
    """The plan is in a state from which this does not follow."""

    code = "plan-state"


class BoundariesElsewhere(Conflict):
    """A community has been redrawn since the plan was submitted."""

    code = "community-moved-on"


@dataclass(frozen=True)
class Submitted:
    """What was submitted: its digest, and what another person is asked for (None: the owner asked, on the machine)."""

    digest: bytes
    approval: Approval | None


@dataclass(frozen=True)
class Readiness:
    """What keeps a plan from being submitted: findings by community, matters that nobody takes over."""

    blocking: tuple[tuple[int, Finding], ...]
    open_matters: tuple[matters.MatterOpen, ...]


def submit(
    session: Session,
    actor: Actor | None,
    plan_id: int,
    *,
    wanted_from: datetime | None,
    index: AreaIndex,
    followers: Sequence[Follower],
    now: datetime,
) -> Submitted:
    """A draft goes to review as it stands. `wanted_from`: the instant from which it is to hold, None: as soon as it is
    approved. `index`: the boundaries in force. `actor` None: the owner, who asks nobody.

    Raises `PlanUnknown`, `PlanClosed`, `CommunityNotYours`, `InstantOver`, `FindingsBlock`, `MattersOpen`,
    `NothingChanges`, and what `coming` raises.
    """
    if actor is not None:
        actor.require(drafts.EDIT)
    plan = drafts.open_plan(drafts.hold(session, plan_id, alone=True))
    drafts.may_draw(session, actor, draft_queries.communities(session, plan_id))
    if wanted_from is not None and wanted_from <= now:
        raise InstantOver(
            "This instant is over; boundaries are not put in force backwards.", field="wanted_from",
            remedy="Give one to come, or none: then it holds as soon as it is approved.",
        )  # fmt: skip
    found = coming(session, index, plan_id, now=now)
    if found.nothing:
        raise NothingChanges(
            "The plan says what is in force already.", field="plan_id", remedy="Redraw something, or drop it."
        )
    ready(session, plan, found, followers, now=now)
    content, drawn_on = digest(session, plan), marks(session, index, plan_id)
    asked = None
    if actor is not None:
        asked = approval.request(
            session, actor, noun=NOUN, ref=str(plan_id), payload=payload(plan_id, content, drawn_on, wanted_from),
            summary=_summary(plan, found, wanted_from), permission=PUBLISH,
            expires_at=max(now, wanted_from or now) + OPEN_FOR, now=now,
        )  # fmt: skip
    values = {"digest": content, "drawn_on": drawn_on, "wanted_from": wanted_from, "now": now,
              "approval": None if asked is None else asked.id,
              "by": None if actor is None else actor.account_id}  # fmt: skip
    queries.submit(session, plan_id, values)
    note(session, "submit", NOUN, str(plan_id), facts={"digest": content.hex(), "areas": len(found.areas),
                                                       "ending": len(found.ending)})  # fmt: skip
    return Submitted(content, asked)


def readiness(
    session: Session, plan: PlanFacts, found: Coming, followers: Sequence[Follower], *, now: datetime
) -> Readiness:
    """What keeps a plan from being submitted."""
    blocking = []
    for part in drafts.parts(session, plan.id):
        board = Board(basis.ground(session, part.basis_id, part.count_id), drafts.sheet(session, part.id), plan.target)
        blocking += [(part.community_id, one) for one in publishable(board)]
    ceasing: list[Ceasing] = [one for each in followers for one in each.ceasing(session, found.redrawn(now))]
    return Readiness(tuple(blocking), tuple(matters.missing(ceasing, found.takeovers)))


def ready(session: Session, plan: PlanFacts, found: Coming, followers: Sequence[Follower], *, now: datetime) -> None:
    """Raises `FindingsBlock`, `MattersOpen`."""
    said = readiness(session, plan, found, followers, now=now)
    if said.blocking:
        shown = "; ".join(one.en for _, one in said.blocking[:SHOWN])
        raise FindingsBlock(
            f"{len(said.blocking)} findings keep the plan from going out: {shown}", field="parts",
            remedy="Open the parts and mend them; each finding has a place to click.",
        )  # fmt: skip
    if said.open_matters:
        shown = "; ".join(one.en for one in said.open_matters[:SHOWN])
        raise MattersOpen(
            f"{len(said.open_matters)} matters would have no body: {shown}", field="matters",
            remedy="Name who takes over each of them.",
        )  # fmt: skip


def withdraw(session: Session, actor: Actor | None, plan_id: int, *, reason: str = "", now: datetime) -> None:
    """Back to a draft, as long as it is not in force. Raises `PlanUnknown`, `PlanNotThere`, `NotTheRequester`."""
    if actor is not None:
        actor.require(drafts.EDIT)
    plan = drafts.hold(session, plan_id, alone=True)
    if plan.state not in (PlanState.REVIEW, PlanState.APPROVED):
        raise not_there(plan, "withdrawn")
    if plan.approval_id is not None and actor is not None:
        held = approval.get(session, plan.approval_id)
        if held.state_at(now) in (State.PENDING, State.APPROVED):
            approval.withdraw(session, actor, held.id, note=reason, now=now)
    give_back(session, plan_id, "withdraw", reason)


def take_up(
    session: Session,
    actor: Actor | None,
    plan_id: int,
    *,
    now: datetime,  # noqa: ARG001  # every verb that writes takes it
) -> None:
    """A plan that was dropped is a draft again, drawn as it was; what was asked of others while it was under review is
    not asked any more. By whoever may drop it. Raises `PlanUnknown`, `PlanNotThere`, `CommunityNotYours`, `NotYours`.
    """
    if actor is not None:
        actor.require(drafts.EDIT)
    plan = drafts.hold(session, plan_id, alone=True)
    if plan.state is not PlanState.DROPPED:
        raise not_there(plan, "taken up again")
    drafts.may_draw(session, actor, draft_queries.communities(session, plan_id))
    give_back(session, plan_id, "take-up", "")
    queries.bump_plan(session, plan_id)


def give_back(session: Session, plan_id: int, action: str, reason: str) -> None:
    """A draft again, with the reason in the trail."""
    queries.reopen(session, plan_id)
    note(session, action, NOUN, str(plan_id), reason=reason[:500] or None)


def settle(session: Session, plan: PlanFacts, *, now: datetime) -> PlanState:
    """What has been decided on a plan under review becomes its state; the plan is held by the caller."""
    if plan.state is not PlanState.REVIEW or plan.approval_id is None:
        return plan.state
    state = approval.get(session, plan.approval_id).state_at(now)
    if state is State.APPROVED:
        queries.approve(session, plan.id)
        note(session, "approve", NOUN, str(plan.id))
        return PlanState.APPROVED
    if state in (State.REFUSED, State.WITHDRAWN, State.EXPIRED):
        give_back(session, plan.id, "give-back", f"approval {state}")
        return PlanState.DRAFT
    return plan.state


def approve_alone(session: Session, plan_id: int) -> None:
    """The owner's way, on the machine itself: without a second person. Raises `PlanNotThere`."""
    plan = drafts.hold(session, plan_id, alone=True)
    if plan.state is not PlanState.REVIEW:
        raise not_there(plan, "approved")
    queries.approve(session, plan_id)
    note(session, "approve-alone", NOUN, str(plan_id))


def unchanged(session: Session, plan: PlanFacts, index: AreaIndex) -> dict[str, str]:
    """The marks of what a plan was drawn on. Raises `BoundariesElsewhere`, naming the communities, and `PlanNotThere`
    where it says something else than what was submitted."""
    if plan.digest != digest(session, plan):
        raise PlanNotThere(
            "The plan says something else than what was submitted.", field="plan_id", remedy="Submit it again."
        )
    was, is_now = queries.drawn_on(session, plan.id), marks(session, index, plan.id)
    moved = sorted(code for code in was if is_now.get(code) != was[code])
    if moved:
        raise BoundariesElsewhere(
            f"Redrawn since the plan was submitted: {', '.join(moved[:20])}. 提交后边界已变更。", field="parts",
            remedy="Look at what is in force there, then submit it again.", communities=moved,
        )  # fmt: skip
    return was


def digest(session: Session, plan: PlanFacts) -> bytes:
    """SHA-256 of all that a plan says: every sheet on its ground, every change, who takes over what."""
    parts = [[one.community_id, one.basis_id, one.count_id, one.digest.hex()]
             for one in drafts.parts(session, plan.id)]  # fmt: skip
    wanted = [[one.kind, changes.document(one)] for one in changes_of(session, plan.id)]
    taken = [[one.list, one.item, one.lead] for one in matters.of(session, plan.id)]
    said = [parts, wanted, taken, drafts.target_document(plan.target), plan.returns_to]
    written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).digest()


def payload(plan_id: int, content: bytes, drawn_on: dict[str, str], wanted_from: datetime | None) -> dict[str, Any]:
    """What another person says yes to."""
    return {"plan": plan_id, "digest": content.hex(), "drawn_on": drawn_on,
            "wanted_from": None if wanted_from is None else wanted_from.isoformat()}  # fmt: skip


def not_there(plan: PlanFacts, wanted: str) -> PlanNotThere:
    zh, en = drafts.STATE_NAMES[plan.state]
    return PlanNotThere(
        f"Plan {plan.id} is {en}; it cannot be {wanted}. 方案{zh}。", field="plan_id", remedy="Look at where it stands."
    )


def _summary(plan: PlanFacts, found: Coming, wanted_from: datetime | None) -> str:
    when = "批准后即生效 once approved" if wanted_from is None else f"{wanted_from.isoformat(timespec='minutes')}"
    said = (f"网格调整方案“{plan.name}”：变更 {len(found.areas)}，终止 {len(found.ending)}；生效 {when}. "
            f"Plan “{plan.name}”: {len(found.areas)} areas change, {len(found.ending)} end.")  # fmt: skip
    return said[:500]
