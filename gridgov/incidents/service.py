"""Verbs of incidents: report one, take many, look at them.

Owns intake and its repeat. Does not own where a point lies (`areas`), where an incident belongs after boundaries have
changed (`homing`), who is responsible (`duties`), nor what follows (`cases`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.index import AreaIndex, BulkLocated, Floats
from gridgov.areas.locator import Locator
from gridgov.areas.redrawing import keep_boundaries, placed_at
from gridgov.areas.rules import AreaFacts, Level, unit_of
from gridgov.auth.rules import EVERYWHERE, Reach
from gridgov.duties.route import Route
from gridgov.duties.router import BulkRoutes, Router
from gridgov.geo import hexagons
from gridgov.geo.crs import Datum, to_wgs84
from gridgov.incidents import contacts, elsewhere, placing, queries
from gridgov.incidents.lying import ids_below, lying
from gridgov.incidents.months import ensure_months, month_of
from gridgov.incidents.placing import placed
from gridgov.incidents.rules import Report, digest
from gridgov.platform.db import bump, revisions
from gridgov.platform.errors import Conflict, NotFound
from gridgov.privacy.rules import Home

Indexes = placing.Indexes
LISTS = ("statuses", "category_ids", "channels", "agency_ids")
HEX_RESOLUTION = placing.HEX_RESOLUTION


class OtherBody(Conflict):
    """The id was used before for another report."""

    code = "id-used-for-another-report"


class IncidentUnknown(NotFound):
    """No incident of this id."""

    code = "incident-unknown"


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident as it may be shown: no contact of the reporter."""

    row: Row[Any]
    path: tuple[AreaFacts, ...]
    candidates: tuple[AreaFacts, ...]
    lead_area: AreaFacts | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter gets. `repeated`: this report was taken before, and this is its first receipt again."""

    seen: Seen
    repeated: bool
    route: Route | None = None


def report(session: Session, new: Report, *, indexes: Indexes, now: datetime) -> Receipt:
    """Takes a report: finds area and agency, stores it, answers with a receipt. A repeat stores nothing.

    No boundary plan takes effect until the transaction ends (`areas.redrawing`), so that what it stores is so still.
    Raises `BadReport`, `CategoryUnknown`, `OtherBody` (the same id with another body), `NoAreas`.
    """
    # Keyed, for all but the reporter's number can be read beside it: a plain digest would tell who tried every number.
    body = indexes.sealer.fingerprint(digest(new))
    earlier = queries.claim(session, new.id, body, new.happened_at)
    if earlier is not None:
        if not indexes.sealer.is_fingerprint(earlier, digest(new)):  # it may have been made with an older key
            raise OtherBody(
                "This id was used before for another report.", field="id", remedy="Make a new id for a new report."
            )
        return Receipt(get(session, new.id, locator=indexes.locator, reach=EVERYWHERE), repeated=True)
    keep_boundaries(session)
    marks = revisions(session)  # those that the caller saw may be from before a plan that was waited for
    place = placed(session, new, indexes=indexes, marks=marks, now=now)
    row = queries.add(session, place.values)
    belongs = Home(row.area_id, row.grid_id, row.unit_id, row.agency_id)
    contacts.keep(session, new.id, new.reporter, belongs, sealer=indexes.sealer, now=now)
    return Receipt(seen_of(row, place.then), repeated=False, route=place.route)


def get(
    session: Session,
    incident_id: UUID,
    *,
    locator: Locator,
    reach: Reach,
    revision: int | None = None,
    with_text: bool = True,
) -> Seen:
    """One incident with its path. Raises `IncidentUnknown`, also beyond the reach: that it exists is not told."""
    row = queries.one(session, incident_id, reach, with_text=with_text)
    if row is None:  # looked for again: a month that was made between plan and look has taken it into a new table
        row = queries.one(session, incident_id, reach, with_text=with_text)
    if row is None:
        raise IncidentUnknown("No incident has this id.", field="id", remedy="Check the id on the receipt.")
    return seen_of(row, locator.index(session, row.happened_at, revision=revision))


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of incidents is cut down to; None leaves a part open. `category`: a code, or a prefix with `*`.

    `agency_ids`: of whom one answers for it; `held_by`: exactly this one, 0: nobody. `area`, `above` (placed only above
    the areas of a level) and `outside` (every area) are as counts have them (`lying`), and so is the rest: a list is as
    long as its number. `among`: only what lies in one of these areas too. `by`: other boundaries than those in force,
    by which `area` and `among` are meant. `reach` has no default: whoever asks says for whom.
    """

    area: int | None = None
    category: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    bbox: tuple[float, float, float, float] | None = None
    statuses: Sequence[str] | None = None
    before: tuple[datetime, UUID] | None = None
    category_ids: Sequence[int] | None = None
    channels: Sequence[str] | None = None
    agency_ids: Sequence[int] | None = None
    held_by: int | None = None
    above: Level | None = None
    outside: bool = False
    among: Sequence[int] | None = None
    by: AreaIndex | None = None
    reach: Reach = field(kw_only=True)
    with_text: bool = field(default=True, kw_only=True)


def find(
    session: Session,
    wanted: Filter,
    *,
    locator: Locator,
    router: Router,
    now: datetime | None = None,
    limit: int = 100,
) -> list[Seen]:
    """A page of incidents, newest first, after the key `before`. Areas are those in force `now` (None: newest)."""
    revision = revisions(session).get("areas", 0)  # asked once for all rows
    index = locator.index(session, now, revision=revision)
    filters = {
        "since": wanted.since,
        "until": wanted.until,
        **{name: list(some) for name in LISTS if (some := getattr(wanted, name)) is not None},
        "held_by": wanted.held_by,
        **dict(zip(("west", "south", "east", "north"), wanted.bbox or (None,) * 4, strict=True)),
        "before_at": wanted.before[0] if wanted.before else None,
        "before_id": wanted.before[1] if wanted.before else None,
    }
    if wanted.category is not None:
        filters["category_ids"] = router.category_ids(session, wanted.category)
    ids = None if wanted.by is None else ids_below(wanted.by, wanted.area, wanted.among)
    if wanted.by is not None and ids is not None:

        def read(some: Mapping[str, Any], most: int) -> list[Row[Any]]:
            return queries.page(session, some, most, wanted.reach, with_text=wanted.with_text)

        rows = elsewhere.page(wanted.by, ids, filters, limit, read)
    else:
        where = lying(index, wanted.area, among=wanted.among, above=wanted.above, outside=wanted.outside)
        rows = queries.page(session, filters, limit, wanted.reach, lying=where, with_text=wanted.with_text)
    return [seen_of(row, locator.index(session, row.happened_at, revision=revision)) for row in rows]


@dataclass(frozen=True, slots=True)
class OldIncident:
    """An incident of the past as an import brings it: `lon`, `lat` in degrees of `datum`, `id` from its source."""

    id: UUID
    category: str
    lon: float
    lat: float
    happened_at: datetime
    channel: str = "import"
    status: str = "closed"
    datum: Datum = Datum.WGS84
    accuracy_m: float | None = None
    text: str = ""
    address: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a bulk load did. `other`: ids that were there before with another body; they were left as they are."""

    added: int
    repeated: int
    other: tuple[UUID, ...]
    outside: int


def take_many(
    session: Session,
    old: Sequence[OldIncident],
    *,
    locator: Locator,
    router: Router,
    now: datetime,
    progress: Callable[[str, float], None] = lambda _step, _share: None,
) -> Taken:
    """Takes many at once: located and routed in bulk, copied, inserted in one statement. Safe to repeat.

    As for a single report, area and agency are those of the instant when it happened, grid and unit those of now.
    Categories must be known (`router.category_ids`); points must be finite. Raises `CategoryUnknown`.
    """
    if not old:
        return Taken(0, 0, (), 0)
    keep_boundaries(session)  # before the months, whose making holds the areas: as whoever changes them does
    ensure_months(session, {month_of(one.happened_at) for one in old})
    lon, lat = _wgs84(old)
    progress("locate", 0.0)
    bulk = _located(session, old, lon, lat, locator, placed_at(revisions(session), now))
    progress("route", 0.2)
    routed = _routed(session, old, bulk, lon, lat, locator, router)
    cells = hexagons.cells(lon, lat, HEX_RESOLUTION)
    progress("store", 0.5)
    rows = (
        (
            one.id, bulk_digest(one), int(routed.category_id[i]), one.channel, one.status, one.happened_at,
            one.lon, one.lat, str(one.datum), one.accuracy_m, float(lon[i]), float(lat[i]),
            int(bulk.area_id[i]), int(bulk.grid_id[i]), int(bulk.unit_id[i]), float(bulk.outside_m[i]),
            int(routed.agency_id[i]), int(routed.lead_area_id[i]), int(routed.site_id[i]), int(routed.item_id[i]),
            int(cells[i]), one.text, one.address, dict(one.attributes),
        )
        for i, one in enumerate(old)
    )  # fmt: skip
    count = queries.stage_bulk(session, rows)
    added, other = queries.insert_bulk(session, now)
    queries.analyze(session)
    if added:
        bump(session, "incidents")
    progress("store", 1.0)
    return Taken(added, count - added - len(other), tuple(other), int(np.count_nonzero(bulk.outside_m > 0)))


def _located(
    session: Session, old: Sequence[OldIncident], lon: Floats, lat: Floats, locator: Locator, now: datetime
) -> BulkLocated:
    """Areas when it happened, grid and unit now; each boundary version is asked once for all of its incidents."""
    current = locator.index(session, now)
    bulk = current.locate_many(lon, lat, threads=2)
    versions = [locator.since(one.happened_at) for one in old]
    for since in set(versions):
        places = np.array([place for place, version in enumerate(versions) if version == since])
        then = locator.index(session, old[places[0]].happened_at)
        if then is not current:
            found = then.locate_many(lon[places], lat[places], threads=2)
            bulk.area_id[places], bulk.outside_m[places] = found.area_id, found.outside_m
    return bulk


def _routed(
    session: Session,
    old: Sequence[OldIncident],
    bulk: BulkLocated,
    lon: Floats,
    lat: Floats,
    locator: Locator,
    router: Router,
) -> BulkRoutes:
    """Who was responsible when it happened; each span of boundaries and lists is decided once."""
    out = BulkRoutes(*(np.zeros(len(old), dtype=np.int64) for _ in range(5)))
    router.warm(session)
    spans: dict[tuple[datetime | None, int], list[int]] = {}
    for place, one in enumerate(old):
        spans.setdefault((locator.since(one.happened_at), router.span(one.happened_at)), []).append(place)
    for members in spans.values():
        places = np.array(members)
        then = BulkLocated(*(getattr(bulk, part.name)[places] for part in fields(BulkLocated)))
        at = old[members[0]].happened_at
        found = router.route_many(session, [old[i].category for i in members], then, lon[places], lat[places], at=at)
        for part in fields(BulkRoutes):
            getattr(out, part.name)[places] = getattr(found, part.name)
    return out


def bulk_digest(one: OldIncident) -> bytes:
    """SHA-256 of an old incident's meaning."""
    facts = [
        one.category,
        one.lon,
        one.lat,
        one.happened_at.timestamp(),
        one.channel,
        one.status,
        one.datum,
        one.text,
        one.address,
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).digest()


def set_statuses(session: Session, rows: Iterable[tuple[UUID, datetime, str]]) -> int:
    """Says of incidents (id, when it happened, status) how their cases stand, so that counts and lists of incidents say
    the same; how many changed."""
    return queries.set_statuses(session, rows)


def span(session: Session, reach: Reach) -> Row[Any]:
    """(first, last): between which instants they happened; None and None where there are none."""
    return queries.span(session, reach)


def seen_of(row: Any, index: AreaIndex) -> Seen:
    """A row with its areas by the boundaries of `index`."""
    facts = [index.get(area_id) for area_id in row.candidate_ids]
    return Seen(
        row=row,
        path=index.path_of(row.area_id) if index.get(row.area_id) else (),
        candidates=tuple(area for area in facts if area is not None),
        lead_area=index.get(row.lead_area_id) if row.lead_area_id else None,
    )


def area_filter(index: AreaIndex, area_id: int | None) -> dict[str, Any]:
    """An area in force as the columns by which a list is cut down; none for the city. Raises `AreaUnknown`."""
    if area_id is None:
        return {}
    area = index.get(area_id)
    if area is None:
        raise areas.AreaUnknown(
            f"No area {area_id} is in force now.", field="area", remedy="List them with /api/v1/areas."
        )
    if area.level == Level.CITY:
        return {}
    if area.level == Level.GRID:
        return {"grid_id": area_id}
    if unit_of(index.path_of(area_id)) == area:
        return {"unit_id": area_id}
    return {"area_ids": [below.id for below in index.descendants(area_id)]}


def _wgs84(old: Iterable[OldIncident]) -> tuple[Any, Any]:
    lon, lat = (np.array([getattr(one, axis) for one in old], dtype=np.float64) for axis in ("lon", "lat"))
    datums = np.array([str(one.datum) for one in old])
    for datum in np.unique(datums):
        chosen = datums == datum
        lon[chosen], lat[chosen] = to_wgs84(lon[chosen], lat[chosen], Datum(str(datum)))
    return lon, lat
