"""The outbox in the database: an event is there with what it tells of, or not at all; who may write it, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from gridgov.auth.privileges import ANNOUNCING
from gridgov.bootstrap import House
from gridgov.platform.outbox import put

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CASE = UUID("0190a1b2-0000-7000-8000-000000000001")


def rows(house: House) -> list[tuple[object, ...]]:
    with house.db.transaction() as session:
        found = session.execute(text("select id, topic, key, facts, at, taken_at from platform_outbox order by id"))
        return [tuple(row) for row in found]


def test_an_event_is_one_row(house: House) -> None:
    with house.db.transaction() as session:
        number = put(session, "case.dispatched", CASE, {"agency_id": 7, "until": NOW}, at=NOW)
    facts = {"agency_id": 7, "until": NOW.isoformat()}
    assert rows(house) == [(number, "case.dispatched", str(CASE), facts, NOW, None)]


def test_what_is_undone_was_never_announced(house: House) -> None:
    def fails() -> None:
        with house.db.transaction() as session:
            put(session, "case.dispatched", CASE, {}, at=NOW)
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert rows(house) == []


class TestRights:
    """Of a role with the privileges `ANNOUNCING`, and nothing else."""

    @pytest.fixture
    def writer(self, house: House) -> Iterator[Session]:
        with house.db.transaction() as session:
            session.execute(text("create role gridgov_test_writer nologin"))
            for one in ANNOUNCING:
                columns = f"({', '.join(one.columns)})"
                session.execute(text(f"grant {one.verbs} {columns} on {one.table} to gridgov_test_writer"))
            session.execute(text("grant usage on schema demo to gridgov_test_writer"))
            session.execute(text("set local role gridgov_test_writer"))
            yield session
            session.rollback()

    def test_it_may_announce(self, writer: Session) -> None:
        assert put(writer, "case.opened", CASE, {"area_id": 1}, at=NOW) > 0

    @pytest.mark.parametrize(
        "statement",
        [
            "select facts from platform_outbox",
            "update platform_outbox set facts = '{}'",
            "update platform_outbox set taken_at = at",
            "delete from platform_outbox",
            "insert into platform_outbox (topic, key, facts, at, taken_at) values ('a.b', 'c', '{}', :now, :now)",
        ],
    )
    def test_and_nothing_else(self, writer: Session, statement: str) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"):
            writer.execute(text(statement), {"now": NOW} if ":now" in statement else {})
