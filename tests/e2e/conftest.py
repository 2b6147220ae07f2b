"""A real browser on a real server with the demo city. Every page is watched: what it asks for, what it complains about.

Owns the browser, the watching and the waiting. Does not own the server (`tests/conftest.py`) nor what the stories say.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from gridgov.api.deps import COOKIE
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.conftest import BRIEF, Somebody
from tests.e2e.watch import Watch
from tests.people import Person, appoint

DIST = Path(__file__).resolve().parents[2] / "web" / "dist" / "index.html"
CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
PATIENCE_MS = 60_000  # how long a slow machine may take; what is waited for comes much sooner

OpenPage = Callable[..., Page]
Appoint = Callable[..., Person]
OPERATOR = Person(0, 0, Role.CENTRE_OPERATOR, "")  # stands for the one that `people` appoints


@pytest.fixture(scope="session")
def base(demo_server: str) -> str:
    """The address of the tests' own server."""
    assert DIST.is_file(), "web/dist is missing: run `npm ci && npm run build` in web/ (make test does)"
    return demo_server


@pytest.fixture(scope="session")
def server(base: str, demo_house: House) -> Iterator[httpx.Client]:
    """What the pages show is compared with what the API says to an operator of the centre."""
    with httpx.Client(base_url=f"{base}/api/v1", timeout=60, limits=BRIEF, auth=Somebody(demo_house)) as client:
        yield client


@pytest.fixture(scope="session")
def people(demo_house: House) -> Appoint:
    """Appoints somebody, once for each post: `people(Role.PLANNER, area="…")`."""
    known: dict[object, Person] = {}

    def found(role: Role, **where: str | None) -> Person:
        key = (role, *sorted(where.items()))
        if key not in known:
            known[key] = appoint(demo_house, role, **where)  # type: ignore[arg-type]  # names of places
        return known[key]

    return found


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Ends with its module: while it lives, asyncio counts a loop as running in this thread, for every test."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium where it is installed, else Playwright's own."""
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    own = str(CHROMIUM) if CHROMIUM.exists() else None
    started = playwright.chromium.launch(args=[*QUIET, *sandbox], executable_path=own)
    yield started
    started.close()


@pytest.fixture
def watch(base: str) -> Watch:
    return Watch(base)


@pytest.fixture
def open_page(browser: Browser, base: str, watch: Watch, people: Appoint) -> Iterator[OpenPage]:
    """Opens pages; at the end every one of them must have kept to our own server and raised no error.

    `person`: who is signed in, default: an operator of the centre who has the whole city; None: nobody.
    """
    contexts: list[BrowserContext] = []

    def opened(
        path: str = "/",
        *,
        width: int = 1280,
        height: int = 800,
        ready: bool = True,
        person: Person | None = OPERATOR,
        **context: Any,
    ) -> Page:
        settings = {"locale": "zh-CN", "reduced_motion": "reduce", "color_scheme": "light", **context}
        made = browser.new_context(viewport={"width": width, "height": height}, **settings)
        made.set_default_timeout(PATIENCE_MS)
        contexts.append(made)
        if person is not None:
            sign_in(made, people(Role.CENTRE_OPERATOR) if person is OPERATOR else person)
        page = made.new_page()
        watch.over(page)
        page.goto(base + path)
        if ready:
            settled(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    watch.verdict()


def sign_in(context: BrowserContext, person: Person) -> None:
    """The cookie that signing in leaves, without the page. Chromium takes the loopback address for secure."""
    context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": person.secret,
                "domain": "127.0.0.1",
                "path": "/",
                "secure": True,
                "httpOnly": True,
                "sameSite": "Strict",
            }
        ]
    )


def settled(page: Page) -> None:
    """Waits until the map has drawn all that was asked for and the numbers have arrived."""
    page.wait_for_selector('.map-canvas[aria-busy="false"]')
    page.wait_for_selector('.time[aria-busy="false"]')
    page.wait_for_timeout(150)  # one more frame: a change of state reaches the map in an effect
    page.wait_for_selector('.map-canvas[aria-busy="false"]')
