"""Who is responsible for a matter at a point: the routing tables of this process, kept fresh, and the reasoned answer.

Owns the cache of items, agencies and sites for each span between two turns of the lists. Freshness comes from
`platform_revision`, read in the caller's own transaction. Does not own the rules of choice (`routing`, `sites`).
"""

from __future__ import annotations

import difflib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.areas import layers
from gridgov.areas import service as areas
from gridgov.areas.index import AreaIndex, BulkLocated
from gridgov.areas.locator import Locator
from gridgov.areas.rules import Located
from gridgov.duties import lists, queries
from gridgov.duties.decided import MEASURES, NO_SITES, Decided
from gridgov.duties.queries import lists as list_queries
from gridgov.duties.route import (
    ORPHAN_REASON,
    Outcome,
    Reason,
    Route,
    SiteDistance,
    body_at,
    item_reason,
    lead_reason,
    next_of,
    place_reason,
    site_reason,
)
from gridgov.duties.routing import Book, Ranked, match
from gridgov.duties.rules import Agency, Category, Nearest, Site
from gridgov.duties.serving import Drawn, Served, draw
from gridgov.duties.sites import SiteTable
from gridgov.geo.crs import Projection
from gridgov.geo.network import RoadNetwork
from gridgov.platform.db import revisions
from gridgov.platform.errors import NotFound

KEPT_TURNS = 4
SHOWN_NEXT = 3
Ints = NDArray[np.int64]


class CategoryUnknown(NotFound):
    """The city's catalogue has no matter of this code."""

    code = "category-unknown"


@dataclass(frozen=True)
class BulkRoutes:
    """Answers for n points as database ids; 0 = none."""

    category_id: Ints
    agency_id: Ints
    lead_area_id: Ints
    site_id: Ints
    item_id: Ints


@dataclass(frozen=True)
class _Tables:
    """The items in force between two turns of the lists, and the city's measure of nearness."""

    book: Book
    nearest: Nearest
    _decided: WeakKeyDictionary[AreaIndex, Decided] = field(default_factory=WeakKeyDictionary)

    def decided(self, index: AreaIndex, codes: Sequence[str]) -> Decided:
        """Who answers for these matters in each area, kept for the codes that were asked for last."""
        kept = self._decided.get(index)
        if kept is None or not kept.is_for(codes):
            kept = self._decided[index] = Decided(self.book, index, codes, self.nearest)
        return kept


class Router:
    """Routes by the lists in force; one for all threads of a process."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator
        self._lock = Lock()
        self._marks: tuple[int, int] = (-1, -1)
        self._turns: list[datetime] = []
        self._tables: OrderedDict[int, _Tables] = OrderedDict()
        self._categories: dict[str, Category] = {}
        self._agencies: dict[int, Agency] = {}
        self._nearest = Nearest.ROAD
        self._sites: SiteTable | None = None
        self._network: tuple[int, RoadNetwork | None] = (-1, None)
        self._drawn = Drawn()

    def warm(self, session: Session) -> None:
        """Builds everything now instead of at the first question."""
        self._fresh(session, revisions(session))
        self._at(session, None)

    def category(self, session: Session, code: str, *, marks: Mapping[str, int] | None = None) -> Category:
        """The matter of this code. Raises `CategoryUnknown` with the codes that look alike."""
        self._fresh(session, marks or revisions(session))
        found = self._categories.get(code)
        if found is None:
            alike = difflib.get_close_matches(code, self._categories, n=3)
            raise CategoryUnknown(
                f"The city has no matter “{code}”.",
                field="category",
                remedy=f"Did you mean {', '.join(alike)}?"
                if alike
                else "List them with /api/v1/categories?kind=matter.",
            )
        return found

    def category_ids(self, session: Session, pattern: str) -> list[int]:
        """Ids of the matters that a code, or a prefix ending in `*`, takes in. Raises `CategoryUnknown` for a code."""
        if not pattern.endswith("*"):
            return [self.category(session, pattern).id]
        self._fresh(session, revisions(session))
        return [one.id for code, one in self._categories.items() if match(pattern, code) is not None]

    def route(
        self,
        session: Session,
        category: str,
        lon: float,
        lat: float,
        *,
        at: datetime | None = None,
        accuracy_m: float = 0.0,
        marks: Mapping[str, int] | None = None,
    ) -> Route:
        """Who is responsible for the matter at the point (EPSG:4326) at the instant, with every reason.

        `at` None: by the newest boundaries and lists, also when they have yet to take effect. Nobody is an answer of
        its own (`Outcome.ORPHAN`). Raises `CategoryUnknown`, `NoAreas`.
        """
        marks = marks or revisions(session)
        matter = self.category(session, category, marks=marks)
        index = self._locator.index(session, at, revision=marks.get("areas", 0))
        located = index.locate(lon, lat, accuracy_m=accuracy_m)
        tables = self._at(session, at)
        ranked = tables.book.ranked(category, [area.id for area in located.path])
        if not ranked:
            reasons = (place_reason(located), ORPHAN_REASON)
            return Route(matter, located, Outcome.ORPHAN, None, (), None, None, None, (), (), reasons)
        return self._answer(matter, located, ranked, tables, index, lon, lat)

    def ranked(
        self,
        session: Session,
        category: str,
        path_ids: Sequence[int],
        *,
        at: datetime | None = None,
        marks: Mapping[str, int] | None = None,
    ) -> list[Ranked]:
        """Every item that answers for the matter on a path of area ids (city first) at the instant, best first; empty
        where nobody does. `at` as in `route`. Raises `CategoryUnknown`.
        """
        self.category(session, category, marks=marks)
        return self._at(session, at).book.ranked(category, path_ids)

    def ways(self, route: Route, lon: float, lat: float) -> list[BaseGeometry | None]:
        """The way by road from the point to each site that a route considered, in degrees; None where none leads."""
        return self._sites.ways(route.sites, lon, lat) if self._sites is not None else []

    def grounds(
        self,
        session: Session,
        category: str,
        *,
        at: datetime | None = None,
        by: Nearest | None = None,
        marks: Mapping[str, int] | None = None,
    ) -> Callable[[], tuple[Served, ...]]:
        """What draws which ground each site serves for the matter at the instant, where a list has sites serve it.
        `by`: this measure instead of that of the lists. Raises `CategoryUnknown`, `NoAreas`.

        To be called when the transaction is over: it asks the database nothing and may take seconds. Worked out once
        for each state of boundaries, lists and sites, and kept while it is asked for.
        """
        marks = marks or revisions(session)
        self.category(session, category, marks=marks)
        index = self._locator.index(session, at, revision=marks.get("areas", 0))
        tables, sites = self._at(session, at), self._sites
        assert sites is not None
        key = (category, by, index.in_force_from, self.span(at) if at else -1, *sorted(marks.items()))
        decided = Decided(tables.book, index, [category], tables.nearest)
        return lambda: self._drawn.of(key, lambda: draw(decided, index, sites, by))

    def book(self, session: Session, at: datetime | None, *, marks: Mapping[str, int] | None = None) -> Book:
        """The items of every list in force at the instant."""
        self._fresh(session, marks or revisions(session))
        return self._at(session, at).book

    def route_many(
        self,
        session: Session,
        categories: Sequence[str],
        bulk: BulkLocated,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        *,
        at: datetime | None = None,
    ) -> BulkRoutes:
        """The same choice for n points at one instant: each (category, area) is decided once, sites in bulk."""
        codes = sorted(set(categories))
        number = {code: place for place, code in enumerate(codes)}
        numbers = np.array([number[code] for code in categories], dtype=np.int64)
        return self.route_numbered(session, codes, numbers, bulk, lon, lat, at=at)

    def route_numbered(
        self,
        session: Session,
        codes: Sequence[str],
        numbers: Ints,
        bulk: BulkLocated,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        *,
        at: datetime | None = None,
    ) -> BulkRoutes:
        """The same, the category of point i being `codes[numbers[i]]`: for very many points of few categories."""
        marks = revisions(session)
        known = np.array([self.category(session, code, marks=marks).id for code in codes], dtype=np.int64)
        index = self._locator.index(session, at, revision=marks.get("areas", 0))
        table = self._at(session, at).decided(index, codes)
        item_id, agency_id, lead_area_id, measure = table.of(numbers, bulk.area_id)
        out = BulkRoutes(known[numbers], agency_id, lead_area_id, np.zeros(len(numbers), dtype=np.int64), item_id)
        assert self._sites is not None
        ids = np.array([0, *(site.id for site in self._sites.sites)], dtype=np.int64)
        among = np.flatnonzero(measure != NO_SITES)
        asked = agency_id[among] * (len(MEASURES) + 1) + measure[among]
        for one in np.unique(asked).tolist():
            agency, how = divmod(one, len(MEASURES) + 1)
            some = among[asked == one]
            found = self._sites.nearest_many(agency, lon[some], lat[some], MEASURES[how - 1])
            out.site_id[some] = ids[found + 1]
        return out

    def _answer(
        self,
        matter: Category,
        located: Located,
        ranked: list[Ranked],
        tables: _Tables,
        index: AreaIndex,
        lon: float,
        lat: float,
    ) -> Route:
        chosen = ranked[0]
        item = chosen.item
        area = index.get(item.area_id) if item.area_id is not None else None
        lead = body_at(item.lead, located)
        supporting = tuple(body_at(body, located) for body in item.supporting)
        nearest = item.nearest or tables.nearest
        sites: tuple[SiteDistance, ...] = ()
        if item.served_from_sites and lead.agency is not None and self._sites is not None:
            sites = self._sites.consider(lead.agency.id, lon, lat, nearest)
        reasons: list[Reason | None] = [
            place_reason(located),
            item_reason(chosen, area),
            lead_reason(item, lead, supporting),
        ]
        reasons.append(site_reason(sites, nearest))
        return Route(
            category=matter,
            located=located,
            outcome=Outcome.ROUTED,
            lead=lead,
            supporting=supporting,
            item=item,
            item_area=area,
            match=chosen.match,
            sites=sites,
            next=tuple(next_of(other, chosen, located) for other in ranked[1 : 1 + SHOWN_NEXT]),
            reasons=tuple(reason for reason in reasons if reason is not None),
        )

    def _fresh(self, session: Session, marks: Mapping[str, int]) -> None:
        """Rebuilds what a newer revision made stale."""
        wanted = (marks.get("duties", 0), marks.get("layers", 0))
        with self._lock:
            if wanted == self._marks:
                return
            city = areas.city(session)
            projection = Projection(city.srid_m)
            if wanted[1] != self._network[0]:
                self._network = (wanted[1], _network(session, projection))
            agencies = {row.id: row for row in queries.agencies(session)}
            self._agencies = {i: Agency(row.id, row.code, row.names, row.kind) for i, row in agencies.items()}
            self._categories = {
                row.code: Category(row.id, row.code, row.names) for row in queries.categories(session, "matter")
            }
            parents = {i: row.parent_id for i, row in agencies.items()}
            self._sites = _site_table(queries.sites(session), parents, projection, self._network[1])
            self._nearest = Nearest(city.nearest)
            self._turns = sorted(turn for turn in list_queries.list_turning_points(session) if turn is not None)
            self._tables.clear()
            self._marks = wanted

    def span(self, at: datetime) -> int:
        """Which span between two turns of the lists holds the instant, as of the last question."""
        with self._lock:
            return self._span(at)

    def _span(self, at: datetime | None) -> int:
        return len(self._turns) if at is None else bisect_right(self._turns, at)

    def _at(self, session: Session, at: datetime | None) -> _Tables:
        """The tables of the span between two turns that holds the instant."""
        with self._lock:
            span = self._span(at)
            if span not in self._tables:
                moment = "-infinity" if span == 0 else self._turns[span - 1].isoformat()
                items = [lists.item(row, self._agencies) for row in list_queries.items_at(session, moment)]
                self._tables[span] = _Tables(Book(items), self._nearest)
                while len(self._tables) > KEPT_TURNS:
                    self._tables.popitem(last=False)
            return self._tables[span]


def _network(session: Session, projection: Projection) -> RoadNetwork | None:
    lines = layers.street_lines(session)
    return RoadNetwork.build([projection.geometry(line) for line in lines]) if lines else None


def _site_table(
    rows: Sequence[Row[Any]], parents: Mapping[int, int | None], projection: Projection, network: RoadNetwork | None
) -> SiteTable:
    owned = [row for row in rows if row.agency_id is not None]
    sites = [Site(row.id, row.agency_id, row.names, row.address, row.lon, row.lat) for row in owned]
    service_areas = [None if row.service_area is None else shapely.from_wkb(bytes(row.service_area)) for row in owned]
    groups = [_line_of(row.agency_id, parents) for row in owned]
    return SiteTable(sites, service_areas, groups, projection, network)


def _line_of(agency_id: int, parents: Mapping[int, int | None]) -> tuple[int, ...]:
    """The agency and everybody above it."""
    line: list[int] = []
    step: int | None = agency_id
    while step is not None and step not in line:
        line.append(step)
        step = parents.get(step)
    return tuple(line)
