"""Road distances against scipy's Dijkstra on the same roads cut into short pieces."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from shapely import LineString

from gridgov.geo.network import RoadNetwork, RoadSites
from gridgov.geo.shortest import choose_labelled, label_nodes

WHOLE = st.integers(0, 12).map(lambda step: step * 10.0)
END = st.tuples(WHOLE, WHOLE)
ROADS = st.lists(st.tuples(END, END).filter(lambda pair: pair[0] != pair[1]), min_size=1, max_size=14)
PLACE = st.tuples(st.floats(-20.0, 140.0), st.floats(-20.0, 140.0))


def by_scipy(network: RoadNetwork, x: float, y: float, sites: RoadSites) -> NDArray[np.float64]:
    """The point and every site become nodes of their own on their edges; then a full search from the point."""
    spots = {
        edge: [(0.0, int(network.graph.u[edge])), (float(size), int(network.graph.v[edge]))]
        for edge, size in enumerate(network.graph.length_m)
    }
    start = network.snap(x, y, 1e9)
    base = len(network.node_x_m)
    spots[int(start.edge[0])].append((float(start.along_m[0]), base))
    for site in range(len(sites)):
        spots[int(sites.snapped.edge[site])].append((float(sites.snapped.along_m[site]), base + 1 + site))
    best: dict[tuple[int, int], float] = {}
    for on in spots.values():
        on.sort()
        for (from_m, a), (to_m, b) in pairwise(on):
            key = min(a, b), max(a, b)
            best[key] = min(best.get(key, np.inf), max(to_m - from_m, 1e-12))  # scipy reads 0 as "no edge"
    rows, columns = np.array(list(best)).T
    size = base + 1 + len(sites)
    weights = coo_matrix((list(best.values()), (rows, columns)), shape=(size, size)).tocsr()
    from_point = dijkstra(weights, directed=False, indices=base)
    return np.asarray(start.away_m[0] + from_point[base + 1 :] + sites.snapped.away_m)


@settings(max_examples=200, deadline=None)
@given(ROADS, st.lists(PLACE, min_size=1, max_size=8), PLACE, st.integers(1, 4))
def test_like_scipy_on_any_roads(
    roads: list[tuple[tuple[float, float], tuple[float, float]]],
    places: list[tuple[float, float]],
    point: tuple[float, float],
    k: int,
) -> None:
    network = RoadNetwork.build([LineString(pair) for pair in roads])
    sites = network.sites([place[0] for place in places], [place[1] for place in places], 1e9)
    wanted = by_scipy(network, *point, sites)
    found = network.distance_to_sites(*point, sites, max_snap_m=1e9, path=True)
    assert sorted(one.site for one in found) == list(range(len(places)))
    for one in found:
        assert np.isfinite(wanted[one.site]) == (one.road_m is not None)
        if one.road_m is not None:
            assert one.road_m == pytest.approx(wanted[one.site], abs=1e-6)
            assert one.road_m >= one.straight_m - 1e-9
            assert one.path is not None
            assert one.path.length == pytest.approx(one.road_m, abs=1e-6)
    # Asking for fewer stops the search early and changes nothing.
    few = network.distance_to_sites(*point, sites, k=k, max_snap_m=1e9)
    assert [(one.site, one.road_m) for one in few] == [(one.site, one.road_m) for one in found[:k]]
    best, road_m = network.nearest_sites([point[0]], [point[1]], sites, max_snap_m=1e9)
    assert best[0] == found[0].site
    assert road_m[0] == pytest.approx(found[0].road_m if found[0].road_m is not None else np.nan, nan_ok=True)


def test_on_a_city_of_blocks() -> None:
    """2,500 junctions with every tenth street piece missing: bulk, single and scipy agree on 200 points."""
    rng = np.random.default_rng(20260102)
    side = 50
    x, y = np.meshgrid(np.arange(side) * 120.0, np.arange(side) * 120.0, indexing="ij")
    x, y = x + rng.normal(0.0, 15.0, x.shape), y + rng.normal(0.0, 15.0, y.shape)
    nodes = np.stack([x, y], axis=-1)
    pieces = np.concatenate(
        [
            np.stack([nodes[:-1], nodes[1:]], axis=2).reshape(-1, 2, 2),
            np.stack([nodes[:, :-1], nodes[:, 1:]], axis=2).reshape(-1, 2, 2),
        ]
    )
    network = RoadNetwork.build([LineString(piece) for piece in pieces[rng.random(len(pieces)) > 0.1]])
    sites = network.sites(rng.uniform(0.0, 5900.0, 60), rng.uniform(0.0, 5900.0, 60))
    px, py = rng.uniform(0.0, 5900.0, 200), rng.uniform(0.0, 5900.0, 200)
    best, road_m = network.nearest_sites(px, py, sites)
    naive = 0
    for row in range(200):
        first = network.distance_to_sites(px[row], py[row], sites, k=1)[0]
        assert (first.site, first.road_m) == (best[row], road_m[row])
        naive += best[row] != np.argmin(np.hypot(sites.x_m - px[row], sites.y_m - py[row]))
    for row in range(0, 200, 20):
        wanted = by_scipy(network, px[row], py[row], sites)
        assert road_m[row] == pytest.approx(wanted.min(), abs=1e-6)
        assert best[row] == np.argmin(wanted)
    assert naive > 10, "nearest by straight line would have passed for nearest by road"


@settings(max_examples=300, deadline=None)
@given(ROADS, st.lists(st.one_of(END, PLACE), min_size=1, max_size=5), st.randoms(use_true_random=False), st.booleans())
def test_labels_choose_what_a_search_chooses(
    roads: list[tuple[tuple[float, float], tuple[float, float]]],
    places: list[tuple[float, float]],
    random: Random,
    far: bool,
) -> None:
    """Many points, half of them on the lattice of the roads, where ties are common; also sites on one spot."""
    network = RoadNetwork.build([LineString(pair) for pair in roads])
    places = [*places, *places[:2]]
    most_m = 1e9 if far else 15.0
    sites = network.sites([place[0] for place in places], [place[1] for place in places], most_m)
    points = np.array([(random.randrange(13) * 10.0, random.randrange(13) * 10.0) for _ in range(40)])
    moved = points + np.array([random.uniform(-9.0, 9.0), random.uniform(-9.0, 9.0)])
    x, y = np.vstack([points, moved, [[np.nan, 0.0]]]).T
    for among in (None, list(range(1, len(places), 2))):
        wanted, _ = network.nearest_sites(x, y, sites, among=among, max_snap_m=most_m)
        assert (network.first_sites(x, y, sites, among=among, max_snap_m=most_m) == wanted).all()


def test_labels_call_most_points_by_themselves() -> None:
    """Control: were every point called too close, the answers above would all come from the search."""
    rng = np.random.default_rng(5)
    pairs = [((x, y), (x + dx, y + dy)) for x in range(9) for y in range(9) for dx, dy in ((1, 0), (0, 1))]
    network = RoadNetwork.build([LineString(np.array(pair) * 100.0) for pair in pairs])
    sites = network.sites(rng.uniform(0.0, 900.0, 6), rng.uniform(0.0, 900.0, 6))
    x, y = rng.uniform(0.0, 900.0, (2, 500))
    start, best, chosen = network.snap(x, y), np.full(500, -1), np.full(6, True)
    labels = label_nodes(network.graph, sites.placed, chosen)
    points = start.edge, start.along_m, start.away_m
    choose_labelled(network.graph, sites.placed, chosen, points, labels, 1e-6, best, np.empty(len(best)))
    wanted, _ = network.nearest_sites(x, y, sites)
    assert (best >= 0).mean() > 0.5
    assert (best[best >= 0] == wanted[best >= 0]).all()
    assert len(np.unique(wanted)) == 6
    choose_labelled(network.graph, sites.placed, chosen, points, labels, 1e9, best, np.empty(len(best)))
    assert (best == -2).all(), "with a slack beyond all distances every point is too close to call"
