"""Incidents of the past from files, in bulk.

Owns the ids that make a repeated load harmless, and what a row has to say. Does not own where an incident lies, who
answers for it, nor the store (`incidents.service.take_many`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import shapely

from gridgov.areas import service as areas
from gridgov.areas.locator import Locator
from gridgov.duties import service as duties
from gridgov.duties.router import Router
from gridgov.geo.crs import Datum
from gridgov.incidents.rules import (
    CLOCK_TOLERANCE,
    EARLIEST_YEAR,
    MAX_ACCURACY_M,
    MAX_ADDRESS,
    MAX_TEXT,
    Channel,
    Status,
)
from gridgov.incidents.service import OldIncident, take_many
from gridgov.interop import cityfile
from gridgov.interop.files import PositionColumns, Reading, Wanted
from gridgov.interop.files.faults import Fault, RowFault
from gridgov.interop.imports.run import Import, Place, city_box, importing, mapped, title_of
from gridgov.interop.problems import ImportReport
from gridgov.interop.rows import Row

# Names of incidents that came with an id of their own (RFC 9562, 5.5).
INCIDENT_IDS = UUID("8c5d4f0e-3a52-5b3e-9d53-7f0f6c0a41d7")
SLICE = 100_000
_MOST_EXAMPLES = 10
_CHANNELS = {str(one): str(one) for one in Channel}
_DATUMS = {str(one): str(one) for one in Datum}


class Indexes(Protocol):
    """What bulk intake reads; the house of a process has it."""

    @property
    def locator(self) -> Locator: ...

    @property
    def router(self) -> Router: ...


@dataclass(slots=True)
class _Slice:
    """Incidents waiting to be stored, with the rows they came from."""

    made: list[OldIncident] = field(default_factory=list)
    rows: list[tuple[str, int, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Seen:
    """Ids of this load with what they meant (a hash), and repeats that meant something else."""

    meanings: dict[UUID, int] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Words:
    """What a row is read with."""

    part: cityfile.Incidents
    city: str
    zone: ZoneInfo
    now: datetime
    matters: frozenset[str]
    statuses: Mapping[str, str]
    used: frozenset[str | None]


def import_incidents(
    place: Place, part: cityfile.Incidents, paths: Sequence[Path], *, indexes: Indexes, now: datetime
) -> ImportReport:
    """Load incidents. An id that was loaded before is left as it is: a repeat when it says the same, refused otherwise.

    Within one load the first row of an id counts; later ones are repeats, and when they say something else the report
    names them. Raises what reading raises, and `NoAreas`.
    """
    with importing(place, "incidents", title_of(paths, "incidents")) as work:
        words = _words(work, part, now)
        seen, pending = _Seen(), _Slice()
        columns = part.columns
        position = PositionColumns(columns.lon, columns.lat, columns.wkt)
        # The reported point and its datum are kept, so the datum is not converted here.
        how = Reading(part.layer_name, part.encoding, position, wanted=Wanted(part.crs, near=city_box(work.session)))
        outside = 0
        for row, one in work.each(paths, how, mapped(columns), partial(_incident_of, words)):
            if _repeats(work, seen, row, one):
                continue
            pending.made.append(one)
            pending.rows.append((row.file, row.number, row.needed(columns.id)))
            if len(pending.made) == SLICE:
                outside += _store(work, pending, columns.id, indexes, now)
                pending = _Slice()
        outside += _store(work, pending, columns.id, indexes, now)
        _remark(work, seen, outside)
    return work.report()


def _words(work: Import, part: cityfile.Incidents, now: datetime) -> _Words:
    city = areas.city(work.session)
    statuses = {str(status): str(status) for status in Status}
    statuses |= {word.lower(): status for word, status in part.status_values.items()}
    matters = frozenset(duties.category_ids(work.session))
    used = frozenset(mapped(part.columns).values())
    return _Words(part, city.code, city.zone, now, matters, statuses, used)


def _repeats(work: Import, seen: _Seen, row: Row, one: OldIncident) -> bool:
    # Equality within this process is all that is asked, so the built-in hash will do.
    meaning = hash((one.category, one.lon, one.lat, one.happened_at, one.channel, one.status, one.text, one.address))
    known = seen.meanings.setdefault(one.id, meaning)
    seen.count += 1
    if len(seen.meanings) == seen.count:
        return False
    seen.count -= 1
    work.tally.repeated += 1
    if known != meaning:
        seen.differing.append(f"{row.file} {row.number}")
    return True


def _store(work: Import, pending: _Slice, id_column: str, indexes: Indexes, now: datetime) -> int:
    """Store a slice; returns how many lie outside every area."""
    done = take_many(
        work.session,
        pending.made,
        locator=indexes.locator,
        router=indexes.router,
        now=now,
        progress=lambda step, share: _show(work, step, share, len(pending.made)),
    )
    work.tally.taken += done.added
    work.tally.repeated += done.repeated
    others = set(done.other)
    for one, (file, number, source_id) in zip(pending.made, pending.rows, strict=True):
        if one.id in others:
            work.refuse(file, number, Fault("id-conflict", id_column, source_id))
    return done.outside


def _show(work: Import, step: str, share: float, rows: int) -> None:
    if share == 0.0:
        work.progress.step(f"{work.title}: {step}")
    work.progress.advance(share, rows)


def _remark(work: Import, seen: _Seen, outside: int) -> None:
    if seen.differing:
        work.tally.note(
            "repeats-differ",
            "{count} 条重复编号的内容与首次出现时不同,保留首次内容:{rows}",
            "{count} repeated ids came with other content; the first was kept: {rows}",
            count=len(seen.differing),
            rows="; ".join(seen.differing[:_MOST_EXAMPLES]),
        )
    if outside:
        work.tally.note(
            "outside-every-area",
            "{count} 条不在任何区域内,归入最近区域并记录距离",
            "{count} lie outside every area; they go to the nearest, with their distance",
            count=outside,
        )


def _incident_of(words: _Words, row: Row) -> OldIncident:
    columns = words.part.columns
    source_id = row.needed(columns.id, most=200)
    category = row.needed(columns.category, most=64)
    if category not in words.matters:
        raise RowFault("category-unknown", columns.category, category)
    lon, lat = _point(row)
    happened_at = row.instant(columns.happened_at, words.zone)
    if happened_at.year < EARLIEST_YEAR or happened_at > words.now + CLOCK_TOLERANCE:
        raise RowFault("time-impossible", columns.happened_at, happened_at.isoformat(), earliest=EARLIEST_YEAR)
    attributes = row.rest(words.used | _position_names(row))
    return OldIncident(
        id=_id_of(words, source_id),
        category=category,
        lon=lon,
        lat=lat,
        happened_at=happened_at,
        channel=row.choice(columns.channel, _CHANNELS) or words.part.channel,
        status=row.choice(columns.status, words.statuses) or "closed",
        datum=Datum(row.choice(columns.datum, _DATUMS) or words.part.datum),
        accuracy_m=row.number_in(columns.accuracy_m, 0.0, MAX_ACCURACY_M),
        text=row.text(columns.text, most=MAX_TEXT) or "",
        address=row.text(columns.address, most=MAX_ADDRESS),
        attributes=attributes | {"source_id": source_id},
    )


def _position_names(row: Row) -> set[str]:
    """Columns that held the position; the reported point is stored, so they are no attributes."""
    return set(row.shape_column.split(" ")) if row.shape_column != "geometry" else set()


def _point(row: Row) -> tuple[float, float]:
    shape = row.shape
    if shape is None:
        raise RowFault("geometry-missing", row.shape_column)
    if shape.geom_type == "MultiPoint" and len(shapely.get_parts(shape)) == 1:
        shape = shapely.get_parts(shape)[0]
    if not isinstance(shape, shapely.Point):
        raise RowFault("geometry-of-other-kind", row.shape_column, found=shape.geom_type, expected="Point")
    return shape.x, shape.y


def _id_of(words: _Words, source_id: str) -> UUID:
    """An id that is a UUID stays what it is; others are named after city and source, the same at every load."""
    try:
        return UUID(source_id)
    except ValueError:
        return uuid5(INCIDENT_IDS, f"{words.city}|{words.part.source or 'import'}|{source_id}")
