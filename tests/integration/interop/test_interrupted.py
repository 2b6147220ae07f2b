"""A load that is killed half-way keeps nothing, and the next one takes everything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import text

from gridgov.bootstrap import House
from tests.integration.interop import making

# Loads incidents in slices of 100; at the given slice it says so and waits to be killed (or goes on: the control).
SCRIPT = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from gridgov.bootstrap import build
from gridgov.interop.cityfile import Incidents
from gridgov.interop.imports import incidents as module
from gridgov.interop.imports.run import Place

url, home, path, wait = sys.argv[1:]
module.SLICE = 100

class Watching:
    stored = 0
    def step(self, title):
        pass
    def advance(self, share, rows):
        if rows == 100 and share == 1.0:
            self.stored += 1
            if self.stored == 5:
                print("half", flush=True)
                if wait == "wait":
                    time.sleep(600)

house = build(url, "demo", Path(home))
columns = {"id": "id", "category": "category", "happened_at": "at", "text": "text"}
part = Incidents.model_validate({"file": "i.csv", "columns": columns})
report = module.import_incidents(
    Place(house.db, Watching()), part, [Path(path)], indexes=house, now=datetime(2026, 11, 1, tzinfo=UTC)
)
print(report.taken, report.repeated, flush=True)
"""


def start(url: str, home: Path, path: Path, wait: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), url, str(home), str(path), wait]
    root = Path(__file__).parents[3]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}
    )


@pytest.fixture
def file(sampled: House, tmp_path: Path) -> Path:
    return making.table(tmp_path / "i.csv", making.incident_rows(1_000))


def stored(house: House) -> int:
    with house.db.transaction() as session:
        return int(session.execute(text("select count(*) from incidents")).scalar_one())


def settled(house: House) -> None:
    """Ends what other connections still do: the server notices a killed client only when it next speaks to it."""
    with house.db.engine.connect() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        )


def test_a_load_that_is_killed_half_way_keeps_nothing(
    house: House, database_url: str, file: Path, tmp_path: Path
) -> None:
    with house.db.transaction() as session:
        before = making.fingerprint(session)
    with start(database_url, tmp_path, file, "wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    settled(house)
    with house.db.transaction() as session:
        assert making.fingerprint(session) == before
    with start(database_url, tmp_path, file, "go on") as process:
        assert process.communicate()[0] == "half\n1000 0\n"
    assert stored(house) == 1_000


def test_the_same_load_without_the_kill_keeps_everything(
    house: House, database_url: str, file: Path, tmp_path: Path
) -> None:
    """The control: at the point of the kill half of the rows had been written."""
    with start(database_url, tmp_path, file, "go on") as process:
        assert process.communicate()[0] == "half\n1000 0\n"
    assert stored(house) == 1_000
    with start(database_url, tmp_path, file, "go on") as process:
        assert process.communicate()[0].endswith("0 1000\n")
    assert stored(house) == 1_000
