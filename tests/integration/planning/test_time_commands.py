"""Plans in time by commands, as their owner on the machine itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gridgov.bootstrap import House
from gridgov.cli import app
from gridgov.planning.changes import AbolishTier
from gridgov.planning.operations import Merge
from tests.integration.planning import drawing
from tests.integration.planning.taking_effect import draft, grids

Ask = Callable[..., Result]


@pytest.fixture
def ids(house: House) -> dict[str, int]:
    return drawing.set_up(house, "W1")


@pytest.fixture
def ask(house: House, ids: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("GRIDGOV_HOME", str(tmp_path))
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", house.db.url.render_as_string(hide_password=False))
    return lambda *words: CliRunner().invoke(app, ["plan", *(str(word) for word in words)])


def codes(house: House) -> dict[str, int]:
    with house.db.transaction() as session:
        return grids(session)


def test_there_and_back(ask: Ask, house: House, ids: dict[str, int]) -> None:
    before = codes(house)
    plan_id = draft(house, {ids["W1"]: [Merge((1, 2))]})
    said = ask("preview", plan_id)
    assert "0 begin, 4 change, 1 end" in said.stdout or "0 begin, 3 change, 1 end" in said.stdout, said.stdout
    refused = ask("activate", plan_id)
    assert refused.exit_code != 0, "a draft takes no effect"
    assert ask("submit", plan_id).exit_code == 0
    assert ask("approve", plan_id).exit_code == 0
    done = ask("activate", plan_id)
    assert done.exit_code == 0, done.stderr
    assert "history has followed" in done.stdout
    assert len(codes(house)) == 15
    made = ask("rollback", plan_id)
    back = int(made.stdout.split()[1].rstrip(":"))
    for command in ("submit", "approve", "activate"):
        assert ask(command, back).exit_code == 0
    assert codes(house) == before
    listed = ask("activations").stdout.splitlines()
    assert [line.split()[2] for line in listed] == [str(back), str(plan_id)]


def test_a_matter_is_taken_over(ask: Ask, house: House, ids: dict[str, int]) -> None:
    with house.db.transaction() as session:
        district = drawing.area_id(session, "W")
    plan_id = draft(house, {}, [AbolishTier(district)])
    assert "subdistrict WS →" in ask("preview", plan_id).stdout
    assert ask("matter", plan_id, "样城责任清单", "2", "@nowhere").exit_code != 0
    assert "1 matters are taken over" in ask("matter", plan_id, "样城责任清单", "2", "@district").stdout
    assert ask("submit", plan_id, "--from", "2199-01-01").exit_code == 0
    assert ask("approve", plan_id).exit_code == 0
    early = ask("activate", plan_id)
    assert early.exit_code != 0, "its instant has not come"
    assert ask("withdraw", plan_id, "--reason", "再议").exit_code == 0
    assert ask("submit", plan_id).exit_code == 0
