"""How an area came about: its versions, what lay on its ground before and after, whose borders it shares.

Owns these questions. Does not own what is in force at an instant (`service`, `locator`), nor who follows a new boundary
(`following`). What an area came from is measured on the ground itself, so that it holds for boundaries that were
loaded from a file as for those that were drawn here; households are told where the plan noted them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gridgov.areas import service
from gridgov.areas.queries import history as queries
from gridgov.areas.rules import AreaFacts, Level

MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Turn:
    """A boundary plan that took effect: since when (None: since before any record), and how many versions it began and
    ended."""

    plan_id: int
    name: str
    at: datetime | None
    began: int
    ended: int


@dataclass(frozen=True, slots=True)
class Kin:
    """An area that has ground in common with a version. `ground_share`: of the version's ground; `kept_share`: of the
    other's. `households`: those that went from the one to the other, None where the plan did not note them."""

    area_id: int
    code: str
    names: Mapping[str, str]
    common_km2: float
    ground_share: float
    kept_share: float
    households: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """An area from one boundary plan to the next. `came_from` is empty for boundaries that hold since before any
    record, `became` for those still in force and for all but the last."""

    level: Level
    code: str
    names: Mapping[str, str]
    kind: str | None
    population: int | None
    households: int | None
    area_km2: float
    parent_id: int | None
    since: datetime | None
    until: datetime | None
    begun_by: Turn
    ended_by: Turn | None
    came_from: tuple[Kin, ...]
    became: tuple[Kin, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An area of the same level, and the length of the common border."""

    area: AreaFacts
    shared_m: float


def turns(session: Session) -> list[Turn]:
    """Every boundary plan that took effect or will, the newest first."""
    return [Turn(row.id, row.name, row.valid_from, row.began, row.ended) for row in queries.turns(session)]


def lineage(session: Session, area_id: int) -> list[Version]:
    """Every version of an area, the newest first, at most `MOST_VERSIONS`. Raises `AreaUnknown`."""
    rows = queries.versions(session, area_id)[:MOST_VERSIONS]
    if not rows:
        raise service.AreaUnknown(
            f"There never was an area {area_id}.", field="id", remedy="List them with /api/v1/areas."
        )
    srid_m = service.city(session).srid_m
    known = {one.plan_id: one for one in turns(session)}
    found = []
    for place, row in enumerate(rows):
        before = () if row.valid_from is None else _kin(session, row.id, row.area_m2, srid_m, after=False)
        over = place == 0 and row.valid_to is not None
        found.append(
            Version(
                level=Level(row.level),
                code=row.code,
                names=row.names,
                kind=row.kind,
                population=row.population,
                households=row.households,
                area_km2=row.area_m2 / 1e6,
                parent_id=row.parent_id,
                since=row.valid_from,
                until=row.valid_to,
                begun_by=known[row.begun_id],
                ended_by=known.get(row.ended_id),
                came_from=before,
                became=_kin(session, row.id, row.area_m2, srid_m, after=True) if over else (),
            )
        )
    return found


def neighbours(session: Session, area_id: int, *, at: datetime) -> list[Neighbour]:
    """Areas of the same level with a common border at the instant, the longest first."""
    return [
        Neighbour(
            AreaFacts(
                row.id, Level(row.level), row.code, row.names, row.parent_id, row.kind, row.population, row.households
            ),
            row.shared_m,
        )
        for row in queries.neighbours(session, area_id, at, service.city(session).srid_m)
    ]


def _kin(session: Session, version_id: int, area_m2: float, srid_m: int, *, after: bool) -> tuple[Kin, ...]:
    return tuple(
        Kin(
            area_id=row.area_id,
            code=row.code,
            names=row.names,
            common_km2=row.common_m2 / 1e6,
            ground_share=min(1.0, row.common_m2 / area_m2),
            kept_share=min(1.0, row.common_m2 / row.whole_m2),
            households=row.households,
        )
        for row in queries.overlaps(session, version_id, srid_m, after=after)
    )
