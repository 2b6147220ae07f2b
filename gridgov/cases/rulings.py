"""Rulings on orphan matters (无责任主体) become precedents, so that the next like matter needs none (A43).

Owns when a ruling is one on an orphan: no list in force gave the matter to anybody at that place. Does not own the list
of precedents (`duties.precedents`), nor the ruling (`transitions`).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from gridgov.cases.rules import Action, Place
from gridgov.cases.service import Seen, Setting, place_of
from gridgov.duties import precedents

BASIS = "区级裁定（案卷 {number}）"  # the reason stays with the case: lists are read by everybody


def orphan(session: Session, seen: Seen, *, setting: Setting) -> bool:
    """Whether the last step was a ruling on a matter that no list gives to anybody there."""
    if seen.events[-1].action is not Action.RULE:
        return False
    path = [area.id for area in seen.path]
    ranked = setting.lists.router.ranked(session, seen.row.category_code, path, at=setting.now, marks=setting.marks)
    return not ranked


def keep(session: Session, seen: Seen, *, setting: Setting, number: str, become: Callable[[], None]) -> str | None:
    """Makes a precedent of an orphan's ruling, for the unit of the place: the code of its item, else None.

    `number`: of the case, as it is told. `become`: from then on the transaction works as whoever writes lists.
    """
    if not orphan(session, seen, setting=setting):
        return None
    become()
    event = seen.events[-1]
    assert event.to is not None
    if event.to.agency_id is not None:
        codes = setting.lists.agencies.codes(session, revision=setting.marks.get("duties", 0))
        lead = codes[event.to.agency_id]
    else:
        lead = _office(event.to.level, place_of(seen.path))
    return precedents.add(
        session,
        category=seen.row.category_code,
        area_id=seen.row.unit_id,
        lead=lead,
        basis=BASIS.format(number=number),
        at=setting.now,
    )


def _office(level: str | None, place: Place) -> str:
    return "@unit" if level == place.unit_level else f"@{level}"
