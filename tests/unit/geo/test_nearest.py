"""Nearest sites of a group: order, ties, groups that have few sites or none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gridgov.geo.nearest import BadSites, SiteIndex

FIRE, POLICE = "fire", "police"
# Sites 0, 2, 4 are fire stations; 1 and 3 police stations.
INDEX = SiteIndex([0.0, 10.0, 100.0, 30.0, 100.0], [0.0, 0.0, 0.0, 0.0, 50.0], [FIRE, POLICE, FIRE, POLICE, FIRE])


def test_the_nearest_of_the_group_and_not_of_all() -> None:
    assert INDEX.nearest(11.0, 0.0, POLICE) == (1, 1.0)
    assert INDEX.nearest(11.0, 0.0, FIRE) == (0, 11.0)


def test_order_and_distances() -> None:
    sites, distance_m = INDEX.k_nearest(70.0, 0.0, FIRE, 3)
    assert sites.tolist() == [2, 4, 0]
    assert distance_m.tolist() == pytest.approx([30.0, math.hypot(30.0, 50.0), 70.0])


def test_a_group_with_too_few_sites_is_padded() -> None:
    sites, distance_m = INDEX.k_nearest(0.0, 0.0, POLICE, 4)
    assert sites.tolist() == [1, 3, -1, -1]
    assert distance_m.tolist() == [10.0, 30.0, math.inf, math.inf]


def test_an_unknown_group_has_nobody() -> None:
    assert INDEX.nearest(0.0, 0.0, "water") == (-1, math.inf)
    assert INDEX.sites_of("water").tolist() == []
    assert INDEX.sites_of(FIRE).tolist() == [0, 2, 4]
    assert SiteIndex([], [], []).nearest(0.0, 0.0, FIRE) == (-1, math.inf)


def test_bulk_keeps_shape_and_passes_over_nan() -> None:
    x, y = np.array([[11.0, math.nan], [29.0, 0.0]]), np.zeros((2, 2))
    sites, distance_m = INDEX.nearest(x, y, POLICE)
    assert sites.tolist() == [[1, -1], [3, 1]]
    assert distance_m.tolist() == [[1.0, math.inf], [1.0, 10.0]]
    assert INDEX.k_nearest(x, y, POLICE, 2)[0].shape == (2, 2, 2)
    assert INDEX.k_nearest(np.empty(0), np.empty(0), POLICE, 2)[0].shape == (0, 2)


def test_ties_go_to_the_lowest_index_however_many_there_are() -> None:
    turn = np.arange(40) * math.pi / 2.0
    x, y = np.round(np.cos(turn)) * 5.0, np.round(np.sin(turn)) * 5.0  # forty sites on four spots, all 5 m off
    index = SiteIndex(x, y, ["a"] * 40)
    assert index.nearest(0.0, 0.0, "a") == (0, 5.0)
    assert index.k_nearest(0.0, 0.0, "a", 7)[0].tolist() == list(range(7))
    # The control: scipy alone answers in the order of its tree.
    raw = index._trees["a"].query([0.0, 0.0], k=7)[1]
    assert raw.tolist() != list(range(7))


def test_bad_sites() -> None:
    with pytest.raises(BadSites, match="2 groups"):
        SiteIndex([1.0], [1.0], ["a", "b"])
    with pytest.raises(BadSites, match="finite"):
        SiteIndex([math.nan], [1.0], ["a"])
