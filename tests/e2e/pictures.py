"""The pictures of the guides, from a demo city that runs: `python -m tests.e2e.pictures http://127.0.0.1:8000`.

Owns docs/img/supervisor-*.webp and docs/img/planner-*.webp. Does not own what the guides say about them. A plan of
this script's own is made there, with the atoms of its community, and stays.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gridgov.api.deps import COOKIE, CSRF_HEADER
from gridgov.auth.demo import PASSWORD
from tests.e2e.conftest import CHROMIUM, QUIET
from tests.e2e.pages import quiet

OUT = Path(__file__).resolve().parents[2] / "docs" / "img"
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
SUPERVISOR, PLANNER = "district-supervisor", "planner"
COMMUNITY, PLAN = "状元社区", "状元社区网格调整"
DESK, WALL = (1280, 800), (1920, 1080)
WIDE, MOST_BYTES = 1280, 250_000
SLIDES = 3


@dataclass(frozen=True)
class Shot:
    """A picture: its name, who sees it, where, on what screen."""

    name: str
    account: str
    path: str
    size: tuple[int, int] = DESK


def shots(plan: int, part: int) -> tuple[Shot, ...]:
    at = f"/plan?plan={plan}"
    return (
        Shot("supervisor-board", SUPERVISOR, "/board"),
        Shot("supervisor-hotspots", SUPERVISOR, "/board?level=grid&signal=hotspots&hot=1&cat=01002"),
        Shot("supervisor-rising", SUPERVISOR, "/board?level=grid&signal=rising"),
        Shot("supervisor-behind", SUPERVISOR, "/board?of=cases&measure=overdue_share&behind=all-overdue"),
        Shot("supervisor-wall", SUPERVISOR, "/board?screen=1&every=600", WALL),
        Shot("planner-list", PLANNER, "/plan"),
        Shot("planner-editor", PLANNER, f"{at}&edit={part}&e.tool=brush"),
        Shot("planner-compare", PLANNER, f"{at}&show=compare"),
        Shot("planner-preview", PLANNER, f"{at}&show=preview"),
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.pictures", description="The pictures of the guides.")
    parser.add_argument("base", help="address of the demo")
    parser.add_argument("names", nargs="*", help="which (all)")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_intermixed_args()
    with sync_playwright() as running:
        own = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = running.chromium.launch(args=[*QUIET, "--no-sandbox"], executable_path=own)
        with signed_in(asked.base, PLANNER) as api:
            plan, part = drawn_plan(api)
        for shot in shots(plan, part):
            if asked.names and shot.name not in asked.names:
                continue
            for language, locale in LANGUAGES.items():
                size = taken(browser, asked.base, shot, locale, asked.out / f"{shot.name}-{language}.webp")
                sys.stdout.write(f"{shot.name}-{language}.webp: {size / 1000:.0f} KB\n")
                sys.stdout.flush()
        browser.close()
    return 0


def taken(browser: Browser, base: str, shot: Shot, locale: str, to: Path) -> int:
    """Takes one picture; bytes. Raises when it is larger than a guide's picture may be."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=locale, color_scheme="light", reduced_motion="reduce"
    )
    context.set_default_timeout(120_000)
    try:
        _cookie(context, base, shot.account)
        page: Page = context.new_page()
        page.goto(base + shot.path)
        page.wait_for_selector("h1")
        quiet(page)
        page.wait_for_timeout(1500)
        quiet(page)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    finally:
        context.close()
    if picture.width > WIDE:
        picture = picture.resize((WIDE, round(picture.height * WIDE / picture.width)), Image.Resampling.LANCZOS)
    picture.save(to, "WEBP", quality=82, method=6)
    size = to.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"{to.name} has {size:,} bytes; a guide's picture has {MOST_BYTES:,} at most")
    return size


def drawn_plan(api: httpx.Client) -> tuple[int, int]:
    """A plan of one community in which a few boundaries have slid: (its id, its part's id)."""
    for one in _got(api.get("/plans", params={"limit": 100}))["items"]:
        if one["name"] == PLAN and one["state"] == "draft":
            return int(one["id"]), _part(api, int(one["id"]))
    areas = _got(api.get("/areas", params={"level": "community", "limit": 1000}))["items"]
    community = next(area["id"] for area in areas if area["names"]["zh"] == COMMUNITY)
    if not _got(api.get("/plans/bases", params={"community": community}))["items"]:
        _got(api.post("/plans/bases", json={"community_id": community}))
    plan = int(_got(api.post("/plans", json={"name": PLAN, "communities": [community]}))["id"])
    part = _part(api, plan)
    at = f"/plans/{plan}/parts/{part}"
    numbers = [grid["number"] for grid in _got(api.get(f"{at}/board"))["grids"]]
    slid = 0
    for pair in [(one, other) for one in numbers for other in numbers if one < other]:
        revision = _got(api.get(f"{at}/board"))["part"]["revision"]
        step = {"kind": "slide", "payload": {"grids": list(pair)}}
        slid += api.post(f"{at}/operations", json={"revision": revision, "operations": [step]}).is_success
        if slid == SLIDES:
            break
    return plan, part


def _part(api: httpx.Client, plan: int) -> int:
    return int(_got(api.get(f"/plans/{plan}/parts"))["items"][0]["id"])


@contextmanager
def signed_in(base: str, account: str) -> Iterator[httpx.Client]:
    secret, csrf = _session(base, account)
    headers = {"Cookie": f"{COOKIE}={secret}", CSRF_HEADER: csrf}
    with httpx.Client(base_url=f"{base}/api/v1", headers=headers, timeout=120) as client:
        yield client


def _session(base: str, account: str) -> tuple[str, str]:
    answer = httpx.post(f"{base}/api/v1/session", json={"name": account, "password": PASSWORD}, timeout=120)
    csrf: str = _got(answer)["csrf"]
    return str(answer.cookies[COOKIE]), csrf


def _cookie(context: BrowserContext, base: str, account: str) -> None:
    secret, _ = _session(base, account)
    context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": secret,
                "domain": urlsplit(base).hostname or "",
                "path": "/",
                "secure": True,
                "httpOnly": True,
                "sameSite": "Strict",
            }
        ]
    )


def _got(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise ValueError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}")
    found: dict[str, Any] = answer.json()
    return found


if __name__ == "__main__":
    sys.exit(main())
