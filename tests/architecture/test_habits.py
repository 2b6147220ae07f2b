"""Every module keeps the habits of habits.py, but for those named here with a reason; planted breaches are seen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.architecture import habits
from tests.architecture.habits import Habit, Module

ROOT = Path(__file__).resolve().parents[2]
MODULES = habits.modules(ROOT)

MAY: Mapping[str, Mapping[str, str]] = {
    "committing": {
        "gridgov.platform.db": "transaction() is the one place that commits",
        "gridgov.platform.migrate": "runs before there is anything to be consistent with",
        "gridgov.platform.cluster": "makes and drops databases, which no transaction can",
        "gridgov.platform.citus": "gives schemas to nodes and moves them, which Citus does in steps of its own",
        "gridgov.auth.install": "roles, grants and policies, as the owner, before there are requests",
    },
    "borrowing": {"gridgov.bootstrap": "brings every mapped table together, for the register of personal data"},
    "stating": {
        "gridgov.platform.db": "revisions, the one table of the platform",
        "gridgov.platform.bulk": "temporary tables of the domains' bulk work",
        "gridgov.platform.migrate": "extensions, schemas and the migrations' lock",
        "gridgov.auth.install": "roles, grants and policies, which follow from the one table",
        "gridgov.platform.cluster": "makes and drops databases",
        "gridgov.platform.citus": "catalogues of Citus, and the form of what it distributes",
        "gridgov.platform.shards": "says statements of others in other names",
        "gridgov.interop.plans.packages": "a file that is a database, in memory, in a child out of reach of ours",
    },
    "reading_the_clock": {"gridgov.platform.clock": "the only reader"},
    "timing": {
        "gridgov.api.guards": "measures how long a request took",
        "gridgov.api.keeping": "knows what is due next",
        "gridgov.platform.pinned": "lets no receiver take longer than it may",
        "gridgov.cli.workers": "waits before it begins a process again",
        "gridgov.cli.audit": "shows how long work took",
        "gridgov.cli.city": "shows how long work took",
        "gridgov.cli.demo": "shows how long work took",
        "gridgov.cli.imports": "shows how long work took",
    },
    "leaving_to_chance": {"gridgov.platform.crypto": "keys and nonces must not be foreseen"},
}
HABITS: Mapping[str, Habit] = {name: getattr(habits, name) for name in MAY}

PLANTED: tuple[tuple[str, str], ...] = (
    ("committing", "session.commit()"),
    ("committing", "with engine.begin() as c: pass"),
    ("committing", "with session.begin_nested(): pass"),
    ("committing", "import psycopg\npsycopg.connect('')"),
    ("committing", "from sqlalchemy import create_engine as make\nmake('')"),
    ("committing", "from sqlalchemy.orm import Session\nSession(engine)"),
    ("committing", "import psycopg as pg\npg.Connection.connect('', autocommit=True)"),
    ("borrowing", "from gridgov.areas import queries"),
    ("borrowing", "from gridgov.areas.queries import names"),
    ("borrowing", "import gridgov.areas.tables"),
    ("borrowing", "from gridgov.areas.tables import City"),
    ("borrowing", "from ..areas import tables"),
    ("borrowing", "def late():\n    from gridgov.incidents.queries import one"),
    ("stating", "from sqlalchemy import text\ntext('select 1')"),
    ("stating", "import sqlalchemy as sa\nsa.select(1)"),
    ("stating", "from psycopg import sql\nsql.SQL('select 1')"),
    ("stating", "session.execute(STATEMENT)"),
    ("stating", "session.scalars(query)"),
    ("reading_the_clock", "import datetime\ndatetime.datetime.now()"),
    ("reading_the_clock", "from datetime import datetime as dt, UTC\ndt.now(UTC)"),
    ("reading_the_clock", "from datetime import date\ndate.today()"),
    ("reading_the_clock", "import time\ntime.time()"),
    ("reading_the_clock", "from time import time_ns\ntime_ns()"),
    ("reading_the_clock", "SQL = 'select * from areas where valid @> now()'"),
    ("reading_the_clock", "def f(x):\n    return f'select {x} where at < CURRENT_TIMESTAMP'"),
    ("timing", "from time import monotonic\nmonotonic()"),
    ("timing", "import time\ntime.perf_counter()"),
    ("leaving_to_chance", "import random\nrandom.random()"),
    ("leaving_to_chance", "from random import choice\nchoice([1])"),
    ("leaving_to_chance", "import numpy as np\nnp.random.normal()"),
    ("leaving_to_chance", "import numpy as np\nnp.random.default_rng()"),
    ("leaving_to_chance", "from uuid import uuid4\nuuid4()"),
    ("leaving_to_chance", "import secrets\nsecrets.token_bytes(8)"),
)
FINE: tuple[tuple[str, str], ...] = (
    ("committing", "with house.db.transaction() as session: pass"),
    ("borrowing", "from gridgov.duties import queries"),
    ("borrowing", "from gridgov.areas.rules import Level"),
    ("stating", "def text(x): return x\ntext('select 1')"),
    ("stating", "shape.copy()"),
    ("reading_the_clock", "from gridgov.platform import clock\nclock.utcnow()"),
    ("reading_the_clock", "from datetime import datetime\ndatetime.fromisoformat('2026-01-01')"),
    ("reading_the_clock", "def f():\n    '''Says now() in words.'''"),
    ("timing", "import time\ntime.sleep(0.1)"),
    ("leaving_to_chance", "import numpy as np\nnp.random.default_rng([1, 2])"),
    ("leaving_to_chance", "def f(rng): return rng.random()"),
)


@pytest.mark.parametrize("habit", HABITS)
def test_every_module_keeps_it(habit: str) -> None:
    queries = {module.name for module in MODULES if ".queries" in module.name}
    may = set(MAY[habit]) | (queries if habit == "stating" else set())
    broken = [f"{module.name} {what}" for module in MODULES if module.name not in may for what in HABITS[habit](module)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("habit", HABITS)
def test_no_exception_outlives_its_reason(habit: str) -> None:
    by_name = {module.name: module for module in MODULES}
    idle = [name for name in MAY[habit] if name not in by_name or not list(HABITS[habit](by_name[name]))]
    assert not idle


@pytest.mark.parametrize(("habit", "source"), PLANTED)
def test_a_planted_breach_is_seen(habit: str, source: str) -> None:
    assert list(HABITS[habit](Module.of("gridgov.duties.service", source)))


@pytest.mark.parametrize(("habit", "source"), FINE)
def test_what_is_fine_is_left_alone(habit: str, source: str) -> None:
    assert not list(HABITS[habit](Module.of("gridgov.duties.service", source)))


def test_the_one_commit_lies_in_transaction() -> None:
    """platform.db begins one transaction, and it is that of `Database.transaction`."""
    module = next(module for module in MODULES if module.name == "gridgov.platform.db")
    begins = [what for what in habits.committing(module) if what.endswith(".begin()") or "commit" in what]
    assert begins == [f"{_line_of(module, 'session.begin()')}: session.begin()"]


def _line_of(module: Module, call: str) -> int:
    source = (ROOT / "gridgov/platform/db.py").read_text(encoding="utf-8").splitlines()
    lines = [number for number, line in enumerate(source, 1) if call in line]
    assert len(lines) == 1
    head = [line for line in source[: lines[0]] if line.lstrip().startswith("def ")]
    assert "def transaction(" in head[-1]
    return lines[0]


# --- who writes what ----------------------------------------------------------------------------------------------

OWNED: Mapping[str, tuple[str, ...]] = {
    "areas": ("areas", "catalogue.city", "catalogue.division"),
    "duties": ("duties_", "catalogue.category"),
    "planning": ("planning_",),
    "incidents": ("incidents",),
    "cases": ("cases",),
    "auth": ("auth_",),
    "audit": ("audit_",),
    "privacy": ("privacy_",),
    "analytics": ("analytics_", "catalogue.province_"),
    "notices": ("notices_",),
    "interop": ("gpkg_",),  # of a file in memory
    "reports": (),
    "platform": ("platform_", "{}", "pg_temp"),  # {}: temporary tables, and databases
}
FILLED_IN: Mapping[str, str] = {
    "gridgov.duties.queries": "_merge writes to the table its callers name, each a literal of the module",
    "gridgov.auth.install": "policies of every protected table, named in the one table",
    "gridgov.incidents.queries": "months are partitions of incidents",
    "gridgov.incidents.queries.history": "months are partitions of incidents, and made beside under a name of ours",
    "gridgov.cases.queries.homing": "what belongs to a case, each table a literal of the module",
    "gridgov.notices.queries.subscriptions": "sealed columns of notices, each table a literal of the module",
}


def _strangers(module: Module) -> list[str]:
    """Tables that a module writes to although its domain does not own them."""
    own = OWNED.get(module.name.split(".")[1] if "." in module.name else "", ())
    return [
        f"{module.name} {line}: {table}"
        for line, table in habits.written_tables(module)
        if not table.startswith(own) and not (not table.strip('{}".') and module.name in FILLED_IN)
    ]


def test_no_domain_writes_the_tables_of_another() -> None:
    strange = [what for module in MODULES for what in _strangers(module)]
    assert not strange, "\n".join(strange)
    written = {table for module in MODULES for _, table in habits.written_tables(module)}
    assert {"areas_version", "areas_{}", "duties_list", "incidents", "incidents_key", "catalogue.city"} <= written


@pytest.mark.parametrize(
    "sql",
    [
        "insert into areas_version (id) values (1)",
        "with x as (delete from incidents returning 1) select 1",
        "UPDATE catalogue.city set demo = true",
        "truncate duties_item",
    ],
)
def test_a_planted_write_is_seen(sql: str) -> None:
    assert _strangers(Module.of("gridgov.reports.queries", f"SQL = {sql!r}"))


def test_upserts_and_reads_are_no_strange_writes() -> None:
    sql = "insert into duties_list as l select 1 from areas on conflict (id) do update set name = 'x'"
    assert not _strangers(Module.of("gridgov.duties.queries", f"SQL = {sql!r}"))
