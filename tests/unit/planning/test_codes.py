"""Codes: the order of reading, what is kept, what is never given again, where numbers end."""

from __future__ import annotations

import pytest

from gridgov.planning.codes import CodesExhausted, Placed, community_code, grid_codes, number_of, reading_order

HOME = "349902001001"


def lattice(columns: int, rows: int) -> list[Placed]:
    """Numbered from the south-east corner, so that the order of the sheet is not that of reading."""
    return [
        Placed(row * columns + column, x=-100.0 * column, y=100.0 * row)
        for row in range(rows)
        for column in range(columns)
    ]


def test_rows_from_north_to_south_each_from_west_to_east() -> None:
    read = [(grid.x, grid.y) for grid in reading_order(lattice(3, 3))]
    assert read == [(-200 + 100 * column, 200.0 - 100 * row) for row in range(3) for column in range(3)]


def test_grids_of_one_band_are_read_from_west_to_east_whatever_their_latitude() -> None:
    band = [Placed(1, x=0, y=0), Placed(2, x=50, y=14), Placed(3, x=100, y=3), Placed(4, x=20, y=100)]
    assert [grid.number for grid in reading_order(band)] == [4, 1, 2, 3]
    north_first = sorted(band, key=lambda grid: -grid.y)
    assert [grid.number for grid in north_first] != [4, 1, 2, 3]


def test_the_order_is_that_of_the_ground_not_of_the_sheet() -> None:
    grids = lattice(4, 3)
    assert reading_order(grids[::-1]) == reading_order(grids)


def test_a_first_plan_is_numbered_as_it_is_read() -> None:
    given = grid_codes(HOME, lattice(2, 2))
    assert given.codes == {3: f"{HOME}001", 2: f"{HOME}002", 1: f"{HOME}003", 0: f"{HOME}004"}
    assert not given.voided


def test_what_goes_on_keeps_its_code_and_new_grids_take_the_next_numbers() -> None:
    grids = [Placed(0, 0, 0, f"{HOME}007"), Placed(1, 0, 100), Placed(2, 100, 100), Placed(3, 9, 9, f"{HOME}002")]
    assert grid_codes(HOME, grids).codes == {0: f"{HOME}007", 1: f"{HOME}008", 2: f"{HOME}009", 3: f"{HOME}002"}


def test_a_voided_code_is_never_given_again() -> None:
    void = {f"{HOME}005", f"{HOME}009"}
    grids = [Placed(0, 0, 0, f"{HOME}004"), Placed(1, 0, 100)]
    assert grid_codes(HOME, grids, void=void).codes[1] == f"{HOME}010"
    assert grid_codes(HOME, grids).codes[1] == f"{HOME}005"


def test_past_999_the_lowest_that_was_never_given_then_an_error() -> None:
    void = {f"{HOME}{number:03d}" for number in range(1, 1000)} - {f"{HOME}017"}
    assert grid_codes(HOME, [Placed(0, 0, 0)], void=void).codes == {0: f"{HOME}017"}
    with pytest.raises(CodesExhausted) as refused:
        grid_codes(HOME, [Placed(0, 0, 0), Placed(1, 0, 1)], void=void)
    assert refused.value.field == "code"
    assert refused.value.remedy


def test_a_grid_of_a_merged_community_gets_a_code_of_the_new_one() -> None:
    given = grid_codes(HOME, [Placed(0, 0, 0, "349902001009003"), Placed(1, 0, 9, f"{HOME}001")])
    assert given.codes == {0: f"{HOME}002", 1: f"{HOME}001"}
    assert given.voided == {"349902001009003"}


def test_two_that_bring_the_same_code_do_not_both_keep_it() -> None:
    given = grid_codes(HOME, [Placed(0, 0, 0, f"{HOME}001"), Placed(1, 0, 9, f"{HOME}001")])
    assert given.codes == {0: f"{HOME}001", 1: f"{HOME}002"}
    assert not given.voided


@pytest.mark.parametrize("community", ["1A", "ANC 3/4G", "34990200100", "34990200100x", "٣٤٩٩٠٢٠٠١٠٠١"])
def test_a_code_that_is_not_national_is_parted_by_a_hyphen_and_has_no_end(community: str) -> None:
    void = {f"{community}-999"}
    assert grid_codes(community, [Placed(0, 0, 0)]).codes == {0: f"{community}-001"}
    assert grid_codes(community, [Placed(0, 0, 0)], void=void).codes == {0: f"{community}-1000"}
    assert number_of(f"{community}-", f"{community}-1000") == 1000
    assert number_of(f"{community}-", f"{community}-0100") is None


def test_a_code_of_another_form_is_no_number() -> None:
    assert number_of(HOME, f"{HOME}01") is None
    assert number_of(HOME, f"{HOME}0001") is None
    assert number_of(HOME, "349902001002001") is None
    assert number_of(HOME, f"{HOME}001") == 1


def test_a_merged_community_takes_the_next_number_of_its_parent() -> None:
    used = {"349902001001", "349902001201", "349902002009", "349902000003"}
    assert community_code("349902001", used) == "349902001202"
    assert community_code("349902", used) == "349902000004"
    assert community_code("Ward 1", {"Ward 1-001"}) == "Ward 1-002"
    with pytest.raises(CodesExhausted):
        community_code("349902001", {f"349902001{number:03d}" for number in range(1, 1000)})
