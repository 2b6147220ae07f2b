"""Who answers for each matter in each area: decided once for a pair, then looked up for very many points. Pure.

Owns that table. Does not own the rule (`routing`), nor which of an agency's sites serves (`sites`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gridgov.areas.index import AreaIndex
from gridgov.areas.rules import Located
from gridgov.duties.route import body_at
from gridgov.duties.routing import Book
from gridgov.duties.rules import Nearest

UNDECIDED, NO_SITES = -1, 0
MEASURES: tuple[Nearest, ...] = tuple(Nearest)  # a measure of m + 1 asks for the sites by MEASURES[m]

Ints = NDArray[np.int64]


class Decided:
    """Pairs of one book, one version of boundaries and some codes of matters."""

    def __init__(self, book: Book, index: AreaIndex, codes: Sequence[str], usual: Nearest) -> None:
        """`usual`: the city's measure of nearness, where an item names none."""
        self._book, self._index, self._codes, self._usual = book, index, tuple(codes), usual
        self._ids = np.array(sorted(area.id for area in index.areas), dtype=np.int64)
        pairs = len(self._codes) * len(self._ids)
        self._facts = np.zeros((pairs, 3), dtype=np.int64)
        self._measure = np.full(pairs, UNDECIDED, dtype=np.int8)
        for number, code in enumerate(self._codes):
            if not book.items_for(code):
                self._measure[number * len(self._ids) : (number + 1) * len(self._ids)] = NO_SITES

    def is_for(self, codes: Sequence[str]) -> bool:
        return self._codes == tuple(codes)

    def of(self, numbers: Ints, area_ids: Ints) -> tuple[Ints, Ints, Ints, NDArray[np.int8]]:
        """For point i with code `codes[numbers[i]]` in area `area_ids[i]`: item, agency, office's area (0: none), and
        the measure by which a site is looked for (`NO_SITES`: by none)."""
        pair = numbers * len(self._ids) + np.searchsorted(self._ids, area_ids)
        for one in np.unique(pair[self._measure[pair] == UNDECIDED]).tolist():
            self._decide(one)
        facts = self._facts[pair]
        return facts[:, 0], facts[:, 1], facts[:, 2], self._measure[pair]

    def _decide(self, pair: int) -> None:
        """Two threads that decide the same pair write the same; the measure comes last: it says that all is there."""
        number, place = divmod(pair, len(self._ids))
        path = self._index.path_of(int(self._ids[place]))
        ranked = self._book.ranked(self._codes[number], [area.id for area in path])
        measure = NO_SITES
        if ranked:
            item = ranked[0].item
            lead = body_at(item.lead, Located(path, True, 0.0, False, ()))
            self._facts[pair] = (
                item.id,
                lead.agency.id if lead.agency else 0,
                lead.area.id if lead.area else 0,
            )
            if item.served_from_sites and lead.agency:
                measure = 1 + MEASURES.index(item.nearest or self._usual)
        self._measure[pair] = measure
