"""What one process holds of a manifest: mapped months, what came since, and the views that come of both.

Owns the way from files and changes to a view. Does not own when the database is asked (`store`), nor the files
(`keeper`).
"""

from __future__ import annotations

import errno
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from gridgov.analytics.queries.changes import Asked, Standing
from gridgov.analytics.store import behind, files
from gridgov.analytics.store.columns import FAMILIES, Family
from gridgov.analytics.store.dictionaries import Dictionaries, place_parts
from gridgov.analytics.store.feed import Base, Following, Rows, months_said
from gridgov.analytics.store.files import FULL, Damaged, Full
from gridgov.analytics.store.manifest import Manifest
from gridgov.analytics.store.reading import read_changes
from gridgov.analytics.store.snapshot import Snapshot
from gridgov.analytics.store.view import Places, Segment, View

Stamp = tuple[int, int] | None
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stood:
    """The moment that a process stands at. `no`: the number drawn last before it; `calm`: whoever had drawn one was
    over; `stamp`: of the manifest it follows."""

    no: int
    calm: bool
    snapshot: Snapshot
    started: datetime
    stamp: Stamp

    def covers(self, asked: Asked) -> bool:
        """Whether whoever asks would see no change beyond it: nothing was drawn since, and nobody who may have drawn
        before and was not over then is over now."""
        if self.started != asked.started or self.no < asked.no:
            return False
        if self.calm:
            return True
        ended = any(asked.snapshot.sees(xid) for xid in self.snapshot.running)
        return not ended and asked.snapshot.xmax <= self.snapshot.xmax

    def still(self, stood: Standing) -> bool:
        """Whether the changes since lead from here to there: not after the server was started anew, which may have been
        with an older database, nor when some of them have been forgotten."""
        return (
            self.started == stood.started
            and self.snapshot.xmax <= stood.snapshot.xmax
            and stood.pruned <= self.snapshot.xmin
        )


class DamagedMonths(Exception):
    """Files that cannot be used, as family -> months."""

    def __init__(self, months: Mapping[str, list[int]]) -> None:
        super().__init__("damaged months")
        self.months = months


@dataclass(eq=False)
class Holding:
    """Months mapped and followed. `summed`: names of files that were found as they were written."""

    folder: Path
    manifest: Manifest
    stamp: Stamp
    numbers: Dictionaries
    following: dict[str, Following] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    summed: set[str] = field(default_factory=set)
    places: Places | None = None

    @classmethod
    def begun(cls, folder: Path, manifest: Manifest, stamp: Stamp) -> Holding:
        """Nothing is mapped yet. Raises `Damaged` when what the months' numbers mean is not there."""
        if not (folder / manifest.numbers).is_dir():
            raise Damaged(f"{manifest.numbers} is not there")
        numbers = Dictionaries(folder / manifest.numbers)
        for one, (count, checksum) in zip(numbers.each(), manifest.counts, strict=True):
            if one.checksum(count) != checksum:
                raise Damaged(f"{manifest.numbers}: not as it was written")
        return cls(folder, manifest, stamp, numbers)

    def bases(self) -> dict[str, dict[int, Base]]:
        """Family -> month -> what its file holds. Raises `DamagedMonths`."""
        found: dict[str, dict[int, Base]] = {}
        damaged: dict[str, list[int]] = {}
        for family in FAMILIES:
            found[family.name] = {}
            for month, held in self.manifest.shelves[family.name].months.items():
                try:
                    found[family.name][month] = Base(self._segment(family, held.file), held.snapshot)
                except Damaged as problem:
                    log.warning("counts: %s; the month is read anew", problem)
                    damaged.setdefault(family.name, []).append(month)
        if damaged:
            raise DamagedMonths(damaged)
        for name in set(self.segments) - self.manifest.files:
            del self.segments[name]
        return found

    def _segment(self, family: Family, file: str) -> Segment:
        if file not in self.segments:
            path = self.folder / file
            small = files.is_small(path)
            self.segments[file] = files.read(path, family, summed=small)
            if small:
                self.summed.add(file)
        return self.segments[file]

    def changes(self, session: Session, family: Family, since: Snapshot | None) -> Rows:
        """What the transaction sees and `since` did not; None: since the months were read. Raises `Full`, `Damaged`."""
        if since is None:
            oldest = min(snapshot.xmin for snapshot in self.manifest.shelves[family.name].snapshots())
            since = Snapshot(oldest, oldest)
        try:
            return read_changes(session, family, since, self.numbers)
        except OSError as problem:
            if problem.errno in FULL:
                raise Full(str(problem)) from problem
            if problem.errno == errno.ENOENT:  # all is read anew, elsewhere
                raise Damaged(f"{self.manifest.numbers} is gone") from problem
            raise

    def advance(self, family: Family, bases: Mapping[int, Base] | None, rows: Rows, *, follows: bool) -> str:
        """Takes months and changes: "rows" when there are others than before, "form" when the same lie otherwise.
        `bases`: None as long as the manifest is the same; `follows`: the changes are those since the last time, not
        since the months were read."""
        floor = self.manifest.shelves[family.name].floor
        following = self.following.get(family.name) if follows else None
        begun = following is None
        if following is None:
            following = self.following[family.name] = Following(family, floor)
        stale = following.stale
        adopted = bases is not None and following.adopt(bases, floor)
        came = following.apply(rows)
        if begun or came or stale != following.stale:
            return "rows"
        return "form" if adopted else ""

    def view(
        self, family: Family, before: View | None, *, stands: Snapshot, came: str, code: str, now: datetime
    ) -> View:
        """The view of the moment; the one before when nothing came. `code`: why a month lags, where one does."""
        following = self.following[family.name]
        stale = following.stale
        why = f"{code} {months_said(stale)}" if stale else ""
        if before is not None and not came and before.behind == why:
            return before
        mark = before.mark if before is not None and came != "rows" else self._mark(following, stands, why)
        keys = self.numbers.places.keys
        if self.places is None or len(self.places) != len(keys):
            self.places = Places(*place_parts(keys))
        return View(
            family=family,
            base=following.bases(),
            changes=following.segments(),
            places=self.places,
            agencies=self.numbers.agencies.keys,
            hexes=self.numbers.hexes.keys,
            as_of=now,
            mark=mark,
            behind=why,
        )

    def _mark(self, following: Following, stands: Snapshot, why: str) -> str:
        """Follows from the moment alone, whichever process stands there; where a month lags, from how it lies too."""
        said = f"{self.manifest.origin} {self.manifest.system} {stands}"
        if why:
            said += f" {why} {[one.version for one in (*following.bases(), *following.segments())]} {self.stamp}"
        return f"{following.family.name}-{hashlib.blake2s(said.encode(), digest_size=12).hexdigest()}"

    @property
    def stale(self) -> dict[str, list[int]]:
        """Family -> months that cannot be followed until they are read anew."""
        return {name: one.stale for name, one in self.following.items() if one.stale}

    def wanted(self, least: int, share: float) -> dict[str, list[int]]:
        """Family -> months to be read anew: those that cannot be followed, and those with many changes."""
        found = {name: sorted({*one.stale, *one.crowded(least, share)}) for name, one in self.following.items()}
        return {name: months for name, months in found.items() if months}

    def changed(self) -> dict[str, list[int]]:
        """Family -> months with changes since they were read."""
        return {name: one.changed() for name, one in self.following.items()}

    def look_into_one(self) -> dict[str, list[int]] | None:
        """Sums one file that was too large to be summed when it was mapped: None when there is none left, else what is
        wrong, as family -> months."""
        file = min(self.manifest.files - self.summed, default=None)
        if file is None:
            return None
        family = next(one for one in FAMILIES if file.startswith(f"{one.name}-"))
        try:
            files.verify(self.folder / file, family)
        except Damaged as problem:
            log.warning("counts: %s; the month is read anew", problem)
            months = self.manifest.shelves[family.name].months
            return {family.name: [month for month, one in months.items() if one.file == file]}
        self.summed.add(file)
        return {}


def lagging(view: View) -> View:
    """The same rows, of which it is said that they do not follow: the disk is full."""
    if view.behind == behind.DISK_FULL:
        return view
    return View(
        view.family, view.base, view.changes, view.places, view.agencies, view.hexes, view.as_of, f"{view.mark}-",
        behind.DISK_FULL,
    )  # fmt: skip
