"""`/plans`: boundary plans, the communities that each draws, the ground below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, BoxQuery, CallerDep, HouseDep, LimitQuery, box
from gridgov.api.plan_shapes import (
    MetricBody,
    MetricList,
    NewPartBody,
    NewPlanBody,
    OverviewGrid,
    OverviewPage,
    PartBody,
    PartPage,
    PlanBody,
    PlanChangeBody,
    PlanPage,
)
from gridgov.bootstrap import Work
from gridgov.planning import drafts, overview, service
from gridgov.planning.drafts import PlanFacts
from gridgov.planning.metrics import METRICS
from gridgov.planning.publishing import PUBLISH
from gridgov.planning.rules import PlanState

router = APIRouter(tags=["plans"])
CURSOR = paging.pack(["17"])
GRID_CURSOR = paging.pack(["1", "1"])

PlanPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a plan.", examples=[1])]
PartPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a part of the plan.", examples=[1])]
CursorQuery = Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])]


@router.get("/plans", summary="Plans")
def listed(
    house: HouseDep,
    caller: CallerDep,
    state: Annotated[PlanState | None, Query(description="Only in this state.")] = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> PlanPage:
    """Newest first, those that were dropped too."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        found = service.find(work.session, state=state, before=paging.number(key), limit=limit + 1)
        items = bodies(work, found[:limit])
    return PlanPage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)


@router.post("/plans", status_code=201, summary="Make a plan")
def make(house: HouseDep, caller: CallerDep, asked: NewPlanBody, response: Response) -> PlanBody:
    """A draft: a copy of another plan, or begun from the boundaries in force. Communities can be added later."""
    with house.acting(caller) as work:
        plan_id = service.create(
            work.session,
            work.actor,
            name=asked.name,
            purpose=asked.purpose,
            target=None if asked.target is None else asked.target.target(),
            copy_of=asked.copy_of,
            communities=asked.communities,
            now=work.now,
        )
        made = body(work, plan_id)
    response.headers["Location"] = f"/api/v1/plans/{plan_id}"
    return made


@router.get("/plans/metrics", summary="What is measured")
def metrics(house: HouseDep, caller: CallerDep) -> MetricList:
    """The registry of metrics: of each its version, its definition and where that comes from."""
    with house.acting(caller):
        return MetricList(items=[MetricBody.of(one) for one in METRICS])


@router.get("/plans/{plan_id}", summary="One plan")
def one(house: HouseDep, caller: CallerDep, plan_id: PlanPath) -> PlanBody:
    """As it stands."""
    with house.acting(caller) as work:
        return body(work, plan_id)


@router.patch("/plans/{plan_id}", summary="Change name, purpose or target")
def change(house: HouseDep, caller: CallerDep, plan_id: PlanPath, asked: PlanChangeBody) -> PlanBody:
    """Of a draft. 409 when somebody else has changed it since it was read."""
    with house.acting(caller) as work:
        service.change(
            work.session,
            work.actor,
            plan_id,
            revision=asked.revision,
            name=asked.name,
            purpose=asked.purpose,
            target=None if asked.target is None else asked.target.target(),
            now=work.now,
        )
        return body(work, plan_id)


@router.delete("/plans/{plan_id}", summary="Drop a plan")
def drop(house: HouseDep, caller: CallerDep, plan_id: PlanPath) -> PlanBody:
    """A draft, or one under review. Nothing is deleted: it can still be read, copied, and taken up again."""
    with house.acting(caller) as work:
        service.drop(work.session, work.actor, plan_id, now=work.now)
        return body(work, plan_id)


@router.get("/plans/{plan_id}/parts", summary="Its communities")
def parts(
    house: HouseDep, caller: CallerDep, plan_id: PlanPath, limit: LimitQuery = 100, cursor: CursorQuery = None
) -> PartPage:
    """By id of the community."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        found = drafts.parts(work.session, plan_id, after=paging.number(key) or 0, limit=limit + 1)
    items = [PartBody.of(one) for one in found[:limit]]
    return PartPage(items=items, next=paging.pack([str(items[-1].community_id)]) if len(found) > limit else None)


@router.post("/plans/{plan_id}/parts", status_code=201, summary="Add a community")
def add_part(house: HouseDep, caller: CallerDep, plan_id: PlanPath, asked: NewPartBody, response: Response) -> PartBody:
    """On its newest ground, drawn as the boundaries in force have it."""
    with house.acting(caller) as work:
        part_id = service.add_part(
            work.session, work.actor, plan_id, asked.community_id, count_id=asked.count_id, now=work.now
        )
        made = PartBody.of(drafts.part(work.session, part_id))
    response.headers["Location"] = f"/api/v1/plans/{plan_id}/parts/{part_id}"
    return made


@router.get("/plans/{plan_id}/parts/{part_id}", summary="One community of it")
def part(house: HouseDep, caller: CallerDep, plan_id: PlanPath, part_id: PartPath) -> PartBody:
    """Without what is drawn. `outdated` says that newer ground, or a newer count, is there."""
    with house.acting(caller) as work:
        return PartBody.of(drafts.part(work.session, part_id, plan_id=plan_id))


@router.get("/plans/{plan_id}/grids", summary="Its grids on a map")
def grids(
    house: HouseDep,
    caller: CallerDep,
    plan_id: PlanPath,
    bbox: BoxQuery = None,
    geometry: Annotated[bool, Query(description="With shapes.")] = True,
    simple: Annotated[bool, Query(description="Simplified shapes; neighbours still meet.")] = True,
    limit: LimitQuery = 500,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[GRID_CURSOR])] = None,
) -> OverviewPage:
    """By community and number, page by page. What is drawn once is remembered, until it is drawn anew."""
    key = paging.unpack(cursor, 2)
    after = (paging.number(key[:1]) or 0, paging.number(key[1:]) or 0) if key else (0, 0)
    with house.acting(caller) as work:
        plan = drafts.plan(work.session, plan_id)
        found = overview.page(
            work.session, house.overviews, plan, simple=simple, box=box(bbox), after=after, limit=limit + 1
        )
    items = [OverviewGrid.of(one, geometry=geometry) for one in found[:limit]]
    last = items[-1] if len(found) > limit else None
    return OverviewPage(items=items, next=last and paging.pack([str(last.community_id), str(last.number)]))


def body(work: Work, plan_id: int) -> PlanBody:
    """A plan as it stands now."""
    return bodies(work, [drafts.plan(work.session, plan_id)])[0]


def bodies(work: Work, plans: Sequence[PlanFacts]) -> list[PlanBody]:
    """With the names of accounts for those who draw or decide."""
    named = work.actor.may(drafts.EDIT) or work.actor.may(PUBLISH)
    told = drafts.told(work.session, plans, named=named)
    return [PlanBody.of(one, told[one.id]) for one in plans]
