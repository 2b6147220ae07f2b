"""Which ID tokens are believed: signed with real keys, which are read over HTTP as from any provider."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from gridgov.auth.oidc import Provider, ProviderRefused, ProviderUnavailable, challenge
from gridgov.platform.errors import BadInput

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
NONCE = "n-0S6_WzA2Mj"
ME = "gridgov"


class Keys:
    """A provider's documents on a real port; `keys` may change while it runs."""

    def __init__(self) -> None:
        self.rsa = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"}, private=True)
        self.ec = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"}, private=True)
        self.shown: list[Any] = [self.rsa, self.ec]
        self.asked: list[str] = []
        self.more: dict[str, Any] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                body = json.dumps(outer.document(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def document(self, path: str) -> Mapping[str, Any]:
        if path == "/jwks":
            return KeySet(self.shown).as_dict(private=False)
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        } | self.more

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def token(self, key: Any = None, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """A good token but for what is given; None leaves a claim out."""
        key = key or self.rsa
        said = {
            "iss": self.issuer,
            "aud": ME,
            "sub": "staff-17",
            "nonce": NONCE,
            "iat": int(NOW.timestamp()),
            "exp": int((NOW + timedelta(minutes=5)).timestamp()),
            **claims,
        }
        algorithm = "ES256" if isinstance(key, ECKey) else "RS256"
        head = {"alg": algorithm, "kid": key.kid, **(header or {})}
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(head, kept, key, algorithms=[head["alg"]])


@pytest.fixture(scope="module")
def keys() -> Iterator[Keys]:
    made = Keys()
    yield made
    made.close()


@pytest.fixture
def provider(keys: Keys) -> Provider:
    return Provider(keys.issuer, ME, "secret", "http://127.0.0.1:8000/back")


def test_a_good_token_tells_the_subject(keys: Keys, provider: Provider) -> None:
    for key in (keys.rsa, keys.ec):
        assert provider.judge(keys.token(key), nonce=NONCE, now=NOW) == "staff-17"
    several = keys.token(aud=[ME, "other"], azp=ME)
    assert provider.judge(several, nonce=NONCE, now=NOW) == "staff-17"


def at(minutes: float) -> int:
    return int((NOW + timedelta(minutes=minutes)).timestamp())


@pytest.mark.parametrize(
    ("claims", "because"),
    [
        ({"iss": "https://elsewhere.example"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "other"}, "audience"),
        ({"aud": ["other"]}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": [ME, "other"]}, "authorized-party"),
        ({"azp": "other"}, "authorized-party"),
        ({"exp": at(-1)}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": "soon"}, "expired"),
        ({"exp": True}, "expired"),
        ({"iat": at(1.1)}, "not-yet"),
        ({"iat": None}, "not-yet"),
        ({"nbf": at(1.1)}, "not-yet"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"sub": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 17}, "subject"),
        ({"sub": "x" * 256}, "subject"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(
    keys: Keys, provider: Provider, claims: dict[str, Any], because: str
) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider.judge(keys.token(**claims), nonce=NONCE, now=NOW)
    assert refused.value.because == because
    assert because not in str(refused.value), "whoever tries is not told"


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned(keys: Keys) -> str:
    return f"{part({'alg': 'none'})}.{keys.token().split('.')[1]}."


def by_the_public_key(keys: Keys) -> str:
    """Signed with HMAC, whose secret would be the key that everybody can read."""
    head, body = part({"alg": "HS256", "kid": "rsa-1"}), keys.token().split(".")[1]
    digest = hmac.digest(keys.rsa.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def by_a_stranger(keys: Keys) -> str:
    return keys.token(RSAKey.generate_key(2048, {"kid": "rsa-1"}, private=True))


def with_a_key_of_its_own(keys: Keys) -> str:
    """The header brings a key along, and says where to get others."""
    stranger = RSAKey.generate_key(2048, private=True)
    header = {"alg": "RS256", "jwk": stranger.as_dict(private=False), "jku": f"{keys.issuer}/jwks"}
    return keys.token(stranger, header | {"kid": "rsa-1"})


def changed(keys: Keys) -> str:
    head, _, signature = keys.token().split(".")
    body = {"iss": keys.issuer, "aud": ME, "sub": "somebody else", "nonce": NONCE, "iat": at(0), "exp": at(5)}
    return f"{head}.{part(body)}.{signature}"


@pytest.mark.parametrize("make", [unsigned, by_the_public_key, by_a_stranger, with_a_key_of_its_own, changed])
def test_a_token_that_the_provider_did_not_sign_is_refused(
    keys: Keys, provider: Provider, make: Callable[[Keys], str]
) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider.judge(make(keys), nonce=NONCE, now=NOW)
    assert refused.value.because == "signature"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "....", "é.é.é", "e30.e30.", "{}", "0" * 100_000])
def test_what_is_no_token_is_refused(provider: Provider, token: str) -> None:
    with pytest.raises(ProviderRefused):
        provider.judge(token, nonce=NONCE, now=NOW)


def test_a_new_key_is_read_when_it_is_needed_and_not_more_often_than_each_minute(
    keys: Keys, provider: Provider
) -> None:
    assert provider.judge(keys.token(), nonce=NONCE, now=NOW) == "staff-17"
    fresh = RSAKey.generate_key(2048, {"kid": "rsa-2", "use": "sig"}, private=True)
    token = keys.token(fresh)
    keys.shown = [fresh]
    keys.asked.clear()
    try:
        for _ in range(5):
            with pytest.raises(ProviderRefused):
                provider.judge(token, nonce=NONCE, now=NOW + timedelta(seconds=59))
        assert keys.asked == []
        assert provider.judge(token, nonce=NONCE, now=NOW + timedelta(minutes=1)) == "staff-17"
        assert keys.asked.count("/jwks") == 1
        with pytest.raises(ProviderRefused):  # the old one does not count any more
            provider.judge(keys.token(), nonce=NONCE, now=NOW + timedelta(minutes=1))
    finally:
        keys.shown = [keys.rsa, keys.ec]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"issuer": "https://elsewhere.example"}, ProviderUnavailable),
        ({"token_endpoint": None}, ProviderUnavailable),
        ({"token_endpoint": "http://elsewhere.example/token"}, BadInput),
        ({"jwks_uri": "file:///etc/passwd"}, BadInput),
    ],
)
def test_a_provider_that_says_odd_things_is_not_used(
    keys: Keys, provider: Provider, more: dict[str, Any], kind: type[Exception]
) -> None:
    keys.more = more
    try:
        with pytest.raises(kind):
            provider.address(state="s", nonce="n", verifier="v", now=NOW)
    finally:
        keys.more = {}


@pytest.mark.parametrize(
    "issuer",
    ["http://login.example.org", "ftp://login.example.org", "login.example.org", "https://", "https://a@b.example", ""],
)
def test_an_issuer_must_be_safe_to_talk_to(issuer: str) -> None:
    with pytest.raises(BadInput):
        Provider(issuer, ME, "secret", "https://grid.example.org/back")
    assert Provider("https://login.example.org/realms/x", ME, "secret", "https://grid.example.org/back")


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
