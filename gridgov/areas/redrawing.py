"""Boundaries that follow others with what became of what: identities are given, not guessed from codes.

Owns a boundary plan whose areas may keep their identity under another code or parent, its lineage, and the lock by
which nothing is placed by boundaries that end meanwhile. Does not own loading areas by their codes
(`service.put_in_force`), nor who decides on a plan (`planning`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shapely import MultiPolygon, Polygon
from sqlalchemy.orm import Session

from gridgov.areas import service
from gridgov.areas.queries import boundaries as queries
from gridgov.areas.queries import redrawing as redrawing_queries
from gridgov.areas.rules import TOP_DOWN, Descent, Level, NewArea
from gridgov.areas.service import BoundariesMovedOn, ParentUnknown
from gridgov.platform.bulk import ewkb
from gridgov.platform.db import bump, settle
from gridgov.platform.errors import BadInput, Conflict

TOOK_EFFECT = "areas-took-effect"
WAIT_MS = 3_000  # less than a request may wait for a lock (`platform.db.LIMITS_MS`)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class ChildrenLeft(Conflict):
    """An area would end above others that go on."""

    code = "children-left"


class CodeTaken(Conflict):
    """Another area of the level has the code at that time."""

    code = "code-taken"


@dataclass(frozen=True, slots=True)
class NextArea:
    """An area as it is to be. `ref`: its id, also of one that ended before and comes back; negative: a new area, by a
    number that stands for it here. `parent`: another's `ref`, None for the city. `geom` in EPSG:4326, kept as it is.
    """

    ref: int
    level: Level
    code: str
    names: Mapping[str, str]
    parent: int | None
    geom: Polygon | MultiPolygon
    kind: str | None = None
    population: int | None = None
    households: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redrawing:
    """What a boundary plan did. `ids`: of every `ref`; `areas_plan_id` None: everything was so already."""

    areas_plan_id: int | None
    ids: Mapping[int, int]
    added: int
    changed: int
    ended: int


def keep_boundaries(session: Session) -> None:
    """Until this transaction ends no boundary plan takes effect: for whoever writes down where something lies.

    Many hold it at once. Afterwards the revisions are to be read anew: a plan may have been waited for.
    """
    redrawing_queries.lock_shared(session)


def change_boundaries(session: Session) -> None:
    """Waits until nobody is placing anything by the boundaries in force; until this transaction ends nobody begins.

    Taken before any area is touched. It waits shortly: whoever reports meanwhile waits behind it, and would be sent
    away before a long import had ended. Then the transaction ends with `Unavailable`, to be tried again.
    """
    redrawing_queries.lock_alone(session, WAIT_MS)


def placed_at(marks: Mapping[str, int], now: datetime) -> datetime:
    """The instant by whose boundaries something is placed now: `now`, or that of the plan that took effect last.

    The latter is later for a request that began before it, or on a machine whose clock is behind.
    """
    return max(now, _BEGINNING + timedelta(microseconds=marks.get(TOOK_EFFECT, 0)))


def took_effect(session: Session, at: datetime) -> None:
    """Says that boundaries are in force from this instant on, whatever a clock shows."""
    settle(session, TOOK_EFFECT, (at - _BEGINNING) // timedelta(microseconds=1))


def redraw(
    session: Session,
    areas: Sequence[NextArea],
    *,
    ending: Iterable[int],
    lineage: Sequence[Descent],
    name: str,
    valid_from: datetime,
    basis: str | None = None,
) -> Redrawing:
    """Puts areas in force from an instant on as one boundary plan; what says the same already stays as it is.

    Raises `BoundariesMovedOn`, `ParentUnknown`, `ChildrenLeft`, `CodeTaken`, and `BadInput` for a `ref` or a code that
    comes twice.
    """
    now = {row.area_id: row for row in queries.identities_at(session, valid_from)}
    leaving = set(ending)
    _refuse_doubles(areas, leaving)
    parents = _parents(areas, leaving, now)
    digests = {one.ref: service.content_digest(_said(one, parents)) for one in areas}
    moved = [one for one in areas if not _same(one, now.get(one.ref), parents)]
    if not moved and not leaving:
        return Redrawing(None, {one.ref: one.ref for one in areas}, 0, 0, 0)
    superseded = sorted(leaving | {one.ref for one in moved if one.ref in now})
    _refuse_rewriting(session, superseded, [one.ref for one in moved], valid_from)
    _refuse_orphans(session, leaving, {one.ref for one in moved}, valid_from)
    _refuse_codes(moved, {key: row for key, row in now.items() if key not in superseded})
    content = hashlib.sha256(b"".join(digests[one.ref] for one in areas)).hexdigest()
    plan_id = queries.add_plan(session, name=name, basis=basis, digest=content, valid_from=valid_from)
    ids = _identified(session, plan_id, areas)
    if superseded:
        queries.end_versions(session, plan_id, superseded, valid_from)
    rows = (_row(one, ids, digests[one.ref]) for one in moved)
    queries.add_versions(session, plan_id, valid_from, service.city(session).srid_m, rows)
    told = [(ids.get(one.before, one.before), ids.get(one.after, one.after), one.households, one.share)
            for one in lineage]  # fmt: skip
    redrawing_queries.add_lineage(session, plan_id, told)
    bump(session, "areas")
    fresh = sum(one.ref not in now for one in moved)
    return Redrawing(plan_id, ids, fresh, len(moved) - fresh, len(leaving))


def attributes_of(session: Session, area_ids: Iterable[int], at: datetime) -> dict[int, Mapping[str, Any]]:
    """What else is said of areas in force at the instant, by id."""
    return redrawing_queries.attributes(session, list(area_ids), at)


def descents(session: Session, areas_plan_ids: Sequence[int]) -> list[tuple[int, Descent]]:
    """(boundary plan, what became of what), in the order of the plans."""
    rows = redrawing_queries.lineage(session, list(areas_plan_ids))
    return [(row.plan_id, Descent(row.from_id, row.to_id, row.households, row.share)) for row in rows]


def changed_by(session: Session, areas_plan_id: int) -> tuple[set[int], set[int]]:
    """Ids of areas of which a version began with a boundary plan, and of which one ended with it."""
    return redrawing_queries.changed_by(session, areas_plan_id)


def left_of(session: Session, areas_plan_ids: Sequence[int]) -> set[int]:
    """Those boundary plans of which something is in force still."""
    return redrawing_queries.left_of(session, list(areas_plan_ids))


def voided_codes(session: Session, level: Level, at: datetime) -> set[str]:
    """Codes of the level that areas had before the instant and none has then."""
    return redrawing_queries.voided_codes(session, str(level), at)


def _identified(session: Session, plan_id: int, areas: Sequence[NextArea]) -> dict[int, int]:
    fresh = [one for one in areas if one.ref < 0]
    made = queries.add_areas(session, plan_id, [str(one.level) for one in fresh])
    return {one.ref: one.ref for one in areas if one.ref > 0} | {
        one.ref: area_id for one, area_id in zip(fresh, made, strict=True)
    }


def _parents(areas: Sequence[NextArea], leaving: set[int], now: Mapping[int, Any]) -> dict[int, tuple[Level, str]]:
    """Level and code of every `ref` that something lies below."""
    known = {key: (Level(row.level), str(row.code)) for key, row in now.items() if key not in leaving}
    known |= {one.ref: (one.level, one.code) for one in areas}
    for one in areas:
        if one.level == Level.CITY:
            continue
        above = None if one.parent is None else known.get(one.parent)
        if above is None or TOP_DOWN.index(above[0]) >= TOP_DOWN.index(one.level):
            raise ParentUnknown(
                f"The {one.level} “{one.code}” would lie below nothing that is in force.", field="parent",
                remedy="Name one of the areas above it.",
            )  # fmt: skip
    return known


def _same(one: NextArea, row: Any, parents: Mapping[int, tuple[Level, str]]) -> bool:
    """Whether a version says this already; a parent may have gone and left its code to another. One polygon is the same
    area whether it came alone or as the only one of several, which is how it is stored."""
    if row is None or row.parent_id != one.parent:
        return False
    alone = list(one.geom.geoms) if isinstance(one.geom, MultiPolygon) else [one.geom]
    forms: list[Any] = [one.geom] if len(alone) > 1 else [alone[0], MultiPolygon(alone)]
    said = _said(one, parents)
    return bytes(row.digest) in {service.content_digest(replace(said, geom=form)) for form in forms}


def _said(one: NextArea, parents: Mapping[int, tuple[Level, str]]) -> NewArea:
    above = None if one.parent is None else parents[one.parent][1]
    return NewArea(one.level, one.code, above, one.names, one.geom, one.kind, one.population, one.households,
                   one.attributes)  # fmt: skip


def _row(one: NextArea, ids: Mapping[int, int], digest: bytes) -> tuple[Any, ...]:
    parent = None if one.parent is None else ids.get(one.parent, one.parent)
    return (ids[one.ref], str(one.level), parent, one.code, dict(one.names), one.kind, one.population, one.households,
            dict(one.attributes), digest, ewkb(one.geom))  # fmt: skip


def _refuse_doubles(areas: Sequence[NextArea], leaving: set[int]) -> None:
    refs = [one.ref for one in areas]
    codes = [(one.level, one.code) for one in areas]
    if len(set(refs)) < len(refs) or len(set(codes)) < len(codes) or leaving & set(refs):
        raise BadInput("An area or a code comes twice.", field="areas", remedy="Give each area once, with its code.")


def _refuse_rewriting(session: Session, superseded: list[int], begun: list[int], at: datetime) -> None:
    if queries.turns_at_or_after(session, superseded + [ref for ref in begun if ref > 0], at):
        raise BoundariesMovedOn(
            "Some of these areas change at that instant or later already.",
            field="valid_from",
            remedy="Give an instant after their last change.",
        )


def _refuse_orphans(session: Session, leaving: set[int], begun: set[int], at: datetime) -> None:
    left = [row for row in redrawing_queries.children(session, sorted(leaving), at)
            if row.area_id not in leaving and row.area_id not in begun]  # fmt: skip
    if left:
        raise ChildrenLeft(
            f"The {left[0].level} “{left[0].code}” lies below an area that ends.",
            field="ending",
            remedy="Give it another parent, or let it end too.",
        )


def _refuse_codes(moved: Sequence[NextArea], staying: Mapping[int, Any]) -> None:
    held = {(row.level, row.code) for row in staying.values()}
    for one in moved:
        if (str(one.level), one.code) in held:
            raise CodeTaken(
                f"Another {one.level} has the code “{one.code}”.", field="code", remedy="Give one that is free."
            )
