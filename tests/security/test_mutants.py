"""Every way to break what protects is seen by the matrix's own probes.

On a cluster of its own: database roles belong to a whole cluster, where other tests would meet the mutants.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from gridgov.bootstrap import build, prepare
from gridgov.platform.cluster import running
from tests.conftest import CITY, live
from tests.security import mutants, probes, world
from tests.security.mutants import Mutant
from tests.security.test_matrix import SHORT_LIVED
from tests.security.world import World

LEAST_MUTANTS = 100
MUTANTS = mutants.all_mutants()


@pytest.fixture(scope="module")
def full() -> Iterator[tuple[World, httpx.Client]]:
    """The world on a cluster of its own, and a client of its server."""
    with ExitStack() as stack:
        # Not below pytest's own folder, which is closed to the user who runs PostgreSQL.
        home = Path(stack.enter_context(TemporaryDirectory(prefix="gridgov-mutants-", ignore_cleanup_errors=True)))
        home.chmod(0o711)
        cluster = stack.enter_context(running(home))
        cluster.create_database("mutants")
        prepare(cluster.url("mutants"), CITY, home)
        house = build(cluster.url("mutants"), CITY, home)
        stack.callback(house.close)
        made = world.build(house)
        base = stack.enter_context(live(house))
        yield made, stack.enter_context(httpx.Client(base_url=base, timeout=60, limits=SHORT_LIVED))


def test_there_are_enough() -> None:
    assert len(MUTANTS) >= LEAST_MUTANTS
    assert len({one.name for one in MUTANTS}) == len(MUTANTS)


def test_unbroken_nothing_is_seen(full: tuple[World, httpx.Client]) -> None:
    """The control: what the mutants' probes ask is well when nothing is broken."""
    made, client = full
    for probe in {id(one.probe): one.probe for one in MUTANTS}.values():
        assert not list(probe(made, client))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name.replace(" ", "-"))
def test_a_mutant_is_seen(full: tuple[World, httpx.Client], mutant: Mutant) -> None:
    made, client = full
    with mutant.apply(made):
        assert next(mutant.probe(made, client), None) is not None, f"nobody sees: {mutant.name}"


def test_what_was_broken_is_whole_again(full: tuple[World, httpx.Client]) -> None:
    made, _ = full
    assert not list(probes.privileges(made))
    assert not list(probes.memberships(made))
    assert not list(probes.rows(made, made.people[::5]))
