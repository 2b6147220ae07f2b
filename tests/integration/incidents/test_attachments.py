"""Photos over HTTP: added once, shown bare, all or nothing, never more than there is room for."""

from __future__ import annotations

import hashlib
import io
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from PIL import Image
from sqlalchemy import text

from gridgov.bootstrap import House, build
from gridgov.incidents.attachments import MAX_FILES
from gridgov.platform.images import MAX_BYTES
from tests import sample
from tests.buckets import bucket, s3_server
from tests.conftest import CITY, Somebody, live
from tests.integration.incidents.taking import address, on_disk, picture, report, send, stored
from tests.photos import camera
from tests.photos.bare import left_over
from tests.photos.camera import encoded


@pytest.fixture
def client(sampled: House, api: httpx.Client) -> httpx.Client:
    return api


@pytest.fixture
def incident(client: httpx.Client) -> str:
    return report(client)["id"]


def test_a_photo_is_added_and_shown(client: httpx.Client, incident: str) -> None:
    answer = send(client, incident, encoded(camera.quadrants(960, 640), "PNG"))
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == address(incident)
    assert answer.json()["room_for"] == MAX_FILES - 1
    (photo,) = answer.json()["items"]
    assert (photo["number"], photo["width"], photo["height"], photo["sent_as"]) == (1, 960, 640, "png")
    assert client.get(address(incident)).json() == answer.json()

    whole, small = client.get(photo["url"]), client.get(photo["preview_url"])
    for shown in (whole, small):
        assert shown.status_code == 200
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["cache-control"] == "private, no-cache"
        assert "sandbox" in shown.headers["content-security-policy"]
        assert shown.headers["content-disposition"].startswith("inline; filename=")
        assert left_over(shown.content) == []
    assert len(whole.content) == photo["size_bytes"]
    assert whole.headers["etag"] == f'"{hashlib.sha256(whole.content).hexdigest()}"'
    assert Image.open(io.BytesIO(whole.content)).size == (960, 640)
    assert Image.open(io.BytesIO(small.content)).size == (320, 213)
    for shown in (whole, small):
        held = client.get(shown.request.url.path, headers={"If-None-Match": shown.headers["etag"]})
        assert (held.status_code, held.content) == (304, b"")
    other = client.get(photo["url"], headers={"If-None-Match": small.headers["etag"]})
    assert other.status_code == 200


def test_the_same_bytes_are_the_same_photo(client: httpx.Client, house: House, incident: str) -> None:
    first = send(client, incident, picture(1), picture(2), picture(1))
    again = send(client, incident, picture(2), picture(1))
    assert (first.status_code, again.status_code) == (201, 200)
    assert [one["number"] for one in first.json()["items"]] == [1, 2]
    assert [one["number"] for one in again.json()["items"]] == [2, 1]
    assert len(stored(house)) == 4
    assert send(client, incident, picture(2), picture(3)).status_code == 201
    assert len(stored(house)) == 6
    elsewhere = send(client, report(client)["id"], picture(1))
    assert elsewhere.status_code == 201
    assert elsewhere.json()["items"][0]["id"] != first.json()["items"][0]["id"]


def test_two_at_once_make_one(client: httpx.Client, house: House, incident: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(client, incident, picture(1), picture(2)), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({str(answer.json()["items"]) for answer in answers}) == 1
    assert len(stored(house)) == 4


def test_an_incident_has_room_for_nine(client: httpx.Client, house: House, incident: str) -> None:
    assert send(client, incident, *(picture(number) for number in range(5))).status_code == 201
    refused = send(client, incident, *(picture(number) for number in range(10, 15)))
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (409, "too-many-photos", "file")
    assert len(stored(house)) == 10, "none of the five was kept"
    assert send(client, incident, *(picture(number) for number in range(10, 14))).json()["room_for"] == 0
    assert send(client, incident, picture(99)).status_code == 409
    assert send(client, incident, picture(13)).status_code == 200, "what is there needs no room"
    elsewhere = report(client)["id"]  # where there is room: else the first of ten may be refused before the tenth comes
    many = send(client, elsewhere, *(picture(number) for number in range(20, 30)))
    assert (many.status_code, many.json()["code"]) == (413, "too-many-files")


def test_many_at_once_do_not_make_more_than_nine(client: httpx.Client, house: House, incident: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda number: send(client, incident, picture(number)).status_code, range(14)))
    assert sorted(codes) == [201] * 9 + [409] * 5
    assert [one["number"] for one in client.get(address(incident)).json()["items"]] == list(range(1, 10))
    assert len(stored(house)) == 18


def test_the_database_holds_the_number_too(client: httpx.Client, house: House, incident: str) -> None:
    send(client, incident, picture(1))
    with pytest.raises(Exception, match="incidents_attachment_number_check"), house.db.transaction() as session:
        session.execute(text("update incidents_attachment set number = :number"), {"number": MAX_FILES + 1})


@pytest.mark.parametrize("wrong", [b"", b"no picture", picture(3)[:-60], b"\xff\xd8\xff\xe0" + bytes(100)])
def test_one_wrong_file_refuses_all_and_keeps_none(
    client: httpx.Client, house: House, incident: str, tmp_path: Path, wrong: bytes
) -> None:
    answer = send(client, incident, picture(1), wrong, picture(2))
    assert (answer.status_code, answer.json()["field"]) == (422, "file[2]")
    assert answer.json()["remedy"]
    assert on_disk(tmp_path) == []
    assert client.get(address(incident)).json() == {"items": [], "room_for": MAX_FILES}


def _head(path: str, who: httpx.Client, length: int) -> bytes:
    boundary = "b"
    flow = who.auth.sync_auth_flow(httpx.Request("POST", "http://x/"))  # type: ignore[union-attr]  # it has one
    headers = {name: value for name, value in next(flow).headers.items() if name in ("cookie", "x-csrf-token")}
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {length}"]
    lines += [f"Content-Type: multipart/form-data; boundary={boundary}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _status(wire: socket.socket) -> int:
    return int(wire.recv(4096).split(b" ")[1])


@pytest.mark.parametrize(
    ("sent", "known", "expected"), [(MAX_BYTES + 300_000, True, 413), (0, False, 404), (MAX_BYTES - 300_000, True, 0)]
)
def test_a_body_is_not_read_further_than_it_counts(
    client: httpx.Client, incident: str, sent: int, known: bool, expected: int
) -> None:
    """The answer comes while most of the announced body has yet to be sent; the control waits for the rest."""
    path = address(incident if known else str(uuid.uuid4()))
    first = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    port = client.base_url.port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.sendall(_head(path, client, 60 << 20))
        if sent:
            wire.sendall(first + bytes(sent))
        if expected:
            wire.settimeout(60)
            assert _status(wire) == expected
        else:
            wire.settimeout(2)
            with pytest.raises(TimeoutError):
                _status(wire)


def test_a_picture_that_is_lost_or_changed_is_not_shown(client: httpx.Client, incident: str, tmp_path: Path) -> None:
    (photo,) = send(client, incident, picture(1)).json()["items"]
    whole = next(path for path in on_disk(tmp_path) if "small" not in path.name)
    data = whole.read_bytes()
    whole.write_bytes(data[:-50] + b"x" + data[-49:])
    changed = client.get(photo["url"])
    assert (changed.status_code, changed.json()["code"]) == (503, "picture-lost")
    whole.unlink()
    assert client.get(photo["url"]).json()["code"] == "picture-lost"
    whole.write_bytes(data)
    assert client.get(photo["url"]).status_code == 200


def test_photos_lie_in_a_bucket_as_well(database_url: str, tmp_path: Path) -> None:
    with s3_server() as s3:
        house = build(database_url, CITY, tmp_path, storage=bucket(s3))
        with house.db.transaction() as session:
            sample.set_up(session)
        try:
            with live(house) as base, httpx.Client(base_url=base, timeout=60, auth=Somebody(house)) as client:
                incident = report(client)["id"]
                photo = send(client, incident, picture(1)).json()["items"][0]
                assert left_over(client.get(photo["url"]).content) == []
                assert client.get(photo["preview_url"]).status_code == 200
                assert len(stored(house)) == 2
                assert not (tmp_path / "attachments").exists(), "nothing lies in the folder"
                refused = send(client, incident, picture(2), b"no picture")
                assert (refused.status_code, len(stored(house))) == (422, 2)
        finally:
            house.close()
    # The service is gone: said in words, and no row without a picture.
    house = build(database_url, CITY, tmp_path, storage=bucket(s3))
    try:
        with live(house) as base, httpx.Client(base_url=base, timeout=60, auth=Somebody(house)) as client:
            failed = send(client, incident, picture(3))
            assert (failed.status_code, failed.json()["code"]) == (503, "storage-down")
            assert len(client.get(address(incident)).json()["items"]) == 1
    finally:
        house.close()
