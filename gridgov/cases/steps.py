"""Whose step it is: who is awaited while a case, or a summons, stands somewhere. Pure.

Owns the answer for worklists. Does not own what may follow what (`transitions`): more people may act than are awaited.
"""

from __future__ import annotations

from collections.abc import Mapping

from gridgov.auth.rules import Role
from gridgov.cases.rules import SUMMONS_ENDED, State, SummonsState, Who

AWAITED: Mapping[State, frozenset[Who]] = {
    State.REPORTED: frozenset({Who.CENTRE}),
    State.VERIFYING: frozenset({Who.WORKER}),
    State.ACCEPTED: frozenset({Who.CENTRE}),
    State.DISPATCHED: frozenset({Who.HOLDER}),
    State.HANDLING: frozenset({Who.HOLDER}),
    State.RETURNING: frozenset({Who.CENTRE, Who.UNIT}),
    State.DISPUTED: frozenset({Who.SUPERVISOR}),
    State.SUSPENDED: frozenset(),
    State.WHISTLED: frozenset({Who.SUMMONED}),
    State.ANSWERED: frozenset({Who.CENTRE}),
    State.CHECKING: frozenset({Who.WORKER}),
    State.CHECKED: frozenset({Who.CENTRE}),
}
SUMMONS_AWAITED: Mapping[SummonsState, frozenset[Who]] = {
    SummonsState.CALLED: frozenset({Who.SUMMONED}),
    SummonsState.SIGNED: frozenset({Who.SUMMONED}),
    SummonsState.CONTACTED: frozenset({Who.SUMMONED}),
    SummonsState.RETURNING: frozenset({Who.CENTRE, Who.UNIT}),
    SummonsState.DISPUTED: frozenset({Who.SUPERVISOR}),
    SummonsState.ANSWERED: frozenset({Who.UNIT}),
}
ASKED = frozenset({Who.CENTRE, Who.UNIT, Who.SUPERVISOR})  # who answers an extension or a suspension
CONCLUDING = frozenset({Who.CENTRE, Who.UNIT})  # who is awaited when every summons of a whistle has ended
AS: Mapping[Role, frozenset[Who]] = {
    Role.GRID_WORKER: frozenset({Who.WORKER}),
    Role.CENTRE_OPERATOR: frozenset({Who.CENTRE}),
    Role.DISTRICT_SUPERVISOR: frozenset({Who.SUPERVISOR}),
    Role.AGENCY_OFFICER: frozenset({Who.SUMMONED}),
    Role.AGENCY_HEAD: frozenset({Who.SUMMONED}),
}
if set(SUMMONS_AWAITED) & SUMMONS_ENDED:
    raise ValueError("nobody is awaited by a summons that has ended")


def states_of(who: frozenset[Who]) -> list[str]:
    """States of a case in which one of these is awaited."""
    return [str(state) for state, awaited in AWAITED.items() if awaited & who]


def summons_states_of(who: frozenset[Who]) -> list[str]:
    """States of a summons in which one of these is awaited."""
    return [str(state) for state, awaited in SUMMONS_AWAITED.items() if awaited & who]


HELD = tuple(states_of(frozenset({Who.HOLDER})))  # while the holder is awaited
