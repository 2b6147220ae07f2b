"""`/admissions`: an agency asks to place work on sub-districts or communities; opinions, decision, and what came of it.

Owns requests. Does not own the ledger, alerts, burden and the register of appraisals (`funding`, on the same path).
"""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Path, Query

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.requested import (
    SHOWN_TARGETS,
    AdmissionBody,
    AdmissionPage,
    AskBody,
    DetailBody,
    GivenBody,
    HearingBody,
    NewBody,
    OpinionBody,
    PlacedBody,
    StepBody,
    TakenBackBody,
    VerdictBody,
    agency_of,
)
from gridgov.areas.index import AreaIndex
from gridgov.bootstrap import House, Work
from gridgov.duties import admission as verbs
from gridgov.duties import admitting
from gridgov.duties.admission import Admission
from gridgov.duties.admitting import State

router = APIRouter(prefix="/admissions", tags=["admissions"])
CURSOR = paging.pack(["17"])
AdmissionPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a request.", examples=[1])]
CursorQuery = Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])]


@router.get("", summary="Requests for admission")
def admissions(
    house: HouseDep,
    caller: CallerDep,
    state: Annotated[State | None, Query(description="Only those in this state now.", examples=["heard"])] = None,
    agency: Annotated[str | None, Query(description="Code of the agency that asks.", examples=["HW"])] = None,
    area: Annotated[
        int | None, Query(ge=1, le=MAX_ID, description="Only what is placed on this area.", examples=[1])
    ] = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> AdmissionPage:
    """Newest first. An agency sees its own and those under it; others what was submitted for their areas."""
    with house.acting(caller) as work:
        found = verbs.find(
            work.session,
            work.actor,
            now=work.now,
            state=state,
            agency_id=None if agency is None else agency_of(work, agency),
            area_id=area,
            before=before(cursor),
            limit=limit + 1,
        )
        hearings = _hearings(work, found)
    items = [AdmissionBody.of(one, hearings) for one in found[:limit]]
    return AdmissionPage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)


@router.post("", summary="Ask for admission", status_code=201)
def create(house: HouseDep, caller: CallerDep, body: NewBody) -> DetailBody:
    """A draft of your own agency, or one under it. Nobody else sees it until it is submitted."""
    with house.acting(caller) as work:
        asked = body.asked(work, house.zone(work))
        return _detail(house, work, verbs.create(work.session, work.actor, body.key, asked, now=work.now))


@router.get("/{admission_id}", summary="One request")
def admission(house: HouseDep, caller: CallerDep, admission_id: AdmissionPath) -> DetailBody:
    """With all opinions, silence as silence."""
    with house.acting(caller) as work:
        found = verbs.get(work.session, work.actor, admission_id, now=work.now, permission=caller.permission)
        return _detail(house, work, found)


@router.put("/{admission_id}", summary="Write a draft anew")
def change(house: HouseDep, caller: CallerDep, admission_id: AdmissionPath, body: AskBody) -> DetailBody:
    """The whole of it; what is left out is empty afterwards."""
    with house.acting(caller) as work:
        asked = body.asked(work, house.zone(work))
        return _detail(house, work, verbs.change(work.session, work.actor, admission_id, asked, now=work.now))


@router.post("/{admission_id}/submission", summary="Submit a request")
def submit(house: HouseDep, caller: CallerDep, admission_id: AdmissionPath) -> DetailBody:
    """From now on every unit concerned is asked, for five working days. Nothing of it changes any more."""
    with house.acting(caller) as work:
        done = verbs.submit(
            work.session,
            work.actor,
            admission_id,
            index=boundaries(house, work),
            calendar=house.calendar(work),
            now=work.now,
        )
        return _detail(house, work, done)


@router.post("/{admission_id}/opinions", summary="Give your unit's opinion")
def opine(house: HouseDep, caller: CallerDep, admission_id: AdmissionPath, body: GivenBody) -> DetailBody:
    """Once, by somebody posted in the unit itself; it stands as it was given."""
    with house.acting(caller) as work:
        index = boundaries(house, work)
        done = verbs.opine(
            work.session,
            work.actor,
            admission_id,
            support=body.support,
            reason=body.reason,
            index=index,
            now=work.now,
        )
        return _detail(house, work, done)


@router.post("/{admission_id}/decision", summary="Admit or refuse")
def decide(house: HouseDep, caller: CallerDep, admission_id: AdmissionPath, body: VerdictBody) -> DetailBody:
    """By the district of all targets, or the city, once the units were heard; never by the body that asks."""
    with house.acting(caller) as work:
        done = verbs.decide(
            work.session,
            work.actor,
            admission_id,
            verdict=body.verdict,
            reason=body.reason,
            document=body.document,
            conditions=body.conditions,
            index=boundaries(house, work),
            now=work.now,
        )
        return _detail(house, work, done)


@router.post("/{admission_id}/withdrawal", summary="Take a request back")
def withdraw(house: HouseDep, caller: CallerDep, admission_id: AdmissionPath, body: TakenBackBody) -> DetailBody:
    """By its agency, also when it is in force: then it ends now."""
    return _withdrawn(house, caller, admission_id, body)


@router.post("/{admission_id}/revocation", summary="End an admission")
def revoke(house: HouseDep, caller: CallerDep, admission_id: AdmissionPath, body: TakenBackBody) -> DetailBody:
    """By the district that may decide on it, where conditions or money were not kept."""
    return _withdrawn(house, caller, admission_id, body)


def _withdrawn(house: House, caller: CallerDep, admission_id: int, body: TakenBackBody) -> DetailBody:
    with house.acting(caller) as work:
        index = boundaries(house, work)
        done = verbs.withdraw(work.session, work.actor, admission_id, reason=body.reason, index=index, now=work.now)
        return _detail(house, work, done)


def boundaries(house: House, work: Work) -> AreaIndex:
    """The areas in force now."""
    return house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))


def before(cursor: str | None) -> int | None:
    """The id in a cursor. Raises `BadInput`."""
    key = paging.unpack(cursor, 1)
    return int(key[0]) if key and key[0].isdecimal() and len(key[0]) < 19 else None


def _hearings(work: Work, found: list[Admission]) -> dict[int, HearingBody]:
    rows = verbs.hearings(work.session, [one.id for one in found])
    return {
        row.admission_id: HearingBody(
            targets=row.targets,
            units=row.units,
            supporting=row.supporting,
            opposing=row.opposing,
            silent=row.silent,
        )
        for row in rows
    }


def _detail(house: House, work: Work, one: Admission) -> DetailBody:
    index = boundaries(house, work)
    targets = verbs.targets_of(work.session, one.id)
    levels = {target.area_id: target.level for target in targets}

    def level(unit_id: int) -> str:
        area = index.get(unit_id)
        return levels.get(unit_id) or (str(area.level) if area else "subdistrict")

    opinions = [
        OpinionBody(unit=PlacedBody.of(row.unit_id, level(row.unit_id), index), stance=row.stance, reason=row.reason,
                    at=row.at)
        for row in verbs.opinions_of(work.session, one.id)
    ]  # fmt: skip
    steps = [
        StepBody(before=row.from_state, after=row.to_state, post=row.post_id, at=row.at.astimezone(UTC), note=row.note)
        for row in verbs.history(work.session, one.id)
    ]
    return DetailBody.of(
        one,
        _hearings(work, [one]),
        targets=[PlacedBody.of(target.area_id, target.level, index) for target in targets[:SHOWN_TARGETS]],
        opinions=opinions,
        steps=steps,
        following=[State(after) for after in admitting.following(one.state)],
    )
