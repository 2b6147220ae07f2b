"""`gridgov receptions` and `gridgov exchange`, as somebody types them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.cli import app
from tests.conftest import CITY
from tests.integration.cases.helping import Cast, do
from tests.integration.cases.test_exchange import WAIVED, bring, order
from tests.people import appoint

Run = Callable[..., str]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    environment = {"GRIDGOV_DATABASE_URL": database_url, "GRIDGOV_HOME": str(tmp_path), "GRIDGOV_CITY": CITY}

    def once(*words: str) -> str:
        done = CliRunner().invoke(app, list(words), env=environment)
        assert done.exit_code == 0, done.output
        return done.output

    return once


def test_changes_and_feedback_are_printed(city: House, api: httpx.Client, cast: Cast, run: Run) -> None:
    assert run("exchange", "changes", "hotline-91580") == "Nothing new.\n"
    assert run("exchange", "feedback") == "No feedback.\n"
    machine = appoint(city, Role.MACHINE, permissions=("incidents.report",))
    case_id = bring(api, machine, order()).json()["id"]
    do(api, case_id, cast.centre, "accept", facts=WAIVED)
    do(api, case_id, cast.centre, "dispatch", to={"agency": cast.agency["HW"]})
    do(api, case_id, cast.cleaners, "receive")
    do(api, case_id, cast.cleaners, "answer", text="已清理")
    do(api, case_id, cast.cleaners, "feed-back", text="已清理完毕")
    lines = run("exchange", "changes", "hotline-91580", "--after", "3").splitlines()
    assert [line.split()[0] for line in lines] == ["4", "5"]
    assert "已清理" not in str(lines)
    assert run("exchange", "feedback").startswith("HW             cases 1, median 0.00 h")


def test_receptions_are_printed(api: httpx.Client, city: House, cast: Cast, run: Run) -> None:
    assert run("receptions", "list") == "No receptions.\n"
    deputy = appoint(city, Role.DEPUTY, area="W1")
    ident = str(uuid.uuid4())
    body = {"id": ident, "area": cast.area["W1"], "held_at": "2026-01-20T09:00:00+08:00"}
    assert api.post("/api/v1/receptions", json=body, headers=deputy.headers).status_code == 201
    shown = run("receptions", "list")
    assert ident in shown
    assert "2026-01-20 09:00  W1" in shown
    assert "opinions 0, in writing 0" in shown
    assert run("receptions", "list", "--from", "2026-02-01") == "No receptions.\n"
