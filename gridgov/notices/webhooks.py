"""Sending webhooks: signed, to an address that was checked and no other, within limits of time and size.

Owns the request. Does not own which addresses are allowed (`addresses`) nor the signature (`signatures`). Redirects are
not followed, proxies of the environment are not believed, and of the answer nothing but its status counts.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import httpcore

from gridgov import __version__
from gridgov.notices.addresses import Allowed, BadUrl, HostNotAllowed
from gridgov.notices.channels import Hook, NotSent
from gridgov.notices.signatures import headers
from gridgov.platform.pinned import Pinned
from gridgov.platform.settings import Settings

WHOLE_S = 12.0  # from the connection to the end of the answer, however slowly it comes
MOST_SENT = 64 * 1024
MOST_READ = 64 * 1024
GONE = 410


@dataclass(frozen=True, slots=True)
class Post:
    """The way out for webhooks. `authorities`: a file of certificates, instead of the system's."""

    allowed: Allowed
    authorities: str | None = None
    whole_s: float = WHOLE_S

    @classmethod
    def chosen(cls, settings: Settings) -> Post:
        """As the settings allow; without any host, nothing goes out."""
        ca = None if settings.webhook_authorities is None else str(settings.webhook_authorities)
        return cls(Allowed.of(settings.webhook_hosts, settings.webhook_networks), ca)

    def post(self, hook: Hook) -> None:
        """One message. Raises `NotSent`: final when the address is not allowed, or the receiver says 410 Gone."""
        if len(hook.body) > MOST_SENT:
            raise NotSent("too-large", final=True)
        try:
            parts = self.allowed.check(hook.url)
            address = self.allowed.resolve(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        except (BadUrl, HostNotAllowed) as problem:
            raise NotSent(problem.code, final=True) from None
        except OSError:
            raise NotSent("host-unknown") from None
        carried = {
            **headers(str(hook.ident), hook.at, hook.body, hook.secrets),
            "Host": parts.netloc,
            "Content-Type": "application/json",
            "User-Agent": f"gridgov/{__version__}",
        }
        status = self._ask(hook.url.partition("#")[0], address, carried, hook.body)
        if 300 <= status < 400:
            raise NotSent("redirected", str(status))
        if not 200 <= status < 300:
            raise NotSent("receiver-refused", str(status), final=status == GONE)

    def _ask(self, url: str, address: str, carried: dict[str, str], body: bytes) -> int:
        """The status of the answer. The certificate must be that of the name, the connection goes to the number."""
        read, tls = 0, ssl.create_default_context(cafile=self.authorities)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=tls, network_backend=Pinned(address, self.whole_s)) as pool,
                pool.stream("POST", url, headers=list(carried.items()), content=body) as answer,
            ):
                for piece in answer.iter_stream():
                    read += len(piece)
                    if read > MOST_READ:
                        raise NotSent("answer-too-large")
                return answer.status
        except httpcore.TimeoutException:
            raise NotSent("receiver-too-slow") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as problem:
            raise NotSent("receiver-unreachable", type(problem).__name__) from None
