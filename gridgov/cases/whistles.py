"""Whistles looked at as a whole: the inbox of who is summoned, the list of who whistled, the figures of both.

Owns what may be asked for, and what the counts mean. Does not own the SQL (`queries.whistles`), nor one whistle
(`service`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level, unit_of
from gridgov.areas.service import AreaUnknown
from gridgov.auth.rules import Reach
from gridgov.cases.clocks import Light
from gridgov.cases.queries import whistles as queries
from gridgov.cases.rules import SUMMONS_ENDED, Kind, SummonsState
from gridgov.cases.service import Setting
from gridgov.platform.errors import BadInput

LONGEST = timedelta(days=366)
LIGHTS = tuple(Light)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is cut down to; None leaves a part open. `before`: the key of the last line seen."""

    area: int | None = None
    agency: int | None = None
    open: bool | None = None
    kind: Kind | None = None
    state: SummonsState | None = None
    late: bool | None = None
    light: Light | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, int, int] | None = None
    reach: Reach = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line: its row, and the areas it lies in by the boundaries in force."""

    row: Row[Any]
    path: tuple[AreaFacts, ...]


@dataclass(frozen=True, slots=True)
class Clocked:
    """Summons by one of their clocks: done in time, missed, still open. Who was released counts nowhere here."""

    in_time: int
    late: int
    open: int

    @property
    def rate(self) -> float | None:
        """Share in time of those that are decided; None where none is."""
        decided = self.in_time + self.late
        return round(self.in_time / decided, 4) if decided else None


@dataclass(frozen=True, slots=True)
class Figures:
    """One side of the table over a span: an agency that was summoned, or a unit that whistled.

    `refused` counts every refusal, `refused_rightly` those after which the district released the body. `speed` and
    `quality` are means of the `rated` ratings that count; None where there are none.
    """

    id: int
    counts: Mapping[str, int]
    signed: Clocked
    contacted: Clocked
    reported: Clocked
    rated: int
    speed: float | None
    quality: float | None
    code: str | None = None
    names: Mapping[str, str] | None = None


COUNTED = ("summoned", "released", "returned", "withdrawn", "refused", "refused_rightly", "reworked",
           "awaiting_rating", "meetings", "attended", "corrected")  # fmt: skip
OF_UNITS = ("whistles", "whistles_withdrawn", "whistles_joint", "whistles_hard")


def find_summons(session: Session, wanted: Wanted, *, setting: Setting, limit: int) -> list[Listed]:
    """A page of summons, newest call first. Raises `AreaUnknown`, `BadInput`."""
    if wanted.state is not None and wanted.open is not None and (wanted.state in SUMMONS_ENDED) == wanted.open:
        raise BadInput(f"“{wanted.state}” is {'an' if wanted.open else 'no'} end.", field="state", remedy="Leave one.")
    index = _index(session, setting)
    filters = _filters(session, wanted, index, setting) | _before(wanted, "summons")
    return [Listed(row, _path(index, row)) for row in queries.summons(session, filters, limit, wanted.reach)]


def find_whistles(session: Session, wanted: Wanted, *, setting: Setting, limit: int) -> list[Listed]:
    """A page of whistles, newest first: those with a summons within the reach that is as wanted. Raises as above."""
    index = _index(session, setting)
    filters = _filters(session, wanted, index, setting) | _before(wanted, "whistle")
    return [Listed(row, _path(index, row)) for row in queries.whistles(session, filters, limit, wanted.reach)]


def figures(session: Session, wanted: Wanted, *, setting: Setting) -> tuple[list[Figures], list[Figures]]:
    """(of agencies, of units) over the summons called in a span of a year at most. Raises as above."""
    if wanted.since is None or wanted.until is None:
        raise BadInput("Figures are of a span.", field="from", remedy="Give from and to.")
    if not timedelta(0) < wanted.until - wanted.since <= LONGEST:
        raise BadInput("The span is not one, or longer than a year.", field="to", remedy="At most one year at a time.")
    filters = _filters(session, wanted, _index(session, setting), setting)
    agencies = [_figures(row, row.agency_id) for row in queries.by_agency(session, filters, wanted.reach)]
    units = [_figures(row, row.unit_id) for row in queries.by_unit(session, filters, wanted.reach)]
    return agencies, units


def _figures(row: Row[Any], key: int) -> Figures:
    held = row._mapping
    counts = {name: int(held[name] or 0) for name in (*COUNTED, *OF_UNITS) if name in held}
    signed, contacted, reported = (
        Clocked(held[f"{name}_in_time"], held[f"{name}_late"], held[f"{name}_open"])
        for name in ("signed", "contacted", "answered")
    )
    speed, quality = (round(held[name] / row.rated, 2) if row.rated else None for name in ("speed", "quality"))
    return Figures(key, counts, signed, contacted, reported, row.rated, speed, quality, row.code, row.names)


def _index(session: Session, setting: Setting) -> AreaIndex:
    return setting.locator.index(session, setting.now, revision=setting.marks.get("areas", 0))


def _path(index: AreaIndex, row: Row[Any]) -> tuple[AreaFacts, ...]:
    found = next((one for one in (row.grid_id, row.area_id, row.unit_id) if one and index.get(one)), None)
    return index.path_of(found) if found is not None else ()


def _filters(session: Session, wanted: Wanted, index: AreaIndex, setting: Setting) -> dict[str, Any]:
    agencies: Sequence[int] | None = None
    if wanted.agency is not None:
        agencies = setting.lists.agencies.under(session, wanted.agency, revision=setting.marks.get("duties", 0))
        if not agencies:
            raise BadInput("There is no such agency.", field="agency", remedy="Look at /api/v1/duty-lists.")
    return {
        **_area(index, wanted.area),
        "agency_ids": None if agencies is None else list(agencies),
        "kind": wanted.kind and wanted.kind.value,
        "state": wanted.state and wanted.state.value,
        "light": wanted.light and wanted.light.value,
        "open": wanted.open,
        "late": wanted.late,
        "since": wanted.since,
        "until": wanted.until,
        "now": setting.now,
    }


def _before(wanted: Wanted, key: str) -> dict[str, Any]:
    at, number, last = wanted.before or (None, None, None)
    return {"before_at": at, "before_number": number, f"before_{key}": last}


def _area(index: AreaIndex, area_id: int | None) -> dict[str, Any]:
    """An area as units where it holds some, else as the places below it."""
    if area_id is None:
        return {}
    area = index.get(area_id)
    if area is None:
        raise AreaUnknown(f"No area {area_id} is in force now.", field="area", remedy="List them with /api/v1/areas.")
    if area.level == Level.CITY:
        return {}
    unit = unit_of(index.path_of(area_id))
    below = index.descendants(area_id)
    if unit is not None and unit.id != area_id:
        return {"place_ids": [one.id for one in below]}
    return {"unit_ids": [one.id for one in below if (at := unit_of(index.path_of(one.id))) and at.id == one.id]}
