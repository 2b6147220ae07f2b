"""`/notices`: what the bodies of one's post are told, and what of it was read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.shapes import Body
from gridgov.notices import service as verbs
from gridgov.notices import texts

router = APIRouter(tags=["notices"])
NEWEST = paging.pack(["17"])


class NoticeBody(Body):
    """News for one of the bodies of your post. `read`: by you, whatever others there have read."""

    id: int
    topic: str = Field(examples=["case.dispatched"])
    key: str = Field(description="What it is about: mostly the id of a case.")
    texts: dict[str, str] = Field(examples=[{"zh": "案件派遣至本单位", "en": "A case was dispatched to you"}])
    facts: dict[str, Any]
    at: datetime
    body: str = Field(examples=["agency:7"])
    read: bool

    @classmethod
    def of(cls, one: verbs.Message, zone: ZoneInfo) -> Self:
        return cls(
            id=one.id,
            topic=one.topic,
            key=one.key,
            texts=texts.titles(one.topic, one.facts, zone),
            facts=dict(one.facts),
            at=one.at,
            body=one.body,
            read=one.read,
        )


class NoticePage(Body):
    """A page, newest first; `next` is the cursor of the page after, null on the last."""

    items: list[NoticeBody]
    next: str | None


class UnreadBody(Body):
    """How many are unread. Counting stops at a hundred, and then `more` says so."""

    unread: int
    more: bool


class ReadBody(Body):
    """What was read: some by their ids, or with `all` everything up to `upto` (default: up to the newest)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"all": True}]})

    ids: list[Annotated[int, Field(ge=1, le=MAX_ID)]] = Field(default=[], max_length=verbs.MOST_MARKED)
    all: bool = False
    upto: int | None = Field(default=None, ge=1, le=MAX_ID)


@router.get("/notices", summary="News for your post")
def notices(
    house: HouseDep,
    caller: CallerDep,
    unread: Annotated[bool, Query(description="Only what you have not read.")] = False,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[NEWEST])] = None,
) -> NoticePage:
    """What the bodies of the post are told that you act in, newest first."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        found = verbs.mine(work.session, work.actor, unread=unread, before=paging.number(key), limit=limit + 1)
        zone = house.zone(work)
    items = [NoticeBody.of(one, zone) for one in found[:limit]]
    return NoticePage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)


@router.get("/notices/unread", summary="How much news is unread")
def count_unread(house: HouseDep, caller: CallerDep) -> UnreadBody:
    """For the post that you act in."""
    with house.acting(caller) as work:
        found = verbs.count_unread(work.session, work.actor)
    return UnreadBody(unread=found, more=found >= verbs.MOST_COUNTED)


@router.post("/notices/read", summary="Mark news as read")
def mark_read(house: HouseDep, caller: CallerDep, body: ReadBody) -> UnreadBody:
    """For you alone; what is addressed to others is passed over. Answers how many are unread now."""
    with house.acting(caller) as work:
        if body.all or body.upto is not None:
            verbs.mark_all_read(work.session, work.actor, upto=body.upto, now=work.now)
        verbs.mark_read(work.session, work.actor, body.ids, now=work.now)
        found = verbs.count_unread(work.session, work.actor)
    return UnreadBody(unread=found, more=found >= verbs.MOST_COUNTED)
