"""The base map of a provider: shifted right, kept, guarded, and away without harm; against a real HTTP server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest

from gridgov.auth.rules import Role
from gridgov.basemap.fetching import Away, Fetcher
from gridgov.basemap.keeping import Kept
from gridgov.basemap.service import Basemap, BasemapAway, NoSuchTile, chosen
from gridgov.bootstrap import House
from gridgov.geo.crs import Datum
from gridgov.platform.settings import SettingIsBad, Settings
from tests import sample
from tests.conftest import TRUST, live
from tests.integration.basemap.tileserver import Provider, darkest, place, serving
from tests.people import appoint

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
MARKS = [(116.9123, 33.1234), (113.2811, 35.0172), (108.9402, 34.3416)]
KEY = "a-key-that-nobody-sees"


@pytest.fixture
def gcj() -> Iterator[Provider]:
    with serving(Provider(Datum.GCJ02, list(MARKS))) as provider:
        yield provider


def made(provider: Provider, folder: Path, **given: object) -> Basemap:
    settings = Settings.load(
        home=folder, basemap_url=provider.address, basemap_key=KEY, basemap_datum=given.pop("datum", "gcj02"),
        basemap_attribution="样图", basemap_approval="GS（2026）0001号", basemap_networks="127.0.0.1/32", **given,
    )  # fmt: skip
    found = chosen(settings, folder)
    assert found is not None
    return found


def off_px(basemap: Basemap, mark: tuple[float, float], z: int, now: datetime = NOW) -> float | None:
    """How far the mark is drawn from where it belongs; None where it is too near the tile's edge to be whole, or not on
    the tile at all."""
    column, row = place(*mark, z)
    x, y = int(column), int(row)
    want = (column - x) * 256, (row - y) * 256
    if not all(8 < one < 248 for one in want):
        return None
    png = basemap.tile(z, x, y, now)
    try:
        seen = darkest(png)
    except ZeroDivisionError:
        return 999.0
    return float(np.hypot(seen[0] - want[0], seen[1] - want[1])) if np.isfinite(seen).all() else 999.0


@pytest.mark.filterwarnings("ignore:invalid value")
def test_marks_are_where_they_belong_to_the_pixel(gcj: Provider, tmp_path: Path) -> None:
    shifted, raw = made(gcj, tmp_path), made(gcj, tmp_path, datum="wgs84")
    try:
        seen = [(z, off_px(shifted, mark, z), off_px(raw, mark, z)) for z in range(10, 19) for mark in MARKS]
    finally:
        shifted.close()
        raw.close()
    off = [one for _, one, _ in seen if one is not None]
    assert len(off) >= 20
    assert max(off) < 1.0, seen
    control = [one for z, _, one in seen if one is not None and z >= 10]
    assert min(control) > 1.0, "control: the same tiles unshifted fail"


def test_a_tile_is_fetched_once_and_kept(gcj: Provider, tmp_path: Path) -> None:
    basemap = made(gcj, tmp_path)
    try:
        first = basemap.tile(14, 13516, 6593, NOW)
        asked = len(gcj.asked)
        assert 1 <= asked <= 4
        assert basemap.tile(14, 13516, 6593, NOW + timedelta(days=6)) == first
        assert len(gcj.asked) == asked
        basemap.tile(14, 13516, 6593, NOW + timedelta(days=8))
        assert len(gcj.asked) > asked, "control: what is too old is fetched anew"
    finally:
        basemap.close()
    assert all(KEY in path for path in gcj.asked)
    kept = [path for path in (tmp_path / "basemap").rglob("*") if path.is_file()]
    assert kept
    assert not any(KEY in str(path) for path in kept)


def test_the_disk_is_bounded(tmp_path: Path) -> None:
    kept = Kept(tmp_path, room_bytes=100_000, keep_s=3600)
    for number in range(60):
        kept.put(f"out/1/{number}/0", bytes(5_000), now_s=1_000.0 + number)
        assert kept.nbytes <= 100_000
    assert kept.get("out/1/59/0", now_s=1_060.0) is not None
    assert kept.get("out/1/0/0", now_s=1_060.0) is None, "the longest unused went first"


@pytest.mark.parametrize("mood", ["refuses", "html", "huge", "cut", "redirects"])
def test_what_is_no_tile_is_none_and_the_provider_is_left_alone(gcj: Provider, tmp_path: Path, mood: str) -> None:
    basemap = made(gcj, tmp_path)
    try:
        gcj.mood = mood
        with pytest.raises(BasemapAway):
            basemap.tile(13, 6756, 3296, NOW)
        asked = len(gcj.asked)
        assert basemap.standing()[0] == "away"
        with pytest.raises(BasemapAway):
            basemap.tile(13, 6700, 3200, NOW + timedelta(seconds=5))
        assert len(gcj.asked) == asked, "not asked again at once"
        gcj.mood = "well"
        later = NOW + timedelta(minutes=1)
        assert basemap.tile(13, 6700, 3200, later).startswith(b"\x89PNG")
        assert basemap.standing()[0] == "ready", "control: it comes back"
    finally:
        basemap.close()


def test_no_tile_there_is_no_failure(gcj: Provider, tmp_path: Path) -> None:
    basemap = made(gcj, tmp_path)
    try:
        gcj.mood = "has-none"
        with pytest.raises(NoSuchTile):
            basemap.tile(13, 6756, 3296, NOW)
        assert basemap.standing()[0] == "ready"
        with pytest.raises(NoSuchTile):
            basemap.tile(19, 0, 0, NOW)
    finally:
        basemap.close()


def test_a_slow_provider_ends_with_the_time(gcj: Provider, tmp_path: Path) -> None:
    basemap = made(gcj, tmp_path)
    hurried = Basemap(Fetcher(basemap.source, basemap.fetcher.allowed, whole_s=0.3), basemap.kept)
    try:
        gcj.mood = "slow"
        with pytest.raises(BasemapAway):
            hurried.tile(13, 6756, 3296, NOW)
    finally:
        basemap.close()
        hurried.close()


def test_only_to_addresses_that_are_allowed(gcj: Provider, tmp_path: Path) -> None:
    basemap = made(gcj, tmp_path)
    narrow = replace(basemap.fetcher, allowed=replace(basemap.fetcher.allowed, networks=()))
    with pytest.raises(Away, match="not-allowed"):
        narrow.fetch(13, 6756, 3296)
    assert not gcj.asked
    assert basemap.fetcher.fetch(13, 6756, 3296), "control"
    basemap.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"basemap_url": "https://tiles.example.org/{z}/{x}"},
        {"basemap_url": "https://{x}.example.org/{z}/{x}/{y}"},
        {"basemap_url": "ftp://tiles.example.org/{z}/{x}/{y}"},
        {"basemap_url": "https://tiles.example.org/{z}/{x}/{y}?k={key}"},
        {"basemap_url": "https://tiles.example.org/{z}/{x}/{y}", "basemap_attribution": ""},
        {"basemap_key": "alone"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingIsBad) as refused:
        Settings.load(home=tmp_path, **{"basemap_attribution": "样图", **wrong})
    assert "alone" not in str(refused.value)


@pytest.fixture
def mapped(house: House, gcj: Provider, tmp_path: Path) -> Iterator[tuple[str, House, Provider]]:
    with house.db.transaction() as session:
        sample.set_up(session)
    basemap = made(gcj, tmp_path)
    with live(replace(house, basemap=basemap)) as base:
        yield base, house, gcj
    basemap.close()


def test_pages_get_tiles_of_this_server_alone_and_the_key_stays(mapped: tuple[str, House, Provider]) -> None:
    base, house, gcj = mapped
    person = appoint(house, Role.GRID_WORKER, area="A02")
    with httpx.Client(base_url=base, headers=person.headers, timeout=60, verify=TRUST) as client:
        told = client.get("/api/v1/basemap").json()
        assert told["standing"] == "ready"
        assert (told["attribution"], told["approval"], told["max_zoom"]) == ("样图", "GS（2026）0001号", 18)
        answer = client.get("/api/v1/basemap/13/6756/3296")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        again = client.get("/api/v1/basemap/13/6756/3296", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        for one in (answer, client.get("/api/v1/basemap")):
            assert KEY not in one.text
            assert "127.0.0.1" not in one.text
        gcj.mood = "refuses"
        away = client.get("/api/v1/basemap/13/6000/3000")
        assert (away.status_code, away.json()["code"]) == (503, "basemap-away")
        assert client.get("/api/v1/basemap").json()["standing"] == "away"
        assert client.get("/api/v1/basemap/13/6756/3296").status_code == 200, "what is here is still here"
        assert client.get("/api/v1/basemap/19/1/1").status_code == 404


def test_without_an_account_there_is_no_tile(mapped: tuple[str, House, Provider]) -> None:
    base, _, gcj = mapped
    with httpx.Client(base_url=base, timeout=60, verify=TRUST) as client:
        assert client.get("/api/v1/basemap/13/6756/3296").status_code == 401
        assert client.get("/api/v1/basemap").json()["standing"] == "ready"
    assert not gcj.asked


def test_without_a_provider_there_is_none(api: httpx.Client, house: House) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    assert api.get("/api/v1/basemap").json()["standing"] == "none"
    assert api.get("/api/v1/basemap/13/6756/3296").json()["code"] == "no-basemap"
