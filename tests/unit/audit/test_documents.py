"""docs/audit.md says what is so: its table is that of the code, and its four steps check a receipt without our code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gridgov.audit.approving import table
from gridgov.audit.verifying import Kind
from tests.unit.audit.test_receipts import SIGNER, made

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "audit.md").read_text(encoding="utf-8")


def test_the_table_of_approvals_is_that_of_the_code() -> None:
    assert table() in TEXT


def test_every_finding_is_explained() -> None:
    assert not [kind for kind in Kind if f"`{kind}`" not in TEXT]


def checked(receipt: dict[str, Any], key: bytes) -> bool:
    """The four steps, with nothing but SHA-256 and Ed25519."""

    def written(parts: list[str | None]) -> bytes:
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()

    leaf = hashlib.sha256(b"\x00" + written(["gridgov.audit.entry.1", *receipt["entry"]])).digest()
    header = receipt["proof"]["header"]
    here, last, index = leaf, int(header[2]) - 1, receipt["proof"]["index"]
    path = [bytes.fromhex(one) for one in receipt["proof"]["path"]]
    while last:
        if index % 2 or index < last:
            beside = path.pop(0)
            here = hashlib.sha256(b"\x01" + (beside + here if index % 2 else here + beside)).digest()
        index, last = index // 2, last // 2
    chain = hashlib.sha256(written(header)).digest()
    public = Ed25519PublicKey.from_public_bytes(key)
    try:
        public.verify(bytes.fromhex(receipt["proof"]["signature"]), b"gridgov.audit.seal.1\x00" + chain)
        public.verify(bytes.fromhex(receipt["promise"]), b"gridgov.audit.promise.1\x00" + leaf)
    except InvalidSignature:
        return False
    return here.hex() == header[3] and not path


@pytest.mark.parametrize("index", range(5))
def test_the_four_steps_check_a_receipt(index: int) -> None:
    receipt = json.loads(made(index=index).text())
    assert checked(receipt, SIGNER.public)
    receipt["entry"][8] = "delete"
    assert not checked(receipt, SIGNER.public)
