"""`/incidents/{id}/attachments`: photos of an incident, made anew from their pixels before they are kept.

A body is read only when the caller may add to this incident and it has room; of several files one that is refused
refuses all, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import Response as PlainResponse
from pydantic import ConfigDict, Field

from gridgov.api import uploads
from gridgov.api.desk import Desk, DeskDep, elsewhere, in_line
from gridgov.api.problems import RESPONSES, Problem
from gridgov.api.routes.incidents import ID
from gridgov.api.shapes import Body
from gridgov.incidents import attachments, positions
from gridgov.incidents.attachments import MAX_FILES, Attachment
from gridgov.platform import images
from gridgov.platform.errors import BadInput
from gridgov.platform.images import MAX_BYTES, MEDIA_TYPE, Picture

router = APIRouter(tags=["attachments"])
PATH = "/incidents/{incident_id}/attachments"
ATTACHMENT = "1673575c-727a-5b39-9874-2bbdd0ae7e5c"  # of the photo that tests/architecture/test_openapi.py sends
BARE = "default-src 'none'; sandbox"  # should a browser ever take it for a page, it is one without rights
LARGE: dict[int | str, dict[str, Any]] = {413: {"model": Problem, "description": "More than is taken at once"}}
FORM = uploads.form(
    f"JPEG, PNG, WebP or HEIC; at most {MAX_BYTES // 2**20} MB and {images.MAX_PIXELS // 10**6} million pixels each.",
    most=MAX_FILES,
)
REASON = "Checking a complaint about the place of this report."

AttachmentPath = Annotated[UUID, Path(description="Id of the photo.", examples=[ATTACHMENT])]


class AttachmentBody(Body):
    """A photo: what is stored is always JPEG, upright, in sRGB, without anything but pixels."""

    id: UUID = Field(examples=[ATTACHMENT])
    number: int = Field(examples=[1])
    width: int = Field(examples=[4032])
    height: int = Field(examples=[3024])
    size_bytes: int = Field(examples=[2_242_350])
    sent_as: str = Field(examples=["heic"])
    created_at: datetime
    url: str = Field(examples=[f"/api/v1/incidents/{ID}/attachments/{ATTACHMENT}"])
    preview_url: str = Field(examples=[f"/api/v1/incidents/{ID}/attachments/{ATTACHMENT}/preview"])

    @classmethod
    def of(cls, one: Attachment) -> AttachmentBody:
        url = f"/api/v1/incidents/{one.incident_id}/attachments/{one.id}"
        return cls(
            id=one.id,
            number=one.number,
            width=one.width,
            height=one.height,
            size_bytes=one.size_bytes,
            sent_as=one.kind,
            created_at=one.created_at,
            url=url,
            preview_url=f"{url}/preview",
        )


class AttachmentList(Body):
    """Photos of an incident by number; after an upload those that were sent."""

    items: list[AttachmentBody]
    room_for: int = Field(description="How many more can be added.", examples=[8])


class RevealBody(Body):
    """Why it is asked where a photo was taken."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": REASON}]})

    reason: str = Field(max_length=500, examples=[REASON])


class OriginBody(Body):
    """Where and when a photo was taken, as its file said; what it did not say is null. Nobody vouches for it."""

    lon: float | None = Field(default=None, examples=[116.9])
    lat: float | None = Field(default=None, examples=[33.12])
    datum: str | None = Field(default=None, examples=["WGS-84"])
    altitude_m: float | None = None
    accuracy_m: float | None = None
    taken: str | None = Field(default=None, examples=["2025:11:20 08:14:52"])
    zone: str | None = Field(default=None, examples=["+08:00"])
    gps_time: str | None = Field(default=None, examples=["2025:11:20 00:14:50"])


@router.post(
    PATH,
    status_code=201,
    summary="Add photos",
    openapi_extra=FORM,
    responses={200: {"model": AttachmentList}, **LARGE, **RESPONSES},
)
async def add(at: DeskDep, request: Request, response: Response) -> AttachmentList:
    """Several parts named `file`. 201 with the photos; 200 when all of them were there before: the same bytes for the
    same incident are the same photo. Names and types given by the client are not looked at."""
    space = await elsewhere(at.space)
    pictures: dict[UUID, Picture] = {}
    sent: list[UUID] = []
    async for data in uploads.files(request, most_files=MAX_FILES, most_bytes=MAX_BYTES):
        with _named(f"{uploads.FIELD}[{len(sent) + 1}]"):
            images.check_bytes(len(data))
            ident = await elsewhere(attachments.id_of, at.incident_id, data)
            sent.append(ident)
            if ident in space.present or ident in pictures:
                continue
            if len(pictures) == space.left:
                raise attachments.too_many(space.left)
            pictures[ident] = await in_line(images.rebuild, at.house.examiner, data)
    added = await elsewhere(at.add, pictures) if pictures else []
    known = {**space.present, **{one.id: one for one in added}}
    if not known.keys() >= set(sent):  # another request was faster with the same files
        known = dict((await elsewhere(at.space)).present)
    response.status_code = 201 if added else 200
    response.headers["Location"] = f"/api/v1/incidents/{at.incident_id}/attachments"
    items = [AttachmentBody.of(known[ident]) for ident in dict.fromkeys(sent)]
    return AttachmentList(items=items, room_for=MAX_FILES - len(known))


@router.get(PATH, summary="Photos of an incident")
def listed(at: DeskDep) -> AttachmentList:
    """404 for an incident that there is not, or that is not the caller's to see."""
    with at.open() as (work, reach):
        found = attachments.listed(work.session, at.incident_id, reach=reach)
    return AttachmentList(items=[AttachmentBody.of(one) for one in found], room_for=MAX_FILES - len(found))


PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {}}, "description": "The picture."},
    304: {"description": "Still as the client has it."},
}
TagHeader = Annotated[str | None, Header(description="Tags of pictures that the client has.", examples=['"0"'])]


@router.get(PATH + "/{attachment_id}", summary="A photo", response_class=PlainResponse, responses=PICTURE)
def picture(at: DeskDep, attachment_id: AttachmentPath, if_none_match: TagHeader = None) -> Response:
    """JPEG, in the size in which it was sent."""
    return _picture(at, attachment_id, if_none_match, small=False)


@router.get(
    PATH + "/{attachment_id}/preview", summary="A photo, small", response_class=PlainResponse, responses=PICTURE
)
def preview(at: DeskDep, attachment_id: AttachmentPath, if_none_match: TagHeader = None) -> Response:
    """JPEG; the longer side has at most 320 pixels."""
    return _picture(at, attachment_id, if_none_match, small=True)


@router.post(PATH + "/{attachment_id}/origin", summary="Where and when a photo was taken")
def origin(at: DeskDep, attachment_id: AttachmentPath, body: RevealBody) -> OriginBody:
    """As the file said it. Personal data: who asks, and why, is kept."""
    with at.open() as (work, reach):
        facts = positions.reveal(
            work.session,
            at.incident_id,
            attachment_id,
            reach=reach,
            reason=body.reason,
            sealer=at.house.sealer,
        )
    return OriginBody.model_validate(facts)


def _picture(at: Desk, attachment_id: UUID, if_none_match: str | None, *, small: bool) -> Response:
    found = at.one(attachment_id)
    tag = f'{found.etag[:-1]}-small"' if small else found.etag
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",  # the right to see it can end; asked again, it costs no picture
        "Content-Security-Policy": BARE,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Disposition": f'inline; filename="photo-{found.number}{"-small" if small else ""}.jpg"',
    }
    if if_none_match is not None and tag in {one.strip().removeprefix("W/") for one in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    data = attachments.picture(at.house.storage, at.house.app.city, found, small=small)
    return Response(data, media_type=MEDIA_TYPE, headers=headers)


@contextmanager
def _named(field: str) -> Iterator[None]:
    """A refusal of a file says which of the files it was."""
    try:
        yield
    except BadInput as problem:
        if problem.field == uploads.FIELD:
            problem.field = field
        raise
