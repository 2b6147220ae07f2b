"""What the pages cost in a browser: bytes of script, the first of a map on a slow line, a million incidents on the
board, ten thousand atoms under a brush. Beside budgets, and beside folium in the same run.

A budget is no peer: it stands in the peer's column as "budget", so that the ratio says how much of it is left. Frames
are drawn without a graphics card, by the processor that the server and the browser share.
"""

from __future__ import annotations

import gzip
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Browser, Page, Response

from gridgov.auth.rules import Role
from gridgov.bootstrap import build, prepare
from gridgov.platform.cluster import running
from tests.bench.bench_tiles import history, url_of
from tests.bench.city import CITY, HOME
from tests.bench.demo import demo_city, serving
from tests.bench.harness import LeftOut, Row, Scale, bench
from tests.bench.slowline import behind
from tests.bench.watched import browsing, context, first_pixel_ms, script_ms_a_frame, stood_ms
from tests.e2e.budgets import BOARD_KB, KB, PLANNER_KB, Loaded
from tests.integration.planning import drawing
from tests.people import Person, appoint

BUDGET = "budget"
PEER = "/api/v1/reports/density.html"
MIDDLE = (250, 250, 750, 550)  # of a map, free of what lies on it
INCIDENTS: dict[Scale, int] = {"full": 1_000_000, "small": 50_000}
ACROSS: dict[Scale, int] = {"full": 50, "small": 20}  # 4 × across² atoms
TIMES: dict[Scale, int] = {"full": 5, "small": 3}
FIRST_MS, HEAT_MS, TILES_KB, CHANGE_MS = 3500.0, 1000.0, 150.0, 300.0
STROKE_MS, METRICS_MS, FRAME_MS = 16.0, 50.0, 6.0


@bench("pages")
def pages(scale: Scale) -> Iterator[Row | LeftOut]:
    with browsing() as browser:
        yield from on_a_slow_line(browser, TIMES[scale])
        yield from many_incidents(browser, INCIDENTS[scale], TIMES[scale])
        yield from many_atoms(browser, ACROSS[scale], TIMES[scale])


def on_a_slow_line(browser: Browser, times: int) -> Iterator[Row | LeftOut]:
    """The board and the planner, cold, at 1.6 Mbit/s and 150 ms; folium's page of the board's choropleth beside it."""
    with demo_city() as (house, url), serving(url) as port, behind(port) as slow:
        supervisor, planner = appoint(house, Role.DISTRICT_SUPERVISOR), appoint(house, Role.PLANNER)
        for name, path, person, most in (
            ("board", "/board", supervisor, BOARD_KB),
            ("planner", "/plan", planner, PLANNER_KB),
        ):
            at = context(browser, person)
            page = at.new_page()
            loaded = Loaded(page)
            page.goto(f"http://127.0.0.1:{port}{path}")
            _quiet(page)
            scripts, kb = len(loaded.scripts), loaded.kb
            at.close()
            yield Row(f"{name}: script, compressed", scripts, kb, BUDGET, most, "KB", "less")
        ours = [_first(browser, slow, "/board", supervisor) for _ in range(times)]
        yield Row(
            "board: first of the map, slow 4G", times, _s(ours), BUDGET, FIRST_MS / 1e3, "s", "less", _spread(ours)
        )
        answer = httpx.get(
            f"http://127.0.0.1:{port}{PEER}", headers=supervisor.headers, timeout=120,
            params={"level": "community"},
        )  # fmt: skip
        if not answer.is_success:
            yield LeftOut("board beside folium", f"{answer.status_code} {answer.text[:100]}")
            return
        packed = gzip.compress(answer.content, 5)
        with shown(packed) as other, behind(other) as slow_other:  # our server gives it as a file to keep
            theirs = [_first(browser, slow_other, "/", None) for _ in range(times)]
        note = f"{len(packed) / KB:,.0f} KB compressed"
        yield Row("board: first of the map, slow 4G", times, _s(ours), "folium", _s(theirs), "s", "less", note)


@contextmanager
def shown(packed: bytes) -> Iterator[int]:
    """A server of one page, compressed as ours would send it; gives its port."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(packed)))
            self.end_headers()
            self.wfile.write(packed)

        def log_message(self, format: str, *_args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def many_incidents(browser: Browser, n: int, times: int) -> Iterator[Row]:
    """The board over a made history: its heat, its tiles, another filter."""
    with history(100, n) as city, serving(url_of(city)) as port:
        person = appoint(city.house, Role.DISTRICT_SUPERVISOR)
        _counted(port, person)
        base = f"http://127.0.0.1:{port}"
        heat, weights, changes = [], [], []
        for turn in range(times):
            at = context(browser, person)
            page = at.new_page()
            page.goto(f"{base}/board?table=1")  # scripts are kept from here on, as for whoever has been here before
            _quiet(page)
            tiles: list[int] = []
            page.on("response", partial(_tile, tiles))
            heat.append(first_pixel_ms(page, f"{base}/board?paint=heat&panel=none", MIDDLE))
            _quiet(page)
            weights.append(sum(tiles) / KB)
            for label in (("近 30 天", "近 7 天"), ("近 7 天", "近 30 天"))[turn % 2]:
                button = page.get_by_text(label, exact=True).first
                changes.append(stood_ms(page, button.click))
            at.close()
        yield Row("board: first heat", n, _s(heat), BUDGET, HEAT_MS / 1e3, "s", "less", _spread(heat))
        yield Row("board: tiles of a view", n, max(weights), BUDGET, TILES_KB, "KB", "less")
        middle = statistics.median(changes)
        yield Row("board: another filter, all stands", n, middle, BUDGET, CHANGE_MS, "ms", "less", _spread(changes))


def many_atoms(browser: Browser, across: int, times: int) -> Iterator[Row]:
    """The editor over one community: a stroke of the brush, its figures, the map that moves."""
    name = f"bench_pages_{across}"
    with running(HOME) as cluster:
        cluster.drop_database(name)
        cluster.create_database(name)
        url = cluster.url(name)
        prepare(url, CITY, HOME)
        house = build(url, CITY, HOME)
        try:
            ids = drawing.set_up(house, "W1", across=across)
            person = appoint(house, Role.PLANNER)
            with serving(url) as port:
                yield from _editor(browser, port, person, ids["W1"], 4 * across * across, times)
        finally:
            house.close()
            cluster.drop_database(name)


def _editor(browser: Browser, port: int, person: Person, community: int, atoms: int, times: int) -> Iterator[Row]:
    base = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=f"{base}/api/v1", headers=person.headers, timeout=120) as api:
        plan = api.post("/plans", json={"name": "方案", "communities": [community]}).raise_for_status().json()["id"]
        (part,) = api.get(f"/plans/{plan}/parts").raise_for_status().json()["items"]
    at = context(browser, person)
    page = at.new_page()
    page.goto(f"{base}/plan?plan={plan}&edit={part['id']}&e.tool=brush")
    page.wait_for_selector(".editor .map-canvas")
    _quiet(page)
    page.evaluate(LISTEN)
    box = page.locator(".map-canvas").bounding_box()
    assert box is not None
    for turn in range(times):
        y = box["y"] + box["height"] * (0.35 + 0.3 * turn / times)
        page.mouse.move(box["x"] + box["width"] * 0.35, y)
        page.mouse.down()
        for step in range(40):
            page.mouse.move(box["x"] + box["width"] * (0.35 + 0.3 * step / 40), y)
        page.wait_for_timeout(400)  # the figures of these stand; what is timed is the last move alone, and letting go
        page.evaluate("() => { window.__took.last = true; }")
        page.mouse.move(box["x"] + box["width"] * 0.66, y + box["height"] * (0.03 if turn % 2 else -0.03))
        page.mouse.up()
        page.wait_for_timeout(600)
    found: dict[str, list[float]] = page.evaluate("() => window.__took")
    moves, figures = found["moves"], found["figures"]
    assert len(figures) == times, f"{len(figures)} of {times} strokes changed the figures"
    yield Row("brush: one move of the pointer, p95", atoms, float(np.percentile(moves, 95)), BUDGET, STROKE_MS, "ms",
              "less", f"{len(moves)} moves, median {statistics.median(moves):.2f} ms")  # fmt: skip
    yield Row("brush: figures after a stroke", atoms, statistics.median(figures), BUDGET, METRICS_MS, "ms", "less",
              _spread(figures))  # fmt: skip
    page.keyboard.press("h")
    canvas = page.locator(".map-canvas canvas")
    canvas.focus()

    def pan() -> None:
        for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp") * 3:
            page.keyboard.press(key)
            page.wait_for_timeout(350)

    script, frames = script_ms_a_frame(page, pan)
    yield Row("editor: script a frame, panning", atoms, script, BUDGET, FRAME_MS, "ms", "less", f"{frames} frames")
    at.close()


# What the page itself takes: a listener before all others and one after them bracket a move; figures are there when
# the panel says something else than before, counted from the instant that the last move of the pointer bears.
LISTEN = """() => {
  const took = { moves: [], figures: [], last: false };
  window.__took = took;
  let began = 0, down = false, drew = null;
  window.addEventListener("pointerdown", () => { down = true; }, true);
  for (const kind of ["pointermove", "mousemove"]) {
    window.addEventListener(kind, (event) => {
      if (!down) return;
      began = performance.now();
      if (took.last && kind === "pointermove") { took.last = false; drew = event.timeStamp; }
    }, true);
    window.addEventListener(kind, () => {
      if (!down || began === 0) return;
      took.moves.push(performance.now() - began);
      began = 0;
    });
  }
  window.addEventListener("pointerup", () => { down = false; }, true);
  new MutationObserver(() => {
    if (drew === null) return;
    took.figures.push(performance.now() - drew);
    drew = null;
  }).observe(document.querySelector(".editor-figures"), { subtree: true, childList: true, characterData: true });
}"""


def _first(browser: Browser, port: int, path: str, person: Person | None) -> float:
    at = context(browser, person)
    try:
        return first_pixel_ms(at.new_page(), f"http://127.0.0.1:{port}{path}", MIDDLE)
    finally:
        at.close()


def _counted(port: int, person: Person) -> None:
    """Waits until the server has read its counts."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=person.headers, timeout=120) as api:
        for _ in range(600):
            if api.get("/density", params={"level": "city"}).is_success:
                return
    raise TimeoutError("the server does not count")


def _tile(sizes: list[int], response: Response) -> None:
    if "/tiles/incidents/" in response.url and response.ok:
        said: Any = response.headers.get("content-length")
        sizes.append(int(said) if said is not None else len(gzip.compress(response.body(), 5)))


def _quiet(page: Page) -> None:
    page.wait_for_selector('[aria-busy="true"]', state="detached")
    page.wait_for_timeout(300)
    page.wait_for_selector('[aria-busy="true"]', state="detached")


def _s(ms: list[float]) -> float:
    return statistics.median(ms) / 1e3


def _spread(ms: list[float]) -> str:
    return f"{len(ms)} times, {min(ms):,.0f} … {max(ms):,.0f} ms"
