"""A made city in a database, for benches: jagged grids with their levels above, and as many incidents as asked for.

Owns: the private cluster of the benches, areas of four and three tiers, incidents over a year by month, each in its
exact grid. Everything comes from a seed. Does not own the shapes and points (`tiling`) nor what is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Point, Polygon
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.rules import Level, NewArea
from gridgov.bootstrap import House, build, prepare
from gridgov.duties import service as duties
from gridgov.duties.service import NewCategory
from gridgov.geo import hexagons
from gridgov.incidents.months import ensure_months
from gridgov.platform.bulk import stage
from gridgov.platform.cluster import running
from tests.bench.tiling import BOUNDS, Floats, Polygons, clustered_points, jagged_tiling

HOME = Path(__file__).resolve().parents[2] / "build" / "bench-home"
CITY = "demo"
CATEGORIES = 200
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 365
SEED = 7

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class MadeCity:
    """The house, its grids as shapes and as ids of the same order, and where its incidents are."""

    house: House
    grids: Polygons
    grid_ids: Ints
    points: Floats


@contextmanager
def made_city(columns: int, incidents: int) -> Iterator[MadeCity]:
    """A city of columns x columns / 2 grids in a database of its own, vacuumed and analysed; dropped afterwards."""
    name = f"bench_{columns}_{incidents}"
    with running(HOME) as cluster:
        cluster.drop_database(name)
        cluster.create_database(name)
        prepare(cluster.url(name), CITY, HOME)
        house = build(cluster.url(name), CITY, HOME)
        try:
            yield _fill(house, columns, incidents)
        finally:
            house.close()
            cluster.drop_database(name)


def _fill(house: House, columns: int, n: int) -> MadeCity:
    rng = np.random.default_rng(SEED)
    grids = jagged_tiling(rng, columns, columns // 2)
    points = clustered_points(rng, n)
    with house.db.transaction() as session:
        ids = put_areas(session, grids, columns, rng)
        groups = [(f"{1 + k // 20:02}", f"{1 + k // 20:02}{1 + k % 20:02}") for k in range(CATEGORIES)]
        duties.put_categories(
            session,
            [NewCategory("matter", code, {"en": f"Matter {code}"}, group, {"en": group}) for group, code in groups],
        )
        _incidents(session, grids, ids, points, rng)
    with house.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
    return MadeCity(house, grids, ids, points)


def put_areas(session: Session, grids: Polygons, columns: int, rng: np.random.Generator) -> Ints:
    """City, 2 districts (one without sub-districts), communities of about 20 grids, grids. Returns the grids' ids."""
    middle = Point((BOUNDS[0] + BOUNDS[2]) / 2, (BOUNDS[1] + BOUNDS[3]) / 2)
    areas.set_up_city(session, code=CITY, names={"en": "Bench"}, timezone="Asia/Shanghai", lon=middle.x, lat=middle.y)
    rows = columns // 2
    column, row = np.divmod(np.arange(len(grids)), rows)
    community = (column // 5) * -(-rows // 4) + row // 4
    west = column < columns // 2
    made: list[NewArea] = []

    def add(
        level: Level, code: str, parent: str | None, members: npt.NDArray[np.bool_], households: int | None
    ) -> None:
        shape = shapely.coverage_union_all(grids[members])
        shape = MultiPolygon([part for part in shapely.get_parts(shape) if isinstance(part, Polygon)])
        kind = "urban" if level is Level.GRID else None
        names = {"zh": f"{code}号", "en": f"{level.value} {code}"}
        made.append(NewArea(level, code, parent, names, shape, kind, None, households))

    add(Level.CITY, "C", None, np.ones(len(grids), bool), None)
    add(Level.DISTRICT, "W", "C", west, None)
    add(Level.DISTRICT, "E", "C", ~west, None)
    add(Level.SUBDISTRICT, "WS", "W", west, None)
    for place in np.unique(community):
        members = community == place
        add(Level.COMMUNITY, f"c{place:04}", "WS" if west[members][0] else "E", members, None)
    for i, households in enumerate(rng.integers(120, 480, len(grids)).tolist()):
        members = np.zeros(len(grids), bool)
        members[i] = True
        add(Level.GRID, f"g{i:05}", f"c{community[i]:04}", members, households)
    areas.put_in_force(session, made, name="bench")
    rows_ = session.execute(text("select area_id from areas_version where level = 'grid' order by code")).scalars()
    return np.array(list(rows_), dtype=np.int64)


COLUMNS = (
    ("n", "bigint"), ("lon", "float8"), ("lat", "float8"), ("category", "integer"), ("second", "integer"),
    ("grid_id", "bigint"), ("outside_m", "real"), ("hex9", "bigint"),
)  # fmt: skip
INSERT = """
    insert into incidents (id, category_id, channel, status, happened_at, received_at, reported_lon, reported_lat,
                           datum, area_id, grid_id, unit_id, outside_m, hex9, text, place, geom)
    select md5('bench' || b.n)::uuid, k.id, 'hotline', case when b.n % 5 = 0 then 'open' else 'closed' end, t.at, t.at,
           b.lon, b.lat, 'wgs84', b.grid_id, b.grid_id, u.unit_id, b.outside_m, b.hex9,
           '路面坑洼，影响通行，请尽快派人处理。第' || b.n || '号',
           jsonb_build_object('zh', '人民路' || b.n % 997 || '号', 'en', b.n % 997 || ' Renmin Road'),
           st_setsrid(st_makepoint(b.lon, b.lat), 4326)
    from bench_point b
    join (select id, row_number() over (order by code) as n from duties_category) k on k.n = b.category
    join (
        select g.area_id as grid_id, case when p.level = 'subdistrict' then p.area_id else c.area_id end as unit_id
        from areas_version g
        join areas_version c on c.area_id = g.parent_id join areas_version p on p.area_id = c.parent_id
        where g.level = 'grid'
    ) u using (grid_id)
    cross join lateral (select cast(:begin as timestamptz) + b.second * interval '1 second' as at) t
    order by b.n
    """


def _incidents(session: Session, grids: Polygons, ids: Ints, points: Floats, rng: np.random.Generator) -> None:
    """In the order of time, as they would have come; categories of unlike weight; those outside name the first grid."""
    n = len(points)
    ensure_months(session, [date(2025, month, 1) for month in range(1, 13)])
    which = np.full(n, -1, dtype=np.int64)
    hit, polygon = shapely.STRtree(grids).query(shapely.points(points), predicate="intersects")
    which[hit[::-1]] = polygon[::-1]
    category = np.minimum((rng.pareto(1.2, n) * 8).astype(np.int64), CATEGORIES - 1) + 1
    second = np.sort(rng.integers(0, DAYS * 86_400, n))
    hex9 = hexagons.cells(points[:, 0], points[:, 1], 9)
    grid_id, outside_m = ids[np.maximum(which, 0)], np.where(which < 0, 50.0, 0.0)
    columns = (np.arange(n), points[:, 0], points[:, 1], category, second, grid_id, outside_m, hex9)
    stage(session, "bench_point", COLUMNS, zip(*(column.tolist() for column in columns), strict=True))
    session.execute(text(INSERT), {"begin": BEGIN})
