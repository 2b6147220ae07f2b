"""`gridgov users` and `gridgov tokens`, as the owner of the database types them."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from gridgov.bootstrap import House
from gridgov.cli import app
from tests.conftest import CITY
from tests.integration.auth.browser import Browser
from tests.integration.auth.conftest import PASSWORD

Run = Callable[..., str]


@pytest.fixture
def environment(city: House, database_url: str, tmp_path: Path) -> dict[str, str]:
    """What names the test's city to a command."""
    assert city.db.city == CITY
    return {"GRIDGOV_DATABASE_URL": database_url, "GRIDGOV_HOME": str(tmp_path), "GRIDGOV_CITY": CITY}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Runs a command; what it printed. `code`: the exit code that is expected."""

    def once(*words: str, stdin: str = "", code: int = 0) -> str:
        done = CliRunner().invoke(app, list(words), input=stdin, env=environment)
        assert done.exit_code == code, done.output
        return done.output

    return once


def test_the_first_administrator_comes_from_the_command_line(run: Run, browser: Browser) -> None:
    said = run("users", "add", "Root", "--role", "administrator", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert PASSWORD not in said
    assert browser.sign_in("root", PASSWORD).json()["role"] == "administrator"
    assert browser.ask("POST", "/api/v1/accounts", json={"name": "g0001"}).status_code == 201


def test_an_account_with_a_post_in_an_area_for_a_time(run: Run, browser: Browser) -> None:
    given = run(
        "users", "add", "g0001", "--title", "网格员 1", "--role", "grid_worker", "--area", "A01",
        "--from", "2026-01-01", "--to", "2199-01-01", "--initial",
    ).strip().rsplit(" ", 1)[1]  # fmt: skip
    seen = browser.sign_in("g0001", given).json()
    (post,) = seen["posts"]
    assert (post["place"]["code"], seen["must_change"]) == ("A01", True)
    assert post["since"] == "2025-12-31T16:00:00Z", "midnight in the city's zone"
    listed = run("users", "list", "--find", "g00")
    assert "g0001\topen\t网格员 1" in listed
    assert "grid_worker\tA01\tin force until 2198-12-31 16:00Z" in listed


def test_posts_are_given_and_ended(run: Run, browser: Browser) -> None:
    run("users", "add", "anna", "--password-stdin", stdin=f"{PASSWORD}\n")
    run("users", "post", "anna", "--role", "agency_head", "--agency", "CG")
    number = run("users", "post", "anna", "--role", "auditor").split()[-1].rstrip(".")
    assert [one["role"] for one in browser.sign_in("anna", PASSWORD).json()["posts"]] == ["agency_head", "auditor"]
    run("users", "end-post", "anna", number)
    assert [one["role"] for one in browser.session()["posts"]] == ["agency_head"]
    assert "not in force" in run("users", "list")


def test_disabling_resetting_and_ending_sessions(run: Run, browser: Browser) -> None:
    run("users", "add", "anna", "--role", "auditor", "--password-stdin", stdin=f"{PASSWORD}\n")
    browser.sign_in("anna", PASSWORD)
    assert run("users", "sessions", "anna").strip() == "1"
    assert run("users", "sessions", "anna", "--end").strip() == "Ended: 1"
    assert browser.session()["account"] is None
    run("users", "disable", "anna")
    assert browser.sign_in("anna", PASSWORD).status_code == 401
    run("users", "enable", "anna")
    assert browser.sign_in("anna", PASSWORD).status_code == 200
    given = run("users", "reset", "anna", "--initial").strip().rsplit(" ", 1)[1]
    assert browser.session()["account"] is None
    assert browser.sign_in("anna", PASSWORD).status_code == 401
    assert browser.sign_in("anna", given).json()["must_change"] is True


def test_a_subject_is_linked_and_unlinked(run: Run) -> None:
    run("users", "add", "anna", "--no-password")
    run("users", "add", "berta", "--no-password")
    link = ("--issuer", "https://login.example.org", "--subject", "17")
    run("users", "link", "anna", *link)
    run("users", "link", "anna", *link)
    assert "signs in to another account" in run("users", "link", "berta", *link, code=4)
    run("users", "link", "anna", *link, "--remove")
    run("users", "link", "berta", *link)
    run("users", "link", "anna", *link, "--remove", code=3)


def test_a_token_is_made_listed_and_revoked(run: Run, base: str) -> None:
    run("users", "add", "hotline", "--no-password", "--role", "machine", "--area", "W")
    words = ("tokens", "add", "hotline", "--label", "12345", "--permission", "incidents.read", "--days", "30")
    token = run(*words).strip()
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{base}/api/v1/incidents", headers=headers, timeout=60).status_code == 200
    listed = run("tokens", "list")
    assert token not in listed
    assert listed.startswith("1\thotline\t12345\tcounts\t")
    run("tokens", "revoke", "1")
    assert httpx.get(f"{base}/api/v1/incidents", headers=headers, timeout=60).status_code == 401
    assert "\tover\t" in run("tokens", "list")
    run("users", "post", "hotline", "--role", "machine", "--area", "E")
    assert "several posts" in run(*words, code=2)


@pytest.mark.parametrize(
    ("words", "stdin", "code", "says"),
    [
        (("users", "add", "with blank", "--no-password"), "", 2, "cannot name an account"),
        (("users", "add", "anna", "--password-stdin"), "", 2, "Standard input is empty"),
        (("users", "add", "anna", "--password-stdin"), "short\n", 2, "at least 12"),
        (("users", "add", "anna"), "", 2, "no terminal"),
        (("users", "add", "anna", "--no-password", "--role", "grid_worker", "--area", "Z9"), "", 2, "No area in force"),
        (("users", "add", "anna", "--no-password", "--role", "agency_head", "--agency", "ZZ"), "", 2, "no agency"),
        (
            ("users", "add", "anna", "--no-password", "--role", "agency_head", "--area", "W"),
            "",
            2,
            "Give the other one",
        ),
        (("users", "disable", "nobody"), "", 3, "There is no account"),
        (("users", "end-post", "nobody", "1"), "", 3, "There is no account"),
        (("tokens", "revoke", "17"), "", 3, "There is no token"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_done(
    run: Run, words: tuple[str, ...], stdin: str, code: int, says: str
) -> None:
    assert says in run(*words, stdin=stdin, code=code)
    assert run("users", "list") == "", "the account is not there without its post"


def test_the_terminal_is_asked_twice_and_shows_nothing(environment: dict[str, str], browser: Browser) -> None:
    command = [sys.executable, "-m", "gridgov", "users", "add", "anna", "--role", "auditor"]
    ours, theirs = pty.openpty()
    made = subprocess.Popen(
        command, env=os.environ | environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    for wanted in (b"Password: ", b"again: "):
        while wanted not in shown:
            shown += os.read(ours, 1000)
        os.write(ours, PASSWORD.encode() + b"\n")
    try:
        while more := os.read(ours, 1000):
            shown += more
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert made.wait() == 0, shown
    assert PASSWORD.encode() not in shown
    assert browser.sign_in("anna", PASSWORD).status_code == 200
