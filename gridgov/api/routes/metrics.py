"""`/metrics`: what this process counts, in the text form of Prometheus."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import datetime

from fastapi import APIRouter, Request, Response
from prometheus_client.core import Metric

from gridgov import __version__
from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.problems import RESPONSES
from gridgov.audit import service as audit
from gridgov.bootstrap import House
from gridgov.notices import service as notices
from gridgov.platform import clock, metrics, outbox
from gridgov.platform.errors import Unavailable

router = APIRouter(tags=["health"])
FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"})


@router.get(
    "/metrics",
    summary="What this process counts",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {}}, "description": "Prometheus' text form."},
        **{status: RESPONSES[status] for status in (401, 403, 429, 503)},
    },
)
def exposition(request: Request, house: HouseDep, caller: CallerDep) -> Response:
    """For the permission `metrics.read` (a machine's token); where the server was told so, for this machine too."""
    if not (request.app.state.local_metrics and _from_this_machine(request)):
        with house.acting(caller):
            pass
    return Response(metrics.exposition(_families(house, clock.utcnow())), media_type=metrics.MEDIA_TYPE)


def _from_this_machine(request: Request) -> bool:
    """By the connection's own address. What a proxy on this machine passes on comes from elsewhere."""
    if request.client is None or not FORWARDED.isdisjoint(request.headers.keys()):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _families(house: House, now: datetime) -> Iterator[Metric]:
    """What is asked at the moment of the scrape, and counted by nobody meanwhile."""
    yield metrics.gauge("gridgov_info", "The program.", [({"version": __version__}, 1)])
    pools = [(db.name, db.pool) for db in (house.app, house.db)]
    yield metrics.gauge(
        "gridgov_pool_connections",
        "Connections to the database.",
        [
            ({"pool": name, "state": state}, count)
            for name, pool in pools
            for state, count in (("in-use", pool.in_use), ("idle", pool.idle))
        ],
    )
    waiting = [({"pool": name}, float(pool.waiting)) for name, pool in pools]
    yield metrics.gauge("gridgov_pool_waiting", "Requests that wait for a connection.", waiting)
    yield metrics.gauge("gridgov_tile_cache_bytes", "Tiles kept in memory.", [({}, house.tiles.size)])
    try:
        with house.internally("sealer") as session:
            count, since = audit.waiting(session)
    except Unavailable:
        yield metrics.gauge("gridgov_database_up", "Whether the database answers.", [({}, 0)])
        return
    yield metrics.gauge("gridgov_database_up", "Whether the database answers.", [({}, 1)])
    age_s = 0.0 if since is None else max(0.0, (now - datetime.fromisoformat(since)).total_seconds())
    yield metrics.gauge("gridgov_audit_unsealed", "Entries of the audit trail under no seal.", [({}, count)])
    yield metrics.gauge("gridgov_audit_oldest_unsealed_seconds", "Age of the oldest of them.", [({}, age_s)])
    yield from _news(house, now)


def _news(house: House, now: datetime) -> Iterator[Metric]:
    """What waits to be told, and what nobody could be told."""
    with house.internally("notifier") as session:
        events, first = outbox.waits(session)
        standing = notices.standing(session)
    age_s = 0.0 if first is None else max(0.0, (now - first).total_seconds())
    yield metrics.gauge("gridgov_outbox_waiting", "Events that nobody has dealt with.", [({}, events)])
    yield metrics.gauge("gridgov_outbox_oldest_waiting_seconds", "Age of the oldest of them.", [({}, age_s)])
    yield metrics.gauge(
        "gridgov_deliveries_standing",
        "Deliveries that wait or are dead.",
        [({"channel": channel, "state": state}, count) for (channel, state), count in standing.items()],
    )
