"""Draft, checked, published by two persons: what may follow what, and that nothing is switched off in silence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gridgov.audit import approval
from gridgov.audit.approving import NoSuchStep, SamePerson
from gridgov.auth.rules import NotYours, Role
from gridgov.bootstrap import House
from gridgov.duties import drafts, lists, service, versions
from gridgov.duties.drafts import (
    KindFixed,
    ListHasErrors,
    LossesNotAcknowledged,
    NotADraft,
    NotAskedFor,
    SameAsBefore,
    TooLate,
)
from gridgov.duties.rules import ListKind, ManagementClass, NewItem
from gridgov.platform import clock
from gridgov.platform.errors import GridgovError
from tests import sample
from tests.integration.duties.making import acting, asked, decided, drafted, published
from tests.people import Person, appoint

NAME = "样城责任清单"  # the list of the sample city: 06* HW, 06010 in E1 @unit, 09009 JJ
KIND = ListKind.TERRITORIAL
CLEAN = [
    NewItem("1", "06*", "HW", ManagementClass.PROFESSIONAL, served_from_sites=True, time_limit="4 work_hour"),
    NewItem("3", "09009", "CG", ManagementClass.PROFESSIONAL, time_limit="2 work_hour"),
    NewItem("4", "10001", "@unit", ManagementClass.COMPREHENSIVE, time_limit="4 work_hour", level="community"),
]


@pytest.fixture
def city(sampled: House) -> House:
    return sampled


@pytest.fixture
def editor(city: House) -> Person:
    return appoint(city, Role.CENTRE_OPERATOR)


@pytest.fixture
def asker(city: House) -> Person:
    return appoint(city, Role.ADMINISTRATOR)


@pytest.fixture
def other(city: House) -> Person:
    return appoint(city, Role.DISTRICT_SUPERVISOR)


def lead_of(city: House, category: str, code: str, at: datetime | None = None) -> str | None:
    with city.db.transaction() as session:
        route = city.router.route(session, category, *sample.centre(code), at=at)
    return route.lead.code if route.lead else None


def count(city: House, sql: str) -> int:
    with city.db.transaction() as session:
        return int(session.execute(text(sql)).scalar_one())


def test_two_persons_publish_and_matters_route_by_it(city: House, editor: Person, asker: Person, other: Person) -> None:
    made = drafted(city, editor, CLEAN, name=NAME, kind=KIND)
    assert lead_of(city, "09009", "A01") == "JJ", "a draft routes nothing"
    request = asked(city, asker, made)
    decided(city, other, request)
    done = published(city, asker, made)
    assert (done.list_id, done.version, done.items) == (made, 2, 3)
    assert lead_of(city, "09009", "A01") == "CG"
    assert lead_of(city, "10001", "A01") == "WS"
    with city.db.transaction() as session:
        old = next(one for one in versions.find(session, name=NAME) if one.version == 1)
        new = versions.facts(session, made)
    assert old.valid_to == new.valid_from
    assert (new.state, new.approval_id) == ("published", request)
    assert lead_of(city, "09009", "A01", at=datetime(2026, 1, 1, tzinfo=UTC)) == "JJ", "what was stays as it was"


def test_the_trail_tells_who_drafted_and_who_published(
    city: House, editor: Person, asker: Person, other: Person
) -> None:
    made = drafted(city, editor, CLEAN, name=NAME, kind=KIND)
    decided(city, other, asked(city, asker, made))
    published(city, asker, made)
    with city.db.transaction() as session:
        told = session.execute(
            text("select action, account_id from audit_entry where noun = 'duties_list' and row_id = :id order by id"),
            {"id": str(made)},
        ).all()
    by = {"draft": editor, "request": asker, "approve": other, "take": asker, "publish": asker}
    assert [(one.action, one.account_id) for one in told] == [(what, who.account_id) for what, who in by.items()]


def test_one_person_does_not_publish(city: House, asker: Person, other: Person) -> None:
    """The control is the second person, with whom the same request goes through."""
    made = drafted(city, asker, CLEAN, name=NAME, kind=KIND)
    with pytest.raises(NotAskedFor):
        published(city, asker, made)
    request = asked(city, asker, made)
    with pytest.raises(NoSuchStep):
        published(city, asker, made)
    with pytest.raises(SamePerson):
        decided(city, asker, request)
    assert lead_of(city, "09009", "A01") == "JJ"
    decided(city, other, request)
    published(city, asker, made)
    assert lead_of(city, "09009", "A01") == "CG"


def test_a_no_publishes_nothing(city: House, asker: Person, other: Person) -> None:
    made = drafted(city, asker, CLEAN, name=NAME, kind=KIND)
    decided(city, other, asked(city, asker, made), yes=False)
    with pytest.raises(NoSuchStep):
        published(city, asker, made)
    assert lead_of(city, "09009", "A01") == "JJ"


def test_who_may_edit_may_not_publish(city: House, editor: Person) -> None:
    made = drafted(city, editor, CLEAN, name=NAME, kind=KIND)
    with pytest.raises(NotYours):
        asked(city, editor, made)
    worker = appoint(city, Role.GRID_WORKER)
    with pytest.raises(NotYours):
        drafted(city, worker, CLEAN, name=NAME, kind=KIND)


def test_another_draft_is_not_what_was_approved(city: House, asker: Person, other: Person) -> None:
    made = drafted(city, asker, CLEAN, name=NAME, kind=KIND)
    decided(city, other, asked(city, asker, made))
    changed = drafted(city, asker, [*CLEAN[:1], replace(CLEAN[1], lead="JJ"), CLEAN[2]], name=NAME, kind=KIND)
    with pytest.raises(NotAskedFor):
        published(city, asker, changed)
    with pytest.raises(versions.ListUnknown):
        published(city, asker, made)


def test_nothing_is_switched_off_in_silence(city: House, asker: Person, other: Person) -> None:
    """09009 had JJ and would have nobody: who asks has to name it, and whoever decides reads it."""
    made = drafted(city, asker, [CLEAN[0], CLEAN[2]], name=NAME, kind=KIND)
    with pytest.raises(LossesNotAcknowledged, match="09009"):
        asked(city, asker, made)
    with pytest.raises(LossesNotAcknowledged, match="09009"):
        asked(city, asker, made, acknowledged=["10001"])
    request = asked(city, asker, made, acknowledged=["09009"])
    with city.db.transaction() as session:
        assert "09009" in approval.get(session, request).summary
        assert versions.facts(session, made).acknowledged == ("09009",)
    decided(city, other, request)
    published(city, asker, made)
    assert lead_of(city, "09009", "A01") is None


def test_a_loss_in_one_place_is_a_loss(city: House, asker: Person) -> None:
    """Of two lists one keeps the matter, but not everywhere."""
    with city.db.transaction() as session:
        ids = {area.code: area.id for area in city.locator.index(session).areas}
        only_west = [replace(CLEAN[1], area_id=ids["W"]), CLEAN[0], CLEAN[2]]
    made = drafted(city, asker, only_west, name=NAME, kind=KIND)
    with pytest.raises(LossesNotAcknowledged, match=r"09009 \(in E\)"):
        asked(city, asker, made)


def test_what_becomes_a_loss_after_the_request_stops_it(city: House, asker: Person, other: Person) -> None:
    """Between request and publication another list that had the matter gives it up."""
    with city.db.transaction() as session:
        service.put_list(
            session, [NewItem("x", "09009", "JJ", ManagementClass.PROFESSIONAL)], name="旁单",
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    made = drafted(city, asker, [CLEAN[0], CLEAN[2]], name=NAME, kind=KIND)
    request = asked(city, asker, made)
    decided(city, other, request)
    with city.db.transaction() as session:
        item = NewItem("x", "10001", "JJ", ManagementClass.PROFESSIONAL)
        service.put_list(session, [item], name="旁单", valid_from=clock.utcnow())
    with pytest.raises(LossesNotAcknowledged):
        published(city, asker, made)


def test_errors_of_the_linter_keep_it_back(city: House, asker: Person) -> None:
    unpaid = NewItem("9", "06010", "HW", ManagementClass.ASSISTING, time_limit="1 work_day")
    made = drafted(city, asker, [*CLEAN, unpaid], name=NAME, kind=KIND)
    with pytest.raises(ListHasErrors, match="no department pays"):
        asked(city, asker, made)
    made = drafted(city, asker, [*CLEAN, replace(unpaid, lead="", payer="CG")], name=NAME, kind=KIND)
    with pytest.raises(ListHasErrors, match="nobody leads"):
        asked(city, asker, made)
    made = drafted(city, asker, [*CLEAN, replace(unpaid, payer="CG")], name=NAME, kind=KIND)
    assert asked(city, asker, made)


def test_a_version_that_came_between_is_not_overwritten(city: House, asker: Person, other: Person) -> None:
    made = drafted(city, asker, CLEAN, name=NAME, kind=KIND)
    decided(city, other, asked(city, asker, made))
    with city.db.transaction() as session:
        between = [*CLEAN[:2], replace(CLEAN[2], lead="CG", management_class=ManagementClass.PROFESSIONAL)]
        service.put_list(session, between, name=NAME, valid_from=clock.utcnow())
    with pytest.raises(lists.ListMovedOn):
        published(city, asker, made)
    assert lead_of(city, "10001", "A01") == "CG"


def test_the_instant_that_was_asked_for(city: House, asker: Person, other: Person) -> None:
    made = drafted(city, asker, CLEAN, name=NAME, kind=KIND)
    with pytest.raises(TooLate):
        asked(city, asker, made, valid_from=clock.utcnow() - timedelta(seconds=1))
    later = clock.utcnow().replace(microsecond=123456) + timedelta(days=3)
    decided(city, other, asked(city, asker, made, valid_from=later))
    published(city, asker, made)
    assert lead_of(city, "09009", "A01", at=later - timedelta(microseconds=1)) == "JJ"
    assert lead_of(city, "09009", "A01", at=later) == "CG"


def test_the_same_content_is_no_new_version(city: House, asker: Person) -> None:
    with city.db.transaction() as session:
        same = versions.new_items(session, versions.find(session, name=NAME)[0].id)
    made = drafted(city, asker, same, name=NAME, kind=KIND)
    with pytest.raises(SameAsBefore):
        asked(city, asker, made)


def test_a_list_keeps_its_kind_and_grown_lists_are_not_drafted(city: House, editor: Person) -> None:
    with pytest.raises(KindFixed):
        drafted(city, editor, CLEAN, name=NAME, kind=ListKind.POWERS)
    with pytest.raises(KindFixed):
        drafted(city, editor, CLEAN, name="另一清单", kind=ListKind.PRECEDENTS)
    with pytest.raises(KindFixed):
        drafted(city, editor, CLEAN, name="裁定先例", kind=ListKind.TASKS)
    assert drafted(city, editor, CLEAN, name="另一清单", kind=ListKind.TASKS)


def test_a_list_has_one_draft_and_a_version_is_never_dropped(city: House, editor: Person) -> None:
    first = drafted(city, editor, CLEAN, name=NAME, kind=KIND)
    second = drafted(city, editor, CLEAN[:1], name=NAME, kind=KIND)
    assert count(city, "select count(*) from duties_list where state = 'draft'") == 1
    assert count(city, f"select count(*) from duties_item where list_id = {first}") == 0
    with city.db.transaction() as session:
        version = next(one for one in versions.find(session, name=NAME) if one.version == 1)
    with pytest.raises(NotADraft), acting(city, editor) as work:
        drafts.drop(work.session, work.actor, version.id)
    with acting(city, editor) as work:
        drafts.drop(work.session, work.actor, second)
    assert count(city, "select count(*) from duties_list where state <> 'published'") == 0


def test_of_two_who_publish_at_once_one_does(city: House, asker: Person, other: Person) -> None:
    """And of a publication and a new draft at once neither waits for the other for ever."""
    made = drafted(city, asker, CLEAN, name=NAME, kind=KIND)
    decided(city, other, asked(city, asker, made))
    ready = threading.Barrier(3)

    def at_once(do: Callable[[], object]) -> str:
        ready.wait()
        try:
            do()
        except GridgovError as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(3) as pool:
        told = list(
            pool.map(
                at_once,
                [
                    lambda: published(city, asker, made),
                    lambda: published(city, other, made),
                    lambda: drafted(city, asker, CLEAN[:1], name=NAME, kind=KIND),
                ],
            )
        )
    assert told[2] == "done"
    assert told.count("done") <= 2
    assert set(told[:2]) <= {"done", "not-a-draft", "duty-list-unknown", "publication-not-requested"}
    assert count(city, f"select count(*) from duties_list where name = '{NAME}' and state = 'published'") == 1 + (
        "done" in told[:2]
    )


def test_the_owner_loads_beside_a_draft(city: House, editor: Person) -> None:
    made = drafted(city, editor, CLEAN, name=NAME, kind=KIND)
    with city.db.transaction() as session:
        done = service.put_list(session, CLEAN[:2], name=NAME, valid_from=clock.utcnow())
    assert done.list_id is not None
    with city.db.transaction() as session:
        assert versions.facts(session, made).state == "draft"


@pytest.mark.parametrize(
    "sql",
    [
        "update duties_item set lead_level = 'grid', lead_agency_id = null",
        "update duties_list set name = 'other'",
        "update duties_list set valid = tstzrange('2020-01-01', null)",
        "delete from duties_support",
        "delete from duties_item",
        "insert into duties_item (list_id, code, category, management_class, lead_level) "
        "select id, 'new', '*', 'comprehensive', 'unit' from duties_list",
        "insert into duties_list (name, kind, state, version, digest, valid) "
        "values ('x', 'tasks', 'published', 1, '', tstzrange(null, null))",
    ],
)
def test_the_database_itself_keeps_what_is_published(city: House, sql: str) -> None:
    """Also from its owner. The control is the draft, of which the same may be said."""
    with pytest.raises(DBAPIError, match="duty list"), city.db.transaction() as session:
        session.execute(text(sql))
    with city.db.transaction() as session:
        session.execute(
            text(
                "insert into duties_list (name, kind, state, digest, drafted_at) "
                "values ('y', 'tasks', 'draft', '', '2026-01-01')"
            )
        )
        session.execute(text("update duties_list set name = 'other' where state = 'draft'"))


def test_a_role_cannot_publish_past_the_second_person(city: House, asker: Person) -> None:
    """Whatever code runs as an administrator: without a taken approval the database refuses."""
    made = drafted(city, asker, CLEAN, name="新单", kind=ListKind.TASKS)
    sql = "update duties_list set state = 'published', version = 1, valid = tstzrange(null, null) where id = :id"
    with pytest.raises(DBAPIError, match="two persons"), acting(city, asker, drafts.PUBLISH) as work:
        work.session.execute(text(sql), {"id": made})
    with city.db.transaction() as session:  # the owner may
        session.execute(text(sql), {"id": made})
