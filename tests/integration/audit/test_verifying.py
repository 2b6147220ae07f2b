"""Verifying: every edit of a sealed entry or a seal is found and named; the trail as it is, is not accused."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.audit import merkle, rules
from gridgov.audit.queries import trail as queries
from gridgov.audit.sealing import seal_all
from gridgov.audit.verifying import MOST_FINDINGS, Anchor, Kind, Verdict
from gridgov.bootstrap import House
from gridgov.platform.signing import Signer
from tests.integration.audit.conftest import NOW, Trail, add_incident, bind, put_contact, run
from tests.integration.audit.edits import COLUMNS, Edit, edits

SEED = 20261123
ALL, SHARE = 1000, 120
AT_ONCE = 25  # entries under one seal
SIGNER = Signer(b"a" * 32)


@pytest.fixture(scope="module")
def lasting_trail(lasting_city: House) -> Trail:
    """Some hundred entries of every kind under a dozen seals, with ids between them that were given up."""
    rng = random.Random(SEED)
    db = lasting_city.db
    for number in range(60):
        with db.engine.connect() as connection, Session(connection) as session:
            if rng.random() < 0.7:
                bind(session, account=rng.randint(1, 9), post=rng.randint(1, 9), role="planner")
            incident = add_incident(session, said=f"事件{number}")
            put_contact(session, incident, bytes([number]))
            run(session, "update incidents set status = 'closed' where id = :id", id=incident)
            run(session, "delete from incidents_contact where incident_id = :id", id=incident)
            run(session, "select audit_note('export', 'incidents', null, '月报', cast(:f as jsonb))", f='{"rows": 3}')
            if rng.random() < 0.2:
                session.rollback()
            else:
                session.commit()
    seals = seal_all(db.transaction, SIGNER, clock=lambda: NOW, most=AT_ONCE)
    assert len(seals) >= 8
    made = Trail(db, SIGNER)
    made.settle()
    return made


@pytest.fixture
def ruler(lasting_trail: Trail) -> Iterator[Session]:
    """A superuser's transaction in which no trigger fires; undone at its end."""
    with lasting_trail.db.engine.connect() as connection, Session(connection) as session:
        run(session, "set local session_replication_role = replica")
        yield session
        session.rollback()


def found(trail: Trail, session: Session, edit: Edit) -> bool:
    """Whether the edit is found, at the entry that was touched, as what it is; undone afterwards."""
    with session.begin_nested() as part:
        for sql in edit.sql:
            names = {name for name in edit.values if f":{name}" in sql}
            assert run(session, sql, **{name: edit.values[name] for name in names}).rowcount != 0, edit
        verdict = trail.look(session)
        part.rollback()
    if not verdict.findings:
        return False
    first = verdict.findings[0]
    assert first.entry_id in edit.touched, (edit, verdict.findings)
    assert first.kind in edit.kinds, (edit, verdict.findings)
    assert len({finding.entry_id for finding in verdict.findings} - edit.touched) == 0, (edit, verdict.findings)
    return True


def tried(trail: Trail, session: Session, count: int) -> tuple[int, Counter[str]]:
    """(how many of so many edits are found, how often each kind was tried)."""
    ids = list(run(session, "select id from audit_entry order by id").scalars())
    free = sorted(set(range(1, max(ids))) - set(ids))
    assert len(free) > 20
    chosen = list(islice(edits(random.Random(SEED), ids, free), count))
    return sum(found(trail, session, edit) for edit in chosen), Counter(edit.name for edit in chosen)


class TestEdits:
    def test_a_share_of_the_thousand_is_found(self, lasting_trail: Trail, ruler: Session) -> None:
        number, kinds = tried(lasting_trail, ruler, SHARE)
        assert number == SHARE
        assert set(kinds) == {"delete", "insert", "swap", "move", *(f"update {column}" for column in COLUMNS)}
        assert lasting_trail.look(ruler).good, "undone, all is as it was"

    @pytest.mark.soak
    def test_a_thousand_of_a_thousand_are_found(
        self, lasting_trail: Trail, ruler: Session, pytestconfig: pytest.Config
    ) -> None:
        number, kinds = tried(lasting_trail, ruler, ALL)
        shown = f"{number:,} of {ALL:,} single-row edits found: {dict(sorted(kinds.items()))}"
        pytestconfig.get_terminal_writer().line(f"\n{shown}")
        assert number == ALL
        assert lasting_trail.look(ruler).good

    def test_what_changes_nothing_is_no_finding(self, lasting_trail: Trail, ruler: Session) -> None:
        """The control: it is the content that counts, not that somebody wrote."""
        same = ", ".join(f"{column} = {column}" for column in COLUMNS)
        assert run(ruler, f"update audit_entry set {same}").rowcount > 200
        assert lasting_trail.look(ruler).good

    def test_an_edit_before_sealing_is_not_seen(self, trail: Trail) -> None:
        """What verifying cannot do, and receipts are for."""
        trail.write(2)
        with trail.as_superuser() as session:
            run(session, "update audit_entry set noun = 'other' where id = 1")
        assert trail.seal() == [2]
        assert trail.verify().good

    def test_moved_content_is_recognised(self, lasting_trail: Trail, ruler: Session) -> None:
        one, other = list(run(ruler, "select id from audit_entry order by id limit 2").scalars())
        (edit,) = [e for e in islice(edits(random.Random(1), [one, other], [1]), 200) if e.name == "swap"][:1]
        for sql in edit.sql:
            run(ruler, sql, **(edit.values if ":id" in sql else {}))
        findings = lasting_trail.look(ruler).findings
        assert [(f.kind, f.entry_id) for f in findings] == [(Kind.MOVED, one), (Kind.MOVED, other)]
        assert findings[0].detail.endswith(f"entry {other}.")

    def test_much_that_is_broken_is_not_counted_to_the_end(self, lasting_trail: Trail, ruler: Session) -> None:
        run(ruler, "update audit_entry set noun = 'other'")
        findings = lasting_trail.look(ruler).findings
        assert len(findings) == MOST_FINDINGS
        assert findings[0].entry_id == run(ruler, "select min(id) from audit_entry").scalar_one()


def look(trail: Trail, session: Session, *anchors: Anchor) -> list[tuple[Kind, int | None]]:
    return [(finding.kind, finding.seal) for finding in trail.look(session, anchors=anchors).findings]


class TestSeals:
    @pytest.mark.parametrize(
        ("change", "kind"),
        [
            ("leaves = set_byte(leaves, 40, get_byte(leaves, 40) # 1)", Kind.SEAL_ALTERED),
            ("leaves = substring(leaves from 1 for octet_length(leaves) - 32)", Kind.SEAL_ALTERED),
            ("leaves = leaves || decode(repeat('00', 32), 'hex')", Kind.SEAL_ALTERED),
            ("root = set_byte(root, 0, get_byte(root, 0) # 1)", Kind.SEAL_ALTERED),
            ("ids = ids + int8multirange(int8range(90000, 90001))", Kind.SEAL_ALTERED),
            ("ids = '{[1,9223372036854775806]}'", Kind.SEAL_ALTERED),
            ("ids = '{(,)}'", Kind.SEAL_ALTERED),
            ("upto = upto + 1", Kind.SEAL_ALTERED),
            ("open = '5-6/9'", Kind.SEAL_ALTERED),
            ("open = 'nonsense'", Kind.SEAL_ALTERED),
            ("sealed_at = sealed_at + interval '1 microsecond'", Kind.SEAL_ALTERED),
            ("sealed_at = 'infinity'", Kind.SEAL_ALTERED),
            ("previous = set_byte(previous, 9, get_byte(previous, 9) # 1)", Kind.CHAIN),
            ("key = set_byte(key, 0, get_byte(key, 0) # 1)", Kind.SEAL_ALTERED),
            ("chain = set_byte(chain, 31, get_byte(chain, 31) # 128)", Kind.SEAL_ALTERED),
            ("signature = set_byte(signature, 0, get_byte(signature, 0) # 1)", Kind.SIGNATURE),
            ("number = 5000", Kind.SEAL_MISSING),
        ],
    )
    def test_a_changed_seal_is_found(self, lasting_trail: Trail, ruler: Session, change: str, kind: Kind) -> None:
        run(ruler, f"update audit_seal set {change} where number = 3")
        assert look(lasting_trail, ruler)[0] == (kind, 3)

    def test_every_byte_of_a_seal_counts(self, lasting_trail: Trail, ruler: Session) -> None:
        for column in ("leaves", "root", "previous", "key", "chain", "signature"):
            size = run(ruler, f"select octet_length({column}) from audit_seal where number = 3").scalar_one()
            for place in range(0, size, 7):
                with ruler.begin_nested() as part:
                    flip = f"set_byte({column}, {place}, get_byte({column}, {place}) # 16)"
                    run(ruler, f"update audit_seal set {column} = {flip} where number = 3")
                    assert look(lasting_trail, ruler)[0][1] == 3, (column, place)
                    part.rollback()

    def test_a_seal_that_is_gone_is_missed(self, lasting_trail: Trail, ruler: Session) -> None:
        run(ruler, "delete from audit_seal where number = 3")
        assert look(lasting_trail, ruler)[0] == (Kind.SEAL_MISSING, 3)

    def test_two_seals_that_changed_places(self, lasting_trail: Trail, ruler: Session) -> None:
        run(ruler, "alter table audit_seal drop constraint audit_seal_number_check")
        run(ruler, "update audit_seal set number = case number when 3 then -4 else -3 end where number in (3, 4)")
        run(ruler, "update audit_seal set number = -number where number < 0")
        assert look(lasting_trail, ruler)[0] == (Kind.CHAIN, 3)

    def test_entries_under_two_seals(self, trail: Trail) -> None:
        trail.write(2)
        trail.seal()
        with trail.as_superuser() as session:
            forge(session, trail.signer, 1)
        assert trail.verify().findings[0].kind is Kind.SEALED_TWICE


def forge(session: Session, signer: Signer, source: int) -> None:
    """A new last seal over the entries of another one, well made in every other way."""
    before = queries.sealed_before(session)
    old = queries.seal(session, source)
    assert old is not None
    made = rules.Seal(before.number + 1, old.spans, old.leaves, before.upto, (), old.root, before.chain, old.sealed_at,
                      signer.public)  # fmt: skip
    chain = rules.chain_of(made.header())
    values = {name: getattr(made, name) for name in made.__slots__} | {"chain": chain}
    queries.add_seal(session, rules.Seal(**{**values, "signature": signer.sign(rules.signed_bytes(chain))}))


class TestForgery:
    """Somebody who rules the database changes an entry and makes all seals anew, with a key of their own."""

    def remake(self, session: Session, signer: Signer, first: int) -> None:
        """Every seal from a number on, as it would have been over the entries that are there now."""
        before = queries.seal(session, first - 1)
        chain = before.chain if before else rules.GENESIS
        while (old := queries.seal(session, first)) is not None:
            leaves = [rules.leaf(entry) for _, entry in queries.within(session, old.spans)]
            made = rules.Seal(first, old.spans, b"".join(leaves), old.upto, old.open, merkle.root(leaves), chain,
                              old.sealed_at, signer.public)  # fmt: skip
            chain = rules.chain_of(made.header())
            session.execute(text("delete from audit_seal where number = :n"), {"n": first})
            values = {name: getattr(made, name) for name in made.__slots__} | {"chain": chain}
            queries.add_seal(session, rules.Seal(**{**values, "signature": signer.sign(rules.signed_bytes(chain))}))
            first += 1

    def test_another_key_is_found(self, lasting_trail: Trail, ruler: Session) -> None:
        run(
            ruler,
            "update audit_entry set noun = 'other' where id = (select lower(ids) from audit_seal where number = 3)",
        )
        self.remake(ruler, Signer(b"b" * 32), 3)
        assert look(lasting_trail, ruler)[0] == (Kind.STRANGE_KEY, 3)

    def test_the_right_key_in_the_wrong_hands_is_found_by_a_checkpoint_alone(
        self, lasting_trail: Trail, ruler: Session
    ) -> None:
        """The control: who has the key can remake the chain, and then only what lies outside tells."""
        old = queries.seal(ruler, 0)
        assert old is not None
        anchor = Anchor(old.number, old.chain)
        assert look(lasting_trail, ruler, anchor) == []
        run(
            ruler,
            "update audit_entry set noun = 'other' where id = (select lower(ids) from audit_seal where number = 3)",
        )
        self.remake(ruler, lasting_trail.signer, 3)
        assert look(lasting_trail, ruler) == []
        assert look(lasting_trail, ruler, anchor) == [(Kind.REWRITTEN, old.number)]

    def test_a_signature_of_something_else_is_none(self, lasting_trail: Trail, ruler: Session) -> None:
        """The mark before the chain keeps signatures of one thing from passing for another."""
        last = queries.seal(ruler, 0)
        assert last is not None
        run(
            ruler, "update audit_seal set signature = :s where number = :n",
            s=lasting_trail.signer.sign(last.chain), n=last.number,
        )  # fmt: skip
        assert look(lasting_trail, ruler)[0] == (Kind.SIGNATURE, last.number)


class TestTruncation:
    def cut(self, session: Session, last: int) -> None:
        """The end of the trail is gone: seals and entries, without a trace."""
        run(session, "delete from audit_entry where id > (select max(upto) from audit_seal where number <= :n)", n=last)
        run(session, "delete from audit_seal where number > :n", n=last)

    def test_it_is_found_with_an_anchor_and_not_without(self, lasting_trail: Trail, ruler: Session) -> None:
        last = queries.seal(ruler, 0)
        assert last is not None
        anchors = [Anchor(2, getattr(queries.seal(ruler, 2), "chain", b"")), Anchor(last.number, last.chain)]
        assert look(lasting_trail, ruler, *anchors) == []
        self.cut(ruler, last.number - 2)
        assert look(lasting_trail, ruler) == []  # the control: nothing inside tells of it
        assert look(lasting_trail, ruler, *anchors) == [(Kind.TRUNCATED, last.number)]

    def test_a_trail_that_grew_again_is_found_too(self, trail: Trail) -> None:
        trail.write(2)
        trail.seal()
        trail.write(2)
        trail.seal()
        with trail.db.transaction() as session:
            last = queries.seal(session, 0)
        assert last is not None
        with trail.as_superuser() as session:
            self.cut(session, 1)
        trail.write(3)
        trail.seal()
        assert trail.verify().good
        (finding,) = trail.verify(anchors=(Anchor(2, last.chain),)).findings
        assert finding.kind is Kind.REWRITTEN

    def test_everything_gone(self, trail: Trail) -> None:
        trail.write(2)
        trail.seal()
        with trail.db.transaction() as session:
            last = queries.seal(session, 0)
        assert last is not None
        with trail.as_superuser() as session:
            self.cut(session, 0)
            run(session, "delete from audit_entry")
        assert trail.verify().good
        assert [f.kind for f in trail.verify(anchors=(Anchor(1, last.chain),)).findings] == [Kind.TRUNCATED]


def test_it_tells_how_far_it_is(lasting_trail: Trail) -> None:
    from gridgov.audit.verifying import verify

    told: list[tuple[str, float]] = []
    with lasting_trail.db.transaction() as session:
        verdict = verify(session, frozenset([SIGNER.public]), progress=lambda step, share: told.append((step, share)))
    assert isinstance(verdict, Verdict)
    assert told[0][0] == "seals and entries"
    assert ("seals and entries", 1.0) in told
