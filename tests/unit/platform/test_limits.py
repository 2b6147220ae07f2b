"""Rules of rate limits as they are written, whom an address counts as, and what a key tells."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from gridgov.platform.crypto import Sealer
from gridgov.platform.errors import BadInput
from gridgov.platform.limits import KEY_BYTES, Lock, Rate, in_words, key_of, network_of, written

RATE = Rate("calls", 5, timedelta(minutes=10))
OTHER = Rate("letters", 5, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("value", "limit", "per"),
    [
        ("60/10m", 60, timedelta(minutes=10)),
        (" 1/1s ", 1, timedelta(seconds=1)),
        ("5/1d", 5, timedelta(days=1)),
        ("100000/2h", 100_000, timedelta(hours=2)),
    ],
)
def test_a_limit_is_written_as_number_and_time(value: str, limit: int, per: timedelta) -> None:
    assert written(value, "X") == (limit, per)


@pytest.mark.parametrize("value", ["", "5", "0/1m", "5/0m", "5/m", "-5/1m", "5/1w", "5/1m/2", "five/1m", "5.5/1m"])
def test_anything_else_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(BadInput, match="60/10m") as caught:
        written(value, "limit")
    assert caught.value.field == "limit"


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("testclient", "unknown"),
        ("192.0.2.7, 10.0.0.1", "unknown"),
    ],
)
def test_an_address_counts_as_its_network(host: str | None, network: str) -> None:
    assert network_of(host) == network


def test_one_customer_is_one_network_and_two_are_two() -> None:
    assert len({network_of(f"2001:db8:1:2::{n:x}") for n in range(1000)}) == 1
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")


def test_a_key_tells_neither_whom_nor_that_it_is_the_same_person() -> None:
    sealer, phone = Sealer(b"k" * 32), "13800138000"
    key = key_of(sealer, RATE, phone)
    assert len(key) == KEY_BYTES
    assert key == key_of(Sealer(b"k" * 32), RATE, phone), "every process of an installation counts together"
    assert key != key_of(Sealer(b"K" * 32), RATE, phone), "without the key nobody can try all numbers"
    assert key != key_of(sealer, OTHER, phone)
    assert key_of(sealer, RATE, "ab", "c") != key_of(sealer, RATE, "a", "bc")


def test_a_plain_hash_is_found_by_trying() -> None:
    """Control: why the key is keyed. All numbers of one exchange are tried in no time."""
    stored = hashlib.sha256(b"13800138000").digest()
    tried = (n for n in range(13_800_130_000, 13_800_140_000) if hashlib.sha256(str(n).encode()).digest() == stored)
    assert next(tried) == 13_800_138_000
    keyed = key_of(Sealer(b"k" * 32), RATE, "13800138000")
    assert not any(
        hashlib.sha256(str(n).encode()).digest()[:KEY_BYTES] == keyed for n in range(13_800_130_000, 13_800_140_000)
    )


def test_a_bucket_holds_exactly_its_limit_whatever_the_rounding() -> None:
    for limit in (1, 3, 7, 9, 600, 999_983):
        rate = Rate("x", limit, timedelta(minutes=1))
        assert rate.room == rate.step * limit


def test_a_lock_that_is_forgotten_while_it_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="forgotten"):
        Lock("x", 5, timedelta(minutes=1), longest=timedelta(days=1), memory=timedelta(hours=1))
    with pytest.raises(ValueError, match="forgotten"):
        Lock("x", 5, timedelta(days=2), longest=timedelta(days=1))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (90, "90 seconds"), (120, "2 minutes"),
     (121, "3 minutes"), (3_600, "1 hour"), (5_400, "90 minutes"), (7_200, "2 hours"), (86_400, "1 day")],
)  # fmt: skip
def test_a_wait_in_words_is_never_too_short(seconds: int, words: str) -> None:
    assert in_words(seconds) == words
