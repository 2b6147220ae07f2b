"""`gridgov users`: accounts and their posts, as the owner of the database. The way to the first administrator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gridgov.auth import accounts, posts
from gridgov.auth.accounts import OWNER
from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.cli.asking import new_password
from gridgov.cli.house import opened
from gridgov.platform import clock
from gridgov.platform.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Accounts and posts (docs/accounts.md).")

Name = Annotated[str, typer.Argument(help="The account: a staff number (工号) or the like.")]
RoleName = Annotated[Role, typer.Option("--role", help="What the post is for.")]
Area = Annotated[str | None, typer.Option(help="Code of an area in force; without area and agency: the whole city.")]
Agency = Annotated[str | None, typer.Option(help="Code of an agency.")]
From = Annotated[datetime | None, typer.Option("--from", help="When the post begins, city's time; default: now.")]
To = Annotated[datetime | None, typer.Option("--to", help="When it ends; default: open.")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="The password is one line on standard input.")]
Initial = Annotated[bool, typer.Option("--initial", help="Print a password for the first sign-in instead.")]
Without = Annotated[bool, typer.Option("--no-password", help="It never signs in with one: a machine, or OIDC alone.")]
Title = Annotated[str, typer.Option(help="What the account is shown as, e.g. 网格员 0001.")]


@dataclass(frozen=True, slots=True)
class Office:
    """A transaction as the owner."""

    house: House
    session: Session
    now: datetime

    def moment(self, given: datetime | None) -> datetime | None:
        """A time without zone is the city's."""
        if given is None or given.tzinfo is not None:
            return given
        return given.replace(tzinfo=self.house.locator.city(self.session).zone)

    def appoint(
        self,
        account_id: int,
        role: Role,
        area: str | None,
        agency: str | None,
        since: datetime | None,
        until: datetime | None,
    ) -> int:
        """One more post, in the place of these codes."""
        new = posts.NewPost(
            role=role,
            since=self.moment(since) or self.now,
            until=self.moment(until),
            area_id=posts.area_of(self.session, area, self.now) if area else None,
            agency_id=posts.agency_of(self.session, agency) if agency else None,
        )
        return posts.appoint(self.session, OWNER, account_id, new, now=self.now)


@contextmanager
def office() -> Iterator[Office]:
    """The city of the settings; what is done inside is done together or not at all."""
    with opened(Settings.load()) as house, house.db.transaction() as session:
        yield Office(house, session, clock.utcnow())


@app.command()
def add(
    name: Name,
    role: Annotated[Role | None, typer.Option(help="Its first post; without: none yet.")] = None,
    area: Area = None,
    agency: Agency = None,
    since: From = None,
    until: To = None,
    title: Title = "",
    password_stdin: Stdin = False,
    initial: Initial = False,
    no_password: Without = False,
) -> None:
    """Open an account, with its first post if a role is given. The password is asked for at the terminal."""
    password = None if initial or no_password else new_password(stdin=password_stdin)
    with office() as at:
        opened_account = accounts.open_account(
            at.session,
            OWNER,
            name=name,
            title=title,
            password=password,
            with_password=not no_password,
            now=at.now,
        )
        if role is not None:
            at.appoint(opened_account.account_id, role, area, agency, since, until)
    print(f"The account “{accounts.folded(name)}” is open.")
    _tell(opened_account.password)


@app.command("list")
def list_(find: Annotated[str | None, typer.Option(help="A part of the name or title.")] = None) -> None:
    """Accounts with their posts, one post a line."""
    with office() as at:
        after = None
        while page := accounts.page(at.session, OWNER, find=find, after=after, limit=500, now=at.now):
            for account in page:
                state = "disabled" if account.row.disabled_at else "open"
                print(f"{account.row.name}\t{state}\t{account.row.title}")
                for post in account.posts:
                    place = post.area_code or post.agency_code or "the whole city"
                    until = f" until {post.until:%Y-%m-%d %H:%M}Z" if post.until else ""
                    held = "in force" if post.in_force else "not in force"
                    print(f"\tpost {post.id}\t{post.role}\t{place}\t{held}{until}")
            after = page[-1].row.name


@app.command()
def post(
    name: Name,
    role: RoleName,
    area: Area = None,
    agency: Agency = None,
    since: From = None,
    until: To = None,
) -> None:
    """Appoint: one more post, which ends nothing else."""
    with office() as at:
        number = at.appoint(accounts.id_of(at.session, name), role, area, agency, since, until)
    print(f"“{accounts.folded(name)}” has the post {number}.")


@app.command("end-post")
def end_post(name: Name, number: Annotated[int, typer.Argument(help="Of the post, as `list` shows it.")]) -> None:
    """End a post at once."""
    with office() as at:
        account_id = accounts.id_of(at.session, name)
        posts.end(at.session, OWNER, number, account_id=account_id, now=at.now)
    print(f"The post {number} is over.")


@app.command()
def disable(name: Name) -> None:
    """Close an account: every session ends, tokens and further sign-ins are refused."""
    with office() as at:
        accounts.change(at.session, OWNER, accounts.id_of(at.session, name), disabled=True, now=at.now)
    print(f"The account “{accounts.folded(name)}” is disabled.")


@app.command()
def enable(name: Name) -> None:
    """Open a disabled account again."""
    with office() as at:
        accounts.change(at.session, OWNER, accounts.id_of(at.session, name), disabled=False, now=at.now)
    print(f"The account “{accounts.folded(name)}” is open.")


@app.command()
def reset(name: Name, password_stdin: Stdin = False, initial: Initial = False) -> None:
    """Give another password; every session ends."""
    password = None if initial else new_password(stdin=password_stdin)
    with office() as at:
        account_id = accounts.id_of(at.session, name)
        given = accounts.reset_password(at.session, OWNER, account_id, password=password, now=at.now)
    print(f"The account “{accounts.folded(name)}” has another password.")
    _tell(given)


@app.command()
def link(
    name: Name,
    issuer: Annotated[str, typer.Option(help="The provider, as GRIDGOV_OIDC_ISSUER names it.")],
    subject: Annotated[str, typer.Option(help="Who it is there: the claim `sub`.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the link away.")] = False,
) -> None:
    """Let a subject of the OpenID provider sign in to the account."""
    with office() as at:
        account_id = accounts.id_of(at.session, name)
        if remove:
            accounts.unlink(at.session, OWNER, account_id, issuer, subject)
        else:
            accounts.link(at.session, OWNER, account_id, issuer, subject, now=at.now)
    print(f"The subject {'does not sign' if remove else 'signs'} in to “{accounts.folded(name)}”.")


@app.command()
def sessions(name: Name, end: Annotated[bool, typer.Option("--end", help="End them all, at once.")] = False) -> None:
    """How many sessions of an account go on; or end them."""
    with office() as at:
        account_id = accounts.id_of(at.session, name)
        if end:
            print(f"Ended: {accounts.end_sessions(at.session, OWNER, account_id, now=at.now)}")
        else:
            print(accounts.one(at.session, OWNER, account_id, now=at.now).row.sessions)


def _tell(password: str | None) -> None:
    if password is not None:
        print(f"Password for the first sign-in, within seven days: {password}")
