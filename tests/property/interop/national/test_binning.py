"""What the national job counts is what the areas index answers, point by point, also on borders and corners."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import AreaFacts, Level
from gridgov.geo.crs import metre_srid
from gridgov.geo.locate import PointIndex
from gridgov.interop.national import manifest
from gridgov.interop.national.binning import Counted, Task, counted
from gridgov.interop.national.rebin import _summed
from tests import nation
from tests.bench.tiling import border_points, clustered_points, jagged_tiling

SIDE = 6


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), rows=st.integers(0, 400), batch=st.integers(1, 500), gap=st.booleans())
def test_rebinning_is_the_areas_index(tmp_path_factory: object, seed: int, rows: int, batch: int, gap: bool) -> None:
    rng = np.random.default_rng(seed)
    bounds = nation.bounds(0)
    shapes = jagged_tiling(rng, SIDE, SIDE, bounds=bounds)
    shapes = shapes[rng.random(len(shapes)) < 0.7] if gap else shapes
    shapes = shapes if len(shapes) else jagged_tiling(rng, 1, 1, bounds=bounds)
    at = np.concatenate([clustered_points(rng, rows, bounds=bounds), border_points(rng, shapes, 70)])
    points = nation.Points("c", "2026-01", at, rng.integers(0, 4, len(at)), rng.integers(0, 2, len(at)))
    path: Path = tmp_path_factory.mktemp("p") / "facts.parquet"  # type: ignore[attr-defined]
    nation.write(path, points, batch)
    found = counted(Task(0, "c", "2026-01", str(path), (manifest.digest(path),)), PointIndex.build(shapes))
    assert isinstance(found, Counted)
    mine = {
        (int(area), found.groups[group]): int(n)
        for area, group, n in zip(found.area, found.group, found.count, strict=True)
    }
    facts = [AreaFacts(i + 1, Level.GRID, f"{i:04d}", {}, None) for i in range(len(shapes))]
    index = AreaIndex(facts, [MultiPolygon([one]) for one in shapes], metre_srid(*bounds[:2]))
    held = index.locate_many(at[:, 0].copy(), at[:, 1].copy())
    inside = np.zeros(len(at), dtype=np.bool_)  # outside_m of an ulp is 0, too
    inside[shapely.STRtree(shapes).query(shapely.points(at), predicate="intersects")[0]] = True
    place = np.where(inside, held.grid_id - 1, -1)
    theirs = Counter((int(area), nation.GROUPS[group]) for area, group in zip(place, points.group, strict=True))
    assert mine == theirs


@settings(max_examples=50)
@given(data=st.data())
def test_sums_are_those_of_a_dictionary(data: st.DataObject) -> None:
    """Whatever groups each partition has, in whatever order it names them, and in whatever order answers come."""
    groups = st.lists(st.sampled_from("abcd"), unique=True, min_size=1)
    tasks, answers, theirs = [], [], Counter[tuple[int, str, str]]()
    for number in range(data.draw(st.integers(0, 5))):
        names = tuple(data.draw(groups))
        cells = data.draw(st.dictionaries(st.tuples(st.integers(-1, 5), st.integers(0, len(names) - 1)),
                                          st.integers(1, 2**40)))  # fmt: skip
        month = data.draw(st.sampled_from(["2026-01", "2026-02"]))
        tasks.append(Task(number, "c", month, "", ()))
        area, group = (np.array([key[i] for key in cells], dtype=np.int32) for i in (0, 1))
        answers.append(Counted(number, names, area, group, np.array(list(cells.values()), dtype=np.int64), ""))
        theirs.update({(a, names[g], month): n for (a, g), n in cells.items()})
    found = _summed(tasks, data.draw(st.permutations(answers)))
    mine = {
        (int(a), found.groups[g], found.months[m]): int(n)
        for a, g, m, n in zip(found.area, found.group, found.month, found.count, strict=True)
    }
    assert mine == dict(theirs)
    assert found.total == theirs.total()


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32))
def test_a_box_covers_what_it_is_of(seed: int) -> None:
    from gridgov.interop.national import geoparquet

    rng = np.random.default_rng(seed)
    shapes = shapely.box(*(rng.uniform(-90, 90, (4, 50)).cumsum(axis=0) / 4))
    boxes = geoparquet.shapes(np.asarray(shapes, dtype=object))[1].flatten()
    west, south, east, north = (side.to_numpy().astype(np.float64) for side in boxes)
    real = shapely.bounds(shapes)
    assert (west <= real[:, 0]).all()
    assert (south <= real[:, 1]).all()
    assert (east >= real[:, 2]).all()
    assert (north >= real[:, 3]).all()
    assert np.abs(np.stack([west, south, east, north], axis=1) - real).max() < 1e-4
