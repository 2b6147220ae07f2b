"""The server process of a private cluster: its making, its start, what a dead one left behind, its end.

Owns what happens between these functions and PostgreSQL's programs. Does not own who may call when: `cluster` holds the
home's exclusive lock around every call.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT

from gridgov.platform import processes
from gridgov.platform.cluster_files import MIB, SOCKET_NAME, Files, socket_folder, write_conf
from gridgov.platform.errors import Conflict, GridgovError, Unavailable
from gridgov.platform.locks import is_held, take_shared
from gridgov.platform.postgres import Programs, find
from gridgov.platform.processes import POLL_S, Owner

ROLE = "gridgov"  # the cluster's superuser
INIT_NEEDS_BYTES = 120 * MIB  # a new cluster takes 39 MB, and PostGIS in two databases as much again
READY_WITHIN_S = 600  # after a crash the write-ahead log (up to 2 GB) is replayed first
FAST_STOP_S, HARD_STOP_S = 18, 8  # together less than the 30 s in which an interrupted command must be gone
SAYS_FULL = ("no space left on device", "quota exceeded")

# The shell puts the server in the background and ends: the server is nobody's child, and our end is not its own.
# $0 is the log, which moves aside once it has 10 MB; the rest is the command. Prints the process id.
BACKGROUND = """
[ "$(stat -c %s -- "$0" 2>/dev/null || echo 0)" -lt 10000000 ] || mv -f -- "$0" "$0.1"
"$@" >>"$0" 2>&1 </dev/null &
echo $!
"""


class ClusterFailed(Unavailable):
    code = "cluster-failed"


class DiskIsFull(Unavailable):
    code = "disk-full"


class NotACluster(Conflict):
    code = "not-a-cluster"


def make(files: Files, owner: Owner) -> bool:
    """Makes the cluster's files; False when they are there. They appear whole or not at all, whatever interrupts it."""
    if files.major() is not None:
        return False
    if files.data.exists() and any(files.data.iterdir()):
        raise NotACluster(
            f"“{files.data}” is not empty and is not a PostgreSQL cluster; it was left alone.",
            field="GRIDGOV_HOME",
            remedy="Move it away, or choose another GRIDGOV_HOME.",
        )
    programs = find()
    for leftover in files.folder.glob("making-*"):  # of a making that was cut short: never a whole cluster
        shutil.rmtree(leftover, ignore_errors=True)
    free = shutil.disk_usage(files.folder).free
    if free < INIT_NEEDS_BYTES:
        raise DiskIsFull(
            f"“{files.home}” has {free // MIB} MB left, and a new cluster needs {INIT_NEEDS_BYTES // MIB} MB.",
            field="GRIDGOV_HOME",
            remedy="Make room, or choose a folder on another disk.",
        )
    making = Path(tempfile.mkdtemp(prefix="making-", dir=files.folder))
    try:
        os.chown(making, owner.uid, owner.gid)
        _initdb(files, owner, programs, making)
        making.rename(files.data)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return True


def launch(files: Files, owner: Owner) -> None:
    """Starts the server on existing files and returns when it takes connections. No server of this cluster is known to
    run; should one run unseen (in another container that shares the home), it is noticed and left alone."""
    programs = find(files.major())
    _clear_stale(files, owner)
    folder = socket_folder(files, owner)
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (folder / name).unlink(missing_ok=True)
    write_conf(files, folder, owner)
    note = files.socket_note.with_suffix(".new")
    note.write_bytes(os.fsencode(folder))
    note.replace(files.socket_note)
    command = [programs.path("postgres"), "-D", str(files.data), "-c", f"config_file={files.conf}"]
    lock = take_shared(files.server_lock)
    try:
        script = ["/bin/sh", "-c", BACKGROUND, str(files.log), *command]
        began = owner.run(script, stdout=PIPE, stderr=DEVNULL, pass_fds=[lock])
        _await_ready(files, int(began.stdout.strip() or 0))
    except BaseException:
        pid = processes.postmaster(owner, files.data)
        if pid is not None:
            processes.send(pid, signal.SIGQUIT)
            processes.wait_until_gone([pid], HARD_STOP_S)
        raise
    finally:
        os.close(lock)  # not unlocked: the server's processes hold it on


def shut_down(pid: int) -> None:
    """Ends the server: gently (connections are closed, a checkpoint is written), else at once (the log is replayed at
    the next start)."""
    processes.send(pid, signal.SIGINT)
    if processes.wait_until_gone([pid], FAST_STOP_S):
        processes.send(pid, signal.SIGQUIT)
        if processes.wait_until_gone([pid], HARD_STOP_S):
            raise ClusterFailed(f"The server (process {pid}) does not end.", remedy=f"End it: kill -9 {pid}.")


def _initdb(files: Files, owner: Owner, programs: Programs, folder: Path) -> None:
    command = [programs.path("initdb"), "-D", str(folder), "-U", ROLE, "-E", "UTF8", "--data-checksums"]
    command += ["--auth-local=trust", "--auth-host=reject", "--no-instructions"]
    for locale in ("C.UTF-8", "C"):
        done = owner.run([*command, f"--locale={locale}"], family=True, stdout=PIPE, stderr=STDOUT)
        said = done.stdout.decode(errors="replace")
        if done.returncode == 0 or "invalid locale" not in said:
            break
    if done.returncode != 0:
        raise _failure(files, "The cluster could not be made", said)


def _await_ready(files: Files, pid: int) -> None:
    for _ in range(int(READY_WITHIN_S / POLL_S)):
        lines: list[str] = []
        with suppress(OSError):
            lines = files.pid_file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        if len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready":
            return
        if not processes.alive(pid):
            raise _failure(files, "PostgreSQL did not start", _last_words(files))
        time.sleep(POLL_S)
    raise _failure(files, f"PostgreSQL was not ready within {READY_WITHIN_S} s", _last_words(files))


def _clear_stale(files: Files, owner: Owner) -> None:
    """Takes away what a dead server left.

    PostgreSQL itself refuses to start when the process id in its old pid file belongs to any process of the same user
    by now (a restarted or busy machine), or when the file is empty. It also refuses while orphans of a killed server
    still hold its memory, and rightly: they are ended first. Its processes inherit a lock from us, and the kernel lets
    that go only when the last of them has ended; so taking away the pid file is safe.
    """
    orphans = processes.backends(owner, files.name)
    if processes.wait_until_gone(orphans, 1):
        for pid in orphans:
            processes.send(pid, signal.SIGQUIT)
        stubborn = processes.wait_until_gone(orphans, HARD_STOP_S)
        if stubborn:
            raise ClusterFailed(
                f"Processes of a server that was killed still run: {', '.join(map(str, stubborn))}.",
                field="GRIDGOV_HOME",
                remedy="End them, then try again.",
            )
    for _ in range(int(1 / POLL_S)):
        if not is_held(files.server_lock):
            break
        time.sleep(POLL_S)
    else:
        raise ClusterFailed(
            f"A server that cannot be seen from here runs on “{files.data}”.",
            field="GRIDGOV_HOME",
            remedy="It may belong to another container that shares this folder: stop it there, or use another folder.",
        )
    files.pid_file.unlink(missing_ok=True)


def _failure(files: Files, what: str, said: str) -> GridgovError:
    if any(phrase in said.lower() for phrase in SAYS_FULL):
        return DiskIsFull(
            f"{what}: the disk of “{files.home}” is full.",
            field="GRIDGOV_HOME",
            remedy="Make room, or choose a folder on another disk; nothing was lost.",
        )
    tail = "\n".join(said.strip().splitlines()[-12:])
    return ClusterFailed(f"{what}. It said:\n{tail}\n", field="GRIDGOV_HOME", remedy=f"The whole log: {files.log}")


def _last_words(files: Files) -> str:
    with suppress(OSError):
        return files.log.read_text(encoding="utf-8", errors="replace")[-4000:]
    return ""
