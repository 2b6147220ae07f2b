"""The bytes of script that a page costs stay below its budget: as the browser loads them, and as the build says."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from gridgov.auth.rules import Role
from tests.e2e.budgets import BOARD_KB, KB, PLANNER_KB, Loaded, chunk_of, closure, entry_of, packed
from tests.e2e.conftest import DIST, Appoint, OpenPage
from tests.e2e.pages import ROWS, Facts, stands
from tests.people import Person

pytestmark = pytest.mark.browser
ASSETS = DIST.parent / "assets"
PAGES = [
    ("board", "BoardPage", Role.DISTRICT_SUPERVISOR, BOARD_KB),
    ("plans", "PlanPage", Role.PLANNER, PLANNER_KB),
]


def blank(open_page: OpenPage, person: Person) -> Page:
    """Signed in, and no page of ours loaded yet, nor kept from before."""
    page = open_page("/health/live", person=person, ready=False)
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    return page


@pytest.mark.parametrize(("name", "chunk", "role", "most_kb"), PAGES, ids=[page[0] for page in PAGES])
def test_a_page_keeps_to_its_budget(
    open_page: OpenPage,
    base: str,
    server: httpx.Client,
    people: Appoint,
    name: str,
    chunk: str,
    role: Role,
    most_kb: int,
) -> None:
    (row,) = [row for row in ROWS if row.name == name]
    page = blank(open_page, people(role))
    loaded = Loaded(page)
    page.goto(base + row.path(Facts(server)))
    stands(page, row)
    assert loaded.kb <= most_kb, loaded.scripts

    built = closure(ASSETS, entry_of(DIST)) | closure(ASSETS, chunk_of(ASSETS, chunk))
    assert built.keys() <= loaded.scripts.keys(), "the build says that more is needed than was loaded"
    assert sum(built.values()) / KB <= most_kb, built


def test_workers_count_too(open_page: OpenPage, base: str, people: Appoint) -> None:
    """A third of what a map costs is its worker: it must be among what was counted."""
    page = blank(open_page, people(Role.CENTRE_OPERATOR))
    loaded = Loaded(page)
    page.goto(f"{base}/map")
    page.wait_for_selector('.map-canvas[aria-busy="false"]')
    worker = [size for name, size in loaded.scripts.items() if "worker" in name]
    assert worker
    assert min(worker) > 100 * KB
    assert sum(closure(ASSETS, chunk_of(ASSETS, "MapPage")).values()) > sum(worker)


def test_a_page_that_grew_is_found(browser: Browser, base: str, tmp_path: Path) -> None:
    noise = b"// " + os.urandom((BOARD_KB + 1) * KB // 2).hex().encode()  # half of hexadecimal digits is what they say
    context = browser.new_context()
    page = context.new_page()
    loaded = Loaded(page)
    page.route("**/grown.js", lambda route: route.fulfill(body=noise, content_type="text/javascript"))
    page.goto(f"{base}/sign-in")
    page.evaluate("() => import('/assets/grown.js')")
    assert packed(noise) / KB > BOARD_KB / 2
    assert loaded.scripts["grown.js"] == packed(noise)
    context.close()
    (tmp_path / "index.js").write_bytes(b'import{a}from"./grown.js";const later=()=>import("./later.js")')
    (tmp_path / "grown.js").write_bytes(noise)
    (tmp_path / "later.js").write_bytes(b"export{}")
    assert set(closure(tmp_path, "index.js")) == {"index.js", "grown.js"}
    assert set(closure(tmp_path, "index.js", later=True)) == {"index.js", "grown.js", "later.js"}


def test_scripts_come_as_the_build_packed_them_to_whoever_takes_it(base: str) -> None:
    """The browser's stories show that it can unpack them; here: that it is given them, and others are not."""
    script = f"{base}/assets/{entry_of(DIST)}"
    with httpx.stream("GET", script, headers={"Accept-Encoding": "gzip, deflate, br"}) as answer:
        assert answer.headers["content-encoding"] == "br"
        assert "accept-encoding" in answer.headers["vary"].lower()
        brief = len(b"".join(answer.iter_raw()))
        tag = answer.headers["etag"]
    with httpx.stream("GET", script, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert brief < len(b"".join(answer.iter_raw())) * 0.95
    assert httpx.get(script, headers={"If-None-Match": tag}).status_code == 304
