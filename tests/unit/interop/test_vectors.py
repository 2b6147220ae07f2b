"""GeoPackage and Shapefile, packed or not, in UTF-8 and GBK."""

from __future__ import annotations

import shutil
import sqlite3
import warnings
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from gridgov.interop.files import Reading, Wanted, read
from gridgov.interop.files.refusals import (
    BrokenEncoding,
    CrsMissing,
    FileBroken,
    FilePartMissing,
    FileTruncated,
    LayerUnknown,
)

NAMES = ["龙山区", "西安区", "东丰县"]


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    shapes = [shapely.box(117 + n, 32, 117.9 + n, 33) for n in range(3)]
    return gpd.GeoDataFrame({"name": NAMES, "n": [1, 2, 3]}, geometry=shapes, crs=4326)


def save(frame: gpd.GeoDataFrame, path: Path, **how: Any) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(path, **how)
    return path


def rows(path: Path, how: Reading | None = None) -> list[tuple[dict[str, object], Any]]:
    with read(path, how) as source:
        return [pair for batch in source.batches for pair in zip(batch.values, batch.shapes, strict=True)]


def names(path: Path, how: Reading | None = None) -> list[object]:
    return [values["name"] for values, _shape in rows(path, how)]


@pytest.mark.parametrize("codec", ["UTF-8", "GBK"])
@pytest.mark.parametrize("cpg", ["kept", "gone", "lying"])
def test_the_encoding_of_a_shapefile_is_found(tmp_path: Path, frame: gpd.GeoDataFrame, codec: str, cpg: str) -> None:
    path = save(frame, tmp_path / "a.shp", encoding=codec)
    if cpg == "gone":
        path.with_suffix(".cpg").unlink()
    elif cpg == "lying":
        path.with_suffix(".cpg").write_text("UTF-8" if codec == "GBK" else "ASCII")
    assert names(path) == NAMES


def test_a_name_cut_in_a_character_by_the_width_of_its_field(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    """A dBASE field holds 254 bytes: 85 characters of 3 bytes are cut after 254, in the middle of one."""
    frame["name"] = ["网" * 100, "格", "员"]
    path = save(frame, tmp_path / "a.shp", encoding="UTF-8")
    path.with_suffix(".cpg").unlink()
    found = names(path)
    assert str(found[0]).startswith("网" * 84)
    assert found[1:] == ["格", "员"]


def test_texts_of_no_encoding_are_refused(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    path = save(frame, tmp_path / "a.shp", encoding="UTF-8")
    dbf = path.with_suffix(".dbf")
    raw = dbf.read_bytes()
    dbf.write_bytes(raw.replace("龙山区".encode(), b"\xff\xff\x80\xff\xff\xff\xff\xff\xff"))
    path.with_suffix(".cpg").unlink()
    with pytest.raises(BrokenEncoding, match="neither UTF-8 nor GBK"):
        rows(path)


@pytest.mark.parametrize("ending", [".shx", ".dbf"])
def test_a_missing_companion_is_named(tmp_path: Path, frame: gpd.GeoDataFrame, ending: str) -> None:
    path = save(frame, tmp_path / "a.shp", encoding="UTF-8")
    path.with_suffix(ending).unlink()
    with pytest.raises(FilePartMissing, match=rf"the \{ending} file"):
        rows(path)


def test_without_prj_the_crs_has_to_be_said(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    path = save(frame, tmp_path / "a.shp", encoding="UTF-8")
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsMissing) as caught:
        rows(path)
    assert caught.value.field == "crs"
    assert len(rows(path, Reading(wanted=Wanted("EPSG:4326")))) == 3


@pytest.mark.parametrize("ending", [".shp", ".dbf"])
def test_a_cut_shapefile_is_refused(tmp_path: Path, frame: gpd.GeoDataFrame, ending: str) -> None:
    path = save(frame, tmp_path / "a.shp", encoding="UTF-8")
    part = path.with_suffix(ending)
    part.write_bytes(part.read_bytes()[:-40])
    with pytest.raises(FileTruncated, match="cut off"):
        rows(path)


def test_a_shapefile_of_a_projected_crs_lands_in_degrees(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    path = save(frame.to_crs(4548), tmp_path / "a.shp", encoding="UTF-8")
    with read(path) as source:
        assert source.crs is not None
        shape = next(source.batches).shapes[0]
    assert shapely.hausdorff_distance(shape, frame.geometry[0]) < 1e-7


def test_a_zipped_shapefile_with_folders_and_other_files(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    save(frame, tmp_path / "网格.shp", encoding="GBK")
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for part in sorted(tmp_path.glob("网格.*")):
            if part.suffix != ".cpg":
                out.write(part, f"数据/{part.name}")
        out.writestr("__MACOSX/._网格.shp", b"x")
        out.writestr("readme.txt", b"x")
    assert names(archive) == NAMES


def test_several_shapefiles_need_a_name(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for stem in ("one", "two"):
            save(frame, tmp_path / f"{stem}.shp", encoding="UTF-8")
            for part in sorted(tmp_path.glob(f"{stem}.*")):
                out.write(part, part.name)
    with pytest.raises(FilePartMissing, match="2 shapefiles") as caught:
        rows(archive)
    assert "one, two" in str(caught.value)
    assert names(archive, Reading(layer="two")) == NAMES


def test_a_geopackage_with_one_and_with_more_layers(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    path = save(frame, tmp_path / "a.gpkg", layer="district")
    assert names(path) == NAMES
    save(frame.head(1), path, layer="grid")
    with pytest.raises(LayerUnknown, match="2 layers") as caught:
        rows(path)
    assert "district, grid" in str(caught.value)
    assert names(path, Reading(layer="grid")) == NAMES[:1]
    with pytest.raises(LayerUnknown, match="Did you mean 'district'"):
        rows(path, Reading(layer="distrikt"))


def test_a_damaged_geopackage_is_refused(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    path = save(frame, tmp_path / "a.gpkg", layer="district")
    raw = path.read_bytes()
    path.write_bytes(raw[:4_000])
    with pytest.raises((FileBroken, FileTruncated)):
        rows(path)


def test_a_view_in_a_geopackage_cannot_reach_another_file(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    """A GeoPackage is SQL: a crafted one must not bring in other files of the machine."""
    secret = save(frame, tmp_path / "secret.gpkg", layer="secret")
    path = save(frame.head(1), tmp_path / "a.gpkg", layer="district")
    with sqlite3.connect(path) as base:
        base.execute(f"attach '{secret}' as other")
        base.execute("drop table if exists loot")
        with pytest.raises(sqlite3.OperationalError):
            base.execute("create view loot as select * from other.secret")
    base.close()
    assert len(rows(path, Reading(layer="district"))) == 1


def test_a_geopackage_without_crs_needs_one(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    path = save(frame.set_crs(None, allow_override=True), tmp_path / "a.gpkg", layer="district")
    with pytest.raises(CrsMissing):
        rows(path)


def test_an_empty_place_in_the_geometry_column_is_no_fault_of_the_file(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    frame.loc[1, "geometry"] = None
    shapes = [shape for _values, shape in rows(save(frame, tmp_path / "a.gpkg", layer="district"))]
    assert [shape is None for shape in shapes] == [False, True, False]


def test_the_original_is_left_alone(tmp_path: Path, frame: gpd.GeoDataFrame) -> None:
    path = save(frame, tmp_path / "a.gpkg", layer="district")
    before = path.read_bytes()
    copy = tmp_path / "copy.gpkg"
    shutil.copy(path, copy)
    rows(path)
    assert path.read_bytes() == before
