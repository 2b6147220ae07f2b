"""A plan and its parts as they stand: facts, who may draw where, and boards kept in memory between operations.

Owns reading plans and holding a part for a change. Does not own the life of a plan (`service`) nor what is drawn
(`editing`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth.rules import Actor
from gridgov.planning import basis, counts, load
from gridgov.planning.around import Around, KeptAround, Surroundings
from gridgov.planning.board import Board
from gridgov.planning.content import Remembered
from gridgov.planning.ground import Ground
from gridgov.planning.measuring import Inputs
from gridgov.planning.queries import drafts as queries
from gridgov.planning.rules import PlanState, Sheet, Target, sheet_of
from gridgov.platform.errors import BadInput, Conflict, NotFound, Refused

EDIT = "plans.edit"
STATE_NAMES: Mapping[PlanState, tuple[str, str]] = {
    PlanState.DRAFT: ("草案", "a draft"),
    PlanState.REVIEW: ("送审中", "under review"),
    PlanState.APPROVED: ("已批准", "approved"),
    PlanState.EFFECTIVE: ("已生效", "in force"),
    PlanState.RETIRED: ("已失效", "retired"),
    PlanState.DROPPED: ("已作废", "dropped"),
}


class PlanUnknown(NotFound):
    """No plan of this id."""

    code = "plan-unknown"


class PartUnknown(NotFound):
    """No part of this id, or none of this plan."""

    code = "plan-part-unknown"


class PlanClosed(Conflict):
    """Only a draft is drawn in."""

    code = "plan-closed"


class NotCounted(BadInput):
    """Nobody has counted the households of this basis."""

    code = "basis-not-counted"


class CommunityNotYours(Refused):
    """The community lies outside the area of the post."""

    code = "community-not-yours"


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan without what is drawn. `parts`: communities that it draws anew."""

    id: int
    name: str
    purpose: str
    state: PlanState
    target: Target
    parent_id: int | None
    returns_to: int | None
    revision: int
    created_at: datetime
    created_by: int | None
    submitted_at: datetime | None
    submitted_by: int | None
    wanted_from: datetime | None
    digest: bytes | None
    approval_id: int | None
    areas_plan_id: int | None
    effective_at: datetime | None
    retired_at: datetime | None
    parts: int


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One community's part without its sheet. `revision`: the number of its last operation."""

    id: int
    plan_id: int
    community_id: int
    basis_id: int
    count_id: int
    revision: int
    digest: bytes
    made_with: Mapping[str, Any]
    newest_basis_id: int
    newest_count_id: int
    load_upto: int = 0
    """How far the incidents at its atoms are counted."""

    @property
    def outdated(self) -> bool:
        """Whether newer ground, or a newer count on the same ground, is there than it is drawn on."""
        return self.newest_basis_id != self.basis_id or self.newest_count_id != self.count_id


@dataclass(frozen=True, slots=True)
class PlanTold:
    """What a list says of a plan beside its facts. `made_by`, `sent_by`: names of accounts, where they are told;
    `operations`: how often it was drawn in, `drawn_at`: when last; `communities`: the first of them by id."""

    made_by: str | None = None
    sent_by: str | None = None
    operations: int = 0
    drawn_at: datetime | None = None
    communities: tuple[int, ...] = ()


FIRST_COMMUNITIES = 12


def told(session: Session, plans: Sequence[PlanFacts], *, named: bool) -> dict[int, PlanTold]:
    """By id of each plan; `named`: with the names of accounts."""
    rows = {row.plan_id: row for row in queries.told(session, [one.id for one in plans], FIRST_COMMUNITIES)}
    people = {who for one in plans for who in (one.created_by, one.submitted_by) if who is not None}
    names = queries.names(session, sorted(people)) if named else {}
    found = {}
    for one in plans:
        row = rows.get(one.id)
        said = PlanTold(names.get(one.created_by or 0), names.get(one.submitted_by or 0))
        if row is not None:
            said = replace(said, operations=int(row.operations), drawn_at=row.at, communities=tuple(row.communities))
        found[one.id] = said
    return found


def plan(session: Session, plan_id: int) -> PlanFacts:
    """Raises `PlanUnknown`."""
    row = queries.plan(session, plan_id)
    if row is None:
        raise _no_plan(plan_id)
    return plan_facts(row)


def plan_facts(row: Row[Any]) -> PlanFacts:
    """A row of plans as facts."""
    values = dict(row._mapping)
    target = Target(int(row.target["households"]), float(row.target["band"]))
    digest = None if row.digest is None else bytes(row.digest)
    return PlanFacts(**{**values, "state": PlanState(row.state), "target": target, "digest": digest})


def parts(session: Session, plan_id: int, *, after: int = 0, limit: int = 100_000) -> list[PartFacts]:
    """Parts of a plan by id of their community, after one. Raises `PlanUnknown`."""
    plan(session, plan_id)
    return [part_facts(row) for row in queries.parts(session, plan_id, after=after, limit=limit)]


def part(session: Session, part_id: int, *, plan_id: int | None = None) -> PartFacts:
    """Raises `PartUnknown`, also for a part of another plan than the one given."""
    row = queries.part(session, part_id)
    if row is None or plan_id not in (None, row.plan_id):
        raise PartUnknown(
            f"The plan has no part {part_id}.", field="part_id", remedy="List them with /api/v1/plans/{plan_id}/parts."
        )
    return part_facts(row)


def sheet(session: Session, part_id: int) -> Sheet:
    """What is drawn, as it stands. The part must be there."""
    row = queries.sheet(session, part_id)
    return sheet_of(np.array(row.assignment, dtype=np.int32), row.document)


def newest_count(session: Session, basis_id: int) -> int:
    """The count of the newest day of a basis. Raises `NotCounted`."""
    found = counts.listed(session, basis_id)
    if not found:
        raise NotCounted(
            f"The households of the basis {basis_id} have not been counted. 该底图尚无户数。",
            field="count_id",
            remedy="Bring a count: POST /api/v1/plans/bases/{basis_id}/counts.",
        )
    return found[0].id


def target_document(target: Target) -> dict[str, Any]:
    """A target as the plan keeps it."""
    return {"households": target.households, "band": target.band}


# ------------------------------------------------------------------------------------------------------ who may change


def hold(session: Session, plan_id: int, *, alone: bool) -> PlanFacts:
    """Keeps a plan until the transaction ends: `alone` to change it, else beside others who draw in it.

    Plan first, then part: whoever takes both takes them in this order. Raises `PlanUnknown`.
    """
    if not queries.hold_plan(session, plan_id, alone=alone):
        raise _no_plan(plan_id)
    return plan(session, plan_id)


def hold_part(session: Session, actor: Actor | None, part_id: int) -> tuple[PlanFacts, PartFacts]:
    """Keeps a part for a change, of a plan that is a draft, by somebody who may draw there; None: the owner.

    Raises `PartUnknown`, `PlanClosed`, `CommunityNotYours`, `NotYours`.
    """
    if actor is not None:
        actor.require(EDIT)
    found = part(session, part_id)
    held = open_plan(hold(session, found.plan_id, alone=False))
    may_draw(session, actor, [found.community_id])
    if not queries.hold_part(session, part_id):  # the database's own policy says no
        raise _not_yours(found.community_id)
    return held, part(session, part_id)  # as it is now that nobody else changes it


def open_plan(facts: PlanFacts) -> PlanFacts:
    """The plan, which must be a draft. Raises `PlanClosed`."""
    if facts.state is not PlanState.DRAFT:
        zh, en = STATE_NAMES[facts.state]
        raise PlanClosed(
            f"Plan {facts.id} is {en}; only a draft can be changed. 方案{zh}，只有草案可以修改。",
            field="plan_id",
            remedy="Copy it to a new plan and draw there. 复制为新方案后修改。",
        )
    return facts


def may_draw(session: Session, actor: Actor | None, communities: Sequence[int]) -> None:
    """Whoever is posted in an area draws in the communities of it; None: the owner. Raises `CommunityNotYours`."""
    if actor is None or actor.reach.city:
        return
    outside = queries.outside(session, communities)
    if outside:
        raise _not_yours(outside[0])


# ------------------------------------------------------------------------------------------------------------- boards


class Boards:
    """Grounds and boards of one house that were used last. A board is found by what lies on it: one that comes back
    from a transaction that failed is still right for its content. Safe for many threads; a board is lent to one at a
    time."""

    def __init__(self, *, grounds: int = 64, boards: int = 64, surroundings: Surroundings | None = None) -> None:
        self._grounds: OrderedDict[Hashable, Ground] = OrderedDict()
        self._boards: OrderedDict[Hashable, Board] = OrderedDict()
        self._most_grounds, self._most_boards = grounds, boards
        self._remembered = Remembered()
        self._lock = Lock()
        self._around = None if surroundings is None else KeptAround(surroundings)

    def ground(self, session: Session, basis_id: int, count_id: int) -> Ground:
        """Ground never changes, so it is read once. Raises `BasisUnknown`, `CountUnknown`."""
        key = (basis_id, count_id)
        with self._lock:
            found = self._grounds.get(key)
            if found is not None:
                self._grounds.move_to_end(key)
                return found
        made = basis.ground(session, basis_id, count_id)
        with self._lock:
            self._grounds[key] = made
            while len(self._grounds) > self._most_grounds:
                self._grounds.popitem(last=False)
        return made

    def around(self, session: Session, facts: PartFacts, *, now: datetime) -> Around | None:
        """Open cases, workers and service points of a part's ground; None where nobody here knows."""
        if self._around is None:
            return None
        return self._around.of(session, self.ground(session, facts.basis_id, facts.count_id), now=now)

    @contextmanager
    def board(self, session: Session, facts: PartFacts, target: Target, *, now: datetime) -> Iterator[Board]:
        """The board of a part as it stands, with the load of the months before `now` and what lies around it; kept for
        the next one unless the block fails."""
        around = self.around(session, facts, now=now)
        points = b"" if around is None else around.places
        key = (facts.id, facts.basis_id, facts.count_id, facts.load_upto, now.year, now.month, target, points)
        with self._lock:
            board = self._boards.pop((*key, facts.digest), None)
        if board is None:
            ground = self.ground(session, facts.basis_id, facts.count_id)
            inputs = Inputs(
                cases_month=load.monthly(session, ground, now), original=_original(session, facts, len(ground)),
                service_points=None if around is None else around.service_points,
            )  # fmt: skip
            board = Board(ground, sheet(session, facts.id), target, inputs=inputs, remembered=self._remembered)
        if around is not None:
            board.surrounded(open_cases=around.open_cases, workers=around.of_grids(board.sheet))
        yield board
        after = board.sheet.digest()
        with self._lock:
            self._boards[*key, after] = board
            self._boards.move_to_end((*key, after))
            while len(self._boards) > self._most_boards:
                self._boards.popitem(last=False)


def _original(session: Session, facts: PartFacts, atoms: int) -> Sheet | None:
    """What the part began from, where it still lies on that ground: moves are counted from it."""
    row = queries.snapshot(session, facts.id, 0)
    first = sheet_of(np.array(row.assignment, dtype=np.int32), row.document)
    return first if len(first.assignment) == atoms else None


def part_facts(row: Row[Any]) -> PartFacts:
    """A row of parts as facts."""
    return PartFacts(**{**row._mapping, "digest": bytes(row.digest)})


def _no_plan(plan_id: int) -> PlanUnknown:
    return PlanUnknown(f"There is no plan {plan_id}.", field="plan_id", remedy="List them with /api/v1/plans.")


def _not_yours(community_id: int) -> CommunityNotYours:
    return CommunityNotYours(
        f"The community {community_id} lies outside the area of your post. 不在您的任职区域内。",
        field="community_id",
        remedy="Leave it to a planner of its district. 请由所在区的规划员调整。",
    )
