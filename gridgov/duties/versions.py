"""Reading duty lists: which versions and drafts there are, and what each says.

Owns rows becoming facts. Does not own what is in force becoming routes (`router`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.duties import queries
from gridgov.duties.queries import lists as list_queries
from gridgov.duties.rules import ListKind, ManagementClass, Nearest, NewItem, RiskPoint
from gridgov.platform.errors import NotFound


class ListUnknown(NotFound):
    code = "duty-list-unknown"


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A version of a list, or its draft (`version` None). `valid_from` None: since before any record, or a draft;
    `base_id`: the version that a draft was made to follow; `wanted_from`, `acknowledged` and `approval_id`: what was
    asked for it."""

    id: int
    name: str
    kind: ListKind
    state: str
    version: int | None
    basis: str | None
    digest: str
    items: int
    valid_from: datetime | None
    valid_to: datetime | None
    base_id: int | None
    drafted_by: int | None
    drafted_at: datetime | None
    wanted_from: datetime | None
    acknowledged: tuple[str, ...]
    approval_id: int | None

    @classmethod
    def of(cls, row: Row[Any]) -> ListFacts:
        """From a row of `queries.lists.FACTS`."""
        told = dict(row._mapping)
        return cls(**told | {"kind": ListKind(row.kind), "acknowledged": tuple(row.acknowledged)})


def facts(session: Session, list_id: int, *, lock: bool = False) -> ListFacts:
    """With `lock` nobody else changes it until the transaction ends. Raises `ListUnknown`."""
    row = list_queries.one(session, list_id, lock=lock)
    if row is None:
        raise ListUnknown("There is no such duty list.", field="list_id", remedy="List them with /api/v1/duty-lists.")
    return ListFacts.of(row)


def find(
    session: Session,
    *,
    name: str | None = None,
    state: str | None = None,
    kind: ListKind | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[ListFacts]:
    """Versions and drafts, newest first, below the id `before`."""
    told = list_queries.find(
        session, name=name, state=state, kind=None if kind is None else str(kind), before=before, limit=limit
    )
    return [ListFacts.of(row) for row in told]


def newest(session: Session, name: str) -> ListFacts | None:
    """The published version of a list that no other follows."""
    row = list_queries.newest(session, name)
    return None if row is None else facts(session, row.id)


def admissions(session: Session) -> set[int]:
    """The admissions by which any published item came."""
    return list_queries.admissions_named(session)


def new_items(session: Session, list_id: int) -> list[NewItem]:
    """What a version or a draft says, in the order in which it was written."""
    codes = {agency.id: agency.code for agency in queries.agencies(session)}
    return [_said(row, codes) for row in list_queries.items_of(session, list_id)]


def page(session: Session, list_id: int, *, after: int, limit: int) -> list[tuple[int, NewItem]]:
    """Items with their ids, above the id `after`. Raises `ListUnknown`."""
    facts(session, list_id)
    codes = {agency.id: agency.code for agency in queries.agencies(session)}
    rows = list_queries.page_of_items(session, list_id, after=after, limit=limit)
    return [(row.id, _said(row, codes)) for row in rows]


def risks_of(row: Row[Any]) -> tuple[RiskPoint, ...]:
    """The risk points of an item's row."""
    return tuple(RiskPoint(one["text"], one["approval"]) for one in row.risk_points)


def _said(row: Row[Any], codes: dict[int, str]) -> NewItem:
    def body(agency_id: int | None, level: str | None) -> str:
        return codes[agency_id] if agency_id is not None else f"@{level}" if level else ""

    return NewItem(
        code=row.code,
        category=row.category,
        lead=body(row.lead_agency_id, row.lead_level),
        management_class=ManagementClass(row.management_class),
        supporting=tuple(body(*pair) for pair in zip(row.support_agencies, row.support_levels, strict=True)),
        area_id=row.area_id,
        served_from_sites=row.served_from_sites,
        nearest=Nearest(row.nearest) if row.nearest else None,
        basis=row.basis,
        time_limit=row.time_limit,
        attributes=row.attributes,
        level=row.level,
        payer=None if row.payer_agency_id is None else codes[row.payer_agency_id],
        opening=row.opening,
        closing=row.closing,
        risk_points=risks_of(row),
        admission_id=row.admission_id,
        expires_at=row.expires_at,
    )
