"""The demo's people: everybody can sign in to them, in the demo and nowhere else."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.demo import ACCOUNTS, PASSWORD
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.interop.democity import stationed
from gridgov.interop.demopeople import NoDemo, machine_token, settle
from tests.integration.auth.browser import Browser
from tests.integration.auth.conftest import Office

Signed = Callable[..., Browser]
PEOPLE = [one for one in ACCOUNTS if not one.machine]


@pytest.fixture
def demo_browser(demo_server: str) -> Iterator[Browser]:
    with Browser(demo_server) as made:
        yield made


def sees(demo_server: str, name: str, path: str, **params: object) -> httpx.Response:
    """What somebody of the demo gets."""
    with Browser(demo_server) as browser:
        assert browser.sign_in(name, PASSWORD).status_code == 200
        return browser.ask("GET", path, params=params)


def test_there_is_an_account_for_each_role() -> None:
    assert {role for one in ACCOUNTS for role, _ in one.posts} == set(Role) - {Role.RESIDENT}


def test_the_sign_in_page_is_told_them_all(demo_browser: Browser) -> None:
    shown = demo_browser.session()["demo"]
    assert shown["password"] == PASSWORD
    assert [one["name"] for one in shown["accounts"]] == [one.name for one in PEOPLE]
    assert all(one["posts"][0]["role_names"]["zh"] for one in shown["accounts"])


def test_everybody_signs_in_and_is_who_they_say(demo_server: str) -> None:
    """One after another, as visitors do: what is counted against guessing lets a visitor try them all."""
    for one in PEOPLE:
        with Browser(demo_server) as browser:
            seen = browser.sign_in(one.name, PASSWORD)
            assert seen.status_code == 200, (one.name, seen.text)
            body = seen.json()
            assert [post["role"] for post in body["posts"]] == [role.value for role, _ in one.posts]
            assert (body["title"], body["lost"], body["notices"], body["demo"]) == (one.title, False, [], None)
            for post in body["posts"]:
                changed = browser.ask("PUT", "/api/v1/session/post", json={"post": post["id"]})
                assert changed.json()["role"] == post["role"]


def test_what_they_see_differs(demo_server: str) -> None:
    count = {}
    for name in ("centre-operator", "district-supervisor", "subdistrict-leader", "community-officer", "grid-worker"):
        body = sees(demo_server, name, "/api/v1/density").json()
        count[name] = body["total"] if "total" in body else sum(cell["count"] for cell in body["cells"])
    found = list(count.values())
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)
    assert found[-1] > 0


def test_both_superiors_see_the_stationed_squadrons_matters_and_people(demo_server: str) -> None:
    def agencies(name: str) -> set[str]:
        items = sees(demo_server, name, "/api/v1/incidents", limit=1000, category="06*").json()["items"]
        return {one["agency"]["code"] for one in items if one["agency"]}

    assert agencies("stationed-officer") == {stationed.CODE}
    assert stationed.CODE in agencies("agency-head")
    assert stationed.CODE in agencies("subdistrict-leader")
    for superior in ("agency-head", "subdistrict-leader"):
        items = sees(demo_server, superior, "/api/v1/posts").json()["items"]
        assert "stationed-officer" in {one["account"] for one in items}


def test_nobody_changes_the_password_that_all_share(demo_browser: Browser) -> None:
    demo_browser.sign_in("auditor", PASSWORD)
    body = {"old": PASSWORD, "new": "nine paper boats drift"}
    answer = demo_browser.ask("PUT", "/api/v1/session/password", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "demo-account")


def test_making_them_again_changes_nothing(demo_house: House) -> None:
    count = "select (select count(*) from auth_account where demo), (select count(*) from auth_post)"
    with demo_house.db.transaction() as session:
        before = session.execute(text(count)).one()
    assert settle(demo_house, now=datetime.now(UTC)) == 0
    with demo_house.db.transaction() as session:
        assert session.execute(text(count)).one() == before


def test_the_machines_token_lies_in_a_file_for_its_owner_alone(
    demo_house: House, demo_server: str, tmp_path: Path
) -> None:
    path = machine_token(demo_house, tmp_path, now=datetime.now(UTC))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = path.read_text().strip()
    assert machine_token(demo_house, tmp_path, now=datetime.now(UTC)).read_text().strip() == token
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{demo_server}/api/v1/session", headers=headers, timeout=60).json()["role"] == "machine"
    assert token not in httpx.get(f"{demo_server}/api/v1/session", timeout=60).text
    for asked in ("density?level=community", "incidents?limit=1", "cases?limit=1"):  # as README.md does
        assert httpx.get(f"{demo_server}/api/v1/{asked}", headers=headers, timeout=60).status_code == 200, asked


# --- in another city -------------------------------------------------------------------------------------------------


def test_another_city_has_none(city: House, browser: Browser) -> None:
    with pytest.raises(NoDemo):
        settle(city, now=datetime.now(UTC))
    assert browser.session()["demo"] is None


def test_a_demo_account_opens_nothing_in_a_city_that_is_none(city: House, browser: Browser, office: Office) -> None:
    """A copied database, or one whose city is set up anew. The control is the same account in a demo."""
    office.post(office.account("auditor", password=PASSWORD, demo=True), Role.AUDITOR)
    assert browser.sign_in("auditor", PASSWORD).status_code == 401
    with city.db.transaction() as session:
        session.execute(text("update catalogue.city set demo = true"))
        session.execute(text("update platform_revision set revision = revision + 1 where noun = 'areas'"))
    assert browser.sign_in("auditor", PASSWORD).status_code == 200
    assert browser.session()["how"] == "password"
