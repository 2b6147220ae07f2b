"""Tiles kept in memory stay within their bytes, and the least used goes first."""

from __future__ import annotations

import gzip
import os

from gridgov.analytics.tilecache import Tile, TileCache, packed


def test_the_least_used_goes_first() -> None:
    cache = TileCache(max_bytes=10_000)
    for name in "abcdefgh":
        cache.put(name, Tile(bytes(1_000), None), shows=name)
    assert cache.get("a") is not None
    cache.put("i", Tile(bytes(1_000), None), shows="i")
    assert cache.get("b") is None, "b was used least"
    assert cache.get("a") is not None
    assert cache.size <= 10_000


def test_putting_a_tile_again_does_not_count_twice() -> None:
    cache = TileCache(max_bytes=10_000)
    for _ in range(50):
        cache.put("a", Tile(bytes(1_000), None), shows="one")
    assert len(cache) == 1
    assert cache.size == 1_200


def test_what_shows_the_same_anew_takes_the_place_of_what_was() -> None:
    cache = TileCache(max_bytes=10_000)
    for tag in ("a1", "a2", "a3"):
        cache.put(tag, Tile(bytes(1_000), None), shows="a")
        cache.put(f"b{tag}", Tile(bytes(1_000), None), shows=tag)  # the control: another place each time
    assert [cache.get(tag) is not None for tag in ("a1", "a2", "a3", "ba1", "ba2", "ba3")] == [
        False,
        False,
        *[True] * 4,
    ]
    assert cache.size == 4 * 1_200
    cache.put("a4", Tile(bytes(5_000), None), shows="a")
    assert cache.get("a3") is None, "one that is too large is not kept; the one before shows what is no more"
    assert cache.get("a4") is None


def test_a_tile_too_large_is_not_kept() -> None:
    cache = TileCache(max_bytes=8_000)
    cache.put("a", Tile(bytes(900), None), shows="one")
    assert cache.get("a") is None
    assert cache.size == 0


def test_compressed_only_where_that_helps() -> None:
    even, noise = packed(bytes(5_000)), packed(os.urandom(5_000))
    assert even.gzipped is not None
    assert gzip.decompress(even.gzipped) == even.plain
    assert noise.gzipped is None
    assert packed(b"short").gzipped is None
