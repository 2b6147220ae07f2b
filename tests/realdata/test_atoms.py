"""Atoms of real places: Washington, Helsinki, a quarter of Prague, and the voting districts of Ellis County."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from gridgov.geo.atoms.forms import Buildings, Streets
from gridgov.geo.atoms.given import make_given
from gridgov.geo.atoms.households import of_buildings, spread
from gridgov.geo.atoms.make import make
from gridgov.geo.atoms.outline import metres
from tests.realdata import grounds
from tests.unit.geo.atoms.quarter import check_tiling

pytestmark = pytest.mark.realdata


def test_edges_of_ellis_are_those_of_its_own_graph(realdata: Path) -> None:
    """43 voting districts, 89 edges that others computed: the same pairs, none more, none less."""
    outline, given, people, pairs = grounds.ellis(realdata)
    found = make_given(outline, given, Streets.plain([]), grounds.projection_of(given.shapes))
    check_tiling(found.atoms, outline)
    assert len(found.atoms) == len(given) == 43
    number = np.argsort(found.atom_of)
    edges = found.atoms.edges
    mine = {tuple(sorted(pair)) for pair in zip(number[edges.a].tolist(), number[edges.b].tolist(), strict=True)}
    assert len(pairs) == 89
    assert mine == pairs
    assert int(of_buildings(found, people).sum()) == int(people.sum())


def test_a_quarter_of_prague(realdata: Path) -> None:
    """144 houses wall to wall: each has a cell, and no cell cuts into another house by more than the wall's width."""
    place = grounds.bubenec(realdata)
    found = make(*place)
    check_tiling(found.atoms, place.outline)
    assert found.atoms.kinds.count("building") == 144
    assert sorted(set(found.atom_of.tolist())) == sorted(found.atom_of.tolist())
    houses = metres(place.buildings.shapes, place.projection)
    own = shapely.area(shapely.intersection(found.atoms.shapes[found.atom_of], houses))
    assert (own / shapely.area(houses) > 0.95).mean() > 0.97
    assert own.sum() / shapely.area(houses).sum() > 0.99


@pytest.mark.parametrize(("seed", "each"), [(1, 24)])
def test_washington_adds_up(realdata: Path, seed: int, each: int) -> None:
    """Houses made up inside the 40 commissions so that the households of 450 block groups add up: all 266,707 of them
    come back, house by house and commission by commission, and every commission is tiled to the double.
    """
    dc = grounds.washington(realdata)
    projection = grounds.projection_of(dc.commissions)
    stock, group = grounds.made_up_buildings(dc, projection, seed=seed, each=each)
    names = [str(number) for number in range(len(dc.block_groups))]
    known, differences = spread(dc.households.tolist(), names, group, np.ones(len(stock)), stock.households)
    assert not differences
    assert np.bincount(group, known, len(names)).astype(int).tolist() == dc.households.tolist()
    total, seen = 0, np.zeros(len(stock), dtype=int)
    for outline in dc.commissions:
        near = np.flatnonzero(shapely.intersects(shapely.box(*outline.bounds), stock.shapes))
        some = Buildings(
            stock.shapes[near], tuple(near.tolist()), tuple(str(one) for one in near.tolist()),
            known[near].astype(np.int32), stock.floors[near], ((),) * len(near),
        )  # fmt: skip
        found = make(outline, Streets.plain(dc.roads), some, projection)
        check_tiling(found.atoms, outline)
        assert "border-rounded" not in {one.code for one in found.atoms.findings}
        total += int(of_buildings(found, some.households).sum())
        seen[near[found.atom_of >= 0]] += 1
    assert (seen == 1).all()
    assert total == int(dc.households.sum()) == 266_707


def test_the_centre_of_helsinki(realdata: Path) -> None:
    """Bridges, tunnels, squares and courtyards of OpenStreetMap, and roads that end where the extract does."""
    place = grounds.helsinki(realdata)
    found = make(*place)
    check_tiling(found.atoms, place.outline)
    assert found.atoms.kinds.count("building") > 350
    assert 60 < len(set(found.atoms.blocks.tolist())) < 110
