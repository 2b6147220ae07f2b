"""Density and tiles of areas at a million incidents, beside what tools without a stored grid or quadkey do.

Ours is all that a route does between the request and the body (period, categories, freshness, counting, drawing); the
peers run on the same database through the same pool in the same run: a spatial join of polygons and points for density,
a plain `ST_AsMVT` of what the spatial index finds for tiles (as pg_tileserv and tipg make them), and geopandas in
memory. Tiles of incidents are measured in `bench_tiles`. Counts must agree before a figure is given. What the same
question takes over HTTP stands in the note.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import geopandas
import httpx
import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.analytics import service, tiles
from gridgov.analytics.period import parse_period
from gridgov.analytics.quad import TileAddress
from gridgov.analytics.rules import AreaCount, Density, Filter
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.tiles import Layer
from gridgov.areas import service as areas
from gridgov.areas.rules import Level
from gridgov.auth.rules import EVERYWHERE
from gridgov.platform.clock import utcnow
from tests.bench.city import MadeCity, made_city
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.conftest import live

SIZES: dict[Scale, tuple[int, int]] = {"full": (100, 1_000_000), "small": (20, 50_000)}
OURS, THEIRS = 21, 5
MONTH = {"from": "2025-06-10T00:00:00Z", "to": "2025-07-10T00:00:00Z"}
QUESTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("all of a year", {}),
    ("30 days", MONTH),
    ("one category, a year", {"category": "0105"}),
    ("one category, 30 days", {**MONTH, "category": "0105"}),
)


class AnswersDiffer(AssertionError):
    """A peer counts otherwise than we do: no figure means anything then."""


@bench("density")
def density(scale: Scale) -> Iterator[Row | LeftOut]:
    columns, n = SIZES[scale]
    with made_city(columns, n) as city, live(city.house) as base, httpx.Client(base_url=base, timeout=300) as api:
        for name, question in QUESTIONS:
            yield from density_rows(city, api, name, question)
        yield geopandas_row(city)
        for z in (10, 12):
            yield from area_tile_rows(city, api, hot_spot(city, z))


def milliseconds(work: Callable[[], Any], times: int) -> list[float]:
    """Of each of `times` calls, after one that does not count."""
    work()
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append(1e3 * (time.perf_counter() - begin))
    return found


def p95(values: Sequence[float]) -> float:
    """The value that 19 of 20 do not exceed (the largest of few)."""
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def rows(name: str, n: int, ours: Sequence[float], peer: str, theirs: Sequence[float], note: str = "") -> Iterator[Row]:
    yield Row(f"{name}, p50", n, statistics.median(ours), peer, statistics.median(theirs), "ms", "less", note)
    yield Row(f"{name}, p95", n, p95(ours), peer, p95(theirs), "ms", "less", note)


def filter_of(session: Session, question: dict[str, str]) -> Filter:
    """The question as the routes read it."""
    period = parse_period(question.get("from"), question.get("to"), areas.city(session).zone)
    return Filter(period, service.categories_like(session, question.get("category")), reach=EVERYWHERE)


def density_rows(city: MadeCity, api: httpx.Client, name: str, question: dict[str, str]) -> Iterator[Row]:
    house = city.house

    def ask() -> Density[AreaCount]:
        with house.db.transaction() as session:
            wanted = filter_of(session, question)
            return service.density(session, house.locator.index(session, utcnow()).areas, Level.GRID, wanted)

    sql, values = spatial_join(question)

    def join() -> dict[int, int]:
        with house.db.transaction() as session:
            return {row[0]: row[1] for row in session.execute(text(sql), values)}

    found = ask()
    if {item.id: item.count for item in found.items if item.count} != join():
        raise AnswersDiffer(name)
    ours, theirs = milliseconds(ask, OURS), milliseconds(join, 1 if not question else THEIRS)
    over = milliseconds(lambda: api.get("/api/v1/density", params=question).raise_for_status(), OURS)
    note = f"{found.total:,} counted; over HTTP {statistics.median(over):.1f}"
    yield from rows(f"density by grid, {name}", len(city.points), ours, "PostGIS ST_Intersects join", theirs, note)


def conditions(question: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """The same filter as SQL of the peers."""
    parts = {
        "from": "i.happened_at >= cast(:from as timestamptz)",
        "to": "i.happened_at < cast(:to as timestamptz)",
        "category": "i.category_id = (select id from duties_category where code = :category)",
    }
    return " and ".join(["true", *(parts[key] for key in question)]), dict(question)


def spatial_join(question: dict[str, str]) -> tuple[str, dict[str, Any]]:
    where, values = conditions(question)
    return (
        "select a.area_id, count(*) from areas_version a join incidents i on st_intersects(a.geom, i.geom)"
        f" where a.level = 'grid' and {where} group by a.area_id",
        values,
    )


def geopandas_row(city: MadeCity) -> Row:
    """All incidents, whose point objects are made before the clock starts."""
    points = geopandas.GeoDataFrame(geometry=shapely.points(city.points), crs=4326)
    grids = geopandas.GeoDataFrame({"id": city.grid_ids}, geometry=city.grids, crs=4326)
    assert grids.sindex.size == len(grids)

    def join() -> dict[int, int]:
        joined = points.sjoin(grids, predicate="intersects")
        found: dict[int, int] = joined[~joined.index.duplicated()].groupby("id").size().to_dict()
        return found

    def ask() -> Density[AreaCount]:
        with city.house.db.transaction() as session:
            known = city.house.locator.index(session, utcnow()).areas
            return service.density(session, known, Level.GRID, filter_of(session, {}))

    if {item.id: item.count for item in ask().items if item.count} != join():
        raise AnswersDiffer("geopandas")
    ours, theirs = milliseconds(ask, OURS), milliseconds(join, 1)
    name = "density by grid, all of a year, p50"
    return Row(name, len(points), statistics.median(ours), "geopandas sjoin + groupby", theirs[0], "ms", "less")


def hot_spot(city: MadeCity, z: int) -> TileAddress:
    """The tile of a zoom that holds most incidents."""
    n = 1 << z
    lat = np.radians(city.points[:, 1])
    x = np.floor((city.points[:, 0] + 180) / 360 * n).astype(np.int64)
    y = np.floor((1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * n).astype(np.int64)
    keys, counts = np.unique(x * n + y, return_counts=True)
    best = int(keys[np.argmax(counts)])
    return TileAddress(z, best // n, best % n)


def path(layer: str, tile: TileAddress) -> str:
    return f"/api/v1/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt"


RAW_AREAS = """
    select st_asmvt(t, 'areas') from (
        select a.area_id, a.level, a.code, a.names->>'zh' as zh, a.names->>'en' as en, a.kind, a.households,
               st_asmvtgeom(st_transform(a.geom, 3857), st_tileenvelope(:z, :x, :y)) as geom
        from areas_version a where a.geom && st_transform(st_tileenvelope(:z, :x, :y), 4326)
    ) t
    """


def peer_tile(city: MadeCity, sql: str, tile: TileAddress, values: dict[str, Any] | None = None) -> Callable[[], bytes]:
    def draw() -> bytes:
        with city.house.db.transaction() as session:
            place = {"z": tile.z, "x": tile.x, "y": tile.y}
            return bytes(session.execute(text(sql), place | (values or {})).scalar_one())

    return draw


def drawn(city: MadeCity, layer: Layer, tile: TileAddress, question: dict[str, str]) -> Callable[[], bytes]:
    """All that the route does for a tile that is not kept."""

    def draw() -> bytes:
        now = utcnow()
        with city.house.db.transaction() as session:
            view = city.house.counts.view(session, INCIDENTS) if layer is Layer.INCIDENTS else None
            wanted = filter_of(session, question)
            tiles.mark(session, layer, now, view)
            return tiles.render(session, layer, tile, now=now, wanted=wanted, view=view)

    return draw


def area_tile_rows(city: MadeCity, api: httpx.Client, tile: TileAddress) -> Iterator[Row]:
    """Drawn once, then kept until boundaries change; what is kept is measured over HTTP, for little else is left."""
    mine, peer = drawn(city, Layer.AREAS, tile, {}), peer_tile(city, RAW_AREAS, tile)
    first, theirs = milliseconds(mine, OURS), milliseconds(peer, THEIRS)
    kept = milliseconds(lambda: api.get(path("areas", tile)).raise_for_status(), OURS)
    note = f"{len(mine()) / 1e3:.0f} kB beside {len(peer()) / 1e3:.0f} kB"
    n = len(city.grids)
    yield from rows(f"areas tile z{tile.z}, first", n, first, "raw ST_AsMVT of polygons", theirs, note)
    yield from rows(f"areas tile z{tile.z}, kept, over HTTP", n, kept, "raw ST_AsMVT of polygons", theirs, note)
