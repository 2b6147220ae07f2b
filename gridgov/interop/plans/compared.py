"""A comparison of two plans as a GeoPackage: before, after, the ground that moves, and the table of grids.

Owns the layers. Does not own the comparison (`planning.compare`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shapely

from gridgov.interop.plans.columns import cells
from gridgov.interop.plans.writing import write_layer
from gridgov.planning.compare import FATES, GridPair
from gridgov.planning.comparing import Compared
from gridgov.planning.drawn import atom_shapes, grid_shapes
from gridgov.planning.metrics import NAMES
from gridgov.planning.rules import NOBODY

Rows = Iterator[tuple[dict[str, Any], Any]]


def compared_file(found: Sequence[Compared]) -> bytes:
    """Layers `before`, `after` (grids with their metrics and what becomes of them), `moved` (atoms) and `grids`
    (a table without shapes: metric by metric, before and after)."""
    with TemporaryDirectory(prefix="gridgov-") as folder:
        path = Path(folder) / "comparison.gpkg"
        for side in ("before", "after"):
            write_layer(path, side, list(_grids(found, side)))
        write_layer(path, "moved", list(_moved(found)))
        write_layer(path, "grids", list(_table(found)), spatial=False)
        return path.read_bytes()


def _grids(found: Sequence[Compared], side: str) -> Rows:
    for one in found:
        drawn = one.before if side == "before" else one.after
        shapes = grid_shapes(drawn.ground, drawn.sheet)
        for pair in one.comparison.grids:
            draft = pair.before if side == "before" else pair.after
            if draft is None:
                continue
            metrics = pair.metrics_before if side == "before" else pair.metrics_after
            row = {"community": drawn.community, **cells(draft), **_fate(pair)}
            yield (
                row | {name: metrics.get(name) for name in NAMES},
                drawn.ground.projection.geometry_deg(shapes[draft.number]),
            )


def _moved(found: Sequence[Compared]) -> Rows:
    for one in found:
        ground = one.after.ground
        shapes = ground.projection.geometry_deg(atom_shapes(ground, one.after.sheet))
        for moved in one.comparison.moved:
            shape = shapes[moved.atom]
            yield {
                "community": one.after.community, "atom": moved.key, "kind": moved.kind,
                "building_id": moved.building_id, "from_grid": None if moved.before == NOBODY else moved.before,
                "to_grid": None if moved.after == NOBODY else moved.after, "households": moved.households,
                "open_cases": moved.cases,
            }, shapely.multipolygons([shape]) if shape.geom_type == "Polygon" else shape  # fmt: skip


def _table(found: Sequence[Compared]) -> Rows:
    for one in found:
        for pair in one.comparison.grids:
            row: dict[str, Any] = {"community": one.after.community}
            for side, draft in (("before", pair.before), ("after", pair.after)):
                row[f"number_{side}"] = None if draft is None else draft.number
                row[f"code_{side}"] = None if draft is None else draft.code
            row |= _fate(pair) | {
                "households_before": pair.households_before,
                "households_after": pair.households_after,
            }
            for name in NAMES:
                if name != "households":
                    row[f"{name}_before"] = pair.metrics_before.get(name)
                    row[f"{name}_after"] = pair.metrics_after.get(name)
            yield row, None


def _fate(pair: GridPair) -> dict[str, Any]:
    zh, _en = FATES[pair.fate]
    partners = ",".join(map(str, pair.partners)) or None
    return {"fate": str(pair.fate), "fate_zh": zh, "partners": partners, "came": pair.came, "went": pair.went}
