"""Atoms from streets and buildings: blocks, cells, units, and what is said of bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gridgov.geo.atoms.forms import Atoms, Regions, Streets
from gridgov.geo.atoms.households import of_buildings
from gridgov.geo.atoms.make import Making, make
from gridgov.geo.atoms.outline import metres
from tests.unit.geo.atoms import quarter
from tests.unit.geo.atoms.quarter import PROJECTION, SIDE, buildings, check_tiling, codes, deg, houses, outline, streets


def made(community=None, roads=None, stock=None, **more) -> Making:  # type: ignore[no-untyped-def]
    return make(
        outline() if community is None else community,
        streets() if roads is None else roads,
        buildings() if stock is None else stock,
        PROJECTION,
        **more,
    )


def pieces(atoms: Atoms) -> int:
    """Connected pieces of the graph."""
    edges = atoms.edges
    ones = np.ones(len(edges))
    return int(connected_components(csr_matrix((ones, (edges.a, edges.b)), shape=(len(atoms), len(atoms))), False)[0])


def test_every_house_has_a_cell_in_its_block() -> None:
    found = made()
    atoms = found.atoms
    check_tiling(atoms, outline())
    assert len(atoms) == 100
    assert set(atoms.kinds) == {"building"}
    assert len(set(atoms.blocks.tolist())) == 16
    assert not codes(atoms)
    inner = shapely.point_on_surface(metres(buildings().shapes, PROJECTION))
    assert shapely.contains_properly(atoms.shapes[found.atom_of], inner).all()
    whole = shapely.area(shapely.intersection(atoms.shapes[found.atom_of], metres(buildings().shapes, PROJECTION)))
    assert whole == pytest.approx(240.0, rel=0.002)  # no cell cuts a house
    assert of_buildings(found, buildings().households).tolist() == [12] * 100


def test_the_same_input_gives_the_same_atoms_to_the_bit() -> None:
    assert made().atoms.digest() == made().atoms.digest()
    assert made().atoms.digest() != made(stock=buildings(houses()[:-1])).atoms.digest()


def test_edges_carry_shared_metres_and_know_streets() -> None:
    atoms = made().atoms
    edges = atoms.edges
    assert (edges.a < edges.b).all()
    shared = shapely.length(shapely.intersection(atoms.shapes[edges.a], atoms.shapes[edges.b]))
    assert edges.shared_m == pytest.approx(shared, abs=0.02)
    assert not edges.bridge.any()
    assert (edges.on_street == (atoms.blocks[edges.a] != atoms.blocks[edges.b])).all()
    assert 0.2 < edges.on_street.mean() < 0.5
    assert pieces(atoms) == 1


def test_a_dead_end_bounds_nothing_and_a_street_that_nearly_reaches_another_does() -> None:
    dead = made(roads=streets(LineString([(75, 151), (77, 270)]))).atoms
    assert len(set(dead.blocks.tolist())) == 16
    through = made(roads=streets(LineString([(75, 151), (77, 298.5)]))).atoms
    assert len(set(through.blocks.tolist())) == 17
    check_tiling(through, outline())


def test_a_tunnel_and_a_flyover_bound_nothing_and_a_short_bridge_does() -> None:
    line = LineString([(-40, 220), (SIDE + 40, 226)])
    plain = streets(line)
    raised = replace(plain, raised=np.arange(len(plain)) == len(plain) - 1)
    sunk = replace(plain, sunk=np.arange(len(plain)) == len(plain) - 1)
    assert len(set(made(roads=plain).atoms.blocks.tolist())) == 20
    flyover = made(roads=raised).atoms
    assert len(set(flyover.blocks.tolist())) == 16
    assert codes(flyover) == {"flyovers"}
    assert len(set(made(roads=sunk).atoms.blocks.tolist())) == 16
    cut = [*shapely.get_parts(streets().lines), *(deg(LineString(part)) for part in _thirds(line))]
    bridge = Streets.plain(cut)
    bridge = replace(bridge, raised=np.arange(len(bridge)) == len(bridge) - 2)
    assert len(set(made(roads=bridge).atoms.blocks.tolist())) == 20


def _thirds(line: LineString) -> list[list[tuple[float, ...]]]:
    a, b, c, d = (line.interpolate(share, normalized=True).coords[0] for share in (0.0, 0.4, 0.5, 1.0))
    return [[a, b], [b, c], [c, d]]


def test_the_strip_between_two_carriageways_is_no_block() -> None:
    twin = made(roads=streets(LineString([(-40, 156), (SIDE + 40, 162.2)]))).atoms
    check_tiling(twin, outline())
    assert len(set(twin.blocks.tolist())) == 16
    assert set(twin.kinds) == {"building"}


def test_a_building_above_the_band_is_divided_into_units_that_follow_one_another() -> None:
    counts = np.full(100, 12)
    counts[37] = 400
    found = made(stock=buildings(households=counts), divide_above=330)
    atoms = found.atoms
    check_tiling(atoms, outline())
    units = [number for number, kind in enumerate(atoms.kinds) if kind == "unit"]
    assert len(units) == 7
    assert {atoms.keys[one] for one in units} == {f"b37/{unit}" for unit in range(1, 8)}
    assert {atoms.building_ids[one] for one in units} == {37}
    households = of_buildings(found, counts)
    assert sorted(households[units].tolist()) == [57] * 6 + [58]
    assert int(households.sum()) == int(counts.sum())
    by_unit = {atoms.keys[one]: one for one in units}
    joined = {(int(a), int(b)) for a, b in zip(atoms.edges.a, atoms.edges.b, strict=True)}
    for unit in range(1, 7):
        pair = sorted((by_unit[f"b37/{unit}"], by_unit[f"b37/{unit + 1}"]))
        assert tuple(pair) in joined
    assert "unit" not in made(stock=buildings(households=counts), divide_above=400).atoms.kinds


def test_known_entrances_are_the_units() -> None:
    counts = np.full(100, 12)
    counts[37] = 400
    stock = replace(buildings(households=counts), parts=((),) * 37 + ((100, 250, 50),) + ((),) * 62)
    found = made(stock=stock)
    households = of_buildings(found, counts)
    by_key = {key: int(households[number]) for number, key in enumerate(found.atoms.keys) if "/" in key}
    assert by_key == {"b37/1": 100, "b37/2": 250, "b37/3": 50}


def test_without_streets_the_community_is_one_block() -> None:
    atoms = made(roads=Streets.plain([])).atoms
    check_tiling(atoms, outline())
    assert set(atoms.blocks.tolist()) == {0}
    assert len(atoms) == 100
    assert codes(atoms) == {"no-streets"}
    assert not atoms.edges.on_street.any()


def test_streets_outside_do_not_count() -> None:
    atoms = made(roads=streets(lines=[LineString([(2000, 0), (2000, 900)])])).atoms
    check_tiling(atoms, outline())
    assert codes(atoms) == {"no-streets", "streets-outside"}


def test_without_buildings_blocks_are_the_atoms() -> None:
    atoms = made(stock=buildings([])).atoms
    check_tiling(atoms, outline())
    assert len(atoms) == 16
    assert set(atoms.kinds) == {"open"}
    assert codes(atoms) == {"no-buildings"}
    assert atoms.edges.on_street.all()


def test_without_anything_the_community_is_one_atom() -> None:
    found = made(roads=Streets.plain([]), stock=buildings([]))
    check_tiling(found.atoms, outline())
    assert len(found.atoms) == 1
    assert len(found.atoms.edges) == 0


def test_without_households_it_is_said() -> None:
    found = made(stock=buildings(households=np.full(100, -1)))
    assert codes(found.atoms) == {"no-households"}
    assert int(of_buildings(found, np.full(100, -1)).sum()) == 0


def test_a_community_in_two_parts_is_joined_by_its_street() -> None:
    parts = MultiPolygon([deg(box(0, 0, 250.3, 600)), deg(box(350.7, 0, 600, 600))])
    atoms = made(parts, streets(lines=[LineString([(-40, 300), (640, 306)])])).atoms
    check_tiling(atoms, parts)
    assert codes(atoms) >= {"pieces-apart"}
    assert "joined-by-nearness" not in codes(atoms)
    assert pieces(atoms) == 1
    bridge = np.flatnonzero(atoms.edges.bridge)
    assert len(bridge) == 1
    assert atoms.edges.shared_m[bridge].tolist() == [0.0]
    ends = atoms.shapes[[atoms.edges.a[bridge[0]], atoms.edges.b[bridge[0]]]]
    line = metres(streets(lines=[LineString([(-40, 300), (640, 306)])]).lines[0], PROJECTION)
    assert shapely.dwithin(ends, line, 5.0).all()


def test_an_island_without_a_bridge_is_joined_to_the_nearest_and_that_is_said() -> None:
    island = MultiPolygon([outline(), deg(box(700, 200, 760, 260))])
    atoms = made(island).atoms
    check_tiling(atoms, island)
    assert codes(atoms) >= {"pieces-apart", "joined-by-nearness"}
    assert pieces(atoms) == 1


def test_a_street_that_leads_to_the_island_is_its_bridge() -> None:
    island = MultiPolygon([outline(), deg(box(700, 200, 760, 260))])
    causeway = LineString([(500, 230), (730, 231)])
    atoms = made(island, streets(causeway)).atoms
    assert "joined-by-nearness" not in codes(atoms)
    assert int(atoms.edges.bridge.sum()) == 1
    assert pieces(atoms) == 1


def test_a_hole_stays_a_hole() -> None:
    whole = outline()
    pond = deg(Point(300.3, 333.3).buffer(60, quad_segs=5))
    holed = Polygon(whole.exterior, [pond.exterior])
    atoms = made(holed).atoms
    check_tiling(atoms, holed)
    assert pieces(atoms) == 1
    assert codes(atoms) >= {"buildings-next-door"} or len(atoms) < 100


def test_broken_footprints_are_mended_or_left_out_and_counted() -> None:
    shapes = houses()
    shapes[0] = Polygon([(25, 25), (45, 37), (45, 25), (25, 37)])
    shapes[1] = Polygon()
    shapes[2] = None  # type: ignore[call-overload]
    shapes[3] = shapely.transform(shapes[3], lambda points: np.where(points == points.max(), np.nan, points))
    found = made(stock=buildings(shapes))
    check_tiling(found.atoms, outline())
    said = {one.code: one.count for one in found.atoms.findings}
    assert said == {"buildings-mended": 1, "buildings-unusable": 3}
    assert (found.atom_of[1:4] == -1).all()
    assert len(found.atoms) == 97


def test_buildings_on_top_of_one_another_lose_nobody() -> None:
    shapes = [*houses(), houses()[5], box(25, 25, 45, 37), box(30, 28, 34, 32)]
    found = made(stock=buildings(shapes))
    check_tiling(found.atoms, outline())
    assert "buildings-overlap" in codes(found.atoms)
    assert (found.atom_of >= 0).all()
    assert int(of_buildings(found, np.full(103, 12)).sum()) == 103 * 12


def test_a_building_across_two_communities_belongs_to_one() -> None:
    west, east = box(0, 0, 301.0, 600), box(301.0, 0, 600, 600)
    shapes = [*houses(), box(290, 77, 308, 85), box(296, 477, 316, 485)]
    stock = buildings(shapes)
    first, second = made(deg(west), stock=stock), made(deg(east), stock=stock)
    assert ((first.atom_of >= 0) ^ (second.atom_of >= 0)).all()
    for found in (first, second):
        assert codes(found.atoms) == {"buildings-across", "buildings-next-door"}
    total = sum(int(of_buildings(found, stock.households).sum()) for found in (first, second))
    assert total == 102 * 12


def test_points_do_where_no_footprint_is_known() -> None:
    found = made(stock=buildings([house.centroid for house in houses()]))
    check_tiling(found.atoms, outline())
    assert len(found.atoms) == 100
    large = np.full(100, 12)
    large[50] = 500
    divided = made(stock=buildings([house.centroid for house in houses()], large))
    check_tiling(divided.atoms, outline())
    assert divided.atoms.kinds.count("unit") == 9


def test_sheds_without_households_have_no_atom_and_huts_with_some_have() -> None:
    shed, hut = box(60, 60, 63, 63), box(60, 90, 63, 93)
    found = made(stock=buildings([*houses(), shed, hut], np.array([12] * 100 + [0, 1])))
    assert found.atom_of[100] >= 0  # its ground is another's, and so would be its households
    assert len(found.atoms) == 101
    assert int(of_buildings(found, np.array([12] * 100 + [0, 1])).sum()) == 1201


def test_a_border_finer_than_the_grid_is_kept_to_the_double() -> None:
    """Corners 3 mm apart, which the grid swallows, and a corner so sharp that streets end beside it."""
    jagged = deg(Polygon([(0, 0), (600, 7), (600.001, 7.002), (600.004, 7.003), (590, 600), (300, 301), (3, 609)]))
    atoms = made(jagged).atoms
    check_tiling(atoms, jagged)
    assert "border-rounded" not in codes(atoms)


def test_regions_are_crossed_by_no_atom_and_name_their_group() -> None:
    group = deg(box(95.3, 95.1, 333.3, 340.2))
    atoms = made(regions=Regions(np.array([group], dtype=object), ("一组",))).atoms
    check_tiling(atoms, outline())
    inside = np.array([name == "一组" for name in atoms.groups])
    ground = metres(group, PROJECTION)
    assert shapely.union_all(atoms.shapes[inside]).symmetric_difference(ground).area < 15.0
    across = [(a, b) for a, b in zip(atoms.edges.a, atoms.edges.b, strict=True) if inside[a] != inside[b]]
    on_street = {(int(a), int(b)) for a, b in zip(
        atoms.edges.a[atoms.edges.on_street], atoms.edges.b[atoms.edges.on_street], strict=True)}  # fmt: skip
    assert across
    assert not on_street & {(int(a), int(b)) for a, b in across}


def test_the_quarter_has_sixteen_blocks() -> None:
    """What the tests above compare with."""
    assert len(quarter.street_lines()) == 6
    assert shapely.area(shapely.union_all(houses())) == pytest.approx(24_000)


def test_streets_that_cannot_be_read_are_passed_over() -> None:
    nowhere = shapely.transform(streets().lines[0], lambda points: points * np.nan)
    lines = [*streets().lines, None, LineString(), nowhere]
    roads = Streets.plain(lines)
    assert made(roads=roads).atoms.digest() == made().atoms.digest()
    island = MultiPolygon([outline(), deg(box(700, 200, 760, 260))])
    check_tiling(made(island, roads).atoms, island)


@pytest.mark.parametrize("harm", ["shifted", "missing", "corner", "twice", "key"])
def test_the_check_of_tilings_finds_what_is_wrong(harm: str) -> None:
    """The control of all tests above: a ground that is wrong by a centimetre, or by one atom, does not pass."""
    atoms = made().atoms
    shapes, keys = atoms.shapes_deg.copy(), list(atoms.keys)
    if harm == "shifted":
        shapes[40] = shapely.transform(shapes[40], lambda points: points + 1e-7)
    elif harm == "missing":
        shapes, keys = np.delete(shapes, 40), keys[:-1]
    elif harm == "corner":
        border = shapely.get_coordinates(outline())[1]
        shapes = shapely.transform(
            shapes, lambda points: np.where((points == border).all(axis=1)[:, None], points + 1e-12, points)
        )
    elif harm == "twice":
        shapes, keys = np.append(shapes, shapes[40]), [*keys, "x"]
    else:
        keys[0] = keys[1]
    harmed = replace(atoms, shapes_deg=shapes, shapes=metres(shapes, PROJECTION), keys=tuple(keys))
    with pytest.raises(AssertionError):
        check_tiling(harmed, outline())
    check_tiling(atoms, outline())


def test_fields_far_from_every_house_are_open_ground() -> None:
    """One farm in a community without streets keeps the ground around it and not the whole of it."""
    farm = box(100, 100, 120, 115)
    found = made(roads=Streets.plain([]), stock=buildings([farm]))
    check_tiling(found.atoms, outline())
    assert sorted(found.atoms.kinds) == ["building", "open"]
    ground = found.atoms.shapes[found.atom_of[0]]
    assert 10_000 < ground.area < 30_000
    assert shapely.hausdorff_distance(ground, metres(deg(farm), PROJECTION)) < 80
    assert len(found.atoms.edges) == 1
    near = made(deg(box(60, 60, 170, 165)), Streets.plain([]), buildings([farm]))
    assert near.atoms.kinds == ("building",)
