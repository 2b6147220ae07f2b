"""Streets, buildings, blocks and facilities from files, and all that an OSM extract has.

Owns which geometry a layer takes and how OSM tags become our columns. Does not own the layers (`areas.layers`) nor
sites (`sites.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from gridgov.areas.layers import Layer, LayerRow, put_layer
from gridgov.areas.names import index_own_names
from gridgov.interop import cityfile
from gridgov.interop.files import PositionColumns, Reading, Take, Wanted
from gridgov.interop.files.faults import RowFault
from gridgov.interop.imports.areas import polygon_of
from gridgov.interop.imports.run import Import, Place, city_box, importing, mapped, title_of
from gridgov.interop.imports.sites import import_sites
from gridgov.interop.problems import ImportReport
from gridgov.interop.rows import Row

OSM_COLUMNS = cityfile.LayerColumns(id="@id", name_zh="name:zh", name_en="name:en", class_="@class")
_WANTED_SHAPE = {Layer.STREET: "LineString", Layer.BUILDING: "Polygon", Layer.BLOCK: "Polygon", Layer.FACILITY: "Point"}


@dataclass(frozen=True, slots=True)
class _Made:
    row: LayerRow
    repaired: bool


def import_layer(place: Place, part: cityfile.Layer, paths: Sequence[Path]) -> list[ImportReport]:
    """Load one layer; from an OSM extract each kind that `take` names, one import each. Raises what reading raises."""
    if part.format is None:
        return [_import_one(place, part, Layer(part.layer or ""), paths, None)]
    reports = []
    for take in part.take:
        if take is Take.SITE:
            reports.append(import_sites(place, _sites_of(part), paths, take=take))
        else:
            reports.append(_import_one(place, part, Layer(take), paths, take))
    return reports


def _sites_of(part: cityfile.Layer) -> cityfile.Sites:
    columns = cityfile.SiteColumns(id="@id", name_zh="name:zh", name_en="name:en", kind="@class")
    return cityfile.Sites(files=part.files, columns=columns, source=part.source or "osm", datum=part.datum)


def _import_one(
    place: Place, part: cityfile.Layer, layer: Layer, paths: Sequence[Path], take: Take | None
) -> ImportReport:
    columns = part.columns if take is None else OSM_COLUMNS
    with importing(place, "layers", title_of(paths, layer)) as work:
        position = PositionColumns(columns.lon, columns.lat, columns.wkt)
        wanted = Wanted(part.crs, part.datum, city_box(work.session))
        how = Reading(part.source_layer, part.encoding, position, take, wanted)
        changed = False
        for path in paths:
            source = part.source or ("osm" if take is not None else path.stem)
            rows = _distinct(work, path, how, columns, layer)
            merged = put_layer(work.session, layer, source, [one.row for one in rows])
            work.tally.taken += merged.added + merged.changed
            work.tally.repeated += merged.repeated
            work.tally.repaired += sum(one.repaired for one in rows)
            changed = changed or merged.added + merged.changed > 0
        if changed:
            place.progress.step(f"{work.title}: names")
            index_own_names(work.session)
    return work.report()


def _distinct(work: Import, path: Path, how: Reading, columns: cityfile.LayerColumns, layer: Layer) -> list[_Made]:
    """The rows of a file, the first of each id; the same id again is a repeat."""
    found: dict[str, _Made] = {}
    for _row, one in work.each([path], how, mapped(columns), lambda row: _layer_row(row, columns, layer)):
        if found.setdefault(one.row.source_id, one) is not one:
            work.tally.repeated += 1
    return list(found.values())


def _layer_row(row: Row, columns: cityfile.LayerColumns, layer: Layer) -> _Made:
    shape, repaired = _shape_for(layer, row)
    made = LayerRow(
        source_id=row.text(columns.id, most=200) or f"row {row.number}",
        geom=shape,
        names=row.names(columns.name_zh, columns.name_en),
        class_=row.text(columns.class_, most=200) or row.text(columns.kind, most=200),
        households=row.count(columns.households) if layer is Layer.BUILDING else None,
        attributes=row.rest(mapped(columns).values()),
    )
    return _Made(made, repaired)


def _shape_for(layer: Layer, row: Row) -> tuple[BaseGeometry, bool]:
    if layer in (Layer.BUILDING, Layer.BLOCK):
        return polygon_of(row)
    shape = row.shape
    if shape is None:
        raise RowFault("geometry-missing", row.shape_column)
    if layer is Layer.STREET:
        if shape.geom_type not in ("LineString", "MultiLineString"):
            raise RowFault("geometry-of-other-kind", row.shape_column, found=shape.geom_type, expected="LineString")
        if shape.length == 0.0:
            raise RowFault("geometry-broken", row.shape_column, detail="the line has no length")
        return shape, False
    if shape.geom_type == "MultiPoint" and len(shapely.get_parts(shape)) == 1:
        shape = shapely.get_parts(shape)[0]
    if shape.geom_type != "Point":
        raise RowFault("geometry-of-other-kind", row.shape_column, found=shape.geom_type, expected=_WANTED_SHAPE[layer])
    return shape, False
