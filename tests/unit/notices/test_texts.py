"""What people read: every topic in both languages, parts left out, and how many short messages it takes."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gridgov.notices.texts import letter, parts, title, titles
from gridgov.notices.topics import RULES, To

ZONE = ZoneInfo("Asia/Shanghai")
FULL = {"number": "2026112300012345", "due_at": "2026-11-24T02:00:00+00:00"}


@pytest.mark.parametrize("topic", RULES)
@pytest.mark.parametrize("facts", [FULL, {}], ids=["full", "bare"])
def test_every_topic_reads_well_in_both_languages(topic: str, facts: dict[str, str]) -> None:
    for language, text in titles(topic, facts, ZONE).items():
        assert text
        assert not set("[]{}|") & set(text)
        assert text[-1] not in "：，,: "
        assert any("\u4e00" <= sign <= "\u9fff" for sign in text) is (language == "zh")


def test_instants_are_shown_in_the_citys_zone() -> None:
    assert title("case.red", FULL, ZONE, "zh") == "案件已超时：2026112300012345，应于11-24 10:00办结"
    assert title("case.red", {"number": 7}, ZONE, "zh") == "案件已超时：7"


def test_an_unknown_topic_has_a_text_too() -> None:
    assert title("plan.published", {}, ZONE, "en") == "Something happened"


def test_a_letter_says_both_and_where_to_read_on() -> None:
    at = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    subject, text = letter("case.close", {"number": 7}, at, ZONE, "https://grid.example.org")
    assert subject == "案件已结案：7"
    assert text == (
        "案件已结案：7\n时间：2026-11-23 12:00\n\nA case was closed: 7\nTime: 2026-11-23 12:00\n\nhttps://grid.example.org\n"
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1), ("好" * 70, 1), ("好" * 71, 2), ("好" * 134, 2), ("好" * 135, 3), ("a" * 160, 1), ("a" * 161, 2),
        ("a" * 306, 2), ("a" * 307, 3), ("{" * 80, 1), ("{" * 81, 2), ("a" * 70 + "好", 2), ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)  # fmt: skip
def test_parts(text: str, count: int) -> None:
    assert parts(text) == count


@pytest.mark.parametrize("topic", [topic for topic, rule in RULES.items() if To.REPORTER in rule.to])
def test_what_reporters_are_told_fits_one_short_message(topic: str) -> None:
    assert parts(title(topic, FULL, ZONE, "zh")) == 1
