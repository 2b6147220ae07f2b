"""What whole numbers allow: into how many grids a number of households can be divided, and into how many not.

Owns: the possible numbers of grids, the gaps between them, the nearest choice, sharing grids out over pieces. Does not
own whether the ground allows what the numbers do (`solve`).

k grids of `least` to `most` households hold k·least to k·most. With 270 to 330 the totals that no k holds are 1-269,
331-539, 661-809, 991-1079 and 1321-1349; from 1,350 on there is always one. A gap is a fact to be told, not a failure:
`choose` then gives the number that misses the band by least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """Households that a grid should have (`target`) and between which it may (`least` to `most`)."""

    least: int
    most: int
    target: int

    def __post_init__(self) -> None:
        if not 0 < self.least <= self.target <= self.most:
            raise ValueError(f"a band wants 0 < least <= target <= most, not {self.least}, {self.target}, {self.most}")

    def holds(self, households: int) -> bool:
        return self.least <= households <= self.most


def possible(households: int, band: Band) -> range:
    """Every number of grids into which so many households can be divided within the band; empty in a gap."""
    return range(max(1, -(-households // band.most)), households // band.least + 1) if households > 0 else range(0)


def gaps(band: Band) -> list[tuple[int, int]]:
    """Totals of households, from - to, that no number of grids holds, but for those below one grid's least.

    Empty for a band so wide that there are none. With least == most every total but the multiples is in a gap: then
    only the first is given.
    """
    found: list[tuple[int, int]] = []
    k = 1
    while k * band.most + 1 < (k + 1) * band.least:
        found.append((k * band.most + 1, (k + 1) * band.least - 1))
        k += 1
        if band.least == band.most:
            break
    return found


def always_from(band: Band) -> int | None:
    """The total from which on there is always a number of grids; None when least == most > 1."""
    if band.least == band.most:
        return 1 if band.least == 1 else None
    k = -(-(band.least - 1) // (band.most - band.least))  # from here on k·most + 1 >= (k + 1)·least
    return max(1, k) * band.least


def missed(households: int, grids: int, band: Band) -> int:
    """Households by which `grids` grids together must miss the band, however they are drawn."""
    return max(0, grids * band.least - households, households - grids * band.most)


def choose(households: int, band: Band, *, near: int | None = None) -> int:
    """The number of grids: one that is possible, the nearest to `near` (else to households / target); in a gap the one
    that misses the band by least. At least 1."""
    wanted = near if near is not None else max(1, round(households / band.target))
    allowed = possible(households, band)
    if allowed:
        return min(max(wanted, allowed[0]), allowed[-1])
    few = max(1, households // band.most)
    return min((few, few + 1), key=lambda k: (missed(households, k, band), abs(k - wanted), k))


def share_out(totals: Sequence[int], band: Band, grids: int | None = None, *, most: Sequence[int]) -> list[int]:
    """How many grids each connected piece gets, at least 1 and at most `most[i]` (its atoms).

    Without `grids` each piece chooses for itself; with it, grids are added or taken one by one where the band is missed
    by least for it, until they sum to `grids` (or to the nearest that the pieces can hold).
    """
    share = [min(choose(total, band), top) for total, top in zip(totals, most, strict=True)]
    while grids is not None and sum(share) != grids:
        step = 1 if sum(share) < grids else -1
        able = [i for i, k in enumerate(share) if 1 <= k + step <= most[i]]
        if not able:
            break

        def price(i: int, step: int = step) -> tuple[int, float, int]:
            more = missed(totals[i], share[i] + step, band) - missed(totals[i], share[i], band)
            return more, abs(totals[i] / (share[i] + step) - band.target), i

        share[min(able, key=price)] += step
    return share
