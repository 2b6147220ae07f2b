"""Hexagons of a view beside the plain list of its rows."""

from __future__ import annotations

from collections import Counter

import h3.api.numpy_int as h3
import numpy as np
import pytest

from gridgov.analytics.store import hexes
from gridgov.analytics.store.chosen import Chosen, chosen
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.store.view import View
from tests.unit.analytics.store.making import Size, make_view, rows_of
from tests.unit.analytics.store.test_bins import FILTERS, that_count


@pytest.fixture(scope="module")
def view() -> View:
    return make_view(INCIDENTS, Size(rows=3_000), seed=4)


def plain(view: View, wanted: Chosen, resolution: int) -> tuple[Counter[int], int]:
    rows = rows_of(view)
    keep = that_count(rows, wanted)
    outside = view.places.outside[rows["place"]]
    cells = view.hexes[rows["hex"][keep & ~outside]]
    found = Counter(int(h3.cell_to_parent(cell, resolution)) if cell else 0 for cell in cells)
    return found, int((keep & outside).sum())


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("resolution", [5, 7, 9])
def test_hexagons_are_those_of_the_rows(view: View, name: str, resolution: int) -> None:
    wanted = chosen(view, FILTERS[name])
    cells, counts, outside = hexes.by_hexagon(view, wanted, resolution)
    expected, unlocated = plain(view, wanted, resolution)
    assert dict(zip(cells.tolist(), counts.tolist(), strict=True)) == expected
    assert outside == unlocated
    assert (np.diff(cells) > 0).all()


def test_two_threads_count_the_same(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = chosen(view, FILTERS["status"])
    alone = hexes.by_hexagon(view, wanted, 8)
    monkeypatch.setattr(hexes, "WORTH_A_THREAD", 0)
    for one, other in zip(alone, hexes.by_hexagon(view, wanted, 8), strict=True):
        np.testing.assert_array_equal(one, other)
