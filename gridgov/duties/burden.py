"""How much is placed on a sub-district or a community (减负; domain A62-A64): counts, and one index made of them. Pure.

The index is a plain weighted sum of counts, for 1,000 households where those are known:

    points = sum of weight x count over WEIGHTS
    index  = points x 1000 / households

It is never shown without its counts. It compares like with like: sub-districts with one another, communities with one
another. The weights are a convention of this platform; the sources count and do not weigh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

# Points for one of each kind. A yearly report or inspection counts once for every time that it comes.
WEIGHTS: Mapping[str, float] = {
    "items": 1.0,  # admitted items in force here
    "departments": 1.0,  # agencies whose items these are
    "appraisals": 2.0,  # registered appraisal items (考核、一票否决、责任状) in force here
    "inspecting_departments": 2.0,  # agencies that appraise or inspect
    "reports": 0.25,  # reports and records a year
    "inspections": 0.5,  # inspections and rankings a year
    "signs": 0.5,  # signs to put up
    "systems": 1.0,  # information systems to feed
}


@dataclass(frozen=True, slots=True)
class Counts:
    """What lies on one area; each name is a key of `WEIGHTS`."""

    items: int = 0
    departments: int = 0
    appraisals: int = 0
    inspecting_departments: int = 0
    reports: int = 0
    inspections: int = 0
    signs: int = 0
    systems: int = 0


def points(counts: Counts) -> float:
    """The weighted sum."""
    return round(sum((weight * asdict(counts)[name] for name, weight in WEIGHTS.items()), 0.0), 4)


def index(counts: Counts, households: int | None) -> float | None:
    """Points for 1,000 households; None where households are not known, or there are none."""
    return round(points(counts) * 1000 / households, 2) if households else None


def table() -> str:
    """The weights as a table of Markdown."""
    return "\n".join(["| count | points each |", "|---|---|", *(f"| {name} | {w:g} |" for name, w in WEIGHTS.items())])
