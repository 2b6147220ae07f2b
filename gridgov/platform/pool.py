"""The pool of connections of one database, watched: who waits, and whether an answer is still wanted.

Owns what is counted of it. Does not own connections' settings (`db`).
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import Engine, QueuePool, event
from sqlalchemy.pool import PoolProxiedConnection

from gridgov.platform.request import still_wanted


class WatchedPool(QueuePool):
    """A queue pool that knows how many are asking for a connection just now."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._counting = Lock()
        self.asking = 0

    def connect(self) -> PoolProxiedConnection:
        """A connection, as soon as there is one."""
        with self._counting:
            self.asking += 1
        try:
            return super().connect()
        finally:
            with self._counting:
                self.asking -= 1


@dataclass(frozen=True, slots=True)
class PoolState:
    """Connections `in_use` and `idle`, requests `waiting` for one."""

    in_use: int
    idle: int
    waiting: int


def state_of(engine: Engine) -> PoolState:
    """How the pool of an engine stands now."""
    pool = engine.pool
    assert isinstance(pool, WatchedPool)
    return PoolState(pool.checkedout(), pool.checkedin(), pool.asking)


def watch(engine: Engine) -> None:
    """Before each statement it is asked whether somebody still waits for the answer. Raises `Abandoned` then."""
    event.listen(engine, "before_cursor_execute", _before_statement)


def _before_statement(*_: object) -> None:
    still_wanted()
