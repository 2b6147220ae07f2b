"""Where a private cluster's files lie and what its configuration says.

    HOME/                       0711 when root made it (the cluster's user must pass), else 0700
      cluster/data/             the cluster itself, 0700, of the user who runs it
      cluster/socket/           the socket, unless the path is too long for one
      cluster/server.log        what the server said
      cluster.conf              written anew at each start; cluster.local.conf, if there, has the last word
      cluster.lock, .users, .server   locks: who changes the cluster's state; who uses it; its server runs
      cluster.socket            the folder of the socket
      cluster.kept              there while it was started to stay

Owns paths, modes and the text of the configuration. Does not own starting and stopping (`cluster`).
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gridgov.platform.errors import BadInput, Refused
from gridgov.platform.locks import HomeIsAnothers
from gridgov.platform.processes import Owner

PORT = 5432  # names the socket file; nothing listens on a network port
SOCKET_NAME = f".s.PGSQL.{PORT}"
LONGEST_SOCKET = 107  # bytes of sun_path, without its closing NUL
TMP = Path(tempfile.gettempdir())
MIB = 1 << 20


class HomeIsClosed(BadInput):
    code = "home-closed"


class FolderIsForeign(Refused):
    code = "folder-foreign"


@dataclass(frozen=True)
class Files:
    """Paths of one home. Two spellings of the same home (links, `..`) give the same files and the same `name`."""

    home: Path

    @classmethod
    def of(cls, home: Path) -> Files:
        return cls(Path(os.path.realpath(home)))

    @property
    def folder(self) -> Path:
        return self.home / "cluster"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def conf(self) -> Path:
        return self.home / "cluster.conf"

    @property
    def local_conf(self) -> Path:
        return self.home / "cluster.local.conf"

    @property
    def lock(self) -> Path:
        return self.home / "cluster.lock"

    @property
    def users(self) -> Path:
        return self.home / "cluster.users"

    @property
    def server_lock(self) -> Path:
        return self.home / "cluster.server"

    @property
    def kept(self) -> Path:
        return self.home / "cluster.kept"

    @property
    def socket_note(self) -> Path:
        return self.home / "cluster.socket"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def name(self) -> str:
        """Tells this cluster's processes and socket folder from all others on the machine."""
        return f"gridgov-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]}"

    def major(self) -> int | None:
        """The major version of PostgreSQL that made the cluster; None when there is none."""
        try:
            return int((self.data / "PG_VERSION").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None


def make_home(files: Files, owner: Owner) -> None:
    """Makes the home and the cluster's folder in it, if need be, and sees that the cluster's user can get there."""
    ours = owner.uid == os.geteuid()
    missing = []
    nearest = files.home
    while not nearest.exists():
        missing.append(nearest)
        nearest = nearest.parent
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        # Whatever the umask: folders that we make must let the cluster's user through, and show nobody what is inside.
        folder.chmod(0o700 if ours else 0o711)
    if os.geteuid() == 0 and files.home.stat().st_uid != 0:
        raise HomeIsAnothers(
            f"“{files.home}” belongs to another user, and root does not write into other users' folders.",
            field="GRIDGOV_HOME",
            remedy="Run gridgov as that user, or choose another GRIDGOV_HOME.",
        )
    if not owner.can_enter(files.home):
        raise HomeIsClosed(
            f"The user “{owner.name}”, who runs PostgreSQL because root may not, cannot enter “{files.home}”.",
            field="GRIDGOV_HOME",
            remedy="Choose a folder outside closed ones (e.g. /var/lib/gridgov), or open each parent with chmod o+x.",
        )
    private_folder(files.folder, owner)


def socket_folder(files: Files, owner: Owner) -> Path:
    """The folder for the socket, made if need be: in the home when the address fits, else a short private one.

    The short one lies in /run for root and in the temporary folder for others. $XDG_RUNTIME_DIR would be gone when the
    user logs out while the server still runs.
    """
    inside = files.folder / "socket"
    if _fits(inside):
        return private_folder(inside, owner)
    run = Path("/run")
    base = run if os.geteuid() == 0 and os.access(run, os.W_OK) else TMP
    return private_folder(base / files.name, owner)


def private_folder(folder: Path, owner: Owner) -> Path:
    """Makes `folder` for the cluster's user alone, for whoever can reach the socket is let in without a password.

    One that is there already is closed to others; one that is a link or somebody else's is refused.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner.uid, os.geteuid()):
            raise FolderIsForeign(
                f"“{folder}” is there already and does not belong to user “{owner.name}”.",
                field="GRIDGOV_HOME",
                remedy="Choose another GRIDGOV_HOME, or give the folder to that user.",
            ) from None
    os.chmod(folder, 0o700)
    os.chown(folder, owner.uid, owner.gid)
    return folder


def _fits(folder: Path) -> bool:
    """Whether libpq and the server both take this folder as a socket's: short enough, readable as UTF-8 (it travels in
    a URL), and free of the signs by which they separate or quote folders."""
    try:
        length = len(str(folder / SOCKET_NAME).encode())
    except UnicodeEncodeError:
        return False
    return length <= LONGEST_SOCKET and not set(str(folder)) & set(",'\"\\")


def write_conf(files: Files, socket: Path, owner: Owner) -> None:
    """Writes HOME/cluster.conf (read by the cluster's user, so open to all; it holds no secret)."""
    lines = [f"{name} = {_quoted(value)}" for name, value in settings(files, socket).items()]
    if files.local_conf.exists():
        lines.append(f"include = {_quoted(str(files.local_conf))}")
    text = "# Written at each start. Your own settings go into cluster.local.conf beside this file.\n"
    files.conf.unlink(missing_ok=True)
    files.conf.write_text(text + "\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
    files.conf.chmod(0o644 if owner.uid != os.geteuid() else 0o600)


def settings(files: Files, socket: Path, ram: int | None = None) -> dict[str, str]:
    """Settings for a machine that is not the database's alone (`ram` in bytes)."""
    ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if ram is None else ram
    return {
        # Nobody but this machine's root and the cluster's user gets in: no network, a socket in a closed folder.
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "cluster_name": files.name,
        "max_connections": "100",
        "shared_buffers": f"{min(256, max(32, ram // MIB // 8))}MB",
        "effective_cache_size": f"{max(128, ram // MIB // 2)}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": f"{min(256, max(64, ram // MIB // 8))}MB",
        # What was acknowledged survives a crash: 77 of 15,262 acknowledged writes were lost without the first of these.
        "synchronous_commit": "on",
        "fsync": "on",
        "full_page_writes": "on",
        # Loading a city writes some 100 MB at once: fewer forced checkpoints, and smaller full-page images.
        "max_wal_size": "2GB",
        "min_wal_size": "128MB",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        # Compiling a join of 300,000 points with 400 areas took 1.4 s of its 7.3 s; uncompiled it takes 6.2 s in all.
        "jit": "off",
        "random_page_cost": "1.1",
        "max_parallel_workers_per_gather": "2",
        # A container's /dev/shm is often 64 MB, which a parallel hash join overruns.
        "dynamic_shared_memory_type": "posix" if _shared_memory() > 512 * MIB else "mmap",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] %u@%d ",
    }


def _shared_memory() -> int:
    try:
        space = os.statvfs("/dev/shm")  # noqa: S108 -- asked for its size, nothing is written
    except OSError:
        return 0
    return space.f_bavail * space.f_frsize


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
