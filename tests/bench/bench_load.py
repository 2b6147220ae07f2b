"""The load under a draft: incidents of changed grids, beside the same question in PostGIS.

A made city of 60 communities with 28,800 atoms, and incidents over a year by month. Ours is what the board asks after
an operation: the counts of a community's atoms from the store (or, once it is open, from memory) and the sums of the
changed grids. The peer counts the same grids' incidents with ST_Intersects over the spatial index, in the same
database and the same run. Both must give the same numbers before a figure is given.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from shapely import MultiPolygon, Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.rules import Level, NewArea
from gridgov.bootstrap import House, build
from gridgov.duties import service as duties
from gridgov.duties.service import NewCategory
from gridgov.geo.locate import warm
from gridgov.incidents.months import ensure_months
from gridgov.incidents.points import StoredPoints
from gridgov.planning import counting, load
from gridgov.planning.load import Ints
from gridgov.platform.bulk import ewkb, stage
from gridgov.platform.clock import utcnow
from gridgov.platform.cluster import running
from gridgov.platform.migrate import upgrade
from tests.bench.city import HOME
from tests.bench.harness import Row, Scale, bench, timed
from tests.bench.tiling import BOUNDS, Polygons, jagged_tiling

SIZES: dict[Scale, tuple[int, ...]] = {"full": (1_000_000, 10_000_000), "small": (100_000,)}
COLUMNS, ROWS = 240, 120  # atoms
WIDE, HIGH = 24, 20  # of a community
GRID = 30  # atoms of a grid
SEED, CATEGORIES = 7, 20
YEAR = (date(2025, 1, 1), date(2026, 1, 1))
ZONE = ZoneInfo("UTC")
TURNS = 15
USED = frozenset({"incidents_receipt", "incidents_quad", "incidents_time", "incidents_geom"})
NUMBERS = (3, 4)  # of the changed grids


class AnswersDiffer(AssertionError):
    """The peer counts otherwise than we do: no figure means anything then."""


@dataclass(frozen=True)
class City:
    """`basis[c]` the basis of community c, `assignment` the grid of each of its atoms, `shapes` theirs in degrees."""

    house: House
    basis: list[int]
    shapes: list[list[MultiPolygon]]
    assignment: Ints


@bench("load")
def under_a_draft(scale: Scale) -> Iterator[Row]:
    warm()
    for n in SIZES[scale]:
        with _city(n) as city:
            yield from _built(city, n)
            yield from _changed(city, n)
            yield from _grown(city, n)


def _built(city: City, n: int) -> Iterator[Row]:
    """Every incident at its atom; the peer's join only where it ends within minutes."""
    own = city.house.db.transaction

    def count() -> counting.Refreshed:
        return counting.refresh(own, StoredPoints(), city.basis, zone=ZONE, now=utcnow(), anew=True)

    ours, done = timed(count, repeats=1)
    with own() as session:
        begin = time.perf_counter()
        one = StoredPoints().at_atoms(session, city.basis[0], done.upto, ZONE.key)
        theirs = time.perf_counter() - begin
        if load.verify(session, StoredPoints(), city.basis[0], zone=ZONE):
            raise AnswersDiffer("building")
    share = sum(found[3] for found in one)
    note = f"{ours:.1f} s for {done.counted:,}; the peer measured on one community ({share:,})"
    yield Row(
        "load: counted at 28,800 atoms", n, done.counted / ours, "PostGIS join", share / theirs, "points/s", note=note
    )


def _changed(city: City, n: int) -> Iterator[Row]:
    """Two grids that have exchanged atoms; median over communities."""
    own = city.house.db.transaction
    opened, kept, peer = [], [], []

    def stored(basis: int) -> Ints:
        with own() as session:
            return load.vector_of(session, basis, WIDE * HIGH, *YEAR)

    for community in range(0, len(city.basis), max(1, len(city.basis) // TURNS)):
        vector = stored(city.basis[community])
        shapes = _dissolved(city, community)
        cold, ours = timed(partial(_from_store, city, stored, city.basis[community]), repeats=3)
        opened.append(cold)
        kept.append(timed(partial(load.of_grids, vector, city.assignment, NUMBERS), repeats=5)[0])
        with own() as session:
            seconds, theirs = timed(partial(_by_sql, session, shapes), repeats=3)
        peer.append(seconds)
        if ours != theirs:
            raise AnswersDiffer(f"{ours} beside {theirs}")
    theirs_ms = 1e3 * float(np.median(peer))
    for name, ours_s in (("from the store", opened), ("board open", kept)):
        note = f"worst {1e3 * max(ours_s):.2f} ms, the peer's {1e3 * max(peer):.0f} ms; {len(ours_s)} communities"
        ours_ms = 1e3 * float(np.median(ours_s))
        label = f"load of two changed grids, {name}"
        yield Row(label, n, ours_ms, "PostGIS ST_Intersects", theirs_ms, "ms", "less", note)


def _from_store(city: City, stored: Callable[[int], Ints], basis: int) -> dict[int, int]:
    return load.of_grids(stored(basis), city.assignment, NUMBERS)


def _dissolved(city: City, community: int) -> dict[int, str]:
    """The shapes of the changed grids, as the peer is given them."""
    atoms = np.asarray(city.shapes[community], dtype=object)
    return {number: ewkb(shapely.union_all(atoms[city.assignment == number])) for number in NUMBERS}


def _by_sql(session: Session, shapes: dict[int, str]) -> dict[int, int]:
    """Incidents of the year in each of some shapes, by number."""
    sql = """
        select g.number, count(i.id) as n
        from unnest(cast(:numbers as int[]), cast(:shapes as text[])) as g (number, shape)
        left join incidents i on st_intersects(cast(g.shape as geometry), i.geom)
          and i.happened_at >= '2025-01-01' and i.happened_at < '2026-01-01'
          and i.status not in ('void', 'duplicate')
        group by g.number
        """
    rows = session.execute(text(sql), {"numbers": list(shapes), "shapes": list(shapes.values())})
    return {row.number: row.n for row in rows}


def _grown(city: City, n: int) -> Iterator[Row]:
    """A thousand new incidents: what it costs to have them counted, beside counting everything again by SQL."""
    own = city.house.db.transaction
    with own() as session:
        _store(session, 1_000, first=n)
    begin = time.perf_counter()
    done = counting.refresh(own, StoredPoints(), city.basis, zone=ZONE, now=utcnow())
    ours = time.perf_counter() - begin
    if not done.settled or not 0 < done.counted <= 1_000:
        raise AnswersDiffer("what is new")
    with own() as session:
        begin = time.perf_counter()
        StoredPoints().at_atoms(session, city.basis[0], done.upto, ZONE.key)
        theirs = (time.perf_counter() - begin) * len(city.basis)
        if load.verify(session, StoredPoints(), city.basis[0], zone=ZONE):
            raise AnswersDiffer("what is new")
    note = "the peer: one community measured, times 60"
    yield Row("load: 1,000 new incidents", n, 1e3 * ours, "PostGIS join anew", 1e3 * theirs, "ms", "less", note)


# --- the city ---------------------------------------------------------------------------------------------------------


@contextmanager
def _city(n: int) -> Iterator[City]:
    name = f"bench_load_{n}"
    with running(HOME) as cluster:
        cluster.drop_database(name)
        cluster.create_database(name)
        upgrade(cluster.url(name), "demo")
        house = build(cluster.url(name), "demo", HOME)
        try:
            yield _fill(house, n)
        finally:
            house.close()
            cluster.drop_database(name)


def _fill(house: House, n: int) -> City:
    tiles = jagged_tiling(np.random.default_rng(SEED), COLUMNS, ROWS)
    column, row = np.divmod(np.arange(len(tiles)), ROWS)
    community = column // WIDE * (ROWS // HIGH) + row // HIGH
    with house.db.transaction() as session:
        ids = _areas(session, community, tiles)
        basis = [_basis(session, ids[c], tiles[community == c]) for c in range(len(ids))]
        ensure_months(session, [date(2025, month, 1) for month in range(1, 13)])
        codes = [(f"{1 + k // 5:02}", f"{1 + k // 5:02}{1 + k % 5:02}") for k in range(CATEGORIES)]
        duties.put_categories(
            session, [NewCategory("matter", code, {"en": code}, group, {"en": group}) for group, code in codes]
        )
        session.execute(text("select setseed(0.7)"))
        dropped = _without_indexes(session)
        _store(session, n, first=0)
        for definition in dropped:
            session.execute(text(definition))
    with house.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
    shapes = [[_multi(one) for one in tiles[community == c]] for c in range(len(ids))]
    return City(house, basis, shapes, np.arange(WIDE * HIGH, dtype=np.int64) // GRID)


def _areas(session: Session, community: Ints, tiles: Polygons) -> list[int]:
    middle = Point((BOUNDS[0] + BOUNDS[2]) / 2, (BOUNDS[1] + BOUNDS[3]) / 2)
    areas.set_up_city(session, code="demo", names={"en": "Load"}, timezone="UTC", lon=middle.x, lat=middle.y)
    parts = [_multi(shapely.union_all(tiles[community == c])) for c in range(int(community.max()) + 1)]
    whole = _multi(shapely.union_all(parts))
    made = [NewArea(Level.CITY, "C", None, {"en": "C"}, whole), NewArea(Level.DISTRICT, "D", "C", {"en": "D"}, whole)]
    made += [NewArea(Level.COMMUNITY, f"c{c:03}", "D", {"en": f"c{c}"}, shape) for c, shape in enumerate(parts)]
    areas.put_in_force(session, made, name="load")
    rows = session.execute(text("select area_id from areas_version where level = 'community' order by code"))
    return [int(one) for one in rows.scalars()]


def _multi(shape: Any) -> MultiPolygon:
    return MultiPolygon([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])


def _basis(session: Session, community_id: int, tiles: Polygons) -> int:
    basis_id = session.execute(
        text(
            "insert into planning_basis (community_id, digest, source, atoms, made_at) "
            "values (:c, sha256(cast(:c as text)::bytea), '{}', :n, now()) returning id"
        ),
        {"c": community_id, "n": len(tiles)},
    ).scalar_one()
    columns = (("no", "integer"), ("geom", "geometry"))
    stage(session, "bench_atom", columns, ((no, ewkb(_multi(one))) for no, one in enumerate(tiles)))
    session.execute(
        text(
            "insert into planning_atom (basis_id, no, key, kind, block, geom, label, area_m2, perimeter_m) "
            "select :b, no, no, 'given', 0, geom, st_pointonsurface(geom), 1, 1 from bench_atom"
        ),
        {"b": basis_id},
    )
    return int(basis_id)


def _without_indexes(session: Session) -> list[str]:
    """Takes the indexes of incidents away that are no constraint; returns how those are made again that are used."""
    rows = session.execute(
        text(
            "select c.relname, pg_get_indexdef(i.indexrelid) as definition from pg_index i "
            "join pg_class c on c.oid = i.indexrelid where i.indrelid = 'incidents'::regclass and not i.indisprimary"
        )
    ).all()
    for row in rows:
        session.execute(text(f"drop index {row.relname}"))
    kept = [row.definition.replace(" ON ONLY ", " ON ") for row in rows if row.relname in USED]
    return [*kept, "create index if not exists incidents_geom on incidents using gist (geom)"]  # the peer's


def _store(session: Session, n: int, *, first: int) -> None:
    """n incidents in the order of time; half of them anywhere, half about forty places. Triggers and references rest:
    what is stored is right by its making."""
    session.execute(text("set local session_replication_role = replica"))
    session.execute(
        text(
            """
            insert into incidents (id, category_id, channel, status, happened_at, received_at, reported_lon,
                                   reported_lat, datum, area_id, outside_m, hex9, text, place, geom)
            select md5('load' || k)::uuid, c.ids[1 + k % :categories], 'hotline',
                   case when k % 50 = 0 then 'void' else 'closed' end, at, at, lon, lat, 'wgs84', a.area_id, 0, 0, '',
                   '{}', st_setsrid(st_makepoint(lon, lat), 4326)
            from (
              select k, cast(:begin as timestamptz) + (k - :first) * (cast(:span as interval) / :n) as at,
                     case when k % 2 = 0 then :west + random() * :width
                          else :west + :width * (0.05 + 0.1 * (k / 2 % 10) + 0.02 * (random() - random())) end as lon,
                     case when k % 2 = 0 then :south + random() * :height
                          else :south + :height * (0.1 + 0.2 * (k / 20 % 4) + 0.04 * (random() - random())) end as lat
              from generate_series(cast(:first as bigint), :first + :n - 1) k
            ) p
            cross join (select array_agg(id order by id) as ids from duties_category) c
            cross join (select area_id from areas_version where level = 'city') a
            """
        ),
        {
            "n": n, "first": first, "span": "1 day" if first else "365 days",
            "begin": "2025-12-31" if first else "2025-01-01", "categories": CATEGORIES,
            "west": BOUNDS[0], "south": BOUNDS[1],
            "width": BOUNDS[2] - BOUNDS[0], "height": BOUNDS[3] - BOUNDS[1],
        },
    )  # fmt: skip
    session.execute(text("set local session_replication_role = origin"))
