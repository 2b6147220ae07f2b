"""One community of a plan as a planner sees it: made by the API, opened in the editor, read from the database.

Owns places on the screen and what the store holds. Does not own the stories (`test_drawing.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import shapely
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gridgov.bootstrap import House
from tests.conftest import BRIEF
from tests.people import Person

TOP, RIGHT, BOTTOM, LEFT = 52, 24, 28, 24
"""What the map leaves free around what it opens on, in pixels."""
TILE, MOST_ZOOM = 512, 17.0
Px = tuple[float, float]


@dataclass
class Sheet:
    """A part of a plan, with the ground that it lies on."""

    house: House
    client: httpx.Client
    plan: int
    part: int
    atoms: list[Any] = field(default_factory=list)
    beside: dict[int, list[int]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"/plan?plan={self.plan}&edit={self.part}"

    def board(self) -> dict[str, Any]:
        """What the API says is drawn."""
        answer = self.client.get(f"/plans/{self.plan}/parts/{self.part}/board")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def draw(self, kind: str, **payload: Any) -> None:
        """Draws by the API: somebody else, elsewhere."""
        body = {"revision": self.board()["part"]["revision"], "operations": [{"kind": kind, "payload": payload}]}
        answer = self.client.post(f"/plans/{self.plan}/parts/{self.part}/operations", json=body)
        assert answer.status_code == 200, answer.text

    def stored(self) -> list[int]:
        """The grid of every atom, from the table."""
        with self.house.db.transaction() as session:
            sql = text("select assignment from planning_part where id = :id")
            return list(session.execute(sql, {"id": self.part}).scalar_one())

    def drafts(self) -> dict[int, dict[str, Any]]:
        """The grids, from the table."""
        with self.house.db.transaction() as session:
            sql = text("select document from planning_part where id = :id")
            return {one["number"]: one for one in session.execute(sql, {"id": self.part}).scalar_one()["grids"]}

    def log(self) -> list[tuple[str, int | None]]:
        """(kind, account) of every line, from the table, oldest first."""
        with self.house.db.transaction() as session:
            sql = text("select kind, account_id from planning_operation where part_id = :id order by no")
            return [(row.kind, row.account_id) for row in session.execute(sql, {"id": self.part})]

    # -------------------------------------------------------------------------------- what to draw with

    def pair(self, *, apart: int = 0) -> tuple[int, int]:
        """Two atoms that touch, of different grids, the second not the last of its own; `apart`: for another pair."""
        assignment = self.stored()
        found = [
            (one, other)
            for one, near in sorted(self.beside.items())
            for other in near
            if assignment[one] != assignment[other]
            and assignment.count(assignment[other]) > 3
            and self._size(one) > 400
            and self._size(other) > 400
        ]
        return found[(apart * 7) % len(found)]

    def _size(self, atom: int) -> float:
        return float(self.atoms[atom]["properties"]["area_m2"])

    def shape(self, atom: int) -> Any:
        return shapely.geometry.shape(self.atoms[atom]["geometry"])


def sheet_on(house: House, client: httpx.Client, community: int) -> Sheet:
    """A new plan of one community, and its ground."""
    if not client.get("/plans/bases", params={"community": community}).json()["items"]:
        assert client.post("/plans/bases", json={"community_id": community}).status_code == 201
    made = client.post("/plans", json={"name": "网格调整", "purpose": "", "communities": [community]})
    assert made.status_code == 201, made.text
    plan = made.json()["id"]
    part = client.get(f"/plans/{plan}/parts").json()["items"][0]
    basis = f"/plans/bases/{part['basis_id']}"
    edges = client.get(f"{basis}/edges").json()
    beside: dict[int, list[int]] = {}
    for a, b, shared in zip(edges["a"], edges["b"], edges["shared_m"], strict=True):
        if shared > 15:
            beside.setdefault(a, []).append(b)
            beside.setdefault(b, []).append(a)
    return Sheet(house, client, plan, part["id"], client.get(f"{basis}/atoms").json()["features"], beside)


@contextmanager
def client_of(base: str, person: Person) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{base}/api/v1", timeout=60, limits=BRIEF, headers=person.headers) as client:
        yield client


class Table:
    """The editor in a browser, opened on a sheet and not moved since."""

    def __init__(self, page: Page, sheet: Sheet) -> None:
        self.page, self.sheet = page, sheet
        self.ready()
        box = page.locator(".editor-stage").bounding_box()
        assert box is not None
        self.x, self.y, self.wide, self.tall = box["x"], box["y"], box["width"], box["height"]
        bounds = shapely.total_bounds([sheet.shape(atom) for atom in range(len(sheet.atoms))])
        west, north = _world(float(bounds[0]), float(bounds[3]))
        east, south = _world(float(bounds[2]), float(bounds[1]))
        fits = min((self.wide - LEFT - RIGHT) / (east - west), (self.tall - TOP - BOTTOM) / (south - north))
        self.scale = min(fits, TILE * 2**MOST_ZOOM)
        self.middle = (west + east) / 2, (north + south) / 2

    def ready(self) -> None:
        """The map stands, and all that was drawn is with the server."""
        expect(self.page.locator(".editor[data-waiting='0'][data-phase='settled']")).to_be_visible()
        self.still()

    def still(self) -> None:
        self.page.wait_for_selector('.map-canvas[aria-busy="false"]')
        self.page.wait_for_timeout(200)

    def px(self, lon: float, lat: float) -> Px:
        x, y = _world(lon, lat)
        return (
            self.x + self.wide / 2 + (LEFT - RIGHT) / 2 + (x - self.middle[0]) * self.scale,
            self.y + self.tall / 2 + (TOP - BOTTOM) / 2 + (y - self.middle[1]) * self.scale,
        )

    def at(self, atom: int) -> Px:
        """Where to point for an atom."""
        place = self.sheet.shape(atom).representative_point()
        return self.px(place.x, place.y)

    def tool(self, key: str) -> None:
        self.page.keyboard.press(key)

    def choose(self, grid: int) -> None:
        """By its row of the table; the map moves there, and back by the drawing of it anew."""
        self.page.locator(f'.editor-grids tr[data-grid="{grid}"] button').click()

    def drag(self, *way: Px) -> None:
        mouse = self.page.mouse
        mouse.move(*way[0])
        mouse.down()
        for place in way[1:]:
            mouse.move(*place, steps=8)
        mouse.up()

    def households(self) -> dict[int, int]:
        """Of every grid, as the table says."""
        rows = self.page.locator(".editor-grids tr[data-grid]")
        return {
            int(row.get_attribute("data-grid") or ""): int(row.locator("td").nth(0).inner_text().replace(",", ""))
            for row in rows.all()
        }

    def figure(self, grid: int, column: int) -> str:
        return self.page.locator(f'.editor-grids tr[data-grid="{grid}"] > *').nth(column).inner_text()


def _world(lon: float, lat: float) -> Px:
    """Web Mercator, 0 to 1."""
    return (lon + 180) / 360, (1 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / math.pi) / 2
