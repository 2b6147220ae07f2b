"""What a file is: its name says one thing, its first bytes prove it.

Owns the allow-list of names and the signatures. A format is opened only by the reader that its name and its content
agree on, so that no library guesses (GDAL would follow VRT text in a file named .geojson to other files). Does not
own reading.
"""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

from gridgov.interop.files.refusals import FileBroken, FileEmpty, FileMissing, FormatUnknown, NotWhatItSays
from gridgov.interop.files.source import Kind

SUPPORTED = ".geojson .json .gpkg .shp .zip .csv .csv.gz .tsv .txt .xlsx .osm .osm.gz .osm.pbf .pbf"

# ending of the name -> (kind, what the content has to be)
_ENDINGS: tuple[tuple[str, Kind, frozenset[str]], ...] = (
    (".osm.pbf", Kind.OSM, frozenset({"OSM PBF"})),
    (".osm.gz", Kind.OSM, frozenset({"gzip of OSM XML"})),
    (".csv.gz", Kind.CSV, frozenset({"gzip of text"})),
    (".pbf", Kind.OSM, frozenset({"OSM PBF"})),
    (".osm", Kind.OSM, frozenset({"OSM XML"})),
    (".geojson", Kind.GEOJSON, frozenset({"JSON"})),
    (".json", Kind.GEOJSON, frozenset({"JSON"})),
    (".gpkg", Kind.GEOPACKAGE, frozenset({"SQLite"})),
    (".shp", Kind.SHAPEFILE, frozenset({"shapefile"})),
    (".zip", Kind.ZIPPED_SHAPEFILE, frozenset({"ZIP archive"})),
    (".xlsx", Kind.XLSX, frozenset({"Excel workbook"})),
    (".csv", Kind.CSV, frozenset({"text"})),
    (".tsv", Kind.CSV, frozenset({"text"})),
    (".txt", Kind.CSV, frozenset({"text"})),
)

SHP_CODE = b"\x00\x00\x27\x0a"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"SQLite format 3\x00", "SQLite"),
    (SHP_CODE, "shapefile"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x05\x06", "empty ZIP archive"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "old Office document (.xls, .doc)"),
    (b"\x89PNG", "PNG picture"),
    (b"\xff\xd8\xff", "JPEG picture"),
    (b"PAR1", "Parquet"),
    (b"Rar!", "RAR archive"),
    (b"7z\xbc\xaf", "7-Zip archive"),
)

_HEAD_BYTES = 4096


def kind_of(path: Path) -> Kind:
    """The kind of file `path` is.

    Raises FileMissing, FileEmpty, FormatUnknown (a name we do not read), NotWhatItSays (content of another kind than
    the name).
    """
    if not path.is_file():
        raise FileMissing(
            f"There is no file {path}.", field="file", remedy="Check the path; it is relative to the city file."
        )
    if path.stat().st_size == 0:
        raise FileEmpty(f"{path.name} is empty (0 bytes).", field="file", remedy="Export it again.")
    kind, wanted = _promise(path)
    found = content_of(path)
    if found not in wanted:
        raise NotWhatItSays(
            f"{path.name} is not what its name says: it should be {' or '.join(sorted(wanted))}, "
            f"its content is {found}.",
            field="file",
            remedy="Rename it to what it is, or export it again.",
        )
    return kind


def content_of(path: Path) -> str:
    """A plain name of what the first bytes of the file are ("JSON", "SQLite", "ZIP archive", "text", …)."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _zip_content(path)
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return _gzip_content(path) if name == "gzip" else name
    if head[4:15] == b"\x0a\x09OSMHeader":
        return "OSM PBF"
    return _text_content(head)


def _promise(path: Path) -> tuple[Kind, frozenset[str]]:
    name = path.name.lower()
    for ending, kind, wanted in _ENDINGS:
        if name.endswith(ending):
            return kind, wanted
    raise FormatUnknown(
        f"{path.name}: files of this kind are not read.", field="file", remedy=f"Read are: {SUPPORTED}."
    )


def _zip_content(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            return "Excel workbook" if "xl/workbook.xml" in archive.namelist() else "ZIP archive"
    except zipfile.BadZipFile as error:
        raise FileBroken(
            f"{path.name} is a broken or truncated ZIP archive ({error}).",
            field="file",
            remedy="Copy or export it again.",
        ) from error


def _gzip_content(path: Path) -> str:
    try:
        with gzip.open(path) as stream:
            inner = _text_content(stream.read(_HEAD_BYTES))
    except (OSError, EOFError) as error:
        raise FileBroken(
            f"{path.name} is broken or truncated gzip ({error}).", field="file", remedy="Copy it again."
        ) from error
    return f"gzip of {inner}"


def _text_content(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    if b"\x00" in head:
        return "binary data of an unknown kind"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return "JSON"
    if not text.startswith(b"<"):
        return "text"
    lowered = text.lower()
    for mark, name in (
        (b"<osm", "OSM XML"),
        (b"<ogrvrtdatasource", "a GDAL virtual file"),
        (b"<html", "a web page"),
        (b"<kml", "KML"),
    ):
        if mark in lowered:
            return name
    return "XML"
