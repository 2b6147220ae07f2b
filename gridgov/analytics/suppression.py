"""Counts that may be published: small ones hidden, and others with them so that no small one can be computed. Pure.

Owns what is hidden in a tree of sums, and over which periods counts are public. Does not own the counting (`service`)
nor what was published (`releases`).

A count below the threshold is not shown (threshold rule; OECD Glossary of Statistical Terms: “some agencies require at
least five respondents in a cell”). A sum that is shown would tell a single hidden part of it, so more parts are hidden
(complementary suppression; Hundepool et al., Statistical Disclosure Control, 2012) until for every shown sum that has
hidden parts

    two or more of its parts are hidden, and
    what can be computed, the sum of its hidden leaves, reaches the threshold itself;

and until every hidden sum has a hidden part. Nought is hidden like any small count: were it shown, a hidden count
would be known to be at least one, and three hidden counts with the sum of three would be told.

This program can be read, so what it would not have done tells something too. Therefore which part is hidden with
another is drawn, and beforehand any part may be hidden by chance: then every set that keeps the rules may come out, for
whatever counts, and who sees one learns from it no more than the sums say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from gridgov.analytics.period import BadPeriod, Period, local_day, midnight

BY_CHANCE = 1 / 32  # of the parts that need not be hidden: more costs more, less leaves more to be guessed
REMEDY = "Ask for one calendar month that has ended, such as from=2026-03-01&to=2026-04-01."
Draw = Callable[[tuple[str, int]], float]


def published(
    parents: Mapping[int, int | None], own: Mapping[int, int], least: int, draw: Draw
) -> dict[int, int | None]:
    """The count of every node of a tree as it may be shown; None where it is hidden.

    `parents`: node -> its parent, None for a root. `own`: what lies at a node and in none of its children, for leaves
    their count; missing means 0. `least`: counts below it are not shown, at least 2. `draw`: for each node a number
    from 0 up to 1 that nobody else knows, the same each time. Of the same counts nothing else may be published: no
    other cut of them, and nothing by other draws.
    """
    if least < 2:
        raise ValueError("a threshold below 2 hides nothing")
    tree = _Tree(parents, own, draw)
    hidden = {part for part, total in tree.totals.items() if total < least}
    hidden |= {part for part in tree.optional if tree.drawn[part] < BY_CHANCE}
    settled = False
    while not settled:
        settled = True
        for node in tree.inner:
            more = tree.next_hidden(node, hidden, least)
            if more is not None:
                hidden.add(more)
                settled = False
    return {node: None if ("node", node) in hidden else tree.totals["node", node] for node in parents}


_Part = tuple[str, int]  # ("node", id), or ("rest", id): what lies at an inner node and in none of its children


class _Tree:
    """Nodes with their totals; what lies at an inner node alone is a leaf of its own."""

    def __init__(self, parents: Mapping[int, int | None], own: Mapping[int, int], draw: Draw) -> None:
        self.children: dict[_Part, list[_Part]] = {("node", node): [] for node in parents}
        for node, parent in parents.items():
            if parent is not None:
                self.children["node", parent].append(("node", node))
        for node, n in own.items():
            if n and self.children["node", node]:
                self.children["rest", node] = []
                self.children["node", node].append(("rest", node))
        self.roots: list[_Part] = [("node", node) for node, parent in parents.items() if parent is None]
        order = list(self.roots)
        for part in order:
            order.extend(self.children[part])
        self.totals: dict[_Part, int] = {}
        for part in reversed(order):
            below = self.children[part]
            self.totals[part] = sum(self.totals[child] for child in below) if below else own.get(part[1], 0)
        self.inner = [part for part in order if self.children[part]]
        self.drawn = {part: draw(part) for part in order}
        # An only part is its sum again: hiding it alone would hide nothing.
        self.optional = [child for part in self.inner if len(self.children[part]) > 1 for child in self.children[part]]

    def next_hidden(self, node: _Part, hidden: set[_Part], least: int) -> _Part | None:
        """What must be hidden next on account of a sum; None when it tells nothing."""
        below = [child for child in self.children[node] if child in hidden]
        if node in hidden:
            return None if below else self._drawn_first(self.children[node])
        if not below:
            return None
        if len(below) == 1:
            return self._drawn_first([child for child in self.children[node] if child not in hidden])
        if sum(self.totals[leaf] for leaf in self._hidden_leaves(node, hidden)) >= least:
            return None
        return self._drawn_first(list(self._edge(node, hidden)))

    def _hidden_leaves(self, node: _Part, hidden: set[_Part]) -> Iterator[_Part]:
        """Hidden leaves below a node that are reached by hidden nodes alone: their sum can be computed."""
        for child in self.children[node]:
            if child in hidden and self.children[child]:
                yield from self._hidden_leaves(child, hidden)
            elif child in hidden:
                yield child

    def _edge(self, node: _Part, hidden: set[_Part]) -> Iterator[_Part]:
        """Shown nodes next to those: hiding one of them makes the sum larger."""
        for child in self.children[node]:
            if child not in hidden:
                yield child
            else:
                yield from self._edge(child, hidden)

    def _drawn_first(self, parts: list[_Part]) -> _Part | None:
        """Not the smallest: that would tell that the others are larger."""
        return min(parts, key=lambda part: (self.drawn[part], part), default=None)


def public_month(period: Period, zone: ZoneInfo, now: datetime) -> Period:
    """The period, if it is one calendar month of the city that has ended. Raises `BadPeriod`.

    Any other cut would let two answers be subtracted: a month and a day less is that day.
    """
    if period.begin is None or period.end is None:
        raise BadPeriod("Public counts need a beginning and an end.", field="from", remedy=REMEDY)
    first = local_day(period.begin, zone)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1, day=1)
    if first.day != 1 or period.begin != midnight(first, zone) or period.end != midnight(after, zone):
        raise BadPeriod("Public counts are those of one whole calendar month.", field="from", remedy=REMEDY)
    if period.end > now:
        raise BadPeriod("This month has not ended.", field="to", remedy=REMEDY)
    return period
