"""Changes above the grids on the sample city in memory: what becomes of what, and what cannot be done."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from gridgov.areas.following import Redrawn
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Descent, Level
from gridgov.planning import changes
from gridgov.planning.changes import (
    AbolishTier,
    BringBack,
    Change,
    ChangeImpossible,
    ChangeUnusable,
    MergeCommunities,
    NewSubdistrict,
    RenameArea,
    Reparent,
    RestoreTier,
    Tree,
)
from gridgov.platform import clock
from tests import sample

SRID = 32650


@pytest.fixture
def index() -> AreaIndex:
    """Ids from 1 in the order of the sample; every area by its code."""
    new = sample.new_areas()
    ids = {one.code: number for number, one in enumerate(new, start=1)}
    facts = [AreaFacts(ids[one.code], one.level, one.code, one.names, ids.get(one.parent_code or ""), one.kind,
                       one.population, one.households) for one in new]  # fmt: skip
    return AreaIndex(facts, [one.geom for one in new], SRID)


def ident(index: AreaIndex, code: str) -> int:
    return next(one.id for one in index.areas if one.code == code)


def tree(index: AreaIndex, *wanted: Change) -> Tree:
    made = Tree(index)
    changes.apply(made, wanted)
    return made


def test_two_communities_become_one(index: AreaIndex) -> None:
    w1, w2 = ident(index, "W1"), ident(index, "W2")
    made = tree(index, MergeCommunities((w1, w2), {"zh": "大社区"}, keeps=w1))
    (one,) = made.below(ident(index, "WS"))
    assert (one.ref, one.code, one.households) == (w1, "W1", 2400)
    assert shapely.equals(one.geom, index.shape(ident(index, "W")))
    assert len(made.below(w1)) == 8, "all their grids lie below it"
    assert made.ended == {w2}
    assert [(d.before, d.after, d.share) for d in made.descents] == [(w1, w1, 1.0), (w2, w1, 1.0)]
    assert made.get(ident(index, "WS")) == Tree(index).get(ident(index, "WS")), "the sub-district's ground is the same"


def test_a_tier_ceases_and_comes_back(index: AreaIndex) -> None:
    west, ws, w1, w2 = (ident(index, code) for code in ("W", "WS", "W1", "W2"))
    made = tree(index, AbolishTier(west))
    assert made.ended == {ws}
    assert [one.ref for one in made.below(west)] == [w1, w2]
    assert {(d.after, d.share) for d in made.descents} == {(w1, 0.5), (w2, 0.5)}
    two = (NewSubdistrict("WS", {"zh": "西街道"}, (w1,), area_id=ws), NewSubdistrict("WT", {"zh": "新街道"}, (w2,)))
    again = tree(index, AbolishTier(west), RestoreTier(west, two))
    assert [one.ref for one in again.below(west)] == [-1, ws]
    assert again.ended == set()
    assert shapely.equals(again.need(ws, Level.SUBDISTRICT, "x").geom, index.shape(w1))


def test_an_area_goes_below_another_and_takes_its_ground_along(index: AreaIndex) -> None:
    west, east, w2 = (ident(index, code) for code in ("W", "E", "W2"))
    made = tree(index, Reparent(w2, east))
    grown, shrunk = made.get(east), made.get(west)
    assert grown is not None
    assert shrunk is not None
    assert shapely.area(grown.geom) == pytest.approx(1.5 * shapely.area(index.shape(east)))
    assert shapely.area(shrunk.geom) == pytest.approx(0.5 * shapely.area(index.shape(west)))


def test_what_cannot_be_done(index: AreaIndex) -> None:
    west, east, w1, e1, a01 = (ident(index, code) for code in ("W", "E", "W1", "E1", "A01"))
    impossible: tuple[Change, ...] = (
        AbolishTier(east), AbolishTier(w1), MergeCommunities((w1, e1), {}), MergeCommunities((w1, a01), {}),
        Reparent(w1, a01), Reparent(a01, west), RenameArea(a01, {"zh": "x"}), Reparent(99, west),
    )  # fmt: skip
    for one in impossible:
        with pytest.raises(ChangeImpossible):
            tree(index, one)
    for other in (MergeCommunities((w1,), {}), MergeCommunities((w1, e1), {}, keeps=west), RestoreTier(east, ())):
        with pytest.raises(ChangeUnusable):
            tree(index, other)
    tree(index, MergeCommunities((w1, e1), {}, parent=east))  # the control: it says below which one


def test_a_merged_community_does_not_merge_again(index: AreaIndex) -> None:
    w1, w2, e1 = (ident(index, code) for code in ("W1", "W2", "E1"))
    merge = MergeCommunities((w1, w2), {}, keeps=w1)
    with pytest.raises(ChangeImpossible, match=str(w2)):
        tree(index, merge, MergeCommunities((w2, e1), {}, parent=ident(index, "E")))


EVERY: tuple[Change, ...] = (
    MergeCommunities((1, 2), {"zh": "甲"}, keeps=1, code="x", parent=3), AbolishTier(3), Reparent(1, 2),
    RestoreTier(3, (NewSubdistrict("a", {"zh": "乙"}, (1, 2), 7),)), RenameArea(1, {"zh": "丙"}, None),
    BringBack(4, before=True),
)  # fmt: skip


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.kind)
def test_a_change_is_read_back_as_it_was_written(one: Change) -> None:
    assert changes.change_of(one.kind, changes.document(one)) == one


def test_every_kind_is_tried_above() -> None:
    assert {one.kind for one in EVERY} == set(changes.KINDS)


@pytest.mark.parametrize(
    ("kind", "said"), [("abolish-tier", {}), ("reparent", {"area": "x", "parent": 1}), ("dissolve", {})]
)
def test_what_is_no_change_is_refused(kind: str, said: dict[str, object]) -> None:
    with pytest.raises(ChangeUnusable):
        changes.change_of(kind, said)


class TestRedrawn:
    def test_nothing_changed(self, index: AreaIndex) -> None:
        assert Redrawn(index, index, clock.utcnow()).nothing

    def test_a_corner_moved_is_two_grids_and_no_other(self, index: AreaIndex) -> None:
        a01, a02 = ident(index, "A01"), ident(index, "A02")
        shapes = dict(zip((one.id for one in index.areas), index.shapes, strict=True))
        for one in (a01, a02):
            shapes[one] = shapely.transform(shapes[one], lambda xy: xy + (xy[:, :1] == xy[:, :1].max()) * 1e-4)
        after = AreaIndex(index.areas, list(shapes.values()), SRID)
        assert Redrawn(index, after, clock.utcnow()).grids == (a01, a02)

    def test_another_parent_changes_all_below(self, index: AreaIndex) -> None:
        w1, west = ident(index, "W1"), ident(index, "W")
        areas = [replace(one, parent_id=west) if one.id == w1 else one for one in index.areas]
        redrawn = Redrawn(index, AreaIndex(areas, index.shapes, SRID), clock.utcnow())
        codes = {one.id: one.code for one in index.areas}
        assert [codes[one] for one in redrawn.grids] == ["A05", "A06", "A01", "A02"]
        assert redrawn.ended == ()

    def test_the_successor_is_of_the_same_level(self, index: AreaIndex) -> None:
        ws, w1 = ident(index, "WS"), ident(index, "W1")
        kept = [one for one in index.areas if one.id != ws]
        after = AreaIndex(kept, [index.shape(one.id) for one in kept], SRID)
        redrawn = Redrawn(index, after, clock.utcnow(), (Descent(ws, w1, 100, 1.0),))
        assert redrawn.successor(ws) is None
        assert [one.after for one in redrawn.successors(ws)] == [w1]
