"""What a browser did with a page, in milliseconds: when its map was first seen, how long until all stood again after a
change, how much script a frame cost.

Owns the measuring. Does not own pages, servers or data (`bench_pages`). Times are taken from what the browser itself
says: frames of its screen with their instants, its own count of script, marks in the page.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.conftest import CHROMIUM, QUIET, sign_in
from tests.people import Person

WIDE, HIGH = 1280, 800
DRAWN = 0.1  # share of the middle of a map that is not of its one colour
STILL_MS = 400  # so long nothing may be on its way before all is said to stand

STOOD = """(still) => new Promise((done) => {
  const began = performance.now();
  let last = began;
  const look = () => {
    const now = performance.now();
    if (document.querySelector('[aria-busy="true"]') !== null) last = now;
    if (now - last > still) done(last - began); else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
FRAMES = """() => { window.__frames = 0; window.__counting = true;
  const one = () => { if (!window.__counting) return; window.__frames += 1; requestAnimationFrame(one); };
  requestAnimationFrame(one); }"""


@contextmanager
def browsing() -> Iterator[Browser]:
    with sync_playwright() as running:
        own = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = running.chromium.launch(args=[*QUIET, "--no-sandbox"], executable_path=own)
        try:
            yield browser
        finally:
            browser.close()


def context(browser: Browser, person: Person | None) -> BrowserContext:
    """A browser that knows nothing yet."""
    made = browser.new_context(viewport={"width": WIDE, "height": HIGH}, locale="zh-CN")
    made.set_default_timeout(180_000)
    if person is not None:
        sign_in(made, person)
    return made


def first_pixel_ms(page: Page, url: str, box: tuple[int, int, int, int]) -> float:
    """From the moment when the page is asked for until something of the map is seen within `box` (x, y, x, y)."""
    seen: list[tuple[float, bytes]] = []
    cdp = page.context.new_cdp_session(page)

    def frame(shown: dict[str, Any]) -> None:
        seen.append((shown["metadata"]["timestamp"], base64.b64decode(shown["data"])))
        cdp.send("Page.screencastFrameAck", {"sessionId": shown["sessionId"]})

    cdp.on("Page.screencastFrame", frame)
    cdp.send("Page.startScreencast", {"format": "jpeg", "quality": 80, "everyNthFrame": 1})
    began = time.time()
    page.goto(url, wait_until="commit")
    page.wait_for_function("() => performance.now() > 100")
    deadline = time.time() + 120
    judged = 0
    while time.time() < deadline:
        page.wait_for_timeout(50)
        while judged < len(seen):
            at, picture = seen[judged]
            judged += 1
            if at > began and drawn(picture, box):
                cdp.send("Page.stopScreencast")
                return 1e3 * (at - began)
    raise TimeoutError(f"nothing of the map was seen: {url}")


def drawn(picture: bytes, box: tuple[int, int, int, int]) -> bool:
    """Whether a part of a picture shows more than one colour (and a word or two)."""
    at = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB").resize((WIDE, HIGH)).crop(box), dtype=np.int16)
    flat = at.reshape(-1, 3)
    common = np.median(flat, axis=0)
    return bool((np.abs(flat - common).max(axis=1) > 12).mean() > DRAWN)


def stood_ms(page: Page, change: Callable[[], object]) -> float:
    """From a change until nothing is on its way any more."""
    page.evaluate(f"() => {{ window.__stood = ({STOOD})({STILL_MS}); }}")
    change()
    return float(page.evaluate("() => window.__stood"))


def script_ms_a_frame(page: Page, move: Callable[[], object]) -> tuple[float, int]:
    """(script of the page's thread for each frame while something moves, frames)."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")

    def script() -> float:
        found = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
        return float(found["ScriptDuration"])

    page.evaluate(FRAMES)
    before = script()
    move()
    took = script() - before
    frames = int(page.evaluate("() => { window.__counting = false; return window.__frames; }"))
    return 1e3 * took / max(1, frames), frames
