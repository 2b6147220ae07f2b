"""The index answers as comparing every site would, ties included."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gridgov.geo.nearest import SiteIndex

# Few distinct coordinates, so that equal distances are common; and some that differ in the last bit.
COARSE = st.integers(-4, 4).map(lambda step: step * 25.0)
FINE = st.floats(-100.0, 100.0, allow_subnormal=False)
SITE = st.tuples(st.one_of(COARSE, FINE), st.one_of(COARSE, FINE), st.sampled_from("abc"))
POINT = st.tuples(st.one_of(COARSE, FINE), st.one_of(COARSE, FINE))


def by_hand(x: NDArray[np.float64], y: NDArray[np.float64], group: list[str], px: float, py: float) -> list[int]:
    dx, dy = x - px, y - py
    square = dx * dx + dy * dy
    return sorted((site for site in range(len(x)) if group[site] == "a"), key=lambda site: (square[site], site))


@settings(max_examples=400, deadline=None)
@given(st.lists(SITE, min_size=1, max_size=40), st.lists(POINT, min_size=1, max_size=8), st.integers(1, 6))
def test_like_comparing_every_site(
    sites: list[tuple[float, float, str]], points: list[tuple[float, float]], k: int
) -> None:
    x, y = np.array([site[0] for site in sites]), np.array([site[1] for site in sites])
    group = [site[2] for site in sites]
    px, py = np.array([point[0] for point in points]), np.array([point[1] for point in points])
    found, distance_m = SiteIndex(x, y, group).k_nearest(px, py, "a", k)
    for row, (one_x, one_y) in enumerate(points):
        wanted = by_hand(x, y, group, one_x, one_y)[:k]
        assert found[row].tolist() == wanted + [-1] * (k - len(wanted))
        assert np.isfinite(distance_m[row]).sum() == len(wanted)
        assert (np.diff(distance_m[row, : len(wanted)]) >= 0.0).all()


def test_ignoring_the_group_or_the_ties_would_be_caught() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.integers(0, 10, 200) * 10.0, rng.integers(0, 10, 200) * 10.0
    group = rng.choice(list("abc"), 200)
    px, py = (rng.integers(0, 10, 300).astype(np.float64) * 10.0 for _ in range(2))
    index = SiteIndex(x, y, group)
    right = index.nearest(px, py, "a")[0]
    everybody = SiteIndex(x, y, ["a"] * 200).nearest(px, py, "a")[0]
    assert (everybody != right).any()
    luck = index._members["a"][index._trees["a"].query(np.column_stack([px, py]))[1]]
    assert (luck != right).any()
