"""A city on a lattice, for measuring scope: 100 sub-districts alike, each of 4 communities and as many grids as wanted.

Owns: rectangles of four tiers, agencies, incidents over a year by month, each with its grid, unit and agency; all from
a seed. A share of the incidents lies outside the city's grids, in communities alone. Does not own what is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt
from shapely import MultiPolygon, Point, box
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.rules import Level, NewArea
from gridgov.bootstrap import House
from gridgov.duties import service as duties
from gridgov.duties.service import NewAgency, NewCategory
from gridgov.geo import hexagons
from gridgov.incidents.months import ensure_months
from gridgov.platform.bulk import stage
from tests.bench.tiling import BOUNDS, Floats, clustered_points

SIDE = 10  # sub-districts a side
AGENCIES = 40
CATEGORIES = 200
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 365
SEED = 23
UNGRIDDED = 0.02

Ints = npt.NDArray[np.int64]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Lattice:
    """Ids in the order of the lattice, column by column: units[100], communities[400], grids[100 * fine * fine]."""

    units: Ints
    communities: Ints
    grids: Ints
    agencies: Ints
    points: Floats
    fine: int

    @property
    def width(self) -> float:
        """Degrees of a sub-district from west to east."""
        return (BOUNDS[2] - BOUNDS[0]) / SIDE

    @property
    def height(self) -> float:
        return (BOUNDS[3] - BOUNDS[1]) / SIDE

    def unit_box(self, place: int) -> Box:
        """West, south, east, north of a sub-district."""
        column, row = divmod(place, SIDE)
        west, south = BOUNDS[0] + column * self.width, BOUNDS[1] + row * self.height
        return west, south, west + self.width, south + self.height

    def view(self, place: int, share: float) -> Box:
        """A view of `share` of the side of a sub-district around the middle of its incidents."""
        west, south, east, north = self.unit_box(place)
        inside = self.points[
            (self.points[:, 0] >= west) & (self.points[:, 0] < east)
            & (self.points[:, 1] >= south) & (self.points[:, 1] < north)
        ]  # fmt: skip
        lon, lat = np.median(inside, axis=0)
        half_w, half_h = self.width * share / 2, self.height * share / 2
        return float(lon - half_w), float(lat - half_h), float(lon + half_w), float(lat + half_h)

    def grids_of(self, unit: int) -> Ints:
        """Ids of the grids of a sub-district."""
        each = self.fine**2
        return self.grids[unit * each : (unit + 1) * each]


def fill(house: House, incidents: int, *, fine: int = 4, unchecked: bool = True) -> Lattice:
    """Fills an empty city. Analysed, and vacuumed so that indexes alone can answer, as they do in a city in use.

    `fine`: grids a side of a sub-district (even). `unchecked`: foreign keys and triggers rest while incidents are
    stored; what is loaded is right by its making, and what they cost is measured elsewhere. Only a superuser may.
    """
    rng = np.random.default_rng(SEED)
    points = clustered_points(rng, incidents, outside=0.0)
    with house.db.transaction() as session:
        made = _areas(session, fine)
        agencies = _duties(session)
        city = Lattice(made["subdistrict"], made["community"], made["grid"], agencies, points, fine)
        _incidents(session, city, rng, unchecked)
    with house.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
    return city


def _areas(session: Session, fine: int) -> dict[str, Ints]:
    middle = Point((BOUNDS[0] + BOUNDS[2]) / 2, (BOUNDS[1] + BOUNDS[3]) / 2)
    areas.set_up_city(
        session, code="demo", names={"en": "Lattice"}, timezone="Asia/Shanghai", lon=middle.x, lat=middle.y
    )
    west, south, east, north = BOUNDS
    made: list[NewArea] = []

    def add(level: Level, code: str, parent: str | None, shape: Box, households: int | None = None) -> None:
        kind = "urban" if level is Level.GRID else None
        made.append(NewArea(level, code, parent, {"en": code}, MultiPolygon([box(*shape)]), kind, None, households))

    def cell(side: int, column: int, row: int) -> Box:
        w, h = (east - west) / side, (north - south) / side
        return west + column * w, south + row * h, west + (column + 1) * w, south + (row + 1) * h

    add(Level.CITY, "C", None, BOUNDS)
    add(Level.DISTRICT, "D", "C", BOUNDS)
    for place in range(SIDE * SIDE):
        column, row = divmod(place, SIDE)
        add(Level.SUBDISTRICT, f"s{place:02}", "D", cell(SIDE, column, row))
        for part in range(4):
            add(Level.COMMUNITY, f"c{place:02}{part}", f"s{place:02}",
                cell(SIDE * 2, column * 2 + part // 2, row * 2 + part % 2))  # fmt: skip
        for number in range(fine * fine):
            across, up = divmod(number, fine)
            part = 2 * (across * 2 // fine) + up * 2 // fine
            shape = cell(SIDE * fine, column * fine + across, row * fine + up)
            add(Level.GRID, f"g{place:02}{number:03}", f"c{place:02}{part}", shape, 300)
    areas.put_in_force(session, made, name="lattice")
    found: dict[str, list[int]] = {}
    for version in session.execute(text("select level, area_id from areas_version order by level, code")):
        found.setdefault(version.level, []).append(version.area_id)
    return {level: np.array(ids, dtype=np.int64) for level, ids in found.items()}


def _duties(session: Session) -> Ints:
    groups = [(f"{1 + k // 20:02}", f"{1 + k // 20:02}{1 + k % 20:02}") for k in range(CATEGORIES)]
    duties.put_categories(
        session,
        [NewCategory("matter", code, {"en": f"Matter {code}"}, group, {"en": group}) for group, code in groups],
    )
    duties.put_agencies(session, [NewAgency(f"a{k:02}", {"en": f"Agency {k}"}) for k in range(AGENCIES)])
    return np.array(list(session.execute(text("select id from duties_agency order by code")).scalars()), dtype=np.int64)


COLUMNS = (
    ("n", "bigint"), ("lon", "float8"), ("lat", "float8"), ("category", "integer"), ("second", "integer"),
    ("unit_id", "bigint"), ("grid_id", "bigint"), ("area_id", "bigint"), ("agency_id", "bigint"), ("hex9", "bigint"),
)  # fmt: skip
INSERT = """
    insert into incidents (id, category_id, channel, status, happened_at, received_at, reported_lon, reported_lat,
                           datum, area_id, grid_id, unit_id, agency_id, outside_m, hex9, text, place, geom)
    select md5('lattice' || b.n)::uuid, k.id, 'hotline', case when b.n % 5 = 0 then 'open' else 'closed' end, t.at,
           t.at, b.lon, b.lat, 'wgs84', b.area_id, nullif(b.grid_id, 0), b.unit_id, b.agency_id, 0, b.hex9,
           '路面坑洼，影响通行，请尽快派人处理。第' || b.n || '号',
           jsonb_build_object('zh', '人民路' || b.n % 997 || '号', 'en', b.n % 997 || ' Renmin Road'),
           st_setsrid(st_makepoint(b.lon, b.lat), 4326)
    from bench_point b
    join (select id, row_number() over (order by code) as n from duties_category) k on k.n = b.category
    cross join lateral (select cast(:begin as timestamptz) + b.second * interval '1 second' as at) t
    order by b.n
    """


def _incidents(session: Session, city: Lattice, rng: np.random.Generator, unchecked: bool) -> None:
    """In the order of time."""
    ensure_months(session, [date(2025, month, 1) for month in range(1, 13)])
    n = len(city.points)
    across = np.clip((city.points[:, 0] - BOUNDS[0]) / city.width * city.fine, 0, SIDE * city.fine - 1).astype(np.int64)
    up = np.clip((city.points[:, 1] - BOUNDS[1]) / city.height * city.fine, 0, SIDE * city.fine - 1).astype(np.int64)
    unit = across // city.fine * SIDE + up // city.fine
    inner_x, inner_y = across % city.fine, up % city.fine
    part = 2 * (inner_x * 2 // city.fine) + inner_y * 2 // city.fine
    community = city.communities[4 * unit + part]
    grid = city.grids[unit * city.fine**2 + inner_x * city.fine + inner_y]
    ungridded = rng.random(n) < UNGRIDDED
    category = np.minimum((rng.pareto(1.2, n) * 8).astype(np.int64), CATEGORIES - 1) + 1
    second = np.sort(rng.integers(0, DAYS * 86_400, n))
    columns = (
        np.arange(n), city.points[:, 0], city.points[:, 1], category, second, city.units[unit],
        np.where(ungridded, 0, grid), np.where(ungridded, community, grid), city.agencies[category % AGENCIES],
        hexagons.cells(city.points[:, 0], city.points[:, 1], 9),
    )  # fmt: skip
    stage(session, "bench_point", COLUMNS, zip(*(column.tolist() for column in columns), strict=True))
    if unchecked:
        session.execute(text("set local session_replication_role = replica"))
    session.execute(text(INSERT), {"begin": BEGIN})
    if unchecked:
        session.execute(text("set local session_replication_role = origin"))
