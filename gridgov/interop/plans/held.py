"""A file of a plan that came from outside, held in memory and read in a child process.

Owns which kinds of file a plan may be, how large, and the neutral rows that the child hands back. Does not own how a
format is read (`interop.files`), what coordinates mean (`interop.files.place`, outside the child: it needs the tables
of projections) nor what a row says (`incoming`).
"""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, cast

import numpy as np
import pyogrio
import shapely

from gridgov.interop.files.archive import check_archive
from gridgov.interop.files.faults import Fault
from gridgov.interop.files.geojson import open_geojson
from gridgov.interop.files.place import Placer, Wanted
from gridgov.interop.files.refusals import FileBroken, FilePartMissing, FormatUnknown, UnsafeArchive
from gridgov.interop.files.sniff import content_of
from gridgov.interop.files.source import Batch, Kind, Source, shapes_of
from gridgov.interop.files.table import PositionColumns, open_csv
from gridgov.interop.files.vector import open_geopackage, open_held_shapefile
from gridgov.interop.plans import packages
from gridgov.interop.plans.apart import TASK
from gridgov.interop.rows import Row, plain
from gridgov.platform.errors import GridgovError, TooLarge
from gridgov.platform.sandbox import FileUnreadable, Sandbox

MAX_BYTES = 48 * 1024 * 1024
MAX_ROWS = 300_000
MAX_VERTICES = 4_000_000
MAX_UNPACKED = 256 * 1024 * 1024
DOCUMENT_LAYER, DOCUMENT_MEMBER = "sheets", "sheets.json"
_KINDS = {
    "JSON": (Kind.GEOJSON, ".geojson"), "SQLite": (Kind.GEOPACKAGE, ".gpkg"),
    "ZIP archive": (Kind.ZIPPED_SHAPEFILE, ".zip"), "text": (Kind.CSV, ".csv"),
}  # fmt: skip


class PlanTooLarge(TooLarge):
    code = "plan-too-large"


@dataclass(frozen=True, slots=True)
class Asked:
    """What whoever sends a file says about it; None: the file says so itself. `layer` of a GeoPackage or archive."""

    layer: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class HeldFile:
    """The rows of a file with shapes in EPSG:4326 or None, the rows that cannot be used, and `document`: what gridgov
    itself wrote into it beside the rows, if it did."""

    kind: Kind
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[tuple[int, Fault], ...]
    document: Mapping[str, Any] | None
    encoding: str | None
    crs: str | None
    spatial: bool


def read(sandbox: Sandbox, data: bytes, asked: Asked, wanted: Wanted) -> HeldFile:
    """What a file says. Raises the errors of `interop.files.refusals`, `PlanTooLarge`, `FileUnreadable`."""
    if len(data) > MAX_BYTES:
        raise _too_large(f"At most {MAX_BYTES // 2**20} MB are taken.")
    head = json.dumps({"layer": asked.layer, "encoding": asked.encoding}).encode()
    answer = sandbox.run(TASK, struct.pack("<I", len(head)) + head + data)
    try:
        length = struct.unpack_from("<Q", answer)[0]
        told = json.loads(answer[8 : 8 + length])
        shapes = _shapes(answer[8 + length :], told["lengths"])
        batch = _batch(told, shapes)
        source = _source(told, batch)
    except (ValueError, TypeError, KeyError, IndexError, struct.error, shapely.errors.ShapelyError):
        raise FileUnreadable("This file cannot be read.", field="file", remedy="Export it again.") from None
    return _held(told, source, batch, wanted)


def _held(told: Mapping[str, Any], source: Source, batch: Batch, wanted: Wanted) -> HeldFile:
    spatial = any(shape is not None for shape in batch.shapes)
    label = None
    if spatial:
        placer = Placer(source, wanted)
        batch = placer.place(batch)
        placer.verdict()
        label = placer.label
    column = " ".join(source.shape_columns) or "geometry"
    rows = tuple(
        Row("", number, values, shape, column)
        for at, (number, values, shape) in enumerate(zip(batch.numbers, batch.values, batch.shapes, strict=True))
        if at not in batch.faults
    )
    faults = tuple((batch.numbers[at], fault) for at, fault in sorted(batch.faults.items()))
    document = told["document"] if isinstance(told["document"], dict) else None
    return HeldFile(source.kind, source.columns, rows, faults, document, source.encoding, label, spatial)


def _shapes(raw: bytes, lengths: list[int]) -> Any:
    """Geometries of well-known binary one after the other; length 0: none."""
    shapes = shapes_of(len(lengths))
    ends = np.cumsum(np.asarray(lengths, dtype=np.int64))
    parts = [raw[end - length : end] if length else None for end, length in zip(ends.tolist(), lengths, strict=True)]
    shapes[:] = shapely.from_wkb(np.asarray(parts, dtype=object))
    return shapes


def _batch(told: Mapping[str, Any], shapes: Any) -> Batch:
    faults = {
        int(at): Fault(str(code), str(column), str(value), {str(k): v for k, v in facts.items()})
        for at, code, column, value, facts in told["faults"]
    }
    return Batch([int(number) for number in told["numbers"]], list(told["values"]), shapes, 1.0, faults)


def _source(told: Mapping[str, Any], batch: Batch) -> Source:
    return Source(
        path=Path("file" + next(ending for kind, ending in _KINDS.values() if kind == told["kind"])),
        kind=Kind(told["kind"]),
        columns=tuple(str(name) for name in told["columns"]),
        crs=None if told["crs"] is None else str(told["crs"]),
        lonlat_by_rule=bool(told["lonlat_by_rule"]),
        shape_columns=tuple(str(name) for name in told["shape_columns"]),
        batches=iter([batch]),
        encoding=told["encoding"],
    )


def _too_large(detail: str) -> PlanTooLarge:
    return PlanTooLarge(detail, field="file", remedy="Send one district or community at a time.")


# ---------------------------------------------------------------------------------------------------- in the child


class _Held(io.BytesIO):
    """Bytes that answer to what the readers ask of a path; no file of this name is anywhere."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name
        self._data = data

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    def open(self, _mode: str = "rb") -> io.BytesIO:
        return io.BytesIO(self._data)

    def is_file(self) -> bool:
        return True

    def stat(self) -> os.stat_result:
        return os.stat_result((0, 0, 0, 0, 0, 0, len(self._data), 0, 0, 0))

    def read_text(self, encoding: str, errors: str = "strict") -> str:
        return self._data.decode(encoding, errors)


def _path(data: bytes, name: str) -> Path:
    return cast(Path, _Held(data, name))


def warm_up() -> None:
    """Codecs, drivers and their tables are read from disk at their first use, which a child cannot do."""
    for sample in _samples():
        with suppress(GridgovError):
            task(struct.pack("<I", 2) + b"{}" + sample)
    for encoding in ("utf-8", "gb18030", "gbk", "utf-16", "cp437", "ascii", "utf-8-sig", "latin-1"):
        "格".encode(encoding, "replace").decode(encoding, "replace")


def _samples() -> Iterator[bytes]:
    yield from ("atom,网格\n1,2\n".encode(encoding) for encoding in ("utf-8-sig", "utf-16", "gb18030"))
    yield b'{"type": "FeatureCollection", "features": []}'
    square = np.asarray([shapely.to_wkb(shapely.box(0, 0, 1, 1))], dtype=object)
    for driver in ("GPKG", "ESRI Shapefile"):
        out = io.BytesIO()
        with suppress(Exception):
            pyogrio.raw.write(
                out, square, [np.asarray(["格"], dtype=object)], ["name"], layer="grids", driver=driver,
                geometry_type="Polygon", crs="EPSG:4490", encoding="UTF-8",
            )  # fmt: skip
            yield out.getvalue()


def task(data: bytes) -> bytes:
    """In the child: the rows of a file as JSON, and their shapes as well-known binary behind it."""
    (length,) = struct.unpack_from("<I", data)
    asked = json.loads(data[4 : 4 + length])
    said, wkb = _told(data[4 + length :], asked.get("layer"), asked.get("encoding"))
    head = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
    return struct.pack("<Q", len(head)) + head + b"".join(wkb)


def _told(data: bytes, layer: str | None, encoding: str | None) -> tuple[dict[str, Any], list[bytes]]:
    found = content_of(_path(data, "file"))
    if found not in _KINDS:
        raise FormatUnknown(
            f"This file is {found}; a plan is not read from that.",
            field="file",
            remedy="Send GeoJSON, GeoPackage, a zipped Shapefile, or CSV.",
        )
    kind, ending = _KINDS[found]
    path = _path(data, "file" + ending)
    open_it: Mapping[Kind, Callable[[], AbstractContextManager[Source]]] = {
        Kind.GEOJSON: lambda: open_geojson(path, encoding),
        Kind.GEOPACKAGE: lambda: _open_geopackage(data, layer),
        Kind.ZIPPED_SHAPEFILE: lambda: _open_zip(path, layer, encoding),
        Kind.CSV: lambda: open_csv(path, PositionColumns(), encoding),
    }
    with open_it[kind]() as source:
        said, wkb = _rows(source)
    return {**said, "kind": str(kind), "document": _document(kind, data)}, wkb


def _rows(source: Source) -> tuple[dict[str, Any], list[bytes]]:
    numbers: list[int] = []
    values: list[dict[str, object]] = []
    faults: list[tuple[int, str, str, str, dict[str, object]]] = []
    wkb: list[bytes] = []
    vertices = 0
    for batch in source.batches:
        before = len(numbers)
        numbers += batch.numbers
        values += [{name: plain(value) for name, value in row.items()} for row in batch.values]
        wkb += [shapely.to_wkb(shape) if shape is not None else b"" for shape in batch.shapes]
        faults += [(before + at, f.code, f.column, f.value, dict(f.facts)) for at, f in batch.faults.items()]
        vertices += int(shapely.get_num_coordinates(batch.shapes).sum())
        if len(numbers) > MAX_ROWS:
            raise _too_large(f"At most {MAX_ROWS:,} rows are taken.")
        if vertices > MAX_VERTICES:
            raise _too_large(f"At most {MAX_VERTICES:,} corners are taken.")
    said = {
        "columns": list(source.columns), "crs": source.crs, "lonlat_by_rule": source.lonlat_by_rule,
        "shape_columns": list(source.shape_columns), "encoding": source.encoding, "numbers": numbers, "values": values,
        "faults": faults, "lengths": [len(one) for one in wkb],
    }  # fmt: skip
    return said, wkb


@contextmanager
def _open_geopackage(data: bytes, layer: str | None) -> Iterator[Source]:
    """A layer of a GeoPackage: the named one, that of the grids, or the only one."""
    plain_data, systems = packages.without_systems(data)
    chosen = layer or next((name for name in systems if name.lower() in ("grids", "grid", "网格")), None)
    with open_geopackage(_path(plain_data, "file.gpkg"), chosen) as source:
        yield replace(source, crs=systems.get(chosen or next(iter(systems))))


@contextmanager
def _open_zip(path: Path, layer: str | None, encoding: str | None) -> Iterator[Source]:
    """The one shapefile of an archive, or the one that is named, or that of the grids; nothing is unpacked to disk."""
    members = {one.filename: one for one in check_archive(path) if not one.filename.startswith("__MACOSX/")}
    shapes = sorted(name for name in members if name.lower().endswith(".shp"))
    stems = {PurePosixPath(name).stem: name for name in shapes}
    chosen = stems.get(layer or "grids") or (shapes[0] if len(shapes) == 1 and layer is None else None)
    if chosen is None:
        raise FilePartMissing(
            f"The archive holds {len(shapes)} shapefiles{'' if layer is None else f', none named {layer!r}'}.",
            field="layer",
            remedy=f"Name one with `layer`: {', '.join(sorted(stems)) or 'there is none; it needs a .shp file'}.",
        )
    parts = _members(path, members, PurePosixPath(chosen).with_suffix(""))
    said = parts.pop(".prj", None)  # GDAL would look it up in its tables
    with open_held_shapefile(path, parts, encoding) as source:
        yield replace(source, crs=None if said is None else said.read_text("utf-8", "replace").strip("\ufeff\x00 \r\n"))


def _members(path: Path, members: Mapping[str, zipfile.ZipInfo], stem: PurePosixPath) -> dict[str, Path]:
    """The files of one shapefile by their ending; bytes are counted as they come, for headers may lie."""
    found: dict[str, Path] = {}
    budget = MAX_UNPACKED
    with zipfile.ZipFile(cast(Any, path)) as archive:
        for name, member in members.items():
            inside = PurePosixPath(name)
            if inside.parent != stem.parent or inside.stem != stem.name or member.is_dir():
                continue
            data = _unpacked(archive, member, budget)
            budget -= len(data)
            found[inside.suffix.lower()] = _path(data, "shape" + inside.suffix.lower())
    return found


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: int) -> bytes:
    try:
        with archive.open(member) as stream:
            data = stream.read(budget + 1)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise FileBroken(
            f"{member.filename} cannot be unpacked ({error}).", field="file", remedy="Copy the archive again."
        ) from error
    if len(data) > budget:
        raise UnsafeArchive(f"{member.filename} unpacks to more than is taken.", field="file")
    return data


def _document(kind: Kind, data: bytes) -> dict[str, Any] | None:
    """What gridgov wrote beside the rows; None where it did not, or where somebody spoilt it."""
    raw: object = None
    with suppress(ValueError, KeyError, TypeError, GridgovError, zipfile.BadZipFile):
        if kind is Kind.GEOJSON and (at := data.find(b'"gridgov"')) >= 0:
            raw = json.JSONDecoder().raw_decode(data[at + 9 :].decode("utf-8").lstrip(" \r\n\t:"))[0]
        elif kind is Kind.ZIPPED_SHAPEFILE:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                raw = json.loads(_unpacked(archive, archive.getinfo(DOCUMENT_MEMBER), MAX_UNPACKED))
        elif kind is Kind.GEOPACKAGE:
            raw = json.loads(packages.text_in(data, DOCUMENT_LAYER, "document"))
    return raw if isinstance(raw, dict) else None
