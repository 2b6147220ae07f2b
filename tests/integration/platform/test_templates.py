"""The tests' own template databases: those of former states of the sources go, unless somebody may still copy them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url

from gridgov.platform.cluster import Cluster
from gridgov.platform.locks import let_go, take_shared
from tests.conftest import HOME, TEMPLATES_KEPT, drop_older

KIND = f"of_{uuid.uuid4().hex[:8]}"
OTHER = f"template_{KIND}_too_0001"
NAMES = [f"template_{KIND}_{number:04x}" for number in range(TEMPLATES_KEPT + 4)]


@pytest.fixture
def templates(cluster: Cluster) -> Iterator[list[str]]:
    """Empty templates of a kind of this test's own, oldest first."""
    for name in [OTHER, *NAMES]:
        cluster.create_database(name)
    yield NAMES
    for name in [OTHER, *NAMES]:
        cluster.drop_database(name)
        (HOME / f"{name}.lock").unlink(missing_ok=True)


def left(cluster: Cluster) -> list[str]:
    return [name for name in cluster.databases() if name in NAMES]


def test_only_the_newest_templates_stay(cluster: Cluster, templates: list[str]) -> None:
    drop_older(cluster, KIND)
    assert left(cluster) == templates[-TEMPLATES_KEPT:]
    assert OTHER in cluster.databases(), "another kind is none of its business"


def test_one_that_a_process_may_still_copy_stays_and_so_does_one_that_is_looked_into(
    cluster: Cluster, templates: list[str]
) -> None:
    held = take_shared(HOME / f"{templates[0]}.lock")
    address = make_url(cluster.url(templates[2])).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)):
        drop_older(cluster, KIND)
    assert left(cluster) == [templates[0], templates[2], *templates[-TEMPLATES_KEPT:]]
    let_go(held)
    drop_older(cluster, KIND)
    assert left(cluster) == templates[-TEMPLATES_KEPT:]
