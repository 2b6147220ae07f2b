"""Heat tiles beside bins in PostGIS and datashader, how they grow, and kept tiles over HTTP beside tipg.

Ours is all that a route does between the request and the body for a tile that nobody keeps: the filter, the view with
everything that has been committed, counting and drawing. Peers in the same run on the same data: `ST_AsMVT` of
128 x 128 bins that SQL makes of what the spatial index finds; `ST_AsMVT` of the points themselves; datashader, which
counts into as many bins from all points in memory and writes no tile. All sums must be equal before a figure is given.

Kept tiles go over HTTP with a session, log and guards, as `gridgov serve` sends them. tipg, without sign-in, draws the
same areas from the same database; it is run by the Python that GRIDGOV_BENCH_TIPG names (an environment of its own with
`tipg` and `uvicorn`), and left out without it.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import datashader
import numpy as np
import pandas as pd
from sqlalchemy import make_url, text

from gridgov.analytics import tiles
from gridgov.analytics.period import Period
from gridgov.analytics.quad import EARTH_M, TileAddress
from gridgov.analytics.rules import Filter
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.tiles import Layer
from gridgov.auth.rules import EVERYWHERE, Role
from gridgov.bootstrap import prepare
from gridgov.interop.madehistory import making
from gridgov.platform.clock import utcnow
from tests import mvt
from tests.bench.bench_density import AnswersDiffer, milliseconds, p95, path, rows
from tests.bench.bench_guards import server, wait_for
from tests.bench.city import BEGIN, CITY, MadeCity, made_city
from tests.bench.demo import free_port
from tests.bench.getting import Got, got
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.people import appoint

COLUMNS: dict[Scale, int] = {"full": 100, "small": 20}
BESIDE_PEERS: dict[Scale, int] = {"full": 5_000_000, "small": 100_000}
GROWING: dict[Scale, tuple[int, ...]] = {"full": (100_000, 1_000_000, 10_000_000), "small": (10_000, 100_000)}
ZOOMS = range(10, 17)
OURS, THEIRS = 41, 3
SEED = 11
MOST_EXPONENT = 0.2
GET_S = 5.0
CONNECTIONS = 16


@bench("tiles")
def heat(scale: Scale) -> Iterator[Row | LeftOut]:
    n = BESIDE_PEERS[scale]
    with history(COLUMNS[scale], n) as city:
        frame = mercator(city)
        for z in ZOOMS:
            yield from beside_peers(city, frame, hot_spot(city, z), n)
            yield from filtered_beside_peer(city, frame, hot_spot(city, z), n)
        yield from filtered(city, n)
        yield from kept_tiles(city)


@bench("tiles-growth")
def growth(scale: Scale) -> Iterator[Row]:
    found: dict[tuple[str, int], list[float]] = {}
    for n in GROWING[scale]:
        with history(COLUMNS["small"], n) as city:
            for name, wanted in questions(city).items():
                for z in (10, 13, 16):
                    ms = milliseconds(drawn(city, hot_spot(city, z), wanted), OURS)
                    found.setdefault((name, z), []).append(statistics.median(ms))
    decades = math.log10(GROWING[scale][-1] / GROWING[scale][0])
    for (name, z), ms in found.items():
        exponent = math.log10(ms[-1] / ms[0]) / decades
        told = ", ".join(f"{n:,}: {one:.2f} ms" for n, one in zip(GROWING[scale], ms, strict=True))
        label, note = f"tile z{z}, {name}: slower a decade", f"exponent {exponent:.2f}; {told}"
        yield Row(label, GROWING[scale][-1], 10**exponent, "allowed", 10**MOST_EXPONENT, "times", "less", note)


@contextmanager
def history(columns: int, n: int) -> Iterator[MadeCity]:
    """A made city with a history of n incidents over three years, and people who may sign in."""
    with made_city(columns, 1_000) as city:
        prepare(url_of(city), CITY, city.house.home)
        making.make(city.house, n, seed=SEED, now=utcnow())
        with city.house.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze incidents"))
        with city.house.db.transaction() as session:
            city.house.counts.view(session, INCIDENTS)
        yield city


def url_of(city: MadeCity) -> str:
    return city.house.db.url.set(drivername="postgresql").render_as_string(hide_password=False)


def hot_spot(city: MadeCity, z: int) -> TileAddress:
    """The tile of a zoom that holds most incidents."""
    with city.house.db.transaction() as session:
        view = city.house.counts.view(session, INCIDENTS)
    keys = np.concatenate([np.asarray(one.columns["key"]).astype(np.int64) >> 2 * (25 - z) for one in view.base])
    found, counts = np.unique(keys, return_counts=True)
    best = int(found[np.argmax(counts)])
    x = sum((best >> 2 * bit & 1) << bit for bit in range(z))
    y = sum((best >> 2 * bit + 1 & 1) << bit for bit in range(z))
    return TileAddress(z, x, y)


def drawn(city: MadeCity, tile: TileAddress, wanted: Filter) -> Callable[[], bytes]:
    """All that the route does for a tile that is not kept; counts at every zoom."""

    def draw() -> bytes:
        now = utcnow()
        with city.house.db.transaction() as session:
            view = city.house.counts.view(session, INCIDENTS)
            tiles.derived(session, Layer.INCIDENTS, now, view)
            return tiles.render(session, Layer.INCIDENTS, tile, now=now, wanted=wanted, view=view, points=False)

    return draw


def questions(city: MadeCity) -> dict[str, Filter]:
    with city.house.db.transaction() as session:
        most = text("select category_id from incidents group by 1 order by count(*) desc limit 1")
        category = int(session.execute(most).scalar_one())
    months = Period(BEGIN, BEGIN.replace(month=7, day=10))
    return {
        "all": Filter(reach=EVERYWHERE),
        "half a year": Filter(months, reach=EVERYWHERE),
        "one category, half a year": Filter(months, (category,), reach=EVERYWHERE),
    }


BINS = """
    select st_asmvt(b, 'incidents', 4096, 'geom') from (
        select count(*)::integer as count,
               st_asmvtgeom(st_setsrid(st_makepoint(
                   :west + (x + 0.5) * :side, :north - (y + 0.5) * :side), 3857), st_tileenvelope(:z, :x, :y)) as geom
        from (
            select floor((st_x(p.geom) - :west) / :side) as x, floor((:north - st_y(p.geom)) / :side) as y
            from (select st_transform(i.geom, 3857) as geom from incidents i
                  where i.geom && st_transform(st_tileenvelope(:z, :x, :y), 4326)) p
        ) q where x >= 0 and x < 128 and y >= 0 and y < 128 group by q.x, q.y
    ) b
    """
POINTS = """
    select st_asmvt(t, 'incidents') from (
        select i.id::text, i.category_id, i.status, i.happened_at::text,
               st_asmvtgeom(st_transform(i.geom, 3857), st_tileenvelope(:z, :x, :y)) as geom
        from incidents i where i.geom && st_transform(st_tileenvelope(:z, :x, :y), 4326)
    ) t
    """


def place(tile: TileAddress) -> dict[str, Any]:
    side = EARTH_M / (1 << tile.z)
    west, north = tile.x * side - EARTH_M / 2, EARTH_M / 2 - tile.y * side
    return {"z": tile.z, "x": tile.x, "y": tile.y, "west": west, "north": north, "side": side / 128}


def in_sql(city: MadeCity, sql: str, tile: TileAddress) -> Callable[[], bytes]:
    values = {name: value for name, value in place(tile).items() if f":{name}" in sql}

    def draw() -> bytes:
        with city.house.db.transaction() as session:
            return bytes(session.execute(text(sql), values).scalar_one())

    return draw


def mercator(city: MadeCity) -> pd.DataFrame:
    """Every point in metres of the map, made before any clock starts."""
    with city.house.db.transaction() as session:
        view = city.house.counts.view(session, INCIDENTS)
    lon = np.concatenate([np.asarray(one.columns["lon"]) for one in view.base])
    lat = np.concatenate([np.asarray(one.columns["lat"]) for one in view.base])
    y = np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi) * EARTH_M
    category = np.concatenate([np.asarray(one.columns["category"]) for one in view.base])
    return pd.DataFrame({"x": lon / 360 * EARTH_M, "y": y, "category": category})


def shaded(frame: pd.DataFrame, tile: TileAddress) -> Callable[[], int]:
    """The bins of a tile by datashader; their sum."""
    at = place(tile)
    west, north, side = at["west"], at["north"], 128 * at["side"]
    canvas = datashader.Canvas(128, 128, x_range=(west, west + side), y_range=(north - side, north))
    return lambda: int(canvas.points(frame, "x", "y", agg=datashader.count()).sum())


def counted(tile: bytes) -> int:
    layer = mvt.decode(tile).get("incidents")
    return sum(feature.properties["count"] for feature in layer.features) if layer else 0


def beside_peers(city: MadeCity, frame: pd.DataFrame, tile: TileAddress, n: int) -> Iterator[Row]:
    mine, bins = drawn(city, tile, Filter(reach=EVERYWHERE)), in_sql(city, BINS, tile)
    points, shade = in_sql(city, POINTS, tile), shaded(frame, tile)
    sums = counted(mine()), counted(bins()), shade()
    if max(sums) - min(sums) > 2 + sums[0] // 50_000:  # a point on a border may round to the other side
        raise AnswersDiffer(f"{tile}: {sums}")
    ours = milliseconds(mine, OURS)
    label, note = f"heat tile z{tile.z}", f"{sums[0]:,} in it, {len(mine()) / 1e3:.0f} kB; p95 {p95(ours):.1f} ms"
    yield from rows(label, n, ours, "PostGIS 128x128 bins", milliseconds(bins, THEIRS), note)
    yield from rows(label, n, ours, "datashader", milliseconds(shade, OURS), note)
    if sums[0] < 500_000:
        yield from rows(label, n, ours, "raw ST_AsMVT of points", milliseconds(points, THEIRS), note)


def filtered_beside_peer(city: MadeCity, frame: pd.DataFrame, tile: TileAddress, n: int) -> Iterator[Row]:
    """The most frequent category, at all times."""
    wanted = replace(questions(city)["one category, half a year"], period=Period(None, None))
    assert wanted.category_ids is not None
    mine, (category,) = drawn(city, tile, wanted), wanted.category_ids

    def shade() -> int:
        return shaded(frame[frame["category"] == category], tile)()

    ours, sums = milliseconds(mine, OURS), (counted(mine()), shade())
    if max(sums) - min(sums) > 2 + sums[0] // 50_000:
        raise AnswersDiffer(f"{tile}, one category: {sums}")
    theirs = milliseconds(shade, OURS)
    yield from rows(f"heat tile z{tile.z}, one category", n, ours, "datashader", theirs, f"{sums[0]:,} in it")


def filtered(city: MadeCity, n: int) -> Iterator[Row]:
    """What a filter costs, beside no filter."""
    every = milliseconds(drawn(city, hot_spot(city, 10), Filter(reach=EVERYWHERE)), OURS)
    for name, wanted in questions(city).items():
        ms = milliseconds(drawn(city, hot_spot(city, 10), wanted), OURS)
        yield from rows(f"heat tile z10, {name}", n, ms, "the same of all", every)


TIPG = """
import asyncpg, os, sys, uvicorn
made = asyncpg.create_pool
asyncpg.create_pool = lambda dsn, **more: made(
    host=sys.argv[2], port=int(sys.argv[3]), user=sys.argv[4], database=sys.argv[5], **more)
from tipg.main import app
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""
GRIDS = (
    "drop table if exists bench_grids",
    """create table bench_grids as
       select area_id as id, level, code, names->>'zh' as name_zh, names->>'en' as name_en, kind, households,
              st_multi(geom)::geometry(multipolygon, 4326) as geom
       from areas_version where upper_inf(valid)""",
    "alter table bench_grids add primary key (id)",
    "create index on bench_grids using gist (geom)",
    "analyze bench_grids",
)


def kept_tiles(city: MadeCity) -> Iterator[Row | LeftOut]:
    """Requests a second for a tile of areas that is kept, signed in, and for word that it is the same."""
    person, tile = appoint(city.house, Role.CENTRE_OPERATOR), hot_spot(city, 12)
    headers = {**person.headers, "Accept-Encoding": "gzip"}
    name = "areas tile z12, kept, signed in, over HTTP"
    with server(url_of(city), city.house.home, "guarded") as port:
        get(port, [path("areas", tile)], headers, 1.0)
        ours = get(port, [path("areas", tile)], headers, GET_S)
        alone = get(port, [path("areas", tile)], headers, 2.0, connections=1)
        note = f"one connection: {alone.per_second:,.0f}/s; p99 {sorted(ours.ms)[int(0.99 * len(ours.ms))]:.1f} ms"
        way = get(port, [path("incidents", hot_spot(city, 16)) + "?status=open"], headers, 2.0)
    yield Row(name, CONNECTIONS, ours.per_second, "a kept tile by a route with a transaction", way.per_second, "req/s",
              note=note)  # fmt: skip
    python = os.environ.get("GRIDGOV_BENCH_TIPG")
    if python is None:
        yield LeftOut(f"{name}, beside tipg", "GRIDGOV_BENCH_TIPG names no Python that has it")
        return
    with tipg(city, Path(python)) as port:
        where = f"/collections/{CITY}.bench_grids/tiles/WebMercatorQuad/{tile.z}/{tile.x}/{tile.y}"
        get(port, [where], {}, 1.0)
        theirs = get(port, [where], {}, GET_S)
    yield Row(name, CONNECTIONS, ours.per_second, "tipg", theirs.per_second, "req/s", note=note)


def get(port: int, paths: list[str], headers: dict[str, str], seconds: float, connections: int = CONNECTIONS) -> Got:
    found = got(port, paths, connections=connections, seconds=seconds, headers=headers)
    if set(found.status) != {"200"}:
        raise AnswersDiffer(f"{paths}: {found.status}")
    return found


@contextmanager
def tipg(city: MadeCity, python: Path) -> Iterator[int]:
    """The port of a tipg server on the same database, with a table of areas made for it."""
    with city.house.db.transaction() as session:
        for statement in GRIDS:
            session.execute(text(statement))
    url, port = make_url(url_of(city)), free_port()
    at = str(url.query.get("host") or url.host), str(url.query.get("port") or url.port), url.username, url.database
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": "postgresql://bench@bench/bench", "TIPG_CATALOG_TTL": "3600"}
    env["TIPG_DB_SCHEMAS"] = f'["{CITY}"]'
    command = [str(python), "-c", TIPG, str(port), *(str(one) for one in at)]
    process = subprocess.Popen(command, env=env, cwd=city.house.home)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield port
    finally:
        process.terminate()
        process.wait()
