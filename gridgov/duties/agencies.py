"""The tree of agencies in memory: who stands under whom, and who is stationed where.

Owns the cache, kept fresh by the revision of duties. A stationed unit answers to its line and to the sub-district in
which it sits (条块结合).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock

from sqlalchemy.orm import Session

from gridgov.duties import queries


class AgencyTree:
    """Safe for many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._revision = -1
        self._below: dict[int, tuple[int, ...]] = {}
        self._stationed: dict[int, tuple[int, ...]] = {}
        self._parent: dict[int, int | None] = {}
        self._named: dict[int, Mapping[str, str]] = {}
        self._codes: dict[int, str] = {}

    def named(self, session: Session, *, revision: int) -> Mapping[int, Mapping[str, str]]:
        """The names of every agency, by its id."""
        self._fresh(session, revision)
        return self._named

    def codes(self, session: Session, *, revision: int) -> Mapping[int, str]:
        """The code of every agency, by its id."""
        self._fresh(session, revision)
        return self._codes

    def above(self, session: Session, agency_id: int, *, revision: int) -> tuple[int, ...]:
        """The agency and every one above it, from below; nothing for one that is not there any more."""
        self._fresh(session, revision)
        line: list[int] = []
        step: int | None = agency_id
        while step is not None and step in self._parent and step not in line:
            line.append(step)
            step = self._parent[step]
        return tuple(line)

    def under(self, session: Session, agency_id: int, *, revision: int) -> tuple[int, ...]:
        """The agency and every one below it; nothing for one that is not there any more."""
        return self._fresh(session, revision)[0].get(agency_id, ())

    def stationed_at(self, session: Session, *, revision: int) -> Mapping[int, tuple[int, ...]]:
        """Area -> the units that are stationed in it, without those below them."""
        return self._fresh(session, revision)[1]

    def stationed_in(self, session: Session, area_ids: Iterable[int], *, revision: int) -> tuple[int, ...]:
        """Units that are stationed in these areas, with those below them."""
        below, stationed = self._fresh(session, revision)
        units = {unit for area in area_ids for unit in stationed.get(area, ())}
        return tuple(sorted({one for unit in units for one in below[unit]}))

    def _fresh(self, session: Session, revision: int) -> tuple[dict[int, tuple[int, ...]], dict[int, tuple[int, ...]]]:
        with self._lock:
            if revision != self._revision:
                rows = queries.agency_lines(session)
                children: dict[int, list[int]] = {}
                stationed: dict[int, list[int]] = {}
                for row in rows:
                    if row.parent_id is not None:
                        children.setdefault(row.parent_id, []).append(row.id)
                    if row.stationed_id is not None:
                        stationed.setdefault(row.stationed_id, []).append(row.id)
                self._parent = {row.id: row.parent_id for row in rows}
                self._below = {row.id: _closure(row.id, children) for row in rows}
                self._stationed = {area: tuple(units) for area, units in stationed.items()}
                agencies = queries.agencies(session)
                self._named = {one.id: one.names for one in agencies}
                self._codes = {one.id: one.code for one in agencies}
                self._revision = revision
            return self._below, self._stationed


def _closure(top: int, children: dict[int, list[int]]) -> tuple[int, ...]:
    """The node and all below it; a circle, which nothing should make, ends where it began."""
    found, waiting = {top}, [top]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return tuple(sorted(found))
