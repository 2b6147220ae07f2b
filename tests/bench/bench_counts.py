"""Counts through HTTP with sign-in, from 10^5 to 10^8 incidents, beside PostgreSQL with a covering index and DuckDB.

Ours is a whole request: sign-in, the freshness of the store asked of PostgreSQL, counting, 5,000 areas as JSON. Peers
answer the bare question in this process: no HTTP, no sign-in, no scope. All count the same seeded rows, in memory; the
answers are compared before a figure is given. Peers stop at 10^7. Growth: the exponent of time over rows from the first
size to the third.
"""

from __future__ import annotations

import http.client
import json
import math
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import urlencode, urlsplit

import duckdb
import numpy as np
import pandas as pd
from sqlalchemy import text

from gridgov.analytics.store.columns import CHANNELS, INCIDENTS, STATUSES, month_start, start_s
from gridgov.analytics.store.cube import Cubes
from gridgov.analytics.store.view import Places, Segment, View
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.bench.bench_density import AnswersDiffer, milliseconds, p95
from tests.bench.city import CATEGORIES, MadeCity, made_city
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.conftest import live
from tests.people import appoint

SIZES: dict[Scale, tuple[int, tuple[int, ...]]] = {
    "full": (100, (10**5, 10**6, 10**7, 10**8)),
    "small": (20, (10**4, 10**5)),
}
MONTHS, FIRST = 36, (2024 - 1970) * 12
PEERS_UP_TO = 10**7
OURS, THEIRS = 41, 5
SINCE, UNTIL = "2024-03-15T00:00:00+08:00", "2026-05-20T00:00:00+08:00"
QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("one category, 26 months", {"category": "0102", "from": SINCE, "to": UNTIL}),
    ("a group of 20 categories, all time", {"category": "02"}),
    ("channel and status, 26 months", {"channel": "hotline", "status": "open", "from": SINCE, "to": UNTIL}),
)
Rows = dict[str, np.ndarray[Any, Any]]


@dataclass
class Made:
    """A view of n rows by the ids of a made city; `codes`: code -> id of its matters."""

    view: View
    codes: dict[str, int]


@bench("counts")
def counts(scale: Scale) -> Iterator[Row | LeftOut]:
    columns, sizes = SIZES[scale]
    first: dict[str, float] = {}
    third: dict[str, float] = {}
    with made_city(columns, 1_003) as city, live(city.house) as base:
        ask = Asking(base, appoint(city.house, Role.CENTRE_OPERATOR).headers)
        for n in sizes:
            made = Made(view_of(city, n), codes_of(city.house))
            answer_from(city.house, made.view)
            ask.anew()
            told: dict[str, tuple[float, str, dict[str, Any]]] = {}
            for name, question in QUESTIONS:
                found = ask(question)
                over = milliseconds(partial(ask, question), OURS)
                p50 = statistics.median(over)
                note = f"p95 {p95(over):.1f} ms; {found['total']:,} counted"
                if n > sizes[0]:
                    note += f"; exponent since {sizes[0]:,}: {exponent(first[name], p50, n / sizes[0]):.2f}"
                first.setdefault(name, p50)
                told[name] = p50, note, found
            if n > PEERS_UP_TO:
                for name, (p50, note, _) in told.items():
                    yield Row(f"choropleth, {name}", n, p50, "ours at 10^7", third[name], "ms", "less", note)
                continue
            third = {name: p50 for name, (p50, _, _) in told.items()}
            with peers(city.house, made) as others:
                for (name, question), (peer, count) in product(QUESTIONS, others.items()):
                    p50, note, found = told[name]
                    compare(found, count(question), f"{name} at {n:,}, {peer}")
                    theirs = statistics.median(milliseconds(partial(count, question), THEIRS))
                    yield Row(f"choropleth, {name}", n, p50, peer, theirs, "ms", "less", note)
            forget(city.house)


def exponent(before_ms: float, after_ms: float, times: float) -> float:
    """Of the growth of time with rows."""
    return math.log(after_ms / before_ms) / math.log(times)


class Asking:
    """One connection that is kept, as somebody who is signed in."""

    def __init__(self, base: str, headers: dict[str, str]) -> None:
        place = urlsplit(base)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port)
        self._headers = headers

    def anew(self) -> None:
        """A server lets go of a connection on which nothing was asked for a while."""
        self._connection.close()

    def __call__(self, question: dict[str, Any]) -> dict[str, Any]:
        self._connection.request("GET", f"/api/v1/counts?{urlencode({'by': 'grid'} | question)}", headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(body.decode())
        found: dict[str, Any] = json.loads(body)
        return found


def codes_of(house: House) -> dict[str, int]:
    with house.db.transaction() as session:
        return {row.code: row.id for row in session.execute(text("select id, code from duties_category"))}


def view_of(city: MadeCity, n: int) -> View:
    """n rows over 36 months: a few categories and grids have most of them, one in two hundred lies outside."""
    ids = sorted(codes_of(city.house).values())
    shares = 1.0 / np.arange(1, CATEGORIES + 1)
    upto = np.cumsum(shares / shares.sum())
    places = Places(
        grid=np.array([0, *city.grid_ids.tolist()], dtype=np.int64),
        area=np.zeros(len(city.grid_ids) + 1, np.int64),
        unit=np.zeros(len(city.grid_ids) + 1, np.int64),
        outside=np.array([True, *[False] * len(city.grid_ids)]),
    )
    base = []
    for i in range(MONTHS):
        rng, rows = np.random.default_rng([n, i]), n // MONTHS + (i < n % MONTHS)
        spots = (len(city.grid_ids) * rng.random(rows, dtype=np.float32) ** 2).astype(np.int32)
        length_s = start_s(FIRST + i + 1) - start_s(FIRST + i)
        columns = {
            "at": rng.integers(0, length_s, rows, dtype=np.int32),
            "category": np.array(ids, dtype=np.int32)[np.searchsorted(upto, rng.random(rows)).clip(0, CATEGORIES - 1)],
            "place": np.where(rng.random(rows, dtype=np.float32) < 0.005, 0, spots + 1).astype(np.int32),
            "agency": np.zeros(rows, np.int32),
            "channel": rng.integers(0, len(CHANNELS), rows, dtype=np.uint8),
            "state": rng.integers(0, len(STATUSES), rows, dtype=np.uint8),
        }
        base.append(Segment(FIRST + i, columns))
    none = np.zeros(1, np.int64)
    return View(INCIDENTS, tuple(base), (), places, none, none, month_start(FIRST + MONTHS), f"made-{n}")


def answer_from(house: House, made: View) -> None:
    """The house answers from a made view, and asks the database what is new all the same."""
    plain = type(house.counts).view
    house.counts.__dict__["view"] = lambda session, family: plain(house.counts, session, family) and made


def forget(house: House) -> None:
    """What is kept of a view, before the next and larger one."""
    object.__setattr__(house, "cubes", Cubes())


@contextmanager
def peers(house: House, made: Made) -> Iterator[dict[str, Callable[[dict[str, Any]], dict[int, int]]]]:
    """Name -> who answers a question over the same rows."""
    rows = {
        "moment": np.concatenate([one.columns["at"].astype(np.int64) + one.start_s for one in made.view.base]),
        **{name: np.concatenate([one.columns[name] for one in made.view.base])
           for name in ("category", "place", "channel", "state")},
    }  # fmt: skip
    rows["place"] = made.view.places.grid[rows["place"]].astype(np.int32)

    def said(question: dict[str, Any]) -> str:
        where = " and ".join(conditions(made, question)) or "true"
        return f"select place, count(*) as n from counts_peer where {where} group by place"

    plain = house.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with plain as connection, duckdb.connect() as base:
        fill(connection.connection.driver_connection, rows)
        base.execute("set threads = 2")
        base.register("arrays", pd.DataFrame(rows))
        base.execute("create table counts_peer as select * from arrays order by category, moment")
        del rows
        yield {
            "PostgreSQL, covering index": lambda one: dict(map(tuple, connection.execute(text(said(one))))),
            "DuckDB, 2 threads": lambda one: dict(base.execute(said(one)).fetchall()),
        }
        connection.execute(text("drop table counts_peer"))


def conditions(made: Made, question: dict[str, Any]) -> Iterator[str]:
    if "category" in question:
        ids = [ident for code, ident in made.codes.items() if code.startswith(question["category"])]
        yield f"category in ({', '.join(map(str, ids))})"
    if "from" in question:
        since, until = (int(pd.Timestamp(question[end]).timestamp()) for end in ("from", "to"))
        yield f"moment >= {since} and moment < {until}"
    if "channel" in question:
        yield f"channel = {CHANNELS.index(question['channel'])} and state = {STATUSES.index(question['status'])}"


def fill(connection: Any, rows: Rows) -> None:
    """A table of the rows by binary COPY, with a covering index for each question, vacuumed and analysed."""
    kinds = {"moment": ">i8", "category": ">i4", "place": ">i4", "channel": ">i2", "state": ">i2"}
    record = np.dtype([("n", ">i2"), *(pair for k, t in kinds.items() for pair in ((f"{k}_l", ">i4"), (k, t)))])
    connection.execute(
        "create unlogged table counts_peer "
        "(moment bigint, category integer, place integer, channel smallint, state smallint)"
    )
    with connection.cursor().copy("copy counts_peer from stdin (format binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
        for start in range(0, len(rows["moment"]), 1 << 20):
            some = slice(start, start + (1 << 20))
            data = np.empty(len(rows["moment"][some]), record)
            data["n"] = len(kinds)
            for column, kind in kinds.items():
                data[f"{column}_l"] = np.dtype(kind).itemsize
                data[column] = rows[column][some]
            copy.write(data.tobytes())
        copy.write(b"\xff\xff")
    connection.execute("create index on counts_peer (category, moment) include (place)")
    connection.execute("create index on counts_peer (channel, state, moment) include (place)")
    connection.execute("vacuum analyze counts_peer")


def compare(found: dict[str, Any], theirs: dict[int, int], what: str) -> None:
    """Raises `AnswersDiffer`."""
    outside = theirs.pop(0, 0)
    ours = {ident: n for ident, n in zip(found["ids"], found["counts"], strict=True) if n}
    if ours != theirs or found["unlocated"] != outside:
        raise AnswersDiffer(what)
