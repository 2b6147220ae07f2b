"""Whatever is redrawn: every household is accounted for once, no identity passes twice, numbering leaves no double."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgov.planning.codes import Placed, grid_codes
from gridgov.planning.lineage import lineage

GRID = st.integers(-1, 6)
ATOMS = st.lists(st.tuples(GRID, GRID, st.integers(0, 200), st.floats(0.1, 1e4)), min_size=1, max_size=40)


@settings(deadline=None, max_examples=150)
@given(ATOMS)
def test_every_household_is_accounted_for_once(atoms: list[tuple[int, int, int, float]]) -> None:
    old, new = np.array([one[0] for one in atoms]), np.array([one[1] for one in atoms])
    households, area = np.array([one[2] for one in atoms]), np.array([one[3] for one in atoms])
    found = lineage(old, new, households=households, area_m2=area)
    assert sum(one.households for one in found.descents) == int(households[(old >= 0) & (new >= 0)].sum())
    assert len(set(found.goes_on.values())) == len(found.goes_on)
    assert set(found.goes_on) | set(found.begun) == set(new[new >= 0].tolist())
    assert set(found.goes_on.values()) | set(found.ended) == set(old[old >= 0].tolist())
    for one in set(old[old >= 0].tolist()):
        lost = households[(old == one) & (new < 0)].sum()
        if households[old == one].sum() and not lost:
            assert abs(sum(d.share for d in found.descents if d.before == one) - 1) < 1e-9


@settings(deadline=None, max_examples=100)
@given(ATOMS, st.randoms(use_true_random=False))
def test_the_order_in_which_atoms_come_does_not_matter(
    atoms: list[tuple[int, int, int, float]], chance: np.random.Generator
) -> None:
    def trace(rows: list[tuple[int, int, int, float]]) -> object:
        columns = [np.array(column) for column in zip(*rows, strict=True)]
        found = lineage(columns[0], columns[1], households=columns[2], area_m2=np.round(columns[3]))
        return found.goes_on, found.begun, found.ended

    mixed = list(atoms)
    chance.shuffle(mixed)
    assert trace(mixed) == trace(atoms)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.none() | st.integers(1, 60)), min_size=1, max_size=30
    ),
    st.sets(st.integers(1, 80)),
)
def test_codes_are_distinct_and_none_is_a_voided_one(
    grids: list[tuple[float, float, int | None]], void: set[int]
) -> None:
    home = "349902001001"
    placed = [
        Placed(number, x, y, None if code is None else f"{home}{code:03d}") for number, (x, y, code) in enumerate(grids)
    ]
    voided = {f"{home}{number:03d}" for number in void}
    given_codes = grid_codes(home, placed, void=voided).codes
    assert len(set(given_codes.values())) == len(placed)
    fresh = {given_codes[grid.number] for grid in placed if grid.code != given_codes[grid.number]}
    assert not fresh & voided
    assert not fresh & {grid.code for grid in placed}
