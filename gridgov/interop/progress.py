"""How an import says where it stands.

Owns the protocol. Does not own how it is shown (the command line draws bars, tests collect).
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """`step` begins a piece of work; `advance` says how much of its file has been read (0..1) and how many rows."""

    def step(self, title: str) -> None: ...

    def advance(self, share: float, rows: int) -> None: ...


class Silent:
    """Progress that nobody watches."""

    def step(self, title: str) -> None:
        del title

    def advance(self, share: float, rows: int) -> None:
        del share, rows
