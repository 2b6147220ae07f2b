"""`gridgov notices`, as the owner of the database types it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridgov.cli import app
from gridgov.notices.topics import RULES, table
from tests.conftest import CITY
from tests.integration.notices.conftest import Post
from tests.integration.notices.receivers import Receiver, receiving

Run = Callable[..., str]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def run(office: Post, database_url: str, tmp_path: Path) -> Run:
    """Runs a command; what it printed. `code`: the exit code that is expected."""
    environment = {
        "GRIDGOV_DATABASE_URL": database_url,
        "GRIDGOV_HOME": str(tmp_path),
        "GRIDGOV_CITY": CITY,
        "GRIDGOV_WEBHOOK_HOSTS": "127.0.0.1",
        "GRIDGOV_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "GRIDGOV_SMS": f"spool:{tmp_path}/sms",
    }

    def once(*words: str, stdin: str = "", code: int = 0) -> str:
        done = CliRunner().invoke(app, ["notices", *words], input=stdin, env=environment)
        assert done.exit_code == code, done.output
        return done.output

    return once


def test_a_webhook_from_making_to_ending(run: Run, office: Post, receiver: Receiver) -> None:
    url = f"http://127.0.0.1:{receiver.port}/in"
    number, secret = run("add-webhook", url, "--label", "hotline", "--topic", "case.*").split()
    assert secret.startswith("whsec_")
    run("ping", number)
    office.announce("case.closed", agency_id=1)
    assert run("work") == "2 events, 2 deliveries tried\n"
    assert len(receiver.got) == 2
    assert f"{number}\twebhook\tcounts\thotline\t{url}\tcase.*" in run("subscriptions")
    _, other = run("rotate", number).split()
    assert other != secret
    run("end", number)
    assert "\tended\t" in run("subscriptions")
    assert "has ended" in run("ping", number, code=4)


def test_what_failed_is_shown_begun_anew_and_given_up(run: Run, office: Post, receiver: Receiver) -> None:
    receiver.answer = lambda: (410, {}, b"")
    run("add-webhook", f"http://127.0.0.1:{receiver.port}/", "--label", "x", "--topic", "*")
    office.announce("case.closed", agency_id=1)
    run("work")
    (line,) = run("list", "--state", "dead").splitlines()
    ident = line.split("\t")[0]
    assert line.endswith("webhook\tdead\t1\tcase.closed\treceiver-refused: 410")
    assert "state\tdead" in run("show", ident)
    run("retry", ident, "--reason", "look again")
    run("work")
    assert len(receiver.got) == 2
    assert "\tgiven-up\t" in run("give-up", ident, "--reason", "they moved away")
    assert run("list", "--state", "dead") == ""
    assert "It has ended" in run("give-up", ident, "--reason", "once more", code=4)


def test_an_office_by_sms(run: Run, office: Post, tmp_path: Path) -> None:
    run("add-office", "sms", "--body", "agency:7", "--label", "desk", "--topic", "case.*", stdin="13800138000\n")
    office.announce("case.dispatch", agency_id=7)
    run("work")
    (file,) = (tmp_path / "sms").iterdir()
    assert "案件派遣至本单位" in file.read_text(encoding="utf-8")
    assert "13800138000" not in run("subscriptions")


def test_the_table_prints_itself(run: Run) -> None:
    assert run("topics").strip() == table()
    assert all(f"| `{topic}` |" in table() for topic in RULES)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add-webhook", "http://127.0.0.1/", "--label", "x", "--topic", "Case"), "topics"),
        (("add-webhook", "https://example.org/", "--label", "x", "--topic", "*"), "GRIDGOV_WEBHOOK_HOSTS"),
        (("show", "seven"), "id of a delivery"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    assert said in run(*words, code=2)
