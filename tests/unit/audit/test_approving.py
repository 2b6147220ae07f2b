"""The table of approvals: every pair of states, every person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gridgov.audit import approving
from gridgov.audit.approving import Approval, NoSuchStep, NotTheRequester, SamePerson, State, Who, step

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ASKER, OTHER = 1, 2
DAY = timedelta(days=1)
DIGEST = approving.digest({"plan": 3})
ASKED = Approval(
    7, "areas_plan", "3", "approvals.decide", DIGEST, "New boundaries", State.PENDING, ASKER, None, NOW - DAY, NOW + DAY
)
ALLOWED = {
    (State.PENDING, State.APPROVED, OTHER),
    (State.PENDING, State.REFUSED, OTHER),
    (State.PENDING, State.WITHDRAWN, ASKER),
    (State.APPROVED, State.TAKEN, ASKER),
    (State.APPROVED, State.TAKEN, OTHER),
    (State.APPROVED, State.WITHDRAWN, ASKER),
}


@pytest.mark.parametrize("account", [ASKER, OTHER])
@pytest.mark.parametrize("after", State)
@pytest.mark.parametrize("before", State)
def test_only_the_edges_lead_on_and_only_for_those_they_are_for(before: State, after: State, account: int) -> None:
    held = replace(ASKED, state=before)
    if (before, after, account) in ALLOWED:
        assert step(held, after, account, NOW).after is after
    else:
        with pytest.raises((NoSuchStep, SamePerson, NotTheRequester)):
            step(held, after, account, NOW)


def test_nobody_is_their_own_second_person() -> None:
    for after in (State.APPROVED, State.REFUSED):
        with pytest.raises(SamePerson):
            step(ASKED, after, ASKER, NOW)


@pytest.mark.parametrize("state", [State.PENDING, State.APPROVED])
def test_time_ends_what_is_open_and_nothing_else(state: State) -> None:
    held = replace(ASKED, state=state)
    assert held.state_at(held.expires_at - timedelta(microseconds=1)) is state
    assert held.state_at(held.expires_at) is State.EXPIRED
    with pytest.raises(NoSuchStep, match="expired"):
        step(held, State.WITHDRAWN, ASKER, held.expires_at)
    assert replace(held, state=State.TAKEN).state_at(held.expires_at) is State.TAKEN


def test_the_digest_is_of_the_meaning() -> None:
    assert approving.digest({"a": 1, "b": [1, 2]}) == approving.digest({"b": [1, 2], "a": 1})
    assert approving.digest({"a": 1}) != approving.digest({"a": 2})
    assert approving.digest([1, 2]) != approving.digest([2, 1])
    with pytest.raises(TypeError):
        approving.digest({"a": NOW})
    with pytest.raises(ValueError, match="JSON"):
        approving.digest({"a": float("nan")})


def test_the_table_can_be_printed() -> None:
    lines = approving.table().splitlines()
    assert len(lines) == 2 + len(approving.EDGES)
    assert all(line.count("|") == 6 for line in lines)
    assert len({(edge.before, edge.after) for edge in approving.EDGES}) == len(approving.EDGES)
    assert {edge.after for edge in approving.EDGES if edge.who is Who.NOBODY} == {State.EXPIRED}
