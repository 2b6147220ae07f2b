"""The city's folder: the city file, two GeoPackages, four tables.

Owns: coordinates on the globe (the plan's metres lie in the city's metre CRS around its origin; written as
lon/lat to 1e-7 of a degree, so that what was shared stays shared), the form of each file. Does not own: the
city (`city`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pyproj
import shapely
from numpy.typing import NDArray

from gridgov.interop.democity import citytoml, facilities, rhythm, stationed, stock
from gridgov.interop.democity.agencies import Site
from gridgov.interop.democity.areas import Area, Areas
from gridgov.interop.democity.city import City
from gridgov.interop.democity.citytoml import AGENCY_COLUMNS, DUTY_COLUMNS, INCIDENT_COLUMNS, SITE_COLUMNS
from gridgov.interop.democity.incidents import Incidents, house_numbers
from gridgov.interop.democity.planar import Floats

_HOMES = ("slab", "court", "garden", "middle", "tower", "old", "village")
_BUILDING_CLASS = {
    "commercial": "commercial",
    "mall": "commercial",
    "market": "commercial",
    "barbecue": "commercial",
    "office": "office",
    "city-hall": "public",
    "civic": "public",
    "library": "public",
    "stadium": "public",
    "temple": "public",
    "station": "transport",
    "bus-station": "transport",
    "school": "school",
    "campus": "school",
    "hospital": "hospital",
    "factory": "industrial",
    "works": "industrial",
    "construction": "construction",
}


Values = Sequence[str] | Sequence[int] | NDArray[np.int64]


class Globe:
    """From the plan's metres to lon/lat (EPSG:4326), rounded to 1e-7 degree (about 1 cm)."""

    def __init__(self) -> None:
        city = stock.places()["city"]
        self.srid_m = int(city["srid_m"])
        self._back = pyproj.Transformer.from_crs(self.srid_m, 4326, always_xy=True)
        there = pyproj.Transformer.from_crs(4326, self.srid_m, always_xy=True)
        self._origin = np.round(np.array(there.transform(*city["centre"])))

    def points(self, xy: Floats) -> Floats:
        lon, lat = self._back.transform(*(np.asarray(xy, dtype=float) + self._origin).T)
        return np.asarray(np.round(np.c_[lon, lat], 7))

    def shapes(self, geometries: Iterable[Any]) -> NDArray[np.object_]:
        return np.asarray(shapely.transform(np.array(list(geometries), dtype=object), self.points))


def _layer(path: Path, layer: str, shapes: NDArray[np.object_], geometry_type: str, columns: dict[str, Values]) -> None:
    """Write one layer of a GeoPackage. Columns are text or whole numbers."""
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=[np.array(values, dtype=np.int64 if _whole(values) else object) for values in columns.values()],
        fields=np.array(list(columns), dtype=object),
        geometry_type=geometry_type,
        crs="EPSG:4326",
        layer=layer,
        driver="GPKG",
        promote_to_multi=False,
    )


def _whole(values: Values) -> bool:
    return len(values) > 0 and isinstance(values[0], int | np.integer)


def write_areas(path: Path, levels: dict[str, list[Area]], globe: Globe) -> dict[str, NDArray[np.object_]]:
    """areas.gpkg; gives the shapes as written, by level."""
    written = {}
    for level, areas in levels.items():
        written[level] = globe.shapes(a.polygon for a in areas)
        multi = np.array([shapely.multipolygons(shapely.get_parts(s)) for s in written[level]], dtype=object)
        _layer(
            path,
            level,
            multi,
            "MultiPolygon",
            {
                "code": [a.code for a in areas],
                "name": [a.name[0] for a in areas],
                "name_en": [a.name[1] for a in areas],
                "parent": [a.parent for a in areas],
                "kind": [a.kind for a in areas],
                "population": [a.population for a in areas],
                "households": [a.households for a in areas],
            },
        )
    return written


def write_layers(path: Path, city: City, globe: Globe) -> None:
    """layers.gpkg: streets, blocks, buildings, facilities."""
    district = np.array([a.code[:6] for a in city.areas.grid])[city.areas.grid_of_block]
    pieces = city.streets
    _layer(
        path,
        "street",
        globe.shapes(shapely.LineString(p.xy) for p in pieces),
        "LineString",
        {
            "id": [f"S{i:05d}" for i in range(1, len(pieces) + 1)],
            "name": [p.name[0] for p in pieces],
            "name_en": [p.name[1] for p in pieces],
            "class": [p.kind for p in pieces],
            "street": [p.street + 1 for p in pieces],
        },
    )
    blocks = city.land.blocks
    named = [city.estates.get(b.parcel, ("", "")) for b in blocks]
    _layer(
        path,
        "block",
        globe.shapes(city.blocks),
        "Polygon",
        {
            "id": [f"B{d}{i:05d}" for i, d in enumerate(district, 1)],
            "name": [n[0] for n in named],
            "name_en": [n[1] for n in named],
            "class": [b.use for b in blocks],
            "zone": [b.zone for b in blocks],
            "grid": [city.areas.grid[g].code for g in city.areas.grid_of_block],
        },
    )
    _write_buildings(path, city, globe)
    things, names = city.facilities, facilities.names()
    _layer(
        path,
        "facility",
        np.asarray(shapely.points(globe.points(things.xy))),
        "Point",
        {
            "id": things.id,
            "name": [names[c][0] for c in things.code],
            "name_en": [names[c][1] for c in things.code],
            "class": things.code,
        },
    )


def _write_buildings(path: Path, city: City, globe: Globe) -> None:
    built, blocks = city.buildings, city.land.blocks
    numbers = house_numbers(built, city.land)
    zh, en, sort = [], [], []
    for block, kind, number in zip(built.block, built.kind, numbers, strict=True):
        name = city.estates.get(blocks[block].parcel, ("", ""))
        zh.append(f"{name[0]}{number}号{'' if kind == 'village' else '楼'}" if name[0] else "")
        en.append(f"{name[1]} No. {number}" if name[0] else "")
        sort.append(
            "residential"
            if kind in _HOMES and blocks[block].use != "construction"
            else _BUILDING_CLASS.get(blocks[block].use, "other")
        )
    _layer(
        path,
        "building",
        globe.shapes(built.polygon),
        "Polygon",
        {
            "id": [f"H{i:05d}" for i in range(1, len(built) + 1)],
            "name": zh,
            "name_en": en,
            "class": sort,
            "households": city.households,
            "storeys": built.storeys,
            "dwellings": built.dwellings,
        },
    )


def _table(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def write_agencies(path: Path, areas: Areas) -> None:
    rows = (*stock.rows("agencies.csv"), stationed.row(areas))
    _table(path, AGENCY_COLUMNS, ([r.get(c, "") for c in AGENCY_COLUMNS] for r in rows))


def write_sites(path: Path, sites: list[Site], globe: Globe) -> None:
    at = globe.points(np.array([s.xy for s in sites]))
    rows = (
        (s.id, s.agency, s.kind, *s.name, s.address[0], f"{lon:.7f}", f"{lat:.7f}")
        for s, (lon, lat) in zip(sites, at, strict=True)
    )
    _table(path, SITE_COLUMNS, rows)


def write_duties(path: Path, city: City) -> None:
    _table(path, DUTY_COLUMNS, (astuple(duty) for duty in city.duties))


def write_incidents(path: Path, incidents: Incidents, until: date, globe: Globe) -> None:
    at = globe.points(incidents.xy)
    days = [d.isoformat() for d in rhythm.days(until)]
    rows = (
        (
            incidents.id[i],
            incidents.category[i],
            f"{days[incidents.day[i]]}T{timedelta(seconds=int(incidents.second[i]))!s:0>8}+08:00",
            incidents.text[i],
            incidents.address[i],
            incidents.channel[i],
            incidents.status[i],
            incidents.accuracy_m[i],
            f"{at[i, 0]:.7f}",
            f"{at[i, 1]:.7f}",
        )
        for i in range(len(incidents))
    )
    _table(path, INCIDENT_COLUMNS, rows)


def write(folder: Path, city: City, history: Incidents, seed: int, until: date) -> bool:
    """The whole folder, made where absent; true when every level of areas, as written, has neither gap nor overlap."""
    folder.mkdir(parents=True, exist_ok=True)
    globe = Globe()
    for name in ("areas.gpkg", "layers.gpkg"):
        (folder / name).unlink(missing_ok=True)
    shapes = write_areas(folder / "areas.gpkg", city.areas.levels(), globe)
    write_layers(folder / "layers.gpkg", city, globe)
    write_agencies(folder / "agencies.csv", city.areas)
    write_sites(folder / "sites.csv", city.sites, globe)
    write_duties(folder / "duties.csv", city)
    write_incidents(folder / "incidents.csv", history, until, globe)
    (folder / "city.toml").write_text(citytoml.text(seed, until), encoding="utf-8")
    return all(bool(shapely.coverage_is_valid(shape)) for shape in shapes.values())
