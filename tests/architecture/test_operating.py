"""docs/operating.md names every rate limit, every metric and every part of readiness with the numbers of the code."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

import gridgov.api.app  # noqa: F401  # every rule is made when its module is read
from gridgov.api.guards import Bounds
from gridgov.api.readiness import DISK_BYTES, Readiness
from gridgov.cli import wire
from gridgov.platform import limits, metrics
from gridgov.platform.db import LIMITS_MS
from gridgov.platform.limits import Lock, Rate, in_words

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
KIB = 1024


def rows(heading: str, text: str = TEXT) -> dict[str, str]:
    """First cell -> the rest, of the tables under a heading; a cell may name several things."""
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) > 1 and not set(line) <= set("|-"):
            names = re.findall(r"`([\w-]+)`", cells[0]) or [cells[0]]
            found |= dict.fromkeys(names, " | ".join(cells[1:]))
    return found


def words(span: timedelta) -> str:
    return in_words(int(span.total_seconds()))


def told(rule: Rate | Lock) -> str:
    """A rule's numbers as the table writes them."""
    if isinstance(rule, Rate):
        return f"{rule.limit:,} in {words(rule.per)}"
    return f"{rule.failures} failures, then {words(rule.first)}, doubled to {words(rule.longest)}"


def untold(text: str) -> list[str]:
    """Rules of the program that the text leaves out or gives other numbers."""
    listed = rows("Rate limits", text)
    own = {name: rule for name, rule in limits._KNOWN.items() if name in OWN}
    return [name for name, rule in own.items() if not listed.get(name, "").startswith(told(rule))]


SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "gridgov").rglob("*.py"))
OWN = set(re.findall(r"\b(?:Rate|Lock)\(\"([\w-]+)\"", SOURCES))


def test_every_rate_limit_stands_there_with_its_numbers() -> None:
    assert len(OWN) >= 9
    assert untold(TEXT) == []
    assert {name for name in rows("Rate limits") if name != "name"} == OWN


@pytest.mark.parametrize(
    ("change", "missed"),
    [(("| `token` | 3,000", "| `token` | 300"), "token"), (("`report-network`", "`reports`"), "report-network")],
)
def test_a_wrong_number_and_a_missing_rule_are_seen(change: tuple[str, str], missed: str) -> None:
    assert untold(TEXT.replace(*change)) == [missed]


def test_every_metric_stands_there() -> None:
    made = {family.name for family in metrics.REGISTRY.collect()}
    made |= set(re.findall(r"metrics\.gauge\(\s*\"(\w+)\"", SOURCES))
    assert len(made) >= 15
    listed = {name.removesuffix("_total") for name in rows("Metrics")}
    left_out = {name for name in made if name not in listed and not name.startswith("gridgov_process_")}
    assert left_out == set()
    assert {name for name in listed if name.startswith("gridgov_")} <= made


def test_every_part_of_readiness_stands_there() -> None:
    parts = {name for name, _ in Readiness(None)._parts()}  # type: ignore[arg-type]  # nothing is looked at
    assert parts <= set(rows("Health"))
    assert f"{DISK_BYTES >> 20} MiB" in rows("Health")["disk"]


def test_the_limits_of_a_request_are_those_of_the_code() -> None:
    bounds, table = Bounds(), rows("Limits of a request")
    assert f"{wire.HEAD_BYTES // KIB} KiB, {wire.HEAD_S:g} s" in table["address and headers"]
    body = table["body"]
    assert body.startswith(f"{bounds.body_bytes // KIB} KiB")
    for path, shown in (
        ("/api/v1/incidents", "reports {} KiB"),
        ("/api/v1/session", "sign-in and receipts {} KiB"),
        ("/api/v1/receipts", "sign-in and receipts {} KiB"),
    ):
        assert shown.format(bounds.body_limit("POST", path) // KIB) in body
    assert f"photos {bounds.body_limit('POST', '/api/v1/incidents/x/attachments') // KIB // KIB} MiB" in body
    assert table["a whole request"].startswith(f"{bounds.request_s:g} s")
    assert table["requests at once"].startswith(f"{bounds.running}")
    statement = table["a statement in the database"]
    assert [int(ms) // 1000 for ms in LIMITS_MS.values()] == [int(s) for s in re.findall(r"(\d+) s", statement)]
    assert table["connections"].startswith(f"{wire.CONNECTIONS:,}; {wire.KEEP_ALIVE_S} s")
    assert f"{wire.WRITE_S:g} s for a client" in table["connections"]
