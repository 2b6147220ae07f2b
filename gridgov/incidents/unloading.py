"""Taking away what a bulk load brought, by the range of its ids.

Owns that verb, how many there are, and where the database's files lie. Does not own the load (`history`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from gridgov.audit import service as audit
from gridgov.incidents import queries
from gridgov.incidents.history import Progress
from gridgov.incidents.queries import history as sql
from gridgov.platform.db import Database, bump
from gridgov.platform.errors import Conflict


def data_folder(db: Database) -> Path:
    """Where the database's files lie; another machine's folder, where the database is on another."""
    with db.transaction() as session:
        return Path(sql.data_folder(session))


def taken(db: Database, low: UUID, high: UUID) -> int:
    """How many ids from `low` to `high` the city has."""
    with db.transaction() as session:
        return sql.count_keys(session, low, high)


class StillUsed(Conflict):
    """Case files, contacts or photos have been made of what is to go."""

    code = "still-used"


def remove(
    db: Database,
    low: UUID,
    high: UUID,
    *,
    announce: Callable[[Session, Sequence[date]], None],
    progress: Progress = lambda _step, _share, _rows: None,
) -> int:
    """Removes incidents and keys with ids from `low` to `high`, in one transaction; how many. Raises `StillUsed`.

    A month that has nothing else goes as a whole. For what a command loaded, and nobody reported.
    """
    gone, touched = 0, []
    with db.transaction() as session:
        used = sql.used(session, low, high)
        if used:
            raise StillUsed(
                f"Rows of {', '.join(used)} are about these incidents.", remedy="What people work on is not taken away."
            )
        queries.lock_months(session)
        months = sorted(queries.partitions(session) - {"incidents_default"})
        for place, name in enumerate(months):
            rows = sql.remove_month(session, name, low, high)
            if rows:
                gone += rows
                year, month = (int(part) for part in name.split("_")[1:])
                touched.append(date(year, month, 1))
            progress("remove", (place + 1) / (len(months) + 1), gone)
        sql.remove_keys(session, low, high)
        if gone:
            announce(session, touched)
            audit.note(session, "unload", "incidents", facts={"rows": gone})
            bump(session, "incidents")
        progress("remove", 1.0, gone)
    return gone
