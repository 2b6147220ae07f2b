"""The harness itself: what it writes, how it fails, which way a ratio points. No figure is asserted anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gridgov.geo.locate import PointIndex
from tests.bench import __main__ as program
from tests.bench import bench_locate, harness
from tests.bench.harness import Row
from tests.bench.tiling import clustered_points, jagged_tiling

GOOD = """
from tests.bench.harness import LeftOut, Row, bench
@bench("good")
def good(scale):
    yield Row("speed " + scale, 10, 200.0, "peer", 50.0, "rows/s")
    yield Row("delay", 10, 2.0, "peer", 3.0, "ms", "less", "identical")
    yield LeftOut("elsewhere", "no database named")
"""
BAD = """
from tests.bench.harness import Row, bench
@bench("bad")
def bad(scale):
    yield Row("before", 1, 1.0, "peer", 1.0, "s")
    raise RuntimeError("the peer fell over")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of benches of its own, importable as a package of its own name."""
    made = tmp_path / f"benches_{tmp_path.name}"
    made.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(harness, "REGISTRY", {})
    return made


def run(folder: Path, *arguments: str) -> tuple[int, list[dict[str, object]]]:
    out = folder / "out" / "bench.json"
    code = program.main([*arguments, "--out", str(out)], folder=folder, package=folder.name)
    return code, json.loads(out.read_text(encoding="utf-8")) if out.exists() else []


def test_rows_are_written_with_their_ratio(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bench_good.py").write_text(GOOD)
    code, rows = run(folder, "--scale", "small")
    assert code == 0
    assert rows == [
        {"name": "speed small", "n": 10, "ours": 200.0, "peer": "peer", "theirs": 50.0, "unit": "rows/s", "ratio": 4.0,
         "note": ""},
        {"name": "delay", "n": 10, "ours": 2.0, "peer": "peer", "theirs": 3.0, "unit": "ms", "ratio": 1.5,
         "note": "identical"},
    ]  # fmt: skip
    printed = capsys.readouterr().out
    assert "speed small" in printed
    assert "no database named" in printed


def test_one_failing_bench_stops_no_other_and_is_told_at_the_end(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bench_a.py").write_text(BAD)
    (folder / "bench_b.py").write_text("import not_installed_anywhere\n")
    (folder / "bench_c.py").write_text(GOOD)
    code, rows = run(folder)
    assert code == 1
    assert [row["name"] for row in rows] == ["before", "speed full", "delay"]
    printed = capsys.readouterr().out
    assert "the peer fell over" in printed
    assert "not_installed_anywhere" in printed


def test_only_the_named_benches_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bench_a.py").write_text(BAD)
    (folder / "bench_c.py").write_text(GOOD)
    code, rows = run(folder, "good")
    assert (code, len(rows)) == (0, 2)
    assert run(folder, "unheard-of") == (2, rows)
    (folder / "bench_b.py").write_text("import not_installed_anywhere\n")
    assert run(folder, "good")[0] == 0, "what was not asked for cannot fail"
    assert run(folder, "unheard-of")[0] == 1, "it may be in the file that cannot be imported"
    assert "unheard-of" in capsys.readouterr().out


def test_a_name_is_given_once(folder: Path) -> None:
    (folder / "bench_a.py").write_text(GOOD)
    (folder / "bench_b.py").write_text(GOOD)
    code, rows = run(folder)
    assert code == 1
    assert len(rows) == 2


def test_the_projects_own_benches_are_found() -> None:
    """In a process of its own, where nothing has imported a bench yet."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--list"], cwd=program.HERE.parents[1], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert "locate" in done.stdout.split(), done.stdout + done.stderr


def test_differing_answers_are_a_failure() -> None:
    """Control: a peer that places one point otherwise ends the bench."""
    rng = np.random.default_rng(3)
    polygons = jagged_tiling(rng, 4, 2)
    points = clustered_points(rng, 2000)
    index = PointIndex.build(polygons)
    x, y = points.T.copy()
    answers = index.locate(x, y)
    wrong = answers.copy()
    wrong[np.flatnonzero(answers == 1)[0]] = 2
    with bench_locate.database() as engine:
        peers = list(bench_locate.peers(polygons, points, engine))
    assert len(peers) == 3
    for peer in peers:
        assert bench_locate.agreement(answers, peer).startswith("identical: all 2,000")
        with pytest.raises(bench_locate.AnswersDiffer, match="1 of 2,000"):
            bench_locate.agreement(wrong, peer)


def test_figures_are_readable() -> None:
    assert harness.figure(1234567.8) == "1,234,568"
    assert harness.figure(0.58612) == "0.5861"
    assert Row("a", 1, 2.0, "b", 1.0, "s", "less").ratio == 0.5
