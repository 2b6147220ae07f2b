"""`/health/live` says the process runs; `/health/ready` says it can answer questions."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from gridgov.api.deps import HouseDep
from gridgov.api.problems import RESPONSES
from gridgov.api.shapes import Body

router = APIRouter(prefix="/health", tags=["health"])


class Health(Body):
    """How the process stands."""

    status: str = Field(examples=["ready"])


@router.get("/live", summary="Does the process run?")
def live() -> Health:
    """Touches nothing."""
    return Health(status="live")


@router.get("/ready", summary="Can it answer?", responses={503: RESPONSES[503]})
def ready(house: HouseDep) -> Health:
    """Reaches the database and holds the boundaries in memory; 503 otherwise."""
    with house.db.transaction() as session:
        house.locator.index(session)
    return Health(status="ready")
