"""Places, routes and reports over HTTP, beside the same questions and a bare insert put to PostgreSQL directly.

Ours is `gridgov serve`, one process, asked by a closed-loop client in another; the peers' threads call the database
through the product's own connection pool, without HTTP, in this process. All of them share the machine, as they would
where somebody runs this. Answers are compared before a figure is given.
"""

from __future__ import annotations

import json
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import numpy as np
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.platform import clock
from tests.bench.client import Measured, Request, measure
from tests.bench.demo import demo_city, serving
from tests.bench.harness import LeftOut, Row, Scale, bench

SIZES: dict[Scale, int] = {"full": 3_000, "small": 300}
CONNECTIONS = (1, 16)
WARMING = 300
SEED = 11
Question = tuple[str, float, float]  # category, lon, lat

GRID = """
select area_id from areas_version
 where level = 'grid' and valid @> now() and st_covers(geom, st_setsrid(st_makepoint(:lon, :lat), 4326))
 order by code limit 1
"""
SITE = """
with recursive line as (
  select id from duties_agency where id = :agency
  union select a.id from duties_agency a join line on a.parent_id = line.id)
select s.id from duties_site s join line on s.agency_id = line.id
 order by s.geom::geography <-> st_setsrid(st_makepoint(:lon, :lat), 4326)::geography limit 1
"""
COLUMNS = (
    "id, happened_at, number, category_id, channel, status, received_at, reported_lon, reported_lat, datum, "
    "accuracy_m, area_id, grid_id, unit_id, outside_m, candidate_ids, agency_id, lead_area_id, site_id, item_id, "
    "hex9, text, address, place, attributes, geom"
)


class AnswersDiffer(AssertionError):
    """A peer answers otherwise than we do: no figure means anything then."""


@bench("api")
def api(scale: Scale) -> Iterator[Row | LeftOut]:
    n = SIZES[scale]
    with demo_city() as (house, url), serving(url) as port:
        questions = asked(house, n)
        for name, compare in (("locate", locate_peer), ("route", route_peer)):
            requests = [get(name, question) for question in questions]
            measure(port, requests[:WARMING], connections=16)  # connections opened, statements prepared
            for connections in CONNECTIONS:
                ours = good(measure(port, requests, connections=connections, keep=True), 200)
                yield from compare(house, questions, ours, connections)
        yield from intake(house, port, questions)


def asked(house: House, n: int) -> list[Question]:
    """Matters and points of the city's own incidents, moved a little so that none is asked twice."""
    rng = np.random.default_rng(SEED)
    with house.db.transaction() as session:
        rows = session.execute(
            text(
                "select c.code, st_x(i.geom), st_y(i.geom) from incidents i join duties_category c "
                "on c.id = i.category_id order by md5(i.id::text) limit :n"
            ),
            {"n": n},
        ).all()
    moved = rng.uniform(-0.001, 0.001, (len(rows), 2))
    return [(row[0], row[1] + dx, row[2] + dy) for row, (dx, dy) in zip(rows, moved.tolist(), strict=True)]


def get(name: str, question: Question) -> Request:
    category, lon, lat = question
    values = {"lon": lon, "lat": lat} | ({"category": category} if name == "route" else {})
    return "GET", f"/api/v1/{name}?{urlencode(values)}", None


def good(measured: Measured, status: int) -> Measured:
    bad = [found for found in measured.status if found != status]
    if bad:
        raise AnswersDiffer(f"{len(bad)} of {len(measured.status)} answers have status {sorted(set(bad))}")
    return measured


def locate_peer(house: House, questions: Sequence[Question], ours: Measured, connections: int) -> Iterator[Row]:
    def ask(i: int) -> int | None:
        return one(house, GRID, lon=questions[i][1], lat=questions[i][2])

    ms, _, answers = threaded(ask, len(questions), connections)
    note = f"{same_grids(ours, answers)}; ours also names the place"
    yield from rows("locate", len(questions), ours.ms, "PostGIS ST_Covers, no HTTP", ms, connections, note)


def route_peer(house: House, questions: Sequence[Question], ours: Measured, connections: int) -> Iterator[Row]:
    """The peer is told the agency: it only has to find the grid and the nearest of the agency's sites."""

    def ask(i: int) -> tuple[int | None, int | None]:
        _, lon, lat = questions[i]
        grid = one(house, GRID, lon=lon, lat=lat)
        body = ours.bodies[i]
        if not body["sites_considered"]:
            return grid, None
        return grid, one(house, SITE, lon=lon, lat=lat, agency=body["agency"]["id"])

    ms, _, answers = threaded(ask, len(questions), connections)
    compared = same_grids(ours, [grid for grid, _ in answers])
    note = f"{compared}; {same_sites(ours, [site for _, site in answers])}"
    yield from rows("route", len(questions), ours.ms, "PostGIS ST_Covers + KNN, no HTTP", ms, connections, note)


def same_grids(ours: Measured, answers: Sequence[int | None]) -> str:
    inside = 0
    for body, theirs in zip(ours.bodies, answers, strict=True):
        grid = body["path"][-1]["id"] if body["inside"] else None
        if grid != theirs:
            raise AnswersDiffer(f"grid {grid} here, {theirs} there")
        inside += body["inside"]
    return f"all {len(answers):,} grids equal, {inside:,} inside"


def same_sites(ours: Measured, answers: Sequence[int | None]) -> str:
    """PostGIS measures straight lines: its site must be the nearest by straight line among those we considered."""
    served = chosen = 0
    for body, theirs in zip(ours.bodies, answers, strict=True):
        if theirs is None:
            continue
        straight = {site["id"]: site["straight_m"] for site in body["sites_considered"]}
        if theirs not in straight or straight[theirs] > min(straight.values()) * 1.001 + 0.2:
            raise AnswersDiffer(f"site {theirs} is the nearest there; here {straight}")
        served += 1
        chosen += body["site"]["id"] == theirs
    return f"nearest by straight line equal for all {served:,} served from sites, of which {chosen:,} also by road"


def intake(house: House, port: int, questions: Sequence[Question]) -> Iterator[Row]:
    with house.db.transaction() as session:
        session.execute(text("create table bench_bare (like incidents including defaults including generated)"))
        committing = session.execute(text("show synchronous_commit")).scalar_one()
    if committing != "on":
        raise AnswersDiffer(f"synchronous_commit is {committing}")
    measure(port, reports(questions[:WARMING]), connections=16)
    for connections in CONNECTIONS:
        before = stored(house)
        ours = good(measure(port, reports(questions), connections=connections), 201)
        if stored(house) != before + len(questions):
            raise AnswersDiffer("not every report that was answered with 201 is stored")
        ms, seconds = bare_inserts(house, len(questions), connections)
        rates = len(questions) / ours.seconds, len(questions) / seconds
        peer, note = "bare INSERT, no HTTP", "synchronous_commit on in both; the bare row has no keys, no index"
        name = f"report, {connections} connection{'s' * (connections > 1)}"
        yield Row(f"{name}, rate", len(questions), rates[0], peer, rates[1], "requests/s", "more", note)
        yield Row(f"{name}, p99", len(questions), p99(ours.ms), peer, p99(ms), "ms", "less", note)


def reports(questions: Sequence[Question]) -> list[Request]:
    now = clock.utcnow()
    bodies = [
        {
            "id": str(uuid.uuid4()), "category": category, "point": {"lon": lon, "lat": lat}, "channel": "worker",
            "happened_at": (now - timedelta(minutes=i % 1440)).isoformat(), "accuracy_m": 10,
            "text": "路面坑洼，影响通行，请尽快派人处理。",
        }
        for i, (category, lon, lat) in enumerate(questions)
    ]  # fmt: skip
    return [("POST", "/api/v1/incidents", json.dumps(body)) for body in bodies]


def stored(house: House) -> int:
    with house.db.transaction() as session:
        return int(session.execute(text("select count(*) from incidents")).scalar_one())


def bare_inserts(house: House, n: int, threads: int) -> tuple[list[float], float]:
    """The columns of the newest reports, each inserted by itself into a table with neither keys nor indexes."""
    with house.db.transaction() as session:
        found = session.execute(
            text(f"select {COLUMNS} from incidents order by received_at desc limit :n"),
            {"n": n},
        ).mappings()
        values = [
            {**row, "place": json.dumps(row["place"]), "attributes": json.dumps(row["attributes"])} for row in found
        ]
    named = ", ".join(f":{column}" for column in COLUMNS.split(", "))
    insert = text(f"insert into bench_bare ({COLUMNS}) values ({named})")

    def put(i: int) -> None:
        with house.db.transaction() as session:
            session.execute(insert, values[i])

    ms, seconds, _ = threaded(put, len(values), threads)
    return ms, seconds


def one(house: House, sql: str, **values: Any) -> int | None:
    with house.db.transaction() as session:
        found: int | None = session.execute(text(sql), values).scalar_one_or_none()
        return found


def threaded(work: Callable[[int], Any], n: int, threads: int) -> tuple[list[float], float, list[Any]]:
    """Milliseconds of each call, seconds of all, and the answers; so many threads take one after the other."""

    def clocked(i: int) -> tuple[float, Any]:
        begin = time.perf_counter()
        answer = work(i)
        return 1e3 * (time.perf_counter() - begin), answer

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(min(n, 10 * threads))))  # connections opened, statements prepared
        begin = time.perf_counter()
        done = list(pool.map(clocked, range(n)))
        seconds = time.perf_counter() - begin
    return [ms for ms, _ in done], seconds, [answer for _, answer in done]


def p99(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.99 * len(values)))]


def rows(
    name: str, n: int, ours: Sequence[float], peer: str, theirs: Sequence[float], connections: int, note: str
) -> Iterator[Row]:
    name = f"{name}, {connections} connection{'s' * (connections > 1)}"
    yield Row(f"{name}, p50", n, statistics.median(ours), peer, statistics.median(theirs), "ms", "less", note)
    yield Row(f"{name}, p99", n, p99(ours), peer, p99(theirs), "ms", "less", note)
