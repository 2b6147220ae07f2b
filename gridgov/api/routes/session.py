"""`/session`: who somebody is here, signing in and out, the post in which one acts."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from gridgov.api.deps import CallerDep, HouseDep, csrf_token
from gridgov.api.shapes import Body
from gridgov.platform.errors import Unavailable

router = APIRouter(tags=["session"])


class SessionBody(Body):
    """Who asks, as the platform sees it."""

    account: str | None = Field(default=None, examples=["g0001"])
    role: str = Field(examples=["resident"])
    permissions: list[str]
    csrf: str | None = None


@router.get("/session", summary="Who am I")
def session(house: HouseDep, caller: CallerDep) -> SessionBody:
    """Without an account: the role of a resident."""
    with house.acting(caller) as work:
        actor = work.actor
    secret = caller.credential.secret if caller.credential and caller.credential.kind == "session" else None
    return SessionBody(
        account=actor.account or None,
        role=actor.role,
        permissions=[name for name in actor.grants if actor.may(name)],
        csrf=csrf_token(secret) if secret else None,
    )


@router.post("/session", summary="Sign in")
def sign_in() -> SessionBody:
    """By name and password."""
    raise Unavailable("Not built yet.")


@router.delete("/session", summary="Sign out")
def sign_out() -> SessionBody:
    """The session ends at once."""
    raise Unavailable("Not built yet.")


@router.put("/session/post", summary="Act in another post")
def change_post() -> SessionBody:
    """One of the account's own posts in force now."""
    raise Unavailable("Not built yet.")


@router.put("/session/password", summary="Change the password")
def change_password() -> SessionBody:
    """Ends every other session of the account."""
    raise Unavailable("Not built yet.")


@router.get("/session/oidc", summary="Sign in at the OpenID provider")
def oidc_begin() -> SessionBody:
    """Leads to the provider."""
    raise Unavailable("Not built yet.")


@router.get("/session/oidc/callback", summary="Back from the OpenID provider")
def oidc_end() -> SessionBody:
    """Leads back into the application."""
    raise Unavailable("Not built yet.")
