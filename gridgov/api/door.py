"""Who comes in: the steps of a sign-in, each in a transaction of its own, and the cookie that it leaves.

Owns their order: a try counts before anything is looked at and also when it is refused; nothing waits in a transaction
while a password is hashed. Does not own what is right (`auth.signin`).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request, Response
from sqlalchemy.orm import Session

from gridgov.api.deps import COOKIE, ForeignRequest
from gridgov.areas.service import CityUnknown
from gridgov.auth import signin, trail
from gridgov.auth.signin import Begun
from gridgov.bootstrap import Caller, House
from gridgov.platform import clock
from gridgov.platform.limits import forgive, take_all

DOOR = "door"


async def visitor(request: Request) -> Caller:
    """Somebody who is about to sign in: what cookie they still have does not matter, where they come from does.

    A page of another site must not sign anybody in, not even to an account of its own (login CSRF). Raises
    `ForeignRequest`.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or site not in (None, "same-origin", "none"):
        raise ForeignRequest(
            "This did not come from our own page.", field="Origin", remedy="Open the page and sign in there."
        )
    return await comer(request)


async def comer(request: Request) -> Caller:
    """Whoever follows a link here or is sent back by the provider, from whatever page."""
    permission: str = request.app.state.gates[request.scope["endpoint"]]
    return Caller(permission, None, request.client.host if request.client else "")


def sign_in(house: House, name: str, password: str, *, address: str, old: str | None = None) -> Begun:
    """A new session; that of the cookie `old` ends. Raises `SignInRefused`, `RateLimited`."""
    now = clock.utcnow()
    with house.internally(DOOR) as session:
        take_all(session, signin.takes(house.sealer, name, address), now)
    with house.internally(DOOR) as session:
        who = signin.candidate(session, name)
        demo = is_demo(house, session)
    if not signin.proved(who, password, demo_city=demo, now=now):
        with house.internally(DOOR) as session:
            origin = trail.origin(house.sealer, address)
            signin.refused(session, "password", who.account_id, origin=origin, because="credentials")
        raise signin.refusal()
    with house.internally(DOOR) as session:
        for key in signin.forgiven(house.sealer, name, address):
            forgive(session, key, now)
        if old is not None:
            signin.sign_out(session, old, now=now)
        return signin.open_session(session, who, password, now=now)


def change_password(house: House, caller: Caller, old: str, new: str) -> Begun:
    """Another password for whoever is signed in, proved by the old one; all sessions end and a new one begins.

    Raises `SignInRefused`, `WeakPassword`, `RateLimited`, `Conflict`.
    """
    with house.acting(caller) as work:
        signin.require_session(work.actor)
        row = signin.own_password(work.session, work.actor)
        actor, now = work.actor, work.now
    assert actor.account_id is not None
    keys = signin.own_takes(house.sealer, actor.account_id)
    with house.internally(DOOR) as session:
        take_all(session, keys, now)
    signin.prove_own(row, old)
    signin.judge_own(row, new)
    with house.acting(caller) as work:
        for key, _rule in keys:
            forgive(work.session, key, now)
        return signin.change_password(work.session, work.actor, row, new, now=now)


def is_demo(house: House, session: Session) -> bool:
    """Whether this is the demo city, whose accounts everybody may sign in to."""
    try:
        return house.locator.city(session).demo
    except CityUnknown:
        return False


def set_cookie(response: Response, secret: str) -> None:
    """The session's cookie. It goes when the browser is closed; how long it counts is the server's matter.

    `Strict`: no page of another site makes a browser send it, and our own pages ask for everything by themselves.
    """
    response.set_cookie(COOKIE, secret, path="/", secure=True, httponly=True, samesite="strict")


def drop_cookie(response: Response) -> None:
    """Takes the cookie away."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
