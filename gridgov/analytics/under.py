"""Counts as by other boundaries: where every row lies by a plan, or by what was in force once; kept, and followed.

Owns looking rows up and looking up again only those that a change of the boundaries can have moved. Does not own the
boundaries (`areas`, `planning`) nor counting (`counting`). Reads no database.

A row keeps its area from one version of a plan to the next, if the area has kept its level, code and ground and no area
that is new or different touches it: then nothing can cover the row now that did not before (points on an edge belong to
the area with the lowest code). Rows outside every area are always looked up again; they are few.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from gridgov.analytics.store.rows import Elsewhere
from gridgov.analytics.store.view import Segment, View
from gridgov.areas.index import AreaIndex

Numbers = NDArray[np.int32]
"""Of each row: 1 + the place of its area in `AreaIndex.areas`; 0 outside every area."""
KEPT = 3  # versions of boundaries: 4 bytes a row each
THREADS = 2
AGAIN = -1


@dataclass(eq=False)
class _Version:
    index: AreaIndex
    numbers: WeakKeyDictionary[Segment, Numbers] = field(default_factory=WeakKeyDictionary)
    lock: Lock = field(default_factory=Lock)


class Relocations:
    """Where rows of incidents lie by boundaries that are not those in force. Safe among threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._versions: OrderedDict[Hashable, _Version] = OrderedDict()
        self.looked_up = 0  # rows, ever

    def index(self, key: Hashable) -> AreaIndex | None:
        """The boundaries of a key that is known already."""
        with self._lock:
            kept = self._versions.get(key)
            if kept is not None:
                self._versions.move_to_end(key)
            return None if kept is None else kept.index

    def of(self, view: View, key: Hashable, index: AreaIndex) -> Elsewhere:
        """Where each row of a view of incidents lies by `index`. `key` names the version: the same key, the same
        boundaries. Costs the rows that the version kept last does not tell."""
        version, before = self._version(key, index)
        with version.lock:
            kept = None if before is None else carried(before.index, index)
            for one in view.segments:
                if one not in version.numbers:
                    then = None if before is None else before.numbers.get(one)
                    version.numbers[one] = self._found(one, index, then, kept)
            return {one: version.numbers[one] for one in view.segments}

    def _version(self, key: Hashable, index: AreaIndex) -> tuple[_Version, _Version | None]:
        """The version of a key, and the newest other one that rows can be carried over from."""
        with self._lock:
            others = [one for name, one in reversed(self._versions.items()) if name != key and len(one.numbers)]
            version = self._versions.setdefault(key, _Version(index))
            self._versions.move_to_end(key)
            while len(self._versions) > KEPT:
                self._versions.popitem(last=False)
        return version, others[0] if others else None

    def _found(self, segment: Segment, index: AreaIndex, then: Numbers | None, kept: Numbers | None) -> Numbers:
        lon, lat = (np.asarray(segment.columns[name]) for name in ("lon", "lat"))
        if then is None or kept is None:
            self.looked_up += len(segment)
            return _look_up(index, lon, lat)
        found: Numbers = kept[then]
        again = np.flatnonzero(found == AGAIN)
        self.looked_up += len(again)
        found[again] = _look_up(index, lon[again], lat[again])
        return found


def _look_up(index: AreaIndex, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Numbers:
    return (index.inside_many(lon, lat, threads=THREADS) + 1).astype(np.int32)


def carried(before: AreaIndex, after: AreaIndex) -> Numbers:
    """Number by `before` -> number by `after`; −1: to be looked up again."""
    place = {area.id: i for i, area in enumerate(after.areas)}
    found = np.full(len(before) + 1, AGAIN, np.int32)
    fresh = set(range(len(after)))
    for i, area in enumerate(before.areas):
        now = place.get(area.id)
        if now is not None and _same(before, after, i, now):
            found[i + 1] = now + 1
            fresh.discard(now)
    if not fresh:
        if (found[1:] != AGAIN).all():
            found[0] = 0
        return found
    tree = STRtree([after.shapes[i] for i in sorted(fresh)])
    stay = np.flatnonzero(found[1:] != AGAIN)
    touched, _ = tree.query(np.asarray(before.shapes, dtype=object)[stay], predicate="intersects")
    found[stay[np.unique(touched)] + 1] = AGAIN
    return found


def _same(before: AreaIndex, after: AreaIndex, i: int, j: int) -> bool:
    one, other = before.areas[i], after.areas[j]
    if (one.level, one.code) != (other.level, other.code):
        return False
    return before.shapes[i] is after.shapes[j] or bool(shapely.equals_identical(before.shapes[i], after.shapes[j]))
