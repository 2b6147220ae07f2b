"""How benches are registered, run and written down.

Owns: `Row`, the registry, the run, build/bench.json, the printed table. Does not own any bench: those are the files
`bench_*.py` beside this one, found by their name. A bench is a generator:

    @bench("locate")
    def locate(scale: Scale) -> Iterator[Row | LeftOut]:
        yield Row("locate, 1 thread", n, ours=…, peer="geopandas sjoin", theirs=…, unit="points/s")

It makes sure that ours and the peer's answers agree before it yields, and raises when they do not.
"""

from __future__ import annotations

import importlib
import json
import statistics
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from rich.console import Console
from rich.table import Table

Scale = Literal["small", "full"]
Better = Literal["more", "less"]
T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One figure beside its peer's, measured in the same run. `better`: whether more (a rate) or less (a time) is."""

    name: str
    n: int
    ours: float
    peer: str
    theirs: float
    unit: str
    better: Better = "more"
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times better ours is."""
        return self.ours / self.theirs if self.better == "more" else self.theirs / self.ours

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "n": self.n, "ours": self.ours, "peer": self.peer, "theirs": self.theirs,
            "unit": self.unit, "ratio": self.ratio, "note": self.note,
        }  # fmt: skip


@dataclass(frozen=True)
class LeftOut:
    """A figure that could not be taken here, and why; no failure."""

    name: str
    why: str


Bench = Callable[[Scale], Iterable[Row | LeftOut]]


@dataclass
class Outcome:
    rows: list[Row] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)  # name -> traceback


REGISTRY: dict[str, Bench] = {}


def bench(name: str) -> Callable[[Bench], Bench]:
    """Register a bench under `name`, as it is called on the command line."""

    def register(function: Bench) -> Bench:
        if name in REGISTRY:
            raise ValueError(f"two benches are called {name}")
        REGISTRY[name] = function
        return function

    return register


def discover(folder: Path, package: str) -> dict[str, str]:
    """Import every bench_*.py of a folder; those that cannot be imported, with the traceback."""
    failed = {}
    for path in sorted(folder.glob("bench_*.py")):
        try:
            importlib.import_module(f"{package}.{path.stem}")
        except Exception:
            failed[path.stem] = traceback.format_exc()
    return failed


def timed(work: Callable[[], T], *, repeats: int) -> tuple[float, T]:
    """Median seconds of `repeats` calls, and what the last one returned.

    The median and not the fastest: on a shared machine a short run finds a quiet moment that a long one never gets.
    """
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        answer = work()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds), answer


def run(benches: dict[str, Bench], scale: Scale, tell: Callable[[str], None], out: Path) -> Outcome:
    """Run each bench; one that fails keeps the rows it gave and does not stop the next. `out` grows with every row."""
    outcome = Outcome()
    for name, function in benches.items():
        tell(f"{name} …")
        try:
            for found in function(scale):
                if isinstance(found, Row):
                    outcome.rows.append(found)
                    write(out, outcome)
                    tell(f"  {found.name} beside {found.peer}: {found.ratio:.3g} times")
                else:
                    outcome.left_out.append(found)
                    tell(f"  {found.name}: left out, {found.why}")
        except Exception:
            outcome.failed[name] = traceback.format_exc()
            tell(f"  {name} failed")
    return outcome


def choose(names: Sequence[str]) -> dict[str, Bench]:
    """The named benches, or all. Raises KeyError with the first unknown name."""
    return {name: REGISTRY[name] for name in names} if names else dict(sorted(REGISTRY.items()))


def write(path: Path, outcome: Outcome) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [row.as_json() for row in outcome.rows]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def show(outcome: Outcome, console: Console) -> None:
    table = Table("name", "n", "ours", "peer", "theirs", "unit", "ratio", "note")
    for place in (1, 2, 4, 6):
        table.columns[place].justify = "right"
    for row in outcome.rows:
        numbers = f"{row.n:,}", figure(row.ours), row.peer, figure(row.theirs), row.unit, f"{row.ratio:.2f}"
        table.add_row(row.name, *numbers, row.note)
    console.print(table)
    for left in outcome.left_out:
        console.print(f"left out: {left.name}: {left.why}", markup=False)
    for name, trace in outcome.failed.items():
        console.print(f"FAILED: {name}\n{trace}", markup=False)


def figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def lines(console: Console) -> Callable[[str], None]:
    return lambda text: console.print(text, markup=False, highlight=False)
