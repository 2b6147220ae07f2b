"""One well-formed request for every route of the table, so that what is refused is refused for want of a permission."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from gridgov.auth.matrix import ROUTES
from tests import sample

REFUSALS = frozenset({"not-permitted", "not-signed-in"})
NOBODY = "00000000-0000-4000-8000-0000000000ff"
FILLED = {
    "area_id": "1", "incident_id": NOBODY, "case_id": NOBODY, "account_id": "999999", "post_id": "999999",
    "token_id": "999999", "layer": "areas", "z": "10", "x": "844", "y": "415", "attachment_id": NOBODY,
    "reception_id": NOBODY, "approval_id": "999999", "request_id": NOBODY, "list_id": "999999", "subscription_id":
    "999999", "delivery_id": NOBODY, "year": "2026", "code": "report", "entry_id": "999999", "number": "999999",
    "admission_id": "999999", "transfer_id": "999999", "appraisal_id": "999999", "call": "1", "job_id": NOBODY,
    "agency_id": "999999", "plan_id": "999999", "other": "in-force", "rule_id": NOBODY, "part_id": "999999",
    "basis_id": "999999",
}  # fmt: skip


def _report() -> dict[str, Any]:
    lon, lat = sample.centre("A02")
    return {
        "json": {
            "id": str(uuid.uuid4()),
            "category": "99999",  # of no catalogue: whoever may report is told so, and nothing is stored
            "point": {"lon": lon, "lat": lat},
            "happened_at": "2026-10-05T08:15:00+08:00",
            "channel": "sensor",
        }
    }


# What a request carries beside its path, where the example of the API's own document would not do.
CARRIED: Mapping[str, Callable[[], dict[str, Any]]] = {
    "GET /api/v1/search": lambda: {"params": {"q": "a"}},
    "GET /api/v1/locate": lambda: {"params": {"lon": 117.01, "lat": 32.005}},
    "GET /api/v1/route": lambda: {"params": {"lon": 117.01, "lat": 32.005, "category": "06010"}},
    "GET /api/v1/route/ways": lambda: {"params": {"lon": 117.01, "lat": 32.005, "category": "06010"}},
    "GET /api/v1/sites/service-areas": lambda: {"params": {"category": "06010"}},
    "GET /api/v1/exchange/changes": lambda: {"params": {"source": "hotline-91580"}},
    "DELETE /api/v1/alerts/rules/{rule_id}": lambda: {"params": {"revision": 1}},
    "GET /api/v1/counts": lambda: {"params": {"by": "grid"}},
    "GET /api/v1/counts/boundaries": lambda: {"params": {"as_by": "2026-10-05"}},
    "GET /api/v1/calendar/due": lambda: {"params": {"limit": "2 work_day"}},
    "GET /api/v1/whistles/figures": lambda: {"params": {"from": "2026-10-01", "to": "2026-11-01"}},
    "POST /api/v1/incidents": _report,
    "GET /api/v1/duty-lists/comparison": lambda: {"params": {"before": 999999, "after": 999999}},
    "GET /api/v1/plans/{plan_id}/locate": lambda: {"params": {"lon": 117.01, "lat": 32.005}},
    "GET /api/v1/plans/bases": lambda: {"params": {"community": 999999}},
    "POST /api/v1/plans/{plan_id}/parts/{part_id}/file": lambda: {"params": {"revision": 0}},
    "POST /api/v1/duty-lists/previews": lambda: {"params": {"name": "none"}},
    "POST /api/v1/duty-lists/drafts": lambda: {"params": {"name": "none"}},
}


def request_for(row: str, document: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """(method, path, what it carries) of a row of the table of routes; `document` describes the API."""
    method, path = row.split(" ", 1)
    return method, path.format_map(FILLED), CARRIED.get(row, lambda: _example(document, method, path))()


def _example(document: Mapping[str, Any], method: str, path: str) -> dict[str, Any]:
    content = document["paths"].get(path, {}).get(method.lower(), {}).get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return {}
    schema = content["application/json"]["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    assert schema.get("examples"), f"{method} {path} shows no example of what it takes"
    return {"json": schema["examples"][0]}


def all_routes() -> list[str]:
    """The one that ends everybody's session comes last."""
    return sorted(ROUTES, key=lambda row: (row == "DELETE /api/v1/session", row))
