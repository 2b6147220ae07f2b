"""A file taken into a part of a plan: what it would change, and that as one sheet.

Owns the preview, and what keeps a file from being taken. Does not own reading it (`held`), what it means (`incoming`),
nor drawing (`planning.editing`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from gridgov.areas import service as areas
from gridgov.areas.rules import Level
from gridgov.geo.crs import Projection
from gridgov.interop.files.faults import Fault
from gridgov.interop.files.place import Box
from gridgov.interop.plans.incoming import Incoming, Landed, landed
from gridgov.planning.compare import Comparison, Fate, Side, compare
from gridgov.planning.drawn import Drawn, stacked_ground
from gridgov.planning.foreign import Checked, Finding, check
from gridgov.planning.rules import NOBODY
from gridgov.platform.errors import BadInput, Conflict

MOST_AREAS = 1_000_000


class RowsAtFault(BadInput):
    """Rows that cannot be used; a sheet without them is drawn only when asked for."""

    code = "rows-at-fault"


class LockedGround(Conflict):
    """The file would change grids that are locked."""

    code = "grid-locked"


class NothingHere(BadInput):
    """Nothing of the file lies in this community."""

    code = "not-in-this-community"


@dataclass(frozen=True)
class Preview:
    """What a file would make of one community. `redrawn`: grids that go on under another name, code, kind or target;
    `locked`: numbers of locked grids whose ground it would change."""

    drawn: Drawn
    found: Landed
    comparison: Comparison
    findings: tuple[Finding, ...]
    faults: tuple[tuple[int, Fault], ...]
    redrawn: tuple[int, ...]
    locked: tuple[int, ...]

    @property
    def unchanged(self) -> bool:
        return self.found.sheet.digest() == self.drawn.sheet.digest()

    def grids(self, fate: Fate) -> int:
        return self.comparison.fates()[fate]

    def households_unassigned(self) -> int:
        return int(self.drawn.ground.households[self.found.unassigned].sum())

    def check(self, *, leave_bad_rows: bool) -> None:
        """Raises what keeps the file from being taken: `RowsAtFault`, `LockedGround`, `NothingHere`."""
        if self.faults and not leave_bad_rows:
            raise _at_fault(self.faults)
        if not (self.found.sheet.assignment != NOBODY).any():
            raise NothingHere(
                f"Nothing of the file lies in community {self.drawn.community}. 文件中没有属于该社区的网格。",
                field="file",
                remedy="Check the file, its coordinate system (`crs`, `datum`), and the community.",
            )
        if self.locked:
            named = ", ".join(map(str, self.locked[:20]))
            raise LockedGround(
                f"The file changes the ground of locked grids: {named}. 文件会改变已锁定的网格。",
                field="file",
                remedy="Unlock them first, or send a file that leaves them as they are. 请先解锁。",
            )


def previewed(session: Session, incoming: Incoming, onto: Drawn, *, now: datetime) -> Preview:
    """What a file would make of a part; nothing is kept."""
    known = {row.id for row in areas.list_areas(session, at=now, level=Level.GRID, limit=MOST_AREAS)}
    known |= {draft.area_id for draft in onto.sheet.grids.values() if draft.area_id is not None}
    findings: tuple[Finding, ...] = ()
    shapes: Sequence[Any] = ()
    if incoming.spatial:
        near = _near(incoming, onto)
        checked = _checked(session, incoming, onto, near, now)
        findings, usable = checked.findings, iter(checked.shapes_m)
        shapes = [next(usable) if at in near else None for at in range(len(incoming.grids))]
    found = landed(incoming, onto, shapes, known)
    return _preview(onto, found, findings, (*incoming.faults, *found.faults))


def _preview(onto: Drawn, found: Landed, findings: tuple[Finding, ...], faults: Any) -> Preview:
    before, after = onto.sheet, found.sheet
    differs = np.flatnonzero(before.assignment != after.assignment)
    touched = set(before.assignment[differs].tolist()) | set(after.assignment[differs].tolist())
    return Preview(
        drawn=onto,
        found=found,
        comparison=compare(Side(onto.ground, before), Side(onto.ground, after)),
        findings=findings,
        faults=tuple(sorted(faults, key=lambda one: one[0])),
        redrawn=tuple(sorted(n for n, one in after.grids.items() if n in before.grids and before.grids[n] != one)),
        locked=tuple(sorted(n for n, one in before.grids.items() if one.locked and n in touched)),
    )


def _near(incoming: Incoming, onto: Drawn) -> dict[int, None]:
    """Places of the grids that concern this community, in order: they say so, or say nothing and lie in it, or say
    nothing and have no shape that can be placed."""
    outline = onto.ground.projection.geometry_deg(onto.ground.outline)
    shapely.prepare(outline)
    found: dict[int, None] = {}
    for at, (one, ground) in enumerate(zip(incoming.grids, incoming.shapes, strict=True)):
        mine = one.community == onto.community
        if ground is None:
            near = (mine or one.community is None) and not incoming.whole
        else:
            near = mine or outline.intersects(ground)
        if near:
            found[at] = None
    return found


def _checked(session: Session, incoming: Incoming, onto: Drawn, near: Collection[int], now: datetime) -> Checked:
    """The grids near this community held against it and its neighbours."""
    ground = onto.ground
    mine = [one for at, one in enumerate(incoming.foreign()) if at in near]
    bounds = shapely.total_bounds([one.shape for one in mine if one.shape is not None] or [ground.outline])
    communities = [(onto.community, ground.projection.geometry_deg(ground.outline))]
    if np.isfinite(bounds).all():
        box = (float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3]))
        others = communities_in_force(session, now=now, box=box)
        communities += [(code, shape) for code, shape in others if code != onto.community]
    return check(mine, communities, ground.projection, stacked_m=stacked_ground(ground), gaps_in={onto.community})


def communities_in_force(
    session: Session, *, now: datetime, codes: Collection[str] = (), box: Box | None = None
) -> list[tuple[str, BaseGeometry]]:
    """(code, shape in EPSG:4326) of the communities in force: those of some codes, in a box, or all."""
    rows = areas.list_areas(session, at=now, level=Level.COMMUNITY, bbox=box, geometry=True, limit=MOST_AREAS)
    return [(row.code, shape(row.geometry)) for row in rows if not codes or row.code in codes]


def checked_against(
    incoming: Incoming, communities: Sequence[tuple[str, BaseGeometry]], projection: Projection
) -> Checked:
    """A foreign plan held against communities, of no plan of ours. Raises `NothingUsable` for a table of atoms."""
    if not incoming.spatial:
        raise BadInput(
            "A table of atoms has no shapes to check.", field="file", remedy="Send polygons, or import it into a plan."
        )
    return check(incoming.foreign(), communities, projection)


def _at_fault(faults: Sequence[tuple[int, Fault]]) -> RowsAtFault:
    shown = "; ".join(
        f"row {row}, {fault.column or 'the row'}: {fault.reason['en']}{f' (“{fault.value}”)' if fault.value else ''}"
        for row, fault in faults[:10]
    )
    more = f" … and {len(faults) - 10} more" if len(faults) > 10 else ""
    rows = len({row for row, _fault in faults})
    return RowsAtFault(
        f"{rows} rows cannot be used: {shown}{more}.",
        field="file",
        remedy="Correct them, or send leave_bad_rows=true; the preview names them all.",
    )
