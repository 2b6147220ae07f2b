"""`gridgov plan propose|jobs|cancel|load` as the owner of the machine runs them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from gridgov.bootstrap import House
from gridgov.cli import app
from gridgov.planning import drafts, proposals, service
from gridgov.platform import clock
from tests.integration.planning import drawing
from tests.integration.planning.drawing import NOW
from tests.integration.planning.test_load import happen

Ask = Callable[..., Any]


@pytest.fixture
def plan_id(house: House) -> int:
    ids = drawing.set_up(house, "W1", "E1")
    with house.db.transaction() as session:
        return service.create(session, None, name="调整", communities=list(ids.values()), now=NOW)


@pytest.fixture
def ask(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a command on the house's own database; its home is `tmp_path`."""
    monkeypatch.setenv("GRIDGOV_HOME", str(tmp_path))
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", house.db.url.render_as_string(hide_password=False))
    return lambda *words: CliRunner().invoke(app, ["plan", *(str(word) for word in words)])


def digests(house: House, plan_id: int) -> list[tuple[int, bytes]]:
    with house.db.transaction() as session:
        return [(one.revision, one.digest) for one in drafts.parts(session, plan_id)]


def test_proposed_in_the_foreground(ask: Ask, house: House, plan_id: int) -> None:
    before = digests(house, plan_id)
    done = ask("propose", plan_id, "--community", "W1", "--households", 120, "--band", 0.15, "--seed", 3)
    assert done.exit_code == 0, done.output
    assert re.search(r"^W1社区 drawn: 重新划分：\d+ 个网格", done.stdout, re.MULTILINE)
    assert " propose done 1/1 " in done.stdout
    after = digests(house, plan_id)
    assert (after[0][0], after[1]) == (1, before[1]), "only the community that was named"
    listed = ask("jobs", "--plan", plan_id).stdout.splitlines()
    assert len(listed) == 1
    unknown = ask("propose", plan_id, "--community", "X9")
    assert unknown.exit_code != 0
    assert "X9" in unknown.output
    assert digests(house, plan_id) == after


def test_what_cannot_be_is_printed_with_its_remedy(ask: Ask, plan_id: int) -> None:
    done = ask("propose", plan_id, "--community", "W1", "--households", 900, "--band", 0.1, "--effort", 5)
    assert done.exit_code == 0, done.output
    assert "划为" in done.stdout
    assert "widen the band" in done.stdout


def test_a_job_that_waits_is_cancelled(ask: Ask, house: House, plan_id: int) -> None:
    with house.db.transaction() as session:
        ident = proposals.ask(session, None, plan_id, ident=uuid.uuid4(), now=clock.utcnow()).id
    assert " cancelled " in ask("cancel", ident).stdout
    again = ask("cancel", ident)
    assert again.exit_code != 0


def test_the_load_is_counted_and_verified(ask: Ask, house: House, plan_id: int) -> None:
    with house.db.transaction() as session:
        happen(session, 150, 9)
    done = ask("load", plan_id, "--verify")
    assert done.exit_code == 0, done.output
    assert "what is held is what SQL finds" in done.stdout
    with house.db.transaction() as session:
        session.execute(text("update planning_load set counts[1] = counts[1] + 1 where category = '*'"))
    wrong = ask("load", plan_id, "--verify")
    assert wrong.exit_code != 0
    assert "--anew" in wrong.output
    assert ask("load", plan_id, "--anew", "--verify").exit_code == 0
