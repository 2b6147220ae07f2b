"""Metrics in Prometheus' form: what this process counted since it began.

Owns names, labels and buckets. Does not own who may read them (`api/routes/metrics.py`).

One registry a process. Where several processes of one server answer (`PROMETHEUS_MULTIPROC_DIR` is set before this file
is read), they count into files of one folder, and whichever is asked tells the sum. No label takes a value from
outside: routes are templates, methods and statuses come from closed sets, the other labels are words of our own code.
So the number of series does not grow with what is asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

MEDIA_TYPE = CONTENT_TYPE_LATEST
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
SEVERAL = "PROMETHEUS_MULTIPROC_DIR"
UNROUTED = "(none)"  # nothing answers there, or a file of the pages
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody asks for
REGISTRY = CollectorRegistry()
PROCESS = ProcessCollector(namespace="gridgov", registry=REGISTRY)

_requests = Counter("gridgov_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY)
_seconds = Histogram(
    "gridgov_request_seconds",
    "From the head of a request to the end of its answer.",
    ["method", "route"],
    buckets=SECONDS,
    registry=REGISTRY,
)
in_flight = Gauge(
    "gridgov_requests_in_flight",
    "Requests that are being answered now.",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
_problems = Counter("gridgov_problems", "Errors answered, by their machine name.", ["code"], registry=REGISTRY)
_refused = Counter("gridgov_refused", "Requests refused for a permission.", ["permission"], registry=REGISTRY)
_limited = Counter("gridgov_rate_limited", "Requests refused by a rate limit or lock.", ["rule"], registry=REGISTRY)
_sign_in_failures = Counter("gridgov_sign_in_failures", "Sign-ins refused.", ["how"], registry=REGISTRY)
_incidents = Counter("gridgov_incidents_taken", "Incidents stored, without repeats.", ["channel"], registry=REGISTRY)
_transactions = Counter("gridgov_transactions", "Transactions ended.", ["pool", "outcome"], registry=REGISTRY)
_events = Counter("gridgov_events", "Events of the outbox that were dealt with.", registry=REGISTRY)
_notices = Counter("gridgov_notices", "What followed from events.", ["form"], registry=REGISTRY)
_deliveries = Counter("gridgov_deliveries", "Attempts of deliveries.", ["channel", "outcome"], registry=REGISTRY)
_tiles = Counter("gridgov_tile_cache", "Tiles asked of the cache.", ["outcome"], registry=REGISTRY)


def request_ended(method: str, route: str | None, status: int, seconds: float) -> None:
    """`route`: the template of the path; `status` 0 when the client was gone before there was one."""
    counter, histogram = _children(method if method in METHODS else OTHER, route or UNROUTED, status)
    counter.inc()
    histogram.observe(seconds)


@lru_cache(maxsize=4096)
def _children(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The series of a request; finding them by their labels takes longer than counting."""
    shown = str(status) if 100 <= status < 600 else "none"
    return _requests.labels(method, route, shown), _seconds.labels(method, route)


def problem(code: str) -> None:
    """An error was answered; `code` is that of its class, which is written in the code."""
    _problems.labels(code).inc()


def refused(permission: str) -> None:
    """Somebody lacked a permission of the one table."""
    _refused.labels(permission).inc()


def limited(rule: str) -> None:
    """A rate limit or lock of this name refused."""
    _limited.labels(rule).inc()


def sign_in_failed(how: str) -> None:
    """`how`: password or oidc."""
    _sign_in_failures.labels(how).inc()


def incident_taken(channel: str) -> None:
    """A report became an incident; `channel` is one of the closed set."""
    _incidents.labels(channel).inc()


def transaction_ended(pool: str, *, committed: bool) -> None:
    """`pool`: app or owner."""
    _transactions.labels(pool, "committed" if committed else "rolled-back").inc()


def events_taken(count: int, *, messages: int, deliveries: int) -> None:
    """So many events of the outbox were dealt with, from which this followed."""
    _events.inc(count)
    _notices.labels("message").inc(messages)
    _notices.labels("delivery").inc(deliveries)


def delivery_tried(channel: str, outcome: str) -> None:
    """`outcome`: a state of deliveries, put-off, or claim-lost."""
    _deliveries.labels(channel, outcome).inc()


def tile_asked(*, hit: bool) -> None:
    """Whether the tile was there already."""
    _tiles.labels("hit" if hit else "miss").inc()


def gauge(name: str, what: str, values: Iterable[tuple[dict[str, str], float]]) -> Metric:
    """A family of values as they are now, for `exposition`: (labels, value) each."""
    family = GaugeMetricFamily(name, what)
    for labels, value in values:
        family.add_sample(name, labels, value)
    return family


class _Together(Collector):
    """The registry and families of the moment, as one."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        if SEVERAL in os.environ:
            yield from MultiProcessCollector(None).collect()  # type: ignore[no-untyped-call]  # of theirs
            yield from PROCESS.collect()
        else:
            yield from REGISTRY.collect()
        yield from self._families


def exposition(families: Iterable[Metric] = ()) -> bytes:
    """Everything as text, `families` of the moment included."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Together(families))
    return generate_latest(registry)
