"""What a transaction of the API may take: statements, waiting for locks, doing nothing; and that each ends as a 503."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.api.app import create_app
from gridgov.bootstrap import House
from gridgov.platform import request
from gridgov.platform.db import LIMITS_MS, Database, TookTooLong, cursor
from gridgov.platform.errors import Unavailable
from gridgov.platform.request import Abandoned, Request
from tests.integration.api.serving import served


def shown(db: Database, name: str) -> int:
    """A setting in milliseconds."""
    asked = text("select setting from pg_settings where name = :name")
    with db.transaction() as session:
        return int(session.execute(asked, {"name": name}).scalar_one())


def test_requests_have_limits_and_the_owners_work_has_none(house: House) -> None:
    assert {name: shown(house.app, name) for name in LIMITS_MS} == LIMITS_MS
    assert {name: shown(house.db, name) for name in LIMITS_MS} == dict.fromkeys(LIMITS_MS, 0)


def with_limit(session: Session, name: str, ms: int) -> None:
    session.execute(text(f"set local {name} = {ms}"))


@pytest.mark.parametrize("bare", [False, True], ids=["through SQLAlchemy", "through a bare cursor"])
def test_a_statement_that_takes_too_long_is_unavailable_with_a_remedy(house: House, bare: bool) -> None:
    def sleep() -> None:
        with house.app.transaction() as session:
            with_limit(session, "statement_timeout", 50)
            cursor(session).execute("select pg_sleep(30)") if bare else session.execute(text("select pg_sleep(30)"))

    with pytest.raises(TookTooLong) as caught:
        sleep()
    assert isinstance(caught.value, Unavailable)
    assert caught.value.remedy
    with house.app.transaction() as session:
        with_limit(session, "statement_timeout", 5_000)
        session.execute(text("select pg_sleep(0.1)"))


def test_waiting_for_a_lock_ends(house: House) -> None:
    def read() -> None:
        with house.app.transaction() as session:
            with_limit(session, "lock_timeout", 50)
            session.execute(text("select * from platform_revision"))

    read()
    with house.db.transaction() as first:
        first.execute(text("lock table platform_revision in access exclusive mode"))
        began = time.monotonic()
        with pytest.raises(Unavailable, match="Somebody else"):
            read()
        assert time.monotonic() - began < 20


@pytest.mark.parametrize("bare", [False, True], ids=["through SQLAlchemy", "through a bare cursor"])
def test_a_transaction_in_which_nothing_happens_is_ended_by_the_server(house: House, bare: bool) -> None:
    """Whatever held it up here, its locks are let go."""

    def idle() -> None:
        with house.app.transaction() as session:
            with_limit(session, "idle_in_transaction_session_timeout", 50)
            time.sleep(0.5)
            cursor(session).execute("select 1") if bare else session.execute(text("select 1"))

    with pytest.raises(Unavailable):
        idle()
    with house.app.transaction() as session:
        assert session.execute(text("select 1")).scalar_one() == 1


@pytest.mark.parametrize(("limit_ms", "status"), [(50, 503), (5_000, 200)], ids=["too long", "the control"])
def test_over_http_it_is_a_503_that_says_what_to_do(house: House, limit_ms: int, status: int) -> None:
    app = create_app(house)

    @app.get("/test/slow")
    def slow() -> None:
        with house.app.transaction() as session:
            with_limit(session, "statement_timeout", limit_ms)
            session.execute(text("select pg_sleep(0.3)"))

    app.router.routes.insert(0, app.router.routes.pop())
    with served(app) as port:
        answer = httpx.get(f"http://127.0.0.1:{port}/test/slow", timeout=60)
    assert answer.status_code == status
    if status == 503:
        assert answer.headers["retry-after"]
        assert (answer.json()["code"], answer.json()["remedy"][:12]) == ("took-too-long", "Ask for less")


def work_of(house: House, asked: Request, then: Callable[[], None]) -> int:
    """How many of three statements a request gets through, when something happens after the first."""
    done = 0
    with request.during(asked), house.app.transaction() as session:
        for _ in range(3):
            session.execute(text("select 1"))
            done += 1
            then()
    return done


def test_no_statement_begins_for_an_answer_that_nobody_waits_for(house: House) -> None:
    asked = Request("a-request")

    def leave() -> None:
        asked.abandoned = True

    with pytest.raises(Abandoned):
        work_of(house, asked, leave)
    assert work_of(house, Request("another-one"), lambda: None) == 3
    with house.app.transaction() as session:
        assert session.execute(text("select 1")).scalar_one() == 1
