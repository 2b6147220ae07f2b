"""Spots: the same kind, on several days, within a radius that chains of near points do not stretch."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from gridgov.analytics import repeats

FIRST = date(2026, 3, 2)


def on(*places: int) -> list[date]:
    return [FIRST + timedelta(days=place) for place in places]


def test_a_place_that_came_back_is_a_spot_with_its_gaps() -> None:
    x, y = np.array([0.0, 3, -4, 2, 500]), np.array([0.0, 2, 1, -3, 0])
    (spot,) = repeats.spots(x, y, ["06"] * 5, on(0, 7, 7, 21, 3), radius_m=10)
    assert (spot.count, spot.days, spot.gap_days, spot.members) == (4, 3, 10.5, (0, 1, 2, 3))
    assert (spot.first, spot.last) == (FIRST, FIRST + timedelta(days=21))


def test_one_day_is_one_occasion_and_another_kind_is_another_matter() -> None:
    here = np.zeros(6)
    assert repeats.spots(here, here, ["06"] * 6, on(1, 1, 1, 1, 2, 2)) == ()
    assert repeats.spots(here, here, ["06", "09"] * 3, on(1, 2, 3, 4, 5, 6), least_days=4) == ()
    assert len(repeats.spots(here, here, ["06"] * 6, on(1, 2, 3, 4, 5, 6), least_days=4)) == 1  # the control


def test_a_chain_of_near_points_is_no_spot() -> None:
    x = np.arange(0, 360, 9, dtype=np.float64)
    found = repeats.spots(x, np.zeros(40), ["06"] * 40, on(*range(40)), radius_m=10)
    assert max(one.count for one in found) == 3
    for one in found:
        assert np.abs(x[list(one.members)] - x[one.row]).max() <= 10
    held = [row for one in found for row in one.members]
    assert len(held) == len(set(held))


def test_cells_that_may_hold_a_spot_are_those_with_enough_around_them() -> None:
    cells = {(0, 0): 1, (1, 1): 1, (2, 0): 1, (9, 9): 2, (20, 20): 5}
    chosen, cut = repeats.candidates(cells, 3, 100)
    assert (set(chosen), cut) == ({(1, 1), (20, 20)}, False)
    assert repeats.candidates(cells, 3, 5) == ([(20, 20)], True)


def test_a_circle_lies_in_a_cell_and_its_neighbours() -> None:
    for lat in (0.0, 32.0, 53.0):
        zoom = repeats.zoom_for(15, lat)
        wide_m = 40_075_016.68557849 * np.cos(np.radians(lat)) / 2**zoom
        assert 15 <= wide_m < 30


def test_the_sentence_names_place_kind_and_rhythm() -> None:
    here = np.zeros(3)
    (spot,) = repeats.spots(here, here, ["06"] * 3, on(0, 4, 8))
    said = repeats.told(spot, {"zh": "暴露垃圾", "en": "Litter"}, {"zh": "某路", "en": "Some Road"})
    assert said["zh"] == "某路：暴露垃圾在 3 天里出现 3 件，通常每隔 4 天一次，最近一次在 3 月 10 日。"
    assert "Litter on 3 days, 3 incidents, commonly 4 days apart" in said["en"]
