"""Bulk point -> polygon, beside geopandas, shapely and PostGIS, on one made city and with identical answers.

The peers' point objects and tables, and their spatial indexes, are made before the clock starts; so is our table, whose
building has a row of its own. A point on a shared edge matches several polygons: the peers' matches are reduced to the
lowest number, off the clock, before they are compared with ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import psycopg
import shapely
from sqlalchemy import Connection, Engine, create_engine, text

from gridgov.geo.locate import PointIndex, warm
from gridgov.platform.cluster import running
from tests.bench.city import HOME
from tests.bench.harness import Row, Scale, bench, timed
from tests.bench.tiling import border_points, clustered_points, jagged_tiling

Floats = npt.NDArray[np.float64]
Polygons = npt.NDArray[np.object_]
Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]  # numbers of points, numbers of polygons

SIZES: dict[Scale, tuple[int, int, int]] = {"full": (100, 5_000_000, 1_000_000), "small": (20, 200_000, 50_000)}
SEED = 42
HEADER = 19  # bytes before the first row of a binary COPY
DATABASE = "bench_locate"


class AnswersDiffer(AssertionError):
    """A peer places points otherwise than we do: no figure means anything then."""


@dataclass(frozen=True)
class Peer:
    name: str
    seconds: float
    pairs: Pairs


@bench("locate")
def locate(scale: Scale) -> Iterator[Row]:
    columns, bulk, hard = SIZES[scale]
    rng = np.random.default_rng(SEED)
    polygons = jagged_tiling(rng, columns, columns // 2)
    warm()
    seconds, index = timed(lambda: PointIndex.build(polygons), repeats=3)
    tree_seconds, _ = timed(lambda: first_query(polygons), repeats=3)
    yield Row(
        f"build the table of {len(polygons):,} polygons ({index.nbytes / 1e6:.0f} MB)", len(polygons),
        seconds, "shapely STRtree", tree_seconds, "s", "less",
    )  # fmt: skip
    with database() as engine:
        yield from compare("clustered points, 0.5 % outside", index, polygons, clustered_points(rng, bulk), engine)
        yield from compare("vertices, edges and 1 ulp off", index, polygons, border_points(rng, polygons, hard), engine)
    yield one_by_one(index, polygons, clustered_points(rng, 20_000))


@contextmanager
def database() -> Iterator[Engine]:
    """An empty database with PostGIS in the benches' own cluster; dropped afterwards."""
    with running(HOME) as cluster:
        cluster.drop_database(DATABASE)
        cluster.create_database(DATABASE)
        engine = create_engine(cluster.url(DATABASE))
        try:
            with engine.begin() as connection:
                connection.execute(text("create extension postgis"))
            yield engine
        finally:
            engine.dispose()
            cluster.drop_database(DATABASE)


def compare(kind: str, index: PointIndex, polygons: Polygons, points: Floats, engine: Engine) -> Iterator[Row]:
    x, y = points.T.copy()
    ours = {}
    for threads in (1, 2):
        ours[threads], answers = timed(lambda threads=threads: index.locate(x, y, threads=threads), repeats=9)  # type: ignore[misc]
    for peer in peers(polygons, points, engine):
        note = agreement(answers, peer)
        for threads, seconds in ours.items():
            name = f"locate, {threads} thread{'s' * (threads > 1)}, {kind}"
            n = len(points)
            yield Row(name, n, n / seconds, peer.name, n / peer.seconds, "points/s", note=note)


def agreement(answers: npt.NDArray[np.int32], peer: Peer) -> str:
    """A sentence on how the answers compare; raises AnswersDiffer unless they are identical."""
    found, polygon = peer.pairs
    lowest = np.full(len(answers), len(answers) + polygon.max(initial=0) + 1, np.int64)
    np.minimum.at(lowest, found, polygon)
    times = np.bincount(found, minlength=len(answers))
    lowest[times == 0] = -1
    wrong = np.flatnonzero(lowest != answers)
    if len(wrong):
        i = wrong[0]
        raise AnswersDiffer(
            f"{len(wrong):,} of {len(answers):,} answers differ from {peer.name}; "
            f"point {i}: {answers[i]} here, {lowest[i]} there"
        )
    return f"identical: all {len(answers):,}, {int((times > 1).sum()):,} of them on shared borders"


def peers(polygons: Polygons, points: Floats, engine: Engine) -> Iterator[Peer]:
    objects = np.asarray(shapely.points(points))
    yield strtree(polygons, objects)
    yield geopandas_sjoin(polygons, objects)
    del objects
    yield postgis(engine, polygons, points)


def strtree(polygons: Polygons, points: Polygons) -> Peer:
    tree = shapely.STRtree(polygons)
    tree.query(points[:1], "intersects")  # the tree is built by its first query
    seconds, (found, polygon) = timed(lambda: tree.query(points, "intersects"), repeats=2)
    return Peer("shapely STRtree.query", seconds, (found, polygon))


def geopandas_sjoin(polygons: Polygons, points: Polygons) -> Peer:
    left = geopandas.GeoDataFrame(geometry=points, crs=4326)
    right = geopandas.GeoDataFrame(geometry=polygons, crs=4326)
    assert right.sindex.size == len(polygons)
    seconds, joined = timed(lambda: left.sjoin(right, predicate="intersects"), repeats=2)
    return Peer("geopandas sjoin", seconds, (joined.index.to_numpy(), joined["index_right"].to_numpy()))


def postgis(engine: Engine, polygons: Polygons, points: Floats) -> Peer:
    """The join inside the database: the clock counts matches only, without sending them anywhere.

    Temporary tables with indexes on both sides, so the planner may walk either; they keep the work in one process, as
    ours is on one thread.
    """
    with engine.begin() as connection:
        fill_tables(connection, polygons, points)
        join = "from bench_area a join bench_point p on ST_Intersects(a.geom, p.geom)"
        count = text(f"select count(*), sum(a.n) {join}")
        seconds, _ = timed(lambda: connection.execute(count).one(), repeats=2)
        with raw_cursor(connection).copy(f"copy (select p.n, a.n {join}) to stdout (format binary)") as copy:
            pairs = binary_pairs(b"".join(copy))
    return Peer("PostGIS ST_Intersects", seconds, pairs)


def fill_tables(connection: Connection, polygons: Polygons, points: Floats) -> None:
    connection.execute(text("create temp table bench_area (n int, geom geometry(Polygon, 4326)) on commit drop"))
    connection.execute(text("create temp table bench_place (n int, x float8, y float8) on commit drop"))
    connection.execute(
        text("insert into bench_area values (:n, ST_GeomFromWKB(:wkb, 4326))"),
        [{"n": n, "wkb": wkb} for n, wkb in enumerate(shapely.to_wkb(polygons))],
    )
    with raw_cursor(connection).copy("copy bench_place from stdin (format binary)") as copy:
        copy.write(binary_rows(points))
    for statement in (
        "create temp table bench_point on commit drop as "
        "select n, ST_SetSRID(ST_MakePoint(x, y), 4326)::geometry(Point, 4326) geom from bench_place",
        "create index on bench_point using gist (geom)",
        "create index on bench_area using gist (geom)",
        "analyze bench_point",
        "analyze bench_area",
    ):
        connection.execute(text(statement))


def raw_cursor(connection: Connection) -> psycopg.Cursor[Any]:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw.cursor()


def binary_pairs(data: bytes) -> Pairs:
    """Two columns of int4 out of PostgreSQL's binary COPY format."""
    layout = [("fields", ">i2"), ("l0", ">i4"), ("point", ">i4"), ("l1", ">i4"), ("polygon", ">i4")]
    rows = np.frombuffer(data, layout, offset=HEADER, count=(len(data) - HEADER - 2) // np.dtype(layout).itemsize)
    return rows["point"].astype(np.int64), rows["polygon"].astype(np.int64)


def binary_rows(points: Floats) -> bytes:
    """(n, x, y) in PostgreSQL's binary COPY format, bit for bit the doubles that we look up."""
    layout = [("fields", ">i2"), ("l0", ">i4"), ("n", ">i4"), ("l1", ">i4"), ("x", ">f8"), ("l2", ">i4"), ("y", ">f8")]
    rows = np.empty(len(points), layout)
    rows["fields"], rows["l0"], rows["l1"], rows["l2"] = 3, 4, 8, 8
    rows["n"], rows["x"], rows["y"] = np.arange(len(points)), points[:, 0], points[:, 1]
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


def first_query(polygons: Polygons) -> shapely.STRtree:
    tree = shapely.STRtree(polygons)
    tree.query(shapely.Point(0, 0))
    return tree


def one_by_one(index: PointIndex, polygons: Polygons, points: Floats) -> Row:
    """Single look-ups from Python, as a request makes them; the peer must build its point, as it would there."""
    places = points.tolist()
    tree = first_query(polygons)
    ours, here = timed(lambda: [index.locate_one(x, y) for x, y in places], repeats=3)
    theirs, there = timed(lambda: [tree.query(shapely.Point(x, y), "intersects") for x, y in places], repeats=3)
    lowest = [min(found, default=-1) for found in there]
    if lowest != here:
        raise AnswersDiffer("single look-ups differ from shapely STRtree")
    n = len(places)
    note = f"identical: all {n:,}"
    return Row(
        "locate_one, a call", n, ours / n * 1e6, "shapely Point + STRtree.query", theirs / n * 1e6, "µs", "less", note
    )
