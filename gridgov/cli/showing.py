"""How long work is shown on a terminal: a line whenever something was reached, never a silent minute."""

from __future__ import annotations

from collections.abc import Callable

STEP = 0.25


class Lines:
    """Says each step once and its progress in quarters; takes both forms in which work reports itself."""

    def __init__(self, said: Callable[[str], None]) -> None:
        self._said = said
        self._title = ""
        self._shown = 0.0

    def step(self, title: str) -> None:
        """A piece of work begins."""
        self._title, self._shown = title, 0.0
        self._said(f"  {title}")

    def advance(self, share: float, rows: int) -> None:
        """So much of it is done (0..1)."""
        if share >= self._shown + STEP:
            self._shown = share - share % STEP
            self._said(f"  {self._title}: {share:.0%}{f', {rows:,} rows' if rows else ''}")

    def __call__(self, title: str, share: float) -> None:
        """The same in one call."""
        if title != self._title:
            self.step(title)
        self.advance(share, 0)
