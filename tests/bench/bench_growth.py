"""What happens at each decade of incidents: time, memory, disk; written to build/growth.json, drawn by `growth_plot`.

Each decade is a city of 5,000 grids in a database of its own, made by `gridgov bench data`, served by `gridgov serve`
and asked over HTTP by one client. The peer is PostgreSQL counting the same in the same database; both give the same
numbers before a figure is kept. At 10^8 PostgreSQL with all its indexes has no room on a small disk: there the
columns alone are made, and counted by the same code.
"""

from __future__ import annotations

import json
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.platform import clock
from tests.bench.city import CATEGORIES
from tests.bench.demo import started
from tests.bench.grown import NOW, Grown, grown_city, sizes
from tests.bench.harness import Row, Scale, bench
from tests.bench.tiling import BOUNDS
from tests.people import appoint
from tests.soak.memory import held_mb, resident_mb
from tests.soak.together import ready

OUT = Path(__file__).resolve().parents[2] / "build" / "growth.json"
SIZES: dict[Scale, tuple[int, ...]] = {"full": (10_000, 100_000, 1_000_000, 10_000_000), "small": (10_000, 100_000)}
TURNS, THEIRS, REPORTS = 40, 3, 600
SEED = 3
CODES = [f"{1 + k // 20:02}{1 + k % 20:02}" for k in range(CATEGORIES)]
BY_GRID = """
    select count(*) filter (where outside_m = 0) from incidents
    where category_id = (select id from duties_category where code = :code)
      and happened_at >= :since and happened_at < :until and grid_id is not null
    """


class AnswersDiffer(AssertionError):
    """SQL counts otherwise than we do: no figure means anything then."""


@dataclass
class Decade:
    """Figures of one size; times in ms are medians, sizes in bytes."""

    n: int
    load_s: float = 0.0
    index_s: float = 0.0
    attach_s: float = 0.0
    first_answer_s: float = 0.0
    ms: dict[str, float] = field(default_factory=dict)
    sql_ms: float = 0.0
    reports_a_second: float = 0.0
    report_p99_ms: float = 0.0
    server_mb: float = 0.0
    resident_mb: float = 0.0
    disk: dict[str, int] = field(default_factory=dict)
    store_bytes: int = 0


@bench("growth")
def growth(scale: Scale) -> Iterator[Row]:
    for n in SIZES[scale]:
        with grown_city(n) as city:
            found = measured(city)
        keep(found)
        yield from rows(found)


def rows(found: Decade) -> Iterator[Row]:
    peer = "PostgreSQL, count(*) without HTTP"
    ours = found.ms["choropleth"]
    yield Row("growth: choropleth, category and dates, HTTP", found.n, ours, peer, found.sql_ms, "ms", "less")


def keep(found: Decade, out: Path = OUT) -> None:
    """Adds a decade's figures to the file, in place of earlier ones of its size."""
    before = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    kept = [one for one in before if one["n"] != found.n]
    out.parent.mkdir(parents=True, exist_ok=True)
    figures = sorted([*kept, asdict(found)], key=lambda one: one["n"])
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def measured(city: Grown) -> Decade:
    """Asks a server of its own about a city."""
    out = Decade(city.n, disk=sizes(city.house))
    if city.loaded is not None:
        out.load_s, out.index_s, out.attach_s = city.loaded.loaded_s, city.loaded.indexed_s, city.loaded.attached_s
    headers = appoint(city.house, Role.CENTRE_OPERATOR).headers
    rng = np.random.default_rng(SEED)
    with started(city.url, city.house.home) as (port, server):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=900, headers=headers) as http:
            out.first_answer_s = ready(city.house, port)
            out.ms["choropleth"] = median(lambda: density(http, rng))
            out.ms["choropleth, closed alone"] = median(lambda: density(http, rng, status="closed"))
            for zoom in (10, 12, 14):
                out.ms[f"tile z{zoom}"] = median(lambda zoom=zoom: tile(http, rng, zoom))  # type: ignore[misc]
            out.ms["page of a list"] = median(lambda: page(http, rng))
            out.sql_ms = compared(city, http, rng)
        out.server_mb, out.resident_mb = held_mb([server]), resident_mb(server)
        out.reports_a_second, out.report_p99_ms = intake(port, headers)
    folder = city.house.home / "counts"
    out.store_bytes = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    return out


def median(ask: Callable[[], object]) -> float:
    """Milliseconds."""
    for _ in range(3):
        ask()
    seconds = []
    for _ in range(TURNS):
        begin = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - begin)
    return 1e3 * statistics.median(seconds)


def good(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise AnswersDiffer(f"{answer.status_code} {answer.text[:200]}")
    return answer


def period(rng: np.random.Generator) -> tuple[datetime, datetime]:
    """Up to a year, in whole days."""
    first = NOW - timedelta(days=int(rng.integers(400, 1000)))
    return first, first + timedelta(days=int(rng.integers(20, 360)))


def question(rng: np.random.Generator) -> dict[str, str]:
    since, until = period(rng)
    return {"from": since.isoformat(), "to": until.isoformat(), "category": CODES[int(rng.integers(len(CODES)))]}


def density(http: httpx.Client, rng: np.random.Generator, **more: str) -> None:
    good(http.get("/density", params={"level": "grid", **question(rng), **more}))


def tile(http: httpx.Client, rng: np.random.Generator, zoom: int) -> None:
    """Another filter each time, so that nothing is kept; about the middle of the city."""
    west, south, east, north = BOUNDS
    lon, lat = np.radians((west + east) / 2), np.radians((south + north) / 2)
    x = int((lon / (2 * np.pi) + 0.5) * 2**zoom)
    y = int((0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)) * 2**zoom)
    good(http.get(f"/tiles/incidents/{zoom}/{x}/{y}.mvt", params=question(rng)))


def page(http: httpx.Client, rng: np.random.Generator) -> None:
    good(http.get("/incidents", params={"limit": "50", "category": CODES[int(rng.integers(len(CODES)))]}))


def compared(city: Grown, http: httpx.Client, rng: np.random.Generator) -> float:
    """The same question to SQL and to us; milliseconds of SQL."""
    seconds = []
    for _ in range(THEIRS):
        since, until = period(rng)
        code = CODES[int(rng.integers(len(CODES)))]
        asked = {"level": "grid", "from": since.isoformat(), "to": until.isoformat(), "category": code}
        ours = sum(one["count"] for one in good(http.get("/density", params=asked)).json()["items"])
        with city.house.db.transaction() as session:
            begin = time.perf_counter()
            theirs = session.execute(text(BY_GRID), {"code": code, "since": since, "until": until}).scalar_one()
            seconds.append(time.perf_counter() - begin)
        if ours != theirs:
            raise AnswersDiffer(f"{ours} here, {theirs} there: {asked}")
    return 1e3 * statistics.median(seconds)


def intake(port: int, headers: dict[str, str]) -> tuple[float, float]:
    """Reports a second with sixteen at once, and the p99 of their answers in ms."""
    rng = np.random.default_rng(SEED)
    west, south, east, north = BOUNDS
    now = datetime.now(UTC) if clock.utcnow() < NOW else clock.utcnow()
    bodies = [
        {
            "id": str(uuid.UUID(bytes=rng.bytes(16), version=4)), "category": CODES[i % len(CODES)],
            "point": {"lon": float(rng.uniform(west, east)), "lat": float(rng.uniform(south, north))},
            "channel": "worker", "happened_at": (now - timedelta(minutes=i)).isoformat(), "text": "路面坑洼。",
        }
        for i in range(REPORTS)
    ]  # fmt: skip
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60, headers=headers) as http:

        def put(body: dict[str, object]) -> float:
            begin = time.perf_counter()
            good(http.post("/incidents", json=body))
            return 1e3 * (time.perf_counter() - begin)

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(put, bodies[:50]))
            begin = time.perf_counter()
            ms = list(pool.map(put, bodies[50:]))
            seconds = time.perf_counter() - begin
    return len(ms) / seconds, float(np.percentile(ms, 99))
