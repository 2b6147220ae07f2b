"""Proposals for one community: what stays, what goes on, what is said, and that the same comes out each time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from gridgov.areas.rules import Kind
from gridgov.geo.partition.solve import Cancelled
from gridgov.planning.ground import Ground
from gridgov.planning.proposing import Mode, Proposed, Settings, draw, settings_of
from gridgov.planning.rules import NOBODY, GridDraft, Sheet, Target
from tests.unit.planning import grounds

TARGET = Target(300, 0.1)
SETTINGS = Settings(TARGET, seed=3, effort=20)


@pytest.fixture(scope="module")
def ground() -> Ground:
    rng = np.random.default_rng(5)
    return grounds.ground(20, 12, seed=5, joined=0.0, households=rng.integers(4, 22, 240))


def totals(ground: Ground, sheet: Sheet) -> dict[int, int]:
    return {n: int(ground.graph.households[sheet.assignment == n].sum()) for n in sheet.grids}


def whole(ground: Ground, sheet: Sheet) -> bool:
    """Every atom in one grid there is, each grid in one piece."""
    assert set(np.unique(sheet.assignment).tolist()) == set(sheet.grids)
    return ground.graph.pieces(sheet.assignment)[0] == len(sheet.grids)


def empty(ground: Ground) -> Sheet:
    return Sheet(np.full(len(ground), NOBODY, dtype=np.int32), {})


def test_from_nothing_to_grids_within_the_band(ground: Ground) -> None:
    found = draw(ground, empty(ground), SETTINGS)
    assert whole(ground, found.sheet)
    assert all(TARGET.holds(one) for one in totals(ground, found.sheet).values())
    assert sorted(found.sheet.grids) == list(range(1, len(found.sheet.grids) + 1))
    assert found.obstacles == ()
    assert found.figures["within"] == found.figures["grids"] == found.figures["contiguous"] == len(found.sheet.grids)
    assert found.figures["moved"] == 0, "nobody had a grid before"
    assert found.figures["households"] == ground.graph.households.sum()


@pytest.mark.parametrize("mode", list(Mode))
def test_the_same_to_the_bit_on_any_number_of_threads(ground: Ground, mode: Mode) -> None:
    settings = replace(SETTINGS, mode=mode, price=0.0 if mode is Mode.FRESH else 2.0)
    if mode is Mode.REPAIR:  # which takes longer
        settings = replace(settings, effort=2)
    sheet = draw(ground, empty(ground), replace(SETTINGS, target=Target(290, 0.1))).sheet

    def once(_number: int) -> bytes:
        return draw(ground, sheet, settings).sheet.digest()

    alone = once(0)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(once, range(3))) == {alone}


def test_another_seed_is_another_proposal(ground: Ground) -> None:
    digests = {draw(ground, empty(ground), replace(SETTINGS, seed=seed)).sheet.digest() for seed in range(4)}
    assert len(digests) > 1


def test_locked_and_special_grids_are_left_alone(ground: Ground) -> None:
    before = grounds.bands(ground, 9)
    grids = dict(before.grids)
    grids[2] = replace(grids[2], locked=True, names={"zh": "锁定"})
    grids[5] = replace(grids[5], kind=Kind.SPECIAL)
    sheet = Sheet(before.assignment, grids)
    found = draw(ground, sheet, SETTINGS)
    for number in (2, 5):
        assert ((found.sheet.assignment == number) == (sheet.assignment == number)).all()
        assert found.sheet.grids[number] == grids[number]
    free = draw(ground, before, SETTINGS)
    assert not ((free.sheet.assignment == 2) == (before.assignment == 2)).all(), "unlocked, it would have changed"


def test_grids_go_on_with_their_names_by_households(ground: Ground) -> None:
    sheet = grounds.bands(ground, 9)
    named = Sheet(
        sheet.assignment,
        {n: replace(g, names={"zh": f"第{n}网格"}, area_id=100 + n, code=f"c{n}") for n, g in sheet.grids.items()},
    )
    found = draw(ground, named, SETTINGS).sheet
    kept = sorted(set(found.grids) & set(named.grids))
    assert len(kept) == 9, "ten grids now, of which nine go on"
    for number in kept:
        assert (found.grids[number].names, found.grids[number].area_id) == ({"zh": f"第{number}网格"}, 100 + number)
        weights = ground.graph.households[found.assignment == number]
        origin = sheet.assignment[found.assignment == number]
        assert weights[origin == number].sum() > 0
    for number in set(found.grids) - set(named.grids):
        assert number > max(named.grids), "a new grid takes no number that was given before"
        assert found.grids[number].area_id is None


def moved(found: Proposed) -> float:
    return found.figures["moved"]


def test_repairing_moves_fewer_than_dividing_anew(ground: Ground) -> None:
    sheet = draw(ground, empty(ground), SETTINGS).sheet
    more = ground.graph.households.copy()
    more[sheet.assignment == 1] += 3  # one grid has grown out of its band
    grown = replace(ground, graph=replace(ground.graph, households=more))
    fresh = draw(grown, sheet, replace(SETTINGS, seed=8))
    repaired = draw(grown, sheet, replace(SETTINGS, mode=Mode.REPAIR, effort=2))
    assert 0 < moved(repaired) < moved(fresh)
    assert repaired.figures["within"] == repaired.figures["grids"]
    dear = draw(grown, sheet, replace(SETTINGS, mode=Mode.RESUME, price=1000.0))
    assert moved(dear) < moved(fresh)


def test_villager_groups_stay_whole_and_rural_ground_has_its_own_target() -> None:
    rng = np.random.default_rng(2)
    plain = grounds.ground(16, 12, seed=2, joined=0.0, households=rng.integers(1, 6, 192))
    groups = tuple(f"{atom // 4}组" for atom in range(192))
    rural = replace(plain, groups=groups)
    found = draw(rural, empty(rural), replace(SETTINGS, rural=Target(60, 0.3))).sheet
    for name in set(groups):
        atoms = [atom for atom in range(192) if groups[atom] == name]
        assert len(set(found.assignment[atoms].tolist())) == 1
    assert {grid.kind for grid in found.grids.values()} == {Kind.RURAL}
    assert {grid.target for grid in found.grids.values()} == {Target(60, 0.3)}
    apart = draw(plain, empty(plain), replace(SETTINGS, target=Target(60, 0.3))).sheet
    cut = [n for n in set(groups) if len({int(apart.assignment[a]) for a in range(192) if groups[a] == n}) > 1]
    assert cut, "without groups they would be parted"


def test_what_cannot_be_comes_with_the_best_there_is() -> None:
    """500 households are neither one grid nor two; there is a plan all the same."""
    ground = grounds.ground(10, 5, seed=1, joined=0.0, households=np.full(50, 10))
    found = draw(ground, empty(ground), SETTINGS)
    assert whole(ground, found.sheet)
    assert {one.code for one in found.obstacles} >= {"arithmetic", "outside-band"}
    assert found.figures["within"] < found.figures["grids"]


def test_nobody_lives_there() -> None:
    ground = grounds.ground(4, 4, joined=0.0, households=np.zeros(16, dtype=np.int64))
    found = draw(ground, empty(ground), SETTINGS)
    assert len(found.sheet.grids) == 1
    assert "no-households" in {one.code for one in found.obstacles}


def test_it_ends_when_it_is_told(ground: Ground) -> None:
    with pytest.raises(Cancelled):
        draw(ground, empty(ground), SETTINGS, cancelled=lambda: True)
    shares: list[float] = []
    draw(ground, empty(ground), SETTINGS, progress=shares.append)
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize("mode", [Mode.RESUME, Mode.REPAIR])
def test_atoms_of_no_grid_find_one(ground: Ground, mode: Mode) -> None:
    whole_sheet = draw(ground, empty(ground), SETTINGS).sheet
    drawn = whole_sheet.assignment.copy()
    drawn[::7] = NOBODY
    found = draw(ground, Sheet(drawn, whole_sheet.grids), replace(SETTINGS, mode=mode, price=50.0, effort=2))
    assert whole(ground, found.sheet)
    kept = drawn != NOBODY
    same = found.sheet.assignment[kept] == drawn[kept]
    assert ground.graph.households[kept][same].sum() > 0.8 * ground.graph.households[kept].sum()
    assert found.figures["moved"] == ground.graph.households[kept][~same].sum(), "who had no grid has not moved"


@pytest.mark.parametrize("mode", list(Mode))
def test_of_chosen_grids_alone_the_ground_is_divided(ground: Ground, mode: Mode) -> None:
    before = grounds.bands(ground, 6)
    chosen = (2, 3)
    settings = replace(SETTINGS, mode=mode, effort=2)
    found = draw(ground, before, replace(settings, grids=chosen)).sheet
    others = ~np.isin(before.assignment, chosen)
    assert (found.assignment[others] == before.assignment[others]).all()
    assert (found.assignment != before.assignment).any()
    everywhere = draw(ground, before, settings).sheet
    assert (everywhere.assignment[others] != before.assignment[others]).any(), "the control: all of it moves the others"


def test_settings_are_read_back_as_they_were() -> None:
    settings = Settings(TARGET, Target(80, 0.25), 9, 50, Mode.RESUME, 2.5)
    assert settings_of(settings.document()) == settings
    chosen = replace(settings, grids=(2, 5))
    assert settings_of(chosen.document()) == chosen


def test_a_grid_that_ends_is_gone_from_the_sheet(ground: Ground) -> None:
    """Twelve small grids become fewer; what is left has no grid without ground."""
    sheet = grounds.bands(ground, 20)
    found = draw(ground, sheet, SETTINGS).sheet
    assert len(found.grids) < 20
    assert whole(ground, found)
    assert set(found.grids) < set(sheet.grids) | {GridDraft(0).number}
