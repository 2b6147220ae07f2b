"""`/webhooks` and `/offices`: who outside the platform is told of what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field, JsonValue

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.shapes import Body
from gridgov.notices import subscribing
from gridgov.notices.rules import Channel
from gridgov.notices.subscribing import Subscribed

router = APIRouter(tags=["notices"])
AFTER = paging.pack(["7"])
WEBHOOK: dict[str, JsonValue] = {
    "label": "hotline 12345",
    "url": "https://hooks.example.org/gridgov",
    "topics": ["case.*"],
}
OFFICE: dict[str, JsonValue] = {
    "channel": "mail",
    "label": "duty desk",
    "body": "agency:1",
    "destination": "duty-desk@example.org",
    "topics": ["case.dispatched", "case.whistled"],
}
SubscriptionPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a subscription.", examples=[1])]
LastPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a subscription.", examples=[2])]
OfficePath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a subscription.", examples=[3])]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", examples=[AFTER])]


class SubscriptionBody(Body):
    """Who is told of what. Neither a secret nor the destination of an office is shown."""

    id: int
    channel: Channel
    label: str
    topics: list[str]
    body: str | None
    url: str | None
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, one: Subscribed) -> Self:
        return cls(
            id=one.id,
            channel=one.channel,
            label=one.label,
            topics=list(one.topics),
            body=one.body,
            url=one.url,
            created_at=one.created_at,
            ended_at=one.ended_at,
        )


class SubscriptionPage(Body):
    """A page by id; `next` is the cursor of the page after, null on the last."""

    items: list[SubscriptionBody]
    next: str | None


class WithSecretBody(SubscriptionBody):
    """A webhook with its new secret, which is told this once."""

    secret: str = Field(description="What its messages are signed with (docs/notices.md).")


class NewWebhookBody(Body):
    """A receiver. Its host must be on the list of this installation."""

    model_config = ConfigDict(json_schema_extra={"examples": [WEBHOOK]})

    label: str = Field(max_length=80)
    url: str = Field(max_length=500)
    topics: list[str] = Field(max_length=subscribing.MOST_TOPICS, examples=[["case.*"]])
    source: str | None = Field(
        default=None, max_length=40, description="Another system: it is told of its own orders alone.",
        examples=["hotline"],
    )  # fmt: skip


class ChangeBody(Body):
    """What is to be another; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"topics": ["case.closed"]}]})

    label: str | None = Field(default=None, max_length=80)
    topics: list[str] | None = Field(default=None, max_length=subscribing.MOST_TOPICS)


class NewOfficeBody(Body):
    """The mailbox, or the number for short messages, of an office on duty; not of a person."""

    model_config = ConfigDict(json_schema_extra={"examples": [OFFICE]})

    channel: Channel
    label: str = Field(max_length=80)
    body: str = Field(max_length=80, examples=["agency:7", "area:3:centre_operator"])
    destination: str = Field(max_length=256)
    topics: list[str] = Field(max_length=subscribing.MOST_TOPICS, examples=[["case.dispatched"]])


class PingBody(Body):
    """A test is on its way; what became of it stands among the deliveries."""

    event: int


@router.get("/webhooks", summary="Webhooks")
def webhooks(house: HouseDep, caller: CallerDep, limit: LimitQuery = 100, cursor: Cursor = None) -> SubscriptionPage:
    """By id, also those that have ended."""
    return _subscriptions(house, caller, limit, cursor, webhooks=True)


@router.post("/webhooks", status_code=201, summary="Make a webhook")
def add_webhook(house: HouseDep, caller: CallerDep, body: NewWebhookBody) -> WithSecretBody:
    """The answer holds the secret; it is told nowhere else."""
    with house.acting(caller) as work:
        made = subscribing.add_webhook(
            work.session,
            work.actor,
            label=body.label,
            url=body.url,
            topics=body.topics,
            source=body.source,
            allowed=house.channels.hosts,
            sealer=house.sealer,
            now=work.now,
        )
        found = SubscriptionBody.of(subscribing.get(work.session, made.id))
    return WithSecretBody(**found.model_dump(), secret=made.secret or "")


@router.get("/webhooks/{subscription_id}", summary="One webhook")
def webhook(house: HouseDep, caller: CallerDep, subscription_id: SubscriptionPath) -> SubscriptionBody:
    """As it stands now."""
    with house.acting(caller) as work:
        return SubscriptionBody.of(subscribing.get(work.session, subscription_id))


@router.patch("/webhooks/{subscription_id}", summary="Change a webhook")
def change_webhook(
    house: HouseDep, caller: CallerDep, subscription_id: SubscriptionPath, body: ChangeBody
) -> SubscriptionBody:
    """Its label and its topics; for another address make another."""
    with house.acting(caller) as work:
        done = subscribing.change(work.session, subscription_id, label=body.label, topics=body.topics)
        return SubscriptionBody.of(done)


@router.delete("/webhooks/{subscription_id}", summary="End a webhook")
def end_webhook(house: HouseDep, caller: CallerDep, subscription_id: LastPath) -> SubscriptionBody:
    """It is told nothing any more; what waits for it is given up."""
    with house.acting(caller) as work:
        return SubscriptionBody.of(subscribing.end(work.session, subscription_id, now=work.now))


@router.post("/webhooks/{subscription_id}/secret", summary="Change a webhook's secret")
def rotate(house: HouseDep, caller: CallerDep, subscription_id: SubscriptionPath) -> WithSecretBody:
    """The answer holds the new one. Both count for a day, and messages carry a signature of each."""
    with house.acting(caller) as work:
        made = subscribing.rotate(work.session, subscription_id, sealer=house.sealer, now=work.now)
        found = SubscriptionBody.of(subscribing.get(work.session, subscription_id))
    return WithSecretBody(**found.model_dump(), secret=made.secret or "")


@router.post("/webhooks/{subscription_id}/ping", status_code=202, summary="Send a test")
def ping(house: HouseDep, caller: CallerDep, subscription_id: SubscriptionPath) -> PingBody:
    """By the ordinary way, as `webhook.ping`."""
    with house.acting(caller) as work:
        return PingBody(event=subscribing.ping(work.session, subscription_id, now=work.now))


@router.get("/offices", summary="Offices that are told by mail or SMS")
def offices(house: HouseDep, caller: CallerDep, limit: LimitQuery = 100, cursor: Cursor = None) -> SubscriptionPage:
    """By id, also those that have ended."""
    return _subscriptions(house, caller, limit, cursor, webhooks=False)


@router.post("/offices", status_code=201, summary="Add an office")
def add_office(house: HouseDep, caller: CallerDep, body: NewOfficeBody) -> SubscriptionBody:
    """What is addressed to the body, on these topics, is told to its office on duty too."""
    with house.acting(caller) as work:
        made = subscribing.add_office(
            work.session,
            work.actor,
            channel=body.channel,
            label=body.label,
            body=body.body,
            destination=body.destination,
            topics=body.topics,
            sealer=house.sealer,
            now=work.now,
        )
        return SubscriptionBody.of(subscribing.get(work.session, made.id))


@router.delete("/offices/{subscription_id}", summary="End an office's notices")
def end_office(house: HouseDep, caller: CallerDep, subscription_id: OfficePath) -> SubscriptionBody:
    """It is told nothing any more; what waits for it is given up."""
    with house.acting(caller) as work:
        return SubscriptionBody.of(subscribing.end(work.session, subscription_id, now=work.now))


def _subscriptions(
    house: HouseDep, caller: CallerDep, limit: int, cursor: str | None, *, webhooks: bool
) -> SubscriptionPage:
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        found = subscribing.page(work.session, webhooks=webhooks, after=paging.number(key) or 0, limit=limit + 1)
    items = [SubscriptionBody.of(one) for one in found[:limit]]
    return SubscriptionPage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)
