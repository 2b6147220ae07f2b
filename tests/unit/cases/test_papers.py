"""Papers that are handed to people, and what is counted for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gridgov.cases.exchange import NAME, waiting_since
from gridgov.cases.papers import DeskReceipt, Reply, TaskLine, receipt_page, reply_page, title_of
from gridgov.cases.participation import visits
from gridgov.cases.rules import SYSTEM, Action, Event, State
from gridgov.cases.settings import BadSetting, rules_of

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)  # the first of January where the city lies
NASTY = "<script>alert('1')</script>&"


def events(*actions: tuple[Action, dict[str, Any]]) -> list[Event]:
    return [
        Event(n, AT + timedelta(hours=n), action, SYSTEM, State.HANDLING, State.HANDLING, facts=facts)
        for n, (action, facts) in enumerate(actions, 1)
    ]


def test_the_number_of_a_paper() -> None:
    assert title_of("网格复字", 2026, 12) == "网格复字〔2026〕12号"


def test_what_people_wrote_stays_text() -> None:
    reply = reply_page(Reply(NASTY, NASTY, NASTY, AT, NASTY, NASTY, AT), ZONE)
    line = TaskLine(1, NASTY, AT, None)
    receipt = receipt_page(DeskReceipt(NASTY, NASTY, NASTY, AT, NASTY, AT, 1, [line], NASTY), ZONE)
    for page in (reply, receipt):
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "http" not in page, "asks for nothing from elsewhere"


def test_days_are_those_of_the_city() -> None:
    page = reply_page(Reply("t", "n", "c", AT, "x", "b", AT), ZONE)
    assert "2027年1月1日" in page
    assert "2027-01-01 01:30" in page
    assert "2026" not in page


def test_a_receipt_shows_what_there_is() -> None:
    bare = receipt_page(DeskReceipt("n", "c", None, AT, "已登记", None, 0, []), ZONE)
    assert not [word for word in ("服务事项", "查询码", "后台任务", "办理时限") if word in bare]
    full = receipt_page(DeskReceipt("n", "c", "s", AT, "x", AT, 1, [TaskLine(1, "b", None, AT)], "S"), ZONE)
    assert [word for word in ("服务事项", "查询码", "后台任务", "办理时限", "已办结") if word not in full] == []


@pytest.mark.parametrize(
    ("channel", "notes", "expected"),
    [("window", [], 1), ("visit", [{"visit": True}], 2), ("hotline", [], 0),
     ("window", [{"visit": True}, {}, {"visit": "yes"}, {"visit": True}], 3)],
)  # fmt: skip
def test_visits_are_counted(channel: str, notes: list[dict[str, Any]], expected: int) -> None:
    assert visits(channel, events(*[(Action.NOTE, one) for one in notes])) == expected


def test_since_when_feedback_is_waited_for() -> None:
    assert waiting_since(events((Action.RECEIVE, {}))) is None
    told = events((Action.ANSWER, {}), (Action.NOTE, {}))
    assert waiting_since(told) == told[0].at
    assert waiting_since(events((Action.ANSWER, {}), (Action.FEED_BACK, {}))) is None
    again = events((Action.ANSWER, {}), (Action.FEED_BACK, {}), (Action.REWORK, {}), (Action.ANSWER, {}))
    assert waiting_since(again) == again[3].at


@pytest.mark.parametrize("name", ["hotline-91580", "a", "weixin"])
def test_names_of_sources(name: str) -> None:
    assert NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["13912345678", "a13912345678", "Hotline", "热线", "", "a b", "1a"])
def test_what_names_no_source(name: str) -> None:
    assert not NAME.fullmatch(name)


def test_the_prefix_of_replies_is_set_by_the_city() -> None:
    assert rules_of({"reply_prefix": " 样城复字 "}).reply_prefix == "样城复字"
    assert rules_of({}).reply_prefix == "网格复字"
    for bad in ("", "字" * 21, 5):
        with pytest.raises(BadSetting):
            rules_of({"reply_prefix": bad})
