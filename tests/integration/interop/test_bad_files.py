"""Bad files get a clear error and lose nothing: the database is the same before and after."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from shapely.ops import split
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.interop.cityfile import Areas
from gridgov.interop.files.refusals import (
    BrokenEncoding,
    ColumnMissing,
    CrsMissing,
    CrsUnknown,
    CrsWrong,
    FileBroken,
    FileEmpty,
    FileMissing,
    FilePartMissing,
    FileTruncated,
    FormatUnknown,
    LayerUnknown,
    NotInThisCity,
    NotWhatItSays,
    UnsafeArchive,
)
from gridgov.interop.imports.areas import import_areas
from gridgov.interop.imports.run import Place
from gridgov.interop.problems import ImportReport
from gridgov.platform.errors import GridgovError
from tests import sample
from tests.integration.interop import making

FINER = [
    ({"code": f"{code}{half}", "parent": sample.COMMUNITY[code]}, part)
    for code in making.GRIDS
    for half, part in enumerate(
        shapely.get_parts(split(sample.cell(code), shapely.LineString(
            [(sample.cell(code).centroid.x, 31.9), (sample.cell(code).centroid.x, 32.1)])))
    )
]  # fmt: skip


@pytest.fixture
def place(sampled: House, tmp_path: Path) -> Place:
    return Place(sampled.db, problems=tmp_path / "problems")


def load(place: Place, path: Path, **how: Any) -> ImportReport:
    columns = {"code": "code", "parent": "parent"}
    part = Areas.model_validate({"level": "grid", "file": path.name, "columns": columns, **how})
    return import_areas(place, [(part, [path])])


def whole(folder: Path) -> bytes:
    return making.geojson(folder / "whole.geojson", FINER).read_bytes()


def frame() -> gpd.GeoDataFrame:
    rows = [properties for properties, _shape in FINER]
    return gpd.GeoDataFrame(rows, geometry=[shape for _properties, shape in FINER], crs=4326)


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def shapefile(folder: Path, *, without: str = "") -> Path:
    frame().to_file(folder / "a.shp", encoding="UTF-8")
    if without:
        (folder / f"a{without}").unlink()
    return folder / "a.shp"


def metres(folder: Path, *, crs: str | None = None) -> Path:
    there = pyproj.Transformer.from_crs(4326, 4548, always_xy=True)
    rows = [
        (properties, shapely.transform(shape, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1]))))
        for properties, shape in FINER
    ]
    path = making.geojson(folder / "m.geojson", rows)
    if crs:
        content = json.loads(path.read_text())
        content["crs"] = {"type": "name", "properties": {"name": crs}}
        path.write_text(json.dumps(content))
    return path


def swapped(folder: Path) -> Path:
    return making.geojson(folder / "s.geojson", [(p, shapely.transform(s, lambda xy: xy[:, ::-1])) for p, s in FINER])


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


Case = tuple[str, Callable[[Path], Path], dict[str, Any], type[GridgovError], str]
CASES: list[Case] = [
    ("missing", lambda d: d / "none.geojson", {}, FileMissing, "none.geojson"),
    ("empty", lambda d: put(d / "a.geojson", b""), {}, FileEmpty, "0 bytes"),
    ("no feature", lambda d: making.geojson(d / "a.geojson", []), {}, FileEmpty, "no feature"),
    ("cut", lambda d: put(d / "a.geojson", whole(d)[:-500]), {}, FileTruncated, "in feature"),
    ("not json", lambda d: put(d / "a.geojson", b'{"type": oops}' + b" " * 99), {}, FileBroken, "not valid JSON"),
    ("other json", lambda d: put(d / "a.geojson", b'{"type": "Topology"}'), {}, FileBroken, "Topology"),
    ("zip named geojson", lambda d: zipped(d / "a.geojson", {"x": b"x"}), {}, NotWhatItSays, "ZIP archive"),
    ("page named gpkg", lambda d: put(d / "a.gpkg", b"<html>login</html>"), {}, NotWhatItSays, "a web page"),
    ("unknown kind", lambda d: put(d / "a.dwg", b"AC1027"), {}, FormatUnknown, ".gpkg"),
    ("broken utf-8", lambda d: put(d / "a.geojson", b'{"name": "' + "网格".encode() * 50 + b'\xe7\xbd"}'), {},
     BrokenEncoding, "broken characters"),
    ("no encoding", lambda d: put(d / "a.csv", b"code,parent,wkt\n\x80\xff\xff,x,y\n"), {}, BrokenEncoding, "neither"),
    ("bomb", lambda d: zipped(d / "a.zip", {"a.shp": b"\0" * (80 << 20)}), {}, UnsafeArchive, "unpack"),
    ("path out of the archive", lambda d: zipped(d / "a.zip", {"../a.shp": b"x"}), {}, UnsafeArchive, "outside"),
    ("no shapefile inside", lambda d: zipped(d / "a.zip", {"readme.txt": b"x"}), {}, FilePartMissing, "0 shapefiles"),
    ("no .shx", lambda d: shapefile(d, without=".shx"), {}, FilePartMissing, ".shx"),
    ("no .prj", lambda d: shapefile(d, without=".prj"), {}, CrsMissing, "does not say"),
    ("metres without a crs", metres, {}, CrsMissing, "no longitude and latitude"),
    ("metres called degrees", metres, {"crs": "EPSG:4326"}, CrsWrong, "EPSG:4326"),
    ("degrees called metres", lambda d: put(d / "a.geojson", whole(d)), {"crs": "EPSG:4548"}, CrsWrong, "EPSG:4548"),
    ("the wrong zone", lambda d: metres(d, crs="urn:ogc:def:crs:EPSG::4549"), {}, NotInThisCity, "does not lie in"),
    ("unknown crs", lambda d: put(d / "a.geojson", whole(d)), {"crs": "EPSG:1"}, CrsUnknown, "EPSG:1"),
    ("swapped", swapped, {}, CrsMissing, "no longitude and latitude"),
    ("no such column", lambda d: put(d / "a.geojson", whole(d)), {"columns": {"code": "cod"}}, ColumnMissing,
     "Did you mean 'code'"),
    ("no such layer", lambda d: (frame().to_file(d / "a.gpkg", layer="grid"), d / "a.gpkg")[1], {"layer": "gird"},
     LayerUnknown, "Did you mean 'grid'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "how", "kind", "said"), [case[1:] for case in CASES], ids=[case[0].replace(" ", "-") for case in CASES]
)
def test_a_bad_file_is_refused_clearly_and_nothing_is_lost(
    place: Place, house: House, tmp_path: Path, make: Any, how: dict[str, Any], kind: type[GridgovError], said: str
) -> None:
    path = make(tmp_path)
    with house.db.transaction() as session:
        before = making.fingerprint(session)
    with pytest.raises(kind) as caught:
        load(place, path, **how)
    assert said in str(caught.value)
    assert caught.value.field
    with house.db.transaction() as session:
        assert making.fingerprint(session) == before


@pytest.mark.parametrize("form", ["geojson", "gbk geojson", "gpkg", "shp", "zip", "csv", "metres"])
def test_the_same_areas_load_from_every_format(place: Place, house: House, tmp_path: Path, form: str) -> None:
    """The control of the cases above: whole files of the same content are taken, and what they hold is the same."""
    how: dict[str, Any] = {}
    if form == "geojson":
        path = put(tmp_path / "a.geojson", whole(tmp_path))
    elif form == "gbk geojson":
        path = put(
            tmp_path / "a.geojson", whole(tmp_path).decode().replace('"code"', '"街": "名", "code"').encode("gbk")
        )
    elif form == "gpkg":
        frame().to_file(tmp_path / "a.gpkg", layer="grid")
        path = tmp_path / "a.gpkg"
    elif form == "csv":
        rows = [properties | {"wkt": shape.wkt} for properties, shape in FINER]
        path = making.table(tmp_path / "a.csv", rows, "gbk")
    elif form == "metres":
        path, how = metres(tmp_path), {"crs": "EPSG:4548"}
    else:
        path = shapefile(tmp_path)
        if form == "zip":
            path = zipped(tmp_path / "a.zip", {part.name: part.read_bytes() for part in sorted(tmp_path.glob("a.*"))})
    report = load(place, path, **how)
    assert (report.taken, report.refused) == (32, 0)
    with house.db.transaction() as session:
        index = house.locator.index(session)
        shapes = {area.code: shape for area, shape in zip(index.areas, index.shapes, strict=True)}
    for properties, shape in FINER:
        assert shapely.hausdorff_distance(shapes[properties["code"]], shape) < 1e-8


def test_a_packed_table_is_read(place: Place, tmp_path: Path) -> None:
    rows = [properties | {"wkt": shape.wkt} for properties, shape in FINER]
    plain = making.table(tmp_path / "a.csv", rows)
    assert load(place, put(tmp_path / "a.csv.gz", gzip.compress(plain.read_bytes()))).taken == 32


def test_a_polygon_of_half_a_million_vertices_is_taken(place: Place, house: House, tmp_path: Path) -> None:
    """A coast line at full detail: every vertex arrives in the database."""
    angle = np.linspace(0, 2 * np.pi, 500_000, endpoint=False)
    wave = 0.002 + 0.0001 * np.sin(2_000 * angle)
    lon, lat = sample.centre("A02")
    ring = np.column_stack([lon + wave * np.cos(angle), lat + wave * np.sin(angle)])
    big = shapely.Polygon(ring)
    report = load(place, making.geojson(tmp_path / "big.geojson", [({"code": "BIG", "parent": "W1"}, big)]))
    assert (report.taken, report.refused) == (1, 0)
    assert "overlap" in {note.code for note in report.notes}
    with house.db.transaction() as session:
        vertices = session.execute(text("select st_npoints(geom) from areas_version where code = 'BIG'")).scalar_one()
    assert vertices == 500_001


def test_a_tangle_of_crossing_edges_is_refused(place: Place, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    lon, lat = sample.centre("A02")
    ring = np.column_stack([lon + 0.002 * rng.random(300), lat + 0.002 * rng.random(300)])
    tangled = shapely.Polygon(ring)
    report = load(place, making.geojson(tmp_path / "t.geojson", [({"code": "T", "parent": "W1"}, tangled)]))
    assert (report.taken, report.refused) == (0, 1)
    assert report.problem_file is not None
    assert "polygon-not-repairable" in report.problem_file.read_text("utf-8-sig")
