"""`gridgov auth`: the one table of permissions, and the database roles that follow from it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gridgov.auth import matrix
from gridgov.auth.grants import memberships
from gridgov.auth.install import role_statements
from gridgov.auth.rules import ROLE_NAMES, Role
from gridgov.platform.crypto import Sealer
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Who may do what: the table, and the roles of the database.")


@app.command("table")
def show_table(role: Annotated[Role | None, typer.Option(help="Only this role.")] = None) -> None:
    """Print the table: what each role may do, how far, with which fields."""
    shown = Table("role", "", "permission", "scope", "fields", box=None, pad_edge=False)
    for one in Role:
        if role is not None and one is not role:
            continue
        for permission, grant in matrix.grants_of(one).items():
            shown.add_row(one.value, ROLE_NAMES[one]["zh"], permission, grant.scope.value, grant.fields)
    Console(width=140).print(shown)


@app.command("routes")
def show_routes() -> None:
    """Print which permission each route needs."""
    for row, permission in sorted(matrix.ROUTES.items(), key=lambda item: item[0].split(" ")[::-1]):
        print(f"{permission:20} {row}")


@app.command("roles")
def show_roles() -> None:
    """Print the SQL that makes the database's roles, for a server where gridgov may not. It holds a password."""
    settings = Settings.load()
    for _, statement in role_statements(Sealer.from_home(settings.home).password("gridgov_app")):
        print(f"{statement};")
    for group, member in memberships():
        print(f"grant {group} to {member};")
