"""GeoJSON (RFC 7946, and the `crs` member of the 2008 text), read by ourselves, feature by feature.

Owns FeatureCollection, Feature and their geometries. Does not own encodings (`text.py`), JSON syntax
(`jsonstream.py`) nor the meaning of coordinates (`place.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gridgov.interop.files.faults import Fault, shown
from gridgov.interop.files.jsonstream import JsonStream
from gridgov.interop.files.refusals import FileBroken, FileEmpty
from gridgov.interop.files.source import BATCH_ROWS, Batch, Kind, Source, Values, primed, shapes_of
from gridgov.interop.files.text import TextStream, open_text

_GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
_TAIL_BYTES = 64 * 1024
_BATCH_BYTES = 1 << 22
_CRS_NAME = re.compile(r'"crs"\s*:\s*\{.{0,200}?"name"\s*:\s*"([^"]{1,200})"', re.DOTALL)


@contextmanager
def open_geojson(path: Path, encoding: str | None = None) -> Iterator[Source]:
    """Open a GeoJSON file. Raises FileBroken (not JSON, not GeoJSON), FileTruncated, FileEmpty, BrokenEncoding."""
    with open_text(path, encoding) as stream:
        cursor = JsonStream(stream, path.name)
        header: dict[str, Any] = {}
        features = _features(cursor, path.name, header)
        batches, columns = primed(_batches(features, stream))
        if not columns:
            raise FileEmpty(f"{path.name} holds no feature.", field="file", remedy="Export it again.")
        crs = _crs_name(header.get("crs")) or _crs_in_tail(path)
        yield Source(
            path=path,
            kind=Kind.GEOJSON,
            columns=columns,
            crs=crs,
            lonlat_by_rule=True,
            shape_columns=("geometry",),
            batches=batches,
            encoding=stream.encoding,
        )


def _features(cursor: JsonStream, name: str, header: dict[str, Any]) -> Iterator[Any]:
    """Walk through the top-level object; members before the features are collected in `header`."""
    if cursor.peek() == "[":
        raise FileBroken(f"{name} is a JSON list, not a GeoJSON FeatureCollection.", field="file", remedy=_REMEDY)
    cursor.take("{")
    found = False
    while cursor.peek() != "}":
        key = cursor.value()
        cursor.take(":")
        if key == "features" and cursor.peek() == "[":
            found = True
            yield from _list(cursor)
        else:
            header[key] = cursor.value()
        if cursor.take(",}") == "}":
            break
    if cursor.peek():
        raise FileBroken(f"{name} goes on after its end.", field="file", remedy=_REMEDY)
    kind = header.get("type")
    if found and kind in ("FeatureCollection", None):
        return
    if not found and kind == "Feature":
        yield header
    elif not found and kind in _GEOMETRIES:
        yield {"type": "Feature", "properties": {}, "geometry": header}
    else:
        raise FileBroken(
            f"{name} is JSON but not a GeoJSON FeatureCollection (its `type` is {shown(kind)!r}).",
            field="file",
            remedy=_REMEDY,
        )


_REMEDY = "Export it as GeoJSON (RFC 7946)."


def _list(cursor: JsonStream) -> Iterator[Any]:
    cursor.take("[")
    if cursor.peek() == "]":
        cursor.take("]")
        return
    number = 0
    while True:
        number += 1
        cursor.where = f"in feature {number}"
        yield cursor.value()
        cursor.where = f"after feature {number}"
        if cursor.take(",]") == "]":
            return


def _batches(features: Iterator[Any], stream: TextStream) -> Iterator[Batch]:
    """Group features by BATCH_ROWS, fewer when they are large; a file that is cut off raises, never silently."""
    number = begun = 0
    pending: list[Any] = []
    for feature in features:
        pending.append(feature)
        if len(pending) == BATCH_ROWS or stream.position() - begun > _BATCH_BYTES:
            yield _batch(pending, number, stream.share())
            number += len(pending)
            pending = []
            begun = stream.position()
    if pending:
        yield _batch(pending, number, 1.0)


def _batch(features: list[Any], before: int, share: float) -> Batch:
    values: list[Values] = []
    faults: dict[int, Fault] = {}
    shapes = shapes_of(len(features))
    points: list[int] = []
    places: list[tuple[float, float]] = []
    for index, feature in enumerate(features):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            values.append({})
            faults[index] = Fault("feature-broken", "geometry", shown(feature, 60))
            continue
        values.append(_properties(feature))
        geometry = feature.get("geometry")
        if geometry is None:
            continue
        place = _point(geometry)
        if place is not None:
            points.append(index)
            places.append(place)
            continue
        try:
            shapes[index] = _shape(geometry)
        except _BROKEN as error:
            faults[index] = Fault("geometry-broken", "geometry", shown(geometry, 60), {"detail": shown(error, 80)})
    if points:
        shapes[points] = shapely.points(np.asarray(places, dtype=float))
    return Batch(list(range(before + 1, before + 1 + len(features))), values, shapes, share, faults)


_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, shapely.errors.ShapelyError)


def _properties(feature: dict[str, Any]) -> Values:
    """The properties; the feature's own `id` (RFC 7946, 3.2) joins them as "id" when there is no such property."""
    properties = feature.get("properties")
    values: Values = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature and "id" not in values:
        values["id"] = feature["id"]
    return values


def _point(geometry: object) -> tuple[float, float] | None:
    """The usual point, without the detour of building an object for each."""
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None
    position = geometry.get("coordinates")
    if not isinstance(position, list) or len(position) < 2:
        return None
    x, y = position[0], position[1]
    if type(x) in (int, float) and type(y) in (int, float):
        return float(x), float(y)
    return None


def _shape(geometry: Any) -> BaseGeometry | None:
    """A shapely geometry in two dimensions; None when it is empty. Raises one of _BROKEN."""
    if not isinstance(geometry, dict) or geometry.get("type") not in _GEOMETRIES:
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        raise ValueError(f"there is no geometry of type {shown(kind, 40)}")
    if geometry["type"] == "Point" and geometry.get("coordinates"):
        raise ValueError("a position needs two numbers")
    built = shapely.force_2d(shape(geometry))
    return None if built.is_empty else built


def _crs_name(crs: object) -> str | None:
    """The name in the 2008 `crs` member: {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::26985"}}."""
    if not isinstance(crs, dict):
        return None
    properties = crs.get("properties")
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else None


def _crs_in_tail(path: Path) -> str | None:
    """A `crs` member that stands after the features is looked for at the end of the file, before any is used."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = stream.read().decode("utf-8", errors="replace")
    end_of_features = tail.rfind("]")
    # The member may itself hold a list after the features' own end, so look from the last feature's closing on.
    closing = tail.rfind("}]", 0, end_of_features + 1)
    found = _CRS_NAME.search(tail, closing if closing >= 0 else max(end_of_features, 0))
    return found.group(1) if found else None
