"""Codes of grids and of merged communities. Pure.

A grid's code is that of its community and three digits. Grids are numbered as they are read: the spread of their label
points from north to south is cut into round(sqrt(n)) bands of equal height; bands count from the north, and within a
band grids count from west to east (at one x from north to south, then by number in the sheet). So does the demo city.

A grid that goes on keeps its code. A new one takes the next number after the highest that its community ever gave;
past 999 the lowest that it never gave. A code that was voided is never given again. Where the community's code has not
twelve digits (other countries), a hyphen parts it from the number, which may then grow beyond three digits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgov.platform.errors import Conflict

COMMUNITY_DIGITS = 12
HIGHEST = 999


class CodesExhausted(Conflict):
    code = "codes-exhausted"


@dataclass(frozen=True, slots=True)
class Placed:
    """A grid that wants a code: its number in the sheet, its label point in metres, its code so far (None: new)."""

    number: int
    x: float
    y: float
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Coded:
    """`codes` by number of the grid; `voided`: codes that were given up here and must not be given again."""

    codes: dict[int, str]
    voided: frozenset[str]


def reading_order(grids: Sequence[Placed]) -> list[Placed]:
    """Rows from north to south, each from west to east; see the module."""
    if not grids:
        return []
    y = np.array([grid.y for grid in grids])
    bands = max(1, round(np.sqrt(len(grids))))
    height = max((y.max() - y.min()) / bands, 1e-9)
    row: NDArray[np.int64] = np.minimum((y.max() - y) // height, bands - 1).astype(np.int64)
    keys = ((int(row[i]), grid.x, -grid.y, grid.number, i) for i, grid in enumerate(grids))
    return [grids[key[-1]] for key in sorted(keys)]


def grid_codes(community: str, grids: Iterable[Placed], *, void: Collection[str] = ()) -> Coded:
    """A code for every grid of a community.

    `void`: codes that must not be given: voided ones, and those of areas that are none of these grids. A grid whose
    code is that of another community (two were merged) gets a new one, and the old one is voided; so does the second
    of two that bring the same code. Raises CodesExhausted where no number up to 999 is left.
    """
    asked = list(grids)
    stem = stem_of(community)
    had = {grid.code for grid in asked if grid.code is not None}
    first: dict[str, int] = {}
    for grid in asked:
        if grid.code is not None and number_of(stem, grid.code) is not None:
            first.setdefault(grid.code, grid.number)
    kept = {number: code for code, number in first.items()}
    used = {number for code in (*void, *had) if (number := number_of(stem, code)) is not None}
    bounded = is_national(community)
    codes = dict(kept)
    for grid in reading_order([grid for grid in asked if grid.number not in kept]):
        number = _next(used, bounded)
        if number is None:
            raise CodesExhausted(
                f"Community {community} has no number up to {HIGHEST} left for a grid.",
                field="code",
                remedy="Give the community a new code, or bring back grids that were voided.",
            )
        used.add(number)
        codes[grid.number] = f"{stem}{number:03d}"
    return Coded({grid.number: codes[grid.number] for grid in asked}, frozenset(had - set(codes.values())))


def community_code(parent: str, used: Collection[str]) -> str:
    """A code for a community made of others: the next number after the highest that `used` (all codes that its parent
    ever gave, voided ones too) shows.

    `parent` is the sub-district's code of nine digits, or the district's of six where that tier is absent: its
    communities then carry 000 in its place. Codes of other forms get a hyphen and three digits. Raises CodesExhausted.
    """
    stem = f"{parent}000" if parent.isdigit() and len(parent) == COMMUNITY_DIGITS - 6 else parent
    national = stem.isdigit() and len(stem) == COMMUNITY_DIGITS - 3
    stem = stem if national else f"{stem}-"
    numbers = {number for code in used if (number := number_of(stem, code)) is not None}
    number = _next(numbers, national)
    if number is None:
        raise CodesExhausted(
            f"{parent} has no number up to {HIGHEST} left for a community.",
            field="code",
            remedy="Give the community a code of your own choice.",
        )
    return f"{stem}{number:03d}"


def is_national(community: str) -> bool:
    """Whether a community's code has the national form of twelve digits."""
    return len(community) == COMMUNITY_DIGITS and community.isascii() and community.isdigit()


def stem_of(community: str) -> str:
    """What stands before the number in the codes of a community's grids."""
    return community if is_national(community) else f"{community}-"


def number_of(stem: str, code: str) -> int | None:
    """The number in a code that begins with `stem`; None where it is no such code."""
    digits = code[len(stem) :]
    exact = len(digits) == 3 or (stem.endswith("-") and len(digits) > 3 and digits[0] != "0")
    return int(digits) if code.startswith(stem) and exact and digits.isascii() and digits.isdigit() else None


def _next(used: set[int], bounded: bool) -> int | None:
    """After the highest; past 999, where numbers end there, the lowest that was never given (None: none is left)."""
    after = max(used, default=0) + 1
    if not bounded or after <= HIGHEST:
        return after
    return next((number for number in range(1, HIGHEST + 1) if number not in used), None)
