"""Tokens of machines: what they open, and that every other one gets the same answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House, build, prepare
from tests.conftest import CITY, cloned, live
from tests.integration.auth.browser import Browser, told
from tests.integration.auth.conftest import Office
from tests.people import appoint

Signed = Callable[..., Browser]


@pytest.fixture
def admin(signed: Signed) -> Browser:
    return signed("admin", Role.ADMINISTRATOR)


@pytest.fixture
def post(office: Office) -> int:
    """A machine's post in the western district."""
    return office.post(office.account("hotline", password=None, with_password=False), Role.MACHINE, area="W")


def wanted(post: int, other: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"post": post, "label": "12345", "permissions": ["incidents.read"], "days": 30} | (other or {})


def ask(base: str, token: str, path: str = "/api/v1/incidents") -> httpx.Response:
    return httpx.get(base + path, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def test_a_token_opens_what_is_named_and_is_told_once(base: str, admin: Browser, post: int, city: House) -> None:
    made = admin.ask("POST", "/api/v1/tokens", json=wanted(post)).json()
    token = made.pop("token")
    assert (token[:4], len(token)) == ("ggt_", 47)
    listed = admin.ask("GET", "/api/v1/tokens").json()["items"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert token not in str(listed)
    with city.db.transaction() as session:
        kept = session.execute(text("select * from auth_token")).one()
    assert kept.token_sha256 == hashlib.sha256(token.encode()).digest()
    assert token not in str(kept)
    assert ask(base, token).status_code == 200
    for path, status in (("/api/v1/density", 403), ("/api/v1/accounts", 403), ("/api/v1/session", 200)):
        answer = ask(base, token, path)
        assert answer.status_code == status, (path, answer.text)
    assert answer.json()["role"] == "machine"
    assert set(answer.json()["permissions"]) == {"incidents.read", "session.open"}
    assert httpx.delete(f"{base}/api/v1/session", headers={"Authorization": f"Bearer {token}"}).status_code == 403
    with city.db.transaction() as session:
        assert session.execute(text("select used_on from auth_token")).scalar_one() == datetime.now(UTC).date()


def test_every_token_that_does_not_count_gets_the_same_answer(
    base: str, admin: Browser, post: int, city: House, tmp_path: Path, sample_template: str
) -> None:
    def made() -> tuple[int, str]:
        body = admin.ask("POST", "/api/v1/tokens", json=wanted(post)).json()
        assert ask(base, body["token"]).status_code == 200  # the control: each counted once
        return body["id"], body["token"]

    _, good = made()
    (expired_id, expired), (revoked_id, revoked) = made(), made()
    assert admin.ask("DELETE", f"/api/v1/tokens/{revoked_id}").json()["revoked_at"] is not None
    with city.db.transaction() as session:
        session.execute(
            text("update auth_token set expires_at = now() - interval '1 second' where id = :id"), {"id": expired_id}
        )
    wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
    session_cookie = str(admin.cookie)
    said = {
        name: ask(base, token)
        for name, token in {
            "wrong": wrong,
            "expired": expired,
            "revoked": revoked,
            "foreign": "ggt_" + "f" * 43,
            "of a session": session_cookie,
            "empty": "ggt_",
            "odd": "ggt_%00%ff",
            "long": "g" * 8_000,
        }.items()
    }
    assert {answer.status_code for answer in said.values()} == {401}
    assert len({told(answer) for answer in said.values()}) == 1
    assert said["wrong"].json()["code"] == "session-ended"
    assert {answer.headers["www-authenticate"] for answer in said.values()} == {"Bearer"}
    assert ask(base, good).status_code == 200


def test_a_token_of_another_installation_opens_nothing(
    base: str, city: House, post: int, cluster: Any, sample_template: str, tmp_path: Path
) -> None:
    """Two cities on one server: the cookie and the token of one are nothing to the other."""

    with cloned(cluster, sample_template) as url:
        (tmp_path / "other").mkdir()
        prepare(url, CITY, tmp_path / "other")
        other = build(url, CITY, tmp_path / "other")
        try:
            machine = appoint(other, Role.MACHINE, permissions=("incidents.read",))
            person = appoint(other, Role.CENTRE_OPERATOR)
            for one in (machine, person):
                assert httpx.get(f"{base}/api/v1/incidents", headers=one.headers).status_code == 401
            with live(other) as there:  # the control
                for one in (machine, person):
                    assert httpx.get(f"{there}/api/v1/incidents", headers=one.headers, timeout=60).status_code == 200
        finally:
            other.close()


def test_a_token_ends_with_its_post_and_with_its_account(
    base: str, admin: Browser, post: int, office: Office, city: House
) -> None:
    made = admin.ask("POST", "/api/v1/tokens", json=wanted(post)).json()
    path = f"/api/v1/accounts/{made['account_id']}"
    admin.ask("PATCH", path, json={"disabled": True})
    assert ask(base, made["token"]).json()["code"] == "session-ended"
    admin.ask("PATCH", path, json={"disabled": False})
    assert ask(base, made["token"]).status_code == 200
    office.end(post)
    assert ask(base, made["token"]).json()["code"] == "post-ended"


@pytest.mark.parametrize(
    ("other", "status", "field"),
    [
        ({"label": " "}, 422, "label"),
        ({"label": "x" * 81}, 422, "label"),
        ({"permissions": []}, 422, "permissions"),
        ({"permissions": ["accounts.manage"]}, 422, "permissions"),
        ({"permissions": ["incidents.read", "session.own"]}, 422, "permissions"),
        ({"permissions": ["no.such"]}, 422, "permissions"),
        ({"days": 0}, 422, "days"),
        ({"days": 367}, 422, "days"),
        ({"days": None}, 422, "days"),
        ({"post": 999_999}, 404, "post"),
    ],
)
def test_a_token_that_should_not_be_is_not_made(
    admin: Browser, post: int, other: dict[str, Any], status: int, field: str
) -> None:
    answer = admin.ask("POST", "/api/v1/tokens", json=wanted(post, other))
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert admin.ask("GET", "/api/v1/tokens").json()["items"] == []


def test_a_persons_post_has_no_token(admin: Browser, office: Office) -> None:
    person = office.post(office.account("anna"), Role.GRID_WORKER, area="A01")
    answer = admin.ask("POST", "/api/v1/tokens", json=wanted(person))
    assert (answer.status_code, answer.json()["field"]) == (409, "post")


def test_a_bearer_token_goes_before_a_cookie(base: str, admin: Browser, post: int) -> None:
    """Whoever shows both is the machine: a page's cookie lends nothing to what was meant as a token."""
    token = admin.ask("POST", "/api/v1/tokens", json=wanted(post)).json()["token"]
    answer = admin.ask("GET", "/api/v1/accounts", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
