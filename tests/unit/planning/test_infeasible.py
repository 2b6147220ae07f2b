"""What cannot be within the band, said with figures; and silence where everything can."""

from __future__ import annotations

import numpy as np
import pytest

from gridgov.geo.partition.graph import AtomGraph
from gridgov.planning.infeasible import after, before, counts_of_grids, gaps
from gridgov.planning.rules import Target

PLAIN = Target(300, 0.1)


def chain(households: list[int], *, cut: int | None = None, streets: bool = True) -> AtomGraph:
    """Atoms in a row; `cut`: the place after which the row is broken."""
    n = len(households)
    a = np.array([i for i in range(n - 1) if i != cut], dtype=np.int64)
    m = len(a)
    return AtomGraph.of_edges(
        a, a + 1, np.full(m, 20.0), np.full(m, streets), np.zeros(m, bool),
        households=np.array(households), block=np.arange(n), area_m2=np.full(n, 400.0), perimeter_m=np.full(n, 80.0),
    )  # fmt: skip


def codes(graph: AtomGraph, groups: dict[int, str] | None = None, target: Target = PLAIN) -> list[str]:
    names = [(groups or {}).get(atom, "") for atom in range(len(graph))]
    return [one.code for one in before(graph, names, target)]


def test_the_gaps_of_three_hundred() -> None:
    assert gaps(PLAIN) == [(1, 269), (331, 539), (661, 809), (991, 1079), (1321, 1349)]


@pytest.mark.parametrize("target", [PLAIN, Target(300, 0.05), Target(100, 0.2), Target(7, 0.3)])
def test_a_total_lies_in_a_gap_exactly_when_no_number_of_grids_holds_it(target: Target) -> None:
    said = {total for first, last in gaps(target) for total in range(first, last + 1)}
    for total in range(1, 30 * target.households):
        tried = any(k * target.least <= total <= k * target.most for k in range(1, 40))
        assert (total in said) is not tried
        assert bool(len(counts_of_grids(total, target))) is tried


def test_a_community_that_can_be_divided_is_not_spoken_of() -> None:
    assert codes(chain([100] * 9)) == []


def test_a_total_in_a_gap_names_both_ways_out() -> None:
    (found,) = before(chain([100] * 5), [""] * 5, PLAIN)
    assert found.code == "arithmetic"
    assert found.figures == {"households": 500, "least": 270, "most": 330, "fewer": 1, "more": 2}
    assert "500" in found.zh
    assert "500" in found.en
    assert "±17%" in found.remedy_zh
    widened = Target(300, 0.17)
    assert before(chain([100] * 5), [""] * 5, widened) == [], "what it advises helps"
    assert codes(chain([100] * 5), target=Target(300, 0.16)) == ["arithmetic"], "and less does not"


@pytest.mark.parametrize(("first", "last"), gaps(PLAIN)[1:])
def test_the_band_it_advises_always_helps(first: int, last: int) -> None:
    for total in range(first, last + 1, 7):
        (found,) = before(chain([total - 2 * (total // 3), *[total // 3] * 2]), [""] * 3, Target(300, 0.1))[:1]
        band = int(found.remedy_zh.split("±")[1].split("%")[0]) / 100
        assert len(counts_of_grids(total, Target(300, band))), (total, band)


def test_too_few_for_one_grid() -> None:
    (found,) = before(chain([50] * 3), [""] * 3, PLAIN)
    assert found.code == "arithmetic"
    assert "不足一个网格" in found.zh
    assert found.figures["households"] == 150


def test_a_building_above_the_band_is_named() -> None:
    found = [one for one in before(chain([200, 400, 0]), [""] * 3, PLAIN) if one.code == "atom-above-band"]
    assert [one.atoms for one in found] == [(1,)]
    assert found[0].figures["households"] == 400
    assert codes(chain([270, 330, 0])) == [], "exactly the most is not above"


def test_nobody_lives_there() -> None:
    assert codes(chain([0, 0, 0])) == ["no-households"]


def test_two_parts_are_judged_each_by_itself() -> None:
    assert codes(chain([300, 300], cut=0)) == ["in-parts", "no-streets"], "no border is left at all"
    assert codes(chain([150, 150, 300, 300], cut=1)) == ["in-parts"]
    assert codes(chain([200, 100, 150, 50], cut=1)) == ["in-parts", "arithmetic"], "500 in all, 300 and 200 apart"
    assert codes(chain([150, 150, 0, 0], cut=1)) == ["in-parts", "empty-part"]


def test_no_street_between_the_atoms() -> None:
    assert codes(chain([300, 300], streets=False)) == ["no-streets"]


def test_groups_that_must_stay_whole() -> None:
    graph = chain([200, 200, 200])
    assert codes(graph, {0: "一组", 1: "一组"}) == ["group-above-band"]
    assert codes(graph, {0: "一组", 1: "二组"}) == []
    assert codes(chain([100, 100, 100]), {0: "一组", 2: "一组"}) == ["group-apart"]
    one_house = {0: "一组"}
    assert codes(chain([400, 200]), one_house) == ["group-above-band"], "said once, of the group"


def test_what_a_plan_ended_with() -> None:
    found = after(np.array([300, 340, 200]), np.array([1, 1, 2]), [1, 2, 3], PLAIN)
    assert [(one.code, one.figures["number"]) for one in found] == [
        ("outside-band", 2), ("outside-band", 3), ("grid-apart", 3),
    ]  # fmt: skip
    assert after(np.array([270, 330]), np.array([1, 1]), [1, 2], PLAIN) == []
