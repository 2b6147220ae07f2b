"""From events to messages and deliveries: each once, none skipped, none able to stop the others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.platform.db import Database
from gridgov.platform.outbox import put
from tests.integration.notices.conftest import NOW, Post
from tests.people import appoint


def test_an_event_is_told_to_the_bodies_that_it_names(office: Post) -> None:
    appoint(office.house, Role.SUBDISTRICT_LEADER, area="W")
    area = office.area("W")
    first = office.announce("case.add-task", agency_ids=[7, 8], area_id=area)
    second = office.announce("case.escalated", area_id=area, role="subdistrict_leader")
    third = office.announce("case.whistled", to=["agency:9:agency_head", f"area:{area}:subdistrict_leader"])
    assert office.fan_out() == 3
    assert office.messages == [
        (first, "agency:7"),
        (first, "agency:8"),
        (second, f"area:{area}:subdistrict_leader"),
        (third, "agency:9:agency_head"),
        (third, f"area:{area}:subdistrict_leader"),
    ]
    assert office.fan_out() == 0


def test_where_nobody_holds_the_role_the_nearest_area_above_hears_it(office: Post) -> None:
    grid = office.area("A01")
    office.announce("case.reported", area_id=grid, role="centre_operator")
    office.fan_out()
    assert office.messages[-1][1] == f"area:{grid}:centre_operator"  # nobody anywhere: it waits for somebody
    appoint(office.house, Role.CENTRE_OPERATOR)
    office.announce("case.reported", area_id=grid, role="centre_operator")
    office.fan_out()
    assert office.messages[-1][1] == "area:0:centre_operator"
    appoint(office.house, Role.CENTRE_OPERATOR, area="W")
    office.announce("case.reported", area_id=grid, role="centre_operator")
    office.fan_out()
    assert office.messages[-1][1] == f"area:{office.area('W')}:centre_operator"


def test_a_late_commit_is_not_skipped(office: Post) -> None:
    """Two transactions: the one that drew the lower number ends last."""
    position = 0

    def naive() -> list[int]:
        """The control: whoever remembers the highest number that was seen."""
        nonlocal position
        found = [
            row.id for row in office.rows("select id from platform_outbox where id > :at order by id", at=position)
        ]
        position = max(found, default=position)
        return found

    by_position, drawn, go = [], threading.Event(), threading.Event()

    def slow() -> None:
        with office.house.db.transaction() as session:
            put(session, "case.closed", uuid4(), {"agency_id": 1}, at=NOW)
            drawn.set()
            go.wait()

    thread = threading.Thread(target=slow)
    thread.start()
    drawn.wait()
    second = office.announce("case.closed", agency_id=2)
    by_position += naive()
    assert office.fan_out() == 1
    go.set()
    thread.join()
    by_position += naive()
    assert office.fan_out() == 1
    assert sorted(target for _, target in office.messages) == ["agency:1", "agency:2"]
    assert by_position == [second]  # the control lost one


def test_what_runs_twice_tells_once(office: Post, subscribe: Callable[..., int]) -> None:
    subscribe(["case.*"])
    for agency in (1, 2, 3):
        office.announce("case.closed", agency_id=agency)
    office.fan_out()
    told, sent = office.messages, [row.id for row in office.deliveries]
    office.do("update platform_outbox set taken_at = null")
    assert office.fan_out() == 3
    assert office.messages == told
    assert [row.id for row in office.deliveries] == sent
    assert len(sent) == 3


def test_control_without_the_unique_keys_it_tells_twice(office: Post, subscribe: Callable[..., int]) -> None:
    subscribe(["case.*"])
    office.do("alter table notices_message drop constraint notices_message_outbox_id_target_key")
    office.do("alter table notices_delivery drop constraint notices_delivery_outbox_id_channel_target_key")
    office.do("alter table notices_delivery drop constraint notices_delivery_pkey")
    office.announce("case.closed", agency_id=1)
    office.fan_out()
    office.do("update platform_outbox set taken_at = null")
    office.fan_out()
    assert len(office.messages) == len(office.deliveries) == 2


def test_two_at_once_share_what_waits(office: Post) -> None:
    """The first holds its events; the second gets others and waits for nobody."""
    for agency in range(1, 7):
        office.announce("case.closed", agency_id=agency)
    with office.house.internally("notifier") as session:
        from gridgov.notices import jobs

        assert jobs.fan_out(session, "demo", now=NOW, most=4) == 4
        assert office.fan_out() == 2
    assert len(office.messages) == 6


def test_what_is_undone_is_done_again(office: Post) -> None:
    office.announce("case.closed", agency_id=1)

    def broken() -> None:
        from gridgov.notices import jobs

        with office.house.internally("notifier") as session:
            jobs.fan_out(session, "demo", now=NOW)
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert office.messages == []
    assert office.fan_out() == 1
    assert len(office.messages) == 1


def test_an_event_that_nobody_understands_does_not_stop_the_others(office: Post) -> None:
    odd = office.announce("case.closed", agency_id="seven")
    worse = office.announce("case.closed", to=["nobody"])
    office.announce("case.closed", agency_id=1)
    assert office.fan_out() == 3
    assert [target for _, target in office.messages] == ["agency:1"]
    problems = dict(map(tuple, office.rows("select id, problem from platform_outbox where problem is not null")))
    assert problems == {odd: "ValueError", worse: "BadBody"}


def test_the_office_of_an_area_is_whoever_works_there(office: Post) -> None:
    unit = office.area("WS")
    told: dict[str, Any] = {"unit_id": unit, "office_id": unit, "area_id": office.area("A01")}
    office.announce("case.dispatch", **told)
    appoint(office.house, Role.PLANNER, area="WS")
    appoint(office.house, Role.DISTRICT_SUPERVISOR, area="W")
    office.fan_out()
    assert office.messages[-1][1] == f"area:{office.area('W')}:office"
    appoint(office.house, Role.SUBDISTRICT_LEADER, area="WS")
    office.announce("case.dispatch", **told)
    office.fan_out()
    assert office.messages[-1][1] == f"area:{unit}:office"


@pytest.mark.parametrize(
    ("topics", "count"), [(["*"], 3), (["case.*"], 2), (["case.closed"], 1), (["case.clo"], 0), (["case"], 0)]
)
def test_webhooks_get_the_topics_that_they_want(
    office: Post, subscribe: Callable[..., int], topics: list[str], count: int
) -> None:
    subscribe(topics)
    for topic in ("case.closed", "case.opened", "plan.published"):
        office.announce(topic, agency_id=1)
    office.fan_out()
    assert len(office.deliveries) == count


def test_an_ended_subscription_gets_nothing(office: Post, subscribe: Callable[..., int]) -> None:
    subscribe(["*"])
    office.do("update notices_subscription set ended_at = created_at")
    office.announce("case.closed", agency_id=1)
    office.fan_out()
    assert office.deliveries == []


def test_events_of_a_reporter_go_to_the_reporter_alone(office: Post, subscribe: Callable[..., int]) -> None:
    subscribe(["case.*"])
    incident = uuid4()
    office.announce("reporter.closed", incident, agency_id=1)
    office.fan_out()
    (delivery,) = office.deliveries
    assert (delivery.channel, delivery.target, delivery.incident_id) == ("sms", "reporter", incident)
    assert office.messages == []


def test_another_event_under_the_same_number_has_another_delivery(office: Post, subscribe: Callable[..., int]) -> None:
    """After a restore numbers are given again; a receiver must not take the new event for a repeat."""
    subscribe(["*"])
    office.announce("case.closed", agency_id=1)
    office.fan_out()
    (before,) = office.deliveries
    office.do("delete from notices_delivery; delete from notices_message; delete from platform_outbox")
    office.do("alter table platform_outbox alter column id restart with 1")
    office.later(seconds=1)
    office.announce("case.closed", agency_id=1)
    office.fan_out()
    (after,) = office.deliveries
    assert after.outbox_id == before.outbox_id
    assert after.id != before.id


def test_it_runs_with_the_rights_of_its_role_alone(office: Post, db: Database) -> None:
    """The control: another internal role may not."""
    from sqlalchemy.exc import ProgrammingError

    office.announce("case.closed", agency_id=1)
    with pytest.raises(ProgrammingError, match="permission denied"), office.house.internally("intake") as session:
        session.execute(text("select * from platform_outbox"))
    assert office.fan_out() == 1
