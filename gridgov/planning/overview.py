"""The grids of a whole plan as a map shows them: page by page, with shapes, remembered by what is drawn.

Owns shapes for looking at, in full or simplified so that neighbours still meet. Does not own drawing (`editing`).
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gridgov.planning import basis, brought, drafts
from gridgov.planning.board import Board
from gridgov.planning.brought import Brought
from gridgov.planning.drafts import PartFacts, PlanFacts
from gridgov.planning.queries import basis as basis_queries
from gridgov.planning.queries import drafts as queries
from gridgov.planning.rules import GridDraft, Sheet, Target

SIMPLE_M2 = 25.0
"""Corners that cut off less than this are left out of an overview."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class DrawnGrid:
    """A grid of a plan: its draft, its sums, its shape in EPSG:4326 as GeoJSON text, and the box around it. `part_id`:
    where the plan brings boundaries back, the part of the other plan on whose ground they lie."""

    community_id: int
    part_id: int
    draft: GridDraft
    target: Target
    households: int
    atoms: int
    area_m2: float
    geojson: str
    box: Box


class Overviews:
    """Up to `most` grids of the parts that were looked at last, by content. Safe for many threads."""

    def __init__(self, most: int = 60_000) -> None:
        self._most, self._grids = most, 0
        self._held: OrderedDict[Any, tuple[DrawnGrid, ...]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any, make: Callable[[], tuple[DrawnGrid, ...]]) -> tuple[DrawnGrid, ...]:
        """What `make` made the first time."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        made = make()
        with self._lock:
            self._grids += len(made) - len(self._held.pop(key, ()))
            self._held[key] = made
            while self._grids > self._most and len(self._held) > 1:
                self._grids -= len(self._held.popitem(last=False)[1])
        return made


def page(
    session: Session,
    seen: Overviews,
    plan: PlanFacts,
    *,
    simple: bool,
    box: Box | None = None,
    after: tuple[int, int] = (0, 0),
    limit: int = 100,
) -> list[DrawnGrid]:
    """Grids that a plan draws or brings back, by community and number, after one; `box`: those that meet it (degrees).

    What it costs grows with the parts that the page is made of, not with the plan.
    """
    found: list[DrawnGrid] = []
    community, number = after
    back = brought.of(session, plan)
    for part in queries.parts(session, plan.id if back is None else back.source.id, after=community - 1, box=box):
        facts = drafts.part_facts(part)
        found += [
            one
            for one in of_part(session, seen, facts, plan.target, simple=simple, back=back)
            if (one.community_id, one.draft.number) > (community, number) and (box is None or _meets(one.box, box))
        ]
        if len(found) >= limit:
            break
    return found[:limit]


def of_part(
    session: Session, seen: Overviews, facts: PartFacts, target: Target, *, simple: bool, back: Brought | None = None
) -> tuple[DrawnGrid, ...]:
    """The grids of one part by number; `back`: those that are brought back on its ground, in place of its own."""
    key = (facts.id, facts.basis_id, facts.count_id, facts.digest if back is None else back.at, target, simple)
    return seen.get(key, lambda: _drawn(session, facts, target, simple=simple, back=back))


def atoms(session: Session, basis_id: int) -> list[str]:
    """Atoms of a basis by number, each a GeoJSON feature with nine decimals: corners are known again by them."""
    rows = basis_queries.atoms(session, basis_id)
    shapes = shapely.from_wkb([row.wkb for row in rows])
    single = shapely.get_num_geometries(shapes) == 1
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    texts = shapely.to_geojson(shapely.set_precision(shapes, 1e-9, mode="pointwise"))
    return [
        json.dumps(
            {
                "type": "Feature", "id": no,
                "properties": {
                    "key": row.key, "kind": row.kind, "block": row.block, "group": row.group_name,
                    "building_id": row.building_id, "area_m2": round(row.area_m2, 6),
                    "perimeter_m": round(row.perimeter_m, 6),
                },
            },
            ensure_ascii=False,
        )[:-1] + f', "geometry": {text}}}'
        for no, (row, text) in enumerate(zip(rows, texts, strict=True))
    ]  # fmt: skip


def edges(session: Session, basis_id: int) -> list[tuple[int, int, float, bool, bool]]:
    """(a, b, shared_m, on_street, bridge) of a basis, each pair once."""
    return [(row.a, row.b, row.shared_m, row.on_street, row.bridge) for row in basis_queries.edges(session, basis_id)]


def _drawn(
    session: Session, facts: PartFacts, target: Target, *, simple: bool, back: Brought | None
) -> tuple[DrawnGrid, ...]:
    ground = basis.ground(session, facts.basis_id, facts.count_id)
    own: Sheet = drafts.sheet(session, facts.id) if back is None else back.sheet(session, ground)
    board = Board(ground, own, target)
    sheet = board.sheet
    numbers = sorted(sheet.grids)
    if not numbers:
        return ()
    in_full = board.shapes()
    shapes = np.array([in_full[number] for number in numbers], dtype=object)
    area = shapely.area(shapes)
    if simple:
        shapes = shapely.coverage_simplify(shapes, SIMPLE_M2**0.5, simplify_boundary=False)
    degrees = shapely.set_precision(ground.projection.geometry_deg(shapes), 1e-7, mode="pointwise")
    boxes = shapely.bounds(degrees)
    texts = shapely.to_geojson(degrees)
    place = np.searchsorted(numbers, sheet.assignment)
    drawn = sheet.assignment >= 0
    households = np.bincount(place[drawn], weights=ground.households[drawn], minlength=len(numbers))
    atoms = np.bincount(place[drawn], minlength=len(numbers))
    return tuple(
        DrawnGrid(
            facts.community_id, facts.id, sheet.grids[number], sheet.grids[number].target or target,
            int(households[i]), int(atoms[i]), float(area[i]), str(texts[i]), tuple(boxes[i].tolist()),
        )
        for i, number in enumerate(numbers)
    )  # fmt: skip


def _meets(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
