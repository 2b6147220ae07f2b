"""Agencies' sites and service points from files.

Owns what a row has to say to be a site. Does not own sites (`duties.service`) nor who serves a point (`duties.router`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import shapely

from gridgov.duties import service
from gridgov.interop import cityfile
from gridgov.interop.files import PositionColumns, Reading, Take, Wanted
from gridgov.interop.files.faults import RowFault
from gridgov.interop.imports.run import Place, city_box, importing, mapped, title_of
from gridgov.interop.problems import ImportReport
from gridgov.interop.rows import Row


def import_sites(
    place: Place, part: cityfile.Sites, paths: Sequence[Path], *, take: Take | None = None
) -> ImportReport:
    """Load sites; a polygon stands for a point inside it and is kept as the service area only when it is mapped as one.

    Raises what reading raises.
    """
    columns = part.columns
    with importing(place, "sites", title_of(paths, f"sites of {part.agency}" if part.agency else "sites")) as work:
        known = set(service.agency_ids(work.session))
        position = PositionColumns(columns.lon, columns.lat, columns.wkt)
        wanted = Wanted(part.crs, part.datum, city_box(work.session))
        how = Reading(part.layer_name, part.encoding, position, take, wanted)
        for path in paths:
            found: dict[str, service.NewSite] = {}
            for _row, site in work.each([path], how, mapped(columns), partial(_site_of, part, known)):
                if found.setdefault(site.source_id, site) is not site:
                    work.tally.repeated += 1
            merged = service.put_sites(work.session, part.source or path.stem, list(found.values()))
            work.tally.taken += merged.added + merged.changed
            work.tally.repeated += merged.repeated
    return work.report()


def _site_of(part: cityfile.Sites, known: set[str], row: Row) -> service.NewSite:
    columns = part.columns
    if row.shape is None:
        raise RowFault("geometry-missing", row.shape_column)
    agency = row.text(columns.agency, most=64) or part.agency
    if agency is not None and agency not in known:
        raise RowFault("agency-unknown", columns.agency or "agency", agency)
    return service.NewSite(
        source_id=row.text(columns.id, most=200) or f"row {row.number}",
        geom=row.shape if isinstance(row.shape, shapely.Point) else shapely.point_on_surface(row.shape),
        names=row.names(columns.name_zh, columns.name_en),
        agency=agency,
        kind=row.text(columns.kind, most=200) or part.kind,
        address=row.text(columns.address, most=300),
        attributes=row.rest(mapped(columns).values()),
    )
