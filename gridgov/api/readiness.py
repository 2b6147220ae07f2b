"""Whether the platform can answer questions: each part looked at by itself, with what is wrong and what to do.

Owns the list of parts. Does not own the answer (`routes/health.py`). Says nothing about how things are set up: no
address, no name, no path, because anybody may ask.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy.exc import SQLAlchemyError

from gridgov.audit import service as audit
from gridgov.bootstrap import House
from gridgov.platform.errors import GridgovError, Unavailable
from gridgov.platform.logs import get_logger
from gridgov.platform.migrate import is_newest

DISK_BYTES = 512 << 20
SEALED_WITHIN = timedelta(seconds=60)  # the sealer works each second
STORAGE_EVERY = timedelta(seconds=60)  # a service that is asked for each probe would be asked a lot
PROBE_KEY = "health/probe.txt"
log = get_logger(__name__)


class NotReady(Unavailable):
    """Some parts are not as they must be. `field` names them, separated by commas."""

    code = "not-ready"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a part, and what to do."""

    part: str
    detail: str
    remedy: str


@dataclass
class Readiness:
    """The parts of one house; remembers what is too dear to ask each time."""

    house: House
    _lock: Lock = field(default_factory=Lock)
    _stored_at: datetime | None = None

    def require(self, now: datetime) -> None:
        """Raises `NotReady` with every part at fault."""
        faults = [fault for part, look in self._parts() if (fault := _looked(part, look, now)) is not None]
        if faults:
            raise NotReady(
                " ".join(f"{fault.part}: {fault.detail}" for fault in faults),
                field=",".join(fault.part for fault in faults),
                remedy=" ".join(dict.fromkeys(fault.remedy for fault in faults)),
            )

    def _parts(self) -> tuple[tuple[str, Callable[[datetime], None]], ...]:
        return (
            ("database", self._database),
            ("migrations", self._migrations),
            ("indexes", self._indexes),
            ("storage", self._storage),
            ("disk", self._disk),
            ("sealer", self._sealer),
        )

    def _database(self, _now: datetime) -> None:
        """By the log-in of requests."""
        with self.house.app.transaction() as session:
            session.connection()

    def _migrations(self, _now: datetime) -> None:
        with self.house.app.transaction() as session:
            newest = is_newest(session)
        if not newest:
            raise Unavailable("The database is not in the form of this program.", remedy="Run: gridgov db migrate")

    def _indexes(self, _now: datetime) -> None:
        with self.house.app.transaction() as session:
            self.house.locator.index(session)

    def _storage(self, now: datetime) -> None:
        """Can be written to; what it said stands for a minute, a refusal for no time."""
        with self._lock:
            if self._stored_at is not None and timedelta() <= now - self._stored_at < STORAGE_EVERY:
                return
        self.house.storage.put(PROBE_KEY, b"ready\n", media_type="text/plain")
        self.house.storage.delete(PROBE_KEY)
        with self._lock:
            self._stored_at = now

    def _disk(self, _now: datetime) -> None:
        if shutil.disk_usage(self.house.home).free < DISK_BYTES:
            raise Unavailable(
                f"Less than {DISK_BYTES >> 20} MiB are free where the data folder lies.", remedy="Make room there."
            )

    def _sealer(self, now: datetime) -> None:
        with self.house.internally("sealer") as session:
            count, since = audit.waiting(session)
        if since is not None and now - datetime.fromisoformat(since) > SEALED_WITHIN:
            raise Unavailable(
                f"{count:,} entries of the audit trail wait for a seal, the oldest for more than a minute.",
                remedy="See the log for “audit”, then restart the server.",
            )


def _looked(part: str, look: Callable[[datetime], None], now: datetime) -> Fault | None:
    try:
        look(now)
    except GridgovError as problem:
        return Fault(part, problem.detail, problem.remedy or "See the log.")
    except (SQLAlchemyError, OSError) as problem:
        log.error("a part is not ready", part=part, exc_info=problem)
        return Fault(part, "It cannot be used.", "See the log.")
    return None
