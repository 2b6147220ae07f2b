"""`/deliveries`: what is told outside the platform, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field
from sqlalchemy import Row

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.shapes import Body
from gridgov.notices import service as verbs
from gridgov.notices.rules import Channel, State

router = APIRouter(tags=["notices"])
DELIVERED = paging.pack(["2026-11-23T04:00:00+00:00", "0190a1b2-0000-5000-8000-000000000001"])
DeliveryPath = Annotated[UUID, Path(description="Id of a delivery.", examples=["0190a1b2-0000-5000-8000-000000000001"])]
LostPath = Annotated[UUID, Path(description="Id of a delivery.", examples=["0190a1b2-0000-5000-8000-000000000002"])]


class DeliveryBody(Body):
    """What is told outside, and what became of it. No address is kept with it."""

    id: UUID
    channel: Channel
    target: str = Field(examples=["subscription:1", "reporter"])
    subscription_id: int | None
    incident_id: UUID | None
    topic: str
    key: str
    at: datetime
    made_at: datetime
    state: State
    attempts: int
    next_at: datetime | None = Field(description="When it is tried next; null once it has ended.")
    problem: str | None = Field(examples=["receiver-refused: 503"])
    parts: int | None = Field(description="Of a short message: how many were sent.")
    ended_at: datetime | None
    reason: str | None

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        held = {name: getattr(row, name) for name in cls.model_fields if name != "next_at"}
        return cls(**held, next_at=row.next_at if row.state == State.WAITING else None)


class DeliveryPage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[DeliveryBody]
    next: str | None


class ReasonBody(Body):
    """Why; the trail keeps it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The receiver answers again."}]})

    reason: str = Field(max_length=500)


@router.get("/deliveries", summary="Deliveries")
def deliveries(
    house: HouseDep,
    caller: CallerDep,
    state: Annotated[State | None, Query(description="Only those in this state.", examples=["dead"])] = None,
    channel: Annotated[Channel | None, Query(description="Only by this channel.", examples=["webhook"])] = None,
    subscription: Annotated[
        int | None, Query(ge=1, le=MAX_ID, description="Only to this subscription.", examples=[1])
    ] = None,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[DELIVERED])] = None,
) -> DeliveryPage:
    """Newest first. Those that ended are kept for ninety days, dead ones until somebody settles them."""
    key = paging.unpack(cursor, 2)
    with house.acting(caller) as work:
        found = verbs.find(
            work.session,
            state=state,
            channel=None if channel is None else channel.value,
            subscription=subscription,
            before=_place(key),
            limit=limit + 1,
        )
    items = [DeliveryBody.of(row) for row in found[:limit]]
    following = paging.pack([items[-1].made_at.isoformat(), str(items[-1].id)]) if len(found) > limit else None
    return DeliveryPage(items=items, next=following)


@router.get("/deliveries/{delivery_id}", summary="One delivery")
def delivery(house: HouseDep, caller: CallerDep, delivery_id: DeliveryPath) -> DeliveryBody:
    """As it stands now."""
    with house.acting(caller) as work:
        return DeliveryBody.of(verbs.one(work.session, delivery_id))


@router.post("/deliveries/{delivery_id}/retry", summary="Try a delivery again")
def retry(house: HouseDep, caller: CallerDep, delivery_id: DeliveryPath, body: ReasonBody) -> DeliveryBody:
    """At once, and with all its attempts before it; not one that was sent."""
    with house.acting(caller) as work:
        return DeliveryBody.of(verbs.retry(work.session, delivery_id, reason=body.reason, now=work.now))


@router.post("/deliveries/{delivery_id}/give-up", summary="Give a delivery up")
def give_up(house: HouseDep, caller: CallerDep, delivery_id: LostPath, body: ReasonBody) -> DeliveryBody:
    """With a reason. It can be begun anew."""
    with house.acting(caller) as work:
        return DeliveryBody.of(verbs.give_up(work.session, delivery_id, reason=body.reason, now=work.now))


def _place(key: list[str] | None) -> tuple[datetime, UUID] | None:
    """The instant and the id in a cursor; the same."""
    if key is None:
        return None
    try:
        at = datetime.fromisoformat(key[0])
        return (at, UUID(key[1])) if at.tzinfo is not None else None
    except ValueError:
        return None
