"""`/plans/{plan_id}/proposals`, `/plans/{plan_id}/load`: proposals as jobs, and the incidents under a plan."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.shapes import Body, Names
from gridgov.geo.partition.solve import EFFORT
from gridgov.planning import drafts, load, proposals
from gridgov.planning.counting import month_date
from gridgov.planning.load import PartLoad
from gridgov.planning.proposals import MOST_EFFORT, MOST_PRICE, MOST_SEED, JobFacts, Part
from gridgov.planning.proposing import Mode
from gridgov.planning.rules import Target
from gridgov.platform.errors import BadInput

router = APIRouter(tags=["plans"])
ASKED = paging.pack(["2026-11-23T04:00:00+00:00", "0190a1b2-0000-7000-8000-0000000000a1"])
JOB = "0190a1b2-0000-7000-8000-0000000000a1"
MOST_MONTHS = 120
PlanPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a plan.", examples=[1])]
JobPath = Annotated[UUID, Path(description="Id of a job.", examples=[JOB])]


class TargetBody(Body):
    """Households a grid should have, and the share by which it may miss that."""

    households: int = Field(ge=1, le=100_000, examples=[300])
    band: float = Field(default=0.1, ge=0, le=1, examples=[0.1])

    def target(self) -> Target:
        return Target(self.households, self.band)


class ProposalBody(Body):
    """What is to be proposed. The same id again is the job that is there."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "0190a1b2-0000-7000-8000-0000000000a3",
                    "communities": None,
                    "target": {"households": 300, "band": 0.1},
                    "seed": 7,
                }
            ]
        },
    )

    id: UUID = Field(description="Made by whoever asks, a new one for each thing asked for.")
    communities: list[int] | None = Field(
        default=None, max_length=10_000, description="Ids of communities; null: all of the plan."
    )
    target: TargetBody | None = Field(default=None, description="null: that of the plan.")
    rural: TargetBody | None = Field(default=None, description="Of rural grids; null: their own, or `target`.")
    seed: int = Field(default=1, ge=0, le=MOST_SEED, description="The same seed gives the same sheet to the bit.")
    effort: int = Field(default=EFFORT, ge=1, le=MOST_EFFORT, description="Steps tried for each atom.")
    mode: Mode = Field(default=Mode.FRESH, description="Anew, from what is drawn, or as few moves as can be.")
    price: float = Field(
        default=0.0, ge=0, le=MOST_PRICE,
        description="Metres of boundary along a street that one moved household is worth (resume, repair).",
    )  # fmt: skip
    grids: list[int] | None = Field(
        default=None, min_length=1, max_length=1000,
        description="Of the one community that is named, only these, with the ground that lies in none; null: all.",
    )  # fmt: skip


class JobPartBody(Body):
    """What a job did with one community: drawn, unchanged, conflict (somebody drew there meanwhile; nothing was
    overwritten) or failed."""

    community_id: int
    code: str | None
    names: Names
    state: str = Field(examples=["drawn"])
    at: datetime
    result: dict[str, Any] = Field(
        description="Sentence in `zh` and `en`; figures, digest, revision, and what could not be within the band."
    )

    @classmethod
    def of(cls, part: Part) -> Self:
        return cls(
            community_id=part.community_id, code=part.code, names=dict(part.names), state=part.state, at=part.at,
            result=dict(part.result),
        )  # fmt: skip


class JobBody(Body):
    """A job as it stands."""

    id: UUID
    plan_id: int
    kind: str = Field(examples=["propose"])
    settings: dict[str, Any]
    state: str = Field(examples=["running"], description="queued, running, done, failed or cancelled.")
    done: int = Field(description="Communities dealt with.")
    total: int
    said: str = Field(description="Where it is, in words.")
    cancelling: bool = Field(description="Somebody has ended it; whoever works at it hears of it within a second.")
    result: dict[str, Any]
    asked_at: datetime
    asked_by: int | None
    ended_at: datetime | None
    parts: list[JobPartBody] = Field(description="In the order in which they were done; not in a list of jobs.")

    @classmethod
    def of(cls, job: JobFacts) -> Self:
        return cls(
            id=job.id, plan_id=job.plan_id, kind=job.kind, settings=dict(job.settings), state=job.state,
            done=job.done, total=job.total, said=job.said, cancelling=job.cancel and not job.over,
            result=dict(job.result), asked_at=job.asked_at, asked_by=job.asked_by, ended_at=job.ended_at,
            parts=[JobPartBody.of(one) for one in job.parts],
        )  # fmt: skip


class JobPage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[JobBody]
    next: str | None


class LoadAskedBody(Body):
    """Asks that the load be brought up to date."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"id": "0190a1b2-0000-7000-8000-0000000000a2"}]}
    )

    id: UUID
    anew: bool = Field(default=False, description="Forget what was counted, and count all incidents again.")


class GridLoadBody(Body):
    """Incidents at the ground of one grid of the sheet."""

    number: int
    incidents: int


class PartLoadBody(Body):
    """The load under one community. `counted_at` null: never counted; ask for it."""

    community_id: int
    basis_id: int
    grids: list[GridLoadBody]
    free: int = Field(description="At ground that belongs to no grid yet.")
    upto: int = Field(description="The last number of an incident that is counted.")
    counted_at: datetime | None

    @classmethod
    def of(cls, one: PartLoad) -> Self:
        grids = [GridLoadBody(number=number, incidents=count) for number, count in sorted(one.grids.items())]
        return cls(
            community_id=one.community_id, basis_id=one.basis_id, grids=grids, free=one.free, upto=one.upto,
            counted_at=one.counted_at,
        )  # fmt: skip


class LoadBody(Body):
    """Incidents under a plan from the month `since` until before that of `until`."""

    since: date
    until: date
    category: str | None
    items: list[PartLoadBody]


MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
SinceQuery = Annotated[
    str | None,
    Query(pattern=MONTH, description="First month; default: twelve before `until`.", examples=["2026-01"]),
]
UntilQuery = Annotated[
    str | None,
    Query(pattern=MONTH, description="The month before which it ends; default: this one.", examples=["2026-07"]),
]


@router.post("/plans/{plan_id}/proposals", status_code=202, summary="Ask for proposals")
def ask(house: HouseDep, caller: CallerDep, plan_id: PlanPath, body: ProposalBody) -> JobBody:
    """Drawn community by community beside other work; each is one operation in the log of its part, and can be undone.
    Locked and special grids stay as they are."""
    with house.acting(caller) as work:
        return JobBody.of(
            proposals.ask(
                work.session,
                work.actor,
                plan_id,
                ident=body.id,
                communities=body.communities,
                target=None if body.target is None else body.target.target(),
                rural=None if body.rural is None else body.rural.target(),
                seed=body.seed,
                effort=body.effort,
                mode=body.mode,
                price=body.price,
                grids=body.grids,
                now=work.now,
            )
        )


@router.get("/plans/{plan_id}/proposals", summary="Jobs of a plan")
def jobs(
    house: HouseDep,
    caller: CallerDep,
    plan_id: PlanPath,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[ASKED])] = None,
) -> JobPage:
    """Newest first."""
    key = paging.unpack(cursor, 2)
    with house.acting(caller) as work:
        drafts.plan(work.session, plan_id)
        found = proposals.find(work.session, plan_id=plan_id, before=_place(key), limit=limit + 1)
    items = [JobBody.of(one) for one in found[:limit]]
    following = paging.pack([items[-1].asked_at.isoformat(), str(items[-1].id)]) if len(found) > limit else None
    return JobPage(items=items, next=following)


@router.get("/plans/{plan_id}/proposals/{job_id}", summary="One job")
def job(house: HouseDep, caller: CallerDep, plan_id: PlanPath, job_id: JobPath) -> JobBody:
    """How far it is, and what it did with each community so far."""
    with house.acting(caller) as work:
        return JobBody.of(proposals.job(work.session, job_id, plan_id=plan_id))


@router.post("/plans/{plan_id}/proposals/{job_id}/cancellation", summary="End a job")
def cancel(house: HouseDep, caller: CallerDep, plan_id: PlanPath, job_id: JobPath) -> JobBody:
    """In the middle, too. What it drew stays and can be undone; the community at work is left as it was."""
    with house.acting(caller) as work:
        return JobBody.of(proposals.cancel(work.session, work.actor, job_id, plan_id=plan_id, now=work.now))


@router.post("/plans/{plan_id}/load", status_code=202, summary="Bring the load up to date")
def ask_load(house: HouseDep, caller: CallerDep, plan_id: PlanPath, body: LoadAskedBody) -> JobBody:
    """As a job: what has come since it was counted last."""
    with house.acting(caller) as work:
        return JobBody.of(
            proposals.ask_load(work.session, work.actor, plan_id, ident=body.id, anew=body.anew, now=work.now)
        )


@router.get("/plans/{plan_id}/load", summary="Incidents under a plan")
def plan_load(
    house: HouseDep,
    caller: CallerDep,
    plan_id: PlanPath,
    since: SinceQuery = None,
    until: UntilQuery = None,
    category: Annotated[
        str | None, Query(max_length=20, description="Code of a group of categories; default: all.", examples=["06"])
    ] = None,
) -> LoadBody:
    """Of each grid as it is drawn now; months of the city's calendar, `until` left out. Default: the last twelve whole
    months. Counted at atoms, so that it costs the same however many incidents there are."""
    with house.acting(caller) as work:
        drafts.plan(work.session, plan_id)
        local = work.now.astimezone(house.zone(work)).date()
        last = _month(until) if until else local.replace(day=1)
        first = _month(since) if since else month_date(last.year * 12 + last.month - 1 - 12)
        if not 0 < (last.year - first.year) * 12 + last.month - first.month <= MOST_MONTHS:
            raise BadInput(
                f"From {first:%Y-%m} until before {last:%Y-%m} is not between one and {MOST_MONTHS} months.",
                field="until",
                remedy="Give a later month, or fewer months.",
            )
        found = load.of_plan(work.session, plan_id, first, last, category)
    return LoadBody(since=first, until=last, category=category, items=[PartLoadBody.of(one) for one in found])


def _month(text: str) -> date:
    year, month = text.split("-")
    if not int(year):
        raise BadInput(f"There was no year {year}.", field="since", remedy="Give a month such as 2026-01.")
    return date(int(year), int(month), 1)


def _place(key: list[str] | None) -> tuple[datetime, UUID] | None:
    if key is None:
        return None
    try:
        at = datetime.fromisoformat(key[0])
        return (at, UUID(key[1])) if at.tzinfo is not None else None
    except ValueError:
        return None
