"""Pieces: what the lists cannot tell apart is looked at once, and nothing is lost by it."""

from __future__ import annotations

from gridgov.duties import ground
from gridgov.duties.routing import Book
from tests.unit.duties.lists import CLEAN, MATTERS, areas, item, pieces


def test_a_city_is_cut_by_the_areas_that_items_name() -> None:
    assert len(pieces(item("1", "06*"))) == 1
    cut = pieces(*CLEAN)
    assert sorted(piece.leaves for piece in cut) == [2, 6]
    assert sum(piece.leaves for piece in cut) == 8


def test_losses_name_the_largest_areas_that_lose_all() -> None:
    before = Book(CLEAN)
    kept = [item("4", "09009", "JJ", 2), item("5", "09009", "JJ", 12)]
    cut = pieces(*CLEAN, *kept)
    (loss,) = ground.losses(before, Book([*CLEAN[:3], *kept]), MATTERS, cut)
    assert (loss.category, loss.leaves, loss.of, loss.everywhere) == ("09009", 3, 8, False)
    assert [area.code for area in loss.areas] == ["G13", "M7"]
    (loss,) = ground.losses(before, Book(CLEAN[:3]), MATTERS, cut)
    assert loss.everywhere
    assert [area.code for area in loss.areas] == ["C"]
    assert ground.losses(before, before, MATTERS, cut) == []


def test_what_was_nobodys_before_is_no_loss() -> None:
    assert ground.losses(Book(CLEAN[:3]), Book(CLEAN[:3]), MATTERS, pieces(*CLEAN)) == []


def test_leaves_are_the_deepest_areas_of_any_level() -> None:
    some = [area for area in areas() if area.id not in (8, 9)]  # a community without grids
    assert {path[-1].id for path in ground.leaves(some)} == {4, *range(10, 16)}
