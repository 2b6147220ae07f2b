"""`/approvals`: what one person asked for and another decides. What is asked for is asked where it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.shapes import Body
from gridgov.audit import approval as verbs
from gridgov.audit.approving import Approval, State
from gridgov.bootstrap import Work

router = APIRouter(tags=["approvals"])
CURSOR = paging.pack(["17"])
ApprovalPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of an approval.", examples=[1])]


class ApprovalBody(Body):
    """`state` as it is now: what is open when its time is over has expired. Persons by the names of their accounts."""

    id: int
    noun: str = Field(examples=["areas_plan"])
    ref: str = Field(description="What it is about: the id of a row.", examples=["3"])
    summary: str
    permission: str = Field(description="What the second person needs.", examples=["approvals.decide"])
    digest: str = Field(description="SHA-256 of exactly what is to be done.")
    state: State
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None = Field(description="Why it was decided so, or taken back.")
    taken_by: str | None
    taken_at: datetime | None

    @classmethod
    def of(cls, one: Approval, names: Mapping[int, str], note: str | None, now: datetime) -> Self:
        return cls(
            id=one.id,
            noun=one.noun,
            ref=one.ref,
            summary=one.summary,
            permission=one.permission,
            digest=one.digest.hex(),
            state=one.state_at(now),
            requested_by=names[one.requested_by],
            requested_at=one.requested_at,
            expires_at=one.expires_at,
            decided_by=None if one.decided_by is None else names[one.decided_by],
            decided_at=one.decided_at,
            note=note,
            taken_by=None if one.taken_by is None else names[one.taken_by],
            taken_at=one.taken_at,
        )


class ApprovalPage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[ApprovalBody]
    next: str | None


class DecisionBody(Body):
    """Yes or no; a no needs a note."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"yes": False, "note": "The two grids do not touch."}]})

    yes: bool
    note: str = Field(default="", max_length=500)


class WithdrawalBody(Body):
    """Why it is taken back, if that is to be said."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Drawn anew."}]})

    note: str = Field(default="", max_length=500)


@router.get("/approvals", summary="Approvals")
def approvals(
    house: HouseDep,
    caller: CallerDep,
    state: Annotated[State | None, Query(description="Only those in this state now.", examples=["pending"])] = None,
    noun: Annotated[str | None, Query(description="What they are about.", examples=["areas_plan"])] = None,
    ref: Annotated[str | None, Query(description="Id of what they are about.", examples=["3"])] = None,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> ApprovalPage:
    """Newest first."""
    key = paging.unpack(cursor, 1)
    before = int(key[0]) if key and key[0].isdecimal() and len(key[0]) < 19 else None
    with house.acting(caller) as work:
        found = verbs.find(work.session, now=work.now, state=state, noun=noun, ref=ref, before=before, limit=limit + 1)
        names, said = verbs.names(work.session, found), verbs.notes(work.session, found)
    items = [ApprovalBody.of(one, names, said.get(one.id), work.now) for one in found[:limit]]
    return ApprovalPage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)


@router.get("/approvals/{approval_id}", summary="One approval")
def approval(house: HouseDep, caller: CallerDep, approval_id: ApprovalPath) -> ApprovalBody:
    """As it stands now."""
    with house.acting(caller) as work:
        return _body(work, verbs.get(work.session, approval_id))


@router.post("/approvals/{approval_id}/decision", summary="Say yes or no")
def decide(house: HouseDep, caller: CallerDep, approval_id: ApprovalPath, body: DecisionBody) -> ApprovalBody:
    """Nobody decides on what they asked for themselves, in whichever post."""
    with house.acting(caller) as work:
        done = verbs.decide(work.session, work.actor, approval_id, yes=body.yes, note=body.note, now=work.now)
        return _body(work, done)


@router.post("/approvals/{approval_id}/withdrawal", summary="Take a request back")
def withdraw(house: HouseDep, caller: CallerDep, approval_id: ApprovalPath, body: WithdrawalBody) -> ApprovalBody:
    """As long as it was not used, also when it was approved already."""
    with house.acting(caller) as work:
        return _body(work, verbs.withdraw(work.session, work.actor, approval_id, note=body.note, now=work.now))


def _body(work: Work, one: Approval) -> ApprovalBody:
    said = verbs.notes(work.session, [one])
    return ApprovalBody.of(one, verbs.names(work.session, [one]), said.get(one.id), work.now)
