"""Many threads ask one place index: right answers, and a process that is still there.

The R-tree's library must not be read by two threads at once: it ends the process, and no `except` sees it. So the
threads run in a process of their own, whose end tells.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import shapely

from gridgov.areas.places import _Nearby

rng = np.random.default_rng(7)
starts = rng.uniform(0.0, 50_000.0, (100_000, 2))
shapes = shapely.linestrings(np.stack([starts, starts + rng.uniform(-30.0, 30.0, starts.shape)], axis=1))
ids = list(range(len(shapes)))
index = _Nearby(ids, [{"en": str(i)} for i in ids], list(shapes))
if sys.argv[1] == "unguarded":
    index._lock = nullcontext()
points = rng.uniform(0.0, 50_000.0, (400, 2)).tolist()
alone = [index.nearest(x, y, 5_000.0) for x, y in points]
with ThreadPoolExecutor(8) as pool:
    rounds = pool.map(lambda _: [index.nearest(x, y, 5_000.0) for x, y in points], range(24))
    assert all(answers == alone for answers in rounds)
"""


def asked(how: str) -> subprocess.CompletedProcess[str]:
    """The end of a process in which eight threads ask at once."""
    command = [sys.executable, "-c", PROGRAM, how]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_many_threads_get_the_answers_of_one() -> None:
    done = asked("guarded")
    assert done.returncode == 0, done.stderr


def test_without_its_guard_the_process_would_end() -> None:
    """The control. Chance decides when two threads meet, so it has several tries; it took one in every trial made."""
    if not any(asked("unguarded").returncode for _ in range(5)):
        pytest.fail("the library can be read by many threads after all: the guard may go")
