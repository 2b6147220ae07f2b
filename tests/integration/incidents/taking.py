"""Reports with photos, for the tests of photos."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

import httpx

from gridgov.bootstrap import House
from gridgov.platform.storage import FOLDER
from tests import sample
from tests.people import Person
from tests.photos import camera
from tests.photos.camera import encoded


def picture(number: int, form: str = "PNG") -> bytes:
    """A small picture, another for each number."""
    image = camera.quadrants(96, 64)
    image.putpixel((0, 0), (number % 256, number // 256 % 256, 7))
    image.paste((number * 40 % 256, number * 90 % 256, 60), (20, 20, 40, 40))
    return encoded(image, form)


def report(client: httpx.Client, grid: str = "A01", headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """A report in a grid, as it was answered."""
    lon, lat = sample.centre(grid)
    body = {
        "id": str(uuid.uuid4()),
        "category": "06010",
        "point": {"lon": lon, "lat": lat},
        "happened_at": "2026-01-01T00:00:00Z",
        "channel": "worker",
    }
    answer = client.post("/api/v1/incidents", json=body, headers=dict(headers or {}))
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


def address(incident_id: str) -> str:
    return f"/api/v1/incidents/{incident_id}/attachments"


def send(
    client: httpx.Client, incident_id: str, *files: bytes, who: Person | None = None, **headers: str
) -> httpx.Response:
    """Photos, as one request; by the operator of the centre unless somebody else is named."""
    parts = [("file", (f"photo{place}.jpg", data, "image/jpeg")) for place, data in enumerate(files)]
    return client.post(address(incident_id), files=parts, headers=(who.headers if who else {}) | headers)


def stored(house: House) -> list[str]:
    """Keys of what lies in the storage."""
    return sorted(one.key for one in house.storage.listed(house.app.city))


def on_disk(home: Path) -> list[Path]:
    return sorted(path for path in (home / FOLDER).rglob("*") if path.is_file())
