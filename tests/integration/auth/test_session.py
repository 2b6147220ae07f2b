"""Sessions over a live server: who one is, signing in and out, posts, one's own password."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from gridgov.api import deps
from gridgov.api.deps import COOKIE, CSRF_HEADER
from gridgov.auth import accounts, signin
from gridgov.auth.accounts import OWNER
from gridgov.auth.credentials import Credential
from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House
from gridgov.platform.db import bump
from tests.conftest import live
from tests.integration.auth.browser import Browser, told
from tests.integration.auth.conftest import PASSWORD, Office

ANOTHER = "nine paper boats drift"


def test_nobody_is_a_resident(browser: Browser) -> None:
    seen = browser.session()
    assert (seen["account"], seen["role"], seen["post"], seen["csrf"]) == (None, "resident", None, None)
    assert "incidents.report" in seen["permissions"]
    assert "incidents.read" not in seen["permissions"]


def test_signing_in_opens_what_the_post_opens_and_signing_out_closes_it(browser: Browser, office: Office) -> None:
    office.post(office.account("Anna".lower(), title="网格员 1"), Role.GRID_WORKER, area="A01")
    assert browser.ask("GET", "/api/v1/incidents").status_code == 401
    answer = browser.sign_in("  ANNA ", PASSWORD)
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    assert (seen["account"], seen["title"], seen["role"], seen["how"]) == (
        "anna",
        "网格员 1",
        "grid_worker",
        "password",
    )
    assert seen["post"]["place"]["names"]["en"] == "Grid A01"
    assert seen["notices"] == []
    assert browser.ask("GET", "/api/v1/incidents").status_code == 200
    held = browser.cookie
    assert browser.ask("DELETE", "/api/v1/session").json()["account"] is None
    assert browser.cookie is None
    browser.jar[COOKIE] = str(held)
    assert browser.ask("GET", "/api/v1/incidents").json()["code"] == "session-ended"
    assert [one["code"] for one in browser.session()["notices"]] == ["session-ended"]
    assert browser.cookie is None


def test_the_cookie_is_for_this_host_alone_and_for_no_script(browser: Browser, office: Office) -> None:
    office.account("anna")
    browser.sign_in("anna", PASSWORD)
    given = browser.given[COOKIE]
    assert COOKIE.startswith("__Host-")
    assert (given["path"], given["domain"], given["samesite"].lower()) == ("/", "", "strict")
    assert given["secure"]
    assert given["httponly"]
    assert given["max-age"] == given["expires"] == ""
    assert len(given.value) == 43


def test_only_the_digest_of_the_cookie_is_kept(city: House, browser: Browser, office: Office) -> None:
    office.account("anna")
    browser.sign_in("anna", PASSWORD)
    with city.db.transaction() as session:
        kept = session.execute(text("select * from auth_session")).one()
    assert kept.token_sha256 == hashlib.sha256(str(browser.cookie).encode()).digest()
    assert str(browser.cookie) not in str(kept)


def test_every_sign_in_draws_another_cookie_and_ends_the_one_before(
    base: str, browser: Browser, office: Office
) -> None:
    """No fixation: what a browser brought along is never what it is known by afterwards."""
    office.post(office.account("anna"), Role.CENTRE_OPERATOR)
    browser.jar[COOKIE] = planted = "A" * 43
    browser.sign_in("anna", PASSWORD)
    first = browser.cookie
    browser.sign_in("anna", PASSWORD)
    assert len({planted, first, browser.cookie}) == 3
    with Browser(base) as thief:
        for old, code in ((planted, "session-ended"), (str(first), "session-ended")):
            thief.jar[COOKIE] = old
            assert thief.ask("GET", "/api/v1/incidents").json()["code"] == code
        thief.jar[COOKIE] = str(browser.cookie)  # the control: whoever has the cookie is taken for its owner
        assert thief.ask("GET", "/api/v1/incidents").status_code == 200


def test_a_refused_sign_in_says_the_same_for_every_reason(city: House, browser: Browser, office: Office) -> None:
    office.account("anna")
    closed = office.account("closed")
    office.account("bare", password=None, with_password=False)
    with city.db.transaction() as session:
        accounts.change(session, OWNER, closed, disabled=True, now=datetime.now(UTC))
    said = {}
    for name, password in (("anna", "wrong"), ("nobody", PASSWORD), ("closed", PASSWORD), ("bare", PASSWORD)):
        answer = browser.sign_in(name, password)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        said[name] = answer
    assert len({told(answer) for answer in said.values()}) == 1
    assert said["anna"].json()["code"] == "sign-in-refused"
    assert browser.sign_in("anna", PASSWORD).status_code == 200


def test_idle_and_old_sessions_are_over(city: House, signed: Callable[..., Browser]) -> None:
    for name, change, over in (
        ("fresh", "seen_at = now() - interval '119 minutes'", False),
        ("idle", "seen_at = now() - interval '121 minutes'", True),
        ("young", "expires_at = now() + interval '1 minute'", False),
        ("old", "expires_at = now() - interval '1 second'", True),
    ):
        browser = signed(name, Role.CENTRE_OPERATOR)
        with city.db.transaction() as session:
            session.execute(
                text(
                    f"update auth_session set {change} where account_id = (select id from auth_account where name = :n)"
                ),
                {"n": name},
            )
        answer = browser.ask("GET", "/api/v1/incidents")
        assert (answer.status_code == 401) is over, name


def test_a_long_request_keeps_no_other_of_its_session_waiting(city: House, signed: Callable[..., Browser]) -> None:
    """Both write down that the session was used; the second does not wait for the first to end."""
    browser = signed("anna", Role.CENTRE_OPERATOR)
    before = "update auth_session set seen_at = now() - interval '10 minutes'"
    with city.db.transaction() as session:
        session.execute(text(before))
    asking = Caller("incidents.read", Credential("session", str(browser.cookie)))
    with city.acting(asking) as long:
        assert long.session.execute(text("select 1")).scalar_one() == 1
        assert browser.ask("GET", "/api/v1/incidents", timeout=20).status_code == 200
    with city.db.transaction() as session:
        fresh = "select seen_at > now() - interval '1 minute' from auth_session"
        assert session.execute(text(fresh)).scalar_one() is True


def test_a_session_lasts_twelve_hours_at_most(browser: Browser, office: Office) -> None:
    office.account("anna")
    expires = datetime.fromisoformat(browser.sign_in("anna", PASSWORD).json()["expires_at"])
    assert abs(expires - datetime.now(UTC) - timedelta(hours=12)) < timedelta(minutes=1)


# --- changes must come from our own page -----------------------------------------------------------------------------


def test_a_change_without_the_pages_token_is_refused(signed: Callable[..., Browser]) -> None:
    browser = signed("anna", Role.ADMINISTRATOR)
    body = {"name": "new1"}
    token, browser.csrf = browser.csrf, None
    refused = browser.ask("POST", "/api/v1/accounts", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "foreign-request")
    wrong = browser.ask("POST", "/api/v1/accounts", json=body, headers={CSRF_HEADER: "0" * 64})
    assert wrong.json()["code"] == "foreign-request"
    browser.csrf = token
    for header in (
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        foreign = browser.ask("POST", "/api/v1/accounts", json=body, headers=header)
        assert foreign.json()["code"] == "foreign-request", header
    own = str(browser.client.base_url).rstrip("/")
    answer = browser.ask(
        "POST", "/api/v1/accounts", json=body, headers={"Origin": own, "Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 201


def test_without_the_check_the_same_request_passes(
    city: House, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: nothing else refuses it."""
    office.post(office.account("anna"), Role.ADMINISTRATOR)
    monkeypatch.setattr(deps, "_own_page", lambda _request, _cookie: None)
    with live(city) as base, Browser(base) as browser:
        browser.sign_in("anna", PASSWORD)
        browser.csrf = None
        answer = browser.ask("POST", "/api/v1/accounts", json={"name": "new1"}, headers={"Origin": "https://x.example"})
        assert answer.status_code == 201


def test_the_token_of_one_session_is_none_for_another(signed: Callable[..., Browser]) -> None:
    anna, berta = signed("anna", Role.ADMINISTRATOR), signed("berta", Role.ADMINISTRATOR)
    anna.csrf = berta.csrf
    assert anna.ask("POST", "/api/v1/accounts", json={"name": "new1"}).json()["code"] == "foreign-request"


@pytest.mark.parametrize("header", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_page_signs_nobody_in(browser: Browser, office: Office, header: dict[str, str]) -> None:
    office.account("anna")
    body = {"name": "anna", "password": PASSWORD}
    answer = browser.ask("POST", "/api/v1/session", json=body, headers=header)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign-request")
    form = browser.client.post("/api/v1/session", data=body)
    assert form.status_code == 422
    assert browser.cookie is None


# --- posts -----------------------------------------------------------------------------------------------------------


def test_several_posts_are_held_at_once_and_one_is_acted_in(browser: Browser, office: Office) -> None:
    account = office.account("anna")
    worker = office.post(account, Role.GRID_WORKER, area="A01")
    leader = office.post(account, Role.SUBDISTRICT_LEADER, area="WS")
    later = office.post(account, Role.AUDITOR, since=datetime.now(UTC) + timedelta(days=1))
    seen = browser.sign_in("anna", PASSWORD).json()
    assert [one["id"] for one in seen["posts"]] == [worker, leader]
    assert (seen["post"]["id"], seen["role"]) == (worker, "grid_worker")
    assert browser.ask("GET", "/api/v1/posts").status_code == 403
    changed = browser.ask("PUT", "/api/v1/session/post", json={"post": leader}).json()
    assert (changed["post"]["id"], changed["role"]) == (leader, "subdistrict_leader")
    assert browser.ask("GET", "/api/v1/posts").status_code == 200
    assert browser.ask("PUT", "/api/v1/session/post", json={"post": later}).json()["code"] == "post-not-held"
    browser.ask("DELETE", "/api/v1/session")
    assert browser.sign_in("anna", PASSWORD).json()["post"]["id"] == leader, "the post of last time"


def test_nobody_acts_in_somebody_elses_post(signed: Callable[..., Browser], office: Office) -> None:
    browser = signed("anna", Role.GRID_WORKER, area="A01")
    other = office.post(office.account("berta"), Role.ADMINISTRATOR)
    answer = browser.ask("PUT", "/api/v1/session/post", json={"post": other})
    assert (answer.status_code, answer.json()["code"]) == (422, "post-not-held")
    assert browser.session()["role"] == "grid_worker"


def test_a_post_that_ends_closes_at_once_and_another_may_be_chosen(browser: Browser, office: Office) -> None:
    account = office.account("anna")
    first, second = office.post(account, Role.CENTRE_OPERATOR), office.post(account, Role.GRID_WORKER, area="A01")
    browser.sign_in("anna", PASSWORD)
    assert browser.ask("GET", "/api/v1/incidents").status_code == 200
    office.end(first)
    refused = browser.ask("GET", "/api/v1/incidents")
    assert (refused.status_code, refused.json()["code"]) == (403, "post-ended")
    seen = browser.session()
    assert (seen["account"], seen["post"], [one["code"] for one in seen["notices"]]) == ("anna", None, ["post-ended"])
    assert "incidents.read" not in seen["permissions"]
    assert browser.ask("PUT", "/api/v1/session/post", json={"post": first}).json()["code"] == "post-not-held"
    assert browser.ask("PUT", "/api/v1/session/post", json={"post": second}).status_code == 200
    assert browser.ask("GET", "/api/v1/incidents").status_code == 200
    office.end(second)
    assert [one["code"] for one in browser.session()["notices"]] == ["no-post"]


def test_a_boundary_change_that_takes_the_area_away_is_said_and_nothing_is_shown(
    city: House, signed: Callable[..., Browser]
) -> None:
    browser = signed("anna", Role.GRID_WORKER, area="A01")
    assert browser.session()["lost"] is False
    with city.db.transaction() as session:
        session.execute(
            text(
                "update areas_version set valid = tstzrange(lower(valid), now() - interval '1 minute') "
                "where code = 'A01'"
            )
        )
        bump(session, "areas")
    seen = browser.session()
    assert (seen["lost"], [one["code"] for one in seen["notices"]]) == (True, ["post-area-gone"])
    assert {"zh", "en"} == set(seen["notices"][0]["text"])
    assert seen["post"]["place"]["names"]["en"] == "Grid A01"
    assert seen["post"]["place"]["in_force"] is False
    assert browser.ask("GET", "/api/v1/incidents").json()["items"] == []


# --- one's own password ----------------------------------------------------------------------------------------------


def test_a_new_password_needs_the_old_one_and_ends_every_other_session(
    base: str, signed: Callable[..., Browser]
) -> None:
    here = signed("anna", Role.CENTRE_OPERATOR)
    before = here.cookie
    with Browser(base) as there:
        there.sign_in("anna", PASSWORD)
        for body, code in (
            ({"old": "not it at all", "new": ANOTHER}, "wrong-password"),
            ({"old": PASSWORD, "new": "too short"}, "weak-password"),
            ({"old": PASSWORD, "new": PASSWORD}, "weak-password"),
        ):
            answer = here.ask("PUT", "/api/v1/session/password", json=body)
            assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert there.session()["account"] == "anna"
        answer = here.ask("PUT", "/api/v1/session/password", json={"old": PASSWORD, "new": ANOTHER})
        assert (answer.status_code, answer.json()["account"]) == (200, "anna")
        assert here.cookie != before
        assert here.ask("GET", "/api/v1/incidents").status_code == 200
        assert there.ask("GET", "/api/v1/incidents").json()["code"] == "session-ended"
        assert there.sign_in("anna", PASSWORD).status_code == 401
        assert there.sign_in("anna", ANOTHER).status_code == 200


def test_an_administrators_password_opens_nothing_but_its_change(city: House, browser: Browser, office: Office) -> None:
    account = office.account("anna")
    office.post(account, Role.CENTRE_OPERATOR)
    with city.db.transaction() as session:
        given = accounts.reset_password(session, OWNER, account, now=datetime.now(UTC))
    assert given is not None
    seen = browser.sign_in("anna", given).json()
    assert (seen["must_change"], seen["post"], [one["code"] for one in seen["notices"]]) == (
        True, None, ["password-must-change"],
    )  # fmt: skip
    assert browser.ask("GET", "/api/v1/incidents").json()["code"] == "post-ended"
    post = seen["posts"][0]["id"]
    assert browser.ask("PUT", "/api/v1/session/post", json={"post": post}).json()["code"] == "password-must-change"
    changed = browser.ask("PUT", "/api/v1/session/password", json={"old": given, "new": ANOTHER}).json()
    assert (changed["must_change"], changed["post"]["id"], changed["notices"]) == (False, post, [])
    assert browser.ask("GET", "/api/v1/incidents").status_code == 200


def test_an_administrators_password_works_for_a_week(city: House, browser: Browser, office: Office) -> None:
    account = office.account("anna")
    for age, opens in ((timedelta(days=6, hours=23), True), (timedelta(days=7, minutes=1), False)):
        with city.db.transaction() as session:
            given = accounts.reset_password(session, OWNER, account, now=datetime.now(UTC) - age)
        assert (browser.sign_in("anna", str(given)).status_code == 200) is opens


def test_a_hash_of_other_parameters_is_made_anew(city: House, browser: Browser, office: Office) -> None:
    account = office.account("anna")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with city.db.transaction() as session:
        session.execute(text("update auth_password set hash = :h where account_id = :a"), {"h": weak, "a": account})
    assert browser.sign_in("anna", "not it at all").status_code == 401
    assert browser.sign_in("anna", PASSWORD).status_code == 200
    with city.db.transaction() as session:
        kept = session.execute(text("select hash from auth_password")).scalar_one()
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert browser.sign_in("anna", PASSWORD).status_code == 200


def test_a_password_that_changes_while_it_is_proved_opens_nothing(city: House, office: Office) -> None:
    account = office.account("anna")
    now = datetime.now(UTC)
    with city.internally("door") as session:
        who = signin.candidate(session, "anna")
    assert signin.proved(who, PASSWORD, demo_city=False, now=now)
    with city.db.transaction() as session:
        accounts.reset_password(session, OWNER, account, password=ANOTHER, now=now)
    with pytest.raises(signin.SignInRefused), city.internally("door") as session:
        signin.open_session(session, who, PASSWORD, now=now)


# --- what is written down, and what is not ---------------------------------------------------------------------------


def test_sign_ins_and_refusals_are_in_the_trail_without_a_secret(city: House, browser: Browser, office: Office) -> None:
    account = office.account("anna")
    first, second = office.post(account, Role.CENTRE_OPERATOR), office.post(account, Role.GRID_WORKER, area="A01")
    browser.sign_in("anna", "a wrong password here")
    browser.sign_in("a password typed as a name", PASSWORD)
    browser.sign_in("anna", PASSWORD)
    cookie = str(browser.cookie)
    browser.ask("PUT", "/api/v1/session/post", json={"post": second})
    browser.ask("DELETE", "/api/v1/session")
    with city.db.transaction() as session:
        rows = session.execute(text("select * from audit_entry where noun like 'auth_%' order by id")).all()
    done = [(row.action, row.row_id) for row in rows if row.noun == "auth_account" and row.action != "insert"]
    who = str(account)
    assert done == [
        ("sign-in-failed", who), ("sign-in-failed", None), ("sign-in", who), ("change-post", who), ("sign-out", who),
    ]  # fmt: skip
    changed = next(row for row in rows if row.action == "change-post")
    assert (changed.account_id, changed.post_id, changed.facts) == (account, first, {"before": first, "after": second})
    everything = str(rows)
    for secret in (PASSWORD, "a wrong password here", "a password typed as a name", cookie, "127.0.0.1", "$argon2"):
        assert secret not in everything, secret


def test_no_secret_is_in_a_log_or_an_error(
    browser: Browser, office: Office, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    office.post(office.account("anna"), Role.CENTRE_OPERATOR)
    said = [browser.sign_in("anna", "a wrong password here").text, browser.sign_in("anna", PASSWORD).text]
    cookie = str(browser.cookie)
    body = {"old": "a wrong password here", "new": ANOTHER}
    said.append(browser.ask("PUT", "/api/v1/session/password", json=body).text)
    said.append(browser.client.post("/api/v1/session", json={"name": 5, "password": PASSWORD}).text)
    said.append(browser.client.get("/api/v1/incidents", headers={"Authorization": "Bearer ggt_" + "x" * 43}).text)
    out, err = capfd.readouterr()
    own = [record.getMessage() for record in caplog.records if record.name.split(".")[0] not in ("httpx", "httpcore")]
    everything = "\n".join([*said, *own, out, err])
    for secret in (PASSWORD, ANOTHER, "a wrong password here", cookie, "ggt_xxx"):
        assert secret not in everything, secret
    assert "sign-in-refused" in everything  # what is looked through is not empty
