"""Where photos were taken: sealed, restricted, opened with a reason, ended in time; the photo stays."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gridgov.auth.rules import Role
from gridgov.bootstrap import House
from gridgov.incidents.positions import Positions
from gridgov.platform import clock
from gridgov.platform.crypto import Unreadable
from gridgov.platform.personal import place as sealing_place
from gridgov.privacy.holdings import Because, Ended, Subject
from tests.integration.incidents.taking import address, picture, report, send
from tests.people import appoint
from tests.photos import camera, tiff
from tests.photos.camera import chunk, encoded, with_chunks

HOLDING = Positions()
REASON = {"reason": "checking a complaint about the place"}


def with_place(number: int, lon: float = 116.90123, lat: float = 33.12345) -> bytes:
    """A photo that says where it was taken."""
    exif = tiff.block({}, exif={0x9003: (tiff.ASCII, b"2025:11:20 08:14:52\0")}, gps=tiff.gps_fields(lon, lat))
    return with_chunks(picture(number), chunk(b"eXIf", exif))


@pytest.fixture
def client(sampled: House, api: httpx.Client) -> httpx.Client:
    return api


@pytest.fixture
def photo(client: httpx.Client) -> dict[str, Any]:
    (added,) = send(client, report(client)["id"], with_place(1)).json()["items"]
    found: dict[str, Any] = added
    return found


def sealed(house: House) -> list[tuple[str, bytes | None]]:
    with house.db.transaction() as session:
        rows = session.execute(text("select id, gps_sealed from incidents_attachment order by number"))
        return [(str(row.id), None if row.gps_sealed is None else bytes(row.gps_sealed)) for row in rows]


def test_it_is_kept_sealed_and_nowhere_else(
    client: httpx.Client, house: House, photo: dict[str, Any], tmp_path: Path
) -> None:
    ((ident, kept),) = sealed(house)
    assert kept is not None
    assert b"33.12" not in kept
    opened = json.loads(house.sealer.open(kept, place=sealing_place("incidents_attachment", "gps", ident)))
    assert (opened["lon"], opened["lat"]) == (pytest.approx(116.90123, abs=4e-6), pytest.approx(33.12345, abs=4e-6))
    with pytest.raises(Unreadable):
        house.sealer.open(kept, place=sealing_place("incidents_attachment", "gps", "another"))
    listed = client.get(address(photo["url"].split("/")[4])).text
    assert "33.12" not in listed
    assert not [path for path in (tmp_path / "attachments").rglob("*.jpg") if b"Exif" in path.read_bytes()]


def test_it_is_opened_with_a_reason_that_stays(client: httpx.Client, house: House, photo: dict[str, Any]) -> None:
    answer = client.post(f"{photo['url']}/origin", json=REASON)
    assert answer.status_code == 200, answer.text
    assert answer.json()["lat"] == pytest.approx(33.12345, abs=4e-6)
    assert answer.json()["taken"] == "2025:11:20 08:14:52"
    with house.db.transaction() as session:
        (entry,) = session.execute(
            text("select noun, row_id, reason, account_id, facts from audit_entry where action = 'reveal'")
        ).all()
    assert (entry.noun, entry.row_id, entry.reason) == ("incidents_attachment", photo["id"], REASON["reason"])
    assert entry.account_id is not None
    assert "33.12" not in str(entry.facts)


def test_without_a_reason_or_a_right_it_stays_closed(client: httpx.Client, house: House, photo: dict[str, Any]) -> None:
    short = client.post(f"{photo['url']}/origin", json={"reason": "x"})
    assert (short.status_code, short.json()["field"]) == (422, "reason")
    worker = appoint(house, Role.GRID_WORKER, area="A01")
    assert client.get(photo["url"], headers=worker.headers).status_code == 200
    assert client.post(f"{photo['url']}/origin", json=REASON, headers=worker.headers).status_code == 403
    elsewhere = appoint(house, Role.CENTRE_OPERATOR, area="E")
    assert client.post(f"{photo['url']}/origin", json=REASON, headers=elsewhere.headers).status_code == 404
    with house.db.transaction() as session:
        assert session.execute(text("select count(*) from audit_entry where action = 'reveal'")).scalar_one() == 0


def test_a_photo_that_says_nothing_has_nothing(client: httpx.Client, house: House) -> None:
    (plain,) = send(client, report(client)["id"], encoded(camera.quadrants(), "PNG")).json()["items"]
    assert [kept for _, kept in sealed(house)] == [None]
    answer = client.post(f"{plain['url']}/origin", json=REASON)
    assert (answer.status_code, set(answer.json().values())) == (200, {None})


def test_as_a_holding_it_is_found_copied_and_erased(client: httpx.Client, house: House, photo: dict[str, Any]) -> None:
    incident = photo["url"].split("/")[4]
    send(client, incident, picture(2), with_place(3))
    other = send(client, report(client)["id"], with_place(4)).json()["items"][0]
    who = Subject(incident_id=incident)
    with house.db.transaction() as session:
        keys = HOLDING.find(session, who)
        assert len(keys) == 2
        assert photo["id"] in keys
        held = HOLDING.export(session, keys, house.sealer)
        assert {one.facts["photo"] for one in held} == {1, 3}
        assert all("33.12345" in one.values["gps"] for one in held)
        kept_one = keys[0]
        ended = HOLDING.erase(session, keys, held=[kept_one], because=Because.ERASE, now=clock.utcnow())
        assert ended == Ended(erased=1)
        assert HOLDING.find(session, who) == [kept_one]
        assert HOLDING.find(session, Subject(incident_id=other["url"].split("/")[4])) == [other["id"]]
    assert len(client.get(address(incident)).json()["items"]) == 3, "the photos stay"


def test_it_ends_after_a_year_and_not_before(client: httpx.Client, house: House, photo: dict[str, Any]) -> None:
    send(client, photo["url"].split("/")[4], picture(2), with_place(3))
    with house.db.transaction() as session:
        stored_at = session.execute(text("select min(created_at) from incidents_attachment")).scalar_one()
    year = timedelta(days=365)

    def expire(now: Any, *held: str) -> Ended:
        with house.internally("keeper") as session:
            return HOLDING.expire(session, limits={}, held=held, now=now, slice_rows=500)

    assert expire(stored_at + year - timedelta(seconds=1)) == Ended()
    assert expire(stored_at + year + timedelta(hours=1), photo["id"]) == Ended(erased=1)
    assert [kept is not None for _, kept in sealed(house)] == [True, False, False]
    assert expire(stored_at + year + timedelta(hours=1)) == Ended(erased=1)
    assert expire(stored_at + year + timedelta(hours=1)) == Ended()
    assert client.get(photo["url"]).status_code == 200
