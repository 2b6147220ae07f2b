"""One step that is asked for, and the forms that needs have: something given with it, or true of the file. Pure.

Owns the forms. Does not own what is asked for (`needs`, `calling`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridgov.cases import clocks
from gridgov.cases.file import CaseFile, Summons
from gridgov.cases.rules import Command, NeedMissing, NotYet, Place, Rules, Standing, Who

NOBODY = Standing()


@dataclass(frozen=True, slots=True)
class Asked:
    """One step that is asked for, with all that its needs look at."""

    file: CaseFile
    command: Command
    rules: Rules
    ground: Place
    now: datetime
    call: Summons | None
    standing: Standing = NOBODY
    who: frozenset[Who] = frozenset()

    @property
    def clock(self) -> clocks.Clock | None:
        """The clock that an extension is of."""
        found = self.file.clock("report", self.call.number) if self.call else self.file.clock("handle")
        return found.clock if found else None


def missing(field: str, what: str, remedy: str = "") -> NeedMissing:
    return NeedMissing(what, field=field, remedy=remedy or "Give it and send the step again; nothing was changed.")


def given(name: str, most: int, what: str) -> Callable[[Asked], None]:
    """A text that is sent along, of a length that can be kept."""

    def need(asked: Asked) -> None:
        text = getattr(asked.command, name).strip()
        if not text:
            raise missing(name, what)
        if len(text) > most:
            raise missing(name, f"More than {most} characters.", "Shorten it; nothing was changed.")

    return need


def fact(name: str, kind: type, what: str) -> Callable[[Asked], None]:
    """A fact of a kind."""

    def need(asked: Asked) -> None:
        value = asked.command.facts.get(name)
        if not isinstance(value, kind) or (kind is str and not value):
            raise missing(f"facts.{name}", what)

    return need


def one_of(name: str, words: Any, what: str) -> Callable[[Asked], None]:
    """A fact that is one of some words."""

    def need(asked: Asked) -> None:
        if asked.command.facts.get(name) not in [str(one) for one in words]:
            raise missing(f"facts.{name}", what, f"One of: {', '.join(words)}.")

    return need


def yet(test: Callable[[Asked], bool], field: str, what: str, remedy: str) -> Callable[[Asked], None]:
    """A need that looks at the file alone; `allowed` asks these too."""

    def need(asked: Asked) -> None:
        if not test(asked):
            raise NotYet(what, field=field, remedy=remedy)

    need.of_file = True  # type: ignore[attr-defined]  # a mark on a function
    return need
