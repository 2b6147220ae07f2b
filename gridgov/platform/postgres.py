"""Which PostgreSQL with PostGIS this machine has, and which packages give one.

Owns finding the programs and the advice where there are none. Does not own a cluster's life (`cluster`).
Imports the standard library and `errors` alone: the set-up asks it before anything is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gridgov.platform.errors import Unavailable

LEAST_POSTGRESQL = 15
LEAST_POSTGIS = (3, 3)
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
NEEDED = ("initdb", "postgres")

# Where distributions put the programs of each version side by side. What PATH gives comes last: it may be a link to a
# version that lacks PostGIS, or to nothing.
VERSIONED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
)

# What the distribution's own package sets offer: (ID, VERSION_ID) of /etc/os-release -> major version.
OFFERED = {
    ("debian", "12"): 15,
    ("debian", "13"): 17,
    ("ubuntu", "23.04"): 15,
    ("ubuntu", "24.04"): 16,
    ("ubuntu", "25.04"): 17,
    ("ubuntu", "25.10"): 17,
}
OTHERS = {
    "fedora": "dnf install postgresql-server postgresql-contrib postgis",
    "arch": "pacman -S postgresql postgis",
    "alpine": "apk add postgresql postgresql-contrib postgis",
    "opensuse": "zypper install postgresql-server postgresql-contrib postgis",
}


class PostgresMissing(Unavailable):
    code = "postgresql-missing"


@dataclass(frozen=True)
class Programs:
    """One installed PostgreSQL: the folder of its programs, its major version and the version of its PostGIS."""

    folder: Path
    major: int
    postgis: tuple[int, int]

    def path(self, name: str) -> str:
        return str(self.folder / name)


def find(major: int | None = None, folders: Sequence[Path] | None = None) -> Programs:
    """The newest PostgreSQL >= 15 with PostGIS >= 3.3, or that of exactly `major` (a cluster runs only under its own).

    `folders`: program folders to look in; by default all the usual ones. Raises `PostgresMissing`, which names what was
    found unfit and the packages to install.
    """
    unfit: list[str] = []
    fit: list[Programs] = []
    for folder in _folders() if folders is None else folders:
        verdict = _examine(folder)
        if isinstance(verdict, str):
            unfit.append(verdict)
        elif major is not None and verdict.major != major:
            unfit.append(f"{folder} is PostgreSQL {verdict.major}")
        else:
            fit.append(verdict)
    if fit:
        return max(fit, key=lambda programs: programs.major)
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {LEAST_POSTGRESQL} or newer"
    found = f" (found: {'; '.join(unfit)})" if unfit else ""
    raise PostgresMissing(
        f"{wanted} with PostGIS {LEAST_POSTGIS[0]}.{LEAST_POSTGIS[1]} or newer is not installed{found}.",
        field="PostgreSQL",
        remedy=f"{advice(major)} Or point GRIDGOV_DATABASE_URL at a database of your own.",
    )


def packages(major: int | None = None, release: dict[str, str] | None = None) -> list[str]:
    """Names of the Debian or Ubuntu packages that give a fit PostgreSQL; empty where we know of none."""
    release = os_release() if release is None else release
    offered = OFFERED.get((release.get("ID", ""), release.get("VERSION_ID", "")))
    chosen = major or offered
    if chosen is None:
        return []
    return [f"postgresql-{chosen}", f"postgresql-{chosen}-postgis-3"]


def advice(major: int | None = None, release: dict[str, str] | None = None) -> str:
    """One sentence: what to install here."""
    release = os_release() if release is None else release
    names = packages(major, release)
    if names and "debian" in (release.get("ID", ""), *release.get("ID_LIKE", "").split()):
        return f"Install it with: apt-get install --no-install-recommends {' '.join(names)}"
    for family in (release.get("ID", ""), *release.get("ID_LIKE", "").split()):
        for name, command in OTHERS.items():
            if family.startswith(name):
                return f"Install it with: {command}"
    return (
        f"Install PostgreSQL {major or LEAST_POSTGRESQL} (server and contrib modules) and PostGIS "
        f"{LEAST_POSTGIS[0]}.{LEAST_POSTGIS[1]} from your distribution or from the packages of the PostgreSQL project."
    )


def os_release(path: Path = Path("/etc/os-release")) -> dict[str, str]:
    """The distribution's own description of itself; empty where there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}


def _folders() -> Iterator[Path]:
    seen: set[Path] = set()
    for pattern in VERSIONED:
        yield from _fresh(seen, Path("/").glob(pattern.lstrip("/")))
    asked = _output("pg_config", "--bindir")
    if asked:
        yield from _fresh(seen, [Path(asked)])
    on_path = shutil.which("initdb")
    if on_path:
        yield from _fresh(seen, [Path(os.path.realpath(on_path)).parent])


def _fresh(seen: set[Path], folders: Iterator[Path] | list[Path]) -> Iterator[Path]:
    for folder in folders:
        real = Path(os.path.realpath(folder))
        if real not in seen and any((real / name).exists() for name in NEEDED):
            seen.add(real)
            yield real


def _examine(folder: Path) -> Programs | str:
    """The programs in `folder`, or a phrase why they are not fit."""
    lacking = [name for name in NEEDED if not os.access(folder / name, os.X_OK)]
    if lacking:
        return f"{folder} lacks {' and '.join(lacking)}"
    version = re.search(r"\(PostgreSQL\) (\d+)", _output(str(folder / "postgres"), "--version"))
    if not version:
        return f"{folder} does not tell its version"
    major = int(version[1])
    if major < LEAST_POSTGRESQL:
        return f"{folder} is PostgreSQL {major}"
    shared = _extension_folder(folder, major)
    absent = [name for name in EXTENSIONS if shared is None or not (shared / f"{name}.control").is_file()]
    if shared is None or absent:
        return f"PostgreSQL {major} in {folder} has no {' and no '.join(absent)}"
    control = (shared / "postgis.control").read_text(encoding="utf-8", errors="replace")
    stated = re.search(r"default_version\s*=\s*'(\d+)\.(\d+)", control)
    postgis = (int(stated[1]), int(stated[2])) if stated else (0, 0)
    if postgis < LEAST_POSTGIS:
        return f"PostgreSQL {major} in {folder} has PostGIS {postgis[0]}.{postgis[1]}"
    return Programs(folder, major, postgis)


def _extension_folder(folder: Path, major: int) -> Path | None:
    stated = _output(str(folder / "pg_config"), "--sharedir")
    guesses = [stated] if stated else []
    guesses += [f"/usr/share/postgresql/{major}", f"{folder.parent}/share/postgresql", f"{folder.parent}/share"]
    for guess in guesses:
        if (Path(guess) / "extension" / "plpgsql.control").is_file():
            return Path(guess) / "extension"
    return None


def _output(*command: str) -> str:
    """What a program prints, stripped; empty when it is absent or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)  # noqa: S603 -- no shell
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
