"""Matters of bodies that cease: each is given to a body that takes it over (承接) before a plan is submitted.

Owns what is missing and what is wrong about it. Does not own which matters there are: whoever has them says so
(`following.Follower.ceasing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridgov.areas.following import Ceasing, Takeover
from gridgov.areas.rules import Level
from gridgov.auth import posts
from gridgov.planning.queries import time as queries
from gridgov.platform.errors import BadInput

OFFICES = frozenset({"@unit", *(f"@{level}" for level in Level if level != Level.CITY)})
MOST_NOTE = 1000


class TakeoverUnusable(BadInput):
    """A matter is given to nobody that there is."""

    code = "takeover-unusable"


@dataclass(frozen=True, slots=True)
class MatterOpen:
    """A matter that nobody takes over yet."""

    ceasing: Ceasing
    zh: str
    en: str


def of(session: Session, plan_id: int) -> list[Takeover]:
    """Who takes over what in a plan, in the order given."""
    return [Takeover(row.list, row.item, row.lead, row.note) for row in queries.matters(session, plan_id)]


def checked(session: Session, takeovers: Sequence[Takeover]) -> list[Takeover]:
    """The same; each matter once, each lead an office or an agency that there is. Raises `TakeoverUnusable`."""
    seen: set[tuple[str, str]] = set()
    for one in takeovers:
        if (one.list, one.item) in seen:
            raise TakeoverUnusable(
                f"“{one.item}” of “{one.list}” comes twice.", field="matters", remedy="Give it to one body."
            )
        seen.add((one.list, one.item))
        if len(one.note) > MOST_NOTE:
            raise TakeoverUnusable(f"A note has more than {MOST_NOTE} characters.", field="note", remedy="Shorten it.")
        if one.lead not in OFFICES:
            _agency(session, one)
    return list(takeovers)


def _agency(session: Session, one: Takeover) -> None:
    try:
        posts.agency_of(session, one.lead)
    except BadInput:
        raise TakeoverUnusable(
            f"“{one.lead}” is neither an agency nor an office.",
            field="lead",
            remedy=f"The code of an agency, or one of {', '.join(sorted(OFFICES))}.",
        ) from None


def missing(ceasing: Sequence[Ceasing], takeovers: Sequence[Takeover]) -> list[MatterOpen]:
    """Matters that cease and that nobody takes over."""
    taken = {(one.list, one.item) for one in takeovers}
    return [
        MatterOpen(
            one,
            f"清单“{one.list}”事项“{one.item}”的责任主体“{one.lead}”将撤销，须指定承接单位",
            f"“{one.item}” of the list “{one.list}” loses “{one.lead}”: name who takes it over",
        )
        for one in ceasing
        if (one.list, one.item) not in taken
    ]
