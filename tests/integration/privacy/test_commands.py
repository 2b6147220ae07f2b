"""`gridgov privacy`, as the owner of the database types it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridgov.bootstrap import House
from gridgov.cli import app
from gridgov.platform import clock
from gridgov.platform.crypto import Sealer
from tests.conftest import CITY
from tests.integration.privacy.conftest import Reporting, contact_row, trail

Run = Callable[..., str]


@pytest.fixture
def run(city: House, database_url: str, tmp_path: Path) -> Run:
    """Runs a command on the test's city; what it printed. `code`: the exit code that is expected."""
    assert city.db.city == CITY
    environment = {"GRIDGOV_DATABASE_URL": database_url, "GRIDGOV_HOME": str(tmp_path), "GRIDGOV_CITY": CITY}

    def once(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["privacy", *words], env=environment)
        assert done.exit_code == code, done.output
        return done.output

    return once


def test_the_register_and_the_limits_are_printed_as_the_city_has_them(run: Run) -> None:
    assert "`incidents_contact` | `phone_sealed` |" in run("register")
    assert "730 days after the report was received" in run("register")
    assert "reporter-contact: 730 days (a choice" in run("limits")
    run("limit", "reporter-contact", "365", "--source", "rules of the city, section 4")
    assert "365 days after the report was received" in run("register")
    assert "reporter-contact: 365 days (rules of the city, section 4)" in run("limits")
    said = run("limit", "nobody-knows-it", "1", "--source", "rules of the city", code=2)
    assert "reporter-contact" in said, "it says which there are"


def test_the_shipped_notice_is_published_once(run: Run, tmp_path: Path) -> None:
    assert "“report”, version 1" in run("notice")
    assert "“report”, version 1" in run("notice")
    run("limit", "reporter-contact", "365", "--source", "rules of the city, section 4")
    assert "“report”, version 2" in run("notice"), "it says another number now"
    assert "cannot be read" in run("notice", str(tmp_path / "none.toml"), code=2)


def test_retention_and_holds(run: Run, city: House, report: Reporting) -> None:
    old = clock.utcnow() - timedelta(days=800)
    held, free = report(at=old), report(at=old)
    assert "Hold 1." in run("hold", "incidents.contacts", str(held), "--reason", "court 2026-17")
    assert "incidents.contacts: 1 erased, 1 frozen" in run("retain")
    assert contact_row(city, free) is None
    assert "incidents.contacts: 0 erased, 0 frozen" in run("retain")
    run("lift", "1", "--reason", "the court has decided")
    assert "incidents.contacts: 1 erased, 0 frozen" in run("retain")
    assert contact_row(city, held) is None
    assert "incidents.contacts" in run("hold", "no.such.holding", "x", "--reason", "court 2026-17", code=2)
    assert [entry["facts"] for entry in trail(city, "retain")] == [
        {"erased": 1, "frozen": 1},
        {"erased": 1, "frozen": 0},
    ]


def test_a_key_from_its_adding_to_its_end(run: Run, city: House, report: Reporting, tmp_path: Path) -> None:
    incident = report()
    assert "key 1: 2 fields (seals)" in run("keys")
    assert "Key 2 seals from now on" in run("add-key")
    assert "key 2: 0 fields (seals)" in run("keys")
    refused = run("drop-key", "1", code=4)
    assert "2 sealed fields need key 1" in refused
    assert Sealer.from_home(tmp_path).numbers == (2, 1)
    assert "incidents_contact: 1 rows renewed" in run("rekey")
    assert "incidents_contact: 0 rows renewed" in run("rekey")
    assert "incidents_contact: 0 rows renewed" in run("index")
    assert "key 2: 2 fields (seals)" in run("keys")
    assert "Key 1 is gone" in run("drop-key", "1")
    assert "need key 2" in run("drop-key", "2", code=4)
    row = contact_row(city, incident)
    assert row is not None
    place = f"incidents_contact|phone|{incident}"
    assert Sealer.from_home(tmp_path).open(bytes(row["phone_sealed"]), place=place) == "13812345678"
