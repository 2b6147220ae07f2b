"""The national job: all points of all cities counted by other boundaries, and where they lie together.

Owns which partitions are counted, that each counts once, the exact sums, hot spots over all areas. Does not own who
counts (`crew`), counting (`binning`) nor files of results (`outcome`).

Sums are of whole numbers and each partition's answer is taken once, so that the result does not depend on how many
workers there are, in which order they answer, or how often one of them had to be started again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridgov.analytics.hotspots import FALSE_SHARE, FEWEST
from gridgov.geo import hotspots
from gridgov.geo.locate import CoordinateOutOfRange, NotPolygonal, PointIndex
from gridgov.interop.national import manifest
from gridgov.interop.national.binning import Counted, Damaged, Task
from gridgov.interop.national.boundaries import Boundaries, BoundariesUnusable
from gridgov.interop.national.crew import Crew
from gridgov.interop.progress import Progress, Silent
from gridgov.platform.errors import BadInput

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class NothingExported(BadInput):
    """The folder holds no city."""

    code = "nothing-exported"


class PartitionDamaged(BadInput):
    """A month's file is not what it should be."""

    code = "partition-damaged"


@dataclass(frozen=True, slots=True)
class Part:
    """A partition of the result. `why`: why it was skipped, "" when it is counted; `rows`, `sha256`: of what was."""

    city: str
    month: str
    rows: int
    sha256: str
    as_of: str
    why: str = ""


@dataclass(frozen=True, eq=False)
class Sums:
    """Cells that hold any point, by area, group and month: parallel `area` int32 (-1: in none), `group` into `groups`,
    `month` into `months`, `count` int64."""

    groups: tuple[str, ...]
    months: tuple[str, ...]
    area: NDArray[np.int32]
    group: NDArray[np.int32]
    month: NDArray[np.int32]
    count: Longs

    @property
    def total(self) -> int:
        return int(self.count.sum())

    @property
    def outside(self) -> int:
        """Points in no area."""
        return int(self.count[self.area < 0].sum())

    def by_area(self, areas: int) -> Longs:
        """int64[areas]: points of each."""
        found = np.zeros(areas, dtype=np.int64)
        inside = self.area >= 0
        np.add.at(found, self.area[inside], self.count[inside])
        return found


@dataclass(frozen=True, eq=False)
class Spots:
    """Gi* of each area as a standard score, chance of its surroundings, and the sign of what is kept as found: +1 more,
    -1 fewer, 0 what chance may explain."""

    score: Floats
    p: Floats
    found: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class National:
    """What the job found. `parts` by city and month, counted ones and skipped ones."""

    boundaries: Boundaries
    sums: Sums
    spots: Spots
    parts: tuple[Part, ...]
    statuses: tuple[str, ...]
    false_share: float
    seed: int


def rebin(
    data: Path,
    boundaries: Boundaries,
    crew: Crew,
    *,
    statuses: Sequence[str] = (),
    skip_damaged: bool = False,
    false_share: float = FALSE_SHARE,
    seed: int = 0,
    progress: Progress | None = None,
) -> National:
    """Count every exported incident by area, category group and month, then say where they lie together.

    `boundaries`: a point on an edge of two areas belongs to the first by city and code. `statuses`: only these.
    Raises `NothingExported`, `ManifestBroken`, `BoundariesUnusable`, and `PartitionDamaged` unless damaged partitions
    are to be skipped; what a crew raises.
    """
    shown = progress or Silent()
    parts, tasks = _tasks(data, tuple(statuses))
    table = _table(boundaries)
    answers = _answers(crew, table, tasks, parts, shown)
    damaged = {one.number: one.why for one in answers.values() if isinstance(one, Damaged)}
    if damaged and not skip_damaged:
        said = "; ".join(f"{tasks[number].name}: {damaged[number]}" for number in sorted(damaged))
        raise PartitionDamaged(
            f"{len(damaged)} of {len(tasks)} partitions cannot be counted: {said}.",
            field="data",
            remedy="Export these cities again, or skip them with --skip-damaged.",
        )
    sums = _summed(tasks, [one for one in answers.values() if isinstance(one, Counted)])
    shown.step("hot spots")
    done = tuple(_part(one, answers[number]) for number, one in enumerate(parts))
    spots = _spots(boundaries, sums.by_area(len(boundaries)), false_share, seed)
    return National(boundaries, sums, spots, done, tuple(statuses), false_share, seed)


def _tasks(data: Path, statuses: tuple[str, ...]) -> tuple[list[Part], list[Task]]:
    parts: list[Part] = []
    tasks: list[Task] = []
    for city, folder in manifest.cities(data).items():
        held = manifest.read(folder)
        for one in held.partitions if held else ():
            accepted = (one.sha256, one.before) if one.before else (one.sha256,)
            path = str((folder / one.path).resolve())
            tasks.append(Task(len(tasks), city, one.month, path, accepted, statuses))
            parts.append(Part(city, one.month, one.rows, one.sha256, one.as_of))
    if not manifest.cities(data):
        raise NothingExported(
            f"No city has been exported into “{data}”.", field="data", remedy="gridgov export facts --out FOLDER"
        )
    return parts, tasks


def _table(boundaries: Boundaries) -> PointIndex:
    try:
        return PointIndex.build(boundaries.shapes)
    except (NotPolygonal, CoordinateOutOfRange) as problem:
        where = f"{boundaries.cities[problem.position]} {boundaries.codes[problem.position]}"
        raise BoundariesUnusable(f"The shape of {where} cannot be used: {problem}.", field="boundaries") from None


def _answers(
    crew: Crew, table: PointIndex, tasks: Sequence[Task], parts: Sequence[Part], shown: Progress
) -> dict[int, Counted | Damaged]:
    """By the task's number: an answer that comes twice takes its own place."""
    shown.step(f"{len(tasks)} partitions")
    whole = sum(one.rows for one in parts) or 1
    answers: dict[int, Counted | Damaged] = {}
    rows = 0
    for answer in crew(table, tasks):
        if answer.number not in answers:
            rows += parts[answer.number].rows
        answers[answer.number] = answer
        shown.advance(rows / whole, rows)
    return answers


def _summed(tasks: Sequence[Task], found: Iterable[Counted]) -> Sums:
    answers = sorted(found, key=lambda one: one.number)
    groups = tuple(sorted({one.groups[g] for one in answers for g in np.unique(one.group)}))  # that occur
    months = tuple(sorted({tasks[one.number].month for one in answers}))
    place = {name: i for i, name in enumerate(groups)}
    width, depth = max(len(groups), 1), max(len(months), 1)
    keys, counts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for one in answers:
        number = np.array([place.get(name, 0) for name in one.groups], dtype=np.int64)
        month = months.index(tasks[one.number].month)
        if len(one.count):
            keys.append(((one.area.astype(np.int64) + 1) * width + number[one.group]) * depth + month)
            counts.append(one.count)
    every, cell_of = np.unique(np.concatenate(keys), return_inverse=True)
    sums = np.zeros(len(every), dtype=np.int64)
    np.add.at(sums, cell_of, np.concatenate(counts))
    cell, month_of = np.divmod(every, depth)
    area, group = np.divmod(cell, width)
    return Sums(groups, months, (area - 1).astype(np.int32), group.astype(np.int32), month_of.astype(np.int32), sums)


def _spots(boundaries: Boundaries, counts: Longs, false_share: float, seed: int) -> Spots:
    """Over all areas together, of whatever city. With fewer than 20 areas, nothing is found."""
    n = len(counts)
    if n < FEWEST:
        return Spots(np.zeros(n), np.ones(n), np.zeros(n, dtype=np.int8))
    values = counts.astype(np.float64)
    around = hotspots.bordering(list(boundaries.shapes))
    score = hotspots.getis_ord(values, around)
    p = hotspots.chance(values, around, seed=seed)
    kept = hotspots.discovered(p, false_share)
    return Spots(score, p, np.where(kept, np.sign(score), 0).astype(np.int8))


def _part(one: Part, answer: Counted | Damaged) -> Part:
    if isinstance(answer, Damaged):
        return Part(one.city, one.month, 0, "", one.as_of, answer.why)
    return Part(one.city, one.month, int(answer.count.sum()), answer.sha256, one.as_of)
