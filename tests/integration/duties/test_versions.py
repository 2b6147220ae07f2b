"""Duty lists go on from the last version; whoever moves to another body above is routed to from there at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gridgov.bootstrap import House
from gridgov.duties import service as duties
from gridgov.duties.rules import ManagementClass
from gridgov.duties.service import ListInForce, ListMovedOn, NewAgency, NewItem
from tests import sample

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
THEN = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


def put(city: House, lead: str, valid_from: datetime | None) -> ListInForce:
    item = NewItem("1", "10*", lead, ManagementClass.PROFESSIONAL, served_from_sites=True)
    with city.db.transaction() as session:
        return duties.put_list(session, [item], name="winter", valid_from=valid_from)


def lead_at(city: House, at: datetime) -> str:
    with city.db.transaction() as session:
        route = city.router.route(session, "10001", *sample.centre("A01"), at=at)
    return route.lead.code if route.lead else ""


def test_versions_follow_each_other(city: House) -> None:
    put(city, "HW", FIRST)
    put(city, "JJ", LATER)
    assert [lead_at(city, at) for at in (FIRST, THEN, LATER)] == ["HW", "HW", "JJ"]
    assert put(city, "JJ", LATER).list_id is None


@pytest.mark.parametrize("between", [None, datetime(2025, 1, 1, tzinfo=UTC), THEN, FIRST])
def test_no_version_comes_before_one_that_is_there(city: House, between: datetime | None) -> None:
    put(city, "HW", FIRST)
    put(city, "JJ", LATER)
    with pytest.raises(ListMovedOn):
        put(city, "CG", between)
    assert [lead_at(city, at) for at in (FIRST, THEN, LATER)] == ["HW", "HW", "JJ"]


def test_an_agency_that_moves_is_felt_at_once(city: House) -> None:
    """Its sites serve the body above it: nothing about the agency changes but where it stands."""
    put(city, "CG", FIRST)

    def sites() -> set[str]:
        with city.db.transaction() as session:
            route = city.router.route(session, "10001", *sample.centre("A01"), at=FIRST)
        return {one.site.names["en"] for one in route.sites}

    assert "Traffic Squad" not in sites()
    with city.db.transaction() as session:
        same = NewAgency("JJ", {"zh": "交警大队", "en": "Traffic Police"}, parent="CG")
        assert duties.put_agencies(session, [same]).changed == 0
    assert "Traffic Squad" in sites()


def test_an_item_ends_at_its_own_instant_while_its_list_goes_on(city: House) -> None:
    """As admitted duties do; the control is the item beside it, which has no end."""
    items = [
        NewItem("1", "10*", "HW", ManagementClass.PROFESSIONAL, expires_at=THEN),
        NewItem("2", "*", "CG", ManagementClass.PROFESSIONAL),
    ]
    with city.db.transaction() as session:
        duties.put_list(session, items, name="winter", valid_from=FIRST)
    assert [lead_at(city, at) for at in (FIRST, THEN - timedelta(microseconds=1), THEN, LATER)] == [
        "HW", "HW", "CG", "CG",
    ]  # fmt: skip
