"""GeoPackage and Shapefile (zipped too), through GDAL, with the one driver that the file's content calls for.

Owns layers, companions of a shapefile, its encoding. Does not own archives (`archive.py`) nor the meaning of
coordinates (`place.py`).
"""

from __future__ import annotations

import io
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from gridgov.interop.files.archive import unpack_shapefile
from gridgov.interop.files.choose import closest
from gridgov.interop.files.dbf import encoding_of_dbf
from gridgov.interop.files.faults import Fault
from gridgov.interop.files.refusals import (
    FileBroken,
    FileEmpty,
    FilePartMissing,
    FileTruncated,
    LayerUnknown,
    NotWhatItSays,
)
from gridgov.interop.files.sniff import SHP_CODE
from gridgov.interop.files.source import BATCH_ROWS, Batch, Kind, Shapes, Source, primed, shapes_of

GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FieldError,
    pa.ArrowException,
    RuntimeError,
)
_SHP_HEADER_BYTES = 100
_COMPANIONS = (".shp", ".shx", ".dbf", ".prj")


@contextmanager
def open_geopackage(path: Path, layer: str | None = None) -> Iterator[Source]:
    """Open a layer of a GeoPackage (the only spatial one unless named). Raises LayerUnknown, FileBroken, FileEmpty."""
    try:
        with _quiet():
            found = [(str(name), geometry) for name, geometry in pyogrio.list_layers(path)]
    except GDAL_ERRORS as error:
        raise _broken(path, error) from error
    spatial = [name for name, geometry in found if geometry]
    if layer is None:
        if len(spatial) != 1:
            raise LayerUnknown(
                f"{path.name} holds {len(spatial)} layers with geometry.",
                field="layer",
                remedy=f"Name one with `layer`: {', '.join(spatial) or 'there is none'}.",
            )
        layer = spatial[0]
    elif layer not in (names := [name for name, _geometry in found]):
        raise LayerUnknown(
            f"{path.name} has no layer {layer!r}.", field="layer", remedy=closest(layer, names, "It has")
        )
    with _reading(path, path, Kind.GEOPACKAGE, layer, None) as source:
        yield source


@contextmanager
def open_shapefile(path: Path, encoding: str | None = None) -> Iterator[Source]:
    """Open a shapefile by its .shp. Raises FilePartMissing (.shx, .dbf), FileTruncated, FileBroken, BrokenEncoding."""
    with _open_shp(path, path, Kind.SHAPEFILE, encoding) as source:
        yield source


@contextmanager
def open_zipped_shapefile(path: Path, layer: str | None = None, encoding: str | None = None) -> Iterator[Source]:
    """Open the shapefile in a zip archive. Raises UnsafeArchive besides what `open_shapefile` raises."""
    with tempfile.TemporaryDirectory(prefix="gridgov-") as folder:
        shp = unpack_shapefile(path, Path(folder), layer)
        with _open_shp(path, shp, Kind.ZIPPED_SHAPEFILE, encoding) as source:
            yield source


@contextmanager
def open_held_shapefile(path: Path, parts: Mapping[str, Path], encoding: str | None = None) -> Iterator[Source]:
    """Open a shapefile whose files, by their ending, are held in memory. Raises what `open_shapefile` raises.

    Its texts are decoded here: GDAL would load a module of the system for an encoding such as GB18030.
    """
    _check_companions(path, parts)
    _check_head(path, parts[".shp"])
    found = encoding_of_dbf(parts[".dbf"], parts.get(".cpg"), encoding)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for ending in _COMPANIONS:
            if ending in parts:
                archive.writestr(f"shape{ending}", parts[ending].open("rb").read())
    with _reading(path, packed.getvalue(), Kind.ZIPPED_SHAPEFILE, None, "ISO-8859-1") as source:
        columns = tuple(_text(name, found) for name in source.columns)
        yield replace(source, columns=columns, batches=_retold(source.batches, found), encoding=found)


def _retold(batches: Iterator[Batch], encoding: str) -> Iterator[Batch]:
    for batch in batches:
        values = [
            {_text(name, encoding): _text(one, encoding) if isinstance(one, str) else one for name, one in row.items()}
            for row in batch.values
        ]
        yield replace(batch, values=values)


def _text(read: str, encoding: str) -> str:
    """A text that was read byte by byte; a last character that the width of its field cut off is left out."""
    return read.encode("latin-1").decode(encoding, "ignore")


@contextmanager
def _open_shp(path: Path, shp: Path, kind: Kind, encoding: str | None) -> Iterator[Source]:
    companions = {entry.suffix.lower(): entry for entry in shp.parent.iterdir() if entry.stem == shp.stem}
    _check_companions(path, companions)
    _check_head(path, shp)
    dbf = companions[".dbf"]
    found = encoding_of_dbf(dbf, companions.get(".cpg"), encoding)
    with _reading(path, shp, kind, None, found) as source:
        yield source


def _check_companions(path: Path, companions: Mapping[str, Path]) -> None:
    for ending, purpose in ((".shx", "the index"), (".dbf", "the attributes")):
        if ending not in companions:
            raise FilePartMissing(
                f"{path.name}: the {ending} file ({purpose}) is missing.",
                field="file",
                remedy="A shapefile is at least .shp, .shx and .dbf side by side; .prj says what its coordinates are.",
            )


def _check_head(path: Path, shp: Path) -> None:
    """The header says what the file is and how long (in 16-bit words, big-endian; ESRI white paper of 1998, p. 3).

    What it is matters: of text that names other files (a virtual file of GDAL), in an archive and called .shp, GDAL
    would read those.
    """
    with shp.open("rb") as stream:
        header = stream.read(_SHP_HEADER_BYTES)
    if header and not header.startswith(SHP_CODE):
        raise NotWhatItSays(
            f"{path.name} holds a .shp that is no shapefile.", field="file", remedy="Export the shapefile again."
        )
    size = shp.stat().st_size
    promised = 2 * struct.unpack(">i", header[24:28])[0] if len(header) == _SHP_HEADER_BYTES else _SHP_HEADER_BYTES
    if size < promised:
        raise FileTruncated(
            f"{path.name} is cut off: its header promises {promised:,} bytes, {size:,} are there.",
            field="file",
            remedy="Copy or export it again.",
        )


@contextmanager
def _reading(path: Path, target: Path | bytes, kind: Kind, layer: str | None, encoding: str | None) -> Iterator[Source]:
    try:
        with _quiet():
            info = pyogrio.read_info(target, layer=layer, encoding=encoding, force_feature_count=True)
            opened = pyogrio.raw.open_arrow(
                target, layer=layer, encoding=encoding, batch_size=BATCH_ROWS, use_pyarrow=True
            )
            meta, reader = opened.__enter__()
    except GDAL_ERRORS as error:
        raise _broken(path, error) from error
    try:
        geometry = meta.get("geometry_name") or "wkb_geometry"
        batches, seen = primed(_batches(path, reader, geometry, int(info["features"])))
        if not seen:
            raise FileEmpty(f"{path.name} holds no feature.", field="file", remedy="Export it again.")
        yield Source(
            path=path,
            kind=kind,
            columns=tuple(str(name) for name in meta["fields"]),
            crs=meta["crs"] or None,
            lonlat_by_rule=False,
            shape_columns=("geometry",),
            batches=batches,
            encoding=encoding,
        )
    finally:
        opened.__exit__(None, None, None)


@contextmanager
def _quiet() -> Iterator[None]:
    """GDAL warns of extensions and metadata that do not concern the features; errors still raise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _batches(path: Path, reader: pa.RecordBatchReader, geometry: str, total: int) -> Iterator[Batch]:
    done = 0
    try:
        for table in reader:
            names = [name for name in table.schema.names if name != geometry]
            columns = {name: table.column(name).to_pylist() for name in names}
            count = table.num_rows
            shapes = shapes_of(count)
            faults: dict[int, Fault] = {}
            if geometry in table.schema.names:
                shapes, faults = _decoded(table.column(geometry).to_pylist())
            values = [{name: column[index] for name, column in columns.items()} for index in range(count)]
            numbers = list(range(done + 1, done + 1 + count))
            done += count
            yield Batch(numbers, values, shapes, min(1.0, done / total) if total else 1.0, faults)
    except GDAL_ERRORS as error:
        raise _broken(path, error) from error
    if done < total:
        raise FileTruncated(
            f"{path.name} says that it holds {total:,} features; {done:,} could be read.",
            field="file",
            remedy="Copy it again.",
        )


def _decoded(wkb: list[bytes | None]) -> tuple[Shapes, dict[int, Fault]]:
    """Geometries; empty ones become None, ones that cannot be read a fault."""
    faults: dict[int, Fault] = {}
    shapes = shapes_of(len(wkb))
    try:
        shapes[:] = shapely.force_2d(shapely.from_wkb(np.asarray(wkb, dtype=object)))
    except shapely.errors.ShapelyError:
        for index, raw in enumerate(wkb):
            try:
                shapes[index] = shapely.force_2d(shapely.from_wkb(raw))
            except shapely.errors.ShapelyError as error:
                faults[index] = Fault("geometry-broken", "geometry", "", {"detail": str(error)[:80]})
    shapes[shapely.is_empty(shapes)] = None
    return shapes, faults


def _broken(path: Path, error: Exception) -> FileBroken:
    return FileBroken(f"{path.name} cannot be read: {error}.", field="file", remedy="Copy or export it again.")
