"""The one shape every file is read into: a stream of batches of rows.

Owns `Source` and `Batch`. Does not own how a format is read (its own module does) nor what coordinates mean
(`place.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridgov.interop.files.faults import Fault

BATCH_ROWS = 5_000

Shapes = NDArray[np.object_]
Values = dict[str, object]


class Kind(StrEnum):
    """What a file is, by its content."""

    GEOJSON = "geojson"
    GEOPACKAGE = "geopackage"
    SHAPEFILE = "shapefile"
    ZIPPED_SHAPEFILE = "zipped shapefile"
    CSV = "csv"
    XLSX = "xlsx"
    OSM = "osm"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, in the file's order.

    `numbers`: row numbers as a person counts them: line of the sheet for tables (the header is row 1), feature number
    from 1 otherwise. `values`: one dict a row. `shapes`: shapely geometry or None a row. `faults`: index in this
    batch -> why the row cannot be taken. `share`: how much of the file has been read after this batch, 0..1.
    """

    numbers: list[int]
    values: list[Values]
    shapes: Shapes
    share: float
    faults: Mapping[int, Fault] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """An open file. `columns`: names seen in the first batch. `crs`: what the file itself declares, or None.

    `lonlat_by_rule`: the format says that coordinates without a declaration are longitude and latitude.
    `shape_columns`: the columns that hold the position (["geometry"], or the names of longitude and latitude).
    """

    path: Path
    kind: Kind
    columns: tuple[str, ...]
    crs: str | None
    lonlat_by_rule: bool
    shape_columns: tuple[str, ...]
    batches: Iterator[Batch]
    encoding: str | None = None


def primed(batches: Iterator[Batch]) -> tuple[Iterator[Batch], tuple[str, ...]]:
    """The same batches with the first one made already, and the columns seen in it; no columns: there is no batch.

    Nothing keeps the first batch once it has been given out.
    """
    first = next(batches, None)
    if first is None:
        return iter(()), ()
    columns = tuple(dict.fromkeys(name for values in first.values for name in values))
    return chain([first], batches), columns or ("",)


def shapes_of(count: int) -> Shapes:
    """An array of `count` empty places for geometries."""
    shapes: Shapes = np.empty(count, dtype=object)
    return shapes
