"""A draft held against the city: its findings, what it would take from matters, and its dry run.

Owns bringing together what the pure parts need (`lint`, `ground`, `dryrun`). Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from gridgov.areas.locator import Locator
from gridgov.areas.rules import AreaFacts
from gridgov.duties import dryrun, ground, lists, queries
from gridgov.duties.dryrun import DryRun, Past
from gridgov.duties.ground import Loss, Path
from gridgov.duties.lint import AgencyFacts, City, Finding, Severity, lint
from gridgov.duties.queries import lists as list_queries
from gridgov.duties.router import Router
from gridgov.duties.routing import Book
from gridgov.duties.rules import Agency, Category, Item
from gridgov.duties.versions import facts
from gridgov.platform.db import revisions


class PastIncidents(Protocol):
    """Whoever knows what has happened."""

    def counts(self, session: Session, since: datetime, until: datetime) -> Iterable[Past]:
        """Incidents that happened from `since` on and before `until`, each once."""


@dataclass(frozen=True)
class Held:
    """One version or draft beside the other lists that are in force when it is: `before` are the lists as they are
    without it, `after` with it. Items that nobody leads yet take in no matter."""

    items: tuple[Item, ...]
    others: tuple[Item, ...]
    before: Book
    after: Book
    city: City
    areas: tuple[AreaFacts, ...]
    categories: Mapping[int, Category]

    def findings(self) -> list[Finding]:
        """What the linter says of it."""
        return lint(self.items, self.others, self.city, self._pieces())

    def losses(self) -> list[Loss]:
        """Matters that would lose whoever is responsible for them now."""
        return ground.losses(self.before, self.after, self.city.matters, self._pieces())

    def rehearse(self, session: Session, past: PastIncidents, since: datetime, until: datetime) -> DryRun:
        """What would change for the incidents of a time."""
        paths = _paths(self.areas)
        return dryrun.rehearse(past.counts(session, since, until), paths, self.categories, self.before, self.after)

    def _pieces(self) -> tuple[ground.Piece, ...]:
        return ground.cut(ground.leaves(self.areas), [*self.items, *self.before.items])


def errors(findings: list[Finding]) -> list[Finding]:
    """Those that keep a draft from being published."""
    return [one for one in findings if one.severity is Severity.ERROR]


def held(session: Session, router: Router, locator: Locator, list_id: int, *, at: datetime) -> Held:
    """A version or draft as it would hold from the instant `at`. Raises `ListUnknown`, `NoAreas`."""
    row = facts(session, list_id)
    marks = revisions(session)
    before = router.book(session, at, marks=marks)
    agencies = {one.id: one for one in queries.agencies(session)}
    known = {i: Agency(one.id, one.code, one.names, one.kind) for i, one in agencies.items()}
    items = tuple(lists.item(one, known) for one in list_queries.items_of(session, list_id))
    others = tuple(one for one in before.items if one.list_name != row.name)
    owned = [one for one in items if (one.lead.agency or one.lead.level) and not _over(one, at)]
    areas = locator.index(session, at, revision=marks.get("areas", 0)).areas
    categories = {one.id: Category(one.id, one.code, one.names) for one in queries.categories(session, "matter")}
    sites = _sites(queries.site_counts(session), {i: one.parent_id for i, one in agencies.items()})
    closed = {i for i, one in agencies.items() if one.closed_at is not None and one.closed_at <= at}
    return Held(
        items=items,
        others=others,
        before=before,
        after=Book([*owned, *others]),
        city=City(
            matters=tuple(sorted(one.code for one in categories.values())),
            agencies={i: AgencyFacts(known[i], i in closed, sites.get(i, 0)) for i in agencies},
            areas=frozenset(area.id for area in areas),
            at=at,
        ),
        areas=areas,
        categories=categories,
    )


def _over(item: Item, at: datetime) -> bool:
    return item.expires_at is not None and item.expires_at <= at


def _sites(own: Mapping[int, int], parents: Mapping[int, int | None]) -> dict[int, int]:
    """Agency id -> its sites and those of everybody below it."""
    found: dict[int, int] = {}
    for agency_id, count in own.items():
        step: int | None = agency_id
        passed: set[int] = set()
        while step is not None and step not in passed:
            passed.add(step)
            found[step] = found.get(step, 0) + count
            step = parents.get(step)
    return found


def _paths(areas: tuple[AreaFacts, ...]) -> dict[int, Path]:
    """Every area's path, city first."""
    by_id = {area.id: area for area in areas}
    return {area.id: ground.path_of(area, by_id) for area in areas}
