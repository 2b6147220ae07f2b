"""`/admissions/…`: the ledger of money and posts, alerts, the burden of each area."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, AtQuery, CallerDep, HouseDep, LimitQuery, instant
from gridgov.api.requested import AreaId
from gridgov.api.routes.admissions import AdmissionPath, CursorQuery, before, boundaries
from gridgov.api.shapes import AreaBody, Body, Incoming, Names
from gridgov.duties import burden, burdens
from gridgov.duties import funding as verbs
from gridgov.duties.funding import NewTransfer, Recorded
from gridgov.duties.ledger import ALERT_WORDS, FEN, MOST_YUAN, Alert, AlertKind, Balance, Promise, Receipt

router = APIRouter(prefix="/admissions", tags=["admissions"])
KEY = "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c99"
Money = Annotated[Decimal, Field(ge=-MOST_YUAN, le=MOST_YUAN, max_digits=14, decimal_places=2)]
TransferPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a transfer.", examples=[1])]


class BalanceBody(Body):
    """Money in yuan, and posts. `missing` is what was promised and has not been confirmed as received."""

    promised_yuan: Decimal
    received_yuan: Decimal
    unconfirmed_yuan: Decimal
    disputed_yuan: Decimal
    missing_yuan: Decimal
    posts_promised: int
    posts_received: int
    posts_unconfirmed: int
    posts_disputed: int
    posts_missing: int

    @classmethod
    def of(cls, one: Balance) -> Self:
        return cls(
            promised_yuan=one.promised.quantize(FEN),
            received_yuan=one.received.quantize(FEN),
            unconfirmed_yuan=one.unconfirmed.quantize(FEN),
            disputed_yuan=one.disputed.quantize(FEN),
            missing_yuan=one.missing.quantize(FEN),
            posts_promised=one.posts_promised,
            posts_received=one.posts_received,
            posts_unconfirmed=one.posts_unconfirmed,
            posts_disputed=one.posts_disputed,
            posts_missing=one.posts_missing,
        )


class InstalmentBody(Body):
    """An instalment of one target."""

    area: int
    due_on: date
    amount_yuan: Decimal
    posts: int

    @classmethod
    def of(cls, one: Promise) -> Self:
        return cls(area=one.area_id or 0, due_on=one.due_on, amount_yuan=one.amount, posts=one.posts)


class TransferBody(Body):
    """What came to a target, as the agency says, and what the unit says of it."""

    id: int
    area: int
    arrived_on: date
    amount_yuan: Decimal
    posts: int
    document: str
    corrects: int | None
    receipt: Receipt
    recorded_at: datetime
    answered_at: datetime | None
    note: str | None

    @classmethod
    def of(cls, one: Recorded) -> Self:
        return cls(
            id=one.id,
            area=one.transfer.area_id,
            arrived_on=one.transfer.arrived_on,
            amount_yuan=one.transfer.amount,
            posts=one.transfer.posts,
            document=one.document,
            corrects=one.corrects,
            receipt=one.transfer.receipt,
            recorded_at=one.recorded_at,
            answered_at=one.answered_at,
            note=one.note,
        )


class AreaBalanceBody(Body):
    """The balance of one target, whole and by year."""

    area: int
    balance: BalanceBody
    years: dict[str, BalanceBody]


class LedgerBody(Body):
    """The ledger of one admission, as far as it concerns you: every row, and what they come to."""

    promises: list[InstalmentBody]
    transfers: list[TransferBody]
    balance: BalanceBody
    areas: list[AreaBalanceBody]


class SumBody(Body):
    """The balance of one admission, agency or area."""

    id: int
    admissions: int
    balance: BalanceBody


class SumPage(Body):
    """A page by id; `next` is the cursor of the page after, null on the last."""

    by: str
    items: list[SumBody]
    next: str | None


class AlertBody(Body):
    """One thing to look at. `amount_yuan`: what is missing; `count`: posts, days left, or orders."""

    kind: AlertKind
    names: Names
    admission: int
    area: int | None
    on: date | None
    year: int | None
    amount_yuan: Decimal
    count: int

    @classmethod
    def of(cls, one: Alert) -> Self:
        return cls(
            kind=one.kind,
            names=dict(ALERT_WORDS[one.kind]),
            admission=one.admission_id,
            area=one.area_id,
            on=one.on,
            year=one.year,
            amount_yuan=one.amount.quantize(FEN),
            count=one.count,
        )


class AlertPage(Body):
    """The alerts of the next so many admissions; `next` is null when there are no more."""

    items: list[AlertBody]
    next: str | None


class BurdenCountsBody(Body):
    """What the index is made of."""

    items: int
    departments: int
    appraisals: int
    inspecting_departments: int
    reports: int
    inspections: int
    signs: int
    systems: int


class AreaBurdenBody(Body):
    """One area. `index` is points for 1,000 households, null where their number is not known."""

    area: AreaBody
    counts: BurdenCountsBody
    households: int | None
    points: float
    index: float | None
    balance: BalanceBody


class BurdenPage(Body):
    """Areas of a level, by code, with the weights of each count."""

    level: str
    at: datetime
    weights: dict[str, float]
    items: list[AreaBurdenBody]
    next: str | None


class SentBody(Incoming):
    """What came. A correction names the row it corrects and may be below zero."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": KEY,
                    "area": 4,
                    "arrived_on": "2026-03-28",
                    "amount_yuan": "60000.00",
                    "posts": 2,
                    "document": "城财〔2026〕7号",
                }
            ]
        }
    )

    key: UUID = Field(description="Made by the client; the same again gives the first row.")
    area: AreaId = Field(description="Id of the target that received it.")
    arrived_on: date
    amount_yuan: Money = Decimal(0)
    posts: int = Field(default=0, ge=-100_000, le=100_000)
    document: str = Field(min_length=1, max_length=200)
    corrects: AreaId | None = Field(default=None, description="Id of an earlier row.")


class ReceivedBody(Incoming):
    """Whether it came; if not, why one says so."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"received": False, "note": "尚未到账。"}]})

    received: bool
    note: str = Field(default="", max_length=500)


@router.get("/ledger", summary="What was promised and what came, summed")
def ledger(
    house: HouseDep,
    caller: CallerDep,
    by: Annotated[str, Query(description="Sum by admission, agency or area.", examples=["agency"])] = "admission",
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> SumPage:
    """Only what was admitted is owed, and only what the receiving unit confirmed has been received."""
    with house.acting(caller) as work:
        found = verbs.balances(work.session, work.actor, by, after=before(cursor) or 0, limit=limit + 1)
    items = [SumBody(id=one.id, admissions=one.admissions, balance=BalanceBody.of(one.balance)) for one in found]
    more = paging.pack([str(items[limit - 1].id)]) if len(items) > limit else None
    return SumPage(by=by, items=items[:limit], next=more)


@router.get("/alerts", summary="What somebody should look at")
def alerts(house: HouseDep, caller: CallerDep, limit: LimitQuery = 100, cursor: CursorQuery = None) -> AlertPage:
    """Instalments overdue, years underpaid, posts missing, admissions that end within 60 days or are ordered after."""
    with house.acting(caller) as work:
        found, last = verbs.alerts(
            work.session, work.actor, zone=house.zone(work), now=work.now, after=before(cursor) or 0, limit=limit
        )
    return AlertPage(
        items=[AlertBody.of(one) for one in found], next=None if last is None else paging.pack([str(last)])
    )


@router.get("/burden", summary="How much is placed on each sub-district or community")
def burden_of(
    house: HouseDep,
    caller: CallerDep,
    level: Annotated[str, Query(description="subdistrict or community.", examples=["community"])] = "subdistrict",
    at: AtQuery = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> BurdenPage:
    """Counts of what is in force at the instant, the index made of them with its weights, and the money."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        moment = instant(at, house.zone(work), "at") or work.now
        found = burdens.find(
            work.session,
            work.actor,
            level,
            index=boundaries(house, work),
            at=moment,
            after=key[0] if key else "",
            limit=limit + 1,
        )
    items = [
        AreaBurdenBody(
            area=AreaBody.of(one.area),
            counts=BurdenCountsBody(**{name: getattr(one.counts, name) for name in BurdenCountsBody.model_fields}),
            households=one.households,
            points=one.points,
            index=one.index,
            balance=BalanceBody.of(one.balance),
        )
        for one in found
    ]
    more = paging.pack([items[limit - 1].area.code]) if len(items) > limit else None
    return BurdenPage(level=level, at=moment, weights=dict(burden.WEIGHTS), items=items[:limit], next=more)


@router.post("/transfers/{transfer_id}/confirmation", summary="Say whether a transfer came")
def confirm(house: HouseDep, caller: CallerDep, transfer_id: TransferPath, body: ReceivedBody) -> TransferBody:
    """By the unit that receives it; it may say otherwise later, and the last word counts."""
    with house.acting(caller) as work:
        done = verbs.confirm(
            work.session, work.actor, transfer_id, received=body.received, note=body.note, now=work.now
        )
    return TransferBody.of(done)


@router.get("/{admission_id}/ledger", summary="The ledger of one admission")
def account(house: HouseDep, caller: CallerDep, admission_id: AdmissionPath) -> LedgerBody:
    """Every instalment and every transfer that concerns you, and what they come to."""
    with house.acting(caller) as work:
        found = verbs.account(work.session, work.actor, admission_id)
    return LedgerBody(
        promises=[InstalmentBody.of(one) for one in found.promises],
        transfers=[TransferBody.of(one) for one in found.transfers],
        balance=BalanceBody.of(found.whole),
        areas=[
            AreaBalanceBody(
                area=area,
                balance=BalanceBody.of(found.by_area[area]),
                years={str(year): BalanceBody.of(one) for year, one in found.by_year[area].items()},
            )
            for area in found.by_area
        ],
    )


@router.post("/{admission_id}/transfers", summary="Write down what came", status_code=201)
def transfer(house: HouseDep, caller: CallerDep, admission_id: AdmissionPath, body: SentBody) -> TransferBody:
    """By the agency, for one target. It counts as received once the unit has said so."""
    new = NewTransfer(body.area, body.arrived_on, body.document, body.amount_yuan, body.posts, body.corrects)
    with house.acting(caller) as work:
        done = verbs.transfer(work.session, work.actor, body.key, admission_id, new, now=work.now)
    return TransferBody.of(done)
