"""`gridgov duties` as the owner of the machine runs it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gridgov.bootstrap import House
from gridgov.cli import app
from gridgov.platform import clock
from tests import sample
from tests.integration.duties.making import put_incidents

Ask = Callable[..., Any]
NAME = "样城责任清单"


@pytest.fixture
def ask(sampled: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a command on the sampled's own database; its home is `tmp_path`."""
    monkeypatch.setenv("GRIDGOV_HOME", str(tmp_path))
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", sampled.db.url.render_as_string(hide_password=False))
    with sampled.db.transaction() as session:
        put_incidents(session, 300, clock.utcnow())
    return lambda *words: CliRunner().invoke(app, ["duties", *(str(word) for word in words)])


def test_a_list_goes_out_is_changed_and_comes_back_in_force(ask: Ask, house: House, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    assert re.search(r"1: 样城责任清单 \(属地管理, territorial\), version 1, 3 items", ask("list").stdout)
    assert ask("export", 1, file).stdout == f"3 items in {file}\n"
    same = ask("import", file, "--name", NAME, "--preview")
    assert same.stdout == "0 added, 0 removed, 0 changed, 3 unchanged\n"
    written = file.read_text(encoding="utf-8-sig")
    file.write_text("\n".join(line for line in written.splitlines() if not line.startswith("3,")), encoding="utf-8")
    preview = ask("import", file, "--name", NAME, "--preview")
    assert "- 3: 09009 JJ" in preview.stdout
    assert "draft" not in ask("list").stdout
    made = ask("import", file, "--name", NAME)
    assert made.exit_code == 0
    ident = int(re.findall(r"^(\d+): ", made.stdout, re.MULTILINE)[-1])
    told = ask("dry-run", ident)
    assert "× 09009: JJ → nobody" in told.stdout
    assert "nobody would be responsible any more for 09009 everywhere" in told.stdout
    assert "- 3: 09009 JJ" in ask("compare", 1, ident).stdout
    refused = ask("publish", ident)
    assert refused.exit_code != 0
    assert "09009" in refused.stderr
    done = ask("publish", ident, "--acknowledge", "09009")
    assert "version 2, 2 items" in done.stdout, done.stderr
    with house.db.transaction() as session:
        assert house.router.route(session, "09009", *sample.centre("A01")).lead is None


def test_a_bad_row_makes_no_draft(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("code,category,lead,limit\n1,06010,HW,soon\n2,09009,JJ,2 work_day\n", encoding="utf-8")
    refused = ask("import", file, "--name", "新单", "--kind", "tasks")
    assert refused.exit_code != 0
    assert "row 2, limit" in refused.stdout
    assert "新单" not in ask("list").stdout
    made = ask("import", file, "--name", "新单", "--kind", "tasks", "--leave-bad-rows")
    assert "draft, 1 items" in made.stdout


def test_lint_names_items_of_a_closed_agency(ask: Ask) -> None:
    clean = ask("lint", 1)
    assert clean.exit_code == 0
    assert "agency-closed" not in clean.stdout
    assert ask("close-agency", "JJ").stdout == "JJ is closed.\n"
    told = ask("lint", 1)
    assert told.exit_code == 1
    assert "error agency-closed 3: 单位“交警大队”已撤销" in told.stdout
    assert ask("close-agency", "JJ", "--reopen").exit_code == 0
    assert ask("lint", 1).exit_code == 0
    assert ask("close-agency", "XX").exit_code != 0
