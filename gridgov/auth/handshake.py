"""A sign-in at the provider between its two halves: what was drawn, kept for ten minutes and given out once.

Owns handshakes and where the browser comes back to. Does not own the provider (`oidc`).
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gridgov.auth.credentials import digest_of
from gridgov.auth.oidc import ProviderRefused
from gridgov.auth.queries import sessions as queries
from gridgov.platform import crypto

LASTS = timedelta(minutes=10)
HOME = "/"
# A path of ours: one stroke, then what no browser takes for another host ("//x", "/\\x", "/%09/x").
_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_.~?#&=,;:@!$'()*+-]{0,300}")


@dataclass(frozen=True, slots=True)
class Handshake:
    """`state` goes to the provider and into a cookie of this browser alone."""

    state: str
    nonce: str
    verifier: str
    back_to: str

    def __repr__(self) -> str:
        return "Handshake()"


def offer(session: Session, back_to: str | None, *, now: datetime) -> Handshake:
    """A new one; what is older than ten minutes is forgotten."""
    made = Handshake(crypto.new_secret(), crypto.new_secret(), crypto.new_secret(), ours(back_to))
    queries.add_handshake(
        session,
        digest=digest_of(made.state),
        nonce=made.nonce,
        verifier=made.verifier,
        back_to=made.back_to,
        now=now,
        since=now - LASTS,
    )
    return made


def take(session: Session, state: str, cookie: str, *, now: datetime) -> Handshake | None:
    """The handshake of this state, which nobody gets again; None where there is none, or it is too old, or it was begun
    in another browser. The caller's transaction must end before anything is done with it."""
    row = queries.take_handshake(session, digest_of(state))
    same = hmac.compare_digest(state.encode(), cookie.encode())
    if row is None or not same or row.created_at + LASTS <= now:
        return None
    return Handshake(state, row.nonce, row.verifier, row.back_to)


def refuse_foreign(issuer: str | None, own: str) -> None:
    """RFC 9207: an answer that names another issuer is for somebody else. Raises `ProviderRefused`."""
    if issuer is not None and issuer != own:
        raise ProviderRefused("issuer")


def ours(back_to: str | None) -> str:
    """The path if it leads into our own pages, otherwise the first page."""
    return back_to if back_to is not None and _PATH.fullmatch(back_to) else HOME
