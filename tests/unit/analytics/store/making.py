"""Views made from seeded random rows: months of base rows, and signed changes whose −1 rows are rows that are there.

The same seed makes the same view. `rows_of` is the plain list of what a view says: what any count is held against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.store.columns import CASES, CHANNELS, NEVER, TIERS, Family, start_s
from gridgov.analytics.store.view import Places, Segment, View
from gridgov.geo.zorder import KEY_ZOOM

FIRST_GRID, FIRST_UNIT, FIRST_AREA, FIRST_AGENCY = 1_000, 100, 500, 40
WEST, SOUTH, ACROSS = 116.80, 33.00, 0.20  # degrees
MONTH_0 = (2024 - 1970) * 12  # January 2024
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Size:
    """How much there is of everything. `changed`: the share of rows that came or went since the base was read."""

    rows: int = 4_000
    months: int = 5
    grids: int = 40
    units: int = 4
    categories: int = 12
    agencies: int = 5
    changed: float = 0.05


def make_view(family: Family, size: Size | None = None, *, seed: int = 1) -> View:
    """A view of `size.rows` base rows over `size.months` months, and changes of every month but the first."""
    size, rng = size or Size(), np.random.default_rng(seed)
    places, hexes = make_places(size), make_hexes()
    shares = rng.multinomial(size.rows, np.full(size.months, 1 / size.months))
    base = tuple(make_segment(family, MONTH_0 + i, int(n), size, rng, places, hexes) for i, n in enumerate(shares) if n)
    changes = tuple(_changes(family, one, size, rng, places, hexes) for one in base[1:] if size.changed)
    agencies = np.array([0, *range(FIRST_AGENCY, FIRST_AGENCY + size.agencies)], dtype=np.int64)
    return View(family, base, changes, places, agencies, hexes, AS_OF, f"made-{family.name}-{seed}")


def make_places(size: Size) -> Places:
    """Nowhere; every grid inside and (as the nearest) outside; some areas without grid, and one that is outside."""
    grids = np.arange(size.grids, dtype=np.int64) + FIRST_GRID
    units = np.arange(size.grids, dtype=np.int64) % size.units + FIRST_UNIT
    none, few = np.zeros(size.units, np.int64), np.arange(size.units, dtype=np.int64)
    return Places(
        grid=np.concatenate([[0], grids, grids[:1], none, [0]]),
        area=np.concatenate([[0], np.zeros(size.grids + 1, np.int64), few + FIRST_AREA, [FIRST_AREA]]),
        unit=np.concatenate([[0], units, units[:1], few + FIRST_UNIT, [FIRST_UNIT]]),
        outside=np.concatenate([[True], np.zeros(size.grids, bool), [True], np.zeros(size.units, bool), [True]]),
    )


def make_hexes() -> NDArray[np.int64]:
    """No cell, then H3 cells of resolution 9 around the middle of the made city."""
    middle = h3.latlng_to_cell(SOUTH + ACROSS / 2, WEST + ACROSS / 2, 9)
    return np.concatenate([[0], np.sort(h3.grid_disk(middle, 12).astype(np.int64))])


def make_segment(
    family: Family,
    month: int,
    n: int,
    size: Size,
    rng: np.random.Generator,
    places: Places,
    hexes: NDArray[np.int64],
) -> Segment:
    """n base rows of a month, sorted as the family wants them; a few categories and places have most of them."""
    columns = _columns(family, month, n, size, rng, places, hexes)
    order = np.argsort(columns[family.sorted_by], kind="stable")
    return Segment(month, {name: column[order] for name, column in columns.items()}, version=f"made-{month}")


def rows_of(view: View) -> dict[str, NDArray[Any]]:
    """Every column over all rows that there are now (what went is taken out), and `second`: when, since 1970."""
    names = list(view.family.columns)
    found: dict[tuple[Any, ...], int] = {}
    for segment in view.segments:
        signs = np.ones(len(segment), np.int64) if segment.sign is None else segment.sign.astype(np.int64)
        seconds = segment.columns["at"].astype(np.int64) + segment.start_s
        for row in zip(signs.tolist(), seconds.tolist(), *(segment.columns[n].tolist() for n in names), strict=True):
            found[row[1:]] = found.get(row[1:], 0) + row[0]
    if any(n < 0 for n in found.values()):
        raise AssertionError("a row went that was not there")
    rows = [row for row, n in found.items() for _ in range(n)]
    flat = list(zip(*rows, strict=True)) if rows else [()] * (len(names) + 1)
    kinds = [np.dtype(np.int64), *(view.family.columns[name] for name in names)]
    return {name: np.array(flat[i], dtype=kinds[i]) for i, name in enumerate(["second", *names])}


def _columns(
    family: Family,
    month: int,
    n: int,
    size: Size,
    rng: np.random.Generator,
    places: Places,
    hexes: NDArray[np.int64],
) -> dict[str, NDArray[Any]]:
    length_s = start_s(month + 1) - start_s(month)
    skewed = rng.zipf(1.5, n) % size.categories
    made: dict[str, NDArray[Any]] = {
        "at": rng.integers(0, length_s, n),
        "category": skewed + 1,
        "place": np.where(rng.random(n) < 0.2, rng.integers(0, len(places), n), 1 + rng.zipf(1.3, n) % size.grids),
        "agency": rng.integers(0, size.agencies + 1, n),
        "channel": rng.integers(0, len(CHANNELS), n),
        "state": rng.integers(0, len(family.states), n),
    }
    if family is CASES:
        answered = np.where(rng.random(n) < 0.8, rng.integers(0, 86_400, n), -1)
        made |= {
            "tier": rng.integers(0, len(TIERS), n),
            "answered": answered,
            "handled": np.where(rng.random(n) < 0.6, answered + rng.integers(1, 864_000, n), -1),
            "late": np.where(rng.random(n) < 0.7, start_s(month) + rng.integers(0, 2 * length_s, n), NEVER),
        }
    else:
        lon, lat = WEST + ACROSS * rng.random(n), SOUTH + ACROSS * rng.random(n)
        made |= {"key": zorder(lon, lat), "hex": rng.integers(0, len(hexes), n), "lon": lon, "lat": lat}
    return {name: made[name].astype(kind) for name, kind in family.columns.items()}


def zorder(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Z-order numbers of the map cells of zoom 25 that hold n points (see `geo.zorder`)."""
    n = 1 << KEY_ZOOM
    x = np.clip(np.floor((lon + 180) / 360 * n), 0, n - 1).astype(np.uint64)
    y = np.clip(np.floor((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * n), 0, n - 1).astype(np.uint64)
    return _spread(x) | (_spread(y) << np.uint64(1))


def _spread(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Bits with a gap between each two."""
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):  # fmt: skip
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits


def _changes(
    family: Family,
    base: Segment,
    size: Size,
    rng: np.random.Generator,
    places: Places,
    hexes: NDArray[np.int64],
) -> Segment:
    """Rows that came, and of the base and of those some that went (in any order)."""
    n = max(2, int(len(base) * size.changed))
    came = _columns(family, base.month, n, size, rng, places, hexes)
    both: Mapping[str, NDArray[Any]] = {name: np.concatenate([base.columns[name], came[name]]) for name in came}
    went = rng.choice(len(base) + n, min(n, len(base)), replace=False)
    order = rng.permutation(n + len(went))
    sign = np.concatenate([np.ones(n, np.int8), np.full(len(went), -1, np.int8)])[order]
    columns = {name: np.concatenate([came[name], both[name][went]])[order] for name in came}
    return Segment(base.month, columns, sign, version=f"{base.version}+{n}")
