"""System packages: what is missing, and apt where we may use it.

Owns the names of packages and the use of apt. Does not own the search for PostgreSQL (gridgov.platform.postgres, which
the application uses too).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from steps import LOGS, ROOT, SetupFailed, Step

sys.path.insert(0, str(ROOT))
from gridgov.platform import postgres

BROWSERS = ("chromium", "google-chrome", "google-chrome-stable")
UNFINISHED = LOGS / "packages.unfinished"
CJK_FONTS = ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/google-noto-cjk")

# Runs as root; arguments: the packages. Debian would make and start a cluster of its own, "main", along with the
# server: the extra file keeps it from that, this once. A half-done earlier installation is finished first. apt waits
# for the lock of dpkg by itself, but not for that of its package lists, and dpkg waits for nothing. An interrupt ends
# the download at once; once dpkg is at work it is left to finish, for what it leaves half-done needs mending by hand.
INSTALL = """
set -e
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
conf=/etc/postgresql-common/createcluster.d/gridgov-setup.conf
trap 'rm -f "$conf"' EXIT
trap 'kill $child 2>/dev/null; exit 130' INT TERM
mkdir -p "${conf%/*}"
echo 'create_main_cluster = false' >"$conf"
patiently() {
  for _ in $(seq 200); do
    if said=$("$@" 2>&1); then return 0; fi
    case $said in
      *lock*) echo 'waiting for another apt'; sleep 3 ;;
      *) break ;;
    esac
  done
  echo "$said"
  return 1
}
options='-y -q -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 --no-install-recommends'
download() {
  apt-get $options --download-only install "$@" &
  child=$!
  wait $child
}
if [ -n "$(dpkg --audit)" ]; then patiently dpkg --force-confdef --force-confold --configure -a || true; fi
for name; do
  case $(apt-cache policy "$name") in
    *'Candidate: (none)'* | '') patiently apt-get -q update; break ;;
  esac
done
download "$@" || { patiently apt-get -q update && download "$@"; }
trap '' INT
apt-get $options install "$@"
"""


def missing(*, database: bool, browser: bool, fonts: bool = False) -> dict[str, list[str]]:
    """What is not there -> the Debian or Ubuntu packages that bring it (none: apt has no such package)."""
    release = postgres.os_release()
    lacking: dict[str, list[str]] = {}
    if importlib.util.find_spec("ensurepip") is None:
        lacking["venv of Python"] = [_venv_package()]
    if database:
        try:
            postgres.find()
        except postgres.PostgresMissing:
            lacking["PostgreSQL with PostGIS"] = postgres.packages(release=release)
    if browser and not playwrights_own(release) and not any(map(shutil.which, BROWSERS)):
        lacking["Chromium"] = ["chromium"]
    if (browser or fonts) and not any(Path(font).exists() for font in CJK_FONTS):
        lacking["a Chinese font"] = ["fonts-noto-cjk"]
    return lacking


def playwrights_own(release: dict[str, str] | None = None) -> bool:
    """Whether Playwright has to bring the browser: Ubuntu's package only points at a snap."""
    release = postgres.os_release() if release is None else release
    return release.get("ID") == "ubuntu" and not any(map(shutil.which, BROWSERS[1:]))


def install(step: Step, *, database: bool, browser: bool, fonts: bool = False) -> str:
    """Installs what is missing, or raises `SetupFailed` with one list of what to install."""
    lacking = missing(database=database, browser=browser, fonts=fonts)
    names = [name for wanted in lacking.values() for name in wanted]
    if UNFINISHED.exists():  # files may be in place whose packages were never set up
        names += [name for name in UNFINISHED.read_text(encoding="utf-8").split() if name not in names]
    if not names and not lacking:
        return "all there"
    rights = _rights()
    if not shutil.which("apt-get") or rights is None or not all(lacking.values()):
        raise SetupFailed(_request(lacking, names))
    UNFINISHED.write_text(" ".join(names), encoding="utf-8")
    step.run([*rights, "/bin/sh", "-c", INSTALL, "install", *names], orderly=True)
    UNFINISHED.unlink()
    still = missing(database=database, browser=browser)
    if still:
        raise SetupFailed(_request(still, [name for wanted in still.values() for name in wanted]))
    return f"installed {' '.join(names)}"


def _rights() -> list[str] | None:
    """What to put before a command to run it as root; None when we may not."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:  # noqa: S603 -- a fixed command
        return [sudo, "-n"]
    return None


def _venv_package() -> str:
    """Debian's python3-venv serves the distribution's own Python; another one has a package of its own."""
    own = os.path.realpath("/usr/bin/python3") == os.path.realpath(sys.executable)
    return "python3-venv" if own else f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


def _request(lacking: dict[str, list[str]], names: list[str]) -> str:
    lines = ["These are missing, and need rights that this user does not have:" if names else "These are missing:"]
    lines += [f"  - {what}" for what in lacking]
    if shutil.which("apt-get") and all(lacking.values()):
        lines += [
            "Install them, then run this again:",
            f"  sudo apt-get install --no-install-recommends {' '.join(names)}",
        ]
        return "\n".join(lines)
    if "PostgreSQL with PostGIS" in lacking:
        lines.append(f"  {postgres.advice()}")
    if "Chromium" in lacking:
        lines.append(f"  Install Chromium or Chrome so that one of these is on PATH: {', '.join(BROWSERS)}")
    if "a Chinese font" in lacking:
        lines.append("  Install Noto Sans CJK (fonts-noto-cjk, google-noto-sans-cjk-fonts, noto-fonts-cjk).")
    if "venv of Python" in lacking:
        lines.append("  Install Python's venv and ensurepip modules.")
    return "\n".join([*lines, "Then run this again."])
