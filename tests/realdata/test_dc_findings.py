"""What the 311 requests of Washington show: facts that hold whatever is drawn by chance (docs/hotspots.md tells them).

Straight from the files, without a database: requests in single-member districts, by kind and day.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from gridgov.analytics import clusters, repeats, rising
from gridgov.analytics.hotspots import HotSpots, Measure, Verdict, hot_spots
from gridgov.analytics.rules import AreaCount, Density
from gridgov.areas.rules import AreaFacts, Level
from gridgov.geo.crs import Projection
from gridgov.geo.locate import PointIndex
from gridgov.platform.calendars import Calendar

pytestmark = pytest.mark.realdata

ZONE = ZoneInfo("America/New_York")
UTM_18N = 32_618
METERS, SIDEWALKS, GRAFFITI, PARKING = (
    "Parking Meter Repair",
    "Sidewalk Repair",
    "Graffiti Removal",
    "Parking Enforcement",
)


@dataclass(frozen=True)
class Washington:
    """Requests that were neither void nor duplicates (parallel), and the districts."""

    kinds: list[str]
    days: list[date]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    place: NDArray[np.int64]
    codes: list[str]
    shapes: list[Any]

    @cached_property
    def names(self) -> list[str]:
        return sorted(set(self.kinds))

    @cached_property
    def span(self) -> list[date]:
        first, last = min(self.days), max(self.days)
        return [first + timedelta(days=i) for i in range((last - first).days + 1)]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """int64[kinds, districts, days]"""
        found = np.zeros((len(self.names), len(self.codes), len(self.span)), dtype=np.int64)
        for kind, place, day in zip(self.kinds, self.place, self.days, strict=True):
            found[self.names.index(kind), place, (day - self.span[0]).days] += 1
        return found

    @cached_property
    def areas(self) -> list[AreaFacts]:
        return [AreaFacts(i, Level.GRID, code, {"en": f"SMD {code}"}, None) for i, code in enumerate(self.codes)]

    def metres(self, lon: Any, lat: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return Projection(UTM_18N).forward(lon, lat)

    def hot(self, kind: str | None = None) -> HotSpots:
        of = self.counts.sum(axis=0) if kind is None else self.counts[self.names.index(kind)]
        items = tuple(
            AreaCount(area.id, area.code, area.names, int(n), None, None)
            for area, n in zip(self.areas, of.sum(axis=1), strict=True)
        )
        shapes = dict(enumerate(self.shapes))
        return hot_spots(Density(int(of.sum()), 0, 0, items), shapes, Level.GRID, Measure.COUNT)


@pytest.fixture(scope="module")
def dc(realdata: Path) -> Washington:
    folder = realdata / "dc_washington"
    found = json.loads((folder / "boundaries/single-member-district-2013.geojson").read_text("utf-8"))["features"]
    found.sort(key=lambda one: one["properties"]["SMD_ID"])
    shapes = [shapely.make_valid(shapely.from_geojson(json.dumps(one["geometry"]))) for one in found]
    seen: dict[str, Any] = {}
    for path in sorted((folder / "incidents_311").glob("*.geojson")):
        for one in json.loads(path.read_text("utf-8"))["features"]:
            if one["geometry"] is not None and one["properties"]["SERVICEREQUESTID"]:
                seen.setdefault(one["properties"]["SERVICEREQUESTID"], one)
    kept = [one for one in seen.values() if not is_left_out(one["properties"]["SERVICEORDERSTATUS"])]
    lon = np.array([one["geometry"]["coordinates"][0] for one in kept])
    lat = np.array([one["geometry"]["coordinates"][1] for one in kept])
    place = PointIndex.build(shapes).locate(lon, lat)
    inside = np.flatnonzero(place >= 0)
    return Washington(
        kinds=[kept[i]["properties"]["SERVICECODEDESCRIPTION"] for i in inside],
        days=[day_of(kept[i]["properties"]["ADDDATE"]) for i in inside],
        lon=lon[inside], lat=lat[inside], place=place[inside].astype(np.int64),
        codes=[one["properties"]["SMD_ID"] for one in found], shapes=shapes,
    )  # fmt: skip


def is_left_out(status: str) -> bool:
    return status.startswith(("DUPLICATE", "VOID"))


def day_of(written: str) -> date:
    at = datetime.fromisoformat(written)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZONE).date()


def codes(found: Sequence[AreaFacts]) -> set[str]:
    return {area.code for area in found}


def test_what_is_hot_in_all_is_where_parking_meters_are(dc: Washington) -> None:
    """The offices downtown: most of what is reported there are meters, and without them nothing there is hot."""
    assert len(dc.kinds) == 21_951
    hot = {one.area.code for one in dc.hot().items if one.verdict is Verdict.HOT}
    assert "2A01" in hot
    assert hot <= {"2A01", "2A08", "2B05", "2C01"}
    of = {code: dc.codes.index(code) for code in hot}
    for place in of.values():
        assert dc.counts[dc.names.index(METERS), place].sum() > 0.6 * dc.counts[:, place].sum()
    without = _without(dc, METERS)
    left = {one.area.code for one in without.hot().items if one.verdict is Verdict.HOT}
    assert not left & {"2A01", "2A08", "2B05"}  # the control
    meters = {one.area.code for one in dc.hot(METERS).items if one.verdict is Verdict.HOT}
    assert hot <= meters


def _without(dc: Washington, kind: str) -> Washington:
    rows = [i for i, one in enumerate(dc.kinds) if one != kind]
    return Washington(
        [dc.kinds[i] for i in rows], [dc.days[i] for i in rows], dc.lon[rows], dc.lat[rows], dc.place[rows], dc.codes,
        dc.shapes,
    )  # fmt: skip


def test_each_kind_is_hot_somewhere_else(dc: Washington) -> None:
    hot = {
        kind: {one.area.code for one in dc.hot(kind).items if one.verdict} for kind in (SIDEWALKS, GRAFFITI, PARKING)
    }
    assert {"4C07", "4C10"} <= hot[SIDEWALKS]
    assert {"1D04", "1D05"} <= hot[GRAFFITI]
    assert {"6C05", "6C06", "6A01"} <= hot[PARKING]
    assert not hot[SIDEWALKS] & hot[GRAFFITI]
    assert not {one.area.code for one in dc.hot("Pothole").items if one.verdict}  # potholes are everywhere


def test_two_days_of_sidewalks_are_the_clearest_cluster_and_graffiti_the_next_kind(dc: Washington) -> None:
    middles = shapely.centroid(np.array(dc.shapes, dtype=object))
    x_m, y_m = dc.metres(shapely.get_x(middles), shapely.get_y(middles))
    names = [{"en": name} for name in dc.names]
    found = clusters.clusters(dc.areas, x_m, y_m, dc.counts, dc.span, Level.GRID, groups=names)
    (first, second, *_) = found.items
    assert (first.first, first.last, first.p) == (date(2016, 7, 20), date(2016, 7, 21), 0.001)
    assert {"4C07", "4C08", "4C10"} <= codes(first.areas)
    assert dc.names[first.kinds[0].group] == dc.names[second.kinds[0].group] == SIDEWALKS
    assert first.kinds[0].count > 2 * first.kinds[0].expected
    assert GRAFFITI in {dc.names[one.kinds[0].group] for one in found.items[:5]}
    mixed = dc.counts.sum(axis=0, keepdims=True)
    blurred = clusters.clusters(dc.areas, x_m, y_m, mixed, dc.span, Level.GRID, groups=[{"en": "all"}])
    # The control: kinds not told apart, the end of most files makes downtown, where meters are, the first cluster.
    assert blurred.items[0].first >= date(2016, 8, 8)
    assert "2B05" in codes(blurred.items[0].areas)


def test_one_kerb_had_parking_enforcement_on_nineteen_days(dc: Washington) -> None:
    x_m, y_m = dc.metres(dc.lon, dc.lat)
    found = repeats.spots(x_m, y_m, dc.kinds, dc.days)
    assert Counter(one.group for one in found).most_common(1)[0][0] == METERS
    kerb = next(one for one in found if one.group == PARKING)
    assert (kerb.count, kerb.days, kerb.gap_days) == (28, 19, 1.0)
    assert dc.codes[dc.place[kerb.row]] == "6D03"


def test_five_weeks_do_not_tell_what_is_usual(dc: Washington) -> None:
    found = rising.rising(
        dc.counts, dc.names, [area.id for area in dc.areas], dc.span, Calendar(ZONE), window=7
    )  # fmt: skip
    assert (found.enough, found.items) == (False, ())
    assert found.history_days < 7 * rising.WEEKS_NEEDED
