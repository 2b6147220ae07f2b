"""Histories loaded in bulk equal those that were lived step by step through the services, in every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gridgov.bootstrap import House
from gridgov.cases import bulk
from gridgov.cases.rules import Action
from gridgov.interop.democases.loading import Story, Told, live
from gridgov.platform.cluster import Cluster
from tests.casework.lived import TABLES, Town, rows, told, town

CASES = 500
ALTERED = 25


@pytest.fixture(scope="module")
def sample_town(cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(cluster, migrated_template, tmp_path_factory.mktemp("town"), CASES) as made:
        yield made


@pytest.fixture(scope="module")
def story(sample_town: Town) -> Story:
    with sample_town.copy() as house:
        return told(house)


def loaded(house: House, cases: tuple[Told, ...]) -> dict[str, list[str]]:
    with house.db.transaction() as session:
        done = bulk.load(session, [one.history for one in cases])
    assert (done.cases, done.there) == (len(cases), 0)
    with house.db.transaction() as session:
        return rows(session)


def lived(house: House, story: Story, cases: tuple[Told, ...]) -> dict[str, list[str]]:
    with house.db.transaction() as session:
        steps = live(session, story, cases)
    assert steps == sum(len(one.steps) + 1 for one in cases)
    with house.db.transaction() as session:
        return rows(session)


def test_500_cases_are_the_same_both_ways(sample_town: Town, story: Story) -> None:
    assert len(story.told) == CASES
    with sample_town.copy() as house:
        in_bulk = loaded(house, story.told)
    with sample_town.copy() as house:
        step_by_step = lived(house, story, story.told)
    for table in (*TABLES, "incidents"):
        assert in_bulk[table] == step_by_step[table], table
        assert in_bulk[table], f"nothing in {table} to compare"
    taken = Counter(event.action for one in story.told for event in one.history.events)
    assert len(taken) >= 40, f"too few kinds of step: {sorted(taken)}"
    assert taken[Action.WHISTLE] >= 20
    assert taken[Action.RATE] >= 10


def test_one_altered_command_is_seen(sample_town: Town, story: Story) -> None:
    """The control: another word in one step of one case of the lived ones, and the rows of its event differ."""
    cases = tuple(one for one in story.told if one.steps)[:ALTERED]
    changed = cases[0]
    step = changed.steps[-1]
    other = replace(step, command=replace(step.command, text="另一句话"))
    with sample_town.copy() as house:
        in_bulk = loaded(house, cases)
    with sample_town.copy() as house:
        step_by_step = lived(house, story, (replace(changed, steps=(*changed.steps[:-1], other)), *cases[1:]))
    differing = {table for table in TABLES if in_bulk[table] != step_by_step[table]}
    assert differing == {"cases_event"}
    pairs = zip(in_bulk["cases_event"], step_by_step["cases_event"], strict=True)
    assert sum(ours != theirs for ours, theirs in pairs) == 1


def test_loading_again_changes_nothing(sample_town: Town, story: Story) -> None:
    """What is there is left as it is; the other half comes."""
    half = story.told[::2]
    with sample_town.copy() as house:
        loaded(house, half)
        with house.db.transaction() as session:
            before = rows(session)["cases_event"]
            again = bulk.load(session, [one.history for one in story.told])
        assert (again.cases, again.there) == (CASES - len(half), len(half))
        with house.db.transaction() as session:
            after = rows(session)["cases_event"]
    assert set(before) < set(after)
