"""Datum conversions hold everywhere, and hardest at the edges where the shift fades."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgov.geo import crs, mainland
from gridgov.geo.crs import Datum

SHIFTED = st.sampled_from([Datum.GCJ02, Datum.BD09])


def _corners() -> list[tuple[float, float]]:
    rings = [(text, 100.0) for text in mainland.OUTLINE] + [(text, 1.0) for text in mainland.APART.values()]
    return [
        (float(lon) / unit, float(lat) / unit)
        for text, unit in rings
        for lon, lat in (pair.split(",") for pair in text.split())
    ]


CORNERS = _corners()
OFFSET = st.floats(-0.15, 0.15)
ANYWHERE = st.tuples(st.floats(-180.0, 180.0), st.floats(-89.0, 89.0))
IN_CHINA = st.tuples(st.floats(73.0, 135.0), st.floats(17.0, 54.0))
NEAR_AN_EDGE = st.builds(
    lambda corner, dx, dy: (corner[0] + dx, corner[1] + dy), st.sampled_from(CORNERS), OFFSET, OFFSET
)
PLACES = st.one_of(ANYWHERE, IN_CHINA, NEAR_AN_EDGE)


@settings(max_examples=600, deadline=None)
@given(PLACES, SHIFTED)
def test_there_and_back(place: tuple[float, float], datum: Datum) -> None:
    assert crs.to_wgs84(*crs.from_wgs84(*place, datum), datum) == pytest.approx(place, abs=1e-11)
    assert crs.from_wgs84(*crs.to_wgs84(*place, datum), datum) == pytest.approx(place, abs=1e-11)


@settings(max_examples=300, deadline=None)
@given(PLACES, SHIFTED)
def test_no_shift_beyond_the_band(place: tuple[float, float], datum: Datum) -> None:
    outline = crs._shapes().outline
    if shapely.distance(outline, shapely.Point(place)) > crs.OUTER_BAND_DEG:
        assert crs.from_wgs84(*place, datum) == place
        assert crs.to_wgs84(*place, datum) == place


@settings(max_examples=100, deadline=None)
@given(st.lists(PLACES, min_size=1, max_size=30), SHIFTED)
def test_bulk_is_the_same_as_one_by_one(places: list[tuple[float, float]], datum: Datum) -> None:
    lon, lat = (np.array(part) for part in zip(*places, strict=True))
    for convert in (crs.from_wgs84, crs.to_wgs84):
        x, y = convert(lon, lat, datum)
        singles = [convert(*place, datum) for place in places]
        assert np.column_stack([x, y]) == pytest.approx(np.array(singles), abs=1e-12)


def test_a_single_step_back_would_be_caught() -> None:
    """The inverse that many libraries use, q - shift(q): decimetres to metres off, which `test_there_and_back` sees."""
    rng = np.random.default_rng(20260101)
    lon, lat = rng.uniform(100.0, 118.0, 2000), rng.uniform(25.0, 38.0, 2000)
    for datum in (Datum.GCJ02, Datum.BD09):
        x, y = crs.from_wgs84(lon, lat, datum)
        dx, dy = crs._shift(x, y, datum)
        assert crs.distance_m(x - dx, y - dy, lon, lat).max() > 0.5


def _worst_return_deg(box: tuple[float, float, float, float], datum: Datum) -> float:
    rng = np.random.default_rng(20260103)
    lon, lat = rng.uniform(box[0], box[2], 20_000), rng.uniform(box[1], box[3], 20_000)
    x, y = crs.to_wgs84(*crs.from_wgs84(lon, lat, datum), datum)
    return float(max(np.abs(x - lon).max(), np.abs(y - lat).max()))


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("box", [(113.98, 22.45, 114.26, 22.6), (113.5, 22.05, 113.66, 22.24)])
def test_there_and_back_all_along_the_sar_borders(
    box: tuple[float, float, float, float], datum: Datum, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _worst_return_deg(box, datum) < 1e-11
    # The control: a band shorter than the shift sends two places to one, and no way back can be right for both.
    monkeypatch.setitem(crs.INNER_BAND_DEG, datum, crs.INNER_BAND_DEG[datum] / 3.0)
    assert _worst_return_deg(box, datum) > 1e-4
