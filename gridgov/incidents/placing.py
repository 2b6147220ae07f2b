"""Where a report belongs and what is stored of it: area and agency when it happened, grid and unit now, the place in
words.

Owns the columns of a new incident, the same for one that is taken alone and for one among several. Does not own the
indexes (`areas`, `duties`) nor writing (`queries`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import Locator
from gridgov.areas.places import Places
from gridgov.areas.redrawing import placed_at
from gridgov.areas.rules import Level
from gridgov.duties.route import Route
from gridgov.duties.router import Router
from gridgov.geo import hexagons
from gridgov.geo.crs import to_wgs84
from gridgov.incidents.rules import Report, check, check_distance
from gridgov.platform.crypto import Sealer

HEX_RESOLUTION = 9


@dataclass(frozen=True, slots=True)
class Indexes:
    """The process-wide indexes that intake reads, and the sealer of personal fields."""

    locator: Locator
    places: Places
    router: Router
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class Placed:
    """A report with its columns as they are stored. `then`: the boundaries when it happened."""

    values: dict[str, Any]
    route: Route
    then: AreaIndex


def placed(session: Session, new: Report, *, indexes: Indexes, marks: Mapping[str, int], now: datetime) -> Placed:
    """Finds area and agency of a report by the revisions `marks`, which are those of this transaction.

    Raises `BadReport`, `CategoryUnknown`, `NoAreas`.
    """
    revision = marks.get("areas", 0)
    current = indexes.locator.index(session, placed_at(marks, now), revision=revision)
    check(new, now, current.bbox)
    lon, lat = (float(v) for v in to_wgs84(new.lon, new.lat, new.datum))
    then = indexes.locator.index(session, new.happened_at, revision=revision)
    route = indexes.router.route(
        session, new.category, lon, lat, at=new.happened_at, accuracy_m=new.accuracy_m or 0.0, marks=marks
    )
    located = route.located
    check_distance(located.distance_m)
    home = located if then is current else current.locate(lon, lat)
    grid, unit = home.at(Level.GRID), home.unit
    place = indexes.places.describe(session, lon, lat, revision=marks.get("layers", 0))
    site = route.site
    values = {
        "id": new.id,
        "category_id": route.category.id,
        "channel": new.channel,
        "happened_at": new.happened_at,
        "received_at": now,
        "reported_lon": new.lon,
        "reported_lat": new.lat,
        "datum": new.datum,
        "accuracy_m": new.accuracy_m,
        "area_id": located.deepest.id,
        "grid_id": grid.id if grid else None,
        "unit_id": unit.id if unit else None,
        "outside_m": located.distance_m,
        "candidate_ids": [area.id for area in located.candidates] if len(located.candidates) > 1 else [],
        "agency_id": route.lead.agency.id if route.lead and route.lead.agency else None,
        "lead_area_id": route.lead.area.id if route.lead and route.lead.area else None,
        "site_id": site.site.id if site else None,
        "item_id": route.item.id if route.item else None,
        "hex9": int(hexagons.cells(np.array([lon]), np.array([lat]), HEX_RESOLUTION)[0]),
        "text": new.text,
        "address": new.address,
        "place": json.dumps(dict(place.text), ensure_ascii=False),
        "lon": lon,
        "lat": lat,
    }
    return Placed(values, route, then)
