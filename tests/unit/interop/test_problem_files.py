"""Counts add up, and refused rows are written down without personal data and without formulas."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from gridgov.interop.files.faults import Fault
from gridgov.interop.problems import HEADER, NOT_SHOWN, ImportReport, Problems, Tally, problem_file


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_refused_row_says_where_what_and_why_in_both_languages(tmp_path: Path) -> None:
    with problem_file(tmp_path, "grid from 网格.csv") as problems:
        problems.add("网格.csv", 12, Fault("not-a-number", "经度", "东"))
    assert problems.path is not None
    assert problems.path.read_bytes().startswith(b"\xef\xbb\xbf")
    (line,) = lines(problems.path)
    assert tuple(line) == HEADER
    assert (line["file"], line["row"], line["column"], line["value"]) == ("网格.csv", "12", "经度", "东")
    assert (line["reason_zh"], line["reason_en"]) == ("不是数字", "is not a number")


def test_personal_values_and_formulas_are_not_repeated(tmp_path: Path) -> None:
    with problem_file(tmp_path, "x") as problems:
        problems.add("a.csv", 2, Fault("value-too-long", "联系电话", "13800138000", {"limit": 5}))
        problems.add("a.csv", 3, Fault("category-unknown", "类别", '=HYPERLINK("http://x")'))
    assert problems.path is not None
    assert "13800138000" not in problems.path.read_text("utf-8-sig")
    first, second = lines(problems.path)
    assert first["value"] == NOT_SHOWN
    assert second["value"].startswith("'=")


def test_no_refused_row_leaves_no_file_and_removes_the_old_one(tmp_path: Path) -> None:
    with problem_file(tmp_path / "deep", "x") as problems:
        problems.add("a.csv", 1, Fault("value-missing", "code"))
    assert problems.path is not None
    assert problems.path.exists()
    with problem_file(tmp_path / "deep", "x") as again:
        pass
    assert again.path is not None
    assert not again.path.exists()


def test_without_a_folder_rows_are_only_counted() -> None:
    with problem_file(None, "x") as problems:
        problems.add("a.csv", 1, Fault("value-missing", "code"))
    assert problems.count == 1
    assert Tally(read=1, refused=1).report("areas", "x", problems).problem_file is None


@pytest.mark.parametrize("counts", [(10, 5, 4, 0, 0), (10, 5, 4, 10, 1), (3, 2, 2, 0, 0)])
def test_counts_that_do_not_add_up_are_a_fault_of_ours(counts: tuple[int, int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="do not add up"):
        ImportReport("areas", "x", *counts)


def test_a_report_is_readable() -> None:
    tally = Tally(read=10, taken=7, repeated=2, repaired=1, refused=1)
    tally.note("overlap", "重叠 {count} 处", "{count} overlaps", count=2)
    with Problems(None) as problems:
        report = tally.report("areas", "grid from a.gpkg", problems)
    assert str(report) == "grid from a.gpkg: 10 read, 7 taken, 2 repeated, 1 repaired, 1 refused\n  2 overlaps"
    assert report.notes[0].text["zh"] == "重叠 2 处"
