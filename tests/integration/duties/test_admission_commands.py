"""`gridgov admissions`, as the owner of the database types it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridgov.bootstrap import House
from gridgov.cli import app
from gridgov.duties import admitting
from gridgov.platform import clock
from tests.admissions import Play, play
from tests.conftest import CITY

Run = Callable[..., list[list[str]]]


@pytest.fixture
def city(sampled: House) -> Play:
    return play(sampled)


@pytest.fixture
def run(city: Play, database_url: str, tmp_path: Path) -> Run:
    """Runs a command on the test's city; the lines it printed, cut at tabs."""
    environment = {"GRIDGOV_DATABASE_URL": database_url, "GRIDGOV_HOME": str(tmp_path), "GRIDGOV_CITY": CITY}

    def once(*words: str, code: int = 0) -> list[list[str]]:
        done = CliRunner().invoke(app, ["admissions", *words], env=environment)
        assert done.exit_code == code, done.output
        return [line.split("\t") for line in done.output.splitlines()]

    return once


def test_requests_ledger_burden_and_alerts_are_printed(city: Play, run: Run) -> None:
    now = clock.utcnow()
    made = city.admitted(
        now=now - timedelta(days=20), begins=now - timedelta(days=10), ends=now + timedelta(days=20, hours=1)
    )
    city.confirm(city.transfer(made, "WS", "1000.00", on=(now - timedelta(days=2)).date(), now=now), "ws", now=now)
    (heads, line) = run("list")
    shown = dict(zip(heads, line, strict=True))
    assert (shown["id"], shown["state"], shown["agency"], shown["yes/no/silent"]) == (
        str(made.id),
        "admitted",
        "HW",
        "3/0/0",
    )
    assert run("list", "--state", "draft") == [heads]
    (heads, line) = run("ledger", "--by", "agency")
    shown = dict(zip(heads, line, strict=True))
    assert (shown["promised"], shown["received"], shown["missing"], shown["posts"]) == (
        "90000.00",
        "1000.00",
        "89000.00",
        "0/3",
    )
    heads, *lines = run("burden")
    shown = dict(zip(heads, lines[0], strict=True))
    assert (shown["subdistrict"], shown["items"], shown["reports"], shown["households"]) == ("WS", "1", "12", "2400")
    assert float(shown["index"]) == pytest.approx(float(shown["points"]) * 1000 / 2400, abs=0.0051)
    (alert,) = run("alerts")
    assert f"admission {made.id}" in alert[0]
    assert "即将到期" in alert[0]


def test_states_are_those_of_the_table_and_what_is_unknown_is_refused(run: Run) -> None:
    assert run("states") == [line.split("\t") for line in admitting.table().splitlines()]
    run("ledger", "--by", "colour", code=2)
    run("burden", "--level", "grid", code=2)


def test_the_sweep_moves_what_is_over_once(city: Play, run: Run) -> None:
    city.submit(city.create(), now=clock.utcnow() - timedelta(days=30))
    assert run("sweep") == [["1 requests moved."]]
    assert run("sweep") == [["0 requests moved."]]
