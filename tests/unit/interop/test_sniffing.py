"""A file is opened only when its name and its content agree."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from gridgov.interop.files import read
from gridgov.interop.files.refusals import (
    FileBroken,
    FileEmpty,
    FileMissing,
    FormatUnknown,
    NotWhatItSays,
    UnsafeArchive,
)
from gridgov.interop.files.sniff import kind_of
from gridgov.interop.files.source import Kind

COLLECTION = b'{"type": "FeatureCollection", "features": []}'
VRT = (
    b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
    b"</OGRVRTDataSource>"
)


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.geojson", COLLECTION, Kind.GEOJSON),
        ("A.JSON", b"\xef\xbb\xbf \n" + COLLECTION, Kind.GEOJSON),
        ("a.csv", "编码,名称\n1,甲\n".encode("gbk"), Kind.CSV),
        ("a.csv.gz", gzip.compress(b"code,name\n1,x\n", mtime=0), Kind.CSV),
        ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 100, Kind.GEOPACKAGE),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\x00" * 96, Kind.SHAPEFILE),
        ("a.osm", b'<?xml version="1.0"?>\n<osm version="0.6"></osm>', Kind.OSM),
        ("a.osm.gz", gzip.compress(b"<osm/>", mtime=0), Kind.OSM),
        ("a.osm.pbf", b"\x00\x00\x00\x0e\x0a\x09OSMHeader\x18\xb5\x01", Kind.OSM),
    ],
)
def test_name_and_content_agree(tmp_path: Path, name: str, content: bytes, kind: Kind) -> None:
    assert kind_of(put(tmp_path, name, content)) is kind


@pytest.mark.parametrize(
    ("name", "content", "seen"),
    [
        ("areas.geojson", b"PK\x05\x06" + b"\x00" * 18, "empty ZIP archive"),
        ("areas.geojson", b"SQLite format 3\x00" + b"\x00" * 100, "SQLite"),
        ("areas.geojson", VRT, "a GDAL virtual file"),
        ("areas.geojson", b"<!DOCTYPE html><html><body>404</body></html>", "a web page"),
        ("areas.gpkg", COLLECTION, "JSON"),
        ("areas.gpkg", VRT, "a GDAL virtual file"),
        ("areas.shp", VRT, "a GDAL virtual file"),
        ("areas.csv", b"\x89PNG\r\n\x1a\n", "PNG picture"),
        ("areas.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office document"),
        ("areas.xlsx", b"code,name\n", "text"),
        ("areas.osm.pbf", b"<osm/>", "OSM XML"),
        ("areas.osm", b"<kml></kml>", "KML"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str, content: bytes, seen: str) -> None:
    path = put(tmp_path, name, content)
    with pytest.raises(NotWhatItSays, match="is not what its name says") as caught, read(path):
        pass
    assert seen in str(caught.value)
    assert caught.value.remedy


def test_missing_empty_and_unknown_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"no\.geojson"):
        kind_of(tmp_path / "no.geojson")
    with pytest.raises(FileEmpty, match="0 bytes"):
        kind_of(put(tmp_path, "a.geojson", b""))
    with pytest.raises(FormatUnknown, match=r"\.gpkg"):
        kind_of(put(tmp_path, "plan.dwg", b"AC1027"))


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_an_archive_that_names_places_outside_itself_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"../evil.shp": b"x"})
    with pytest.raises(UnsafeArchive, match="outside itself"), read(path):
        pass
    assert not (tmp_path.parent / "evil.shp").exists()


@pytest.mark.parametrize("name", ["/etc/a.shp", "C:/a.shp", "a\\..\\..\\b.shp"])
def test_absolute_and_windows_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafeArchive), read(zipped(tmp_path / "a.zip", {name: b"x"})):
        pass


def test_an_archive_that_grows_out_of_bounds_is_refused_by_its_headers(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", {"a.shp": b"\x00" * (80 * 1024**2)})
    assert path.stat().st_size < 200_000
    with pytest.raises(UnsafeArchive, match="would unpack to 83,886,080 bytes"), read(path):
        pass


def test_a_workbook_that_grows_out_of_bounds_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.xlsx", {"xl/workbook.xml": b"<x/>", "xl/sheet.xml": b" " * (80 * 1024**2)})
    with pytest.raises(UnsafeArchive), read(path):
        pass


def test_a_cut_archive_is_broken_not_empty(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "whole.zip", {"a.shp": b"x" * 5_000})
    cut = put(tmp_path, "cut.zip", whole.read_bytes()[:100])
    with pytest.raises(FileBroken, match="truncated"), read(cut):
        pass
