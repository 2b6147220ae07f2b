"""What the audit trail costs: intake with it beside the same intake without, and how fast it is verified.

The statements are those of a real report, as the service sends them, put to PostgreSQL by pgbench, so that no client of
ours hides what the server pays. Two copies of one city take turns, a few seconds each; in one of them the triggers of
the trail are off, in the other they are on and what they write is sealed each second, as in a running server.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from psycopg import sql as literal
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from gridgov.audit import sealing
from gridgov.audit.queries import trail
from gridgov.audit.verifying import verify
from gridgov.bootstrap import House, build, prepare
from gridgov.geo.crs import Datum
from gridgov.incidents import service
from gridgov.incidents.months import ensure_coming
from gridgov.incidents.rules import Channel, Report, Reporter
from gridgov.platform import clock
from gridgov.platform.cluster import Cluster, running
from gridgov.platform.postgres import find
from gridgov.platform.signing import Signer
from tests import sample
from tests.bench.city import CITY, HOME
from tests.bench.harness import LeftOut, Row, Scale, bench, timed

SECONDS: dict[Scale, int] = {"full": 4, "small": 2}
PAIRS: dict[Scale, int] = {"full": 12, "small": 4}
IMPORTED: dict[Scale, int] = {"full": 20_000, "small": 4_000}
WRITERS = (4, 16)
BOUND = "-c gridgov.account=5 -c gridgov.post=9 -c gridgov.role=centre_operator"  # as a request is
WATCHED = ("incidents", "incidents_contact")
SIGNER = Signer(b"b" * 32)


class CountsDiffer(AssertionError):
    """Not every write left its entry, or not every entry is sealed: no figure means anything then."""


@dataclass(frozen=True)
class Copy:
    """One of the two copies: the house on it, and how pgbench reaches it."""

    house: House
    name: str
    audited: bool

    def count(self, sql: str) -> int:
        with self.house.db.transaction() as session:
            return int(session.execute(text(sql)).scalar_one())


@bench("audit")
def audit(scale: Scale) -> Iterator[Row | LeftOut]:
    program = find().folder / "pgbench"
    if not program.exists():
        yield LeftOut("audit", f"there is no {program}")
        return
    with running(HOME) as cluster, copies(cluster) as (bare, audited):
        for contact in (False, True):
            script = intake_script(bare.house, contact=contact)
            for writers in WRITERS:
                yield intake(program, (bare, audited), script, writers, scale, contact=contact)
        yield imports(bare, audited, scale)
        yield verifying(audited)


@contextmanager
def copies(cluster: Cluster) -> Iterator[tuple[Copy, Copy]]:
    """The sample city twice, without and with the trail; dropped afterwards."""
    name = f"bench_audit_{os.getpid()}"
    made: list[Copy] = []
    for one in (name, f"{name}_off", f"{name}_on"):
        cluster.drop_database(one)
    try:
        cluster.create_database(name)
        prepare(cluster.url(name), CITY, HOME)
        house = build(cluster.url(name), CITY, HOME)
        with house.db.transaction() as session:
            sample.set_up(session, valid_from=clock.utcnow() - timedelta(days=400))
            ensure_coming(session, clock.utcnow() - timedelta(days=31))
        house.close()
        for suffix in ("off", "on"):
            cluster.clone_database(name, f"{name}_{suffix}")
            house = build(cluster.url(f"{name}_{suffix}"), CITY, HOME)
            made.append(Copy(house, f"{name}_{suffix}", suffix == "on"))
        with made[0].house.db.transaction() as session:
            for table in WATCHED:
                for what in ("insert", "update", "delete", "truncate"):
                    session.execute(text(f"alter table {table} disable trigger audit_{what}"))
        yield made[0], made[1]
    finally:
        for copy in made:
            copy.house.close()
        for one in (name, f"{name}_off", f"{name}_on"):
            cluster.drop_database(one)


# --- intake -----------------------------------------------------------------------------------------------------------

ID = "cast(lpad(to_hex(cast(:a as bigint)), 16, '0') || lpad(to_hex(cast(:b as bigint)), 16, '0') as uuid)"
HEAD = """\\set a random(0, 9000000000000000000)
\\set b random(0, 9000000000000000000)
\\set lon 117.0 + (:a % 4000) / 100000.0
\\set lat 32.0 + (:b % 1000) / 100000.0
"""


def intake_script(house: House, *, contact: bool) -> str:
    """A report as pgbench can repeat it: the statements that the service sends for one, each time with another id and
    another point."""
    for _ in range(2):  # the first one fills the indexes in memory; the second is what every later one is like
        with house.db.transaction() as session, sent(house) as statements:
            report(session, house, contact=contact)
            session.rollback()
    lines = [_filled(statement, values) for statement, values in statements]
    return HEAD + "".join(f"{line};\n" for line in ["begin", *lines, "end"])


def report(session: Session, house: House, *, contact: bool) -> None:
    lon, lat = sample.centre("A02")
    now = clock.utcnow()
    new = Report(
        uuid.uuid4(), "06010", lon, lat, now - timedelta(minutes=5), Channel.WORKER, Datum.WGS84, 10.0,
        "路面坑洼，影响通行，请尽快派人处理。", None, Reporter("王先生", "13800138000") if contact else None,
    )  # fmt: skip
    indexes = service.Indexes(house.locator, house.places, house.router, house.sealer)
    service.report(session, new, indexes=indexes, now=now)


@contextmanager
def sent(house: House) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """What is sent to the database while the block lasts."""
    seen: list[tuple[str, dict[str, Any]]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, dict(values)))

    event.listen(house.db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(house.db.engine, "before_cursor_execute", note)


def _filled(statement: str, values: dict[str, Any]) -> str:
    """The statement with its values written in, but for the id and the point."""
    changing = {"lon": ":lon", "lat": ":lat", "reported_lon": ":lon", "reported_lat": ":lat"}

    def value(found: re.Match[str]) -> str:
        given = values[found[1]]
        if isinstance(given, uuid.UUID):
            return ID
        if isinstance(given, bytes):  # its own form could hold a colon, which pgbench would take for a variable
            return f"decode('{given.hex()}', 'hex')"
        return changing.get(found[1]) or literal.Literal(given).as_string(None)

    return " ".join(re.sub(r"%\((\w+)\)s(?:::\w+)?", value, statement).replace("%%", "%").split())


@dataclass(frozen=True)
class Turn:
    """What some seconds of writing gave: reports, reports/s, and microseconds of the server's processors for each.

    The last is the fairest on a machine that others use too; of the sealer, only what it asks of the server is in it.
    """

    made: int
    rate: float
    cpu_us: float


def intake(program: Path, both: tuple[Copy, Copy], script: str, writers: int, scale: Scale, *, contact: bool) -> Row:
    turns: dict[bool, list[Turn]] = {True: [], False: []}
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        for pair in range(PAIRS[scale] + 1):
            for copy in both if pair % 2 else both[::-1]:
                turn = run(program, copy, file.name, writers, SECONDS[scale] if pair else 1)
                if pair:  # the first pair only warms up
                    turns[copy.audited].append(turn)
    ratios = [on.rate / off.rate for on, off in zip(turns[True], turns[False], strict=True)]
    cpu = {audited: statistics.median(turn.cpu_us for turn in turns[audited]) for audited in turns}
    note = (
        f"audit takes {1 - statistics.median(ratios):.0%} of the rate (median of {len(ratios)} pairs, "
        f"{1 - max(ratios):.0%} to {1 - min(ratios):.0%}), sealed each second meanwhile; "
        f"{cpu[True]:.0f} µs of the server's CPU a report, without {cpu[False]:.0f}"
    )
    name = f"intake{', with a contact' if contact else ''}, {writers} writers"
    ours, theirs = (statistics.median(turn.rate for turn in turns[audited]) for audited in (True, False))
    made = sum(turn.made for both_ in turns.values() for turn in both_)
    return Row(name, made, ours, "the same without audit", theirs, "reports/s", "more", note)


def run(program: Path, copy: Copy, script: str, writers: int, seconds: int) -> Turn:
    """So many seconds of writing, and whether all that was written left its entries and is sealed."""
    url = copy.house.db.url
    command = [
        str(program), "--no-vacuum", "--protocol=prepared", f"--client={writers}", "--jobs=2", f"--time={seconds}",
        f"--file={script}", f"--host={url.query['host']}", f"--port={url.query['port']}", f"--username={url.username}",
        copy.name,
    ]  # fmt: skip
    env = {**os.environ, "PGOPTIONS": f"-c search_path={CITY},catalogue,public -c timezone=UTC -c jit=off {BOUND}"}
    before, cpu = counts(copy), _server_s()
    with sealed_meanwhile(copy):
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    cpu = _server_s() - cpu
    made = int(re.findall(r"transactions actually processed: (\d+)", done.stdout)[0])
    incidents, entries, waiting = (now - then for now, then in zip(counts(copy), before, strict=True))
    if incidents != made or entries != (made * _entries_each(script) if copy.audited else 0) or waiting:
        raise CountsDiffer(f"{made} reports: {incidents} incidents, {entries} entries, {waiting} not sealed")
    return Turn(made, float(re.findall(r"tps = ([\d.]+)", done.stdout)[0]), 1e6 * cpu / made)


def _server_s() -> float:
    """Processor seconds of the server so far: of its processes that run and of those that have ended."""
    server = psutil.Process(Cluster(HOME).status().pid)
    own = server.cpu_times()
    used = own.user + own.system + own.children_user + own.children_system
    for child in server.children():
        with suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            used += times.user + times.system
    return used


def _entries_each(script: str) -> int:
    return sum(Path(script).read_text(encoding="utf-8").count(f"insert into {table} ") for table in WATCHED)


def counts(copy: Copy) -> tuple[int, int, int]:
    """(incidents, entries, entries without a seal)."""
    waiting = 0
    if copy.audited:
        with copy.house.db.transaction() as session:
            before = trail.sealed_before(session)
            waiting, _ = trail.waiting(session, before.upto, before.open)
    entries = copy.count("select count(*) from audit_entry")
    return copy.count("select count(*) from incidents"), entries, waiting


@contextmanager
def sealed_meanwhile(copy: Copy) -> Iterator[None]:
    """The sealer's thread, where there is anything to seal."""
    if not copy.audited:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(
        target=sealing.run, args=(copy.house.db.transaction, SIGNER, stop), kwargs={"clock": clock.utcnow}
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


# --- bulk -------------------------------------------------------------------------------------------------------------


def imports(bare: Copy, audited: Copy, scale: Scale) -> Row:
    """Old incidents in bulk: one statement, and one entry for each of its rows."""
    n = IMPORTED[scale]
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(3):
        for copy in (bare, audited) if turn % 2 else (audited, bare):
            seconds[copy.audited].append(_taking(copy, n, turn))
    ours, theirs = (n / statistics.median(seconds[one]) for one in (True, False))
    sealing.seal_all(audited.house.db.transaction, SIGNER, clock=clock.utcnow)
    note = f"audit takes {1 - ours / theirs:.0%} of the rate; located, routed and stored"
    return Row("import of old incidents", n, ours, "the same without audit", theirs, "incidents/s", "more", note)


def _taking(copy: Copy, n: int, turn: int) -> float:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    old = [
        service.OldIncident(
            uuid.UUID(int=(turn << 64) + i), "06010", 117.0 + (i % 4000) / 1e5, 32.0 + (i % 997) / 1e5,
            at + timedelta(seconds=i), text="路面坑洼，影响通行，请尽快派人处理。",
        )
        for i in range(n)
    ]  # fmt: skip
    house = copy.house
    begin = time.perf_counter()
    with house.db.transaction() as session:
        service.take_many(session, old, locator=house.locator, router=house.router, now=clock.utcnow())
    return time.perf_counter() - begin


# --- verifying --------------------------------------------------------------------------------------------------------


def verifying(audited: Copy) -> Row:
    """All of the trail that the rows above have left, beside merely reading it."""
    transaction = audited.house.db.transaction

    def reading() -> int:
        with transaction() as session:
            return sum(1 for _ in trail.within(session, [(1, 2**62)]))

    def checking() -> int:
        with transaction() as session:
            verdict = verify(session, frozenset([SIGNER.public]))
        if not verdict.good or verdict.waiting:
            raise CountsDiffer(f"{verdict.findings[:1]}, {verdict.waiting} waiting")
        return verdict.entries

    (ours_s, entries), (theirs_s, read) = _alternately(checking, reading)
    if entries != read:
        raise CountsDiffer(f"{entries} verified, {read} read")
    seals = audited.count("select count(*) from audit_seal")
    note = f"{seals:,} seals; every leaf, root, chain and signature"
    return Row("verify", entries, entries / ours_s, "reading the entries", read / theirs_s, "entries/s", "more", note)


def _alternately(one: Callable[[], int], other: Callable[[], int]) -> tuple[tuple[float, int], tuple[float, int]]:
    return timed(one, repeats=2), timed(other, repeats=2)
