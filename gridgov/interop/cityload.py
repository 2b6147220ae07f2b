"""Setting a city up from its city file.

Owns the order: city, calendar, areas from the top down, layers, categories, agencies, sites, duties, incidents. Does
not own any step (`imports/`). Each table is an import of its own, one transaction each, so that a mistake in the last
file costs nothing that was loaded before it; loading again repeats what is there and goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import shapely
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.locator import Locator
from gridgov.areas.rules import TOP_DOWN
from gridgov.duties.router import Router
from gridgov.interop.cityfile import CityFile, CityFileBroken, read_city_file
from gridgov.interop.files import PositionColumns, Reading, Take, Wanted, read
from gridgov.interop.imports.agencies import import_agencies
from gridgov.interop.imports.areas import Table, import_areas
from gridgov.interop.imports.calendar import SHIPPED_FOR, import_shipped
from gridgov.interop.imports.categories import import_categories, import_category_items, import_national
from gridgov.interop.imports.duties import import_duties
from gridgov.interop.imports.incidents import import_incidents
from gridgov.interop.imports.layers import import_layer
from gridgov.interop.imports.run import Place
from gridgov.interop.imports.sites import import_sites
from gridgov.interop.problems import ImportReport
from gridgov.interop.progress import Progress, Silent
from gridgov.platform import clock
from gridgov.platform.db import Database


class House(Protocol):
    """What loading needs of the house of a city."""

    @property
    def db(self) -> Database: ...

    @property
    def locator(self) -> Locator: ...

    @property
    def router(self) -> Router: ...


def is_set_up(session: Session) -> bool:
    """True when the city of this schema is registered and has areas."""
    try:
        areas.city(session)
    except areas.CityUnknown:
        return False
    return bool(areas.counts_by_level(session))


def load_city(
    house: House,
    path: Path,
    *,
    data: Path | None = None,
    progress: Progress | None = None,
    problems: Path | None = None,
    now: datetime | None = None,
    demo: bool = False,
) -> list[ImportReport]:
    """Load everything that a city file names; paths in it are relative to `data`, or to its own folder.

    `problems`: folder for the files of refused rows. Safe to repeat. Raises the errors of the city file and of reading;
    what was loaded before the error stays.
    """
    return list(loading(house, path, data=data, progress=progress, problems=problems, now=now, demo=demo))


def loading(
    house: House,
    path: Path,
    *,
    data: Path | None = None,
    progress: Progress | None = None,
    problems: Path | None = None,
    now: datetime | None = None,
    demo: bool = False,
) -> Iterator[ImportReport]:
    """As `load_city`, giving out each report when its import has been committed. All files are looked for first."""
    city = read_city_file(path, data)
    if city.city.code != house.db.city:
        raise CityFileBroken(
            f"{path.name} is the file of the city {city.city.code!r}; this is the schema of {house.db.city!r}.",
            field="city.code",
            remedy="Set GRIDGOV_CITY, or change the code.",
        )
    place = Place(house.db, progress or Silent(), problems)
    check_files(city)
    set_up(place, city, demo=demo)
    if city.city.timezone == SHIPPED_FOR:
        yield import_shipped(place)
    for tables in area_tables(city):
        yield import_areas(place, tables)
    for layer in city.layers:
        yield from import_layer(place, layer, city.paths(layer.files))
    yield from _duties(place, city)
    for part in city.incidents:
        yield import_incidents(place, part, city.paths(part.files), indexes=house, now=now or clock.utcnow())


def set_up(place: Place, city: CityFile, *, demo: bool = False) -> None:
    """Register the city; without `centre` it is the middle of its first file of areas, or of its first layer."""
    part = city.city
    lon, lat = part.centre or _middle(city)
    with place.db.transaction() as session:
        areas.set_up_city(
            session,
            code=part.code,
            names=part.names,
            timezone=part.timezone,
            lon=lon,
            lat=lat,
            srid_m=part.srid_m,
            nearest=part.nearest,
            demo=demo,
        )


def area_tables(city: CityFile) -> list[list[Table]]:
    """The tables of areas by level, from the top down, and by the day from which they hold."""
    keys = dict.fromkeys((part.level, part.valid_from) for part in city.areas)
    ordered = sorted(keys, key=lambda key: [str(level) for level in TOP_DOWN].index(key[0]))
    return [
        [(part, city.paths(part.files)) for part in city.areas if (part.level, part.valid_from) == key]
        for key in ordered
    ]


def _duties(place: Place, city: CityFile) -> Iterator[ImportReport]:
    if city.categories.national:
        yield import_national(place)
    for categories in city.categories.files:
        yield import_categories(place, categories, city.paths(categories.files))
    if city.categories.items:
        yield import_category_items(place, city.categories.items)
    for agencies in city.agencies:
        yield import_agencies(place, agencies, city.paths(agencies.files))
    for sites in city.sites:
        yield import_sites(place, sites, city.paths(sites.files))
    for duties in city.duties:
        yield import_duties(place, duties, city.paths(duties.files))


def check_files(city: CityFile) -> None:
    """Every file that is named has to be there before anything is loaded. Raises FileMissing."""
    parts: Sequence[Sequence[str]] = [
        *(part.files for part in city.areas),
        *(part.files for part in city.layers),
        *(part.files for part in city.categories.files),
        *(part.files for part in city.agencies),
        *(part.files for part in city.sites),
        *(part.files for part in city.duties),
        *(part.files for part in city.incidents),
    ]
    for files in parts:
        city.paths(tuple(files))


def _middle(city: CityFile) -> tuple[float, float]:
    """The middle of what the first file of areas or layers holds. Raises CityFileBroken when there is neither."""
    if city.areas:
        tables = area_tables(city)[0]
        part, paths = tables[0]
        how = Reading(
            part.layer_name,
            part.encoding,
            PositionColumns(wkt=part.columns.wkt),
            wanted=Wanted(part.crs, part.datum),
        )
    elif city.layers:
        layer = city.layers[0]
        paths = city.paths(layer.files)
        position = PositionColumns(layer.columns.lon, layer.columns.lat, layer.columns.wkt)
        take = Take.STREET if layer.format == "osm" else None
        how = Reading(layer.source_layer, layer.encoding, position, take, Wanted(layer.crs, layer.datum))
    else:
        raise CityFileBroken(
            "The city has no `centre` and no areas.", field="city.centre", remedy="Give centre = [lon, lat]."
        )
    with read(paths[0], how) as source:
        boxes = [box for batch in source.batches for box in shapely.bounds(batch.shapes) if box[0] == box[0]]
    if not boxes:
        raise CityFileBroken(
            f"{paths[0].name} holds no geometry.", field="city.centre", remedy="Give centre = [lon, lat]."
        )
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return float(west + east) / 2.0, float(south + north) / 2.0
