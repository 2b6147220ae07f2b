"""Areas from files: parents, repeats, new plans, repair, and what is said about a coverage."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from gridgov.areas import service
from gridgov.areas.rules import Level
from gridgov.areas.service import BoundariesMovedOn
from gridgov.bootstrap import House
from gridgov.geo.crs import Datum, from_wgs84
from gridgov.interop.cityfile import Areas
from gridgov.interop.imports.areas import import_areas
from gridgov.interop.imports.run import Place
from gridgov.interop.problems import ImportReport
from tests import sample
from tests.integration.interop import making


@pytest.fixture
def place(house: House, tmp_path: Path) -> Place:
    with house.db.transaction() as session:
        service.set_up_city(
            session, code="demo", names={"zh": "样城"}, timezone="Asia/Shanghai", lon=117.02, lat=32.005
        )
    return Place(house.db, problems=tmp_path / "problems")


def load(place: Place, path: Path, level: str, **how: Any) -> ImportReport:
    columns = how.pop("columns", {"code": "code", "name_zh": "name"})
    part = Areas.model_validate({"level": level, "file": path.name, "columns": columns, **how})
    return import_areas(place, [(part, [path])])


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.read, report.taken, report.repeated, report.repaired, report.refused


def notes(report: ImportReport) -> dict[str, Any]:
    return {note.code: note.facts for note in report.notes}


def problems(report: ImportReport) -> list[tuple[int, str, str]]:
    assert report.problem_file is not None
    with report.problem_file.open(encoding="utf-8-sig", newline="") as stream:
        return [(int(line["row"]), line["column"], line["code"]) for line in csv.DictReader(stream)]


def parents(house: House) -> dict[str, str | None]:
    with house.db.transaction() as session:
        return {row.code: row.parent_code for row in service.list_areas(session, at=None, limit=1000)}


def load_all(place: Place, folder: Path) -> list[ImportReport]:
    with_parent = {"code": "code", "name_zh": "name", "parent": "parent"}
    return [
        load(place, making.districts(folder), "district"),
        load(place, making.subdistricts(folder), "subdistrict", columns=with_parent),
        load(place, making.communities(folder), "community", parent="place"),
        load(place, making.grids(folder), "grid", columns=with_parent | {"households": "households"}),
    ]


def test_levels_find_their_parents_by_code_and_by_place(place: Place, house: House, tmp_path: Path) -> None:
    reports = load_all(place, tmp_path)
    assert [counts(report) for report in reports] == [
        (2, 2, 0, 0, 0),
        (1, 1, 0, 0, 0),
        (4, 4, 0, 0, 0),
        (16, 16, 0, 0, 0),
    ]
    found = parents(house)
    assert found["demo"] is None
    assert (found["W"], found["E"], found["WS"]) == ("demo", "demo", "W")
    assert (found["W1"], found["W2"], found["E1"], found["E2"]) == ("WS", "WS", "E", "E")
    assert {code: found[code] for code in making.GRIDS} == {code: sample.COMMUNITY[code] for code in making.GRIDS}
    assert not any(report.notes for report in reports)


def test_the_whole_city_is_the_union_of_its_top_level(place: Place, house: House, tmp_path: Path) -> None:
    load_all(place, tmp_path)
    with house.db.transaction() as session:
        index = house.locator.index(session)
        city = next(i for i, area in enumerate(index.areas) if area.level == "city")
        assert index.shapes[city].symmetric_difference(shapely.union_all(list(making.DISTRICTS.values()))).area < 1e-12
        assert index.locate(*sample.centre("B08")).deepest.code == "B08"


def test_a_second_load_changes_nothing(place: Place, house: House, tmp_path: Path) -> None:
    load_all(place, tmp_path)
    with house.db.transaction() as session:
        before = making.fingerprint(session)
    again = load_all(place, tmp_path)
    assert [(report.taken, report.repeated) for report in again] == [(0, 2), (0, 1), (0, 4), (0, 16)]
    with house.db.transaction() as session:
        assert making.fingerprint(session) == before


def test_changed_shapes_make_a_new_plan_and_keep_the_old_version(place: Place, house: House, tmp_path: Path) -> None:
    load_all(place, tmp_path)
    west, east = making.of_community("W1"), making.of_community("W2")
    moved = making.geojson(
        tmp_path / "community.geojson",
        [
            ({"code": "W1", "name": "W1社区"}, making.union([*west, "A03"])),
            ({"code": "W2", "name": "W2社区"}, making.union([code for code in east if code != "A03"])),
        ],
    )
    with house.db.transaction() as session:
        before = making.fingerprint(session)
    with pytest.raises(BoundariesMovedOn):
        load(place, moved, "community", parent="place")
    with house.db.transaction() as session:
        assert making.fingerprint(session) == before
    report = load(place, moved, "community", parent="place", valid_from=date(2026, 7, 1))
    assert counts(report) == (2, 2, 0, 0, 0)
    assert notes(report)["boundaries-superseded"]["changed"] == 2
    first_instant = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
    with house.db.transaction() as session:
        versions = session.execute(
            text("select lower(valid) as since, upper(valid) as until from areas_version where code = 'W1' order by id")
        ).all()
    assert [(row.since, row.until) for row in versions] == [(None, first_instant), (first_instant, None)]
    assert counts(load(place, moved, "community", parent="place", valid_from=date(2026, 7, 1))) == (2, 0, 2, 0, 0)


def test_a_complete_file_ends_what_it_no_longer_holds(place: Place, house: House, tmp_path: Path) -> None:
    load_all(place, tmp_path)
    merged = making.geojson(
        tmp_path / "merged.geojson",
        [({"code": c, "name": c}, making.union(making.of_community(c))) for c in ("W1", "W2", "E1")],
    )
    report = load(place, merged, "community", parent="place", valid_from=date(2026, 7, 1), complete=True)
    assert notes(report)["boundaries-superseded"]["ended"] == 1
    with house.db.transaction() as session:
        codes = {row.code for row in service.list_areas(session, at=None, level=Level.COMMUNITY)}
        earlier = datetime(2026, 1, 1, tzinfo=UTC)
        old = {row.code for row in service.list_areas(session, at=earlier, level=Level.COMMUNITY)}
    assert codes == {"W1", "W2", "E1"}
    assert old == {"W1", "W2", "E1", "E2"}


def test_rows_that_cannot_be_taken_are_refused_alone(place: Place, house: House, tmp_path: Path) -> None:
    load_all(place, tmp_path)
    cell = sample.cell("A01")
    bow_tie = shapely.Polygon([(117.0, 32.005), (117.004, 32.009), (117.004, 32.005), (117.0, 32.009)])
    rows: list[tuple[dict[str, Any], Any]] = [
        ({"code": "N1", "parent": "W1", "households": 300}, cell),
        ({"code": "N1", "parent": "W1", "households": 301}, cell),
        ({"code": None, "parent": "W1", "households": 300}, cell),
        ({"code": "N2", "parent": "nobody", "households": 300}, cell),
        ({"code": "N3", "parent": None, "households": 300}, cell),
        ({"code": "N4", "parent": "W1", "households": "many"}, cell),
        ({"code": "N5", "parent": "W1", "households": 300}, bow_tie),
        ({"code": "N6", "parent": "W1", "households": 300}, shapely.Point(117.001, 32.006)),
        ({"code": "N7", "parent": "W1", "households": 300}, None),
    ]
    report = load(
        place,
        making.geojson(tmp_path / "bad.geojson", rows),
        "grid",
        columns={"code": "code", "parent": "parent", "households": "households"},
    )
    assert counts(report) == (9, 1, 0, 0, 8)
    assert sorted(problems(report)) == [
        (2, "code", "code-repeated"),
        (3, "code", "value-missing"),
        (4, "parent", "parent-unknown"),
        (5, "parent", "value-missing"),
        (6, "households", "not-a-number"),
        (7, "geometry", "polygon-not-repairable"),
        (8, "geometry", "geometry-of-other-kind"),
        (9, "geometry", "geometry-missing"),
    ]
    assert parents(house)["N1"] == "W1"


def test_a_needle_is_mended_and_counted(place: Place, house: House, tmp_path: Path) -> None:
    load(place, making.districts(tmp_path), "district")
    west, south, east, north = sample.cell("A01").bounds
    needle = shapely.Polygon(
        [(west, south), (east, south), (east, north), (west, north), (west - 0.001, north), (west, north)]
    )
    assert not needle.is_valid
    report = load(
        place, making.geojson(tmp_path / "g.geojson", [({"code": "A01"}, needle)]), "grid", columns={"code": "code"}
    )
    assert counts(report) == (1, 1, 0, 1, 0)
    with house.db.transaction() as session:
        assert session.execute(text("select bool_and(st_isvalid(geom)) from areas_version")).scalar_one()


def test_overlaps_gaps_and_strays_are_said_with_their_size(place: Place, tmp_path: Path) -> None:
    load(place, making.districts(tmp_path), "district")
    west, south, east, north = making.DISTRICTS["W"].bounds
    middle, step = (west + east) / 2, sample.STEP
    rows = [
        ({"code": "left"}, shapely.box(west - step, south, middle + step / 10, north)),
        ({"code": "right"}, shapely.box(middle, south, east - step, north)),
        ({"code": "east"}, making.DISTRICTS["E"]),
    ]
    report = load(
        place, making.geojson(tmp_path / "c.geojson", rows), "community", columns={"code": "code"}, parent="place"
    )
    said = notes(report)
    metre = 111_320 * 0.848  # a degree of longitude at 32 N, roughly
    height_m = 2 * step * 110_900
    assert said["overlap"]["count"] == 1
    assert said["overlap"]["total_m2"] == pytest.approx(step / 10 * metre * height_m, rel=0.01)
    assert said["outside-parent"]["total_m2"] == pytest.approx(step * metre * height_m, rel=0.01)
    assert said["gap"]["total_m2"] == pytest.approx(step * metre * height_m, rel=0.01)
    assert "left / right" in said["overlap"]["named"]
    assert said["outside-parent"]["named"].startswith("left ")
    assert counts(report) == (3, 3, 0, 0, 0)


def test_a_child_that_no_area_holds_is_refused(place: Place, tmp_path: Path) -> None:
    load_all(place, tmp_path)
    away = shapely.box(117.2, 32.0, 117.21, 32.01)
    report = load(
        place, making.geojson(tmp_path / "g.geojson", [({"code": "X"}, away)]), "grid", columns={"code": "code"}
    )
    assert problems(report) == [(1, "geometry", "parent-not-found")]


def test_columns_that_are_not_mapped_are_kept_unless_personal(place: Place, house: House, tmp_path: Path) -> None:
    rows = [({"code": "W", "gdp": 7, "联系电话": "13800138000", "深度": None}, making.DISTRICTS["W"])]
    report = load(place, making.geojson(tmp_path / "d.geojson", rows), "district", columns={"code": "code"})
    assert notes(report)["personal-columns-left-out"]["names"] == "联系电话"
    with house.db.transaction() as session:
        kept = session.execute(text("select attributes from areas_version where code = 'W'")).scalar_one()
    assert kept == {"gdp": 7}


def test_a_file_in_gcj02_lands_where_it_belongs(place: Place, house: House, tmp_path: Path) -> None:
    def moved(shape: Any) -> Any:
        return shapely.transform(
            shape, lambda xy: shapely.get_coordinates(shapely.points(*from_wgs84(xy[:, 0], xy[:, 1], Datum.GCJ02)))
        )

    rows = [({"code": code}, moved(shape)) for code, shape in making.DISTRICTS.items()]
    load(place, making.geojson(tmp_path / "d.geojson", rows), "district", columns={"code": "code"}, datum="gcj02")
    with house.db.transaction() as session:
        index = house.locator.index(session)
        shape = index.shapes[next(i for i, area in enumerate(index.areas) if area.code == "W")]
    assert shapely.hausdorff_distance(shape, making.DISTRICTS["W"]) < 2e-6
    assert shapely.hausdorff_distance(moved(making.DISTRICTS["W"]), making.DISTRICTS["W"]) > 2e-3


def test_several_tables_of_a_level_are_one_plan(place: Place, house: House, tmp_path: Path) -> None:
    tables = []
    for code, shape in making.DISTRICTS.items():
        path = making.geojson(tmp_path / f"{code}.geojson", [({"bm": code}, shape)])
        tables.append(
            (Areas.model_validate({"level": "district", "file": path.name, "columns": {"code": "bm"}}), [path])
        )
    report = import_areas(place, tables)
    assert counts(report) == (2, 2, 0, 0, 0)
    assert parents(house) == {"demo": None, "W": "demo", "E": "demo"}
