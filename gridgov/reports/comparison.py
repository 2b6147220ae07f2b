"""Two plans side by side as one HTML page that asks nothing of any network: two maps kept in step, and tables.

Owns what the page is told. Does not own the comparison (`planning.compare`) nor the frame (`frame`). What moves on the
page lies in `static/comparison.js`, how it looks in `static/comparison.css`, its words in both. It counts households
and cases; it names nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import folium
import numpy as np
import shapely
from branca.element import Figure

from gridgov.planning.compare import FATES, Fate, GridPair, Moved
from gridgov.planning.comparing import Compared
from gridgov.planning.drawn import Drawn, atom_shapes, dissolved, grid_shapes
from gridgov.planning.metrics import METRICS
from gridgov.planning.rules import NOBODY, GridDraft
from gridgov.reports.frame import whole

DECIMALS = 6  # about 10 cm
MOST_STREET_VERTICES = 120_000
MOST_MOVED_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says of itself: what stands left and right, when it was made, in whose time."""

    before: str
    after: str
    city: Mapping[str, str]
    made_at: datetime
    zone: ZoneInfo


def comparison_page(found: Sequence[Compared], shown: Shown) -> str:
    """The whole page; `found` must not be empty."""
    figure = Figure()
    streets = _streets(found)
    for side in ("before", "after"):
        drawn = folium.Map(tiles=None, control_scale=side == "after", zoom_control=side == "after", zoom_snap=0.5)
        drawn._id, drawn.default_js, drawn.default_css = side, [], []
        for name, shapes in (("streets", streets), ("grids", _grids(found, side)), ("moved", _ground(found, side))):
            layer = folium.GeoJson(shapes, name=name, interactive=name != "streets", smooth_factor=0.3)
            layer._id = f"{side}_{name}"
            layer.add_to(drawn)
        drawn.fit_bounds(_bounds(found), padding=(12, 12))
        figure.add_child(drawn)
    title = f"方案对比 Plans compared: {shown.before} → {shown.after}"
    return whole(figure.render(), name="comparison", title=title, facts=_facts(found, shown))


# ---------------------------------------------------------------------------------------------------------- the maps


def _grids(found: Sequence[Compared], side: str) -> dict[str, Any]:
    """A feature a grid: `c` place of the community, `n` its number."""
    features = []
    for place, one in enumerate(found):
        drawn = one.before if side == "before" else one.after
        for number, shape in grid_shapes(drawn.ground, drawn.sheet).items():
            if not shape.is_empty:
                features.append(_feature(drawn, shape, {"c": place, "n": number}))
    return {"type": "FeatureCollection", "features": features}


def _ground(found: Sequence[Compared], side: str) -> dict[str, Any]:
    """The ground that changes its grid, on both maps alike: one feature for each pair of grids."""
    features = []
    for place, one in enumerate(found):
        shapes = atom_shapes(one.after.ground, one.after.sheet)
        pairs: dict[tuple[int, int], list[int]] = {}
        for moved in one.comparison.moved:
            pairs.setdefault((moved.before, moved.after), []).append(moved.atom)
        for (was, now), atoms in sorted(pairs.items()):
            ground = dissolved(shapes[np.asarray(sorted(set(atoms)))])
            properties = {"c": place, "n": was if side == "before" else now, "from": was, "to": now}
            features.append(_feature(one.after, ground, properties))
    return {"type": "FeatureCollection", "features": features}


def _feature(drawn: Drawn, shape_m: Any, properties: dict[str, Any]) -> dict[str, Any]:
    """GeoJSON with coordinates of six decimals."""
    shape = shapely.set_precision(drawn.ground.projection.geometry_deg(shape_m), 10.0**-DECIMALS, mode="pointwise")
    geometry = json.loads(shapely.to_geojson(shape), parse_float=lambda text: round(float(text), DECIMALS))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _streets(found: Sequence[Compared]) -> dict[str, Any]:
    """Street lines as a base, each once; the longest where there are too many for a page."""
    lines = [one.after.ground.projection.geometry_deg(one.after.ground.streets) for one in found]
    every = np.concatenate([np.asarray(part, dtype=object) for part in lines])
    every = every[np.unique(shapely.to_wkb(every), return_index=True)[1]] if len(every) else every
    every = every[np.argsort(-shapely.length(every), kind="stable")]
    kept = every[np.cumsum(shapely.get_num_coordinates(every)) <= MOST_STREET_VERTICES]
    features = [
        {
            "type": "Feature",
            "properties": {},
            "geometry": json.loads(shapely.to_geojson(line), parse_float=lambda text: round(float(text), 5)),
        }
        for line in kept
    ]
    return {"type": "FeatureCollection", "features": features}


def _bounds(found: Sequence[Compared]) -> list[list[float]]:
    boxes = [one.after.ground.projection.geometry_deg(one.after.ground.outline) for one in found]
    west, south, east, north = (float(value) for value in shapely.total_bounds(boxes))
    return [[south, west], [north, east]]


# -------------------------------------------------------------------------------------------- what the script is told


def _facts(found: Sequence[Compared], shown: Shown) -> dict[str, Any]:
    made = shown.made_at.astimezone(shown.zone)
    used = {
        name for one in found for side in (one.comparison.totals_before, one.comparison.totals_after) for name in side
    }
    return {
        "before": shown.before,
        "after": shown.after,
        "city": dict(shown.city),
        "made": f"{made:%Y-%m-%d %H:%M}",
        "zone": str(shown.zone),
        "communities": [_community(one) for one in found],
        "metrics": [[m.name, m.zh, m.en, m.unit] for m in METRICS if m.name in used],
        "fates": {str(fate): list(words) for fate, words in FATES.items()},
        "counts": {str(fate): sum(one.comparison.fates()[fate] for one in found) for fate in Fate},
        "households": sum(one.comparison.households for one in found),
        "moved": sum(one.comparison.households_moved for one in found),
        "cases": _sum([one.comparison.cases_moved for one in found]),
        "unassigned": [sum(one.comparison.households_unassigned[side] for one in found) for side in (0, 1)],
        "grids": [row for place, one in enumerate(found) for row in _pairs(place, one)],
        "ground": _moved_rows(found),
        "groundLeft": max(0, sum(len(one.comparison.moved) for one in found) - MOST_MOVED_ROWS),
    }


def _community(one: Compared) -> dict[str, Any]:
    names = one.after.names or one.before.names
    return {
        "code": one.after.community,
        "zh": names.get("zh") or next(iter(names.values()), one.after.community),
        "en": names.get("en") or next(iter(names.values()), one.after.community),
        "sameGround": one.comparison.same_ground,
        "inForce": [one.before_in_force, one.after_in_force],
        "totals": [_rounded(one.comparison.totals_before), _rounded(one.comparison.totals_after)],
    }


def _pairs(place: int, one: Compared) -> list[dict[str, Any]]:
    return [
        {
            "c": place,
            "fate": str(pair.fate),
            "before": _grid(pair.before),
            "after": _grid(pair.after),
            "partners": [_title(_partner(one, pair, number)) for number in pair.partners],
            "came": pair.came,
            "went": pair.went,
            "metrics": [_rounded(pair.metrics_before), _rounded(pair.metrics_after)],
        }
        for pair in one.comparison.grids
    ]


def _partner(one: Compared, pair: GridPair, number: int) -> GridDraft:
    """Partners of a merger and of a new grid are old ones, the others new ones."""
    drawn = one.before if pair.fate in (Fate.MERGED, Fate.NEW) else one.after
    return drawn.sheet.grids[number]


def _grid(draft: GridDraft | None) -> list[Any] | None:
    """[number, code, 中文, English]"""
    if draft is None:
        return None
    return [draft.number, draft.code or "", draft.names.get("zh", ""), draft.names.get("en", "")]


def _title(draft: GridDraft) -> str:
    return draft.code or draft.names.get("zh") or f"#{draft.number}"


def _moved_rows(found: Sequence[Compared]) -> list[list[Any]]:
    """[community, key, kind, lon, lat, from, to, households, cases], most households first."""
    rows: list[tuple[int, Moved]] = [(place, m) for place, one in enumerate(found) for m in one.comparison.moved]
    rows.sort(key=lambda row: (-row[1].households, row[0], row[1].key))
    return [
        [place, m.key, m.kind, *m.place, None if m.before == NOBODY else m.before,
         None if m.after == NOBODY else m.after, m.households, m.cases]
        for place, m in rows[:MOST_MOVED_ROWS]
    ]  # fmt: skip


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.6g}") for name, value in values.items()}


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
