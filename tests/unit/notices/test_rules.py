"""Who is told of what: bodies, patterns of topics, ids of deliveries; and when something is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gridgov.auth.rules import Actor, Role
from gridgov.cases.rules import Action
from gridgov.notices.rules import (
    BadBody,
    Body,
    Channel,
    Event,
    Subscription,
    bodies,
    deliveries,
    matches,
    parse_body,
    told_of,
)
from gridgov.notices.topics import RULES, table
from gridgov.platform.jobs import Backoff

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        ({}, []),
        ({"agency_id": 7}, ["agency:7"]),
        ({"agency_id": 7, "agency_ids": [7, 8]}, ["agency:7", "agency:8"]),
        ({"agency_id": 7, "role": "agency_head"}, ["agency:7:agency_head"]),
        ({"agency_id": 7, "role": "centre_operator", "area_id": 3}, ["agency:7", "area:3:centre_operator"]),
        ({"area_id": 3}, []),
        ({"area_id": 3, "role": "nobody"}, []),
        ({"account_id": 9}, ["account:9"]),
        ({"to": ["area:3:planner", "agency:7"], "agency_id": 7}, ["agency:7", "area:3:planner"]),
    ],
)
def test_bodies_that_facts_name(facts: dict[str, Any], names: list[str]) -> None:
    assert [one.name for one in bodies(facts)] == names
    assert [parse_body(name).name for name in names] == names


@pytest.mark.parametrize(
    "name", ["", "agency", "agency:x", "agency:1:king", "area:3", "account:1:planner", "x:1", "agency:１"]
)
def test_what_is_no_body(name: str) -> None:
    with pytest.raises(BadBody):
        parse_body(name)


@pytest.mark.parametrize(
    ("actor", "names"),
    [
        (Actor(Role.AGENCY_HEAD, 9, post_id=1, agency_id=7), ["account:9", "agency:7", "agency:7:agency_head"]),
        (Actor(Role.GRID_WORKER, 9, post_id=1, area_id=3), ["account:9", "area:3:grid_worker", "area:3:office"]),
        (Actor(Role.CENTRE_OPERATOR, 9, post_id=1), ["account:9", "area:0:centre_operator", "area:0:office"]),
        (Actor(Role.PLANNER, 9, post_id=1, area_id=3), ["account:9", "area:3:planner"]),
        (Actor(Role.RESIDENT), []),
    ],
)
def test_a_post_hears_what_is_addressed_to_its_bodies(actor: Actor, names: list[str]) -> None:
    """`auth` names bodies as this package does."""
    assert list(actor.bodies) == names
    assert [parse_body(name).name for name in names] == names


CASE = {
    "unit_id": 1, "grid_id": 2, "area_id": 2, "agency_id": 7, "office_id": None, "agency_ids": [7, 8],
    "summoned_id": 9, "called_ids": [10, 11],
}  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "facts", "names"),
    [
        ("case.dispatch", CASE, ["agency:7"]),
        ("case.dispatch", CASE | {"agency_id": None, "office_id": 3}, ["area:3:office"]),
        ("case.dispatch", CASE | {"agency_id": None}, []),
        ("case.report", CASE, ["area:1:centre_operator"]),
        ("case.report", CASE | {"unit_id": None}, ["area:2:centre_operator"]),
        ("case.ask-check", CASE, ["area:2:grid_worker"]),
        ("case.dispute", CASE, ["area:1:district_supervisor"]),
        ("case.whistle", CASE, ["agency:10", "agency:11"]),
        ("case.close", CASE, ["agency:7", "agency:8"]),
        ("case.summons-refuse", CASE, ["area:1:district_supervisor", "area:1:office"]),
        ("case.summons-rate", CASE, ["agency:9"]),
        ("case.note", CASE, []),
        ("case.answer", CASE, ["area:1:centre_operator"]),
        ("case.answer", CASE | {"first_id": 12}, ["agency:12", "area:1:centre_operator"]),
        ("case.finish-task", CASE | {"first_office_id": 4}, ["agency:7", "area:4:office"]),
        ("reporter.closed", CASE, []),
        ("plan.published", CASE, ["agency:7", "agency:8"]),
    ],
)
def test_whom_a_line_of_the_table_means(topic: str, facts: dict[str, Any], names: list[str]) -> None:
    assert [one.name for one in told_of(Event(1, topic, "x", facts, AT))] == names


def test_the_document_shows_the_table_as_it_is() -> None:
    assert table() in (Path(__file__).resolve().parents[3] / "docs" / "notices.md").read_text(encoding="utf-8")


def test_every_action_of_a_case_has_a_line_and_no_line_is_for_none() -> None:
    lines = {topic.removeprefix("case.") for topic in RULES if topic.startswith("case.")}
    assert lines - {"yellow", "red", "summons-yellow", "summons-red"} == {action.value for action in Action}


@pytest.mark.parametrize(
    ("pattern", "topic", "fits"),
    [
        ("*", "a.b", True),
        ("case.*", "case.closed", True),
        ("case.*", "case.clock.red", True),
        ("case.*", "cases.x", False),
        ("case.closed", "case.closed", True),
        ("case.closed", "case.closed.x", False),
    ],
)
def test_patterns(pattern: str, topic: str, fits: bool) -> None:
    assert matches([pattern], topic) is fits


def event(topic: str = "case.closed", **facts: Any) -> Event:
    return Event(1, topic, str(uuid4()), facts, AT)


def test_an_office_is_told_what_is_addressed_to_its_body() -> None:
    office = Subscription(5, Channel.MAIL, ("case.*",), "agency:7")
    at_seven, at_head, at_eight = event(agency_id=7), event(agency_id=7, role="agency_head"), event(agency_id=8)
    for one, count in ((at_seven, 1), (at_head, 1), (at_eight, 0)):
        assert len(deliveries(one, told_of(one), [office], "demo")) == count


def test_another_system_hears_of_its_own_orders_alone() -> None:
    hotline = Subscription(5, Channel.WEBHOOK, ("exchange.changed", "case.*"), "source:hotline")
    for facts, count in (({"source": "hotline"}, 1), ({"source": "sensors"}, 0), ({}, 0)):
        assert len(deliveries(Event(1, "exchange.changed", "x", facts, AT), (), [hotline], "demo")) == count
    assert not deliveries(event(agency_id=7), (Body("agency", 7),), [hotline], "demo")


def test_ids_of_deliveries_follow_from_what_they_are_about() -> None:
    hook = Subscription(5, Channel.WEBHOOK, ("*",))
    one = event()
    first, again = (deliveries(one, (), [hook], "demo")[0].id for _ in range(2))
    elsewhere = deliveries(one, (), [hook], "other")[0].id
    other = deliveries(one, (), [Subscription(6, Channel.WEBHOOK, ("*",))], "demo")[0].id
    assert first == again
    assert len({first, elsewhere, other}) == 3


def test_a_test_goes_to_the_one_that_asked() -> None:
    hooks = [Subscription(number, Channel.WEBHOOK, ("case.*",)) for number in (5, 6)]
    ping = Event(1, "webhook.ping", "6", {"subscription_id": 6}, AT)
    assert [one.target for one in deliveries(ping, (), hooks, "demo")] == ["subscription:6"]


def test_a_role_is_part_of_a_bodys_name() -> None:
    assert Body("area", 3, Role.PLANNER).name == "area:3:planner"


class TestBackoff:
    def test_pauses_grow_to_the_longest(self) -> None:
        pauses = [Backoff().pause(attempt, lambda: 0.5) for attempt in range(1, 13)]
        assert pauses[:4] == [timedelta(seconds=one) for one in (10, 30, 90, 270)]
        assert pauses[-1] == timedelta(hours=6)
        assert pauses == sorted(pauses)
        assert timedelta(days=1) < sum(pauses, timedelta()) < timedelta(days=2)

    @pytest.mark.parametrize(("chance", "share"), [(0.0, 0.8), (0.5, 1.0), (0.999999, 1.2)])
    def test_chance_spreads_them_by_a_fifth(self, chance: float, share: float) -> None:
        assert Backoff().pause(3, lambda: chance) / timedelta(seconds=90) == pytest.approx(share, abs=1e-5)

    def test_a_hundred_attempts_are_no_overflow(self) -> None:
        assert Backoff().pause(1000, lambda: 0.5) == timedelta(hours=6)
