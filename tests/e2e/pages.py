"""Which pages there are, in which states: one row each, and every row is proved alike (`test_pages.py`).

Owns the rows and when one of them stands. Does not own what is proved of them. A new page or panel takes a row here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import urljoin

import httpx
from playwright.sync_api import FilePayload, Page

from gridgov.auth.rules import Role
from tests.conftest import BRIEF
from tests.e2e import plans
from tests.people import Person

LOCALES = ("zh-CN", "en-US")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (1280, 1920)
AT = "at=116.9005,33.1205&duty=06010"

T = TypeVar("T")
Where = Callable[["Facts"], str]
Act = Callable[[Page], None]


@dataclass(frozen=True)
class Facts:
    """What a row's address may need to know of the city: asked of the API when the row is opened. `planner`: somebody
    who draws, for rows that open a plan."""

    api: httpx.Client
    planner: Person | None = None

    def plan(self, make: Callable[[httpx.Client], T]) -> T:
        """What a planner has made ready (`plans`)."""
        assert self.planner is not None, "only a planner opens plans"
        with httpx.Client(base_url=self.api.base_url, timeout=60, limits=BRIEF, headers=self.planner.headers) as api:
            return make(api)

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


def _drawn(query: str) -> Where:
    """A page of the plan that is drawn; `{plan}`, `{part}` and `{sent}`, another plan, stand for their ids."""

    def where(facts: Facts) -> str:
        plan, part = facts.plan(plans.drawn)
        other = facts.plan(plans.sent) if "{sent}" in query else 0
        return f"/plan?plan={plan}{query.format(part=part, sent=other)}"

    return where


def _sent(facts: Facts) -> str:
    return f"/plan?plan={facts.plan(plans.sent)}&show=publish"


def _file(page: Page) -> None:
    """Gives the plan's own file back, its first atom in the grid of its last."""
    found = re.search(r"[?&]plan=(\d+)", page.url)
    assert found is not None
    address = urljoin(page.url, f"/api/v1/plans/{found[1]}/file?format=csv")
    exported = page.request.get(address).body().decode("utf-8-sig")
    first, *rest = list(csv.DictReader(io.StringIO(exported)))
    goes_to = {name: rest[-1][name] for name in first if name in plans.GRID_COLUMNS or name.startswith("name_")}
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(first))
    writer.writeheader()
    writer.writerows([first | goes_to, *rest])
    sent: FilePayload = {"name": "plan.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode()}
    page.locator("input[type=file]").set_input_files(sent)
    page.locator(".files form button[type=submit]").click()


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
    Row("plans, the editor", _drawn("&edit={part}"), PLANNER, ".editor[data-phase=settled]", maps=1),
    Row("plans, proposals", _drawn("&show=propose"), PLANNER, ".job[data-state=done]", maps=1),
    Row("plans, two compared", _drawn("&show=compare&with={sent}&both=1"), PLANNER, ".grid-table tbody tr", maps=2),
    Row("plans, what moves", _drawn("&show=preview"), PLANNER, "[data-testid=moved-households]", maps=1),
    Row("plans, submitting one", _drawn("&show=publish"), PLANNER, ".plan-form button.primary", maps=1),
    Row("plans, deciding on one", _sent, SUPERVISOR, ".decision", maps=1),
    Row("plans, a file to take", _drawn("&show=files&part={part}"), PLANNER, ".file-effect", maps=1, act=_file),
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
