"""`gridgov export facts`: the incidents of a city as partitioned GeoParquet, month by month, only what has changed.

Owns the order of the work: one moment of the database, one file a month made beside, an entry in the audit trail, then
every file in its place at once. Does not own the facts (`analytics.facts`) nor the folder (`manifest`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from gridgov.analytics import facts
from gridgov.analytics.facts import Moment
from gridgov.audit import service as audit
from gridgov.audit.rules import Action
from gridgov.interop.national import geoparquet, manifest
from gridgov.interop.national.manifest import Manifest, Partition
from gridgov.interop.progress import Progress, Silent
from gridgov.platform import locks
from gridgov.platform.db import Database


class House(Protocol):
    """What the export needs of the house of a city."""

    @property
    def db(self) -> Database: ...


@dataclass(frozen=True, slots=True)
class Exported:
    """Months by what became of their files, and rows of all files together."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    rows: int


def export_facts(
    house: House, out: Path, *, now: datetime, reason: str, everything: bool = False, progress: Progress | None = None
) -> Exported:
    """Bring a city's part of a folder up to date with this moment of its database.

    `reason`: why, for the audit trail (4 to 500 characters). `everything`: months that have not changed, too. Memory
    holds one batch of rows. Whatever ends it early leaves the files that were there, valid. Two exports of one city
    wait for each other. Raises `ReasonMissing`, `FolderUnusable`, `NoRoom`, `ManifestBroken`.
    """
    shown, city = progress or Silent(), house.db.city
    folder, staged = manifest.city_folder(out, city), out / f".coming-{city}"
    audit.checked_reason(Action.EXPORT, reason)
    with manifest.writing(out), _alone(out, city), _stage(staged):
        old = _old(folder, everything)
        with house.db.transaction() as session:
            moment = facts.this_moment(session)
            months = moment.months(session)
            keep = {} if everything or old is None else _unchanged(session, moment, old, folder)
            todo = [month for month in months if _name(month) not in keep]
            shown.step(f"{len(todo)} of {len(months)} months of {city}")
            made = dict(_written(session, moment, todo, staged, now, shown))
        parts = tuple(made.get(_name(month)) or keep[_name(month)] for month in months)
        coming = Manifest(city, now.isoformat(), moment.origin, moment.snapshot, moment.codes, parts)
        with house.db.transaction() as session:
            told = {"rows": sum(one.rows for one in made.values()), "months": sorted(made), "as_of": coming.as_of}
            audit.note(session, Action.EXPORT, "incidents", reason=reason, facts=told)
        gone = manifest.put(folder, coming, staged, old)
    return Exported(tuple(sorted(made)), tuple(sorted({one.month for one in parts} - set(made))), gone, coming.rows)


def _old(folder: Path, everything: bool) -> Manifest | None:
    try:
        return manifest.read(folder)
    except manifest.ManifestBroken:
        if everything:
            return None
        raise


def _unchanged(session: Session, moment: Moment, old: Manifest, folder: Path) -> dict[str, Partition]:
    """The months whose files stay: nothing has changed since, and the file lies there as it was put."""
    changed = moment.changed_since(session, old.origin, old.snapshot, old.codes)
    if changed is None:
        return {}
    anew = {_name(month) for month in changed}
    return {
        one.month: one
        for one in old.partitions
        if one.month not in anew and not one.before and _size(folder / one.path) == one.bytes
    }


def _written(
    session: Session, moment: Moment, months: list[datetime], staged: Path, now: datetime, shown: Progress
) -> Iterator[tuple[str, Partition]]:
    rows = 0
    for done, month in enumerate(months):
        name = _name(month)
        path = staged / f"month={name}" / manifest.FILE
        path.parent.mkdir()
        said = {"form": manifest.FORM, "city": staged.name.removeprefix(".coming-"), "month": name}
        with geoparquet.written(path, facts.COLUMNS, ["Point"], {**said, "as_of": now.isoformat()}) as out:
            for batch in moment.month(session, month):
                lon, lat = batch.column("lon").to_numpy(), batch.column("lat").to_numpy()
                bounds = (lon.min(), lat.min(), lon.max(), lat.max())
                out.write([*batch.columns, *geoparquet.points(lon, lat)], bounds)
                shown.advance(done / len(months), rows + out.rows)
        rows += out.rows
        manifest.flush(path)
        yield name, Partition(name, out.rows, path.stat().st_size, manifest.digest(path), now.isoformat())
    shown.advance(1.0, rows)


@contextmanager
def _alone(out: Path, city: str) -> Iterator[None]:
    out.mkdir(parents=True, exist_ok=True)
    held = locks.take_alone(out / f".lock-{city}")
    try:
        yield
    finally:
        locks.let_go(held)


@contextmanager
def _stage(folder: Path) -> Iterator[None]:
    """An empty folder for what is coming; what an export that died left there goes, and so does this one at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _name(month: datetime) -> str:
    return f"{month:%Y-%m}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1
