"""A forged context: headers that claim a role, settings that an earlier transaction left on a pooled connection."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gridgov.auth.credentials import Credential
from gridgov.auth.rules import NotSignedIn, Role
from gridgov.bootstrap import Caller, House
from gridgov.incidents import service
from gridgov.incidents.service import OldIncident
from tests import sample
from tests.integration.auth.browser import Browser
from tests.people import Person, appoint

Signed = Callable[..., Browser]
COUNT = "select count(*) from incidents"


@pytest.fixture
def filled(city: House) -> House:
    """One incident in each grid."""
    codes = [code for row in sample.CODES for code in row]
    now = datetime.now(UTC)
    old = [
        OldIncident(id=uuid.uuid4(), category="06010", happened_at=now, lon=lon, lat=lat, channel="import")
        for lon, lat in map(sample.centre, codes)
    ]
    with city.db.transaction() as session:
        service.take_many(session, old, locator=city.locator, router=city.router, now=now)
    return city


def seen(house: House, person: Person) -> int:
    with house.acting(Caller("incidents.read", person.credential)) as work:
        return int(work.session.execute(text(COUNT)).scalar_one())


def ids(house: House, code: str) -> int:
    with house.db.transaction() as session:
        found = text("select area_id from areas_version where code = :code and upper_inf(valid)")
        return int(session.execute(found, {"code": code}).scalar_one())


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Gridgov-Role": "administrator", "X-Gridgov-Post": "1", "X-Gridgov-Account": "1"},
        {"X-Remote-User": "admin", "X-Forwarded-User": "admin", "Remote-User": "admin"},
        {"Authorization": "Basic YWRtaW46YWRtaW4="},
        {"Authorization": "Bearer"},
        {"Cookie": "gridgov=admin; session=admin; __Host-gridgov="},
        {"X-Original-URL": "/api/v1/session", "X-HTTP-Method-Override": "GET"},
    ],
)
def test_what_a_request_claims_is_not_believed(signed: Signed, browser: Browser, headers: dict[str, str]) -> None:
    assert signed("admin", Role.ADMINISTRATOR).ask("GET", "/api/v1/accounts").status_code == 200
    answer = browser.ask("GET", "/api/v1/accounts", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


def test_a_role_in_the_query_or_the_body_is_nothing(signed: Signed) -> None:
    worker = signed("worker", Role.GRID_WORKER, area="A01")
    assert worker.ask("GET", "/api/v1/accounts", params={"role": "administrator", "post": 1}).status_code == 403
    assert worker.ask("PUT", "/api/v1/session/post", json={"post": 1, "role": "administrator"}).status_code == 422


def test_settings_that_were_left_on_a_connection_open_nothing(filled: House) -> None:
    """Every setting is given in every transaction, so that none is inherited. The control reads as the role itself."""
    worker = appoint(filled, Role.GRID_WORKER, area="A01")
    assert seen(filled, worker) == 1
    units = ",".join(str(ids(filled, code)) for code in ("WS", "E1", "E2"))
    wide = {
        "units": f"{{{units}}}",
        "places": f"{{{ids(filled, 'B01')}}}",
        "agencies": "{1,2}",
        "role": "administrator",
    }
    with filled.app.transaction() as session:
        connection = session.execute(text("select pg_backend_pid()")).scalar_one()
        for name, value in wide.items():
            session.execute(
                text("select set_config('gridgov.' || :name, :value, false)"), {"name": name, "value": value}
            )
    with filled.app.transaction() as session:
        assert session.execute(text("select pg_backend_pid()")).scalar_one() == connection
        session.execute(text("set local role gridgov_grid_worker"))
        assert session.execute(text(COUNT)).scalar_one() == 16, "the control: they are still there"
    with filled.acting(Caller("incidents.read", worker.credential)) as work:
        assert work.session.execute(text("select pg_backend_pid()")).scalar_one() == connection
        assert work.session.execute(text(COUNT)).scalar_one() == 1


def test_a_role_that_was_left_on_a_connection_lets_nobody_in(filled: House) -> None:
    """The look-up runs as whoever the connection is: any other role than the log-in cannot read sessions."""
    worker = appoint(filled, Role.GRID_WORKER, area="A01")
    with filled.app.transaction() as session:
        session.execute(text("set role gridgov_centre_operator_city"))
    asking = Caller("incidents.read", worker.credential)
    with pytest.raises(InsufficientPrivilege), filled.acting(asking):
        pass
    with filled.app.transaction() as session:
        session.execute(text("reset role"))
    assert seen(filled, worker) == 1


def test_nothing_of_a_transaction_is_left_for_the_next(filled: House) -> None:
    """After somebody with the whole city, the same connection serves somebody with one grid, and then nobody."""
    operator, worker = appoint(filled, Role.CENTRE_OPERATOR), appoint(filled, Role.GRID_WORKER, area="A01")
    for person, count in ((operator, 16), (worker, 1), (operator, 16), (worker, 1)):
        assert seen(filled, person) == count
    with filled.app.transaction() as session:
        names = ("account", "post", "role", "units", "places", "agencies", "areas", "incident")
        kept = [session.execute(text(f"select current_setting('gridgov.{name}', true)")).scalar_one() for name in names]
        assert set(kept) <= {None, ""}
        assert session.execute(text("select current_user")).scalar_one() == "gridgov_app"
        with pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(COUNT))


def test_a_failed_transaction_leaves_nothing_either(filled: House) -> None:
    operator = appoint(filled, Role.CENTRE_OPERATOR)
    with pytest.raises(DBAPIError), filled.acting(Caller("incidents.read", operator.credential)) as work:
        work.session.execute(text("select 1/0"))
    with filled.app.transaction() as session:
        assert session.execute(text("select current_user")).scalar_one() == "gridgov_app"
        assert session.execute(text("select current_setting('gridgov.role', true)")).scalar_one() in (None, "")


@pytest.mark.parametrize(
    "secret",
    ["'; reset role; --", "\\'; select pg_sleep(9)", "é" * 43, "x" * 100_000, "0", " ", "%00"],
)
def test_an_odd_credential_is_an_unknown_one(filled: House, secret: str) -> None:
    for kind in ("session", "token"):
        with (
            pytest.raises(Exception, match="not signed in any more"),
            filled.acting(Caller("incidents.read", Credential(kind, secret))),
        ):
            pass


def test_without_a_credential_nothing_protected_is_reached(filled: House) -> None:
    for permission in ("incidents.read", "accounts.manage", "posts.read", "tokens.manage"):
        with pytest.raises(NotSignedIn), filled.acting(Caller(permission)):
            pass
