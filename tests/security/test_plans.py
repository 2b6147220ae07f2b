"""Who draws where: every role in every place against every community, by the verbs and by the rows of the database."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import Caller, House
from gridgov.planning import drafts, service
from tests.integration.planning import drawing
from tests.integration.planning.drawing import NOW
from tests.people import AGENCY_ROLES, Person, appoint
from tests.security.world import path

PLACES = (None, "W", "WS", "W1", "A01", "E", "E2")
COMMUNITIES = ("W1", "W2", "E1", "E2")
Somebody = tuple[Role, str | None, Person]


@pytest.fixture
def parts(sampled: House) -> dict[str, tuple[int, int]]:
    """(plan, part) of each community, in a draft of each."""
    found = {}
    with sampled.db.transaction() as session:
        for code in COMMUNITIES:
            plan_id = service.create(
                session, None, name=code, communities=[drawing.lay(session, code, across=2)], now=NOW
            )
            found[code] = (plan_id, drafts.parts(session, plan_id)[0].id)
    return found


@pytest.fixture
def people(house: House, parts: dict[str, tuple[int, int]]) -> list[Somebody]:  # the city first
    planners = [(Role.PLANNER, place, appoint(house, Role.PLANNER, area=place)) for place in PLACES]
    others: list[Somebody] = [
        (role, None, appoint(house, role, agency="CG" if role in AGENCY_ROLES else None))
        for role in Role
        if role not in (Role.PLANNER, Role.RESIDENT)
    ]
    return planners + others


def may(one: Somebody, community: str) -> bool:
    """As the table says: planners, below the area of the post."""
    role, place, _ = one
    return role is Role.PLANNER and (place is None or place in path(community))


def by_verb(api: httpx.Client, people: list[Somebody], parts: dict[str, tuple[int, int]]) -> Iterator[str]:
    """Over HTTP: whoever may draw locks a grid, everybody else is refused and changes nothing."""
    for one in people:
        for community, (plan_id, part_id) in parts.items():
            at = f"/api/v1/plans/{plan_id}/parts/{part_id}"
            headers = one[2].headers
            seen = api.get(at, headers=headers)
            if seen.status_code != 200:
                yield f"{one[0]} reads {community}: {seen.status_code}"
                continue
            steps = [{"kind": "lock", "payload": {"grids": [1]}}]
            body = {"revision": seen.json()["revision"], "operations": steps}
            done = api.post(f"{at}/operations", json=body, headers=headers)
            grown = api.get(at, headers=headers).json()["revision"] - body["revision"]
            if (done.status_code, grown) != ((200, 1) if may(one, community) else (403, 0)):
                yield f"{one[0]}@{one[1]} draws in {community}: {done.status_code}, {grown} more"


def by_rows(house: House, people: list[Somebody], parts: dict[str, tuple[int, int]]) -> Iterator[str]:
    """Planners in the database, without the verbs: which rows of parts they change."""
    for one in people:
        if one[0] is not Role.PLANNER:
            continue
        with house.acting(Caller("plans.edit", one[2].credential)) as work:
            changed = set(
                work.session.execute(text("update planning_part set made_with = '{}' returning id")).scalars()
            )
        expected = {part_id for community, (_, part_id) in parts.items() if may(one, community)}
        if changed != expected:
            yield f"planner@{one[1]} changes {sorted(changed)}, not {sorted(expected)}"


def test_each_draws_where_the_table_says(
    house: House, api: httpx.Client, people: list[Somebody], parts: dict[str, tuple[int, int]]
) -> None:
    drawn = [(one[1], community) for one in people for community in parts if may(one, community)]
    assert len(drawn) == 4 + 2 + 2 + 1 + 0 + 2 + 1  # the expectation tells people apart
    assert not list(by_verb(api, people, parts))
    assert not list(by_rows(house, people, parts))


def test_the_control_each_guard_alone_holds_and_without_both_it_is_seen(
    house: House,
    api: httpx.Client,
    people: list[Somebody],
    parts: dict[str, tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planners = [one for one in people if one[0] is Role.PLANNER]
    with monkeypatch.context() as broken:
        broken.setattr(drafts, "may_draw", lambda *_: None)
        assert not list(by_verb(api, planners, parts))  # the policy alone
    with house.db.transaction() as session:
        session.execute(text("alter table planning_part disable row level security"))
    assert list(by_rows(house, planners, parts))
    assert not list(by_verb(api, planners, parts))  # the verb alone
    monkeypatch.setattr(drafts, "may_draw", lambda *_: None)
    assert list(by_verb(api, planners, parts))
