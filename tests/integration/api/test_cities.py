"""Two cities in one installation, served together: same codes and ids, other data; one that is broken hinders none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from gridgov.api.app import create_app
from gridgov.api.cities import Cities
from gridgov.api.deps import COOKIE, CSRF_HEADER
from gridgov.auth import accounts
from gridgov.auth.accounts import OWNER
from gridgov.auth.rules import Role
from gridgov.bootstrap import House, build, prepare
from gridgov.platform import clock
from gridgov.platform.errors import GridgovError
from gridgov.platform.migrate import form_of
from tests import sample
from tests.conftest import serving
from tests.people import Person, appoint

NAME, PASSWORD = "li.an", "four words or a line"


@dataclass
class Two:
    """The city at `/` and the one at `/c/east`, and how further ones are opened."""

    first: House
    east: House
    base: str
    broken: dict[str, Exception]


def city(url: str, code: str, home: Path) -> House:
    prepare(url, code, home)
    made = build(url, code, home, pool_size=4)
    with made.db.transaction() as session:
        sample.set_up(session, code=code)
    return made


@pytest.fixture
def two(database_url: str, tmp_path: Path) -> Iterator[Two]:
    first, east = city(database_url, "demo", tmp_path), city(database_url, "east", tmp_path)
    broken: dict[str, Exception] = {}

    def opening(code: str) -> House:
        if code in broken:
            raise broken[code]
        return build(database_url, code, tmp_path, pool_size=4)

    app = Cities(create_app(first), lambda: ["east", *broken], opening, create_app, look_s=0.2)
    with serving(app) as base:
        until(lambda: httpx.get(f"{base}/c/east/health/live").status_code == 200)
        yield Two(first, east, base, broken)
    for house in (first, east):
        house.close()


def until(met: Callable[[], bool]) -> None:
    """Waits for what must come; a run that hangs is ended from outside."""
    while not met():
        time.sleep(0.05)


def in_east(person: Person) -> dict[str, str]:
    """The same session as a browser would show it to the east."""
    return person.headers | {"Cookie": f"{COOKIE}.east={person.secret}"}


def report(base: str, headers: dict[str, str], ident: UUID, text: str) -> httpx.Response:
    lon, lat = sample.centre("A01")
    body = {"id": str(ident), "category": "06010", "point": {"lon": lon, "lat": lat}, "channel": "hotline"}
    return httpx.post(
        f"{base}/api/v1/incidents", json=body | {"happened_at": "2026-01-05T08:00:00Z", "text": text}, headers=headers
    )


def test_the_same_ids_and_codes_hold_other_data(two: Two) -> None:
    here, there = appoint(two.first, Role.CENTRE_OPERATOR), appoint(two.east, Role.CENTRE_OPERATOR)
    east, ident = f"{two.base}/c/east", uuid4()
    assert report(two.base, here.headers, ident, "of the first").status_code == 201
    assert report(east, in_east(there), ident, "of the east").status_code == 201  # no repeat of the other

    with httpx.Client() as client:
        asked = [
            client.get(f"{base}/api/v1/incidents/{ident}", headers=headers).json()["text"]
            for base, headers in ((two.base, here.headers), (east, in_east(there)))
        ]
        assert asked == ["of the first", "of the east"]
        assert client.get(f"{two.base}/api/v1/city").json()["code"] == "demo"
        assert client.get(f"{east}/api/v1/city").json()["code"] == "east"
        assert report(two.base, here.headers, uuid4(), "another").status_code == 201
        counted = [
            client.get(f"{base}/api/v1/density?level=city", headers=headers).json()["total"]
            for base, headers in ((two.base, here.headers), (east, in_east(there)))
        ]
        assert counted == [2, 1]


def test_a_post_in_one_city_gives_nothing_in_the_other(two: Two) -> None:
    """Sessions and tokens, even with the same numbers of account and post behind them."""
    here, there = appoint(two.first, Role.CENTRE_OPERATOR), appoint(two.east, Role.CENTRE_OPERATOR)
    machine = appoint(two.first, Role.MACHINE, permissions=("incidents.read",))
    assert (here.account_id, here.post_id) == (there.account_id, there.post_id)
    path = "api/v1/incidents"
    assert httpx.get(f"{two.base}/{path}", headers=here.headers).status_code == 200  # the control
    assert httpx.get(f"{two.base}/{path}", headers=machine.headers).status_code == 200
    assert httpx.get(f"{two.base}/c/east/{path}", headers=in_east(there)).status_code == 200
    for headers in (machine.headers, in_east(here), here.headers):
        assert httpx.get(f"{two.base}/c/east/{path}", headers=headers).status_code == 401
    assert httpx.get(f"{two.base}/{path}", headers=there.headers).status_code == 401
    assert report(f"{two.base}/c/east", in_east(here), uuid4(), "x").status_code == 401
    with two.east.db.transaction() as session:
        assert session.execute(text("select count(*) from incidents")).scalar_one() == 0


def test_a_browser_is_signed_in_to_each_apart(two: Two) -> None:
    secrets = {}
    for house, base in ((two.first, two.base), (two.east, f"{two.base}/c/east")):
        with house.db.transaction() as session:
            opened = accounts.open_account(session, OWNER, name=NAME, password=PASSWORD, now=clock.utcnow())
            session.execute(
                text(
                    "insert into auth_post (account_id, role, valid, created_at) "
                    "values (:account, 'auditor', tstzrange(now(), null), now())"
                ),
                {"account": opened.account_id},
            )
        answer = httpx.post(f"{base}/api/v1/session", json={"name": NAME, "password": PASSWORD})
        assert answer.status_code == 200
        name, _, rest = answer.headers["set-cookie"].partition("=")
        secrets[name] = rest.partition(";")[0]
    assert sorted(secrets) == [COOKIE, f"{COOKIE}.east"]
    both = {"Cookie": "; ".join(f"{name}={secret}" for name, secret in secrets.items())}
    for base in (two.base, f"{two.base}/c/east"):
        assert httpx.get(f"{base}/api/v1/session", headers=both).json()["account"] == NAME
    east = f"{two.base}/c/east/api/v1/session"
    shown = httpx.get(east, headers=both).json()["csrf"]
    gone = httpx.delete(east, headers=both | {CSRF_HEADER: shown})
    assert gone.headers["set-cookie"].startswith(f"{COOKIE}.east=")
    assert httpx.get(east, headers=both).json()["account"] is None
    assert httpx.get(f"{two.base}/api/v1/session", headers=both).json()["account"] == NAME


def test_limits_are_each_city_s_own(two: Two) -> None:
    """As many wrong passwords as one city takes, and the other still listens."""
    wrong = {"name": "nobody", "password": "wrong"}
    answers = [httpx.post(f"{two.base}/api/v1/session", json=wrong).status_code for _ in range(12)]
    assert answers[0] == 401
    assert answers[-1] == 429
    assert httpx.post(f"{two.base}/c/east/api/v1/session", json=wrong).status_code == 401


def test_what_is_not_served_is_refused_by_name(two: Two) -> None:
    for code in ("west", "..", "EAST", "catalogue", "public"):
        answer = httpx.get(f"{two.base}/c/{code}/api/v1/city")
        if code != "..":  # a client takes that one out of the address
            assert (answer.status_code, answer.json()["code"]) == (404, "city-not-served")
            assert answer.headers["x-content-type-options"] == "nosniff"


def says(address: str, said: str) -> bool:
    return said in httpx.get(address).text


class BrokenOpening(GridgovError):
    """A city that cannot be opened."""


def test_a_broken_city_says_so_and_comes_when_it_is_mended(two: Two, database_url: str, tmp_path: Path) -> None:
    prepare(database_url, "west", tmp_path)
    with two.first.db.transaction() as session:
        session.execute(text("update west.alembic_version set version_num = 'city_0009'"))
        assert form_of(session, "west") == "behind"
        assert form_of(session, "east") == "present"
        assert form_of(session, "north") == "missing"
    two.broken["west"] = BrokenOpening("Its schema is behind.")
    two.broken["north"] = RuntimeError("a secret of the inside")
    for code, said in (("west", "Its schema is behind."), ("north", "in the log")):
        until(partial(says, f"{two.base}/c/{code}/api/v1/city", said))
        answer = httpx.get(f"{two.base}/c/{code}/api/v1/city")
        assert (answer.status_code, answer.json()["code"]) == (503, "city-unavailable")
        assert code in answer.json()["detail"]
        assert "secret" not in answer.text
    for base in (two.base, f"{two.base}/c/east"):
        assert httpx.get(f"{base}/api/v1/city").status_code == 200
    del two.broken["west"]
    until(lambda: httpx.get(f"{two.base}/c/west/health/live").status_code == 200)
