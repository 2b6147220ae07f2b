"""Roads: what connects, how far it is, by which way, and who is nearest by road but not by air."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, Polygon

from gridgov.geo.network import RoadNetwork


def road(*points: tuple[float, float]) -> LineString:
    return LineString(points)


# Two banks of a river, one bridge at the east end: what faces you across the water is 2 km away.
RIVER = [
    road((0.0, 0.0), (1000.0, 0.0)),
    road((0.0, 50.0), (1000.0, 50.0)),
    road((1000.0, 0.0), (1000.0, 50.0)),
]


def length(roads: list[LineString], start: tuple[float, float], end: tuple[float, float]) -> float | None:
    network = RoadNetwork.build(roads)
    return network.distance_to_sites(*start, network.sites([end[0]], [end[1]]))[0].road_m


# ------------------------------------------------------------------------------------------------------------ building


def test_roads_connect_where_they_cross_touch_or_share_an_end() -> None:
    crossing = RoadNetwork.build([road((0.0, 50.0), (100.0, 50.0)), road((50.0, 0.0), (50.0, 100.0))])
    assert (len(crossing.node_x_m), len(crossing.lines_m)) == (5, 4)
    tee = RoadNetwork.build([road((0.0, 0.0), (100.0, 0.0)), road((50.0, 0.0), (50.0, 100.0))])
    assert (len(tee.node_x_m), len(tee.lines_m)) == (4, 3)
    bend = RoadNetwork.build([road((0.0, 0.0), (100.0, 0.0)), road((100.0, 0.0), (100.0, 100.0))])
    assert (len(bend.node_x_m), len(bend.lines_m)) == (2, 1), "two pieces of one road need no junction"


@pytest.mark.parametrize(("gap_m", "joins"), [(0.0, True), (0.5, True), (1.9, True), (2.1, False), (10.0, False)])
def test_a_loose_end_is_joined_within_the_tolerance(gap_m: float, joins: bool) -> None:
    roads = [road((0.0, 0.0), (100.0, 0.0)), road((50.0, gap_m), (50.0, 100.0))]
    distance_m = length(roads, (0.0, 0.0), (50.0, 100.0))
    if joins:
        assert distance_m == pytest.approx(150.0)
    else:
        assert distance_m is None
    ends = [road((0.0, 0.0), (100.0, 0.0)), road((100.0 + gap_m, 0.0), (200.0, 0.0))]
    assert (length(ends, (0.0, 0.0), (200.0, 0.0)) is not None) == joins


def test_several_loose_ends_on_one_road() -> None:
    roads = [road((0.0, 0.0), (100.0, 0.0))]
    roads += [road((x, 1.0), (x, 40.0)) for x in (20.0, 40.0, 60.0)] + [road((40.0, -1.0), (40.0, -40.0))]
    network = RoadNetwork.build(roads)
    assert length(roads, (20.0, 40.0), (60.0, 40.0)) == pytest.approx(40.0 + 40.0 + 40.0)
    assert length(roads, (40.0, 40.0), (40.0, -40.0)) == pytest.approx(80.0)
    assert len(network.lines_m) == 4 + 4 + 4
    assert RoadNetwork.build(roads, join_m=0.0).graph.u.size == 5


def test_the_order_of_the_roads_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform(0.0, 300.0, (30, 2, 2))
    roads = [LineString(pair) for pair in points]
    one, other = RoadNetwork.build(roads), RoadNetwork.build([line.reverse() for line in roads[::-1]])
    assert one.node_x_m == pytest.approx(other.node_x_m, abs=1e-9)
    assert one.graph.u.tolist() == other.graph.u.tolist()
    assert one.graph.v.tolist() == other.graph.v.tolist()
    assert one.graph.length_m == pytest.approx(other.graph.length_m, abs=1e-9)


def test_what_is_no_road_is_left_out() -> None:
    with np.errstate(invalid="ignore"):
        broken = LineString([(0.0, 0.0), (math.nan, 1.0)])
    rubbish = [Point(1.0, 1.0), Polygon([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]), LineString(), None, broken]
    rubbish += [road((5.0, 5.0), (5.0, 5.0))]
    assert len(RoadNetwork.build(np.array(rubbish, dtype=object)).lines_m) == 0
    many = MultiLineString([[(0.0, 0.0), (10.0, 0.0)], [(20.0, 0.0), (30.0, 0.0)]])
    assert len(RoadNetwork.build([many]).lines_m) == 2
    assert len(RoadNetwork.build([LineString([(0.0, 0.0, 5.0), (10.0, 0.0, 9.0)])]).lines_m) == 1


def test_no_roads_at_all() -> None:
    network = RoadNetwork.build([])
    sites = network.sites([3.0], [4.0])
    found = network.distance_to_sites(0.0, 0.0, sites, path=True)
    assert [(one.site, one.straight_m, one.road_m, one.path) for one in found] == [(0, 5.0, None, None)]
    best, road_m = network.nearest_sites([0.0], [0.0], sites)
    assert best.tolist() == [0]
    assert math.isnan(road_m[0])


# ------------------------------------------------------------------------------------------------------------ snapping


def test_snap_to_the_nearest_spot_within_reach() -> None:
    network = RoadNetwork.build(RIVER)
    snapped = network.snap([300.0, 300.0, math.nan, -30.0], [10.0, 9000.0, 0.0, -40.0], 100.0)
    assert snapped.edge.tolist()[1:3] == [-1, -1]
    assert (snapped.x_m[0], snapped.y_m[0], snapped.away_m[0]) == (300.0, 0.0, 10.0)
    assert (snapped.x_m[3], snapped.y_m[3], snapped.away_m[3]) == (0.0, 0.0, 50.0)
    assert math.isnan(snapped.x_m[1])
    assert network.snap([300.0], [-100.0], 100.0).edge[0] >= 0
    assert network.snap([300.0], [-100.1], 100.0).edge[0] == -1


def test_a_point_between_two_roads_takes_the_lower_edge() -> None:
    network = RoadNetwork.build([road((0.0, 0.0), (100.0, 0.0)), road((0.0, 20.0), (100.0, 20.0))])
    assert network.snap([50.0], [10.0]).edge.tolist() == [0]


# ----------------------------------------------------------------------------------------------------------- distances


def test_nearest_by_road_is_not_nearest_by_air() -> None:
    network = RoadNetwork.build(RIVER)
    # Site 0 stands across the water, site 1 on this bank.
    sites = network.sites([100.0, 600.0], [60.0, -10.0])
    found = network.distance_to_sites(100.0, -10.0, sites)
    assert [one.site for one in found] == [1, 0]
    assert found[0].road_m == pytest.approx(10.0 + 500.0 + 10.0)
    assert found[1].road_m == pytest.approx(10.0 + 900.0 + 50.0 + 900.0 + 10.0)
    assert found[1].straight_m == 70.0
    # The control: by straight line the answer would have been the other.
    assert min(found, key=lambda one: one.straight_m).site == 0


def test_the_bridge_matters() -> None:
    without = RoadNetwork.build(RIVER[:2])
    sites = without.sites([100.0, 600.0], [60.0, -10.0])
    found = without.distance_to_sites(100.0, -10.0, sites)
    assert [(one.site, one.road_m is None) for one in found] == [(1, False), (0, True)]


def test_sites_without_a_road_follow_by_straight_line() -> None:
    network = RoadNetwork.build(RIVER)
    sites = network.sites([900.0, 100.0, 300.0], [9000.0, 8000.0, 0.0], max_snap_m=100.0)
    found = network.distance_to_sites(0.0, 0.0, sites)
    assert [(one.site, one.road_m) for one in found] == [(2, 300.0), (1, None), (0, None)]
    far = network.distance_to_sites(0.0, -501.0, sites)
    assert [one.site for one in far] == [2, 1, 0]
    assert [one.road_m for one in far] == [None, None, None]


def test_two_points_on_one_edge_go_along_it() -> None:
    assert length(RIVER, (200.0, 3.0), (700.0, -4.0)) == pytest.approx(3.0 + 500.0 + 4.0)
    assert length(RIVER, (200.0, 0.0), (200.0, 0.0)) == 0.0


def test_a_loop_is_gone_round_the_shorter_way() -> None:
    square = road((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0))
    assert length([square], (50.0, 0.0), (0.0, 60.0)) == pytest.approx(110.0)
    assert length([square], (100.0, 20.0), (0.0, 90.0)) == pytest.approx(min(20.0 + 100.0 + 90.0, 80.0 + 100.0 + 10.0))


def test_ties_by_straight_line_then_index() -> None:
    network = RoadNetwork.build([road((-100.0, 0.0), (100.0, 0.0)), road((0.0, 0.0), (0.0, 50.0), (50.0, 50.0))])
    # All 60 m by road; the last but one is nearest by air, the first two are equal.
    sites = network.sites([60.0, -60.0, 10.0, 60.0], [0.0, 0.0, 50.0, 0.0])
    found = network.distance_to_sites(0.0, 0.0, sites)
    assert [one.site for one in found] == [2, 0, 1, 3]
    assert {one.road_m for one in found} == {60.0}
    for k in (1, 2, 3):
        assert [one.site for one in network.distance_to_sites(0.0, 0.0, sites, k=k)] == [2, 0, 1, 3][:k]
    assert network.nearest_sites([0.0], [0.0], sites)[0].tolist() == [2]
    assert network.nearest_sites([0.0], [0.0], sites, among=[3, 1])[0].tolist() == [1]


def test_only_the_sites_that_were_asked_about() -> None:
    network = RoadNetwork.build(RIVER)
    sites = network.sites([10.0, 20.0, 30.0], [0.0, 0.0, 0.0])
    assert [one.site for one in network.distance_to_sites(0.0, 0.0, sites, among=[2, 1])] == [1, 2]
    assert network.distance_to_sites(0.0, 0.0, sites, among=[]) == []
    assert network.distance_to_sites(0.0, 0.0, sites, k=0) == []
    assert network.nearest_sites([0.0], [0.0], sites, among=[])[0].tolist() == [-1]
    assert network.nearest_sites([math.nan], [0.0], sites)[0].tolist() == [-1]


def test_the_path_is_as_long_as_the_distance_and_keeps_to_the_roads() -> None:
    network = RoadNetwork.build(RIVER)
    sites = network.sites([100.0, 600.0, 150.0], [60.0, -10.0, 3.0])
    roads = shapely.union_all(RIVER).buffer(0.001)
    for one in network.distance_to_sites(100.0, -10.0, sites, path=True):
        assert one.path is not None
        assert one.road_m == pytest.approx(one.path.length)
        assert one.path.coords[0] == (100.0, -10.0)
        assert one.path.coords[-1] == (sites.x_m[one.site], sites.y_m[one.site])
        off_road = one.path.difference(roads).length
        assert off_road == pytest.approx(10.0 + sites.snapped.away_m[one.site], abs=0.01)
    assert network.distance_to_sites(100.0, -10.0, sites)[0].path is None
