"""`gridgov audit` as an operator runs it: seal, verify, checkpoint, show, key, receipt; and what it says when all is
not well."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from gridgov.audit.receipts import receipt, sealed
from gridgov.bootstrap import House
from gridgov.cli import app
from gridgov.platform.signing import Signer
from tests.integration.audit.conftest import add_incident, bind, run

Ask = Callable[..., Any]


@pytest.fixture
def ask(sampled: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a command on the sampled's own database; its home is `tmp_path`."""
    monkeypatch.setenv("GRIDGOV_HOME", str(tmp_path))
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", sampled.db.url.render_as_string(hide_password=False))
    monkeypatch.delenv("GRIDGOV_AUDIT_KEY", raising=False)
    return lambda *words: CliRunner().invoke(app, ["audit", *(str(word) for word in words)])


def put(house: House, count: int = 1) -> None:
    for _ in range(count):
        with house.db.transaction() as session:
            add_incident(session)


def broken(house: House, sql: str) -> None:
    with house.db.transaction() as session:
        run(session, "set local session_replication_role = replica")
        run(session, sql)


def test_from_the_first_seal_to_the_first_broken_row(house: House, ask: Ask, tmp_path: Path) -> None:
    put(house, 3)
    waiting = ask("verify")
    assert waiting.exit_code == 0
    assert "3 entries wait for a seal" in waiting.stdout
    assert ask("seal").stdout == "seal 1: 3 entries\n"
    assert ask("seal").stdout == "Nothing waits for a seal.\n"
    good = ask("verify")
    assert good.exit_code == 0
    assert "1 seals, 3 entries, 0 checkpoints" in good.stdout
    assert "entries/s" in good.stdout
    assert "a cut-off end would not be seen" in good.stdout
    broken(house, "update audit_entry set role = 'auditor' where id = 2")
    bad = ask("verify")
    assert bad.exit_code == 7
    assert "FIRST BROKEN: seal 1, entry 2: altered." in bad.stdout
    assert "insert incidents" in bad.stdout


def test_a_checkpoint_in_a_file_and_in_git(house: House, ask: Ask, tmp_path: Path) -> None:
    file, remote = tmp_path / "anchor.jsonl", tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
    assert ask("checkpoint", "--to", file).exit_code == 3
    for _ in range(2):
        put(house)
        ask("seal")
    assert ask("checkpoint", "--to", file).stdout == "Checkpoint of seal 2.\n"
    assert ask("checkpoint", "--git", remote).stdout == "Checkpoint of seal 2.\n"
    assert "written down already" in ask("checkpoint", "--git", remote).stdout
    assert "2 checkpoints" in ask("verify", "--checkpoint", file, "--git", remote).stdout
    broken(house, "delete from audit_entry where id = 2")
    broken(house, "delete from audit_seal where number = 2")
    assert ask("verify").exit_code == 0
    for words in (("--checkpoint", file), ("--git", remote)):
        bad = ask("verify", *words)
        assert bad.exit_code == 7, words
        assert "seal 2: truncated." in bad.stdout
    assert ask("checkpoint", "--to", file).exit_code == 4


@pytest.mark.parametrize(
    "words",
    [
        ("checkpoint",),
        ("checkpoint", "--to", "x", "--git", "y"),
        ("verify", "--checkpoint", "/no/such/file"),
        ("verify", "--key", "short"),
        ("receipt", "/no/such/file", "--key", base64.b64encode(b"k" * 32).decode()),
    ],
)
def test_what_cannot_be_meant_is_said_in_a_sentence(ask: Ask, words: tuple[str, ...]) -> None:
    done = ask(*words)
    assert done.exit_code == 2
    assert done.stderr.startswith("gridgov: ")
    assert "Traceback" not in done.output


def test_verifying_touches_nothing(house: House, ask: Ask) -> None:
    """Neither what is examined nor the triggers that somebody may have switched off."""
    put(house)
    ask("seal")
    with house.db.transaction() as session:
        run(session, "alter table incidents disable trigger audit_update")
    ask("verify")
    ask("show")
    with house.db.transaction() as session:
        enabled = "select tgenabled from pg_trigger where tgname = 'audit_update' and tgrelid = 'incidents'::regclass"
        assert run(session, enabled).scalar_one() == "D"


def test_a_city_without_a_trail_is_said(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDGOV_CITY", "nowhere")
    for words in (("verify",), ("seal",), ("show",)):
        done = ask(*words)
        assert done.exit_code == 3
        assert "GRIDGOV_CITY" in done.stderr


def test_another_key_is_trusted_only_when_it_is_named(house: House, ask: Ask, tmp_path: Path) -> None:
    put(house)
    ask("seal")
    old = ask("key").stdout.strip()
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "audit.key").rename(tmp_path / "old.key")
    put(house)
    ask("seal")
    assert "strange-key" in ask("verify").stdout
    assert ask("verify", "--key", old).exit_code == 0


def test_show_lists_and_filters(house: House, ask: Ask) -> None:
    with house.db.transaction() as session:
        account = run(session, "insert into auth_account (name, created_at) values ('wang.p', now()) returning id")
        bind(session, account=account.scalar_one(), role="planner")
        made = add_incident(session)
        run(session, "update incidents set status = 'closed'")
        session.execute(text("select audit_note('export', 'incidents', null, '月报', cast('{\"rows\": 1}' as jsonb))"))
    lines = ask("show").stdout.splitlines()
    assert len(lines) == 4
    assert "wang.p (planner)  export  incidents" in lines[0]
    assert "“月报”" in lines[0]
    assert lines[1].endswith(f"update  incidents  {made}  status")
    assert len(ask("show", "--noun", "incidents", "--row", made).stdout.splitlines()) == 2
    assert len(ask("show", "--account", "wang.p", "--action", "export").stdout.splitlines()) == 1
    assert ask("show", "--account", "nobody").stdout == ""
    assert ask("show", "--until", "2000-01-01").stdout == ""
    assert len(ask("show", "--limit", "1").stdout.splitlines()) == 1
    (entry,) = ask("show", "--entry", "3", "--json").stdout.splitlines()
    assert json.loads(entry)["after"] == {"status": "closed"}


def test_a_receipt_is_checked_without_a_database(
    house: House, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer, file = Signer.from_home(tmp_path), tmp_path / "receipt.json"
    with house.db.transaction() as session:
        made = add_incident(session)
        held = receipt(session, "incidents", str(made), signer)
    file.write_text(held.text(), encoding="utf-8")
    key = ask("key").stdout.strip()
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", "postgresql://nobody@nowhere/none")
    assert "promised, and not sealed yet" in ask("receipt", file, "--key", key).stdout
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", house.db.url.render_as_string(hide_password=False))
    ask("seal")
    with house.db.transaction() as session:
        file.write_text(sealed(session, held).text(), encoding="utf-8")
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", "postgresql://nobody@nowhere/none")
    assert "It lies under seal 1." in ask("receipt", file, "--key", key).stdout
    file.write_text(file.read_text(encoding="utf-8").replace("insert", "delete"), encoding="utf-8")
    assert ask("receipt", file, "--key", key).exit_code == 2


def test_the_key_of_the_environment_goes_first(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDGOV_AUDIT_KEY", base64.b64encode(b"s" * 32).decode())
    assert ask("key").stdout.strip() == base64.b64encode(Signer(b"s" * 32).public).decode()
    monkeypatch.setenv("GRIDGOV_AUDIT_KEY", "c2hvcnQ=")
    done = ask("key")
    assert done.exit_code == 6
    assert "GRIDGOV_AUDIT_KEY" in done.stderr
