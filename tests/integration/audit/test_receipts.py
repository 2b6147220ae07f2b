"""Receipts: given in the transaction that writes, proved once sealed, and held against what somebody did later."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from gridgov.audit.receipts import (
    NothingRecorded,
    Receipt,
    ReceiptIsWrong,
    read_receipt,
    receipt,
    sealed,
    verify_receipt,
)
from gridgov.audit.rules import leaf
from gridgov.bootstrap import House
from gridgov.platform.signing import Signer
from tests.integration.audit.conftest import Trail, add_incident, run


def given(trail: Trail) -> Receipt:
    """The receipt of an incident that is committed."""
    with trail.db.transaction() as session:
        made = add_incident(session)
        return receipt(session, "incidents", str(made), trail.signer)


def test_it_is_there_at_once_and_proves_the_seal_later(trail: Trail) -> None:
    trail.write(4)
    held = given(trail)
    trail.write(3)
    assert verify_receipt(held, trail.signer.public) is None
    assert (held.entry.noun, held.entry.action) == ("incidents", "insert")
    with trail.db.transaction() as session:
        assert sealed(session, held) == held, "not sealed yet"
    trail.seal()
    with trail.db.transaction() as session:
        proved = sealed(session, held)
    assert verify_receipt(proved, trail.signer.public) == 1
    assert verify_receipt(read_receipt(proved.text()), trail.signer.public) == 1
    with pytest.raises(ReceiptIsWrong):
        verify_receipt(proved, Signer(b"b" * 32).public)


def test_the_newest_entry_of_the_row_counts(trail: Trail) -> None:
    with trail.db.transaction() as session:
        made = add_incident(session)
        run(session, "update incidents set status = 'closed'")
        held = receipt(session, "incidents", str(made), trail.signer)
    assert held.entry.after == '{"status": "closed"}'


def test_only_what_this_transaction_wrote(trail: Trail) -> None:
    (made,) = trail.write(1)
    with trail.db.transaction() as session:
        with pytest.raises(NothingRecorded):
            receipt(session, "incidents", str(made), trail.signer)
        add_incident(session)
        with pytest.raises(NothingRecorded):
            receipt(session, "incidents", str(made), trail.signer)


def test_late_entries_and_large_seals_have_their_proofs(trail: Trail) -> None:
    """The place among the leaves is that of the id, whatever gaps lie between."""
    with trail.db.engine.connect() as connection, Session(connection) as slow:
        made = add_incident(slow)
        late = receipt(slow, "incidents", str(made), trail.signer)
        held = [given(trail)]
        with trail.db.engine.connect() as other, Session(other) as undone:
            add_incident(undone)
            undone.rollback()
        held += [given(trail) for _ in range(5)]
        trail.seal()
        slow.commit()
    trail.seal()
    with trail.db.transaction() as session:
        numbers = [verify_receipt(sealed(session, one), trail.signer.public) for one in [late, *held]]
    assert numbers == [2, 1, 1, 1, 1, 1, 1]


def test_an_edit_before_sealing_leaves_the_holder_with_the_promise(trail: Trail) -> None:
    """What verifying cannot see: the holder has a signed promise that no seal keeps."""
    held = given(trail)
    with trail.as_superuser() as session:
        run(session, "update audit_entry set after = '{}' where id = :id", id=int(held.entry.id))
    trail.seal()
    assert trail.verify().good
    with trail.db.transaction() as session:
        proved = sealed(session, held)
    assert proved.proof is None
    assert verify_receipt(proved, trail.signer.public) is None


def test_without_the_leaf_no_proof_is_given(trail: Trail) -> None:
    held = given(trail)
    trail.seal()
    with trail.db.transaction() as session:
        for wrong in (b"\0" * 32, b"", bytes.fromhex(held.leaf)[:31]):
            found = run(session, "select count(*) from audit_proof(:id, :leaf)", id=int(held.entry.id), leaf=wrong)
            assert found.scalar_one() == 0
        found = run(
            session, "select count(*) from audit_proof(:id, :leaf)", id=int(held.entry.id) + 1,
            leaf=bytes.fromhex(held.leaf),
        )  # fmt: skip
        assert found.scalar_one() == 0


def test_the_leaf_does_not_tell_the_entry(city: House, trail: Trail) -> None:
    """Two entries that are the same in all a stranger might guess have other leaves: the salt is another."""
    held = given(trail)
    salted = held.entry._replace(salt="00000000-0000-0000-0000-000000000000")
    assert leaf(salted) != leaf(held.entry)
    with city.db.transaction() as session:
        add_incident(session)
        add_incident(session)
        salts = set(run(session, "select salt from audit_entry").scalars())
    assert len(salts) == 3
