"""Signing in at a real OpenID provider over HTTP, and everything that must not come of it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import text

from gridgov.api.app import create_app
from gridgov.api.deps import COOKIE
from gridgov.api.provider import HANDSHAKE_COOKIE
from gridgov.auth import accounts, signin
from gridgov.auth.accounts import OWNER
from gridgov.auth.oidc import CALLBACK, Provider, ProviderUnavailable
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.platform import clock
from tests.conftest import serving
from tests.integration.auth.browser import Browser
from tests.integration.auth.conftest import Office

BEGIN = "/api/v1/session/oidc"
SUBJECT = "3f0c-staff-17"


@contextmanager
def provider(*options: str) -> Iterator[str]:
    """A provider in a process of its own: `oidc-provider-mock`, which takes any subject at its word."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "-r", "true", *options]
    made = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://localhost:{port}"
    try:
        while True:
            assert made.poll() is None, "the provider ended"
            try:
                if httpx.get(f"{issuer}/jwks").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield issuer
    finally:
        made.terminate()
        made.wait()


def register(issuer: str, redirect_uri: str) -> tuple[str, str]:
    """(client id, secret) of a new client, which the provider from now on asks for."""
    answer = httpx.post(f"{issuer}/oauth2/clients", json={"redirect_uris": [redirect_uri]})
    assert answer.status_code == 201, answer.text
    return answer.json()["client_id"], answer.json()["client_secret"]


@dataclass
class Site:
    """The city on a live server that signs in at a provider, and a browser there."""

    house: House
    base: str
    issuer: str
    browser: Browser

    def begin(self, **params: str) -> str:
        """Off to the provider; the address it is asked at."""
        answer = self.browser.ask("GET", BEGIN, params=params)
        assert answer.status_code == 303, answer.text
        where = answer.headers["location"]
        assert where.startswith(f"{self.issuer}/oauth2/authorize?")
        return where

    def consent(self, where: str, subject: str = SUBJECT, **form: str) -> str:
        """Somebody signs in there; the path and query that the browser is sent back with."""
        answer = httpx.post(where, data={"sub": subject} | form)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["location"])
        assert f"{back.scheme}://{back.netloc}{back.path}" == self.base + CALLBACK
        return f"{back.path}?{back.query}"

    def refused(self, back: str, because: str | None, how: str = "refused") -> None:
        """The browser comes back and is not signed in; why stands in the trail alone."""
        answer = self.browser.ask("GET", back)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/?sign-in={how}")
        assert COOKIE not in self.browser.jar
        assert HANDSHAKE_COOKIE not in self.browser.jar
        assert self.browser.session()["account"] is None
        with self.house.db.transaction() as session:
            facts = session.execute(
                text("select facts from audit_entry where action = 'sign-in-failed' order by id desc limit 1")
            ).scalar_one_or_none()
        assert (facts or {}).get("because") == because


@contextmanager
def site(city: House, issuer: str, base_issuer: str | None = None) -> Iterator[Site]:
    """`base_issuer`: what the city takes the provider's name to be."""
    app = create_app(city)
    with serving(app) as base, Browser(base) as browser:
        client_id, secret = register(issuer, base + CALLBACK)
        known = Provider(base_issuer or issuer, client_id, secret, base + CALLBACK)
        app.state.house = replace(city, provider=known)
        yield Site(city, base, issuer, browser)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider() as address:
        yield address


@pytest.fixture
def at(city: House, issuer: str) -> Iterator[Site]:
    with site(city, issuer) as made:
        yield made


@pytest.fixture
def linked(at: Site, office: Office) -> int:
    """An account that the subject signs in to, without a password."""
    account = office.account("anna", password=None, with_password=False)
    office.post(account, Role.CENTRE_OPERATOR)
    with at.house.db.transaction() as session:
        accounts.link(session, OWNER, account, at.issuer, SUBJECT, now=clock.utcnow())
    return account


def test_a_linked_subject_signs_in(at: Site, linked: int) -> None:
    assert at.browser.session()["oidc"] is True
    where = at.begin(back_to="/?view=list&area=1")
    asked = {name: value for name, (value,) in parse_qs(urlsplit(where).query).items()}
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == ("code", "openid", "S256")
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    given = at.browser.given[HANDSHAKE_COOKIE]
    assert (given["samesite"].lower(), given["path"], given["max-age"]) == ("lax", "/", "600")
    assert given["secure"]
    assert given["httponly"]
    answer = at.browser.ask("GET", at.consent(where))
    assert (answer.status_code, answer.headers["location"]) == (303, "/?view=list&area=1")
    assert HANDSHAKE_COOKIE not in at.browser.jar
    assert at.browser.given[COOKIE]["samesite"].lower() == "strict"
    seen = at.browser.session()
    assert (seen["account"], seen["how"], seen["role"]) == ("anna", "oidc", "centre_operator")
    assert seen["must_change"] is False
    assert at.browser.ask("GET", "/api/v1/incidents").status_code == 200
    with at.house.db.transaction() as session:
        assert session.execute(text("select count(*) from auth_handshake")).scalar_one() == 0


def test_the_session_from_before_ends(at: Site, linked: int, office: Office) -> None:
    office.account("berta")
    at.browser.sign_in("berta", "seven quiet lanterns")
    before = str(at.browser.cookie)
    at.browser.ask("GET", at.consent(at.begin()))
    assert at.browser.session()["account"] == "anna"
    at.browser.jar[COOKIE] = before
    assert at.browser.session()["account"] is None


def test_nobody_else_is_let_in(at: Site, linked: int) -> None:
    """No account is made for whoever the provider knows, and no name or address that it tells is looked at."""
    at.refused(at.consent(at.begin(), "anna"), "unlinked")
    with at.house.db.transaction() as session:
        assert session.execute(text("select count(*) from auth_account")).scalar_one() == 1


def test_a_disabled_account_stays_closed(at: Site, linked: int) -> None:
    with at.house.db.transaction() as session:
        accounts.change(session, OWNER, linked, disabled=True, now=clock.utcnow())
    at.refused(at.consent(at.begin()), "unlinked")


def test_an_unlinked_subject_is_out_again(at: Site, linked: int) -> None:
    with at.house.db.transaction() as session:
        accounts.unlink(session, OWNER, linked, at.issuer, SUBJECT)
    at.refused(at.consent(at.begin()), "unlinked")


def test_a_wrong_nonce_is_refused(at: Site, linked: int) -> None:
    """A token that was made for another sign-in."""
    where = urlsplit(at.begin())
    asked = {name: value for name, (value,) in parse_qs(where.query).items()}
    other = where._replace(query=urlencode(asked | {"nonce": "another"})).geturl()
    at.refused(at.consent(other), "nonce")


def test_a_state_counts_once(at: Site, linked: int) -> None:
    where = at.begin()
    cookie = at.browser.jar[HANDSHAKE_COOKIE]
    back = at.consent(where)
    assert at.browser.ask("GET", back).headers["location"] == "/"
    assert at.browser.session()["account"] == "anna"
    at.browser.jar = {HANDSHAKE_COOKIE: cookie}
    at.refused(back, "state")


def test_a_state_counts_once_also_when_the_provider_refuses(at: Site, linked: int) -> None:
    where = at.begin()
    cookie = at.browser.jar[HANDSHAKE_COOKIE]
    back = at.consent(where)
    wrong = back.replace("code=", "code=x")
    at.refused(wrong, "code")
    at.browser.jar = {HANDSHAKE_COOKIE: cookie}
    at.refused(back, "state")


def test_a_state_of_another_browser_is_refused(at: Site, linked: int) -> None:
    """Login CSRF: somebody has their own way back opened in another person's browser."""
    back = at.consent(at.begin())
    del at.browser.jar[HANDSHAKE_COOKIE]
    at.refused(back, "state")


def test_the_cookie_of_another_handshake_is_refused(at: Site, linked: int) -> None:
    back = at.consent(at.begin())
    at.begin()
    at.refused(back, "state")


@pytest.mark.parametrize(("age", "refused"), [("9 minutes 50 seconds", False), ("10 minutes", True)])
def test_a_state_counts_for_ten_minutes(at: Site, linked: int, age: str, refused: bool) -> None:
    back = at.consent(at.begin())
    with at.house.db.transaction() as session:
        older = "update auth_handshake set created_at = created_at - cast(:age as interval)"
        session.execute(text(older), {"age": age})
    if refused:
        at.refused(back, "state")
    else:
        at.browser.ask("GET", back)
        assert at.browser.session()["account"] == "anna"


def test_old_handshakes_are_forgotten(at: Site) -> None:
    at.begin()
    with at.house.db.transaction() as session:
        session.execute(text("update auth_handshake set created_at = created_at - interval '11 minutes'"))
    at.begin()
    with at.house.db.transaction() as session:
        assert session.execute(text("select count(*) from auth_handshake")).scalar_one() == 1


def test_whoever_declines_there_is_not_signed_in(at: Site, linked: int) -> None:
    where = at.begin()
    back = at.consent(where, action="deny")
    assert "state=" not in back  # this provider forgets it; RFC 6749, 4.1.2.1 wants it, and other providers send it
    (state,) = parse_qs(urlsplit(where).query)["state"]
    at.refused(f"{back}&state={state}", "denied")


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?code=y", f"?state={'x' * 43}", "?error=server_error"])
def test_an_answer_that_nobody_asked_for_is_refused(at: Site, query: str) -> None:
    at.refused(CALLBACK + query, "state")


def test_a_code_for_another_client_is_refused(at: Site, linked: int) -> None:
    """Somebody's code for another site, put into our way back."""
    other, _ = register(at.issuer, at.base + CALLBACK)
    where = urlsplit(at.begin())
    asked = {name: value for name, (value,) in parse_qs(where.query).items()}
    foreign = where._replace(query=urlencode(asked | {"client_id": other})).geturl()
    at.refused(at.consent(foreign), "code")


def test_an_answer_that_names_another_issuer_is_refused(at: Site, linked: int) -> None:
    back = at.consent(at.begin())
    at.refused(f"{back}&iss=https%3A%2F%2Felsewhere.example", "issuer")


def test_an_expired_token_is_refused(city: House, office: Office) -> None:
    with provider("--token-max-age=-61") as address, site(city, address) as at:
        account = office.account("anna")
        with city.db.transaction() as session:
            accounts.link(session, OWNER, account, at.issuer, SUBJECT, now=clock.utcnow())
        at.refused(at.consent(at.begin()), "expired")


def test_a_provider_by_another_name_is_not_believed(city: House, issuer: str) -> None:
    """The name has to be what the provider says, to the letter: it is what subjects are linked under."""
    with site(city, issuer, base_issuer=f"{issuer}/") as at:
        answer = at.browser.ask("GET", BEGIN)
        assert (answer.status_code, answer.headers["location"]) == (303, "/?sign-in=unavailable")


def test_a_provider_that_is_down_is_said_to_be(city: House) -> None:
    with ExitStack() as stack:
        there = stack.enter_context(ExitStack())
        address = there.enter_context(provider())
        at = stack.enter_context(site(city, address))
        back = at.consent(at.begin())
        there.close()
        at.refused(back, None, "unavailable")
        cold = Provider(address, "gridgov", "secret", at.base + CALLBACK)
        with pytest.raises(ProviderUnavailable):
            cold.address(state="s", nonce="n", verifier="v", now=clock.utcnow())


def test_without_a_provider_there_is_nowhere_to_go(browser: Browser) -> None:
    assert browser.session()["oidc"] is False
    for path in (BEGIN, CALLBACK):
        answer = browser.ask("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "oidc-not-configured")


@pytest.mark.parametrize(
    "back_to",
    [
        "https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "\\\\elsewhere.example",
        "/\t/elsewhere.example", "/%09/elsewhere.example", "javascript:alert(1)", "elsewhere", "",
        "/\r\nSet-Cookie: a=b", "///elsewhere.example", " /x", "/x y", "/" + "x" * 350,
    ],
)  # fmt: skip
def test_nobody_is_led_elsewhere(at: Site, linked: int, back_to: str) -> None:
    answer = at.browser.ask("GET", at.consent(at.begin(back_to=back_to)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_begun_sign_ins_are_limited(at: Site) -> None:
    said = [at.browser.ask("GET", BEGIN).status_code for _ in range(signin.HANDSHAKES.limit + 1)]
    assert said == [303] * signin.HANDSHAKES.limit + [429]
