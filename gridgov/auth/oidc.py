"""Signing in at an OpenID provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0; RFC 7636,
RFC 9700).

Owns talking to the provider and judging its ID token. Does not own which account a subject signs in to (`signin`), nor
handshakes in the store (`handshake`). The access token is thrown away: the platform asks the provider for nothing but
who somebody is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gridgov.platform.errors import BadInput, Unauthenticated, Unavailable
from gridgov.platform.settings import Settings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY_S = 60
KEPT = timedelta(hours=1)
AGAIN = timedelta(minutes=1)  # an unknown key makes us ask for the keys anew, no more often than this
TIMEOUT = httpx.Timeout(5.0)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
CALLBACK = "/api/v1/session/oidc/callback"
MOST_BYTES = 1_000_000


class ProviderUnavailable(Unavailable):
    """The provider does not answer, or not as a provider would."""

    code = "oidc-provider-unavailable"


class ProviderRefused(Unauthenticated):
    """What came back proves nothing. `because` goes into the audit trail, not to whoever asked."""

    code = "sign-in-refused"

    def __init__(self, because: str) -> None:
        super().__init__("The sign-in at the provider did not succeed.", remedy="Try again from the sign-in page.")
        self.because = because


@dataclass(frozen=True, slots=True)
class _Known:
    """What the provider says of itself, and when we asked."""

    authorization: str
    token: str
    jwks: str
    keys: KeySet
    read_at: datetime


class Provider:
    """One provider that this city signs in at. Safe for many threads."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        """Raises `BadInput` for an issuer or redirect that would send secrets in the clear."""
        for field, url in (("GRIDGOV_OIDC_ISSUER", issuer), ("GRIDGOV_PUBLIC_URL", redirect_uri)):
            check_url(url, field)
        self.issuer, self.client_id, self.redirect_uri = issuer, client_id, redirect_uri
        self._secret = client_secret
        self._lock = Lock()
        self._known: _Known | None = None

    def __repr__(self) -> str:
        return f"Provider({self.issuer})"

    def address(self, *, state: str, nonce: str, verifier: str, now: datetime) -> str:
        """Where the browser is sent to. Raises `ProviderUnavailable`."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._read(now).authorization
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def subject(self, code: str, *, verifier: str, nonce: str, now: datetime) -> str:
        """Who signed in, by the provider's own name. Raises `ProviderRefused`, `ProviderUnavailable`."""
        known = self._read(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        answer = _ask("POST", known.token, data=form, auth=(self.client_id, self._secret))
        if answer.status_code >= 500:
            raise ProviderUnavailable("The provider is not well.", remedy="Try again in a moment.")
        token = _json(answer).get("id_token") if answer.status_code == 200 else None
        if not isinstance(token, str):
            raise ProviderRefused("code")
        return self.judge(token, nonce=nonce, now=now)

    def judge(self, token: str, *, nonce: str, now: datetime) -> str:
        """The subject of an ID token, after every check of OpenID Connect Core 3.1.3.7. Raises `ProviderRefused`."""
        claims = self._signed(token, now)
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        subject, at = claims.get("sub"), now.timestamp()
        expires, issued, begins = _number(claims, "exp"), _number(claims, "iat"), _number(claims, "nbf")
        if claims.get("iss") != self.issuer:
            raise ProviderRefused("issuer")
        if self.client_id not in audiences:
            raise ProviderRefused("audience")
        if claims.get("azp", self.client_id) != self.client_id or (len(audiences) > 1 and "azp" not in claims):
            raise ProviderRefused("authorized-party")
        if expires is None or expires + LEEWAY_S <= at:
            raise ProviderRefused("expired")
        if issued is None or max(issued, begins or 0.0) - LEEWAY_S > at:
            raise ProviderRefused("not-yet")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise ProviderRefused("nonce")
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise ProviderRefused("subject")
        return subject

    def _signed(self, token: str, now: datetime) -> Mapping[str, Any]:
        """The claims under a signature of the provider's; its keys are read anew once when none fits."""
        for known in (self._read(now), None):
            keys = known.keys if known is not None else self._read(now, stale=AGAIN).keys
            try:
                return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
            except (JoseError, ValueError):
                continue
        raise ProviderRefused("signature")

    def _read(self, now: datetime, *, stale: timedelta = KEPT) -> _Known:
        """What the provider says of itself, no older than `stale`."""
        with self._lock:
            if self._known is None or self._known.read_at + stale <= now:
                self._known = self._discover(now)
            return self._known

    def _discover(self, now: datetime) -> _Known:
        said = _json(_ask("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"))
        if said.get("issuer") != self.issuer:
            raise ProviderUnavailable(
                "The provider calls itself by another name.",
                field="GRIDGOV_OIDC_ISSUER",
                remedy=f"Set it to exactly what the provider says: {str(said.get('issuer'))[:200]}",
            )
        found = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if not all(isinstance(url, str) for url in found):
            raise ProviderUnavailable("The provider does not say where to go.", remedy="Ask who runs it.")
        authorization, token, jwks = (check_url(str(url), "GRIDGOV_OIDC_ISSUER") for url in found)
        try:
            keys = KeySet.import_key_set(_json(_ask("GET", jwks)))  # type: ignore[arg-type]  # checked as it is read
        except (JoseError, ValueError, KeyError, TypeError):
            raise ProviderUnavailable("The provider's keys cannot be read.", remedy="Ask who runs it.") from None
        return _Known(authorization, token, jwks, keys, now)


def provider_of(settings: Settings, *, city: str | None = None) -> Provider | None:
    """The provider that is set, if any. `city`: one that is served beside the first, under its own beginning of paths,
    where the provider must send people back to. Raises `BadInput`."""
    if not (settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret and settings.public_url):
        return None
    redirect_uri = settings.public_url + (f"/c/{city}" if city else "") + CALLBACK
    return Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, redirect_uri)


def challenge(verifier: str) -> str:
    """S256 of RFC 7636, section 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def check_url(url: str, field: str) -> str:
    """The address itself. Raises `BadInput` unless it is HTTPS, or plain HTTP on this very machine."""
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.fragment:
        raise BadInput(f"“{url}” is no safe address.", field=field, remedy="Write https://host[:port][/path].")
    return url


def _ask(method: str, url: str, **more: Any) -> httpx.Response:
    """One request that follows no redirect and believes no proxy of the environment."""
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            answer = client.request(method, url, headers={"Accept": "application/json"}, **more)
    except httpx.HTTPError as problem:
        raise ProviderUnavailable("The provider does not answer.", remedy="Try again in a moment.") from problem
    if len(answer.content) > MOST_BYTES:
        raise ProviderUnavailable("The provider's answer is too long.", remedy="Ask who runs it.")
    return answer


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    if answer.status_code != 200 or not isinstance(said, dict):
        raise ProviderUnavailable("The provider's answer cannot be read.", remedy="Try again in a moment.")
    return said


def _number(claims: Mapping[str, Any], name: str) -> float | None:
    """Seconds since 1970, if the claim holds such a number."""
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
