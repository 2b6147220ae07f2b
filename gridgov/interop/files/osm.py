"""OpenStreetMap extracts (.osm, .osm.gz, .osm.pbf): roads as lines, buildings as polygons, amenities as points.

Owns which objects are taken and how they become geometries. Does not own the mapping of tags to our columns
(`imports/layers.py`). Every tag is kept; besides the tags a row has `@id` ("way/123") and `@class` (the value of
highway, building or amenity).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import osmium
import osmium.geom
import shapely

from gridgov.interop.files.faults import Fault, shown
from gridgov.interop.files.refusals import FileBroken, FileEmpty
from gridgov.interop.files.source import BATCH_ROWS, Batch, Kind, Source, Values, primed, shapes_of
from gridgov.interop.files.text import check_gzip


class Take(StrEnum):
    """What is taken from an extract."""

    STREET = "street"
    BUILDING = "building"
    SITE = "site"


# Ways for vehicles, and those for people on foot when they bear a name: nobody gives a nameless footway as an address.
ROADS = frozenset(
    f"{road}{link}" for road in ("motorway", "trunk", "primary", "secondary", "tertiary") for link in ("", "_link")
) | frozenset({"unclassified", "residential", "living_street", "service", "road", "track", "pedestrian", "busway"})
PATHS = frozenset({"footway", "path", "steps", "cycleway", "bridleway"})
_SITE_KEYS = ("amenity", "healthcare", "office")

_Found = tuple[Values, Any, Fault | None]


@contextmanager
def open_osm(path: Path, take: Take) -> Iterator[Source]:
    """Open an extract for one kind of object. Raises FileBroken (not readable, or cut off), FileEmpty (nothing of
    that kind).
    """
    if path.name.lower().endswith(".gz"):
        check_gzip(path)
    objects = {Take.STREET: _streets, Take.BUILDING: _buildings, Take.SITE: _sites}[take](path)
    batches, columns = primed(_batches(path, objects))
    if not columns:
        raise FileEmpty(f"{path.name} holds no {take}.", field="file", remedy="Leave it out of `take`.")
    yield Source(
        path=path,
        kind=Kind.OSM,
        columns=columns,
        crs="EPSG:4326",
        lonlat_by_rule=True,
        shape_columns=("geometry",),
        batches=batches,
    )


def _batches(path: Path, objects: Iterator[_Found]) -> Iterator[Batch]:
    number = 0
    pending: list[_Found] = []
    try:
        for found in objects:
            pending.append(found)
            if len(pending) == BATCH_ROWS:
                yield _batch(pending, number, 0.0)
                number += len(pending)
                pending = []
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise FileBroken(
            f"{path.name} cannot be read to its end: {error}.", field="file", remedy="Copy it again."
        ) from error
    if pending:
        yield _batch(pending, number, 1.0)


def _batch(found: list[_Found], before: int, share: float) -> Batch:
    shapes = shapes_of(len(found))
    faults: dict[int, Fault] = {}
    for index, (_values, shape, fault) in enumerate(found):
        shapes[index] = shape
        if fault is not None:
            faults[index] = fault
    numbers = list(range(before + 1, before + 1 + len(found)))
    return Batch(numbers, [values for values, _shape, _fault in found], shapes, share, faults)


def _streets(path: Path) -> Iterator[_Found]:
    reader: Any = osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
    for way in reader:
        kind = way.tags.get("highway")
        if not way.is_way() or way.tags.get("area") == "yes":
            continue
        if kind not in ROADS and not (kind in PATHS and "name" in way.tags):
            continue
        values = _values(way, f"way/{way.id}", kind)
        line = _line(way)
        fault = None if line is not None else Fault("parts-missing", "geometry", f"way/{way.id}")
        yield values, line, fault


def _line(way: Any) -> Any:
    """The centre line; where the extract lacks nodes it is broken into the stretches that are there."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            stretches[-1].append((node.lon, node.lat))
        elif stretches[-1]:
            stretches.append([])
    whole = [stretch for stretch in stretches if len(set(stretch)) > 1]
    if not whole:
        return None
    return shapely.LineString(whole[0]) if len(whole) == 1 else shapely.MultiLineString(whole)


def _buildings(path: Path) -> Iterator[_Found]:
    """Closed ways and multipolygon relations; a building whose ring does not close is named, not dropped."""
    wanted = osmium.filter.KeyFilter("building")
    reader: Any = osmium.FileProcessor(str(path)).with_locations().with_areas(wanted).with_filter(wanted)
    factory = osmium.geom.WKBFactory()
    awaited: dict[str, Values] = {}
    for thing in reader:
        kind = thing.tags.get("building")
        if thing.is_node() or kind == "no":
            continue
        if thing.is_area():
            name = f"{'way' if thing.from_way() else 'relation'}/{thing.orig_id()}"
            awaited.pop(name, None)
            values = _values(thing, name, kind)
            try:
                yield values, shapely.from_wkb(bytes.fromhex(factory.create_multipolygon(thing))), None
            except (RuntimeError, ValueError, shapely.errors.ShapelyError) as error:
                yield values, None, _unreadable(name, error)
        elif thing.is_way() and thing.tags.get("area") != "no":
            awaited[f"way/{thing.id}"] = _values(thing, f"way/{thing.id}", kind)
        elif thing.is_relation() and thing.tags.get("type") == "multipolygon":
            awaited[f"relation/{thing.id}"] = _values(thing, f"relation/{thing.id}", kind)
    for name, values in awaited.items():
        yield values, None, Fault("rings-open", "geometry", name)


def _sites(path: Path) -> Iterator[_Found]:
    wanted = osmium.filter.KeyFilter(*_SITE_KEYS)
    reader: Any = osmium.FileProcessor(str(path)).with_locations().with_areas(wanted).with_filter(wanted)
    factory = osmium.geom.WKBFactory()
    for thing in reader:
        kind = next((thing.tags[key] for key in _SITE_KEYS if key in thing.tags), None)
        if thing.is_node():
            yield _values(thing, f"node/{thing.id}", kind), shapely.Point(thing.lon, thing.lat), None
        elif thing.is_area():
            name = f"{'way' if thing.from_way() else 'relation'}/{thing.orig_id()}"
            values = _values(thing, name, kind)
            try:
                shape = shapely.from_wkb(bytes.fromhex(factory.create_multipolygon(thing)))
                yield values, shapely.point_on_surface(shape), None
            except (RuntimeError, ValueError, shapely.errors.ShapelyError) as error:
                yield values, None, _unreadable(name, error)


def _values(thing: Any, name: str, kind: str | None) -> Values:
    values: Values = {tag.k: tag.v for tag in thing.tags}
    values["@id"] = name
    values["@class"] = kind
    return values


def _unreadable(name: str, error: Exception) -> Fault:
    return Fault("geometry-broken", "geometry", name, {"detail": shown(error, 80)})
