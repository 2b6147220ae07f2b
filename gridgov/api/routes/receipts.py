"""`/receipts`: how the matter stands that somebody reported."""

from __future__ import annotations

from fastapi import APIRouter

from gridgov.api.shapes import Body
from gridgov.platform.errors import Unavailable

router = APIRouter(tags=["receipts"])


class ReceiptBody(Body):
    """How a matter stands."""


@router.post("/receipts", summary="How does my matter stand")
def receipt() -> ReceiptBody:
    """Not built yet."""
    raise Unavailable("Not built yet.")
