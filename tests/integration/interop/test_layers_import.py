"""Streets, buildings, blocks, facilities and OSM extracts become layers, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from gridgov.areas import service
from gridgov.areas.layers import counts_by_layer
from gridgov.areas.names import find_names
from gridgov.bootstrap import House
from gridgov.interop.cityfile import Layer
from gridgov.interop.imports.layers import import_layer
from gridgov.interop.imports.run import Place
from gridgov.interop.problems import ImportReport
from tests import sample
from tests.integration.interop import making
from tests.unit.interop.test_osm import EXTRACT

Rows = list[tuple[dict[str, Any], Any]]


@pytest.fixture
def place(house: House, tmp_path: Path) -> Place:
    with house.db.transaction() as session:
        service.set_up_city(
            session, code="demo", names={"zh": "样城"}, timezone="Asia/Shanghai", lon=117.02, lat=32.005
        )
    return Place(house.db, problems=tmp_path / "problems")


def load(place: Place, path: Path, **how: Any) -> list[ImportReport]:
    return import_layer(place, Layer.model_validate({"file": path.name, **how}), [path])


def line(*codes: str) -> Any:
    return shapely.LineString([sample.centre(code) for code in codes])


def test_a_layer_is_loaded_once_and_a_changed_row_is_taken_again(place: Place, house: House, tmp_path: Path) -> None:
    rows: Rows = [
        ({"id": "s1", "name": "中山路", "lanes": 4}, line("A01", "A04")),
        ({"id": "s2", "name": None}, line("B01", "B04")),
    ]
    how: dict[str, Any] = {"layer": "street", "columns": {"id": "id", "name_zh": "name"}}
    path = making.geojson(tmp_path / "s.geojson", rows)
    (first,) = load(place, path, **how)
    (second,) = load(place, path, **how)
    assert (first.taken, first.repeated, second.taken, second.repeated) == (2, 0, 0, 2)
    rows[1] = ({"id": "s2", "name": "北京路"}, line("B01", "B04"))
    (third,) = load(place, making.geojson(path, rows), **how)
    assert (third.taken, third.repeated) == (1, 1)
    with house.db.transaction() as session:
        assert counts_by_layer(session)["street"] == 2
        assert session.execute(text("select attributes from areas_street where source_id = 's1'")).scalar_one() == {
            "lanes": 4
        }
        assert find_names(session, "beijinglu")[0].names == {"zh": "北京路"}


def test_buildings_need_polygons_and_keep_their_households(place: Place, house: House, tmp_path: Path) -> None:
    rows: Rows = [
        ({"id": 1, "hu": 48}, sample.cell("A01")),
        ({"id": 2, "hu": -3}, sample.cell("A02")),
        ({"id": 3, "hu": 48}, line("A01", "A02")),
        ({"id": 1, "hu": 48}, sample.cell("A01")),
    ]
    path = making.geojson(tmp_path / "b.geojson", rows)
    (report,) = load(place, path, layer="building", columns={"id": "id", "households": "hu"})
    assert (report.read, report.taken, report.repeated, report.refused) == (4, 1, 1, 2)
    with house.db.transaction() as session:
        assert session.execute(text("select households from areas_building")).scalar_one() == 48


def test_facilities_come_from_a_gbk_table(place: Place, house: House, tmp_path: Path) -> None:
    lon, lat = sample.centre("A01")
    table: list[dict[str, Any]] = [
        {"编号": "M1", "名称": "雨水井盖", "类别": "01003", "经度": lon, "纬度": lat},
        {"编号": "M2", "名称": "x", "类别": "01003", "经度": "", "纬度": ""},
    ]
    path = making.table(tmp_path / "f.csv", table, "gbk")
    columns = {"id": "编号", "name_zh": "名称", "class": "类别"}
    (report,) = load(place, path, layer="facility", columns=columns)
    assert (report.taken, report.refused) == (1, 1)
    with house.db.transaction() as session:
        row = session.execute(text("select names, class, st_x(geom) as lon from areas_facility")).one()
    assert (row.names, row[1], row.lon) == ({"zh": "雨水井盖"}, "01003", lon)


def test_rows_without_an_id_go_by_their_number(place: Place, tmp_path: Path) -> None:
    path = making.geojson(tmp_path / "s.geojson", [({}, line("A01", "A04")), ({}, line("A01", "A04"))])
    assert load(place, path, layer="street")[0].taken == 2
    assert load(place, path, layer="street")[0].repeated == 2


def test_an_extract_gives_roads_buildings_and_sites(place: Place, house: House, tmp_path: Path) -> None:
    path = tmp_path / "x.osm"
    path.write_text(EXTRACT, "utf-8")
    reports = load(place, path, format="osm")
    assert [(r.noun, r.read, r.taken, r.refused) for r in reports] == [
        ("layers", 4, 3, 1), ("layers", 3, 2, 1), ("sites", 2, 2, 0),
    ]  # fmt: skip
    assert [(r.taken, r.repeated) for r in load(place, path, format="osm")] == [(0, 3), (0, 2), (0, 2)]
    with house.db.transaction() as session:
        names = session.execute(text("select names from areas_street where source_id = 'way/10'")).scalar_one()
        local = session.execute(text("select names from areas_street where source_id = 'way/15'")).scalar_one()
        site = session.execute(text("select kind, names, agency_id from duties_site where source_id = 'node/5'")).one()
    assert names == {"en": "Zhongshan Road", "zh": "中山路"}
    assert local == {"zh": "柳巷", "en": "柳巷"}
    assert (site.kind, site.names["zh"], site.agency_id) == ("clinic", "社区卫生站", None)
