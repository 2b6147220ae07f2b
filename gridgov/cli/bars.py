"""Progress bars for a person at a terminal; plain lines where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from gridgov.cli.showing import Lines


class Bars:
    """One bar a step, in the form in which imports report themselves."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._task: TaskID | None = None

    def step(self, title: str) -> None:
        self._finish()
        self._task = self._shown.add_task(title, total=1.0, rows="")

    def advance(self, share: float, rows: int) -> None:
        if self._task is not None:
            self._shown.update(self._task, completed=share, rows=f"{rows:,} rows" if rows else "")

    def _finish(self) -> None:
        if self._task is not None:
            self._shown.remove_task(self._task)
            self._task = None


@contextmanager
def watched() -> Iterator[Bars | Lines]:
    """Bars on a terminal, else lines on the error stream (the report goes to the output)."""
    if not sys.stderr.isatty():
        yield Lines(lambda line: print(line, file=sys.stderr, flush=True))
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield Bars(shown)
