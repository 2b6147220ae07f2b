"""The result of the national job as files: the folder appears whole or not at all, and the same result is the same
bytes.

Owns the form. Does not own the numbers (`rebin`).

    counts.parquet    city, code, group, month, count; city and code are missing where no area holds the points
    areas.parquet     GeoParquet: city, code, names, count, score (Gi*), p, verdict (hot, cold or missing), shape
    result.json       what was counted, from which files, what was skipped and why
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from gridgov.interop.national import geoparquet, manifest
from gridgov.interop.national.rebin import National
from gridgov.platform.errors import Conflict

FORM, VERSION = "gridgov-national", 1
COUNTS, AREAS, RESULT = "counts.parquet", "areas.parquet", "result.json"
AREA_COLUMNS = pa.schema(
    [
        ("city", pa.string()), ("code", pa.string()), ("name_zh", pa.string()), ("name_en", pa.string()),
        ("count", pa.int64()), ("score", pa.float64()), ("p", pa.float64()), ("verdict", pa.string()),
    ]
)  # fmt: skip


class FolderTaken(Conflict):
    """Something else than an earlier result lies there."""

    code = "folder-taken"


def check_free(out: Path) -> None:
    """Before the work: whether a result may take this place. An earlier one makes room for it. Raises `FolderTaken`."""
    if out.exists() and not (out / RESULT).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise FolderTaken(f"“{out}” holds something else.", field="out", remedy="Name a new folder.")


def write(found: National, out: Path) -> None:
    """Put the result in place of an earlier one. Raises `FolderTaken`, `FolderUnusable`, `NoRoom`."""
    check_free(out)
    with manifest.writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".gridgov-", dir=out.parent) as made:
            folder, was = Path(made) / "new", Path(made) / "was"
            folder.mkdir()
            _counts(found, folder / COUNTS)
            _areas(found, folder / AREAS)
            (folder / RESULT).write_text(_text(found), encoding="utf-8")
            for name in (COUNTS, AREAS, RESULT):
                manifest.flush(folder / name)
            try:
                if out.exists():
                    os.replace(out, was)
                os.replace(folder, out)
            finally:  # of two renames, the first alone must not stay
                if was.exists() and not out.exists():
                    os.replace(was, out)


def _counts(found: National, path: Path) -> None:
    sums, areas = found.sums, found.boundaries
    nowhere = sums.area < 0
    place = pa.array(np.where(nowhere, 0, sums.area), mask=nowhere)
    table = pa.table(
        {
            "city": pa.array(areas.cities).take(place), "code": pa.array(areas.codes).take(place),
            "group": pa.array(sums.groups, pa.string()).take(pa.array(sums.group)),
            "month": pa.array(sums.months, pa.string()).take(pa.array(sums.month)),
            "count": pa.array(sums.count),
        }
    )  # fmt: skip
    pq.write_table(table, path, compression="zstd")


def _areas(found: National, path: Path) -> None:
    areas, spots = found.boundaries, found.spots
    verdict = [{1: "hot", -1: "cold"}.get(int(sign)) for sign in spots.found]
    columns = [
        pa.array(areas.cities), pa.array(areas.codes), pa.array([zh for zh, _ in areas.names], pa.string()),
        pa.array([en for _, en in areas.names], pa.string()), pa.array(found.sums.by_area(len(areas))),
        pa.array(spots.score), pa.array(spots.p), pa.array(verdict, pa.string()),
    ]  # fmt: skip
    with geoparquet.written(path, AREA_COLUMNS, ["Polygon", "MultiPolygon"], {"form": FORM}) as out:
        out.write([*columns, *geoparquet.shapes(areas.shapes)], shapely.total_bounds(areas.shapes))


def _text(found: National) -> str:
    counted = [one for one in found.parts if not one.why]
    document = {
        "form": FORM,
        "version": VERSION,
        "level": found.boundaries.level,
        "areas": len(found.boundaries),
        "points": found.sums.total,
        "outside": found.sums.outside,
        "statuses": list(found.statuses),
        "hot": int((found.spots.found > 0).sum()),
        "cold": int((found.spots.found < 0).sum()),
        "false_share": found.false_share,
        "seed": found.seed,
        "partitions": [
            {"city": one.city, "month": one.month, "rows": one.rows, "sha256": one.sha256, "as_of": one.as_of}
            for one in counted
        ],
        "skipped": [{"city": one.city, "month": one.month, "why": one.why} for one in found.parts if one.why],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
