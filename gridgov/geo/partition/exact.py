"""Who is handed to whom as a mixed-integer program: its bound is proven, its answer the best there is.

Owns: the program, the inequalities that keep a grid in one piece, adding those that an answer breaks. Does not own what
a bound means (`bound`) nor which part of the ground is optimised (`repair`).

Variables x[u, g]: node u belongs to grid g. Every node belongs to one grid; every grid's households are within its
band; a node away from home has a neighbour in the same grid (in a connected grid that keeps a node of its own it must).
What is still in pieces is cut off by separators: a piece of g reaches the rest of g only through the nodes around it
(Wang, Buchanan and Butenko 2017, "On imposing connectivity constraints in integer programs"; Oehrlein and Haunert 2017
for districts). HiGHS solves it (Huangfu and Hall 2018), stopped by a number of nodes, never by a clock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from gridgov.geo.partition.terrain import NOWHERE, Flags, Floats, Ints, Terrain, pieces

Longs = NDArray[np.int64]
WANDERING = 0.5
"""What all nodes together would cost beside their households if all were away from home: less than one household."""


@dataclass(frozen=True)
class Answer:
    """`bound`: no division that the program allows moves fewer households (None: it allows none, proven). `part`
    int32[n]: the best division found, whether in one piece or not (None: none found); `best`: nothing is better."""

    bound: float | None
    part: Ints | None
    best: bool


class Program:
    """The program for `land`; `allowed` bool[n, k]: which node may be in which grid.

    `closing` grids end, whichever it costs least to end; grids at home nowhere are begun. Rows are added, never taken.
    """

    def __init__(self, land: Terrain, allowed: Flags, *, closing: int = 0) -> None:
        self.land, n, k = land, len(land.home), len(land.least)
        self.node, self.grid = (axis.astype(np.int64) for axis in np.nonzero(allowed))
        self.column = np.full((n, k), -1, dtype=np.int64)
        self.column[self.node, self.grid] = np.arange(len(self.node))
        self.away = (land.home[self.node] != self.grid) & (land.home[self.node] != NOWHERE)
        self.begun = ~np.isin(np.arange(k), land.home)
        self.closable = ~(land.frozen | self.begun) if closing else np.zeros(k, dtype=np.bool_)
        self.open_column = np.full(k, -1, dtype=np.int64)
        self.open_column[self.closable] = len(self.node) + np.arange(int(self.closable.sum()))
        self.width = len(self.node) + int(self.closable.sum())
        self._rows: list[Longs] = []
        self._columns: list[Longs] = []
        self._values: list[Floats] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self._every_node_in_one_grid()
        self._bands(closing)
        self._neighbours()

    def __len__(self) -> int:
        return self.width

    def add(self, columns: Longs, values: Floats, low: float, high: float) -> None:
        """low <= sum of values · columns <= high."""
        self._rows.append(np.full(len(columns), len(self._low), dtype=np.int64))
        self._columns.append(columns)
        self._values.append(values)
        self._low.append(low)
        self._high.append(high)

    def _every_node_in_one_grid(self) -> None:
        starts = np.searchsorted(self.node, np.arange(len(self.land.home) + 1))
        for u in range(len(self.land.home)):
            columns = np.arange(starts[u], starts[u + 1])
            self.add(columns, np.ones(len(columns)), 1.0, 1.0)

    def _bands(self, closing: int) -> None:
        for g in range(len(self.land.least)):
            columns = np.flatnonzero(self.grid == g)
            values = self.land.households[self.node[columns]]
            if not self.closable[g]:
                self.add(columns, values, self.land.least[g], self.land.most[g])
                continue
            whether = self.open_column[g : g + 1]
            with_it = np.concatenate([columns, whether])
            self.add(with_it, np.append(values, -self.land.least[g]), 0.0, np.inf)
            self.add(with_it, np.append(values, -self.land.most[g]), -np.inf, 0.0)
            for column in columns:
                self.add(np.array([column, whether[0]]), np.array([1.0, -1.0]), -np.inf, 0.0)
        if closing:
            columns = self.open_column[self.closable]
            self.add(columns, np.ones(len(columns)), len(columns) - closing, len(columns) - closing)

    def _neighbours(self) -> None:
        """A node away from home has a neighbour in the same grid, unless that is begun: it may be the node alone."""
        for i in np.flatnonzero((self.land.home[self.node] != self.grid) & ~self.begun[self.grid]):
            beside = self._beside(int(self.node[i]))
            columns = self.column[beside, self.grid[i]]
            columns = columns[columns >= 0]
            self.add(np.append(columns, i), np.append(-np.ones(len(columns)), 1.0), -np.inf, 0.0)

    def _beside(self, u: int) -> Ints:
        return self.land.indices[self.land.indptr[u] : self.land.indptr[u + 1]]

    def solve(self, *, nodes: int, slack: float, scale: float) -> Answer:
        """Fewest households away from home. `nodes`: HiGHS's limit of branching; it also stops once an answer
        that moves `scale` households is within `slack` of the bound: below 0.5 that proves whole households."""
        fare = np.zeros(self.width)
        fare[: len(self.node)] = np.where(self.away, self.land.households[self.node], 0.0)
        wandering = WANDERING / max(1, len(self.land.home))
        fare[: len(self.node)] += np.where(self.away, wandering, 0.0)
        shape = (len(self._low), self.width)
        places = (np.concatenate(self._rows), np.concatenate(self._columns))
        matrix = coo_matrix((np.concatenate(self._values), places), shape=shape).tocsr()
        found = milp(
            fare,
            constraints=LinearConstraint(matrix, np.array(self._low), np.array(self._high)),
            integrality=np.ones(self.width),
            bounds=Bounds(0, 1),
            options={"node_limit": nodes, "mip_rel_gap": slack / max(1.0, scale)},
        )
        if found.status == 2:
            return Answer(None, None, best=True)
        dual = found.mip_dual_bound
        bound = 0.0 if dual is None or not np.isfinite(dual) else max(0.0, np.ceil(dual - WANDERING - 1e-6))
        if found.x is None:
            return Answer(bound, None, best=False)
        part = np.full(len(self.land.home), NOWHERE, dtype=np.int32)
        taken = found.x[: len(self.node)] > 0.5
        part[self.node[taken]] = self.grid[taken]
        return Answer(bound, part, best=found.status == 0)

    def separate(self, part: Ints) -> int:
        """Adds what forbids the pieces of `part` that lie apart from the rest of their grid; how many inequalities."""
        label, added = pieces(self.land, part), 0
        for g in range(len(self.land.least)):
            mine = np.flatnonzero(part == g)
            labels = np.unique(label[mine])
            if len(labels) < 2:
                continue
            groups = [mine[label[mine] == one] for one in labels]
            own = [group[self.land.home[group] == g] for group in groups]
            weight = [self.land.households[nodes].sum() + 1e-3 * len(nodes) for nodes in own]
            main = int(np.argmax(weight))
            if self.begun[g] or not len(own[main]):
                main = int(np.argmax([self.land.households[group].sum() for group in groups]))
            for at, group in enumerate(groups):
                if at != main:
                    rooted = not self.begun[g] and not len(own[at])
                    added += self._apart(g, group, groups[main], rooted=rooted)
        return added

    def _apart(self, g: int, group: Ints, main: Ints, *, rooted: bool) -> int:
        """For each node of a piece: it is in g only with a node of the separator; where nodes of g's own are in the
        piece (not `rooted`), unless the heaviest node of the main piece is not in g. How many inequalities."""
        around = np.unique(np.concatenate([self._beside(int(u)) for u in group]))
        around = np.setdiff1d(around, group)
        start = np.flatnonzero(self.land.home == g).astype(np.int32) if rooted else main
        wall = around[self._reached(start, around)]
        columns = self.column[wall, g]
        columns = columns[columns >= 0]
        heaviest = main[np.lexsort((main, -self.land.households[main]))[0]]
        for u in group:
            ends = [self.column[u, g]] if rooted else [self.column[u, g], self.column[heaviest, g]]
            self.add(
                np.concatenate([columns, np.array(ends)]),
                np.concatenate([-np.ones(len(columns)), np.ones(len(ends))]),
                -np.inf,
                0.0 if rooted else 1.0,
            )
        return len(group)

    def _reached(self, start: Ints, around: Ints) -> Flags:
        """Which nodes of `around` a walk from `start` meets first: the others separate nothing."""
        wall, seen = set(around.tolist()), set(start.tolist())
        met = wall & seen
        waiting = [u for u in start.tolist() if u not in met]
        while waiting:
            for y in self._beside(waiting.pop()).tolist():
                if y in wall:
                    met.add(y)
                elif y not in seen:
                    seen.add(y)
                    waiting.append(y)
        return np.isin(around, list(met))
