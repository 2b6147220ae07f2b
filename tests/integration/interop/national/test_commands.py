"""`gridgov export facts|boundaries` and `gridgov national rebin`, one after the other on the sample city."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import geopandas as gpd
import pyarrow.parquet as pq
import pytest
import shapely
from typer.testing import CliRunner

from gridgov.areas.rules import Level
from gridgov.bootstrap import House
from gridgov.cli import app
from gridgov.incidents.rules import Channel, Report
from gridgov.incidents.service import Indexes, report
from gridgov.planning import drafts, editing, service
from gridgov.planning.operations import Merge
from tests import sample
from tests.integration.planning import drawing
from tests.integration.planning.drawing import NOW

Ask = Callable[..., Any]
GRIDS = [code for codes in sample.CODES for code in codes]


@pytest.fixture
def plan(house: House) -> int:
    """A draft in which the first two grids of W1 are one; and incidents, as many in a grid as its place among them."""
    ids = list(drawing.set_up(house, "W1").values())
    with house.db.transaction() as session:
        made = service.create(session, None, name="甲案", communities=ids, now=NOW)
        editing.operate(session, None, drafts.parts(session, made)[0].id, [Merge((1, 2))], revision=0, now=NOW)
        indexes = Indexes(house.locator, house.places, house.router, house.sealer)
        number = 0
        for place, grid in enumerate(GRIDS):
            west, south, east, north = sample.cell(grid).bounds
            for i in range(place):
                at = (west + (east - west) * (i + 1) / 20, south + (north - south) * (i + 1) / 20)
                when = datetime.fromisoformat(f"2026-0{5 + i % 3}-10T00:00:00+00:00")
                number += 1
                report(session, Report(UUID(int=number), "06010", *at, when, Channel.WORKER), indexes=indexes, now=NOW)
    return int(made)


@pytest.fixture
def ask(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a command on the house's own database; its home is `tmp_path`."""
    monkeypatch.setenv("GRIDGOV_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", house.db.url.render_as_string(hide_password=False))
    (tmp_path / "home").mkdir()
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def counted(out: Path) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for row in pq.read_table(out / "counts.parquet").to_pylist():
        assert (row["group"], row["city"]) == ("06", "demo")
        found[row["code"]] = found.get(row["code"], 0) + row["count"]
    return found


def test_from_the_database_to_counts_by_a_draft(ask: Ask, plan: int, house: House, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert ask("export", "facts", "--out", data, "--reason", "yearly count").exit_code == 0
    assert ask("export", "boundaries", "--out", data).exit_code == 0
    assert ask("export", "boundaries", "--out", data, "--plan", plan).exit_code == 0
    by = {"now": data / "boundaries" / "in-force", "draft": data / "boundaries" / f"plan-{plan}"}
    for name, boundaries in by.items():
        words = ("--data", data, "--boundaries", boundaries, "--out", tmp_path / name, "--workers", 0)
        done = ask("national", "rebin", *words)
        assert done.exit_code == 0, done.output
        assert "120 incidents of 3 partitions" in done.stdout
    now, draft = counted(tmp_path / "now"), counted(tmp_path / "draft")
    assert now == {grid: place for place, grid in enumerate(GRIDS) if place}
    merged = {code for code in now if code not in draft} | {code for code in draft if code not in now}
    moved = [code for code in {*now, *draft} if now.get(code, 0) != draft.get(code, 0)]
    assert 2 <= len({*merged, *moved}) <= 3  # the two that became one, and what it is called
    assert sum(draft.values()) == sum(now.values()) == 120
    west = {grid for grid in GRIDS if sample.COMMUNITY[grid] == "W1"}
    assert {code: n for code, n in draft.items() if code in set(GRIDS) - west} == {
        code: n for code, n in now.items() if code not in west
    }


def test_boundaries_are_those_in_force(ask: Ask, plan: int, tmp_path: Path) -> None:
    assert ask("export", "boundaries", "--out", tmp_path).exit_code == 0
    frame = gpd.read_parquet(tmp_path / "boundaries" / "in-force" / "city=demo" / "areas.parquet")
    assert frame["level"].value_counts().to_dict() == {
        Level.GRID: 16, Level.COMMUNITY: 4, Level.DISTRICT: 2, Level.SUBDISTRICT: 1, Level.CITY: 1
    }  # fmt: skip
    grids = frame[frame["level"] == "grid"].set_index("code")
    assert all(shapely.equals(grids.geometry[code], sample.cell(code)) for code in GRIDS)
    assert grids["parent_code"].to_dict() == sample.COMMUNITY
    assert ask("export", "boundaries", "--out", tmp_path, "--plan", plan).exit_code == 0
    drawn = gpd.read_parquet(tmp_path / "boundaries" / f"plan-{plan}" / "city=demo" / "areas.parquet")
    drawn = drawn[drawn["level"] == "grid"]
    assert len(drawn) == 15
    whole = [float(shapely.union_all(one.geometry).area) for one in (grids, drawn)]
    assert whole[0] == pytest.approx(whole[1], rel=1e-6)


def test_what_is_wrong_is_told(ask: Ask, plan: int, tmp_path: Path) -> None:
    both = ask("export", "boundaries", "--out", tmp_path, "--plan", plan, "--at", "2026-01-01")
    assert both.exit_code == 2
    assert ask("export", "boundaries", "--out", tmp_path, "--plan", 99_999).exit_code == 3
    assert ask("export", "facts", "--out", tmp_path, "--reason", "x").exit_code == 2
    assert ask("export", "facts", "--out", "/proc/nowhere", "--reason", "long enough").exit_code == 2
    words = ("--data", tmp_path, "--boundaries", tmp_path, "--out", tmp_path / "out")
    assert ask("national", "rebin", *words, "--workers", 0).exit_code == 2
    assert ask("export", "boundaries", "--out", tmp_path).exit_code == 0
    assert ask("national", "rebin", *words, "--address", "tls://127.0.0.1:1").exit_code == 2
    assert ask("national", "rebin", *words[:-1], tmp_path, "--workers", 0).exit_code == 4
    assert not (tmp_path / "out").exists()
