"""Whom to run PostgreSQL as, and which running processes belong to one cluster (Linux: /proc).

Owns running a program as the cluster's user and recognising that cluster's processes. Does not own when they start or
end (`server`). A process is known by its user and by its command line, which anybody may read; /proc/PID/cwd and exe
would be surer but are closed to root itself in a plain container (no CAP_SYS_PTRACE).
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridgov.platform.errors import Unavailable

PREFERRED = ("postgres", "gridgov")
POLL_S = 0.02


@dataclass(frozen=True)
class Owner:
    """The operating system's user who owns a cluster's files and runs it."""

    uid: int
    gid: int
    name: str

    def run(self, command: list[str], *, family: bool = False, **more: Any) -> subprocess.CompletedProcess[bytes]:
        """Runs `command` as this user, in a session of its own (a Ctrl-C is ours to handle), without our environment:
        PG…, PROJ_… and GDAL_… variables meant for this process must not reach the server.

        Cut short by an exception here, it is killed; with `family`, so is every process that it started.
        """
        identity: dict[str, Any] = {}
        if os.geteuid() != self.uid:
            identity = {"user": self.uid, "group": self.gid, "extra_groups": []}
        with subprocess.Popen(  # noqa: S603 -- no shell; the programs are PostgreSQL's, found by `postgres`
            command,
            stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            cwd="/",
            umask=0o077,
            start_new_session=True,
            **identity,
            **more,
        ) as child:
            try:
                printed, said = child.communicate()
            except BaseException:
                _kill(child, family=family)
                raise
        return subprocess.CompletedProcess(command, child.returncode, printed, said)

    def can_enter(self, folder: Path) -> bool:
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)], stderr=subprocess.DEVNULL).returncode == 0


def _kill(child: subprocess.Popen[bytes], *, family: bool) -> None:
    """Kills and waits: whoever goes on afterwards may take away the files that were being written."""
    if not family:
        child.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for _ in range(int(2 / POLL_S)):
        try:
            os.killpg(child.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(POLL_S)


def owner_of(data: Path) -> Owner:
    """The user of an existing data folder; for a new one ourselves, or as root (whom PostgreSQL refuses) the user
    `postgres`, else a system user `gridgov`, which is made."""
    if data.exists() and data.stat().st_uid != 0:
        entry = data.stat()
        try:
            name = pwd.getpwuid(entry.st_uid).pw_name
        except KeyError:
            name = str(entry.st_uid)
        return Owner(entry.st_uid, entry.st_gid, name)
    if os.geteuid() != 0:
        return _named(None)
    for name in PREFERRED:
        try:
            return _named(name)
        except KeyError:
            continue
    return _made(PREFERRED[-1])


def _named(name: str | None) -> Owner:
    if name is None:
        try:
            name = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            name = str(os.geteuid())
        return Owner(os.geteuid(), os.getegid(), name)
    entry = pwd.getpwnam(name)
    return Owner(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _made(name: str) -> Owner:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program:
        command = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/", "--shell", "/bin/false"]
        subprocess.run([*command, name], check=False, capture_output=True)  # noqa: S603 -- a fixed command
    try:
        return _named(name)
    except KeyError:
        raise Unavailable(
            "PostgreSQL will not run as root, and a user to run it could not be made.",
            field="GRIDGOV_HOME",
            remedy=f"Make one (useradd --system {name}) or run gridgov as another user.",
        ) from None


def postmaster(owner: Owner, data: Path) -> int | None:
    """The process id of the server that runs on `data`, whatever its pid file says (it may be stale, empty or absent).

    A process that the server has just forked still bears its command line: of several the one is meant whose parent is
    not among them.
    """
    wanted = os.fsencode(data)
    alike = []
    for pid, line in _command_lines(owner):
        words = line.split(b"\0")
        if (
            os.path.basename(words[0]) == b"postgres"
            and b"-D" in words[:-1]
            and words[words.index(b"-D") + 1] == wanted
        ):
            alike.append(pid)
    return next((pid for pid in alike if _status(pid)[1] not in alike and alive(pid)), None)


def backends(owner: Owner, cluster_name: str) -> list[int]:
    """Processes that a server of this `cluster_name` forked; with the server dead they are orphans that hold its
    memory."""
    title = f"postgres: {cluster_name}: ".encode()
    return [pid for pid, line in _command_lines(owner) if line.startswith(title)]


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and that nobody has waited for does not count."""
    return _status(pid)[0] not in ("", "Z", "X")


def wait_until_gone(pids: list[int], within_s: float) -> list[int]:
    """Waits; returns those that still run when the time is over."""
    for _ in range(int(within_s / POLL_S)):
        pids = [pid for pid in pids if alive(pid)]
        if not pids:
            break
        time.sleep(POLL_S)
    return pids


def send(pid: int, number: signal.Signals) -> None:
    """Sends a signal; a process that is gone already is what was wanted."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _status(pid: int) -> tuple[str, int]:
    """State letter and parent of a process; ("", 0) when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", 0
    words = stat.rpartition(")")[2].split()
    return words[0], int(words[1])


def _command_lines(owner: Owner) -> Iterator[tuple[int, bytes]]:
    """Process ids and command lines of this user's processes."""
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            if entry.stat().st_uid != owner.uid:
                continue
            line = Path(entry.path, "cmdline").read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if line:
            yield int(entry.name), line
