"""Sessions over a live server: who one is, signing in and out, posts, one's own password."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gridgov.api.deps import COOKIE
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.integration.auth.browser import Browser
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
    assert (seen["account"], seen["title"], seen["role"], seen["how"]) == ("anna", "网格员 1", "grid_worker", "password")
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
