"""Where webhooks may go: hosts that are allowed by name, at addresses that are public or allowed as networks.

Owns the check of an address, by name and by number. A name is looked up once, every address it has must be allowed,
and the connection goes to one of these addresses and nowhere else (`webhooks`): a name that changes its address
between the look-up and the connection gains nothing (DNS rebinding).
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from gridgov.platform.errors import BadInput

LONGEST = 500
_NAT64 = ip_network("64:ff9b::/96")
Address = IPv4Address | IPv6Address


class BadUrl(BadInput):
    code = "bad-webhook-url"


class HostNotAllowed(BadInput):
    """The host, or what its name leads to, is not on the list."""

    code = "webhook-host-not-allowed"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts by name ("hooks.example.org", "*.example.org"), and networks that are allowed though not public."""

    hosts: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, hosts: str, networks: str) -> Allowed:
        """From lists with commas between."""
        return cls(
            tuple(one.strip().lower() for one in hosts.split(",") if one.strip()),
            tuple(ip_network(one.strip(), strict=False) for one in networks.split(",") if one.strip()),
        )

    def host(self, name: str) -> bool:
        """Whether the name stands on the list."""
        name = name.lower().rstrip(".")
        return any(name == one or (one.startswith("*.") and name.endswith(one[1:])) for one in self.hosts)

    def listed(self, address: Address) -> bool:
        """Whether the address lies in one of the allowed networks."""
        return any(address.version == one.version and address in one for one in self.networks)

    def check(self, url: str) -> SplitResult:
        """The parts of an address to which a webhook may be sent, as far as its name says. Raises `BadUrl`,
        `HostNotAllowed`. Plain HTTP only to an address, written as number, of an allowed network."""
        parts = urlsplit(url) if len(url) <= LONGEST and url.isascii() and url.isprintable() else urlsplit("")
        try:
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port = "", None
        if (
            parts.scheme not in ("https", "http")
            or not host
            or parts.username
            or parts.password
            or " " in url
            or port == 0
        ):
            raise BadUrl("This is no address of a webhook.", field="url", remedy="Write https://host[:port]/path.")
        if not self.host(host):
            raise HostNotAllowed(
                f"“{host}” is not on the list of hosts.", field="url", remedy="Add it to GRIDGOV_WEBHOOK_HOSTS."
            )
        if parts.scheme == "http" and not (_is_number(host) and self.listed(real(ip_address(host)))):
            raise BadUrl(
                "Over plain HTTP anybody on the way can read and change it.", field="url", remedy="Write https://…"
            )
        return parts

    def resolve(self, host: str, port: int) -> str:
        """The address to connect to. Raises `HostNotAllowed` if any address of the name is neither public nor
        allowed, `OSError` when there is none."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))
        self.require(addresses)
        return addresses[0]

    def require(self, addresses: Iterable[str]) -> None:
        """Raises `HostNotAllowed` unless every address is public or in an allowed network."""
        for one in addresses:
            address = real(ip_address(one))
            if not (is_public(address) or self.listed(address)):
                raise HostNotAllowed(
                    "The name of this host leads into a network that is not public.",
                    field="url",
                    remedy="Add the network to GRIDGOV_WEBHOOK_NETWORKS if that is meant.",
                )


def real(address: Address) -> Address:
    """What an address leads to in the end: IPv4 that is wrapped into IPv6 (mapped, NAT64, 6to4, Teredo) taken out."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else address


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public network, and to one host."""
    odd = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    site = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not odd and not site


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
