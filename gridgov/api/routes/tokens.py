"""`/tokens`: what machines show."""

from __future__ import annotations

from fastapi import APIRouter

from gridgov.api.shapes import Body
from gridgov.platform.errors import Unavailable

router = APIRouter(tags=["tokens"])


class TokenBody(Body):
    """A token, without its secret."""


@router.get("/tokens", summary="Tokens")
def tokens() -> TokenBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")


@router.post("/tokens", summary="Make a token")
def add_token() -> TokenBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")


@router.delete("/tokens/{token_id}", summary="Revoke a token")
def revoke_token() -> TokenBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")
