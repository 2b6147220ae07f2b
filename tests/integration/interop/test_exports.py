"""Exports can be read again, hold the codes of every level, and no contact of anybody."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import geopandas as gpd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from sqlalchemy import text

from gridgov.areas.rules import Level
from gridgov.auth.rules import EVERYWHERE
from gridgov.bootstrap import House
from gridgov.incidents.rules import Channel, Report, Reporter
from gridgov.incidents.service import Filter, Indexes, report
from gridgov.interop import exports
from gridgov.interop.cityfile import Areas
from gridgov.interop.cityload import load_city
from gridgov.interop.exports import FolderMissing, Format, export_areas, export_incidents
from gridgov.interop.imports.areas import import_areas
from gridgov.interop.imports.run import Place
from tests import sample
from tests.integration.interop import making

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SECRET = "13800138000"


@pytest.fixture
def loaded(house: House, tmp_path: Path) -> House:
    folder = tmp_path / "in"
    folder.mkdir()
    load_city(house, making.whole_city(folder), now=NOW)
    lon, lat = sample.centre("A01")
    with house.db.transaction() as session:
        report(
            session,
            Report(
                id=UUID("7d444840-9dc0-41d8-8a4c-2b1c2b0a9a11"),
                category="06010",
                lon=lon,
                lat=lat,
                happened_at=NOW,
                channel=Channel.HOTLINE,
                text="=1+1",
                address="+86 somewhere",
                reporter=Reporter("某某", SECRET),
            ),
            indexes=Indexes(house.locator, house.places, house.router, house.sealer),
            now=NOW,
        )
    return house


def frame(path: Path, form: Format) -> gpd.GeoDataFrame:
    if form is Format.PARQUET:
        return gpd.read_parquet(path)
    return pyogrio.read_dataframe(path)


@pytest.mark.parametrize("form", [Format.GEOJSON, Format.GPKG, Format.PARQUET])
def test_incidents_can_be_read_again_with_the_codes_of_every_level(loaded: House, tmp_path: Path, form: Format) -> None:
    out = tmp_path / f"i.{form}"
    assert export_incidents(loaded, out, form) == 41
    table = frame(out, form)
    assert len(table) == 41
    assert table.crs.to_epsg() == 4326 or table.crs.to_string() == "OGC:CRS84"
    for row in table.itertuples():
        assert sample.cell(row.grid_code).contains(row.geometry)
        assert row.community_code == sample.COMMUNITY[row.grid_code]
        west = row.grid_code.startswith("A")
        assert row.district_code == ("W" if west else "E")
        assert (row.subdistrict_code == "WS") == west
        assert row.city_code == "demo"


def test_a_table_is_safe_to_open_in_a_spreadsheet(loaded: House, tmp_path: Path) -> None:
    out = tmp_path / "i.csv"
    export_incidents(loaded, out, Format.CSV)
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    with out.open(encoding="utf-8-sig", newline="") as stream:
        first = next(iter(csv.DictReader(stream)))
    assert (first["text"], first["address"]) == ("'=1+1", "'+86 somewhere")
    assert (first["grid_code"], first["agency"]) == ("A01", "HW")
    assert float(first["lon"]) == pytest.approx(sample.centre("A01")[0])
    plain = tmp_path / "i.geojson"
    export_incidents(loaded, plain, Format.GEOJSON)
    assert json.loads(plain.read_text())["features"][0]["properties"]["text"] == "=1+1"


@pytest.mark.parametrize("form", list(Format))
def test_no_contact_leaves_the_house(loaded: House, tmp_path: Path, form: Format) -> None:
    out = tmp_path / f"i.{form}"
    export_incidents(loaded, out, form)
    names = set(pq.read_schema(out).names) if form is Format.PARQUET else set(exports.INCIDENT_COLUMNS.names)
    assert not {name for name in names if "phone" in name or "reporter" in name or "contact" in name}
    assert SECRET.encode() not in out.read_bytes()
    with loaded.db.transaction() as session:
        assert session.execute(text("select count(*) from incidents_contact")).scalar_one() == 1


def test_filters_cut_an_export_down(loaded: House, tmp_path: Path) -> None:
    out = tmp_path / "i.csv"
    assert export_incidents(loaded, out, Format.CSV, wanted=Filter(reach=EVERYWHERE, category="09009")) == 20
    assert export_incidents(loaded, out, Format.CSV, wanted=Filter(reach=EVERYWHERE, since=NOW)) == 1
    assert (
        export_incidents(
            loaded, out, Format.CSV, wanted=Filter(reach=EVERYWHERE, until=datetime(2000, 1, 1, tzinfo=UTC))
        )
        == 0
    )


def test_pages_lose_and_repeat_nothing(loaded: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE_ROWS", 7)
    out = tmp_path / "i.csv"
    assert export_incidents(loaded, out, Format.CSV) == 41
    with out.open(encoding="utf-8-sig", newline="") as stream:
        assert len({row["id"] for row in csv.DictReader(stream)}) == 41
    assert export_areas(loaded, tmp_path / "a.csv", Format.CSV) == 24


@pytest.mark.parametrize("form", list(Format))
def test_areas_come_back_as_they_were(loaded: House, tmp_path: Path, form: Format) -> None:
    """What is exported is the same boundary: loaded again, no area has changed its shape."""
    out = tmp_path / f"a.{form}"
    assert export_areas(loaded, out, form, level=Level.GRID) == 16
    if form is Format.PARQUET:
        shapes = {row.code: row.geometry for row in gpd.read_parquet(out).itertuples()}
        assert all(shape.equals(sample.cell(code)) for code, shape in shapes.items())
        return
    columns = {"code": "code", "name_zh": "name_zh", "parent": "parent_code", "households": "households"}
    part = Areas.model_validate({"level": "grid", "file": out.name, "columns": columns, "valid_from": NOW})
    import_areas(Place(loaded.db), [(part, [out])])
    with loaded.db.transaction() as session:
        index = loaded.locator.index(session)
    for area, shape in zip(index.areas, index.shapes, strict=True):
        if area.level == Level.GRID:
            assert shapely.normalize(shape).equals_exact(
                shapely.normalize(shapely.MultiPolygon([sample.cell(area.code)])), 0
            )


def test_an_export_that_fails_leaves_the_old_file(
    loaded: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "i.csv"
    export_incidents(loaded, out, Format.CSV)
    before = out.read_bytes()

    def fails(*_args: object, **_named: object) -> list[object]:
        raise RuntimeError("the connection is gone")

    monkeypatch.setattr(exports, "find", fails)
    with pytest.raises(RuntimeError):
        export_incidents(loaded, out, Format.CSV)
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".gridgov")] == []
    with pytest.raises(FolderMissing):
        export_areas(loaded, tmp_path / "no" / "a.csv", Format.CSV)
