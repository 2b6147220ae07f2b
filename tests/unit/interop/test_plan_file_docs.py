"""The document of plan files prints the tables that the program reads by."""

from __future__ import annotations

from pathlib import Path

from gridgov.interop.plans.columns import ATOM_COLUMNS, GRID_COLUMNS, table
from gridgov.planning import foreign
from gridgov.planning.foreign import SENTENCES, FindingKind

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "plan-files.md").read_text(encoding="utf-8")


def test_the_tables_are_printed() -> None:
    for printed in (table(GRID_COLUMNS), table(ATOM_COLUMNS), foreign.table()):
        assert printed in DOCUMENT
    assert table(GRID_COLUMNS[1:]) not in DOCUMENT


def test_every_finding_has_its_sentences() -> None:
    assert set(SENTENCES) == set(FindingKind)


def test_no_name_is_too_long_for_a_shapefile() -> None:
    assert all(len(one.name) <= 10 for one in (*GRID_COLUMNS, *ATOM_COLUMNS))
