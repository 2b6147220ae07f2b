"""What the duty lists of the demo city say about its matters, asked once for each matter and place.

Owns the order in which bodies are thought of. Does not own routing (`duties`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from gridgov.areas.rules import AreaFacts, unit_of
from gridgov.cases.rules import Body
from gridgov.duties import service as duties
from gridgov.duties.router import Router
from gridgov.duties.routing import match
from gridgov.duties.rules import Body as Responsible


class Lists(Protocol):
    """What this needs of the house of the city."""

    @property
    def router(self) -> Router: ...


class World:
    """Answers from memory; `at`: by the lists in force then. `departments`: agencies that lead somewhere in the whole
    city, each with a matter of theirs."""

    def __init__(self, session: Session, lists: Lists, marks: Mapping[str, int], at: datetime) -> None:
        self._session, self._lists, self._marks, self._at = session, lists, marks, at
        self._bodies: dict[tuple[str, int], tuple[Body, ...]] = {}
        book = lists.router.book(session, at, marks=marks)
        everywhere = sorted((one for one in book.items if one.area_id is None), key=lambda one: one.code)
        matters = sorted(duties.category_ids(session))
        found: dict[int, str] = {}
        for item in everywhere:
            if item.lead.agency is not None and item.lead.agency.id not in found:
                first = next((code for code in matters if match(item.category, code)), None)
                if first is not None:
                    found[item.lead.agency.id] = first
        self.departments: tuple[tuple[int, str], ...] = tuple(found.items())

    def bodies(self, category: str, path: Sequence[AreaFacts]) -> tuple[Body, ...]:
        """Who holds the duty here, the lead of the best item first, then who supports, then the next item's."""
        key = category, path[-1].id
        if key not in self._bodies:
            ranked = self._lists.router.ranked(
                self._session, category, [area.id for area in path], at=self._at, marks=self._marks
            )
            found = [
                _body(one, path) for item in ranked for one in (item.item.lead, *item.item.supporting)
            ]  # fmt: skip
            self._bodies[key] = tuple(dict.fromkeys(body for body in found if body is not None))
        return self._bodies[key]


def _body(one: Responsible, path: Sequence[AreaFacts]) -> Body | None:
    if one.agency is not None:
        return Body(agency_id=one.agency.id)
    unit = unit_of(path)
    area = unit if one.level == "unit" else next((area for area in path if area.level == one.level), None)
    return None if area is None else Body(area_id=area.id, level=str(area.level))
