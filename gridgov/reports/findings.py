"""Hot spots and trends as an HTML page that asks nothing of any network: a folium map beside findings in sentences.

Owns the map and what the page's script is told. Does not own the frame (`frame`), the facts (`briefing`), colours
(`shading`) nor words (`wording`).
"""

from __future__ import annotations

from typing import Any

import folium
import numpy as np
import shapely

from gridgov.reports import wording
from gridgov.reports.briefing import Briefing, Kind
from gridgov.reports.frame import whole
from gridgov.reports.page import collection
from gridgov.reports.shading import shading
from gridgov.reports.wording import Language

ROWS = 100


def render(shown: Briefing, *, language: str = "both") -> str:
    """The whole page."""
    words = wording.of(shown, Language(language))
    rings = _rings(shown)
    page: str = _map(shown, rings).get_root().render()
    return whole(page, name="findings", title=words.title, facts=_facts(shown, words, rings))


def _map(shown: Briefing, rings: list[Any]) -> folium.Map:
    here = shown.city
    drawn = folium.Map(
        location=[here.lat, here.lon], zoom_start=11, tiles=None, control_scale=True, prefer_canvas=True, zoom_snap=0.5
    )
    drawn._id, drawn.default_js, drawn.default_css = "city", [], []
    for name, shapes, ids in (("areas", shown.shapes, True), ("streets", shown.streets, False), ("rings", rings, True)):
        if len(shapes):
            layer = folium.GeoJson(
                collection(tuple(shapes), [0] if ids else None), smooth_factor=0.5, interactive=name == "areas"
            )
            layer._id = name
            layer.add_to(drawn)
    return drawn


def _rings(shown: Briefing) -> list[Any]:
    """Outlines of clusters in their order, then of areas in which something is rising."""
    at = {area.id: shape for area, shape in zip(shown.areas, shown.shapes, strict=True)}
    found = [shapely.union_all([at[area.id] for area in one.areas if area.id in at]) for one in shown.clusters]
    if shown.kind is Kind.TREND:
        found += [at[area_id] for area_id in sorted(shown.rising_ids & at.keys())]
    return found


def _facts(shown: Briefing, words: wording.Words, rings: list[Any]) -> dict[str, Any]:
    look = shading(shown)
    row = {area.id: place for place, area in enumerate(shown.areas)}
    middles = [shapely.point_on_surface(ring) for ring in rings[: len(shown.clusters)]]
    bounds = None
    if shown.shapes:
        west, south, east, north = shapely.total_bounds(np.array(shown.shapes, dtype=object)).tolist()
        bounds = [[south, west], [north, east]]
    return {
        "language": words.language.value,
        "title": words.title,
        "under": words.under_title,
        "figures": words.figures,
        "key": words.key,
        "entries": [[one.colour, words.entry(one), f"{one.number:,}"] for one in look.entries],
        "rings": words.rings,
        "colours": look.colours,
        "tips": words.tips,
        "numbers": [[number, point.y, point.x] for number, point in enumerate(middles, start=1)],
        "sentences": [
            [number, said, [row[id_] for id_ in area_ids if id_ in row]] for number, said, area_ids in words.told
        ],
        "table": _table(shown, words),
        "foot": words.foot,
        "bounds": bounds,
    }


def _table(shown: Briefing, words: wording.Words) -> dict[str, Any]:
    """Areas with most, at most a hundred."""
    order = sorted(range(len(shown.areas)), key=lambda i: (-int(shown.counts[i]), shown.areas[i].code))[:ROWS]
    return {
        "title": words.table_title,
        "heads": words.heads,
        "rows": [{"place": i, "cells": words.cells(shown, i)} for i in order],
    }
