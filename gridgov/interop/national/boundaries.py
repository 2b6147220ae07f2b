"""Areas with their shapes as one GeoParquet file: of an instant, or as a plan draws them; and reading many of them.

Owns the columns and the file. Does not own what is in force (`areas`), what a plan draws (`planning`), nor what points
are counted by (`rebin`).

    FOLDER/boundaries/in-force/city=demo/areas.parquet      also 2026-01-01 for an instant, plan-12 for a plan
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import Locator
from gridgov.areas.rules import AreaFacts, Level
from gridgov.interop.national import geoparquet, manifest
from gridgov.planning import comparing, drafts
from gridgov.planning.drafts import Boards
from gridgov.planning.drawn import Drawn, grid_shapes
from gridgov.platform.db import Database
from gridgov.platform.errors import BadInput

FILE, FORM = "areas.parquet", "gridgov-boundaries"
COLUMNS = pa.schema(
    [
        ("city", pa.string()), ("level", pa.string()), ("code", pa.string()), ("parent_code", pa.string()),
        ("name_zh", pa.string()), ("name_en", pa.string()), ("kind", pa.string()), ("households", pa.int32()),
    ]
)  # fmt: skip
Cells = tuple[str, str, str, str | None, str | None, str | None, str | None, int | None]
BATCH_ROWS = 16_384


class House(Protocol):
    """What the export needs of the house of a city."""

    @property
    def db(self) -> Database: ...

    @property
    def locator(self) -> Locator: ...

    @property
    def boards(self) -> Boards: ...


class BoundariesUnusable(BadInput):
    """A file of boundaries that cannot be read, or that names an area twice."""

    code = "boundaries-unusable"


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Areas of one level of one or many cities, by city and code: parallel; `shapes` object[n] in degrees."""

    level: str
    cities: tuple[str, ...]
    codes: tuple[str, ...]
    names: tuple[tuple[str | None, str | None], ...]
    shapes: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.codes)


def export_boundaries(
    house: House, out: Path, *, now: datetime, at: datetime | None = None, plan_id: int | None = None
) -> tuple[Path, int]:
    """Write the areas in force at an instant (None: now), or with the grids that a plan draws, be it a draft, in place
    of those in force now. Returns the file and its rows; it appears whole or not at all.

    Raises `PlanUnknown`, `NoAreas`, `FolderUnusable`, `NoRoom`.
    """
    with house.db.transaction() as session:
        index = house.locator.index(session, at or now)
        if plan_id is None:
            name = "in-force" if at is None else f"{at:%Y-%m-%dT%H%M%SZ}"
            rows = _in_force(house.db.city, index, frozenset())
        else:
            name = f"plan-{drafts.plan(session, plan_id).id}"
            rows = _drawn(session, house, plan_id, index)
        cells = sorted(rows, key=lambda row: row[0][:3])
    path = out / "boundaries" / name / f"city={house.db.city}" / FILE
    said = {"form": FORM, "city": house.db.city, "of": name, "as_of": now.isoformat()}
    with manifest.writing(out):
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{FILE}.part")
        try:
            with geoparquet.written(half, COLUMNS, ["Polygon", "MultiPolygon"], said) as made:
                for start in range(0, len(cells), BATCH_ROWS):
                    _write(made, cells[start : start + BATCH_ROWS])
            manifest.flush(half)
            os.replace(half, path)
        finally:
            half.unlink(missing_ok=True)
    return path, len(cells)


def read_boundaries(paths: Sequence[Path], level: Level) -> Boundaries:
    """The areas of a level from files of boundaries, or from folders of them. Raises `BoundariesUnusable`."""
    tables = [_read(path, level) for path in _files(paths)]
    table = pa.concat_tables(tables).sort_by([("city", "ascending"), ("code", "ascending")])
    cities, codes = table.column("city").to_pylist(), table.column("code").to_pylist()
    keys = list(zip(cities, codes, strict=True))
    if not keys:
        raise BoundariesUnusable(
            f"There is no {level} in these boundaries.", field="level", remedy="Name a level that they have."
        )
    twice = next((one for one, following in pairwise(keys) if one == following), None)
    if twice is not None:
        raise BoundariesUnusable(
            f"{level} {twice[1]} of {twice[0]} comes twice.", field="boundaries", remedy="Give one file for each city."
        )
    try:
        shapes = shapely.from_wkb(table.column("geometry").to_numpy(zero_copy_only=False))
    except shapely.errors.ShapelyError as problem:
        raise BoundariesUnusable(f"A shape cannot be read: {problem}.", field="boundaries") from None
    names = tuple(zip(table.column("name_zh").to_pylist(), table.column("name_en").to_pylist(), strict=True))
    return Boundaries(level, tuple(cities), tuple(codes), names, np.asarray(shapes, dtype=object))


def _files(paths: Sequence[Path]) -> list[Path]:
    found = []
    for path in paths:
        inside = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        if not inside or not path.exists():
            raise BoundariesUnusable(
                f"There are no boundaries at “{path}”.", field="boundaries", remedy="gridgov export boundaries"
            )
        found += [one for one in inside if not one.name.startswith(".")]
    return found


def _read(path: Path, level: Level) -> pa.Table:
    wanted = ["city", "level", "code", "name_zh", "name_en", "geometry"]
    try:
        table = pq.ParquetFile(path).read(columns=wanted)
        return table.filter(pa.compute.equal(table.column("level"), str(level))).select(wanted)
    except (OSError, pa.ArrowException, KeyError) as problem:
        raise BoundariesUnusable(
            f"“{path}” cannot be read as boundaries: {str(problem).splitlines()[0]}.",
            field="boundaries",
            remedy="gridgov export boundaries writes them.",
        ) from None


def _in_force(city: str, index: AreaIndex, without: frozenset[int]) -> list[tuple[Cells, object]]:
    return [(_cells(city, index, one), index.shape(one.id)) for one in index.areas if one.id not in without]


def _cells(city: str, index: AreaIndex, one: AreaFacts) -> Cells:
    parent = index.get(one.parent_id) if one.parent_id is not None else None
    kind = None if one.kind is None else str(one.kind)
    names = one.names
    above = None if parent is None else parent.code
    return city, str(one.level), one.code, above, names.get("zh"), names.get("en"), kind, one.households


def _drawn(session: Session, house: House, plan_id: int, index: AreaIndex) -> list[tuple[Cells, object]]:
    """What is in force, with the plan's grids in the communities that it draws."""
    drawn = comparing.plan_drawn(session, plan_id, house.boards)
    communities = {one.community for one in drawn}
    gone = {
        below.id
        for one in index.areas
        if one.level == Level.COMMUNITY and one.code in communities
        for below in index.descendants(one.id)
        if below.level == Level.GRID
    }
    rows = _in_force(house.db.city, index, frozenset(gone))
    for one in drawn:
        rows += _of_sheet(house.db.city, one, index)
    return rows


def _of_sheet(city: str, drawn: Drawn, index: AreaIndex) -> Iterable[tuple[Cells, object]]:
    shapes, households = grid_shapes(drawn.ground, drawn.sheet), drawn.households()
    for draft in drawn.drafts():
        shape = shapes[draft.number]
        if shape.is_empty:
            continue
        was = None if draft.area_id is None else index.get(draft.area_id)
        code = draft.code or (was.code if was else f"{drawn.community}#{draft.number}")
        names = draft.names.get("zh"), draft.names.get("en")
        cells = (city, str(Level.GRID), code, drawn.community, *names, str(draft.kind), households[draft.number])
        yield cells, drawn.ground.projection.geometry_deg(shape)


def _write(made: geoparquet.Writer, rows: Sequence[tuple[Cells, object]]) -> None:
    shapes = np.array([shape for _, shape in rows], dtype=object)
    columns = [pa.array([cells[i] for cells, _ in rows], type=column.type) for i, column in enumerate(COLUMNS)]
    made.write([*columns, *geoparquet.shapes(shapes)], shapely.total_bounds(shapes))
