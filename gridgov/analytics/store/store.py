"""The store of one city in one process: what is counted now, as of everything that has been committed.

Owns when the database is asked, when months are read anew, and the views that come of it. Does not own files
(`keeper`), nor counting.

    files on disk (one set a machine)  ──mapped──▶  months ──┐
    analytics_*_change, since a snapshot  ──feed──▶  changes ─┴─▶  View, one at a time, never altered

Safe among threads. Several processes may share a folder: each follows the changes by itself, one at a time keeps.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.analytics.queries import changes as queries
from gridgov.analytics.queries.changes import Asked, Standing
from gridgov.analytics.store import behind, files
from gridgov.analytics.store import manifest as manifests
from gridgov.analytics.store.columns import FAMILIES, Family
from gridgov.analytics.store.dictionaries import Dictionaries, place_parts
from gridgov.analytics.store.feed import Base, Following, months_said
from gridgov.analytics.store.files import FULL, Damaged, Full
from gridgov.analytics.store.keeper import BeingKept, Elsewhere, Keeper, Opened, Setting
from gridgov.analytics.store.manifest import Held, Manifest
from gridgov.analytics.store.reading import Rows, read_changes
from gridgov.analytics.store.snapshot import Snapshot
from gridgov.analytics.store.view import Places, Segment, View
from gridgov.platform import crypto
from gridgov.platform.errors import Unavailable
from gridgov.platform.jobs import keep_on

ATTEMPTS = 4
IDLE_S = 0.5
AGAIN = timedelta(seconds=30)  # after a full disk
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stood:
    """The moment that this process stands at. `no`: the number drawn last before it; `calm`: whoever had drawn one was
    over; `stamp`: of the manifest it follows."""

    no: int
    calm: bool
    snapshot: Snapshot
    started: datetime
    stamp: tuple[int, int] | None

    def covers(self, asked: Asked) -> bool:
        """Whether whoever asks would see no change beyond it: nothing was drawn since, and nobody who may have drawn
        before and was not over then is over now."""
        if self.started != asked.started or self.no < asked.no:
            return False
        if self.calm:
            return True
        ended = any(asked.snapshot.sees(xid) for xid in self.snapshot.running)
        return not ended and asked.snapshot.xmax <= self.snapshot.xmax


@dataclass(frozen=True, slots=True)
class Status:
    """How a store stands, for people. `trouble`: why its files cannot be kept ("" when they can)."""

    months: Mapping[str, int]
    rows: Mapping[str, int]
    changes: Mapping[str, int]
    disk_bytes: int
    behind: Mapping[str, str]
    trouble: str
    as_of: datetime | None


@dataclass(eq=False)
class _Held:
    """What this process holds of one manifest."""

    manifest: Manifest
    stamp: tuple[int, int] | None
    numbers: Dictionaries
    following: dict[str, Following] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    places: Places | None = None

    def all_places(self) -> Places:
        """The same object until there are more."""
        keys = self.numbers.places.keys
        if self.places is None or len(self.places) != len(keys):
            self.places = Places(*place_parts(keys))
        return self.places


@dataclass(frozen=True, slots=True)
class Replay:
    """The store at one moment, beside the database at the same: `session` stands there."""

    session: Session
    snapshot: Snapshot
    following: Mapping[str, Following]
    numbers: Dictionaries


class Store:
    """Counts of one city in memory, fed by its database."""

    def __init__(
        self,
        folder: Path,
        opened: Opened,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], UUID] = lambda: UUID(bytes=crypto.new_salt()),
        setting: Setting | None = None,
    ) -> None:
        """`folder`: of this city, shared by all processes of the machine; made at first use. `opened`: a transaction as
        the internal role `counter`."""
        self.folder, self._opened, self._now = folder, opened, now
        self.setting = setting or Setting()
        self._keeper = Keeper(folder, opened, now=now, new_id=new_id, setting=self.setting)
        self._lock = threading.Lock()  # of everything below
        self._held: _Held | None = None
        self._stood: Stood | None = None
        self._views: dict[str, View] = {}
        self._summed: set[str] = set()  # files that were found as they were written
        self._tried: tuple[int, int] | None = None  # stamp of the manifest that was taken last
        self._stepped = False
        self._trouble, self._again, self._tended = "", datetime.min.replace(tzinfo=UTC), self._now()

    # --- for whoever counts -------------------------------------------------------------------------------------------

    def view(self, session: Session, family: Family) -> View:
        """Everything that was committed before this call, of one family. `session`: the caller's transaction, whatever
        its role; only the number drawn last is read there. The same object as long as nothing has changed.

        Reads everything when there is no store yet, which takes a second a million rows; meanwhile others get
        `Unavailable` after `Setting.wait_s`. A month that was changed in bulk stays as before until the loop has read
        it anew, and `View.behind` says so; where no loop runs (a command), it is read anew here.
        """
        asked = queries.asked(session)
        found = self._fresh(asked, family)
        if found is not None:
            return found
        if not self._lock.acquire(timeout=self.setting.wait_s):
            raise BeingKept("Counts are being read anew.", remedy="Try again in a moment.")
        try:
            found = self._fresh(asked, family)
            if found is None:
                calm = not queries.drawing(session)
                self._follow(asked.no, calm=calm)
                if not self._stepped and self._stale():
                    self._reread(wait_s=self.setting.wait_s)
                    self._follow(asked.no, calm=calm)
                found = self._views[family.name]
            return found
        finally:
            self._lock.release()

    def _fresh(self, asked: Asked, family: Family) -> View | None:
        stood = self._stood
        if stood is None or not stood.covers(asked) or stood.stamp != manifests.stamp(self.folder):
            return None
        return self._views.get(family.name)

    def status(self) -> Status:
        """As it stands; asks nobody."""
        with self._lock:
            views, held = dict(self._views), self._held
        months = {} if held is None else {name: len(s.months) for name, s in held.manifest.shelves.items()}
        named = frozenset() if held is None else held.manifest.files
        sizes = [(self.folder / name).stat().st_size for name in named if (self.folder / name).exists()]
        return Status(
            months=months,
            rows={name: view.rows for name, view in views.items()},
            changes={name: sum(len(one) for one in view.changes) for name, view in views.items()},
            disk_bytes=sum(sizes),
            behind={name: view.behind for name, view in views.items() if view.behind},
            trouble=self._trouble,
            as_of=max((view.as_of for view in views.values()), default=None),
        )

    def close(self) -> None:
        """Lets go of the files; views that somebody still has stay good."""
        with self._lock:
            self._held, self._stood, self._views = None, None, {}

    # --- for the loop -------------------------------------------------------------------------------------------------

    def run(self, ended: threading.Event) -> None:
        """Follows and keeps until told to end."""
        try:
            keep_on("counts", self.step, ended, idle_s=IDLE_S)
        finally:
            self._stepped = False

    def step(self) -> int:
        """One round: follows, reads a month anew where it is needed, looks into a file that nobody has looked into;
        whether anything was done beside following."""
        self._stepped = True
        asked, calm = self._asked()
        with self._lock:
            if self._fresh(asked, FAMILIES[0]) is None:
                self._follow(asked.no, calm=calm)
            due = self._now() - self._tended >= self.setting.tended
            if self._now() < self._again:
                return 0
            held, stood, wanted = self._held, self._stood, self._wanted()
            changed = {} if held is None else {name: one.changed() for name, one in held.following.items()}
        if held is None or stood is None:
            return 0
        keeper = self._keeper
        if any(wanted.values()):
            return self._keep(held, lambda: keeper.reread(held.manifest, wanted, held.numbers))
        if due:
            self._tended = self._now()
            return self._keep(
                held, lambda: keeper.tended(held.manifest, held.numbers, stands=stood.snapshot, changed=changed)
            )
        return self._look_into_one(held)

    def _keep(self, held: _Held, work: Callable[[], Manifest]) -> int:
        """Writes down what the work makes of the manifest. Without the lock of this process, which is taken before that
        of the keeper and never after it: who asks is answered meanwhile."""
        with self._keeper.alone() as alone:
            if not alone or held.stamp != manifests.stamp(self.folder):
                return 0  # somebody else is at it, or was
            try:
                self._keeper.publish(work(), held.numbers)
                self._keeper.forget(held.manifest)
                self._trouble = ""
            except Full as problem:
                self._full(problem)
                return 0
            except Elsewhere:
                pass  # found again, and dealt with, when the database is asked next
        asked, calm = self._asked()
        with self._lock:
            self._follow(asked.no, calm=calm)
        return 1

    def _look_into_one(self, held: _Held) -> int:
        """Sums one file that was too large to be summed when it was mapped. What is wrong with it is read anew."""
        waiting = min(held.manifest.files - self._summed, default=None)
        if waiting is None:
            return 0
        family = next(one for one in FAMILIES if waiting.startswith(f"{one.name}-"))
        try:
            files.verify(self.folder / waiting, family)
        except Damaged as problem:
            log.warning("counts: %s; the month is read anew", problem)
            months = held.manifest.shelves[family.name].months
            wanted = {family.name: [month for month, one in months.items() if one.file == waiting]}
            return self._keep(held, lambda: self._keeper.reread(held.manifest, wanted, held.numbers))
        self._summed.add(waiting)
        return 1

    def _wanted(self) -> dict[str, list[int]]:
        """Family -> months to be read anew: those that cannot be followed, and those with many changes."""
        held = self._held
        if held is None:
            return {}
        least, share = self.setting.least, self.setting.share
        return {name: sorted({*one.stale, *one.crowded(least, share)}) for name, one in held.following.items()}

    def _full(self, problem: Full) -> None:
        if not self._trouble:
            log.error("counts: %s; files stay as they are, changes are followed in memory", problem)
        self._trouble, self._again = behind.DISK_FULL, self._now() + AGAIN

    # --- with the lock ------------------------------------------------------------------------------------------------

    def _stale(self) -> bool:
        return self._held is not None and any(one.stale for one in self._held.following.values())

    def _reread(self, *, wait_s: float) -> None:
        """Reads stale months anew here and now, unless somebody else does."""
        with self._keeper.alone(wait_s=wait_s) as alone:
            held = self._held
            if not alone or held is None or held.stamp != manifests.stamp(self.folder):
                return
            try:
                wanted = {name: one.stale for name, one in held.following.items()}
                self._keeper.publish(self._keeper.reread(held.manifest, wanted, held.numbers), held.numbers)
            except Full as problem:
                self._full(problem)
            except Elsewhere:
                pass

    def _asked(self) -> tuple[Asked, bool]:
        """The number drawn last, and whether everybody who had drawn one is over."""
        with self._opened() as session:
            asked = queries.asked(session)
            return asked, not queries.drawing(session)

    def _follow(self, no: int, *, calm: bool) -> None:
        """Stands at the present moment afterwards, whatever was there before. `no`: the number drawn last, as asked
        before this call; `calm`: asked after it, whether everybody who had drawn one was over."""
        for _ in range(ATTEMPTS):
            try:
                held = self._current()
                self._poll(held, no, calm=calm)
                return
            except (Elsewhere, Damaged) as problem:
                self._renew(problem)
            except Full as problem:
                self._full(problem)
                if not self._views:
                    raise Unavailable(
                        "There is no room on the disk for what is counted from.",
                        remedy="Reports are taken as ever. Make room in the folder of the platform.",
                    ) from problem
                self._say_behind(FAMILIES)
                return
        raise BeingKept("Counts are being read anew.", remedy="Try again in a moment.")

    def _current(self) -> _Held:
        """What is on disk now, made if there is nothing yet. Raises `Damaged`, `Full`, `BeingKept`."""
        stamp = self._tried = manifests.stamp(self.folder)
        if self._held is not None and self._held.stamp == stamp and stamp is not None:
            return self._held
        manifest = manifests.load(self.folder)
        if manifest is None or not manifest.complete:
            return self._made()
        return self._taken(manifest, stamp)

    def _taken(self, manifest: Manifest, stamp: tuple[int, int] | None) -> _Held:
        """Goes over to a manifest. What is followed stays, as long as it is of the same numbers."""
        before = self._held
        if before is not None and before.manifest.numbers == manifest.numbers:
            self._held = replace(before, manifest=manifest, stamp=stamp)
            return self._held
        folder = self.folder / manifest.numbers
        if not folder.is_dir():
            raise Damaged(f"{manifest.numbers} is not there")
        numbers = Dictionaries(folder)
        for one, (count, checksum) in zip(numbers.each(), manifest.counts, strict=True):
            if one.checksum(count) != checksum:
                raise Damaged(f"{manifest.numbers}: not as it was written")
        self._held, self._stood = _Held(manifest, stamp, numbers), None
        return self._held

    def _made(self) -> _Held:
        with self._keeper.alone(wait_s=self.setting.wait_s) as alone:
            if not alone:
                raise BeingKept("Counts are being read for the first time.", remedy="Try again in a moment.")
            manifest = self._keeper.current()
            if manifest is None or not manifest.complete:
                try:
                    self._keeper.build(manifest)
                except Elsewhere:
                    self._keeper.build(None)
            manifest = manifests.load(self.folder)
            assert manifest is not None
            return self._taken(manifest, manifests.stamp(self.folder))

    def _renew(self, problem: Exception) -> None:
        """The files are of no use: another process may have seen it already; else all is read anew."""
        self._held = self._stood = None
        with self._keeper.alone(wait_s=self.setting.wait_s) as alone:
            if alone and manifests.stamp(self.folder) == self._tried:
                log.warning("counts: %s; everything is read anew", problem)
                self._keeper.build(None)

    def _poll(self, held: _Held, no: int, *, calm: bool) -> None:
        """Asks the database for what has changed, at one moment for all families."""
        damaged: list[tuple[Family, int]] = []
        with self._opened() as session:
            stood = queries.stand(session, held.manifest.home)
            self._check(held, stood)
            follows = self._stood is not None and self._stood.started == stood.started
            bases = {family.name: self._bases(held, family, damaged) for family in FAMILIES}
            rows = {} if damaged else {
                family.name: self._changes(session, held, family, follows=follows) for family in FAMILIES
            }  # fmt: skip
        if damaged:
            self._mend(held, damaged)
            self._poll(self._current(), no, calm=calm)
            return
        for family in FAMILIES:  # nothing below can fail half-way
            came = self._advance(held, family, bases[family.name], rows[family.name], follows=follows)
            self._show(held, family, stood, came=came)
        self._stood = Stood(no, calm, stood.snapshot, stood.started, held.stamp)

    def _changes(self, session: Session, held: _Held, family: Family, *, follows: bool) -> Rows:
        """What has come since the moment that this process stands at, or else since the months were read."""
        if follows and self._stood is not None:
            since = self._stood.snapshot
        else:
            oldest = min(snapshot.xmin for snapshot in held.manifest.shelves[family.name].snapshots())
            since = Snapshot(oldest, oldest)
        try:
            return read_changes(session, family, since, held.numbers)
        except OSError as problem:
            if problem.errno in FULL:
                raise Full(str(problem)) from problem
            raise

    def _advance(self, held: _Held, family: Family, bases: Mapping[int, Base], rows: Rows, *, follows: bool) -> str:
        """Takes new months and changes: "rows" when there are others, "form" when the same lie otherwise."""
        floor = held.manifest.shelves[family.name].floor
        following = held.following.get(family.name) if follows else None
        begun = following is None
        if following is None:
            following = held.following[family.name] = Following(family, floor)
        stale = following.stale
        adopted = following.adopt(bases, floor)
        came = following.apply(rows)
        if begun or came or stale != following.stale:
            return "rows"
        return "form" if adopted else ""

    def _check(self, held: _Held, stood: Standing) -> None:
        """Raises `Elsewhere` unless the files are of this database's past, and changes since are all there."""
        manifest = held.manifest
        if (stood.origin, stood.system) != (manifest.origin, manifest.system):
            raise Elsewhere("the files are of another database")
        if stood.system_before not in (None, stood.system):
            raise Elsewhere("the database came from another cluster, and its changes name transactions of that one")
        if stood.mark is None or manifest.mark not in (stood.mark, stood.before):
            raise Elsewhere("the database was restored from before the files were written")
        if any(one.xmax > stood.snapshot.xmax for shelf in manifest.shelves.values() for one in shelf.snapshots()):
            raise Elsewhere("the files are of a later moment than the database")
        if manifest.needs < stood.pruned:
            raise Elsewhere("changes since the files were written have been forgotten")
        if self._stood is not None and (
            self._stood.snapshot.xmax > stood.snapshot.xmax or self._stood.snapshot.xmin < stood.pruned
        ):
            self._stood = None  # followed from the files again

    def _bases(self, held: _Held, family: Family, damaged: list[tuple[Family, int]]) -> dict[int, Base]:
        found = {}
        for month, one in held.manifest.shelves[family.name].months.items():
            segment = held.segments.get(one.file)
            if segment is None:
                try:
                    segment = self._mapped(family, one)
                except Damaged as problem:
                    log.warning("counts: %s; the month is read anew", problem)
                    damaged.append((family, month))
                    continue
                held.segments[one.file] = segment
            found[month] = Base(segment, one.snapshot)
        for name in set(held.segments) - held.manifest.files:
            del held.segments[name]
        return found

    def _mapped(self, family: Family, one: Held) -> Segment:
        path = self.folder / one.file
        small = files.is_small(path)
        segment = files.read(path, family, summed=small)
        if small:
            self._summed.add(one.file)
        return segment

    def _mend(self, held: _Held, damaged: list[tuple[Family, int]]) -> None:
        """Months whose files are damaged: read anew at once, since there is nothing to show of them."""
        wanted: dict[str, list[int]] = {}
        for family, month in damaged:
            wanted.setdefault(family.name, []).append(month)
        with self._keeper.alone(wait_s=self.setting.wait_s) as alone:
            if not alone:
                raise BeingKept("Counts are being read anew.", remedy="Try again in a moment.")
            if held.stamp == manifests.stamp(self.folder):
                self._keeper.publish(self._keeper.reread(held.manifest, wanted, held.numbers), held.numbers)

    # --- views --------------------------------------------------------------------------------------------------------

    def _show(self, held: _Held, family: Family, stood: Standing, *, came: str) -> None:
        before, following = self._views.get(family.name), held.following[family.name]
        why = self._why(following.stale)
        if before is not None and not came and before.behind == why:
            return
        mark = before.mark if before is not None and came != "rows" else self._mark(held, family, stood, why)
        self._views[family.name] = View(
            family=family,
            base=following.bases(),
            changes=following.segments(),
            places=held.all_places(),
            agencies=held.numbers.agencies.keys,
            hexes=held.numbers.hexes.keys,
            as_of=self._now(),
            mark=mark,
            behind=why,
        )

    def _mark(self, held: _Held, family: Family, stood: Standing, why: str) -> str:
        """Follows from the moment alone, whichever process stands there; where a month lags, from how it lies too."""
        said = f"{held.manifest.origin} {held.manifest.system} {stood.snapshot}"
        if why:
            following = held.following[family.name]
            said += f" {why} {[one.version for one in (*following.bases(), *following.segments())]} {held.stamp}"
        return f"{family.name}-{hashlib.blake2s(said.encode(), digest_size=12).hexdigest()}"

    def _why(self, stale: list[int]) -> str:
        if not stale:
            return ""
        code = behind.DISK_FULL if self._trouble else behind.READING
        return f"{code} {months_said(stale)}"

    def _say_behind(self, families: tuple[Family, ...]) -> None:
        """The views stay as they are, and say why."""
        for family in families:
            before = self._views.get(family.name)
            if before is not None and before.behind != behind.DISK_FULL:
                self._views[family.name] = replace(before, behind=behind.DISK_FULL, mark=f"{before.mark}-", _kept={})

    # --- for whoever looks after it -----------------------------------------------------------------------------------

    @contextmanager
    def replayed(self) -> Iterator[Replay]:
        """What a process that begins now would hold at the moment of a transaction, which lasts as long as the block.
        Raises `Elsewhere` when the files were found to be of no use; the next view deals with it."""
        asked, calm = self._asked()
        with self._lock:
            self._follow(asked.no, calm=calm)
            held = self._current()
            bases = {family.name: self._bases(held, family, []) for family in FAMILIES}
        with self._opened() as session:
            stood = queries.stand(session, held.manifest.home)
            following = {}
            for family in FAMILIES:
                shelf = held.manifest.shelves[family.name]
                following[family.name] = one = Following(family, shelf.floor)
                one.adopt(bases[family.name], shelf.floor)
                one.apply(self._changes(session, held, family, follows=False))
            yield Replay(session, stood.snapshot, following, held.numbers)

    def reread(self, months: Mapping[str, Iterable[int]]) -> None:
        """Reads some months of some families anew; waits for whoever keeps."""
        with self._lock, self._keeper.alone(wait_s=float("inf")):
            held = self._current()
            self._keeper.publish(self._keeper.reread(held.manifest, months, held.numbers), held.numbers)

    def rebuild(self) -> None:
        """Reads everything anew."""
        with self._lock, self._keeper.alone(wait_s=float("inf")):
            self._keeper.build(None)
            self._held = self._stood = None
