"""What processes hold in memory over time, and whether it stays flat. Pure but for reading /proc."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MB = 1_000_000
WARM = 1 / 3  # of the time, in which caches fill


@dataclass(frozen=True)
class Trend:
    """A line through what is held after warming: `slope` in MB a minute, its standard error, and the middle."""

    slope: float
    error: float
    middle: float
    minutes: float

    def flat(self, most: float) -> bool:
        """Whether memory does not grow by more than `most` MB a minute, as far as can be told: two standard errors."""
        return self.slope - 2 * self.error <= most


def trend(at_s: Sequence[float], held_mb: Sequence[float]) -> Trend:
    """The line through the samples after the first third (least squares; errors of samples taken as independent)."""
    at, held = np.asarray(at_s, dtype=np.float64) / 60.0, np.asarray(held_mb, dtype=np.float64)
    late = at >= at[0] + WARM * (at[-1] - at[0])
    x, y = at[late], held[late]
    away = x - x.mean()
    slope = float((away * (y - y.mean())).sum() / (away**2).sum())
    rest = y - y.mean() - slope * away
    error = float(np.sqrt((rest**2).sum() / max(1, len(x) - 2) / (away**2).sum()))
    return Trend(slope, error, float(np.median(y)), float(x[-1] - x[0]))


def below(pid: int) -> list[int]:
    """A process and all below it that live now."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    found, new = [pid], [pid]
    while new:
        new = [one for one, parent in parents.items() if parent in new]
        found += new
    return found


def held_mb(pids: Iterable[int]) -> float:
    """Memory that belongs to the processes alone, in MB: neither mapped files nor what PostgreSQL shares, which are as
    large as they were made."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))
    return total * 1024 / MB


def resident_mb(pid: int) -> float:
    """All that a process has in memory, mapped files too."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / MB
    return 0.0
