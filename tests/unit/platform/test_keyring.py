"""Several keys: the newest seals, all open; indexes and fingerprints by each; adding and dropping."""

from __future__ import annotations

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gridgov.platform import keyring
from gridgov.platform.crypto import Sealer, Unreadable, new_key, number_of
from gridgov.platform.errors import Unavailable
from gridgov.platform.keyring import KeyInUse, KeysFromOutside, KeyUnknown

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = "incidents_contact|phone|1"


@pytest.fixture(autouse=True)
def _no_key_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDGOV_KEY", raising=False)


def test_the_newest_seals_and_every_one_opens() -> None:
    old, both = Sealer(OLD), Sealer({1: OLD, 2: NEW})
    before, after = old.seal("138", place=PLACE), both.seal("138", place=PLACE)
    assert (number_of(before), number_of(after)) == (1, 2)
    assert both.open(before, place=PLACE) == both.open(after, place=PLACE) == "138"
    with pytest.raises(Unreadable):
        old.open(after, place=PLACE)


def test_a_number_cannot_be_put_on_another_keys_field() -> None:
    both = Sealer({1: OLD, 2: NEW})
    sealed = both.seal("138", place=PLACE)
    with pytest.raises(Unreadable):
        both.open(bytes([1]) + sealed[1:], place=PLACE)


def test_an_index_is_found_by_every_key_and_by_no_other() -> None:
    old, both = Sealer(OLD), Sealer({1: OLD, 2: NEW})
    found = both.indexes("phone", "13812345678")
    assert found == [both.index("phone", "13812345678"), old.index("phone", "13812345678")]
    assert {len(one) for one in found} == {17}
    assert Sealer(NEW).index("phone", "13812345678")[1:] == found[0][1:]
    assert old.index("phone", "13812345679") not in found
    assert old.index("name", "13812345678") not in found


def test_indexes_fingerprints_and_passwords_are_of_different_keys() -> None:
    """One must be no help with another: the same text under three labels."""
    sealer, text = Sealer(OLD), "phone|13812345678"
    index, fingerprint = sealer.index("phone", "13812345678")[1:], sealer.fingerprint(text.encode())
    password = base64.urlsafe_b64decode(sealer.password(text) + "=")
    assert len({index, fingerprint[:16], password[:16]}) == 3


def test_without_the_key_every_number_could_be_tried() -> None:
    """The control: a plain hash of the number is the same for everybody, and there are few numbers."""
    import hashlib

    plain = hashlib.sha256(b"13812345678").digest()
    tried = (f"1381234{i:04d}" for i in range(10_000))
    assert next(one for one in tried if hashlib.sha256(one.encode()).digest() == plain) == "13812345678"
    mine, theirs = Sealer(OLD).index("phone", "13812345678"), Sealer(NEW)
    assert not any(theirs.index("phone", f"1381234{i:04d}")[1:] == mine[1:] for i in range(10_000))


def test_a_fingerprint_of_an_older_key_still_counts() -> None:
    """A report that is sent again after the change of the key is still a repeat."""
    made = Sealer(OLD).fingerprint(b"report")
    assert Sealer({1: OLD, 2: NEW}).is_fingerprint(made, b"report")
    assert not Sealer({1: OLD, 2: NEW}).is_fingerprint(made, b"another")
    assert not Sealer({2: NEW}).is_fingerprint(made, b"report")
    assert Sealer({1: OLD, 2: NEW}).fingerprint(b"report") != made


def test_a_new_key_changes_no_password() -> None:
    assert Sealer(OLD).password("app") == Sealer({1: OLD, 2: NEW}).password("app")
    assert Sealer(OLD).password("app") != Sealer(OLD).password("other")
    assert Sealer(OLD).password("app") != Sealer(NEW).password("app")


def test_a_process_that_runs_takes_a_new_key_at_once(tmp_path: Path) -> None:
    """So that nothing is sealed any more with a key that is about to go."""
    running = Sealer.from_home(tmp_path)
    assert number_of(running.seal("138", place=PLACE)) == 1
    assert keyring.add(tmp_path, new_key()) == 2
    assert number_of(running.seal("138", place=PLACE)) == 2
    keyring.drop(tmp_path, 1)
    assert running.numbers == (2,)
    sealed = Sealer.from_home(tmp_path).seal("138", place=PLACE)
    assert running.open(sealed, place=PLACE) == "138"
    with pytest.raises(Unreadable):
        running.open(bytes([9]) + sealed[1:], place=PLACE)


def test_one_that_does_not_look_would_go_on_with_the_old_key(tmp_path: Path) -> None:
    """The control: the keys alone, without the file they came from."""
    running = Sealer(keyring.read(tmp_path, new_key()))
    keyring.add(tmp_path, new_key())
    lost = running.seal("138", place=PLACE)
    keyring.drop(tmp_path, 1)
    with pytest.raises(Unreadable):
        Sealer.from_home(tmp_path).open(lost, place=PLACE)


def test_a_file_that_is_gone_for_a_moment_takes_no_key_away(tmp_path: Path) -> None:
    running = Sealer.from_home(tmp_path)
    sealed = running.seal("138", place=PLACE)
    (tmp_path / "key").unlink()
    assert running.open(sealed, place=PLACE) == "138"
    assert not (tmp_path / "key").exists()


def test_adding_keeps_what_was_sealed_and_the_files_mode(tmp_path: Path) -> None:
    sealed = Sealer.from_home(tmp_path).seal("138", place=PLACE)
    for number in (2, 3):
        assert keyring.add(tmp_path, new_key()) == number
    assert Sealer.from_home(tmp_path).open(sealed, place=PLACE) == "138"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == ["key", "key.lock"]


def test_many_who_add_at_once_add_many(tmp_path: Path) -> None:
    Sealer.from_home(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: keyring.add(tmp_path, new_key()), range(16)))
    assert sorted(numbers) == list(range(2, 18))
    assert Sealer.from_home(tmp_path).numbers == tuple(range(17, 0, -1))


def test_a_key_is_dropped_but_never_the_one_that_seals(tmp_path: Path) -> None:
    sealed = Sealer.from_home(tmp_path).seal("138", place=PLACE)
    keyring.add(tmp_path, new_key())
    with pytest.raises(KeyInUse):
        keyring.drop(tmp_path, 2)
    with pytest.raises(KeyUnknown):
        keyring.drop(tmp_path, 3)
    keyring.drop(tmp_path, 1)
    assert Sealer.from_home(tmp_path).numbers == (2,)
    with pytest.raises(Unreadable):
        Sealer.from_home(tmp_path).open(sealed, place=PLACE)


def test_there_is_an_end_of_numbers(tmp_path: Path) -> None:
    line = f"255:{base64.b64encode(OLD).decode()}\n"
    (tmp_path / "key").write_text(line)
    with pytest.raises(Exception, match="no number left"):
        keyring.add(tmp_path, new_key())
    assert (tmp_path / "key").read_text() == line


def test_no_key_is_made_where_one_should_be(tmp_path: Path) -> None:
    """Adding to nothing must not look as if there had been a first key."""
    with pytest.raises(Unavailable):
        keyring.add(tmp_path, new_key())
    with pytest.raises(Unavailable):
        keyring.drop(tmp_path, 1)
    assert not (tmp_path / "key").exists()


WRITTEN = base64.b64encode(OLD).decode()


@pytest.mark.parametrize(
    "text",
    [f"0:{WRITTEN}", f"256:{WRITTEN}", f"1:{WRITTEN}\n1:{WRITTEN}", f"one:{WRITTEN}", "1:short", f"²:{WRITTEN}", "1:"],
)
def test_a_broken_ring_is_said_and_never_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text, encoding="utf-8")
    with pytest.raises(Unavailable, match="holds no key"):
        Sealer.from_home(tmp_path)
    assert (tmp_path / "key").read_text(encoding="utf-8") == text


def test_keys_from_outside_go_first_and_are_not_changed_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = base64.b64encode(NEW).decode()
    monkeypatch.setenv("GRIDGOV_KEY", f"1:{WRITTEN},2:{other}")
    sealer = Sealer.from_home(tmp_path)
    assert sealer.numbers == (2, 1)
    assert sealer.open(Sealer(OLD).seal("138", place=PLACE), place=PLACE) == "138"
    for change in (lambda: keyring.add(tmp_path, new_key()), lambda: keyring.drop(tmp_path, 1)):
        with pytest.raises(KeysFromOutside):
            change()
