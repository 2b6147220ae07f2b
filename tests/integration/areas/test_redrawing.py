"""Boundaries whose areas keep their identity, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from gridgov.areas import redrawing
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import Locator
from gridgov.areas.redrawing import ChildrenLeft, CodeTaken, NextArea
from gridgov.areas.rules import Descent, Level
from gridgov.areas.service import BoundariesMovedOn, ParentUnknown
from gridgov.bootstrap import House
from gridgov.platform.errors import BadInput
from tests import sample

JUNE, JULY = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def session(house: House) -> Iterator[Session]:
    with house.db.transaction() as found:
        sample.set_up(found)
        yield found


def standing(session: Session, at: datetime = JUNE) -> AreaIndex:
    return Locator().index(session, at)


def as_it_is(index: AreaIndex, code: str) -> NextArea:
    area = next(one for one in index.areas if one.code == code)
    return NextArea(area.id, area.level, area.code, area.names, area.parent_id, index.shape(area.id), area.kind,
                    area.population, area.households)  # fmt: skip


def put(session: Session, *areas: NextArea, ending: tuple[int, ...] = (), at: datetime = JUNE) -> redrawing.Redrawing:
    return redrawing.redraw(session, areas, ending=ending, lineage=(), name="x", valid_from=at)


def test_an_area_keeps_its_id_under_another_code_and_parent(session: Session) -> None:
    index = standing(session)
    old, w2 = as_it_is(index, "A01"), as_it_is(index, "W2")
    done = put(session, replace(old, code="A99", parent=w2.ref))
    after = standing(session).get(old.ref)
    assert after is not None
    assert (done.added, done.changed, after.code, after.parent_id) == (0, 1, "A99", w2.ref)
    assert standing(session).shape(old.ref).wkb == index.shape(old.ref).wkb, "to the double"
    before = standing(session, datetime(2026, 5, 1, tzinfo=UTC)).get(old.ref)
    assert before is not None
    assert before.code == "A01", "what was is there still"


def test_two_areas_change_codes(session: Session) -> None:
    one, other = (as_it_is(standing(session), code) for code in ("A01", "A02"))
    put(session, replace(one, code="A02"), replace(other, code="A01"))
    index = standing(session)
    assert [index.get(ref).code for ref in (one.ref, other.ref)] == ["A02", "A01"]  # type: ignore[union-attr]


def test_what_is_so_already_makes_no_plan(session: Session) -> None:
    done = put(session, as_it_is(standing(session), "A01"))
    assert done.areas_plan_id is None


def test_a_new_area_gets_an_id_and_lineage_names_it(session: Session) -> None:
    old = as_it_is(standing(session), "A01")
    done = redrawing.redraw(
        session, [replace(old, ref=-1, code="N1")], ending=[old.ref], lineage=[Descent(old.ref, -1, 300, 1.0)],
        name="x", valid_from=JUNE,
    )  # fmt: skip
    assert done.areas_plan_id is not None
    assert redrawing.descents(session, [done.areas_plan_id]) == [
        (done.areas_plan_id, Descent(old.ref, done.ids[-1], 300, 1.0))
    ]
    assert redrawing.changed_by(session, done.areas_plan_id) == ({done.ids[-1]}, {old.ref})
    assert redrawing.voided_codes(session, Level.GRID, JULY) == {"A01"}
    back = put(session, old, ending=(done.ids[-1],), at=JULY)
    assert back.ids[old.ref] == old.ref, "an area that ended comes back under its own id"
    assert standing(session, JULY).get(old.ref) is not None


def test_what_is_refused(session: Session) -> None:
    index = standing(session)
    old, w1 = as_it_is(index, "A01"), as_it_is(index, "W1")
    for wrong, areas, ending in (
        (CodeTaken, [replace(old, code="A02")], ()),
        (CodeTaken, [replace(old, ref=-1)], ()),
        (ParentUnknown, [replace(old, parent=99_999)], ()),
        (ParentUnknown, [replace(old, parent=as_it_is(index, "A02").ref)], ()),
        (ChildrenLeft, [], (w1.ref,)),
        (BadInput, [old, old], ()),
        (BadInput, [replace(old, code="N1")], (old.ref,)),
    ):
        with pytest.raises(wrong):
            put(session, *areas, ending=ending)
    put(session, replace(old, code="N1"), at=JULY)
    with pytest.raises(BoundariesMovedOn):
        put(session, replace(old, code="N2"), at=JUNE)
    put(session, replace(old, code="N3"), at=datetime(2026, 8, 1, tzinfo=UTC))  # the control


def test_the_instant_of_the_last_plan_holds_whatever_a_clock_shows(session: Session) -> None:
    from gridgov.platform.db import revisions

    assert redrawing.placed_at(revisions(session), JUNE) == JUNE
    redrawing.took_effect(session, JULY)
    assert redrawing.placed_at(revisions(session), JUNE) == JULY
    redrawing.took_effect(session, JUNE)
    assert redrawing.placed_at(revisions(session), JUNE) == JULY, "it never goes back"
