"""Extracts, districts, voting districts and division codes that others made load, or are refused with clear reasons."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import osmium
import pytest
from sqlalchemy import text

from gridgov.areas.divisions import division
from gridgov.bootstrap import House, build
from gridgov.interop.cityload import load_city
from gridgov.interop.files import Reading, read
from gridgov.interop.files.refusals import FileBroken, FormatUnknown, LayerUnknown
from gridgov.interop.imports.divisions import import_divisions
from gridgov.interop.imports.run import Place
from gridgov.interop.problems import ImportReport
from gridgov.platform.cluster import Cluster
from gridgov.platform.migrate import upgrade
from tests.conftest import cloned
from tests.integration.interop import making

pytestmark = pytest.mark.realdata

NOW = datetime(2026, 11, 1, tzinfo=UTC)
Loader = Callable[[str], tuple[House, list[ImportReport]]]


@pytest.fixture
def loaded(realdata: Path, cluster: Cluster, migrated_template: str, tmp_path: Path) -> Iterator[Loader]:
    """Loads `tests/realdata/NAME.toml` into a database of its own."""
    with ExitStack() as stack:

        def load(name: str) -> tuple[House, list[ImportReport]]:
            url = stack.enter_context(cloned(cluster, migrated_template))
            upgrade(url, name)
            house = build(url, name, tmp_path)
            stack.callback(house.close)
            path = Path(__file__).parent / f"{name}.toml"
            return house, load_city(house, path, data=realdata, problems=tmp_path / "problems", now=NOW)

        yield load


def reasons(report: ImportReport) -> list[str]:
    if report.problem_file is None:
        return []
    with report.problem_file.open(encoding="utf-8-sig", newline="") as stream:
        return [line["code"] for line in csv.DictReader(stream)]


def buildings_in(path: Path) -> int:
    """Closed ways and multipolygon relations that say they are buildings, counted tag by tag."""
    count = 0
    reader: Any = osmium.FileProcessor(str(path))
    for thing in reader:
        kind = thing.tags.get("building")
        if kind is None or kind == "no" or thing.is_node():
            continue
        whole = thing.tags.get("area") != "no" if thing.is_way() else thing.tags.get("type") == "multipolygon"
        count += bool(whole)
    return count


@pytest.mark.parametrize(
    ("name", "file", "roads", "buildings", "sites"),
    [
        ("helsinki", "Helsinki.osm.pbf", (1_013, 38), (446, 54), 1_310),
        ("andorra", "andorra.osm.pbf", (1_377, 0), (292, 2), 281),
        ("monaco", "monaco.osm.gz", (566, 0), (966, 0), 164),
        ("bautzen", "bautzen.osm", (59, 0), (17, 0), None),
    ],
)
def test_extracts_of_openstreetmap(
    loaded: Loader,
    realdata: Path,
    name: str,
    file: str,
    roads: tuple[int, int],
    buildings: tuple[int, int],
    sites: int | None,
) -> None:
    """Nothing is dropped in silence: taken and refused buildings are all that the extract has."""
    house, reports = loaded(name)
    assert (reports[0].taken, reports[0].refused) == roads
    assert (reports[1].taken, reports[1].refused) == buildings
    assert sum(buildings) == buildings_in(realdata / "osm" / file)
    assert set(reasons(reports[0])) <= {"parts-missing"}
    assert set(reasons(reports[1])) <= {"rings-open"}
    assert (reports[2].taken if sites is not None else None) == sites
    with house.db.transaction() as session:
        before = making.fingerprint(session)
        valid = session.execute(text("select bool_and(st_isvalid(geom)) from areas_building")).scalar_one()
    assert valid
    city_file = Path(__file__).parent / f"{name}.toml"
    again = load_city(house, city_file, data=realdata, now=NOW)
    assert sum(report.taken for report in again) == 0
    with house.db.transaction() as session:
        assert making.fingerprint(session) == before


@pytest.mark.parametrize(
    ("name", "districts", "repaired"), [("liaoyuan", 4, 4), ("wuhu", 8, 4), ("tongling", 4, 4), ("kaifeng", 9, 9)]
)
def test_districts_with_rings_that_cross_themselves(loaded: Loader, name: str, districts: int, repaired: int) -> None:
    """Mended where that changes the area by less than 0.1 %; what is stored is valid, and overlaps are said with
    their size.
    """
    house, (_calendar, report) = loaded(name)
    assert (report.read, report.taken, report.repaired, report.refused) == (districts, districts, repaired, 0)
    with house.db.transaction() as session:
        rows = session.execute(
            text(
                "select code, names->>'zh' as name, st_isvalid(geom) as valid, area_m2 from areas_version where "
                "level = 'district'"
            )
        ).all()
        box = session.execute(
            text("select st_xmin(e), st_ymin(e) from (select st_extent(geom) e from areas_version) x")
        ).one()
    assert len(rows) == districts
    assert all(row.valid and len(row.code) == 6 and row.name for row in rows)
    assert all(10e6 < row.area_m2 < 5_000e6 for row in rows)
    assert 110 < box[0] < 130
    assert 25 < box[1] < 45


def test_voting_districts_in_metres_with_tables_of_their_own(loaded: Loader, realdata: Path) -> None:
    house, (report,) = loaded("ellis")
    assert (report.read, report.taken, report.refused) == (43, 43, 0)
    assert not report.notes
    file = realdata / "us_ellis_vtd" / "ks_ellis_county_vtd.gpkg"
    base = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    people = base.execute("select sum(total_pop) from ks_ellis_county_vap_data_vtd").fetchone()[0]
    base.close()
    with house.db.transaction() as session:
        row = session.execute(
            text(
                "select sum(population) as people, min(st_x(label)) as west, max(st_y(label)) as north from "
                "areas_version"
            )
        ).one()
    assert row.people == people
    assert -99.7 < row.west < -98.9
    assert 38.5 < row.north < 39.2


def test_a_quarter_of_prague_without_boundaries(loaded: Loader) -> None:
    house, reports = loaded("bubenec")
    assert [(report.taken, report.refused) for report in reports] == [(144, 0), (35, 0), (407, 0)]
    with house.db.transaction() as session:
        lon, lat = session.execute(
            text("select avg(st_x(st_centroid(geom))), avg(st_y(st_centroid(geom))) from areas_building")
        ).one()
    assert (lon, lat) == (pytest.approx(14.4, abs=0.05), pytest.approx(50.1, abs=0.05))


def test_national_division_codes(realdata: Path, house: House, tmp_path: Path) -> None:
    """665,276 rows of five files in any order; a community finds its province."""
    folder = realdata / "cn_division"
    files = [folder / name for name in ("villages.csv.gz", "streets.csv", "areas.csv", "cities.csv", "provinces.csv")]
    report = import_divisions(Place(house.db, problems=tmp_path), files)
    assert (report.read, report.taken, report.repeated, report.refused) == (665_276, 665_271, 5, 0)
    with house.db.transaction() as session:
        assert [one.name for one in division(session, "220402001001")] == [
            "吉林省",
            "辽源市",
            "龙山区",
            "东吉街道",
            "东吉社区",
        ]
        assert [one.code for one in division(session, "441900003001")] == ["44", "4419", "441900003", "441900003001"]
    small = import_divisions(Place(house.db), files[2:])
    assert (small.taken, small.repeated, small.refused) == (0, small.read, 0)


def test_what_is_no_layer_of_a_city_is_refused_with_a_reason(realdata: Path) -> None:
    with pytest.raises(FileBroken, match="JSON list, not a GeoJSON"), read(realdata / "gcj02_vectors" / "cities.json"):
        pass
    with pytest.raises(FormatUnknown, match=r"\.gpkg"), read(realdata / "README.md"):
        pass
    with (
        pytest.raises(LayerUnknown, match="tessellation, buildings, streets, plots"),
        read(realdata / "momepy_bubenec" / "bubenec.gpkg"),
    ):
        pass
    with (
        pytest.raises(LayerUnknown, match="gerrydb_graph_edge"),
        read(realdata / "us_ellis_vtd" / "ks_ellis_county_vtd.gpkg", Reading(layer="graph")),
    ):
        pass
