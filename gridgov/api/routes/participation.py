"""`/cases/{id}/incident`, `photos`, `contact`: what those who take part in a case need of its incident."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import Response as PlainResponse
from pydantic import Field

from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.desk import Desk, elsewhere
from gridgov.api.problems import RESPONSES
from gridgov.api.routes import attachments as photos
from gridgov.api.routes.attachments import FORM, LARGE, PICTURE, AttachmentBody, AttachmentPath, TagHeader
from gridgov.api.routes.cases import CASEWORK, CaseId
from gridgov.api.routes.contacts import ContactBody, ReasonBody
from gridgov.api.shapes import Body, CategoryRef, Lonlat, Names
from gridgov.auth.rules import EVERYWHERE, Reach
from gridgov.bootstrap import Caller, House, Work
from gridgov.cases import exchange, participation
from gridgov.cases.exchange import OrderKind
from gridgov.cases.participation import Mark, Stage
from gridgov.geo.crs import Datum
from gridgov.incidents import attachments, contacts, service
from gridgov.incidents.attachments import MAX_FILES, Attachment
from gridgov.incidents.receipts import number_of

router = APIRouter(tags=["cases"])
ALONE = EVERYWHERE  # of a transaction that is bound to one incident: the row policies show no other


class SourceBody(Body):
    """The order of another system, with the limit that it states; ours stand among the clocks of the case."""

    name: str = Field(examples=["hotline-91580"])
    number: str = Field(examples=["R20251120000123"])
    kind: OrderKind | None
    due_at: datetime | None


class MatterBody(Body):
    """What was reported. `text` and `address` are null for those who may not read free text."""

    id: UUID
    number: str = Field(examples=["20251120-000123"])
    category: CategoryRef
    channel: str
    happened_at: datetime
    received_at: datetime
    text: str | None
    address: str | None
    reported: Lonlat
    datum: Datum
    accuracy_m: float | None
    point: Lonlat
    place: Names
    source: SourceBody | None


class CasePhotoBody(AttachmentBody):
    """A photo of the incident; `stage` and `agency` for those of the handling."""

    stage: Stage | None
    agency: int | None


class CasePhotoList(Body):
    """Photos by number."""

    items: list[CasePhotoBody]
    room_for: int = Field(description="How many more can be added.", examples=[8])


class CaseDesk(Desk):
    """The photos of an incident as somebody sees them who takes part in its case."""

    def __init__(self, house: House, caller: Caller, case_id: UUID, stage: Stage) -> None:
        super().__init__(house, caller, case_id, receipt=False)
        self.stage = stage

    @contextmanager
    def open(self) -> Iterator[tuple[Work, Reach | None]]:
        with self.house.acting(self.caller, incident=self.incident_id) as work:
            _let_in(work, self.incident_id)
            yield work, None

    def added(self, work: Work, new: list[Attachment]) -> None:
        found = [one.id for one in new]
        participation.mark(work.session, self.incident_id, found, self.stage, work.actor, now=work.now)


async def case_desk(
    house: HouseDep,
    caller: CallerDep,
    case_id: CaseId,
    stage: Annotated[Stage, Query(description="What photos that are added show.")] = Stage.AFTER,
) -> CaseDesk:
    return CaseDesk(house, caller, case_id, stage)


CaseDeskDep = Annotated[CaseDesk, Depends(case_desk)]


@router.get("/cases/{case_id}/incident", summary="What was reported")
def matter(house: HouseDep, caller: CallerDep, case_id: CaseId) -> MatterBody:
    """For the holder, whoever is summoned or has a task, and the desk. 404 for who takes no part, or no longer."""
    with house.acting(caller, incident=case_id) as work:
        _let_in(work, case_id)
        with_text = work.actor.require("cases.read").fields == "all"
        revision = work.marks.get("areas", 0)
        seen = service.get(
            work.session, case_id, locator=house.locator, reach=ALONE, revision=revision, with_text=with_text
        )
        source = exchange.source_of(work.session, case_id)
        zone = house.zone(work)
    row = seen.row
    return MatterBody(
        id=row.id,
        number=number_of(row.number, row.happened_at, zone),
        category=CategoryRef(code=row.category_code, names=row.category_names),
        channel=row.channel,
        happened_at=row.happened_at,
        received_at=row.received_at,
        text=row.text,
        address=row.address,
        reported=Lonlat(lon=row.reported_lon, lat=row.reported_lat),
        datum=row.datum,
        accuracy_m=row.accuracy_m,
        point=Lonlat(lon=row.lon, lat=row.lat),
        place=row.place,
        source=SourceBody(name=source.name, number=source.order_number, kind=source.kind, due_at=source.due_at)
        if source
        else None,
    )


@router.get("/cases/{case_id}/photos", summary="Photos of a case")
def listed(at: CaseDeskDep) -> CasePhotoList:
    """Those of the report and those of the handling."""
    with at.open() as (work, reach):
        found = attachments.listed(work.session, at.incident_id, reach=reach)
        marks = participation.marks(work.session, at.incident_id)
    return CasePhotoList(items=[_photo(one, marks) for one in found], room_for=MAX_FILES - len(found))


@router.post(
    "/cases/{case_id}/photos",
    status_code=201,
    summary="Add photos of the handling",
    openapi_extra=FORM,
    responses={200: {"model": CasePhotoList}, **LARGE, **RESPONSES},
)
async def add(at: CaseDeskDep, request: Request, response: Response) -> CasePhotoList:
    """Parts named `file`, as for an incident; `stage` says what they show. 201 with the photos of the case, 200 when
    all of them were there before."""
    await photos.add(at, request, response)
    response.headers["Location"] = f"/api/v1/cases/{at.incident_id}/photos"
    return await elsewhere(listed, at)


@router.get(
    "/cases/{case_id}/photos/{attachment_id}", summary="A photo", response_class=PlainResponse, responses=PICTURE
)
def picture(at: CaseDeskDep, attachment_id: AttachmentPath, if_none_match: TagHeader = None) -> Response:
    """JPEG, in the size in which it was sent."""
    return photos.picture(at, attachment_id, if_none_match)


@router.get(
    "/cases/{case_id}/photos/{attachment_id}/preview",
    summary="A photo, small",
    response_class=PlainResponse,
    responses=PICTURE,
)
def preview(at: CaseDeskDep, attachment_id: AttachmentPath, if_none_match: TagHeader = None) -> Response:
    """JPEG; the longer side has at most 320 pixels."""
    return photos.preview(at, attachment_id, if_none_match)


@router.get("/cases/{case_id}/contact", summary="The reporter's contact, masked")
def contact(house: HouseDep, caller: CallerDep, case_id: CaseId, response: Response) -> ContactBody:
    """For who takes part and has to answer. 404 alike when none was left, when it is gone, when it is not for you."""
    with house.acting(caller, incident=case_id) as work:
        _let_in(work, case_id)
        found = contacts.shown(work.session, case_id, reach=ALONE, sealer=house.sealer)
    response.headers["Cache-Control"] = "no-store"
    return ContactBody.of(found)


@router.post("/cases/{case_id}/contact/reveal", summary="The reporter's contact, opened for a reason")
def reveal(house: HouseDep, caller: CallerDep, case_id: CaseId, body: ReasonBody, response: Response) -> ContactBody:
    """Who, in which post, when and why stands in the trail. 409 for a contact that may not be used any more."""
    with house.acting(caller, incident=case_id) as work:
        _let_in(work, case_id)
        found = contacts.reveal(work.session, case_id, reach=ALONE, reason=body.reason, sealer=house.sealer)
    response.headers["Cache-Control"] = "no-store"
    return ContactBody.of(found)


def _let_in(work: Work, case_id: UUID) -> None:
    participation.let_in(work.session, case_id, work.reach, partial(work.become, CASEWORK))


def _photo(one: Attachment, marks: dict[UUID, Mark]) -> CasePhotoBody:
    mark = marks.get(one.id)
    plain = AttachmentBody.of(one).model_dump()
    url = f"/api/v1/cases/{one.incident_id}/photos/{one.id}"
    return CasePhotoBody(
        **{**plain, "url": url, "preview_url": f"{url}/preview"},
        stage=mark.stage if mark else None,
        agency=mark.agency_id if mark else None,
    )
