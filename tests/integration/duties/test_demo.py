"""The duty list of the demo city: no errors, and the matters without an owner are those that are so on purpose."""

from __future__ import annotations

from collections import Counter

from gridgov.bootstrap import House
from gridgov.duties import checking, versions
from gridgov.duties.lint import Severity
from gridgov.duties.rules import ListKind, ManagementClass
from gridgov.incidents.past import PastIncidents
from gridgov.interop.democity.duties import orphans
from gridgov.platform import clock


def test_the_linter_finds_what_is_so_on_purpose(demo_house: House) -> None:
    with demo_house.db.transaction() as session:
        (one,) = (held for held in versions.find(session, state="published") if held.kind is ListKind.TERRITORIAL)
        held = checking.held(session, demo_house.router, demo_house.locator, one.id, at=clock.utcnow())
        found = held.findings()
        assert [f for f in found if f.severity is Severity.ERROR] == []
        everywhere = {code for code, where in orphans().items() if where == "all"}
        assert {f.category for f in found if f.code == "unserved"} == everywhere
        assert {f.category for f in found if f.code == "unserved-in-part"} == set(orphans()) - everywhere
        assert Counter(f.code for f in found if f.item) == {}, [f.en for f in found if f.item][:10]
        assert held.losses() == [], "by itself it takes nothing away"
        since = held.city.at.replace(year=held.city.at.year - 5)
        told = held.rehearse(session, PastIncidents(), since, held.city.at)
        assert told.incidents == told.same > 10_000


def test_every_item_says_what_a_case_needs(demo_house: House) -> None:
    with demo_house.db.transaction() as session:
        items = demo_house.router.book(session, None).items
    assert all(item.limit and item.level and item.opening and item.closing for item in items)
    assert all(item.payer for item in items if item.management_class is ManagementClass.ASSISTING)
    assert any(point.approval for item in items for point in item.risk_points)
    assert {item.level for item in items} >= {"grid", "community", "district"}
