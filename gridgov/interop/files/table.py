"""Tables: CSV (any usual delimiter, packed or not) and XLSX, with a position in columns of longitude and latitude or
in WKT.

Owns rows, headers and finding the position columns. Does not own encodings (`text.py`) nor the meaning of coordinates
(`place.py`).
"""

from __future__ import annotations

import csv
import math
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import shapely
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gridgov.interop.files.archive import check_archive
from gridgov.interop.files.choose import closest
from gridgov.interop.files.faults import Fault, shown
from gridgov.interop.files.refusals import ColumnMissing, FileBroken, FileEmpty, FileTruncated, LayerUnknown
from gridgov.interop.files.source import BATCH_ROWS, Batch, Kind, Shapes, Source, Values, primed, shapes_of
from gridgov.interop.files.text import open_text

_LON = ("lon", "lng", "long", "longitude", "x", "经度", "东经")
_LAT = ("lat", "latitude", "y", "纬度", "北纬")
_WKT = ("wkt", "geometry", "geom", "the_geom", "几何", "shape")
_DELIMITERS = ",;\t|"
_MOST_FIELD_CHARS = 1 << 28

# (row number, fields)
_Row = tuple[int, list[object]]


@dataclass(frozen=True, slots=True)
class PositionColumns:
    """Which columns hold the position: `lon` and `lat`, or `wkt`; all None when a table has none."""

    lon: str | None = None
    lat: str | None = None
    wkt: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.lon, self.lat, self.wkt) if name is not None)


@contextmanager
def open_csv(path: Path, wanted: PositionColumns, encoding: str | None = None) -> Iterator[Source]:
    """Open a delimited text. Raises FileEmpty (no header), FileBroken (header without names or with one twice),
    FileTruncated.
    """
    csv.field_size_limit(_MOST_FIELD_CHARS)
    with open_text(path, encoding) as stream:
        first_line = stream.text.readline()
        reader = csv.reader(chain([first_line], stream.text), delimiter=_delimiter(first_line), strict=True)

        def rows() -> Iterator[_Row]:
            last = 0
            try:
                for fields in reader:
                    last = reader.line_num
                    yield last, list(fields)
            except csv.Error as error:
                raise _csv_refusal(path, error, last + 1) from error

        yield _source(path, Kind.CSV, rows(), wanted=wanted, share=stream.share, encoding=stream.encoding)


@contextmanager
def open_xlsx(path: Path, wanted: PositionColumns, sheet: str | None = None) -> Iterator[Source]:
    """Open one sheet of a workbook (the first unless named). Raises UnsafeArchive, FileBroken, FileEmpty,
    LayerUnknown.
    """
    check_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not concern values
            book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile, OSError, SyntaxError) as error:
        raise FileBroken(
            f"{path.name} cannot be read as a workbook ({error}).", field="file", remedy="Save it again as .xlsx."
        ) from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise LayerUnknown(
                f"{path.name} has no sheet {sheet!r}.", field="layer", remedy=f"It has: {', '.join(book.sheetnames)}."
            )
        page = book[sheet] if sheet is not None else book.worksheets[0]
        total = page.max_row or 0
        done = 0

        def share() -> float:
            return min(1.0, done / total) if total else 0.0

        def rows() -> Iterator[_Row]:
            nonlocal done
            for number, fields in enumerate(page.iter_rows(values_only=True), start=1):
                done = number
                yield number, list(fields)

        yield _source(path, Kind.XLSX, rows(), wanted=wanted, share=share, encoding=None)
    finally:
        book.close()


def _source(
    path: Path,
    kind: Kind,
    rows: Iterator[_Row],
    *,
    wanted: PositionColumns,
    share: Callable[[], float],
    encoding: str | None,
) -> Source:
    header = _header(path, rows)
    position = _position(path, header, wanted)
    batches, seen = primed(_batches(rows, header, position, share))
    if not seen:
        raise FileEmpty(f"{path.name} has a header and no row.", field="file", remedy="Export it again.")
    return Source(
        path=path,
        kind=kind,
        columns=tuple(header),
        crs=None,
        lonlat_by_rule=True,
        shape_columns=position.names,
        batches=batches,
        encoding=encoding,
    )


def _delimiter(line: str) -> str:
    """The delimiter that stands most often in the header, outside quotation marks; a comma when none does."""
    bare = "".join(part for index, part in enumerate(line.split('"')) if index % 2 == 0)
    return max(_DELIMITERS, key=bare.count)


def _header(path: Path, rows: Iterator[_Row]) -> list[str]:
    fields: list[object] = []
    for _number, fields in rows:
        if any(_filled(field) for field in fields):
            break
    if not any(_filled(field) for field in fields):
        raise FileEmpty(f"{path.name} holds no header and no row.", field="file", remedy="Export it again.")
    while fields and not _filled(fields[-1]):
        fields.pop()
    names = [str(field).strip() if _filled(field) else f"column_{index}" for index, field in enumerate(fields, start=1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileBroken(
            f"{path.name} has the column {twice[0]!r} twice.", field="file", remedy="Give each column its own name."
        )
    return names


def _filled(field: object) -> bool:
    return field is not None and str(field).strip() != ""


def _position(path: Path, header: list[str], wanted: PositionColumns) -> PositionColumns:
    """The position columns: those the mapping names (they must exist), or those with a usual name."""
    for name in wanted.names:
        if name not in header:
            raise ColumnMissing(
                f"{path.name} has no column {name!r}.", field=f"columns.{name}", remedy=closest(name, header, "It has")
            )
    if wanted.names:
        return wanted
    by_lower = {name.lower(): name for name in reversed(header)}
    wkt = next((by_lower[name] for name in _WKT if name in by_lower), None)
    lon = next((by_lower[name] for name in _LON if name in by_lower), None)
    lat = next((by_lower[name] for name in _LAT if name in by_lower), None)
    if wkt is not None:
        return PositionColumns(wkt=wkt)
    return PositionColumns(lon=lon, lat=lat) if lon is not None and lat is not None else PositionColumns()


def _batches(
    rows: Iterator[_Row], header: list[str], position: PositionColumns, share: Callable[[], float]
) -> Iterator[Batch]:
    pending: list[_Row] = []
    for number, fields in rows:
        if not any(_filled(field) for field in fields):
            continue
        pending.append((number, fields))
        if len(pending) == BATCH_ROWS:
            yield _batch(pending, header, position, share())
            pending = []
    if pending:
        yield _batch(pending, header, position, 1.0)


def _batch(rows: list[_Row], header: list[str], position: PositionColumns, share: float) -> Batch:
    values: list[Values] = []
    faults: dict[int, Fault] = {}
    width = len(header)
    for index, (_number, fields) in enumerate(rows):
        while len(fields) > width and not _filled(fields[-1]):
            fields.pop()
        if len(fields) != width:
            code = "row-too-short" if len(fields) < width else "row-too-long"
            faults[index] = Fault(code, "", facts={"found": len(fields), "expected": width})
        values.append({name: _tidy(field) for name, field in zip(header, fields, strict=False)})
    shapes = shapes_of(len(rows))
    if position.wkt is not None:
        _fill_from_wkt(values, position.wkt, shapes, faults)
    elif position.lon is not None and position.lat is not None:
        _fill_from_lonlat(values, position.lon, position.lat, shapes, faults)
    return Batch([number for number, _fields in rows], values, shapes, share, faults)


def _tidy(field: object) -> object:
    """Text without blanks around it; empty text is no value."""
    if isinstance(field, str):
        return field.strip() or None
    return field


def _fill_from_wkt(values: list[Values], column: str, shapes: Shapes, faults: dict[int, Fault]) -> None:
    for index, row in enumerate(values):
        text = row.pop(column, None)
        if text is None or index in faults:
            continue
        try:
            shape = shapely.force_2d(shapely.from_wkt(str(text)))
        except shapely.errors.ShapelyError as error:
            faults[index] = Fault("geometry-broken", column, shown(text, 60), {"detail": shown(error, 80)})
            continue
        if shape is not None and not shape.is_empty:
            shapes[index] = shape


def _fill_from_lonlat(values: list[Values], lon: str, lat: str, shapes: Shapes, faults: dict[int, Fault]) -> None:
    where: list[int] = []
    places: list[tuple[float, float]] = []
    for index, row in enumerate(values):
        if index in faults:
            continue
        pair: list[float] = []
        for column in (lon, lat):
            value = row.get(column)
            if value is None:
                break
            number = _number(value)
            if number is None:
                faults[index] = Fault("not-a-number", column, shown(value))
                break
            pair.append(number)
        if len(pair) == 2:
            where.append(index)
            places.append((pair[0], pair[1]))
    if where:
        shapes[where] = shapely.points(np.asarray(places, dtype=float))


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan if str(value).strip().lower() in ("null", "none", "n/a") else None


def _csv_refusal(path: Path, error: csv.Error, line: int) -> FileBroken | FileTruncated:
    if "unexpected end" in str(error):
        return FileTruncated(
            f"{path.name} ends inside a quoted field that begins at line {line}.",
            field="file",
            remedy="Copy or export it again.",
        )
    return FileBroken(f"{path.name}, line {line}: {error}.", field="file", remedy="Export it again.")
