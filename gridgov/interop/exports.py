"""Areas and incidents out into files: GeoJSON, GeoPackage, CSV, Parquet.

Owns the columns and writing them batch by batch, so that no export has to fit into memory. Does not own who may
export, nor the rows (`areas.service`, `incidents.service`). Reporters' contacts are in no export.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from gridgov.areas import service as areas
from gridgov.areas.locator import Locator
from gridgov.areas.rules import TOP_DOWN, Level
from gridgov.auth.rules import EVERYWHERE
from gridgov.duties.router import Router
from gridgov.incidents.service import Filter, Seen, find
from gridgov.interop.progress import Progress, Silent
from gridgov.interop.spreadsheet import guarded
from gridgov.platform.db import Database
from gridgov.platform.errors import BadInput

PAGE_ROWS = 5_000
_CRS = "EPSG:4326"

AREA_COLUMNS = pa.schema(
    [
        ("level", pa.string()), ("code", pa.string()), ("parent_code", pa.string()), ("name_zh", pa.string()),
        ("name_en", pa.string()), ("kind", pa.string()), ("population", pa.int32()), ("households", pa.int32()),
        ("area_m2", pa.float64()), ("valid_from", pa.timestamp("us", "UTC")), ("valid_to", pa.timestamp("us", "UTC")),
        ("attributes", pa.string()), ("geometry", pa.binary()),
    ]
)  # fmt: skip
INCIDENT_COLUMNS = pa.schema(
    [
        ("id", pa.string()), ("number", pa.int64()), ("happened_at", pa.timestamp("us", "UTC")),
        ("received_at", pa.timestamp("us", "UTC")), ("category", pa.string()), ("category_zh", pa.string()),
        ("category_en", pa.string()), ("channel", pa.string()), ("status", pa.string()),
        *[(f"{level}_code", pa.string()) for level in TOP_DOWN], ("outside_m", pa.float64()), ("agency", pa.string()),
        ("agency_zh", pa.string()), ("agency_en", pa.string()), ("site_zh", pa.string()), ("site_en", pa.string()),
        ("text", pa.string()), ("address", pa.string()), ("reported_lon", pa.float64()), ("reported_lat", pa.float64()),
        ("datum", pa.string()), ("accuracy_m", pa.float64()), ("lon", pa.float64()), ("lat", pa.float64()),
        ("geometry", pa.binary()),
    ]
)  # fmt: skip


class Format(StrEnum):
    """What is written. CSV has the shape of areas as WKT, the point of incidents as lon and lat."""

    GEOJSON = "geojson"
    GPKG = "gpkg"
    CSV = "csv"
    PARQUET = "parquet"


class House(Protocol):
    """What exports need of the house of a city."""

    @property
    def db(self) -> Database: ...

    @property
    def locator(self) -> Locator: ...

    @property
    def router(self) -> Router: ...


class FolderMissing(BadInput):
    """The folder to write into does not exist."""

    code = "folder-missing"


def export_areas(
    house: House, out: Path, form: Format, *, level: Level | None = None, at: datetime | None = None
) -> int:
    """Write the areas in force at an instant (None: beyond the last change); returns their number.

    The file appears whole or not at all. Raises FolderMissing, and `NoAreas`.
    """
    with house.db.transaction() as session:
        index = house.locator.index(session, at)
        rows = (
            {
                "level": row.level,
                "code": row.code,
                "parent_code": row.parent_code,
                "name_zh": row.names.get("zh"),
                "name_en": row.names.get("en"),
                "kind": row.kind,
                "population": row.population,
                "households": row.households,
                "area_m2": row.area_m2,
                "valid_from": row.valid_from,
                "valid_to": row.valid_to,
                "attributes": json.dumps(row.attributes, ensure_ascii=False),
                "geometry": shapely.to_wkb(index.shape(row.id)),
            }
            for row in _area_rows(session, level, at)
        )
        return _write(out, form, "areas", "MultiPolygon", _batches(AREA_COLUMNS, rows))


def export_incidents(
    house: House, out: Path, form: Format, *, wanted: Filter | None = None, progress: Progress | None = None
) -> int:
    """Write incidents, newest first, with the codes of every level that held each when it happened; returns their
    number.

    The file appears whole or not at all. Raises FolderMissing.
    """
    shown = progress or Silent()
    shown.step(f"incidents to {out.name}")
    with house.db.transaction() as session:
        rows = (_incident(seen) for seen in _incidents(session, house, wanted or Filter(reach=EVERYWHERE), shown))
        return _write(out, form, "incidents", "Point", _batches(INCIDENT_COLUMNS, rows))


def _area_rows(session: Any, level: Level | None, at: datetime | None) -> Iterator[Any]:
    after: tuple[str, str] | None = None
    while rows := areas.list_areas(session, at=at, level=level, after=after, limit=PAGE_ROWS):
        yield from rows
        after = (rows[-1].level, rows[-1].code)


def _incidents(session: Any, house: House, wanted: Filter, shown: Progress) -> Iterator[Seen]:
    done = 0
    before = wanted.before
    while True:
        page = Filter(
            wanted.area,
            wanted.category,
            wanted.since,
            wanted.until,
            wanted.bbox,
            wanted.statuses,
            before,
            reach=wanted.reach,
        )
        found = find(session, page, locator=house.locator, router=house.router, limit=PAGE_ROWS)
        yield from found
        done += len(found)
        shown.advance(0.0, done)
        if len(found) < PAGE_ROWS:
            return
        before = (found[-1].row.happened_at, found[-1].row.id)


def _incident(seen: Seen) -> dict[str, object]:
    row = seen.row
    agency, site = row.agency_names or {}, row.site_names or {}
    codes = {area.level: area.code for area in seen.path}
    return {
        "id": str(row.id),
        "number": row.number,
        "happened_at": row.happened_at,
        "received_at": row.received_at,
        "category": row.category_code,
        "category_zh": row.category_names.get("zh"),
        "category_en": row.category_names.get("en"),
        "channel": row.channel,
        "status": row.status,
        **{f"{level}_code": codes.get(level) for level in TOP_DOWN},
        "outside_m": row.outside_m,
        "agency": row.agency_code,
        "agency_zh": agency.get("zh"),
        "agency_en": agency.get("en"),
        "site_zh": site.get("zh"),
        "site_en": site.get("en"),
        "text": row.text,
        "address": row.address,
        "reported_lon": row.reported_lon,
        "reported_lat": row.reported_lat,
        "datum": row.datum,
        "accuracy_m": row.accuracy_m,
        "lon": row.lon,
        "lat": row.lat,
        "geometry": shapely.to_wkb(shapely.Point(row.lon, row.lat)),
    }


def _batches(schema: pa.Schema, rows: Iterator[dict[str, object]]) -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        pending: list[dict[str, object]] = []
        for row in rows:
            pending.append(row)
            if len(pending) == PAGE_ROWS:
                yield pa.RecordBatch.from_pylist(pending, schema=schema)
                pending = []
        if pending:
            yield pa.RecordBatch.from_pylist(pending, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _write(out: Path, form: Format, layer: str, kind: str, rows: pa.RecordBatchReader) -> int:
    with _whole(out) as path:
        if form is Format.GPKG:
            return _write_gpkg(path, layer, kind, rows)
        if form is Format.PARQUET:
            return _write_parquet(path, kind, rows)
        return _write_csv(path, rows) if form is Format.CSV else _write_geojson(path, rows)


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A path beside `out` that takes its place when the block ends well, and vanishes when it does not."""
    if not out.parent.is_dir():
        raise FolderMissing(f"There is no folder {out.parent}.", field="out", remedy="Make it, or name another file.")
    with tempfile.TemporaryDirectory(prefix=".gridgov-", dir=out.parent) as folder:
        path = Path(folder) / out.name
        yield path
        os.replace(path, out)


def _write_csv(path: Path, rows: pa.RecordBatchReader) -> int:
    """UTF-8 with a mark, so that a spreadsheet reads Chinese; text that looks like a formula is defused."""
    names = [name for name in rows.schema.names if name != "geometry"]
    wkt = "lon" not in names
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        out = csv.writer(stream)
        out.writerow([*names, "wkt"] if wkt else names)
        for batch in rows:
            for row in batch.to_pylist():
                cells = [guarded(_text(row[name])) for name in names]
                out.writerow([*cells, shapely.from_wkb(row["geometry"]).wkt] if wkt else cells)
            count += batch.num_rows
    return count


def _write_geojson(path: Path, rows: pa.RecordBatchReader) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"type": "FeatureCollection", "features": [')
        for batch in rows:
            for row in batch.to_pylist():
                shape = row.pop("geometry")
                properties = json.dumps({name: _text(value) for name, value in row.items()}, ensure_ascii=False)
                geometry = shapely.to_geojson(shapely.from_wkb(shape))
                stream.write(",\n" if count else "\n")
                stream.write(f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}')
                count += 1
        stream.write("\n]}\n")
    return count


def _write_gpkg(path: Path, layer: str, kind: str, rows: pa.RecordBatchReader) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        pyogrio.raw.write_arrow(
            rows, path, layer=layer, driver="GPKG", geometry_name="geometry", geometry_type=kind, crs=_CRS
        )
    return int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"])


def _write_parquet(path: Path, kind: str, rows: pa.RecordBatchReader) -> int:
    """GeoParquet 1.1: WKB, longitude and latitude (OGC:CRS84 by default)."""
    types = [kind] if kind == "Point" else ["Polygon", kind]
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": types}},
    }
    schema = rows.schema.with_metadata({"geo": json.dumps(geo)})
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as out:
        for batch in rows:
            out.write_batch(batch.cast(schema))
            count += batch.num_rows
    return count


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
