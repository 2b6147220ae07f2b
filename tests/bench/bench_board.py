"""One operation on a sheet with all its metrics, beside measuring everything anew with geopandas in the same run.

Each operation is timed with what a planner sees after it: metrics and shapes of every grid that it touched, findings,
totals of the sheet. Operations are drawn at random as in the property tests; those that are refused are timed too. All
times are processor time of the one thread that works, ours and the peer's: neither waits for anything.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from gridgov.planning.board import Board
from gridgov.planning.operations import Operation
from gridgov.planning.rules import GridDraft, Sheet, Target
from gridgov.platform.errors import GridgovError
from tests.bench.harness import Row, Scale, bench
from tests.property.planning.redrawing import Planner, inputs_for
from tests.unit.planning.grounds import bands, ground

ROUNDS: dict[Scale, tuple[int, int]] = {"full": (4000, 15), "small": (600, 3)}
COLUMNS, ROWS_ = 106, 100
SEED = 11
TARGET = Target(300, 0.1)
PEER = "geopandas dissolve + metrics"


class AnswersDiffer(AssertionError):
    """The peer measures something else: no figure means anything then."""


@bench("board")
def board(scale: Scale) -> Iterator[Row]:
    rounds, peers = ROUNDS[scale]
    on = ground(COLUMNS, ROWS_, seed=SEED, joined=0.06)
    rng = np.random.default_rng(SEED)
    sheet = bands(on, round(int(on.households.sum()) / TARGET.households))
    drawn = Board(on, sheet, TARGET, inputs=inputs_for(on, sheet, rng))
    _opened(drawn)
    planner = Planner(drawn, rng)
    _round(drawn, planner.operation())  # compiles the kernels
    took: dict[str, list[float]] = {}
    for _ in range(rounds):
        operation = planner.operation()
        took.setdefault(operation.kind, []).append(_round(drawn, operation))
    theirs = [_anew(drawn) for _ in range(peers)]
    every = [one for times in took.values() for one in times]
    name, peer = f"{len(sheet.grids)} grids", float(np.median(theirs))
    yield Row(f"an operation with all metrics, {name}, p99", len(on), _ms(every, 99), PEER, peer, "ms", "less")
    yield Row(f"an operation with all metrics, {name}, p50", len(on), _ms(every, 50), PEER, peer, "ms", "less")
    for kind in sorted(took, key=lambda kind: -len(took[kind])):
        note = f"{len(took[kind])} times, p50 {_ms(took[kind], 50):.2f} ms, worst {_ms(took[kind], 100):.2f} ms"
        yield Row(f"  {kind}, p99", len(on), _ms(took[kind], 99), PEER, peer, "ms", "less", note)
    yield _few_grids(on, rng, rounds // 20, peer)


def _few_grids(on: Any, rng: np.random.Generator, rounds: int, peer: float) -> Row:
    """The worst ground to draw on: atom by atom between two grids of half the community each."""
    half = np.where(shapely.get_x(on.labels) < on.outline.centroid.x, 1, 2).astype(np.int32)
    sheet = Sheet(half, {1: GridDraft(1), 2: GridDraft(2)})
    drawn = _opened(Board(on, sheet, TARGET, inputs=inputs_for(on, sheet, rng)))
    planner = Planner(drawn, rng)
    took: list[float] = []
    while len(took) < rounds:
        operation = planner.operation()
        if operation.kind in {"assign", "move_corner", "move_edge"} and len(drawn.sheet.grids) < 5:
            took.append(_round(drawn, operation))
        elif len(drawn.sheet.grids) >= 5:
            drawn = _opened(Board(on, sheet, TARGET, inputs=drawn.inputs))
            planner = Planner(drawn, rng)
    return Row("atoms and corners, 2 to 5 grids of thousands, p99", len(on), _ms(took, 99), PEER, peer, "ms", "less")


def _opened(drawn: Board) -> Board:
    """As a planner finds it: everything has been measured once."""
    drawn.findings()
    drawn.totals()
    return drawn


def _round(drawn: Board, operation: Operation) -> float:
    """Seconds of an operation with all that is shown after it."""
    start = time.thread_time()
    try:
        applied = drawn.apply(operation)
    except GridgovError:
        return time.thread_time() - start
    for number in applied.touched & set(drawn.sheet.grids):
        drawn.metrics(number)
        drawn.shape(number)
    drawn.totals()
    return time.thread_time() - start


def _anew(drawn: Board) -> float:
    """Milliseconds for measuring the whole sheet as one would without a board; its figures are ours."""
    on, assignment = drawn.ground, drawn.sheet.assignment
    frame = geopandas.GeoDataFrame(
        {"grid": assignment, "households": on.households}, geometry=list(drawn.atom_shapes())
    )
    graph, shared = on.graph, drawn.state.drawing.shared / 1e6
    start = time.thread_time()
    dissolved = frame[frame.grid >= 0].dissolve(by="grid", aggfunc={"households": "sum"})
    shapes = dissolved.geometry
    compactness = 4 * math.pi * shapes.area / shapes.length**2
    hull, circle = (
        shapes.area / shapes.convex_hull.area,
        shapes.area / (math.pi * shapes.minimum_bounding_radius() ** 2),
    )

    here, there = assignment[graph.source], assignment[graph.indices]
    borders = pd.DataFrame({"grid": here, "m": shared, "street": graph.on_street})[here != there]
    on_street = borders[borders.street].groupby("grid").m.sum() / borders.groupby("grid").m.sum()
    took = (time.thread_time() - start) * 1000

    for number in drawn.sheet.grids:
        ours = drawn.metrics(number)
        same = (
            ours["households"] == dissolved.households[number]
            and math.isclose(ours["compactness"], compactness[number], rel_tol=1e-6)
            and math.isclose(ours["hull_ratio"], hull[number], rel_tol=1e-6)
            and math.isclose(ours["reock"], circle[number], rel_tol=1e-6)
            and math.isclose(ours.get("on_street", 0.0), on_street.fillna(0.0).get(number, 0.0), abs_tol=1e-6)
        )
        if not same:
            raise AnswersDiffer(f"grid {number}: {dict(ours)} beside {compactness[number]}, {hull[number]}")
    return took


def _ms(seconds: list[float], percentile: float) -> float:
    return float(np.percentile(seconds, percentile)) * 1000
