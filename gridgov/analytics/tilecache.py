"""Tiles kept in this process, bounded by bytes, least recently used first out.

Owns the memory. Freshness is in the key: whoever asks names what the tile is derived from, so nothing is ever dropped
for being old, only for room.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

GZIP_FROM_BYTES = 512
GZIP_LEVEL = 5
MOST_STANDING = 50_000


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as it is sent: plain, and compressed when that makes it smaller."""

    plain: bytes
    gzipped: bytes | None

    @property
    def size(self) -> int:
        """Bytes kept for it."""
        return len(self.plain) + len(self.gzipped or b"") + 200


def packed(plain: bytes) -> Tile:
    """A tile with its compressed form, if it is worth having."""
    if len(plain) < GZIP_FROM_BYTES:
        return Tile(plain, None)
    small = gzip.compress(plain, GZIP_LEVEL, mtime=0)
    return Tile(plain, small if len(small) < len(plain) else None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Under which tag the tile of an address is to be had, as long as `noun` stands at `revision`, and before `until`
    (None: at any time)."""

    tag: str
    noun: str
    revision: int
    until: datetime | None

    def holds(self, revisions: Mapping[str, int], now: datetime) -> bool:
        """Whether it is still so."""
        return revisions.get(self.noun, 0) == self.revision and (self.until is None or now < self.until)


class TileCache:
    """Safe for many threads. Two that miss at once both render; the later one stays."""

    def __init__(self, max_bytes: int = 64 << 20) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = Lock()
        self._tiles: OrderedDict[str, tuple[Tile, str]] = OrderedDict()
        self._newest: dict[str, str] = {}
        self._standing: OrderedDict[str, Standing] = OrderedDict()

    def get(self, key: str) -> Tile | None:
        with self._lock:
            found = self._tiles.get(key)
            if found is None:
                return None
            self._tiles.move_to_end(key)
            return found[0]

    def put(self, key: str, tile: Tile, *, shows: str) -> None:
        """Keeps the tile, unless it alone would take an eighth of the room. `shows`: what it is a tile of, whenever;
        one that showed the same before is forgotten: nobody asks for it any more."""
        with self._lock:
            self._drop(self._newest.get(shows, key))
            if tile.size > self._max_bytes // 8:
                return
            self._drop(key)
            self._bytes += tile.size
            self._tiles[key], self._newest[shows] = (tile, shows), key
            while self._bytes > self._max_bytes:
                self._drop(next(iter(self._tiles)))

    def _drop(self, key: str) -> None:
        dropped = self._tiles.pop(key, None)
        if dropped is not None:
            self._bytes -= dropped[0].size
            del self._newest[dropped[1]]

    def stands(self, address: str, standing: Standing) -> None:
        """Keeps in mind what the tile of an address that looks the same to everybody is derived from."""
        with self._lock:
            self._standing[address] = standing
            self._standing.move_to_end(address)
            if len(self._standing) > MOST_STANDING:
                self._standing.popitem(last=False)

    def standing(self, address: str) -> Standing | None:
        """What was kept in mind."""
        return self._standing.get(address)

    def clear(self) -> None:
        """Forgets every tile."""
        with self._lock:
            self._standing.clear()
            self._tiles.clear()
            self._newest.clear()
            self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes kept now."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._tiles)
