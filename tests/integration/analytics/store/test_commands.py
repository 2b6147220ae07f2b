"""`gridgov analytics verify|rebuild|status`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from gridgov.analytics.store.columns import INCIDENTS
from gridgov.bootstrap import House
from gridgov.cli import app
from tests.integration.analytics.conftest import Taking
from tests.integration.analytics.store.conftest import CASES_SQL, counted, crowd, run, said, seen

Ask = Callable[..., Any]


@pytest.fixture
def ask(city: House, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a command on the house's own database and home."""
    monkeypatch.setenv("GRIDGOV_HOME", str(city.home))
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", city.db.url.render_as_string(hide_password=False))
    return lambda *words: CliRunner().invoke(app, ["analytics", *words])


def past_the_triggers(house: House, sql: str) -> None:
    with house.db.transaction() as session:
        session.execute(text("set local session_replication_role = replica"))
        session.execute(text(sql))


def test_what_differs_is_named_and_read_anew(city: House, take: Taking, ask: Ask) -> None:
    take(crowd(200, 31))
    run(city, CASES_SQL)
    view = seen(city, INCIDENTS)
    first = ask("verify")
    assert (first.exit_code, first.output.splitlines()[-1]) == (0, "All agree.")
    assert "400 rows" in first.output
    march = "happened_at >= '2026-03-01Z' and happened_at < '2026-04-01Z'"
    past_the_triggers(city, f"update incidents set status = 'void' where {march}")
    past_the_triggers(city, "delete from cases where number = 5")
    differing = ask("verify")
    assert differing.exit_code == 1
    changed = sum(len(one) for one in view.base if one.month == 674)
    assert f"incidents 2026-03: {changed} rows are missing, {changed} too many" in differing.output
    assert "cases 20" in differing.output
    assert "0 rows are missing, 1 too many" in differing.output
    assert len(differing.output.splitlines()) == 3
    assert counted(seen(city, INCIDENTS)) != said(city, INCIDENTS)
    assert ask("verify", "--repair").exit_code == 1
    assert ask("verify").exit_code == 0
    run(city, "update incidents set status = 'open' where number = 1")
    assert counted(seen(city, INCIDENTS)) == said(city, INCIDENTS)  # who runs goes over to it by itself


def test_everything_anew_and_how_it_stands(city: House, take: Taking, ask: Ask) -> None:
    take(crowd(50, 32))
    seen(city, INCIDENTS)
    past_the_triggers(city, "delete from incidents where number <= 20")
    before = set(city.counts.folder.glob("*.segment"))
    rebuilt = ask("rebuild")
    assert rebuilt.output.strip() == "Read anew: 30 incidents, 0 cases."
    assert before.isdisjoint(city.counts.folder.glob("*.segment"))
    assert seen(city, INCIDENTS).rows == 30
    run(city, "delete from incidents where number = 21")
    status = ask("status")
    assert status.exit_code == 0
    assert "incidents: 29 in " in status.output
    assert "1 changes since they were read" in status.output
