"""`gridgov tokens`: what machines show, as the owner of the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from gridgov.auth import accounts, tokens
from gridgov.auth.accounts import OWNER
from gridgov.auth.rules import Role
from gridgov.cli.users import office
from gridgov.platform.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Tokens for machines (docs/accounts.md).")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The machine's account, which has a post of the role machine.")],
    label: Annotated[str, typer.Option(help="Which machine it is for, e.g. hotline 12345.")],
    permission: Annotated[list[str], typer.Option(help="What it may do. Repeatable.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it counts.")] = 365,
    post: Annotated[int | None, typer.Option(help="Its post, where the account has several.")] = None,
) -> None:
    """Make a token. It is printed once, and kept nowhere."""
    with office() as at:
        account = accounts.one(at.session, OWNER, accounts.id_of(at.session, name), now=at.now)
        held = [one.id for one in account.posts if one.role == Role.MACHINE and one.in_force and post in (None, one.id)]
        if len(held) != 1:
            raise BadInput(
                "The account has no such post of the role machine." if not held else "The account has several posts.",
                field="post",
                remedy="Look at “gridgov users list”; appoint with “gridgov users post NAME --role machine”.",
            )
        made = tokens.make(
            at.session,
            OWNER,
            held[0],
            label=label,
            permissions=permission,
            expires_at=at.now + timedelta(days=days),
            now=at.now,
        )
    print(made.secret)


@app.command("list")
def list_() -> None:
    """Tokens, without what is secret."""
    with office() as at:
        after = 0
        while page := tokens.page(at.session, OWNER, after=after, limit=500):
            for row in page:
                over = row.revoked_at is not None or row.expires_at <= at.now
                used = f"used {row.used_on}" if row.used_on else "never used"
                print(
                    f"{row.id}\t{row.account}\t{row.label}\t{'over' if over else 'counts'}\t"
                    f"until {row.expires_at:%Y-%m-%d}\t{used}\t{' '.join(row.permissions)}"
                )
            after = page[-1].id


@app.command()
def revoke(number: Annotated[int, typer.Argument(help="Of the token, as `list` shows it.")]) -> None:
    """A token opens nothing from now on."""
    with office() as at:
        tokens.revoke(at.session, OWNER, number, now=at.now)
    print(f"The token {number} is revoked.")
