"""The command line: one file a noun. Owns words and exit codes; every verb lives in a service below.

A noun's file is read when the noun is asked for: reading all of them takes seconds.
"""

from __future__ import annotations

from typing import Annotated

import typer

from gridgov import __version__
from gridgov.cli.lazily import Lazy

# Word -> the files it is made of, the one that holds its `app` (or the function of its name) first.
COMMANDS: dict[str, tuple[str, ...]] = {
    "demo": ("demo",),
    "serve": ("serve", "workers"),
    "admissions": ("admissions",),
    "analytics": ("analytics",),
    "audit": ("audit",),
    "auth": ("auth",),
    "bench": ("bench",),
    "calendar": ("calendar",),
    "cases": ("cases",),
    "city": ("city",),
    "db": ("db",),
    "duties": ("duties",),
    "exchange": ("exchange",),
    "export": ("exports",),
    "import": ("imports",),
    "national": ("national",),
    "notices": ("notices",),
    "openapi": ("openapi",),
    "plan": ("plans", "plan_drafts", "plan_atoms", "plan_jobs", "plan_files", "plan_time"),  # every file plan_*.py
    "privacy": ("privacy",),
    "province": ("province",),
    "receptions": ("receptions",),
    "report": ("report",),
    "tokens": ("tokens",),
    "users": ("users",),
    "whistles": ("whistles",),
}

app = typer.Typer(
    name="gridgov",
    cls=Lazy.of(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Grid governance 网格化治理: where is it, who is responsible, and where is it dense?",
)


def _say_version(asked: bool) -> None:
    if asked:
        print(f"gridgov {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """What stands before a command."""
