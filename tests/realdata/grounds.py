"""Real places as what atoms are made from: an outline, streets, buildings or given polygons, all in EPSG:4326."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from gridgov.geo.atoms.forms import Buildings, Streets
from gridgov.geo.atoms.given import Given
from gridgov.geo.atoms.outline import metres
from gridgov.geo.crs import Projection, metre_srid
from gridgov.interop.files.osm import Take, open_osm


class Place(NamedTuple):
    """A community with what stands in it."""

    outline: Polygon | MultiPolygon
    streets: Streets
    buildings: Buildings
    projection: Projection


def shapes_of(table: Any) -> NDArray[np.object_]:
    """Two-dimensional shapes of a table in EPSG:4326."""
    return np.asarray(shapely.force_2d(table.to_crs(4326).geometry.to_numpy()), dtype=object)


def projection_of(shapes: Any) -> Projection:
    west, south, east, north = shapely.total_bounds(shapes)
    return Projection(metre_srid(float(west + east) / 2, float(south + north) / 2))


def bubenec(folder: Path) -> Place:
    """144 buildings and 35 streets of Prague; the outline is drawn 30 m around the buildings."""
    file = folder / "momepy_bubenec" / "bubenec.gpkg"
    buildings = shapes_of(geopandas.read_file(file, layer="buildings"))
    streets = shapes_of(geopandas.read_file(file, layer="streets"))
    projection = projection_of(buildings)
    around = shapely.convex_hull(shapely.union_all(metres(buildings, projection))).buffer(30.0, quad_segs=4)
    outline = projection.geometry_deg(around)
    return Place(outline, Streets.plain(shapely.get_parts(streets)), Buildings.plain(buildings), projection)


def ellis(folder: Path) -> tuple[Any, Given, NDArray[np.int64], set[tuple[int, int]]]:
    """(outline, 43 voting districts, people of each, the pairs that the file's own graph says are neighbours)."""
    file = folder / "us_ellis_vtd" / "ks_ellis_county_vtd.gpkg"
    table = geopandas.read_file(file, layer="ks_ellis_county_vap_data_vtd")
    shapes = shapes_of(table)
    names = [str(one) for one in table["path"]]
    place = {name: number for number, name in enumerate(names)}
    base = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    rows = base.execute("select path_1, path_2 from gerrydb_graph_edge").fetchall()
    base.close()
    pairs = {(min(place[a], place[b]), max(place[a], place[b])) for a, b in rows}
    outline = shapely.union_all(shapes)
    return outline, Given(shapes, tuple(names), ("",) * len(names)), table["total_pop"].to_numpy(), pairs


class Washington(NamedTuple):
    """40 commissions, 450 block groups with households, main roads."""

    commissions: NDArray[np.object_]
    names: list[str]
    block_groups: NDArray[np.object_]
    households: NDArray[np.int64]
    roads: NDArray[np.object_]


def washington(folder: Path) -> Washington:
    boundaries = folder / "dc_washington" / "boundaries"
    commissions = geopandas.read_file(boundaries / "advisory-neighborhood-commission-2013.geojson")
    groups = geopandas.read_file(boundaries / "census-block-groups-2010.geojson")
    roads = geopandas.read_file(folder / "dc_washington" / "major-roads.geojson")
    return Washington(
        shapes_of(commissions),
        [str(one) for one in commissions["ANC_ID"]],
        shapes_of(groups),
        groups["H0010002"].to_numpy().astype(np.int64),
        shapely.get_parts(shapes_of(roads)),
    )


def made_up_buildings(
    city: Washington, projection: Projection, *, seed: int, each: int = 12
) -> tuple[Buildings, NDArray[np.int64]]:
    """Square houses strewn over the block groups inside the commissions, `each` households apiece, none with a number
    of its own, and the block group of each: real totals on invented houses.
    """
    rng = np.random.default_rng(seed)
    shapes: list[Any] = []
    group: list[int] = []
    commissions = shapely.union_all(metres(city.commissions, projection))
    for number, area in enumerate(shapely.intersection(metres(city.block_groups, projection), commissions)):
        wanted = max(1, int(city.households[number]) // each) if city.households[number] else 0
        west, south, east, north = area.bounds
        inner = area.buffer(-8.0)
        inner = area if inner.is_empty else inner
        step = max((inner.area / max(wanted, 1)) ** 0.5, 9.0)
        xs, ys = np.meshgrid(np.arange(west, east, step), np.arange(south, north, step))
        points = np.column_stack([xs.ravel(), ys.ravel()]) + rng.uniform(-0.2, 0.2, (xs.size, 2)) * step
        points = points[shapely.contains_xy(inner, points[:, 0], points[:, 1])][:wanted]
        if wanted and not len(points):
            points = shapely.get_coordinates(area.representative_point())
        side = min(step * 0.3, 9.0)
        shapes += list(shapely.box(*(points - side).T, *(points + side).T))
        group += [number] * len(points)
    deg = projection.geometry_deg(np.array(shapes, dtype=object))
    return Buildings.plain(deg), np.array(group, dtype=np.int64)


def osm(file: Path, take: Take) -> list[tuple[dict[str, Any], Any]]:
    """(tags, shape) of what an extract has of a kind, as the product reads it."""
    out: list[tuple[dict[str, Any], Any]] = []
    with open_osm(file, take) as source:
        for batch in source.batches:
            out += [(dict(values), one) for values, one in zip(batch.values, batch.shapes, strict=True)]
    return [(values, one) for values, one in out if one is not None]


def helsinki(folder: Path) -> Place:
    """Roads and buildings of the extract; the outline is the box of its buildings."""
    file = folder / "osm" / "Helsinki.osm.pbf"
    roads, houses = osm(file, Take.STREET), osm(file, Take.BUILDING)
    lines, of = shapely.get_parts(np.array([one for _, one in roads], dtype=object), return_index=True)
    raised = np.array([values.get("bridge", "no") not in ("no", None) for values, _ in roads], dtype=np.bool_)
    sunk = np.array([values.get("tunnel", "no") not in ("no", None) for values, _ in roads], dtype=np.bool_)
    shapes = np.array([one for _, one in houses], dtype=object)
    projection = projection_of(shapes)
    outline = projection.geometry_deg(shapely.box(*shapely.total_bounds(metres(shapes, projection))).buffer(20))
    streets = Streets(np.asarray(lines, dtype=object), raised[of], sunk[of])
    return Place(outline, streets, Buildings.plain(shapes), projection)
