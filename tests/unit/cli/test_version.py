"""`gridgov --version` says what the package says."""

from __future__ import annotations

import tomllib
from pathlib import Path

from typer.testing import CliRunner

from gridgov.cli import app

PROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"


def test_the_version_is_said_and_nothing_else_happens() -> None:
    result = CliRunner().invoke(app, ["--version"])
    wanted = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"]
    assert (result.exit_code, result.stdout) == (0, f"gridgov {wanted}\n")


def test_the_control_another_option_is_refused() -> None:
    assert CliRunner().invoke(app, ["--versoin"]).exit_code == 2
