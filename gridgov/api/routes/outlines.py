"""`GET /areas/outlines`: the shapes of a level as one small drawing, for a page whose map is still on its way.

Owns simplifying and writing them as paths of SVG. Does not own exact shapes (`/areas?geometry=true`) nor tiles.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import numpy as np
import shapely
from fastapi import APIRouter, Header, Query, Response
from numpy.typing import NDArray

from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.routes.tiles import has, headers_of
from gridgov.api.shapes import Body
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Level

router = APIRouter(tags=["areas"])
WORLD = 1 << 24
"""Units across the world in Web Mercator (EPSG:3857): one is 2.4 m on the equator."""
FINE = 800
"""Corners nearer than this share of the drawing's larger side are one: about a pixel of a screen."""


class OutlineBody(Body):
    """An area; `path`: as the attribute `d` of an SVG path."""

    id: int
    path: str


class OutlinesBody(Body):
    """Paths in units of Web Mercator, `world` of which go round the equator, from `origin` (x east, y south, counted
    from 180° W and 85.0511° N)."""

    level: Level
    world: int
    origin: tuple[int, int]
    items: list[OutlineBody]


@router.get(
    "/areas/outlines",
    summary="A drawing of the areas of a level",
    response_model=OutlinesBody,
    responses={304: {"description": "Still as the client has it."}},
)
def outlines(
    house: HouseDep,
    caller: CallerDep,
    *,
    level: Annotated[Level, Query(description="Which areas.", examples=["community"])] = Level.COMMUNITY,
    if_none_match: Annotated[
        str | None, Header(description="Tag of the answer that the client has.", examples=["*"])
    ] = None,
) -> Response:
    """What is in force now, simplified together to about a pixel of a screen: neighbours still meet. By id."""
    with house.acting(caller) as work:
        index = house.locator.index(work.session, work.now)
        drawn = (work.marks.get("areas", 0), house.locator.since(work.now), level)
    tag = f'"{hashlib.sha256(repr(drawn).encode()).hexdigest()[:32]}"'
    headers = headers_of(tag)
    if has(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(drawing(index, level).model_dump_json(), media_type="application/json", headers=headers)


def drawing(index: AreaIndex, level: Level) -> OutlinesBody:
    """The areas of a level in `index` as paths."""
    areas = sorted(area.id for area in index.areas if area.level == level)
    if not areas:
        return OutlinesBody(level=level, world=WORLD, origin=(0, 0), items=[])
    shapes = shapely.transform(np.array([index.shape(one) for one in areas], dtype=object), _mercator)
    west, south, east, north = shapely.total_bounds(shapes)
    fine = shapely.coverage_simplify(shapes, max(east - west, north - south) / FINE)
    origin = (int(west), int(south))
    items = [OutlineBody(id=one, path=_path(shape, origin)) for one, shape in zip(areas, fine, strict=True)]
    return OutlinesBody(level=level, world=WORLD, origin=origin, items=items)


def _mercator(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) longitudes and latitudes as units of the drawing, y to the south."""
    sines = np.sin(np.radians(degrees[:, 1]))
    east = (degrees[:, 0] + 180) / 360
    south = 0.5 - np.arctanh(sines) / (2 * np.pi)
    return np.column_stack([east, south]) * WORLD


def _path(shape: Any, origin: tuple[int, int]) -> str:
    """Whole units, each corner told from the one before; corners that fall together are told once."""
    told: list[str] = []
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            corners = np.rint(shapely.get_coordinates(ring)[:-1] - origin).astype(int)
            steps = np.diff(corners, axis=0)
            steps = steps[np.any(steps != 0, axis=1)]
            if len(steps) < 2:  # nothing of it is left at this size
                continue
            told.append(f"M{corners[0][0]} {corners[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps.tolist()) + "z")
    return "".join(told)
