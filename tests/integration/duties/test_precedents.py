"""A ruling on a matter that nobody owns becomes an item: the next like matter goes where the ruling said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from gridgov.bootstrap import House
from gridgov.duties import lists, precedents, versions
from gridgov.duties.precedents import NAME, NoSuchMatter
from gridgov.duties.rules import ListKind, ManagementClass, NewItem
from gridgov.duties.service import AgencyUnknown
from gridgov.platform.calendars import Limit, Unit
from tests import sample

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
BASIS = "东区裁定：扫雪由街道负责"


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


def lead_of(city: House, code: str, at: datetime | None = None) -> str | None:
    with city.db.transaction() as session:
        route = city.router.route(session, "10001", *sample.centre(code), at=at)
    return route.lead.code if route.lead else None


def rule(city: House, lead: str, area: str | None, at: datetime = AT, category: str = "10001") -> str:
    with city.db.transaction() as session:
        ids = {one.code: one.id for one in city.locator.index(session).areas}
        area_id = None if area is None else ids[area]
        return precedents.add(
            session, category=category, area_id=area_id, lead=lead, basis=BASIS, at=at, limit=Limit(4, Unit.WORK_HOUR)
        )


def test_the_next_like_matter_goes_where_the_ruling_said(city: House) -> None:
    assert lead_of(city, "B01") is None, "an orphan matter"
    code = rule(city, "@unit", "E")
    assert lead_of(city, "B01") == "E1"
    assert lead_of(city, "B01", at=AT - timedelta(seconds=1)) is None, "what was before stays as it was"
    assert lead_of(city, "A01") is None, "a ruling holds where it was made"
    with city.db.transaction() as session:
        item = city.router.route(session, "10001", *sample.centre("B01")).item
    assert item is not None
    assert (item.code, item.list_name, item.list_kind, item.basis, str(item.limit)) == (
        code, NAME, ListKind.PRECEDENTS, BASIS, "4 work_hour",
    )  # fmt: skip


def test_rulings_add_up_and_a_later_one_on_the_same_stands_instead(city: House) -> None:
    rule(city, "@unit", "E")
    rule(city, "HW", "W", AT + timedelta(days=1))
    rule(city, "JJ", "E", AT + timedelta(days=2))
    assert (lead_of(city, "B01"), lead_of(city, "A01")) == ("JJ", "HW")
    assert lead_of(city, "B01", at=AT + timedelta(days=1, hours=1)) == "E1"
    with city.db.transaction() as session:
        found = versions.find(session, name=NAME)
    assert [(one.version, one.items) for one in found] == [(3, 2), (2, 2), (1, 1)]


def test_two_rulings_at_one_instant_both_hold(city: House) -> None:
    rule(city, "@unit", "E")
    rule(city, "HW", "W")
    assert (lead_of(city, "B01"), lead_of(city, "A01")) == ("E1", "HW")


def test_whoever_rules_needs_no_owner_of_the_database(city: House) -> None:
    """The internal role that writes admitted items and rulings may grow these lists; a list of another kind it cannot
    publish without two persons."""
    with city.internally("admitter") as session:
        precedents.add(session, category="10001", area_id=None, lead="@unit", basis=BASIS, at=AT)
    assert lead_of(city, "A01") == "WS"
    item = NewItem("1", "10001", "HW", ManagementClass.PROFESSIONAL)
    with pytest.raises(DBAPIError, match="two persons"), city.internally("admitter") as session:
        lists.put_list(session, [item], name="another", kind=ListKind.TASKS, valid_from=AT)


def test_a_ruling_names_a_matter_and_a_body_that_there_are(city: House) -> None:
    with pytest.raises(NoSuchMatter):
        rule(city, "@unit", None, category="99999")
    with pytest.raises(AgencyUnknown):
        rule(city, "NOBODY", None)
    assert lead_of(city, "A01") is None


def test_the_lists_of_others_are_left_alone(city: House) -> None:
    with city.db.transaction() as session:
        before = [one.id for one in versions.find(session, name="样城责任清单")]
    rule(city, "@unit", None)
    with city.db.transaction() as session:
        (kept,) = versions.find(session, name="样城责任清单")
        assert [kept.id] == before
        assert kept.valid_to is None
        assert lists.digest(versions.new_items(session, kept.id)) == kept.digest
