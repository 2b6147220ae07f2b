"""What was not admitted cannot be dispatched: may this agency order this sub-district or community in this matter?

Owns the answer, and the register of orders that were refused. Does not own orders (`cases`). An order passes when

1. a duty list in force gives the ordered body the duty: of each list the item that decides there, as its lead or as a
   supporting body (“@subdistrict”, “@community”, or “@unit” where it is the unit); or
2. an admission in force names the agency (or one above it), the matter and exactly this body, or all of its level.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.areas.rules import AreaFacts, Level, unit_of
from gridgov.duties.queries import ordering as queries
from gridgov.platform.errors import Conflict

ORDERED = (Level.SUBDISTRICT, Level.COMMUNITY)


class NotAdmitted(Conflict):
    """A department orders work of a sub-district or community that no list gives them and no admission allows.

    `facts`: agency_id, area_id, category, and the admission that would have allowed it, had it not ended.
    """

    code = "not-admitted"


def check_order(
    session: Session, *, from_agency_id: int, to_area_path: Sequence[AreaFacts], category_code: str, at: datetime
) -> None:
    """Raises `NotAdmitted` where an agency may not order this of the last area of the path (city first) at the instant.

    Orders to other levels are not looked at: a district orders for itself. Reads reference tables alone, so that any
    role may ask. After `NotAdmitted` the caller's transaction is undone; `note_attempt` writes it down in another.
    """
    ordered = to_area_path[-1]
    if ordered.level not in ORDERED:
        return
    unit = unit_of(to_area_path)
    offices = {str(ordered.level)} | ({"unit"} if unit is not None and unit.id == ordered.id else set())
    path = [area.id for area in to_area_path]
    deciding = queries.deciding(session, category_code, path, at)
    if any(offices & {row.lead_level, *row.support_levels} for row in deciding):
        return
    found = queries.admitting(session, category_code, path, sorted(offices), from_agency_id, at)
    if found is not None and found.in_force:
        return
    name = ordered.names.get("en") or ordered.code
    if found is not None and found.ended:
        raise NotAdmitted(
            f"The admission {found.admission_id} for {name} has ended.",
            field="category",
            remedy="Ask again: POST /api/v1/admissions, with “renews” where its period is over.",
            agency_id=from_agency_id, area_id=ordered.id, category=category_code, admission_id=found.admission_id,
        )  # fmt: skip
    raise NotAdmitted(
        f"No list in force gives {name} this duty, and no admission lets this agency order it there.",
        field="category",
        remedy="Ask for admission: POST /api/v1/admissions; or order it of the body that holds the duty.",
        agency_id=from_agency_id, area_id=ordered.id, category=category_code, admission_id=None,
    )  # fmt: skip


def note_attempt(session: Session, refused: NotAdmitted, *, at: datetime) -> None:
    """Writes a refused order down, in a transaction of its own as the internal role “admitter”."""
    queries.add_attempt(session, refused.facts, at)
