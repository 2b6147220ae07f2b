"""The two halves of a sign-in at the OpenID provider: off to it, and back.

Owns their order and the cookie between them. Whatever goes wrong, the browser comes back to a page of ours and is told
no more than that it was refused; why stands in the audit trail.
"""

from __future__ import annotations

from fastapi.responses import RedirectResponse

from gridgov.api import door
from gridgov.auth import handshake, signin, trail
from gridgov.auth.oidc import Provider, ProviderRefused
from gridgov.auth.signin import Begun, SignInRefused
from gridgov.bootstrap import House
from gridgov.platform import clock
from gridgov.platform.errors import NotFound, Unavailable
from gridgov.platform.limits import key_of, network_of, take

HANDSHAKE_COOKIE = "__Host-gridgov-handshake"
LASTS_S = int(handshake.LASTS.total_seconds())


class NoProvider(NotFound):
    """This city signs in by password alone."""

    code = "oidc-not-configured"


def begin_at_provider(house: House, back_to: str | None, *, address: str) -> RedirectResponse:
    """Off to the provider. Raises `NoProvider`, `RateLimited`."""
    provider = _provider(house)
    now = clock.utcnow()
    key = key_of(house.sealer, signin.HANDSHAKES, network_of(address))
    with house.internally(door.DOOR) as session:
        take(session, key, signin.HANDSHAKES, now)
    with house.internally(door.DOOR) as session:
        made = handshake.offer(session, back_to, now=now)
    try:
        where = provider.address(state=made.state, nonce=made.nonce, verifier=made.verifier, now=now)
    except Unavailable:
        return _back("unavailable")
    answer = RedirectResponse(where, status_code=303)
    # Lax, for the provider's redirect comes from another site; it binds the handshake to this browser.
    answer.set_cookie(
        HANDSHAKE_COOKIE, made.state, max_age=LASTS_S, path="/", secure=True, httponly=True, samesite="lax"
    )
    return answer


def end_at_provider(
    house: House, state: str, code: str, issuer: str | None, *, cookie: str, address: str, old: str | None
) -> RedirectResponse:
    """Back from the provider: with a session, or refused. The session of the cookie `old` ends with success."""
    provider = _provider(house)
    now = clock.utcnow()
    with house.internally(door.DOOR) as session:  # the handshake is gone whatever comes of it
        held = handshake.take(session, state, cookie, now=now)
        demo = door.is_demo(house, session)
    try:
        if held is None:
            raise ProviderRefused("state")
        handshake.refuse_foreign(issuer, provider.issuer)
        if not code:
            raise ProviderRefused("denied")
        subject = provider.subject(code, verifier=held.verifier, nonce=held.nonce, now=now)
        begun = _begin(house, provider, subject, old=old, demo=demo)
    except ProviderRefused as problem:
        _note_refused(house, address, problem.because)
        return _back("refused")
    except SignInRefused:
        _note_refused(house, address, "unlinked")
        return _back("refused")
    except Unavailable:
        return _back("unavailable")
    answer = RedirectResponse(held.back_to, status_code=303)
    door.set_cookie(answer, begun.secret)
    return _without_handshake(answer)


def _begin(house: House, provider: Provider, subject: str, *, old: str | None, demo: bool) -> Begun:
    now = clock.utcnow()
    with house.internally(door.DOOR) as session:
        begun = signin.open_by_subject(session, provider.issuer, subject, demo_city=demo, now=now)
        if old is not None:
            signin.sign_out(session, old, now=now)
        return begun


def _note_refused(house: House, address: str, because: str) -> None:
    with house.internally(door.DOOR) as session:
        signin.refused(session, "oidc", None, origin=trail.origin(house.sealer, address), because=because)


def _back(how: str) -> RedirectResponse:
    """To the first page, which says that the sign-in was refused or the provider does not answer."""
    return _without_handshake(RedirectResponse(f"{handshake.HOME}?sign-in={how}", status_code=303))


def _without_handshake(answer: RedirectResponse) -> RedirectResponse:
    answer.delete_cookie(HANDSHAKE_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _provider(house: House) -> Provider:
    if house.provider is None:
        raise NoProvider("No OpenID provider is configured.", remedy="Sign in with name and password.")
    return house.provider
