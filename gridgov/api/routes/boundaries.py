"""`GET /counts/boundaries`: the shapes that `/counts` with `as_by` counts by, under the same ids, for a map."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Header, Query, Response

from gridgov.api.deps import CallerDep, HouseDep
from gridgov.api.routes.counts import boundaries
from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Level

router = APIRouter(tags=["density"])
FINE_DEG = 0.000005
"""About half a metre; neighbours still meet."""
GEOJSON = {"schema": {"type": "object", "examples": [{"type": "FeatureCollection", "features": []}]}}


@router.get(
    "/counts/boundaries",
    summary="By which boundaries was counted",
    response_class=Response,
    responses={
        200: {"content": {"application/geo+json": GEOJSON}},
        304: {"description": "Still as the client has it."},
    },
)
def shapes(
    house: HouseDep,
    caller: CallerDep,
    *,
    by: Annotated[Level, Query(description="Which areas.", examples=["grid"])] = Level.GRID,
    as_by: Annotated[
        str,
        Query(description="A plan (its id), or an instant or date, as `/counts` takes it.", examples=["2026-11-01"]),
    ],
    if_none_match: Annotated[
        str | None, Header(description="Tag of the answer that the client has.", examples=["*"])
    ] = None,
) -> Response:
    """GeoJSON: a feature's `id` is that of the counts (new areas of a draft: negative), its properties code, names and
    `label` (a point inside). Simplified by half a metre."""
    with house.acting(caller) as work:
        version, index = boundaries(house, work, as_by)
    tag = f'"{hashlib.sha256(f"{version!r}|{by}".encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization", "ETag": tag}
    if if_none_match is not None and tag in if_none_match.split(", "):
        return Response(status_code=304, headers=headers)
    body = {"type": "FeatureCollection", "features": _features(index, by)}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, media_type="application/geo+json", headers=headers)


def _features(index: AreaIndex, level: Level) -> list[dict[str, Any]]:
    areas = [area for area in index.areas if area.level == level]
    fine = shapely.coverage_simplify([index.shape(area.id) for area in areas], FINE_DEG)
    shown = json.loads(str(shapely.to_geojson(shapely.geometrycollections(fine))))["geometries"] if areas else []
    features = []
    for area, shape, geometry in zip(areas, fine, shown, strict=True):
        inside = shape.representative_point()
        label = [round(inside.x, 6), round(inside.y, 6)]
        properties = {"code": area.code, "names": dict(area.names), "label": label}
        features.append({"type": "Feature", "id": area.id, "properties": properties, "geometry": _rounded(geometry)})
    return features


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    """With six decimals, about 10 cm."""

    def rounded(part: Any) -> Any:
        return round(part, 6) if isinstance(part, float) else [rounded(one) for one in part]

    return {"type": geometry["type"], "coordinates": rounded(geometry["coordinates"])}
