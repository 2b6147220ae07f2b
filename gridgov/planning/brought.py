"""The drawing of a plan that has none of its own: the boundaries that it brings back, on the ground that they changed.

Owns which sheets these are, for looking at and comparing. Does not own bringing them back (`returning`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.planning import changes, drafts, returning, standing
from gridgov.planning.changes import BringBack
from gridgov.planning.drafts import PartFacts, PlanFacts
from gridgov.planning.ground import Ground
from gridgov.planning.queries import time as queries
from gridgov.planning.rules import Sheet


@dataclass(frozen=True)
class Brought:
    """What a plan brings back: boundaries of an instant, on the ground of the parts of another plan."""

    source: PlanFacts
    at: datetime

    def sheet(self, session: Session, ground: Ground) -> Sheet:
        """The grids of that instant on a part's ground; those of an instant that is over never change."""
        return standing.sheet_in_force(session, ground, now=self.at)


def of(session: Session, plan: PlanFacts) -> Brought | None:
    """None of a plan that draws, or brings nothing back. Raises `ChangeImpossible`."""
    change = _change(session, plan)
    if change is None:
        return None
    source = drafts.plan(session, change.plan)
    at = returning.instant(source, before=change.before)
    while (further := _change(session, source)) is not None:  # it brought back itself: the ground is that of another
        source = drafts.plan(session, further.plan)
    return Brought(source, at)


def sheets(
    session: Session, plan: PlanFacts, ground: Callable[[PartFacts], Ground], *, community_id: int | None = None
) -> list[tuple[PartFacts, Ground, Sheet]]:
    """Community by community, with the part of the other plan that the ground is of."""
    found = of(session, plan)
    if found is None:
        return []
    rows = [one for one in drafts.parts(session, found.source.id) if community_id in (None, one.community_id)]
    return [(one, on, found.sheet(session, on)) for one in rows for on in [ground(one)]]


def _change(session: Session, plan: PlanFacts) -> BringBack | None:
    if plan.parts:
        return None
    said = [changes.change_of(row.kind, row.payload) for row in queries.changes(session, plan.id)]
    return next((one for one in said if isinstance(one, BringBack)), None)
