"""Very many incidents of the past: months that are made beside, and become part of the city all at once.

Owns that load: slices located and routed in memory, copied by several connections, made durable, indexed, and attached
in one transaction. What it stores is what `service.take_many` stores of the same rows. Does not own where slices come
from, nor what counts are derived from (`announce`).

Nothing of it is seen before the last step. A load that was interrupted leaves tables that nobody looks into; the next
load of the same name goes on with them while boundaries and duties are the same, any other drops them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from threading import Event

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.areas.index import BulkLocated
from gridgov.areas.locator import Locator
from gridgov.areas.redrawing import keep_boundaries, placed_at
from gridgov.audit import service as audit
from gridgov.duties.router import BulkRoutes, Router
from gridgov.geo.crs import to_wgs84
from gridgov.geo.hextable import HexTable
from gridgov.incidents import packing, queries
from gridgov.incidents.months import next_month
from gridgov.incidents.pastrows import CHANNELS, STATUSES, History, Source
from gridgov.incidents.placing import HEX_RESOLUTION
from gridgov.incidents.queries import history as sql
from gridgov.platform.db import Database, bump, revisions
from gridgov.platform.errors import Conflict

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PlacesMoved(Conflict):
    """Boundaries or duty lists changed while the load ran."""

    code = "places-moved"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did. `outside`: of those that were loaded now. Seconds: until durable, indexed, part of the city."""

    added: int
    repeated: int
    other: int
    outside: int
    kept_months: int
    loaded_s: float = 0.0
    indexed_s: float = 0.0
    attached_s: float = 0.0


@dataclass(frozen=True)
class _Ground:
    """What a load places its rows by, the same from its first row to its last."""

    source: Source
    locator: Locator
    router: Router
    hexes: HexTable
    now: datetime
    marks: dict[str, int]

    @property
    def said(self) -> str:
        """What a table says of itself: by whom it was made, by which boundaries and lists."""
        facts = [self.source.name, *(self.marks.get(noun, 0) for noun in ("areas", "duties", "layers"))]
        return hashlib.sha256(repr(facts).encode()).hexdigest()


Progress = Callable[[str, float, int], None]  # step, share, rows
Timer = Callable[[], float]


def load(
    db: Database,
    source: Source,
    *,
    locator: Locator,
    router: Router,
    announce: Callable[[Session, Sequence[date]], None],
    now: datetime,
    connections: int = 2,
    progress: Progress = lambda _step, _share, _rows: None,
    timer: Timer = lambda: 0.0,
    stop: Event | None = None,
) -> Loaded:
    """Takes all of a source. `announce(session, months)`: says, with the rows, that these months are to be read anew.

    Ids that are there already are left as they are, and counted. Raises `PlacesMoved`; what another error leaves is
    taken up by the next call.
    """
    begun, ending = timer(), stop or Event()
    with db.transaction() as session:
        keep_boundaries(session)
        marks = revisions(session)
        index = locator.index(session, placed_at(marks, now), revision=marks.get("areas", 0))
        router.warm(session)
        ground = _Ground(source, locator, router, HexTable(index.bbox, HEX_RESOLUTION), now, marks)
        found = sql.marks(session)
        kept = {name for name, mark in found.items() if mark.endswith(ground.said)}
        sql.drop(session, {name for name in found if name.removesuffix(sql.KEYS) not in kept})
    months = list(source.months())
    total = sum(rows for _, rows in months) or 1
    outside: list[int] = []

    def each(step: str, work: Callable[[date], int]) -> None:
        done = 0
        with ThreadPoolExecutor(connections) as pool:
            waiting = [pool.submit(work, month) for month, _ in months]
            try:
                for (_, rows), one in zip(months, waiting, strict=True):
                    outside.append(one.result())
                    done += rows
                    progress(step, done / total, done)
            except BaseException:
                ending.set()
                for one in waiting:
                    one.cancel()
                raise

    each("load", lambda month: 0 if sql.beside(month) in kept else _load_month(db, ground, month, ending))
    loaded = timer()
    each("index", lambda month: _index_month(db, ground, month, found.get(sql.beside(month), "")))
    indexed = timer()
    done = _attach(db, ground, [month for month, _ in months], announce, progress)
    return replace(
        done, outside=sum(outside), kept_months=len([m for m, _ in months if sql.beside(m) in kept]),
        loaded_s=loaded - begun, indexed_s=indexed - loaded, attached_s=timer() - indexed,
    )  # fmt: skip


def discard(db: Database) -> int:
    """Drops what interrupted loads have left; how many tables."""
    with db.transaction() as session:
        found = sql.marks(session)
        sql.drop(session, found)
    return len(found)


def _load_month(db: Database, ground: _Ground, month: date, ending: Event) -> int:
    """A table with all of the month, committed; how many of them lie outside every area."""
    name, outside = sql.beside(month), 0
    with db.transaction() as session:
        same = {"received_at": f"'{ground.now.isoformat()}'", "datum": f"'{ground.source.datum}'"}
        sql.create(session, name, same)
        keyed = False
        for piece in ground.source.slices(month):
            if ending.is_set():
                raise InterruptedError(name)
            columns, away = _columns(session, ground, piece)
            sql.copy(session, name, [one.name for one in columns], packing.packed(columns))
            if piece.digest is not None:
                if not keyed:
                    sql.create_keys(session, name)
                keyed = True
                keys = (
                    _ids(piece),
                    packing.Words("digest", [bytes(one) for one in piece.digest], np.arange(len(piece))),
                )
                sql.copy(session, f"{name}{sql.KEYS}", ["id", "digest"], packing.packed(keys))
            outside += away
        sql.mark(session, name, f"loaded {ground.said}")
        if keyed:
            sql.mark(session, f"{name}{sql.KEYS}", f"loaded {ground.said}")
    return outside


def _index_month(db: Database, ground: _Ground, month: date, stands: str) -> int:
    if stands == f"indexed {ground.said}":
        return 0
    name = sql.beside(month)
    with db.transaction() as session:
        if sql.marks(session)[name].startswith("loaded"):
            sql.finish(session, name, month, next_month(month))
            sql.refer(session, name)
            sql.mark(session, name, f"referring {ground.said}")
    with db.transaction() as session:
        sql.prove(session, name)
        sql.mark(session, name, f"indexed {ground.said}")
    return 0


def _attach(
    db: Database,
    ground: _Ground,
    months: Sequence[date],
    announce: Callable[[Session, Sequence[date]], None],
    progress: Progress,
) -> Loaded:
    """Keys, months, what counts follow from, and the trail, in one transaction."""
    added = repeated = other = 0
    with db.transaction() as session:
        keep_boundaries(session)
        marks = revisions(session)
        if any(marks.get(noun, 0) != ground.marks.get(noun, 0) for noun in ("areas", "duties", "layers")):
            raise PlacesMoved(
                "Boundaries, sites or duty lists have changed since this load began.",
                remedy="Load again; nothing was taken.",
            )
        tables = sql.marks(session)
        for place, month in enumerate(months):
            name = sql.beside(month)
            keyed = f"{name}{sql.KEYS}" in tables
            before = sql.known(session, name, keyed=keyed)
            if before:
                sql.forget(session, name, [one for one, _ in before])
                repeated += sum(same for _, same in before)
                other += sum(not same for _, same in before)
            added += sql.take_keys(session, name, keyed=keyed)
            progress("attach", (place + 1) / (len(months) + 1), added)
        if months:
            queries.lock_months(session)
        there = queries.partitions(session)
        for month in months:
            name, partition = sql.beside(month), f"incidents_{month:%Y_%m}"
            if partition in there:
                sql.pour(session, name, partition)
            else:
                sql.attach(session, name, partition, month, next_month(month))
        if added:
            announce(session, months)
            audit.note(session, "load", "incidents", facts={"source": ground.source.name[:200], "rows": added})
            bump(session, "incidents")
        progress("attach", 1.0, added)
    with db.transaction() as session:
        queries.analyze(session)
    return Loaded(added, repeated, other, 0, 0)


def _columns(session: Session, ground: _Ground, piece: History) -> tuple[list[packing.Fixed | packing.Words], int]:
    """The piece as columns of `incidents`, located and routed; and how many lie outside every area."""
    source = ground.source
    lon, lat = (np.asarray(one, dtype=np.float64) for one in to_wgs84(piece.lon, piece.lat, source.datum))
    bulk = _located(session, ground, piece.happened_us, lon, lat)
    routed = _routed(session, ground, piece, bulk, lon, lat)
    columns: list[packing.Fixed | packing.Words] = [
        _ids(piece),
        packing.whole("category_id", routed.category_id, 4),
        packing.Words("channel", [one.encode() for one in CHANNELS], piece.channel),
        packing.Words("status", [one.encode() for one in STATUSES], piece.status),
        packing.instant("happened_at", piece.happened_us),
        packing.real("reported_lon", piece.lon),
        packing.real("reported_lat", piece.lat),
        packing.reference("area_id", bulk.area_id),
        packing.reference("grid_id", bulk.grid_id),
        packing.reference("unit_id", bulk.unit_id),
        packing.real("outside_m", bulk.outside_m, 4),
        packing.reference("agency_id", routed.agency_id),
        packing.reference("lead_area_id", routed.lead_area_id),
        packing.reference("site_id", routed.site_id),
        packing.reference("item_id", routed.item_id),
        packing.whole("hex9", ground.hexes.cells(lon, lat)),
        packing.Words("text", [one.encode() for one in source.texts], piece.text),
        packing.point("geom", lon, lat),
    ]
    return columns, int(np.count_nonzero(bulk.outside_m > 0))


def _ids(piece: History) -> packing.Fixed:
    return packing.Fixed("id", np.ascontiguousarray(piece.id).view("V16").reshape(len(piece)))


def _located(session: Session, ground: _Ground, at_us: Ints, lon: Floats, lat: Floats) -> BulkLocated:
    """Areas when it happened, grid and unit now."""
    locator, revision = ground.locator, ground.marks.get("areas", 0)
    current = locator.index(session, placed_at(ground.marks, ground.now), revision=revision)
    bulk = current.locate_many(lon, lat)
    for part in _runs(at_us, locator.since):
        then = locator.index(session, _instant(at_us[part.start]), revision=revision)
        if then is not current:
            found = then.locate_many(lon[part], lat[part])
            bulk.area_id[part], bulk.outside_m[part] = found.area_id, found.outside_m
    return bulk


def _routed(
    session: Session, ground: _Ground, piece: History, bulk: BulkLocated, lon: Floats, lat: Floats
) -> BulkRoutes:
    """Who was responsible when it happened."""
    out = BulkRoutes(*(np.zeros(len(piece), dtype=np.int64) for _ in range(5)))
    locator, router = ground.locator, ground.router
    for part in _runs(piece.happened_us, lambda at: (locator.since(at), router.span(at))):
        then = BulkLocated(*(getattr(bulk, one.name)[part] for one in fields(BulkLocated)))
        at = _instant(piece.happened_us[part.start])
        found = router.route_numbered(
            session, ground.source.codes, piece.category[part], then, lon[part], lat[part], at=at
        )
        for one in fields(BulkRoutes):
            getattr(out, one.name)[part] = getattr(found, one.name)
    return out


def _runs(at_us: Ints, what: Callable[[datetime], object]) -> Iterator[slice]:
    """Cuts rising instants where `what` holds changes; it never comes back to what it was."""
    start = 0
    while start < len(at_us):
        here, low, high = what(_instant(at_us[start])), start, len(at_us)
        if what(_instant(at_us[-1])) == here:
            low = high - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if what(_instant(at_us[middle])) == here else (low, middle)
        yield slice(start, low + 1)
        start = low + 1


def _instant(us: np.int64) -> datetime:
    return EPOCH + timedelta(microseconds=int(us))
