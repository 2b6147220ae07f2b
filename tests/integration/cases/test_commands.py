"""`gridgov cases`, as somebody types it; and that verifying sees a row that was altered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from gridgov.bootstrap import House
from gridgov.cases import service, verifying
from gridgov.cli import app
from gridgov.platform.calendars import Limit
from tests.integration.cases.helping import CONFIRMED, Cast, do, look, report

Command = Callable[..., Result]


@pytest.fixture
def command(city: House, database_url: str, tmp_path: Path) -> Command:
    """The product's own command, on the sample city."""
    environment = {"GRIDGOV_DATABASE_URL": database_url, "GRIDGOV_HOME": str(tmp_path / "home"), "GRIDGOV_CITY": "demo"}

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["cases", *words], env=environment)

    return run


def test_cases_are_listed_shown_and_verified(city: House, api: httpx.Client, cast: Cast, command: Command) -> None:
    one, other = report(api), report(api, category="09009")
    cast.handling(api, one)
    number = look(api, one, cast.centre)["number"]
    listed = command("list")
    assert listed.exit_code == 0, listed.output
    lines = listed.stdout.splitlines()
    assert lines[-1] == "2 open"
    assert lines[0].startswith(f"{number}  handling")
    assert "环卫所" in lines[0]
    assert command("list", "--state", "reported").stdout.count("09009") == 1
    for given in (number, one):
        shown = command("show", given).stdout
        assert shown.startswith(f"{number}  handling 处理中  06010")
        assert "样城 / 西区 / 西街道 / W1社区 / A01网格" in shown
        assert "receive -> handling  agency_officer" in shown
    assert command("show", "20260101-999999").exit_code == 3
    verified = command("verify")
    assert verified.exit_code == 0, verified.output
    assert verified.stdout.splitlines() == ["2 cases, 5 events replayed", "every row follows from its history"]
    with city.db.transaction() as session:
        session.execute(text("update cases set hops = 7 where id = :id"), {"id": other})
    altered = command("verify")
    assert altered.exit_code == 1
    assert "hops is 7, its history says 0" in altered.stdout


def test_settings_are_shown_set_and_refused(city: House, command: Command) -> None:
    assert "clock.handle           5 work_day\n" in command("settings", "list").stdout
    assert command("settings", "set", "clock.handle", "3 work_day").stdout == "clock.handle = 3 work_day\n"
    assert "clock.handle           3 work_day  (set)" in command("settings", "list").stdout
    for name, value in (("clock.handle", "3 fortnights"), ("merge_m", "-1"), ("nonsense", "1"), ("to_verify", "all")):
        refused = command("settings", "set", name, value)
        assert refused.exit_code == 2, refused.output
    assert command("settings", "set", "to_verify", '["hotline"]').exit_code == 0
    with city.db.transaction() as session:
        assert service.rules(session).to_verify == frozenset({"hotline"})
        assert service.rules(session).clocks["handle"] == Limit.parse("3 work_day")
        trail = session.execute(text("select action, row_id from audit_entry where noun = 'cases_setting' order by id"))
        assert [(row.action, row.row_id) for row in trail] == [("insert", "clock.handle"), ("insert", "to_verify")]
    assert command("settings", "set", "clock.handle", "default").stdout == "clock.handle = 5 work_day\n"


ALTERED = [
    ("update cases set state = 'handling'", "cases", "state"),
    ("update cases set next_due_at = next_due_at + interval '1 minute'", "cases", "next_due_at"),
    ("update cases set agency_ids = '{1}'", "cases", "agency_ids"),
    ("update cases_clock set used = 1 where name = 'accept'", "cases_clock", "used"),
    ("update cases_clock set due_at = due_at - interval '1 second' where name = 'dispatch'", "cases_clock", "due_at"),
    ("delete from cases_clock where name = 'accept'", "cases_clock", "row"),
    ("update cases_summons set state = 'rated'", "cases_summons", "state"),
]


@pytest.mark.parametrize(("statement", "table", "column"), ALTERED)
def test_an_altered_row_is_named(
    city: House, api: httpx.Client, cast: Cast, statement: str, table: str, column: str
) -> None:
    """The control of every verification in these tests."""
    case_id = report(api)
    do(api, case_id, cast.centre, "accept", facts=CONFIRMED)
    bodies = [{"agency": cast.agency["HW"], "part": "lead"}]
    facts = {"ground": "key-work", "kind": "advance", "bodies": bodies}
    do(api, case_id, cast.leader, "whistle", reason="协同处置", facts=facts)
    with city.db.transaction() as session:
        assert verifying.verify(session).difference is None
        session.execute(text(statement))
        found = verifying.verify(session).difference
    assert found is not None
    assert (found.table, found.column) == (table, column)


def test_a_lost_event_is_named(city: House, api: httpx.Client, cast: Cast) -> None:
    case_id = report(api)
    do(api, case_id, cast.centre, "accept", facts=CONFIRMED)
    with city.db.transaction() as session:
        session.execute(text("alter table cases_event disable trigger cases_grows"))
        session.execute(text("delete from cases_event where seq = 1"))
        found = verifying.verify(session).difference
    assert found is not None
    assert found.table == "cases_event"
