"""The register of appraisal items (考核事项; domain A62, A63): what is not registered is not appraised.

Owns the register and the check against it. Does not own appraisal itself (`evaluation`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, unit_of
from gridgov.auth.rules import Actor
from gridgov.duties.admitting import MOST_TITLE, TARGET_LEVELS
from gridgov.duties.asking import DECIDE, MOST_DOCUMENT, permitted, refuse_own_agency, require_district, text
from gridgov.duties.queries import appraisals as queries
from gridgov.platform.errors import BadInput, Conflict, NotFound


class Kind(StrEnum):
    """考核, “一票否决”, 责任状."""

    ASSESSMENT = "assessment"
    VETO = "veto"
    PLEDGE = "pledge"


KIND_WORDS = {
    Kind.ASSESSMENT: {"zh": "考核", "en": "assessment"},
    Kind.VETO: {"zh": "一票否决", "en": "single-vote veto"},
    Kind.PLEDGE: {"zh": "责任状", "en": "signed pledge"},
}


class NotRegistered(Conflict):
    """Agencies set up no appraisal of their own (严禁部门自行新设考核事项)."""

    code = "appraisal-not-registered"


class AppraisalUnknown(NotFound):
    code = "appraisal-unknown"


class AppraisalHeld(Conflict):
    code = "appraisal-held"


@dataclass(frozen=True, slots=True)
class NewAppraisal:
    """An item of an agency's appraisal of every area of a level below `area_id` (None: the city), for a time."""

    code: str
    title: str
    kind: Kind
    agency_id: int
    level: str
    document: str
    since: datetime
    until: datetime | None = None
    area_id: int | None = None


def register(session: Session, actor: Actor, new: NewAppraisal, *, index: AreaIndex, now: datetime) -> Row[Any]:
    """Enters an item, by the district that holds the area, or the city.

    Raises `NotTheDistrict`, `AppraisalHeld`, `OwnAgency`, `BadInput`.
    """
    account_id = permitted(actor, DECIDE)
    if new.level not in TARGET_LEVELS:
        raise BadInput(f"“{new.level}” is no level of targets.", field="level", remedy=f"One of: {TARGET_LEVELS}.")
    if new.until is not None and new.until <= new.since:
        raise BadInput("It ends before it begins.", field="until", remedy="Give a later end.")
    top = _area(new.area_id, index)
    require_district(actor, [top.id], index)
    refuse_own_agency(session, account_id, new.agency_id, now)
    code = text(new.code, "code", 1, 40)
    if queries.held(session, new.agency_id, code, new.since, new.until):
        raise AppraisalHeld("The agency has an item of this code at that time.", field="code", remedy="End it first.")
    values = {
        "code": code, "title": text(new.title, "title", 1, MOST_TITLE), "kind": str(new.kind),
        "agency_id": new.agency_id, "level": new.level, "area_id": new.area_id,
        "document": text(new.document, "document", 1, MOST_DOCUMENT), "since": new.since, "until": new.until,
        "account": account_id, "at": now,
    }  # fmt: skip
    return one(session, queries.add(session, values))


def end(session: Session, actor: Actor, appraisal_id: int, *, index: AreaIndex, now: datetime) -> Row[Any]:
    """Takes an item out of the register from now on. Raises `AppraisalUnknown`, `NotTheDistrict`."""
    account_id = permitted(actor, DECIDE)
    row = one(session, appraisal_id)
    require_district(actor, [_area(row.area_id, index).id], index)
    if row.until is None or row.until > now:
        queries.end(session, appraisal_id, account_id, max(now, row.since))
    return one(session, appraisal_id)


def one(session: Session, appraisal_id: int) -> Row[Any]:
    """Raises `AppraisalUnknown`."""
    row = queries.one(session, appraisal_id)
    if row is None:
        raise AppraisalUnknown("There is no such appraisal item.", field="id")
    return row


def in_force(session: Session, at: datetime) -> list[Row[Any]]:
    """The register at an instant."""
    return queries.in_force(session, at)


def check_appraisal(
    session: Session, *, agency_id: int, code: str, area_path: Sequence[AreaFacts], at: datetime
) -> None:
    """Raises `NotRegistered` where an agency appraises the last area of the path by an item that is not registered."""
    for row in queries.in_force(session, at):
        if row.agency_id == agency_id and row.code == code and applies(row, area_path):
            return
    raise NotRegistered(
        f"The register has no item “{code}” of this agency for this area.",
        field="code",
        remedy="Have it registered with a document, or leave it out.",
    )


def applies(row: Row[Any], path: Sequence[AreaFacts]) -> bool:
    """Whether an item of the register is about the last area of the path."""
    area = path[-1]
    if row.area_id is not None and row.area_id not in {one.id for one in path}:
        return False
    if row.level == "unit":
        unit = unit_of(path)
        return unit is not None and unit.id == area.id
    return bool(row.level == area.level)


def _area(area_id: int | None, index: AreaIndex) -> AreaFacts:
    found = index.areas[0] if area_id is None else index.get(area_id)
    if found is None:
        raise BadInput("This area is not in force now.", field="area", remedy="Name an area in force, or none.")
    return index.path_of(found.id)[0] if area_id is None else found
