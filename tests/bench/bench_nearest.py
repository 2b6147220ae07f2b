"""The nearest site of a matter's category: in a straight line beside scipy, by road beside pgRouting; answers compared.

Straight: 20 categories, 2,000 sites, clustered points of unlike categories. The peer has one k-d tree a category, made
before the clock starts, and is asked once for each category's points together; so is our table, whose making has a row
of its own. By road: a lattice of streets with gaps; a point at a junction asks for the nearest of its category's sites,
each a junction too, so that both know the same ways.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from gridgov.geo.nearest import SiteIndex
from gridgov.geo.network import MAX_SNAP_M, RoadNetwork
from gridgov.platform.cluster import running
from tests.bench.city import HOME
from tests.bench.harness import LeftOut, Row, Scale, bench, timed
from tests.bench.tiling import clustered_points

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SIZES: dict[Scale, int] = {"full": 5_000_000, "small": 300_000}
ROADS: dict[Scale, int] = {"full": 400, "small": 60}  # junctions a side
CATEGORIES, SITES, SEED = 20, 2_000, 11
EXTENT = (400_000.0, 3_570_000.0, 456_000.0, 3_626_000.0)  # metres
ASKED, THEIRS = 400, 5
DATABASE = "bench_nearest"


class AnswersDiffer(AssertionError):
    """A peer finds another site: no figure means anything then."""


@bench("nearest")
def nearest(scale: Scale) -> Iterator[Row]:
    rng = np.random.default_rng(SEED)
    n = SIZES[scale]
    points = clustered_points(rng, n, bounds=EXTENT)
    weight = 1.0 / np.arange(1, CATEGORIES + 1) ** 0.8
    of = rng.choice(CATEGORIES, n, p=weight / weight.sum()).astype(np.int32)
    sites, category = clustered_points(rng, SITES, outside=0.0, bounds=EXTENT), rng.integers(0, CATEGORIES, SITES)
    x, y = points.T.copy()
    index = SiteIndex(sites[:, 0], sites[:, 1], category)
    index.table(range(1)).nearest(x[:10], y[:10], np.zeros(10, np.int32), threads=2)  # compiled
    build_s, table = timed(lambda: index.table(range(CATEGORIES), EXTENT), repeats=3)
    groups = [np.flatnonzero(of == one) for one in range(CATEGORIES)]
    members = [np.flatnonzero(category == one) for one in range(CATEGORIES)]
    trees_s, trees = timed(lambda: [cKDTree(sites[one]) for one in members], repeats=3)
    size = f"{table.nbytes / 1e6:.0f} MB"
    yield Row(f"build the table of {SITES:,} sites ({size})", SITES, build_s, "scipy cKDTree", trees_s, "s", "less")

    def asked() -> Ints:
        out = np.empty(n, dtype=np.int64)
        for tree, some, own in zip(trees, groups, members, strict=True):
            out[some] = own[tree.query(points[some])[1]]
        return out

    theirs_s, theirs = timed(asked, repeats=3)
    for threads in (1, 2):
        ours_s, ours = timed(lambda threads=threads: table.nearest(x, y, of, threads=threads), repeats=7)  # type: ignore[misc]
        note = agreement(points, sites, ours.astype(np.int64), theirs)
        name = f"nearest by category, {threads} thread{'s' * (threads > 1)}"
        yield Row(name, n, n / ours_s, "scipy cKDTree", n / theirs_s, "points/s", note=note)
    some = rng.choice(n, 20_000, replace=False)
    looked = by_looking(points[some], sites, of[some].astype(np.int64), members)
    if (looked != table.nearest(x[some], y[some], of[some])).any():
        raise AnswersDiffer("looking at every site")


def agreement(points: Floats, sites: Floats, ours: Ints, theirs: Ints) -> str:
    """Both are equally far, to the bit; among equals scipy takes any."""
    away = [np.square(points - sites[one]).sum(axis=1) for one in (ours, theirs)]
    wrong = np.flatnonzero(away[0] != away[1])
    if len(wrong):
        raise AnswersDiffer(f"{len(wrong):,} of {len(points):,}: {ours[wrong[0]]} here, {theirs[wrong[0]]} there")
    return f"equally far, all {len(points):,}; another of equals {int((ours != theirs).sum()):,} times"


def by_looking(points: Floats, sites: Floats, of: Ints, members: list[Ints]) -> Ints:
    out = np.empty(len(points), dtype=np.int64)
    for one, own in enumerate(members):
        some = np.flatnonzero(of == one)
        away = np.square(points[some, None, :] - sites[None, own, :]).sum(axis=2)
        out[some] = own[away.argmin(axis=1)]
    return out


# --- by road ----------------------------------------------------------------------------------------------------------


@bench("roads")
def roads(scale: Scale) -> Iterator[Row | LeftOut]:
    rng = np.random.default_rng(SEED)
    side = ROADS[scale]
    step = (EXTENT[2] - EXTENT[0]) / (side - 1)
    node = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1).reshape(-1, 2) * step
    node += np.array(EXTENT[:2]) + rng.uniform(-0.2, 0.2, node.shape) * step
    number = np.arange(side * side).reshape(side, side)
    ends = np.vstack(
        [np.c_[number[:, :-1].ravel(), number[:, 1:].ravel()], np.c_[number[:-1].ravel(), number[1:].ravel()]]
    )
    ends = ends[rng.random(len(ends)) > 0.12]
    lines = shapely.linestrings(node[ends])
    begin = time.perf_counter()
    network = RoadNetwork.build(lines)
    built = time.perf_counter() - begin
    places = rng.choice(np.unique(ends), 100, replace=False)
    sites = network.sites(node[places, 0], node[places, 1])
    asked = rng.choice(np.unique(ends), ASKED, replace=False)

    def searched(at: int) -> float:
        found = network.distance_to_sites(float(node[at, 0]), float(node[at, 1]), sites, k=1)[0].road_m
        return np.inf if found is None else found

    table_s, table = timed(lambda: network.reach(sites), repeats=3)

    def looked_up(at: int) -> float:
        found = float(table.nearest(node[at, 0], node[at, 1], MAX_SNAP_M)[1][0])
        return np.inf if np.isnan(found) else found

    search_s, ours = one_by_one(searched, asked)
    ours_s, tabled = one_by_one(looked_up, asked)
    if not np.allclose(ours, tabled, rtol=0, atol=1e-5):
        raise AnswersDiffer("our own table and our own search")
    name = f"nearest of 100 sites by road, {len(node):,} junctions"
    try:
        with routing(ends, shapely.length(lines)) as connection:
            seconds = []
            for at, mine in list(zip(asked, ours, strict=True))[:THEIRS]:
                begin = time.perf_counter()
                theirs = pgrouting(connection, int(at), places)
                seconds.append(time.perf_counter() - begin)
                if not (mine == theirs or abs(mine - theirs) < 1e-3):
                    raise AnswersDiffer(f"junction {at}: {mine} m here, {theirs} m there")
    except DBAPIError as problem:
        yield LeftOut(name, f"no pgRouting here: {str(problem.orig).splitlines()[0]}")
        return
    theirs_ms, peer = 1e3 * float(np.median(seconds)), "pgRouting pgr_dijkstraCost"
    note = f"to the millimetre, {THEIRS} of {ASKED}; network built in {built:.1f} s"
    table_note = f"table of {table.nbytes / 1e6:.0f} MB made in {table_s:.2f} s, kept until roads or sites change"
    yield Row(f"{name}, table kept", len(ends), 1e3 * ours_s, peer, theirs_ms, "ms", "less", table_note)
    yield Row(f"{name}, search", len(ends), 1e3 * search_s, peer, theirs_ms, "ms", "less", note)
    yield many(network, sites, rng, search_s)


def one_by_one(ask: Callable[[int], float], asked: Ints) -> tuple[float, list[float]]:
    """Median seconds of a question, and the answers."""
    ask(int(asked[0]))
    seconds, answers = [], []
    for at in asked:
        begin = time.perf_counter()
        answers.append(ask(int(at)))
        seconds.append(time.perf_counter() - begin)
    return float(np.median(seconds)), answers


def many(network: RoadNetwork, sites: Any, rng: np.random.Generator, one_s: float) -> Row:
    """Very many points at once, as a load asks; beside our own question one by one."""
    n = 200_000
    x, y = (rng.uniform(low, high, n) for low, high in zip(EXTENT[:2], EXTENT[2:], strict=True))
    network.first_sites(x[:2000], y[:2000], sites)
    seconds, found = timed(lambda: network.first_sites(x, y, sites), repeats=1)
    some = rng.choice(n, 200, replace=False)
    if (network.nearest_sites(x[some], y[some], sites)[0] != found[some]).any():
        raise AnswersDiffer("many at once")
    return Row("nearest site by road, many at once", n, n / seconds, "our own, one by one", 1 / one_s, "points/s")


@contextmanager
def routing(ends: Ints, length_m: Floats) -> Iterator[Connection]:
    """A database with the streets for pgRouting; dropped afterwards."""
    with running(HOME) as cluster:
        cluster.drop_database(DATABASE)
        cluster.create_database(DATABASE)
        engine = create_engine(cluster.url(DATABASE))
        try:
            with engine.begin() as connection:
                connection.execute(text("create extension pgrouting cascade"))
                connection.execute(
                    text(
                        "create table road as select * from unnest(cast(:no as int[]), cast(:a as int[]), "
                        "cast(:b as int[]), cast(:m as float8[])) as r (id, source, target, cost)"
                    ),
                    {"no": list(range(len(ends))), "a": ends[:, 0].tolist(), "b": ends[:, 1].tolist(),
                     "m": length_m.tolist()},
                )  # fmt: skip
                connection.execute(text("analyze road"))
                yield connection
        finally:
            engine.dispose()
            cluster.drop_database(DATABASE)


def pgrouting(connection: Connection, at: int, places: Ints) -> float:
    """Metres to the nearest of the sites; infinite where none can be reached."""
    if at in places:
        return 0.0
    found = connection.execute(
        text(
            "select min(agg_cost) from pgr_dijkstraCost('select id, source, target, cost, cost as reverse_cost "
            "from road', cast(:at as bigint), cast(:places as bigint[]), false)"
        ),
        {"at": at, "places": places.tolist()},
    ).scalar_one()
    return np.inf if found is None else float(found)
