"""What an admission is while it is in force: an item that routes, from its beginning to its very end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gridgov.bootstrap import House
from gridgov.duties.admitting import (
    NoSuchStep,
    Part,
    State,
    Verdict,
)
from tests import sample
from tests.admissions import BEGINS, DAY, ENDS, NOW, Play, play


@pytest.fixture
def city(sampled: House) -> Play:
    return play(sampled)


def _route(city: Play, code: str, grid: str, at: Any) -> Any:
    with city.house.db.transaction() as session:
        return city.house.router.route(session, code, *sample.centre(grid), at=at)


def _routed(city: Play, at: Any, code: str = "10001") -> bool:
    return bool(_route(city, code, "A01", at).item)


def test_it_routes_while_it_is_in_force_and_not_a_moment_longer(city: Play) -> None:
    made = city.admitted(all_of=None, targets=(city.areas["WS"],))
    tick = timedelta(microseconds=1)
    assert [_routed(city, at) for at in (BEGINS - tick, BEGINS, ENDS - tick, ENDS)] == [False, True, True, False]
    found = _route(city, "10001", "A01", BEGINS)
    assert (found.lead.code, [one.code for one in found.supporting]) == ("HW", ["WS"])
    assert (found.item.admission_id, found.item.payer.code) == (made.id, "HW")
    assert found.sites, "the agency still comes from the nearest of its sites"
    assert not _route(city, "10001", "B01", BEGINS).item  # the east was not asked for


def test_a_new_item_gets_a_code_by_which_it_is_routed(city: Play) -> None:
    made = city.admitted(category=None, item="每月报送一次商户名单", part=Part.LEAD)
    assert made.matter == f"ZR{made.id:06d}"
    found = _route(city, made.matter, "A01", BEGINS)
    assert (found.lead.code, [one.code for one in found.supporting]) == ("WS", ["HW"])
    assert _route(city, made.matter, "B01", BEGINS).lead.code == "E1"


def test_withdrawn_it_ends_now_also_before_it_began(city: Play) -> None:
    running = city.admitted()
    city.withdraw(running, now=BEGINS + DAY)
    assert [_routed(city, at) for at in (BEGINS, BEGINS + DAY)] == [True, False]
    early = city.admitted(category="09009", part=Part.LEAD)
    assert _route(city, "09009", "A01", BEGINS).item.admission_id == early.id
    city.withdraw(early)
    assert _route(city, "09009", "A01", BEGINS + DAY).item.admission_id is None


def test_admitted_late_it_begins_when_it_was_decided(city: Play) -> None:
    late = BEGINS + 3 * DAY
    city.admitted(now=late)
    assert [_routed(city, at) for at in (BEGINS + DAY, late)] == [False, True]


def test_what_is_over_when_it_is_decided_can_only_be_refused(city: Play) -> None:
    made = city.heard(ends=BEGINS + DAY)
    with pytest.raises(NoSuchStep):
        city.decide(made, now=BEGINS + DAY)
    assert city.decide(made, verdict=Verdict.REFUSE, now=BEGINS + DAY).state is State.REFUSED


def test_what_was_refused_routes_nothing(city: Play) -> None:
    city.decide(city.heard(), verdict=Verdict.REFUSE)
    assert not _routed(city, BEGINS)


def test_a_renewal_follows_and_the_first_one_holds_to_its_end(city: Play) -> None:
    first = city.admitted()
    again = city.admitted(renews=first.id, begins=ENDS, ends=ENDS + timedelta(days=365))
    assert (city.get(first).state, city.get(again).state) == (State.RENEWED, State.ADMITTED)
    assert [_routed(city, at) for at in (NOW, BEGINS, ENDS - DAY, ENDS, ENDS + 400 * DAY)] == [
        False,
        True,
        True,
        True,
        False,
    ]
