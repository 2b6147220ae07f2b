"""What a made history rests on in a city: when things happen there, where, and of what.

Owns how these are read from the city. Does not own the rows (`drawing`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gridgov.areas import layers
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Level
from gridgov.duties import service as duties
from gridgov.interop.madehistory.drawing import Plan

MONTHS = 36
PLACES = 20_000
SEASON = (0.86, 0.80, 0.97, 1.02, 1.06, 1.10, 1.14, 1.12, 1.04, 1.00, 0.96, 0.93)  # January first
WEEK = (1.10, 1.06, 1.05, 1.04, 1.06, 0.88, 0.81)  # Monday first
HOURS = (
    0.25, 0.18, 0.12, 0.10, 0.12, 0.25, 0.60, 1.20, 1.70, 2.00, 1.95, 1.55, 1.00, 1.10, 1.50, 1.75, 1.65, 1.40, 1.20,
    1.15, 1.00, 0.80, 0.55, 0.38,
)  # fmt: skip
ZIPF, ZIPF_SHIFT = 1.05, 2.0

Floats = NDArray[np.float64]


def plan(
    session: Session, index: AreaIndex, zone: ZoneInfo, *, seed: int, n: int, until: date
) -> tuple[Plan, list[str], list[str]]:
    """(what to draw from, codes of matters, a text for each) for a city as it is now, up to the day `until`."""
    rng = np.random.default_rng([seed, 1])
    start, shares, day = _hours(zone, until, rng)
    codes = sorted(duties.category_ids(session))
    codes = [codes[i] for i in rng.permutation(len(codes))]
    weight = 1.0 / (np.arange(len(codes)) + ZIPF_SHIFT) ** ZIPF
    lon, lat, spread_m, pull = _places(session, index, rng)
    made = Plan(
        seed, n, int(start.timestamp()) * 1_000_000, shares, day, np.cumsum(weight / weight.sum()),
        np.cumsum(pull / pull.sum()), lon, lat, spread_m,
    )  # fmt: skip
    return made, codes, [f"{code}：请尽快派人处理。" for code in codes]


def _hours(zone: ZoneInfo, until: date, rng: np.random.Generator) -> tuple[datetime, Floats, NDArray[np.bool_]]:
    """The first hour (UTC), the share of rows before each hour and after all, and which hours are of the day."""
    end = datetime(until.year, until.month, until.day, tzinfo=UTC)
    back = until.year * 12 + until.month - 1 - MONTHS
    start = datetime(back // 12, back % 12 + 1, 1, tzinfo=UTC)
    local = [(start + timedelta(hours=h)).astimezone(zone) for h in range(int((end - start) / timedelta(hours=1)))]
    noise = rng.lognormal(0.0, 0.08, len(local) // 24 + 2)
    weight = np.array([SEASON[at.month - 1] * WEEK[at.weekday()] * HOURS[at.hour] for at in local])
    weight *= noise[np.array([(at.date() - local[0].date()).days for at in local])]
    until_hour = np.concatenate([[0.0], np.cumsum(weight) / weight.sum()])
    until_hour[-1] = 1.0
    return start, until_hour, np.array([7 <= at.hour < 19 for at in local], dtype=np.bool_)


def _places(session: Session, index: AreaIndex, rng: np.random.Generator) -> tuple[Floats, Floats, Floats, Floats]:
    """Where rows gather: along the streets, or about middles of the smallest areas where no streets are known."""
    lines = layers.street_lines(session)
    if lines:
        streets = np.array(lines, dtype=object)
        until = np.cumsum(shapely.length(streets))
        at = np.sort(rng.random(PLACES)) * until[-1]
        on = np.searchsorted(until, at, side="right")
        spots = shapely.get_coordinates(shapely.line_interpolate_point(streets[on], until[on] - at))
        spread_m = rng.lognormal(np.log(22.0), 0.5, PLACES)
    else:
        ids = next(found for level in (Level.GRID, Level.COMMUNITY, Level.CITY) if len(found := index.ids_of(level)))
        shapes = np.array([index.shape(int(one)) for one in ids], dtype=object)
        some = rng.integers(0, len(shapes), PLACES)
        middles = shapely.get_coordinates(shapely.point_on_surface(shapes))[some]
        reach = np.sqrt(shapely.area(shapes[some]) / np.pi)[:, None]
        spots = middles + rng.normal(size=middles.shape) * reach * 0.5
        spread_m = rng.lognormal(np.log(60.0), 0.6, PLACES)
    return spots[:, 0].copy(), spots[:, 1].copy(), spread_m, rng.pareto(1.2, PLACES) + 0.1
