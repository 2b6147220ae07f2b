"""Random people at real cases, through the services into the database: nothing is lost, and rows follow from events."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from gridgov.cases import verifying
from gridgov.cases.rules import ENDED, SUMMONS_ENDED
from tests.casework.living import Town

SEED = 20261123
SHARE, CASES = 1_500, 44
ALL, MANY = 100_000, 1_500
OPEN_ON_ENDED = text(
    "select count(*) from cases c join cases_summons s using (number) "
    "where c.state = any (:ended) and not s.state = any (:summons_ended)"
)
RUNNING_ON_ENDED = text(
    "select count(*) from cases c join cases_clock t using (number) where c.state = any (:ended) and t.running"
)


def judge(town: Town) -> None:
    """Replays every case and counts what there is."""
    ends = {"ended": [str(one) for one in ENDED], "summons_ended": [str(one) for one in SUMMONS_ENDED]}
    with town.house.db.transaction() as session:
        verified = verifying.verify(session)
        assert verified.difference is None, verified.difference
        assert verified.cases == len(town.cases)
        assert session.execute(OPEN_ON_ENDED, ends).scalar_one() == 0, "an open summons on a closed case"
        assert session.execute(RUNNING_ON_ENDED, ends).scalar_one() == 0, "a clock runs on a closed case"
        told = session.execute(text("select count(*) from platform_outbox where topic like 'case.%'")).scalar_one()
        wrong = session.execute(
            text("select count(*) from cases c join incidents i using (id) where (c.state = 'closed') "
                 "<> (i.status = 'closed') or (c.state = 'merged') <> (i.status = 'duplicate')")
        ).scalar_one()  # fmt: skip
    taken, refused = sum(town.taken.values()), sum(town.refused.values())
    assert taken + refused == town.tried, "an action neither taken nor refused"
    assert verified.events == taken + len(town.cases), "an action that was taken left no event, or one left two"
    assert told == verified.events, "an event that nobody was told of"
    assert wrong == 0, "an incident that stands otherwise than its case"


def test_a_share_of_the_walk(house: House) -> None:
    town = Town(house, random.Random(SEED))
    town.settle(CASES)
    for _ in range(SHARE):
        town.act()
    judge(town)
    assert sum(town.taken.values()) >= 0.3 * SHARE
    assert len(town.taken) >= 30, sorted(town.taken)
    assert {"not-in-table", "not-your-step", "case-unknown", "case-moved-on", "need-missing"} <= set(town.refused)


@pytest.mark.soak
def test_the_whole_walk(house: House, capfd: pytest.CaptureFixture[str], pytestconfig: pytest.Config) -> None:
    town = Town(house, random.Random(SEED))
    town.settle(MANY)
    for _ in range(ALL):
        town.act()
    judge(town)
    with capfd.disabled():
        share = sum(town.taken.values()) / town.tried
        rare = town.taken.most_common()[-3:]
        line = f"\n{town.tried} actions, {share:.0%} taken, {len(town.taken)} kinds, fewest {rare}, {town.refused}"
        pytestconfig.get_terminal_writer().line(line)


def test_a_row_that_was_altered_is_seen(house: House) -> None:
    """The control of `judge`: one value of one row among all."""
    town = Town(house, random.Random(SEED))
    town.settle(5)
    for _ in range(60):
        town.act()
    judge(town)
    with house.db.transaction() as session:
        session.execute(text("update cases set hops = hops + 1 where number = (select max(number) from cases)"))
    with pytest.raises(AssertionError, match="hops"):
        judge(town)
