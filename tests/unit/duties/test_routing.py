"""The order in which items answer: smaller area, fuller code, then the item's code."""

from __future__ import annotations

import random

import pytest

from gridgov.duties.routing import Match, duty_of, match, rank
from gridgov.duties.rules import Body, Item, ManagementClass
from tests.unit.duties import lists


def item(code: str, category: str, area_id: int | None = None) -> Item:
    return Item(
        id=int(code),
        code=code,
        category=category,
        area_id=area_id,
        management_class=ManagementClass.PROFESSIONAL,
        lead=Body(level="unit"),
        supporting=(),
        served_from_sites=False,
        nearest=None,
        basis=None,
        list_name="list",
        list_version=1,
    )


@pytest.mark.parametrize(
    ("pattern", "category", "expected"),
    [
        ("06010", "06010", Match.CODE),
        ("06010", "06011", None),
        ("06*", "06010", Match.PREFIX),
        ("06*", "07010", None),
        ("*", "anything", Match.ANY),
        ("060", "06010", None),  # a prefix says so with a star
    ],
)
def test_match(pattern: str, category: str, expected: Match | None) -> None:
    assert match(pattern, category) == expected


def test_order() -> None:
    path = [1, 2, 3, 4]
    items = [
        item("10", "*"),
        item("11", "06*"),
        item("12", "060*"),
        item("13", "06010"),
        item("14", "06010"),
        item("20", "*", area_id=3),
        item("21", "06010", area_id=2),
        item("30", "06010", area_id=99),  # not on the path
        item("31", "07*"),  # another matter
    ]
    expected = ["20", "21", "13", "14", "12", "11", "10"]
    for seed in range(20):
        shuffled = items[:]
        random.Random(seed).shuffle(shuffled)
        assert [one.item.code for one in rank(shuffled, "06010", path)] == expected


def test_order_is_not_that_of_the_list() -> None:
    """The control: taking items as they come, as ordered rule tables do, would answer otherwise."""
    items = [item("10", "*"), item("13", "06010")]
    assert items[0].code == "10"
    assert rank(items, "06010", [1])[0].item.code == "13"


def test_nobody() -> None:
    assert rank([item("1", "07*")], "06010", [1, 2]) == []


def test_a_body_holds_the_duty_that_the_best_item_gives_it() -> None:
    """An exception of a smaller area goes before what the whole city's item says of the same body."""
    whole = lists.item("1", "06*", "CG", supporting=(lists.body("HW"), lists.body("@unit")))
    here = lists.item("2", "06010", "HW", 4, supporting=(lists.body("CG"),))
    path = [1, 2, 4, 8]
    ranked = rank([whole, here], "06010", path)
    cg, hw, jj = (lists.AGENCIES[i].id for i in (1, 2, 3))

    def held(*agencies: int) -> tuple[str, str] | None:
        duty = duty_of(ranked, agencies)
        return None if duty is None else (duty.item.code, duty.part)

    assert held(hw) == ("2", "lead")
    assert held(cg) == ("2", "support"), "here it only supports, although it leads in the whole city"
    assert held(cg, hw) == ("2", "lead")
    assert held(jj) is None
    assert held() is None
    elsewhere = rank([whole, here], "06010", [1, 3, 6, 12])
    duty = duty_of(elsewhere, [cg])
    assert duty is not None
    assert (duty.item.code, duty.part) == ("1", "lead")
    assert duty_of(rank([whole, here], "09009", path), [cg, hw, jj]) is None, "another matter"


def test_an_office_is_no_agency() -> None:
    assert duty_of(rank([lists.item("1", "06*", "@unit")], "06010", [1]), [0, 1, 2]) is None
