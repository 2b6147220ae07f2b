"""What is wrong with a coverage, in sentences with sizes.

Owns the wording of overlaps, gaps and areas outside their parent. Does not own finding them (`geo.coverage.inspect`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gridgov.geo.coverage import inspect
from gridgov.interop.problems import Tally

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Siblings:
    """Areas of one level: codes, shapes in metres, the place of each parent; the first `new` are being loaded."""

    codes: Sequence[str]
    shapes_m: Any
    parents: Sequence[int | None]
    new: int


def remark_on_coverage(tally: Tally, areas: Siblings, others: Sequence[tuple[str, Any]]) -> None:
    """Notes on overlaps, gaps and strays; `areas.parents` are places in `others` (code, shape in metres).

    The largest 20 of each kind are named, all are counted.
    """
    parents, new = areas.parents, areas.new
    if not new:
        return
    used = sorted({parent for parent in parents[:new] if parent is not None})
    place = {parent: i for i, parent in enumerate(used)}
    kept = [i for i, parent in enumerate(parents) if i < new or parent in place]
    shapes = np.asarray(areas.shapes_m, dtype=object)[kept]
    names = [areas.codes[i] for i in kept]
    parents_m = np.asarray([others[parent][1] for parent in used], dtype=object)
    of = [place.get(parents[i], -1) for i in kept]  # type: ignore[arg-type]
    found = inspect(shapes, parents_m, of)
    overlaps = [(f"{names[o.first]} / {names[o.second]}", o.area_m2) for o in found.overlaps if o.first < new]
    gaps = [
        ("" if parent is None else others[used[parent]][0], gap.area_m2)
        for gap, parent in zip(found.gaps, found.gap_parents, strict=True)
    ]
    outside = [(names[o.child], o.area_m2) for o in found.outside if o.child < new]
    _say(tally, "overlap", "重叠 {count} 处", "overlaps: {count}", overlaps)
    _say(tally, "gap", "上级区域内空隙 {count} 处", "gaps inside the parent: {count}", gaps)
    _say(tally, "outside-parent", "{count} 个区域超出上级边界", "areas reaching outside their parent: {count}", outside)


def _say(tally: Tally, code: str, zh: str, en: str, found: list[tuple[str, float]]) -> None:
    if not found:
        return
    tally.note(
        code,
        zh + ",共 {total_m2:,.0f} m²:{named}",
        en + ", {total_m2:,.0f} m² in all: {named}",
        count=len(found),
        total_m2=sum(size for _name, size in found),
        named="; ".join(f"{name} {size:,.0f} m²".strip() for name, size in found[:MOST_NAMED]),
    )
