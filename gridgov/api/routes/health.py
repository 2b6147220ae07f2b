"""`/health/live` says the process runs; `/health/ready` says it can answer questions."""

from __future__ import annotations

from fastapi import APIRouter

from gridgov.api.deps import HouseDep
from gridgov.api.problems import RESPONSES

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="Does the process run?")
def live() -> dict[str, str]:
    """Touches nothing."""
    return {"status": "live"}


@router.get("/ready", summary="Can it answer?", responses={503: RESPONSES[503]})
def ready(house: HouseDep) -> dict[str, str]:
    """Reaches the database and holds the boundaries in memory; 503 otherwise."""
    with house.db.transaction() as session:
        house.locator.index(session)
    return {"status": "ready"}
