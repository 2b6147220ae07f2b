"""`/plans/{plan_id}/parts/{part_id}/…`: what is drawn in one community, drawing, undoing, the log, findings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse
from fastapi.responses import Response as PlainResponse

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.plan_board_shapes import (
    BoardBody,
    CarriedBody,
    DoneBody,
    FindingBody,
    FindingsBody,
    GridBody,
    LineBody,
    LogPage,
    OperationsBody,
    RebaseBody,
    RedoBody,
    RevisionBody,
    cases_month,
    geojson,
    in_metres,
    open_cases,
    original,
    redrawn,
)
from gridgov.api.plan_shapes import PartBody, TargetBody
from gridgov.api.routes.plans import CURSOR, PartPath, PlanPath
from gridgov.bootstrap import Caller, House, Work
from gridgov.planning import drafts, editing, history
from gridgov.planning.board import Board, publishable
from gridgov.planning.drafts import PartFacts
from gridgov.planning.editing import Done

router = APIRouter(tags=["plans"])
NoneMatch = Annotated[str | None, Header(description="The tag that is held already.", examples=['"0"'])]
SAME: dict[int | str, dict[str, Any]] = {304: {"description": "What is held already is what is drawn."}}


_Step = Callable[[Work, PartFacts], Done]


@router.get("/plans/{plan_id}/parts/{part_id}/board", summary="What is drawn", response_model=BoardBody, responses=SAME)
def board(
    house: HouseDep,
    caller: CallerDep,
    plan_id: PlanPath,
    part_id: PartPath,
    shapes: Annotated[bool, Query(description="With the shape of each grid.")] = False,
    if_none_match: NoneMatch = None,
) -> PlainResponse:
    """The grid of each atom, the grids with their metrics, sums. The tag follows from what is drawn: 304 for the same.
    The atoms themselves are at /plans/bases/{basis_id}/atoms."""
    with house.acting(caller) as work:
        facts = drafts.part(work.session, part_id, plan_id=plan_id)
        plan = drafts.plan(work.session, plan_id)
        around = house.boards.around(work.session, facts, now=work.now)
        tag = _tag(facts, plan.revision, work.now, "" if around is None else around.digest, shapes=shapes)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
        if if_none_match is not None and tag in if_none_match:
            return PlainResponse(status_code=304, headers=headers)
        with house.boards.board(work.session, facts, plan.target, now=work.now) as found:
            body = _board(found, facts, shapes=shapes)
    return JSONResponse(body.model_dump(mode="json"), headers=headers)


def _tag(facts: PartFacts, plan: int, now: datetime, around: str, *, shapes: bool) -> str:
    """Of all that the answer follows from."""
    parts = (
        facts.digest.hex(), facts.revision, plan, facts.newest_basis_id, facts.newest_count_id, facts.load_upto,
        f"{now:%Y%m}", around, int(shapes),
    )  # fmt: skip
    return f'"{"-".join(map(str, parts))}"'


def _board(found: Board, facts: PartFacts, *, shapes: bool) -> BoardBody:
    sheet, ground = found.sheet, found.ground
    return BoardBody(
        part=PartBody.of(facts),
        target=TargetBody.of(found.target),
        counted_on=ground.counted_on,
        assignment=sheet.assignment.tolist(),
        households=ground.households.tolist(),
        grids=[GridBody.of(sheet.grids[one], found.metrics(one)) for one in sorted(sheet.grids)],
        totals=dict(found.totals()),
        redrawn=redrawn(found),
        cases_month=cases_month(found),
        open_cases=open_cases(found),
        original=original(found),
        shapes={one: geojson(shape, ground.projection) for one, shape in found.shapes().items()} if shapes else None,
    )


@router.get("/plans/{plan_id}/parts/{part_id}/findings", summary="What there is to say of it")
def findings(house: HouseDep, caller: CallerDep, plan_id: PlanPath, part_id: PartPath) -> FindingsBody:
    """Warnings while it is drawn; what blocks keeps it from being published, and from nothing else."""
    with house.acting(caller) as work:
        facts = drafts.part(work.session, part_id, plan_id=plan_id)
        with house.boards.board(work.session, facts, drafts.plan(work.session, plan_id).target, now=work.now) as found:
            items = [FindingBody.of(one, found.ground.projection) for one in found.findings()]
            return FindingsBody(revision=facts.revision, publishable=not publishable(found), items=items)


@router.get("/plans/{plan_id}/parts/{part_id}/operations", summary="The log")
def log(
    house: HouseDep,
    caller: CallerDep,
    plan_id: PlanPath,
    part_id: PartPath,
    after: Annotated[int, Query(ge=0, le=MAX_ID, description="Only operations after this number.")] = 0,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> LogPage:
    """Newest first. Nothing in it ever changes: undoing appends the inverse."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        drafts.part(work.session, part_id, plan_id=plan_id)
        named = work.actor.may("plans.edit") or work.actor.may("plans.publish")
        found = history.log(work.session, part_id, before=paging.number(key), after=after, limit=limit + 1, named=named)
    items = [LineBody.of(one) for one in found[:limit]]
    return LogPage(items=items, next=paging.pack([str(items[-1].no)]) if len(found) > limit else None)


@router.post("/plans/{plan_id}/parts/{part_id}/operations", summary="Draw")
def operate(
    house: HouseDep, caller: CallerDep, plan_id: PlanPath, part_id: PartPath, asked: OperationsBody
) -> DoneBody:
    """All operations or none. 409 `sheet-moved-on` when somebody has drawn since the revision that was read; `changes`
    of the problem says who, what and in which grids."""

    def step(work: Work, facts: PartFacts) -> Done:
        ground = house.boards.ground(work.session, facts.basis_id, facts.count_id)
        operations = in_metres(asked.operations, ground.projection)
        return editing.operate(
            work.session, work.actor, part_id, operations, revision=asked.revision, boards=house.boards, now=work.now
        )

    return _drawn(house, caller, plan_id, part_id, step)


@router.post("/plans/{plan_id}/parts/{part_id}/undo", summary="Undo")
def undo(house: HouseDep, caller: CallerDep, plan_id: PlanPath, part_id: PartPath, asked: RevisionBody) -> DoneBody:
    """The last operation that stands, whoever made it: `about` says whose it was. There is no limit to how many."""

    def step(work: Work, _facts: PartFacts) -> Done:
        return editing.undo(
            work.session, work.actor, part_id, revision=asked.revision, boards=house.boards, now=work.now
        )

    return _drawn(house, caller, plan_id, part_id, step)


@router.post("/plans/{plan_id}/parts/{part_id}/redo", summary="Do again")
def redo(house: HouseDep, caller: CallerDep, plan_id: PlanPath, part_id: PartPath, asked: RedoBody) -> DoneBody:
    """What was undone last, as long as nothing else was drawn since."""

    def step(work: Work, _facts: PartFacts) -> Done:
        return editing.redo(
            work.session, work.actor, part_id, revision=asked.revision, boards=house.boards, now=work.now
        )

    return _drawn(house, caller, plan_id, part_id, step)


@router.post("/plans/{plan_id}/parts/{part_id}/rebase", summary="Draw on the newest ground")
def rebase(house: HouseDep, caller: CallerDep, plan_id: PlanPath, part_id: PartPath, asked: RebaseBody) -> CarriedBody:
    """The same drawing on the newest basis with its newest count, by the keys of atoms and by overlap; the answer says
    what could not be carried. It can be undone."""
    with house.acting(caller) as work:
        drafts.part(work.session, part_id, plan_id=plan_id)
        done, carried = editing.rebase(
            work.session, work.actor, part_id, revision=asked.revision, boards=house.boards, now=work.now
        )
    return CarriedBody.of(done, carried)


def _drawn(house: House, caller: Caller, plan_id: int, part_id: int, step: _Step) -> DoneBody:
    """Takes a step, and says how the board stands after it."""
    with house.acting(caller) as work:
        facts = drafts.part(work.session, part_id, plan_id=plan_id)
        done = step(work, facts)
        if done.changed is None:
            return DoneBody.of(done, None)
        after = drafts.part(work.session, part_id)
        with house.boards.board(work.session, after, drafts.plan(work.session, plan_id).target, now=work.now) as board:
            return DoneBody.of(done, board)
