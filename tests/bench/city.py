"""A seeded synthetic city for benchmarks: 5,000 jagged grids that tile it, five levels, and as many incidents as asked.

Owns the making of that city in a migrated database. Does not own what is measured on it. Nothing here stands for a real
place: the polygons are a lattice whose edges were shaken, the incidents a mixture of clusters and even noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.platform.db import Database, cursor

COLUMNS, ROWS = 100, 50
STEP_DEG = 0.005
WEST, SOUTH = 116.75, 32.375
EDGE_POINTS = 9
CATEGORIES = 200
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 365

FLOATS = NDArray[np.float64]
INTS = NDArray[np.int64]


@dataclass(frozen=True)
class BenchCity:
    """What a benchmark needs to know of the city: grid polygons and their ids, in the same order."""

    grids: NDArray[Any]
    grid_ids: INTS
    hot_spot: tuple[float, float]


def grid_polygons(rng: np.random.Generator) -> NDArray[Any]:
    """5,000 polygons of 40 vertices, shape (ROWS * COLUMNS,), that share their edges exactly."""
    nodes = np.stack(np.meshgrid(np.arange(COLUMNS + 1.0), np.arange(ROWS + 1.0)), axis=-1)
    nodes += rng.uniform(-0.25, 0.25, nodes.shape)
    along = np.linspace(0, 1, EDGE_POINTS + 2)[1:-1, None]

    def shaken(start: FLOATS, end: FLOATS) -> FLOATS:
        middle = start[..., None, :] * (1 - along) + end[..., None, :] * along
        points: FLOATS = middle + rng.uniform(-0.04, 0.04, middle.shape)
        return points

    flat, upright = shaken(nodes[:, :-1], nodes[:, 1:]), shaken(nodes[:-1], nodes[1:])
    rings = np.concatenate(
        [
            nodes[:-1, :-1, None], flat[:-1], nodes[:-1, 1:, None], upright[:, 1:],
            nodes[1:, 1:, None], flat[1:, :, ::-1], nodes[1:, :-1, None], upright[:, :-1, ::-1],
        ],
        axis=2,
    )  # fmt: skip
    rings = rings.reshape(ROWS * COLUMNS, -1, 2) * STEP_DEG + (WEST, SOUTH)
    polygons: NDArray[Any] = shapely.polygons(np.round(rings, 7))
    return polygons


def _merged(polygons: NDArray[Any], groups: INTS) -> NDArray[Any]:
    return np.array([shapely.coverage_union_all(polygons[groups == g]) for g in range(int(groups.max()) + 1)])


def make_areas(session: Session, *, seed: int = 1) -> BenchCity:
    """One city, five districts (the last one flat: no sub-districts), 20 sub-districts, 250 communities, 5,000 grids."""
    rng = np.random.default_rng(seed)
    grids = grid_polygons(rng)
    row, column = np.divmod(np.arange(ROWS * COLUMNS), COLUMNS)
    community_of = (row // 2) * 10 + column // 10  # 2 x 10 cells
    centre_row, centre_column = np.divmod(np.arange(250), 10)
    district_of = centre_column // 2
    subdistrict_of = district_of * 5 + centre_row // 5  # 25; those of the last district are left out
    communities = _merged(grids, community_of)
    subdistricts = _merged(communities, subdistrict_of)
    districts = _merged(subdistricts, np.arange(25) // 5)
    city = _merged(districts, np.zeros(5, np.int64))

    plan = session.execute(
        text("insert into areas_plan (name, digest, valid_from) values ('bench', 'bench', '2020-01-01Z') returning id")
    ).scalar_one()

    def add(level: str, shapes: NDArray[Any], parents: Sequence[int | None], households: INTS | None) -> INTS:
        ids = session.execute(
            text("insert into areas (level, plan_id) select :level, :plan from generate_series(1, :n) returning id"),
            {"level": level, "plan": plan, "n": len(shapes)},
        ).scalars()
        found = np.array(list(ids), np.int64)
        labels = shapely.point_on_surface(shapes)
        rows = [
            {
                "area": int(found[i]), "plan": plan, "level": level, "parent": parents[i], "code": f"{level[0]}{i:05}",
                "zh": f"第{i}号{level}", "en": f"{level} no. {i}", "households": None if households is None else int(households[i]),
                "kind": "urban" if level == "grid" else None, "label": shapely.to_wkb(labels[i]),
                "geom": shapely.to_wkb(shapely.multipolygons([shapes[i]]) if shapes[i].geom_type == "Polygon" else shapes[i]),
                "digest": sha256(f"{level}{i}".encode()).digest(),
            }
            for i in range(len(shapes))
        ]  # fmt: skip
        session.execute(
            text(
                "insert into areas_version (area_id, plan_id, valid, level, parent_id, code, names, kind, households,"
                " geom, label, area_m2, digest) select :area, :plan, '[2020-01-01Z,)', :level, :parent, :code,"
                " jsonb_build_object('zh', cast(:zh as text), 'en', cast(:en as text)), :kind, :households, g,"
                " ST_GeomFromWKB(:label, 4326), ST_Area(g::geography), :digest from ST_GeomFromWKB(:geom, 4326) as g"
            ),
            rows,
        )
        return found

    city_id = add("city", city, [None], None)
    district_ids = add("district", districts, [int(city_id[0])] * 5, None)
    subdistrict_ids = add("subdistrict", subdistricts[:20], [int(district_ids[i // 5]) for i in range(20)], None)
    over = [int(subdistrict_ids[s]) if s < 20 else int(district_ids[4]) for s in subdistrict_of]
    community_ids = add("community", communities, over, None)
    grid_ids = add("grid", grids, [int(community_ids[c]) for c in community_of], rng.integers(120, 480, len(grids)))
    session.execute(
        text(
            "insert into duties_category (kind, code, names, group_code, group_names) select 'matter',"
            " lpad((1 + n / 20)::text, 2, '0') || lpad((1 + n % 20)::text, 2, '0'),"
            " jsonb_build_object('zh', '事项' || n, 'en', 'Matter ' || n), lpad((1 + n / 20)::text, 2, '0'),"
            " jsonb_build_object('zh', '大类' || n / 20, 'en', 'Group ' || n / 20) from generate_series(0, :n - 1) as n"
        ),
        {"n": CATEGORIES},
    )
    return BenchCity(grids, grid_ids, (0.0, 0.0))


def points(rng: np.random.Generator, n: int) -> tuple[FLOATS, FLOATS, tuple[float, float]]:
    """`n` clustered points (60 clusters of unlike weight hold four fifths) and the centre of the heaviest cluster."""
    width, height = COLUMNS * STEP_DEG, ROWS * STEP_DEG
    centres = rng.uniform((0.1, 0.1), (0.9, 0.9), (60, 2)) * (width, height) + (WEST, SOUTH)
    weights = rng.pareto(1.5, 60) + 0.2
    cluster = rng.choice(60, n, p=weights / weights.sum())
    spread = rng.uniform(0.002, 0.02, 60)[cluster, None]
    xy = centres[cluster] + rng.normal(0, 1, (n, 2)) * spread
    even = rng.random(n) < 0.2
    xy[even] = rng.uniform((0, 0), (1, 1), (int(even.sum()), 2)) * (width, height) + (WEST, SOUTH)
    xy = np.round(np.clip(xy, (WEST - 0.01, SOUTH - 0.01), (WEST + width + 0.01, SOUTH + height + 0.01)), 7)
    heaviest = centres[int(np.argmax(weights))]
    return xy[:, 0], xy[:, 1], (float(heaviest[0]), float(heaviest[1]))


def make_incidents(session: Session, city: BenchCity, n: int, *, seed: int = 2) -> BenchCity:
    """Adds `n` incidents over a year, by month in their partitions, each with its exact grid; some lie outside."""
    rng = np.random.default_rng(seed)
    lon, lat, hot_spot = points(rng, n)
    where, which = shapely.STRtree(city.grids).query(shapely.points(lon, lat), predicate="intersects")
    grid = np.full(n, -1, np.int64)
    np.maximum.at(grid, where, which)
    category = np.minimum((rng.pareto(1.2, n) * 8).astype(np.int64), CATEGORIES - 1) + 1
    second = np.sort(rng.integers(0, DAYS * 86400, n))
    hex9 = np.array([h3.latlng_to_cell(y, x, 9) for x, y in zip(lon, lat, strict=True)], np.uint64).astype(np.int64)
    for month in range(1, 13):
        upper = f"2025-{month + 1:02}-01Z" if month < 12 else "2026-01-01Z"
        session.execute(
            text(
                f"create table if not exists incidents_2025_{month:02} partition of incidents"
                f" for values from ('2025-{month:02}-01Z') to ('{upper}')"
            )
        )
    session.execute(
        text(
            "create temp table bench_point (n bigint, lon float8, lat float8, category integer, second integer,"
            " grid_id bigint, hex9 bigint) on commit drop"
        )
    )
    with cursor(session).copy("copy bench_point from stdin") as copy:
        ids = np.where(grid >= 0, city.grid_ids[np.maximum(grid, 0)], -1)
        for row in zip(range(n), lon.tolist(), lat.tolist(), category.tolist(), second.tolist(), ids.tolist(), hex9.tolist(), strict=True):  # fmt: skip # noqa: E501
            copy.write_row(row)
    session.execute(text(FILL), {"begin": BEGIN})
    return BenchCity(city.grids, city.grid_ids, hot_spot)


FILL = """
with home as (
  select g.area_id as grid_id, coalesce(case when c.level = 'subdistrict' then c.area_id end, p.area_id) as unit_id
    from areas_version g join areas_version p on p.area_id = g.parent_id join areas_version c on c.area_id = p.parent_id
   where g.level = 'grid'),
nearest as (select min(area_id) as grid_id from areas_version where level = 'grid')
insert into incidents (id, category_id, channel, status, happened_at, received_at, reported_lon, reported_lat, datum,
                       area_id, grid_id, unit_id, outside_m, hex9, text, place, geom)
select md5('bench' || b.n)::uuid, k.id, 'hotline', case when b.n % 5 = 0 then 'open' else 'closed' end,
       cast(:begin as timestamptz) + b.second * interval '1 second', cast(:begin as timestamptz) + b.second * interval '1 second',
       b.lon, b.lat, 'wgs84', h.grid_id, h.grid_id, h.unit_id, case when b.grid_id < 0 then 50 else 0 end, b.hex9,
       '路面坑洼，影响通行，请尽快派人处理。第' || b.n || '号', jsonb_build_object('zh', '人民路' || b.n % 997 || '号', 'en', b.n % 997 || ' Renmin Road'),
       ST_SetSRID(ST_MakePoint(b.lon, b.lat), 4326)
  from bench_point b
  join (select id, row_number() over (order by id) as n from duties_category) k on k.n = b.category
  join home h on h.grid_id = case when b.grid_id < 0 then (select grid_id from nearest) else b.grid_id end
 order by b.n
"""


def prepare(db: Database, n: int) -> BenchCity:
    """The whole city with `n` incidents, vacuumed and analysed. The database must be migrated and empty."""
    with db.transaction() as session:
        city = make_areas(session)
        city = make_incidents(session, city, n)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
    return city
