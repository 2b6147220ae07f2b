"""Names that were meant: a suggestion when a name is not known.

Owns the wording of "did you mean". Does not own any list of names.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST_LISTED = 30


def closest(name: str, known: Iterable[str], lead: str = "Known are") -> str:
    """A remedy for an unknown name: "Did you mean 'WARD'? It has: WARD, NAME, …." """
    names = list(known)
    by_lower = {candidate.lower(): candidate for candidate in names}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    hint = f"Did you mean {by_lower[near[0]]!r}? " if near else ""
    listed = ", ".join(names[:_MOST_LISTED]) + (", …" if len(names) > _MOST_LISTED else "")
    return f"{hint}{lead}: {listed}."
