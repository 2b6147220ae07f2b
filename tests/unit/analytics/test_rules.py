"""Counts of grids brought to other levels."""

from __future__ import annotations

from gridgov.analytics.rules import ancestors_at, area_density, households_of, per_100
from gridgov.areas.rules import AreaFacts, Level


def area(id_: int, level: Level, parent: int | None, households: int | None = None) -> AreaFacts:
    return AreaFacts(id_, level, f"{level}{id_:03}", {"en": f"Area {id_}"}, parent, households=households)


FOUR_TIERS_AND_THREE = [
    area(1, Level.CITY, None),
    area(2, Level.DISTRICT, 1),
    area(3, Level.DISTRICT, 1, 90),
    area(4, Level.SUBDISTRICT, 2),
    area(5, Level.COMMUNITY, 4),
    area(6, Level.COMMUNITY, 3),
    area(7, Level.GRID, 5, 40),
    area(8, Level.GRID, 5),
    area(9, Level.GRID, 6, 0),
]


def counts(level: Level, given: dict[int, int], unlocated: int = 0) -> dict[int, int]:
    return {item.id: item.count for item in area_density(FOUR_TIERS_AND_THREE, level, given, unlocated).items}


def test_counts_climb_by_the_parent_whatever_the_number_of_tiers() -> None:
    given = {7: 3, 8: 4, 9: 5}
    assert counts(Level.GRID, given) == {7: 3, 8: 4, 9: 5}
    assert counts(Level.COMMUNITY, given) == {5: 7, 6: 5}
    assert counts(Level.SUBDISTRICT, given) == {4: 7}
    assert counts(Level.DISTRICT, given) == {2: 7, 3: 5}
    assert counts(Level.CITY, given) == {1: 12}


def test_what_is_placed_above_the_level_is_said_and_nothing_is_lost() -> None:
    given = {7: 3, 6: 2, 4: 1, 999: 10}  # 6: a community without a grid there; 999: an area no longer in force
    for level in Level:
        found = area_density(FOUR_TIERS_AND_THREE, level, given, 5)
        assert found.total == 21
        assert found.total == sum(item.count for item in found.items) + found.unlocated + found.above_level
    assert area_density(FOUR_TIERS_AND_THREE, Level.GRID, given, 5).above_level == 13
    assert area_density(FOUR_TIERS_AND_THREE, Level.SUBDISTRICT, given, 5).above_level == 12
    assert area_density(FOUR_TIERS_AND_THREE, Level.DISTRICT, given, 5).above_level == 10


def test_every_area_of_the_level_is_listed_by_code() -> None:
    assert counts(Level.GRID, {}) == {7: 0, 8: 0, 9: 0}
    assert area_density([], Level.GRID, {}, 0).items == ()


def test_households_are_an_areas_own_or_else_its_childrens() -> None:
    found = households_of(FOUR_TIERS_AND_THREE)
    assert found == {7: 40, 8: None, 9: 0, 5: 40, 6: 0, 4: 40, 2: 40, 3: 90, 1: 130}


def test_no_rate_without_households() -> None:
    assert per_100(3, None) is None
    assert per_100(3, 0) is None
    assert per_100(3, 40) == 7.5


def test_an_area_at_the_level_is_its_own_ancestor() -> None:
    assert ancestors_at(FOUR_TIERS_AND_THREE, Level.COMMUNITY) == {5: 5, 6: 6, 7: 5, 8: 5, 9: 6}
