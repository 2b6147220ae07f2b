"""The pure parts of the demo city's generator: planar net, cutting, balanced partition, packing, numbering, chance."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgov.interop.democity.areas import numbered, reading_order
from gridgov.interop.democity.chance import stream
from gridgov.interop.democity.forms import Form, pack
from gridgov.interop.democity.partition import Graph, recombine, split
from gridgov.interop.democity.planar import BORDER, Line, Net, from_lines
from gridgov.interop.democity.rhythm import HOURS, WEEK, channels, day_shares, days
from gridgov.interop.democity.subdivide import Style, cut_face, subdivide

STYLE = Style(4_000.0, ((40_000.0, "local"), (0.0, "lane")), jitter_deg=8, bend=0.03)


def line(name: str, *points: tuple[float, float], kind: str = "local") -> Line:
    return Line(name, kind, np.array(points, dtype=float))


def square(side: float = 400.0) -> list[Line]:
    return [line("edge", (0, 0), (side, 0), (side, side), (0, side), (0, 0), kind=BORDER)]


def polygons(net: Net) -> list[shapely.Polygon]:
    return [net.polygon(f) for f in sorted(net.rings)]


def test_lines_are_noded_and_blind_ends_dropped() -> None:
    net = from_lines([*square(), line("across", (-50, 200), (450, 210)), line("blind", (100, 0), (100, 90))])
    assert len(net.rings) == 2
    assert sum(p.area for p in polygons(net)) == pytest.approx(160_000)
    assert {net.line[e] for e in net.kind} == {"edge", "across"}


def test_a_part_that_floats_free_is_refused() -> None:
    island = line("island", (100, 100), (200, 100), (200, 200), (100, 100))
    with pytest.raises(ValueError, match="floats free"):
        from_lines([*square(), island])


def test_cutting_keeps_what_both_sides_share() -> None:
    net = from_lines([*square(), line("across", (-50, 200), (450, 200))])
    lower = min(net.rings, key=lambda f: net.polygon(f).centroid.y)
    upper = next(f for f in net.rings if f != lower)
    before = len(net.rings[upper])
    parts = cut_face(net, lower, STYLE, "new.0", np.random.default_rng(1))
    assert parts is not None
    assert len(net.rings[upper]) in (before, before + 1)  # a junction on the common side is a vertex of both
    assert shapely.coverage_is_valid(np.array(polygons(net)))
    assert all(net.left[step] == f for f in net.rings for step in net.steps(f))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), side=st.floats(250, 900))
def test_subdividing_loses_no_ground(seed: int, side: float) -> None:
    net = from_lines(square(round(side)))
    blocks = subdivide(net, next(iter(net.rings)), STYLE, "b", np.random.default_rng(seed))
    shapes = np.array([net.polygon(b) for b in blocks])
    assert set(blocks) == set(net.rings)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(round(side) ** 2, rel=1e-6)
    assert len(blocks) > 4


def test_joining_takes_the_line_between_away_and_only_that() -> None:
    net = from_lines([*square(), line("across", (-50, 200), (450, 200)), line("up", (200, 200), (200, 450))])
    lower = min(net.rings, key=lambda f: net.polygon(f).centroid.y)
    left = min((f for f in net.rings if f != lower), key=lambda f: net.polygon(f).centroid.x)
    joined = net.join(lower, left)
    assert joined is not None
    assert net.polygon(joined).area == pytest.approx(120_000)
    assert all(net.left[step] == f for f in net.rings for step in net.steps(f))


def test_faces_that_touch_twice_are_not_joined() -> None:
    arms = [line("left", (100, 100), (100, 400)), line("right", (300, 100), (300, 400))]
    net = from_lines([*square(), *arms, line("low", (100, 100), (300, 100)), line("high", (100, 250), (300, 250))])
    around, upper, lower = sorted(net.rings, key=lambda f: (-net.polygon(f).area, -net.polygon(f).centroid.y))
    assert net.join(around, upper) is None
    assert len(net.rings) == 3
    assert net.join(upper, lower) is not None


def test_a_road_that_no_road_reaches_becomes_a_border() -> None:
    ladder = [
        line("one", (-5, 100), (405, 100)),
        line("two", (-5, 200), (405, 200)),
        line("rung", (200, 95), (200, 205)),
    ]
    net = from_lines([*square(), *ladder, line("far", (-5, 300), (405, 300))])
    net.unroad_islands()
    kinds = {net.line[e]: kind for e, kind in net.kind.items()}
    assert kinds == {"edge": BORDER, "one": "local", "two": "local", "rung": "local", "far": BORDER}


def lattice(n: int, weight: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Graph:
    node = np.arange(n * n).reshape(n, n)
    a = np.r_[node[:, :-1].ravel(), node[:-1].ravel()]
    b = np.r_[node[:, 1:].ravel(), node[1:].ravel()]
    return Graph(weight, a, b, np.ones(len(a)), np.full(len(a), 0.01))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_parts_are_contiguous_and_balanced(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = lattice(12, rng.integers(10, 60, 144).astype(float))
    total = graph.weight.sum()
    label = split(graph, [1.0] * 14, 0.1, 24, rng)
    better = recombine(graph, label, total / 14, 0.085, 5, 16, rng)
    for parts in (label, better):
        assert set(parts.tolist()) == set(range(14))
        assert all(graph.part(np.flatnonzero(parts == k)).pieces().max() == 0 for k in range(14))

    def miss(parts: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> float:
        return float(np.abs(np.bincount(parts, graph.weight) / (total / 14) - 1).max())

    assert miss(better) <= miss(label) + 0.06
    assert miss(better) < 0.25 < miss(rng.integers(0, 14, 144))


def test_cuts_follow_the_big_streets() -> None:
    """A lattice with one arterial down its middle: halves meet there."""
    graph = lattice(10, np.ones(100))
    middle = (graph.a % 10 == 4) & (graph.b % 10 == 5)
    graph = Graph(graph.weight, graph.a, graph.b, np.where(middle, 8.0, 1.0), np.where(middle, 0.01, 0.4))
    label = split(graph, [1.0, 1.0], 0.1, 40, np.random.default_rng(3))
    cut = label[graph.a] != label[graph.b]
    assert (cut == middle).all()


def test_a_graph_in_pieces_is_refused() -> None:
    graph = Graph(np.ones(4), np.array([0, 2]), np.array([1, 3]), np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="pieces"):
        split(graph, [1.0, 1.0], 0.1, 5, np.random.default_rng(0))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), angle=st.floats(-0.7, 0.7))
def test_houses_stand_inside_and_apart(seed: int, angle: float) -> None:
    land = np.array([[0, 0], [150, 10], [140, 120], [70, 100], [10, 130.0]])
    form = Form((12, 30), (9, 12), 12, 5, 0, 0.1, corner=0.3)
    houses = [shapely.Polygon(ring) for ring in pack(land, form, angle, np.random.default_rng(seed))]
    inside = [h for h in houses if shapely.Polygon(land).buffer(0.01).covers(h)]
    assert len(inside) > 5
    plain = [h for h in inside if len(h.exterior.coords) == 5]
    a, b = shapely.STRtree(plain).query(plain, predicate="intersects")
    assert (a == b).all()


def test_reading_order_is_row_by_row_from_the_north_west() -> None:
    at = np.array([[x, y] for y in (300, 200, 100) for x in (10, 20, 30)], dtype=float)
    assert reading_order(at).tolist() == list(range(9))
    shuffled = np.random.default_rng(0).permutation(9)
    assert shuffled[reading_order(at[shuffled])].tolist() == sorted(shuffled[reading_order(at[shuffled])].tolist())
    assert reading_order(at[:1]).tolist() == [0]


def test_numbers_start_where_they_are_told() -> None:
    at = np.array([[0, 1], [1, 1], [0, 0], [1, 0]], dtype=float)
    assert numbered(["P", "P", "P", "Q"], at, [1, 1, 201, 1]) == ["P001", "P002", "P201", "Q001"]


def test_streams_are_their_own() -> None:
    assert stream(1, "a").integers(1 << 40) == stream(1, "a").integers(1 << 40)
    drawn = {int(stream(s, *n).integers(1 << 40)) for s in (1, 2) for n in (("a",), ("b",), ("a", 1), ("a", 2))}
    assert len(drawn) == 8


def test_rhythms_are_shares_and_the_rain_is_a_burst() -> None:
    from datetime import date

    history = days(date(2026, 3, 1))
    assert (len(history), history[-1]) == (90, date(2026, 2, 28))
    assert all(shape.sum() == pytest.approx(1) and (shape >= 0).all() for shape in HOURS.values())
    assert all(0.9 < np.mean(week) < 1.1 for week in WEEK.values())
    wet = day_shares("patrol", history, 40, 30.0, np.random.default_rng(0))
    dry = day_shares("patrol", history, 40, 1.0, np.random.default_rng(0))
    assert wet[40] > 10 * np.median(wet)
    assert dry[40] < 2 * np.median(dry)


def test_sensors_report_only_what_can_be_sensed() -> None:
    noon = np.full(4000, 12 * 3600)
    assert "sensor" in channels(noon, True, np.random.default_rng(0))
    assert "sensor" not in channels(noon, False, np.random.default_rng(0))
