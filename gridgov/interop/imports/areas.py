"""Areas from files: one level at a time, each under its parent, as one boundary plan.

Owns what a row has to say to be an area, and the area of the whole city when no file gives one. Does not own finding
parents (`parents.py`), remarks (`remarks.py`) nor versions in time (`areas.service.put_in_force`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gridgov.areas import redrawing, service
from gridgov.areas.following import Redrawn, follow_all
from gridgov.areas.index import AreaIndex
from gridgov.areas.locator import Locator, NoAreas
from gridgov.areas.names import index_own_names
from gridgov.areas.rules import AreaFacts, Level, NewArea
from gridgov.geo.coverage import NotRepairable, RepairFault, repair
from gridgov.geo.crs import Projection
from gridgov.interop import cityfile
from gridgov.interop.files import PositionColumns, Reading, Wanted
from gridgov.interop.files.faults import Fault, RowFault
from gridgov.interop.followers import FOLLOWERS
from gridgov.interop.imports.parents import Child, InForce, in_force, parent_places
from gridgov.interop.imports.remarks import Siblings, remark_on_coverage
from gridgov.interop.imports.run import Import, Place, city_box, importing, mapped, title_of
from gridgov.interop.problems import ImportReport
from gridgov.interop.rows import Row
from gridgov.platform import clock

MOST_CODE = 64
_KINDS = {
    "urban": "urban", "城市": "urban", "城市网格": "urban",
    "rural": "rural", "农村": "rural", "农村网格": "rural",
    "special": "special", "专属": "special", "专属网格": "special",
}  # fmt: skip

_WORDS = {
    RepairFault.EMPTY: "空图形 empty",
    RepairFault.NOT_POLYGON: "不是面 no polygon",
    RepairFault.NOT_FINITE: "坐标无效 not finite",
    RepairFault.TOO_FEW_POINTS: "点数不足 too few points",
    RepairFault.ZERO_AREA: "面积为零 no area",
    RepairFault.CHANGES_AREA: "修复会改变面积 mending would change its area",
    RepairFault.UNUSABLE: "无法读取 unreadable",
}

# A table of the city file and the files it stands for.
Table = tuple[cityfile.Areas, Sequence[Path]]


@dataclass(frozen=True, slots=True)
class _Read:
    """A row as it was read, before its parent is known."""

    part: cityfile.Areas
    row: Row
    code: str
    shape: Polygon | MultiPolygon
    repaired: bool
    parent_code: str | None

    def child(self) -> Child:
        return Child(self.code, self.shape, self.part.parent_by_column, self.parent_code)


@dataclass(frozen=True, slots=True)
class _Target:
    """What an import of areas is about."""

    level: Level
    valid_from: datetime | None
    complete: bool
    projection: Projection


def import_areas(place: Place, tables: Sequence[Table]) -> ImportReport:
    """Load the tables of one level. Repeating it changes nothing; other shapes from a later instant make a new plan.

    Raises what reading raises, `areas.service.BoundariesMovedOn` (other content for an instant that is in force
    already), and `CityUnknown`.
    """
    level = Level(tables[0][0].level)
    paths = [path for _part, found in tables for path in found]
    with importing(place, "areas", title_of(paths, level)) as work:
        city = service.city(work.session)
        valid_from = instant_of_day(tables[0][0].valid_from, city.zone)
        complete = any(part.complete for part, _paths in tables)
        target = _Target(level, valid_from, complete, Projection(city.srid_m))
        found = _read(work, tables)
        redrawing.change_boundaries(work.session)
        standing = _standing(work)
        before = in_force(work.session, valid_from)
        if level != Level.CITY:
            before = _with_city(work, before, target, found)
        places = parent_places(level, [one.child() for one in found], before, target.projection)
        kept = [(one, at) for one, at in zip(found, places, strict=True) if _placed(work, level, one, at)]
        new = [_new(one, level, None if at is None else before.areas[at]) for one, at in kept]
        if level != Level.CITY:
            place.progress.step(f"{work.title}: overlaps, gaps and strays")
            _remark(work, target, kept, before)
        ending = before.missing(level, {area.code for area in new}) if complete else []
        _put_in_force(work, new, target, ending, standing)
        work.tally.repaired += sum(one.repaired for one, _at in kept)
    return work.report()


def instant_of_day(value: datetime | date | None, zone: tzinfo) -> datetime | None:
    """A date is its first instant in the city; a time without a zone is the city's."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), zone).astimezone(UTC)
    return (value if value.tzinfo is not None else value.replace(tzinfo=zone)).astimezone(UTC)


def polygon_of(row: Row) -> tuple[Polygon | MultiPolygon, bool]:
    """A valid polygon and whether it was repaired. Raises RowFault for none, another kind, or one beyond repair."""
    if row.shape is None:
        raise RowFault("geometry-missing", row.shape_column)
    if row.shape.geom_type not in ("Polygon", "MultiPolygon", "GeometryCollection"):
        raise RowFault("geometry-of-other-kind", row.shape_column, found=row.shape.geom_type, expected="Polygon")
    sound = bool(shapely.is_valid(row.shape))
    try:
        mended = repair(row.shape)
    except NotRepairable as problem:
        facts = {"word": _WORDS[problem.reason], "detail": problem.detail}
        raise RowFault("polygon-not-repairable", row.shape_column, problem.reason, **facts) from None
    return mended.geom, not sound


def _read(work: Import, tables: Sequence[Table]) -> list[_Read]:
    seen: dict[str, Row] = {}
    found: list[_Read] = []
    near = city_box(work.session)
    for part, paths in tables:
        position = PositionColumns(wkt=part.columns.wkt)
        wanted = Wanted(part.crs, part.datum, near)
        how = Reading(part.layer_name, part.encoding, position, wanted=wanted)
        for row, one in work.each(paths, how, mapped(part.columns), partial(_area_of, part)):
            other = seen.setdefault(one.code, row)
            if other is row:
                found.append(one)
                continue
            facts = {"code": one.code, "other": other.number}
            work.refuse(row.file, row.number, Fault("code-repeated", part.columns.code, one.code, facts))
    return found


def _area_of(part: cityfile.Areas, row: Row) -> _Read:
    """All cells are read here, so that a bad one refuses the row."""
    columns = part.columns
    code = part.code_prefix + row.needed(columns.code, most=MOST_CODE)
    row.names(columns.name_zh, columns.name_en)
    row.count(columns.population)
    row.count(columns.households)
    row.choice(columns.kind, _KINDS)
    parent = row.text(columns.parent, most=MOST_CODE) if part.parent_by_column else None
    shape, repaired = polygon_of(row)
    return _Read(part, row, code, shape, repaired, parent)


def _new(one: _Read, level: Level, parent: AreaFacts | None) -> NewArea:
    columns = one.part.columns
    return NewArea(
        level=level,
        code=one.code,
        parent_code=None if parent is None else parent.code,
        names=one.row.names(columns.name_zh, columns.name_en) or {"zh": one.code, "en": one.code},
        geom=one.shape,
        kind=one.row.choice(columns.kind, _KINDS) or one.part.kind if level == Level.GRID else None,
        population=one.row.count(columns.population),
        households=one.row.count(columns.households),
        attributes=one.row.rest(mapped(columns).values()),
    )


def _placed(work: Import, level: Level, one: _Read, at: int | None) -> bool:
    """True for an area that has its parent; the others are refused."""
    if at is not None or level == Level.CITY:
        return True
    column = one.part.columns.parent or ""
    if not one.part.parent_by_column:
        fault = Fault("parent-not-found", one.row.shape_column)
    elif one.parent_code is None:
        fault = Fault("value-missing", column)
    else:
        fault = Fault("parent-unknown", column, one.parent_code)
    work.refuse(one.row.file, one.row.number, fault)
    return False


def _with_city(work: Import, before: InForce, target: _Target, found: list[_Read]) -> InForce:
    """What is in force with, when no file has given it, the area of the whole city: the union of its top level."""
    known = before.places(Level.CITY)
    if not found or (known and before.made_from(work.session, known[0]) != target.level):
        return before
    kept = [] if target.complete else before.places(target.level)
    shapes = {before.areas[i].code: before.shapes[i] for i in kept} | {one.code: one.shape for one in found}
    union = shapely.union_all([shapes[code] for code in sorted(shapes)])
    city = service.city(work.session)
    attributes = {"made_from": str(target.level)}
    area = NewArea(Level.CITY, city.code, None, city.names, repair(union).geom, attributes=attributes)
    name = f"city from {work.title}"
    done = service.put_in_force(work.session, [area], name=name, valid_from=target.valid_from)
    return before if done.plan_id is None else in_force(work.session, target.valid_from)


def _remark(work: Import, target: _Target, kept: list[tuple[_Read, int | None]], before: InForce) -> None:
    """Remarks on the new areas together with those of the level that stay as they are."""
    codes = [one.code for one, _at in kept]
    shapes = [one.shape for one, _at in kept]
    places = [at for _one, at in kept]
    new = set(codes)
    by_id = {area.id: i for i, area in enumerate(before.areas)}
    for i in [] if target.complete else before.places(target.level):
        area = before.areas[i]
        if area.code not in new and area.parent_id is not None:
            codes.append(area.code)
            shapes.append(before.shapes[i])
            places.append(by_id.get(area.parent_id))
    move = target.projection.geometry
    siblings = Siblings(codes, move(np.asarray(shapes, dtype=object)), places, len(kept))
    others = [(area.code, move(shape)) for area, shape in zip(before.areas, before.shapes, strict=True)]
    remark_on_coverage(work.tally, siblings, others)


def _standing(work: Import) -> tuple[AreaIndex | None, datetime]:
    """The boundaries as they stand before anything changes, and now; None: there are none yet."""
    now = clock.utcnow()
    try:
        return Locator().index(work.session, now), now
    except NoAreas:
        return None, now


def _put_in_force(
    work: Import, new: list[NewArea], target: _Target, ending: list[int], standing: tuple[AreaIndex | None, datetime]
) -> None:
    valid_from = target.valid_from
    done = service.put_in_force(work.session, new, name=work.title, valid_from=valid_from, ending=ending)
    work.tally.taken += done.added + done.changed
    work.tally.repeated += done.repeated
    before, now = standing
    if done.plan_id is not None:
        index_own_names(work.session)
        if valid_from is None or valid_from <= now:
            redrawing.took_effect(work.session, now)
        if before is not None:
            after = Locator().index(work.session, now)
            follow_all(work.session, FOLLOWERS, Redrawn(before, after, now), history=True)
    if done.changed or done.ended:
        work.tally.note(
            "boundaries-superseded",
            "新方案取代 {changed} 个、终止 {ended} 个区域的边界,旧版本保留",
            "a new plan supersedes {changed} areas and ends {ended}; the old versions stay",
            changed=done.changed,
            ended=done.ended,
        )
