"""The command line: one file a noun. Owns words and exit codes; every verb lives in a service below."""

from __future__ import annotations

import typer

from gridgov.cli import audit, city, db, demo, exports, imports, report, serve, tokens, users
from gridgov.cli.failing import Polite

app = typer.Typer(
    name="gridgov",
    cls=Polite,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Grid governance 网格化治理: where is it, who is responsible, and where is it dense?",
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.add_typer(audit.app, name="audit")
app.add_typer(city.app, name="city")
app.add_typer(db.app, name="db")
app.add_typer(imports.app, name="import")
app.add_typer(exports.app, name="export")
app.add_typer(report.app, name="report")
app.add_typer(users.app, name="users")
app.add_typer(tokens.app, name="tokens")
