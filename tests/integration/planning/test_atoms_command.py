"""`gridgov plan atoms` as the owner of the machine runs it, on the sample city and on the demo city."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import text
from typer.testing import CliRunner

from gridgov.areas.layers import Layer, LayerRow, put_layer
from gridgov.areas.rules import Level
from gridgov.areas.shapes import shape_of
from gridgov.bootstrap import House
from gridgov.cli import app
from gridgov.planning import basis
from gridgov.platform import clock
from tests import sample
from tests.integration.planning.test_basis import layers


@pytest.fixture
def run(sampled: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command on the sampled's own database."""
    monkeypatch.setenv("GRIDGOV_HOME", str(tmp_path))
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", sampled.db.url.render_as_string(hide_password=False))
    with sampled.db.transaction() as session:
        layers(session)
    return lambda *words: CliRunner().invoke(app, ["plan", "atoms", *words])


def counted(house: House) -> list[Any]:
    sql = (
        "select b.community_id, c.counted_on, c.total from planning_count c join planning_basis b on b.id = c.basis_id"
    )
    with house.db.transaction() as session:
        return list(session.execute(text(f"{sql} order by c.id")).all())


def test_every_community_gets_its_atoms(run: Any, house: House) -> None:
    done = run("--on", "2026-03-01")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert re.match(r"E1 E1社区: basis \d+, count \d+; 1 atoms \(1 open\), 0 edges, 0 households", lines[0])
    assert "  no-buildings: 社区内没有建筑" in done.stdout
    assert re.search(r"W1 W1社区: basis \d+, count \d+; \d+ atoms \(39 building, \d+ open, 7 unit\)", done.stdout)
    assert re.search(r"^4 communities, \d+ atoms, 1,829 households, [\d,]+ atoms/s$", lines[-1])
    rows = counted(house)
    assert [str(row.counted_on) for row in rows] == ["2026-03-01"] * 4
    again = run("--on", "2026-03-01")
    assert again.exit_code == 0, again.output
    assert counted(house) == rows, "the same ground and the same count are kept once"


def test_blocks_and_a_smaller_grid(run: Any, house: House) -> None:
    small = run("--community", "W1", "--households", "30")
    assert small.exit_code == 0, small.output
    assert int(re.search(r"(\d+) unit", small.stdout)[1]) > 7  # type: ignore[index]
    none = run("--community", "W1", "--blocks")
    assert none.exit_code != 0
    assert "No blocks lie in" in none.output
    with house.db.transaction() as session:
        put_layer(session, Layer.BLOCK, "census", [LayerRow("a", sample.cell("A05"), attributes={"people": 40})])
    made = run("--community", "W1", "--blocks", "--source", "census", "--totals", "people")
    assert made.exit_code == 0, made.output
    assert "2 atoms (1 given, 1 open), 1 edges, 40 households" in made.stdout
    assert re.search(r"polygons-gap: 有\d+平方米.* \(117\.\d+, 32\.\d+\)", made.stdout)


def test_an_unknown_community_is_named(run: Any) -> None:
    done = run("--community", "X9")
    assert done.exit_code != 0
    assert "X9" in done.output


def test_the_demo_city_is_tiled_and_nobody_is_lost(demo_house: House) -> None:
    """Every household of every building is in exactly one atom of one community."""
    with demo_house.db.transaction() as session:
        index = demo_house.locator.index(session, clock.utcnow())
        wanted = [one.id for one in index.areas if one.level is Level.COMMUNITY]
        there = session.execute(text("select sum(households) from areas_building")).scalar_one()
        total = 0
        for ident in wanted:
            made = basis.make(session, ident)
            total += int(made.households.sum())
            outline = shape_of(session, ident, at=None).geom
            together = shapely.coverage_union_all(made.atoms.shapes_deg)
            assert shapely.coverage_is_valid(made.atoms.shapes)
            assert together.symmetric_difference(outline).area < 1e-15
            assert "border-rounded" not in {one.code for one in made.atoms.findings}
    assert len(wanted) == 30
    assert total == there
