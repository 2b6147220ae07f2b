"""Past incidents by two books: each is counted once, by what changes for it."""

from __future__ import annotations

from gridgov.duties import ground
from gridgov.duties.dryrun import Past, rehearse
from gridgov.duties.routing import Book
from gridgov.duties.rules import Category
from tests.unit.duties.lists import CLEAN, MATTERS, areas, item

CATEGORIES = {i: Category(i, code, {}) for i, code in enumerate(MATTERS)}
BY_ID = {area.id: area for area in areas()}
PATHS = {area.id: ground.path_of(area, BY_ID) for area in areas()}


def past(category: str, area_id: int, count: int) -> Past:
    return Past(MATTERS.index(category) if category in MATTERS else 77, area_id, count, 1000 + area_id)


def test_every_incident_is_counted_once() -> None:
    after = Book([CLEAN[0], item("3", "07001", "JJ"), item("8", "09009", "@community", 2)])
    told = rehearse(
        [past("06010", 8, 5), past("06011", 15, 7), past("07001", 9, 3), past("07001", 10, 4), past("09009", 8, 2),
         past("09009", 15, 1), past("nothing", 8, 9), past("06010", 99, 11)],
        PATHS, CATEGORIES, Book(CLEAN), after,
    )  # fmt: skip
    assert (told.incidents, told.same, told.unplaced) == (42, 7, 20)
    moves = {
        (m.category.code, m.before.code if m.before else None, m.after.code if m.after else None): m.count
        for m in told.moves
    }
    assert moves == {
        ("06010", "M4", "CG"): 5,
        ("07001", "HW", "JJ"): 7,
        ("09009", "JJ", "M4"): 2,
        ("09009", "JJ", None): 1,
    }
    assert (told.orphaned, told.adopted) == (1, 0)
    assert [move.count for move in told.moves] == [7, 5, 2, 1], "the most first"
    assert [(one.area.code, one.count, one.number) for one in told.moves[0].examples] == [
        ("G10", 4, 1010),
        ("G9", 3, 1009),
    ]


def test_the_same_lists_move_nothing_and_orphans_vanish_where_they_find_somebody() -> None:
    seen = [past(code, area, 2) for code in MATTERS for area in range(8, 16)]
    same = rehearse(seen, PATHS, CATEGORIES, Book(CLEAN), Book(CLEAN))
    assert (same.incidents, same.same, same.moves) == (64, 64, ())
    back = rehearse(seen, PATHS, CATEGORIES, Book(CLEAN[:3]), Book(CLEAN))
    assert (back.adopted, back.orphaned) == (16, 0)
