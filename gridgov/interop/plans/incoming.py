"""The sheet that a file means, on the ground of a community.

Owns which rows are the same grid, which atoms are theirs, which identity each keeps, and every fault of a row. Does not
own reading the file (`held`), what is wrong with shapes (`planning.foreign`) nor the operation (`planning.editing`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.interop.files.faults import Fault, RowFault
from gridgov.interop.files.source import Kind as FileKind
from gridgov.interop.plans.columns import CORNER, DRAFT, MOST_KEY, AtomsUnnamed, Said, cells, corner, headings, said
from gridgov.interop.plans.held import HeldFile
from gridgov.interop.rows import Row
from gridgov.interop.spreadsheet import unguarded
from gridgov.planning.drawn import Drawn, grid_shapes
from gridgov.planning.foreign import ForeignGrid
from gridgov.planning.ground import Ground
from gridgov.planning.lineage import lineage
from gridgov.planning.rules import NOBODY, AtomKind, GridDraft, Sheet, sheet_of
from gridgov.planning.settling import CutAtom, settle
from gridgov.platform.errors import BadInput

SAME_SHARE = 1e-4
"""A polygon that differs by less than this of its area from what gridgov wrote has not been redrawn."""


class NothingUsable(BadInput):
    """No row of the file says anything of a grid."""

    code = "plan-empty"


@dataclass(frozen=True)
class Incoming:
    """The rows of a file as grids, and where it is a table of atoms, whose each is: (row, community or "", key, number
    in the basis, place in `grids` or None, households). `columns`: name -> heading. `whole`: everything of a grid is
    said."""

    grids: tuple[Said, ...]
    shapes: tuple[Any, ...]
    atoms: tuple[tuple[int, str, str | None, int | None, int | None, int | None], ...]
    corners: tuple[tuple[int, str, tuple[int, int], tuple[int, int]], ...]
    columns: Mapping[str, str]
    faults: tuple[tuple[int, Fault], ...]
    spatial: bool
    document: Mapping[str, Any] | None

    @property
    def whole(self) -> bool:
        return all(name in self.columns for name in DRAFT)

    def foreign(self) -> list[ForeignGrid]:
        """The grids as `planning.foreign` checks them, place by place."""
        return [
            ForeignGrid(one.row, one.code or "", next(iter(one.names.values()), "") or one.label, shape)
            for one, shape in zip(self.grids, self.shapes, strict=True)
        ]


@dataclass(frozen=True)
class Landed:
    """The sheet of one community that a file means. `unassigned`: atoms without a grid, ascending. `faults`: rows that
    were left out. `counted`: households in the file, for as many atoms as it says so, against those of the count."""

    sheet: Sheet
    cut: tuple[CutAtom, ...]
    faults: tuple[tuple[int, Fault], ...]
    counted: tuple[int, int, int] | None

    @property
    def unassigned(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.sheet.assignment == NOBODY)


def understood(file: HeldFile, wanted: Mapping[str, str]) -> Incoming:
    """The rows of a file. `wanted`: name of a column -> heading, where the sender says so. Raises ColumnMissing."""
    columns = headings(file.columns, wanted)
    table = file.kind is FileKind.CSV and not file.spatial
    if table and (("atom" not in columns and "basis_no" not in columns) or not {"number", "code"} & set(columns)):
        raise AtomsUnnamed(
            "A table without shapes needs a column of atoms and one of their grids.",
            field="columns",
            remedy="Name them atom 地块 (or basis_no) and grid 网格, or say which they are.",
        )
    rows = [_plain(row) for row in file.rows] if file.kind is FileKind.CSV else list(file.rows)
    reading = _Reading(columns, list(file.faults))
    for row in rows:
        reading.take(row, table=table)
    if not reading.grids and not reading.atoms:
        raise NothingUsable("No row of the file can be used.", field="file", remedy="Its faults say why.")
    return Incoming(
        tuple(reading.grids), tuple(reading.shapes), tuple(reading.atoms), tuple(reading.corners), columns,
        tuple(reading.faults), not table, file.document,
    )  # fmt: skip


def _plain(row: Row) -> Row:
    values = {name: unguarded(value) if isinstance(value, str) else value for name, value in row.values.items()}
    return replace(row, values=values)


class _Reading:
    """Rows one after the other, every fault of them told."""

    def __init__(self, columns: Mapping[str, str], faults: list[tuple[int, Fault]]) -> None:
        self._columns = columns
        self.faults = faults
        self.grids: list[Said] = []
        self.shapes: list[Any] = []
        self.atoms: list[tuple[int, str, str | None, int | None, int | None, int | None]] = []
        self.corners: list[tuple[int, str, tuple[int, int], tuple[int, int]]] = []
        self._seen: dict[tuple[str, str], int] = {}
        self._atom_row: dict[tuple[str, str | int], tuple[int, int | None]] = {}

    def take(self, row: Row, *, table: bool) -> None:
        try:
            if table and (moved := row.text(self._columns.get(CORNER, CORNER))) is not None:
                found = corner(moved, CORNER)
                self.corners.append((row.number, row.text(self._columns.get("community")) or "", *found))
                return
            told = said(row, self._columns)
            if table:
                self._atom(row, told)
            else:
                self._polygon(row, told)
        except RowFault as problem:
            self.faults.append((row.number, problem.fault))

    def _polygon(self, row: Row, told: Said) -> None:
        self.grids.append(told)
        self.shapes.append(row.shape)

    def _atom(self, row: Row, told: Said) -> None:
        get = self._columns.get
        key, no = row.text(get("atom"), most=MOST_KEY), row.count(get("basis_no"))
        households = row.count(get("households"))
        grid = self._grid(told)
        if key is None and no is None:
            if grid is None:
                raise RowFault("value-missing", get("atom") or get("basis_no") or "atom")
            return
        community = told.community or ""
        name: str | int = key if key is not None else no if no is not None else ""
        other = self._atom_row.setdefault((community, name), (row.number, grid))
        if other[0] != row.number:
            if other[1] != grid:
                raise RowFault("atom-doubled", get("atom") or get("basis_no") or "", name, atom=name, other=other[0])
            return
        self.atoms.append((row.number, community, key, no, grid, households))

    def _grid(self, told: Said) -> int | None:
        if not told.label:
            return None
        at = self._seen.get((told.community or "", told.label))
        if at is None:
            self._seen[told.community or "", told.label] = at = len(self.grids)
            self.grids.append(told)
            self.shapes.append(None)
        elif self.grids[at].content() != told.content():
            heading = self._columns.get("number") or self._columns.get("code") or ""
            raise RowFault("grid-disagrees", heading, told.label, grid=told.label, other=self.grids[at].row)
        return at


# ----------------------------------------------------------------------------------------------- onto one community


def landed(incoming: Incoming, onto: Drawn, shapes_m: Sequence[Any], known_areas: Collection[int]) -> Landed:
    """The sheet that a file means for one community. `shapes_m`: the usable shapes of its grids in metres, None where
    there is none; `known_areas`: areas that a grid may go on as."""
    landing = _Landing(incoming, onto, known_areas)
    if incoming.spatial:
        return landing.by_shape(shapes_m)
    return landing.by_atom()


class _Landing:
    """One community's share of a file."""

    def __init__(self, incoming: Incoming, onto: Drawn, known_areas: Collection[int]) -> None:
        self._in, self._onto, self._known = incoming, onto, known_areas
        self.faults: list[tuple[int, Fault]] = []
        self._areas: dict[int, int] = {}
        self._mine = [at for at, one in enumerate(incoming.grids) if one.community in (None, onto.community)]

    # ------------------------------------------------------------------------------------------------ a table of atoms

    def by_atom(self) -> Landed:
        ground, mine = self._onto.ground, set(self._mine)
        place = np.full(len(ground), NOBODY, dtype=np.int32)
        told = counted = 0
        rows = [one for one in self._in.atoms if one[1] in ("", self._onto.community)]
        for row, _community, key, no, grid, households in rows:
            atom = self._atom(row, key, no)
            if atom is None or (grid is not None and grid not in mine):
                continue
            place[atom] = NOBODY if grid is None else grid
            if households is not None:
                told, counted = told + 1, counted + households
        sums = (told, counted, int(ground.households.sum())) if told else None
        kept = [at for at in self._mine if self._in.whole or (place == at).any()]
        sheet = self._sheet(place, kept)
        corners = {
            before: after for _row, where, before, after in self._in.corners if where in ("", self._onto.community)
        }
        return Landed(replace(sheet, corners=self._corners(corners)), (), tuple(self.faults), sums)

    def _atom(self, row: int, key: str | None, no: int | None) -> int | None:
        ground, get = self._onto.ground, self._in.columns.get
        if key is not None:
            found = ground.number_of.get(key)
            if found is None:
                self.faults.append((row, Fault("atom-unknown", get("atom", ""), key)))
            return found
        if no is not None and no < len(ground):
            return no
        self.faults.append((row, Fault("atom-unknown", get("basis_no", ""), str(no))))
        return None

    # -------------------------------------------------------------------------------------------------------- polygons

    def by_shape(self, shapes_m: Sequence[Any]) -> Landed:
        ground = self._onto.ground
        written = self._written(shapes_m)
        if written is not None:
            return Landed(self._told(written), (), tuple(self.faults), None)
        touching = self._touching(shapes_m)
        settled = settle(ground, [shapes_m[at] for at in touching], touching)
        place = self._stacked(settled.assignment, shapes_m)
        kept = [at for at in touching if (place == at).any()]
        sheet = self._sheet(place, kept)
        return Landed(sheet, _renumbered(settled.cut, place, sheet), tuple(self.faults), None)

    def _touching(self, shapes_m: Sequence[Any]) -> list[int]:
        held = [at for at in range(len(self._in.grids)) if at < len(shapes_m) and shapes_m[at] is not None]
        outline = self._onto.ground.outline
        shapely.prepare(outline)
        return [at for at in held if outline.intersects(shapes_m[at])]

    def _written(self, shapes_m: Sequence[Any]) -> Sheet | None:
        """The sheet that gridgov wrote into the file, where every polygon is still as it wrote it."""
        sheet = self._document()
        if sheet is None or not self._in.whole:
            return None
        rows = {self._in.grids[at].number: at for at in self._mine}
        if set(rows) != set(sheet.grids) or len(rows) != len(self._mine):
            return None
        for number, expected in grid_shapes(self._onto.ground, sheet).items():
            found = shapes_m[rows[number]]
            if found is None and expected.is_empty:
                continue
            if found is None or shapely.symmetric_difference(found, expected).area > SAME_SHARE * expected.area:
                return None
        return sheet

    def _document(self) -> Sheet | None:
        """What gridgov wrote beside the rows, as far as it is one of this ground."""
        try:
            told = (self._in.document or {})["sheets"][self._onto.community]
            numbers = [int(told["atoms"][key]) for key in self._onto.ground.keys]
            sheet = sheet_of(np.asarray(numbers, dtype=np.int32), told)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            return None
        if set(numbers) - set(sheet.grids) - {NOBODY}:
            return None
        return replace(sheet, corners=self._corners(sheet.corners))

    def _told(self, sheet: Sheet) -> Sheet:
        """Its ground as it was written, its grids as the rows now say."""
        grids: dict[int, GridDraft] = {}
        for at in self._mine:
            one = self._in.grids[at]
            number = one.number if one.number is not None else 0
            said_now = one.draft(number, None, self._in.columns)
            was = sheet.grids[number]
            grids[number] = was if _same(was, said_now) else self._known_only(one, said_now)
        return replace(sheet, grids=grids)

    def _stacked(self, place: NDArray[np.int32], shapes_m: Sequence[Any]) -> NDArray[np.int32]:
        """Parts of buildings lie one above another; polygons cannot tell which is whose, the file's own list can."""
        sheet = self._document()
        if sheet is None:
            return place
        rows = {self._in.grids[at].number: at for at in self._mine}
        settled = place.copy()
        for atom, kind in enumerate(self._onto.ground.kinds):
            at = rows.get(int(sheet.assignment[atom])) if kind == AtomKind.UNIT else None
            if at is not None and shapes_m[at] is not None and shapes_m[at].intersects(self._onto.ground.labels[atom]):
                settled[atom] = at
        return settled

    # ----------------------------------------------------------------------------------------------------- the grids

    def _sheet(self, place: NDArray[np.int32], kept: Sequence[int]) -> Sheet:
        """Places of rows -> numbers of grids: the file's own where it says everything; else an identity goes on by its
        code, and then to where most of its households are."""
        numbers = self._own(kept) if self._in.whole else self._matched(place, kept)
        before = self._onto.sheet.grids
        grids: dict[int, GridDraft] = {}
        for at in kept:
            one, number = self._in.grids[at], numbers[at]
            was = None if self._in.whole else before.get(number)
            grids[number] = self._known_only(one, one.draft(number, was, self._in.columns))
        table = np.full(len(self._in.grids) + 1, NOBODY, dtype=np.int32)
        for at in kept:
            table[at] = numbers[at]
        return Sheet(table[place], grids)

    def _own(self, kept: Sequence[int]) -> dict[int, int]:
        taken: dict[int, int] = {}
        free = max((one.number or 0 for one in self._in.grids), default=0) + 1
        for at in kept:
            one = self._in.grids[at]
            number = one.number
            if number is None or number in taken:
                if number is not None:
                    facts = {"code": number, "other": self._in.grids[taken[number]].row}
                    self.faults.append(
                        (one.row, Fault("code-repeated", self._in.columns["number"], str(number), facts))
                    )
                number, free = free, free + 1
            taken[number] = at
        return {at: number for number, at in taken.items()}

    def _matched(self, place: NDArray[np.int32], kept: Sequence[int]) -> dict[int, int]:
        ground, before = self._onto.ground, self._onto.sheet
        by_code = {draft.code: number for number, draft in before.grids.items() if draft.code}
        fixed: dict[int, int] = {}
        for at in kept:
            number = by_code.get(self._in.grids[at].code or "")
            if number is not None and number not in fixed.values():
                fixed[at] = number
        codes = {number: draft.code or "" for number, draft in before.grids.items()}
        descent = lineage(
            before.assignment, place, households=ground.households, area_m2=ground.graph.area_m2, codes=codes,
            fixed=fixed,
        )  # fmt: skip
        free = max((0, *before.grids)) + 1
        numbers: dict[int, int] = {}
        for at in kept:
            if at in descent.goes_on:
                numbers[at] = descent.goes_on[at]
            else:
                numbers[at], free = free, free + 1
        return numbers

    def _known_only(self, one: Said, draft: GridDraft) -> GridDraft:
        if draft.area_id is None:
            return draft
        column = self._in.columns.get("area_id", "area_id")
        other = self._areas.setdefault(draft.area_id, one.row)
        if draft.area_id in self._known and other == one.row:
            return draft
        fault = Fault("area-unknown", column, str(draft.area_id))
        if other != one.row:  # an identity goes on as one grid
            fault = Fault("code-repeated", column, str(draft.area_id), {"code": draft.area_id, "other": other})
        self.faults.append((one.row, fault))
        return replace(draft, area_id=None)

    def _corners(self, corners: Mapping[tuple[int, int], tuple[int, int]]) -> dict[tuple[int, int], tuple[int, int]]:
        """Those that are corners of this ground."""
        if not corners:
            return {}
        there = corners_of(self._onto.ground)
        return {before: after for before, after in corners.items() if before in there}


def corners_of(ground: Ground) -> set[tuple[int, int]]:
    """(x, y) in centimetres of every corner of the ground."""
    points = np.rint(shapely.get_coordinates(ground.shapes) * 100.0).astype(np.int64)
    return set(map(tuple, np.unique(points, axis=0).tolist()))


def _renumbered(cut: Sequence[CutAtom], place: NDArray[np.int32], sheet: Sheet) -> tuple[CutAtom, ...]:
    """The sides of cut atoms by the numbers of the sheet; a grid that came away without an atom is none of them."""
    numbers = dict(zip(place.tolist(), sheet.assignment.tolist(), strict=True))
    return tuple(
        replace(one, sides=tuple(replace(side, number=int(numbers.get(side.number, NOBODY))) for side in one.sides))
        for one in cut
    )


def _same(was: GridDraft, now: GridDraft) -> bool:
    """Whether a row says what gridgov wrote; a table may hold a long text only in part, and no other languages."""
    told, held = cells(now), cells(was)
    for name in DRAFT:
        said_now, said_then = told.get(name), held.get(name)
        if said_now == said_then:
            continue
        cut = isinstance(said_now, str) and isinstance(said_then, str) and said_then.startswith(said_now)
        if not (cut and len(str(said_now).encode()) > 250):
            return False
    return True
