"""A server that is killed while many report, and what can be said of its database afterwards.

Owns the server's process, the clients, and the check. The clients keep their ids and send until they have an answer, as
a telephone does; what the check holds against the tables is what they were answered.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from gridgov.bootstrap import House
from tests.integration.incidents.together import body
from tests.people import Person

ROOT = Path(__file__).resolve().parents[3]
SERVING = """
import sys, threading, time
from pathlib import Path
import uvicorn
from gridgov.api import app as application, intake
from gridgov.bootstrap import build
from gridgov.cli import wire

url, home, port, way = sys.argv[1:]
if way == "eager":  # the control: answered first, committed later
    real = intake.take
    def eager(house, asked):
        def later():
            time.sleep(0.4)
            real(house, asked)
        threading.Thread(target=later, daemon=True).start()
        return [b"{}" for _ in asked]
    intake.take = eager
app = application.create_app(build(url, "demo", Path(home)), intake="plain" if way == "plain" else "hot")
uvicorn.Server(wire.config(app, "127.0.0.1", int(port))).run()
"""
WITHIN_S = 60.0


@dataclass
class Crowd:
    """What was sent, and what was answered to whom."""

    port: int
    people: list[Person]
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: dict[str, list[int]] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    last: float = 0.0

    def report(self, number: int) -> None:
        """One after another, each until it is answered. A quarter hang up early and send the same again."""
        chance, who = random.Random(number), self.people[number % len(self.people)]
        while not self.ended.is_set():
            one = body(text=f"{number}", id=f"{chance.getrandbits(128):032x}", channel="worker")
            one["id"] = f"{one['id'][:8]}-{one['id'][8:12]}-4{one['id'][13:16]}-8{one['id'][17:20]}-{one['id'][20:]}"
            if chance.random() < 0.5:
                one["reporter"] = {"name": "某人", "phone": "13800001234"}
            self.sent[one["id"]] = one
            stop = time.monotonic() + WITHIN_S
            while time.monotonic() < stop:
                status = self._post(one, who, 0.03 if chance.random() < 0.25 else 20.0)
                if status is not None and status < 300:
                    self.taken.setdefault(one["id"], []).append(status)
                    self.last = time.monotonic()
                    break
                time.sleep(0.02)

    def _post(self, one: dict[str, Any], who: Person, patience_s: float) -> int | None:
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience_s)
        try:
            headers = {"Content-Type": "application/json", **who.headers}
            wire.request("POST", "/api/v1/incidents", json.dumps(one), headers)
            return wire.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            wire.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server(house: House, port: int, way: str) -> subprocess.Popen[bytes]:
    """A server in a process of its own, once it answers."""
    url = house.db.url.render_as_string(hide_password=False)
    child = subprocess.Popen(
        [sys.executable, "-c", SERVING, url, str(house.home), str(port), way], cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    stop = time.monotonic() + WITHIN_S
    while time.monotonic() < stop:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert child.poll() is None, "the server ended by itself"
            time.sleep(0.05)
        else:
            return child
    raise AssertionError("the server does not answer")


def killed(house: House, people: list[Person], *, rounds: int, way: str = "hot", clients: int = 12) -> Crowd:
    """Many report; so often the server is killed with SIGKILL among them, and its backends with it."""
    crowd, chance = Crowd(free_port(), people), random.Random(rounds)
    child = server(house, crowd.port, way)
    threads = [threading.Thread(target=crowd.report, args=(number,), daemon=True) for number in range(clients)]
    for one in threads:
        one.start()
    try:
        for round_ in range(rounds):
            _some_more(crowd)
            time.sleep(chance.uniform(0.0, 0.5))
            if round_ % 3 == 2:  # the connections to the database are lost, wherever they are
                with house.db.transaction() as session:
                    session.execute(text(
                        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gridgov_app' "
                        "and datname = current_database()"
                    ))  # fmt: skip
            else:
                child.kill()
                child.wait()
                child = server(house, crowd.port, way)
        _some_more(crowd)
        crowd.ended.set()
        for one in threads:
            one.join(WITHIN_S)
    finally:
        crowd.ended.set()
        child.kill()
        child.wait()
    return crowd


def _some_more(crowd: Crowd) -> None:
    had, stop = len(crowd.taken), time.monotonic() + WITHIN_S
    while len(crowd.taken) < had + 30:
        assert time.monotonic() < stop, "nobody is answered"
        time.sleep(0.01)


ROWS = """
    select i.id::text as id, i.text,
           (select count(*) from incidents j where j.id = i.id) as incidents,
           (select count(*) from incidents_key k where k.id = i.id) as keys,
           (select count(*) from cases c where c.id = i.id and c.number = i.number) as cases,
           (select count(*) from cases_event e where e.case_id = i.id) as events,
           (select count(*) from cases_clock k where k.case_id = i.id) as clocks,
           (select count(*) from platform_outbox o where o.key = i.id::text) as told,
           (select count(*) from incidents_contact c where c.incident_id = i.id) as contacts,
           (select count(*) from audit_entry a where a.row_id in (i.id::text, i.number || '|1')
              and a.account_id is not null) as entries
    from incidents i
"""


@dataclass(frozen=True)
class Found:
    """`lost`: answered, and not there. `half`: there, and not with all that belongs to it, or more than once."""

    stored: int
    lost: list[str]
    half: list[str]
    nobodys: list[str]
    alone: int  # keys, cases, events, clocks or news of no incident


def found(house: House, crowd: Crowd) -> Found:
    with house.db.transaction() as session:
        rows = {row.id: row for row in session.execute(text(ROWS))}
        counts = session.execute(text(
            "select (select count(*) from incidents_key), (select count(*) from cases), "
            "(select count(*) from cases_event), (select count(*) from cases_clock)"
        )).one()  # fmt: skip
    half = []
    for ident, row in rows.items():
        contacts = int("reporter" in crowd.sent.get(ident, {}))
        whole = (row.incidents, row.keys, row.cases, row.events, row.clocks, row.told) == (1,) * 6
        if not whole or row.contacts != contacts or row.entries != 2 + contacts:
            half.append(ident)
        if ident in crowd.sent and row.text != crowd.sent[ident]["text"]:
            half.append(ident)
    return Found(
        stored=len(rows),
        lost=sorted(set(crowd.taken) - set(rows)),
        half=half,
        nobodys=sorted(set(rows) - set(crowd.sent)),
        alone=sum(abs(count - len(rows)) for count in counts),
    )
