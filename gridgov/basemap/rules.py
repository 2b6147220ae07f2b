"""What a provider's tiles are: where they lie, in which datum, how deep they go, what must stand beside them. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from gridgov.geo.crs import Datum

SUBDOMAIN, KEY = "{s}", "{key}"


class Standing(StrEnum):
    """Whether the provider answers."""

    NONE = "none"
    READY = "ready"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Source:
    """A provider's tiles. `template` holds {z}, {x} and {y}, and may hold {s} and {key}; the key never leaves here."""

    template: str = field(repr=False)
    attribution: str
    datum: Datum = Datum.WGS84
    approval: str = ""
    max_zoom: int = 18
    subdomains: tuple[str, ...] = ()
    key: str = field(default="", repr=False)

    def url(self, z: int, x: int, y: int) -> str:
        """The address of a tile; of several hosts always the same one for a tile, so that it is kept there too."""
        host = self.subdomains[(x + y) % len(self.subdomains)] if self.subdomains else ""
        named = self.template.replace(SUBDOMAIN, host).replace(KEY, self.key)
        return named.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))

    @property
    def mark(self) -> str:
        """Changes with whatever makes other pictures of the tiles."""
        said = "\n".join((self.template, self.datum, *self.subdomains))
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def covers(source: Source, z: int, x: int, y: int) -> bool:
    """Whether there can be such a tile."""
    return 0 <= z <= source.max_zoom and 0 <= x < 2**z and 0 <= y < 2**z
