"""Reading any supported file into one stream of rows.

Owns `read`: what a file is, its rows, its geometries in EPSG:4326. Does not own what a row means (`imports/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from gridgov.interop.files.geojson import open_geojson
from gridgov.interop.files.osm import Take, open_osm
from gridgov.interop.files.place import Placer, Wanted
from gridgov.interop.files.sniff import kind_of
from gridgov.interop.files.source import Batch, Kind, Source, primed
from gridgov.interop.files.table import PositionColumns, open_csv, open_xlsx
from gridgov.interop.files.vector import open_geopackage, open_shapefile, open_zipped_shapefile


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file: `layer` of a GeoPackage, zip archive or workbook; position columns of a table; what
    coordinates mean.
    """

    layer: str | None = None
    encoding: str | None = None
    position: PositionColumns = field(default_factory=PositionColumns)
    take: Take | None = None
    wanted: Wanted = field(default_factory=Wanted)


@contextmanager
def read(path: Path, how: Reading | None = None) -> Iterator[Source]:
    """Open a file of any supported kind; its batches carry geometries in EPSG:4326.

    Raises the errors of `refusals.py`, on opening and while batches are taken: a file that turns out to be cut off or
    to lie elsewhere raises before its last batch has been given out, so the transaction around the loop is undone.
    """
    how = how or Reading()
    with _opened(path, how) as source:
        placer = Placer(source, how.wanted)
        batches, _columns = primed(_placed(source, placer))
        yield replace(source, batches=batches)


def _placed(source: Source, placer: Placer) -> Iterator[Batch]:
    for batch in source.batches:
        yield placer.place(batch)
    placer.verdict()


def _opened(path: Path, how: Reading) -> AbstractContextManager[Source]:
    readers: dict[Kind, Callable[[], AbstractContextManager[Source]]] = {
        Kind.GEOJSON: lambda: open_geojson(path, how.encoding),
        Kind.CSV: lambda: open_csv(path, how.position, how.encoding),
        Kind.XLSX: lambda: open_xlsx(path, how.position, how.layer),
        Kind.GEOPACKAGE: lambda: open_geopackage(path, how.layer),
        Kind.SHAPEFILE: lambda: open_shapefile(path, how.encoding),
        Kind.ZIPPED_SHAPEFILE: lambda: open_zipped_shapefile(path, how.layer, how.encoding),
        Kind.OSM: lambda: open_osm(path, how.take or Take.STREET),
    }
    return readers[kind_of(path)]()


__all__ = ["Batch", "Kind", "PositionColumns", "Reading", "Source", "Take", "Wanted", "read"]
