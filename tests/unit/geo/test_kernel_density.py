"""Kernel density beside scikit-learn's and a plain sum; its mass; its bands."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from sklearn.neighbors import KernelDensity

from gridgov.geo import kernel_density
from gridgov.geo.kernel_density import Kernel, Surface, TooFine, bands, levels, rule_of_thumb_m, surface

BOX = (0.0, 0.0, 12_000.0, 9_000.0)
Points = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def points() -> Points:
    """Two clusters and a few alone, some places with several points, all well inside the box."""
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.normal(4_000, 500, 300), rng.normal(7_500, 300, 200), rng.uniform(3_000, 9_000, 50)])
    y = np.concatenate([rng.normal(4_000, 400, 300), rng.normal(5_500, 600, 200), rng.uniform(3_000, 6_500, 50)])
    return x, y, rng.integers(1, 5, len(x)).astype(np.float64)


def middles(found: Surface) -> np.ndarray:
    rows, columns = found.per_km2.shape
    x, y = np.meshgrid(found.x_m + found.cell_m * np.arange(columns), found.y_m + found.cell_m * np.arange(rows))
    return np.column_stack([x.ravel(), y.ravel()])


def test_gaussian_is_that_of_scikit_learn(points: Points) -> None:
    x, y, n = points
    found = surface(x, y, n, BOX, kernel=Kernel.GAUSSIAN, bandwidth_m=400)
    peer = KernelDensity(bandwidth=400, kernel="gaussian", rtol=0, atol=0)
    peer.fit(np.column_stack([x, y]), sample_weight=n)
    theirs = np.exp(peer.score_samples(middles(found)[::11])) * n.sum() * 1e6
    np.testing.assert_allclose(found.per_km2.ravel()[::11], theirs, atol=1e-5 * theirs.max())


def test_quartic_is_the_plain_sum(points: Points) -> None:
    x, y, n = points
    found = surface(x, y, n, BOX, kernel=Kernel.QUARTIC, bandwidth_m=600)
    at = middles(found)[::7]
    square = ((at[:, :1] - x) ** 2 + (at[:, 1:] - y) ** 2) / 600**2
    theirs = (3 / (np.pi * 600**2) * np.maximum(1 - square, 0) ** 2 * n).sum(axis=1) * 1e6
    np.testing.assert_allclose(found.per_km2.ravel()[::7], theirs, atol=1e-9 * theirs.max())


@pytest.mark.parametrize("kernel", Kernel)
@pytest.mark.parametrize("bandwidth_m", [150, 500])
def test_the_mass_is_the_number_of_points(points: Points, kernel: Kernel, bandwidth_m: float) -> None:
    found = surface(*points, BOX, kernel=kernel, bandwidth_m=bandwidth_m)
    assert found.mass == pytest.approx(points[2].sum(), rel=2e-4)


def test_beyond_the_edge_of_the_box_mass_is_lost_and_points_are_felt_from_there() -> None:
    one = np.array([-200.0]), np.array([4_000.0]), np.array([10.0])
    found = surface(*one, BOX, kernel=Kernel.QUARTIC, bandwidth_m=600)
    assert 0 < found.mass < 5
    nothing = surface(one[0] - 500, one[1], one[2], BOX, kernel=Kernel.QUARTIC, bandwidth_m=600)
    assert nothing.mass == 0


def test_the_rule_finds_the_width_for_one_cluster() -> None:
    rng = np.random.default_rng(1)
    x, y, n = rng.normal(0, 1_000, 64_000), rng.normal(0, 1_000, 64_000), np.ones(64_000)
    width = rule_of_thumb_m(x, y, n, Kernel.GAUSSIAN)
    assert width == pytest.approx(1_000 * 64_000 ** (-1 / 6), rel=0.02)
    assert rule_of_thumb_m(x, y, n, Kernel.QUARTIC) == pytest.approx(8**0.5 * width)
    far = np.append(x, 1e6), np.append(y, 1e6), np.append(n, 1.0)
    assert rule_of_thumb_m(*far, Kernel.GAUSSIAN) == pytest.approx(width, rel=0.05), "one far point moves nothing"
    assert rule_of_thumb_m(x[:1], y[:1], n[:1], Kernel.QUARTIC) == kernel_density.LEAST_BANDWIDTH_M
    assert rule_of_thumb_m(x[:0], y[:0], n[:0], Kernel.QUARTIC) == kernel_density.LEAST_BANDWIDTH_M


def test_too_fine_is_said_and_the_least_is_not_too_fine() -> None:
    empty = np.zeros(0)
    with pytest.raises(TooFine):
        surface(empty, empty, empty, (0, 0, 1e5, 1e5), kernel=Kernel.QUARTIC, bandwidth_m=100)
    least = kernel_density.least_bandwidth_m((0, 0, 1e5, 1e5))
    found = surface(empty, empty, empty, (0, 0, 1e5, 1e5), kernel=Kernel.QUARTIC, bandwidth_m=least)
    assert found.mass == 0
    assert bands(found, levels(0.0, 5)) == []


def test_bands_begin_at_round_numbers() -> None:
    assert levels(730.0, 6) == [10, 20, 50, 100, 200, 500]
    assert levels(0.03, 3) == pytest.approx([0.005, 0.01, 0.02])
    assert levels(10.0, 2) == [2, 5], "nothing lies above the peak itself"


def test_bands_hold_the_cells_of_their_density_and_do_not_overlap(points: Points) -> None:
    found = surface(*points, BOX, kernel=Kernel.QUARTIC, bandwidth_m=600)
    edges = levels(float(found.per_km2.max()), 5)
    shapes = bands(found, edges)
    assert all(shape.is_valid and not shape.is_empty for shape in shapes)
    at, values = middles(found), found.per_km2.ravel()
    for low, high, shape in zip(edges, [*edges[1:], np.inf], shapes, strict=True):
        clearly = (values > low * 1.02) & (values < high * 0.98)
        held = shapely.contains_xy(shape, at[:, 0], at[:, 1])
        assert held[clearly].all()
        assert not held[(values < low * 0.98) | (values > high * 1.02)].any()
    whole = shapely.union_all(shapes)
    assert whole.area == pytest.approx(sum(shape.area for shape in shapes), rel=1e-9)
