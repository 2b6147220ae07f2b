"""Rulings on matters that nobody owns (无责任主体): each becomes an item of the list of precedents (裁定先例).

Owns that list, so that the next like matter in the same place routes to whom the ruling named. Does not own who rules
(`cases`), nor routing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.audit.service import note
from gridgov.duties import lists, queries
from gridgov.duties.rules import ListKind, ManagementClass, NewItem
from gridgov.platform.calendars import Limit
from gridgov.platform.errors import BadInput

NAME = "裁定先例"


class NoSuchMatter(BadInput):
    """A ruling is on one matter of the catalogue."""

    code = "category-unknown"


def add(
    session: Session,
    *,
    category: str,
    area_id: int | None,
    lead: str,
    basis: str,
    at: datetime,
    limit: Limit | None = None,
) -> str:
    """From the instant on the matter in this area (None: the whole city) is the business of `lead`: the code of an
    agency, or "@unit", "@community" …; returns the code of the item.

    A ruling stands instead of an earlier one on the same matter in the same area. `basis`: what was ruled, and why.
    Raises `NoSuchMatter`, `AgencyUnknown`.
    """
    if category not in {one.code for one in queries.categories(session, "matter")}:
        raise NoSuchMatter(f"There is no matter “{category}”.", field="category", remedy="Rule on one that there is.")
    office = lead.startswith("@")
    code = category if area_id is None else f"{category}@{area_id}"
    new = NewItem(
        code=code,
        category=category,
        lead=lead,
        management_class=ManagementClass.COMPREHENSIVE if office else ManagementClass.PROFESSIONAL,
        area_id=area_id,
        basis=basis,
        time_limit=None if limit is None else str(limit),
    )
    done = lists.add_item(session, new, name=NAME, kind=ListKind.PRECEDENTS, at=at)
    note(session, "publish", "duties_list", str(done.list_id), facts={"list": NAME, "item": code, "lead": lead})
    return code
