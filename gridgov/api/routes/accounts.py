"""`/accounts` and `/posts`: who works here, and in which posts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, ConfigDict, Field, JsonValue

from gridgov.api import paging
from gridgov.api.deps import MAX_ID, CallerDep, HouseDep, LimitQuery
from gridgov.api.posts import HeldPostBody, PostBody
from gridgov.api.shapes import Body
from gridgov.auth import accounts as verbs
from gridgov.auth import posts as post_verbs
from gridgov.auth.accounts import Account
from gridgov.auth.rules import Role
from gridgov.bootstrap import Work

router = APIRouter(tags=["accounts"])
ACCOUNT_CURSOR, POST_CURSOR = paging.pack(["g0001"]), paging.pack(["7"])

AccountPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of an account.", examples=[1])]
PostPath = Annotated[int, Path(ge=1, le=MAX_ID, description="Id of a post of this account.", examples=[1])]


class IdentityBody(Body):
    """A provider's subject that signs in to the account."""

    issuer: str = Field(examples=["https://login.example.org"])
    subject: str


class AccountBody(Body):
    """An account with its posts, those that are over included. `sessions`: how many go on now."""

    id: int
    name: str = Field(examples=["g0001"])
    title: str
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool
    must_change: bool
    identities: list[IdentityBody]
    sessions: int
    posts: list[PostBody]

    @classmethod
    def of(cls, account: Account) -> Self:
        row = account.row
        return cls(
            id=row.id,
            name=row.name,
            title=row.title,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
            has_password=row.has_password,
            must_change=row.must_change,
            identities=[IdentityBody(**one) for one in row.identities],
            sessions=row.sessions,
            posts=[PostBody.of(post) for post in account.posts],
        )


class OpenedBody(AccountBody):
    """An account with the password for its first sign-in, which is told this once."""

    initial_password: str | None = None


class AccountPage(Body):
    """A page in the order of names; `next` is the cursor of the page after, null on the last."""

    items: list[AccountBody]
    next: str | None


class NewAccountBody(Body):
    """Name: a staff number (工号) or the like. `password`: whether it signs in with one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "g0001", "title": "网格员 0001"}]})

    name: str = Field(max_length=80, examples=["g0001"])
    title: str = Field(default="", max_length=80)
    password: bool = True


class AccountChangeBody(Body):
    """What is given changes. `reset_password`: gives one for the next sign-in and ends every session."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "网格员 0001", "disabled": False}]})

    title: str | None = Field(default=None, max_length=80)
    disabled: bool | None = None
    reset_password: bool = False


POST_EXAMPLE: dict[str, JsonValue] = {"role": "grid_worker", "area": 1, "since": "2026-01-01T00:00:00+08:00"}


class NewPostBody(Body):
    """One role in one area or one agency; without `since` from now on, without `until` for good."""

    model_config = ConfigDict(json_schema_extra={"examples": [POST_EXAMPLE]})

    role: Role
    area: int | None = Field(default=None, ge=1, le=MAX_ID)
    agency: int | None = Field(default=None, ge=1, le=MAX_ID)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class PostPage(Body):
    """A page by id; `next` is the cursor of the page after, null on the last."""

    items: list[HeldPostBody]
    next: str | None


@router.get("/accounts", summary="Accounts")
def accounts(
    house: HouseDep,
    caller: CallerDep,
    find: Annotated[
        str | None, Query(max_length=80, description="A part of the name or title.", examples=["g00"])
    ] = None,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[ACCOUNT_CURSOR])] = None,
) -> AccountPage:
    """In the order of their names."""
    key = paging.unpack(cursor, 1)
    with house.acting(caller) as work:
        found = verbs.page(
            work.session, work.actor, find=find, after=key[0] if key else None, limit=limit + 1, now=work.now
        )
    items = [AccountBody.of(one) for one in found[:limit]]
    return AccountPage(items=items, next=paging.pack([items[-1].name]) if len(found) > limit else None)


@router.post("/accounts", status_code=201, summary="Open an account")
def add_account(house: HouseDep, caller: CallerDep, body: NewAccountBody) -> OpenedBody:
    """With a password for the first sign-in, which must then be changed; it works for seven days. 409 for a name that
    is taken."""
    with house.acting(caller) as work:
        opened = verbs.open_account(
            work.session, work.actor, name=body.name, title=body.title, with_password=body.password, now=work.now
        )
        return _opened(work, opened.account_id, opened.password)


@router.get("/accounts/{account_id}", summary="One account")
def account(house: HouseDep, caller: CallerDep, account_id: AccountPath) -> AccountBody:
    """With all its posts."""
    with house.acting(caller) as work:
        return AccountBody.of(verbs.one(work.session, work.actor, account_id, now=work.now))


@router.patch("/accounts/{account_id}", summary="Change an account")
def change_account(house: HouseDep, caller: CallerDep, account_id: AccountPath, body: AccountChangeBody) -> OpenedBody:
    """Disabling ends every session at once. 409 where nobody could administer the city afterwards."""
    with house.acting(caller) as work:
        verbs.change(work.session, work.actor, account_id, title=body.title, disabled=body.disabled, now=work.now)
        given = None
        if body.reset_password:
            given = verbs.reset_password(work.session, work.actor, account_id, now=work.now)
        return _opened(work, account_id, given)


@router.post("/accounts/{account_id}/posts", status_code=201, summary="Appoint")
def appoint(house: HouseDep, caller: CallerDep, account_id: AccountPath, body: NewPostBody) -> AccountBody:
    """One more post; it ends nothing else. 403 for one's own account."""
    with house.acting(caller) as work:
        new = post_verbs.NewPost(
            role=body.role,
            since=body.since or work.now,
            until=body.until,
            area_id=body.area,
            agency_id=body.agency,
        )
        post_verbs.appoint(work.session, work.actor, account_id, new, now=work.now)
        return AccountBody.of(verbs.one(work.session, work.actor, account_id, now=work.now))


@router.delete("/accounts/{account_id}/posts/{post_id}", summary="End a post")
def end_post(house: HouseDep, caller: CallerDep, account_id: AccountPath, post_id: PostPath) -> AccountBody:
    """Over at once: the next request in this post is refused."""
    with house.acting(caller) as work:
        post_verbs.end(work.session, work.actor, post_id, account_id=account_id, now=work.now)
        return AccountBody.of(verbs.one(work.session, work.actor, account_id, now=work.now))


@router.delete("/accounts/{account_id}/sessions", summary="End the sessions of an account")
def end_sessions(house: HouseDep, caller: CallerDep, account_id: AccountPath) -> AccountBody:
    """Signs somebody out everywhere, at once."""
    with house.acting(caller) as work:
        verbs.end_sessions(work.session, work.actor, account_id, now=work.now)
        return AccountBody.of(verbs.one(work.session, work.actor, account_id, now=work.now))


@router.get("/posts", summary="Posts in reach")
def posts(
    house: HouseDep,
    caller: CallerDep,
    ended: Annotated[bool, Query(description="Also those that are over.")] = False,
    limit: LimitQuery = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[POST_CURSOR])] = None,
) -> PostPage:
    """A sub-district leader sees the area's people and those of units stationed there, an agency head those of the
    agency and of all below it: of a stationed unit, both superiors see them."""
    key = paging.unpack(cursor, 1)
    after = int(key[0]) if key and key[0].isdecimal() and len(key[0]) < 19 else 0
    with house.acting(caller) as work:
        found = post_verbs.seen(
            work.session,
            work.actor,
            areas=work.areas,
            ended=ended,
            after=after,
            limit=limit + 1,
            now=work.now,
        )
    items = [HeldPostBody.of(row) for row in found[:limit]]
    return PostPage(items=items, next=paging.pack([str(items[-1].id)]) if len(found) > limit else None)


def _opened(work: Work, account_id: int, password: str | None) -> OpenedBody:
    shown = AccountBody.of(verbs.one(work.session, work.actor, account_id, now=work.now))
    return OpenedBody(**shown.model_dump(), initial_password=password)
