"""Spans, gaps and trees for any ids: nothing is lost, nothing is counted twice."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gridgov.audit import merkle, rules
from gridgov.audit.rules import Before, Gap

IDS = st.sets(st.integers(1, 60)).map(sorted)


@given(IDS)
def test_spans_hold_exactly_the_ids(ids: list[int]) -> None:
    found = rules.spans(ids)
    assert rules.members(found) == ids
    assert all(a[1] + 1 < b[0] for a, b in pairwise(found))
    assert rules.read_spans(rules.spans_text(found)) == found


@given(st.integers(1, 60), st.integers(0, 60), IDS)
def test_what_is_taken_out_is_out_and_the_rest_is_left(first: int, length: int, ids: list[int]) -> None:
    span = (first, first + length)
    assert rules.members(rules.without(span, ids)) == [i for i in range(first, first + length + 1) if i not in set(ids)]


@given(st.lists(st.tuples(st.integers(-5, 70), st.integers(0, 10)).map(lambda p: (p[0], p[0] + p[1]))))
def test_outside_is_what_nothing_covers(covered: list[tuple[int, int]]) -> None:
    taken = set(rules.members(covered))
    assert rules.members(rules.outside(covered, (0, 60))) == [i for i in range(61) if i not in taken]


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 5), st.integers(1, 99)), max_size=5))
def test_gaps_are_read_as_they_were_written(parts: list[tuple[int, int, int]]) -> None:
    gaps = tuple(Gap(first, first + more, xid) for first, more, xid in parts)
    assert rules.read_gaps(rules.gaps_text(gaps)) == gaps


@given(st.lists(IDS, min_size=1, max_size=6))
def test_every_id_is_sealed_once_or_open_or_given_up(arrivals: list[list[int]]) -> None:
    """However ids arrive, as long as every transaction is still awaited, each lies under one seal or in one gap."""
    before, sealed = Before(), set[int]()
    for number, arrived in enumerate(arrivals, 1):
        gaps = {i for gap in before.open for i in range(gap.first, gap.last + 1)}
        taken = [i for i in arrived if (i in gaps or i > before.upto) and i not in sealed]
        open_ = rules.still_open(before, taken, own=1000 + number, oldest=1)
        upto = max([before.upto, *taken])
        sealed |= set(taken)
        left = [i for gap in open_ for i in range(gap.first, gap.last + 1)]
        assert sorted([*sealed, *left]) == list(range(1, upto + 1))
        before = Before(number, b"", upto, open_)


@given(st.integers(1, 200), st.data())
def test_a_path_of_any_tree_leads_to_its_root(count: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(i.to_bytes(2)) for i in range(count)]
    index = data.draw(st.integers(0, count - 1))
    found = merkle.root_from_path(leaves[index], index, count, merkle.path(leaves, index))
    assert found == merkle.root(leaves)
