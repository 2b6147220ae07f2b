"""A real plan that somebody else drew: the single-member districts of Washington, DC, against its commissions.

Both are open data of 2013, drawn by other people: what is found must be there, and what was done to it on purpose too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely import affinity
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gridgov.geo.crs import Projection
from gridgov.planning.foreign import Checked, FindingKind, ForeignGrid, Severity, check

pytestmark = pytest.mark.realdata
METRES = Projection(32618)


def drawn(realdata: Path) -> tuple[list[ForeignGrid], list[tuple[str, BaseGeometry]]]:
    folder = realdata / "dc_washington" / "boundaries"

    def features(name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((folder / name).read_text())["features"]
        return found

    grids = [
        ForeignGrid(row, str(one["properties"]["SMD_ID"]), "", shape(one["geometry"]))
        for row, one in enumerate(features("single-member-district-2013.geojson"), start=1)
    ]
    communities = [
        (str(one["properties"]["ANC_ID"]), shape(one["geometry"]))
        for one in features("advisory-neighborhood-commission-2013.geojson")
    ]
    return grids, communities


def checked(grids: Sequence[ForeignGrid], communities: Sequence[tuple[str, BaseGeometry]]) -> Checked:
    return check(grids, communities, METRES)


def test_the_districts_of_washington(realdata: Path) -> None:
    grids, communities = drawn(realdata)
    found = checked(grids, communities)
    assert len(found.shapes_m) == 296
    assert all(one is not None for one in found.shapes_m)
    counts = found.counts()
    assert not {FindingKind.CODE_DOUBLED, FindingKind.UNNAMED, FindingKind.SHAPE_INVALID} & set(counts)
    # every place that is told lies in the ground that it is told of, and the sum is what an overlay of its own says
    for one in found.findings:
        if one.shape is not None and one.kind is not FindingKind.IN_PIECES:
            assert one.place is not None
            assert METRES.geometry(one.shape).distance(shapely.Point(METRES.forward(*one.place))) < 0.1
    whole = shapely.union_all([METRES.geometry(shape_) for _code, shape_ in communities])
    left = shapely.difference(whole, shapely.union_all(list(found.shapes_m))).area
    gaps = sum(one.area_m2 or 0 for one in found.findings if "空隙" in one.zh or one.kind is FindingKind.GAP)
    assert gaps == pytest.approx(left, rel=0.02, abs=50)


def test_what_is_done_to_them_is_found(realdata: Path) -> None:
    grids, communities = drawn(realdata)
    before = checked(grids, communities)
    at = next(place for place, one in enumerate(grids) if one.code.endswith("03"))
    spoilt = list(grids)
    ground_of = grids[at].shape
    assert ground_of is not None
    spoilt[at] = replace(grids[at], shape=affinity.translate(ground_of, xoff=0.002))
    after = checked(spoilt, communities)

    def ground(found: Checked, kind: FindingKind) -> float:
        return sum(one.area_m2 or 0 for one in found.findings if one.kind is kind)

    for kind in (FindingKind.OVERLAP, FindingKind.GAP):
        assert ground(after, kind) > ground(before, kind) + 1_000
    assert {one.severity for one in after.findings} >= {Severity.WARNING}
