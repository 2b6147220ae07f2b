"""Atoms of a community are made from the layers, kept, and come back to the double."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely
from shapely import LineString, box
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.areas.layers import Layer, LayerRow, put_layer
from gridgov.areas.shapes import shape_of
from gridgov.planning import basis, counts
from gridgov.planning.surveying import NoBlocks, NotACommunity
from gridgov.platform import clock
from gridgov.platform.db import Database
from tests import sample

DAY = date(2026, 3, 1)


def area_id(session: Session, code: str) -> int:
    """The area of a code."""
    return int(
        session.execute(text("select area_id from areas_version where code = :code"), {"code": code}).scalar_one()
    )


def layers(session: Session) -> None:
    """Two streets across the community W1 and forty houses, one of them of 400 households, one villager group."""
    west, south = sample.LON0, sample.LAT0
    streets = [
        LayerRow("s1", LineString([(west - 0.001, south + 0.0031), (west + 0.0101, south + 0.0032)])),
        LayerRow("s2", LineString([(west + 0.0042, south - 0.0005), (west + 0.0043, south + 0.0105)])),
    ]
    put_layer(session, Layer.STREET, "test", streets)
    houses = []
    for row in range(8):
        for column in range(5):
            x, y = west + 0.0011 + column * 0.002, south + 0.0007 + row * 0.00124
            households = 400 if (row, column) == (5, 1) else 10 * row + column
            houses.append(LayerRow(f"h{row}-{column}", box(x, y, x + 0.0006, y + 0.0003), households=households))
    put_layer(session, Layer.BUILDING, "test", houses)


@pytest.fixture
def city(db: Database) -> Database:
    """The sample city with streets and houses."""
    with db.transaction() as session:
        sample.set_up(session)
        layers(session)
    return db


def test_a_basis_comes_back_as_it_was_made(city: Database) -> None:
    with city.transaction() as session:
        community = area_id(session, "W1")
        made = basis.make(session, community)
        ident = basis.store(session, made, now=clock.utcnow(), by=None)
        count = basis.count(session, ident, made, counted_on=DAY, source="register", now=clock.utcnow())
    with city.transaction() as session:
        ground = basis.ground(session, ident, count)
        outline = shape_of(session, community, at=None).geom
    assert shapely.equals_exact(ground.shapes, made.atoms.shapes).all()
    assert ground.keys == made.atoms.keys
    assert ground.kinds == made.atoms.kinds
    assert ground.kinds.count("unit") == 7  # 400 households in parts of at most 60
    assert ground.counted_on == DAY
    assert ground.graph.households.tolist() == made.households.tolist()
    assert int(ground.graph.households.sum()) == sum(10 * row + column for row in range(8) for column in range(5)) + 349
    assert shapely.coverage_is_valid(ground.shapes)
    assert shapely.union_all(made.atoms.shapes_deg).symmetric_difference(outline).area < 1e-18
    assert ground.graph.pieces()[0] == 1
    assert len(np.unique(ground.graph.block)) == 4
    assert len(ground.streets) == 2
    assert shapely.contains_properly(ground.shapes, ground.labels).all()


def test_the_same_ground_is_the_same_basis_and_other_ground_another(city: Database) -> None:
    with city.transaction() as session:
        community = area_id(session, "W1")
        first = basis.store(session, basis.make(session, community), now=clock.utcnow(), by=None)
        assert basis.store(session, basis.make(session, community), now=clock.utcnow(), by=None) == first
        assert basis.newest(session, community) == first
        house = box(sample.LON0 + 0.0071, sample.LAT0 + 0.005, sample.LON0 + 0.0073, sample.LAT0 + 0.0051)
        put_layer(session, Layer.BUILDING, "test", [LayerRow("new", house, households=3)])
        other = basis.store(session, basis.make(session, community), now=clock.utcnow(), by=None)
        assert other != first
        assert basis.facts(session, other).atoms == basis.facts(session, first).atoms + 1


def test_a_count_of_another_day_belongs_to_the_same_basis(city: Database) -> None:
    with city.transaction() as session:
        made = basis.make(session, area_id(session, "W1"))
        ident = basis.store(session, made, now=clock.utcnow(), by=None)
        first = basis.count(session, ident, made, counted_on=DAY, source="register", now=clock.utcnow())
        assert basis.count(session, ident, made, counted_on=DAY, source="register", now=clock.utcnow()) == first
        later = counts.put(
            session, ident, made.households + 1, counted_on=date(2026, 9, 1), source="register", now=clock.utcnow()
        )
        assert [one.id for one in counts.listed(session, ident)] == [later, first]
        assert basis.ground(session, ident, later).graph.households.sum() == made.households.sum() + len(made.atoms)


def test_people_who_move_in_change_the_count_and_not_the_ground(city: Database) -> None:
    with city.transaction() as session:
        community = area_id(session, "W1")
        first = basis.make(session, community)
        ident = basis.store(session, first, now=clock.utcnow(), by=None)
        x, y = sample.LON0 + 0.0011, sample.LAT0 + 0.0007
        put_layer(session, Layer.BUILDING, "test", [LayerRow("h0-0", box(x, y, x + 0.0006, y + 0.0003), households=21)])
        later = basis.make(session, community)
        assert basis.store(session, later, now=clock.utcnow(), by=None) == ident
        assert int(later.households.sum()) == int(first.households.sum()) + 21


def test_what_does_not_fit_is_refused(city: Database) -> None:
    with city.transaction() as session:
        with pytest.raises(NotACommunity):
            basis.make(session, area_id(session, "A01"))
        with pytest.raises(basis.BasisUnknown):
            basis.ground(session, 4711, 1)
        made = basis.make(session, area_id(session, "W1"))
        ident = basis.store(session, made, now=clock.utcnow(), by=None)
        with pytest.raises(counts.CountUnknown):
            basis.ground(session, ident, 4711)
        with pytest.raises(counts.CountUnfit):
            counts.put(
                session, ident, np.zeros(2, dtype=np.int32), counted_on=DAY, source="register", now=clock.utcnow()
            )
        with pytest.raises(counts.CountUnfit):
            counts.put(
                session, ident, np.full(len(made.atoms), -1), counted_on=DAY, source="register", now=clock.utcnow()
            )


def test_a_community_without_layers_is_one_atom(city: Database) -> None:
    with city.transaction() as session:
        made = basis.make(session, area_id(session, "E1"))
        ident = basis.store(session, made, now=clock.utcnow(), by=None)
        count = basis.count(session, ident, made, counted_on=DAY, source="register", now=clock.utcnow())
        ground = basis.ground(session, ident, count)
    assert len(ground) == 1
    assert {one.code for one in made.atoms.findings} == {"no-streets", "no-buildings"}


def test_a_count_is_carried_over_to_another_basis_without_loss(city: Database) -> None:
    """Eleven houses of the north become one estate: its atom takes their households over by ground."""
    with city.transaction() as session:
        community = area_id(session, "W1")
        made = basis.make(session, community)
        first = basis.store(session, made, now=clock.utcnow(), by=None)
        count = basis.count(session, first, made, counted_on=DAY, source="register", now=clock.utcnow())
        house = box(sample.LON0 + 0.0071, sample.LAT0 + 0.005, sample.LON0 + 0.0073, sample.LAT0 + 0.0051)
        put_layer(session, Layer.BUILDING, "test", [LayerRow("new", house)])
        put_layer(session, Layer.STREET, "test", [LayerRow("s3", LineString([(117.0, 32.006), (117.01, 32.0061)]))])
        second = basis.store(session, basis.make(session, community), now=clock.utcnow(), by=None)
        carried = counts.carry(session, count, second, now=clock.utcnow())
        before, after = basis.ground(session, first, count), basis.ground(session, second, carried)
        assert counts.carry(session, carried, second, now=clock.utcnow()) == carried
    assert after.counted_on == DAY
    assert int(after.households.sum()) == int(before.households.sum()) == int(made.households.sum())
    same = [key for key in before.keys if key in after.number_of]
    assert len(same) >= before.kinds.count("building") + before.kinds.count("unit") == 46
    kept = [int(before.households[before.number_of[key]]) for key in same]
    assert [int(after.households[after.number_of[key]]) for key in same] == kept
    assert sum(kept) == int(made.households.sum())


def test_totals_of_blocks_are_spread_over_their_houses(city: Database) -> None:
    """Houses without a number share what their block has; a block that says other than its houses is named."""
    west, south = sample.LON0, sample.LAT0
    with city.transaction() as session:
        for row in range(2):
            unknown = [
                LayerRow(f"u{row}-{at}", box(west + 0.0115 + at * 0.002, south + 0.001 + row * 0.005,
                                             west + 0.012 + at * 0.002, south + 0.0014 + row * 0.005))
                for at in range(3)
            ]  # fmt: skip
            put_layer(session, Layer.BUILDING, "test", unknown)
        told = box(west + 0.0112, south + 0.009, west + 0.0116, south + 0.0093)
        put_layer(session, Layer.BUILDING, "test", [LayerRow("told", told, households=9)])
        halves = [
            LayerRow("low", box(west + 0.01, south, west + 0.02, south + 0.0052), attributes={"households": 100}),
            LayerRow(
                "high", box(west + 0.01, south + 0.0052, west + 0.02, south + 0.008), attributes={"households": 50}
            ),
            LayerRow("top", box(west + 0.01, south + 0.008, west + 0.02, south + 0.01), attributes={"households": 12}),
        ]
        put_layer(session, Layer.BLOCK, "census", halves)
        made = basis.make(session, area_id(session, "W2"), totals="households")
        silent = basis.make(session, area_id(session, "W2"))
        given = basis.make_of_blocks(session, area_id(session, "W2"))
    assert int(silent.households.sum()) == 9
    assert int(made.households.sum()) == 100 + 50 + 9
    assert sorted(made.households[made.households > 0].tolist()) == [9, 16, 17, 17, 33, 33, 34]
    differ = [one for one in made.atoms.findings if one.code == "households-differ"]
    assert [one.en for one in differ] == ["top: 12 households said, 9 found in its buildings, +3"]
    assert sorted(given.households.tolist()) == [12, 50, 100]
    assert set(given.atoms.kinds) == {"given"}


def test_what_must_stay_whole_is_crossed_by_no_atom(city: Database) -> None:
    """A villager group keeps its ground together; a special grid in force keeps its border."""
    west, south = sample.LON0, sample.LAT0
    group = box(west + 0.001, south + 0.0005, west + 0.0081, south + 0.0075)
    with city.transaction() as session:
        put_layer(session, Layer.BLOCK, "village", [LayerRow("g1", group, {"zh": "一组"}, "villager_group")])
        session.execute(text("update areas_version set kind = 'special' where code = 'A01'"))
        made = basis.make(session, area_id(session, "W1"))
    inside = [name == "一组" for name in made.atoms.groups]
    assert 0 < sum(inside) < len(inside)
    ground = shapely.union_all(made.atoms.shapes_deg[np.array(inside)])
    special = sample.cell("A01")
    assert ground.symmetric_difference(group.difference(special)).area < 1e-9
    covered = shapely.area(shapely.intersection(made.atoms.shapes_deg, special)) / shapely.area(made.atoms.shapes_deg)
    assert ((covered < 1e-4) | (covered > 1 - 1e-4)).all()
    assert (covered > 0.5).any()


def test_a_community_without_blocks_of_that_source_is_refused(city: Database) -> None:
    with city.transaction() as session, pytest.raises(NoBlocks):
        basis.make_of_blocks(session, area_id(session, "W1"), source="nobody's")
