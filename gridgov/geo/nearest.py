"""The nearest sites of a group by straight line.

Owns: which of an agency's or a category's sites is nearest, and in what order the others follow.
Does not own: roads (`network`), tables for very many points (`candidates`), or which group serves a matter
(`gridgov.duties`).

The rule: by squared distance `dx*dx + dy*dy` in double precision, the lowest site index among equals. Everything is in
metres of one projection; the index holds one k-d tree (Bentley 1975, scipy's) a group and never changes.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from importlib import import_module
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridgov.geo.candidates import NOBODY, CandidateTable

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

# Distances closer than this (as a share) may come in either order from scipy; they are compared again by the rule.
SLACK = 1e-9


class BadSites(ValueError):
    """The arrays differ in length, or a site has no finite coordinates."""


class SiteIndex:
    """Sites at `x_m`, `y_m`, each in one group (a site of several groups is given once for each).

    `groups` holds anything hashable: an agency's code, a category's. Indices that come back are positions in the
    arrays given here. Raises BadSites.
    """

    def __init__(self, x_m: ArrayLike, y_m: ArrayLike, groups: Sequence[Hashable] | NDArray[Any]) -> None:
        self.x_m = np.ascontiguousarray(x_m, dtype=np.float64)
        self.y_m = np.ascontiguousarray(y_m, dtype=np.float64)
        if not self.x_m.shape == self.y_m.shape == (len(groups),):
            raise BadSites(f"{self.x_m.shape} eastings, {self.y_m.shape} northings, {len(groups)} groups")
        if not (np.isfinite(self.x_m).all() and np.isfinite(self.y_m).all()):
            raise BadSites("a site has no finite coordinates")
        members: dict[Hashable, list[int]] = {}
        for site, group in enumerate(groups.tolist() if isinstance(groups, np.ndarray) else groups):
            members.setdefault(group, []).append(site)
        self._members = {group: np.array(sites, dtype=np.int64) for group, sites in members.items()}
        tree = import_module("scipy.spatial").cKDTree  # read late: a tenth of a second, and many commands need none
        self._trees: dict[Hashable, Any] = {
            group: tree(np.column_stack([self.x_m[sites], self.y_m[sites]])) for group, sites in self._members.items()
        }

    def __len__(self) -> int:
        return len(self.x_m)

    def sites_of(self, group: Hashable) -> Indices:
        """The group's sites, ascending; empty for a group that has none."""
        return self._members.get(group, np.empty(0, dtype=np.int64))

    @overload
    def nearest(self, x_m: float, y_m: float, group: Hashable) -> tuple[int, float]: ...
    @overload
    def nearest(self, x_m: Floats, y_m: Floats, group: Hashable) -> tuple[Indices, Floats]: ...
    def nearest(self, x_m: Any, y_m: Any, group: Hashable) -> tuple[Any, Any]:
        """The nearest site of `group` and its distance in metres; -1 and infinity where there is none (or for NaN)."""
        sites, distance_m = self.k_nearest(x_m, y_m, group, 1)
        if np.ndim(x_m) == 0 and np.ndim(y_m) == 0:
            return int(sites[0]), float(distance_m[0])
        return sites[..., 0], distance_m[..., 0]

    def k_nearest(self, x_m: ArrayLike, y_m: ArrayLike, group: Hashable, k: int) -> tuple[Indices, Floats]:
        """The `k` nearest sites of `group`, nearest first: two arrays of the points' shape with an axis of `k` added.

        Padded with -1 and infinity where the group has fewer than `k` sites.
        """
        x, y = np.broadcast_arrays(np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64))
        points = np.column_stack([x.ravel(), y.ravel()])
        sites = np.full((len(points), k), NOBODY, dtype=np.int64)
        square = np.full((len(points), k), np.inf)
        known = np.flatnonzero(np.isfinite(points).all(axis=1))
        if group in self._trees and len(known) and k > 0:
            sites[known], square[known] = self._ranked(points[known], group, k)
        shape = (*x.shape, k)
        return sites.reshape(shape), np.sqrt(square).reshape(shape)

    def table(self, groups: Sequence[Hashable], box: tuple[float, float, float, float] | None = None) -> CandidateTable:
        """The nearest of these groups for very many points at once: by their numbers in `groups`, by the same rule.
        `box`: where most points lie, in metres."""
        return CandidateTable(self.x_m, self.y_m, [self.sites_of(group) for group in groups], box)

    def _ranked(self, points: Floats, group: Hashable, k: int) -> tuple[Indices, Floats]:
        """scipy breaks ties as it likes: one more than asked for shows where the k-th place is shared."""
        tree, members = self._trees[group], self._members[group]
        taken = min(k + 1, len(members))
        distance_m, local = tree.query(points, k=np.arange(1, taken + 1))
        sites, square = self._sorted(points, members[local])
        if taken > k:
            shared = np.flatnonzero(distance_m[:, k] <= distance_m[:, k - 1] * (1.0 + SLACK))
            for row in shared:
                ball = tree.query_ball_point(points[row], distance_m[row, k - 1] * (1.0 + SLACK))
                one, its_square = self._sorted(points[row : row + 1], members[np.array([ball])])
                sites[row, :k], square[row, :k] = one[0, :k], its_square[0, :k]
        missing = k - min(k, taken)
        pad = ((0, 0), (0, missing))
        return (
            np.pad(sites[:, :k], pad, constant_values=NOBODY),
            np.pad(square[:, :k], pad, constant_values=np.inf),
        )

    def _sorted(self, points: Floats, sites: Indices) -> tuple[Indices, Floats]:
        dx, dy = self.x_m[sites] - points[:, :1], self.y_m[sites] - points[:, 1:]
        square = dx * dx + dy * dy
        order = np.lexsort((sites, square), axis=-1)
        return np.take_along_axis(sites, order, axis=1), np.take_along_axis(square, order, axis=1)
