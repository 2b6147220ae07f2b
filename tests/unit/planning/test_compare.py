"""Two sheets side by side: what becomes of grids, and how many households find themselves elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from gridgov.planning.compare import NOWHERE, Fate, Side, compare, pieces
from gridgov.planning.ground import Ground
from gridgov.planning.rules import NOBODY, GridDraft, Sheet
from tests.unit.planning.grounds import ground

GROUND = ground(8, 4, joined=0.0, households=np.full(32, 10))


def sheet(columns: str, **drafts: GridDraft) -> Sheet:
    """Eight columns of four atoms of ten households: “11112222” is two grids of 160 each."""
    assignment = np.tile(np.array([NOBODY if one == "." else int(one) for one in columns], dtype=np.int32), 4)
    numbers = sorted(set(assignment.tolist()) - {NOBODY})
    return Sheet(assignment, {number: drafts.get(f"g{number}", GridDraft(number)) for number in numbers})


def fates(before: str, after: str) -> dict[tuple[int | None, int | None], tuple[Fate, int, int]]:
    found = compare(Side(GROUND, sheet(before)), Side(GROUND, sheet(after)))
    return {(_number(one.before), _number(one.after)): (one.fate, one.came, one.went) for one in found.grids}


def _number(draft: GridDraft | None) -> int | None:
    return None if draft is None else draft.number


def test_the_same_sheet_moves_nobody() -> None:
    found = compare(Side(GROUND, sheet("11112222")), Side(GROUND, sheet("11112222")))
    assert (found.households_moved, found.moved) == (0, ())
    assert found.fates()[Fate.SAME] == 2


def test_other_numbers_for_the_same_ground_move_nobody() -> None:
    assert fates("11112222", "77773333") == {(1, 7): (Fate.SAME, 0, 0), (2, 3): (Fate.SAME, 0, 0)}


def test_a_boundary_that_moves_changes_both() -> None:
    assert fates("11112222", "11111222") == {(1, 1): (Fate.CHANGED, 40, 0), (2, 2): (Fate.CHANGED, 0, 40)}


def test_a_split_a_merger_and_an_end_are_told_apart() -> None:
    assert fates("11111122", "11113322") == {
        (1, 1): (Fate.SPLIT, 0, 80), (2, 2): (Fate.SAME, 0, 0), (None, 3): (Fate.NEW, 80, 0),
    }  # fmt: skip
    assert fates("11112233", "11111133") == {
        (1, 1): (Fate.MERGED, 80, 0), (2, None): (Fate.ENDED, 0, 80), (3, 3): (Fate.SAME, 0, 0),
    }  # fmt: skip


def test_the_area_that_a_grid_names_decides_over_its_households() -> None:
    kept = GridDraft(2, area_id=77)
    before = Side(GROUND, sheet("11111122", g2=kept))
    taken = Side(GROUND, sheet("22222211", g2=kept))
    assert compare(before, taken).goes_on == {2: 2}
    assert compare(before, Side(GROUND, sheet("22222211"))).goes_on == {1: 2, 2: 1}


def test_ground_without_a_grid_is_counted_apart() -> None:
    found = compare(Side(GROUND, sheet("1111222.")), Side(GROUND, sheet("111122..")))
    assert found.households_unassigned == (40, 80)
    assert found.households_moved == 0
    assert {(one.before, one.after) for one in found.moved} == {(2, NOBODY)}


def test_moved_cases_are_those_of_moved_ground() -> None:
    cases = np.arange(32)
    found = compare(Side(GROUND, sheet("11112222")), Side(GROUND, sheet("11111222"), cases=cases))
    assert found.cases_moved == sum(int(cases[row * 8 + 4]) for row in range(4))
    assert sum(one.cases or 0 for one in found.moved) == found.cases_moved
    assert compare(Side(GROUND, sheet("11112222")), Side(GROUND, sheet("11111222"))).cases_moved is None


def _redrawn(base: Ground) -> Ground:
    """The same community with its first two atoms joined to one of another key."""
    shapes = base.shapes[1:].copy()
    shapes[0] = shapely.union_all(base.shapes[:2])
    graph = base.graph.part(np.arange(1, len(base)))
    households = graph.households.copy()
    households[0] = 25
    area = shapely.area(shapes)
    graph = replace(graph, households=households, area_m2=area)
    return replace(
        base, basis_id=2, shapes=shapes, labels=base.labels[1:], keys=("joined", *base.keys[2:]), graph=graph,
        kinds=base.kinds[1:], groups=base.groups[1:], building_ids=base.building_ids[1:],
    )  # fmt: skip


def test_on_another_basis_ground_is_paired_by_key_and_else_by_area() -> None:
    after = _redrawn(GROUND)
    found = pieces(GROUND, after)
    assert found.households.sum() == after.households.sum()
    joined = found.after == 0
    assert sorted(found.before[joined].tolist()) == [0, 1]
    assert found.households[joined].sum() == 25
    assert NOWHERE not in found.before.tolist() + found.after.tolist()
    assert (found.before[~joined] == found.after[~joined] + 1).all()
    moved = compare(Side(GROUND, sheet("12222222")), Side(after, Sheet(np.full(31, 2, np.int32), {2: GridDraft(2)})))
    assert moved.households_moved == 30 + int(found.households[joined & (found.before == 0)][0])
    assert not moved.same_ground


def test_ground_that_only_one_of_them_has_is_nowhere_in_the_other() -> None:
    atoms = np.arange(8, 32)
    part = replace(
        GROUND, basis_id=3, graph=GROUND.graph.part(atoms), shapes=GROUND.shapes[8:], labels=GROUND.labels[8:],
        keys=GROUND.keys[8:], kinds=GROUND.kinds[8:], groups=GROUND.groups[8:], building_ids=GROUND.building_ids[8:],
    )  # fmt: skip
    gone = pieces(GROUND, part)
    assert int((gone.after == NOWHERE).sum()) == 8
    come = pieces(part, GROUND)
    assert int((come.before == NOWHERE).sum()) == 8
    assert come.households.sum() == 320
