"""Vector tiles of the map: what each layer shows at which zoom, and when a tile has changed.

Owns these choices. Does not own HTTP (`api/routes/tiles.py`) nor the cache (`tilecache`).

    layer       from zoom   source layers and what they carry
    areas       0           areas: id, level, code, name_zh, name_en, kind, households; area_labels: points, with names
    streets     6           streets: id, name_zh, name_en, class
    blocks      12          blocks: class, as one feature a class; from 14: id, class
    buildings   14          buildings: id, households, class
    facilities  16          facilities: id, name_zh, name_en, class
    sites       10          sites: id, name_zh, name_en, kind, agency (a code); service points of no agency from 14
    incidents   0           below 15: count in 128 x 128 bins; from 15: id, number, category, happened_at, status

An incident beyond the newest 2,000 of a tile is in a bin with a count there, too. A map should ask for zooms up to 16
and enlarge tiles beyond; incidents go on to 18. Grids carry code and names from zoom 12; below, their id joins them to
`/density`. Counts come from the store (`store.bins`); a period with parts of a second is counted in SQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from gridgov.analytics.period import Period
from gridgov.analytics.quad import KEY_ZOOM, TileAddress
from gridgov.analytics.queries import tiles as queries
from gridgov.analytics.queries.counts import settle
from gridgov.analytics.rules import Filter
from gridgov.analytics.store import bins
from gridgov.analytics.store.chosen import chosen, whole_seconds
from gridgov.analytics.store.view import View
from gridgov.geo.mvt import counts_tile
from gridgov.platform.db import revisions
from gridgov.platform.errors import NotFound

POINTS_FROM = 15
POINT_CAP = 2_000
BIN_BITS = 7
LABEL_PX = 56
NAMED_GRIDS_FROM = 12
MERGED_STREETS_UNTIL = 13
AGENCY_SITES_FROM, SERVICE_POINTS_FROM = 10, 14

LEVEL_FROM = {"city": 0, "district": 0, "subdistrict": 7, "community": 8, "grid": 9}
CLASS_FROM = {
    "motorway": 6, "motorway_link": 11, "trunk": 6, "trunk_link": 11, "expressway": 6, "primary": 8, "primary_link": 12,
    "arterial": 8, "secondary": 10, "secondary_link": 12, "tertiary": 11, "tertiary_link": 12,
    "lane": 13, "pedestrian": 13, "service": 14, "alley": 14, "track": 14, "path": 14, "footway": 14, "cycleway": 14,
    "bridleway": 14, "corridor": 16, "construction": 14, "steps": 15, "proposed": 16, "driveway": 15,
}  # fmt: skip
OTHER_CLASSES_FROM = 12
LAYER_FROM = {"blocks": 12, "buildings": 14, "facilities": 16}
SINGLE_BLOCKS_FROM = 14


class Layer(StrEnum):
    """What there are tiles of; the name is also that of the source layer."""

    AREAS = "areas"
    STREETS = "streets"
    BUILDINGS = "buildings"
    BLOCKS = "blocks"
    FACILITIES = "facilities"
    SITES = "sites"
    INCIDENTS = "incidents"


class NoSuchTile(NotFound):
    """The address lies outside the pyramid of tiles, or names no layer."""

    code = "no-such-tile"


def check(layer: str, tile: TileAddress) -> Layer:
    """The layer by name. Raises `NoSuchTile` unless there can be such a tile."""
    if layer not in set(Layer):
        raise NoSuchTile(f"There is no layer “{layer}”.", field="layer", remedy=f"Use one of: {', '.join(Layer)}.")
    if not tile.exists:
        raise NoSuchTile(
            f"There is no tile {tile.z}/{tile.x}/{tile.y}.",
            field="z",
            remedy="z runs from 0 to 22, x and y from 0 to 2^z - 1.",
        )
    return Layer(layer)


@dataclass(frozen=True, slots=True)
class Derived:
    """What a layer's tiles are derived from: the same `text`, the same tiles.

    They stay so at least as long as `noun` stands at `revision`, and before `until`; that of incidents tells nothing of
    the kind.
    """

    text: str
    noun: str
    revision: int
    until: datetime | None = None


def derived(session: Session, layer: Layer, now: datetime, view: View | None = None) -> Derived:
    """For incidents that is the mark of the view: any change that counts or places of incidents depend on."""
    known = revisions(session)
    if layer is Layer.INCIDENTS:
        assert view is not None, "incidents are counted in a view"
        revision = known.get("incidents", 0)
        return Derived(f"{revision}.{known.get('duties', 0)}.{view.mark}", "incidents", revision, now)
    if layer is Layer.AREAS:
        plan, until = queries.plans_around(session, now)
        return Derived(f"{known.get('areas', 0)}.{plan}", "areas", known.get("areas", 0), until)
    noun = "duties" if layer is Layer.SITES else "layers"
    return Derived(str(known.get(noun, 0)), noun, known.get(noun, 0))


def mark(session: Session, layer: Layer, now: datetime, view: View | None = None) -> str:
    """The same as a text alone."""
    return derived(session, layer, now, view).text


def etag(layer: Layer, tile: TileAddress, wanted: Filter | None, derived_from: str) -> str:
    """A weak entity tag: it changes whenever the tile may have."""
    parts = repr((layer.value, tile.z, tile.x, tile.y, wanted, derived_from))
    return f'W/"{hashlib.blake2b(parts.encode(), digest_size=12).hexdigest()}"'


def render(
    session: Session,
    layer: Layer,
    tile: TileAddress,
    *,
    now: datetime,
    wanted: Filter | None = None,
    view: View | None = None,
    timezone: str = "UTC",
    points: bool = True,
) -> bytes:
    """The tile as Mapbox Vector Tile 2.1; empty where there is nothing to show.

    `wanted` and `view` (both needed there), `timezone` (of the numbers that name incidents) and `points` (false: counts
    at every zoom) concern incidents alone.
    """
    if layer is Layer.AREAS:
        return _areas(session, tile, now)
    if layer is Layer.INCIDENTS:
        assert wanted is not None, "whoever draws incidents says for whom"
        if view is None or not whole_seconds(wanted):
            return _in_sql(session, tile, wanted, timezone, points=points)
        return _incidents(session, tile, wanted, view, timezone, points=points)
    return _LAYERS[layer](session, tile)


def _areas(session: Session, tile: TileAddress, now: datetime) -> bytes:
    return queries.areas(
        session,
        tile,
        now=now,
        levels=[level for level, zoom in LEVEL_FROM.items() if tile.z >= zoom],
        extent=1024 if tile.z < 12 else 2048 if tile.z < 14 else 4096,
        named_grids=tile.z >= NAMED_GRIDS_FROM,
        label_m2=(LABEL_PX * tile.metres_per_px) ** 2,
    )


def _streets(session: Session, tile: TileAddress) -> bytes:
    if tile.z < min(CLASS_FROM.values()):
        return b""
    hidden = [name for name, zoom in CLASS_FROM.items() if tile.z < zoom]
    if tile.z < OTHER_CLASSES_FROM:
        return queries.streets(session, tile, shown=[n for n in CLASS_FROM if n not in hidden], merged=True)
    return queries.streets(session, tile, hidden=hidden, merged=tile.z <= MERGED_STREETS_UNTIL)


def _stored(name: str) -> Callable[[Session, TileAddress], bytes]:
    def draw(session: Session, tile: TileAddress) -> bytes:
        if tile.z < LAYER_FROM[name]:
            return b""
        if name == "blocks" and tile.z < SINGLE_BLOCKS_FROM:
            return queries.blocks(session, tile, extent=2048)
        return queries.layer(session, tile, name, extent=2048 if tile.z < 15 else 4096)

    return draw


def _sites(session: Session, tile: TileAddress) -> bytes:
    if tile.z < AGENCY_SITES_FROM:
        return b""
    return queries.sites(session, tile, service_points=tile.z >= SERVICE_POINTS_FROM)


def _incidents(
    session: Session, tile: TileAddress, wanted: Filter, view: View, timezone: str, *, points: bool
) -> bytes:
    """Counts from the view; single incidents from the database, those alone that are shown: the newest of the tile."""
    bits, counted = min(BIN_BITS, KEY_ZOOM - tile.z), chosen(view, wanted)
    if tile.z < POINTS_FROM or not points:
        return counts_tile(bins.tile_bins(view, counted, tile, bits))
    settle(session, alone=True)
    since = bins.newest_since(view, counted, tile, POINT_CAP)
    if since is None:
        return queries.incident_points(session, tile, wanted, timezone=timezone)
    older = replace(counted, until=min(since, counted.until))
    newer = replace(wanted, period=Period(datetime.fromtimestamp(since, UTC), wanted.period.end))
    rest = bins.tile_bins(view, older, tile, bits)
    return queries.incident_points(session, tile, newer, timezone=timezone, bins=rest, bits=bits)


def _in_sql(session: Session, tile: TileAddress, wanted: Filter, timezone: str, *, points: bool) -> bytes:
    """The same without a view: for what the store does not keep, and what tests hold it against."""
    settle(session, alone=tile.z >= POINTS_FROM)
    bits = min(BIN_BITS, KEY_ZOOM - tile.z)
    if tile.z < POINTS_FROM or not points:
        return queries.incident_bins(session, tile, wanted, bits=bits)
    return queries.capped_points(session, tile, wanted, cap=POINT_CAP, bits=bits, timezone=timezone)


_LAYERS: dict[Layer, Callable[[Session, TileAddress], bytes]] = {
    Layer.STREETS: _streets,
    Layer.BUILDINGS: _stored("buildings"),
    Layer.BLOCKS: _stored("blocks"),
    Layer.FACILITIES: _stored("facilities"),
    Layer.SITES: _sites,
}
