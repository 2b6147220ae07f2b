"""Two hundred photos full of EXIF, GPS, XMP, IPTC, comments, thumbnails, profiles and trailing bytes, in all four
formats, through the API: what is stored of them is pixels."""

from __future__ import annotations

import io
import uuid
from collections import Counter
from pathlib import Path

import httpx
import pi_heif
import pytest
from PIL import Image

from gridgov.bootstrap import House
from gridgov.platform.storage import FOLDER
from tests import sample
from tests.integration.incidents.taking import report, send
from tests.photos import camera
from tests.photos.bare import left_over, segments
from tests.photos.camera import Photo, encoded

SEED, COUNT = 200, 200


@pytest.fixture(scope="module")
def photos() -> list[Photo]:
    return list(camera.photos(SEED, COUNT))


def tables(jpeg: bytes) -> list[bytes]:
    """All that is in a JPEG before its coded data, but for its size."""
    return [part if kind != 0xC0 else part[:5] + part[9:] for kind, part in segments(jpeg) if kind > 0]


def test_nothing_but_pixels_is_stored(house: House, api: httpx.Client, tmp_path: Path, photos: list[Photo]) -> None:
    with house.db.transaction() as session:
        sample.set_up(session)
    for start in range(0, COUNT, 4):
        incident = report(api)["id"]
        answer = send(api, incident, *(photo.data for photo in photos[start : start + 4]))
        assert answer.status_code == 201, answer.text
        assert [one["sent_as"] for one in answer.json()["items"]] == [one.form for one in photos[start : start + 4]]

    files = [path.read_bytes() for path in (tmp_path / FOLDER).rglob("*.jpg")]
    assert len(files) == 2 * COUNT
    planted = [mark for photo in photos for mark in photo.planted]
    assert len(planted) > 10 * COUNT
    whole = b"\n".join(files)
    assert [mark for mark in planted if mark in whole] == []
    assert sum(size for data in files for _, size in left_over(data)) == 0
    # And not a byte of the head depends on the photo: it is that of any picture of this quality.
    plain = Image.new("RGB", (8, 8))
    heads = [tables(encoded(plain, "JPEG", quality=quality, subsampling="4:2:0")) for quality in (88, 78)]
    assert all(tables(data) in heads for data in files)


def test_a_naive_program_leaves_some_of_it(photos: list[Photo]) -> None:
    """The control: the same photos opened and saved again, judged by the same judge."""
    pi_heif.register_heif_opener()
    left: Counter[str] = Counter()
    marks = 0
    for photo in photos:
        assert left_over(photo.data) if photo.form != "heic" else True
        assert any(mark in photo.data for mark in photo.planted)
        out = io.BytesIO()
        form = "JPEG" if photo.form == "heic" else photo.form
        Image.open(io.BytesIO(photo.data)).save(out, form)
        left[photo.form] += bool(left_over(out.getvalue()))
        marks += sum(mark in out.getvalue() for mark in photo.planted)
    assert left["jpeg"] == left["png"] == COUNT // 4
    assert marks >= COUNT // 4


def test_every_format_is_among_them_and_every_turn(photos: list[Photo]) -> None:
    assert Counter(photo.form for photo in photos) == dict.fromkeys(camera.FORMATS, COUNT // 4)
    assert {photo.turn for photo in photos} == set(range(1, 9))
    assert len({uuid.uuid5(uuid.NAMESPACE_OID, photo.data.hex()) for photo in photos}) == COUNT
