"""Merkle trees as Certificate Transparency has them (RFC 6962, section 2.1), over SHA-256.

A leaf is hashed with the byte 0x00 before it and a node with 0x01, so that no node can pass for a leaf. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

SIZE = 32
EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in their order; of none, the hash of nothing.

    Joining neighbours level by level, an odd one going up as it is, gives the tree of the RFC, which splits at the
    largest power of two.
    """
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that, with the leaf of this index, give the root; the lowest first. Raises `IndexError`."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    found, level = [], list(leaves)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            found.append(level[beside])
        level, index = _above(level), index >> 1
    return found


def root_from_path(leaf: bytes, index: int, count: int, hashes: Sequence[bytes]) -> bytes | None:
    """The root that a leaf's path leads to in a tree of `count` leaves; None where the path has another length."""
    if not 0 <= index < count:
        return None
    rest = list(hashes)
    here, last = index, count - 1
    while last > 0:
        if here & 1 or here < last:
            if not rest:
                return None
            beside = rest.pop(0)
            leaf = node_hash(beside, leaf) if here & 1 else node_hash(leaf, beside)
        here, last = here >> 1, last >> 1
    return None if rest else leaf


def split(leaves: bytes) -> list[bytes]:
    """Leaf hashes that were stored one after the other. Raises `ValueError` where the length is no multiple of 32."""
    if len(leaves) % SIZE:
        raise ValueError(len(leaves))
    return [leaves[i : i + SIZE] for i in range(0, len(leaves), SIZE)]


def _above(level: list[bytes]) -> list[bytes]:
    return [node_hash(level[i], level[i + 1]) if i + 1 < len(level) else level[i] for i in range(0, len(level), 2)]
