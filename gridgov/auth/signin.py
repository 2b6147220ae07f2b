"""Signing in and out, the post in which a session acts, and one's own password.

Owns sessions and what is counted against guessing. Does not own looking a session up (`credentials`), nor the order of
transactions (`api.door`): a try is counted before anything else, and no transaction waits while a password is hashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row
from sqlalchemy.orm import Session

from gridgov.auth import accounts, passwords, trail
from gridgov.auth.credentials import digest_of
from gridgov.auth.queries import accounts as account_queries
from gridgov.auth.queries import posts as post_queries
from gridgov.auth.queries import sessions as queries
from gridgov.auth.rules import Actor, NotSignedIn
from gridgov.platform import crypto, metrics
from gridgov.platform.crypto import Sealer
from gridgov.platform.errors import BadInput, Conflict, Refused, Unauthenticated
from gridgov.platform.limits import Lock, Rate, Rule, key_of, network_of

LASTS = timedelta(hours=12)
INITIAL_LASTS = timedelta(days=7)  # a password that an administrator handed over

# Against guessing. The pair of account and network locks early; the account alone late and never for long, because
# whoever knows a name could keep its owner out; the network has room for an office that begins at nine.
PAIR = Lock("sign-in-pair", 5, timedelta(minutes=1), longest=timedelta(hours=1))
ACCOUNT = Lock("sign-in-account", 30, timedelta(minutes=1), longest=timedelta(minutes=15), memory=timedelta(hours=2))
NETWORK = Rate("sign-in-network", 120, timedelta(minutes=10))
OWN_PASSWORD = Lock("own-password", 5, timedelta(minutes=1), longest=timedelta(hours=1))
HANDSHAKES = Rate("sign-in-handshakes", 60, timedelta(minutes=10))

How = Literal["password", "oidc"]


class SignInRefused(Unauthenticated):
    """Which of name, password and account was at fault is not said."""

    code = "sign-in-refused"


class PasswordMustChange(Refused):
    """The password came from an administrator; nothing is opened before it is one's own."""

    code = "password-must-change"


class WrongPassword(BadInput):
    """The old password is not the one of now."""

    code = "wrong-password"


class NotYourPost(BadInput):
    """The account holds no such post now."""

    code = "post-not-held"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who would sign in, if the password is right; `row` is None where there is no such account."""

    row: Row[Any] | None

    @property
    def account_id(self) -> int | None:
        return None if self.row is None else int(self.row.id)

    @property
    def stored(self) -> str | None:
        return None if self.row is None else self.row.hash


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has begun; `secret` goes into the cookie and is kept nowhere."""

    secret: str
    session_id: int
    account_id: int

    def __repr__(self) -> str:
        return f"Begun({self.session_id})"


@dataclass(frozen=True, slots=True)
class Desk:
    """What somebody who is signed in is shown of themselves."""

    name: str
    title: str
    how: str | None
    expires_at: datetime | None
    must_change: bool
    demo: bool
    posts: tuple[Row[Any], ...]


def takes(sealer: Sealer, name: str, address: str) -> list[tuple[bytes, Rule]]:
    """What a try to sign in is counted under, whether or not there is such an account."""
    name, network = accounts.folded(name), network_of(address)
    return [
        (key_of(sealer, PAIR, name, network), PAIR),
        (key_of(sealer, ACCOUNT, name), ACCOUNT),
        (key_of(sealer, NETWORK, network), NETWORK),
    ]


def forgiven(sealer: Sealer, name: str, address: str) -> list[bytes]:
    """The counts that success gives back: not the network's, or one account of one's own would open it for guessing."""
    return [key for key, rule in takes(sealer, name, address) if isinstance(rule, Lock)]


def candidate(session: Session, name: str) -> Candidate:
    """By the name as it was typed."""
    return Candidate(account_queries.for_sign_in(session, accounts.folded(name)))


def proved(who: Candidate, password: str, *, demo_city: bool, now: datetime) -> bool:
    """Whether the password opens the account. Takes as long for no account, no password and a disabled account.

    Outside any transaction: it takes 20 ms and 19 MiB.
    """
    right = passwords.proves(who.stored, password)
    row = who.row
    if row is None or not right:
        return False
    stale = row.must_change and row.changed_at + INITIAL_LASTS <= now
    return row.disabled_at is None and not stale and (demo_city or not row.demo)


def open_session(session: Session, who: Candidate, password: str, *, now: datetime) -> Begun:
    """A new session by a password that was proved. Raises `SignInRefused` when it changed in the meantime."""
    assert who.row is not None
    assert who.stored is not None
    if not account_queries.password_stands(session, who.row.id, who.stored):
        raise refusal()
    if passwords.outdated(who.stored):
        account_queries.rehash(session, who.row.id, passwords.hashed(password), was=who.stored)
    return _open(session, who.row.id, "password", now, chosen=not who.row.must_change)


def open_by_subject(session: Session, issuer: str, subject: str, *, demo_city: bool, now: datetime) -> Begun:
    """A new session for the account that the subject was linked to. Raises `SignInRefused`."""
    row = account_queries.by_subject(session, issuer, subject)
    if row is None or row.disabled_at is not None or (row.demo and not demo_city):
        raise refusal()
    return _open(session, row.id, "oidc", now, chosen=True)


def refused(session: Session, how: How, account_id: int | None, *, origin: str, because: str) -> None:
    """Writes down that somebody was refused, and counts it."""
    metrics.sign_in_failed(how)
    trail.note(session, trail.SIGN_IN_FAILED, account_id, how=how, origin=origin, because=because)


def refusal() -> SignInRefused:
    """One answer for every reason."""
    return SignInRefused(
        "Name and password do not open an account.",
        remedy="Try again, or ask an administrator for a new password.",
    )


def sign_out(session: Session, secret: str, *, now: datetime) -> None:
    """The session ends at once; one that is over already stays so."""
    account_id = queries.end(session, digest_of(secret), now)
    if account_id is not None:
        trail.note(session, trail.SIGN_OUT, account_id)


def require_session(actor: Actor) -> None:
    """Raises `NotSignedIn` for whoever came without a session."""
    if actor.session_id is None:
        raise NotSignedIn("This needs a session.", remedy="Sign in, then try again.")


def desk(session: Session, actor: Actor, *, now: datetime) -> Desk | None:
    """What the session's page shows; None for whoever is not signed in."""
    if actor.account_id is None:
        return None
    row = account_queries.password_of(session, actor.account_id)
    assert row is not None
    held = None if actor.session_id is None else queries.one(session, actor.session_id)
    return Desk(
        name=row.name,
        title=row.title,
        how=None if held is None else held.how,
        expires_at=None if held is None else held.expires_at,
        must_change=bool(row.must_change) and held is not None and held.how == "password",
        demo=row.demo,
        posts=tuple(_in_force(session, actor.account_id, now)),
    )


def change_post(session: Session, actor: Actor, post_id: int, *, now: datetime) -> None:
    """The session acts in another post from the next request on. Raises `NotYourPost`, `PasswordMustChange`."""
    assert actor.account_id is not None
    assert actor.session_id is not None
    found = desk(session, actor, now=now)
    assert found is not None
    if found.must_change:
        raise PasswordMustChange("First choose a password of your own.", remedy="PUT /api/v1/session/password")
    if post_id not in {row.id for row in found.posts}:
        raise NotYourPost("You hold no such post now.", field="post", remedy="Take one of those that /session names.")
    queries.set_post(session, actor.session_id, post_id)
    trail.note(session, trail.CHANGE_POST, actor.account_id, before=actor.post_id, after=post_id)


def own_password(session: Session, actor: Actor) -> Row[Any]:
    """What changing one's own password begins with. Raises `DemoAccount`, `Conflict` where there is none."""
    assert actor.account_id is not None
    row = account_queries.password_of(session, actor.account_id)
    assert row is not None
    accounts.refuse_demo(row)
    if row.hash is None:
        raise Conflict("This account signs in without a password.", remedy="Change it where you sign in.")
    return row


def prove_own(row: Row[Any], password: str) -> None:
    """Raises `WrongPassword` unless this is the password of now. Outside any transaction."""
    if not passwords.proves(row.hash, password):
        raise WrongPassword("This is not your password of now.", field="old", remedy="Type the one you signed in with.")


def judge_own(row: Row[Any], password: str) -> None:
    """Raises `WeakPassword` unless the password may be the account's next one. Outside any transaction."""
    passwords.check_new(password, words=(row.name, row.title))
    if passwords.proves(row.hash, password):
        raise passwords.WeakPassword("This is the password of now.", "Choose another one.")


def own_takes(sealer: Sealer, account_id: int) -> list[tuple[bytes, Rule]]:
    """What a try to change one's password is counted under."""
    return [(key_of(sealer, OWN_PASSWORD, str(account_id)), OWN_PASSWORD)]


def change_password(session: Session, actor: Actor, row: Row[Any], password: str, *, now: datetime) -> Begun:
    """Another password; every session of the account ends, and one begins that the new one opened. `row`: of
    `own_password`, whose hash was proved. Raises `Conflict` when it changed in the meantime."""
    assert actor.account_id is not None
    stored = passwords.hashed(password)
    if not account_queries.change_password(session, actor.account_id, stored, was=row.hash, now=now):
        raise Conflict("The password was changed meanwhile.", remedy="Sign in again.")
    queries.end_all(session, actor.account_id, now)
    return _open(session, actor.account_id, "password", now, chosen=True, post_id=actor.post_id)


def _open(
    session: Session, account_id: int, how: How, now: datetime, *, chosen: bool, post_id: int | None = None
) -> Begun:
    """`chosen`: in the post of last time, or the first; otherwise in none."""
    posts = _in_force(session, account_id, now) if chosen else []
    last = post_id or (queries.last_post(session, account_id) if posts else None)
    held = next((row.id for row in posts if row.id == last), posts[0].id if posts else None)
    secret = crypto.new_secret()
    session_id = queries.add(
        session,
        digest=digest_of(secret),
        account_id=account_id,
        post_id=held,
        how=how,
        now=now,
        expires_at=now + LASTS,
    )
    trail.note(session, trail.SIGN_IN, account_id, how=how, post=held, began=session_id)
    return Begun(secret, session_id, account_id)


def _in_force(session: Session, account_id: int, now: datetime) -> Sequence[Row[Any]]:
    return [row for row in post_queries.of_accounts(session, [account_id], now) if row.in_force]
