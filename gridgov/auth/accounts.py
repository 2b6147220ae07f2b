"""Verbs of accounts: open, change, disable, give a first password; and which provider's subject signs in to one.

Owns accounts. Does not own their posts (`posts`), nor signing in (`signin`). Nobody learns a password of somebody
else's: what an administrator hands over works once and must be changed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth import matrix, passwords
from gridgov.auth.credentials import IDLE
from gridgov.auth.queries import accounts as queries
from gridgov.auth.queries import posts as post_queries
from gridgov.auth.queries import sessions as session_queries
from gridgov.auth.rules import Actor, Role
from gridgov.platform import crypto
from gridgov.platform.errors import BadInput, Conflict, NotFound

PERMISSION = "accounts.manage"
NAME = re.compile(r"^[a-z0-9][a-z0-9._@-]{0,62}$")
TITLE_MOST = 80
# The command line acts for the owner of the database, who is no account.
OWNER = Actor(role=Role.ADMINISTRATOR, account="owner", grants=matrix.grants_of(Role.ADMINISTRATOR))


class NameTaken(Conflict):
    code = "account-name-taken"


class AccountUnknown(NotFound):
    code = "account-unknown"


class LastAdministrator(Conflict):
    """Afterwards nobody could administer the city."""

    code = "last-administrator"


class SubjectTaken(Conflict):
    """The provider's subject signs in to another account."""

    code = "subject-taken"


class DemoAccount(Conflict):
    """Whoever looks at the demo must find its accounts as they are."""

    code = "demo-account"


@dataclass(frozen=True, slots=True)
class Account:
    """An account with its posts; rows as `queries` gives them."""

    row: Row[Any]
    posts: tuple[Row[Any], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """`password` works once and is told nowhere else; None: the account has none."""

    account_id: int
    password: str | None


def folded(name: str) -> str:
    """The name as it is stored, from how somebody typed it."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def open_account(
    session: Session,
    actor: Actor,
    *,
    name: str,
    title: str = "",
    password: str | None = None,
    with_password: bool = True,
    demo: bool = False,
    now: datetime,
) -> Opened:
    """A new account. Without `password` it gets one for the first sign-in, unless it shall have none.

    Raises `BadInput`, `WeakPassword`, `NameTaken`.
    """
    actor.require(PERMISSION)
    name = _checked_name(name)
    if password is not None:
        passwords.check_new(password, words=(name, title))
    account_id = queries.add(session, name=name, title=_checked_title(title), demo=demo, now=now)
    if account_id is None:
        raise NameTaken(f"There is an account “{name}” already.", field="name", remedy="Choose another name.")
    if password is not None:
        queries.put_password(session, account_id, passwords.hashed(password), must_change=False, now=now)
        return Opened(account_id, None)
    return Opened(account_id, _give_password(session, account_id, now) if with_password else None)


def reset_password(
    session: Session, actor: Actor, account_id: int, *, password: str | None = None, now: datetime
) -> str | None:
    """Another password, and every session ends. Without `password`: one for the first sign-in, which is returned.

    Raises `AccountUnknown`, `WeakPassword`, `DemoAccount`.
    """
    actor.require(PERMISSION)
    row = queries.named(session, account_id)
    if row is None:
        raise unknown(account_id)
    refuse_demo(row)
    given = None
    if password is None:
        given = _give_password(session, account_id, now)
    else:
        passwords.check_new(password, words=(row.name, row.title))
        queries.put_password(session, account_id, passwords.hashed(password), must_change=False, now=now)
    session_queries.end_all(session, account_id, now)
    return given


def change(
    session: Session,
    actor: Actor,
    account_id: int,
    *,
    title: str | None = None,
    disabled: bool | None = None,
    now: datetime,
) -> None:
    """What is given changes. Disabling ends every session at once; tokens and further sign-ins are refused.

    Raises `AccountUnknown`, `LastAdministrator`.
    """
    actor.require(PERMISSION)
    if queries.named(session, account_id) is None:
        raise unknown(account_id)
    if title is not None:
        queries.set_title(session, account_id, _checked_title(title))
    if disabled is not None:
        if disabled:
            keep_an_administrator(session, actor, account_id, now)
            session_queries.end_all(session, account_id, now)
        queries.set_disabled(session, account_id, now if disabled else None)


def end_sessions(session: Session, actor: Actor, account_id: int, *, now: datetime) -> int:
    """Signs somebody out everywhere; how many sessions ended. Raises `AccountUnknown`."""
    actor.require(PERMISSION)
    if queries.named(session, account_id) is None:
        raise unknown(account_id)
    return session_queries.end_all(session, account_id, now)


def link(session: Session, actor: Actor, account_id: int, issuer: str, subject: str, *, now: datetime) -> None:
    """From now on this subject of the provider signs in to the account. Raises `SubjectTaken`, `BadInput`."""
    actor.require(PERMISSION)
    for field, value in (("issuer", issuer), ("subject", subject)):
        if not value or len(value) > 255 or value != value.strip():
            raise BadInput("It is empty or too long.", field=field, remedy="Take it as the provider shows it.")
    if queries.link(session, account_id, issuer, subject, now) != account_id:
        raise SubjectTaken(
            "This subject signs in to another account.", field="subject", remedy="Unlink it there first."
        )


def unlink(session: Session, actor: Actor, account_id: int, issuer: str, subject: str) -> None:
    """The subject does not sign in any more. Raises `NotFound`."""
    actor.require(PERMISSION)
    if not queries.unlink(session, account_id, issuer, subject):
        raise NotFound("This subject is not linked to the account.", field="subject")


def one(session: Session, actor: Actor, account_id: int, *, now: datetime) -> Account:
    """Raises `AccountUnknown`."""
    actor.require(PERMISSION)
    row = queries.one(session, account_id, now=now, idle=IDLE)
    if row is None:
        raise unknown(account_id)
    return Account(row, tuple(post_queries.of_accounts(session, [account_id], now)))


def page(
    session: Session, actor: Actor, *, find: str | None = None, after: str | None = None, limit: int, now: datetime
) -> list[Account]:
    """In the order of their names; `find`: a part of the name or the title."""
    actor.require(PERMISSION)
    rows = queries.page(session, find=find, after=after, limit=limit, now=now, idle=IDLE)
    posts: dict[int, list[Row[Any]]] = {}
    for post in post_queries.of_accounts(session, [row.id for row in rows], now):
        posts.setdefault(post.account_id, []).append(post)
    return [Account(row, tuple(posts.get(row.id, ()))) for row in rows]


def id_of(session: Session, name: str) -> int:
    """Raises `AccountUnknown`."""
    found = queries.id_of(session, folded(name))
    if found is None:
        raise AccountUnknown(f"There is no account “{name}”.", field="name", remedy="List them: gridgov users list")
    return found


def demo_accounts(session: Session, *, now: datetime) -> list[tuple[Row[Any], list[Row[Any]]]]:
    """The accounts that the demo's sign-in page shows, each with its posts in force."""
    rows = queries.demo_accounts(session)
    held = [post for post in post_queries.of_accounts(session, [row.id for row in rows], now) if post.in_force]
    return [(row, [post for post in held if post.account_id == row.id]) for row in rows]


def keep_an_administrator(session: Session, actor: Actor, account_id: int, now: datetime) -> None:
    """Raises `LastAdministrator` when the account is the only one; the command line can always make another."""
    if actor.account_id is not None and queries.administrators(session, now) == [account_id]:
        raise LastAdministrator(
            "Nobody could administer the city afterwards.", remedy="Appoint another administrator first."
        )


def refuse_demo(row: Row[Any]) -> None:
    """Raises `DemoAccount` for an account that everybody may sign in to."""
    if row.demo:
        raise DemoAccount("The accounts of the demo stay as they are.", remedy="Open an account of your own.")


def unknown(account_id: int) -> AccountUnknown:
    return AccountUnknown(f"There is no account {account_id}.", remedy="List them with /api/v1/accounts.")


def _give_password(session: Session, account_id: int, now: datetime) -> str:
    given = crypto.new_words()
    queries.put_password(session, account_id, passwords.hashed(given), must_change=True, now=now)
    return given


def _checked_name(name: str) -> str:
    name = folded(name)
    if not NAME.match(name):
        raise BadInput(
            "This cannot name an account.",
            field="name",
            remedy="Use a staff number or the like: lower-case letters, digits, and . _ @ - inside, at most 63.",
        )
    return name


def _checked_title(title: str) -> str:
    title = title.strip()
    if len(title) > TITLE_MOST or not title.isprintable():
        raise BadInput(f"It is longer than {TITLE_MOST} characters.", field="title", remedy="Shorten it.")
    return title
