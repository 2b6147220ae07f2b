"""Whatever is counted: every atom in a grid, every grid in one piece, nothing below the bound, nothing unexplained."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgov.geo.partition.repair import repair
from tests.property.geo.partition.tiny import in_one_piece, lattice

ROWS, COLUMNS = 4, 6
COUNTS = st.lists(st.integers(0, 40), min_size=ROWS * COLUMNS, max_size=ROWS * COLUMNS)


@settings(deadline=None, max_examples=25)
@given(COUNTS, st.integers(0, 2**32), st.sets(st.integers(0, 3), max_size=1))
def test_a_repair_is_whole_and_no_better_than_what_is_proven(counts: list[int], seed: int, held: set[int]) -> None:
    graph = lattice(ROWS, COLUMNS, np.array(counts))
    before = (np.arange(ROWS * COLUMNS) // COLUMNS).astype(np.int32)
    target = max(2, sum(counts) // 4)
    least, most = max(1, int(0.8 * target)), int(1.2 * target) + 1
    made = repair(graph, before, least=least, most=most, target=target, seed=seed, effort=0.3, held=held)
    assert in_one_piece(graph, made.assignment)
    assert set(made.grids.tolist()) == set(made.assignment.tolist())
    for one in held:
        assert ((made.assignment == one) == (before == one)).all()
    sizes = [int(graph.households[made.assignment == one].sum()) for one in made.grids]
    assert made.households.tolist() == sizes
    assert sum(sizes) == sum(counts)
    assert made.moved == int(graph.households[made.assignment != before].sum())
    assert made.bound.households <= made.moved
    unexplained = {int(one) for one, size in zip(made.grids, sizes, strict=True) if not least <= size <= most}
    assert unexplained == {one.part for one in made.exceptions}
    outside_before = [graph.households[before == one].sum() for one in range(4)]
    if all(least <= size <= most for size in outside_before):
        assert made.moved == 0
