"""The built pages: kept for good or not at all, and told what to fetch beside their document."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from gridgov.api.app import create_app
from gridgov.api.deps import COOKIE
from gridgov.bootstrap import House

BOARD = ["BoardPage-x.js", "BoardPage-x.css"]


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """As a build leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>", encoding="utf-8")
    (tmp_path / "assets" / BOARD[0]).write_text("export {}", encoding="utf-8")
    (tmp_path / "assets" / f"{BOARD[0]}.br").write_bytes(b"packed")
    (tmp_path / "beside.json").write_text(json.dumps({"board": BOARD}), encoding="utf-8")
    return tmp_path


def got(house: House, web: Path, path: str, **headers: str) -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(house, web=web))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(get())


SIGNED_IN = {"Cookie": f"{COOKIE}=x"}


def test_a_page_is_told_what_it_begins_with(house: House, web: Path) -> None:
    answer = got(house, web, "/board", **SIGNED_IN)
    told = answer.headers["link"].split(", ")
    assert told[:2] == [
        f"</assets/{BOARD[0]}>; rel=modulepreload; crossorigin",
        f"</assets/{BOARD[1]}>; rel=preload; as=style; crossorigin",
    ]
    assert [one.split(";")[0] for one in told[2:]] == ["</api/v1/session>"]
    assert answer.headers["cache-control"] == "no-cache"


def test_nobody_is_told_to_ask_in_vain(house: House, web: Path) -> None:
    assert "link" not in got(house, web, "/board").headers
    assert "link" not in got(house, web, "/", **SIGNED_IN).headers
    (web / "beside.json").unlink()
    assert "link" not in got(house, web, "/board", **SIGNED_IN).headers


def test_a_build_while_the_server_runs_is_noticed(house: House, web: Path) -> None:
    assert "BoardPage-x.js" in got(house, web, "/board", **SIGNED_IN).headers["link"]
    (web / "beside.json").write_text(json.dumps({"board": ["BoardPage-y.js"]}), encoding="utf-8")
    assert "BoardPage-y.js" in got(house, web, "/board", **SIGNED_IN).headers["link"]


def test_the_sign_of_the_page_is_kept_for_a_day(house: House, web: Path) -> None:
    (web / "favicon.svg").write_text("<svg/>", encoding="utf-8")
    assert got(house, web, "/favicon.svg").headers["cache-control"] == "public, max-age=86400"


@pytest.mark.parametrize("packed", ["br", "identity"])
def test_what_never_changes_is_kept_for_good(house: House, web: Path, packed: str) -> None:
    answer = got(house, web, f"/assets/{BOARD[0]}", **{"Accept-Encoding": packed})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers.get("content-encoding", "identity") == packed
