"""Points and areas: PostGIS is the oracle, edges have a rule, outside is an answer."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod
from sqlalchemy import text

from gridgov.areas import service
from gridgov.areas.index import AreaIndex
from gridgov.areas.names import find_names
from gridgov.areas.rules import Level
from gridgov.bootstrap import House
from tests import sample

N = 20_000


@pytest.fixture
def index(sampled: House) -> AreaIndex:
    with sampled.db.transaction() as session:
        return sampled.locator.index(session)


def points(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points in and around the city; a third of them on the lines of the lattice, where edges are shared."""
    rng = np.random.default_rng(seed)
    lon = sample.LON0 + rng.uniform(-0.2, 8.2, N) * sample.STEP
    lat = sample.LAT0 + rng.uniform(-0.2, 2.2, N) * sample.STEP
    on = rng.random(N) < 1 / 3
    lon[on] = sample.LON0 + rng.integers(0, 9, on.sum()) * sample.STEP
    return lon, lat


def test_the_same_as_postgis(house: House, index: AreaIndex) -> None:
    lon, lat = points(1)
    ours = index.locate_many(lon, lat, threads=2)
    with house.db.transaction() as session:
        rows = session.execute(
            text(
                "select p.i, (select v.area_id from areas_version v where v.level = 'grid' "
                "and st_covers(v.geom, st_setsrid(st_makepoint(p.x, p.y), 4326)) order by v.code limit 1) as area_id "
                "from unnest(cast(:x as float8[]), cast(:y as float8[])) with ordinality as p (x, y, i) order by p.i"
            ),
            {"x": lon.tolist(), "y": lat.tolist()},
        ).all()
    theirs = np.array([row.area_id or 0 for row in rows])
    inside = ours.outside_m == 0
    assert (np.where(inside, ours.grid_id, 0) == theirs).all()
    assert 0 < inside.sum() < N


def test_one_by_one_and_in_bulk_agree(index: AreaIndex) -> None:
    lon, lat = points(2)
    bulk = index.locate_many(lon[:2000], lat[:2000])
    for i in range(2000):
        one = index.locate(float(lon[i]), float(lat[i]))
        unit = one.unit
        assert one.deepest.id == bulk.area_id[i]
        assert (unit.id if unit else 0) == bulk.unit_id[i]
        assert one.distance_m == pytest.approx(bulk.outside_m[i])


def test_a_shared_edge_goes_to_the_lowest_code(index: AreaIndex) -> None:
    east_edge = sample.cell("A01").bounds[2]
    middle = sample.centre("A01")[1]
    found = index.locate(east_edge, middle)
    assert found.deepest.code == "A01"
    assert found.on_edge
    assert {area.code for area in found.candidates} == {"A01", "A02"}
    corner = index.locate(east_edge, sample.cell("A01").bounds[1])
    assert corner.deepest.code == "A01"
    assert {area.code for area in corner.candidates} == {"A01", "A02", "A05", "A06"}


def test_outside_gives_the_nearest_and_its_distance(index: AreaIndex) -> None:
    lon, lat = sample.LON0 - 0.003, sample.centre("A05")[1]
    found = index.locate(lon, lat)
    _, _, metres = Geod(ellps="WGS84").inv(lon, lat, sample.LON0, lat)
    assert not found.inside
    assert found.deepest.code == "A05"
    assert found.distance_m == pytest.approx(metres, rel=2e-3)
    assert index.locate(-70.0, -40.0).distance_m > 1e6, "even from the other side of the earth"


def test_accuracy_lists_the_grids_it_reaches(index: AreaIndex) -> None:
    lon, lat = sample.centre("A01")
    assert [a.code for a in index.locate(lon, lat, accuracy_m=50).candidates] == ["A01"]
    near_edge = sample.cell("A01").bounds[2] - 0.0001
    reached = index.locate(near_edge, lat, accuracy_m=50).candidates
    assert reached[0].code == "A01"
    assert {a.code for a in reached} == {"A01", "A02"}


def test_a_community_without_grids_is_the_answer(house: House) -> None:
    with house.db.transaction() as session:
        service.set_up_city(session, code="demo", names={"zh": "样城"}, timezone="Asia/Shanghai", lon=117.02, lat=32.0)
        few = [a for a in sample.new_areas() if a.level != Level.GRID or sample.COMMUNITY[a.code] == "W1"]
        service.put_in_force(session, few, name="half a city")
        index = house.locator.index(session)
    assert index.locate(*sample.centre("A01")).deepest.level == Level.GRID
    found = index.locate(*sample.centre("B01"))
    assert (found.inside, found.deepest.level, found.deepest.code) == (True, Level.COMMUNITY, "E1")


@pytest.mark.parametrize("query", ["西街道", "xijiedao", "xjd", "West Sub", "WS", "west sub-district"])
def test_names_are_found(house: House, index: AreaIndex, query: str) -> None:
    with house.db.transaction() as session:
        found = find_names(session, query)
    assert found[0].names["zh"] == "西街道"


def test_names_that_do_not_exist(house: House, index: AreaIndex) -> None:
    with house.db.transaction() as session:
        assert find_names(session, "nowhere at all") == []
        assert find_names(session, "  ") == []
        assert find_names(session, "%") == [], "a pattern sign is no wildcard"
