"""Accounts, appointments and who sees whose posts, over a live server; and the same words on the command line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gridgov.auth import accounts
from gridgov.auth.accounts import LastAdministrator
from gridgov.auth.credentials import Credential
from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House
from gridgov.platform.db import bump
from tests.integration.auth.browser import Browser
from tests.integration.auth.conftest import PASSWORD, Office
from tests.people import Person, appoint

Signed = Callable[..., Browser]


@pytest.fixture
def admin(signed: Signed) -> Browser:
    """An administrator who is signed in."""
    return signed("admin", Role.ADMINISTRATOR)


def ids(house: House, table: str, column: str = "id") -> dict[str, int]:
    """Code -> id of the areas in force or of the agencies."""
    where = "where upper_inf(valid)" if table == "areas_version" else ""
    with house.db.transaction() as session:
        return {row.code: row.id for row in session.execute(text(f"select code, {column} as id from {table} {where}"))}


def test_an_account_is_opened_appointed_and_signs_in(admin: Browser, base: str, city: House) -> None:
    made = admin.ask("POST", "/api/v1/accounts", json={"name": "G0001", "title": "网格员 1"})
    assert made.status_code == 201
    body = made.json()
    given = body["initial_password"]
    assert (body["name"], body["must_change"], body["posts"]) == ("g0001", True, [])
    areas = ids(city, "areas_version", "area_id")
    path = f"/api/v1/accounts/{body['id']}"
    posted = admin.ask("POST", f"{path}/posts", json={"role": "grid_worker", "area": areas["A01"]})
    assert posted.status_code == 201, posted.text
    assert posted.json()["posts"][0]["place"]["code"] == "A01"
    assert "initial_password" not in admin.ask("GET", path).json(), "told once"
    with Browser(base) as worker:
        assert worker.sign_in("g0001", given).json()["must_change"] is True
        assert admin.ask("GET", path).json()["sessions"] == 1
        new = {"old": given, "new": "four boats under rain"}
        assert worker.ask("PUT", "/api/v1/session/password", json=new).json()["role"] == "grid_worker"
        assert admin.ask("DELETE", f"{path}/sessions").json()["sessions"] == 0
        assert worker.ask("GET", "/api/v1/incidents").json()["code"] == "session-ended"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"name": ""}, "bad-input", "name"),
        ({"name": "with blank"}, "bad-input", "name"),
        ({"name": "x" * 64}, "bad-input", "name"),
        ({"name": "admin"}, "account-name-taken", "name"),
        ({"name": "ok", "title": "x" * 81}, "bad-field", "title"),
        ({"name": "ok", "title": "line\nbreak"}, "bad-input", "title"),
        ({"name": "ok", "password": "chosen by the administrator"}, "bad-field", "password"),
    ],
)
def test_a_bad_account_is_refused(admin: Browser, body: dict[str, Any], code: str, field: str) -> None:
    answer = admin.ask("POST", "/api/v1/accounts", json=body)
    assert answer.status_code in (409, 422)
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"role": "resident"}, "bad-input"),
        ({"role": "emperor"}, "bad-field"),
        ({"role": "grid_worker", "area": 1, "agency": 1}, "bad-input"),
        ({"role": "agency_head", "area": 1}, "bad-input"),
        ({"role": "agency_head"}, "bad-input"),
        ({"role": "grid_worker", "agency": 1}, "bad-input"),
        ({"role": "grid_worker", "area": 999_999}, "bad-input"),
        ({"role": "agency_head", "agency": 999_999}, "bad-input"),
        ({"role": "auditor", "since": "2026-02-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}, "bad-input"),
        ({"role": "auditor", "since": "2026-02-01T00:00:00"}, "bad-field"),
    ],
)
def test_a_bad_appointment_is_refused(admin: Browser, office: Office, body: dict[str, Any], code: str) -> None:
    account = office.account("anna")
    answer = admin.ask("POST", f"/api/v1/accounts/{account}/posts", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert admin.ask("GET", f"/api/v1/accounts/{account}").json()["posts"] == []


def test_appointing_ends_nothing_else(admin: Browser, office: Office, city: House) -> None:
    account = office.account("anna")
    areas = ids(city, "areas_version", "area_id")
    path = f"/api/v1/accounts/{account}/posts"
    for body in (
        {"role": "grid_worker", "area": areas["A01"]},
        {"role": "grid_worker", "area": areas["A02"]},
        {"role": "community_officer", "area": areas["W1"], "until": "2199-01-01T00:00:00Z"},
    ):
        answer = admin.ask("POST", path, json=body)
    assert [one["in_force"] for one in answer.json()["posts"]] == [True, True, True]
    again = admin.ask("POST", path, json={"role": "grid_worker", "area": areas["A01"]})
    assert (again.status_code, again.json()["code"]) == (409, "post-held")


def test_an_administrator_does_not_appoint_themselves_nor_lock_everybody_out(
    admin: Browser, signed: Signed, office: Office
) -> None:
    seen = admin.session()
    own = next(one for one in admin.ask("GET", "/api/v1/accounts").json()["items"] if one["name"] == "admin")
    path = f"/api/v1/accounts/{own['id']}"
    answer = admin.ask("POST", f"{path}/posts", json={"role": "auditor"})
    assert (answer.status_code, answer.json()["code"]) == (403, "own-appointment")
    for answer in (
        admin.ask("PATCH", path, json={"disabled": True}),
        admin.ask("DELETE", f"{path}/posts/{seen['post']['id']}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last-administrator")
    second = signed("second", Role.ADMINISTRATOR)
    assert second.ask("PATCH", path, json={"disabled": True}).json()["disabled_at"] is not None
    assert admin.ask("GET", "/api/v1/accounts").json()["code"] == "session-ended"
    assert second.ask("PATCH", path, json={"disabled": False}).json()["disabled_at"] is None
    assert admin.ask("GET", "/api/v1/accounts").status_code == 401, "what has ended stays so"
    assert admin.sign_in("admin", PASSWORD).status_code == 200


def test_two_administrators_cannot_dismiss_each_other_at_once(city: House, office: Office) -> None:
    first, second = (appoint(city, Role.ADMINISTRATOR) for _ in range(2))

    def dismiss(who: Person, other: Person, meanwhile: Callable[[], object]) -> None:
        with city.acting(Caller("accounts.manage", who.credential)) as work:
            accounts.change(work.session, work.actor, other.account_id, disabled=True, now=work.now)
            meanwhile()

    with ThreadPoolExecutor() as pool:
        waiting: list[Future[None]] = []
        begun = threading.Event()

        def the_other_way_round() -> None:
            waiting.append(pool.submit(dismiss, second, first, begun.set))
            assert not begun.wait(0.5), "the second has to wait"

        dismiss(first, second, the_other_way_round)
        with pytest.raises(LastAdministrator):
            waiting[0].result()


def test_a_post_that_has_not_begun_never_will(admin: Browser, office: Office, browser: Browser) -> None:
    account = office.account("anna")
    post = office.post(account, Role.AUDITOR, since=datetime.now(UTC) + timedelta(days=1))
    body = admin.ask("DELETE", f"/api/v1/accounts/{account}/posts/{post}").json()
    assert datetime.fromisoformat(body["posts"][0]["until"]) <= datetime.now(UTC)
    assert browser.sign_in("anna", PASSWORD).json()["posts"] == []
    other = office.account("berta")
    answer = admin.ask("DELETE", f"/api/v1/accounts/{other}/posts/{post}")
    assert (answer.status_code, answer.json()["code"]) == (404, "post-unknown")


def test_accounts_come_in_pages_and_are_found(admin: Browser, office: Office) -> None:
    for number in range(5):
        office.account(f"g{number:04}", title=f"网格员 {number}", password=None, with_password=False)
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = admin.ask("GET", "/api/v1/accounts", params=params).json()
        seen += [one["name"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ["admin", "g0000", "g0001", "g0002", "g0003", "g0004"]
    for find, names in (("G000", seen[1:]), ("网格员 3", ["g0003"]), ("%", []), ("_", [])):
        found = admin.ask("GET", "/api/v1/accounts", params={"find": find}).json()["items"]
        assert [one["name"] for one in found] == names, find


def test_only_administrators_see_accounts(signed: Signed) -> None:
    for role in Role:
        if role in (Role.ADMINISTRATOR, Role.RESIDENT, Role.MACHINE):
            continue
        where = {"agency": "CG"} if role in (Role.AGENCY_HEAD, Role.AGENCY_OFFICER) else {}
        browser = signed(role.value.replace("_", "-"), role, **where)
        assert browser.ask("GET", "/api/v1/accounts").status_code == 403, role


# --- whose posts one sees --------------------------------------------------------------------------------------------


@pytest.fixture
def staff(city: House, office: Office) -> dict[str, int]:
    """People all over the city; the traffic police (JJ) are stationed in the western sub-district."""
    with city.db.transaction() as session:
        session.execute(
            text(
                "update duties_agency set stationed_id = "
                "(select area_id from areas_version where code = 'WS' and upper_inf(valid)) where code = 'JJ'"
            )
        )
        bump(session, "duties")
    return {
        name: office.post(office.account(name, password=None, with_password=False), role, **where)  # type: ignore[arg-type]  # area or agency
        for name, role, where in (
            ("a01", Role.GRID_WORKER, {"area": "A01"}),
            ("w2", Role.COMMUNITY_OFFICER, {"area": "W2"}),
            ("b01", Role.GRID_WORKER, {"area": "B01"}),
            ("west", Role.DISTRICT_SUPERVISOR, {"area": "W"}),
            ("cg", Role.AGENCY_OFFICER, {"agency": "CG"}),
            ("hw", Role.AGENCY_OFFICER, {"agency": "HW"}),
            ("jj", Role.AGENCY_OFFICER, {"agency": "JJ"}),
            ("whole", Role.PLANNER, {}),
        )
    }


def names(browser: Browser, **params: object) -> set[str]:
    answer = browser.ask("GET", "/api/v1/posts", params=params)
    assert answer.status_code == 200, answer.text
    return {one["account"] for one in answer.json()["items"]}


def test_both_superiors_see_a_stationed_units_people(staff: dict[str, int], signed: Signed, city: House) -> None:
    leader = signed("leader", Role.SUBDISTRICT_LEADER, area="WS")
    assert names(leader) == {"leader", "a01", "w2", "jj"}
    line = signed("line", Role.AGENCY_HEAD, agency="JJ")
    assert names(line) == {"line", "jj"}
    bureau = signed("bureau", Role.AGENCY_HEAD, agency="CG")
    assert names(bureau) == {"bureau", "cg", "hw"}
    with city.db.transaction() as session:  # the control: recalled, it answers to its line alone
        session.execute(text("update duties_agency set stationed_id = null"))
        bump(session, "duties")
    assert names(leader) == {"leader", "a01", "w2"}
    assert names(line) == {"line", "jj"}


def test_posts_come_in_pages_and_those_that_are_over_only_when_asked_for(
    staff: dict[str, int], admin: Browser, office: Office
) -> None:
    office.end(staff["b01"])
    assert names(admin) == set(staff) - {"b01"} | {"admin"}
    assert names(admin, ended=True) == set(staff) | {"admin"}
    seen, cursor = [], None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = admin.ask("GET", "/api/v1/posts", params=params).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(seen)
    assert len(seen) == len(staff)


def test_the_database_shows_no_post_beyond_the_reach(staff: dict[str, int], signed: Signed, city: House) -> None:
    """The second fence: the same question without its condition, bound as the leader is."""

    leader = signed("leader", Role.SUBDISTRICT_LEADER, area="WS")
    caller = Caller("posts.read", Credential("session", str(leader.cookie)))
    everybody = "select a.name from auth_post p join auth_account a on a.id = p.account_id"
    with city.acting(caller) as work:
        found = set(work.session.execute(text(everybody)).scalars())
    assert found == {"leader", "a01", "w2", "jj"}
    with city.db.transaction() as session:
        assert len(set(session.execute(text(everybody)).scalars())) == len(staff) + 1
