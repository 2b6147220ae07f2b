"""Versions of duty lists: putting one in force, and reading what one says.

Owns what is published and how items become rows and come back. A published version is never edited: the next one
supersedes it from an instant. Does not own drafts and their two persons (`drafts`), nor which item answers (`routing`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.duties import queries
from gridgov.duties.queries import lists as list_queries
from gridgov.duties.rules import Agency, Body, Item, ListKind, ManagementClass, Nearest, NewItem, limit_of
from gridgov.duties.versions import new_items, risks_of
from gridgov.platform.db import bump
from gridgov.platform.errors import BadInput, Conflict


class AgencyUnknown(BadInput):
    """A site or an item names an agency that the city does not have."""

    code = "agency-unknown"


class ItemWithoutOwner(BadInput):
    """Only a draft may hold an item that nobody leads."""

    code = "item-without-owner"


class ListMovedOn(Conflict):
    """A version of the list begins at that instant or later already."""

    code = "list-moved-on"


@dataclass(frozen=True, slots=True)
class ListInForce:
    """What loading a list did; `list_id` is None when the list in force is the same."""

    list_id: int | None
    items: int
    repeated: int


def put_list(
    session: Session,
    items: Sequence[NewItem],
    *,
    name: str,
    valid_from: datetime | None = None,
    basis: str | None = None,
    kind: ListKind = ListKind.TERRITORIAL,
) -> ListInForce:
    """Puts a duty list in force from an instant on (None: since before any record), ending the version before it.

    The owner's way: nobody else is asked. The same content changes nothing. Raises `AgencyUnknown`, `ListMovedOn`,
    `ItemWithoutOwner`.
    """
    found = digest(items)
    list_queries.hold(session, name)
    current = in_the_way(session, name, valid_from, found)
    if current is not None and current.digest == found:
        return ListInForce(None, 0, len(items))
    ownerless = next((item for item in items if not item.lead), None)
    if ownerless is not None:
        raise ItemWithoutOwner(f"The item “{ownerless.code}” names nobody.", field="lead", remedy="Name who leads.")
    list_id = list_queries.add_list(session, name=name, kind=str(kind), basis=basis, digest=found)
    count = fill(session, list_id, items)
    supersede(session, list_id, None if current is None else current.id, valid_from)
    return ListInForce(list_id, count, 0)


def add_item(
    session: Session,
    new: NewItem,
    *,
    name: str,
    kind: ListKind,
    at: datetime,
    instead_of: Callable[[NewItem], bool] = lambda _: False,
) -> ListInForce:
    """A new version of a list that grows item by item, from the instant on: what it says, without what the new item
    stands instead of, and the new item.

    Two at one instant follow each other by a microsecond. Raises `AgencyUnknown`, `ListMovedOn`, `ItemWithoutOwner`.
    """
    list_queries.hold(session, name)
    newest = list_queries.newest(session, name)
    kept: list[NewItem] = []
    if newest is not None:
        kept = [one for one in new_items(session, newest.id) if not instead_of(one) and one.code != new.code]
        if newest.since is not None:
            at = max(at, newest.since + timedelta(microseconds=1))
    return put_list(session, [*kept, new], name=name, kind=kind, valid_from=at)


def in_the_way(session: Session, name: str, valid_from: datetime | None, content: str) -> Row[Any] | None:
    """The version that one of other content would end: (id, version, kind, digest, since, always), or None.

    Raises `ListMovedOn` where a version begins at that instant or after it.
    """
    at = moment(valid_from)
    current = list_queries.list_in_force(session, name, at)
    if current is not None and current.digest == content:
        return current
    if current is not None and (valid_from is None or (current.since is not None and current.since >= valid_from)):
        raise ListMovedOn(
            f"The list “{name}” is in force from that instant on already, with other content.",
            field="valid_from",
            remedy="Give the instant from which the new version holds.",
        )
    later = list_queries.later_list(session, name, at)
    if later is not None:
        raise ListMovedOn(
            f"A version of the list “{name}” begins after that instant already.",
            field="valid_from",
            remedy=f"Give an instant after {later.isoformat()}.",
        )
    return current


def fill(session: Session, list_id: int, items: Sequence[NewItem]) -> int:
    """Writes the items of a draft; returns their number. Raises `AgencyUnknown`."""
    known = agency_ids(session)
    rows = [_item_row(item, known) for item in items]
    supports = [
        (item.code, position, *_body(body, known, item.code))
        for item in items
        for position, body in enumerate(item.supporting)
    ]
    return list_queries.add_items(session, list_id, rows, supports)


def supersede(session: Session, list_id: int, current_id: int | None, valid_from: datetime | None) -> int:
    """Ends the version in force and publishes the draft; returns its version."""
    if current_id is not None:
        list_queries.end_list(session, current_id, moment(valid_from))
    version = list_queries.publish(session, list_id, moment(valid_from))
    bump(session, "duties")
    return version


def moment(valid_from: datetime | None) -> str:
    """An instant as the database takes it; None is "since before any record"."""
    return "-infinity" if valid_from is None else valid_from.isoformat()


def agency_ids(session: Session) -> dict[str, int]:
    """Agency code -> id."""
    return {agency.code: agency.id for agency in queries.agencies(session)}


def item(row: Row[Any], agencies: Mapping[int, Agency]) -> Item:
    """An item from a row of `queries.lists.items_at` or `items_of`; version 0 is a draft's."""

    def body(agency_id: int | None, level: str | None) -> Body:
        return Body(agency=agencies[agency_id]) if agency_id is not None else Body(level=level)

    supporting = zip(row.support_agencies, row.support_levels, strict=True)
    return Item(
        id=row.id,
        code=row.code,
        category=row.category,
        area_id=row.area_id,
        management_class=ManagementClass(row.management_class),
        lead=body(row.lead_agency_id, row.lead_level),
        supporting=tuple(body(agency_id, level) for agency_id, level in supporting),
        served_from_sites=row.served_from_sites,
        nearest=Nearest(row.nearest) if row.nearest else None,
        basis=row.basis,
        list_name=row.list_name,
        list_version=row.list_version or 0,
        list_kind=ListKind(row.list_kind),
        level=row.level,
        time_limit=row.time_limit,
        limit=limit_of(row.time_limit),
        payer=None if row.payer_agency_id is None else agencies[row.payer_agency_id],
        opening=row.opening,
        closing=row.closing,
        risk_points=risks_of(row),
        admission_id=row.admission_id,
        expires_at=row.expires_at,
    )


def digest(items: Sequence[NewItem]) -> str:
    """SHA-256 of what the items say, whatever their order. What an item does not say adds nothing, so that a list that
    was loaded before items could say it is the same list."""
    facts = sorted((_facts(one) for one in items), key=lambda row: str(row[0]))
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def _facts(i: NewItem) -> list[Any]:
    first = [i.code, i.category, i.lead, i.management_class, list(i.supporting), i.area_id, i.served_from_sites]
    more = {
        "level": i.level,
        "payer": i.payer,
        "opening": i.opening,
        "closing": i.closing,
        "risk_points": [[one.text, one.approval] for one in i.risk_points],
        "admission": i.admission_id,
        "expires_at": None if i.expires_at is None else i.expires_at.timestamp(),
    }
    said = {name: value for name, value in more.items() if value not in (None, [])}
    return [*first, i.nearest, i.basis, i.time_limit, dict(i.attributes), *([said] if said else [])]


def _body(code: str, known: Mapping[str, int], item: str) -> tuple[int | None, str | None]:
    if not code:
        return None, None
    if code.startswith("@"):
        return None, code[1:]
    return _agency(code, known, item), None


def _agency(code: str, known: Mapping[str, int], item: str) -> int:
    if code not in known:
        raise AgencyUnknown(
            f"The item “{item}” names the agency “{code}”, which does not exist.",
            field="agency",
            remedy="Load the agencies first.",
        )
    return known[code]


def _item_row(item: NewItem, known: Mapping[str, int]) -> tuple[Any, ...]:
    agency_id, level = _body(item.lead, known, item.code)
    risks = [{"text": one.text, "approval": one.approval} for one in item.risk_points]
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
        item.level,
        None if item.payer is None else _agency(item.payer, known, item.code),
        item.opening,
        item.closing,
        json.dumps(risks, ensure_ascii=False),
        item.admission_id,
        item.expires_at,
    )
