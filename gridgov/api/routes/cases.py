"""Case files: one with its history and what may be done with it, and the one way to do it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field

from gridgov.api.deps import MAX_ID, CallerDep, HouseDep
from gridgov.api.shapes import AreaBody, Body, CategoryRef, Names
from gridgov.audit.receipts import Receipt
from gridgov.bootstrap import House
from gridgov.cases import clocks, ratings, rulings, service, transitions
from gridgov.cases import rules as words
from gridgov.cases.file import Summons, Timed
from gridgov.cases.records import clock_values
from gridgov.cases.service import Seen, Setting
from gridgov.duties import ordering
from gridgov.incidents.receipts import number_of
from gridgov.platform import clock

router = APIRouter(tags=["cases"])
ID = "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c11"
CASEWORK, ADMITTER = "casework", "admitter"
CaseId = Annotated[UUID, Path(description="Id of the case: that of its incident.", examples=[ID])]


class BodyBody(Body):
    """A body: an agency, or the office of an area."""

    agency: int | None = Field(default=None, ge=1, le=MAX_ID)
    area: int | None = Field(default=None, ge=1, le=MAX_ID)
    level: str | None = None

    @classmethod
    def of(cls, body: words.Body | None) -> BodyBody | None:
        return None if body is None else cls(agency=body.agency_id, area=body.area_id, level=body.level)


class ClockBody(Body):
    """A clock: `light` green below 80 % of its limit, yellow up to it, red beyond."""

    name: str
    summons: int
    limit: str = Field(examples=["2 work_day"])
    extended: list[str]
    against: BodyBody | None
    started_at: datetime
    due_at: datetime
    ended_at: datetime | None
    running: bool
    share: float
    light: clocks.Light


class SummonsBody(Body):
    """One body called by a whistle."""

    number: int
    whistle: int
    agency: int
    part: words.Part
    state: words.SummonsState
    called_at: datetime
    signed_at: datetime | None
    contacted_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    refused: bool
    reworks: int
    extension: str | None
    speed: int | None = Field(description="Of the rating that counts, 1 to 5; null while there is none.")
    quality: int | None
    ratings: list[dict[str, Any]]


class JointBody(Body):
    """One meeting of a joint action (联合行动): who leads in what, and which agencies came."""

    number: int
    whistle: int
    place: str
    time: datetime
    leads: dict[str, int]
    present: list[int]


class AllowedBody(Body):
    """What the caller may do now, and what has to be sent with it."""

    action: words.Action
    summons: int
    needs: list[str]
    after: str
    names: Names


class CaseBody(Body):
    """A case as it stands. Send `version` back with an action."""

    id: UUID
    number: str = Field(examples=["20251120-000123"])
    category: CategoryRef
    channel: str
    state: words.State
    stage: words.Stage
    version: int
    opened_at: datetime
    accepted_at: datetime | None
    changed_at: datetime
    ended_at: datetime | None
    level: str | None
    holder: BodyBody | None
    first: BodyBody | None
    path: list[AreaBody]
    place: Names
    merged_into: UUID | None
    suspended_until: str | None
    counts: dict[str, int]
    clocks: list[ClockBody]
    summons: list[SummonsBody]
    joints: list[JointBody]
    risks: list[str] = Field(description="Risk points of the item that need a second person's yes.")
    approved: bool
    tasks: list[dict[str, Any]]
    allowed: list[AllowedBody]
    receipt: dict[str, Any] | None = Field(default=None, description="Of a rating that was just given.")


class EventBody(Body):
    """One line of the history."""

    seq: int
    at: datetime
    action: words.Action
    before: words.State
    after: words.State
    role: str | None
    agency: int | None
    area: int | None
    to: BodyBody | None
    summons: int | None
    reason: str
    text: str
    limits: dict[str, str]
    facts: dict[str, Any]


class ActionBody(Body):
    """One step. `version`: that of the case as it was seen, so that nobody moves what somebody else has moved."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"action": "accept", "version": 1, "facts": {"condition": True}}]}
    )

    action: words.Action = Field(examples=["accept"])
    version: int = Field(ge=1, le=32_000, examples=[1])
    to: BodyBody | None = None
    summons: int | None = Field(default=None, ge=1, le=1_000)
    reason: str = Field(default="", max_length=500)
    text: str = Field(default="", max_length=4_000)
    facts: dict[str, Any] = Field(default_factory=dict, examples=[{"condition": True}])


class TableBody(Body):
    """The tables of what may follow what."""

    of: Literal["case", "summons"]
    action: words.Action
    before: list[str]
    after: str
    who: list[str]
    needs: list[str]
    clocks: list[str]
    names: Names


@router.get("/cases/table", summary="What may follow what")
def table(house: HouseDep, caller: CallerDep) -> list[TableBody]:
    """Every edge of a case and of a summons: the documents and the buttons come from it."""
    with house.acting(caller):
        pass
    return [
        TableBody(
            of="case" if edge.of == "case" else "summons",
            action=edge.action,
            before=sorted(edge.before),
            after=edge.after,
            who=sorted(edge.who),
            needs=list(edge.needs),
            clocks=list(edge.clocks),
            names={"zh": edge.zh, "en": edge.en},
        )
        for edge in (*transitions.CASE_EDGES, *transitions.SUMMONS_EDGES)
    ]


@router.get("/cases/{case_id}", summary="One case")
def case(house: HouseDep, caller: CallerDep, case_id: CaseId) -> CaseBody:
    """With its clocks, summons and tasks, and what the caller may do now. 404 beyond the caller's reach."""
    with house.acting(caller, incident=case_id) as work:
        setting = house.case_setting(work)
        who = service.standing(work.actor)
        seen = service.get(
            work.session, case_id, work.reach, who, setting=setting, become=partial(work.become, CASEWORK)
        )
        with_text = work.actor.require("cases.read").fields == "all"
    return _body(seen, setting, with_text=with_text)


@router.get("/cases/{case_id}/history", summary="What happened to a case")
def history(house: HouseDep, caller: CallerDep, case_id: CaseId) -> list[EventBody]:
    """Every event, first one first; nothing in it is ever changed."""
    with house.acting(caller, incident=case_id) as work:
        who = service.standing(work.actor)
        seen = service.get(
            work.session, case_id, work.reach, who,
            setting=house.case_setting(work), become=partial(work.become, CASEWORK),
        )  # fmt: skip
        with_text = work.actor.require("cases.read").fields == "all"
    return [_event(one, with_text=with_text) for one in seen.events]


@router.post("/cases/{case_id}/actions", summary="Take a step")
def act(house: HouseDep, caller: CallerDep, case_id: CaseId, body: ActionBody) -> CaseBody:
    """One step of the table. 409 when it does not follow, or when somebody else was faster: then it says what changed;
    403 when it is somebody else's; 422 when something it needs is missing."""
    to = None
    if body.to is not None:
        to = _addressed(body.to)
    command = words.Command(
        body.action, to=to, summons=body.summons, reason=body.reason, text=body.text, facts=body.facts
    )
    with _noting(house), house.acting(caller, incident=case_id) as work:
        setting = house.case_setting(work)
        seen = service.act(
            work.session, case_id, work.reach, service.standing(work.actor), command,
            version=body.version, setting=setting, become=partial(work.become, CASEWORK),
        )  # fmt: skip
        receipt = None
        if command.action in ratings.RATINGS:
            receipt = ratings.receipt_of(work.session, seen.row.number, seen.file.version, house.signer)
        number = number_of(seen.row.number, seen.row.happened_at, setting.calendar.zone)
        rulings.keep(work.session, seen, setting=setting, number=number, become=partial(work.become, ADMITTER))
    return _body(seen, setting, receipt=receipt)


@contextmanager
def _noting(house: House) -> Iterator[None]:
    """An order of what was not admitted is refused, and stands in the register of attempts."""
    try:
        yield
    except words.NotAdmittedHere as refused:
        if refused.facts:
            attempt = ordering.NotAdmitted(refused.detail)
            attempt.facts = refused.facts
            with house.internally("admitter") as session:
                ordering.note_attempt(session, attempt, at=clock.utcnow())
        raise


def _addressed(body: BodyBody) -> words.Body:
    if (body.agency is None) == (body.area is None):
        raise words.NeedMissing("A body is an agency or an area.", field="to", remedy="Give one of the two.")
    return words.Body(body.agency, body.area, body.level)


def _body(seen: Seen, setting: Setting, *, with_text: bool = True, receipt: Receipt | None = None) -> CaseBody:
    row, file = seen.row, seen.file
    return CaseBody(
        id=row.id,
        number=number_of(row.number, row.happened_at, setting.calendar.zone),
        category=CategoryRef(code=row.category_code, names=row.category_names),
        channel=row.channel,
        state=file.state,
        stage=words.STAGE_OF[file.state],
        version=file.version,
        opened_at=file.opened_at,
        accepted_at=file.accepted_at,
        changed_at=file.changed_at,
        ended_at=file.ended_at,
        level=file.level,
        holder=BodyBody.of(file.holder),
        first=BodyBody.of(file.first),
        path=[AreaBody.of(area) for area in seen.path],
        place=row.place,
        merged_into=file.merged_into,
        suspended_until=file.suspended_until,
        counts={
            name: getattr(file, name) for name in ("returns", "reworks", "extensions", "hops", "disputes", "reopened")
        },
        clocks=[_clock(one, setting) for one in file.timed],
        summons=[_summons(one) for one in file.summons],
        joints=[
            JointBody(number=one.number, whistle=one.whistle, place=one.place if with_text else "",
                      time=datetime.fromisoformat(one.time), leads=dict(one.leads), present=list(one.present))
            for one in file.joints
        ],
        risks=list(file.risks),
        approved=file.approved,
        tasks=[
            {"number": task.number, "agency": task.body.agency_id, "area": task.body.area_id,
             "done_at": task.done_at.isoformat() if task.done_at else None}
            for task in file.tasks
        ],
        allowed=[
            AllowedBody(action=a.action, summons=a.summons, needs=list(a.needs), after=a.after,
                        names={"zh": a.zh, "en": a.en})
            for a in seen.allowed
        ],
        receipt=None if receipt is None else json.loads(receipt.text()),
    )  # fmt: skip


def _clock(timed: Timed, setting: Setting) -> ClockBody:
    values, clock = clock_values(timed), timed.clock
    return ClockBody(
        name=clock.name,
        summons=timed.summons,
        limit=values["limit"],
        extended=values["extended"],
        against=BodyBody.of(timed.body),
        started_at=clock.started_at,
        due_at=clock.due_at,
        ended_at=clock.ended_at,
        running=values["running"],
        share=round(clocks.share(clock, setting.now, setting.calendar), 4),
        light=clocks.light(clock, setting.now),
    )


def _summons(call: Summons) -> SummonsBody:
    shown: dict[str, Any] = {
        name: getattr(call, name)
        for name in ("number", "whistle", "part", "state", "called_at", "signed_at", "contacted_at", "answered_at",
                     "ended_at", "refused", "reworks", "extension")
    }  # fmt: skip
    ratings: list[dict[str, Any]] = [
        {
            "at": one.at.isoformat(),
            "speed": one.speed,
            "quality": one.quality,
            "final": one.final,
            "period": one.period,
            "seq": one.seq,
            "corrects": one.corrects,
        }
        for one in call.ratings
    ]
    counts = call.rating
    return SummonsBody(
        **shown, agency=call.body.agency_id or 0, ratings=ratings, speed=counts and counts.speed,
        quality=counts and counts.quality,
    )  # fmt: skip


def _event(event: words.Event, *, with_text: bool) -> EventBody:
    return EventBody(
        seq=event.seq,
        at=event.at,
        action=event.action,
        before=event.before,
        after=event.after,
        role=event.by.role,
        agency=event.by.agency_id,
        area=event.by.area_id,
        to=BodyBody.of(event.to),
        summons=event.summons,
        reason=event.reason if with_text else "",
        text=event.text if with_text else "",
        limits={name: str(limit) for name, limit in event.limits.items()},
        facts=dict(event.facts) if with_text else {},
    )
