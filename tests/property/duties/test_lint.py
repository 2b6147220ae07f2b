"""Of any lists: the linter is silent on a clean one and finds what is planted; pieces lose nothing against looking at
every matter in every grid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gridgov.duties import ground
from gridgov.duties.lint import lint
from gridgov.duties.routing import Book, match
from gridgov.duties.rules import Item, ManagementClass
from tests.unit.duties.lists import AGENCIES, AT, MATTERS, areas, city, item, pieces

LEAVES = ground.leaves(areas())
leads = st.sampled_from(["CG", "HW", "JJ", "@unit", "@community"])


@st.composite
def clean(draw: st.DrawFn) -> list[Item]:
    """An item for every matter, and exceptions in a few grids: all are reached, and none is as strong as another."""
    made = [item(f"{code}", code, draw(leads)) for code in MATTERS]
    exceptions = draw(st.sets(st.tuples(st.sampled_from(MATTERS), st.sampled_from([8, 10, 12])), max_size=6))
    return made + [item(f"{code}@{area}", code, draw(leads), area) for code, area in sorted(exceptions)]


PLANTS: dict[str, dict[str, Any]] = {
    "no-owner": {"lead": replace(item("x", "*").lead, agency=None)},
    "payer-missing": {"management_class": ManagementClass.ASSISTING},
    "level-unknown": {"level": "village"},
    "level-absent": {"level": "subdistrict"},
    "limit-missing": {"limit": None, "time_limit": None},
    "limit-unreadable": {"limit": None, "time_limit": "三天"},
    "expired": {"expires_at": AT},
    "area-gone": {"area_id": 404},
    "category-unknown": {"category": "99999"},
}


@given(clean())
def test_a_clean_list_has_no_finding(made: list[Item]) -> None:
    assert lint(made, (), city(), pieces(*made)) == []


@pytest.mark.parametrize("code", sorted(PLANTS))
@given(data=st.data())
def test_what_is_planted_is_found_at_its_item(code: str, data: st.DataObject) -> None:
    made = data.draw(clean())
    place = data.draw(st.integers(0, len(made) - 1))
    made[place] = replace(made[place], **PLANTS[code])
    told = lint(made, (), city(), pieces(*made))
    assert (code, made[place].code) in {(one.code, one.item) for one in told}
    assert {one.item for one in told if one.code == code} == {made[place].code}


@given(clean(), st.data())
def test_a_closed_agency_is_found_wherever_it_is_named(made: list[Item], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(sorted(one.code for one in AGENCIES.values())))
    told = lint(made, (), city(closed=frozenset({gone})), pieces(*made))
    named = {one.code for one in made if one.lead.agency is not None and one.lead.agency.code == gone}
    assert {one.item for one in told if one.code == "agency-closed"} == named


anywhere = st.builds(
    lambda number, category, lead, area: item(str(number), category, lead, area),
    st.integers(0, 10**6),
    st.sampled_from([*MATTERS, "06*", "0601*", "0*", "*"]),
    leads,
    st.one_of(st.none(), st.integers(1, 15)),
)
lists = st.lists(anywhere, min_size=1, max_size=12, unique_by=lambda one: one.code)


@given(lists)
def test_what_is_never_reached_is_what_wins_nowhere(made: list[Item]) -> None:
    """Against every matter in every grid; twins are told of as overlaps."""
    book = Book(made)
    won = {
        id(found)
        for path in LEAVES
        for matter in MATTERS
        if (found := book.item(matter, [area.id for area in path])) is not None
    }
    told = lint(made, (), city(), pieces(*made))
    silent = {one.item for one in told if one.code in ("never-reached", "overlap")}
    reported = {one.item for one in told if one.code == "never-reached"}
    for one in made:
        if id(one) in won:
            assert one.code not in reported
        else:
            assert one.code in silent, one
    gaps = {one.category for one in told if one.code in ("unserved", "unserved-in-part")}
    assert gaps == {
        matter for matter in MATTERS if any(book.item(matter, [area.id for area in path]) is None for path in LEAVES)
    }


@given(lists, lists)
def test_losses_are_what_every_grid_says(before: list[Item], after: list[Item]) -> None:
    old, new = Book(before), Book(after)
    told = {loss.category: loss for loss in ground.losses(old, new, MATTERS, pieces(*before, *after))}
    for matter in MATTERS:
        gone = {
            path[-1].id
            for path in LEAVES
            if old.item(matter, ids := [area.id for area in path]) is not None and new.item(matter, ids) is None
        }
        assert (matter in told) == bool(gone)
        if gone:
            loss = told[matter]
            covered = {path[-1].id for path in LEAVES if {area.id for area in path} & {one.id for one in loss.areas}}
            assert covered == gone, "the areas that are named are those that lose it, no more and no less"
            assert (loss.leaves, loss.of) == (len(gone), len(LEAVES))


@given(lists)
def test_an_item_that_takes_in_no_matter_is_not_among_those_never_reached(made: list[Item]) -> None:
    strange = item("strange", "88*")
    assume(all(match(strange.category, matter) is None for matter in MATTERS))
    told = lint([*made, strange], (), city(), pieces(*made, strange))
    assert [one.code for one in told if one.item == "strange"] == ["category-unknown"]
