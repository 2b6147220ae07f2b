"""Which pages there are, in which states: one row each, and every row is proved alike (`test_pages.py`).

Owns the rows and when one of them stands. Does not own what is proved of them. A new page or panel takes a row here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import httpx
from playwright.sync_api import Page

from gridgov.auth.rules import Role

LOCALES = ("zh-CN", "en-US")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (1280, 1920)
AT = "at=116.9005,33.1205&duty=06010"

Where = Callable[["Facts"], str]
Act = Callable[[Page], None]


@dataclass(frozen=True)
class Facts:
    """What a row's address may need to know of the city: asked of the API when the row is opened."""

    api: httpx.Client

    def ask(self, path: str, **params: Any) -> Any:
        return self.api.get(path, params=params).raise_for_status().json()


@dataclass(frozen=True)
class Row:
    """A page in a state. `role` None: nobody is signed in. `shows`: what must be there; `act`: what is done to come
    there. `maps`: how many maps it has, each of which must be drawn. `size`: where it is not looked at on a desk.
    `controls`: whether it has any; one that hangs on a wall has none."""

    name: str
    where: str | Where
    role: Role | None
    shows: str
    maps: int = 0
    act: Act | None = None
    size: tuple[int, int] | None = None
    controls: bool = True

    def path(self, facts: Facts) -> str:
        return self.where if isinstance(self.where, str) else self.where(facts)


def _press(selector: str) -> Act:
    return lambda page: page.locator(selector).first.click()


def _named(chinese: str, english: str) -> Act:
    """Presses the button of that name."""
    name = re.compile(f"^({re.escape(chinese)}|{re.escape(english)})$")
    return lambda page: page.get_by_role("button", name=name).first.click()


SUPERVISOR, PLANNER, OPERATOR = Role.DISTRICT_SUPERVISOR, Role.PLANNER, Role.CENTRE_OPERATOR

ROWS: tuple[Row, ...] = (
    Row("sign-in", "/sign-in", None, "button[type=submit]"),
    Row("home of an operator", "/", OPERATOR, ".map-canvas", maps=1),
    Row("map, a place", f"/map?{AT}", OPERATOR, "[data-testid=agency]", maps=1),
    Row("map, heat", "/map?paint=heat", OPERATOR, ".legend", maps=1),
    Row("map, table", "/map?table=1", OPERATOR, ".table-twin tbody tr", maps=0),
    Row("map, report", f"/map?{AT}", OPERATOR, "textarea", maps=1, act=_named("在此上报", "Report here")),
    Row("account's menu", "/map", OPERATOR, ".account-panel", maps=1, act=_press(".account > button")),
    Row("board", "/board", SUPERVISOR, ".map-canvas", maps=1),
    Row("board, heat", "/board?paint=heat", SUPERVISOR, ".map-canvas", maps=1),
    Row("board, hexagons", "/board?paint=hexagons", SUPERVISOR, ".map-canvas", maps=1),
    Row("board, surface", "/board?paint=surface", SUPERVISOR, ".map-canvas", maps=1),
    Row("board, cases overdue", "/board?of=cases&measure=overdue_share&level=grid", SUPERVISOR, ".map-canvas", maps=1),
    Row("board, cases behind a number", "/board?behind=all-count", SUPERVISOR, ".behind li, .behind tr", maps=1),
    Row("board, table", "/board?table=1", SUPERVISOR, "tbody tr"),
    Row("board, hot spots", "/board?signal=hotspots&hot=1&level=grid", SUPERVISOR, ".signals", maps=1),
    Row("board, rising", "/board?signal=rising", SUPERVISOR, ".signals", maps=1),
    Row("board, clusters", "/board?signal=clusters", SUPERVISOR, ".signals", maps=1),
    Row("board, repeats", "/board?signal=repeats", SUPERVISOR, ".signals", maps=1),
    Row("board, alerts", "/board?signal=alerts", SUPERVISOR, ".signals", maps=1),
    Row("board, against the week before", "/board?against=week", SUPERVISOR, ".map-canvas", maps=1),
    Row("wall screen", "/board?screen=1", SUPERVISOR, ".map-canvas", size=(1920, 1080), controls=False),
    Row("areas", "/areas", OPERATOR, ".map-canvas", maps=1),
    Row("areas, a place", "/areas?place=116.9005,33.1205&cat=06010", OPERATOR, "[data-testid=ways]", maps=1),
    Row("areas, a day of the past", "/areas?place=116.9005,33.1205&at=2026-08-31", OPERATOR, ".offices li", maps=1),
    Row("areas, agencies", "/areas?tab=agencies", OPERATOR, ".map-canvas", maps=1),
    Row("areas, service areas", "/areas?tab=service&cat=06010", OPERATOR, ".map-canvas", maps=1),
    Row("areas, table", "/areas?table=1", OPERATOR, "tbody tr"),
    Row("plans", "/plan", PLANNER, ".plans-empty, .plan-row", maps=1),
    Row("plans, a new one", "/plan?new=1", PLANNER, ".picker-list li", maps=1),
    Row("plans, one that is not there", "/plan?plan=999999", PLANNER, "[role=alert]"),
)


def stands(page: Page, row: Row) -> None:
    """Waits until a row's state is there and nothing in it is on its way."""
    page.wait_for_selector('[aria-busy="true"]', state="detached")
    if row.act is not None:
        row.act(page)
    page.wait_for_selector(row.shows)
    quiet(page)


def quiet(page: Page) -> None:
    page.wait_for_selector('[aria-busy="true"]', state="detached")
    page.wait_for_timeout(150)  # one more frame: a change of state reaches the map in an effect
    page.wait_for_selector('[aria-busy="true"]', state="detached")
