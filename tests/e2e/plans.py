"""Plans that the table of pages opens: one that is drawn and has a proposal, one that waits for another person.

Owns what stands in them. Made once in a city, by the API, and found again by their names. Does not own what pages show
of them (`pages.py`).
"""

from __future__ import annotations

import time
from uuid import uuid4

import httpx

COMMUNITY = "349902001001"
GRID_COLUMNS = ("number", "code", "kind", "target", "band", "locked", "area_id")
DRAWN, SENT = "逐页查看：草案", "逐页查看：送审"


def drawn(api: httpx.Client) -> tuple[int, int]:
    """A draft in which two grids have become one, then better boundaries were proposed: (its id, its part's)."""
    plan, part, new = _plan(api, DRAWN)
    if new:
        at = f"/plans/{plan}/proposals"
        asked = {"id": str(uuid4()), "mode": "resume", "effort": 1}
        job = api.post(at, json=asked).raise_for_status().json()["id"]
        while (state := api.get(f"{at}/{job}").raise_for_status().json()["state"]) in ("queued", "running"):
            time.sleep(0.1)  # between two looks: the server does the work beside
        assert state == "done"
    return plan, part


def sent(api: httpx.Client) -> int:
    """A plan under review."""
    plan, _, new = _plan(api, SENT)
    if new:
        api.post(f"/plans/{plan}/submission", json={"wanted_from": "2199-01-01T00:00:00Z"}).raise_for_status()
    return plan


def _plan(api: httpx.Client, name: str) -> tuple[int, int, bool]:
    """With two neighbours of the community merged; whether it was made just now."""
    known = api.get("/plans", params={"limit": 500}).raise_for_status().json()["items"]
    found = next((int(one["id"]) for one in known if one["name"] == name), None)
    if found is not None:
        return found, int(_part(api, found)["id"]), False
    areas = api.get("/areas", params={"level": "community", "code": COMMUNITY}).raise_for_status().json()["items"]
    community = int(areas[0]["id"])
    if not api.get("/plans/bases", params={"community": community}).raise_for_status().json()["items"]:
        api.post("/plans/bases", json={"community_id": community}).raise_for_status()
    made = api.post("/plans", json={"name": name, "communities": [community]}).raise_for_status()
    plan = int(made.json()["id"])
    part = _part(api, plan)
    at = f"/plans/{plan}/parts/{part['id']}"
    assigned = api.get(f"{at}/board").raise_for_status().json()["assignment"]
    edges = api.get(f"/plans/bases/{part['basis_id']}/edges").raise_for_status().json()
    pairs = zip(edges["a"], edges["b"], strict=True)
    one, other = next((assigned[a], assigned[b]) for a, b in pairs if assigned[a] != assigned[b])
    merge = {"kind": "merge", "payload": {"grids": [one, other]}}
    api.post(f"{at}/operations", json={"revision": 0, "operations": [merge]}).raise_for_status()
    return plan, int(part["id"]), True


def _part(api: httpx.Client, plan: int) -> dict[str, int]:
    found: dict[str, int] = api.get(f"/plans/{plan}/parts").raise_for_status().json()["items"][0]
    return found
