"""`/tokens`: what machines show."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field, JsonValue
from sqlalchemy import Row

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.shapes import Body
from gridgov.auth import tokens as verbs

router = APIRouter(tags=["tokens"])
CURSOR = paging.pack(["7"])
EXAMPLE: dict[str, JsonValue] = {
    "post": 1,
    "label": "hotline 12345",
    "permissions": ["incidents.report"],
    "days": 180,
}


class TokenBody(Body):
    """A token without its secret, which nobody has but the machine."""

    id: int
    account_id: int
    account: str
    post_id: int
    label: str = Field(examples=["hotline 12345"])
    permissions: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_on: date | None

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        return cls(**row._mapping)


class MadeBody(TokenBody):
    """A new token; `token` is told this once."""

    token: str


class TokenPage(Body):
    """A page by id; `next` is the cursor of the page after, null on the last."""

    items: list[TokenBody]
    next: str | None


class NewTokenBody(Body):
    """A token of a machine's post, with some of its permissions, for so many days: a year at most."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    post: int = Field(ge=1, le=MAX_ID)
    label: str = Field(max_length=80)
    permissions: list[str] = Field(max_length=50, examples=[["incidents.report"]])
    days: int = Field(ge=1, le=verbs.LONGEST.days, examples=[180])


@router.get("/tokens", summary="Tokens")
def tokens(
    house: HouseDep,
    caller: CallerDep,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[CURSOR])] = None,
) -> TokenPage:
    """By id, also those that are over."""
    key = paging.unpack(cursor, 1)
    after = int(key[0]) if key and key[0].isdecimal() and len(key[0]) < 19 else 0
    with house.acting(caller) as work:
        found = verbs.page(work.session, work.actor, after=after, limit=limit + 1)
    items = [TokenBody.of(row) for row in found[:limit]]
    return TokenPage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)


@router.post("/tokens", status_code=201, summary="Make a token")
def add_token(house: HouseDep, caller: CallerDep, body: NewTokenBody) -> MadeBody:
    """The answer holds the token; it is told nowhere else."""
    with house.acting(caller) as work:
        made = verbs.make(
            work.session,
            work.actor,
            body.post,
            label=body.label,
            permissions=body.permissions,
            expires_at=work.now + timedelta(days=body.days),
            now=work.now,
        )
        row = verbs.one(work.session, work.actor, made.token_id)
    return MadeBody(**row._mapping, token=made.secret)


@router.delete("/tokens/{token_id}", summary="Revoke a token")
def revoke_token(
    house: HouseDep,
    caller: CallerDep,
    token_id: Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a token.", examples=[1])],
) -> TokenBody:
    """It opens nothing from now on."""
    with house.acting(caller) as work:
        verbs.revoke(work.session, work.actor, token_id, now=work.now)
        return TokenBody.of(verbs.one(work.session, work.actor, token_id))
