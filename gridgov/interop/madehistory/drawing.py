"""Rows of a made history, each from its own number. Pure.

Owns what row k of n is: a function of the seed, n and k alone, so that slices and threads change nothing. Chance is a
counter that is mixed (Steele, Lea and Flood 2014, SplitMix64), as in Salmon et al., Parallel Random Numbers: As Easy as
1, 2, 3 (2011). Does not own where the city's places are (`ground`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgov.geo.compiled import kernel
from gridgov.incidents.pastrows import History

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

HOUR_US = 3_600_000_000
METRES_PER_DEGREE = 111_320.0
TAG = b"made"  # the first bytes of every id, of a version (RFC 9562, 8) that no client of ours makes
WIDE, WIDE_M = 0.08, 900.0  # share of rows that keep to no street, and how far they scatter
AWAY, AWAY_DEG = 0.003, 0.15  # share that was reported far off
DAY = np.array([0.655, 0.15, 0.115, 0.018, 0.03, 0.006, 0.026, 0.0])  # in the order of `Channel`
NIGHT = np.array([0.10, 0.46, 0.34, 0.0, 0.0, 0.0, 0.10, 0.0])
STREAMS = 9  # numbers drawn for a row


@dataclass(frozen=True)
class Plan:
    """All that a made history is drawn from.

    `start_us`: its first hour. `until_hour[h]`: the share of all rows before hour h, h = 0 … hours; `day[h]`: whether
    hour h lies between 7 and 19 o'clock. `until_category`, `until_place`: shares summed up. `lon`, `lat`: places;
    `spread_m`: how far rows scatter about each.
    """

    seed: int
    n: int
    start_us: int
    until_hour: Floats
    day: NDArray[np.bool_]
    until_category: Floats
    until_place: Floats
    lon: Floats
    lat: Floats
    spread_m: Floats

    @property
    def mixed(self) -> np.uint64:
        """What is mixed into every counter: the seed and n, for another n is another history."""
        return np.uint64(mix(np.uint64((self.seed * 0x9E3779B97F4A7C15 ^ self.n) & 0xFFFFFFFFFFFFFFFF)))

    @property
    def tag(self) -> int:
        """28 bits that tell this history's ids from another's."""
        return int(self.mixed) >> 36

    def first_at(self, hour: int) -> int:
        """The first row that happens at or after an hour's beginning."""
        share = float(self.until_hour[hour])
        row = max(0, int(share * self.n) - 2)
        while row < self.n and share_of(self.mixed, row, self.n) < share:
            row += 1
        return row

    def rows(self, begin: int, end: int) -> History:
        """Rows begin … end - 1, rising in time."""
        n = end - begin
        category, channel, status, text, happened_us = np.empty((5, n), dtype=np.int64)
        lon, lat = np.empty((2, n), dtype=np.float64)
        out = History(np.empty((n, 16), dtype=np.uint8), category, channel, status, text, happened_us, lon, lat)
        draw(
            begin, self.n, self.mixed, self.tag, self.start_us,
            (self.until_hour, self.day, self.until_category, self.until_place, np.cumsum(DAY), np.cumsum(NIGHT)),
            (self.lon, self.lat, self.spread_m),
            (out.id, out.category, out.channel, out.status, out.text, out.happened_us, out.lon, out.lat),
        )  # fmt: skip
        return out


@kernel
def mix(value: Any) -> Any:
    """SplitMix64's mixing of 64 bits."""
    z = value + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def chance(mixed: Any, row: int, stream: int) -> float:
    """A number from 0 to below 1 that belongs to a row and a use."""
    counter = np.uint64(row) * np.uint64(STREAMS) + np.uint64(stream)
    return float(mix(mix(counter) ^ mixed) >> np.uint64(11)) * 2.0**-53


@kernel
def share_of(mixed: Any, row: int, n: int) -> Any:
    """How much of the history lies before a row: rising with its number."""
    return (row + chance(mixed, row, 0)) / n


@kernel
def which(until: Any, share: float) -> int:
    """The place i with until[i - 1] <= share < until[i]; the last one beyond."""
    low, high = 0, len(until) - 1
    while low < high:
        middle = (low + high) // 2
        if share < until[middle]:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def draw(begin: int, n: int, mixed: Any, tag: int, start_us: int, shares: Any, places: Any, out: Any) -> None:
    """Fills the columns of `History` from row `begin` on."""
    until_hour, day, until_category, until_place, by_day, by_night = shares
    lon, lat, spread_m = places
    ids, category, channel, status, text, happened_us, x, y = out
    hours = len(until_hour) - 1
    for i in range(len(x)):
        row = begin + i
        share = share_of(mixed, row, n)
        hour = which(until_hour[1:], share)
        inside = (share - until_hour[hour]) / (until_hour[hour + 1] - until_hour[hour])
        second = min(3599, max(0, int(inside * 3600)))
        happened_us[i] = start_us + hour * HOUR_US + second * 1_000_000
        category[i] = which(until_category, chance(mixed, row, 1))
        text[i] = category[i]
        channel[i] = which(by_day if day[hour] else by_night, chance(mixed, row, 2))
        fate, age_days = chance(mixed, row, 3), (hours - hour) / 24.0
        if fate < 0.004:
            status[i] = 2
        elif fate < 0.019:
            status[i] = 3
        else:
            status[i] = 0 if chance(mixed, row, 4) < 0.006 + 0.75 * np.exp(-age_days / 2.2) else 1
        place = which(until_place, chance(mixed, row, 5))
        far = chance(mixed, row, 6)
        reach_m = WIDE_M if far < WIDE else spread_m[place]
        length = reach_m * np.sqrt(-2.0 * np.log(1.0 - chance(mixed, row, 7))) / METRES_PER_DEGREE
        turn = 2.0 * np.pi * chance(mixed, row, 8)
        away = AWAY_DEG if far > 1.0 - AWAY else 0.0
        x[i] = np.round(lon[place] + away + length * np.cos(turn) / np.cos(np.radians(lat[place])), 7)
        y[i] = np.round(lat[place] + length * np.sin(turn), 7)
        high = (np.uint64(0x6D616465) << np.uint64(32)) | (np.uint64(tag >> 12) << np.uint64(16))
        high |= np.uint64(0x8000 | (tag & 0xFFF))
        low = np.uint64(1 << 63) | np.uint64(row)
        for byte in range(8):
            ids[i, byte] = (high >> np.uint64(56 - 8 * byte)) & np.uint64(255)
            ids[i, 8 + byte] = (low >> np.uint64(56 - 8 * byte)) & np.uint64(255)
