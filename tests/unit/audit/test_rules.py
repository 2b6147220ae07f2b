"""Canonical bytes, spans, gaps: by hand-made examples. What the bytes are is part of every seal ever made."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gridgov.audit import rules
from gridgov.audit.rules import Before, Entry, Gap, Seal, still_open

ENTRY = Entry(
    "17", "733", "2026-11-23T04:22:31.127676Z", "3eae4178-cfe2-4315-a224-62a8edf91c64", "5", None, "planner", "gridgov",
    "update", "incidents", "0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c11", "4", '{"status": "open"}', '{"status": "closed"}',
    None, "路口“已清理”",
)  # fmt: skip
BYTES = (
    '["gridgov.audit.entry.1","17","733","2026-11-23T04:22:31.127676Z","3eae4178-cfe2-4315-a224-62a8edf91c64","5",null,'
    '"planner","gridgov","update","incidents","0199f0a4-7b7e-7c3a-9a50-7d1f0f6b2c11","4","{\\"status\\": \\"open\\"}",'
    '"{\\"status\\": \\"closed\\"}",null,"路口“已清理”"]'
)
SEAL = Seal(3, ((1, 4), (6, 6)), b"\x01" * 160, 6, (Gap(5, 5, 90),), b"\x02" * 32, b"\x03" * 32,
            "2026-11-23T04:22:32.000000Z", b"\x04" * 32)  # fmt: skip


def test_the_bytes_of_an_entry_are_those_that_are_documented() -> None:
    assert rules.leaf(ENTRY) == hashlib.sha256(b"\x00" + BYTES.encode()).digest()


def test_every_field_of_an_entry_is_in_its_leaf() -> None:
    for name in Entry._fields:
        for other in ("x", None):
            if getattr(ENTRY, name) != other:
                assert rules.leaf(Entry(**{**ENTRY._asdict(), name: other})) != rules.leaf(ENTRY), name


def test_fields_cannot_be_shifted_into_one_another() -> None:
    assert rules.leaf(ENTRY._replace(noun="a", row_id="b")) != rules.leaf(ENTRY._replace(noun='a","b', row_id=None))


def test_every_field_of_a_seal_is_in_its_chain() -> None:
    changed = {
        "number": 4, "spans": ((1, 5),), "leaves": b"\x01" * 192, "upto": 7, "open": (Gap(5, 5, 91),),
        "root": b"\x00" * 32, "previous": b"\x00" * 32, "sealed_at": "", "key": b"\x00" * 32,
    }  # fmt: skip
    assert {field.name for field in fields(Seal)} == {*changed, "chain", "signature"}
    for name, value in changed.items():
        assert rules.chain_of(replace(SEAL, **{name: value}).header()) != rules.chain_of(SEAL.header()), name  # type: ignore[arg-type]


def test_the_header_of_a_seal_is_the_documented_one() -> None:
    assert SEAL.header() == [
        "gridgov.audit.seal.1", "3", "5", "02" * 32, "1-4,6", "6", "5-5/90", "2026-11-23T04:22:32.000000Z", "03" * 32,
        "04" * 32,
    ]  # fmt: skip


def test_instants_are_written_in_utc_with_all_their_digits() -> None:
    east = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=8)))
    assert rules.instant_text(east) == "2026-11-23T04:00:00.000000Z"
    assert rules.instant_text(datetime(2026, 1, 1, 0, 0, 0, 7, UTC)) == "2026-01-01T00:00:00.000007Z"


class TestGaps:
    def test_holes_of_the_first_batch_stay_open(self) -> None:
        assert still_open(Before(), [2, 3, 6], own=100, oldest=90) == (Gap(1, 1, 100), Gap(4, 5, 100))

    def test_what_turns_up_fills_its_gap(self) -> None:
        before = Before(1, b"", 6, (Gap(1, 1, 100), Gap(4, 5, 100)))
        assert still_open(before, [4, 7], own=120, oldest=95) == (Gap(1, 1, 100), Gap(5, 5, 100))

    @pytest.mark.parametrize(("oldest", "open_"), [(99, True), (100, False), (101, False)])
    def test_a_gap_closes_when_whoever_could_fill_it_is_gone(self, oldest: int, open_: bool) -> None:
        before = Before(1, b"", 6, (Gap(4, 5, 100),))
        assert still_open(before, [7], own=120, oldest=oldest) == ((Gap(4, 5, 100),) if open_ else ())

    def test_none_closes_while_more_may_lie_in_them(self) -> None:
        before = Before(1, b"", 6, (Gap(4, 5, 100), Gap(1, 2, 9_000)))
        assert still_open(before, [4], own=120, oldest=None) == (Gap(5, 5, 100), Gap(1, 2, 9_000))

    def test_on_another_server_numbers_began_anew_and_nobody_is_left(self) -> None:
        before = Before(1, b"", 6, (Gap(4, 5, 50_000_000),))
        assert still_open(before, [7], own=120, oldest=110) == ()


def test_tables_are_watched_unless_a_reason_is_given() -> None:
    for table in ("incidents", "incidents_contact", "auth_session", "audit_approval", "privacy_request", "anything"):
        assert rules.why_not_watched(table) is None, table
    for table in ("incidents_2026_11", "incidents_default", "areas_version", "audit_entry"):
        assert rules.why_not_watched(table), table
