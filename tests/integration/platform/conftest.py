"""Homes with blanks and 中文 in their names, and the certainty that nothing is left running."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gridgov.platform.cluster import Cluster
from tests.integration.platform.homes import Other


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user may pass through, gone afterwards together with every cluster in it."""
    made = Path(tempfile.mkdtemp(prefix="gridgov test 网格 "))
    made.chmod(0o755)
    yield made
    for lock in made.rglob("cluster.lock"):
        Cluster(lock.parent).stop(force=True)
    shutil.rmtree(made)


@pytest.fixture
def no_home(folder: Path) -> Path:
    """A home that does not exist yet."""
    return folder / "数据 home"


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A home with a cluster that was never started, to be copied: making one takes as long as ten copies."""
    folder = Path(tempfile.mkdtemp(prefix="gridgov-made-"))
    folder.chmod(0o755)
    Cluster(folder / "home").init()
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def home(no_home: Path, made: Path) -> Path:
    """A home of the test's own with a fresh cluster in it."""
    subprocess.run(["cp", "-a", made, no_home], check=True)
    return no_home


@pytest.fixture
def other() -> Iterator[Callable[..., Other]]:
    """Makes other processes; those that still run at the end are killed."""
    made: list[Other] = []

    def make(*given: object) -> Other:
        made.append(Other(*given))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for process in made:
        if process.process.poll() is None:
            process.kill()
