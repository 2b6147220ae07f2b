"""Which totals can be had: the gaps as facts, the nearest number of grids, never a failure."""

from __future__ import annotations

import pytest

from gridgov.geo.partition.arithmetic import Band, always_from, choose, gaps, missed, possible, share_out

BAND = Band(270, 330, 300)


def by_hand(households: int, band: Band) -> list[int]:
    return [k for k in range(1, households // band.least + 2) if k * band.least <= households <= k * band.most]


def test_gaps_of_three_hundred_within_a_tenth() -> None:
    assert gaps(BAND) == [(331, 539), (661, 809), (991, 1079), (1321, 1349)]
    assert always_from(BAND) == 1350


@pytest.mark.parametrize(
    "band", [BAND, Band(285, 315, 300), Band(5, 7, 6), Band(1, 1, 1), Band(8, 8, 8), Band(2, 9, 4)]
)
def test_possible_numbers_are_those_found_by_trying(band: Band) -> None:
    for households in range(12 * band.most):
        assert list(possible(households, band)) == by_hand(households, band)


def test_gaps_are_the_totals_that_trying_finds_no_number_for() -> None:
    for band in (BAND, Band(285, 315, 300), Band(2, 9, 4)):
        inside = {total for low, high in gaps(band) for total in range(low, high + 1)}
        assert inside == {total for total in range(band.least, 20 * band.most) if not by_hand(total, band)}
    # the control: a band one household wider has other gaps
    assert gaps(Band(270, 331, 300)) != gaps(BAND)


def test_always_from_is_the_lowest_such_total() -> None:
    for band in (BAND, Band(285, 315, 300), Band(5, 7, 6), Band(2, 9, 4)):
        start = always_from(band)
        assert start is not None
        assert all(by_hand(total, band) for total in range(start, start + 3 * band.most))
        assert not by_hand(start - 1, band)
    assert always_from(Band(8, 8, 8)) is None


def test_the_nearest_number_is_chosen_and_in_a_gap_the_one_that_misses_least() -> None:
    assert choose(3000, BAND) == 10
    assert choose(3000, BAND, near=40) == 11
    assert choose(3000, BAND, near=1) == 10
    assert choose(0, BAND) == choose(1, BAND) == choose(269, BAND) == 1
    assert choose(340, BAND) == 1
    assert choose(530, BAND) == 2
    for total in range(1, 2000):
        k = choose(total, BAND)
        assert missed(total, k, BAND) == min(missed(total, other, BAND) for other in range(1, 12))
    assert missed(340, 2, BAND) == 200  # the control: the other number is worse


def test_a_band_that_is_none_is_refused() -> None:
    for least, most, target in ((0, 330, 300), (310, 330, 300), (270, 290, 300)):
        with pytest.raises(ValueError, match="band"):
            Band(least, most, target)


def test_grids_are_shared_out_over_pieces() -> None:
    assert share_out([3000, 600, 100], BAND, most=[99, 99, 99]) == [10, 2, 1]
    assert share_out([3000, 600, 100], BAND, 14, most=[99, 99, 99]) == [11, 2, 1]
    assert share_out([3000, 600, 100], BAND, 12, most=[99, 99, 99]) == [9, 2, 1]
    assert share_out([3000, 600], BAND, 50, most=[4, 3]) == [4, 3]
    assert share_out([3000, 600], BAND, 1, most=[99, 99]) == [1, 1]
