"""A plan that goes out into a file and comes back is the same plan, in every format."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gridgov.areas.rules import Kind
from gridgov.geo.partition.graph import AtomGraph
from gridgov.interop.files.place import Wanted
from gridgov.interop.plans.apart import reader
from gridgov.interop.plans.held import Asked, HeldFile, read
from gridgov.interop.plans.incoming import Landed, landed, understood
from gridgov.interop.plans.writing import PlanFormat, written
from gridgov.planning.drawn import Drawn, stacked_ground
from gridgov.planning.foreign import check
from gridgov.planning.ground import Ground
from gridgov.planning.rules import NOBODY, GridDraft, Sheet, Target
from gridgov.platform.sandbox import Sandbox
from tests.unit.planning.grounds import bands, ground

AREAS = range(100, 160)
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=30).filter(
    lambda text: (
        text.lower() not in ("null", "none", "nan", "n/a", "<null>", "\\n")
    )  # how tables say that there is none
)
LONG = st.integers(90, 200).map(lambda n: "长" * n)
NAMES = st.dictionaries(st.sampled_from(["zh", "en", "bo"]), TEXT | LONG, max_size=3)
TARGETS = st.none() | st.builds(Target, st.integers(1, 5000), st.floats(0, 1).map(lambda one: round(one, 3)))


def with_units(base: Ground, atom: int, parts: int) -> Ground:
    """The same ground where a building of `parts` units stands upon an atom: they lie one above another."""
    graph, n = base.graph, len(base)
    up = graph.source < graph.indices
    units = range(n, n + parts - 1)
    a = np.concatenate([graph.source[up], [*[atom] * len(units)]])
    b = np.concatenate([graph.indices[up], [*units]])

    def more(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, [values[atom]] * len(units)])

    made = AtomGraph.of_edges(
        a, b, np.concatenate([graph.shared_m[up], [1.0] * len(units)]),
        np.concatenate([graph.on_street[up], [False] * len(units)]), np.zeros(len(a), dtype=bool),
        households=more(graph.households), block=more(graph.block), area_m2=more(graph.area_m2),
        perimeter_m=more(graph.perimeter_m),
    )  # fmt: skip
    kinds = ["unit" if one == atom else kind for one, kind in enumerate(base.kinds)]
    return replace(
        base, graph=made, shapes=more(base.shapes), labels=more(base.labels),
        keys=(*base.keys, *(f"u{one}" for one in units)), kinds=(*kinds, *["unit"] * len(units)),
        groups=(*base.groups, *[""] * len(units)), building_ids=(*base.building_ids, *[None] * len(units)),
    )  # fmt: skip


@st.composite
def drawings(draw: st.DrawFn) -> Drawn:
    """A sheet with anything on it: names of all lengths, atoms without a grid, grids without an atom, parts of
    buildings one above another in different grids, corners moved."""
    base = ground(draw(st.integers(4, 8)), draw(st.integers(3, 6)), seed=draw(st.integers(0, 50)))
    if draw(st.booleans()):
        base = with_units(base, draw(st.integers(0, len(base) - 1)), 4)
    grids = draw(st.integers(1, 5))
    assignment = bands(base, grids).assignment
    for atom in draw(st.lists(st.integers(0, len(base) - 1), max_size=4)):
        assignment[atom] = draw(st.sampled_from([NOBODY, *range(1, grids + 1)]))
    ids = iter(draw(st.permutations([*AREAS[:10], *[None] * 6])))
    drafts = {
        number: GridDraft(
            number, draw(NAMES), draw(st.sampled_from(list(Kind))), draw(TARGETS), draw(st.booleans()), next(ids),
            draw(st.none() | st.from_regex(r"[0-9]{15}|=[a-z]{3}|@[a-z]", fullmatch=True)),
        )
        for number in range(1, grids + 1 + draw(st.integers(0, 1)))
    }  # fmt: skip
    corners = {}
    if draw(st.booleans()):
        inner = next(
            p for p in shapely.get_coordinates(base.shapes) if base.outline.boundary.distance(shapely.Point(p)) > 5
        )
        x, y = (round(value * 100) for value in inner)
        corners = {(x, y): (x + draw(st.integers(-300, 300)), y + draw(st.integers(-300, 300)))}
    return Drawn("C1", {"zh": "一社区"}, base, Sheet(assignment, drafts, corners))


def named(name: str) -> Drawn:
    """One grid of this name."""
    base = ground(4, 3)
    return Drawn("C1", {}, base, replace(bands(base, 1), grids={1: GridDraft(1, {"zh": name})}))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    held = reader()
    yield held
    held.close()


def held(sandbox: Sandbox, data: bytes) -> HeldFile:
    return read(sandbox, data, Asked(), Wanted())


def back(file: HeldFile, onto: Drawn) -> Landed:
    found = understood(file, {})
    projection = onto.ground.projection
    outline = projection.geometry_deg(onto.ground.outline)
    shapes: tuple[object, ...] = ()
    if found.spatial:
        drawn = [one for one in found.foreign() if one.shape is not None]
        checked = check(drawn, [("C1", outline)], projection, stacked_m=stacked_ground(onto.ground))
        usable = iter(checked.shapes_m)
        shapes = tuple(None if one is None else next(usable) for one in found.shapes)
    return landed(found, onto, shapes, AREAS)


def blank(drawn: Drawn) -> Drawn:
    """The same ground with nothing on it."""
    return replace(drawn, sheet=Sheet(np.full(len(drawn.ground), NOBODY, dtype=np.int32), {}))


@pytest.mark.parametrize("form", list(PlanFormat))
@example(drawn=named("¡á"))  # bytes of UTF-8 that are hanzi in GBK
@settings(max_examples=20, deadline=None)
@given(drawn=drawings())
def test_what_goes_out_comes_back_the_same(form: PlanFormat, drawn: Drawn, sandbox: Sandbox) -> None:
    data = written([drawn], form, title="方案 1")
    found = back(held(sandbox, data), blank(drawn))
    assert found.sheet.document() == drawn.sheet.document()
    assert found.sheet.assignment.tolist() == drawn.sheet.assignment.tolist()
    assert found.sheet.digest() == drawn.sheet.digest()
    assert not found.faults
    # and a file that says something else is another sheet
    other = replace(drawn.sheet, grids={**drawn.sheet.grids, 99: GridDraft(99)})
    changed = back(held(sandbox, written([replace(drawn, sheet=other)], form, title="方案 1")), blank(drawn))
    assert changed.sheet.digest() != drawn.sheet.digest()


@settings(max_examples=10, deadline=None)
@given(drawn=drawings(), by=st.integers(20, 40))
def test_a_polygon_that_was_redrawn_decides(drawn: Drawn, by: int, sandbox: Sandbox) -> None:
    """What gridgov wrote beside the rows does not stand against what somebody drew since."""
    plain = replace(drawn, sheet=replace(drawn.sheet, corners={}))
    file = json.loads(written([plain], PlanFormat.GEOJSON, title="方案 1"))
    everything = shapely.to_geojson(plain.ground.projection.geometry_deg(plain.ground.outline.buffer(by)))
    first = file["features"][0]
    first["geometry"] = json.loads(everything)
    file["features"] = [first]
    found = back(held(sandbox, json.dumps(file).encode()), blank(plain))
    assert set(found.sheet.assignment.tolist()) == {first["properties"]["number"]}
    assert list(found.sheet.grids) == [first["properties"]["number"]]


def test_a_table_of_a_shapefile_says_what_it_cut(sandbox: Sandbox) -> None:
    base = ground(4, 3)
    sheet = replace(bands(base, 1), grids={1: GridDraft(1, {"zh": "长" * 120})})
    data = written([Drawn("C1", {}, base, sheet)], PlanFormat.SHP, title="t")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "254" in archive.read("README.txt").decode("utf-8-sig")
    (row,) = held(sandbox, data).rows
    assert row.values["name_zh"] == "长" * 84
    assert all(len(name) <= 10 for name in row.values)


def test_an_area_goes_on_as_one_grid_alone(sandbox: Sandbox) -> None:
    base = ground(4, 3)
    twice = {number: GridDraft(number, area_id=100) for number in (1, 2)}
    drawn = Drawn("C1", {}, base, replace(bands(base, 2), grids=twice))
    found = back(held(sandbox, written([drawn], PlanFormat.CSV, title="t")), blank(drawn))
    assert [fault.code for _row, fault in found.faults] == ["code-repeated"]
    assert [one.area_id for one in found.sheet.grids.values()] == [100, None]
