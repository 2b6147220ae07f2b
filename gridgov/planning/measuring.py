"""What is measured and found on a sheet that is being changed, at the cost of what changed. Pure.

Owns what is given to measure with, the facts of every grid, and what is looked for. Does not own the sums (`tallies`),
shapes (`content`), definitions (`metrics`), sentences (`findings`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgov.planning import contiguity, metrics
from gridgov.planning import findings as said
from gridgov.planning.content import TILE, Content, Remembered, Shape, content, dissolved, tiles
from gridgov.planning.contiguity import Members
from gridgov.planning.corners import micro
from gridgov.planning.findings import Finding, Place
from gridgov.planning.metrics import GridFacts
from gridgov.planning.rules import NOBODY, Sheet
from gridgov.planning.state import State
from gridgov.planning.tallies import MICRO, OF_ATOMS, Longs, Sum, Tally

MM = 1000


@dataclass(frozen=True)
class Inputs:
    """What a board is measured with beside its ground; what is not given has no metric.

    `cases_month` float[n] and `open_cases` int[n] by atom; `workers` by grid (one, where it names none); `original`:
    the sheet of the same basis that moves are counted from; `service_points` Point[] in metres of the projection.
    """

    cases_month: NDArray[np.floating] | None = None
    open_cases: NDArray[np.integer] | None = None
    workers: Mapping[int, float] = field(default_factory=dict)
    original: Sheet | None = None
    service_points: NDArray[np.object_] | None = None

    @cached_property
    def digest(self) -> bytes:
        """Of what is given by atom."""
        found = hashlib.blake2b(digest_size=16)
        for values, kind in ((self.cases_month, "<f8"), (self.open_cases, "<i8")):
            found.update(b"-" if values is None else np.ascontiguousarray(values, dtype=kind).tobytes())
        points = self.service_points
        found.update(b"-" if points is None else b"".join(shapely.to_wkb(points).tolist()))
        return found.digest()


@dataclass(frozen=True, slots=True)
class _Measured:
    facts: GridFacts
    values: Mapping[str, float]
    terms: metrics.Terms


class Measure:
    """Of one state, which tells it of changes: `leave` before, `enter` after."""

    def __init__(self, state: State, inputs: Inputs, remembered: Remembered) -> None:
        self.state, self.inputs, self.remembered = state, inputs, remembered
        ground, drawing = state.ground, state.drawing
        columns = np.zeros((len(ground), OF_ATOMS), dtype=np.int64)
        columns[:, Sum.ATOMS] = 1
        columns[:, Sum.HOUSEHOLDS] = ground.graph.households
        columns[:, Sum.AREA], columns[:, Sum.PERIMETER] = drawing.area, drawing.perimeter
        if inputs.cases_month is not None:
            columns[:, Sum.CASES] = micro(inputs.cases_month)
        if inputs.open_cases is not None:
            columns[:, Sum.OPEN_CASES] = inputs.open_cases
        columns[:, Sum.DISTANCE] = _distances(state, inputs)
        self.tally = Tally(ground.graph, columns, drawing.shared, drawing.price, state.assignment)
        self._contents: dict[int, tuple[Members, tuple[Hashable, ...]]] = {}
        self._measured: dict[int, _Measured] = {}

    def leave(self, atoms: Members) -> None:
        """These atoms are about to change."""
        self.tally.take_out(atoms)

    def enter(self, atoms: Members, touched: Iterable[int]) -> None:
        """They have changed, and these grids with them."""
        drawing = self.state.drawing
        self.tally.columns[atoms, Sum.AREA] = drawing.area[atoms]
        self.tally.columns[atoms, Sum.PERIMETER] = drawing.perimeter[atoms]
        self.tally.put_in(atoms)
        for number in touched:
            self._contents.pop(number, None)
            self._measured.pop(number, None)

    def surrounded(self, open_cases: NDArray[np.integer] | None, workers: Mapping[int, float]) -> Inputs:
        """Other open cases by atom, other workers by grid: carried over to the grids that they change for."""
        held = self.inputs
        if (held.open_cases is None) != (open_cases is None):
            self._measured.clear()  # a metric comes or goes
        now = np.zeros(len(self.state.ground), dtype=np.int64) if open_cases is None else open_cases
        atoms = np.flatnonzero(self.tally.columns[:, Sum.OPEN_CASES] != now)
        changed = {*np.unique(self.state.assignment[atoms]).tolist()}
        changed |= {one for one in {*held.workers, *workers} if held.workers.get(one) != workers.get(one)}
        if len(atoms):
            self.tally.take_out(atoms)
            self.tally.columns[atoms, Sum.OPEN_CASES] = now[atoms]
            self.tally.put_in(atoms)
        for number in changed:
            self._measured.pop(number, None)
        if changed or (held.open_cases is None) != (open_cases is None):
            self.inputs = replace(held, open_cases=open_cases, workers=workers)
        return self.inputs

    # ------------------------------------------------------------------------------------------------------ of one grid

    def members(self, number: int) -> Members:
        """The atoms of a grid, ascending."""
        return self._keyed(number)[0]

    def content(self, number: int) -> Content:
        """Shape and what follows from it."""
        members, key = self._keyed(number)
        return self.remembered.get(key, lambda: content(self.state.ground, self._dissolved(members), members))

    def _dissolved(self, members: Members) -> Shape:
        shapes, basis = self.state.drawing.shapes, self.state.ground.basis_id
        if len(members) <= 4 * TILE:
            return dissolved(shapes[members])
        tile = self._tiles[members]
        order = np.argsort(tile, kind="stable")
        parts = np.split(members[order], np.flatnonzero(np.diff(tile[order])) + 1)
        tiled: NDArray[np.object_] = np.empty(len(parts), dtype=np.object_)
        tiled[:] = [
            self.remembered.get((basis, "tile", self._digest(part)), lambda part=part: dissolved(shapes[part]))  # type: ignore[misc]
            for part in parts
        ]
        return dissolved(tiled)

    @cached_property
    def _tiles(self) -> NDArray[np.int32]:
        return tiles(self.state.ground.labels)

    def _digest(self, members: Members) -> bytes:
        """Of atoms and the shapes that they have."""
        digest, drawing = hashlib.blake2b(members.astype("<i4").tobytes(), digest_size=16), self.state.drawing
        for atom in members[drawing.moved[members]].tolist():
            digest.update(drawing.marks[atom])
        return digest.digest()

    def facts(self, number: int) -> GridFacts:
        """What metrics are made of."""
        return self._measure(number).facts

    def values(self, number: int) -> Mapping[str, float]:
        """Metrics of a grid."""
        return self._measure(number).values

    def totals(self) -> dict[str, float]:
        """Metrics of the sheet, and `grids`, `unassigned_atoms`, `unassigned_households`."""
        found = metrics.of_sheet([self._measure(number).terms for number in self.state.grids])
        nobody = self.tally.of(NOBODY)
        for name, moved in zip(("households_moved", "open_cases_moved"), self._moved(NOBODY), strict=True):
            if moved is not None:
                found[name] = found.get(name, 0.0) + moved
        found["grids"] = float(len(self.state.grids))
        found["unassigned_atoms"] = float(nobody[Sum.ATOMS])
        found["unassigned_households"] = float(nobody[Sum.HOUSEHOLDS])
        return found

    def _keyed(self, number: int) -> tuple[Members, tuple[Hashable, ...]]:
        found = self._contents.get(number)
        if found is None:
            members = self.state.members(number)
            found = members, (self.state.ground.basis_id, self._digest(members))
            self._contents[number] = found
        return found

    def _measure(self, number: int) -> _Measured:
        found = self._measured.get(number)
        if found is None:
            state, inputs = self.state, self.inputs
            key = (
                *self._keyed(number)[1], state.ground.count_id, inputs.digest, state.target_of(number),
                inputs.workers.get(number, 1.0), self._moved(number),
            )  # fmt: skip
            found = self.remembered.get(key, lambda: self._make(number))
            self._measured[number] = found
        return found

    def _make(self, number: int) -> _Measured:
        sums, inputs, moved = self.tally.of(number), self.inputs, self._moved(number)
        shape = self.content(number)
        area_m2, perimeter_m = sums[Sum.AREA] / MICRO, (sums[Sum.PERIMETER] - 2 * sums[Sum.INNER]) / MICRO
        facts = GridFacts(
            target=self.state.target_of(number),
            atoms=int(sums[Sum.ATOMS]),
            households=int(sums[Sum.HOUSEHOLDS]),
            area_m2=float(area_m2),
            perimeter_m=float(perimeter_m),
            hull_m2=shape.hull_m2,
            circle_m2=shape.circle_m2,
            pieces=shape.pieces,
            holes=len(shape.holes),
            cut_m=float(sums[Sum.CUT] / MICRO),
            cut_street_m=float(sums[Sum.CUT_STREET] / MICRO),
            price_m=float(sums[Sum.PRICE] / MICRO),
            cases_month=None if inputs.cases_month is None else float(sums[Sum.CASES] / MICRO),
            workers=inputs.workers.get(number, 1.0),
            open_cases=None if inputs.open_cases is None else int(sums[Sum.OPEN_CASES]),
            households_moved=moved[0],
            open_cases_moved=moved[1],
            distance_m=None if not self._distances_given else float(sums[Sum.DISTANCE] / MM),
        )
        return _Measured(facts, metrics.of_grid(facts), metrics.terms(facts))

    @property
    def _distances_given(self) -> bool:
        return self.inputs.service_points is not None and len(self.inputs.service_points) > 0

    def _moved(self, number: int) -> tuple[int | None, int | None]:
        """Households and open cases of a grid that were in another: of another number, or that another area was."""
        original = self.inputs.original
        if original is None:
            return None, None
        members = self.members(number)
        was = original.assignment[members]
        now, then = self.state.grids.get(number), original.grids.get(number)
        same = now is not None and then is not None and now.area_id == then.area_id
        moved = members[(was != NOBODY) & ((was != number) if same else True)]
        households = int(self.state.ground.graph.households[moved].sum())
        return households, None if self.inputs.open_cases is None else int(self.inputs.open_cases[moved].sum())

    # ---------------------------------------------------------------------------------------------------- what is found

    def findings_of(self, number: int) -> list[Finding]:
        """What there is to say of one grid as it stands."""
        members = self.members(number)
        if not len(members):
            return [said.empty(number)]
        shape, facts, found = self.content(number), self.facts(number), []
        if shape.pieces > 1:
            pieces = contiguity.pieces(self.state.ground.graph, members)[1:]
            found.append(said.not_contiguous(number, [self._piece(piece) for piece in pieces]))
        found += self._holes(number, shape.holes)
        if not facts.target.holds(facts.households):
            found.append(said.off_target(number, facts.households, facts.target, self._label(members)))
        households = self.state.ground.graph.households
        for atom in members[households[members] > facts.target.most].tolist():
            at = self._place(atom)
            found.append(said.large_atom(number, atom, int(households[atom]), facts.target, at))
        return found

    def unassigned(self) -> list[Finding]:
        """Ground that belongs to no grid, piece by piece."""
        members = self.members(NOBODY)
        return [said.unassigned(*self._piece(piece)) for piece in contiguity.pieces(self.state.ground.graph, members)]

    def divided(self, groups: Iterable[str]) -> list[Finding]:
        """Those of these groups that lie in several grids."""
        found = []
        for group in sorted(groups):
            atoms = self.groups[group]
            numbers = np.unique(self.state.assignment[atoms])
            if len(numbers) > 1:
                most = max(numbers.tolist(), key=lambda one: int((self.state.assignment[atoms] == one).sum()))
                apart = atoms[self.state.assignment[atoms] != most]
                grids = tuple(one for one in numbers.tolist() if one != NOBODY)
                found.append(said.group_divided(group, grids, tuple(apart.tolist()), self._label(apart)))
        return found

    @cached_property
    def groups(self) -> dict[str, Members]:
        """The atoms of each group that is to stay together."""
        found: dict[str, list[int]] = {}
        for atom, group in enumerate(self.state.ground.groups):
            if group:
                found.setdefault(group, []).append(atom)
        return {group: np.array(atoms, dtype=np.intp) for group, atoms in found.items()}

    def special(self, grids: Iterable[int], atoms: Members) -> list[Finding]:
        """Special grids whose ground an operation has changed."""
        named = tuple(sorted(grids))
        return [said.special_touched(named, tuple(atoms.tolist()), self._label(atoms))] if named else []

    def _piece(self, atoms: Members) -> tuple[tuple[int, ...], int, Place]:
        return tuple(atoms.tolist()), int(self.state.ground.graph.households[atoms].sum()), self._label(atoms)

    def _holes(self, number: int, holes: Sequence[shapely.Polygon]) -> list[Finding]:
        if not holes:
            return []
        ground, shapes = self.state.ground, np.array(holes, dtype=object)
        which, near = ground.tree.query(shapes)
        inside = shapely.contains(shapes[which], ground.labels[near])
        which, grids = which[inside], self.state.assignment[near[inside]]
        points = shapely.get_coordinates(shapely.point_on_surface(shapes)).tolist()
        found = []
        for place, (hole, (x, y)) in enumerate(zip(holes, points, strict=True)):
            within = [one for one in np.unique(grids[which == place]).tolist() if one != NOBODY]
            found.append(said.hole(number, within, hole.area, (x, y)))
        return found

    def _label(self, atoms: Members) -> Place:
        """Where to click for several atoms: the one with most households, of equals the first."""
        return self._place(int(atoms[np.argmax(self.state.ground.graph.households[atoms])]))

    def _place(self, atom: int) -> Place:
        point = self.state.ground.labels[atom]
        return float(point.x), float(point.y)


def _distances(state: State, inputs: Inputs) -> Longs:
    """int64[n]: households times millimetres to the nearest service point, straight."""
    points = inputs.service_points
    if points is None or not len(points):
        return np.zeros(len(state.ground), dtype=np.int64)
    nearest = points[shapely.STRtree(points).nearest(state.ground.labels)]
    away = np.rint(shapely.distance(state.ground.labels, nearest) * MM).astype(np.int64)
    return away * state.ground.graph.households
