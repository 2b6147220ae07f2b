"""Rows of a made history follow from seed, length and number alone; they have the city's rhythm and crowd."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gridgov.incidents.pastrows import History
from gridgov.incidents.rules import Channel
from gridgov.interop.madehistory import ground
from gridgov.interop.madehistory.drawing import DAY, NIGHT, Plan
from gridgov.interop.madehistory.making import Made

N = 40_000
COLUMNS = ("id", "category", "channel", "status", "text", "happened_us", "lon", "lat")


def plan(n: int = N, seed: int = 1) -> Plan:
    rng = np.random.default_rng(seed)
    start, until_hour, day = ground._hours(ZoneInfo("Asia/Shanghai"), date(2026, 11, 23), rng)
    weight = 1.0 / (np.arange(200) + ground.ZIPF_SHIFT) ** ground.ZIPF
    pull = rng.pareto(1.2, 500) + 0.1
    return Plan(
        seed, n, int(start.timestamp()) * 1_000_000, until_hour, day, np.cumsum(weight / weight.sum()),
        np.cumsum(pull / pull.sum()), rng.uniform(117, 117.6, 500), rng.uniform(32.3, 32.8, 500), np.full(500, 30.0),
    )  # fmt: skip


def made(n: int = N, seed: int = 1) -> Made:
    return Made("made", plan(n, seed), tuple(f"{k:05}" for k in range(200)), ("",))


def same(one: History, other: History) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in COLUMNS)


@pytest.mark.parametrize("size", [1, 7, 9_999, N])
def test_slices_of_any_size_hold_the_same_rows(size: int) -> None:
    whole = plan().rows(0, N)
    for begin in (0, N // 3, N - size):
        part = plan().rows(begin, min(N, begin + size))
        cut = History(*(getattr(whole, name)[begin : begin + len(part)] for name in COLUMNS))
        assert same(part, cut)


def test_another_seed_or_length_is_another_history() -> None:
    whole = plan().rows(0, 1000)
    for other in (plan(seed=2), plan(n=N + 1)):
        rows = other.rows(0, 1000)
        assert not same(whole, rows)
        assert not {bytes(one) for one in whole.id} & {bytes(one) for one in rows.id}


@pytest.mark.parametrize("n", [10_000, 12_345, N])
def test_months_hold_every_row_once_in_the_order_of_time(n: int) -> None:
    source = made(n)
    months = source.months()
    assert sum(rows for _, rows in months) == n
    assert 36 <= len(months) <= 37
    ids: list[bytes] = []
    for month, rows in months:
        pieces = list(source.slices(month))
        assert sum(len(one) for one in pieces) == rows
        for one in pieces:
            at = one.happened_us.astype("datetime64[us]")
            assert (np.diff(one.happened_us) >= 0).all()
            assert (at.astype("datetime64[M]") == np.datetime64(month, "M")).all()
            ids += [bytes(row) for row in one.id]
    assert ids == sorted(set(ids))
    assert len(ids) == n


def test_rhythm_crowd_and_weight() -> None:
    rows = plan().rows(0, N)
    local = (rows.happened_us + 8 * 3_600_000_000).astype("datetime64[us]")
    hour = (local - local.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)
    weekday = (local.astype("datetime64[D]").astype(int) + 3) % 7
    assert np.mean(hour == 9) > 5 * np.mean(hour == 3)
    assert np.mean(weekday == 0) > 1.15 * np.mean(weekday == 6)
    counts = np.sort(np.bincount(rows.category, minlength=200))[::-1]
    assert counts[0] > 4 * counts[9] > 8 * counts[99]  # Zipf's
    day = (hour >= 7) & (hour < 19)
    assert abs(np.mean(rows.channel[day] == 0) - DAY[0]) < 0.02
    assert abs(np.mean(rows.channel[~day] == 0) - NIGHT[0]) < 0.02
    assert rows.channel.max() < list(Channel).index(Channel.IMPORT)
    cells = np.unique(np.floor(rows.lon * 1000) * 1e6 + np.floor(rows.lat * 1000), return_counts=True)[1]
    assert np.sort(cells)[-20:].sum() > 0.2 * N  # twenty cells of a hundred metres hold a fifth
    even = np.random.default_rng(1).random(N)
    assert np.unique(np.floor(even * len(cells)), return_counts=True)[1].max() < 0.01 * N  # the control


def test_ids_are_of_a_version_of_our_own() -> None:
    ids = plan().rows(0, 100).id
    assert (ids[:, :4] == list(b"made")).all()
    assert (ids[:, 6] >> 4 == 8).all()
    assert (ids[:, 8] >> 6 == 2).all()
