"""Verbs of duties: the catalogue, agencies and their sites; and, from `lists`, duty lists in force.

Owns which bodies a city has and where they work from. Does not own who is responsible at a point (`router`), nor
reading files (`interop`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon
from sqlalchemy.orm import Session

from gridgov.areas.names import Named, index_names, spell
from gridgov.duties import queries
from gridgov.duties.lists import AgencyUnknown, ListInForce, ListMovedOn, agency_ids, put_list
from gridgov.duties.queries import Merged
from gridgov.duties.rules import NewItem
from gridgov.duties.tables import Category
from gridgov.platform.bulk import ewkb
from gridgov.platform.db import bump

__all__ = [
    "AgencyUnknown",
    "ListInForce",
    "ListMovedOn",
    "NewAgency",
    "NewCategory",
    "NewItem",
    "NewSite",
    "agency_ids",
    "category_ids",
    "close_agency",
    "index_site_names",
    "list_categories",
    "put_agencies",
    "put_categories",
    "put_list",
    "put_national",
    "put_sites",
]


@dataclass(frozen=True, slots=True)
class NewCategory:
    """A matter or a component of the city's catalogue."""

    kind: str
    code: str
    names: Mapping[str, str]
    group_code: str | None = None
    group_names: Mapping[str, str] = field(default_factory=dict)
    standard_ref: str | None = None


@dataclass(frozen=True, slots=True)
class NewAgency:
    """An agency; `parent` is the code of the body above it, `stationed_id` the area it is stationed in (派驻)."""

    code: str
    names: Mapping[str, str]
    kind: str | None = None
    parent: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    stationed_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site of an agency, or a service point without one; geometry in EPSG:4326."""

    source_id: str
    geom: Point
    names: Mapping[str, str]
    agency: str | None = None
    kind: str | None = None
    address: str | None = None
    service_area: Polygon | MultiPolygon | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def put_national(session: Session, categories: Iterable[NewCategory]) -> Merged:
    """Loads the national catalogue of a standard into the shared schema."""
    return queries.merge_national(
        session,
        ((c.standard_ref, c.kind, c.code, c.group_code, dict(c.names), dict(c.group_names)) for c in categories),
    )


def put_categories(session: Session, categories: Iterable[NewCategory]) -> Merged:
    """Adds or renews categories of the city by (kind, code)."""
    merged = queries.merge_categories(session, (_category_row(c) for c in categories))
    _bump_if(session, merged)
    return merged


def put_agencies(session: Session, agencies: Sequence[NewAgency]) -> Merged:
    """Adds or renews agencies by code, then sets who stands above whom and who is stationed where; what is not said
    stays as it was. Raises `AgencyUnknown` for a parent."""
    merged = queries.merge_agencies(session, ((a.code, dict(a.names), a.kind, dict(a.attributes)) for a in agencies))
    known = agency_ids(session)
    parents = {a.code: a.parent for a in agencies if a.parent}
    for code, parent in parents.items():
        if parent not in known:
            raise AgencyUnknown(
                f"The agency “{code}” stands under “{parent}”, which does not exist.",
                field="parent",
                remedy="Load it too.",
            )
    moved = queries.set_parents(session, parents)
    moved += queries.set_stationed(session, {a.code: a.stationed_id for a in agencies if a.stationed_id is not None})
    if moved or merged.added or merged.changed:
        bump(session, "duties")
    return merged


def put_sites(session: Session, source: str, sites: Sequence[NewSite]) -> Merged:
    """Adds or renews sites by (source, source_id) and makes them searchable. Raises `AgencyUnknown`."""
    known = agency_ids(session)
    for site in sites:
        if site.agency is not None and site.agency not in known:
            raise AgencyUnknown(
                f"The site “{site.source_id}” names the agency “{site.agency}”, which does not exist.",
                field="agency",
                remedy="Load the agencies first.",
            )
    merged = queries.merge_sites(session, (_site_row(source, site, known) for site in sites))
    _bump_if(session, merged)
    if merged.added or merged.changed:
        index_site_names(session)
    return merged


def close_agency(session: Session, code: str, at: datetime | None) -> None:
    """Says since when a body does not exist any more (None: it does). What it did stays; lists that name it are found
    by the linter. Raises `AgencyUnknown`."""
    if not queries.close_agency(session, code, at):
        raise AgencyUnknown(f"There is no agency “{code}”.", field="code", remedy="Give the code of one that there is.")
    bump(session, "duties")


def category_ids(session: Session) -> dict[str, int]:
    """Code of a matter -> id of the category."""
    return {category.code: category.id for category in queries.categories(session, "matter")}


def index_site_names(session: Session) -> int:
    """Makes sites and service points searchable by name."""
    agencies = {agency.id: agency.names for agency in queries.agencies(session)}
    rows = queries.sites(session)
    return index_names(
        session,
        ["site"],
        (
            (
                "site",
                Named(
                    ref_id=row.id, names=row.names, point=Point(row.lon, row.lat), detail=agencies.get(row.agency_id)
                ),
            )
            for row in rows
            if row.names
        ),
    )


def _bump_if(session: Session, merged: Merged) -> None:
    if merged.added or merged.changed:
        bump(session, "duties")


def _category_row(category: NewCategory) -> tuple[Any, ...]:
    pinyin, initials = spell(category.names.get("zh", ""))
    names, group_names = dict(category.names), dict(category.group_names)
    return (
        category.kind,
        category.code,
        names,
        category.group_code,
        group_names,
        category.standard_ref,
        pinyin,
        initials,
    )


def _site_row(source: str, site: NewSite, known: Mapping[str, int]) -> tuple[Any, ...]:
    area = None if site.service_area is None else ewkb(site.service_area)
    point = ewkb(site.geom)
    facts = [site.agency, dict(site.names), site.kind, site.address, dict(site.attributes), area, point]
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str).encode()).digest()
    agency_id = known[site.agency] if site.agency else None
    names, attributes = dict(site.names), dict(site.attributes)
    return (source, site.source_id, agency_id, names, site.kind, site.address, area, attributes, digest, point)


def list_categories(session: Session, kind: str | None = None) -> list[Category]:
    """The city's catalogue, matters first, by code."""
    return queries.categories(session, kind)


def service_points(session: Session, box: tuple[float, float, float, float]) -> NDArray[np.float64]:
    """float64[k, 2]: longitude and latitude of every service point (a site of no agency) in a box of degrees."""
    rows = queries.service_points(session, box)
    return np.asarray([(row.lon, row.lat) for row in rows], dtype=np.float64).reshape(-1, 2)
