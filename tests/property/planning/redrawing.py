"""A planner at random: operations, refusals and undoing on a board, and what must hold after each of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import shapely

from gridgov.areas.rules import Kind
from gridgov.geo.atoms.forms import Buildings, Streets
from gridgov.geo.atoms.households import of_buildings
from gridgov.geo.atoms.make import make
from gridgov.planning.board import Applied, Board, Inputs
from gridgov.planning.ground import Ground
from gridgov.planning.operations import (
    Assign,
    ChangeKind,
    ChangeTarget,
    Corner,
    Lock,
    Merge,
    MoveCorner,
    MoveEdge,
    Operation,
    Rename,
    Restore,
    Slide,
    Split,
    operation_of,
)
from gridgov.planning.rules import NOBODY, Sheet, Target
from gridgov.platform.errors import GridgovError
from tests.property.geo.atoms.test_tiling import houses, lines, star
from tests.unit.geo.atoms.quarter import PROJECTION, deg
from tests.unit.planning.grounds import bands, ground, of_atoms

TARGET = Target(150, 0.2)
SHARES = {
    "assign": 30, "split": 8, "merge": 6, "slide": 12, "move_corner": 22, "move_edge": 8, "lock": 6, "rename": 3,
    "kind": 3, "target": 4,
}  # fmt: skip


def inputs_for(on: Ground, sheet: Sheet, rng: np.random.Generator) -> Inputs:
    """Cases, workers, a sheet to compare with and service points, so that every metric has a value."""
    west, south, east, north = on.outline.bounds
    return Inputs(
        cases_month=rng.exponential(0.7, len(on)),
        open_cases=rng.poisson(0.5, len(on)),
        workers={number: float(rng.choice([0.5, 1.0, 2.0])) for number in sheet.grids},
        original=sheet,
        service_points=np.asarray(shapely.points(rng.uniform(west, east, 3), rng.uniform(south, north, 3))),
    )


@dataclass
class Planner:
    """Draws at random on a board, keeps what takes each step back, and checks."""

    board: Board
    rng: np.random.Generator
    every: int = 25
    done: list[tuple[Restore, bytes]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def on(cls, seed: int, *, board: type[Board] = Board, every: int = 25) -> Planner:
        rng = np.random.default_rng(seed)
        groups = {int(atom): f"g{atom // 3}" for atom in rng.integers(0, 40, 6)}
        on = ground(
            int(rng.integers(9, 15)), int(rng.integers(7, 12)), seed=seed, joined=float(rng.uniform(0, 0.3)),
            groups=groups,
        )  # fmt: skip
        sheet = bands(on, int(rng.integers(3, 12)))
        return cls(board(on, sheet, TARGET, inputs=inputs_for(on, sheet, rng)), rng, every)

    @classmethod
    def on_atoms(cls, seed: int, *, every: int = 25) -> Planner:
        """On atoms made of streets and houses at random, border and all."""
        rng = np.random.default_rng(seed)
        side = float(rng.uniform(300, 900))
        stock, streets = houses(rng, side), lines(rng, side)
        counts = rng.integers(0, 40, len(stock)) * (1 + 20 * (rng.random(len(stock)) < 0.03)).astype(int)
        made = make(
            deg(star(rng, side)), Streets.plain([deg(one) for one in streets]),
            Buildings.plain([deg(one) for one in stock], counts), PROJECTION,
        )  # fmt: skip
        drawn = np.array([PROJECTION.geometry(deg(one)) for one in streets], dtype=object)
        on = of_atoms(made.atoms, of_buildings(made, counts), drawn)
        sheet = bands(on, min(len(on), int(rng.integers(2, 8))))
        return cls(Board(on, sheet, TARGET, inputs=inputs_for(on, sheet, rng)), rng, every)

    # ------------------------------------------------------------------------------------------------- what is checked

    def step(self, number: int) -> None:
        """One operation, or the last one undone; checked."""
        before = self.board.sheet
        if self.done and self.rng.random() < 0.12:
            inverse, digest = self.done.pop()
            self.board.apply(inverse)
            assert self.board.sheet.digest() == digest, "undoing one step"
            self.counts["undo"] += 1
            return
        operation = self.operation()
        operation = operation_of(operation.kind, operation.document())
        digest = before.digest()
        applied = self._applied(operation)
        if applied is None:
            assert self.board.sheet.digest() == digest, "refused, and yet something changed"
            self.counts[f"refused {operation.kind}"] += 1
            return
        self.counts[operation.kind] += 1
        self.done.append((applied.inverse, digest))
        self._changed_only(before, applied.touched)
        self.holds()
        if number % self.every == 0:
            self.measured_anew()
            self.tiles()

    def _applied(self, operation: Operation) -> Applied | None:
        refused = None
        try:
            return self.board.apply(operation)
        except GridgovError as error:
            refused = error
        assert refused.field, refused
        assert refused.remedy, refused
        return None

    def _changed_only(self, before: Sheet, touched: frozenset[int]) -> None:
        after = self.board.sheet
        moved = before.assignment != after.assignment
        grids = {
            number for number in {*before.grids, *after.grids} if before.grids.get(number) != after.grids.get(number)
        }
        ground = set(before.assignment[moved].tolist()) | set(after.assignment[moved].tolist())
        assert grids | ground <= touched, "touched and not said"

    def holds(self) -> None:
        """Every atom in a grid that there is, or in none; no grid without an atom; every household counted once."""
        sheet, households = self.board.sheet, self.board.ground.households
        numbers = set(np.unique(sheet.assignment).tolist())
        assert numbers - {NOBODY} == set(sheet.grids)
        totals = self.board.totals()
        assert totals.get("households", 0.0) + totals["unassigned_households"] == households.sum(), "households lost"

    def measured_anew(self) -> None:
        """What was kept up is what comes out from nothing."""
        board = self.board
        anew = Board(board.ground, board.sheet, board.target, inputs=board.inputs)
        for number in board.sheet.grids:
            assert board.metrics(number) == anew.metrics(number), f"metrics of grid {number}"
        assert board.totals() == anew.totals(), "totals"
        assert board.findings() == anew.findings(), "findings"

    def tiles(self) -> None:
        """The atoms, the grids and what belongs to none tile the community: no gap, no overlap."""
        board = self.board
        assert shapely.coverage_is_valid(board.atom_shapes()), "atoms overlap or leave gaps"
        rest = [board.atom_shapes()[atom] for atom in board.members(NOBODY)]
        shapes = np.array([*board.shapes().values(), *rest], dtype=object)
        assert shapely.coverage_is_valid(shapes), "grids overlap or leave gaps"
        outline = board.ground.outline
        assert abs(shapely.area(shapes).sum() - outline.area) < 1e-6 * outline.area, "ground lost or won"
        together = shapely.coverage_union_all(list(shapes))
        assert shapely.equals(shapely.normalize(together), outline), "the community's border moved"

    def undo_all(self) -> None:
        """Back to the byte, step by step; and forth again, and back."""
        forth: list[tuple[Restore, bytes]] = []
        for inverse, digest in reversed(self.done):
            now = self.board.sheet.digest()
            forth.append((self.board.apply(inverse).inverse, now))
            assert self.board.sheet.digest() == digest, "undoing everything"
        back = []
        for again, digest in reversed(forth):
            back.append(self.board.apply(again).inverse)
            assert self.board.sheet.digest() == digest, "doing everything again"
        for inverse in reversed(back):
            self.board.apply(inverse)
        self.measured_anew()
        self.tiles()
        if self.done:
            assert self.board.sheet.digest() == self.done[0][1]

    # ---------------------------------------------------------------------------------------------- what may be done

    def operation(self) -> Operation:
        """One at random, as it could be sent; some cannot be done."""
        kinds = list(SHARES)
        share = np.array([SHARES[kind] for kind in kinds]) / sum(SHARES.values())
        operation: Operation = getattr(self, f"_{self.rng.choice(kinds, p=share)}")()
        return operation

    def _grid(self) -> int:
        grids = sorted(self.board.sheet.grids)
        return int(self.rng.choice(grids)) if grids and self.rng.random() > 0.03 else 9999

    def _atoms(self) -> tuple[int, ...]:
        """An atom at random and some of those around it."""
        graph = self.board.ground.graph
        found = [int(self.rng.integers(len(graph)))]
        for _ in range(int(self.rng.integers(0, 6))):
            atom = found[int(self.rng.integers(len(found)))]
            around = graph.indices[graph.indptr[atom] : graph.indptr[atom + 1]]
            found.append(int(self.rng.choice(around)))
        return tuple(found)

    def _assign(self) -> Assign:
        choice = self.rng.random()
        number = None if choice < 0.08 else NOBODY if choice < 0.16 else self._grid()
        return Assign(self._atoms(), number)

    def _split(self) -> Split:
        west, south, east, north = self.board.ground.outline.bounds
        points = self.rng.uniform((west - 20, south - 20), (east + 20, north + 20), (int(self.rng.integers(2, 5)), 2))
        return Split(self._grid(), tuple((float(x), float(y)) for x, y in points))

    def _pair(self) -> tuple[int, int]:
        """Two grids, neighbours for the most part."""
        graph, assignment = self.board.ground.graph, self.board.sheet.assignment
        cut = np.flatnonzero(assignment[graph.source] != assignment[graph.indices])
        if not len(cut) or self.rng.random() < 0.1:
            return self._grid(), self._grid()
        edge = self.rng.choice(cut)
        one, other = int(assignment[graph.source[edge]]), int(assignment[graph.indices[edge]])
        return (one, other) if NOBODY not in (one, other) else (self._grid(), self._grid())

    def _merge(self) -> Merge:
        return Merge(self._pair())

    def _slide(self) -> Slide:
        how = self.rng.random()
        if how < 0.4:
            return Slide(self._pair())
        if how < 0.8:
            return Slide(self._pair(), households=int(self.rng.integers(0, 60)))
        if not len(self.board.ground.streets):
            return Slide(self._pair())
        street = self.board.ground.streets[int(self.rng.integers(len(self.board.ground.streets)))]
        return Slide(self._pair(), street=tuple((float(x), float(y)) for x, y in street.coords))

    def _corner(self) -> Corner:
        points = shapely.get_coordinates(self.board.atom_shapes()[int(self.rng.integers(len(self.board.ground)))])
        x, y = points[int(self.rng.integers(len(points)))]
        return round(x * 100), round(y * 100)

    def _move_corner(self) -> MoveCorner:
        corner = self._corner()
        reach = int(self.rng.choice([100, 600, 2500]))
        east, north = (int(one) for one in self.rng.integers(-reach, reach, 2))
        return MoveCorner(corner, (corner[0] + east, corner[1] + north))

    def _move_edge(self) -> MoveEdge:
        shape = shapely.get_parts(self.board.atom_shapes()[int(self.rng.integers(len(self.board.ground)))])[0]
        points = shapely.get_coordinates(shape.exterior)
        start = int(self.rng.integers(len(points) - 1))
        run = points[start : start + int(self.rng.integers(2, 4))]
        east, north = (int(one) for one in self.rng.integers(-500, 500, 2))
        return MoveEdge(tuple((round(x * 100), round(y * 100)) for x, y in run), (east, north))

    def _lock(self) -> Lock:
        return Lock((self._grid(),), locked=bool(self.rng.random() < 0.25))

    def _rename(self) -> Rename:
        return Rename(self._grid(), {"zh": f"网格{int(self.rng.integers(1000))}"})

    def _kind(self) -> ChangeKind:
        return ChangeKind(self._grid(), Kind(self.rng.choice(list(Kind))))

    def _target(self) -> ChangeTarget:
        target = None if self.rng.random() < 0.5 else Target(int(self.rng.integers(50, 400)), 0.1)
        return ChangeTarget(self._grid(), target)
