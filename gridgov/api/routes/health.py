"""`/health/live` says the process runs; `/health/ready` says it can answer questions."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import Field

from gridgov.api.problems import RESPONSES
from gridgov.api.readiness import Readiness
from gridgov.api.shapes import Body
from gridgov.platform import clock

router = APIRouter(prefix="/health", tags=["health"])


class Health(Body):
    """How the process stands."""

    status: str = Field(examples=["ready"])


@router.get("/live", summary="Does the process run?")
async def live() -> Health:
    """Touches nothing and waits for no thread: whoever restarts a process that does not answer is told the truth also
    while every thread waits for the database."""
    return Health(status="live")


@router.get("/ready", summary="Can it answer?", responses={503: RESPONSES[503]})
def ready(request: Request) -> Health:
    """Database, migrations, indexes, storage, room on the disk, seals of the audit trail. 503 names what is at fault in
    `field`, and the remedy."""
    readiness: Readiness = request.app.state.readiness
    readiness.require(clock.utcnow())
    return Health(status="ready")
