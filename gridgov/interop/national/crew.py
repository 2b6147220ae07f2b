"""Who counts partitions: this process, several on this machine, or a cluster that is named by its address (Dask).

Owns starting and ending workers, giving each the table once, handing out tasks until every one is done, and again when
the worker that had it died. Does not own counting (`binning`) nor summing up (`rebin`).

Workers get the table by a plug-in, which the scheduler also gives to whoever comes later: a worker started in the place
of a killed one has it like the first. A task that was done twice is taken once. Between processes of this machine all
goes over TLS with a key that lives as long as the run: whoever may talk to a scheduler may run code as its user.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

from gridgov.geo.locate import PointIndex
from gridgov.interop.national.binning import Counted, Damaged, Task, counted
from gridgov.platform.errors import BadInput, Unavailable

Answer = Counted | Damaged
Crew = Callable[[PointIndex, Sequence[Task]], Iterator[Answer]]

DEATHS = 10
"""A partition whose workers have died so often is taken for the cause."""
PATIENCE_S = 60
_TABLES: dict[str, PointIndex] = {}  # of a worker's process


class DaskMissing(BadInput):
    """Several workers need the optional part `national`."""

    code = "dask-missing"


class NoWorkers(Unavailable):
    """The cluster cannot be reached, or has no worker that can do this."""

    code = "no-workers"


class WorkersDie(Unavailable):
    """One partition after another of whose workers dies."""

    code = "workers-die"


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files with which a cluster is spoken to."""

    ca: Path
    certificate: Path
    key: Path


def alone(table: PointIndex, tasks: Sequence[Task]) -> Iterator[Answer]:
    """In this process, one after the other."""
    for task in tasks:
        yield counted(task, table)


@contextmanager
def local(workers: int) -> Iterator[Crew]:
    """A crew of processes on this machine; they end with the block, and with this process however it ends."""
    dask = _dask()
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_SETTINGS))
        with _deaf():
            here = dask.LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, memory_limit=0, silence_logs=logging.CRITICAL,
                host="127.0.0.1", protocol="tls://", security=dask.Security.temporary(),
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            )  # fmt: skip
        stack.enter_context(here)
        client = stack.enter_context(dask.Client(here, set_as_default=False))
        try:
            yield lambda table, tasks: _done(dask, client, table, tasks)
        except BaseException:
            _end_at_once(here)
            raise


@contextmanager
def _deaf() -> Iterator[None]:
    """Threads and processes that begin in the block, and those that these begin, hear no Ctrl-C; this thread does, when
    the block is over. So an interrupt is ours alone to deal with."""
    resource_tracker.ensure_running()  # else it would open their ears when it is started with the first of them
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_at_once(here: Any) -> None:
    """Nobody waits for what workers are in the middle of."""
    for nanny in here.workers.values():
        nanny.auto_restart = False
        if nanny.pid:
            with suppress(ProcessLookupError):
                os.kill(nanny.pid, signal.SIGKILL)


@contextmanager
def cluster(address: str, certificates: Certificates | None = None) -> Iterator[Crew]:
    """The workers of a running scheduler (`tls://host:port`, or `tcp://` in a network of one's own), who read the same
    folder by the same name and have the same version of gridgov. Raises `NoWorkers`."""
    dask = _dask()
    keys = None
    if certificates is not None:
        keys = dask.Security(
            tls_ca_file=str(certificates.ca), tls_client_cert=str(certificates.certificate),
            tls_client_key=str(certificates.key), require_encryption=True,
        )  # fmt: skip
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_SETTINGS))
        try:
            client = stack.enter_context(dask.Client(address, security=keys, timeout=PATIENCE_S, set_as_default=False))
            client.wait_for_workers(1, timeout=PATIENCE_S)
        except (OSError, TimeoutError, ValueError) as problem:
            raise NoWorkers(
                f"No workers at {address}: {problem}.", field="address", remedy="Is the scheduler there, with workers?"
            ) from None
        yield lambda table, tasks: _done(dask, client, table, tasks)


class _Table:
    """The plug-in: the table as a worker's process keeps it."""

    def __init__(self, name: str, pickled: bytes) -> None:
        self.name, self._pickled = name, pickled

    def setup(self, worker: Any) -> None:
        del worker
        _TABLES[self.name] = pickle.loads(self._pickled)  # noqa: S301  # sent by the one who may run code here

    def teardown(self, worker: Any) -> None:
        del worker
        _TABLES.pop(self.name, None)


def _count(task: Task, name: str) -> Answer:
    """What a worker is asked to do."""
    return counted(task, _TABLES[name])


def _done(dask: Any, client: Any, table: PointIndex, tasks: Sequence[Task]) -> Iterator[Answer]:
    """Every task once, in the order in which they are done."""
    name = f"gridgov-{dask.tokenize(client.id, len(table), table.nbytes)}"
    client.register_plugin(dask.plugin(name, pickle.dumps(table, protocol=5)))
    waiting = {client.submit(_count, task, name, key=f"{name}-{task.number}", pure=False): task for task in tasks}
    try:
        for future in dask.as_completed(list(waiting), loop=client.loop):
            task = waiting.pop(future)
            try:
                yield future.result()
            except dask.KilledWorker:
                raise WorkersDie(
                    f"{DEATHS} workers died while they counted {task.name}.",
                    remedy="Nothing was written. Look into that file, and whether workers have enough memory.",
                ) from None
            except dask.CancelledError:
                raise NoWorkers("The scheduler is gone.", remedy="Nothing was written; try again.") from None
            future.release()
    finally:
        if client.status == "running":
            client.cancel(list(waiting), force=True)
            client.unregister_worker_plugin(name)


class _Dask:
    """What is used of Dask, imported when somebody wants several workers."""

    def __init__(self) -> None:
        distributed: Any = import_module("distributed")
        self.config: Any = import_module("dask.config")
        self.tokenize: Any = import_module("dask.base").tokenize
        self.LocalCluster: Any = distributed.LocalCluster
        self.Client: Any = distributed.Client
        self.Security: Any = distributed.Security
        self.as_completed: Any = distributed.as_completed
        self.KilledWorker: type[Exception] = distributed.KilledWorker
        self.CancelledError: type[BaseException] = import_module("distributed.client").CancelledError
        self._base: Any = distributed.WorkerPlugin
        # What goes wrong is raised here; a log would tell of connections that break because workers were ended.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)

    def plugin(self, name: str, pickled: bytes) -> Any:
        return type("Table", (_Table, self._base), {})(name, pickled)


_SETTINGS: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": DEATHS,
    "distributed.comm.retry.count": 2,
    "distributed.worker.profile.enabled": False,
    # Batches come and go in the same memory: giving it back each time takes as long as the work.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 1 << 28,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 1 << 28,
    "distributed.scheduler.http.routes": [],  # no pages: they would not ask who reads them
    "distributed.worker.http.routes": [],
    "distributed.admin.large-graph-warning-threshold": "1GB",
}


def _dask() -> _Dask:
    try:
        return _Dask()
    except ImportError:
        raise DaskMissing(
            "Dask is not installed.", field="workers", remedy="pip install 'gridgov[national]', or give --workers 0."
        ) from None
