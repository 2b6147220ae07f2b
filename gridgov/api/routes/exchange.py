"""`/exchange`: what other systems are told, and how long feedback takes; the papers of a case."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import Field

from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery, instant
from gridgov.api.filters import FromQuery, ToQuery
from gridgov.api.routes.cases import CASEWORK, CaseId
from gridgov.api.shapes import Body, BodyRef, Names
from gridgov.cases import exchange, participation, service
from gridgov.cases.describing import STATES
from gridgov.cases.papers import DeskReceipt, Reply, receipt_page, reply_page
from gridgov.cases.rules import Action, Outside, State
from gridgov.incidents.receipts import number_of, receipt_secret
from gridgov.platform.errors import BadInput, NotFound

router = APIRouter(tags=["exchange"])
PAPER = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class NoReply(NotFound):
    """Nobody has answered in writing."""

    code = "no-reply"


class ChangeBody(Body):
    """What happened to an order; no word of what people wrote. `holder`: code of the agency or area that has it."""

    position: int
    order: str = Field(description="Number of the order in its own system.", examples=["R20251120000123"])
    case: UUID
    at: datetime
    action: Action
    state: State
    version: int
    holder: str | None = Field(examples=["HW"])
    due_at: datetime | None = Field(description="Of the clock that runs for its handling.")
    paper: str | None = Field(description="Number of the written reply.", examples=["网格复字〔2026〕12号"])
    why: Outside | None = Field(description="Of what was refused: why it is outside the duties here.")


class ChangePage(Body):
    """Changes in order. Ask again with `after` = `next`; it stays as it is while nothing new has come."""

    items: list[ChangeBody]
    next: int


class FeedbackBody(Body):
    """How long a body took from its answer until the reporter was told."""

    body: BodyRef
    cases: int
    median_hours: float
    most_hours: float


@router.get("/exchange/changes", summary="What became of a source's orders")
def changes(
    house: HouseDep,
    caller: CallerDep,
    source: Annotated[str, Query(max_length=40, description="Name of the source.", examples=["hotline-91580"])],
    after: Annotated[int, Query(ge=0, le=MAX_ID, description="`next` of the answer before; 0: from the first.")] = 0,
    limit: LimitQuery = 100,
) -> ChangePage:
    """Every change once, in order, however late its transaction ended: nothing is missed and nothing comes twice."""
    with house.acting(caller) as work:
        found = exchange.changes(work.session, source, work.reach, after=after, limit=limit)
    items = [
        ChangeBody(
            position=one.position, order=one.order_number, case=one.case_id, at=one.at, action=one.action,
            state=one.state, version=one.seq, holder=one.holder, due_at=one.due_at, paper=one.paper, why=one.why,
        )
        for one in found
    ]  # fmt: skip
    return ChangePage(items=items, next=items[-1].position if items else after)


@router.get("/exchange/feedback", summary="How long feedback takes")
def feedback(house: HouseDep, caller: CallerDep, since: FromQuery = None, until: ToQuery = None) -> list[FeedbackBody]:
    """From the answer to the moment when the reporter was told (点对点反馈), by body, within the caller's reach; of the
    last 30 days, if nothing else is asked for."""
    with house.acting(caller) as work:
        zone = house.zone(work)
        end = instant(until, zone, "to") or work.now
        begin = instant(since, zone, "from") or end - exchange.LATELY
        if begin >= end:
            raise BadInput("The range ends before it starts.", field="to", remedy="Give a later end.")
        found = exchange.feedback_times(work.session, work.reach, since=begin, until=end)
    return [
        FeedbackBody(
            body=_ref(one.agency_id, one.office_id, one.code, one.names),
            cases=one.cases,
            median_hours=round(float(one.median_s) / 3600, 2),
            most_hours=round(float(one.most_s) / 3600, 2),
        )
        for one in found
    ]


@router.get("/cases/{case_id}/reply", summary="The written reply, to print", response_class=HTMLResponse)
def reply(house: HouseDep, caller: CallerDep, case_id: CaseId) -> Response:
    """The newest one, with its number. 404 as long as nobody has answered in writing."""
    with house.acting(caller, incident=case_id) as work:
        with_text = work.actor.require("cases.read").fields == "all"
        setting = house.case_setting(work)
        seen = service.get(
            work.session, case_id, work.reach, service.standing(work.actor),
            setting=setting, become=partial(work.become, CASEWORK),
        )  # fmt: skip
        told = exchange.told(work.session, seen.events, seen.file)
        if told.reply is None or told.paper is None:
            raise NoReply("This case has no written reply.", field="case_id", remedy="Write one (`reply`).")
        by = exchange.body_of(told.reply, seen.file)
        names = participation.names_of(work.session, [by] if by else [])
    zone = setting.calendar.zone
    page = Reply(
        title=told.paper,
        number=number_of(seen.row.number, seen.row.happened_at, zone),
        category=_zh(seen.row.category_names),
        opened_at=seen.file.opened_at,
        text=told.reply.text if with_text else "（正文从略）",
        body=names[by] if by else "",
        at=told.reply.at,
    )
    return HTMLResponse(reply_page(page, zone), headers=PAPER)


@router.get("/cases/{case_id}/receipt", summary="The receipt of the front desk, to print", response_class=HTMLResponse)
def receipt(house: HouseDep, caller: CallerDep, case_id: CaseId) -> Response:
    """One receipt for every task behind the desk. The code to ask with stands on it only for who took the report."""
    with house.acting(caller, incident=case_id) as work:
        setting = house.case_setting(work)
        seen = service.get(
            work.session, case_id, work.reach, service.standing(work.actor),
            setting=setting, become=partial(work.become, CASEWORK),
        )  # fmt: skip
        tasks = participation.task_lines(work.session, seen.file)
        catalogued = participation.service_of(work.session, seen, setting)
        mine = seen.events[0].by.account_id == work.actor.account_id is not None
    zone, handle = setting.calendar.zone, seen.file.clock("handle")
    page = DeskReceipt(
        number=number_of(seen.row.number, seen.row.happened_at, zone),
        category=_zh(seen.row.category_names),
        service=catalogued,
        opened_at=seen.file.opened_at,
        state=STATES[seen.file.state],
        due_at=handle.clock.due_at if handle else None,
        visits=participation.visits(seen.file.channel, seen.events),
        tasks=tasks,
        secret=receipt_secret(house.sealer, case_id) if mine else None,
    )
    return HTMLResponse(receipt_page(page, zone), headers=PAPER)


def _zh(names: Names) -> str:
    return names.get("zh") or next(iter(names.values()))


def _ref(agency: int | None, office: int | None, code: str | None, names: Names | None) -> BodyRef:
    kind = "agency" if agency else "area"
    return BodyRef(kind=kind, id=agency or office or 0, code=code or "", names=names or {})
