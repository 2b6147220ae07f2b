"""`POST /incidents` takes a report; `GET` lists and shows them. No answer carries a reporter's contact."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, ConfigDict, Field, JsonValue

from gridgov.api import paging, throttle
from gridgov.api.deps import MAX_ID, BoxQuery, CallerDep, HouseDep, LimitQuery, box
from gridgov.api.filters import AboveQuery, FiltersDep, HeldByQuery, LiesInQuery, OutsideQuery
from gridgov.api.problems import RESPONSES
from gridgov.api.routes.counts import AsByQuery, boundaries
from gridgov.api.shapes import AreaBody, Body, BodyRef, CategoryRef, Lonlat, Names
from gridgov.auth.rules import Actor, Role
from gridgov.bootstrap import Caller, House
from gridgov.cases import exchange
from gridgov.cases import service as cases
from gridgov.cases.exchange import OrderKind, Source
from gridgov.duties.route import Responsible
from gridgov.duties.rules import Agency
from gridgov.geo.crs import Datum
from gridgov.incidents import service
from gridgov.incidents.receipts import number_of, receipt_secret
from gridgov.incidents.rules import Channel, Report, Reporter, Status
from gridgov.incidents.service import Filter, Indexes, Seen
from gridgov.platform import metrics
from gridgov.platform.errors import BadInput, Refused

router = APIRouter(tags=["incidents"])
ID = "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c11"
ORDERING = frozenset({Role.MACHINE, Role.CENTRE_OPERATOR})
CURSOR = paging.pack(["2025-11-20T00:15:00+00:00", ID])
EXAMPLE: dict[str, JsonValue] = {
    "id": ID,
    "category": "06010",
    "point": {"lon": 116.9, "lat": 33.12},
    "datum": "wgs84",
    "accuracy_m": 12.0,
    "happened_at": "2025-11-20T08:15:00+08:00",
    "channel": "worker",
    "text": "路口西北角有暴露垃圾",
}


class ReporterBody(Body):
    """Who may be answered; optional, sealed in the store, never listed."""

    name: str | None = Field(default=None, max_length=80)
    phone: str | None = Field(default=None, max_length=40)
    notice: int | None = Field(
        default=None, ge=1, le=MAX_ID, description="Id of the notice that was shown (`/privacy/notices/report`)."
    )


class OrderBody(Body):
    """The order of another system that a report comes from. Its number is taken once: sent again with the same report,
    it gives the first receipt, whatever the report's own id."""

    name: str = Field(min_length=1, max_length=40, description="Of the system.", examples=["hotline-91580"])
    number: str = Field(min_length=1, max_length=80, examples=["R20251120000123"])
    kind: OrderKind | None = None
    due_at: AwareDatetime | None = Field(default=None, description="By when the order wants an answer.")


class ReportBody(Body):
    """A report. The client makes `id`; sending the same again returns the first receipt."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: UUID = Field(examples=[ID])
    category: str = Field(max_length=40, examples=["06010"])
    point: Lonlat
    datum: Datum = Datum.WGS84
    accuracy_m: float | None = Field(default=None, examples=[12.0])
    happened_at: AwareDatetime = Field(examples=[EXAMPLE["happened_at"]])
    channel: Channel = Field(examples=["worker"])
    text: str = Field(default="", examples=["路口西北角有暴露垃圾"])
    address: str | None = Field(default=None, max_length=300)
    reporter: ReporterBody | None = None
    source: OrderBody | None = Field(default=None, description="Where it was taken first, if not here.")


class ChannelNotYours(Refused):
    """A channel that belongs to another role."""

    code = "channel-not-yours"


class SourceNotYours(Refused):
    """Orders of other systems are brought by machines, or by the centre."""

    code = "source-not-yours"


class SiteRef(Body):
    """The site that serves the point."""

    id: int
    names: Names
    address: str | None


class IncidentBody(Body):
    """An incident as it may be shown."""

    id: UUID
    number: str = Field(examples=["20251120-000123"])
    category: CategoryRef
    channel: Channel
    status: Status
    happened_at: datetime
    received_at: datetime
    reported: Lonlat
    datum: Datum
    accuracy_m: float | None
    point: Lonlat
    inside: bool
    distance_m: float
    path: list[AreaBody]
    candidates: list[AreaBody]
    lead: BodyRef | None
    agency: BodyRef | None
    site: SiteRef | None
    place: Names
    text: str | None = Field(description="Null for those who may not read free text.")
    address: str | None


class ReceiptBody(IncidentBody):
    """What the reporter gets. With number and `secret` anybody can ask how the matter stands (`/receipts`)."""

    secret: str = Field(examples=["7K3WQ9ZB4D"])


class IncidentPage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[IncidentBody]
    next: str | None


@router.post(
    "/incidents", status_code=201, summary="Report an incident", responses={200: {"model": ReceiptBody}, **RESPONSES}
)
def report(house: HouseDep, caller: CallerDep, body: ReportBody, response: Response) -> ReceiptBody:
    """201 with a receipt; 200 with the first receipt for the same report again; 409 for another under the same id."""
    throttle.by_network(house, throttle.REPORTS, caller)
    source = _source(body) if body.source else None
    ident = _ordered(house, caller, source, body) if source else body.id
    new = report_of(body, ident)
    indexes = Indexes(house.locator, house.places, house.router, house.sealer)
    with house.acting(caller, incident=ident) as work:
        check_channel(work.actor, body.channel)
        receipt = service.report(work.session, new, indexes=indexes, now=work.now)
        if not receipt.repeated:
            by = cases.standing(work.actor).by
            cases.open_case(work.session, receipt.seen.row, by, setting=house.case_setting(work))
            if source:
                exchange.keep_source(work.session, ident, source, now=work.now)
        zone = house.zone(work)
    if not receipt.repeated:
        metrics.incident_taken(body.channel)
    response.status_code = 200 if receipt.repeated else 201
    response.headers["Location"] = f"/api/v1/incidents/{ident}"
    return receipt_body(receipt.seen, zone, receipt_secret(house.sealer, ident))


def report_of(body: ReportBody, ident: UUID) -> Report:
    """The report that a body says, under an id that is mostly its own."""
    return Report(
        id=ident,
        category=body.category,
        lon=body.point.lon,
        lat=body.point.lat,
        happened_at=body.happened_at,
        channel=body.channel,
        datum=body.datum,
        accuracy_m=body.accuracy_m,
        text=body.text,
        address=body.address,
        reporter=_reporter(body.reporter) if body.reporter else None,
    )


def receipt_body(seen: Seen, zone: Any, secret: str) -> ReceiptBody:
    """What the reporter gets."""
    return ReceiptBody(**_shown(seen, zone), secret=secret)


@router.get("/incidents", summary="Incidents, newest first")
def incidents(
    house: HouseDep,
    caller: CallerDep,
    filters: FiltersDep,
    *,
    bbox: BoxQuery = None,
    held_by: HeldByQuery = None,
    outside: OutsideQuery = False,
    above: AboveQuery = None,
    lies_in: LiesInQuery = None,
    as_by: AsByQuery = None,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> IncidentPage:
    """As long as what `/counts` counts by the same filters. A filter that nothing matches gives an empty page."""
    key = paging.unpack(cursor, 2)
    if as_by and (outside or above):
        raise BadInput(
            "What lies in no area is listed by the boundaries in force alone.", field="as_by", remedy="Leave out as_by."
        )
    with house.acting(caller) as work:
        zone = house.zone(work)
        other = boundaries(house, work, as_by)[1] if as_by else None
        asked = replace(filters, area=None).read(house, work)  # by which boundaries is said below
        wanted = Filter(
            area=filters.area,
            since=asked.period.begin,
            until=asked.period.end,
            bbox=box(bbox),
            statuses=asked.statuses,
            before=_key(key),
            category_ids=asked.category_ids,
            channels=asked.channels,
            agency_ids=asked.agency_ids,
            held_by=held_by,
            above=above,
            outside=outside,
            among=lies_in,
            by=other,
            reach=work.reach,
            with_text=_with_text(work.actor),
        )
        seen = service.find(
            work.session, wanted, locator=house.locator, router=house.router, now=work.now, limit=limit + 1
        )
    last = seen[limit - 1].row if len(seen) > limit else None
    return IncidentPage(
        items=[_body(one, zone) for one in seen[:limit]],
        next=paging.pack([last.happened_at.isoformat(), str(last.id)]) if last is not None else None,
    )


@router.get("/incidents/{incident_id}", summary="One incident")
def incident(
    house: HouseDep,
    caller: CallerDep,
    incident_id: Annotated[UUID, Path(description="The id that the client made.", examples=[ID])],
) -> IncidentBody:
    """404 when there is none of this id, and for one that is not the caller's to see."""
    with house.acting(caller, incident=incident_id) as work:
        seen = service.get(
            work.session,
            incident_id,
            locator=house.locator,
            reach=work.reach,
            revision=work.marks.get("areas", 0),
            with_text=_with_text(work.actor),
        )
        zone = house.zone(work)
    return _body(seen, zone)


def check_channel(actor: Actor, channel: Channel) -> None:
    """A role reports by the channels that are its own. Raises `ChannelNotYours`."""
    allowed = actor.require("incidents.report").fields.split("+")
    if channel not in allowed:
        raise ChannelNotYours(
            f"A {actor.role.replace('_', ' ')} does not report by “{channel}”.",
            field="channel",
            remedy=f"Use one of: {', '.join(allowed)}.",
        )


def _source(body: ReportBody) -> Source:
    """Raises `BadSource`."""
    assert body.source is not None
    source = Source(body.source.name, body.source.number, body.source.kind, body.source.due_at)
    exchange.check_source(source, body.channel)
    return source


def _ordered(house: House, caller: Caller, source: Source, body: ReportBody) -> UUID:
    """The id under which an order was taken before; that of the report for a new one. Raises `SourceNotYours`."""
    with house.acting(caller) as work:
        check_channel(work.actor, body.channel)
        if work.actor.role not in ORDERING:
            raise SourceNotYours(
                "Only another system, or the centre for it, brings orders.", field="source", remedy="Leave it out."
            )
        return exchange.case_of(work.session, source) or body.id


def _with_text(actor: Actor) -> bool:
    return actor.require("incidents.read").fields == "all"


def _reporter(body: ReporterBody) -> Reporter:
    return Reporter(body.name, body.phone, body.notice)


def _key(key: list[str] | None) -> tuple[datetime, UUID] | None:
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]), UUID(key[1])
    except ValueError:
        raise BadInput(
            "This cursor was not made here.", field="cursor", remedy="Take `next` of the page before."
        ) from None


def _body(seen: Seen, zone: Any) -> IncidentBody:
    return IncidentBody(**_shown(seen, zone))


def _shown(seen: Seen, zone: Any) -> dict[str, Any]:
    """What an incident's body and a receipt have in common."""
    row = seen.row
    agency = None if row.agency_id is None else Agency(row.agency_id, row.agency_code, row.agency_names)
    lead = BodyRef.of(Responsible(agency=agency, area=seen.lead_area)) if agency or seen.lead_area else None
    return {
        "id": row.id,
        "number": number_of(row.number, row.happened_at, zone),
        "category": CategoryRef(code=row.category_code, names=row.category_names),
        "channel": row.channel,
        "status": row.status,
        "happened_at": row.happened_at,
        "received_at": row.received_at,
        "reported": Lonlat(lon=row.reported_lon, lat=row.reported_lat),
        "datum": row.datum,
        "accuracy_m": row.accuracy_m,
        "point": Lonlat(lon=row.lon, lat=row.lat),
        "inside": row.outside_m == 0,
        "distance_m": round(row.outside_m, 2),
        "path": [AreaBody.of(area) for area in seen.path],
        "candidates": [AreaBody.of(area) for area in seen.candidates],
        "lead": lead,
        "agency": lead if agency else None,
        "site": SiteRef(id=row.site_id, names=row.site_names, address=row.site_address) if row.site_id else None,
        "place": row.place,
        "text": row.text,
        "address": row.address,
    }
