"""GeoParquet 1.1: WKB geometry, a box beside each row as its covering, and what the file says of both.

Owns the encoding (https://geoparquet.org/releases/v1.1.0/). Longitude and latitude, OGC:CRS84, which is the default.
Does not own what else stands in a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BOX = pa.struct([(name, pa.float32()) for name in ("xmin", "ymin", "xmax", "ymax")])
GEOMETRY = (pa.field("geometry", pa.binary()), pa.field("bbox", BOX))
_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
_COVERING = {"bbox": {name: ["bbox", name] for name in ("xmin", "ymin", "xmax", "ymax")}}


def points(lon: Floats, lat: Floats) -> tuple[pa.Array, pa.Array]:
    """(geometry, bbox) of n points."""
    wkb = np.empty(len(lon), dtype=_POINT)
    wkb["order"], wkb["kind"], wkb["x"], wkb["y"] = 1, 1, lon, lat
    ends = np.arange(len(lon) + 1, dtype=np.int32) * _POINT.itemsize
    geometry = pa.Array.from_buffers(pa.binary(), len(lon), [None, pa.py_buffer(ends), pa.py_buffer(wkb.view("u1"))])
    return geometry, _boxes(lon, lat, lon, lat)


def shapes(found: NDArray[np.object_]) -> tuple[pa.Array, pa.Array]:
    """(geometry, bbox) of n polygons."""
    west, south, east, north = shapely.bounds(found).T
    return pa.array(shapely.to_wkb(found), type=pa.binary()), _boxes(west, south, east, north)


def _boxes(west: Floats, south: Floats, east: Floats, north: Floats) -> pa.Array:
    """Single precision, rounded outwards, so that a box always covers what it is of."""
    low = [np.where((near := side.astype(np.float32)) > side, np.nextafter(near, np.float32(-np.inf)), near)
           for side in (west, south)]  # fmt: skip
    high = [np.where((near := side.astype(np.float32)) < side, np.nextafter(near, np.float32(np.inf)), near)
            for side in (east, north)]  # fmt: skip
    return pa.StructArray.from_arrays([pa.array(side, pa.float32()) for side in (*low, *high)], fields=list(BOX))


class Writer:
    """Batches into one file; `bounds` grows with them. Rows of a batch are a row group, with a box of their own."""

    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema, kinds: Iterable[str]) -> None:
        self._writer, self._schema, self._kinds = writer, schema, list(kinds)
        self._bounds: list[float] = []
        self.rows = 0

    def write(self, columns: Iterable[pa.Array], bounds: Iterable[float]) -> None:
        """`columns` in the order of the schema; `bounds`: west, south, east, north of the batch, degrees."""
        batch = pa.RecordBatch.from_arrays(list(columns), schema=self._schema)
        self._writer.write_batch(batch)
        self.rows += batch.num_rows
        west, south, east, north = bounds
        if self._bounds:
            w, s, e, n = self._bounds
            west, south, east, north = min(w, west), min(s, south), max(e, east), max(n, north)
        self._bounds = [float(west), float(south), float(east), float(north)]

    def close(self, said: Mapping[str, Any]) -> None:
        column: dict[str, Any] = {"encoding": "WKB", "geometry_types": self._kinds, "covering": _COVERING}
        if self._bounds:
            column["bbox"] = self._bounds
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
        self._writer.add_key_value_metadata({"geo": json.dumps(geo), "gridgov": json.dumps(said, sort_keys=True)})


@contextmanager
def written(
    path: Path, columns: pa.Schema, kinds: Iterable[str], said: Mapping[str, Any] | None = None
) -> Iterator[Writer]:
    """A new file of these columns, the geometry and its box. `said`: what the file tells of itself as “gridgov”."""
    schema = pa.schema([*columns, *GEOMETRY])
    coded = [field.name for field in columns if not pa.types.is_floating(field.type)]
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=coded, store_schema=True) as writer:
        made = Writer(writer, schema, kinds)
        yield made
        made.close(said or {})
