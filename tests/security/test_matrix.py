"""Every role in every place against every route and every incident: what the one table says, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from gridgov.bootstrap import build
from gridgov.platform.cluster import Cluster
from tests.conftest import CITY, cloned, live
from tests.security import heat, probes, world
from tests.security.requests import all_routes
from tests.security.world import World

LEAST_CELLS = 10_000
EVERY = 6  # each route is asked as one of every role, and as every sixth of the others; in the soak as everybody
SHORT_LIVED = httpx.Limits(max_keepalive_connections=0)  # a server that failed closes the connection


@pytest.fixture(scope="module")
def full(
    cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, httpx.Client]]:
    """The world and a client of its server."""
    with ExitStack() as stack:
        url = stack.enter_context(cloned(cluster, migrated_template))
        house = build(url, CITY, tmp_path_factory.mktemp("home"))
        stack.callback(house.close)
        made = world.build(house)
        base = stack.enter_context(live(house))
        yield made, stack.enter_context(httpx.Client(base_url=base, timeout=60, limits=SHORT_LIVED))


def test_the_expectation_tells_people_apart(full: tuple[World, httpx.Client]) -> None:
    """A table that opened everything or nothing would make every test below pass."""
    made, _ = full
    seen = {str(who): len(made.expected(who, "incidents.read")) for who in made.people}
    everything = len(made.facts)
    assert seen["grid_worker@A01"] == 12 - 1  # one of the twelve lies in its community, without a grid
    assert seen["district_supervisor@W"] == everything / 2 + 0.5
    assert seen["subdistrict_leader@WS"] > seen["district_supervisor@WS"]  # and what the stationed police do elsewhere
    assert seen["agency_head@CG"] == seen["agency_head@HW"] > 0
    assert seen["centre_operator@city"] == everything
    assert {seen["resident@nowhere"], seen["planner@city"], seen["auditor@city"], seen["administrator@city"]} == {0}


def test_row_security_alone(full: tuple[World, httpx.Client]) -> None:
    made, _ = full
    assert not list(probes.rows(made, made.people))


def test_conditions_alone(full: tuple[World, httpx.Client]) -> None:
    made, _ = full
    assert not list(probes.conditions(made, made.people))
    assert not list(probes.counts(made, made.people))


def test_grants_and_roles(full: tuple[World, httpx.Client]) -> None:
    made, _ = full
    assert not list(probes.privileges(made))
    assert not list(probes.memberships(made))


def test_heat(full: tuple[World, httpx.Client]) -> None:
    """Before every route is asked as everybody: among them are those that end a session."""
    made, client = full
    assert not list(heat.counts(made, client, made.people))
    assert not list(heat.kept(made, client))


def test_over_http(full: tuple[World, httpx.Client]) -> None:
    made, client = full
    assert not list(probes.api_lists(made, client, made.people))
    ids = sorted(made.facts)[::13]
    assert not list(probes.api_items(made, client, made.people, ids))
    assert not list(probes.api_density(made, client, made.people))
    assert not list(probes.stale(made, client))
    assert not list(probes.stationed(made, client))
    assert not list(probes.all_api_routes(made, client, EVERY))


def test_the_share_leaves_out_no_role_and_nobody(full: tuple[World, httpx.Client]) -> None:
    made, _ = full
    roles = {who.role for who in made.people}
    as_whom = [list(probes.asked_as(made, at, EVERY)) for at in range(len(all_routes()))]
    assert all({who.role for who in people} == roles for people in as_whom)
    met = Counter(str(who) for people in as_whom for who in people)
    assert min(met[str(who)] for who in made.people) >= len(as_whom) // EVERY
    assert sum(met.values()) < len(as_whom) * len(made.people) / 2  # the control: it is a share


def test_enough_was_asked(full: tuple[World, httpx.Client]) -> None:
    """Runs last in this module: how many cells there were."""
    assert sum(probes.cells.values()) >= LEAST_CELLS, probes.cells


@pytest.mark.soak
def test_every_route_as_everybody(full: tuple[World, httpx.Client]) -> None:
    made, client = full
    assert not list(probes.all_api_routes(made, client, 1))
