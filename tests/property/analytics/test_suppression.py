"""Public counts against two attackers: one who adds and subtracts, and one who also knows this program.

Both are given all that is published and nothing else, and count every city that fits. The controls, each a plausible
way to suppress, are seen through.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgov.analytics import suppression
from gridgov.analytics.period import BadPeriod, Period
from gridgov.analytics.suppression import BY_CHANCE, Draw, public_month, published

Parents = Mapping[int, int | None]
Shown = Mapping[int, int | None]
Publish = Callable[[Parents, Mapping[int, int], int, Draw], Shown]
NEVER: Draw = lambda part: 0.5 + part[1] / 1_000  # noqa: E731  # a draw that hides nothing by chance


def children(parents: Parents, node: int) -> list[int]:
    return [child for child, parent in parents.items() if parent == node]


def leaves(parents: Parents) -> list[int]:
    return [node for node in parents if not children(parents, node)]


def totals(parents: Parents, own: Mapping[int, int]) -> dict[int, int]:
    """Sums by the definition."""

    def total(node: int) -> int:
        return own.get(node, 0) + sum(total(child) for child in children(parents, node))

    return {node: total(node) for node in parents}


@st.composite
def trees(draw: st.DrawFn, largest: int = 7) -> dict[int, int | None]:
    """Small trees; a node's parent has a lower number."""
    size = draw(st.integers(2, largest))
    return {0: None, **{node: draw(st.integers(0, node - 1)) for node in range(1, size)}}


@st.composite
def cities(draw: st.DrawFn) -> tuple[dict[int, int | None], dict[int, int], int, dict[int, float]]:
    """A tree, counts at its leaves, a threshold, and draws."""
    parents = draw(trees())
    own = {leaf: draw(st.integers(0, 6)) for leaf in leaves(parents)}
    draws = {node: draw(st.sampled_from([0.01, 0.3, 0.5, 0.7, 0.9])) for node in parents}
    return parents, own, draw(st.integers(2, 4)), draws


def possible(parents: Parents, shown: Shown, most: int) -> Iterator[dict[int, int]]:
    """Every count of every node that agrees with what is shown, no leaf above `most`. The first attacker's work."""
    below = {node: children(parents, node) for node in parents}

    def ways(node: int) -> Iterator[dict[int, int]]:
        wanted = shown[node]
        if not below[node]:
            yield from ({node: n} for n in (range(most + 1) if wanted is None else [wanted]))
            return
        for parts in itertools.product(*(list(ways(child)) for child in below[node])):
            found = {name: n for part in parts for name, n in part.items()}
            found[node] = sum(found[child] for child in below[node])
            if wanted is None or wanted == found[node]:
                yield found

    for root in (node for node, parent in parents.items() if parent is None):
        yield from ways(root)


def computed(parents: Parents, shown: Shown, most: int) -> set[int]:
    """Hidden nodes whose count the first attacker knows."""
    worlds = list(possible(parents, shown, most))
    return {node for node, n in shown.items() if n is None and len({world[node] for world in worlds}) == 1}


def naive(parents: Parents, own: Mapping[int, int], least: int, draw: Draw) -> Shown:
    """The first control: only small counts are hidden."""
    return {node: n if n >= least else None for node, n in totals(parents, own).items()}


def one_level(parents: Parents, own: Mapping[int, int], least: int, draw: Draw) -> Shown:
    """The second: each sum with one hidden part hides a second one, but nobody looks below what is hidden."""
    found = totals(parents, own)
    hidden = {node for node, n in found.items() if n < least}
    for node in parents:
        parts = children(parents, node)
        if len([part for part in parts if part in hidden]) == 1 and len(parts) > 1:
            hidden.add(min((part for part in parts if part not in hidden), key=lambda part: found[part]))
    return {node: None if node in hidden else n for node, n in found.items()}


@given(cities())
def test_nobody_who_adds_and_subtracts_computes_a_hidden_count(
    city: tuple[dict[int, int | None], dict[int, int], int, dict[int, float]],
) -> None:
    parents, own, least, draws = city
    shown = published(parents, own, least, lambda part: draws[part[1]])
    assert computed(parents, shown, most=sum(own.values()) + 1) == set()


@given(cities())
def test_what_is_shown_is_true_and_no_small_count_is_shown(
    city: tuple[dict[int, int | None], dict[int, int], int, dict[int, float]],
) -> None:
    parents, own, least, draws = city
    found = totals(parents, own)
    for node, n in published(parents, own, least, lambda part: draws[part[1]]).items():
        assert n is None or (n == found[node] and n >= least)


@given(cities())
def test_every_sum_that_can_be_computed_reaches_the_threshold(
    city: tuple[dict[int, int | None], dict[int, int], int, dict[int, float]],
) -> None:
    """A shown sum less its shown parts is the sum of what is hidden: it is as good as published."""
    parents, own, least, draws = city
    shown = published(parents, own, least, lambda part: draws[part[1]])
    for node, n in shown.items():
        parts = [shown[child] for child in children(parents, node)]
        if n is not None and None in parts:
            assert parts.count(None) >= 2
            assert n - sum(part for part in parts if part is not None) >= least


@pytest.mark.parametrize("control", [naive, one_level])
def test_the_controls_are_seen_through(control: Publish) -> None:
    """The same attacker on the same cities; were it blind, the tests above would mean nothing."""
    parents: Parents = {0: None, 1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 6: 2}
    seen = 0
    for counts in itertools.product(range(6), repeat=4):
        own = dict(zip((3, 4, 5, 6), counts, strict=True))
        assert computed(parents, published(parents, own, 3, NEVER), most=sum(counts) + 1) == set()
        seen += bool(computed(parents, control(parents, own, 3, NEVER), most=sum(counts) + 1))
    assert seen > 100


def outcomes(parents: Parents, places: Sequence[int], most: int, least: int, *, chance: bool) -> set[int]:
    """Nodes whose hidden count the second attacker knows for some city: by every count and every draw that gives what
    is seen. Cities with a leaf of `most` are left out, for those beyond were not tried."""
    parts = [node for node, parent in parents.items() if parent is not None]
    draws = itertools.product([0.0, 0.5], repeat=len(parts)) if chance else [(0.5,) * len(parts)]
    fitting: dict[tuple[int | None, ...], list[tuple[int, ...]]] = {}
    for drawn in draws:
        by_node = {node: value + node / 1_000 for node, value in zip(parts, drawn, strict=True)} | {0: 0.5}
        for counts in itertools.product(range(most + 1), repeat=len(places)):
            own = dict(zip(places, counts, strict=True))
            shown = published(parents, own, least, lambda part, by_node=by_node: by_node[part[1]])  # type: ignore[misc]
            fitting.setdefault(tuple(shown[node] for node in parents), []).append(counts)
    told: set[int] = set()
    for seen, cities_ in fitting.items():
        if any(most in counts for counts in cities_):
            continue
        sums = [totals(parents, dict(zip(places, counts, strict=True))) for counts in cities_]
        hidden = [node for node, n in zip(parents, seen, strict=True) if n is None]
        told |= {node for node in hidden if len({one[node] for one in sums}) == 1}
    return told


TREES = {
    "three grids": ({0: None, 1: 0, 2: 0, 3: 0}, (1, 2, 3), 9, 3),
    "four grids": ({0: None, 1: 0, 2: 0, 3: 0, 4: 0}, (1, 2, 3, 4), 7, 3),
    "two communities": ({0: None, 1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 6: 2}, (3, 4, 5, 6), 6, 2),
    "a grid beside a community": ({0: None, 1: 0, 2: 0, 3: 1, 4: 1, 5: 1}, (2, 3, 4, 5), 7, 3),
    "three tiers": ({0: None, 1: 0, 2: 0, 3: 1, 4: 1, 5: 3, 6: 3}, (2, 4, 5, 6), 6, 2),
    "a community with one grid": ({0: None, 1: 0, 2: 0, 3: 1, 4: 3, 5: 3}, (2, 4, 5), 8, 3),
}


@pytest.mark.parametrize("name", TREES)
def test_nobody_who_knows_the_program_computes_a_hidden_count(name: str) -> None:
    """Every city of a small tree and every draw are tried: whatever is seen, no hidden count is the same in all that
    fit. The control is the same program without chance: there, what it would not have done tells."""
    parents, places, most, least = TREES[name]
    assert outcomes(parents, places, most, least, chance=True) == set()
    assert outcomes(parents, places, most, least, chance=False) != set()


def test_what_lies_at_an_inner_node_is_hidden_like_a_part() -> None:
    """Two incidents are known to lie in the community but in none of its grids."""
    parents: Parents = {0: None, 1: 0, 2: 0}
    shown = published(parents, {0: 2, 1: 20, 2: 30}, 5, NEVER)
    assert shown[0] == 52
    assert [shown[1], shown[2]].count(None) == 1
    assert naive(parents, {0: 2, 1: 20, 2: 30}, 5, NEVER) == {0: 52, 1: 20, 2: 30}  # 52 - 20 - 30 = 2


def test_few_are_hidden_without_need() -> None:
    """The price of chance: with counts that need no hiding, one part in thirty-two."""
    parents: Parents = {0: None} | dict.fromkeys(range(1, 2001), 0)
    draws = {node: (node * 0.6180339887) % 1 for node in parents}
    shown = published(parents, dict.fromkeys(range(1, 2001), 50), 5, lambda part: draws[part[1]])
    assert list(shown.values()).count(None) == pytest.approx(2000 * BY_CHANCE, rel=0.1)


def test_a_threshold_that_hides_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold"):
        published({0: None}, {0: 1}, 1, NEVER)


ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 1, 0, 0, tzinfo=ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    "month",
    [("2026-10-01", "2026-11-01"), ("2025-12-01", "2026-01-01"), ("2026-02-01", "2026-03-01")],
)
def test_a_whole_month_that_has_ended_is_public(month: tuple[str, str]) -> None:
    period = Period(at(month[0]), at(month[1]))
    assert public_month(period, ZONE, NOW) == period


@pytest.mark.parametrize(
    "period",
    [
        Period(at("2026-09-01"), at("2026-11-01")),
        Period(at("2026-10-01"), at("2026-10-31")),
        Period(at("2026-10-02"), at("2026-11-01")),
        Period(at("2026-10-15"), at("2026-11-15")),
        Period(at("2026-10-01T00:00:01"), at("2026-11-01")),
        Period(at("2026-10-01"), at("2026-11-01T00:00:01")),
        Period(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
        Period(None, at("2026-11-01")),
        Period(at("2026-10-01"), None),
        Period(),
    ],
)
def test_any_other_cut_is_refused(period: Period) -> None:
    with pytest.raises(BadPeriod):
        public_month(period, ZONE, NOW)


def test_a_month_is_public_from_its_last_instant_on_and_not_a_second_before() -> None:
    period = Period(at("2026-10-01"), at("2026-11-01"))
    assert public_month(period, ZONE, NOW) == period
    with pytest.raises(BadPeriod, match="not ended"):
        public_month(period, ZONE, at("2026-10-31T23:59:59"))


def test_two_cuts_would_tell_a_day() -> None:
    """The control of the rule above: a month, and the month less its last day, each with only large counts."""
    month, without_last_day = 60, 59
    parents: Parents = {0: None}
    assert published(parents, {0: month}, 5, NEVER) == {0: 60}
    assert published(parents, {0: without_last_day}, 5, NEVER) == {0: 59}
    assert month - without_last_day < 5
    assert suppression.published(parents, {0: month - without_last_day}, 5, NEVER) == {0: None}
