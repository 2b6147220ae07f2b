"""Plans go on from the last one: nothing that is in force later is rewritten, and what only ends is a change too."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from gridgov.areas import service as areas
from gridgov.bootstrap import House
from gridgov.platform.db import revisions
from gridgov.platform.errors import BadInput
from tests import sample

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
THEN = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def city(house: House) -> House:
    """The sample city, in force from the first of January on."""
    with house.db.transaction() as session:
        sample.set_up(session, valid_from=FIRST)
    return house


@pytest.mark.parametrize("earlier", [None, datetime(2025, 1, 1, tzinfo=UTC)])
def test_a_plan_from_before_the_one_in_force_is_a_conflict(city: House, earlier: datetime | None) -> None:
    with pytest.raises(areas.BoundariesMovedOn), city.db.transaction() as session:
        areas.put_in_force(session, sample.new_areas(), name="late", valid_from=earlier)
    with city.db.transaction() as session:
        assert areas.counts_by_level(session)["grid"] == 16


def test_the_same_again_is_a_repeat_and_no_conflict(city: House) -> None:
    with city.db.transaction() as session:
        done = areas.put_in_force(session, sample.new_areas(), name="again", valid_from=FIRST)
    assert (done.plan_id, done.repeated) == (None, 24)


def test_an_area_that_only_ends_is_gone_from_then_on(city: House) -> None:
    with city.db.transaction() as session:
        (row,) = areas.list_areas(session, at=None, code="A05")
        areas.put_in_force(session, [], name="merged away", valid_from=THEN, ending=[row.id])
    point = sample.centre("A05")
    with city.db.transaction() as session:
        before = city.locator.index(session, FIRST).locate(*point)
        after = city.locator.index(session, THEN).locate(*point)
    assert before.deepest.code == "A05"
    assert after.deepest.code == "W1"


def test_another_measure_of_nearness_is_felt_at_once(city: House) -> None:
    with city.db.transaction() as session:
        before = revisions(session)
        again = partial(areas.set_up_city, session, code="demo", names={"zh": "样城", "en": "Sample City"})
        again = partial(again, timezone="Asia/Shanghai", lon=117.02, lat=32.005)
        again()
        assert revisions(session) == before
        again(nearest="straight")
        assert {noun for noun, mark in revisions(session).items() if mark != before[noun]} == set(before)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Asia", "", "../etc/passwd"])
def test_a_time_zone_that_is_none_is_refused(city: House, zone: str) -> None:
    with pytest.raises(BadInput, match="timezone"), city.db.transaction() as session:
        areas.set_up_city(session, code="demo", names={"en": "x"}, timezone=zone, lon=117.0, lat=32.0)
