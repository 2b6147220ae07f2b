"""Which facts the outbox takes: plain, short, nothing that looks personal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gridgov.platform.outbox import TOPIC, NotAFact, as_json

CASE = UUID("0190a1b2-0000-7000-8000-000000000001")


def test_plain_values_are_written_as_json_knows_them() -> None:
    at = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    facts = {"case_id": CASE, "agency_ids": {3, 1}, "due_at": at, "grid": "330106001001001", "share": 0.5, "by": None}
    assert json.loads(as_json(facts)) == {
        "case_id": str(CASE),
        "agency_ids": [1, 3],
        "due_at": "2026-11-23T04:00:00+00:00",
        "grid": "330106001001001",
        "share": 0.5,
        "by": None,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("note", "call 13800138000"),
        ("note", "回电8613800138000谢谢"),
        ("note", "110101199003074514"),
        ("note", "a.b@example.org"),
        ("phone", "none"),
        ("reporter_name", "x"),
        ("Case", 1),
        ("nested", {"a": 1}),
        ("raw", b"x"),
        ("share", float("nan")),
        ("share", float("inf")),
        ("note", "长" * 501),
        ("many", ["长" * 500] * 6),
    ],
)
def test_what_is_no_fact_is_refused(name: str, value: object) -> None:
    with pytest.raises(NotAFact):
        as_json({name: value})


@pytest.mark.parametrize("number", ["330106001001", "CASE-2026-0001234", "20261123000012", "0571"])
def test_codes_and_numbers_are_no_persons(number: str) -> None:
    assert json.loads(as_json({"code": number})) == {"code": number}


@pytest.mark.parametrize(("topic", "fine"), [("case.dispatched", True), ("case.clock.red", True), ("case", False),
                                             ("Case.x", False), ("case..x", False), ("case.x ", False)])  # fmt: skip
def test_topics_are_words_with_dots(topic: str, fine: bool) -> None:
    assert bool(TOPIC.fullmatch(topic)) is fine


def test_only_facts_are_refused() -> None:
    with pytest.raises(NotAFact):
        as_json({"x": object()})
