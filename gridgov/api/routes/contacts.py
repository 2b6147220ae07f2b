"""`/incidents/{id}/contact`: the reporter's contact, masked; and revealed for a reason that the trail keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import ConfigDict, Field

from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.routes.incidents import ID
from gridgov.api.shapes import Body
from gridgov.incidents import contacts
from gridgov.incidents.contacts import Contact
from gridgov.privacy.trail import LEAST, MOST

router = APIRouter(tags=["contacts"])
IncidentPath = Annotated[UUID, Path(description="The id that the client made.", examples=[ID])]


class ContactBody(Body):
    """A contact. A frozen one is only stored, and shows nothing."""

    name: str | None = Field(examples=["张*"])
    phone: str | None = Field(examples=["138****5678"])
    given_at: datetime
    frozen_at: datetime | None
    frozen_because: str | None = Field(description="erase, withdrawal or retention.")

    @classmethod
    def of(cls, contact: Contact) -> Self:
        return cls(
            name=contact.name,
            phone=contact.phone,
            given_at=contact.given_at,
            frozen_at=contact.frozen_at,
            frozen_because=contact.frozen_because,
        )


class ReasonBody(Body):
    """Why somebody's data is opened; it can be read in the trail later."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "向反映人核实具体位置"}]})

    reason: str = Field(min_length=LEAST, max_length=MOST, examples=["向反映人核实具体位置"])


@router.get("/incidents/{incident_id}/contact", summary="The reporter's contact, masked")
def contact(house: HouseDep, caller: CallerDep, incident_id: IncidentPath, response: Response) -> ContactBody:
    """404 alike when none was left, when it is gone, and when it is not for you."""
    with house.acting(caller, incident=incident_id) as work:
        found = contacts.shown(work.session, incident_id, reach=work.reach, sealer=house.sealer)
    response.headers["Cache-Control"] = "no-store"
    return ContactBody.of(found)


@router.post("/incidents/{incident_id}/contact/reveal", summary="The reporter's contact, opened for a reason")
def reveal(
    house: HouseDep, caller: CallerDep, incident_id: IncidentPath, body: ReasonBody, response: Response
) -> ContactBody:
    """Who, in which post, when and why stands in the trail. 409 for a contact that may not be used any more."""
    with house.acting(caller, incident=incident_id) as work:
        found = contacts.reveal(work.session, incident_id, reach=work.reach, reason=body.reason, sealer=house.sealer)
    response.headers["Cache-Control"] = "no-store"
    return ContactBody.of(found)
