"""Several reports in one transaction, for tests: as they are when the hot path takes them from its queue."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

from gridgov.api.routes.incidents import ReportBody, report_of
from gridgov.api.taking import Asked, Outcome, take
from gridgov.bootstrap import Caller, House
from gridgov.platform.request import Request
from tests import sample
from tests.people import Person


def body(grid: str = "A02", **other: Any) -> dict[str, Any]:
    lon, lat = sample.centre(grid)
    return {
        "id": str(uuid.uuid4()),
        "category": "06010",
        "point": {"lon": lon, "lat": lat},
        "happened_at": "2026-10-05T08:15:00+08:00",
        "channel": "worker",
        "text": "路口有暴露垃圾",
    } | other


def asked(who: Person, sent: dict[str, Any]) -> Asked:
    """A report as it waits in the queue."""
    one = ReportBody.model_validate(json.loads(json.dumps(sent)))
    return Asked(report_of(one, one.id), Caller("incidents.report", who.credential, "127.0.0.1"), Request("test"))


def taken(house: House, *reports: tuple[Person, dict[str, Any]]) -> list[Outcome]:
    """What becomes of reports that are taken together."""
    return take(house, [asked(*one) for one in reports])


def receipts(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Those that became receipts, all of which must."""
    found = []
    for one in outcomes:
        assert isinstance(one, bytes), one
        found.append(json.loads(one))
    return found
