"""Points counted by other boundaries over partitioned GeoParquet: one process, two, and two of which one is killed.

Everything a job does is in the time from handing out tasks to the last answer: reading, checking what was read against
its manifest, locating, counting. Starting workers stands in the note. Beside: DuckDB's spatial join over one month of
the same files with as many threads as the machine has, and the same job in this process. Answers are compared cell by
cell before a figure is given (no point lies in two areas here).
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import duckdb
import geopandas
import numpy as np
import psutil
from numpy.typing import NDArray
from sqlalchemy import text

from gridgov.areas.rules import Level
from gridgov.geo.locate import PointIndex, warm
from gridgov.interop.national import crew
from gridgov.interop.national.binning import Task
from gridgov.interop.national.boundaries import Boundaries, read_boundaries
from gridgov.interop.national.crew import Answer, Crew
from gridgov.interop.national.facts import export_facts
from gridgov.interop.national.rebin import Sums, _summed, _table, _tasks
from gridgov.platform.clock import utcnow
from tests import nation
from tests.bench.city import made_city
from tests.bench.harness import LeftOut, Row, Scale, bench

CITIES = ("east", "north", "south", "west")
SIZES: dict[Scale, tuple[int, int, int]] = {"full": (6, 1_000_000, 71), "small": (6, 50_000, 30)}  # months, rows, side
REPEATS = 3
PEER = """
    select i.happened_at, c.code as category, c.group_code, i.channel, i.status, g.code as grid, i.geom
    from incidents i join duties_category c on c.id = i.category_id
    left join areas_version g on g.area_id = i.grid_id and upper_inf(g.valid)
    """
EXPORTS: dict[Scale, tuple[int, int]] = {"full": (100, 1_000_000), "small": (20, 50_000)}
KILL_AT = 0.25  # of the partitions done


class AnswersDiffer(AssertionError):
    """Somebody counts otherwise: no figure means anything then."""


@bench("national")
def national(scale: Scale) -> Iterator[Row | LeftOut]:
    months, rows, side = SIZES[scale]
    with tempfile.TemporaryDirectory(prefix="gridgov-bench-") as home:
        folder = Path(home)
        nation.make_facts(folder, CITIES, [f"2026-{m + 1:02d}" for m in range(months)], rows, seed=1)
        nation.make_boundaries(folder, CITIES, side, seed=2)
        areas = read_boundaries([folder / "boundaries"], Level.GRID)
        tasks, table = _tasks(folder, ())[1], _table(areas)
        n = months * rows * len(CITIES)
        peer_s, peer = duck(folder, areas, "2026-01")  # of one month: it takes long
        warm()
        plain_s, plain = median(crew.alone, table, tasks)
        if not np.array_equal(cells(plain, len(areas), "2026-01"), peer):
            raise AnswersDiffer("DuckDB")
        size = sum(os.stat(task.path).st_size for task in tasks)
        note = f"{len(tasks)} partitions, {size / n:.0f} B a point, {len(areas):,} areas"
        yield Row(
            "re-binning, this process",
            n,
            n / plain_s,
            "DuckDB spatial join",
            n / months / peer_s,
            "points/s",
            note=note,
        )
        for workers in (1, 2):
            yield several(workers, table, tasks, plain, n / plain_s)
        yield killed(table, tasks, plain, n / plain_s)


def done(who: Crew, table: PointIndex, tasks: Sequence[Task]) -> tuple[float, Sums]:
    """Seconds until the last answer, and the sums."""
    begin = time.perf_counter()
    answers: list[Answer] = list(who(table, tasks))
    seconds = time.perf_counter() - begin
    return seconds, _summed(tasks, answers)  # type: ignore[arg-type]  # a damaged one would fail there


def median(who: Crew, table: PointIndex, tasks: Sequence[Task]) -> tuple[float, Sums]:
    found = [done(who, table, tasks) for _ in range(REPEATS)]
    return float(np.median([seconds for seconds, _ in found])), found[0][1]


def several(workers: int, table: PointIndex, tasks: Sequence[Task], plain: Sums, rate: float) -> Row:
    begin = time.perf_counter()
    with crew.local(workers) as who:
        started_s = time.perf_counter() - begin
        first_s, _ = done(who, table, tasks)  # hands out the table, loads kernels
        seconds, found = median(who, table, tasks)
        memory = sum(psutil.Process(pid).memory_info().rss for pid in workers_here())
    same(plain, found, f"{workers} workers")
    note = f"started in {started_s:.1f} s, the first run {first_s:.1f} s, {memory / 1e6:.0f} MB of workers"
    name = f"re-binning, {workers} worker{'s' * (workers > 1)}"
    return Row(name, plain.total, plain.total / seconds, "the same in one process", rate, "points/s", note=note)


def killed(table: PointIndex, tasks: Sequence[Task], plain: Sums, rate: float) -> Row:
    """Two workers; one is killed when a quarter is done. The whole run counts, the new worker's start with it."""
    with crew.local(2) as who:
        done(who, table, tasks)
        before = set(workers_here())
        begin = time.perf_counter()
        answers: list[Answer] = []
        for answer in who(table, tasks):
            answers.append(answer)
            if len(answers) == max(1, int(KILL_AT * len(tasks))):
                os.kill(min(before), signal.SIGKILL)
        seconds = time.perf_counter() - begin
        assert not before <= set(workers_here())
    same(plain, _summed(tasks, answers), "a worker killed")  # type: ignore[arg-type]  # as above
    name = "re-binning, 2 workers, one killed"
    return Row(name, plain.total, plain.total / seconds, "the same in one process", rate, "points/s")


def workers_here() -> list[int]:
    return [one.pid for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]


def same(one: Sums, other: Sums, whose: str) -> None:
    for name in ("area", "group", "month", "count"):
        if not np.array_equal(getattr(one, name), getattr(other, name)):
            raise AnswersDiffer(whose)


def cells(sums: Sums, areas: int, month: str) -> NDArray[np.int64]:
    """int64[areas, groups] of what lies in an area in a month."""
    out = np.zeros((areas, len(sums.groups)), dtype=np.int64)
    inside = (sums.area >= 0) & (sums.month == sums.months.index(month))
    np.add.at(out, (sums.area[inside], sums.group[inside]), sums.count[inside])
    return out


def duck(folder: Path, areas: Boundaries, month: str) -> tuple[float, NDArray[np.int64]]:
    """Seconds of the join and its counts by area and group, of one month."""
    spec = find_spec("duckdb_extension_spatial")
    assert spec is not None
    extension = next(Path((spec.submodule_search_locations or [""])[0]).rglob("spatial.duckdb_extension"))
    with duckdb.connect() as connection:
        connection.execute(f"load '{extension}'")
        connection.execute(
            f"create table a as select city, code, geometry from read_parquet('{folder}/boundaries/*/*/*.parquet')"
        )
        files = folder / "incidents" / "*" / f"month={month}" / "*.parquet"
        begin = time.perf_counter()
        rows = connection.execute(
            f"select a.city, a.code, f.category_group, count(*) from read_parquet('{files}') f"
            " join a on st_intersects(a.geometry, f.geometry) group by all"
        ).fetchall()
        seconds = time.perf_counter() - begin
    place = {key: i for i, key in enumerate(zip(areas.cities, areas.codes, strict=True))}
    out = np.zeros((len(areas), len(nation.GROUPS)), dtype=np.int64)
    for city, code, group, n in rows:
        out[place[city, code], nation.GROUPS.index(group)] = n
    return seconds, out


@bench("export")
def export(scale: Scale) -> Iterator[Row | LeftOut]:
    """Facts out of a database: all of them, then after one incident has changed; beside GeoPandas' own way, which reads
    everything into memory."""
    columns, n = EXPORTS[scale]
    with made_city(columns, n) as city, tempfile.TemporaryDirectory(prefix="gridgov-bench-") as home:
        out = Path(home) / "out"
        begin = time.perf_counter()
        done = export_facts(city.house, out, now=utcnow(), reason="bench")
        seconds = time.perf_counter() - begin
        begin = time.perf_counter()
        with city.house.db.engine.connect() as connection:
            frame = geopandas.read_postgis(text(PEER), connection, geom_col="geom")
        frame.to_parquet(Path(home) / "peer.parquet", write_covering_bbox=True, compression="zstd")
        peer_s = time.perf_counter() - begin
        if done.rows != len(frame):
            raise AnswersDiffer("GeoPandas")
        note = f"{len(done.written)} months, {sum(p.stat().st_size for p in out.rglob('*.parquet')) / n:.0f} B a point"
        yield Row("facts exported, all", n, n / seconds, "geopandas.read_postgis", n / peer_s, "points/s", note=note)
        with city.house.db.transaction() as session:
            newest = "(select max(number) from incidents)"
            session.execute(text(f"update incidents set status = 'void' where number = {newest}"))
        begin = time.perf_counter()
        again = export_facts(city.house, out, now=utcnow(), reason="bench")
        after_s = time.perf_counter() - begin
        assert len(again.written) == 1
        yield Row("facts exported after one change", n, after_s, "all of them", seconds, "s", "less")
