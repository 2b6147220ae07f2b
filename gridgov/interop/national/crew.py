"""Who counts partitions: this process, several on this machine, or a cluster that is named by its address (Dask).

Owns starting and ending workers, giving each the table once, handing out tasks until every one is done, and again when
the worker that had it died. Does not own counting (`binning`) nor summing up (`rebin`).

Workers get the table by a plug-in, which the scheduler also gives to whoever comes later: a worker started in the place
of a killed one has it like the first. A task that was done twice is taken once. Between processes of this machine all
goes over TLS with a key that lives as long as the run: whoever may talk to a scheduler may run code as its user.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, wait
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
LOOK_S = 0.05
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
    wire = _Wire(client)
    waiting: dict[Any, Task] = {}
    with _told_of_its_end(dask, wire):
        try:
            client.register_plugin(dask.plugin(name, pickle.dumps(table, protocol=5)))
            waiting |= {client.submit(_count, one, name, key=f"{name}-{one.number}", pure=False): one for one in tasks}
            for future in _finished(dask, wire, list(waiting)):
                task = waiting.pop(future)
                try:
                    yield wire.fetched(future)
                except dask.KilledWorker:
                    raise WorkersDie(
                        f"{DEATHS} workers died while they counted {task.name}.",
                        remedy="Nothing was written. Look into that file, and whether workers have enough memory.",
                    ) from None
                future.release()
        finally:
            if not wire.cut:
                client.cancel(list(waiting), force=True)
                client.unregister_worker_plugin(name)


class _Wire:
    """The connection to the scheduler over which a job began. With it everything ends that was asked over it: a client
    makes another by itself, for which it takes a minute, and the scheduler at its end knows nothing of the job."""

    def __init__(self, client: Any) -> None:
        self._client, self._comm = client, client.scheduler_comm

    @property
    def cut(self) -> bool:
        return self._client.scheduler_comm is not self._comm or self._comm.closed()

    def fetched(self, future: Any) -> Answer:
        """The answer of a task that is done. Whoever asked a scheduler that dies would try to reach it for minutes."""
        asked = self._client.gather(future, asynchronous=True)
        coming = asyncio.run_coroutine_threadsafe(asked, self._client.loop.asyncio_loop)
        while not coming.done():
            if self.cut:
                coming.cancel()
                raise _Cut
            wait([coming], timeout=LOOK_S)
        answer: Answer = coming.result()
        return answer


class _Cut(OSError):
    """The connection is no more."""


def _finished(dask: Any, wire: _Wire, futures: Sequence[Any]) -> Iterator[Any]:
    """Each task when it is done. What was asked for after the connection had broken would never be done."""
    left = len(futures)
    if not left:
        return
    found = dask.as_completed(futures, loop=futures[0].client.loop)
    while left:
        batch = found.next_batch(block=False)
        left -= len(batch)
        yield from batch
        if not batch:
            if wire.cut:
                raise _Cut
            time.sleep(LOOK_S)  # Dask tells of answers, not of a connection that ended while one waits for them


@contextmanager
def _told_of_its_end(dask: Any, wire: _Wire) -> Iterator[None]:
    """Whatever goes wrong because the scheduler is gone is told as that. Raises `NoWorkers`."""
    try:
        yield
    except (_Cut, dask.CancelledError, CancelledError):
        raise NoWorkers("The scheduler is gone.", remedy="Nothing was written; try again.") from None
    except (OSError, TimeoutError, RuntimeError):  # the last: of a pool that was closed meanwhile
        if not wire.cut:
            raise
        raise NoWorkers("The scheduler is gone.", remedy="Nothing was written; try again.") from None


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
