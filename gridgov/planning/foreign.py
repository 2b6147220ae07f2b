"""Somebody else's plan, held against the communities: what is wrong with it, and where to look.

Owns the findings: gaps, overlaps, slivers, parts outside, grids across communities, codes, shapes. Does not own reading
files (`interop.plans`) nor which atoms fall to which grid (`settling`). Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridgov.geo.coverage import NotRepairable, inspect, repair
from gridgov.geo.crs import Projection

SLIVER_M = 0.5
"""Ground narrower than this, on average, comes from drawing and not from intent."""
NOISE_M = 0.01
"""Narrower than the grid of 1 cm that atoms lie on, it is no ground: a long line in degrees bends so much in metres."""
LEAST_M2 = 1.0
_PLACE = re.compile(r"\[(\S+) (\S+)\]")


class Severity(StrEnum):
    """error: the grid cannot be taken as it is; warning: taken, look at it; note: put right without loss."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class FindingKind(StrEnum):
    """What can be wrong with a foreign plan."""

    SHAPE_INVALID = "shape-invalid"
    SHAPE_MENDED = "shape-mended"
    OVERLAP = "overlap"
    GAP = "gap"
    SLIVER = "sliver"
    OUTSIDE = "outside"
    CROSSING = "crossing"
    IN_PIECES = "in-pieces"
    UNNAMED = "unnamed"
    CODE_DOUBLED = "code-doubled"


# severity, 中文, English; facts are filled in by name. docs/plan-files.md prints this table.
SENTENCES: dict[FindingKind, tuple[Severity, str, str]] = {
    FindingKind.SHAPE_INVALID: (
        Severity.ERROR,
        "网格 {name} 的图形不能使用:{why_zh}",
        "The shape of grid {name} cannot be used: {why_en}",
    ),
    FindingKind.SHAPE_MENDED: (
        Severity.NOTE,
        "网格 {name} 的图形无效,已自动修复",
        "The shape of grid {name} was not valid and has been mended",
    ),
    FindingKind.OVERLAP: (
        Severity.WARNING,
        "网格 {name} 与 {other} 重叠 {area} 平方米",
        "Grids {name} and {other} overlap by {area} m²",
    ),
    FindingKind.GAP: (
        Severity.WARNING,
        "社区 {name} 内有 {area} 平方米不属于任何网格",
        "{area} m² of community {name} belong to no grid",
    ),
    FindingKind.SLIVER: (
        Severity.NOTE,
        "{name} 处有 {area} 平方米的狭缝({what_zh})",
        "A sliver of {area} m² at {name} ({what_en})",
    ),
    FindingKind.OUTSIDE: (
        Severity.WARNING,
        "网格 {name} 有 {area} 平方米在各社区之外",
        "{area} m² of grid {name} lie outside every community",
    ),
    FindingKind.CROSSING: (
        Severity.ERROR,
        "网格 {name} 跨社区:{area} 平方米在社区 {other}",
        "Grid {name} crosses a community's border: {area} m² lie in {other}",
    ),
    FindingKind.IN_PIECES: (
        Severity.WARNING,
        "网格 {name} 分成 {count} 块,最小一块 {area} 平方米",
        "Grid {name} is in {count} pieces, the smallest of {area} m²",
    ),
    FindingKind.UNNAMED: (
        Severity.WARNING,
        "第 {row} 行的网格没有编码也没有名称",
        "The grid in row {row} has neither a code nor a name",
    ),
    FindingKind.CODE_DOUBLED: (
        Severity.ERROR,
        "编码 {name} 在第 {row} 行与第 {other} 行重复",
        "Code {name} stands in row {row} and in row {other}",
    ),
}
_WHY = {
    "empty": ("没有图形", "there is none"),
    "not_polygon": ("不是面", "it is no polygon"),
    "not_finite": ("坐标无效", "a coordinate is no finite number"),
    "too_few_points": ("点数不足", "it has too few points"),
    "zero_area": ("面积为零", "it has no area"),
    "changes_area": ("线条自交,无法判断所指范围", "its outline crosses itself, and what was meant cannot be told"),
    "unusable": ("无法读取", "it cannot be read"),
}


def table() -> str:
    """What can be found, as it stands in docs/plan-files.md."""
    lines = ["| finding | severity | 中文 | English |", "|---|---|---|---|"]
    lines += [f"| `{kind}` | {severity} | {zh} | {en} |" for kind, (severity, zh, en) in SENTENCES.items()]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class ForeignGrid:
    """A grid of a file: its row as a person counts, what it is called, and its shape in EPSG:4326."""

    row: int
    code: str = ""
    name: str = ""
    shape: BaseGeometry | None = None

    @property
    def title(self) -> str:
        """How sentences call it."""
        return self.code or self.name or f"#{self.row}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and where to look: `place` (lon, lat), `shape` in EPSG:4326 where there is ground to show."""

    kind: FindingKind
    severity: Severity
    zh: str
    en: str
    rows: tuple[int, ...]
    place: tuple[float, float] | None = None
    area_m2: float | None = None
    shape: BaseGeometry | None = None


@dataclass(frozen=True)
class Checked:
    """Findings, worst and largest first, and the usable shapes in metres, None where there is none."""

    findings: tuple[Finding, ...]
    shapes_m: tuple[Any, ...]

    @property
    def usable(self) -> bool:
        return any(shape is not None for shape in self.shapes_m)

    def counts(self) -> dict[str, int]:
        """Findings by kind."""
        return dict(Counter(str(one.kind) for one in self.findings))


def check(
    grids: Sequence[ForeignGrid],
    communities: Sequence[tuple[str, BaseGeometry]],
    projection: Projection,
    *,
    stacked_m: BaseGeometry | None = None,
    gaps_in: Collection[str] | None = None,
) -> Checked:
    """Holds grids against communities (code, shape in EPSG:4326).

    `stacked_m`: ground in metres where grids lie one above another on purpose (parts of buildings). `gaps_in`: the
    communities that the grids are to fill, None: all. Near-linear in vertices; see `geo.coverage.inspect`.
    """
    say = _Sayer(projection)
    shapes = _usable(grids, projection, say)
    _codes(grids, say)
    held = np.asarray([at for at, shape in enumerate(shapes) if shape is not None], dtype=np.int64)
    if len(held):
        ground = projection.geometry(np.asarray([shape for _, shape in communities], dtype=object))
        children = np.asarray([shapes[at] for at in held], dtype=object)
        called = [grids[at] for at in held]
        codes = [code if gaps_in is None or code in gaps_in else "" for code, _ in communities]
        _overlaps_and_gaps(called, children, codes, ground, say, stacked_m)
        _strays(called, children, [code for code, _ in communities], ground, say)
        _pieces(called, children, say)
    return Checked(say.sorted(), tuple(shapes))


class _Sayer:
    """Findings as they come."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._found: list[Finding] = []

    def say(
        self,
        kind: FindingKind,
        rows: Iterable[int],
        *,
        ground: Any = None,
        point: Any = None,
        **facts: object,
    ) -> None:
        """`ground` and `point` in metres; the place is the point, or one inside the ground."""
        area_m2 = None if ground is None else float(ground.area)
        severity, zh, en = SENTENCES[kind]
        if ground is not None:
            point = shapely.point_on_surface(ground)
        place = None if point is None or point.is_empty else self._projection.inverse(point.x, point.y)
        if place is not None:
            place = (round(float(place[0]), 7), round(float(place[1]), 7))
        facts["area"] = "" if area_m2 is None else f"{area_m2:,.0f}" if area_m2 >= 10 else f"{area_m2:.2f}"
        shape = None if ground is None else self._projection.geometry_deg(ground)
        said = (zh.format(**facts), en.format(**facts))
        self._found.append(Finding(kind, severity, *said, tuple(rows), place, area_m2, shape))

    def ground(
        self, kind: FindingKind, rows: Iterable[int], pieces: Any, what: tuple[str, str], **facts: object
    ) -> None:
        """One finding a piece of ground; a narrow one is a sliver."""
        rows = tuple(rows)
        for piece in _polygons(pieces):
            wide_m = 2.0 * piece.area / piece.length
            if piece.area < LEAST_M2 / 100 or wide_m < NOISE_M:
                continue
            if wide_m < SLIVER_M:
                words = {"what_zh": what[0], "what_en": what[1]}
                self.say(FindingKind.SLIVER, rows, ground=piece, **(facts | words))
            elif piece.area >= LEAST_M2:
                self.say(kind, rows, ground=piece, **facts)

    def sorted(self) -> tuple[Finding, ...]:
        rank = list(Severity)
        return tuple(
            sorted(self._found, key=lambda one: (rank.index(one.severity), one.kind, -(one.area_m2 or 0.0), one.rows))
        )


def _usable(grids: Sequence[ForeignGrid], projection: Projection, say: _Sayer) -> list[Any]:
    found: list[Any] = []
    for grid in grids:
        shape_m = None if grid.shape is None else projection.geometry(grid.shape)
        try:
            mended = repair(shape_m)
        except NotRepairable as problem:
            why_zh, why_en = _WHY[problem.reason]
            facts = {"name": grid.title, "why_zh": why_zh, "why_en": why_en}
            say.say(FindingKind.SHAPE_INVALID, [grid.row], point=_fault(shape_m), **facts)
            found.append(None)
            continue
        if not shapely.is_valid(shape_m):
            say.say(FindingKind.SHAPE_MENDED, [grid.row], point=_fault(shape_m), name=grid.title)
        found.append(mended.geom)
    return found


def _fault(shape: BaseGeometry | None) -> Any:
    """Where an invalid shape is wrong, as GEOS says; else any of its points."""
    if shape is None or shape.is_empty:
        return None
    said = _PLACE.search(shapely.is_valid_reason(shape))
    first = shapely.get_coordinates(shape)[0]
    place = (float(said[1]), float(said[2])) if said else (float(first[0]), float(first[1]))
    return shapely.Point(place) if np.isfinite(place).all() else None


def _codes(grids: Sequence[ForeignGrid], say: _Sayer) -> None:
    first: dict[str, int] = {}
    for grid in grids:
        if not grid.code and not grid.name:
            say.say(FindingKind.UNNAMED, [grid.row], row=grid.row)
        if grid.code and first.setdefault(grid.code, grid.row) != grid.row:
            rows = (first[grid.code], grid.row)
            say.say(FindingKind.CODE_DOUBLED, rows, name=grid.code, row=rows[1], other=rows[0])


def _overlaps_and_gaps(
    called: Sequence[ForeignGrid], children: Any, codes: Sequence[str], communities: Any, say: _Sayer, stacked: Any
) -> None:
    found = inspect(children, communities, min_area_m2=LEAST_M2 / 100)
    for overlap in found.overlaps:
        first, second = called[overlap.first], called[overlap.second]
        ground = shapely.intersection(children[overlap.first], children[overlap.second])
        if stacked is not None:
            ground = shapely.difference(ground, stacked)
        words = ("重叠", "overlap")
        facts = {"name": first.title, "other": second.title}
        say.ground(FindingKind.OVERLAP, (first.row, second.row), ground, words, **facts)
    for gap, parent in zip(found.gaps, found.gap_parents, strict=True):
        if parent is not None and codes[parent]:
            say.ground(FindingKind.GAP, (), gap.polygon, ("空隙", "gap"), name=codes[parent])


def _strays(called: Sequence[ForeignGrid], children: Any, codes: Sequence[str], communities: Any, say: _Sayer) -> None:
    """Ground outside every community, and grids that lie in more than one."""
    shapely.prepare(communities)
    parents, owners = shapely.STRtree(children).query(communities, predicate="intersects")
    whole = np.zeros(len(children), dtype=bool)
    whole[owners[shapely.covers(communities[parents], children[owners])]] = True
    everything = shapely.union_all(communities) if not whole.all() else None
    for at in np.flatnonzero(~whole).tolist():
        grid, mine = called[at], parents[owners == at]
        outside = shapely.difference(children[at], everything)
        say.ground(FindingKind.OUTSIDE, [grid.row], outside, ("社区之外", "outside"), name=grid.title)
        shared = shapely.intersection(children[at], communities[mine])
        order = np.lexsort((mine, -shapely.area(shared)))
        for place in order[1:]:
            facts = {"name": grid.title, "other": codes[int(mine[place])]}
            say.ground(
                FindingKind.CROSSING, [grid.row], shared[place], ("跨社区", "across a community's border"), **facts
            )


def _pieces(called: Sequence[ForeignGrid], children: Any, say: _Sayer) -> None:
    for at in np.flatnonzero(shapely.get_num_geometries(children) > 1).tolist():
        parts = sorted(shapely.get_parts(children[at]), key=lambda part: float(part.area))
        say.say(FindingKind.IN_PIECES, [called[at].row], ground=parts[0], name=called[at].title, count=len(parts))


def _polygons(ground: Any) -> list[Any]:
    """The polygons of whatever an overlay gave."""
    parts = shapely.get_parts(shapely.get_parts(np.atleast_1d(np.asarray(ground, dtype=object))))
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
