"""Plans out into files: GeoJSON, GeoPackage, zipped Shapefile, and a CSV of atoms and their grids.

Owns the layers and what is written beside them, so that what comes back unchanged is the same sheet. Does not own the
columns (`columns`) nor who may export.
"""

from __future__ import annotations

import csv
import io
import json
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyogrio
import shapely

from gridgov.interop.plans.columns import ATOM_COLUMNS, CORNER, GRID_COLUMNS, cells, corner_text
from gridgov.interop.plans.held import DOCUMENT_LAYER, DOCUMENT_MEMBER
from gridgov.interop.spreadsheet import guarded
from gridgov.planning.drawn import Drawn, atom_shapes, grid_shapes
from gridgov.planning.rules import NOBODY, GridDraft

FORMAT, VERSION = "gridgov-plan", 1
MOST_SHP_BYTES = 254
README = """{title}

网格 grids.shp,地块 atoms.shp;坐标系 WGS-84 经纬度 (EPSG:4326),属性表编码 UTF-8。
grids.shp holds the grids, atoms.shp the atoms; longitude and latitude in WGS-84 (EPSG:4326), texts in UTF-8.

Shapefile 的字段名最多 10 个字符、文本最多 254 字节;更长的文本在属性表中截短,完整内容在 sheets.json 中。
A Shapefile takes names of at most 10 characters and texts of at most 254 bytes; longer texts are cut in the table and
whole in sheets.json. 重新导入时请发送整个压缩包。To import it again, send the whole archive.

{columns}
"""


class PlanFormat(StrEnum):
    """What is written."""

    GEOJSON = "geojson"
    GPKG = "gpkg"
    SHP = "shp"
    CSV = "csv"

    @property
    def ending(self) -> str:
        """How the file's name ends."""
        return ".zip" if self is PlanFormat.SHP else f".{self}"


def written(parts: Sequence[Drawn], form: PlanFormat, *, title: str) -> bytes:
    """The file of some sheets. `title`: what it is, for people."""
    write = {
        PlanFormat.GEOJSON: _geojson, PlanFormat.GPKG: _geopackage, PlanFormat.SHP: _shapefile, PlanFormat.CSV: _csv,
    }[form]  # fmt: skip
    return write(parts, title)


def document(parts: Sequence[Drawn], title: str) -> dict[str, Any]:
    """What no table can say: the sheets with every atom by its key."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": title,
        "sheets": {
            part.community: {
                **part.sheet.document(),
                "atoms": {key: int(n) for key, n in zip(part.ground.keys, part.sheet.assignment.tolist(), strict=True)},
            }
            for part in parts
        },
    }


def _grid_rows(parts: Sequence[Drawn]) -> Iterator[tuple[dict[str, Any], Any]]:
    """(cells, shape in EPSG:4326) of every grid."""
    for part in parts:
        shapes, households = grid_shapes(part.ground, part.sheet), part.households()
        for draft in part.drafts():
            shape = shapes[draft.number]
            row = {"community": part.community, **cells(draft), "households": households[draft.number]}
            yield row | {"area_m2": round(float(shape.area), 1)}, part.ground.projection.geometry_deg(shape)


def _atom_rows(parts: Sequence[Drawn]) -> Iterator[tuple[dict[str, Any], Any]]:
    for part in parts:
        ground = part.ground
        shapes = ground.projection.geometry_deg(atom_shapes(ground, part.sheet))
        for no, key in enumerate(ground.keys):
            number = int(part.sheet.assignment[no])
            row = {"community": part.community, "atom": key, "basis_no": no, "kind": ground.kinds[no]}
            row |= {"households": int(ground.households[no]), "number": None if number == NOBODY else number}
            yield row, shapely.multipolygons([shapes[no]]) if shapes[no].geom_type == "Polygon" else shapes[no]


def _geojson(parts: Sequence[Drawn], title: str) -> bytes:
    """RFC 7946, with the sheets as the foreign member “gridgov” (section 6.1)."""
    lines = []
    for row, shape in _grid_rows(parts):
        geometry = "null" if shape.is_empty else shapely.to_geojson(shape)
        properties = json.dumps(row, ensure_ascii=False)
        lines.append(f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}')
    beside = json.dumps(document(parts, title), ensure_ascii=False)
    features = ",\n".join(lines)
    return f'{{"type": "FeatureCollection", "features": [\n{features}\n],\n"gridgov": {beside}}}\n'.encode()


def _geopackage(parts: Sequence[Drawn], title: str) -> bytes:
    with TemporaryDirectory(prefix="gridgov-") as folder:
        path = Path(folder) / "plan.gpkg"
        write_layer(path, "grids", list(_grid_rows(parts)))
        write_layer(path, "atoms", list(_atom_rows(parts)))
        beside = json.dumps(document(parts, title), ensure_ascii=False)
        write_layer(path, DOCUMENT_LAYER, [({"document": beside}, None)], spatial=False)
        return path.read_bytes()


def _shapefile(parts: Sequence[Drawn], title: str) -> bytes:
    out = io.BytesIO()
    with TemporaryDirectory(prefix="gridgov-") as folder:
        for layer, rows in (("grids", _grid_rows(parts)), ("atoms", _atom_rows(parts))):
            known = {column.name for column in (*GRID_COLUMNS, *ATOM_COLUMNS)} | {"households", "area_m2", "kind"}
            kept = [({k: _short(v) for k, v in row.items() if k in known}, shape) for row, shape in rows]
            write_layer(Path(folder) / f"{layer}.shp", layer, kept, driver="ESRI Shapefile")
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).iterdir()):
                archive.write(path, path.name)
            archive.writestr(DOCUMENT_MEMBER, json.dumps(document(parts, title), ensure_ascii=False))
            told = "\n".join(f"{one.name:<11}{one.zh} / {one.en}" for one in (*GRID_COLUMNS, *ATOM_COLUMNS))
            archive.writestr("README.txt", README.format(title=title, columns=told).encode("utf-8-sig"))
    return out.getvalue()


def _short(value: Any) -> Any:
    """A text of at most 254 bytes, cut between characters."""
    if not isinstance(value, str) or len(value.encode()) <= MOST_SHP_BYTES:
        return value
    return value.encode()[:MOST_SHP_BYTES].decode("utf-8", "ignore")


def _csv(parts: Sequence[Drawn], _title: str) -> bytes:
    """A row an atom with everything that is said of its grid, then a row for each grid without atoms and each corner
    that was moved. UTF-8 with a mark, so that a spreadsheet reads Chinese."""
    languages = sorted({one for part in parts for draft in part.drafts() for one in draft.names} - {"zh", "en"})
    said = [*cells(GridDraft(0)), *(f"name_{one}" for one in languages)]
    moved = any(part.sheet.corners for part in parts)
    names = ["community", "atom", "basis_no", "households", *said, *([CORNER] if moved else [])]
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, names, restval="", extrasaction="ignore")
    table.writeheader()
    for part in parts:
        for row in _csv_rows(part):
            table.writerow({name: "" if value is None else guarded(value) for name, value in row.items()})
    return out.getvalue().encode("utf-8-sig")


def _csv_rows(part: Drawn) -> Iterator[dict[str, Any]]:
    told = {draft.number: cells(draft) for draft in part.drafts()}
    for no, key in enumerate(part.ground.keys):
        row = {"community": part.community, "atom": key, "basis_no": no, "households": int(part.ground.households[no])}
        yield row | told.get(int(part.sheet.assignment[no]), {})
    for number in sorted(set(told) - set(part.sheet.assignment.tolist())):
        yield {"community": part.community, **told[number]}
    for before, after in sorted(part.sheet.corners.items()):
        yield {"community": part.community, CORNER: corner_text(before, after)}


def write_layer(
    path: Path,
    layer: str,
    rows: Sequence[tuple[dict[str, Any], Any]],
    *,
    driver: str = "GPKG",
    kind: str = "MultiPolygon",
    spatial: bool = True,
) -> None:
    """Adds a layer to a file; shapes in EPSG:4326, an empty one is none. Columns are those of all rows together."""
    names = list(dict.fromkeys(name for row, _shape in rows for name in row))
    fields = [_field([row.get(name) for row, _shape in rows]) for name in names]
    masks = [np.asarray([row.get(name) is None for row, _shape in rows], dtype=bool) for name in names]
    shapes = None
    if spatial:
        shapes = np.asarray([None if s is None or s.is_empty else shapely.to_wkb(s) for _row, s in rows], dtype=object)
    more = {"encoding": "UTF-8"} if driver == "ESRI Shapefile" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        pyogrio.raw.write(
            path, shapes, fields, names, field_mask=masks, layer=layer, driver=driver,
            geometry_type=kind if spatial else None, crs="EPSG:4326" if spatial else None,
            append=path.exists() and driver == "GPKG", **more,
        )  # fmt: skip


def _field(values: list[Any]) -> Any:
    """A column of one type: whole numbers, numbers, or texts."""
    there = [value for value in values if value is not None]
    if there and all(isinstance(value, int) for value in there):
        return np.asarray([0 if value is None else value for value in values], dtype=np.int64)
    if there and all(isinstance(value, int | float) for value in there):
        return np.asarray([0.0 if value is None else value for value in values], dtype=np.float64)
    return np.asarray([None if value is None else str(value) for value in values], dtype=object)
