"""CSV and XLSX with a position in columns."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from openpyxl import Workbook

from gridgov.interop.files import PositionColumns, Reading, Wanted, read
from gridgov.interop.files.refusals import ColumnMissing, CrsMissing, FileBroken, FileEmpty, FileTruncated, LayerUnknown


def put(folder: Path, text: str, name: str = "a.csv", codec: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(codec))
    return path


def rows(path: Path, how: Reading | None = None) -> list[tuple[int, dict[str, object], Any, str | None]]:
    found = []
    with read(path, how) as source:
        for batch in source.batches:
            for i, number in enumerate(batch.numbers):
                fault = batch.faults.get(i)
                found.append((number, batch.values[i], batch.shapes[i], None if fault is None else fault.code))
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(
        delimiter.join(row) for row in (("code", "经度", "纬度"), ("1", "117.1", "32.5"), ("2", "117.2", "32.6"))
    )
    found = rows(put(tmp_path, text))
    assert [shape.x for _n, _v, shape, _f in found] == [117.1, 117.2]
    assert [number for number, *_rest in found] == [2, 3]


def test_a_comma_inside_a_quoted_header_does_not_mislead(tmp_path: Path) -> None:
    found = rows(put(tmp_path, '"a,b,c,d";lon;lat\n1;117;32\n'))
    assert found[0][1]["a,b,c,d"] == "1"


def test_row_numbers_are_lines_of_the_file(tmp_path: Path) -> None:
    text = 'code,note,lon,lat\n1,"two\nlines",117,32\n\n2,x,117,32\n'
    assert [number for number, *_rest in rows(put(tmp_path, text))] == [3, 5]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gbk"])
def test_encodings_give_the_same_rows(tmp_path: Path, codec: str) -> None:
    found = rows(put(tmp_path, "编码,名称,经度,纬度\n1,中山路街道,117,32\n", codec=codec))
    assert found[0][1] == {"编码": "1", "名称": "中山路街道", "经度": "117", "纬度": "32"}


def test_wkt_is_read_and_a_broken_one_refuses_its_row(tmp_path: Path) -> None:
    text = "code;wkt\n1;POLYGON((117 32,117.1 32,117.1 32.1,117 32))\n2;POLYGON((117 32\n3;\n4;POINT Z (117 32 5)\n"
    found = rows(put(tmp_path, text))
    assert found[0][2].geom_type == "Polygon"
    assert [fault for *_rest, fault in found] == [None, "geometry-broken", None, None]
    assert found[2][2] is None
    assert not found[3][2].has_z


def test_bad_rows_are_refused_alone(tmp_path: Path) -> None:
    text = "code,lon,lat\n1,117,32\n2,117\n3,east,32\n4,117,32,9\n5,,\n6,117,32,\n7,NaN,32\n8,117,32\n"
    found = rows(put(tmp_path, text))
    codes = [None, "row-too-short", "not-a-number", "row-too-long", None, None, "coordinate-not-a-number", None]
    assert [fault for *_rest, fault in found] == codes
    assert found[4][2] is None
    assert found[5][2] is not None


def test_metres_without_a_crs_are_refused_and_with_one_are_read(tmp_path: Path) -> None:
    path = put(tmp_path, "code,x,y\n" + "".join(f"{n},{500000 + n},3600000\n" for n in range(20)))
    with pytest.raises(CrsMissing, match=r"such as \(500000, 3600000\)") as caught:
        rows(path)
    assert caught.value.field == "crs"
    assert rows(path, Reading(wanted=Wanted("EPSG:4548")))[0][2].x == pytest.approx(117.0)


def test_named_position_columns_have_to_exist(tmp_path: Path) -> None:
    path = put(tmp_path, "code,gps_lon,gps_lat\n1,117,32\n")
    assert rows(path)[0][2] is None
    assert rows(path, Reading(position=PositionColumns("gps_lon", "gps_lat")))[0][2].y == 32
    with pytest.raises(ColumnMissing, match="Did you mean 'gps_lon'"):
        rows(path, Reading(position=PositionColumns("gps_lng", "gps_lat")))


def test_broken_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileTruncated, match="line 3"):
        rows(put(tmp_path, 'code,name\n1,x\n2,"never closed\n'))
    with pytest.raises(FileBroken, match="'code' twice"):
        rows(put(tmp_path, "code,code\n1,2\n"))
    with pytest.raises(FileEmpty, match="no row"):
        rows(put(tmp_path, "code,name\n"))
    with pytest.raises(FileEmpty, match="no header"):
        rows(put(tmp_path, "\n\n \n"))


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    book.save(path)
    book.close()
    return path


def test_a_workbook_is_read_with_its_types(tmp_path: Path) -> None:
    when = datetime(2024, 5, 1, 12, 30)  # noqa: DTZ001 (a sheet knows no zone)
    path = workbook(
        tmp_path / "a.xlsx",
        网格=[
            ["编码", "经度", "纬度", "时间"],
            [370105001, 117.1, 32.5, when],
            [None] * 4,
            [370105002, "117.2", 32.6, None],
        ],
        other=[["code"], [1]],
    )
    found = rows(path)
    assert [number for number, *_rest in found] == [2, 4]
    assert found[0][1]["编码"] == 370105001
    assert found[0][1]["时间"] == when
    assert found[1][2].equals_exact(shapely.Point(117.2, 32.6), 0)
    assert rows(path, Reading(layer="other"))[0][1] == {"code": 1}
    with pytest.raises(LayerUnknown, match="网格, other"):
        rows(path, Reading(layer="nothing"))


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<not a workbook")
    with pytest.raises(FileBroken, match="cannot be read as a workbook"):
        rows(path)
