"""Receipts: what somebody keeps to prove later that an entry was made, as it was made.

Owns the form of a receipt and how it is checked. A receipt holds the entry itself, its leaf, and the installation's
signature over the leaf; once the entry is sealed also the path from the leaf to the seal's root, and the seal. Checking
one needs the public key and nothing else: no database, no network.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from gridgov.audit import merkle
from gridgov.audit.queries import trail as queries
from gridgov.audit.rules import Entry, chain_of, leaf, members, signed_bytes
from gridgov.platform.errors import BadInput, NotFound
from gridgov.platform.signing import Signer, is_signed

FORM = "gridgov.audit.receipt.1"
PROMISE_MARK = b"gridgov.audit.promise.1\x00"


class NothingRecorded(NotFound):
    """This transaction wrote no entry about the row."""

    code = "nothing-recorded"


class ReceiptIsWrong(BadInput):
    """The receipt does not prove what it says."""

    code = "receipt-wrong"


@dataclass(frozen=True, slots=True)
class Proof:
    """From a leaf to a signed seal. `header`: the parts of the seal's bytes (`rules.Seal.header`)."""

    index: int
    path: tuple[str, ...]
    header: tuple[str, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Hashes, keys and signatures in hexadecimal. Without `proof` the entry was not sealed yet."""

    entry: Entry
    leaf: str
    key: str
    promise: str
    proof: Proof | None = None
    form: str = FORM

    def text(self) -> str:
        """As JSON."""
        return json.dumps({**asdict(self), "entry": list(self.entry)}, ensure_ascii=False, indent=1) + "\n"


def receipt(session: Session, noun: str, row_id: str, signer: Signer) -> Receipt:
    """The receipt of the newest entry about a row that this very transaction wrote; give it out after the commit.

    Raises `NothingRecorded`.
    """
    entry = queries.own_entry(session, noun, row_id)
    if entry is None:
        raise NothingRecorded(f"Nothing was recorded about {noun} {row_id} in this transaction.")
    hashed = leaf(entry)
    return Receipt(entry, hashed.hex(), signer.public.hex(), signer.sign(PROMISE_MARK + hashed).hex())


def sealed(session: Session, held: Receipt) -> Receipt:
    """The receipt with its proof; the same receipt while the entry is not sealed, or if another one lies there."""
    hashed = bytes.fromhex(held.leaf)
    over = queries.seal_over(session, int(held.entry.id), hashed)
    if over is None:
        return held
    leaves = merkle.split(over.leaves)
    index = members(over.spans).index(int(held.entry.id))
    path = tuple(one.hex() for one in merkle.path(leaves, index))
    return replace(held, proof=Proof(index, path, tuple(over.header()), over.signature.hex()))


def verify_receipt(held: Receipt, key: bytes) -> int | None:
    """The number of the seal that the receipt proves; None where it holds the promise alone. Pure.

    `key`: the public key, from somewhere else than the receipt. Raises `ReceiptIsWrong`.
    """
    try:
        hashed, promise, written_key = (bytes.fromhex(part) for part in (held.leaf, held.promise, held.key))
        proof_bytes = None if held.proof is None else _Bytes.of(held.proof)
    except (ValueError, IndexError):
        raise ReceiptIsWrong("It is not in the form of a receipt.") from None
    if held.form != FORM:
        raise ReceiptIsWrong(f"Its form “{held.form}” is unknown.")
    if leaf(held.entry) != hashed:
        raise ReceiptIsWrong("Its entry is not the one that was promised.", field="entry")
    if written_key != key:
        raise ReceiptIsWrong("It was given by the owner of another key.", field="key")
    if not is_signed(PROMISE_MARK + hashed, promise, key):
        raise ReceiptIsWrong("The promise is not signed with this key.", field="promise")
    return None if proof_bytes is None else _proved(hashed, proof_bytes, key)


@dataclass(frozen=True, slots=True)
class _Bytes:
    """A proof, read."""

    index: int
    path: tuple[bytes, ...]
    header: tuple[str, ...]
    number: int
    count: int
    root: bytes
    signature: bytes

    @classmethod
    def of(cls, proof: Proof) -> _Bytes:
        _, number, count, root, *_ = proof.header
        path = tuple(bytes.fromhex(one) for one in proof.path)
        signature = bytes.fromhex(proof.signature)
        return cls(proof.index, path, proof.header, int(number), int(count), bytes.fromhex(root), signature)


def _proved(hashed: bytes, proof: _Bytes, key: bytes) -> int:
    if merkle.root_from_path(hashed, proof.index, proof.count, proof.path) != proof.root:
        raise ReceiptIsWrong("Its path does not lead to the root of the seal.", field="proof.path")
    if not is_signed(signed_bytes(chain_of(proof.header)), proof.signature, key):
        raise ReceiptIsWrong("The seal is not signed with this key.", field="proof.signature")
    return proof.number


def read_receipt(text: str) -> Receipt:
    """A receipt from its JSON. Raises `ReceiptIsWrong`."""
    try:
        given: dict[str, Any] = json.loads(text)
        proof = given.pop("proof", None)
        held = Receipt(
            **{**given, "entry": Entry(*given["entry"])},
            proof=None if proof is None else Proof(
                int(proof["index"]), tuple(proof["path"]), tuple(proof["header"]), str(proof["signature"])
            ),
        )  # fmt: skip
        flat = [held.leaf, held.key, held.promise, held.form, *held.entry]
        flat += [*held.proof.path, *held.proof.header] if held.proof else []
        if not all(isinstance(part, str) or part is None for part in flat):
            raise TypeError
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ReceiptIsWrong("It is not in the form of a receipt.") from None
    return held
