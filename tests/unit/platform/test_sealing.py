"""Sealed fields and the key of an installation."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gridgov.platform.crypto import Sealer, Unreadable
from gridgov.platform.errors import Unavailable

KEY = bytes(range(32))
PLACE = "incidents_contact|phone|1"


@pytest.fixture(autouse=True)
def _no_key_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDGOV_KEY", raising=False)


def test_what_is_sealed_opens_again_and_looks_different_each_time() -> None:
    sealer = Sealer(KEY)
    first, second = sealer.seal("张 138", place=PLACE), sealer.seal("张 138", place=PLACE)
    assert first != second
    assert b"138" not in first
    assert sealer.open(first, place=PLACE) == sealer.open(second, place=PLACE) == "张 138"


@pytest.mark.parametrize("place", ["incidents_contact|phone|2", "incidents_contact|name|1", ""])
def test_elsewhere_it_does_not_open(place: str) -> None:
    sealer = Sealer(KEY)
    with pytest.raises(Unreadable):
        sealer.open(sealer.seal("138", place=PLACE), place=place)


@pytest.mark.parametrize("at", [0, 1, 12, 13, -1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    sealer = Sealer(KEY)
    sealed = bytearray(sealer.seal("138", place=PLACE))
    sealed[at] ^= 1
    with pytest.raises(Unreadable):
        sealer.open(bytes(sealed), place=PLACE)


def test_another_key_does_not_open() -> None:
    with pytest.raises(Unreadable):
        Sealer(KEY[::-1]).open(Sealer(KEY).seal("138", place=PLACE), place=PLACE)


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        sealed = list(pool.map(lambda _: Sealer.from_home(tmp_path).seal("138", place=PLACE), range(32)))
    assert {Sealer.from_home(tmp_path).open(one, place=PLACE) for one in sealed} == {"138"}
    assert os.listdir(tmp_path) == ["key"]
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [b"", KEY[:31], KEY + b"\n"])
def test_a_broken_key_file_is_said_and_never_replaced(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "key").write_bytes(left)
    with pytest.raises(Unavailable, match="holds no key"):
        Sealer.from_home(tmp_path)
    assert (tmp_path / "key").read_bytes() == left


def test_a_key_from_outside_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDGOV_KEY", base64.b64encode(KEY).decode())
    sealed = Sealer.from_home(tmp_path).seal("138", place=PLACE)
    assert Sealer(KEY).open(sealed, place=PLACE) == "138"
    assert not os.listdir(tmp_path)
    monkeypatch.setenv("GRIDGOV_KEY", "not base64 of 32 bytes")
    with pytest.raises(Unavailable, match="GRIDGOV_KEY"):
        Sealer.from_home(tmp_path)


def test_a_fingerprint_needs_the_key() -> None:
    """The control is the plain digest, which anybody can make."""
    data = hashlib.sha256(b"report").digest()
    assert Sealer(KEY).fingerprint(data) == Sealer(KEY).fingerprint(data)
    assert Sealer(KEY).fingerprint(data) != Sealer(KEY[::-1]).fingerprint(data)
    assert Sealer(KEY).fingerprint(data) not in {data, hashlib.sha256(data).digest()}
