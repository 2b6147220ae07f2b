"""A Citus cluster on this machine for tests: one coordinator and two workers, under a temporary folder.

`python -m tests.citus.cluster` brings one up, says its address (for GRIDGOV_CITUS_URL) and takes it down at an
interrupt. It needs PostgreSQL's server programs with PostGIS and Citus beside them. Plain `initdb` and `pg_ctl`:
nodes listen on the loopback address alone, trust whoever is on this machine, and nothing of them outlives the folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

DATABASE, OWNER = "gridgov", "gridgov"
WORKERS = 2
SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "shared_preload_libraries": "'citus'",
    "max_connections": "200",
    "max_prepared_transactions": "200",
    "wal_level": "logical",  # a city is moved while it is written to
    "shared_buffers": "128MB",
    "jit": "off",
    "random_page_cost": "1.1",
    "citus.enable_statistics_collection": "off",
}


@dataclass(frozen=True, slots=True)
class Node:
    """One server: its folder and the port it listens on."""

    bin: Path
    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{DATABASE}"

    def make(self) -> None:
        self._run("initdb", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D", str(self.data))
        socket_dir = str(self.data)
        lines = {**SETTINGS, "port": str(self.port), "unix_socket_directories": f"'{socket_dir}'"}
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in lines.items())

    def start(self) -> None:
        self._run("pg_ctl", "start", "-w", "-D", str(self.data), "-l", str(self.data / "server.log"))

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "stop", "-w", "-m", mode, "-D", str(self.data))

    def create(self) -> None:
        """The database with what Citus needs before a node is added."""
        with psycopg.connect(self.url.removesuffix(DATABASE) + "postgres", autocommit=True) as connection:
            connection.execute(f"create database {DATABASE}")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("create extension citus")

    def _run(self, program: str, *arguments: str) -> None:
        """PostgreSQL does not run as root: there it is another user who runs it."""
        user = "postgres" if os.geteuid() == 0 else None
        quiet = program == "pg_ctl"  # the server it starts keeps whatever it was given open
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            user=user,
            cwd="/",
            env={**os.environ, "HOME": str(self.data)},  # a node asks the others as a client, and looks for keys there
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if quiet else subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed in {self.data}: {done.stderr or ''}")


@dataclass(frozen=True, slots=True)
class CitusCluster:
    """The coordinator and its workers."""

    coordinator: Node
    workers: tuple[Node, ...]

    @property
    def url(self) -> str:
        return self.coordinator.url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def citus_cluster() -> Iterator[CitusCluster]:
    """Up while the block lasts."""
    found = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
    programs = Path(found.stdout.strip())
    folder = Path(tempfile.mkdtemp(prefix="gridgov-citus-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    names = ("coordinator", *(f"worker-{number + 1}" for number in range(WORKERS)))
    nodes = [Node(programs, folder / name, free_port()) for name in names]
    started = []
    try:
        for node in nodes:
            node.make()
            node.start()
            started.append(node)
            node.create()
        made = CitusCluster(nodes[0], tuple(nodes[1:]))
        with psycopg.connect(made.url, autocommit=True) as connection:
            connection.execute("select citus_set_coordinator_host('127.0.0.1', %s)", [made.coordinator.port])
            for worker in made.workers:
                connection.execute("select citus_add_node('127.0.0.1', %s)", [worker.port])
        yield made
    finally:
        for node in reversed(started):
            with suppress(RuntimeError):  # a test has stopped it already
                node.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    with citus_cluster() as made:
        lines = [f"GRIDGOV_CITUS_URL={made.url}", *(f"worker {node.url} in {node.data}" for node in made.workers)]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
