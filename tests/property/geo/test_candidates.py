"""The table of candidates answers as looking at every site does, ties and all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gridgov.geo.candidates import CandidateTable
from gridgov.geo.nearest import SiteIndex

Floats = NDArray[np.float64]
Ints = NDArray[Any]


def by_looking(x: Floats, y: Floats, px: Floats, py: Floats, of: Ints, groups: Ints) -> Ints:
    """The rule, site by site."""
    found: Ints = np.full(len(px), -1)
    for i in range(len(px)):
        best = np.inf
        for site in np.flatnonzero(groups == of[i]):
            dx, dy = x[site] - px[i], y[site] - py[i]
            if dx * dx + dy * dy < best:
                best, found[i] = dx * dx + dy * dy, site
    return found


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 5), st.sampled_from([1e-3, 1.0, 37.5, 4_000.0]))
def test_every_answer_is_that_of_the_rule(seed: int, count: int, groups: int, step_m: float) -> None:
    """Sites and points on one lattice, so that many are equally far; also at sites, beyond the box, and nowhere."""
    rng = np.random.default_rng(seed)
    x, y = (400_000.0 + step_m * rng.integers(-20, 20, count).astype(np.float64) for _ in range(2))
    group = rng.integers(0, groups, count)
    px, py = (400_000.0 + step_m * rng.integers(-120, 120, 300).astype(np.float64) / 2 for _ in range(2))
    px[:5], py[5:9] = np.nan, np.inf
    of = rng.integers(0, groups, 300).astype(np.int32)
    table = SiteIndex(x, y, group).table(range(groups))
    expected = by_looking(x, y, px, py, of, group)
    np.testing.assert_array_equal(table.nearest(px, py, of), expected)
    np.testing.assert_array_equal(table.nearest(px, py, of, threads=2), expected)


def test_the_same_as_one_group_at_a_time() -> None:
    rng = np.random.default_rng(4)
    x, y, group = rng.uniform(0, 5e4, 400), rng.uniform(0, 5e4, 400), rng.integers(0, 7, 400)
    px, py, of = rng.uniform(-3e4, 8e4, 200_000), rng.uniform(-3e4, 8e4, 200_000), rng.integers(0, 7, 200_000)
    index = SiteIndex(x, y, group)
    found = index.table(range(7), (0.0, 0.0, 5e4, 5e4)).nearest(px, py, of.astype(np.int32), threads=2)
    for one in range(7):
        np.testing.assert_array_equal(found[of == one], index.nearest(px[of == one], py[of == one], one)[0])


def test_a_cell_that_kept_its_middle_s_nearest_alone_would_err(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the reach of a cell the answers differ."""
    rng = np.random.default_rng(5)
    x, y = rng.uniform(0, 1e4, 500), rng.uniform(0, 1e4, 500)
    px, py, of = rng.uniform(0, 1e4, 50_000), rng.uniform(0, 1e4, 50_000), np.zeros(50_000, np.int32)
    table = CandidateTable(x, y, [np.arange(500)])
    right = table.nearest(px, py, of)
    lut = table._lut.copy()
    some = lut < -1
    lut[some] = table._many[table._begin[-2 - lut[some]]]
    monkeypatch.setattr(table, "_lut", lut)
    assert (table.nearest(px, py, of) != right).any()


def test_a_group_without_sites_has_no_nearest() -> None:
    table = SiteIndex([0.0], [0.0], ["a"]).table(["a", "b"])
    np.testing.assert_array_equal(table.nearest(np.zeros(2), np.zeros(2), np.array([0, 1], np.int32)), [0, -1])
