"""`/plans/…`: from a draft to boundaries in force: preview, submission, activations, changes, matters, roll-back.

Another person decides at `/approvals`; the platform itself puts in force what was approved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery, PointDep, instant
from gridgov.api.plan_shapes import PlanBody
from gridgov.api.plan_time_shapes import (
    ActivationBody,
    ActivationPage,
    ChangeBody,
    ChangeList,
    CountsBody,
    MatterBody,
    MatterList,
    MovingCase,
    MovingPage,
    PlacedBody,
    PreviewBody,
    RollBackBody,
    SubmissionBody,
    SubmittedBody,
    TakenBackBody,
)
from gridgov.api.routes.plans import CURSOR, CursorQuery, PlanPath, body
from gridgov.api.shapes import AreaBody
from gridgov.areas.index import AreaIndex
from gridgov.bootstrap import FOLLOWERS, Caller, House, Work
from gridgov.cases import homing
from gridgov.incidents import under
from gridgov.planning import activation, coming, drafts, matters, preview, publishing, steering

router = APIRouter(tags=["plans"])
PREVIEW_MS = 60_000
FromQuery = Annotated[
    str | None, Query(alias="from", description="Instant or date; default: a year ago.", examples=["2026-01-01"])
]
UntilQuery = Annotated[str | None, Query(description="Instant or date; default: now.", examples=["2026-11-01"])]


@router.get("/plans/activations", summary="What took effect, and when")
def activations(
    house: HouseDep,
    caller: CallerDep,
    plan: Annotated[int | None, Query(ge=1, le=MAX_ID, description="Only of this plan.", examples=[1])] = None,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> ActivationPage:
    """Newest first. Nothing is ever taken out: a roll-back is an activation of its own."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        found = activation.find(work.session, plan_id=plan, before=paging.number(key), limit=limit + 1)
    items = [ActivationBody.of(row) for row in found[:limit]]
    return ActivationPage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)


@router.post("/plans/{plan_id}/submission", summary="Submit a draft")
def submit(house: HouseDep, caller: CallerDep, plan_id: PlanPath, asked: SubmissionBody) -> SubmittedBody:
    """As it stands: nothing of it can be changed then. Refused while findings block it, or matters have nobody."""
    with house.acting(caller, timeout_ms=PREVIEW_MS) as work:
        wanted = None if asked.wanted_from is None else instant(
            asked.wanted_from.isoformat(), house.zone(work), "wanted_from")  # fmt: skip
        done = publishing.submit(
            work.session, work.actor, plan_id, wanted_from=wanted, index=_index(house, work), followers=FOLLOWERS,
            now=work.now,
        )  # fmt: skip
        assert done.approval is not None  # somebody asked
        plan = body(work, plan_id)
    return SubmittedBody(plan=plan, approval_id=done.approval.id, expires_at=done.approval.expires_at)


@router.post("/plans/{plan_id}/withdrawal", summary="Take a submitted plan back")
def withdraw(house: HouseDep, caller: CallerDep, plan_id: PlanPath, asked: TakenBackBody) -> PlanBody:
    """A draft again, also when it was approved already and has not taken effect. Only who submitted it."""
    with house.acting(caller) as work:
        publishing.withdraw(work.session, work.actor, plan_id, reason=asked.reason, now=work.now)
        return body(work, plan_id)


@router.post("/plans/{plan_id}/roll-back", status_code=201, summary="Bring boundaries of before back")
def roll_back(
    house: HouseDep, caller: CallerDep, plan_id: PlanPath, asked: RollBackBody, response: Response
) -> PlanBody:
    """A new draft, on the ground that the plan changed. Areas come back under their own ids and codes."""
    with house.acting(caller) as work:
        made = steering.roll_back(work.session, work.actor, plan_id, before=asked.before, name=asked.name, now=work.now)
        plan = body(work, made)
    response.headers["Location"] = f"/api/v1/plans/{made}"
    return plan


@router.post("/plans/{plan_id}/resumption", summary="Take a dropped plan up again")
def take_up(house: HouseDep, caller: CallerDep, plan_id: PlanPath) -> PlanBody:
    """A draft again, drawn as it was when it was dropped."""
    with house.acting(caller) as work:
        publishing.take_up(work.session, work.actor, plan_id, now=work.now)
        return body(work, plan_id)


@router.get("/plans/{plan_id}/changes", summary="Changes above the grids")
def changes(house: HouseDep, caller: CallerDep, plan_id: PlanPath) -> ChangeList:
    """Communities that merge, a tier that ceases or comes back, areas with another parent, name or code."""
    with house.acting(caller) as work:
        drafts.plan(work.session, plan_id)
        return ChangeList(items=[ChangeBody.of(one) for one in coming.changes_of(work.session, plan_id)])


@router.put("/plans/{plan_id}/changes", summary="Set the changes above the grids")
def put_changes(house: HouseDep, caller: CallerDep, plan_id: PlanPath, asked: ChangeList) -> PlanBody:
    """These in place of all that the draft has. By a planner of the whole city."""
    with house.acting(caller) as work:
        wanted = [one.change() for one in asked.items]
        steering.put_changes(work.session, work.actor, plan_id, wanted, now=work.now)
        return body(work, plan_id)


@router.get("/plans/{plan_id}/matters", summary="Who takes over which matter")
def listed_matters(house: HouseDep, caller: CallerDep, plan_id: PlanPath) -> MatterList:
    """Matters of bodies that cease. The preview names those that nobody takes over yet."""
    with house.acting(caller) as work:
        drafts.plan(work.session, plan_id)
        return MatterList(items=[MatterBody.of(one) for one in matters.of(work.session, plan_id)])


@router.put("/plans/{plan_id}/matters", summary="Say who takes over which matter")
def put_matters(house: HouseDep, caller: CallerDep, plan_id: PlanPath, asked: MatterList) -> PlanBody:
    """These in place of all that the draft has."""
    with house.acting(caller) as work:
        taken = [one.takeover() for one in asked.items]
        steering.put_matters(work.session, work.actor, plan_id, taken, now=work.now)
        return body(work, plan_id)


@router.get("/plans/{plan_id}/preview", summary="Everything that would move")
def previewed(house: HouseDep, caller: CallerDep, plan_id: PlanPath) -> PreviewBody:
    """If the plan took effect now. Counts and codes; no person is named."""
    with _looking(house, caller) as work:
        index = _index(house, work)
        plan = drafts.plan(work.session, plan_id)
        found = preview.preview(work.session, plan, index, FOLLOWERS, now=work.now)
        return PreviewBody.of(found, index, found.after)


@router.get("/plans/{plan_id}/preview/cases", summary="Open cases that would move")
def moving_cases(
    house: HouseDep, caller: CallerDep, plan_id: PlanPath, limit: LimitQuery = 100, cursor: CursorQuery = None
) -> MovingPage:
    """By number, with the grid from which and to which each goes."""
    after = paging.number(paging.unpack(cursor, 1)) or 0
    with _looking(house, caller) as work:
        redrawn = coming.coming(work.session, _index(house, work), plan_id, now=work.now).redrawn(work.now)
        found = [one for one in homing.going(work.session, redrawn, lock=False)
                 if one.elsewhere and one.row.number > after][: limit + 1]  # fmt: skip
    items = []
    for one in found[:limit]:
        before = redrawn.before.get(one.row.grid_id or one.row.unit_id or 0)
        to = redrawn.after.get(one.area_id)
        items.append(MovingCase(number=one.row.number, before=None if before is None else before.code,
                                after=None if to is None else to.code))  # fmt: skip
    return MovingPage(items=items, next=paging.pack([str(items[-1].number)]) if len(found) > limit else None)


@router.get("/plans/{plan_id}/locate", summary="Where a point lies by a plan")
def located(house: HouseDep, caller: CallerDep, plan_id: PlanPath, point: PointDep) -> PlacedBody:
    """By a draft, or by a plan of the past as all boundaries were when it took effect."""
    with house.acting(caller, timeout_ms=PREVIEW_MS) as work:
        plan = drafts.plan(work.session, plan_id)
        found = preview.locate(work.session, plan, _index(house, work), point.x, point.y, now=work.now)
    return PlacedBody(inside=found.inside, path=[AreaBody.of(area) for area in found.path])


@router.get("/plans/{plan_id}/counts", summary="Incidents as they are and by a plan")
def counted(
    house: HouseDep, caller: CallerDep, plan_id: PlanPath, start: FromQuery = None, until: UntilQuery = None
) -> CountsBody:
    """Of the grids that differ, each incident once on both sides."""
    with _looking(house, caller) as work:
        since, end = _span(house, work, start, until)
        plan = drafts.plan(work.session, plan_id)
        redrawn = preview.redrawn_by(work.session, plan, _index(house, work), now=work.now)
        now, by_plan = under.counts(
            work.session, redrawn.before, redrawn.after, redrawn.grids, redrawn.units, since=since, until=end
        )
    return CountsBody.of(now, by_plan, redrawn.before, redrawn.after)


@contextmanager
def _looking(house: House, caller: Caller) -> Iterator[Work]:
    """A transaction that may take longer, as the platform's own role that counts and shows nobody."""
    with house.acting(caller, timeout_ms=PREVIEW_MS) as work:
        yield work


def _index(house: House, work: Work) -> AreaIndex:
    return house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))


def _span(house: House, work: Work, start: str | None, until: str | None) -> tuple[datetime, datetime]:
    zone = house.zone(work)
    end = instant(until, zone, "until") or work.now
    return instant(start, zone, "from") or end - timedelta(days=365), end
