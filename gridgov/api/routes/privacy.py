"""`/privacy`: notices, the register of processing, requests of persons and their answers, consents.

A person without an account shows the receipt of a report, and reaches what came with that; an officer who saw papers
files for a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import ConfigDict, Field, JsonValue

from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.routes.contacts import ReasonBody
from gridgov.api.routes.receipts import shown_receipt
from gridgov.api.shapes import Body, Names
from gridgov.bootstrap import HOLDINGS, METADATA
from gridgov.incidents.contacts import home
from gridgov.privacy import consents, notices, register, requests
from gridgov.privacy.consents import Channel, NewConsent
from gridgov.privacy.holdings import Ended, Held
from gridgov.privacy.requests import Answer, Request
from gridgov.privacy.rules import MAX_VALUE, MAX_WORDS, Kind, NewRequest, Proof, RequestState
from gridgov.privacy.service import by_phone, limits

router = APIRouter(prefix="/privacy", tags=["privacy"])
ID = "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c77"
RECEIPT: dict[str, JsonValue] = {"number": "20251120-000123", "secret": "7K3WQ9ZB4D"}
RequestPath = Annotated[UUID, Path(description="The id that the client made.", examples=[ID])]
NoticePath = Annotated[str, Path(max_length=40, description="Code of a notice.", examples=["report"])]


class PurposeBody(Body):
    """What data is taken for, and what makes that lawful (article 13)."""

    code: str
    names: Names
    basis: str
    sensitive: bool


class KeptBody(Body):
    """How long it is kept."""

    name: str
    days: int
    since: str


class NoticeBody(Body):
    """What people are told before their data is taken."""

    id: int = Field(description="Send it with what is given: it says which notice was shown.")
    code: str
    version: int
    handler: Names
    texts: Names
    purposes: list[PurposeBody]
    kinds: list[Names]
    retention: list[KeptBody]
    rights: list[str]
    valid_from: datetime


class LineBody(Body):
    """One personal column of the store."""

    table: str
    column: str
    purpose: str
    basis: str
    days: int
    since: str
    sensitive: bool
    store: str


class RegisterBody(Body):
    """The register of processing, from the marks of the columns and the limits in force."""

    items: list[LineBody]


class RequestBody(Body):
    """A request as it stands."""

    id: UUID
    number: int
    kind: Kind
    state: RequestState
    proof: Proof
    filed_at: datetime
    due_at: datetime
    overdue: bool
    extended: bool
    ended_at: datetime | None
    outcome: dict[str, dict[str, int]] | None
    reason: str | None

    @classmethod
    def of(cls, one: Request, now: datetime) -> Self:
        shown = {name: getattr(one, name) for name in cls.model_fields if name != "overdue"}
        return cls(**shown, overdue=requests.overdue(one, now))


class RequestList(Body):
    """Requests, the most urgent first."""

    items: list[RequestBody]

    @classmethod
    def of(cls, found: Iterable[Request], now: datetime) -> Self:
        return cls(items=[RequestBody.of(one, now) for one in found])


class ReceiptBody(Body):
    """What the receipt of a report says."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECEIPT]})

    number: str = Field(max_length=40)
    secret: str = Field(max_length=40)


class ValuesBody(Body):
    """What shall stand instead."""

    name: str | None = Field(default=None, max_length=MAX_VALUE)
    phone: str | None = Field(default=None, max_length=40)

    def given(self) -> dict[str, str]:
        return {name: value for name, value in (("name", self.name), ("phone", self.phone)) if value is not None}


class FiledBody(Body):
    """What is asked for; the client makes `id`, and the same again is the first."""

    id: UUID
    kind: Kind
    words: str = Field(default="", max_length=MAX_WORDS)
    values: ValuesBody | None = None


class ReceiptRequestBody(FiledBody):
    """A request by somebody who shows the receipt of a report. It reaches what came with that report."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": ID, "kind": "erase", "receipt": RECEIPT}]})

    receipt: ReceiptBody


class PapersRequestBody(FiledBody):
    """A request by somebody whose papers an officer has seen. It reaches all that is held under the number."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": ID, "kind": "access", "phone": "13800138000"}]})

    phone: str = Field(max_length=40)


class HeldBody(Body):
    """One thing that is held about the person."""

    holding: str
    key: str
    since: datetime
    frozen_at: datetime | None
    values: dict[str, str]
    facts: dict[str, Any]

    @classmethod
    def of(cls, held: Held) -> Self:
        return cls(**{name: getattr(held, name) for name in cls.model_fields})


class EndedBody(Body):
    """What was erased, and what had to be kept and is only stored from now on."""

    erased: int
    frozen: int

    @classmethod
    def each(cls, ended: dict[str, Ended]) -> dict[str, Self]:
        return {name: cls(erased=one.erased, frozen=one.frozen) for name, one in ended.items()}


class AnswerBody(Body):
    """What the person is given, or what was done, by holding."""

    request: RequestBody
    held: list[HeldBody]
    ended: dict[str, EndedBody]
    corrected: dict[str, int]
    rules: list[LineBody]

    @classmethod
    def of(cls, answer: Answer, rules: list[LineBody], now: datetime) -> Self:
        return cls(
            request=RequestBody.of(answer.request, now),
            held=[HeldBody.of(one) for one in answer.held],
            ended=EndedBody.each(dict(answer.ended)),
            corrected=dict(answer.corrected),
            rules=rules,
        )


class ConsentBody(Body):
    """A consent as it was given at the counter, on the telephone or at a visit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": ID, "phone": "13800138000", "notice": 1, "purposes": ["survey"], "channel": "window"}]
        }
    )

    id: UUID
    phone: str = Field(max_length=40)
    notice: int = Field(description="Id of the notice that was shown.")
    purposes: list[str] = Field(min_length=1, max_length=20)
    channel: Channel
    separate: bool = Field(default=False, description="Asked and given for this alone; sensitive data needs it.")


class RecordedBody(Body):
    """The consent that is on record now."""

    id: UUID


class WithdrawalBody(Body):
    """Whose consents end."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "13800138000", "channel": "hotline"}]})

    phone: str = Field(max_length=40)
    channel: Channel


class WithdrawnBody(Body):
    """What ended with them, by holding."""

    ended: dict[str, EndedBody]


@router.get("/notices/{code}", summary="What people are told before their data is taken")
def notice(house: HouseDep, caller: CallerDep, code: NoticePath) -> NoticeBody:
    """The version in force now."""
    with house.acting(caller) as work:
        found = notices.in_force(work.session, code, work.now)
    return NoticeBody(
        id=found.id,
        code=found.code,
        version=found.version,
        handler=dict(found.handler),
        texts=dict(found.texts),
        purposes=[
            PurposeBody(code=one.code, names=dict(one.names), basis=one.basis, sensitive=one.sensitive)
            for one in found.purposes
        ],
        kinds=[dict(one) for one in found.kinds],
        retention=[KeptBody(**one) for one in found.retention],
        rights=list(found.rights),
        valid_from=found.valid_from,
    )


@router.get("/register", summary="Which personal data is held, why, and how long")
def processing(house: HouseDep, caller: CallerDep) -> RegisterBody:
    """For everybody: it says what is held, not about whom."""
    with house.acting(caller) as work:
        return RegisterBody(items=_rules(work.session))


@router.post("/requests", status_code=201, summary="Ask with a receipt to see, copy, correct, erase or have explained")
def file_with_receipt(house: HouseDep, caller: CallerDep, body: ReceiptRequestBody) -> RequestBody:
    """201 with the day on which the answer is due; the same again gives the first. 404 and 429 as for a receipt."""
    incident, _ = shown_receipt(house, caller, body.receipt.number, body.receipt.secret)
    with house.acting(caller, incident=incident) as work:
        new = NewRequest(
            body.id, body.kind, Proof.RECEIPT, incident, home(work.session, incident), None, body.words, _values(body)
        )
        found = requests.file(
            work.session,
            new,
            reach=work.reach,
            calendar=house.calendar(work),
            sealer=house.sealer,
            now=work.now,
            by=work.actor.account_id,
        )
        return RequestBody.of(found, work.now)


@router.post("/requests/mine", summary="How do the requests stand that were filed with this receipt")
def mine(house: HouseDep, caller: CallerDep, body: ReceiptBody) -> RequestList:
    """A POST, so that the secret stands in no address and no log."""
    incident, _ = shown_receipt(house, caller, body.number, body.secret)
    with house.acting(caller, incident=incident) as work:
        return RequestList.of(requests.of_receipt(work.session, incident), work.now)


@router.post("/requests/{request_id}/drop", summary="Take back a request that was filed with this receipt")
def drop(house: HouseDep, caller: CallerDep, request_id: RequestPath, body: ReceiptBody) -> RequestBody:
    """409 once it has ended."""
    incident, _ = shown_receipt(house, caller, body.number, body.secret)
    with house.acting(caller, incident=incident) as work:
        found = requests.drop(work.session, request_id, incident_id=incident, now=work.now)
        return RequestBody.of(found, work.now)


@router.post("/requests/papers", status_code=201, summary="File for somebody whose papers were seen")
def file_with_papers(house: HouseDep, caller: CallerDep, body: PapersRequestBody) -> RequestBody:
    """For officers who reach the whole city: what is held under a number may lie anywhere."""
    with house.acting(caller) as work:
        new = NewRequest(body.id, body.kind, Proof.PAPERS, None, None, body.phone, body.words, _values(body))
        found = requests.file(
            work.session,
            new,
            reach=work.reach,
            calendar=house.calendar(work),
            sealer=house.sealer,
            now=work.now,
            by=work.actor.account_id,
        )
        return RequestBody.of(found, work.now)


@router.get("/requests", summary="Requests of persons, the most urgent first")
def listed(
    house: HouseDep,
    caller: CallerDep,
    *,
    ended: Annotated[bool, Query(description="Those that have ended too.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most items.")] = 100,
) -> RequestList:
    """Those within the reach of the post."""
    with house.acting(caller) as work:
        found = requests.find(work.session, reach=work.reach, only_open=not ended, limit=limit)
        return RequestList.of(found, work.now)


@router.post("/requests/{request_id}/take", summary="Answer for a request")
def take(house: HouseDep, caller: CallerDep, request_id: RequestPath) -> RequestBody:
    """409 if somebody did."""
    with house.acting(caller) as work:
        found = requests.take(work.session, request_id, reach=work.reach, by=work.actor.account_id)
        return RequestBody.of(found, work.now)


@router.post("/requests/{request_id}/extend", summary="Answer later, once, for a reason that the person is told")
def extend(house: HouseDep, caller: CallerDep, request_id: RequestPath, body: ReasonBody) -> RequestBody:
    """409 if it was extended before."""
    with house.acting(caller) as work:
        days = house.calendar(work)
        found = requests.extend(
            work.session, request_id, reach=work.reach, reason=body.reason, calendar=days, now=work.now
        )
        return RequestBody.of(found, work.now)


@router.post("/requests/{request_id}/refuse", summary="Refuse a request for a reason that the person is told")
def refuse(house: HouseDep, caller: CallerDep, request_id: RequestPath, body: ReasonBody) -> RequestBody:
    """409 unless somebody has taken it."""
    with house.acting(caller) as work:
        found = requests.refuse(work.session, request_id, reach=work.reach, reason=body.reason, now=work.now)
        return RequestBody.of(found, work.now)


@router.post("/requests/{request_id}/fulfil", summary="Do what was asked for, in every holding")
def fulfil(house: HouseDep, caller: CallerDep, request_id: RequestPath, response: Response) -> AnswerBody:
    """Access and copy give what is held, opened; it is for the person. The trail keeps what was given, in counts."""
    with house.acting(caller) as work:
        answer = requests.fulfil(
            work.session, request_id, HOLDINGS, reach=work.reach, sealer=house.sealer, now=work.now
        )
        rules = _rules(work.session) if answer.request.kind is Kind.EXPLAIN else []
        response.headers["Cache-Control"] = "no-store"
        return AnswerBody.of(answer, rules, work.now)


@router.post("/consents", status_code=201, summary="Record a consent")
def consent(house: HouseDep, caller: CallerDep, body: ConsentBody) -> RecordedBody:
    """The same again changes nothing. 422 where none is needed, or one of its own is."""
    new = NewConsent(body.id, body.phone, body.notice, tuple(body.purposes), body.channel, body.separate)
    with house.acting(caller) as work:
        consents.give(work.session, new, sealer=house.sealer, now=work.now, by=work.actor.account_id)
    return RecordedBody(id=body.id)


@router.post("/consents/withdrawal", summary="End every consent of somebody, and the use of what was given")
def withdrawal(house: HouseDep, caller: CallerDep, body: WithdrawalBody) -> WithdrawnBody:
    """For officers who reach the whole city."""
    with house.acting(caller) as work:
        requests.check_reach(Proof.PAPERS, work.reach)
        who = by_phone(house.sealer, body.phone)
        done = consents.withdraw(work.session, who, HOLDINGS, channel=body.channel, now=work.now)
        return WithdrawnBody(ended=EndedBody.each(dict(done)))


def _values(body: FiledBody) -> dict[str, str]:
    return body.values.given() if body.values else {}


def _rules(session: Any) -> list[LineBody]:
    found = register.lines(METADATA, limits(session))
    return [LineBody(**{name: getattr(one, name) for name in LineBody.model_fields}) for one in found]
