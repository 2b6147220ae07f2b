"""A whole city from its city file: twice the same, in the right order, with every mistake before the first row."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.interop.cityfile import CityFileBroken
from gridgov.interop.cityload import is_set_up, load_city
from gridgov.interop.files.refusals import FileMissing
from tests import sample
from tests.integration.interop import making

NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Collected:
    """Progress as a test sees it."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.shares: list[float] = []

    def step(self, title: str) -> None:
        self.steps.append(title)

    def advance(self, share: float, rows: int) -> None:
        del rows
        self.shares.append(share)


def test_a_city_is_loaded_and_loading_again_changes_nothing(house: House, tmp_path: Path) -> None:
    path = making.whole_city(tmp_path)
    with house.db.transaction() as session:
        assert not is_set_up(session)
    seen = Collected()
    reports = load_city(house, path, progress=seen, problems=tmp_path / "problems", now=NOW)
    assert [(report.noun, report.taken) for report in reports] == [
        ("calendar", 108), ("areas", 2), ("areas", 1), ("areas", 4), ("areas", 16), ("layers", 1), ("categories", 403),
        ("agencies", 2), ("sites", 2), ("duties", 3), ("incidents", 40),
    ]  # fmt: skip
    assert not any(report.refused for report in reports)
    assert any("grid.geojson" in step for step in seen.steps)
    assert max(seen.shares) == 1.0
    with house.db.transaction() as session:
        assert is_set_up(session)
        before = making.fingerprint(session)
    again = load_city(house, path, now=NOW)
    assert sum(report.taken for report in again) == 0
    assert [report.repeated for report in again] == [report.read for report in again]
    with house.db.transaction() as session:
        assert making.fingerprint(session) == before


def test_incidents_are_routed_by_the_list_that_came_with_them(house: House, tmp_path: Path) -> None:
    load_city(house, making.whole_city(tmp_path), now=NOW)
    with house.db.transaction() as session:
        rows = session.execute(
            text(
                "select c.code as category, g.code as grid, a.code as agency, s.source_id as site, u.code as lead "
                "from incidents i join duties_category c on c.id = i.category_id "
                "join areas_version g on g.area_id = i.grid_id left join duties_agency a on a.id = i.agency_id "
                "left join duties_site s on s.id = i.site_id left join areas_version u on u.area_id = i.lead_area_id"
            )
        ).all()
    assert len(rows) == 40
    west, east = sample.centre("A05"), sample.centre("B08")
    for row in rows:
        lon, lat = sample.centre(row.grid)
        if row.category == "06010":
            near = min(("w", west), ("e", east), key=lambda one: (one[1][0] - lon) ** 2 + (one[1][1] - lat) ** 2)
            assert (row.agency, row.site) == ("HW", near[0])
        elif row.grid.startswith("B"):
            assert (row.agency, row.site) == ("CG", None)
        else:
            assert (row.agency, row.lead) == (None, "WS")


def test_every_file_is_looked_for_before_the_first_row(house: House, tmp_path: Path) -> None:
    path = making.whole_city(tmp_path)
    (tmp_path / "incidents.csv").unlink()
    with house.db.transaction() as session:
        before = making.fingerprint(session)
    with pytest.raises(FileMissing, match=r"incidents\.csv"):
        load_city(house, path, now=NOW)
    with house.db.transaction() as session:
        assert making.fingerprint(session) == before


def test_the_file_of_another_city_is_refused(house: House, tmp_path: Path) -> None:
    path = making.whole_city(tmp_path)
    path.write_text(path.read_text().replace('code = "demo"', 'code = "other"', 1))
    with pytest.raises(CityFileBroken, match="'other'"):
        load_city(house, path, now=NOW)


def test_paths_may_be_relative_to_a_folder_of_data(house: House, tmp_path: Path) -> None:
    data = tmp_path / "数据 folder"
    data.mkdir()
    path = making.whole_city(data)
    moved = tmp_path / "city.toml"
    path.rename(moved)
    with pytest.raises(FileMissing):
        load_city(house, moved, now=NOW)
    assert len(load_city(house, moved, data=data, now=NOW)) == 11


def command(database_url: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The product's own command, on this test's database."""
    environment = os.environ | {"GRIDGOV_DATABASE_URL": database_url, "GRIDGOV_HOME": str(home), "GRIDGOV_CITY": "demo"}
    root = Path(__file__).parents[3]
    return subprocess.run(
        [sys.executable, "-m", "gridgov", *words],
        capture_output=True,
        text=True,
        env=environment,
        cwd=root,
        check=False,
    )


def test_the_commands_load_import_and_export(house: House, database_url: str, tmp_path: Path) -> None:
    path = making.whole_city(tmp_path)
    home = tmp_path / "home"
    checked = command(database_url, home, "city", "check", str(path))
    assert (checked.returncode, checked.stderr) == (0, "")
    loaded = command(database_url, home, "city", "load", str(path))
    assert loaded.returncode == 0, loaded.stderr
    assert "incidents from incidents.csv: 40 read, 40 taken, 0 repeated, 0 repaired, 0 refused" in loaded.stdout
    assert "grid from grid.geojson" in loaded.stderr  # progress
    columns = ("-c", "id=id", "-c", "category=category", "-c", "happened_at=at", "-c", "text=text")
    rows = [
        row | {"id": f"X{n}", "category": "06010" if n else "nope"} for n, row in enumerate(making.incident_rows(5))
    ]
    more = making.table(tmp_path / "more.csv", rows)
    imported = command(database_url, home, "import", "incidents", str(more), *columns)
    assert imported.returncode == 0, imported.stderr
    assert "5 read, 4 taken, 0 repeated, 0 repaired, 1 refused" in imported.stdout
    (problems,) = (home / "problems" / "demo").glob("incidents-*.csv")
    assert "事项类别不存在" in problems.read_text("utf-8-sig")
    out = tmp_path / "out.csv"
    exported = command(database_url, home, "export", "incidents", "--format", "csv", "--out", str(out))
    assert exported.returncode == 0, exported.stderr
    assert len(out.read_text("utf-8-sig").splitlines()) == 45


def test_a_command_that_fails_says_what_to_do(house: House, database_url: str, tmp_path: Path) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    bad = tmp_path / "a.geojson"
    bad.write_bytes(b"PK\x05\x06" + b"\0" * 18)
    wrong = command(database_url, tmp_path, "import", "areas", str(bad), "--level", "grid", "-c", "code=code")
    assert wrong.returncode == 2
    assert "is not what its name says" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    unknown = command(database_url, tmp_path, "import", "areas", str(bad), "--level", "grid", "-c", "cod=code")
    assert unknown.returncode == 2
    assert "Did you mean 'code'" in unknown.stderr
