"""Other processes that use a home, and what can be asked about a cluster's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from gridgov.platform import processes
from gridgov.platform.cluster import Cluster
from gridgov.platform.processes import Owner, owner_of

ROOT = Path(__file__).resolve().parents[3]

HOLD = """
import sys
from pathlib import Path
from gridgov.platform.cluster import running
with running(Path(sys.argv[1])) as cluster:
    print("in", flush=True)
    sys.stdin.readline()
print("out", flush=True)
"""


class Other:
    """Another process that runs Python on a home and can be told to go on, interrupted or killed."""

    def __init__(self, home: Path, code: str = HOLD) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(home)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> tuple[int, str]:
        """Lets it leave; its exit code and what else it printed."""
        printed, said = self.process.communicate("\n")
        assert self.process.returncode == 0, said
        return self.process.returncode, printed

    def interrupt(self) -> int:
        """As Ctrl-C does: the signal goes to the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.communicate()
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def owner(cluster: Cluster) -> Owner:
    return owner_of(cluster.files.data)


def postmaster(cluster: Cluster) -> int:
    pid = processes.postmaster(owner(cluster), cluster.files.data)
    assert pid is not None
    return pid


def kill_server(cluster: Cluster) -> None:
    """kill -9 of the server, and the end of the processes it leaves (all of them notice soon unless they are busy)."""
    pid = postmaster(cluster)
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_until_gone([pid], 30) == []
    processes.wait_until_gone(processes.backends(owner(cluster), cluster.files.name), 30)
