"""`gridgov whistles`, as somebody types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from gridgov.bootstrap import House
from gridgov.cases.transitions import SUMMONS_EDGES
from gridgov.cli import app
from tests.casework.town import Town, shift
from tests.integration.cases.test_life import do

Command = Callable[..., Result]


@pytest.fixture
def command(house: House, database_url: str, tmp_path: Path) -> Command:
    """The product's own command, on the sample city."""
    environment = {"GRIDGOV_DATABASE_URL": database_url, "GRIDGOV_HOME": str(tmp_path / "home"), "GRIDGOV_CITY": "demo"}

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["whistles", *words], env=environment)

    return run


def test_lists_and_figures(sampled: House, api: httpx.Client, command: Command) -> None:
    town = Town(sampled, api)
    rated, refused = town.filed(), town.filed("A03")
    town.blown(rated, bodies=town.bodies()[:1])
    town.answer(rated, town.city_works, 1)
    town.rate(rated, 1, quality=3)
    do(api, rated, town.centre, "conclude", text="完成")
    town.blown(refused, town.leader, "hard")
    shift(town, refused, days=12)
    do(api, refused, town.police, "summons-refuse", summons=2, reason="人手不足")
    figures = command("figures", "--from", "2026-06-01", "--to", "2027-05-01")
    assert figures.exit_code == 0, figures.stderr
    assert figures.stdout.splitlines()[2:] == [
        "| 环卫所 | 2 | 1/2 (50%) | 1/2 (50%) | 1/2 (50%) | 0 | 0 | 1 | 5.00 | 3.00 |",
        "| 交警大队 | 1 | 0/1 (0%) | 0/1 (0%) | 0/1 (0%) | 1 | 0 | 0 | — | — |",
    ]
    (unit,) = command("figures", "--from", "2026-06-01", "--to", "2027-05-01", "--side", "units").stdout.splitlines()[
        2:
    ]
    assert unit.startswith("| 西街道 | 3 |")
    assert command("figures", "--from", "2024-01-01", "--to", "2026-05-01").exit_code != 0, "more than a year"
    open_ = command("list")
    assert open_.exit_code == 0, open_.stderr
    head, lead, support = open_.stdout.splitlines()
    assert head.split()[3:] == ["hard", "red", "late", "A03网格"]
    assert lead.split() == ["1", "lead", "called", "环卫所"]
    assert support.split() == ["2", "support", "disputed", "交警大队", "refused"]
    assert "rated" in command("list", "--ended").stdout
    inbox = command("summons", "--agency", "HW", "--light", "red").stdout
    assert "环卫所  sign by" in inbox
    assert command("summons", "--agency", "JJ", "--light", "red").stdout == "", "while the district thinks, no light"
    assert command("summons", "--agency", "XX").exit_code != 0


def test_the_process_is_printed(command: Command) -> None:
    printed = command("table").stdout
    assert all(f"`{edge.action}`" in printed for edge in SUMMONS_EDGES)
