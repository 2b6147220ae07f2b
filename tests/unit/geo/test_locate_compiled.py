"""Where compiled kernels are kept, and that they run when they can be kept nowhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import gridgov.geo

PROGRAM = "from gridgov.geo.predicates import orientation; print(orientation(0.0, 0.0, 1.0, 0.0, 0.5, 1e-300))"


def installed_read_only(folder: Path) -> Path:
    """A copy of gridgov.geo beside which nothing can be written, whoever the user: __pycache__ is a file."""
    package = folder / "gridgov" / "geo"
    shutil.copytree(Path(gridgov.geo.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "gridgov" / "__init__.py").touch()
    (package / "__pycache__").touch()
    return folder


def answer(folder: Path, home: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "XDG_", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM],
        env=kept | {"HOME": str(home), "PYTHONPATH": str(folder)},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_read_only_package_is_cached_in_the_users_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert answer(installed_read_only(tmp_path / "site"), home) == "1"
    assert list(home.rglob("*.nbi")), "nothing was kept"


def test_without_any_place_for_a_cache_it_still_works(tmp_path: Path) -> None:
    no_home = tmp_path / "file"
    no_home.touch()
    site = installed_read_only(tmp_path / "site")
    assert answer(site, no_home / "nobody") == "1"
    assert not list(tmp_path.rglob("*.nbi"))
