"""Which site each junction reaches first, found once: the nearest site by road for point after point.

Owns that table of one network and some of its sites. Does not own the rule (`network`), nor the search (`shortest`).
It is made anew when roads or sites change. The sites are those of `RoadNetwork.nearest_sites`, to the last tie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridgov.geo.shortest import choose_labelled, label_nodes

if TYPE_CHECKING:
    from gridgov.geo.network import RoadNetwork, RoadSites

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

SLACK_M = 1e-6  # nearer than this, two road distances are compared by the search itself
NOWHERE, TOO_CLOSE = -1, -2


class Reach:
    """Every junction learns its two nearest sites in one search from all; a point then compares those of its edge's
    two ends. Where that is too close to call the point is searched for on its own."""

    def __init__(self, network: RoadNetwork, sites: RoadSites, among: ArrayLike | None = None) -> None:
        """`among`: indices of the sites that count; all by default."""
        self._network, self._sites = network, sites
        self.among = np.arange(len(sites)) if among is None else np.unique(np.asarray(among, dtype=np.int64))
        spots = np.stack([sites.x_m[self.among], sites.y_m[self.among]])
        _, lowest = np.unique(spots, axis=1, return_index=True)
        self._distinct = np.zeros(len(sites), dtype=np.bool_)
        self._distinct[self.among[lowest]] = True  # of sites on one spot the lowest always wins
        self._labels = label_nodes(network.graph, sites.placed, self._distinct)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the table holds."""
        return sum(one.nbytes for one in self._labels)

    def nearest(self, x_m: ArrayLike, y_m: ArrayLike, max_snap_m: float) -> tuple[Indices, Floats]:
        """For each point the first site by the rule, and its road distance (NaN where no road leads to any); the
        distance to within `SLACK_M` of the search's, whose sums are made in another order."""
        x, y = np.atleast_1d(np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64))
        best, best_m = np.full(len(x), NOWHERE, dtype=np.int64), np.full(len(x), np.nan)
        if not len(self.among):
            return best, best_m
        start = self._network.snap(x, y, max_snap_m)
        points = start.edge, start.along_m, start.away_m
        choose_labelled(
            self._network.graph, self._sites.placed, self._distinct, points, self._labels, SLACK_M, best, best_m
        )
        close = np.flatnonzero(best == TOO_CLOSE)
        if len(close):
            best[close], best_m[close] = self._network.nearest_sites(
                x[close], y[close], self._sites, among=self.among, max_snap_m=max_snap_m
            )
        for row in np.flatnonzero((best < 0) & np.isfinite(x) & np.isfinite(y)):  # no road leads from there
            dx, dy = self._sites.x_m[self.among] - x[row], self._sites.y_m[self.among] - y[row]
            best[row] = self.among[np.argmin(np.hypot(dx, dy))]
        return best, best_m
