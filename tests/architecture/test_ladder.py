"""The import contracts of pyproject.toml: kept by the sources, and each able to see its own breach."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]

# For every contract a module and a line that it must refuse there.
BREACHES = {
    "ladder": ("areas/rules.py", "import gridgov.incidents.rules"),
    "inside": ("areas/queries/names.py", "import gridgov.areas.service"),
    "pure": ("duties/rules.py", "import sqlalchemy"),
    "geo": ("geo/nearest.py", "import pandas"),
    "edges": ("analytics/service.py", "import starlette"),
    "edge-api": ("api/paging.py", "import uvicorn"),
    "edge-cli": ("cli/db.py", "import fastapi"),
    "tables": ("areas/places.py", "import gridgov.areas.tables"),
    "sql-audit": ("areas/service.py", "import gridgov.audit.queries.trail"),
    "sql-privacy": ("incidents/contacts.py", "import gridgov.privacy.queries"),
    "sql-areas": ("duties/service.py", "import gridgov.areas.queries.names"),
    "sql-duties": ("incidents/service.py", "import gridgov.duties.queries"),
    "sql-incidents": ("analytics/service.py", "import gridgov.incidents.tables"),
    "sql-cases": ("reports/page.py", "import gridgov.cases.queries"),
    "inside-cases": ("cases/file.py", "import gridgov.cases.applying"),
    "sql-analytics": ("reports/page.py", "import gridgov.analytics.queries.counts"),
    "sql-notices": ("api/posts.py", "import gridgov.notices.queries.messages"),
    "inside-notices": ("notices/rules.py", "import gridgov.notices.texts"),
    "sql-reports": ("cli/report.py", "import gridgov.reports.queries"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its configuration, to plant breaches in."""
    shutil.copytree(ROOT / "gridgov", tmp_path / "gridgov", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """import-linter's verdict on the package in the folder, on some contracts or all."""
    chosen = [part for contract in contracts for part in ("--contract", contract)]
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-cache", *chosen]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_contract_is_kept(copy: Path) -> None:
    """In the copy, so that the test below is known to read the copy and not the installed package."""
    verdict = lint(copy)
    assert verdict.returncode == 0, verdict.stdout
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in verdict.stdout


def test_every_contract_has_a_breach_to_see() -> None:
    assert set(BREACHES) == {contract["id"] for contract in CONTRACTS}


@pytest.mark.parametrize("contract", BREACHES)
def test_a_planted_breach_is_seen(copy: Path, contract: str) -> None:
    module, line = BREACHES[contract]
    path = copy / "gridgov" / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    verdict = lint(copy, contract)
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    assert "Contracts: 0 kept, 1 broken." in verdict.stdout
    imported = line.removeprefix("import ")
    assert any(imported.startswith(target) for target in _targets(verdict.stdout)), verdict.stdout


def _targets(report: str) -> set[str]:
    """Right-hand sides of the report's arrows."""
    arrows = (line for line in report.splitlines() if " -> " in line)
    return {line.split(" -> ")[1].split(" ")[0] for line in arrows}
