"""`gridgov plan list|new|show|log|undo|redo|rebase|verify|drop` as the owner of the machine runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from gridgov.bootstrap import House
from gridgov.cli import app
from gridgov.planning import drafts, editing
from gridgov.planning.operations import Merge
from tests.integration.planning import drawing
from tests.integration.planning.drawing import NOW

Ask = Callable[..., Any]


@pytest.fixture
def ask(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a command on the house's own database; its home is `tmp_path`."""
    drawing.set_up(house, "W1", "E1")
    monkeypatch.setenv("GRIDGOV_HOME", str(tmp_path))
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", house.db.url.render_as_string(hide_password=False))
    return lambda *words: CliRunner().invoke(app, ["plan", *(str(word) for word in words)])


def test_the_life_of_a_draft(ask: Ask, house: House) -> None:
    """In a process of its own each time: what is undone was drawn by another."""
    made = ask("new", "调整", "--community", "W1", "--households", 250, "--band", 0.2)
    assert made.exit_code == 0, made.output
    assert "草案 (a draft), 1 communities, 250 ± 20% households" in made.stdout
    plan_id = int(made.stdout.split()[0])
    with house.db.transaction() as session:
        (part,) = drafts.parts(session, plan_id)
        drawn = editing.operate(session, None, part.id, [Merge((1, 2))], revision=0, now=NOW)
    assert f"revision 1, 3 grids on 100 atoms, {drawn.digest.hex()[:12]}" in ask("show", plan_id).stdout
    assert ask("undo", plan_id, "W1").stdout == "undone: 1 merge of the owner; revision 2\n"
    assert ask("undo", plan_id, "W1").exit_code != 0
    assert ask("redo", plan_id, "W1").exit_code == 0
    assert [line.split()[0] for line in ask("log", plan_id, "W1").stdout.splitlines()] == ["3", "2", "1"]
    proved = ask("verify", plan_id, "--whole")
    assert proved.stdout == f"W1  3 operations from 0: {drawn.digest.hex()}\n"
    assert "已作废 (dropped)" in ask("drop", plan_id).stdout
    assert str(plan_id) in ask("list", "--state", "dropped").stdout
    assert str(plan_id) not in ask("list", "--state", "draft").stdout
    assert "草案 (a draft)" in ask("resume", plan_id).stdout
    assert str(plan_id) in ask("list", "--state", "draft").stdout
    assert ask("resume", plan_id).exit_code != 0


def test_newer_ground_is_shown_and_gone_over_to(ask: Ask, house: House) -> None:
    plan_id = int(ask("new", "调整", "--community", "all").stdout.split()[0])
    assert len(ask("show", plan_id).stdout.splitlines()) == 3
    with house.db.transaction() as session:
        drawing.lay(session, "W1", across=6, salt="'")
    assert ask("show", plan_id).stdout.count("newer ground") == 1
    assert "0 atoms the same, 144 by where they lie" in ask("rebase", plan_id, "W1").stdout
    assert ask("show", plan_id).stdout.count("newer ground") == 0
    assert ask("rebase", plan_id, "E1").exit_code != 0


def test_what_is_not_there_is_named(ask: Ask, house: House) -> None:
    assert "W9" in ask("new", "调整", "--community", "W9").output
    plan_id = int(ask("new", "调整").stdout.split()[0])
    assert "W1" in ask("log", plan_id, "W1").output
    made = ask("new", "调整", "--community", "W1")
    with house.db.transaction() as session:
        session.execute(text("update planning_part set assignment[1] = 4"))
    broken = ask("verify", int(made.stdout.split()[0]))
    assert broken.exit_code != 0
    assert "what is stored is another sheet" in broken.output
