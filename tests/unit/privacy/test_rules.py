"""The table of states: what leads where, and that nothing else does."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from gridgov.privacy.rules import (
    EDGES,
    KIND_NAMES,
    OPEN,
    BadRequest,
    Home,
    Kind,
    NewRequest,
    NotNow,
    Proof,
    RequestState,
    Verb,
    after,
    check,
    table,
)

HOME = Home(1, 2, 3, None)
BY_PAPERS = NewRequest(uuid.UUID(int=1), Kind.ACCESS, Proof.PAPERS, phone="13812345678")
BY_RECEIPT = NewRequest(uuid.UUID(int=1), Kind.ERASE, Proof.RECEIPT, incident_id=uuid.UUID(int=2), home=HOME)


def test_every_pair_is_in_the_table_or_refused() -> None:
    edges = {(edge.come_from, edge.verb): edge.to for edge in EDGES}
    assert len(edges) == len(EDGES)
    for state in RequestState:
        for verb in Verb:
            if (state, verb) in edges:
                assert after(state, verb) is edges[state, verb]
            else:
                with pytest.raises(NotNow):
                    after(state, verb)


def test_what_has_ended_stays_so_and_what_is_open_can_end() -> None:
    leaving = {edge.come_from for edge in EDGES}
    assert leaving == OPEN == {RequestState.RECEIVED, RequestState.IN_HAND}
    reached, todo = {RequestState.RECEIVED}, [RequestState.RECEIVED]
    while todo:
        state = todo.pop()
        for edge in EDGES:
            if edge.come_from is state and edge.to not in reached:
                reached.add(edge.to)
                todo.append(edge.to)
    assert reached == set(RequestState)


def test_nothing_is_done_before_somebody_answers_for_it() -> None:
    assert not [
        edge for edge in EDGES if edge.verb in (Verb.FULFIL, Verb.REFUSE) and edge.come_from is not RequestState.IN_HAND
    ]


def test_the_table_can_be_printed() -> None:
    lines = table().splitlines()
    assert len(lines) == len(EDGES) + 2
    assert len({line.count("|") for line in lines}) == 1


def test_every_kind_has_its_names() -> None:
    assert set(KIND_NAMES) == set(Kind)


@pytest.mark.parametrize(
    "good", [BY_PAPERS, BY_RECEIPT, replace(BY_PAPERS, kind=Kind.CORRECT, values={"name": "李四"})]
)
def test_a_whole_request_is_taken(good: NewRequest) -> None:
    check(good)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (replace(BY_PAPERS, phone=None), "phone"),
        (replace(BY_PAPERS, incident_id=uuid.UUID(int=2), home=HOME), "proof"),
        (replace(BY_RECEIPT, phone="13812345678"), "phone"),
        (replace(BY_RECEIPT, incident_id=None), "proof"),
        (replace(BY_RECEIPT, home=None), "proof"),
        (replace(BY_PAPERS, kind=Kind.CORRECT), "values"),
        (replace(BY_PAPERS, values={"name": "李四"}), "values"),
        (replace(BY_PAPERS, kind=Kind.CORRECT, values={"status": "closed"}), "values.status"),
        (replace(BY_PAPERS, kind=Kind.CORRECT, values={"name": "  "}), "values.name"),
        (replace(BY_PAPERS, kind=Kind.CORRECT, values={"name": "x" * 81}), "values.name"),
        (replace(BY_PAPERS, words="x" * 1001), "words"),
        (replace(BY_PAPERS, words="\x00"), "words"),
    ],
)
def test_a_request_that_cannot_be_handled_says_why(bad: NewRequest, field: str) -> None:
    with pytest.raises(BadRequest) as problem:
        check(bad)
    assert problem.value.field == field
