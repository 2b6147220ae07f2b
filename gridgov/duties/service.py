"""Verbs of duties: the catalogue, agencies and sites, duty lists in force.

Owns what a city's bodies answer for. Does not own who is responsible at a point (`router`), nor reading files
(`interop`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shapely import MultiPolygon, Point, Polygon
from sqlalchemy.orm import Session

from gridgov.areas.names import Named, index_names, spell
from gridgov.duties import queries
from gridgov.duties.queries import Merged
from gridgov.duties.rules import ManagementClass, Nearest
from gridgov.duties.tables import Category
from gridgov.platform.bulk import ewkb
from gridgov.platform.db import bump
from gridgov.platform.errors import BadInput, Conflict


class AgencyUnknown(BadInput):
    """A site or an item names an agency that the city does not have."""

    code = "agency-unknown"


class ListMovedOn(Conflict):
    """A version of the list begins at that instant or later already."""

    code = "list-moved-on"


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


@dataclass(frozen=True, slots=True)
class NewItem:
    """One line of a duty list. `lead` and `supporting` are agency codes or "@unit", "@community", …; `area_id` None is
    the whole city."""

    code: str
    category: str
    lead: str
    management_class: ManagementClass
    supporting: tuple[str, ...] = ()
    area_id: int | None = None
    served_from_sites: bool = False
    nearest: Nearest | None = None
    basis: str | None = None
    time_limit: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListInForce:
    """What loading a list did; `list_id` is None when the list in force is the same."""

    list_id: int | None
    items: int
    repeated: int


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


def put_list(
    session: Session,
    items: Sequence[NewItem],
    *,
    name: str,
    valid_from: datetime | None = None,
    basis: str | None = None,
) -> ListInForce:
    """Puts a duty list in force from an instant on (None: since before any record), ending the version before it.

    The same content changes nothing. Raises `AgencyUnknown`, `ListMovedOn`.
    """
    known = agency_ids(session)
    at = "-infinity" if valid_from is None else valid_from.isoformat()
    digest = _digest(items)
    current = queries.list_in_force(session, name, at)
    if current is not None and current.digest == digest:
        return ListInForce(None, 0, len(items))
    if current is not None and (valid_from is None or (current.since is not None and current.since >= valid_from)):
        raise ListMovedOn(
            f"The list “{name}” is in force from that instant on already, with other content.",
            field="valid_from",
            remedy="Give the instant from which the new version holds.",
        )
    later = queries.later_list(session, name, at)
    if later is not None:
        raise ListMovedOn(
            f"A version of the list “{name}” begins after that instant already.",
            field="valid_from",
            remedy=f"Give an instant after {later.isoformat()}.",
        )
    if current is not None:
        queries.end_list(session, current.id, at)
    list_id = queries.add_list(session, name=name, basis=basis, digest=digest, at=at)
    rows = [_item_row(item, known) for item in items]
    supports = [
        (item.code, position, *_body(body, known, item.code))
        for item in items
        for position, body in enumerate(item.supporting)
    ]
    count = queries.add_items(session, list_id, rows, supports)
    bump(session, "duties")
    return ListInForce(list_id, count, 0)


def agency_ids(session: Session) -> dict[str, int]:
    """Agency code -> id."""
    return {agency.code: agency.id for agency in queries.agencies(session)}


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


def _body(code: str, known: Mapping[str, int], item: str) -> tuple[int | None, str | None]:
    if code.startswith("@"):
        return None, code[1:]
    if code not in known:
        raise AgencyUnknown(
            f"The item “{item}” names the agency “{code}”, which does not exist.",
            field="agency",
            remedy="Load the agencies first.",
        )
    return known[code], None


def _item_row(item: NewItem, known: Mapping[str, int]) -> tuple[Any, ...]:
    agency_id, level = _body(item.lead, known, item.code)
    return (
        item.code,
        item.category,
        item.area_id,
        str(item.management_class),
        agency_id,
        level,
        item.served_from_sites,
        None if item.nearest is None else str(item.nearest),
        item.basis,
        item.time_limit,
        dict(item.attributes),
    )


def _digest(items: Sequence[NewItem]) -> str:
    facts = sorted(
        [
            [
                i.code,
                i.category,
                i.lead,
                i.management_class,
                list(i.supporting),
                i.area_id,
                i.served_from_sites,
                i.nearest,
                i.basis,
                i.time_limit,
                dict(i.attributes),
            ]
            for i in items
        ],
        key=lambda row: str(row[0]),
    )
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def list_categories(session: Session, kind: str | None = None) -> list[Category]:
    """The city's catalogue, matters first, by code."""
    return queries.categories(session, kind)
