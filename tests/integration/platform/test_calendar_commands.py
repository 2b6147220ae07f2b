"""`gridgov calendar` and `gridgov import calendar`, as somebody types them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gridgov.bootstrap import House

ROOT = Path(__file__).resolve().parents[3]
HEAD = "day,working,name_zh,name_en,source\n"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(sampled: House, database_url: str, tmp_path: Path) -> Command:
    """The product's own command, on a sample city."""
    environment = os.environ | {"GRIDGOV_DATABASE_URL": database_url, "GRIDGOV_HOME": str(tmp_path / "home")}
    environment |= {"GRIDGOV_CITY": "demo", "PYTHONIOENCODING": "utf-8"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "gridgov", *words]
        return subprocess.run(line, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)

    return run


def test_a_calendar_is_looked_at_loaded_shown_and_used(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "2026.csv"
    file.write_text(
        HEAD + "2026-10-01,false,国庆节,National Day,通知\n2026-10-10,true,国庆节调休,,通知\n", encoding="utf-8"
    )
    first = command("import", "calendar", str(file), "--preview")
    assert first.returncode == 0, first.stderr
    assert "2026-10-01 Thu  plain -> free 国庆节 National Day" in first.stdout
    assert "nothing was stored" in first.stdout
    unknown = command("calendar", "show", "2026")
    assert "Not known" in unknown.stdout
    assert command("import", "calendar", str(file)).returncode == 0
    shown = command("calendar", "show", "2026")
    assert shown.stdout.splitlines() == [
        "2026, Asia/Shanghai, working hours 08:00-12:00 14:00-18:00",
        "  2026-10-01 Thu  free 国庆节 National Day  通知",
        "  2026-10-10 Sat  worked 国庆节调休  通知",
    ]
    due = command("calendar", "due", "1 work_day", "--from", "2026-09-30 16:00:00")
    assert due.stdout == "2026-09-30 16:00 + 1 work_day = 2026-10-02 16:00\n"
    later = command("calendar", "due", "1个工作日", "--from", "2026-12-31 16:00:00")
    assert "known until 2026-12-31" in later.stdout
    assert command("calendar", "hours", "09:00-17:00").stdout == "working hours 09:00-17:00\n"
    due = command("calendar", "due", "2 work_hour", "--from", "2026-09-30 16:00:00")
    assert due.stdout == "2026-09-30 16:00 + 2 work_hour = 2026-10-02 10:00\n"


def test_what_is_wrong_is_said(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "2026.csv"
    file.write_text(HEAD + "2026-10-01,false,国庆节,,通知\n2026-10-09,true,国庆节调休,,通知\n", encoding="utf-8")
    for words, said in (
        (("import", "calendar", str(file)), "2026.csv, row 3"),
        (("calendar", "due", "2 weeks"), "2 work_day"),
        (("calendar", "hours", "9-17"), "08:00-12:00"),
    ):
        failed = command(*words)
        assert failed.returncode == 2, failed.stdout
        assert said in failed.stderr
        assert "Traceback" not in failed.stderr
    assert "Not known" in command("calendar", "show", "2026").stdout
