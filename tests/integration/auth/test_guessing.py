"""Guessing: locks and limits that hold across processes, and what a refusal costs and tells."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from gridgov.auth import passwords, signin
from gridgov.bootstrap import House
from gridgov.platform.limits import RateLimited, forgive, take_all
from tests.conftest import CITY
from tests.integration.auth.browser import Browser
from tests.integration.auth.conftest import PASSWORD, Office


@contextmanager
def process(url: str, home: Path) -> Iterator[str]:
    """A server of its own, as `gridgov serve` makes it, on the database of the test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"DATABASE_URL": url, "HOME": str(home), "PORT": str(port), "CITY": CITY}
    env = {**os.environ, **{f"GRIDGOV_{name}": value for name, value in given.items()}}
    made = subprocess.Popen([sys.executable, "-m", "gridgov", "serve"], env=env, stdout=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}"
    try:
        while True:
            assert made.poll() is None, "the server ended"
            try:
                if httpx.get(f"{base}/health/live").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield base
    finally:
        made.terminate()
        made.wait()


def test_a_lock_holds_across_processes(city: House, office: Office, database_url: str, tmp_path: Path) -> None:
    office.account("anna")
    office.account("berta")
    with ExitStack() as stack:
        bases = [stack.enter_context(process(database_url, tmp_path)) for _ in range(2)]
        one, other = (stack.enter_context(Browser(base)) for base in bases)
        codes = [who.sign_in("anna", "wrong").json()["code"] for who in (one, other, one, other, one)]
        assert codes == ["sign-in-refused"] * signin.PAIR.failures
        for who in (one, other):
            answer = who.sign_in(" ANNA", PASSWORD)
            assert (answer.status_code, answer.json()["code"]) == (429, "too-many-requests")
            assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert other.sign_in("berta", PASSWORD).status_code == 200, "another account is not locked"
        _pass(city, timedelta(minutes=1))
        assert other.sign_in("anna", PASSWORD).status_code == 200
        assert one.sign_in("anna", "wrong").status_code == 401, "success gave the count back"


def _pass(city: House, span: timedelta) -> None:
    """As if so much time had passed since every try."""
    with city.db.transaction() as session:
        session.execute(text("update platform_bucket set until = until - cast(:span as interval)"), {"span": span})


def test_an_unknown_name_is_locked_like_a_known_one(browser: Browser, office: Office) -> None:
    office.account("anna")
    said = {}
    for name in ("anna", "nobody"):
        said[name] = [browser.sign_in(name, "wrong").status_code for _ in range(signin.PAIR.failures + 1)]
    assert said["anna"] == said["nobody"] == [401] * signin.PAIR.failures + [429]


def test_a_refusal_is_counted_although_its_transaction_is_undone(city: House, browser: Browser, office: Office) -> None:
    office.account("anna")
    browser.sign_in("anna", "wrong")
    with city.db.transaction() as session:
        strikes = session.execute(text("select strikes from platform_bucket where rule = 'sign-in-pair'")).scalar_one()
    assert strikes == 1


def test_many_addresses_lock_the_account_but_never_for_long(city: House) -> None:
    """Whoever guesses from everywhere is stopped; the owner waits a quarter of an hour at most."""
    now = datetime.now(UTC)
    passed, longest, rules = 0, timedelta(0), set()
    for attempt in range(signin.ACCOUNT.failures + 40):
        keys = signin.takes(city.sealer, "anna", f"203.0.113.{attempt}")
        try:
            with city.internally("door") as session:
                take_all(session, keys, now)
            passed += 1
        except RateLimited as refused:
            rules.add(refused.rule)
            wait = timedelta(seconds=refused.retry_s)
            longest = max(longest, wait)
            now += wait
    assert rules == {"sign-in-account"}
    assert passed > signin.ACCOUNT.failures
    assert longest == signin.ACCOUNT.longest


def test_one_address_with_many_names_is_stopped_and_an_own_account_does_not_help(city: House) -> None:
    now = datetime.now(UTC)

    def attempt(number: int) -> None:
        with city.internally("door") as session:
            take_all(session, signin.takes(city.sealer, f"name{number}", "203.0.113.9"), now)
            for key in signin.forgiven(city.sealer, f"name{number}", "203.0.113.9"):
                forgive(session, key, now)

    for number in range(signin.NETWORK.limit):
        attempt(number)
    with pytest.raises(RateLimited) as refused:
        attempt(signin.NETWORK.limit)
    assert refused.value.rule == "sign-in-network"


def test_guessing_ones_own_password_is_locked_too(browser: Browser, office: Office) -> None:
    """A session left open is no place to guess from."""
    office.account("anna")
    browser.sign_in("anna", PASSWORD)
    body = {"old": "wrong", "new": "nine paper boats drift"}
    said = [browser.ask("PUT", "/api/v1/session/password", json=body).status_code for _ in range(6)]
    assert said == [422] * 5 + [429]


# --- time tells nothing ----------------------------------------------------------------------------------------------


def test_every_refusal_costs_one_hash(
    city: House, browser: Browser, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = office.account("anna")
    office.account("closed")
    office.account("bare", password=None, with_password=False)
    with city.db.transaction() as session:
        session.execute(text("update auth_account set disabled_at = now() where name = 'closed'"))
    assert account
    passwords.proves(None, "x")  # the hash of nobody is made once
    seen: list[str] = []
    verify: Callable[..., bool] = PasswordHasher.verify

    def counting(self: PasswordHasher, stored: str, password: str) -> bool:
        seen.append(stored.split("$")[3])
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    for name, password in (("anna", "wrong"), ("nobody", "wrong"), ("closed", PASSWORD), ("bare", "wrong")):
        before = len(seen)
        assert browser.sign_in(name, password).status_code == 401
        assert len(seen) == before + 1, name
    assert set(seen) == {"m=19456,t=2,p=1"}


def test_an_unknown_name_takes_as_long_as_a_wrong_password(city: House, office: Office) -> None:
    """Measured in turns, so that whatever else runs on the machine meets both alike; the control would be 20 to 1."""
    office.account("anna")
    now = datetime.now(UTC)
    took: dict[str, list[float]] = {"anna": [], "nobody": []}
    for _ in range(40):
        for name, times in took.items():
            start = time.perf_counter()
            with city.internally("door") as session:
                who = signin.candidate(session, name)
            assert not signin.proved(who, "wrong", demo_city=False, now=now)
            times.append(time.perf_counter() - start)
    ratio = median(took["anna"]) / median(took["nobody"])
    assert 0.5 < ratio < 2, ratio
    start = time.perf_counter()
    with city.internally("door") as session:
        signin.candidate(session, "nobody")
    assert (time.perf_counter() - start) < median(took["anna"]) / 2, "the hash is what takes time"
