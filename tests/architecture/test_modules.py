"""The form of modules: short, and each says what it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 450
SOURCES = sorted((ROOT / "gridgov").rglob("*.py"))
ALL = [*SOURCES, *sorted((ROOT / "migrations").rglob("*.py")), *sorted((ROOT / "tests").rglob("*.py"))]


def too_long(source: str) -> bool:
    return len(source.splitlines()) > MOST_LINES


def silent(source: str) -> bool:
    return not ast.get_docstring(ast.parse(source))


def test_no_module_is_too_long() -> None:
    assert not [str(path) for path in ALL if too_long(path.read_text(encoding="utf-8"))]
    assert too_long("\n" * (MOST_LINES + 1))
    assert not too_long("\n" * MOST_LINES)


def test_every_module_says_what_it_is() -> None:
    assert len(SOURCES) > 100
    assert not [str(path) for path in ALL if silent(path.read_text(encoding="utf-8")) and path.stat().st_size]
    assert not [str(path) for path in SOURCES if silent(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("source", ["", "x = 1", "def f():\n    '''Says.'''", "import os\n'''Too late.'''"])
def test_silence_is_heard(source: str) -> None:
    assert silent(source)
