"""What an admission becomes: a duty list of its own, in force from its beginning, whose items end when it does.

Owns how a request is written as items, and how it ends before its time. Each admission is a list by itself, because
they begin at instants of their own and a published list cannot take in what begins earlier than its newest version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gridgov.duties.admitting import NewAdmission, Part
from gridgov.duties.lists import put_list
from gridgov.duties.queries import admission as queries
from gridgov.duties.queries import lists as list_queries
from gridgov.duties.rules import LEVELS, ListKind, ManagementClass, NewItem
from gridgov.duties.service import NewCategory, put_categories
from gridgov.duties.targets import Target
from gridgov.platform.db import bump

LIST_NAME = "准入事项 {}"
NEW_ITEM = "ZR{:06d}"  # 准入; the code of a matter that the catalogue did not have
GROUP = {"zh": "准入事项", "en": "Admitted items"}
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that was admitted. `matter`: that of the admission it renews, if it renews one."""

    id: int
    agency_id: int
    agency_code: str
    asked: NewAdmission
    document: str
    matter: str | None = None


def put_in_force(session: Session, wanted: Wanted, targets: Sequence[Target], top: int, now: datetime) -> str:
    """Writes and publishes the list; returns the code of its matter. What the catalogue lacks is added to it.

    All of a level is one item for the area `top`, in which they lie; named areas are an item each.
    """
    asked = wanted.asked
    assert asked.begins is not None
    matter = asked.category or wanted.matter or NEW_ITEM.format(wanted.id)
    if asked.category is None and wanted.matter is None:
        put_categories(session, [NewCategory("matter", matter, {"zh": asked.title}, "ZR", GROUP)])
    lead = asked.part is Part.LEAD
    sites = not lead and queries.has_sites(session, wanted.agency_id)
    places = [(one.area_id, one.level) for one in targets] if asked.all_of is None else [(top, asked.all_of)]
    items = [
        NewItem(
            code=f"{NEW_ITEM.format(wanted.id)}-{place}",
            category=matter,
            lead=f"@{office}" if lead else wanted.agency_code,
            management_class=ManagementClass.COMPREHENSIVE if lead else ManagementClass.ASSISTING,
            supporting=(wanted.agency_code,) if lead else (f"@{office}",),
            area_id=area_id,
            served_from_sites=sites,
            basis=wanted.document,
            level=office if lead and office in LEVELS else None,
            payer=wanted.agency_code,
            admission_id=wanted.id,
            expires_at=asked.ends,
        )
        for place, (area_id, office) in enumerate(places, 1)
    ]
    put_list(
        session,
        items,
        name=LIST_NAME.format(wanted.id),
        valid_from=max(asked.begins, now),
        basis=wanted.document,
        kind=ListKind.ADMITTED,
    )
    return matter


def end(session: Session, admission_id: int, now: datetime) -> None:
    """Ends the list now; one that has yet to begin ends as it begins, for what was published is never taken away."""
    row = queries.open_list(session, admission_id)
    if row is None:
        return
    at = now if row.since is None else max(now, row.since + _TICK)
    list_queries.end_list(session, row.id, at.isoformat())
    bump(session, "duties")
