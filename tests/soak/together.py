"""Intake, counts and tiles together, for as long as somebody wants; what memory did meanwhile.

Owns the clients, the samples and the last comparison with SQL. Does not own the server, which is `gridgov serve`.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from tests.people import appoint
from tests.soak import memory

SAMPLE_S = 1.0
PACE = {"report": 20.0, "count": 10.0, "tile": 10.0}  # a second, of each client
BY_GRID = "select g.code, count(*) from incidents i join areas_version g on g.area_id = i.grid_id " \
    "and upper_inf(g.valid) where i.outside_m = 0 group by 1"  # fmt: skip


@dataclass
class Seen:
    """What a run gave. `fresh_s`: from the answer to a report until it was counted. Times of answers in ms."""

    at_s: list[float] = field(default_factory=list)
    server_mb: list[float] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)
    database_mb: list[float] = field(default_factory=list)
    ms: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in (*PACE, "fresh")})
    fresh_s: list[float] = field(default_factory=list)
    stale: int = 0
    failed: list[str] = field(default_factory=list)

    def p99(self, name: str) -> float:
        return float(np.percentile(self.ms[name], 99)) if self.ms[name] else float("nan")


@dataclass(frozen=True)
class Town:
    """Where the clients ask: a box in degrees, codes of matters, months between which it happened."""

    box: tuple[float, float, float, float]
    codes: tuple[str, ...]
    since: datetime
    until: datetime


def run(house: House, port: int, server: int, postmaster: int, town: Town, *, seconds: float, seed: int = 5) -> Seen:
    """Lets four clients work at their pace for so long, and watches. `fresh` reports and asks until it is counted."""
    seen, ending = Seen(), threading.Event()
    heads = {name: appoint(house, Role.CENTRE_OPERATOR).headers for name in (*PACE, "fresh")}
    begin = time.monotonic()

    def client(name: str, ask: Callable[[httpx.Client, np.random.Generator], None]) -> None:
        rng = np.random.default_rng([seed, len(name)])
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60, headers=heads[name]) as http:
            due = time.monotonic()
            while not ending.is_set():
                asked = time.perf_counter()
                try:
                    ask(http, rng)
                except (httpx.HTTPError, AssertionError) as problem:
                    seen.failed.append(f"{name}: {problem!r}"[:300])
                seen.ms[name].append(1e3 * (time.perf_counter() - asked))
                due = max(due + 1 / PACE.get(name, 2.0), time.monotonic() - 1.0)
                ending.wait(max(0.0, due - time.monotonic()))

    asked = {
        "report": lambda http, rng: _report(http, town, rng, town.codes[int(rng.integers(1, len(town.codes)))]),
        "count": lambda http, rng: _count(http, town, rng),
        "tile": lambda http, rng: _tile(http, town, rng),
        "fresh": lambda http, rng: _fresh(http, town, rng, seen),
    }
    with ThreadPoolExecutor(len(asked)) as pool:
        work = [pool.submit(client, name, ask) for name, ask in asked.items()]
        try:
            while time.monotonic() - begin < seconds and not any(one.done() for one in work):
                seen.at_s.append(time.monotonic() - begin)
                seen.server_mb.append(memory.held_mb(memory.below(server)))
                seen.resident_mb.append(memory.resident_mb(server))
                seen.database_mb.append(memory.held_mb(memory.below(postmaster)))
                ending.wait(SAMPLE_S)
        finally:
            ending.set()
        for one in work:
            one.result()
    return seen


def ready(house: House, port: int, *, within_s: float = 900.0) -> float:
    """Waits until the server counts, after it has read everything once; seconds."""
    headers, begin = appoint(house, Role.CENTRE_OPERATOR).headers, time.monotonic()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=300, headers=headers) as http:
        while (answer := http.get("/density", params={"level": "city"})).status_code == 503:
            assert time.monotonic() - begin < within_s, answer.text
            time.sleep(0.2)
        _good(answer)
    return time.monotonic() - begin


def same_as_sql(house: House, port: int) -> tuple[dict[str, int], dict[str, int]]:
    """Counts by grid: over HTTP, and by SQL."""
    headers = appoint(house, Role.CENTRE_OPERATOR).headers
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=300, headers=headers) as http:
        answer = _good(http.get("/density", params={"level": "grid"})).json()
    counted = {one["code"]: one["count"] for one in answer["items"] if one["count"]}
    with house.db.transaction() as session:
        return counted, {row[0]: int(row[1]) for row in session.execute(text(BY_GRID))}


def _good(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, f"{answer.status_code} {answer.text[:200]}"
    return answer


def _report(http: httpx.Client, town: Town, rng: np.random.Generator, code: str) -> None:
    west, south, east, north = town.box
    at = datetime.now(UTC) - timedelta(minutes=float(rng.uniform(0, 60 * 24 * 20)))
    body = {
        "id": str(uuid.UUID(bytes=rng.bytes(16), version=4)), "category": code, "channel": "worker",
        "point": {"lon": float(rng.uniform(west, east)), "lat": float(rng.uniform(south, north))},
        "happened_at": at.isoformat(), "text": "路面坑洼，影响通行，请尽快派人处理。",
    }  # fmt: skip
    headers = {"Content-Type": "application/json"}
    _good(http.post("/incidents", content=json.dumps(body), headers=headers))


def _count(http: httpx.Client, town: Town, rng: np.random.Generator) -> None:
    _good(http.get("/density", params={"level": ("grid", "community")[int(rng.integers(2))], **_filter(town, rng)}))


def _tile(http: httpx.Client, town: Town, rng: np.random.Generator) -> None:
    zoom = int(rng.integers(10, 15))
    west, south, east, north = town.box
    lon, lat = np.radians(rng.uniform(west, east)), np.radians(rng.uniform(south, north))
    x = int((lon / (2 * np.pi) + 0.5) * 2**zoom)
    y = int((0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)) * 2**zoom)
    _good(http.get(f"/tiles/incidents/{zoom}/{x}/{y}.mvt", params=_filter(town, rng)))


def _filter(town: Town, rng: np.random.Generator) -> dict[str, str]:
    days = (town.until - town.since).days
    first = town.since + timedelta(days=int(rng.integers(0, max(1, days - 30))))
    asked = {
        "from": first.date().isoformat(),
        "to": (first + timedelta(days=int(rng.integers(1, 90)))).date().isoformat(),
    }
    if rng.random() < 0.7:
        asked["category"] = town.codes[int(rng.integers(len(town.codes)))]
    if rng.random() < 0.3:
        asked["status"] = "closed"
    return asked


def _fresh(http: httpx.Client, town: Town, rng: np.random.Generator, seen: Seen) -> None:
    """The first matter is this client's own: each report makes one more."""
    ask = {"level": "city", "category": town.codes[0]}
    before = _good(http.get("/density", params=ask)).json()["total"]
    _report(http, town, rng, town.codes[0])
    begin, looks = time.perf_counter(), 0
    while _good(http.get("/density", params=ask)).json()["total"] < before + 1:
        looks += 1
        assert looks < 1000, "a report was not counted"
    seen.stale += looks > 0
    seen.fresh_s.append(time.perf_counter() - begin)
