"""What a whistle asks for, and how fast an answer was: decided without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gridgov.cases.applying import apply, begun, fold
from gridgov.cases.deciding import SPEEDS, allowed, decide, speed
from gridgov.cases.file import CaseFile
from gridgov.cases.records import changed_summons
from gridgov.cases.rules import SYSTEM, Action, Body, Command, Event, NotYet, Rules, Standing, State
from gridgov.platform.errors import GridgovError
from tests.casework.walking import CALENDAR, PEOPLE, PLACE

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00
ID = UUID(int=7)
DAY = timedelta(days=1)
CENTRE, LEADER, SUPERVISOR = PEOPLE[2], PEOPLE[4], PEOPLE[5]
OFFICER, OTHER, HEAD = PEOPLE[6], PEOPLE[7], PEOPLE[9]


class Story:
    """A case that is walked by hand."""

    def __init__(self, *, risks: tuple[str, ...] = ()) -> None:
        first = Event(1, MONDAY, Action.REPORT, SYSTEM, State.REPORTED, State.REPORTED,
                      limits={"accept": Rules().clocks["accept"]})  # fmt: skip
        self.file, self.events, self.risks = begun(ID, "worker", first, CALENDAR), [first], risks
        self.do(Action.ACCEPT, CENTRE, facts={"condition": True})

    def do(self, action: Action, who: Standing, at: timedelta = timedelta(0), **sent: Any) -> CaseFile:
        command = Command(action, reason="理由", text="内容", duty="D1", **{"risks": self.risks, **sent})
        event = decide(self.file, command, who, PLACE, rules=Rules(), now=MONDAY + at)
        self.file = apply(self.file, event, CALENDAR)
        self.events.append(event)
        return self.file

    def whistle(self, *agencies: int, kind: str = "advance") -> CaseFile:
        bodies = [{"agency": one, "part": "support" if i else "lead"} for i, one in enumerate(agencies)]
        return self.do(Action.WHISTLE, LEADER, facts={"kind": kind, "ground": "key-work", "bodies": bodies})


@pytest.mark.parametrize(
    ("after", "signed", "grade"),
    [
        (1.4 * DAY, 0.5, 5),  # of three working days
        (1.6 * DAY, 0.5, 4),
        (2.5 * DAY, 0.5, 3),
        (3.5 * DAY, 0.5, 2),
        (8 * DAY, 0.5, 1),
        (1.4 * DAY, 3.0, 4),  # signed in after three hours instead of one
        (8 * DAY, 3.0, 1),
    ],
)
def test_speed_is_that_of_the_report_less_what_else_was_missed(after: timedelta, signed: float, grade: int) -> None:
    story = Story()
    story.whistle(11)
    story.do(Action.SIGN, OFFICER, timedelta(hours=signed), summons=1)
    story.do(Action.CONTACT, OFFICER, timedelta(hours=signed + 1), summons=1)
    file = story.do(Action.REPORT_BACK, OFFICER, after, summons=1)
    assert speed(file, 1, MONDAY + after) == grade
    assert speed(file, 1, MONDAY + after + 100 * DAY) == grade, "how long the rating takes is not theirs to answer for"


def test_grades_fall() -> None:
    assert [grade for _, grade in SPEEDS] == [5, 4, 3, 2]
    assert [share for share, _ in SPEEDS] == sorted(share for share, _ in SPEEDS)


def test_what_runs_is_within_its_limit_until_it_is_not() -> None:
    story = Story()
    file = story.whistle(11)
    assert speed(file, 1, MONDAY + timedelta(minutes=30)) == 3
    assert speed(file, 1, MONDAY + timedelta(hours=2)) == 2, "not signed in"
    assert speed(file, 1, MONDAY + 30 * DAY) == 1


def test_each_kind_has_its_limit() -> None:
    limits = {}
    for kind in ("advance", "hard"):
        story = Story()
        file = story.whistle(11, kind=kind)
        limits[kind] = {one.clock.name: str(one.clock.limit) for one in file.timed if one.summons == 1}
    assert limits == {
        "advance": {"sign": "1 urgent_hour", "contact": "24 urgent_hour", "report": "3 work_day"},
        "hard": {"sign": "1 urgent_hour", "contact": "24 urgent_hour", "report": "5 work_day"},
    }


def row(story: Story, summons: int = 1) -> Mapping[str, Any]:
    return changed_summons(None, story.file)[summons - 1]


def test_the_row_says_what_its_clocks_are() -> None:
    story = Story()
    story.whistle(11, 12)
    assert (row(story)["sign_late"], row(story)["report_late"]) == (None, None), "open"
    story.do(Action.SIGN, OFFICER, timedelta(hours=2), summons=1)
    first = row(story)
    assert (first["sign_late"], first["sign_due_at"], first["contact_late"], first["late"]) == (True, None, None, True)
    story.do(Action.REPORT_BACK, OFFICER, timedelta(hours=5), summons=1)
    assert [row(story)[f"{name}_late"] for name in ("sign", "contact", "report")] == [True, False, False]
    story.do(Action.SUMMONS_REWORK, LEADER, timedelta(hours=6), summons=1)
    again = row(story)
    assert (again["report_late"], again["reworks"], again["answered_at"]) == (None, 1, None)
    assert again["report_due_at"] is not None
    before = story.file
    story.do(Action.SIGN, OTHER, timedelta(hours=7), summons=2)
    assert [one["summons"] for one in changed_summons(before, story.file)] == [2], "only what changed is written"


def test_a_correction_counts_and_changes_nothing_else() -> None:
    story = Story()
    story.whistle(11)
    story.do(Action.SIGN, OFFICER, summons=1)
    story.do(Action.REPORT_BACK, OFFICER, summons=1)
    given = story.do(Action.RATE, LEADER, summons=1, facts={"quality": 2})
    with pytest.raises(GridgovError, match="two persons"):
        story.do(Action.CORRECT_RATING, LEADER, summons=1, facts={"quality": 4})
    with pytest.raises(GridgovError, match="two persons"):
        story.do(Action.CORRECT_RATING, LEADER, summons=1, facts={"quality": 4}, second=LEADER.by.account_id)
    file = story.do(Action.CORRECT_RATING, LEADER, DAY, summons=1, facts={"quality": 4}, second=6)
    (call,) = file.summons
    assert call.rating is not None
    assert (call.rating.quality, call.rating.corrects) == (4, given.summons[0].ratings[0].seq)
    assert replace(call, ratings=()) == replace(given.summons[0], ratings=()), "neither its end nor its clocks"
    file = story.do(Action.CORRECT_RATING, LEADER, 2 * DAY, summons=1, facts={"quality": 3}, second=6)
    assert [one.quality for one in file.summons[0].ratings] == [2, 4, 3]
    assert file.summons[0].rating is not None
    assert file.summons[0].rating.quality == 3
    assert fold(ID, "worker", story.events, CALENDAR) == file


class TestRiskPoints:
    def test_who_has_a_task_is_not_the_second_person(self) -> None:
        """Whoever helps with a case does not answer for it."""
        story = Story(risks=("自由裁量",))
        story.do(Action.DISPATCH, CENTRE, to=Body(agency_id=11))
        story.do(Action.RECEIVE, OFFICER)
        story.do(Action.ADD_TASK, OFFICER, to=Body(agency_id=12))
        story.do(Action.ASK_APPROVAL, OFFICER)
        with pytest.raises(NotYet):
            story.do(Action.APPROVE, OTHER)
        with pytest.raises(NotYet):
            story.do(Action.APPROVE, OFFICER)
        assert Action.APPROVE not in may(story, OTHER) | may(story, OFFICER)
        assert Action.APPROVE in may(story, HEAD)
        assert story.do(Action.APPROVE, HEAD).approved

    def test_another_holder_begins_anew(self) -> None:
        story = Story(risks=("自由裁量",))
        story.do(Action.DISPATCH, CENTRE, to=Body(agency_id=11))
        story.do(Action.RECEIVE, OFFICER)
        story.do(Action.ASK_APPROVAL, OFFICER)
        assert story.do(Action.APPROVE, HEAD).approved
        file = story.whistle(12)
        assert (file.approved, file.approval_by, file.risks) == (False, None, ("自由裁量",))


def may(story: Story, who: Standing) -> set[Action]:
    return {one.action for one in allowed(story.file, who, PLACE, rules=Rules(), now=MONDAY + DAY)}
