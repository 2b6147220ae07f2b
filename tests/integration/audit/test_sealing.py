"""Sealing: everything that was committed comes under exactly one seal, whoever writes, undoes, waits or restores."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridgov.audit import sealing
from gridgov.audit.queries import trail as queries
from gridgov.audit.sealing import SealingLate, seal, seal_all
from gridgov.auth.install import role_statements
from gridgov.bootstrap import House
from gridgov.platform.cluster import Cluster
from gridgov.platform.db import Database
from gridgov.platform.postgres import find
from gridgov.platform.signing import Signer
from tests.integration.audit.conftest import NOW, Trail, add_incident, run

WRITERS = 16


def ids(session: Session) -> list[int]:
    return list(run(session, "select id from audit_entry order by id").scalars())


def sealed_ids(session: Session) -> list[int]:
    """Every id under every seal, each time that it is."""
    sql = "select generate_series(lower(r), upper(r) - 1) from audit_seal, unnest(ids) r order by 1"
    return list(run(session, sql).scalars())


def open_gaps(session: Session) -> str:
    return str(run(session, "select open from audit_seal order by number desc limit 1").scalar_one())


@contextmanager
def writing(db: Database) -> Iterator[Session]:
    """A transaction that is still open; what becomes of it is for the test to say."""
    with db.engine.connect() as connection, Session(connection) as session:
        add_incident(session)
        yield session


class TestBatches:
    def test_what_waits_is_sealed_once(self, trail: Trail) -> None:
        trail.write(5)
        assert trail.seal() == [5]
        assert trail.seal() == []
        trail.write(2)
        assert trail.seal() == [2]
        with trail.db.transaction() as session:
            assert sealed_ids(session) == ids(session)
        verdict = trail.verify()
        assert (verdict.seals, verdict.entries, verdict.waiting, verdict.findings) == (2, 7, 0, ())

    def test_nothing_written_nothing_sealed(self, trail: Trail) -> None:
        assert trail.seal() == []
        assert trail.verify().good

    def test_much_is_sealed_in_parts(self, trail: Trail) -> None:
        with trail.db.transaction() as session:
            for _ in range(25):
                add_incident(session)
        made = seal_all(trail.db.transaction, trail.signer, clock=lambda: NOW, most=10)
        assert [one.count for one in made] == [10, 10, 5]
        assert trail.verify().good

    def test_two_sealers_at_once_seal_once(self, trail: Trail) -> None:
        trail.write(3)
        with trail.db.transaction() as first, trail.db.transaction() as second:
            assert seal(first, trail.signer, NOW) is not None
            assert seal(second, trail.signer, NOW) is None
        assert trail.seal() == []
        assert trail.verify().good

    def test_whoever_has_written_cannot_seal(self, trail: Trail) -> None:
        with trail.db.transaction() as session:
            add_incident(session)
            with pytest.raises(SealingLate):
                seal(session, trail.signer, NOW)

    def test_a_seal_that_is_undone_is_none(self, trail: Trail) -> None:
        trail.write(3)
        with trail.db.engine.connect() as connection, Session(connection) as session:
            assert seal(session, trail.signer, NOW) is not None
            session.rollback()
        assert trail.seal() == [3]
        assert trail.verify().good


class TestGaps:
    def test_an_open_transaction_keeps_nobody_elses_entries_waiting(self, trail: Trail) -> None:
        """Sealing only below the oldest transaction would wait here for ever."""
        with writing(trail.db) as slow:
            trail.write(3)
            assert trail.seal() == [3]
            slow.commit()
        assert trail.verify().waiting == 1
        with trail.db.transaction() as session:  # whoever looks only above the highest id sealed has lost it
            before = queries.sealed_before(session)
            assert queries.after(session, before.upto, 10) == []
            assert len(queries.late(session, before.open, 10)) == 1
        assert trail.seal() == [1]
        with trail.db.transaction() as session:
            assert sealed_ids(session) == ids(session)
            assert open_gaps(session) == ""  # the one id there was has come
        assert trail.verify().good

    def test_late_ones_are_sealed_when_they_come_and_the_undone_are_given_up(self, trail: Trail) -> None:
        with writing(trail.db) as first, writing(trail.db) as second, writing(trail.db) as third:
            trail.write(1)
            assert trail.seal() == [1]
            second.rollback()
            trail.write(1)
            assert trail.seal() == [1]
            first.commit()
            assert trail.seal() == [1]
            third.rollback()
            with trail.db.transaction() as session:
                assert open_gaps(session) != ""
        trail.settle()
        with trail.db.transaction() as session:
            assert open_gaps(session) == ""
            assert sealed_ids(session) == ids(session)
        assert trail.verify().good

    def test_more_late_ones_than_fit_under_one_seal(self, trail: Trail) -> None:
        with trail.db.engine.connect() as connection, Session(connection) as slow:
            for _ in range(7):
                add_incident(slow)
            trail.write(1)
            assert trail.seal() == [1]
            slow.commit()
        trail.write(1)
        made = seal_all(trail.db.transaction, trail.signer, clock=lambda: NOW, most=3)
        assert [one.count for one in made] == [3, 3, 2]
        assert trail.verify().good

    def test_an_entry_slipped_into_a_gap_that_was_given_up_is_found(self, trail: Trail) -> None:
        with writing(trail.db) as undone:
            trail.write(1)
            undone.rollback()
        trail.settle()
        with trail.db.transaction() as session:
            assert ids(session)[0] == 2
        with trail.as_superuser() as session:
            copy_entry(session, 2, 1)
        trail.settle()
        (finding,) = trail.verify().findings
        assert (finding.kind, finding.entry_id) == ("added", 1)


def copy_entry(session: Session, source: int, target: int) -> None:
    run(
        session, "insert into audit_entry overriding system value select (jsonb_populate_record(e, "
        "jsonb_build_object('id', cast(:target as bigint)))).* from audit_entry e where id = :source",
        source=source, target=target,
    )  # fmt: skip


class TestManyWriters:
    """Sixteen writers, some of whom undo or dawdle, while two sealers seal as fast as they can."""

    EACH = 25

    def write(self, db: Database, seed: int, kept: list[int]) -> None:
        rng = random.Random(seed)
        for _ in range(self.EACH):
            with db.engine.connect() as connection, Session(connection) as session:
                for _ in range(rng.randint(1, 3)):
                    add_incident(session)
                if rng.random() < 0.3:
                    session.execute(text("select pg_sleep(:s)"), {"s": rng.uniform(0, 0.02)})
                own = list(
                    run(session, "select id from audit_entry where xid = pg_current_xact_id()::text::bigint").scalars()
                )
                if rng.random() < 0.3:
                    session.rollback()
                else:
                    session.commit()
                    kept += own

    def test_nothing_is_lost_and_nothing_sealed_twice(self, city: House, signer: Signer) -> None:
        db = Database(city.db.url.render_as_string(hide_password=False), "demo", pool_size=WRITERS)
        kept: list[int] = []
        stop = threading.Event()
        sealers = [
            threading.Thread(
                target=sealing.run, args=(city.db.transaction, signer, stop), kwargs={"clock": utc, "every_s": 0.01}
            )
            for _ in range(2)
        ]
        writers = [threading.Thread(target=self.write, args=(db, seed, kept)) for seed in range(WRITERS)]
        for thread in [*sealers, *writers]:
            thread.start()
        for thread in writers:
            thread.join()
        stop.set()
        for thread in sealers:
            thread.join()
        db.close()
        trail = Trail(city.db, signer)
        with city.db.transaction() as session:
            assert ids(session) == sorted(kept)
            assert sealed_ids(session) == sorted(kept)
            assert run(session, "select count(*) from audit_seal").scalar_one() > 5
            gaps = run(session, "select count(*) from audit_seal where open <> ''").scalar_one()
        assert gaps > 0, "no seal was made while somebody was in between: the test proves less than it says"
        assert len(kept) > WRITERS * self.EACH // 2
        verdict = trail.verify()
        assert (verdict.findings, verdict.waiting, verdict.entries) == ((), 0, len(kept))


def utc() -> datetime:
    return datetime.now(UTC)


class TestTheLoop:
    def test_it_seals_until_it_is_stopped_and_once_more_then(self, trail: Trail) -> None:
        stop = threading.Event()
        thread = threading.Thread(
            target=sealing.run, args=(trail.db.transaction, trail.signer, stop), kwargs={"clock": utc, "every_s": 3600}
        )
        thread.start()
        trail.write(2)
        stop.set()
        thread.join()
        assert trail.verify().entries == 2

    def test_it_outlives_a_database_that_is_away_and_one_that_refuses(
        self, trail: Trail, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Seals that cannot be stored for a while are made when they can."""
        trail.write(2)
        with trail.db.transaction() as session:
            run(session, "alter table audit_seal add constraint shut check (number < 0)")
        stop, tried = threading.Event(), threading.Event()

        def clock() -> datetime:
            tried.set()
            return utc()

        thread = threading.Thread(
            target=sealing.run,
            args=(trail.db.transaction, trail.signer, stop),
            kwargs={"clock": clock, "every_s": 0.01},
        )
        thread.start()
        tried.wait()
        tried.clear()
        tried.wait()
        with trail.db.transaction() as session:
            run(session, "alter table audit_seal drop constraint shut")
        stop.set()
        thread.join()
        assert "sealing failed" in caplog.text
        assert trail.verify().entries == 2


@pytest.fixture
def elsewhere() -> Iterator[Cluster]:
    """Another server, whose transactions are numbered from the beginning."""
    folder = Path(tempfile.mkdtemp(prefix="gridgov-elsewhere-"))
    folder.chmod(0o755)  # its user must pass
    made = Cluster(folder)
    made.start()
    yield made
    made.stop(force=True)
    shutil.rmtree(folder)


class TestRestored:
    """A dump that is restored on another server keeps its seals, and sealing goes on."""

    def restore(self, source: Database, cluster: Cluster, file: Path) -> Database:
        """pg_dump and pg_restore, as an operator would."""
        folder = find().folder
        name = str(source.url.database)
        cluster.create_database("restored")
        arguments = {
            "pg_dump": ["--format=custom", f"--file={file}", "--schema=demo", "--schema=catalogue", name],
            "pg_restore": ["--no-owner", "--no-privileges", "--exit-on-error", "--dbname=restored", str(file)],
        }
        with cluster.connection("restored") as connection:
            for extension in ("postgis", "btree_gist", "pg_trgm"):
                connection.execute(f"create extension {extension} schema public")
            for _, statement in role_statements("x"):
                connection.execute(statement.encode())
        urls = {"pg_dump": source.url, "pg_restore": Database(cluster.url("restored"), "demo").url}
        for program, words in arguments.items():
            url = urls[program]
            where = [f"--host={url.query['host']}", f"--port={url.query['port']}", f"--username={url.username}"]
            done = subprocess.run([folder / program, *where, *words], check=False, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        return Database(cluster.url("restored"), "demo")

    def test_it_verifies_and_is_sealed_on(self, trail: Trail, elsewhere: Cluster, tmp_path: Path) -> None:
        with writing(trail.db) as open_at_the_dump:
            trail.write(5)
            assert trail.seal() == [5]
            trail.write(2)  # not sealed when the dump is made
            db = self.restore(trail.db, elsewhere, tmp_path / "dump")
            open_at_the_dump.commit()  # not in the dump: there it never comes
        try:
            self.go_on(trail, Trail(db, trail.signer))
        finally:
            db.close()

    def go_on(self, old: Trail, new: Trail) -> None:
        newest = "select max(xid), pg_snapshot_xmax(pg_current_snapshot())::text::bigint from audit_entry group by 2"
        with new.db.transaction() as session:
            highest, now = run(session, newest).one()
            assert now < highest, "numbers did not begin anew: the test proves less than it says"
        verdict = new.verify()
        assert (verdict.findings, verdict.entries, verdict.waiting) == ((), 5, 2)
        new.write(3)
        assert new.seal() == [5]
        with writing(new.db) as slow:
            new.write(1)
            assert new.seal() == [1]
            slow.commit()
        assert new.seal() == [1]
        with new.db.transaction() as session:
            assert sealed_ids(session) == ids(session)
            assert open_gaps(session) == ""
        verdict = new.verify()
        assert (verdict.findings, verdict.entries, verdict.waiting) == ((), 12, 0)
        assert old.verify().good
        with new.as_superuser() as session:  # the control: the gap that the dump left is closed
            copy_entry(session, 2, 1)
        assert [finding.kind for finding in new.verify().findings] == ["added"]
