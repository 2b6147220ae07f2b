"""A foreign plan: each thing that can be wrong with it is found, once, at its place; a good one has no finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from shapely import MultiPolygon, Polygon, affinity, box, union_all
from shapely.geometry.base import BaseGeometry

from gridgov.geo.crs import Projection
from gridgov.planning.foreign import Finding, FindingKind, ForeignGrid, Severity, check
from gridgov.planning.rules import NOBODY
from gridgov.planning.settling import divided, settle
from tests.unit.planning.grounds import bands, ground

METRES = Projection(32650)
X, Y = 500_000.0, 4_400_000.0


def square(west: float, south: float, east: float, north: float) -> Polygon:
    """In metres from the corner of the community."""
    return box(X + west, Y + south, X + east, Y + north)


WEST, EAST = square(0, 0, 400, 400), square(400, 0, 800, 400)
GOOD: dict[str, BaseGeometry] = {
    "A": square(0, 0, 200, 400),
    "B": square(200, 0, 400, 400),
    "C": square(400, 0, 800, 400),
}


def found(shapes: Mapping[str, BaseGeometry] | Sequence[tuple[str, BaseGeometry | None]]) -> list[Finding]:
    pairs = list(shapes.items()) if isinstance(shapes, Mapping) else list(shapes)
    grids = [
        ForeignGrid(row, code, "", None if shape is None else METRES.geometry_deg(shape))
        for row, (code, shape) in enumerate(pairs, start=1)
    ]
    communities = [("W", METRES.geometry_deg(WEST)), ("E", METRES.geometry_deg(EAST))]
    return list(check(grids, communities, METRES).findings)


def kinds(shapes: Sequence[tuple[str, BaseGeometry | None]]) -> list[FindingKind]:
    return [one.kind for one in found(shapes)]


def test_a_good_plan_has_no_finding() -> None:
    assert found(GOOD) == []


CASES: dict[FindingKind, tuple[dict[str, BaseGeometry], float, Polygon]] = {
    FindingKind.OVERLAP: (GOOD | {"B": square(190, 0, 400, 400)}, 4000.0, square(190, 0, 200, 400)),
    FindingKind.GAP: (GOOD | {"B": square(210, 0, 400, 400)}, 4000.0, square(200, 0, 210, 400)),
    FindingKind.SLIVER: (GOOD | {"B": square(200.2, 0, 400, 400)}, 80.0, square(200, 0, 200.2, 400)),
    FindingKind.OUTSIDE: (GOOD | {"A": square(-10, 0, 200, 400)}, 4000.0, square(-10, 0, 0, 400)),
    FindingKind.IN_PIECES: (
        {"A": MultiPolygon([square(0, 0, 100, 400), square(150, 0, 200, 400)]), "D": square(100, 0, 150, 400)}
        | {"B": GOOD["B"], "C": GOOD["C"]},
        20000.0, square(150, 0, 200, 400),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_what_is_wrong_is_found_with_its_size_and_place(kind: FindingKind) -> None:
    shapes, area_m2, where = CASES[kind]
    (one,) = found(shapes)
    assert one.kind is kind
    assert one.area_m2 == pytest.approx(area_m2, rel=0.01)
    assert one.place is not None
    x, y = METRES.forward(*one.place)
    assert where.buffer(0.1).contains_properly(affinity.translate(box(0, 0, 0.001, 0.001), x, y))
    assert one.zh
    assert one.en
    assert "{" not in one.zh + one.en


def test_a_grid_across_communities_is_an_error_in_the_smaller_part() -> None:
    (one,) = found({"A": GOOD["A"], "B": square(200, 0, 410, 400), "C": square(410, 0, 800, 400)})
    assert (one.kind, one.severity) == (FindingKind.CROSSING, Severity.ERROR)
    assert one.place is not None
    assert 400 < METRES.forward(*one.place)[0] - X < 410


def test_a_shape_that_crosses_itself_is_an_error_where_it_does() -> None:
    bow = Polygon([(X, Y), (X + 200, Y + 400), (X + 200, Y), (X, Y + 400)])
    wrong = [one for one in found(GOOD | {"A": bow}) if one.kind is FindingKind.SHAPE_INVALID]
    (one,) = wrong
    assert one.place is not None
    assert METRES.forward(*one.place) == pytest.approx((X + 100, Y + 200), abs=0.1)
    assert "相交" in one.zh or "自交" in one.zh


def test_codes_that_are_missing_or_twice() -> None:
    pairs = [("", GOOD["A"]), ("B", GOOD["B"]), ("B", GOOD["C"])]
    assert kinds(pairs) == [FindingKind.CODE_DOUBLED, FindingKind.UNNAMED]
    assert [one.rows for one in found(pairs)] == [(2, 3), (1,)]


def test_a_row_without_a_shape_is_told_and_the_others_are_used() -> None:
    pairs = [("A", GOOD["A"]), ("B", None), ("C", GOOD["C"])]
    assert kinds(pairs) == [FindingKind.SHAPE_INVALID, FindingKind.GAP]


def test_ground_where_units_lie_upon_each_other_does_not_overlap() -> None:
    shapes = GOOD | {"B": square(190, 0, 400, 400)}
    grids = [ForeignGrid(1, code, "", METRES.geometry_deg(shape)) for code, shape in shapes.items()]
    communities = [("W", METRES.geometry_deg(WEST)), ("E", METRES.geometry_deg(EAST))]
    assert check(grids, communities, METRES, stacked_m=square(185, 0, 205, 400)).findings == ()
    assert check(grids, communities, METRES, stacked_m=square(0, 0, 100, 400)).findings != ()


# ----------------------------------------------------------------------------------------------------------- settling


def test_atoms_fall_to_the_grid_that_has_most_of_them_and_cut_ones_are_told() -> None:
    base = ground(8, 4, joined=0.0, households=np.full(32, 10))
    sheet = bands(base, 3)
    shapes = [union_all(base.shapes[sheet.assignment == number]) for number in (1, 2, 3)]
    clean = settle(base, shapes, [1, 2, 3])
    assert clean.assignment.tolist() == sheet.assignment.tolist()
    assert clean.cut == ()
    # a third of atom 0 goes to another grid: it stays where most of it is, and both sides are told
    west, south, east, north = base.shapes[0].bounds
    bite = box(west, south, west + (east - west) / 3, north).intersection(base.shapes[0])
    was = int(sheet.assignment[0])
    other = next(number for number in (1, 2, 3) if number != was)
    shapes[was - 1] = shapes[was - 1].difference(bite)
    shapes[other - 1] = shapes[other - 1].union(bite)
    cut = settle(base, shapes, [1, 2, 3])
    assert cut.assignment.tolist() == sheet.assignment.tolist()
    (one,) = cut.cut
    assert (one.atom, one.households) == (0, 10)
    assert [side.number for side in one.sides] == [was, other]
    assert sum(side.households for side in one.sides) == 10
    assert sum(side.area_m2 for side in one.sides) == pytest.approx(base.shapes[0].area)


def test_ground_that_is_mostly_in_no_grid_has_none() -> None:
    base = ground(8, 4, joined=0.0, households=np.full(32, 10))
    shapes = [union_all(base.shapes[1:])]
    found_none = settle(base, shapes, [5])
    assert found_none.assignment.tolist() == [NOBODY, *[5] * 31]
    assert found_none.unassigned.tolist() == [0]


def test_parts_add_up() -> None:
    assert divided(7, [0.0, 0.0]).tolist() == [4, 3]
    assert divided(100, [1.0, 1.0, 1.0]).sum() == 100
