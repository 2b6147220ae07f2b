"""New boundaries and all that follows them, as an import of areas does it: for tests that only need the result."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.areas.following import SLICE, Redrawn, follow_all
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import Locator
from gridgov.incidents.homing import IncidentsFollow
from gridgov.interop.followers import FOLLOWERS


def standing(session: Session, at: datetime | None = None) -> AreaIndex:
    """The boundaries as this transaction sees them, in an index of its own."""
    return Locator().index(session, at)


def followed(session: Session, before: AreaIndex, at: datetime) -> int:
    """Everything follows from the boundaries before to those of the instant; how many incidents of the past moved."""
    redrawn = Redrawn(before, standing(session, at), at)
    follow_all(session, [one for one in FOLLOWERS if one.noun != "incidents"], redrawn, history=False)
    moved = IncidentsFollow().later(session, redrawn, "", SLICE).moved
    follow_all(session, FOLLOWERS, redrawn, history=True)
    return moved
