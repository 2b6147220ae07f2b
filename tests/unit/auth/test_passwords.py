"""Passwords: parameters of the hash, one text however it is typed, and which new ones are taken."""

from __future__ import annotations

import threading
import time
import unicodedata

import pytest
from argon2 import PasswordHasher

from gridgov.auth import passwords
from gridgov.auth.passwords import WeakPassword, check_new, hashed, outdated, proves

GOOD = "seven quiet lanterns"


def test_the_hash_is_argon2id_with_the_parameters_that_are_promised() -> None:
    """OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane; 16 bytes of salt and 32 of hash."""
    _, kind, version, parameters, salt, digest = hashed(GOOD).split("$")
    assert (kind, version, parameters) == ("argon2id", "v=19", "m=19456,t=2,p=1")
    assert (len(salt), len(digest)) == (22, 43)  # base64 without padding


def test_no_two_hashes_are_the_same() -> None:
    assert len({hashed(GOOD) for _ in range(5)}) == 5


def test_the_right_password_is_proved_and_no_other() -> None:
    stored = hashed(GOOD)
    assert proves(stored, GOOD)
    for other in ("", GOOD[:-1], GOOD + " ", GOOD.upper(), GOOD + "x" * 200):
        assert not proves(stored, other), other
    assert not proves(None, GOOD)
    assert not proves("", GOOD)
    assert not proves("no hash at all", GOOD)


def test_nothing_is_cut_off() -> None:
    """bcrypt stops at 72 bytes; the control shows where it would."""
    long = "长" * 127 + "一"
    stored = hashed(long)
    assert proves(stored, long)
    assert not proves(stored, long[:-1] + "二")
    assert not proves(stored, long[:24])  # 72 bytes


def test_it_is_the_same_password_however_the_keyboard_composed_it() -> None:
    word = "Ångström 密码 ﬁne ＡＢＣ"
    forms = {unicodedata.normalize(form, word) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert len(forms) > 2
    stored = hashed(word)
    assert all(proves(stored, form) for form in forms)


def test_a_hash_of_other_parameters_is_known_and_still_proved() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(GOOD)
    assert outdated(old)
    assert proves(old, GOOD)
    assert not outdated(hashed(GOOD))


def test_no_more_hashes_are_made_at_once_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    now, most = 0, 0
    lock = threading.Lock()
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, stored: str, password: str) -> bool:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        try:
            return verify(self, stored, password)
        finally:
            with lock:
                now -= 1

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    stored = hashed(GOOD)
    threads = [threading.Thread(target=proves, args=(stored, GOOD)) for _ in range(4 * passwords.AT_ONCE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == passwords.AT_ONCE


@pytest.mark.parametrize(
    "password",
    [
        GOOD, "correct horse battery staple", "tr7Kp2mXq9Lz", "猫在屋顶上看月亮三十三次", "   spaces   count   ",
        "onlylowerletterszq", "b é§ü".join("vzkxqpwhgm"),
    ],
)  # fmt: skip
def test_long_ones_are_taken_whatever_they_are_made_of(password: str) -> None:
    check_new(password, words=("anna", "网格员 1"))


@pytest.mark.parametrize(
    "password",
    [
        "", "eleven char", "x" * 129, "网格员的密码", "password1234", "123456789012", "aaaaaaaaaaaa", "qwertyuiop123",
        "1qaz2wsx3edc", "abcabcabcabcabc", "woaini1314520", "wangge888888", "gridgov123456", "admin123admin123",
        "anna20002000", "shuzichengguan", "Password1234!", "administrator1",
    ],
)  # fmt: skip
def test_short_ones_and_those_that_others_try_first_are_not(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_new(password, words=("anna", "shuzichengguan"))
    assert refused.value.field == "password"
    assert not password or password not in str(refused.value)


def test_what_counts_are_characters_not_bytes() -> None:
    with pytest.raises(WeakPassword, match="at least 12"):
        check_new("红旗街道网格员的猫叫大")  # 11 characters, 33 bytes
    with pytest.raises(WeakPassword, match="at most 128"):
        check_new("é§" * 65)
    check_new("红旗街道那只大橘猫又回家")


def test_the_account_itself_says_what_is_known_about_it() -> None:
    check_new("shuzichengguan", words=())
    with pytest.raises(WeakPassword):
        check_new("shuzichengguan", words=("shuzichengguan",))


def test_judging_looks_at_a_bounded_part() -> None:
    """The estimate's time grows with the square of what it looks at: 64 characters take 30 ms, 128 four times that."""
    tail = "Zq4 vP9 mK2 tR7 xW5 "
    check_new("a" * (passwords.JUDGED - len(tail)) + tail)
    with pytest.raises(WeakPassword):
        check_new("a" * passwords.JUDGED + tail)
