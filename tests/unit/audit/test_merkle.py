"""Merkle trees: the vectors of Certificate Transparency's reference, every path of every small tree, and forgeries."""

from __future__ import annotations

import hashlib

import pytest

from gridgov.audit import merkle

# Inputs and roots of the reference implementation's tests (google/certificate-transparency, merkle_tree_test).
INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
SIZES = [*range(1, 34), 63, 64, 65, 100]


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(i).encode()) for i in range(count)]


@pytest.mark.parametrize("count", range(len(ROOTS)))
def test_roots_are_those_of_the_reference(count: int) -> None:
    assert merkle.root([merkle.leaf_hash(data) for data in INPUTS[:count]]).hex() == ROOTS[count]


def split_as_the_rfc_says(hashes: list[bytes]) -> bytes:
    """The definition: the left part is as large as the largest power of two below the whole."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return merkle.node_hash(split_as_the_rfc_says(hashes[:k]), split_as_the_rfc_says(hashes[k:]))


@pytest.mark.parametrize("count", SIZES)
def test_joining_neighbours_gives_the_tree_of_the_definition(count: int) -> None:
    assert merkle.root(leaves(count)) == split_as_the_rfc_says(leaves(count))


@pytest.mark.parametrize("count", SIZES)
def test_every_path_leads_to_the_root_and_no_other_does(count: int) -> None:
    hashes = leaves(count)
    root = merkle.root(hashes)
    for index in range(count):
        path = merkle.path(hashes, index)
        assert merkle.root_from_path(hashes[index], index, count, path) == root
        assert merkle.root_from_path(merkle.leaf_hash(b"other"), index, count, path) != root
        assert merkle.root_from_path(hashes[index], index, count, [*path, root]) is None
        if path:
            assert merkle.root_from_path(hashes[index], index, count, path[:-1]) is None
            flipped = [bytes([path[0][0] ^ 1]) + path[0][1:], *path[1:]]
            assert merkle.root_from_path(hashes[index], index, count, flipped) != root
        for other in {index ^ 1, (index + 1) % count} - {index}:
            assert merkle.root_from_path(hashes[index], other, count, path) != root


def test_a_node_cannot_pass_for_a_leaf() -> None:
    """The control: without the prefixes a leaf made of two hashes has the root of those two."""
    left, right = leaves(2)
    assert merkle.leaf_hash(left + right) != merkle.root([left, right])
    assert hashlib.sha256(left + right).digest() == hashlib.sha256(b"".join([left, right])).digest()


def test_what_is_no_leaf_of_the_tree() -> None:
    for index in (-1, 3):
        assert merkle.root_from_path(leaves(3)[0], index, 3, []) is None
        with pytest.raises(IndexError):
            merkle.path(leaves(3), index)


def test_stored_leaves_are_split_where_they_belong() -> None:
    assert merkle.split(b"".join(leaves(3))) == leaves(3)
    with pytest.raises(ValueError, match="33"):
        merkle.split(b"x" * 33)
