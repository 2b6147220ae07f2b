"""Verbs of areas: set up the city, put boundaries in force, ask for areas.

Owns which version is in force when. Does not own reading files (`interop`) nor drawing plans (`planning`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.queries import boundaries as queries
from gridgov.areas.rules import TOP_DOWN, Level, NewArea
from gridgov.geo.crs import metre_srid
from gridgov.platform.bulk import ewkb
from gridgov.platform.db import bump
from gridgov.platform.errors import BadInput, Conflict, NotFound


class CityUnknown(NotFound):
    """No city of this code has been set up in this database."""

    code = "city-unknown"


class ParentUnknown(BadInput):
    """An area names a parent that is in force nowhere above it."""

    code = "parent-unknown"


class BoundariesMovedOn(Conflict):
    """Boundaries already change at this instant or later; a plan is never edited after."""

    code = "boundaries-moved-on"


class AreaUnknown(NotFound):
    """No area of this id is in force at this instant."""

    code = "area-unknown"


@dataclass(frozen=True, slots=True)
class CityFacts:
    """The city as it is set up; `srid_m` is the metre projection of its lengths and areas."""

    code: str
    names: Mapping[str, str]
    timezone: str
    srid_m: int
    nearest: str
    demo: bool
    lon: float
    lat: float

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class PutInForce:
    """What a plan did: `plan_id` is None when everything was as before."""

    plan_id: int | None
    added: int
    changed: int
    ended: int
    repeated: int


def set_up_city(
    session: Session,
    *,
    code: str,
    names: Mapping[str, str],
    timezone: str,
    lon: float,
    lat: float,
    srid_m: int | None = None,
    nearest: str = "road",
    demo: bool = False,
) -> CityFacts:
    """Registers the city of the current schema, or changes what is registered. Safe to repeat."""
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones
        raise BadInput(
            f"“{timezone}” is not a time zone.", field="timezone", remedy="Use a name such as Asia/Shanghai."
        ) from None
    values = {
        "code": code,
        "names": json.dumps(dict(names)),
        "timezone": timezone,
        "lon": lon,
        "lat": lat,
        "srid_m": srid_m or metre_srid(lon, lat),
        "nearest": nearest,
        "demo": demo,
    }
    if queries.upsert_city(session, values):
        for noun in ("areas", "layers", "duties"):  # whatever is in memory uses its projection or its `nearest`
            bump(session, noun)
    return city(session)


def require_city(session: Session, code: str) -> None:
    """Raises `CityUnknown`, naming the cities that there are, unless this one has been set up. Creates nothing."""
    codes = queries.city_codes(session)
    if code not in codes:
        there = f"those there are: {', '.join(codes)}" if codes else "no city has been loaded yet"
        raise CityUnknown(
            f"The city “{code}” has not been loaded; {there}.",
            field="GRIDGOV_CITY",
            remedy="Name one that is there, or load it first: gridgov city load FILE",
        )


@dataclass(frozen=True, slots=True)
class CityHere:
    """A city of the installation, as the register has it."""

    code: str
    names: Mapping[str, str]


def cities_here(session: Session) -> list[CityHere]:
    """Every city that is registered, by code; none in a database before its first migration."""
    return [CityHere(row.code, row.names) for row in queries.cities(session)]


def city(session: Session) -> CityFacts:
    """The city whose schema this session looks into. Raises `CityUnknown`."""
    code = queries.current_city(session)
    row = queries.city_row(session, code) if code else None
    if row is None:
        raise CityUnknown(
            "This database has no such city.", field="city", remedy="Set it up with: gridgov city load FILE"
        )
    return CityFacts(row.code, row.names, row.timezone, row.srid_m, row.nearest, row.demo, row.lon, row.lat)


def put_in_force(
    session: Session,
    areas: Sequence[NewArea],
    *,
    name: str,
    valid_from: datetime | None = None,
    basis: str | None = None,
    ending: Sequence[int] = (),
) -> PutInForce:
    """Brings areas into force from an instant on (None: since before any record) as one boundary plan.

    An area is known again by level and code: the same content is `repeated`, other content ends the version in force
    and begins a new one. `ending` names ids of areas that cease to exist. Nothing is overwritten.
    Raises `ParentUnknown`, `BoundariesMovedOn`, and `BadInput` for a code that comes twice.
    """
    srid_m = city(session).srid_m
    _refuse_doubles(areas)
    known = {(row.level, row.code): row for row in queries.identities_at(session, valid_from)}
    digests = [content_digest(area) for area in areas]
    fresh = [i for i, area in enumerate(areas) if (area.level, area.code) not in known]
    changed = [
        i
        for i, area in enumerate(areas)
        if (row := known.get((area.level, area.code))) is not None and bytes(row.digest) != digests[i]
    ]
    repeated = len(areas) - len(fresh) - len(changed)
    if not fresh and not changed and not ending:
        return PutInForce(None, 0, 0, 0, repeated)
    superseded = [known[areas[i].level, areas[i].code].area_id for i in changed] + list(ending)
    _refuse_rewriting(session, [(areas[i].level, areas[i].code) for i in fresh], superseded, valid_from)
    digest = hashlib.sha256(b"".join(digests)).hexdigest()
    plan_id = queries.add_plan(session, name=name, basis=basis, digest=digest, valid_from=valid_from)
    if superseded:
        queries.end_versions(session, plan_id, superseded, _dated(valid_from))
    _insert(session, plan_id, valid_from, srid_m, areas, digests, fresh, changed, known)
    bump(session, "areas")
    return PutInForce(plan_id, len(fresh), len(changed), len(ending), repeated)


def list_areas(
    session: Session,
    *,
    at: datetime | None,
    level: Level | None = None,
    parent: int | None = None,
    code: str | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    geometry: bool = False,
    after: tuple[str, str] | None = None,
    limit: int = 100,
    area_id: int | None = None,
) -> list[Row[Any]]:
    """Areas in force at the instant (None: beyond the last change), by (level, code); `after` is the last key seen."""
    west, south, east, north = bbox or (None, None, None, None)
    filters = {
        "at": "infinity" if at is None else at.isoformat(),
        "level": level,
        "parent": parent,
        "id": area_id,
        "code": code,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "geometry": geometry,
        "after_level": after[0] if after else None,
        "after_code": after[1] if after else None,
    }
    return queries.areas_page(session, filters, limit)


def get_area(session: Session, area_id: int, *, at: datetime | None, geometry: bool = True) -> Row[Any]:
    """One area with its shape. Raises `AreaUnknown`."""
    rows = list_areas(session, at=at, area_id=area_id, geometry=geometry, limit=1)
    if not rows:
        raise AreaUnknown(f"No area {area_id} is in force then.", field="id", remedy="List them with /api/v1/areas.")
    return rows[0]


def counts_by_level(session: Session) -> dict[str, int]:
    """How many areas of each level are in force now."""
    return queries.counts_by_level(session)


def extent(session: Session) -> tuple[float, float, float, float] | None:
    """West, south, east, north of the areas in force now; None without areas."""
    return queries.extent(session)


def _refuse_rewriting(
    session: Session, fresh: Sequence[tuple[str, str]], superseded: Sequence[int], valid_from: datetime | None
) -> None:
    """What is in force at the instant or later stays as it is: a plan only goes on from the last one."""
    if superseded and (valid_from is None or queries.turns_at_or_after(session, list(superseded), valid_from)):
        raise BoundariesMovedOn(
            "These boundaries are in force from that instant on already, with other content.",
            field="valid_from",
            remedy="Give the instant from which the new ones hold, later than those they replace.",
        )
    later = queries.in_force_from(session, fresh, valid_from)
    if later is not None:
        raise BoundariesMovedOn(
            f"The {later.level} “{later.code}” is in force after that instant already.",
            field="valid_from",
            remedy="Give an instant that is not earlier than the plan it came with.",
        )


def _dated(valid_from: datetime | None) -> datetime:
    assert valid_from is not None  # superseding needs an instant; checked by the caller
    return valid_from


def _refuse_doubles(areas: Sequence[NewArea]) -> None:
    seen: set[tuple[str, str]] = set()
    for area in areas:
        key = (area.level, area.code)
        if key in seen:
            raise BadInput(
                f"The {area.level} code “{area.code}” comes twice.",
                field="code",
                remedy="Give each area a code of its own.",
            )
        seen.add(key)


def content_digest(area: NewArea) -> bytes:
    """SHA-256 of what a version says: two of one area with the same digest are the same."""
    facts = [area.level, area.code, area.parent_code, dict(area.names), area.kind, area.population, area.households]
    text = json.dumps([*facts, dict(area.attributes)], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode() + area.geom.normalize().wkb).digest()


def _insert(
    session: Session,
    plan_id: int,
    valid_from: datetime | None,
    srid_m: int,
    areas: Sequence[NewArea],
    digests: Sequence[bytes],
    fresh: Sequence[int],
    changed: Sequence[int],
    known: Mapping[tuple[str, str], Row[Any]],
) -> None:
    new_ids = queries.add_areas(session, plan_id, [areas[i].level for i in fresh])
    ids: dict[tuple[str, str], int] = {key: row.area_id for key, row in known.items()}
    ids.update({(areas[i].level, areas[i].code): area_id for i, area_id in zip(fresh, new_ids, strict=True)})
    rows = (
        (
            ids[area.level, area.code],
            str(area.level),
            _parent_id(area, ids),
            area.code,
            dict(area.names),
            area.kind,
            area.population,
            area.households,
            dict(area.attributes),
            digests[i],
            ewkb(area.geom),
        )
        for i in (*fresh, *changed)
        for area in (areas[i],)
    )
    queries.add_versions(session, plan_id, valid_from, srid_m, rows)


def _parent_id(area: NewArea, ids: Mapping[tuple[str, str], int]) -> int | None:
    if area.level == Level.CITY:
        return None
    above = reversed(TOP_DOWN[: TOP_DOWN.index(area.level)])
    if area.parent_code is None:
        raise ParentUnknown(
            f"The {area.level} “{area.code}” names no parent.", field="parent", remedy="Give the parent's code."
        )
    for level in above:
        found = ids.get((level, area.parent_code))
        if found is not None:
            return found
    raise ParentUnknown(
        f"The {area.level} “{area.code}” names the parent “{area.parent_code}”, which is not in force above it.",
        field="parent",
        remedy="Load the parents first, from the top down, or mend the code.",
    )
