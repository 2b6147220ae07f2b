"""`/accounts` and `/posts`: who works here, and in which posts."""

from __future__ import annotations

from fastapi import APIRouter

from gridgov.api.shapes import Body
from gridgov.platform.errors import Unavailable

router = APIRouter(tags=["accounts"])


class AccountBody(Body):
    """An account."""


@router.get("/accounts", summary="Accounts")
def accounts() -> AccountBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")


@router.post("/accounts", summary="Open an account")
def add_account() -> AccountBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")


@router.get("/accounts/{account_id}", summary="One account")
def account() -> AccountBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")


@router.patch("/accounts/{account_id}", summary="Change an account")
def change_account() -> AccountBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")


@router.post("/accounts/{account_id}/posts", summary="Appoint")
def appoint() -> AccountBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")


@router.delete("/accounts/{account_id}/posts/{post_id}", summary="End a post")
def end_post() -> AccountBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")


@router.delete("/accounts/{account_id}/sessions", summary="End the sessions of an account")
def end_sessions() -> AccountBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")


@router.get("/posts", summary="Posts in reach")
def posts() -> AccountBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")
