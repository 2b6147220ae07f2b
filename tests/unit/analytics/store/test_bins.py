"""Bins of a view beside the plain list of its rows: every filter, every zoom, changes, borders, the ends of the map."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from gridgov.analytics.period import Period
from gridgov.analytics.quad import TileAddress, centre_of, interleave, tile_of
from gridgov.analytics.rules import Filter
from gridgov.analytics.store import bins, sums
from gridgov.analytics.store.chosen import Chosen, chosen
from gridgov.analytics.store.columns import INCIDENTS
from gridgov.analytics.store.view import View
from gridgov.auth.rules import EVERYWHERE, NOWHERE, Reach
from tests.unit.analytics.store.making import ACROSS, SOUTH, WEST, Size, make_view, rows_of, zorder

MIDDLE = (WEST + ACROSS / 2, SOUTH + ACROSS / 2)
SIZE = Size(rows=6_000)


def at(month: int, day: int = 1, hour: int = 0) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=UTC)


FILTERS = {
    "all": Filter(reach=EVERYWHERE),
    "whole months": Filter(Period(at(2), at(4)), reach=EVERYWHERE),
    "cut months": Filter(Period(at(1, 10, 7), at(4, 20, 3)), reach=EVERYWHERE),
    "within a month": Filter(Period(at(3, 4), at(3, 9)), reach=EVERYWHERE),
    "open end": Filter(Period(at(3, 4), None), reach=EVERYWHERE),
    "before everything": Filter(Period(None, at(1)), reach=EVERYWHERE),
    "categories": Filter(category_ids=(1, 2, 5_000), reach=EVERYWHERE),
    "no category": Filter(category_ids=(), reach=EVERYWHERE),
    "status": Filter(statuses=("open",), reach=EVERYWHERE),
    "channel": Filter(channels=("hotline", "worker"), reach=EVERYWHERE),
    "agency": Filter(agency_ids=(41, 42), reach=EVERYWHERE),
    "units": Filter(reach=Reach(units=(100, 102))),
    "grids and months": Filter(Period(at(2), at(4)), reach=Reach(places=(1_001, 1_002, 500))),
    "an agency's": Filter(reach=Reach(agencies=(43,))),
    "stationed": Filter(Period(at(2, 2), None), reach=Reach(units=(101,), agencies=(40, 44))),
    "nowhere": Filter(reach=NOWHERE),
    "all at once": Filter(
        Period(at(1, 3), at(5, 2)), (1, 2, 3), ("open", "closed"), ("hotline",), (40, 41), reach=Reach(units=(100, 101))
    ),
}


@pytest.fixture(scope="module")
def view() -> View:
    return make_view(INCIDENTS, SIZE)


def that_count(rows: dict[str, np.ndarray], wanted: Chosen) -> np.ndarray:
    """Which rows count, by the words of `Chosen` alone."""
    keep = (rows["second"] >= wanted.since) & (rows["second"] < wanted.until)
    if wanted.category is not None:
        known = rows["category"] < len(wanted.category)
        keep &= known & wanted.category[np.where(known, rows["category"], 0)]
    for name in ("channel", "state", "agency", "place"):
        mask = getattr(wanted, name)
        if mask is not None:
            keep &= mask[rows[name]]
    if wanted.reach_place is not None:
        reached = wanted.reach_place[rows["place"]]
        if wanted.reach_agency is not None:
            reached |= wanted.reach_agency[rows["agency"]]
        keep &= reached
    return keep


def plain(view: View, wanted: Chosen) -> np.ndarray:
    """Keys of all rows that count."""
    rows = rows_of(view)
    keys: np.ndarray = rows["key"][that_count(rows, wanted)].astype(np.int64)
    return keys


def expected(keys: np.ndarray, tile: TileAddress, bits: int) -> np.ndarray:
    low, high = tile.key_range()
    inside = keys[(keys >= low) & (keys < high)]
    return np.bincount((inside - low) >> 2 * (25 - tile.z - bits), minlength=4**bits)


@pytest.mark.parametrize("name", FILTERS)
def test_bins_are_those_of_the_rows_at_every_zoom(view: View, name: str) -> None:
    wanted = chosen(view, FILTERS[name])
    keys = plain(view, wanted)
    for z in (0, 5, 8, 9, 10, 11, 12, 13, 15, 18, 22):
        tile, bits = tile_of(*MIDDLE, z), min(7, 25 - z)
        found = bins.tile_bins(view, wanted, tile, bits)
        np.testing.assert_array_equal(found, expected(keys, tile, bits), err_msg=f"zoom {z}")
    assert (len(keys) > 0) == (name not in {"before everything", "no category", "nowhere"}), "a control"


@pytest.mark.parametrize("z", [11, 14])
def test_tiles_side_by_side_share_nobody_and_lose_nobody(view: View, z: int) -> None:
    wanted = chosen(view, FILTERS["cut months"])
    first, last = tile_of(WEST, SOUTH + ACROSS, z), tile_of(WEST + ACROSS, SOUTH, z)
    tiles = [TileAddress(z, x, y) for x in range(first.x, last.x + 1) for y in range(first.y, last.y + 1)]
    assert sum(int(bins.tile_bins(view, wanted, tile, 7).sum()) for tile in tiles) == len(plain(view, wanted))


def at_ends(view: View) -> View:
    """All rows of the first month at the poles, on the 180th meridian and on borders of tiles."""
    spots = [(-180.0, 85.06), (180.0, -85.06), (179.9999999, 0.0), (-180.0, 0.0), (0.0, 0.0), (90.0, 66.51326044311186)]
    base = view.base[0]
    lon, lat = (np.resize(np.array(column), len(base)) for column in zip(*spots, strict=True))
    key = zorder(lon, lat)
    order = np.argsort(key)
    columns = dict(base.columns) | {"key": key[order], "lon": lon[order], "lat": lat[order]}
    return replace(view, base=(replace(base, columns=columns),), changes=())


@pytest.mark.parametrize("z", [0, 1, 2, 6, 12, 22])
def test_the_ends_of_the_map_and_borders_of_tiles(view: View, z: int) -> None:
    ends = at_ends(view)
    wanted = chosen(ends, FILTERS["all"])
    keys, side = plain(ends, wanted), 1 << z
    around = {TileAddress(z, x, y) for x in (0, side // 2, side - 1, 3 * side // 4) for y in (0, side // 2, side - 1)}
    around |= {tile_of(*centre_of(int(key), 25), z) for key in np.unique(keys)}
    bits = min(7, 25 - z)
    total = 0
    for tile in around:
        found = bins.tile_bins(ends, wanted, tile, bits)
        np.testing.assert_array_equal(found, expected(keys, tile, bits))
        total += int(found.sum())
    assert total == len(keys) == len(ends.base[0])


def test_sums_are_used_and_equal_to_counting_rows(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, tile = chosen(view, FILTERS["units"]), tile_of(*MIDDLE, 10)
    kind = sums.cells(17)
    made, months, left = bins.summed_months(view, wanted, kind)
    assert made is not None
    assert (months, left) == ((0, len(view.base)), [])
    with_sums = bins.tile_bins(view, wanted, tile, 7)
    monkeypatch.setattr(bins, "SUMMED_ZOOMS", ())
    np.testing.assert_array_equal(bins.tile_bins(view, wanted, tile, 7), with_sums)
    assert with_sums.sum() > 0


@pytest.mark.parametrize("name", ["all", "whole months", "cut months", "units"])
def test_crowded_ground_is_summed_finer_and_equal_to_counting_rows(
    view: View, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sums, "CROWD", 100)
    monkeypatch.setattr(sums, "WORTH", 0)
    cache = sums.SumsCache()
    monkeypatch.setattr(bins, "SUMS", cache)
    wanted = chosen(view, FILTERS[name])
    keys, (blocks, rows) = plain(view, wanted), sums.crowds(view.base)
    assert len(blocks) > 3
    assert (np.diff(rows) <= 0).all()
    for block in [*blocks.tolist(), int(blocks.max()) + 1]:
        for z in (12, 13, 14, 15, 16):
            tile = tile_of(*centre_of(block, 13), z)
            found = bins.tile_bins(view, wanted, tile, 7)
            np.testing.assert_array_equal(found, expected(keys, tile, 7), err_msg=f"{tile}")
    block = tile_of(*centre_of(int(blocks[0]), 13), 13)
    for zoom, tile, covered in ((21, block, True), (22, block, True), (22, TileAddress(13, 1, 1), False)):
        made = cache.get(view.base, sums.crowded_cells(zoom))
        assert made is not None
        assert (made.within(*tile.key_range()) is not None) == covered


def test_a_sum_of_crowded_ground_is_what_is_drawn(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "CROWD", 100)
    monkeypatch.setattr(sums, "WORTH", 0)
    cache = sums.SumsCache()
    monkeypatch.setattr(bins, "SUMS", cache)
    wanted, block = chosen(view, FILTERS["all"]), int(sums.crowds(view.base)[0][0])
    tile = tile_of(*centre_of(block, 13), 13)
    before = int(bins.tile_bins(view, wanted, tile, 7).sum())
    made = cache.get(view.base, sums.crowded_cells(21))
    assert made is not None
    made.upto[-1] += 1
    a, b = (end >> 2 * (25 - 21) << sums.PLACE_BITS for end in made.within(*tile.key_range()) or (0, 0))
    inside = int(((made.spots >= a) & (made.spots < b)).sum())
    assert int(bins.tile_bins(view, wanted, tile, 7).sum()) == before + inside > before


def test_crowded_ground_that_has_no_room_is_counted_by_row(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "CROWD", 100)
    monkeypatch.setattr(sums, "MOST_BYTES", 20_000)
    made = sums.SumsCache().get(view.base, sums.crowded_cells(21))
    assert made is not None
    assert made.blocks is not None
    assert made.upto.nbytes <= 20_000
    assert len(made.blocks) < len(sums.crowds(view.base)[0])


def test_sums_follow_a_month_that_was_read_anew(view: View) -> None:
    tile, wanted = tile_of(*MIDDLE, 0), chosen(view, FILTERS["all"])
    before = int(bins.tile_bins(view, wanted, tile, 7).sum())
    shorter = replace(view.base[1], columns={n: c[:100] for n, c in view.base[1].columns.items()})
    after = replace(view, base=(view.base[0], shorter, *view.base[2:]))
    assert int(bins.tile_bins(after, wanted, tile, 7).sum()) == before - len(view.base[1]) + 100


def test_sums_too_large_are_left_out(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "MOST_BYTES", 1_000)
    assert sums.SumsCache().get(view.base, sums.cells(17)) is None


@pytest.mark.parametrize("name", ["all", "cut months", "units", "status", "nowhere"])
@pytest.mark.parametrize("most", [0, 1, 17, 400, 100_000])
def test_since_when_the_newest_are(view: View, name: str, most: int) -> None:
    wanted, tile = chosen(view, FILTERS[name]), tile_of(*MIDDLE, 12)
    low, high = tile.key_range()
    rows = rows_of(view)
    keys = plain(view, wanted)
    inside = int(((keys >= low) & (keys < high)).sum())
    since = bins.newest_since(view, wanted, tile, most)
    if inside <= most:
        assert since is None
        return
    assert since is not None

    def held(start: int) -> int:
        late = plain(view, replace(wanted, since=max(start, wanted.since)))
        return int(((late >= low) & (late < high)).sum())

    assert held(since) <= most < held(since - 1), "one second earlier would be too many"
    assert len(rows["key"]) >= inside


def test_cells_are_the_same_rows(view: View) -> None:
    wanted, tile = chosen(view, FILTERS["categories"]), tile_of(*MIDDLE, 9)
    numbers, counts = bins.cells(view, wanted, tile, 20)
    keys = plain(view, wanted)
    inside = keys[(keys >> 32) == interleave(tile.x, tile.y)]
    found = np.unique(inside >> 10, return_counts=True)
    np.testing.assert_array_equal(numbers, found[0])
    np.testing.assert_array_equal(counts, found[1])


def test_many_rows_are_shared_among_threads(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, tile = chosen(view, FILTERS["categories"]), tile_of(*MIDDLE, 8)
    alone = bins.tile_bins(view, wanted, tile, 7)
    monkeypatch.setattr(bins, "WORTH_A_THREAD", 0)
    np.testing.assert_array_equal(bins.tile_bins(view, wanted, tile, 7), alone)
