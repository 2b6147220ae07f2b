"""The private PostgreSQL cluster in the home folder: made, started, shared, stopped and mended by gridgov itself.

Owns who uses the cluster and the databases in it. Does not own what is in a database (`migrate` and the domains), the
server process (`server`) or where files lie (`cluster_files`). A database of the user's own (`GRIDGOV_DATABASE_URL`)
never comes near this.

Every process that needs the cluster calls `start()` and, when done, `stop()`. Between them it holds a shared lock,
which the kernel drops if the process dies. The last one out stops the server: none is left behind, none is stopped
under somebody's feet. State changes under a second, exclusive lock: two that start at once make one server.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Literal
from urllib.parse import quote

import psycopg
from psycopg import sql

from gridgov.platform import processes, server
from gridgov.platform.cluster_files import PORT, SOCKET_NAME, Files, make_home
from gridgov.platform.errors import Conflict, NotFound
from gridgov.platform.locks import is_held, let_go, open_lock, take_shared
from gridgov.platform.processes import owner_of


class ClusterIsAbsent(NotFound):
    code = "cluster-absent"


class DatabaseIsAbsent(NotFound):
    code = "database-absent"


class DatabaseInUse(Conflict):
    code = "database-in-use"


@dataclass(frozen=True)
class Status:
    """`in_use`: some process (perhaps this one) holds the cluster. `kept`: it was started to stay."""

    state: Literal["absent", "stopped", "running"]
    major: int | None = None
    pid: int | None = None
    in_use: bool = False
    kept: bool = False


class Cluster:
    """The cluster of one home folder. Nothing happens before a method is called. Linux only (/proc, flock)."""

    def __init__(self, home: Path) -> None:
        self.files = Files.of(home)
        self._held: list[int] = []

    @property
    def home(self) -> Path:
        return self.files.home

    def init(self) -> bool:
        """Makes the cluster; False when it is there already. What an interrupted `init` left is made anew."""
        owner = self._prepare()
        with self._alone():
            return server.make(self.files, owner)

    def start(self, *, keep: bool = False) -> bool:
        """Sees that the server runs and counts this process among its users; True when it was started now.

        Makes the cluster first where there is none. With `keep` the server outlives its users until `stop(force=True)`.
        Recovers from what a crash left: stale pid and lock files, orphaned processes, an unfinished `init`.
        Raises `Unavailable` kinds: no PostgreSQL, or not that of the data's version; disk full; it did not start.
        """
        owner = self._prepare()
        with self._alone():
            pid = processes.postmaster(owner, self.files.data)
            if pid is not None and not self._socket().exists():
                server.shut_down(pid)  # somebody swept the temporary folder: nobody can reach this server any more
                pid = None
            if pid is None:
                server.make(self.files, owner)
                server.launch(self.files, owner)
            self._held.append(take_shared(self.files.users))
            if keep:
                self.files.kept.touch()
            return pid is None

    def stop(self, *, force: bool = False) -> bool:
        """Gives up this object's use and stops the server when nobody else uses it; True when it does not run now.

        `force` stops it under whoever still uses it; what they had committed is safe.
        """
        if not self.files.lock.exists():
            return True
        with self._alone():
            if self._held:
                let_go(self._held.pop())
            if not force and (self.files.kept.exists() or is_held(self.files.users)):
                return False
            pid = processes.postmaster(owner_of(self.files.data), self.files.data)
            if pid is not None:
                server.shut_down(pid)
                self._remove_socket_folder()
            self.files.kept.unlink(missing_ok=True)
            return True

    def status(self) -> Status:
        """How things stand; makes nothing."""
        if not self.files.lock.exists():
            return Status("absent")
        with self._alone():
            major = self.files.major()
            pid = None if major is None else processes.postmaster(owner_of(self.files.data), self.files.data)
            return Status(
                state="absent" if major is None else "stopped" if pid is None else "running",
                major=major,
                pid=pid,
                in_use=is_held(self.files.users),
                kept=self.files.kept.exists(),
            )

    def url(self, database: str = "gridgov") -> str:
        """SQLAlchemy's address of a database in the cluster. Raises `ClusterIsAbsent` before the first start."""
        folder = quote(str(self._socket().parent), safe="")
        return f"postgresql+psycopg://{server.ROLE}@/{quote(database, safe='')}?host={folder}&port={PORT}"

    @contextmanager
    def connection(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        """A bare connection as superuser; each statement commits by itself."""
        host = str(self._socket().parent)
        with psycopg.connect(host=host, port=PORT, user=server.ROLE, dbname=database, autocommit=True) as connection:
            yield connection

    def databases(self) -> list[str]:
        with self.connection() as connection:
            rows = connection.execute("select datname from pg_database where not datistemplate order by 1").fetchall()
        return [row[0] for row in rows]

    def create_database(self, name: str) -> bool:
        """An empty database; False when it is there already."""
        return self.clone_database("template0", name)

    def clone_database(self, template: str, name: str, *, by_file: bool = False) -> bool:
        """A copy of `template`; False when `name` is there already.

        `by_file`: its files are copied, between two checkpoints, instead of going through the log page by page: sooner
        where nothing is synced to disk, later where it is. Raises `DatabaseInUse` while anybody is connected to the
        template, `DatabaseIsAbsent` when there is none.
        """
        how = sql.SQL("file_copy" if by_file else "wal_log")
        statement = sql.SQL("create database {} template {} strategy {}").format(
            sql.Identifier(name), sql.Identifier(template), how
        )
        with self.connection() as connection:
            try:
                connection.execute(statement)
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return False
            except psycopg.errors.ObjectInUse:
                raise DatabaseInUse(f"“{template}” cannot be copied while somebody is connected to it.") from None
            except psycopg.errors.InvalidCatalogName:
                raise DatabaseIsAbsent(f"There is no database “{template}”.") from None
        return True

    def drop_database(self, name: str) -> None:
        """Drops it, connections and all; one that is not there is what was wanted."""
        with self.connection() as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def _socket(self) -> Path:
        try:
            folder = self.files.socket_note.read_bytes()
        except OSError:
            raise ClusterIsAbsent(f"“{self.home}” holds no cluster yet.", remedy="Start it first.") from None
        return Path(os.fsdecode(folder)) / SOCKET_NAME

    def _remove_socket_folder(self) -> None:
        """One that lies outside the home is of no use without a server; the next start makes it again."""
        folder = self._socket().parent
        if not folder.is_relative_to(self.home):
            with suppress(OSError):
                folder.rmdir()

    def _prepare(self) -> processes.Owner:
        owner = owner_of(self.files.data)
        make_home(self.files, owner)
        return owner

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Holds the home's exclusive lock: nobody else changes the cluster's state meanwhile."""
        descriptor = open_lock(self.files.lock)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


@contextmanager
def running(home: Path) -> Iterator[Cluster]:
    """The cluster of `home`, running while the block lasts (longer, when others use it too).

    A polite order to end (SIGTERM, or the terminal closing) leaves the block like Ctrl-C does, by `SystemExit`;
    otherwise the process would be gone at once, and the server would stay.
    """
    with _leaving_on_orders():
        cluster = Cluster(home)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@contextmanager
def _leaving_on_orders() -> Iterator[None]:
    """Only where nobody else has taken these signals in hand, and where Python lets us: in the main thread."""
    mine = []
    if threading.current_thread() is threading.main_thread():
        mine = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for one in mine:
        signal.signal(one, _leave)
    try:
        yield
    finally:
        for one in mine:
            signal.signal(one, signal.SIG_DFL)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
