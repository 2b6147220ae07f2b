"""Which ground each site serves, held against the rule itself: the nearest site of many points, one by one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import shapely
from shapely import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from gridgov.geo.nearest import SiteIndex
from gridgov.geo.network import RoadNetwork
from gridgov.geo.service_areas import by_road, by_straight_line, claimed, colours

GROUND = Polygon([(0, 0), (4000, 0), (4000, 2500), (2500, 3000), (0, 3000)])
EDGE_M = 1.5  # nearer than this to a parting line a point may be on either side
POINTS = 6_000


def points(rng: np.random.Generator, ground: BaseGeometry = GROUND) -> tuple[np.ndarray, np.ndarray]:
    west, south, east, north = ground.bounds
    x, y = rng.uniform(west, east, POINTS), rng.uniform(south, north, POINTS)
    inside = shapely.contains_xy(ground, x, y)
    return x[inside], y[inside]


def holder(pieces: Mapping[int, BaseGeometry], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The site whose piece holds each point; -1 none, -2 two."""
    found = np.full(len(x), -1)
    for site, piece in pieces.items():
        held = shapely.contains_xy(piece, x, y)
        found = np.where(held & (found != -1), -2, np.where(held, site, found))
    return found


def clear_of_edges(pieces: Mapping[int, BaseGeometry], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    edges = shapely.union_all([shapely.boundary(piece) for piece in pieces.values()])
    return np.asarray(shapely.distance(edges, shapely.points(x, y))) > EDGE_M


def streets(rng: np.random.Generator) -> list[LineString]:
    """An uneven lattice with gaps, a dual carriageway six metres wide, and an island of roads that leads nowhere."""
    xs, ys = np.sort(rng.uniform(50, 3950, 14)), np.sort(rng.uniform(50, 2950, 10))
    lines = [LineString([(x, ys[i]), (x + rng.normal(0, 9), ys[i + 1])]) for x in xs for i in range(9)
             if rng.random() > 0.25]  # fmt: skip
    lines += [LineString([(xs[i], y), (xs[i + 1], y + rng.normal(0, 9))]) for y in ys for i in range(13)
              if rng.random() > 0.25]  # fmt: skip
    lines += [LineString([(0, 1500), (4000, 1500)]), LineString([(0, 1506), (4000, 1506)])]
    lines += [LineString([(3600, 100), (3700, 100)]), LineString([(3700, 100), (3700, 180)])]
    return lines


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_by_straight_line_every_point_is_with_its_nearest_site(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    sx, sy = rng.uniform(-500, 4500, count), rng.uniform(-500, 3500, count)
    pieces = by_straight_line(GROUND, sx, sy, np.arange(count))
    x, y = points(rng)
    nearest, _ = SiteIndex(sx, sy, ["all"] * count).nearest(x, y, "all")
    assert (holder(pieces, x, y) == nearest).all()
    assert sum(piece.area for piece in pieces.values()) == pytest.approx(GROUND.area, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_by_road_every_point_is_with_its_first_site(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = RoadNetwork.build(streets(rng))
    sx, sy = rng.uniform(100, 3900, 9), rng.uniform(100, 2400, 9)
    sites = network.sites(sx, sy)
    pieces = by_road(GROUND, network, sites, np.arange(9))
    x, y = points(rng)
    first, _ = network.nearest_sites(x, y, sites)
    held, clear = holder(pieces, x, y), clear_of_edges(pieces, x, y)
    assert clear.mean() > 0.97, "the lines themselves are thin"
    wrong = np.flatnonzero((held != first) & clear)
    assert not len(wrong), f"{len(wrong)} of {clear.sum()}"
    straight, _ = SiteIndex(sx, sy, ["all"] * 9).nearest(x, y, "all")
    assert (straight != first).mean() > 0.03, "control: here roads decide otherwise than straight lines"
    assert ((held != straight) & clear).any()


def test_only_the_sites_that_are_asked_for_get_ground() -> None:
    rng = np.random.default_rng(7)
    network = RoadNetwork.build(streets(rng))
    sites = network.sites(rng.uniform(100, 3900, 9), rng.uniform(100, 2400, 9))
    pieces = by_road(GROUND, network, sites, [1, 4, 8])
    assert set(pieces) <= {1, 4, 8}
    x, y = points(rng)
    first, _ = network.nearest_sites(x, y, sites, among=[1, 4, 8])
    clear = clear_of_edges(pieces, x, y)
    assert (holder(pieces, x, y) == first)[clear].all()


def test_beyond_every_road_the_straight_line_counts() -> None:
    network = RoadNetwork.build([LineString([(0, 0), (4000, 0)])])
    sites = network.sites([500.0, 3500.0], [10.0, 2500.0], 500.0)  # the second reaches no road
    pieces = by_road(GROUND, network, sites, [0, 1])
    x, y = points(np.random.default_rng(1))
    first, _ = network.nearest_sites(x, y, sites)
    clear = clear_of_edges(pieces, x, y)
    assert (holder(pieces, x, y) == first)[clear].all()
    assert {0, 1} == set(pieces), "control: both rules are at work"


def test_a_claimed_service_area_goes_before_the_nearest() -> None:
    claims = {0: box(0, 0, 1000, 1000), 2: box(500, 0, 1500, 1000)}
    found = dict(claimed(GROUND, claims, [0, 1, 2]))
    assert {held: round(part.area) for held, part in found.items()} == {
        (0,): 500_000, (2,): 500_000, (0, 2): 500_000, (0, 1, 2): round(GROUND.area - 1_500_000),
    }  # fmt: skip
    assert claimed(GROUND, {}, [0, 1]) == [((0, 1), GROUND)]


def test_no_two_pieces_that_touch_have_one_colour() -> None:
    rng = np.random.default_rng(3)
    sx, sy = rng.uniform(0, 4000, 60), rng.uniform(0, 3000, 60)
    pieces = list(by_straight_line(GROUND, sx, sy, np.arange(60)).values())
    found = colours(pieces)
    touching = [(i, j) for i in range(60) for j in range(i) if pieces[i].distance(pieces[j]) <= 1.0]
    assert len(touching) > 100
    assert all(found[i] != found[j] for i, j in touching)
    assert max(found) < 8


def test_nothing_of_nothing() -> None:
    empty = RoadNetwork.build([])
    assert by_straight_line(Polygon(), np.array([1.0]), np.array([1.0]), [0]) == {}
    assert by_road(GROUND, empty, empty.sites([], []), []) == {}
    assert set(by_road(GROUND, empty, empty.sites([1.0, 2.0], [1.0, 9.0]), [0, 1])) == {0, 1}
    assert colours([]) == []
