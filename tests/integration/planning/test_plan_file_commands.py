"""`gridgov plan export|import|check|compare` as the owner of the machine runs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from typer.testing import CliRunner

from gridgov.bootstrap import House
from gridgov.cli import app
from gridgov.planning import drafts, editing, service
from gridgov.planning.operations import Merge
from tests.integration.planning import drawing
from tests.integration.planning.drawing import NOW

Ask = Callable[..., Any]


@pytest.fixture
def plans(house: House) -> tuple[int, int]:
    """Two plans of W1 and E1; in W1 of the first two grids were merged."""
    ids = list(drawing.set_up(house, "W1", "E1").values())
    with house.db.transaction() as session:
        made = [service.create(session, None, name=name, communities=ids, now=NOW) for name in ("甲案", "乙案")]
        part = drafts.parts(session, made[0])[0]
        editing.operate(session, None, part.id, [Merge((1, 2))], revision=0, now=NOW)
        return made[0], made[1]


@pytest.fixture
def ask(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a command on the house's own database; its home is `tmp_path`."""
    monkeypatch.setenv("GRIDGOV_HOME", str(tmp_path))
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", house.db.url.render_as_string(hide_password=False))
    return lambda *words: CliRunner().invoke(app, ["plan", *(str(word) for word in words)])


def digests(house: House, plan_id: int) -> list[bytes]:
    with house.db.transaction() as session:
        return [one.digest for one in drafts.parts(session, plan_id)]


def test_a_plan_goes_into_another_by_a_file(ask: Ask, house: House, plans: tuple[int, int], tmp_path: Path) -> None:
    first, second = plans
    out = tmp_path / "plan.gpkg"
    assert ask("export", first, out).exit_code == 0
    before = digests(house, second)
    shown = ask("import", second, out, "--preview")
    assert shown.exit_code == 0, shown.output
    assert "merged" in shown.stdout
    assert digests(house, second) == before != digests(house, first)
    assert ask("import", second, out).exit_code == 0
    assert digests(house, second) == digests(house, first)
    odd = ask("export", first, tmp_path / "plan.doc")
    assert odd.exit_code != 0
    assert "plan.doc" in odd.output


def test_what_is_in_force_has_nothing_wrong_and_a_bad_file_has(
    ask: Ask, plans: tuple[int, int], tmp_path: Path
) -> None:
    good = tmp_path / "good.geojson"
    assert plans
    assert ask("export", "in-force", good, "--community", "W1").exit_code == 0
    checked = ask("check", good, "--community", "W1")
    assert checked.exit_code == 0, checked.output
    assert checked.stdout.endswith("4 grids: 0 errors, 0 others, 0 rows that cannot be used\n")
    bad = tmp_path / "bad.geojson"
    bad.write_text(good.read_text().replace('"code": "A02"', '"code": "A01"'))
    told = ask("check", bad, "--community", "W1")
    assert told.exit_code == 1
    assert "error code-doubled" in told.stdout


def test_two_plans_side_by_side(ask: Ask, plans: tuple[int, int], tmp_path: Path) -> None:
    page, package = tmp_path / "c.html", tmp_path / "c.gpkg"
    done = ask("compare", plans[1], plans[0], "--out", page)
    assert done.exit_code == 0, done.output
    assert "W1: 2 same, 1 merged, 1 ended" in done.stdout
    assert "E1: 4 same; 0 of" in done.stdout
    assert "甲案" in page.read_text()
    assert ask("compare", "in-force", plans[0], "--out", package).exit_code == 0
    assert len(pyogrio.list_layers(package)) == 4
    assert ask("compare", plans[0], "nonsense").exit_code != 0
