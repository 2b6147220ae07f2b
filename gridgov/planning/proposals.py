"""Verbs of jobs: ask for proposals or for the load of a plan, look at a job, end it.

Owns what may be asked for and by whom. Does not own the work (`worker`), nor the life of a plan (`service`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.rules import Kind
from gridgov.auth.rules import Actor
from gridgov.geo.partition.solve import EFFORT
from gridgov.planning import drafts
from gridgov.planning.proposing import Mode, Settings
from gridgov.planning.queries import jobs as queries
from gridgov.planning.rules import Target
from gridgov.platform.errors import BadInput, Conflict, NotFound

OPEN = frozenset({"queued", "running"})
MOST_EFFORT, MOST_SEED, MOST_PRICE = 10_000, 2**31 - 1, 1e6


class JobUnknown(NotFound):
    """No job of this id."""

    code = "plan-job-unknown"


class JobOver(Conflict):
    """A job that is over cannot be ended."""

    code = "plan-job-over"


class JobTaken(Conflict):
    """The id was taken for something else."""

    code = "plan-job-id-taken"


class GridsNotThere(BadInput):
    """Grids are chosen in one community, among those that are drawn and may be drawn anew."""

    code = "grids-not-there"


class CommunityNotInPlan(BadInput):
    """The plan does not draw this community."""

    code = "community-not-in-plan"


@dataclass(frozen=True, slots=True)
class Part:
    """What a job has done with one community: drawn, unchanged, conflict or failed; `result` says more."""

    community_id: int
    code: str | None
    names: Mapping[str, str]
    state: str
    result: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job as it stands. `done` of `total` communities; `said`: where it is, in words."""

    id: UUID
    plan_id: int
    kind: str
    settings: Mapping[str, Any]
    state: str
    done: int
    total: int
    said: str
    result: Mapping[str, Any]
    cancel: bool
    asked_at: datetime
    asked_by: int | None
    ended_at: datetime | None
    parts: tuple[Part, ...] = ()

    @property
    def over(self) -> bool:
        return self.state not in OPEN


def ask(
    session: Session,
    actor: Actor | None,
    plan_id: int,
    *,
    ident: UUID,
    communities: Sequence[int] | None = None,
    target: Target | None = None,
    rural: Target | None = None,
    seed: int = 1,
    effort: int = EFFORT,
    mode: Mode = Mode.FRESH,
    price: float = 0.0,
    grids: Sequence[int] | None = None,
    now: datetime,
) -> JobFacts:
    """Asks for proposals in some communities of a draft, or in all; the same id again is the job that is there.
    `grids`: of the one community that is named, only these and the ground that lies in none.

    `target` None: that of the plan. `price`: metres of boundary along a street that one moved household is worth; it
    is of use only where something is drawn already. None as the actor: the owner. Raises `PlanUnknown`, `PlanClosed`,
    `CommunityNotInPlan`, `CommunityNotYours`, `GridsNotThere`, `BadInput`, `JobTaken`.
    """
    if actor is not None:
        actor.require(drafts.EDIT)
    plan = drafts.open_plan(drafts.hold(session, plan_id, alone=False))
    chosen = None if grids is None else tuple(sorted(set(grids)))
    settings = _checked(Settings(target or plan.target, rural, seed, effort, mode, price, chosen))
    parts = {one.community_id: one for one in drafts.parts(session, plan_id)}
    there = list(parts)
    wanted = there if communities is None else list(dict.fromkeys(communities))
    missing = [one for one in wanted if one not in set(there)]
    if missing or not wanted:
        raise CommunityNotInPlan(
            f"The plan does not draw the community {missing[0]}." if missing else "The plan has no community yet.",
            field="communities",
            remedy="Add it to the plan first (POST /api/v1/plans/{plan_id}/parts).",
        )
    drafts.may_draw(session, actor, wanted)
    if chosen is not None:
        _there(session, [parts[one].id for one in wanted], chosen)
    return _add(
        session, actor, plan_id, ident, "propose", settings.document() | {"communities": wanted}, len(wanted), now
    )


def ask_load(
    session: Session, actor: Actor | None, plan_id: int, *, ident: UUID, anew: bool, now: datetime
) -> JobFacts:
    """Asks that the load under a plan be brought up to date, or counted anew. Raises `PlanUnknown`, `JobTaken`."""
    if actor is not None:
        actor.require(drafts.EDIT)
    drafts.hold(session, plan_id, alone=False)
    return _add(session, actor, plan_id, ident, "load", {"anew": anew}, 1, now)


def job(session: Session, ident: UUID, *, plan_id: int | None = None, parts: bool = True) -> JobFacts:
    """A job and what it has done with each community. Raises `JobUnknown`, also for a job of another plan."""
    row = queries.one(session, ident)
    if row is None or plan_id not in (None, row.plan_id):
        raise JobUnknown(
            f"There is no job {ident}.", field="job_id", remedy="List them with /api/v1/plans/{plan_id}/proposals."
        )
    facts = _facts(row)
    return replace(facts, parts=tuple(_part(one) for one in queries.parts(session, ident))) if parts else facts


def find(
    session: Session,
    *,
    plan_id: int | None = None,
    state: str | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> list[JobFacts]:
    """Jobs, newest first, without their communities."""
    return [_facts(row) for row in queries.page(session, plan_id, state, before, limit)]


def cancel(
    session: Session, actor: Actor | None, ident: UUID, *, plan_id: int | None = None, now: datetime
) -> JobFacts:
    """Ends a job. What has been drawn stays, and can be undone; the community at work is left as it was. Whoever works
    at it hears of it within a second. Raises `JobUnknown`, `JobOver`, `CommunityNotYours`."""
    if actor is not None:
        actor.require(drafts.EDIT)
    found = job(session, ident, plan_id=plan_id, parts=False)
    if found.kind == "propose":
        drafts.may_draw(session, actor, found.settings["communities"])
    if queries.cancel(session, ident, now=now, said="已取消 cancelled") is None:
        raise JobOver(
            f"The job is over: {found.state}. 任务已结束。",
            field="job_id",
            remedy="Undo what it drew, if need be. 可撤销其结果。",
        )
    return job(session, ident)


def _add(
    session: Session,
    actor: Actor | None,
    plan_id: int,
    ident: UUID,
    kind: str,
    settings: dict[str, Any],
    total: int,
    now: datetime,
) -> JobFacts:
    values = {"id": ident, "plan": plan_id, "kind": kind, "settings": settings, "total": total, "now": now}
    new = queries.add(session, values | {"by": None if actor is None else actor.account_id})
    found = job(session, ident, parts=not new)
    if not new and (found.plan_id, found.kind, dict(found.settings)) != (plan_id, kind, settings):
        raise JobTaken(
            f"The id {ident} was taken for another job.", field="id", remedy="Make a new id for each thing asked for."
        )
    return found


def _there(session: Session, parts: Sequence[int], chosen: Sequence[int]) -> None:
    """Raises `GridsNotThere`."""
    remedy = "Choose grids of one community that are neither locked nor special. 请在一个社区内选择未锁定的网格。"
    if len(parts) != 1 or not chosen:
        raise GridsNotThere("Grids are chosen in one community.", field="grids", remedy=remedy)
    drawn = drafts.sheet(session, parts[0]).grids
    for number in chosen:
        found = drawn.get(number)
        if found is None or found.locked or found.kind is Kind.SPECIAL:
            why = "is not there" if found is None else "stays as it is"
            raise GridsNotThere(f"Grid {number} {why}. 网格 {number} 不能重新划分。", field="grids", remedy=remedy)


def _checked(settings: Settings) -> Settings:
    """Raises `BadInput`."""
    for name, target in (("target", settings.target), ("rural", settings.rural)):
        if target is not None and not (1 <= target.households <= 100_000 and 0 <= target.band <= 1 and target.least):
            raise BadInput(
                f"{target.households} households ± {target.band} is no target.",
                field=name,
                remedy="At least one household in every grid, and a band below 1: 300 and 0.1.",
            )
    limits = {"seed": (settings.seed, 0, MOST_SEED), "effort": (settings.effort, 1, MOST_EFFORT),
              "price": (settings.price, 0, MOST_PRICE)}  # fmt: skip
    for name, (value, least, most) in limits.items():
        if not least <= value <= most:
            raise BadInput(f"{value} is not between {least} and {most:.0f}.", field=name, remedy="Give another value.")
    if settings.price and settings.mode is Mode.FRESH:
        raise BadInput(
            "Dividing anew heeds no grid that is drawn; a price of moved households says nothing there.",
            field="price",
            remedy="Leave it out, or ask for “resume” or “repair”.",
        )
    return settings


def _facts(row: Row[Any]) -> JobFacts:
    names = ("id", "plan_id", "kind", "settings", "state", "done", "total", "said", "result", "cancel", "asked_at",
             "asked_by", "ended_at")  # fmt: skip
    return JobFacts(**{name: getattr(row, name) for name in names})


def _part(row: Row[Any]) -> Part:
    return Part(row.community_id, row.code, row.names or {}, row.state, row.result, row.at)
