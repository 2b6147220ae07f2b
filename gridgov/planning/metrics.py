"""The registry of metrics: what is measured of a grid and of a community's sheet, each in a version, with its source.

Owns names, definitions, versions and how each is worked out from the facts of a grid. Does not own these facts
(`tallies`, `content`). A metric whose input is missing (no cases given, no boundary inside the community) has no value;
it is left out, never nought. When a definition changes, so does its version. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gridgov.planning.rules import Target


@dataclass(frozen=True, slots=True)
class GridFacts:
    """What metrics of one grid are made of. Metres, square metres; cases a month; None: was not given."""

    target: Target
    atoms: int
    households: int
    area_m2: float
    perimeter_m: float
    hull_m2: float
    circle_m2: float
    pieces: int
    holes: int
    cut_m: float
    cut_street_m: float
    price_m: float
    cases_month: float | None
    workers: float
    open_cases: int | None
    households_moved: int | None
    open_cases_moved: int | None
    distance_m: float | None
    """Sum over households of the way to the nearest service point."""


Of = Callable[[GridFacts], float | None]


@dataclass(frozen=True, slots=True)
class Metric:
    """`of` a grid. Of a sheet: the sum over its grids of `above`, divided by that of `below` where there is one; a grid
    for which either has no value is left out. `source`: where the definition comes from.
    """

    name: str
    version: int
    unit: str
    zh: str
    en: str
    definition: str
    whole_is: str
    source: str
    of: Of
    above: Of
    below: Of | None = None


def _over(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below


def _deviation(grid: GridFacts) -> float:
    return (grid.households - grid.target.households) / grid.target.households


def _polsby_popper(grid: GridFacts) -> float | None:
    return _over(4 * math.pi * grid.area_m2, grid.perimeter_m**2)


def _in_band(grid: GridFacts) -> float:
    return float(grid.target.holds(grid.households))


def _reock(grid: GridFacts) -> float | None:
    return _over(grid.area_m2, grid.circle_m2)


def _hull_ratio(grid: GridFacts) -> float | None:
    return _over(grid.area_m2, grid.hull_m2)


def _contiguity(grid: GridFacts) -> float:
    return float(grid.pieces == 1)


def _one(_grid: GridFacts) -> float:
    """Divided by the number of grids: a mean."""
    return 1.0


_POLSBY = "Polsby & Popper 1991, Yale Law & Policy Review 9(2)"
_REOCK = "Reock 1961, Midwest Journal of Political Science 5(1)"
_HULL = "Niemi et al. 1990, Journal of Politics 52(4)"
_ABOUT_300 = "practice of cities, about 300 households to a grid (300户左右); no legal norm"
_OWN = "gridgov"

METRICS: tuple[Metric, ...] = (
    Metric(
        "households", 1, "households", "户数", "Households",
        "households of its atoms by the count of the sheet", "sum", _ABOUT_300,
        lambda grid: grid.households, lambda grid: grid.households,
    ),
    Metric(
        "deviation", 1, "share", "偏离", "Deviation",
        "(households - target) / target; the target is the grid's own or the plan's",
        "mean of what is off, either way",
        _ABOUT_300,
        _deviation, lambda grid: abs(_deviation(grid)), _one,
    ),
    Metric(
        "in_band", 1, "share", "达标", "In band",
        "1 where its households lie within the target's band, else 0", "share of grids", _ABOUT_300,
        _in_band, _in_band, _one,
    ),
    Metric(
        "cases_month", 1, "cases a month", "月均案件", "Cases a month",
        "cases a month at its atoms, as the load says that was given", "sum", _OWN,
        lambda grid: grid.cases_month, lambda grid: grid.cases_month,
    ),
    Metric(
        "worker_load", 1, "cases a month and worker", "人均案件", "Cases per worker",
        "cases a month / workers of the grid (one, where none are given)", "cases of all / workers of all", _OWN,
        lambda grid: _over(grid.cases_month, grid.workers), lambda grid: grid.cases_month, lambda grid: grid.workers,
    ),
    Metric(
        "compactness", 1, "0 to 1", "紧凑度", "Compactness",
        "Polsby-Popper: 4 pi area / perimeter squared; a circle has 1", "mean over grids", _POLSBY,
        _polsby_popper, _polsby_popper, _one,
    ),
    Metric(
        "reock", 1, "0 to 1", "外接圆比", "Reock",
        "area / area of the least circle around it", "mean over grids", _REOCK,
        _reock, _reock, _one,
    ),
    Metric(
        "hull_ratio", 1, "0 to 1", "凸包比", "Hull ratio",
        "area / area of its convex hull", "mean over grids", _HULL,
        _hull_ratio, _hull_ratio, _one,
    ),
    Metric(
        "on_street", 1, "share", "沿路比例", "On streets",
        "metres along streets / metres of its borders with other grids; the community's border does not count",
        "the same over all grids", _OWN,
        lambda grid: _over(grid.cut_street_m, grid.cut_m), lambda grid: grid.cut_street_m, lambda grid: grid.cut_m,
    ),
    Metric(
        "boundary_price", 1, "metres", "边界代价", "Price of the boundary",
        "metres of its borders with other grids, times 3 where no street runs, 1 for a bridge cut", "each border once",
        _OWN, lambda grid: grid.price_m, lambda grid: grid.price_m / 2,
    ),
    Metric(
        "contiguity", 1, "share", "连通", "Contiguity",
        "1 where its atoms hang together (a bridge joins), else 0", "share of grids", _OWN,
        _contiguity, _contiguity, _one,
    ),
    Metric(
        "holes", 1, "holes", "空洞", "Holes",
        "places inside the community that it surrounds and does not hold", "sum", _OWN,
        lambda grid: grid.holes, lambda grid: grid.holes,
    ),
    Metric(
        "households_moved", 1, "households", "调整户数", "Households moved",
        "its households that were in another grid on the sheet compared with", "sum, and those left without a grid",
        _OWN,
        lambda grid: grid.households_moved, lambda grid: grid.households_moved,
    ),
    Metric(
        "open_cases", 1, "cases", "在办案件", "Open cases",
        "open cases at its atoms", "sum", _OWN,
        lambda grid: grid.open_cases, lambda grid: grid.open_cases,
    ),
    Metric(
        "open_cases_moved", 1, "cases", "移转案件", "Open cases moved",
        "its open cases that were in another grid on the sheet compared with", "sum, and those left without a grid",
        _OWN,
        lambda grid: grid.open_cases_moved, lambda grid: grid.open_cases_moved,
    ),
    Metric(
        "service_distance", 1, "metres", "服务距离", "Way to the service point",
        "mean over its households of the straight way from the atom's label to the nearest service point",
        "the same over all grids", _OWN,
        lambda grid: _over(grid.distance_m, grid.households), lambda grid: grid.distance_m,
        lambda grid: grid.households,
    ),
)  # fmt: skip

NAMES: tuple[str, ...] = tuple(metric.name for metric in METRICS)


def of_grid(grid: GridFacts) -> dict[str, float]:
    """Every metric that has a value, in the registry's order."""
    return {metric.name: float(value) for metric in METRICS if (value := metric.of(grid)) is not None}


Terms = tuple[float, ...]


def terms(grid: GridFacts) -> Terms:
    """What a grid brings to the sums of a sheet: (above, below, counted) of each metric, one after the other."""
    found: list[float] = []
    for metric in METRICS:
        above, below = metric.above(grid), 1.0 if metric.below is None else metric.below(grid)
        if above is None or below is None or (metric.below is _one and metric.of(grid) is None):
            found += (0.0, 0.0, 0.0)
        else:
            found += (above, below, 1.0)
    return tuple(found)


def of_sheet(grids: Iterable[Terms]) -> dict[str, float]:
    """The metrics of a sheet from the terms of its grids; independent of their order, to the last bit."""
    sums = [math.fsum(column) for column in zip(*grids, strict=True)]
    found: dict[str, float] = {}
    for place, metric in enumerate(METRICS if sums else ()):
        above, below, counted = sums[3 * place : 3 * place + 3]
        if counted and (metric.below is None or below):
            found[metric.name] = above if metric.below is None else above / below
    return found


def table(metrics: Iterable[Metric] = METRICS) -> str:
    """The registry as it stands in docs/metrics.md."""
    lines = ["| name | version | 中文 | English | unit | of a grid | of a sheet | source |", "|" + "---|" * 8]
    for one in metrics:
        cells = [f"`{one.name}`", one.version, one.zh, one.en, one.unit, one.definition, one.whole_is, one.source]
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    return "\n".join(lines)
