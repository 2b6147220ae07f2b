"""Agencies and their sites, as somebody looks them up.

Owns this reading. Does not own the tree of agencies (`agencies`), nor which site serves where (`sites`, `serving`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.duties import queries
from gridgov.duties.agencies import AgencyTree
from gridgov.platform.errors import NotFound


class AgencyUnknown(NotFound):
    """There is no agency of this id."""

    code = "agency-unknown"


@dataclass(frozen=True, slots=True)
class Listed:
    """An agency with the number of its own sites, and of those of agencies under it."""

    id: int
    code: str
    names: Mapping[str, str]
    kind: str | None
    parent_id: int | None
    stationed_id: int | None
    closed_at: datetime | None
    sites: int
    sites_below: int


@dataclass(frozen=True, slots=True)
class ListedSite:
    """A site; `claims`: a service area is written down for it."""

    id: int
    agency_id: int
    names: Mapping[str, str]
    kind: str | None
    address: str | None
    lon: float
    lat: float
    claims: bool


def agencies(session: Session) -> list[Listed]:
    """Every agency, by code."""
    rows, own = queries.agencies(session), queries.site_counts(session)
    parent = {row.id: row.parent_id for row in rows}
    below = dict.fromkeys(parent, 0)
    for agency, number in own.items():
        seen, step = {agency}, parent.get(agency)
        while step is not None and step not in seen:
            below[step] += number
            seen.add(step)
            step = parent.get(step)
    return [
        Listed(
            row.id,
            row.code,
            row.names,
            row.kind,
            row.parent_id,
            row.stationed_id,
            row.closed_at,
            own.get(row.id, 0),
            below[row.id],
        )
        for row in rows
    ]


def sites(session: Session, tree: AgencyTree, agency_id: int, *, revision: int) -> list[ListedSite]:
    """Sites of an agency and of every one under it, by id. Raises `AgencyUnknown`."""
    under = set(tree.under(session, agency_id, revision=revision))
    if not under:
        raise AgencyUnknown(
            f"There is no agency {agency_id}.", field="agency_id", remedy="List them with /api/v1/agencies."
        )
    return [
        ListedSite(
            row.id, row.agency_id, row.names, row.kind, row.address, row.lon, row.lat, row.service_area is not None
        )
        for row in queries.sites(session)
        if row.agency_id in under
    ]
