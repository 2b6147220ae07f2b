"""From one point of a graph to the nearest of many, edge by edge.

Owns: the search kernels of `network` (Dijkstra 1959): from a point outwards, stopped as soon as the k-th answer cannot
change; and from all sites at once, for when very many points ask.
Does not own: how roads become a graph, nor how points reach it.

Searches go outwards in order of distance, so a search visits only nodes that are nearer than its answer: a lower
bound from the straight line would save nothing there.
"""

from __future__ import annotations

import heapq
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class Graph(NamedTuple):
    """Edge e joins node u[e] and v[e]. The half-edges that leave node n are first[n] : first[n + 1]; half-edge h runs
    along edge[h] to node to[h], and starts at that edge's v end where from_v[h] is 1."""

    u: Indices
    v: Indices
    length_m: Floats
    first: Indices
    to: Indices
    edge: Indices
    from_v: NDArray[np.int8]


class Placed(NamedTuple):
    """Points on edges: `along_m` from the edge's u end, `away_m` off the road; edge -1 where the point has no road.

    Those on edge e are order[first[e] : first[e + 1]].
    """

    edge: Indices
    along_m: Floats
    away_m: Floats
    first: Indices
    order: Indices


@kernel
def _offer(site: int, value: float, road_m: Any, best_site: Any, best_m: Any) -> None:
    """Lower a site's distance, and keep the k lowest (unordered) in best_*."""
    if value >= road_m[site]:
        return
    road_m[site] = value
    worst = 0
    for slot in range(len(best_m)):
        if best_site[slot] == site:
            best_m[slot] = value
            return
        if best_m[slot] > best_m[worst]:
            worst = slot
    if value < best_m[worst]:
        best_m[worst] = value
        best_site[worst] = site


@kernel
def search(
    graph: Any, sites: Any, among: Any, edge: int, along_m: float, away_m: float, k: int, work: Any, road_m: Any
) -> Any:
    """Fill `road_m` (infinite before) for at least the k nearest of the sites whose `among` is true.

    Exact for every value up to the k-th lowest; others are upper bounds. `work` is (node_m, by): the distance of each
    node, infinite before, and the half-edge it was reached by (-1: directly). Returns the nodes that were touched.
    """
    node_m, by = work
    best_site = np.full(k, -1, dtype=np.int64)
    best_m = np.full(k, np.inf)
    for slot in range(sites.first[edge], sites.first[edge + 1]):
        site = sites.order[slot]
        if among[site]:
            _offer(site, away_m + abs(sites.along_m[site] - along_m) + sites.away_m[site], road_m, best_site, best_m)
    touched = [graph.u[edge], graph.v[edge]]
    heap = [(away_m + along_m, graph.u[edge])]
    node_m[graph.u[edge]] = away_m + along_m
    other_m = away_m + graph.length_m[edge] - along_m
    if other_m < node_m[graph.v[edge]]:
        node_m[graph.v[edge]] = other_m
        heapq.heappush(heap, (other_m, graph.v[edge]))
    while heap:
        here_m, node = heapq.heappop(heap)
        if here_m > node_m[node]:
            continue
        if here_m > best_m.max():
            break
        for half in range(graph.first[node], graph.first[node + 1]):
            on = graph.edge[half]
            for slot in range(sites.first[on], sites.first[on + 1]):
                site = sites.order[slot]
                if among[site]:
                    ahead_m = sites.along_m[site]
                    if graph.from_v[half] == 1:
                        ahead_m = graph.length_m[on] - ahead_m
                    _offer(site, here_m + ahead_m + sites.away_m[site], road_m, best_site, best_m)
            there, there_m = graph.to[half], here_m + graph.length_m[on]
            if there_m < node_m[there]:
                if node_m[there] == np.inf:
                    touched.append(there)
                node_m[there] = there_m
                by[there] = half
                heapq.heappush(heap, (there_m, there))
    return touched


@kernel
def search_many(
    graph: Any, sites: Any, among: Any, points: Any, square: Any, work: Any, best: Any, best_m: Any
) -> None:
    """The one nearest site of each point, by road, then straight line, then index; -1 where no road leads to any.

    `points` is (edge, along_m, away_m, x_m, y_m), `square` the sites' (x_m, y_m) for the straight line.
    """
    node_m, by = work
    edge, along_m, away_m, x_m, y_m = points
    site_x, site_y = square
    road_m = np.full(len(among), np.inf)
    for row in range(len(edge)):
        if edge[row] < 0:
            continue
        touched = search(graph, sites, among, edge[row], along_m[row], away_m[row], 1, work, road_m)
        straight = np.inf
        for site in range(len(among)):
            if road_m[site] == np.inf or road_m[site] > best_m[row]:
                road_m[site] = np.inf
                continue
            dx, dy = site_x[site] - x_m[row], site_y[site] - y_m[row]
            away = dx * dx + dy * dy
            if road_m[site] < best_m[row] or away < straight:
                best[row], best_m[row], straight = site, road_m[site], away
            road_m[site] = np.inf
        for node in touched:
            node_m[node] = np.inf
            by[node] = -1


@kernel
def label_nodes(graph: Any, sites: Any, among: Any) -> Any:
    """For every node its nearest site and the nearest other one (-1: none), with their distances (infinite: none).

    One search from all sites at once, in which a node is passed on twice, for different sites.
    """
    count = len(graph.first) - 1
    site_of = np.full((2, count), -1, dtype=np.int64)
    site_m = np.full((2, count), np.inf)
    heap = [(0.0, 0, -1)]
    heap.pop()
    for site in range(len(among)):
        edge = sites.edge[site]
        if among[site] and edge >= 0:
            heapq.heappush(heap, (sites.away_m[site] + sites.along_m[site], graph.u[edge], site))
            back_m = graph.length_m[edge] - sites.along_m[site]
            heapq.heappush(heap, (sites.away_m[site] + back_m, graph.v[edge], site))
    while heap:
        here_m, node, site = heapq.heappop(heap)
        place = 0 if site_of[0, node] < 0 else 1
        if site_of[place, node] >= 0 or site_of[0, node] == site:
            continue
        site_of[place, node], site_m[place, node] = site, here_m
        for half in range(graph.first[node], graph.first[node + 1]):
            there = graph.to[half]
            if site_of[1, there] < 0 and site_of[0, there] != site:
                heapq.heappush(heap, (here_m + graph.length_m[graph.edge[half]], there, site))
    return site_of, site_m


@kernel
def choose_labelled(
    graph: Any, sites: Any, among: Any, points: Any, labels: Any, slack_m: float, best: Any, best_m: Any
) -> None:
    """The nearest site of each point from the labels of its edge's ends: -1 where no road leads to any, -2 where two
    are within `slack_m` of each other, too near to tell from sums that were made in another order. `best_m` gets its
    distance and stays as it is where there is none."""
    edge, along_m, away_m = points
    site_of, site_m = labels
    for row in range(len(edge)):
        on = edge[row]
        if on < 0:
            continue
        first, first_m, second_m = -1, np.inf, np.inf
        on_edge = sites.first[on + 1] - sites.first[on]
        for number in range(4 + on_edge):
            if number < 4:
                at_u = number < 2
                node = graph.u[on] if at_u else graph.v[on]
                to_m = along_m[row] if at_u else graph.length_m[on] - along_m[row]
                site = site_of[number % 2, node]
                value = to_m + site_m[number % 2, node]
            else:
                site = sites.order[sites.first[on] + number - 4]
                value = abs(sites.along_m[site] - along_m[row]) + sites.away_m[site]
            if site < 0 or not among[site]:
                continue
            value += away_m[row]
            if site == first:
                first_m = min(first_m, value)
            elif value < first_m:
                first, first_m, second_m = site, value, first_m
            else:
                second_m = min(second_m, value)
        best[row] = first
        if first >= 0:
            best_m[row] = first_m
        if first >= 0 and second_m - first_m <= slack_m * (1.0 + first_m * 1e-3):
            best[row] = -2
