"""Commands that are read when they are asked for.

Owns finding a command's file. Does not own which commands there are (`gridgov.cli`).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.main import get_command, get_group

from gridgov.cli.failing import Polite


class Lazy(Polite):
    """A command group that knows its words, and reads the files of one when it is asked for."""

    words: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @classmethod
    def of(cls, words: Mapping[str, tuple[str, ...]]) -> type[Lazy]:
        """The group of these words -> files in `gridgov.cli`: the first holds `app`, or the function of its name."""
        return type("LazyOfWords", (cls,), {"words": words})

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(self.words)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        del ctx
        if cmd_name in self.words and cmd_name not in self.commands:
            self.commands[cmd_name] = _command(cmd_name, self.words[cmd_name])
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.words:  # what was meant is suggested from all that there are
            for word in self.words:
                self.get_command(ctx, word)
        return super().resolve_command(ctx, args)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Nobody looks for garbage meanwhile: what is read stays, and looking through it took a quarter of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _command(word: str, files: tuple[str, ...]) -> Any:
    with _undisturbed():
        first, *_others = [import_module(f"gridgov.cli.{file}") for file in files]
    app = getattr(first, "app", None)
    if app is not None:
        command = get_group(app)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(word)(getattr(first, word))
        command = get_command(alone)  # type: ignore[assignment]  # a command in place of a group
    command.name = word
    return command
