"""The command line: one file a noun. Owns words and exit codes; every verb lives in a service below."""

from __future__ import annotations

from typing import Annotated

import typer

from gridgov import __version__
from gridgov.cli import (
    admissions,
    audit,
    auth,
    calendar,
    cases,
    city,
    db,
    demo,
    duties,
    exports,
    imports,
    notices,
    plans,
    privacy,
    receptions,
    report,
    serve,
    tokens,
    users,
    whistles,
)
from gridgov.cli.failing import Polite

app = typer.Typer(
    name="gridgov",
    cls=Polite,
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


app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.add_typer(admissions.app, name="admissions")
app.add_typer(audit.app, name="audit")
app.add_typer(auth.app, name="auth")
app.add_typer(calendar.app, name="calendar")
app.add_typer(cases.app, name="cases")
app.add_typer(city.app, name="city")
app.add_typer(db.app, name="db")
app.add_typer(duties.app, name="duties")
app.add_typer(imports.app, name="import")
app.add_typer(exports.app, name="export")
app.add_typer(notices.app, name="notices")
app.add_typer(plans.app, name="plan")
app.add_typer(privacy.app, name="privacy")
app.add_typer(receptions.orders, name="exchange")
app.add_typer(receptions.app, name="receptions")
app.add_typer(report.app, name="report")
app.add_typer(users.app, name="users")
app.add_typer(tokens.app, name="tokens")
app.add_typer(whistles.app, name="whistles")
