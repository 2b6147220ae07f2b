"""`/session`: who somebody is here, signing in and out, the post in which one acts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ConfigDict, Field, JsonValue

from gridgov.api import door
from gridgov.api.deps import COOKIE, CallerDep, HouseDep, csrf_token
from gridgov.api.posts import PostBody
from gridgov.api.provider import HANDSHAKE_COOKIE, begin_at_provider, end_at_provider
from gridgov.api.shapes import Body, Names
from gridgov.auth import accounts, demo, signin
from gridgov.auth.credentials import Credential, SessionEnded
from gridgov.auth.rules import ROLE_NAMES, Actor
from gridgov.auth.signin import Desk
from gridgov.bootstrap import Caller, House, Work

router = APIRouter(tags=["session"])
REPORT = "incidents.report"
VisitorDep = Annotated[Caller, Depends(door.visitor)]


class NoticeBody(Body):
    """Something that whoever is signed in has to know, in both languages."""

    code: str = Field(examples=["post-area-gone"])
    text: Names


class DemoAccountBody(Body):
    """An account that everybody may sign in to, with its posts."""

    name: str = Field(examples=["grid-worker"])
    title: str = Field(examples=["网格员"])
    posts: list[PostBody]


class DemoBody(Body):
    """The accounts of the demo; no other city has any."""

    password: str
    accounts: list[DemoAccountBody]


class SessionBody(Body):
    """Who asks, as the platform sees it. Without an account: a resident.

    `permissions` is what the post may do, `channels` by which it may report, the usual one first; `csrf` goes into the
    header X-CSRF-Token of every change; `lost` is true where the post's area or agency is no longer in force, so that
    nothing is shown; `own_password`: the account has one that it may change.
    """

    account: str | None = Field(default=None, examples=["g0001"])
    title: str = ""
    how: str | None = Field(default=None, examples=["password"])
    role: str = Field(examples=["resident"])
    role_names: Names = Field(examples=[{"zh": "居民", "en": "resident"}])
    post: PostBody | None = None
    posts: list[PostBody] = Field(default_factory=list)
    permissions: list[str] = Field(default_factory=list)
    channels: list[str] = Field(default_factory=list, examples=[["worker"]])
    lost: bool = False
    must_change: bool = False
    own_password: bool = False
    expires_at: datetime | None = None
    csrf: str | None = None
    notices: list[NoticeBody] = Field(default_factory=list)
    oidc: bool = False
    demo: DemoBody | None = None


class SignInBody(Body):
    """Name and password."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "li.an", "password": "four words or a line"}]})

    name: str = Field(max_length=80)
    password: str = Field(max_length=512)


class PostChoiceBody(Body):
    """One of the posts that /session names."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"post": 7}]})

    post: int = Field(ge=1, le=2**63 - 1)


PASSWORDS: dict[str, JsonValue] = {"old": "four words or a line", "new": "another line of twelve characters or more"}


class PasswordBody(Body):
    """The password of now and the next one."""

    model_config = ConfigDict(json_schema_extra={"examples": [PASSWORDS]})

    old: str = Field(max_length=512)
    new: str = Field(max_length=512)


@router.get("/session", summary="Who am I")
def session(house: HouseDep, caller: CallerDep, response: Response) -> SessionBody:
    """Works for everybody: without an account it tells how to sign in. A cookie that is over is taken away."""
    try:
        return _seen(house, caller)
    except SessionEnded:
        if caller.credential is None or caller.credential.kind == "token":
            raise
        door.drop_cookie(response)
        return _seen(house, Caller(caller.permission, None, caller.address), ended=True)


@router.post("/session", summary="Sign in")
def sign_in(
    house: HouseDep, visitor: VisitorDep, body: SignInBody, request: Request, response: Response
) -> SessionBody:
    """A new session and its cookie. 401 for a wrong name, a wrong password and a disabled account alike; 429 after
    several."""
    begun = door.sign_in(house, body.name, body.password, address=visitor.address, old=request.cookies.get(COOKIE))
    return _begun(house, begun.secret, visitor, response)


@router.delete("/session", summary="Sign out")
def sign_out(house: HouseDep, caller: CallerDep, response: Response) -> SessionBody:
    """The session ends at once, here and everywhere. Signing out twice does no harm."""
    if caller.credential is not None:
        try:
            with house.acting(caller) as work:
                signin.sign_out(work.session, caller.credential.secret, now=work.now)
        except SessionEnded:
            if caller.credential.kind == "token":
                raise
    door.drop_cookie(response)
    return _seen(house, Caller("session.open", None, caller.address))


@router.put("/session/post", summary="Act in another post")
def change_post(house: HouseDep, caller: CallerDep, body: PostChoiceBody) -> SessionBody:
    """One of the account's own posts that is in force now."""
    with house.acting(caller) as work:
        signin.require_session(work.actor)
        signin.change_post(work.session, work.actor, body.post, now=work.now)
    return _seen(house, caller)


@router.put("/session/password", summary="Change the password")
def change_password(house: HouseDep, caller: CallerDep, body: PasswordBody, response: Response) -> SessionBody:
    """Needs the old one. Every session of the account ends, and this browser gets a new one."""
    begun = door.change_password(house, caller, body.old, body.new)
    return _begun(house, begun.secret, caller, response)


@router.get("/session/oidc", summary="Sign in at the OpenID provider", include_in_schema=False)
def oidc_begin(
    house: HouseDep,
    visitor: Annotated[Caller, Depends(door.comer)],
    back_to: Annotated[str | None, Query(max_length=400)] = None,
) -> RedirectResponse:
    """Leads the browser to the provider. 404 where none is configured."""
    return begin_at_provider(house, back_to, address=visitor.address)


@router.get("/session/oidc/callback", summary="Back from the OpenID provider", include_in_schema=False)
def oidc_end(
    house: HouseDep,
    visitor: Annotated[Caller, Depends(door.comer)],
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    iss: Annotated[str | None, Query(max_length=400)] = None,
) -> RedirectResponse:
    """Leads the browser back into the application, signed in or with `?sign-in=refused`."""
    cookie = request.cookies.get(HANDSHAKE_COOKIE, "")
    old = request.cookies.get(COOKIE)
    return end_at_provider(house, state, code, iss, cookie=cookie, address=visitor.address, old=old)


def _begun(house: House, secret: str, caller: Caller, response: Response) -> SessionBody:
    """The answer to a new session, which its cookie goes with."""
    door.set_cookie(response, secret)
    return _seen(house, Caller("session.open", Credential("session", secret), caller.address))


def _seen(house: House, caller: Caller, *, ended: bool = False) -> SessionBody:
    with house.acting(Caller("session.open", caller.credential, caller.address)) as work:
        desk = signin.desk(work.session, work.actor, now=work.now)
        shown = _demo(house, work) if desk is None else None
    actor = work.actor
    secret = caller.credential.secret if caller.credential and caller.credential.kind == "session" else None
    posts = [PostBody.of(row) for row in desk.posts] if desk else []
    return SessionBody(
        account=desk.name if desk else None,
        title=desk.title if desk else "",
        how=desk.how if desk else None,
        role=actor.role,
        role_names=dict(ROLE_NAMES[actor.role]),
        post=next((post for post in posts if post.id == actor.post_id), None),
        posts=posts,
        permissions=[name for name in actor.grants if actor.may(name)],
        channels=actor.grants[REPORT].fields.split("+") if actor.may(REPORT) else [],
        lost=actor.lost,
        must_change=bool(desk and desk.must_change),
        own_password=bool(desk and desk.how == "password" and not desk.demo),
        expires_at=desk.expires_at if desk else None,
        csrf=csrf_token(secret) if secret else None,
        notices=[NoticeBody(code=code, text=NOTICES[code]) for code in _notices(actor, desk, ended)],
        oidc=house.provider is not None,
        demo=shown,
    )


def _demo(house: House, work: Work) -> DemoBody | None:
    if not door.is_demo(house, work.session):
        return None
    found = [
        DemoAccountBody(name=one.name, title=one.title, posts=[PostBody.of(post) for post in posts])
        for one, posts in accounts.demo_accounts(work.session, now=work.now)
    ]
    return DemoBody(password=demo.PASSWORD, accounts=found) if found else None


NOTICES: dict[str, Names] = {
    "session-ended": {
        "zh": "登录已失效,请重新登录。",
        "en": "You are not signed in any more. Sign in again.",
    },
    "password-must-change": {
        "zh": "这是管理员给的初始密码,请先改成自己的密码。",
        "en": "This password came from an administrator. Choose one of your own first.",
    },
    "post-ended": {
        "zh": "当前岗位已到期或被撤销,请选择其他岗位。",
        "en": "The post you acted in is over. Choose another one.",
    },
    "no-post": {
        "zh": "该账号目前没有任何岗位,请联系系统管理员。",
        "en": "This account holds no post now. Ask an administrator to appoint you.",
    },
    "post-area-gone": {
        "zh": "区划调整后,该岗位所在的区域已不存在,因此不显示任何内容。请联系系统管理员重新任命。",
        "en": "A boundary change took the area of your post away, so nothing is shown. Ask an administrator to appoint "
        "you anew.",
    },
    "post-agency-gone": {
        "zh": "该岗位所在的部门已不存在,因此不显示任何内容。请联系系统管理员重新任命。",
        "en": "The agency of your post is gone, so nothing is shown. Ask an administrator to appoint you anew.",
    },
}


def _notices(actor: Actor, desk: Desk | None, ended: bool) -> Iterator[str]:
    """Codes of what has to be said."""
    if ended:
        yield "session-ended"
    if desk is None:
        return
    if desk.must_change:
        yield "password-must-change"
    elif not desk.posts:
        yield "no-post"
    elif actor.post_id is None:
        yield "post-ended"
    elif actor.lost:
        yield "post-area-gone" if actor.agency_id is None else "post-agency-gone"
