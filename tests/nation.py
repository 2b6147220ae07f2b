"""A made nation for tests and benches: cities side by side as exported facts, and boundaries, without any database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gridgov.analytics.facts import COLUMNS
from gridgov.interop.national import boundaries, geoparquet, manifest
from gridgov.interop.national.manifest import Manifest, Partition
from tests.bench.tiling import clustered_points, jagged_tiling

GROUPS = ("01", "02", "06", "09")
STATUSES = ("open", "closed")
AS_OF = "2026-11-01T00:00:00+00:00"
STEP = 1.0  # degrees from one city to the next


@dataclass(frozen=True, eq=False)
class Points:
    """What was put into a partition."""

    city: str
    month: str
    at: NDArray[np.float64]
    group: NDArray[np.int64]
    status: NDArray[np.int64]


def bounds(number: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a city."""
    west = 110.0 + STEP * number
    return west, 32.0, west + 0.6, 32.5


def make_facts(
    folder: Path, cities: Sequence[str], months: Sequence[str], rows: int, *, seed: int, batch: int = 131_072
) -> list[Points]:
    """Facts of `rows` incidents a city and month; returns them in the order of city and month."""
    rng = np.random.default_rng(seed)
    made = []
    for number, city in enumerate(cities):
        home, parts = manifest.city_folder(folder, city), []
        for month in months:
            at = clustered_points(rng, rows, bounds=bounds(number))
            knot = rng.choice(rows, rows // 10, replace=False)  # where there is more than chance explains
            at[knot] = bounds(number)[:2] + rng.uniform(0.10, 0.15, (len(knot), 2))
            points = Points(city, month, at, rng.integers(0, len(GROUPS), rows), rng.integers(0, 2, rows))
            path = home / f"month={month}" / manifest.FILE
            path.parent.mkdir(parents=True)
            write(path, points, batch)
            parts.append(Partition(month, rows, path.stat().st_size, manifest.digest(path), AS_OF))
            made.append(points)
        (home / manifest.NAME).write_text(Manifest(city, AS_OF, "made", "1:1:", "made", tuple(parts)).text())
    return made


def write(path: Path, points: Points, batch: int) -> None:
    """A partition; columns that nobody counts by are empty."""
    with geoparquet.written(path, COLUMNS, ["Point"]) as out:
        for start in range(0, len(points.at), batch):
            some = slice(start, start + batch)
            lon, lat = points.at[some].T.copy()
            n = len(lon)
            coded = {"category_group": (points.group, GROUPS), "status": (points.status, STATUSES)}
            columns = []
            for field in COLUMNS:
                if field.name in coded:
                    number, names = coded[field.name]
                    columns.append(pa.DictionaryArray.from_arrays(pa.array(number[some], pa.int32()), list(names)))
                else:
                    columns.append(
                        {"lon": pa.array(lon), "lat": pa.array(lat)}.get(field.name, pa.nulls(n, field.type))
                    )
            out.write([*columns, *geoparquet.points(lon, lat)], (lon.min(), lat.min(), lon.max(), lat.max()))


def make_boundaries(folder: Path, cities: Sequence[str], side: int, *, seed: int) -> dict[str, NDArray[np.object_]]:
    """side x side grids a city, that tile it; their codes rise in their order."""
    rng = np.random.default_rng(seed)
    made = {}
    for number, city in enumerate(cities):
        shapes = jagged_tiling(rng, side, side, bounds=bounds(number))
        path = folder / "boundaries" / "in-force" / f"city={city}" / boundaries.FILE
        path.parent.mkdir(parents=True)
        with geoparquet.written(path, boundaries.COLUMNS, ["Polygon"]) as out:
            n = len(shapes)
            texts = {
                "city": [city] * n, "level": ["grid"] * n, "code": [f"{i:06d}" for i in range(n)],
                "name_zh": [f"{i}号网格" for i in range(n)],
            }  # fmt: skip
            columns = [pa.array(texts.get(one.name, [None] * n), type=one.type) for one in boundaries.COLUMNS]
            out.write([*columns, *geoparquet.shapes(shapes)], shapely.total_bounds(shapes))
        made[city] = shapes
    return made
