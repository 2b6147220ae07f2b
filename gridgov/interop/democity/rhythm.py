"""When incidents happen and through which channel they come: hours of the day, days of the week, one day of rain.

Owns: these shapes, as numbers. Does not own: places and words (`incidents`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from gridgov.interop.democity.partition import Ints

Floats = NDArray[np.float64]
DAYS = 90


def _bumps(*bumps: tuple[float, float, float], floor: float = 0.0) -> Floats:
    """A day of 96 quarters of an hour as a sum of bells (hour, width in hours, weight), wrapped at midnight."""
    hour = (np.arange(96) + 0.5) / 4
    out = np.full(96, floor)
    for at, width, weight in bumps:
        away = np.abs(hour - at)
        out += weight * np.exp(-((np.minimum(away, 24 - away) / width) ** 2) / 2)
    return np.asarray(out / out.sum())


# Shares of the quarters of a day. Patrols make the two peaks of the city's day.
HOURS: Mapping[str, Floats] = {
    "patrol": _bumps((9.7, 1.1, 1.0), (15.7, 1.2, 0.9), floor=0.004),
    "morning": _bumps((7.8, 1.1, 1.0), (10.0, 1.0, 0.5), (16.5, 1.3, 0.3), floor=0.004),
    "market": _bumps((9.2, 1.5, 1.0), (16.9, 1.3, 1.0), floor=0.01),
    "rush": _bumps((8.3, 0.9, 1.0), (17.4, 1.2, 1.1), (11.8, 1.0, 0.35), floor=0.02),
    "evening": _bumps((19.6, 1.6, 1.0), (17.5, 1.2, 0.4), floor=0.02),
    "night": _bumps((22.4, 1.5, 1.0), (1.0, 1.3, 0.25), (20.0, 1.3, 0.3), floor=0.015),
    "rain": _bumps((15.2, 1.4, 1.0), (17.2, 1.3, 0.7), floor=0.01),
}

# Monday to Sunday: patrols rest at the weekend, markets and evenings do not.
WEEK: Mapping[str, tuple[float, ...]] = {
    "patrol": (1.16, 1.10, 1.08, 1.06, 1.08, 0.76, 0.66),
    "morning": (1.12, 1.06, 1.05, 1.05, 1.06, 0.86, 0.80),
    "market": (0.98, 0.95, 0.95, 0.96, 1.02, 1.10, 1.04),
    "rush": (1.16, 1.06, 1.05, 1.07, 1.14, 0.78, 0.74),
    "evening": (0.90, 0.90, 0.92, 0.96, 1.12, 1.18, 1.02),
    "night": (0.86, 0.86, 0.90, 0.96, 1.18, 1.22, 1.02),
}

_CHANNELS = ("worker", "hotline", "mini-program", "visit", "window", "deputy", "sensor")
_DAY = (0.665, 0.15, 0.115, 0.03, 0.018, 0.006, 0.016)
_NIGHT = (0.10, 0.48, 0.34, 0.0, 0.0, 0.0, 0.08)
SENSED = ("01002", "01003", "01004", "01005", "01011", "01037", "01048", "01054", "01072", "02014")


def days(until: date) -> list[date]:
    """The days of history: 90 of them, the last one the day before `until`."""
    return [until - timedelta(days=DAYS - i) for i in range(DAYS)]


def rain_day(seed_draw: np.random.Generator) -> int:
    """Which of the days it rained hard: somewhere in the middle."""
    return int(seed_draw.integers(30, 78))


def day_shares(rhythm: str, history: list[date], rain: int, rain_factor: float, rng: np.random.Generator) -> Floats:
    """The share of each day in a category's incidents, with the noise of ordinary days."""
    week = np.array([WEEK[rhythm][d.weekday()] for d in history])
    noise = rng.lognormal(0, 0.09, len(history))
    share = week * noise
    share[rain] = week[rain] * rain_factor
    return np.asarray(share / share.sum())


def minutes(rhythm: str, count: int, rng: np.random.Generator) -> Ints:
    """Seconds after midnight."""
    quarter = rng.choice(96, count, p=HOURS[rhythm])
    return np.asarray(quarter * 900 + rng.integers(0, 900, count), dtype=np.int64)


def channels(seconds: Ints, sensed: bool, rng: np.random.Generator) -> NDArray[np.str_]:
    """The channel of each incident by its hour: workers by day, the hotline and the mini-program at night."""
    hour = seconds / 3600
    night = (hour < 7) | (hour >= 19)
    day_p, night_p = np.array(_DAY), np.array(_NIGHT)
    if sensed:
        day_p[6] += 0.2
        night_p[6] += 0.5
    else:
        day_p[6] = night_p[6] = 0.0
    out = rng.choice(_CHANNELS, len(seconds), p=day_p / day_p.sum())
    out[night] = rng.choice(_CHANNELS, int(night.sum()), p=night_p / night_p.sum())
    return out
