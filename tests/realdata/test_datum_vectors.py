"""83 Chinese places in WGS-84, GCJ-02 and BD-09, as another project recorded them from the map providers."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from gridgov.geo import crs
from gridgov.geo.crs import Datum

pytestmark = pytest.mark.realdata

Places = dict[str, NDArray[np.float64]]
NAMES = {Datum.WGS84: "WGS84", Datum.GCJ02: "GCJ02", Datum.BD09: "BD09"}


@pytest.fixture(scope="module")
def places(realdata: Path) -> Places:
    rows = json.loads((realdata / "gcj02_vectors" / "cities.json").read_text(encoding="utf-8"))
    assert len(rows) == 83
    return {name: np.array([row["coords"][name] for row in rows]) for name in NAMES.values()}


def converted(places: Places, source: Datum, target: Datum) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    here = places[NAMES[source]]
    return crs.from_wgs84(*crs.to_wgs84(here[:, 0], here[:, 1], source), target)


def worst_m(found: tuple[NDArray[np.float64], NDArray[np.float64]], wanted: NDArray[np.float64]) -> float:
    return float(np.max(crs.distance_m(*found, wanted[:, 0], wanted[:, 1])))


@pytest.mark.parametrize("source", list(NAMES))
@pytest.mark.parametrize("target", list(NAMES))
def test_every_pair_within_a_metre(places: Places, source: Datum, target: Datum) -> None:
    assert worst_m(converted(places, source, target), places[NAMES[target]]) < 1.0


def test_gcj02_to_bd09_within_five_centimetres(places: Places) -> None:
    assert worst_m(converted(places, Datum.GCJ02, Datum.BD09), places["BD09"]) < 0.05
    assert worst_m(converted(places, Datum.BD09, Datum.GCJ02), places["GCJ02"]) < 0.05


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_there_and_back_within_a_decimetre(places: Places, datum: Datum) -> None:
    here = places[NAMES[datum]]
    assert worst_m(converted(places, datum, datum), here) < 0.1


def test_every_place_lies_in_the_outline(places: Places) -> None:
    assert shapely.contains_xy(crs._shapes().outline, places["WGS84"][:, 0], places["WGS84"][:, 1]).all()


def test_wrong_formulas_would_be_caught(places: Places) -> None:
    gcj, bd = places["GCJ02"], places["BD09"]
    assert worst_m((places["WGS84"][:, 0], places["WGS84"][:, 1]), gcj) > 100.0  # no shift at all
    r = np.hypot(gcj[:, 0], gcj[:, 1]) + 0.00002 * np.sin(gcj[:, 1] * math.pi)  # sin(pi y) for sin(3000/180 pi y)
    angle = np.arctan2(gcj[:, 1], gcj[:, 0]) + 0.000003 * np.cos(gcj[:, 0] * math.pi)
    assert worst_m((r * np.cos(angle) + 0.0065, r * np.sin(angle) + 0.006), bd) > 10.0
