"""A plan, or what is in force, brought before the eyes: each community's sheet on its ground, alone or beside another.

Owns which sheets stand beside each other, and with what they are measured. Does not own the comparison (`compare`),
nor open cases: who has them says where they are (`OpenCases`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.rules import Level
from gridgov.planning import basis, brought, drafts, load, standing
from gridgov.planning.around import at_atoms, where
from gridgov.planning.board import Board, Inputs
from gridgov.planning.compare import Comparison, Side, compare
from gridgov.planning.drafts import Boards, PartFacts, PlanFacts
from gridgov.planning.drawn import Drawn
from gridgov.planning.ground import Ground
from gridgov.planning.rules import Target
from gridgov.platform.errors import BadInput

Ints = NDArray[np.int64]
MOST_COMMUNITIES = 100_000
LOAD_MONTHS = 12


class OpenCases(Protocol):
    """Where open cases are."""

    def places(self, session: Session, grids: Sequence[int], units: Sequence[int]) -> NDArray[np.float64]:
        """float64[m, 2]: longitude and latitude of every open case of these grids, and of those of these units that
        lie in no grid, as far as whoever asks may see them."""


class NothingToCompare(BadInput):
    """Neither draws a community."""

    code = "nothing-to-compare"


@dataclass(frozen=True)
class Compared:
    """One community before and after. `before_in_force`, `after_in_force`: the plan does not draw it, so what is in
    force stands for it."""

    before: Drawn
    after: Drawn
    comparison: Comparison
    before_in_force: bool = False
    after_in_force: bool = False


def plan_drawn(session: Session, plan_id: int, boards: Boards, *, community_id: int | None = None) -> list[Drawn]:
    """The sheets of a plan in any state, by community. Raises `PlanUnknown`."""
    facts = drafts.plan(session, plan_id)
    rows = [one for one in drafts.parts(session, plan_id) if community_id in (None, one.community_id)]
    return [part_drawn(session, one, boards, facts) for one in rows]


def part_drawn(session: Session, part: PartFacts, boards: Boards, plan: PlanFacts) -> Drawn:
    """One part of a plan as it stands."""
    code, names = _called(session, part.community_id, plan.effective_at or plan.created_at)
    ground = boards.ground(session, part.basis_id, part.count_id)
    return Drawn(code, names, ground, drafts.sheet(session, part.id), part.id, part.revision)


def in_force_drawn(
    session: Session, boards: Boards, *, now: datetime, community_ids: Iterable[int] | None = None
) -> list[Drawn]:
    """What is in force in communities that have a basis, on their newest one; None: in all of them."""
    rows = areas.list_areas(session, at=now, level=Level.COMMUNITY, limit=MOST_COMMUNITIES)
    wanted = None if community_ids is None else set(community_ids)
    found = []
    for row in rows:
        if wanted is not None and row.id not in wanted:
            continue
        try:
            basis_id = basis.newest(session, row.id)
            ground = boards.ground(session, basis_id, drafts.newest_count(session, basis_id))
        except BadInput:  # nobody has counted its households
            continue
        except basis.BasisUnknown:
            continue
        found.append(Drawn(row.code, dict(row.names), ground, standing.sheet_in_force(session, ground, now=now)))
    return found


def compared(
    session: Session,
    before_id: int | None,
    after_id: int | None,
    boards: Boards,
    *,
    cases: OpenCases | None,
    now: datetime,
    community_id: int | None = None,
) -> list[Compared]:
    """Two plans community by community, None: what is in force. A community that only one of them draws is compared
    with what is in force; a plan that brings boundaries back has those. Raises `PlanUnknown`, `NothingToCompare`."""
    sides = [
        {} if plan_id is None else _of_plan(session, plan_id, boards, community_id) for plan_id in (before_id, after_id)
    ]
    target = _target(session, before_id, after_id)
    found = []
    for community in sorted(set(sides[0]) | set(sides[1])):
        there = sides[0].get(community) or sides[1][community]
        standing_now = _in_force_on(session, there, now) if not all(community in side for side in sides) else None
        before, after = (side.get(community) or standing_now for side in sides)
        if before is None or after is None:
            continue
        held = [_side(session, one, target, cases, now) for one in (before, after)]
        found.append(Compared(before, after, compare(held[0], held[1]), before is standing_now, after is standing_now))
    if not found:
        raise NothingToCompare(
            "Neither of them draws a community. 两者均未绘制任何社区。",
            field="plan_id",
            remedy="Add a community to the plan.",
        )
    return found


def _of_plan(session: Session, plan_id: int, boards: Boards, community_id: int | None) -> dict[int, Drawn]:
    """By community: what a plan draws, or brings back."""
    drawn = plan_drawn(session, plan_id, boards, community_id=community_id)
    if not drawn:
        plan = drafts.plan(session, plan_id)
        for part, ground, sheet in brought.sheets(
            session, plan, lambda one: boards.ground(session, one.basis_id, one.count_id), community_id=community_id
        ):
            code, names = _called(session, part.community_id, plan.created_at)
            drawn.append(Drawn(code, names, ground, sheet))
    return {one.ground.community_id: one for one in drawn}


def _in_force_on(session: Session, drawn: Drawn, now: datetime) -> Drawn:
    sheet = standing.sheet_in_force(session, drawn.ground, now=now)
    return Drawn(drawn.community, drawn.names, drawn.ground, sheet)


def _side(session: Session, drawn: Drawn, target: Target, cases: OpenCases | None, now: datetime) -> Side:
    ground = drawn.ground
    opened = None if cases is None else at_atoms(ground, cases.places(session, *where(session, ground, now)))
    board = Board(
        ground, drawn.sheet, target, inputs=Inputs(cases_month=_load(session, ground, now), open_cases=opened)
    )
    metrics = {number: dict(board.metrics(number)) for number in drawn.sheet.grids}
    return Side(ground, drawn.sheet, opened, metrics, dict(board.totals()))


def _load(session: Session, ground: Ground, now: datetime) -> NDArray[np.float64] | None:
    """Incidents a month at every atom over the last whole year; None where nobody has counted them."""
    until = now.date().replace(day=1)
    total = load.vector(session, ground, until.replace(year=until.year - 1), until)
    return total / LOAD_MONTHS if total.any() else None


def _target(session: Session, *plans: int | None) -> Target:
    """The target of the later plan that is named: both sides are measured with it."""
    named: Sequence[int] = [one for one in plans if one is not None]
    return drafts.plan(session, named[-1]).target if named else Target()


def _called(session: Session, community_id: int, at: datetime) -> tuple[str, dict[str, str]]:
    """Code and names of a community, also of one that is no more."""
    for instant in (at, None):
        rows = areas.list_areas(session, at=instant, area_id=community_id, limit=1)
        if rows:
            return str(rows[0].code), dict(rows[0].names)
    return f"#{community_id}", {}
