"""One tile from the provider: to an address that was checked and no other, within limits of time and size.

Owns the request. Does not own which addresses are allowed (`notices.addresses`) nor what a picture is
(`platform.mosaic`). Redirects are not followed, proxies of the environment are not believed.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore

from gridgov import __version__
from gridgov.basemap.rules import SUBDOMAIN, Source
from gridgov.notices.addresses import Allowed, BadUrl, HostNotAllowed
from gridgov.platform.pinned import Pinned

WHOLE_S = 6.0
MOST_BYTES = 1 << 20


class Away(Exception):
    """The provider gave no tile. `reason` is a word fixed in the code: it never repeats what the provider said."""

    def __init__(self, reason: str, *, none_here: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.none_here = none_here


@dataclass(frozen=True)
class Fetcher:
    """The way out to one provider. `allowed`: its hosts, and networks that are not public and meant all the same."""

    source: Source
    allowed: Allowed
    authorities: str | None = None
    whole_s: float = WHOLE_S

    def fetch(self, z: int, x: int, y: int) -> bytes:
        """What the provider sends for a tile. Raises `Away`."""
        url = self.source.url(z, x, y)
        try:
            parts = self.allowed.check(url)
            address = self.allowed.resolve(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        except (BadUrl, HostNotAllowed):
            raise Away("not-allowed") from None
        except OSError:
            raise Away("host-unknown") from None
        headers = [("Host", parts.netloc), ("User-Agent", f"gridgov/{__version__}"), ("Accept", "image/*")]
        tls = ssl.create_default_context(cafile=self.authorities)
        body = bytearray()
        try:
            with (
                httpcore.ConnectionPool(ssl_context=tls, network_backend=Pinned(address, self.whole_s)) as pool,
                pool.stream("GET", url, headers=headers) as answer,
            ):
                if answer.status in (204, 404):
                    raise Away("no-such-tile", none_here=True)
                if answer.status != 200:
                    raise Away("refused")
                for piece in answer.iter_stream():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise Away("too-large")
        except httpcore.TimeoutException:
            raise Away("too-slow") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
            raise Away("unreachable") from None
        return bytes(body)


def hosts_of(source: Source) -> str:
    """The hosts of a template, as a list with commas between: all that tiles may be asked of."""
    names = source.subdomains or ("",)
    return ",".join(sorted({urlsplit(source.template.replace(SUBDOMAIN, one)).hostname or "" for one in names}))
