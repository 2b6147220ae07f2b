"""Atoms from polygons that are there already: what does not fit is found, said and closed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Polygon, box

from gridgov.geo.atoms.forms import Streets
from gridgov.geo.atoms.given import Given, make_given
from gridgov.geo.atoms.households import of_buildings
from gridgov.geo.atoms.make import Making
from tests.unit.geo.atoms.quarter import PROJECTION, check_tiling, codes, deg, streets

SQUARE = box(0, 0, 600, 600)


def plots() -> list[Any]:
    """Sixteen squares of 150 m, row by row."""
    return [box(x, y, x + 150, y + 150) for y in range(0, 600, 150) for x in range(0, 600, 150)]


def made(shapes: list[Any], roads: Streets | None = None, community: Any = SQUARE) -> Making:
    given = Given(
        np.array([deg(one) for one in shapes], dtype=object),
        tuple(str(one) for one in range(len(shapes))),
        ("",) * len(shapes),
    )
    return make_given(deg(community), given, Streets.plain([]) if roads is None else roads, PROJECTION)


def test_plots_that_fit_are_the_atoms() -> None:
    found = made(plots())
    check_tiling(found.atoms, deg(SQUARE))
    assert len(found.atoms) == 16
    assert not codes(found.atoms)
    assert sorted(found.atom_of.tolist()) == list(range(16))
    assert {found.atoms.keys[int(found.atom_of[one])] for one in range(16)} == {f"g{one}" for one in range(16)}
    assert len(found.atoms.edges) == 24
    assert found.atoms.edges.shared_m == pytest.approx(150.0, abs=0.02)
    assert found.atoms.blocks.tolist() == list(range(16))


def test_streets_part_plots_into_blocks_and_mark_their_borders() -> None:
    found = made(plots(), streets(lines=[LineString([(-40, 303), (640, 297)]), LineString([(75, -40), (75, 640)])]))
    check_tiling(found.atoms, deg(SQUARE))
    assert int(found.atoms.edges.on_street.sum()) == 4  # the street across the plots runs along no border
    assert len(set(found.atoms.blocks.tolist())) == 2


def test_slips_of_the_pen_are_closed() -> None:
    """Neighbours that miss or overlap one another, and the border, by less than a metre."""
    rng = np.random.default_rng(7)
    shaky = [shapely.transform(one, lambda points: points + rng.uniform(-0.35, 0.35, (1, 2))) for one in plots()]
    found = made(shaky)
    check_tiling(found.atoms, deg(SQUARE))
    assert len(found.atoms) == 16
    assert shapely.area(found.atoms.shapes) == pytest.approx(22_500, rel=0.02)


def test_a_gap_is_an_atom_of_its_own_and_is_said_with_its_place() -> None:
    found = made([one for number, one in enumerate(plots()) if number != 5])
    check_tiling(found.atoms, deg(SQUARE))
    assert found.atoms.kinds.count("open") == 1
    said = [one for one in found.atoms.findings if one.code == "polygons-gap"]
    assert len(said) == 1
    assert said[0].at is not None
    assert shapely.contains_xy(deg(plots()[5]), *said[0].at)
    assert int(of_buildings(found, np.full(15, 4)).sum()) == 60


def test_an_overlap_goes_to_the_first_and_is_said_with_its_place() -> None:
    shapes = plots()
    shapes[6] = box(280, 150, 450, 300)
    found = made(shapes)
    check_tiling(found.atoms, deg(SQUARE))
    said = [one for one in found.atoms.findings if one.code == "polygons-overlap"]
    assert len(said) == 1
    assert "3000" in said[0].en
    assert found.atoms.shapes[found.atom_of[5]].area == pytest.approx(22_500, abs=2)
    assert found.atoms.shapes[found.atom_of[6]].area == pytest.approx(22_500, abs=2)


def test_what_lies_outside_is_cut_off_or_left_out() -> None:
    shapes = [*plots(), box(900, 900, 990, 990)]
    shapes[15] = box(450, 450, 700, 700)
    found = made(shapes)
    check_tiling(found.atoms, deg(SQUARE))
    assert codes(found.atoms) == {"polygons-clipped", "polygons-outside"}
    assert found.atom_of[16] == -1
    assert found.atoms.shapes[found.atom_of[15]].area == pytest.approx(22_500, abs=2)


def test_broken_polygons_are_mended_or_left_out() -> None:
    shapes = plots()
    shapes[0] = Polygon([(0, 0), (150, 0), (150, 150), (60, 150), (60, 170), (60, 150), (0, 150)])
    shapes[1] = Polygon()
    found = made(shapes)
    check_tiling(found.atoms, deg(SQUARE))
    assert codes(found.atoms) == {"polygons-mended", "polygons-unusable", "polygons-gap"}


def test_a_polygon_in_two_parts_stays_one_atom_and_a_lonely_one_is_joined() -> None:
    shapes = plots()
    shapes[0] = MultiPolygon([shapes[0], shapes[10]])
    shapes[10] = box(1000, 0, 1100, 100)
    community = MultiPolygon([SQUARE, box(1000, 0, 1100, 100)])
    found = made(shapes, community=community)
    check_tiling(found.atoms, deg(community))
    assert len(found.atoms) == 16
    assert shapely.get_num_geometries(found.atoms.shapes[found.atom_of[0]]) == 2
    assert codes(found.atoms) == {"pieces-apart", "joined-by-nearness"}
    assert int(found.atoms.edges.bridge.sum()) == 1


def test_nothing_given_leaves_the_community_as_one_open_atom() -> None:
    found = made([])
    check_tiling(found.atoms, deg(SQUARE))
    assert found.atoms.kinds == ("open",)
