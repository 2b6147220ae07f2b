"""The density report as one HTML page that asks nothing of any network: a folium map with everything it needs inside.

Owns the map and what the page's script is told. Does not own the frame (`frame`). What moves on the page lies in
`static/density.js`, how it looks in `static/density.css`, its words in both.
"""

from __future__ import annotations

import json
from typing import Any

import folium
import numpy as np
import shapely
from folium.plugins import HeatMap

from gridgov.areas.rules import AreaFacts
from gridgov.reports.density import DensityReport, LevelFigures
from gridgov.reports.frame import whole

LEVEL_NAMES = {
    "grid": "网格 Grids",
    "community": "社区 Communities",
    "subdistrict": "街道 Sub-districts",
    "district": "区县 Districts",
}
HEAT_NAME, STREETS_NAME = "热力 Heat", "道路 Streets"
HEAT_GRADIENT = {0.25: "#fdbe85", 0.5: "#fd8d3c", 0.75: "#e6550d", 1.0: "#a63603"}
DECIMALS = 5  # about 1 m


def render(report: DensityReport, *, level: str = "grid", measure: str = "count", heat: bool = False) -> str:
    """The whole page. `level` is shown first; the finest level there is, where the city has none of that name.

    `measure`: count, or rate for 100 households; `heat`: whether the heat lies over the areas from the beginning.
    """
    first = next((f.level.value for f in report.levels if f.level == level), None)
    first = first or next((f.level.value for f in report.levels), "grid")
    page: str = _map(report, first, heat=heat).get_root().render()
    facts = {**_facts(report, first), "measure": measure}
    return whole(page, name="density", title=_title(report), facts=facts, scripts=("leaflet-heat.js",))


def _map(report: DensityReport, first: str, *, heat: bool) -> folium.Map:
    """Map, levels, heat, streets and their switch; names are fixed, so that the page's script finds them."""
    here = report.city
    drawn = folium.Map(
        location=[here.lat, here.lon], zoom_start=11, tiles=None, control_scale=True, prefer_canvas=True, zoom_snap=0.5
    )
    drawn._id, drawn.default_js, drawn.default_css = "city", [], []
    if report.streets:
        lines = folium.GeoJson(collection(report.streets, None), name=STREETS_NAME, interactive=False)
        lines._id = "streets"
        lines.add_to(drawn)
    for figures in report.levels:
        name = LEVEL_NAMES[figures.level.value]
        shapes = collection(figures.shapes, [area.id for area in figures.areas])
        layer = folium.GeoJson(shapes, name=name, overlay=False, show=figures.level == first, smooth_factor=0.5)
        layer._id = figures.level.value
        layer.add_to(drawn)
    heated = HeatMap(  # type: ignore[no-untyped-call]  # of theirs
        [[lat, lon, float(sum(by_step.values()))] for lat, lon, by_step in report.cells],
        name=HEAT_NAME, show=heat, radius=16, blur=14, min_opacity=0.0, max_zoom=22, gradient=HEAT_GRADIENT,
    )  # fmt: skip
    heated._id, heated.default_js = "incidents", []
    heated.add_to(drawn)
    switch = folium.LayerControl(collapsed=False, position="topright")
    switch._id = "switch"
    switch.add_to(drawn)
    bounds = _bounds(report)
    if bounds is not None:
        drawn.fit_bounds(bounds, padding=(12, 12))
    return drawn


def _bounds(report: DensityReport) -> list[list[float]] | None:
    shapes = [shape for figures in report.levels[-1:] for shape in figures.shapes]
    if not shapes:
        return None
    west, south, east, north = (float(value) for value in shapely.total_bounds(shapes))
    return [[south, west], [north, east]]


def collection(shapes: tuple[Any, ...], ids: list[int] | None) -> dict[str, Any]:
    """GeoJSON with coordinates of five decimals; the place in the list is the feature's number."""
    rounded = shapely.set_precision(np.array(shapes, dtype=object), 10.0**-DECIMALS, mode="pointwise")
    features = []
    for place, shape in enumerate(rounded):
        if shape.is_empty:
            continue
        geometry = json.loads(shapely.to_geojson(shape), parse_float=lambda text: round(float(text), DECIMALS))
        features.append({"type": "Feature", "properties": {"i": place} if ids else {}, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def _facts(report: DensityReport, first: str) -> dict[str, Any]:
    """What the page's script reads."""
    made = report.made_at.astimezone(report.city.zone)
    return {
        "city": dict(report.city.names),
        "category": report.category,
        "categoryNames": report.category_names,
        "narrowed": list(report.narrowed),
        "step": report.step.value,
        "spans": [[span.first.isoformat(), span.last.isoformat()] for span in report.spans],
        "byStep": report.by_step.tolist(),
        "total": report.total,
        "unlocated": report.unlocated,
        "made": f"{made:%Y-%m-%d %H:%M}",
        "zone": report.city.timezone,
        "first": first,
        "levelNames": {f.level.value: LEVEL_NAMES[f.level.value] for f in report.levels},
        "levels": {figures.level.value: _level(figures) for figures in report.levels},
        "cells": [[lat, lon, [x for pair in sorted(n.items()) for x in pair]] for lat, lon, n in report.cells],
    }


def _level(figures: LevelFigures) -> dict[str, Any]:
    return {
        "areas": [_area(area, homes) for area, homes in zip(figures.areas, figures.households, strict=True)],
        "counts": figures.counts.tolist(),
        "breaks": figures.breaks(),
    }


def _area(area: AreaFacts, households: int | None) -> list[Any]:
    names = area.names
    fallback = next(iter(names.values()), area.code)
    return [area.code, names.get("zh", fallback), names.get("en", fallback), households]


def _title(report: DensityReport) -> str:
    names = report.city.names
    return f"{names.get('zh', report.city.code)} 事件密度 · {names.get('en', report.city.code)}: density of incidents"
