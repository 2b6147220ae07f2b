"""Boundary plans in time: nothing is overwritten, every instant has its own answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shapely import Polygon
from sqlalchemy import text

from gridgov.areas import service
from gridgov.areas.rules import Level
from gridgov.bootstrap import House, build
from gridgov.platform.errors import BadInput
from tests import sample

MERGER = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE, AFTER = datetime(2026, 5, 31, 23, 59, tzinfo=UTC), datetime(2026, 6, 1, 0, 0, tzinfo=UTC)


def merge_two_grids(house: House) -> None:
    """From June on, A01 takes in A02."""
    with house.db.transaction() as session:
        gone = next(row.id for row in service.list_areas(session, at=None, code="A02"))
        old = next(area for area in sample.new_areas() if area.code == "A01")
        both = sample.cell("A01") | sample.cell("A02")
        assert isinstance(both, Polygon)
        wide = replace(old, geom=both, households=600)
        done = service.put_in_force(session, [wide], name="merger", valid_from=MERGER, ending=[gone])
    assert (done.changed, done.ended, done.added) == (1, 1, 0)


def test_loading_again_changes_nothing(house: House) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    with house.db.transaction() as session:
        done = service.put_in_force(session, sample.new_areas(), name="the same again")
        plans = session.execute(text("select count(*) from areas_plan")).scalar_one()
    assert (done.plan_id, done.added, done.changed, done.repeated) == (None, 0, 0, len(sample.new_areas()))
    assert plans == 1


def test_every_instant_has_its_answer(house: House) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    merge_two_grids(house)
    with house.db.transaction() as session:
        then = house.locator.index(session, BEFORE).locate(*sample.centre("A02"))
        now = house.locator.index(session, AFTER).locate(*sample.centre("A02"))
        newest = house.locator.index(session).locate(*sample.centre("A02"))
        versions = session.execute(text("select count(*) from areas_version where code in ('A01', 'A02')")).scalar_one()
    assert then.deepest.code == "A02"
    assert then.deepest.households == 300
    assert now.deepest.code == newest.deepest.code == "A01"
    assert now.deepest.households == 600
    assert now.in_force_from == MERGER
    assert versions == 3, "the ended versions stay"


def test_a_plan_is_never_edited(house: House) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    merge_two_grids(house)
    again = replace(sample.new_areas()[-1], households=1)
    with pytest.raises(service.BoundariesMovedOn) as refused, house.db.transaction() as session:
        service.put_in_force(session, [again], name="too early")
    assert refused.value.field == "valid_from"
    other = replace(next(a for a in sample.new_areas() if a.code == "A01"), households=5)
    with pytest.raises(service.BoundariesMovedOn), house.db.transaction() as session:
        service.put_in_force(session, [other], name="at the same instant", valid_from=MERGER)


def test_unknown_parent_and_double_code(house: House) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    lost = replace(sample.new_areas()[-1], code="X1", parent_code="nowhere")
    with pytest.raises(service.ParentUnknown) as refused, house.db.transaction() as session:
        service.put_in_force(session, [lost], name="lost")
    assert refused.value.field == "parent"
    twice = replace(lost, parent_code="E2")
    with pytest.raises(BadInput), house.db.transaction() as session:
        service.put_in_force(session, [twice, twice], name="twice")
    with house.db.transaction() as session:
        assert service.list_areas(session, at=None, code="X1") == [], "nothing of a refused plan stays"


def test_another_process_sees_the_change_at_once(house: House, database_url: str, tmp_path: Path) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    other = build(database_url, "demo", tmp_path)
    try:
        with other.db.transaction() as session:
            assert other.locator.index(session).locate(*sample.centre("A02")).deepest.code == "A02"
        merge_two_grids(house)
        with other.db.transaction() as session:
            assert other.locator.index(session).locate(*sample.centre("A02")).deepest.code == "A01"
    finally:
        other.close()


def test_the_optional_tier(house: House) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
        index = house.locator.index(session)
    west, east = index.locate(*sample.centre("A01")), index.locate(*sample.centre("B01"))
    assert [area.level for area in west.path] == [
        Level.CITY,
        Level.DISTRICT,
        Level.SUBDISTRICT,
        Level.COMMUNITY,
        Level.GRID,
    ]
    assert [area.level for area in east.path] == [Level.CITY, Level.DISTRICT, Level.COMMUNITY, Level.GRID]
    assert (west.unit.code if west.unit else "", east.unit.code if east.unit else "") == ("WS", "E1")
