"""`/receptions`: deputies announce that they listen, and what they hear becomes cases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, ConfigDict, Field, JsonValue

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery, instant
from gridgov.api.filters import FromQuery, ToQuery
from gridgov.api.problems import RESPONSES
from gridgov.api.routes.incidents import ReporterBody
from gridgov.api.shapes import Body, CategoryRef, Lonlat, Names
from gridgov.cases import receptions as verbs
from gridgov.cases.receptions import MOST_OPINIONS, NewReception, Opinion
from gridgov.cases.rules import State
from gridgov.incidents.receipts import number_of, receipt_secret
from gridgov.incidents.rules import MAX_TEXT, Reporter
from gridgov.incidents.service import Indexes
from gridgov.platform.errors import BadInput

router = APIRouter(tags=["receptions"])
ID = "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2d01"
CURSOR = paging.pack(["2026-11-20T01:00:00+00:00", ID])
EXAMPLE: dict[str, JsonValue] = {
    "id": ID, "area": 5, "held_at": "2026-11-20T09:00:00+08:00", "notice": "每月二十日上午，社区服务中心一楼",
}  # fmt: skip
SAID: dict[str, JsonValue] = {
    "opinions": [
        {"id": "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2d02", "category": "06010", "text": "楼后垃圾无人清运"},
    ]
}
ReceptionPath = Annotated[UUID, Path(description="Id of a reception.", examples=[ID])]


class NewReceptionBody(Body):
    """A reception to be announced. The client makes `id`; sending the same again changes nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: UUID = Field(examples=[ID])
    area: int = Field(ge=1, le=MAX_ID, description="Id of the community.", examples=[5])
    held_at: AwareDatetime = Field(examples=[EXAMPLE["held_at"]])
    notice: str = Field(default="", max_length=500, description="Where and when, as it is announced.")


class ReceptionBody(Body):
    """A reception; `deputy` is the account that holds it. Nobody who came is named."""

    id: UUID
    held_at: datetime
    notice: str
    deputy: int
    area: int
    area_code: str
    area_names: Names
    opinions: int
    replied: int = Field(description="How many of them are answered in writing.")

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            id=row.id, held_at=row.held_at, notice=row.notice, deputy=row.account_id, area=row.area_id,
            area_code=row.area_code, area_names=row.area_names, opinions=row.opinions, replied=row.replied,
        )  # fmt: skip


class ReceptionPage(Body):
    """A page, newest first."""

    items: list[ReceptionBody]
    next: str | None


class OpinionBody(Body):
    """What became of an opinion; number, category and state are null where its place lies beyond the reader's area."""

    case: UUID
    ordinal: int
    number: str | None
    category: CategoryRef | None
    state: State | None
    replied_at: datetime | None


class HeldBody(ReceptionBody):
    """A reception with its opinions."""

    heard: list[OpinionBody]


class SaidBody(Body):
    """An opinion: what was said, not who said it. Without a point it is about the community as a whole; whoever wants
    to be answered leaves a contact, which is sealed."""

    id: UUID
    category: str = Field(max_length=40, examples=["06010"])
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    point: Lonlat | None = None
    address: str | None = Field(default=None, max_length=300)
    reporter: ReporterBody | None = None


class OpinionsBody(Body):
    """Opinions of a reception, taken all or none."""

    model_config = ConfigDict(json_schema_extra={"examples": [SAID]})

    opinions: list[SaidBody] = Field(min_length=1, max_length=MOST_OPINIONS)


class TakenBody(Body):
    """The receipt of an opinion: with both anybody can ask how it stands (`/receipts`)."""

    case: UUID
    number: str
    secret: str
    repeated: bool


@router.get("/receptions", summary="Receptions of deputies, newest first")
def listed(
    house: HouseDep,
    caller: CallerDep,
    since: FromQuery = None,
    until: ToQuery = None,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> ReceptionPage:
    """Within the caller's area, with how many opinions each brought and how many are answered in writing."""
    key = _key(paging.unpack(cursor, 2))
    with house.acting(caller) as work:
        zone = house.zone(work)
        found = verbs.find(
            work.session, work.reach, since=instant(since, zone, "from"), until=instant(until, zone, "to"), before=key,
            limit=limit + 1,
        )  # fmt: skip
    last = found[limit - 1] if len(found) > limit else None
    return ReceptionPage(
        items=[ReceptionBody.of(one) for one in found[:limit]],
        next=paging.pack([last.held_at.isoformat(), str(last.id)]) if last is not None else None,
    )


@router.post(
    "/receptions",
    status_code=201,
    summary="Announce a reception",
    responses={200: {"model": ReceptionBody}, **RESPONSES},
)
def announce(house: HouseDep, caller: CallerDep, body: NewReceptionBody, response: Response) -> ReceptionBody:
    """In a community of the deputy's post. 200 when it was announced before."""
    new = NewReception(body.id, body.area, body.held_at, body.notice)
    with house.acting(caller) as work:
        index = house.locator.index(work.session, work.now, revision=work.marks.get("areas", 0))
        path = index.path_of(body.area) if index.get(body.area) is not None else ()
        fresh = verbs.announce(work.session, new, work.actor, path, now=work.now)
        row = verbs.get(work.session, body.id, work.reach)
    response.status_code = 201 if fresh else 200
    response.headers["Location"] = f"/api/v1/receptions/{body.id}"
    return ReceptionBody.of(row)


@router.get("/receptions/{reception_id}", summary="One reception")
def reception(house: HouseDep, caller: CallerDep, reception_id: ReceptionPath) -> HeldBody:
    """With what became of each opinion. 404 beyond the caller's area."""
    with house.acting(caller) as work:
        row = verbs.get(work.session, reception_id, work.reach)
        heard = verbs.opinions(work.session, reception_id)
        zone = house.zone(work)
    return HeldBody(
        **ReceptionBody.of(row).model_dump(),
        heard=[
            OpinionBody(
                case=one.case_id,
                ordinal=one.ordinal,
                number=number_of(one.number, one.happened_at, zone) if one.number else None,
                category=CategoryRef(code=one.category_code, names=one.category_names) if one.number else None,
                state=one.state,
                replied_at=one.replied_at,
            )
            for one in heard
        ],
    )


@router.post(
    "/receptions/{reception_id}/opinions",
    status_code=201,
    summary="Record what was said",
    responses={200: {"model": list[TakenBody]}, **RESPONSES},
)
def record(
    house: HouseDep, caller: CallerDep, reception_id: ReceptionPath, body: OpinionsBody, response: Response
) -> list[TakenBody]:
    """Each opinion becomes a case, all of them or none. 200 when all were taken before. No names belong into a text."""
    indexes = Indexes(house.locator, house.places, house.router, house.sealer)
    with house.acting(caller) as work:
        setting = house.case_setting(work)
        receipts = verbs.record(
            work.session, reception_id, [_opinion(one) for one in body.opinions], work.actor,
            indexes=indexes, setting=setting, become=work.become, name=work.name,
        )  # fmt: skip
    response.status_code = 200 if all(one.repeated for one in receipts) else 201
    response.headers["Location"] = f"/api/v1/receptions/{reception_id}"
    zone = setting.calendar.zone
    return [
        TakenBody(
            case=one.seen.row.id,
            number=number_of(one.seen.row.number, one.seen.row.happened_at, zone),
            secret=receipt_secret(house.sealer, one.seen.row.id),
            repeated=one.repeated,
        )
        for one in receipts
    ]


def _opinion(body: SaidBody) -> Opinion:
    reporter = body.reporter
    return Opinion(
        id=body.id,
        category=body.category,
        text=body.text,
        lon=body.point.lon if body.point else None,
        lat=body.point.lat if body.point else None,
        address=body.address,
        reporter=Reporter(reporter.name, reporter.phone, reporter.notice) if reporter else None,
    )


def _key(key: list[str] | None) -> tuple[datetime, UUID] | None:
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]), UUID(key[1])
    except ValueError:
        raise BadInput(
            "This cursor was not made here.", field="cursor", remedy="Take `next` of the page before."
        ) from None
