"""What a transaction promises: whole or not at all, errors in words, revisions that are never given twice."""

from __future__ import annotations

from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import text

from gridgov.platform.bulk import stage
from gridgov.platform.db import Database, bump, cursor, revisions
from gridgov.platform.errors import Unavailable

KILL = "select pg_terminate_backend(pg_backend_pid())"


class _Stop(Exception):
    """Ends a transaction half-way."""


def _bumped_twice(db: Database, end: type[Exception] | None) -> list[int]:
    """The revisions that a transaction gave, which then commits or fails."""
    given: list[int] = []
    try:
        with db.transaction() as session:
            for _ in range(2):
                bump(session, "areas")
                given.append(revisions(session)["areas"])
            if end is not None:
                raise end
    except _Stop:
        assert end is _Stop
    return given


def test_what_raises_stores_nothing(db: Database) -> None:
    _bumped_twice(db, _Stop)
    with db.transaction() as session:
        assert revisions(session) == {}
        bump(session, "areas")
    with db.transaction() as session:
        assert "areas" in revisions(session)


def test_a_revision_that_was_rolled_back_is_not_given_again(db: Database) -> None:
    """What was derived inside the failed transaction carries its revision, and must not pass for fresh."""
    given = [mark for end in (None, _Stop, _Stop, None) for mark in _bumped_twice(db, end)]
    assert given == sorted(set(given))
    assert len(given) == 8


def test_a_lost_connection_is_unavailable_and_the_next_one_works(db: Database) -> None:
    with pytest.raises(Unavailable), db.transaction() as session:
        session.execute(text(KILL))
    with db.transaction() as session:
        assert revisions(session) == {}


@pytest.mark.parametrize("bare", [False, True], ids=["through SQLAlchemy", "through a bare cursor, as COPY"])
def test_what_somebody_else_holds_is_unavailable(db: Database, bare: bool) -> None:
    take = "lock table platform_revision in access exclusive mode nowait"
    with db.transaction() as first:
        first.execute(text(take))
        with pytest.raises(Unavailable, match="Somebody else"), db.transaction() as second:
            cursor(second).execute(take) if bare else second.execute(text(take))


def test_a_connection_lost_in_bulk_work_is_unavailable_too(db: Database) -> None:
    with pytest.raises(Unavailable), db.transaction() as session, cursor(session) as cur:
        cur.execute(KILL)
    with db.transaction() as session:
        assert stage(session, "new_thing", (("n", "integer"),), [(1,), (2,)]) == 2


def test_an_exhausted_pool_is_unavailable(database_url: str) -> None:
    small = Database(database_url, "demo", pool_size=1)
    small.engine.pool._timeout = 0.1  # type: ignore[attr-defined]  # half a minute by default
    with ExitStack() as all_there_are:
        for _ in range(5):
            all_there_are.enter_context(small.engine.connect())
        with pytest.raises(Unavailable, match="Too many"), small.transaction() as session:
            revisions(session)
    with small.transaction() as session:
        assert revisions(session) == {}
    small.close()


def test_a_mistake_of_our_own_is_not_dressed_up(db: Database) -> None:
    """The control: what is no failure of the server keeps its own name."""
    with pytest.raises(psycopg.errors.UndefinedTable), db.transaction() as session, cursor(session) as cur:
        cur.execute("select 1 from no_such_table")
