"""Receipts checked offline: what is whole holds, and every single change of it is found."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gridgov.audit import merkle, rules
from gridgov.audit.receipts import PROMISE_MARK, Proof, Receipt, ReceiptIsWrong, read_receipt, verify_receipt
from gridgov.platform.signing import Signer
from tests.unit.audit.test_rules import ENTRY, SEAL

SIGNER = Signer(b"s" * 32)
OTHER = Signer(b"t" * 32)


def made(signer: Signer = SIGNER, *, index: int = 2, count: int = 5) -> Receipt:
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(count)]
    leaves[index] = rules.leaf(ENTRY)
    seal = replace(SEAL, leaves=b"".join(leaves), root=merkle.root(leaves), key=signer.public)
    header = seal.header()
    signature = signer.sign(rules.signed_bytes(rules.chain_of(header)))
    path = tuple(one.hex() for one in merkle.path(leaves, index))
    promise = signer.sign(PROMISE_MARK + leaves[index])
    return Receipt(
        ENTRY,
        leaves[index].hex(),
        signer.public.hex(),
        promise.hex(),
        Proof(index, path, tuple(header), signature.hex()),
    )


def test_a_whole_one_holds_and_names_its_seal() -> None:
    assert verify_receipt(made(), SIGNER.public) == 3
    assert verify_receipt(replace(made(), proof=None), SIGNER.public) is None
    for index in range(5):
        assert verify_receipt(made(index=index), SIGNER.public) == 3


def test_it_survives_being_written_down() -> None:
    for held in (made(), replace(made(), proof=None)):
        assert read_receipt(held.text()) == held


def test_another_key_proves_nothing() -> None:
    with pytest.raises(ReceiptIsWrong, match="another key"):
        verify_receipt(made(OTHER), SIGNER.public)
    with pytest.raises(ReceiptIsWrong):  # who puts the right name on it still cannot sign
        verify_receipt(replace(made(OTHER), key=SIGNER.public.hex()), SIGNER.public)


def places(value: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Where the texts and numbers of a JSON value are."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return [place for key, inner in pairs for place in places(inner, (*at, key))]
    return [at]


@pytest.mark.parametrize("place", places(json.loads(made().text())), ids=str)
def test_a_change_anywhere_is_found(place: tuple[object, ...]) -> None:
    body = json.loads(made().text())
    inner = body
    for key in place[:-1]:
        inner = inner[key]
    old = inner[place[-1]]
    for new in _others(old):
        inner[place[-1]] = new
        with pytest.raises(ReceiptIsWrong):
            verify_receipt(read_receipt(json.dumps(body)), SIGNER.public)


def _others(old: object) -> list[object]:
    if isinstance(old, int):
        return [old + 1, old - 1, None]
    if isinstance(old, str) and len(old) >= 64:
        return [("0" if old[0] != "0" else "1") + old[1:], old[:-2], "", 5]
    return ["x", 5] if old is None else [f"{old}0", 5]


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", '"x"', "{", '{"entry": []}', made().text().replace('"path"', '"paths"'), "NaN", "1e999"],
)
def test_what_is_no_receipt_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ReceiptIsWrong):
        verify_receipt(read_receipt(text), SIGNER.public)
