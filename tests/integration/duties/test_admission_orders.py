"""What was not admitted cannot be dispatched: by list, by admission, and the controls that each refuses without."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text

from gridgov.areas.rules import AreaFacts
from gridgov.bootstrap import House
from gridgov.duties import admission, funding
from gridgov.duties.admission import NotAdmitted
from gridgov.duties.ledger import AlertKind
from gridgov.duties.lists import put_list
from gridgov.duties.queries import ordering
from gridgov.duties.rules import ManagementClass, NewItem
from gridgov.platform.errors import Conflict
from tests.admissions import BEGINS, DAY, ENDS, NOW, READ, Play, play

DURING = BEGINS + DAY
CROSSING = (
    ("*", "@unit", ""), ("0*", "JJ", ""), ("06*", "@community", "W"), ("060*", "@subdistrict", "W"),
    ("06010", "HW", ""), ("*", "HW", "W1"), ("09009", "@unit", "WS"), ("1*", "JJ", "E"), ("10*", "@grid", "E"),
)  # fmt: skip


@pytest.fixture
def city(sampled: House) -> Play:
    return play(sampled)


def path(city: Play, code: str) -> tuple[AreaFacts, ...]:
    with city.house.db.transaction() as session:
        return city.house.locator.index(session, NOW).path_of(city.areas[code])


def may(city: Play, agency: str, area: str, category: str = "10001", at: datetime = DURING) -> bool:
    """Whether the order passes."""
    to = path(city, area)
    try:
        with city.house.db.transaction() as session:
            admission.check_order(
                session, from_agency_id=city.agencies[agency], to_area_path=to, category_code=category, at=at
            )
    except NotAdmitted:
        return False
    return True


def test_without_a_list_or_an_admission_nothing_is_ordered(city: Play) -> None:
    to = path(city, "WS")
    with pytest.raises(NotAdmitted) as told, city.house.db.transaction() as session:
        admission.check_order(
            session, from_agency_id=city.agencies["HW"], to_area_path=to, category_code="10001", at=DURING
        )
    assert isinstance(told.value, Conflict)
    assert (told.value.field, told.value.facts["admission_id"]) == ("category", None)
    assert "admissions" in str(told.value.remedy)


def test_an_admission_opens_the_order_for_its_agency_matter_area_and_time(city: Play) -> None:
    made = city.admitted(all_of=None, targets=(city.areas["WS"],))
    assert may(city, "HW", "WS")
    assert not may(city, "JJ", "WS"), "another agency"
    assert not may(city, "CG", "WS"), "the bureau above it was not admitted"
    assert not may(city, "HW", "W1"), "a community below it was not asked"
    assert not may(city, "HW", "E1"), "another unit"
    assert not may(city, "HW", "WS", "09009"), "another matter"
    assert not may(city, "HW", "WS", at=BEGINS - DAY), "before it begins"
    assert not may(city, "HW", "WS", at=ENDS), "after its end"
    city.withdraw(made, now=BEGINS + 3 * DAY)
    assert may(city, "HW", "WS", at=BEGINS + 2 * DAY)
    assert not may(city, "HW", "WS", at=BEGINS + 3 * DAY), "withdrawn"


def test_what_was_admitted_for_a_bureau_its_office_may_order(city: Play) -> None:
    made = city.submit(city.create("cg", agency_id=city.agencies["CG"]), "cg")
    for unit in ("ws", "e1", "e2"):
        city.opine(made, unit)
    city.decide(made)
    assert may(city, "CG", "WS")
    assert may(city, "HW", "WS")
    assert not may(city, "JJ", "WS")


def test_a_prefix_admits_every_matter_under_it(city: Play) -> None:
    city.admitted(category="10*")
    assert may(city, "HW", "E1")
    assert not may(city, "HW", "E1", "09009")


def test_a_duty_of_a_list_is_ordered_without_admission(city: Play) -> None:
    """Item 1 (06*) names the unit as supporting; item 2 makes the community E1 the lead; item 3 (09009) no unit."""
    assert may(city, "JJ", "WS", "06010")
    assert may(city, "JJ", "E1", "06010")
    assert not may(city, "JJ", "W1", "06010"), "a community below a sub-district is not the unit"
    assert not may(city, "JJ", "WS", "09009")


def test_the_item_that_decides_counts_and_no_weaker_one_of_the_same_list(city: Play) -> None:
    """A catch-all for units would let everything pass, were it asked where a better item says otherwise."""
    items = [
        NewItem("1", "*", "@unit", ManagementClass.COMPREHENSIVE),
        NewItem("2", "09009", "JJ", ManagementClass.PROFESSIONAL),
    ]
    with city.house.db.transaction() as session:
        put_list(session, items, name="总清单", valid_from=NOW)
    assert not may(city, "JJ", "WS", "09009")
    assert may(city, "JJ", "WS", "10001"), "the control: there the catch-all decides"
    assert not may(city, "JJ", "WS", "10001", at=NOW - DAY), "before the list"


def test_the_deciding_item_is_that_of_the_routing_rule(city: Play) -> None:
    """The SQL against `routing.rank`, on every matter and every area of the sample city with crossing items."""
    items = [
        NewItem(f"{place}", category, lead, ManagementClass.COMPREHENSIVE, area_id=city.areas.get(area))
        for place, (category, lead, area) in enumerate(CROSSING)
    ]
    with city.house.db.transaction() as session:
        put_list(session, items, name="总清单", valid_from=NOW)
    asked = 0
    for code in ("06010", "09009", "10001"):
        for area in ("C", "W", "E", "WS", "W1", "W2", "E1", "A01", "B08"):
            ids = [one.id for one in path(city, area)]
            with city.house.db.transaction() as session:
                ranked = city.house.router.ranked(session, code, ids, at=DURING)
                found = {row.list_name: row.id for row in ordering.deciding(session, code, ids, DURING)}
            best: dict[str, int] = {}
            for one in ranked:
                best.setdefault(one.item.list_name, one.item.id)
            assert found == best, (code, area)
            asked += len(best)
    assert asked > 30


def test_a_refused_order_is_written_down_and_seen_as_an_alert_after_the_end(city: Play) -> None:
    made = city.admitted(all_of=None, targets=(city.areas["WS"],))
    to, after = path(city, "WS"), ENDS + DAY
    for at in (after, after + DAY):
        with pytest.raises(NotAdmitted) as told, city.house.db.transaction() as session:
            admission.check_order(
                session, from_agency_id=city.agencies["HW"], to_area_path=to, category_code="10001", at=at
            )
        assert told.value.facts["admission_id"] == made.id
        with city.house.internally("admitter") as session:
            admission.note_attempt(session, told.value, at=at)
    with city.acting("ws", READ) as work:
        found, _ = funding.alerts(work.session, work.actor, zone=city.house.zone(work), now=after)
    (alert,) = [one for one in found if one.kind is AlertKind.ORDERED_AFTER_END]
    assert (alert.admission_id, alert.count) == (made.id, 2)
    with city.house.db.transaction() as session:
        assert session.execute(text("select count(*) from duties_admission_attempt")).scalar_one() == 2


@pytest.mark.parametrize("role", ["hw", "ws", "city", "w1"])
def test_every_role_may_ask_whether_an_order_passes(city: Play, role: str) -> None:
    city.admitted()
    to = path(city, "WS")
    with city.acting(role, "city.read") as work:
        admission.check_order(
            work.session, from_agency_id=city.agencies["HW"], to_area_path=to, category_code="10001", at=DURING
        )
        with pytest.raises(NotAdmitted):
            admission.check_order(
                work.session, from_agency_id=city.agencies["JJ"], to_area_path=to, category_code="10001", at=DURING
            )


def test_all_of_a_level_is_that_level_and_no_other(city: Play) -> None:
    """All communities of the west: each of them may be ordered, and neither their sub-district nor the east."""
    city.admitted(all_of="community", within=city.areas["W"])
    assert [may(city, "HW", code) for code in ("W1", "W2", "WS", "E1")] == [True, True, False, False]
    city.admitted(all_of="unit", category="09009")
    assert [may(city, "HW", code, "09009") for code in ("WS", "E1", "W1")] == [True, True, False]
