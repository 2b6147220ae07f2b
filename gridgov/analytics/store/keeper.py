"""Whoever holds the lock of a store keeps its files: reads months, writes them down, forgets what nobody needs.

Owns the order in which files, the database and the manifest are written. Does not own what is wanted (`store`), nor the
forms (`files`, `manifest`).

Any worker may keep; one does at a time, and a killed one lets go. Files are written first; then the database is told a
new mark; then the manifest with that mark takes the place of the one before. So a manifest whose mark the database does
not know was written after the moment that the database stands at: it was restored, and everything is read anew.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from gridgov.analytics.queries import changes as queries
from gridgov.analytics.store import files
from gridgov.analytics.store import manifest as manifests
from gridgov.analytics.store.columns import FAMILIES, Family, month_of
from gridgov.analytics.store.dictionaries import Dictionaries
from gridgov.analytics.store.feed import Columns
from gridgov.analytics.store.files import FULL, Full
from gridgov.analytics.store.manifest import Held, Manifest, Shelf
from gridgov.analytics.store.reading import read_months
from gridgov.analytics.store.snapshot import Snapshot
from gridgov.platform.errors import Unavailable
from gridgov.platform.locks import let_go, try_alone

SMALL_BYTES = 64 << 20  # of a table that is read in one go
FORGOTTEN = timedelta(days=2)
Opened = Callable[[], AbstractContextManager[Session]]
log = logging.getLogger(__name__)


class Elsewhere(Exception):
    """The files are of another database, or of a later state of this one than it now has."""


def check(manifest: Manifest, stood: queries.Standing) -> None:
    """Raises `Elsewhere` unless the files are of this database's past, and the changes since are all there."""
    snapshots = [one for shelf in manifest.shelves.values() for one in shelf.snapshots() if one.xmax]
    if (stood.origin, stood.system) != (manifest.origin, manifest.system):
        raise Elsewhere("the files are of another database")
    if stood.system_before not in (None, stood.system):
        raise Elsewhere("the database came from another cluster, and its changes name transactions of that one")
    if stood.mark is None or manifest.mark not in (stood.mark, stood.before):
        raise Elsewhere("the database was restored from before the files were written")
    if any(one.xmax > stood.snapshot.xmax for one in snapshots):
        raise Elsewhere("the files are of a later moment than the database")
    if any(one.xmin < stood.pruned for one in snapshots):
        raise Elsewhere("changes since the files were written have been forgotten")


class BeingKept(Unavailable):
    """Another process is at it."""

    code = "counts-being-read"


@dataclass(frozen=True, slots=True)
class Setting:
    """`least`, `share`: a month is read anew with more changes than both. `kept`: how long changes are kept at least,
    and the age at which a month with changes is read anew. `tended`: how often that is looked after. `wait_s`: how
    long somebody who asks waits for another who reads everything."""

    least: int = 5_000
    share: float = 0.02
    kept: timedelta = timedelta(days=1)
    tended: timedelta = timedelta(hours=1)
    wait_s: float = 15.0
    small_bytes: int = SMALL_BYTES


class Keeper:
    """The files of one city on this machine."""

    def __init__(
        self, folder: Path, opened: Opened, *, now: Callable[[], datetime], new_id: Callable[[], UUID], setting: Setting
    ) -> None:
        """`opened`: a transaction as the role `counter`."""
        self.folder, self._opened, self._now, self._new_id, self._setting = folder, opened, now, new_id, setting

    @contextmanager
    def alone(self, *, wait_s: float = 0.0) -> Iterator[bool]:
        """Whether the lock was to be had; while the block lasts, nobody else keeps."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path, pause, waited = self.folder / "keeper.lock", Event(), 0.0
        held = try_alone(path)
        while held is None and waited < wait_s:
            pause.wait(0.02)
            waited += 0.02
            held = try_alone(path)
        try:
            yield held is not None
        finally:
            if held is not None:
                let_go(held)

    # --- reading ------------------------------------------------------------------------------------------------------

    def build(self, manifest: Manifest | None) -> tuple[Manifest, Dictionaries]:
        """A manifest with every month: goes on from one that is not complete, or begins. Raises `Full`, `Elsewhere`."""
        if manifest is None:
            manifest = self._begin()
        else:
            with self._opened() as session:
                check(manifest, queries.stand(session, manifest.home))
        numbers = self._numbers(manifest)
        for family in FAMILIES:
            if not manifest.shelves[family.name].complete:
                manifest = self._read_family(manifest, family, numbers)
        manifest = self.publish(manifest, numbers, first=True)
        return manifest, numbers

    def _begin(self) -> Manifest:
        before = self.current()
        home = self._new_id() if before is None else before.home
        with self._opened() as session:
            stood = queries.stand(session, home)
            system, origin = stood.system, stood.origin
        if stood.system_before != system:
            with self._opened() as session:
                if queries.claim(session, system):
                    log.warning("counts: the database was restored elsewhere; changes of before are forgotten")
        numbers = f"numbers-{self._new_id().hex[:12]}"
        shelves = {family.name: Shelf() for family in FAMILIES}
        return Manifest(home, origin, system, self._new_id(), numbers, (), shelves)

    def _numbers(self, manifest: Manifest) -> Dictionaries:
        try:
            return Dictionaries(self.folder / manifest.numbers)
        except OSError as problem:
            raise _full(problem) from problem

    def _read_family(self, manifest: Manifest, family: Family, numbers: Dictionaries) -> Manifest:
        """Every month that is not there yet; a large family month by month, each written down at once."""
        with self._opened() as session:
            stood = queries.stand(session, manifest.home)
            shelf, floor = manifest.shelves[family.name], stood.snapshot
            wanted = [m for m in map(month_of, queries.months(session, family)) if m not in shelf.months]
            small = not wanted or queries.size_bytes(session, family) <= self._setting.small_bytes
            if small and wanted:
                found = self._read(session, family, (wanted[0], wanted[-1] + 1), numbers)
                part = {month: found[month] for month in wanted if month in found}
                shelf = shelf.with_months(self._written(manifest, family, part, floor))
        if not small:
            log.info("counts: reading %s of %d months", family.name, len(wanted))
            for place, month in enumerate(wanted, start=1):
                manifest = manifest.with_shelf(family.name, shelf)
                shelf = shelf.with_months({month: self._month(manifest, family, month, numbers)})
                manifest = self.publish(manifest.with_shelf(family.name, shelf), numbers, first=True)
                log.info("counts: %s, month %d of %d: %d rows", family.name, place, len(wanted),
                         shelf.months[month].rows)  # fmt: skip
        return manifest.with_shelf(family.name, replace(shelf, floor=floor, complete=True))

    def reread(self, manifest: Manifest, wanted: Mapping[str, Iterable[int]], numbers: Dictionaries) -> Manifest:
        """A manifest with some months of some families read anew. Raises `Full`, `Elsewhere`."""
        for family in FAMILIES:
            for month in wanted.get(family.name, ()):
                held = self._month(manifest, family, month, numbers)
                shelf = manifest.shelves[family.name].with_months({month: held})
                manifest = manifest.with_shelf(family.name, shelf)
        return manifest

    def _month(self, manifest: Manifest, family: Family, month: int, numbers: Dictionaries) -> Held:
        """One month, also one without rows: as it is at a moment of its own."""
        before = manifest.shelves[family.name].months.get(month)
        if before is not None and shutil.disk_usage(self.folder).free < before.rows * family.row_bytes:
            raise Full("no room for a month")
        with self._opened() as session:
            stood = queries.stand(session, manifest.home)
            if (stood.origin, stood.system) != (manifest.origin, manifest.system):
                raise Elsewhere("another database")
            found = self._read(session, family, (month, month + 1), numbers)
        columns = found.get(month) or {name: np.zeros(0, dtype=dtype) for name, dtype in family.columns.items()}
        return self._written(manifest, family, {month: columns}, stood.snapshot)[month]

    def _read(
        self, session: Session, family: Family, months: tuple[int, int], numbers: Dictionaries
    ) -> dict[int, Columns]:
        try:
            return read_months(session, family, months, numbers)
        except OSError as problem:
            raise _full(problem) from problem

    def _written(
        self, manifest: Manifest, family: Family, months: Mapping[int, Columns], snapshot: Snapshot
    ) -> dict[int, Held]:
        held = {}
        for month, columns in months.items():
            name = f"{family.name}-{month}-{self._new_id().hex[:12]}.segment"
            files.write(self.folder / name, family, month, columns, snapshot=snapshot, origin=str(manifest.origin))
            held[month] = Held(name, len(columns["at"]), snapshot, self._now())
        return held

    # --- writing down -------------------------------------------------------------------------------------------------

    def publish(self, manifest: Manifest, numbers: Dictionaries, *, first: bool = False) -> Manifest:
        """Tells the database, then everybody who maps these files. Raises `Full`; the files before stay valid then.

        `first`: there need not be a manifest of this home yet.
        """
        before = self.current()
        counts = []
        for one in numbers.each():
            one.sync()
            count = len(one.keys)
            counts.append((count, one.checksum(count)))
        new = replace(manifest, mark=self._new_id(), counts=tuple(counts))
        known = before.mark if before is not None and before.home == manifest.home else None
        assert first or known is not None
        with self._opened() as session:
            queries.write_down(session, new.home, mark=new.mark, before=known, needs=new.needs, now=self._now())
        manifests.save(self.folder, new)
        self._clear(new)
        return new

    def current(self) -> Manifest | None:
        """The manifest on disk, or None where there is none that can be read."""
        try:
            return manifests.load(self.folder)
        except files.Damaged as problem:
            log.warning("counts: %s", problem)
            return None

    def _clear(self, manifest: Manifest) -> None:
        """Removes what no manifest names any more; whoever has mapped it keeps it."""
        valid = manifest.files
        for entry in os.scandir(self.folder):
            if entry.name.endswith((".segment", ".new")) and entry.name not in valid:
                Path(entry.path).unlink(missing_ok=True)
            elif entry.name.startswith("numbers-") and entry.name != manifest.numbers:
                shutil.rmtree(entry.path, ignore_errors=True)

    # --- forgetting ---------------------------------------------------------------------------------------------------

    def tended(
        self, manifest: Manifest, numbers: Dictionaries, *, stands: Snapshot, changed: Mapping[str, Iterable[int]]
    ) -> Manifest:
        """Months without changes are said to stand at the moment up to which they were followed, which must be later
        than that of every file; months whose changes are old are read anew. Raises `Full`, `Elsewhere`."""
        now = self._now()
        for family in FAMILIES:
            shelf, moved = manifest.shelves[family.name], set(changed.get(family.name, ()))
            quiet = {m: replace(h, snapshot=stands, read_at=now) for m, h in shelf.months.items() if m not in moved}
            floor = stands if moved <= set(shelf.months) else shelf.floor
            manifest = manifest.with_shelf(family.name, replace(shelf.with_months(quiet), floor=floor))
            old = [m for m in moved if m not in shelf.months or now - shelf.months[m].read_at >= self._setting.kept]
            manifest = self.reread(manifest, {family.name: sorted(old)}, numbers)
        moments = [one for one in manifest.moments if now - one[0] < 2 * self._setting.kept]
        return replace(manifest, moments=(*moments, (now, stands.xmin)))

    def forget(self, manifest: Manifest) -> int:
        """Deletes changes that are older than `Setting.kept` and that no home needs; how many."""
        now = self._now()
        past = [xmin for at, xmin in manifest.moments if now - at >= self._setting.kept]
        if not past:
            return 0
        with self._opened() as session:
            gone = queries.prune(session, before=max(past), now=now, forgotten=max(FORGOTTEN, self._setting.kept))
        if gone:
            log.info("counts: forgot %d changes", gone)
        return gone


def _full(problem: OSError) -> OSError | Full:
    return Full(str(problem)) if problem.errno in FULL else problem
