"""The orientation test against exact rational arithmetic, and what happens to the look-up without its exactness."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from gridgov.geo import predicates
from gridgov.geo.locate import PointIndex
from tests.bench.tiling import border_points, jagged_tiling

WORLD = (-180.0, -90.0, 180.0, 90.0)
Floats = npt.NDArray[np.float64]
Six = tuple[float, float, float, float, float, float]


def rational(case: Six) -> int:
    ax, ay, bx, by, px, py = (Fraction(value) for value in case)
    determinant = (ax - px) * (by - py) - (ay - py) * (bx - px)
    return (determinant > 0) - (determinant < 0)


def in_floats(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    determinant = (ax - px) * (by - py) - (ay - py) * (bx - px)
    return int(determinant > 0) - int(determinant < 0)


def hard_cases(count: int) -> list[Six]:
    """Points within a few ulps of a line through two places of a city, of the world, or of mixed magnitudes."""
    rng = np.random.default_rng(11)
    cases = []
    for i in range(count):
        spread = (1e-3, 1.0, 180.0)[i % 3]
        centre = (117.0, 0.0, 0.0)[i % 3]
        a, b = centre + rng.uniform(-spread, spread, (2, 2))
        if i % 5 == 0:
            a = a * 1e-12
        t = rng.uniform(-0.5, 1.5)
        p = a + t * (b - a)
        for _ in range(int(rng.integers(0, 3))):
            p = np.nextafter(p, rng.choice([-np.inf, np.inf], 2))
        cases.append((*a.tolist(), *b.tolist(), *p.tolist()))
    return cases


def test_orientation_is_exact() -> None:
    cases = hard_cases(20_000)
    truth = [rational(case) for case in cases]
    assert [predicates.orientation(*case) for case in cases] == truth
    assert [predicates.orientation_exact(*case) for case in cases] == truth


def test_the_cases_are_hard() -> None:
    """Control: plain floating point gets many of the same cases wrong."""
    cases = hard_cases(20_000)
    wrong = sum(in_floats(*case) != rational(case) for case in cases)
    assert wrong > 1000


def test_orientation_next_to_zero() -> None:
    """Where one coordinate is 5e-324 and the others are ordinary numbers, double-double arithmetic is not enough."""
    tiny = 5e-324
    for case in [(0.0, 0.0, 0.0, 1.0, tiny, 0.5), (0.0, 0.0, 0.0, 1.0, -tiny, 0.5), (0.0, 0.25, 1.0, 0.75, tiny, 0.25)]:
        assert predicates.orientation(*case) == rational(case) != 0


TRIANGLE = [(117.0, 0.0), (-999882.9999999999, 1732050.8075688775), (866142.4037844387, 499999.99999999994)]
SQUARE = [
    (117.0, 0.0),
    (-499882.99999999994, 866025.4037844387),
    (366142.40378443873, 1366025.4037844385),
    (866142.4037844387, 499999.99999999994),
]
ON_BOTH = (-249882.99999999997, 433012.70189221937)


def test_a_point_exactly_on_an_edge_is_on_it_though_shapely_says_not() -> None:
    """Found by a generated example. Whole numbers decide: the point is on the line, hence in the triangle, number 0.

    shapely (GEOS 3.14.1) places it beside the triangle and in the square, because GEOS rounds the products of
    differences that need more than 53 bits each. So shapely is no judge here, and its answer is not asked for.
    """
    assert rational((*TRIANGLE[0], *TRIANGLE[1], *ON_BOTH)) == 0
    assert rational((*SQUARE[0], *SQUARE[1], *ON_BOTH)) == 0
    index = PointIndex.build([shapely.Polygon(TRIANGLE), shapely.Polygon(SQUARE)])
    assert index.locate_one(*ON_BOTH) == 0
    assert index.locate([ON_BOTH[0]], [ON_BOTH[1]]).tolist() == [0]


def test_one_ulp_outside_that_edge_nobody_is() -> None:
    """Control: the answer above is no tolerance."""
    x, y = ON_BOTH
    outside = float(np.nextafter(x, -np.inf))
    assert rational((*TRIANGLE[0], *TRIANGLE[1], outside, y)) != 0
    index = PointIndex.build([shapely.Polygon(TRIANGLE), shapely.Polygon(SQUARE)])
    assert index.locate_one(outside, y) == -1
    assert index.locate_one(float(np.nextafter(x, np.inf)), y) == 0


City = tuple[PointIndex, Floats, list[int]]


@pytest.fixture(scope="module")
def world() -> City:
    """Six jagged realms over the whole globe, points on their borders, and the lowest realm that shapely finds there.

    Long edges, because there plain determinants fail often: within a city, differences of coordinates are mostly exact.
    """
    rng = np.random.default_rng(12)
    polygons = jagged_tiling(rng, 3, 2, steps=3, bounds=WORLD)
    points = border_points(rng, polygons, 14_000)
    found, polygon = shapely.STRtree(polygons).query(shapely.points(points), "intersects")
    lowest = np.full(len(points), len(polygons))
    np.minimum.at(lowest, found, polygon)
    lowest[lowest == len(polygons)] = -1
    return PointIndex.build(polygons), points, lowest.tolist()


def walk(world: City, monkeypatch: pytest.MonkeyPatch, **replaced: object) -> int:
    """How many answers differ from shapely when the look-up is run by the interpreter, some of its functions replaced.

    It is the code that is compiled otherwise.
    """
    index, points, truth = world
    parts = {name: getattr(predicates, name).py_func for name in ("meet", "resolve")} | replaced
    for name, function in parts.items():
        monkeypatch.setattr(predicates, name, function)
    lattice = (index.x0, index.y0, index.kx, index.ky, index.rows, index.columns)
    one = predicates.find_one.py_func
    found = [one(x, y, *lattice, index.lut, index.pool, index.words) for x, y in points.tolist()]
    return sum(a != b for a, b in zip(found, truth, strict=True))


def test_the_walk_agrees_with_shapely(world: City, monkeypatch: pytest.MonkeyPatch) -> None:
    index, points, truth = world
    assert index.locate(*points.T).tolist() == truth
    assert walk(world, monkeypatch) == 0


def test_without_exact_orientation_shapely_disagrees(world: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: the comparison with shapely finds a look-up that decides by rounded determinants."""
    assert walk(world, monkeypatch, orientation=in_floats) > 10


def test_without_the_boundary_shapely_disagrees(world: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: the comparison finds a look-up that leaves a shared edge to whichever side the ray gives it."""
    meet = predicates.meet.py_func
    assert walk(world, monkeypatch, meet=lambda *numbers: meet(*numbers) % 2) > 500


def test_with_the_highest_number_first_shapely_disagrees(world: City) -> None:
    """Control: the points tell the lowest number from any other choice among the polygons on a shared edge."""
    _, points, truth = world
    backwards = PointIndex.build(jagged_tiling(np.random.default_rng(12), 3, 2, steps=3, bounds=WORLD)[::-1])
    highest = np.array([5, 4, 3, 2, 1, 0, -1])[backwards.locate(*points.T)]
    assert np.count_nonzero(highest != truth) > 500
