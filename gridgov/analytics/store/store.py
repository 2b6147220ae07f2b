"""The store of one city in one process: what is counted now, as of everything that has been committed.

Owns when the database is asked, when months are read anew, and the views that come of it. Does not own files
(`keeper`), what is held of them (`held`), nor counting.

    files on disk (one set a machine)  ──mapped──▶  months ──┐
    analytics_*_change, since a snapshot  ──feed──▶  changes ─┴─▶  View, one at a time, never altered

Safe among threads. Several processes may share a folder: each follows the changes by itself, one at a time keeps.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.analytics.queries import changes as queries
from gridgov.analytics.queries.changes import Asked
from gridgov.analytics.store import behind
from gridgov.analytics.store import manifest as manifests
from gridgov.analytics.store.columns import FAMILIES, Family
from gridgov.analytics.store.dictionaries import Dictionaries
from gridgov.analytics.store.feed import Following
from gridgov.analytics.store.files import Damaged, Full
from gridgov.analytics.store.held import DamagedMonths, Holding, Stamp, Stood, lagging
from gridgov.analytics.store.keeper import BeingKept, Elsewhere, Keeper, Opened, Setting, check
from gridgov.analytics.store.manifest import Manifest
from gridgov.analytics.store.snapshot import Snapshot
from gridgov.analytics.store.view import View
from gridgov.platform import crypto
from gridgov.platform.errors import Unavailable
from gridgov.platform.jobs import keep_on

ATTEMPTS = 4
IDLE_S = 0.5
AGAIN = timedelta(seconds=30)  # after a full disk
log = logging.getLogger(__name__)


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
        self._held: Holding | None = None
        self._stood: Stood | None = None
        self._views: dict[str, View] = {}
        self._tried: Stamp = None  # stamp of the manifest that was taken last
        self._stepped = False
        self._warmed: dict[str, list[str]] = {}  # versions of the months that were made ready, by family
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
                no = queries.asked(session).no  # once more: so it is new enough for all who wait here now
                calm = not queries.drawing(session)
                self._follow(no, calm=calm)
                if not self._stepped and self._held is not None and self._held.stale:
                    self._reread(wait_s=self.setting.wait_s)
                    self._follow(no, calm=calm)
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

    def run(self, ended: threading.Event, *, warm: Callable[[View], None] = lambda _: None) -> None:
        """Follows and keeps until told to end. `warm`: makes what is counted from beside a view; called for each view
        whose months are others than before, so that nobody who asks waits for it."""

        def step() -> int:
            done = self.step()
            self._warm(warm)
            return done

        try:
            keep_on("counts", step, ended, idle_s=IDLE_S)
        finally:
            self._stepped = False

    def _warm(self, warm: Callable[[View], None]) -> None:
        with self._lock:
            views = dict(self._views)
        for name, view in views.items():
            if self._warmed.get(name) != [one.version for one in view.base]:
                warm(view)
                self._warmed[name] = [one.version for one in view.base]

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
            held, stood = self._held, self._stood
            if held is None or stood is None:
                return 0
            wanted, changed = held.wanted(self.setting.least, self.setting.share), held.changed()
        keeper = self._keeper
        if wanted:
            return self._keep(held, lambda: keeper.reread(held.manifest, wanted, held.numbers))
        if due:
            self._tended = self._now()
            stands = stood.snapshot
            return self._keep(held, lambda: keeper.tended(held.manifest, held.numbers, stands=stands, changed=changed))
        damaged = held.look_into_one()
        if damaged:
            return self._keep(held, lambda: keeper.reread(held.manifest, damaged, held.numbers))
        return 0 if damaged is None else 1

    def _keep(self, held: Holding, work: Callable[[], Manifest]) -> int:
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

    def _full(self, problem: Full) -> None:
        if not self._trouble:
            log.error("counts: %s; files stay as they are, changes are followed in memory", problem)
        self._trouble, self._again = behind.DISK_FULL, self._now() + AGAIN

    # --- with the lock ------------------------------------------------------------------------------------------------

    def _reread(self, *, wait_s: float) -> None:
        """Reads stale months anew here and now, unless somebody else does."""
        with self._keeper.alone(wait_s=wait_s) as alone:
            held = self._held
            if not alone or held is None or held.stamp != manifests.stamp(self.folder):
                return
            try:
                self._keeper.publish(self._keeper.reread(held.manifest, held.stale, held.numbers), held.numbers)
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
            except DamagedMonths as problem:
                self._mend(problem.months)
            except (Elsewhere, Damaged) as problem:
                self._renew(problem)
            except Full as problem:
                self._full(problem)
                if not self._views:
                    raise Unavailable(
                        "There is no room on the disk for what is counted from.",
                        remedy="Reports are taken as ever. Make room in the folder of the platform.",
                    ) from problem
                self._views = {name: lagging(view) for name, view in self._views.items()}
                return
        raise BeingKept("Counts are being read anew.", remedy="Try again in a moment.")

    def _current(self) -> Holding:
        """What is on disk now, made if there is nothing yet. Raises `Damaged`, `Full`, `BeingKept`."""
        stamp = self._tried = manifests.stamp(self.folder)
        if self._held is not None and self._held.stamp == stamp and stamp is not None:
            return self._held
        manifest = manifests.load(self.folder)
        if manifest is None or not manifest.complete:
            return self._made()
        return self._taken(manifest, stamp)

    def _taken(self, manifest: Manifest, stamp: Stamp) -> Holding:
        """Goes over to a manifest. What is followed stays, as long as it is of the same numbers."""
        before = self._held
        if before is not None and before.manifest.numbers == manifest.numbers:
            self._held = replace(before, manifest=manifest, stamp=stamp)
        else:
            self._held, self._stood = Holding.begun(self.folder, manifest, stamp), None
        return self._held

    def _made(self) -> Holding:
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

    def _poll(self, held: Holding, no: int, *, calm: bool) -> None:
        """Asks the database for what has changed, at one moment for all families."""
        with self._opened() as session:
            stood = queries.stand(session, held.manifest.home)
            check(held.manifest, stood)
            since = self._stood.snapshot if self._stood is not None and self._stood.still(stood) else None
            bases = held.bases() if since is None or self._stood is None or self._stood.stamp != held.stamp else None
            rows = {family.name: held.changes(session, family, since) for family in FAMILIES}
        code = behind.DISK_FULL if self._trouble else behind.READING
        for family in FAMILIES:  # nothing below can fail half-way
            name = family.name
            came = held.advance(family, None if bases is None else bases[name], rows[name], follows=since is not None)
            before = self._views.get(name)
            self._views[name] = held.view(family, before, stands=stood.snapshot, came=came, code=code, now=self._now())
        self._stood = Stood(no, calm, stood.snapshot, stood.started, held.stamp)

    def _mend(self, months: Mapping[str, list[int]]) -> None:
        """Months whose files are damaged: read anew at once, since there is nothing to show of them."""
        held = self._held
        with self._keeper.alone(wait_s=self.setting.wait_s) as alone:
            if not alone or held is None:
                raise BeingKept("Counts are being read anew.", remedy="Try again in a moment.")
            if held.stamp == manifests.stamp(self.folder):
                self._keeper.publish(self._keeper.reread(held.manifest, months, held.numbers), held.numbers)

    # --- for whoever looks after it -----------------------------------------------------------------------------------

    @contextmanager
    def replayed(self) -> Iterator[Replay]:
        """What a process that begins now would hold at the moment of a transaction, which lasts as long as the block.
        Raises `Elsewhere` when the files were found to be of no use; the next view deals with it."""
        asked, calm = self._asked()
        with self._lock:
            self._follow(asked.no, calm=calm)
            held = self._current()
            bases = held.bases()
        with self._opened() as session:
            stood = queries.stand(session, held.manifest.home)
            following = {}
            for family in FAMILIES:
                shelf = held.manifest.shelves[family.name]
                following[family.name] = one = Following(family, shelf.floor)
                one.adopt(bases[family.name], shelf.floor)
                one.apply(held.changes(session, family, None))
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
