"""The virtual environment .venv, from a requirements file whose every line carries a hash.

Owns .venv. Does not own the requirements files (`make lock` writes them from pyproject.toml).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from steps import ROOT, Step

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "gridgov-setup.json"
UNFINISHED = VENV / "gridgov-setup.unfinished"
RUNTIME, DEV = "requirements.txt", "requirements-dev.txt"
PIP = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar=off", "--no-deps"]


def ensure(step: Step, *, dev: bool) -> str:
    """Makes .venv hold what the requirements file says, and gridgov itself as an editable install.

    Nothing is done when the files' hashes are those of the last time. An environment that works is built upon; one that
    an interrupted run left, that was moved, or whose Python is gone is made anew.
    """
    wanted = _wanted(dev)
    had = _had()
    if had and all(had.get(name) == value for name, value in wanted.items()):
        return "as locked"
    if not _usable():
        step.run([sys.executable, "-m", "venv", "--clear", VENV])
        had = {}
    UNFINISHED.touch()
    lock = DEV if dev else RUNTIME
    if had.get(lock) != wanted[lock]:
        # The lock is whole and holds wheels for what we need: nothing to resolve, nothing to compile from source.
        step.run([PYTHON, *PIP, "--no-compile", "--only-binary=:all:", "--require-hashes", "-r", ROOT / lock])
    step.run([PYTHON, *PIP, "--no-build-isolation", "--no-index", "-e", ROOT])
    UNFINISHED.unlink()
    # The file for developers holds all of the other one (a test sees to it), so its presence serves both.
    STAMP.write_text(json.dumps({**had, **_wanted(dev=False), **wanted}), encoding="utf-8")
    return f"installed from {lock}"


def compile_all(step: Step) -> str:
    """Byte code for all packages, on all cores: pip would do it on one, and Python at each first import. And for our
    own: where Python is told to write none (PYTHONDONTWRITEBYTECODE), each command would compile all it reads."""
    step.run([PYTHON, "-m", "compileall", "-q", "-j", "0", ROOT / "gridgov", ROOT / "migrations"])  # what has changed
    mark = VENV / "gridgov-compiled"
    if mark.exists() and mark.stat().st_mtime >= STAMP.stat().st_mtime:
        return "up to date"
    packages = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    # Some packages carry files that are meant for other versions of Python; those failing to compile is no failure.
    command = '"$0" -m compileall -q -j 0 "$1" || true'
    step.run(["/bin/sh", "-c", command, PYTHON, packages])
    mark.touch()
    return "done"


def environment() -> dict[str, str]:
    """Variables for programs of the environment: its own programs come first."""
    return {"PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}", "VIRTUAL_ENV": str(VENV)}


def _wanted(dev: bool) -> dict[str, str]:
    lock = DEV if dev else RUNTIME
    return {
        "place": str(VENV),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "pyproject.toml": _hash(ROOT / "pyproject.toml"),
        lock: _hash(ROOT / lock),
    }


def _had() -> dict[str, str]:
    """What the last complete run noted; empty when there was none, or when its environment does not work any more."""
    try:
        noted = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) and PYTHON.exists() else {}


def _usable() -> bool:
    """Whether .venv can be built upon: whole, of this Python, and made in this very place (its programs name it)."""
    pip = VENV / "bin" / "pip"
    if UNFINISHED.exists() or not pip.exists() or str(VENV).encode() not in pip.read_bytes()[:1000]:
        return False
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    check = [str(PYTHON), "-c", f"import pip, sys; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0  # noqa: S603 -- our own Python


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
