"""The server is killed with SIGKILL while many report: what was answered is there, once and whole."""

from __future__ import annotations

import pytest

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.integration.incidents.killed import Found, found, killed
from tests.people import Person, appoint


@pytest.fixture
def people(sampled: House) -> list[Person]:
    return [
        *(appoint(sampled, Role.GRID_WORKER, area="A02") for _ in range(3)),
        appoint(sampled, Role.MACHINE, permissions=("incidents.report",)),
    ]


def test_what_was_answered_is_there_once_and_whole(house: House, people: list[Person]) -> None:
    crowd = killed(house, people, rounds=3)
    seen = found(house, crowd)
    assert seen == Found(seen.stored, [], [], [], 0)
    assert seen.stored >= len(crowd.taken) > 90


@pytest.mark.soak
def test_the_same_many_times(house: House, people: list[Person]) -> None:
    crowd = killed(house, people, rounds=40, clients=32)
    seen = found(house, crowd)
    assert seen == Found(seen.stored, [], [], [], 0)


def test_the_control_an_answer_before_the_commit_is_found_out(house: House, people: list[Person]) -> None:
    crowd = killed(house, people, rounds=1, way="eager")
    assert found(house, crowd).lost
