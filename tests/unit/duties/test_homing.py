"""What a duty list says under other boundaries: items of areas that end, and offices that are no more."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gridgov.areas.following import Redrawn
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Descent, Level, NewArea
from gridgov.duties.homing import Ground, ceases, remapped
from gridgov.duties.rules import ManagementClass, NewItem
from gridgov.platform import clock
from tests import sample

SRID = 32650
MORE = NewArea(Level.SUBDISTRICT, "ES", "E", {"zh": "东街道"}, sample.new_areas()[2].geom)


def index(areas: list[NewArea], ids: Mapping[str, int], parents: Mapping[str, str]) -> AreaIndex:
    facts = [AreaFacts(ids[one.code], one.level, one.code, one.names,
                       ids.get(parents.get(one.code) or one.parent_code or "")) for one in areas]  # fmt: skip
    return AreaIndex(facts, [one.geom for one in areas], SRID)


@pytest.fixture
def ids() -> dict[str, int]:
    return {one.code: number for number, one in enumerate([*sample.new_areas(), MORE], start=1)}


@pytest.fixture
def ground(ids: dict[str, int]) -> Ground:
    """Both districts have sub-districts; the west gives them up, and W2 becomes part of W1."""
    areas = [*sample.new_areas(), MORE]
    east = {"E1": "ES", "E2": "ES"}
    before = index(areas, ids, east)
    west = {"W1": "W"} | {grid: "W1" for grid, held in sample.COMMUNITY.items() if held == "W2"}
    after = index([one for one in areas if one.code not in ("WS", "W2")], ids, east | west)
    descents = (Descent(ids["WS"], ids["W1"], 2400, 1.0), Descent(ids["W2"], ids["W1"], 1200, 1.0))
    redrawn = Redrawn(before, after, clock.utcnow(), descents)
    lost = tuple(one for one in before.areas if one.code == "W")
    return Ground(redrawn, lost, False, frozenset({"PCS"}))


def item(code: str, lead: str, area_id: int | None = None) -> NewItem:
    return NewItem(code, "06*", lead, ManagementClass.COMPREHENSIVE, area_id=area_id)


def said(items: list[NewItem]) -> list[tuple[str, str, int | None]]:
    return [(one.code, one.lead, one.area_id) for one in items]


def test_an_office_keeps_its_work_where_it_still_is(ground: Ground, ids: dict[str, int]) -> None:
    one = item("1", "@subdistrict")
    assert ceases(one, ground)
    found = remapped([one], {"1": "@community"}, ground)
    assert said(found) == [("1", "@subdistrict", None), ("1-W", "@community", ids["W"])]


def test_the_last_of_its_tier_takes_the_item_along(ground: Ground, ids: dict[str, int]) -> None:
    alone = Ground(ground.redrawn, ground.lost, True, ground.gone)
    assert said(remapped([item("1", "@subdistrict")], {"1": "CG"}, alone)) == [("1", "CG", None)]
    inside = item("2", "@subdistrict", ids["W"])
    assert said(remapped([inside], {"2": "@district"}, ground)) == [("2", "@district", ids["W"])]


def test_an_item_of_an_area_that_ends_holds_in_the_one_that_follows(ground: Ground, ids: dict[str, int]) -> None:
    found = remapped([item("1", "CG", ids["W2"]), item("2", "CG", ids["E1"])], {}, ground)
    assert said(found) == [("1", "CG", ids["W1"]), ("2", "CG", ids["E1"])]


def test_a_stationed_unit_without_an_office_gives_its_work_away(ground: Ground) -> None:
    assert ceases(item("1", "PCS"), ground)
    assert said(remapped([item("1", "PCS")], {"1": "@unit"}, ground)) == [("1", "@unit", None)]


def test_what_is_elsewhere_or_of_another_office_stays(ground: Ground, ids: dict[str, int]) -> None:
    """The control."""
    items = [item("1", "@subdistrict", ids["E"]), item("2", "@unit"), item("3", "CG")]
    assert not any(ceases(one, ground) for one in items)
    assert remapped(items, {"1": "CG", "2": "CG", "3": "HW"}, ground) == items
