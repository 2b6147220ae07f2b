"""Hostile uploads against the running API: no error of the server, nothing outside the storage, nothing kept of what
was refused, no process left behind."""

from __future__ import annotations

import io
import os
import tempfile
import uuid
from collections import Counter
from pathlib import Path

import httpx
import psutil
import pytest
from PIL import Image

from gridgov.bootstrap import House
from gridgov.platform.storage import FOLDER
from tests import sample
from tests.photos import bombs, camera, hostile
from tests.photos.bare import left_over
from tests.photos.hostile import Upload

SEED = 20261123
SHARE, ALL = 60, 500
TAKEN_OR_REFUSED = frozenset({200, 201, 413, 422})


class Scene:
    """The running API with an incident to add photos to, and what lies on disk around it."""

    def __init__(self, house: House, api: httpx.Client, home: Path, temp: Path) -> None:
        self.house, self.api, self.home, self.temp = house, api, home, temp
        self.incident = ""
        self.codes: Counter[int] = Counter()
        self.refusals: Counter[str] = Counter()
        self.kept = 0

    def new_incident(self) -> None:
        self.incident = str(uuid.uuid4())
        lon, lat = sample.centre("A01")
        body = {
            "id": self.incident,
            "category": "06010",
            "point": {"lon": lon, "lat": lat},
            "happened_at": "2026-01-01T00:00:00Z",
            "channel": "worker",
        }
        assert self.api.post("/api/v1/incidents", json=body).status_code == 201

    @property
    def address(self) -> str:
        return f"/api/v1/incidents/{self.incident}/attachments"

    def files(self) -> set[Path]:
        """Every file below the home folder and the folder of temporary files, but for counts, which follow the
        database whenever their loop gets to it."""
        found = {path for root in (self.home, self.temp) for path in root.rglob("*") if path.is_file()}
        return {path for path in found if not path.is_relative_to(self.home / "counts")}

    def send(self, upload: Upload) -> httpx.Response:
        return self.api.post(self.address, content=upload.body, headers={"Content-Type": upload.content_type})

    def check(self, upload: Upload) -> None:
        """Sends it, and judges all that the upload may have left."""
        before = self.files()
        answer = self.send(upload)
        self.codes[answer.status_code] += 1
        assert answer.status_code in TAKEN_OR_REFUSED, f"{upload.kind}: {answer.status_code} {answer.text[:300]}"
        made = self.files() - before
        if answer.status_code >= 400:
            problem = answer.json()
            assert problem["field"], problem
            assert problem["remedy"], problem
            assert not made, f"{upload.kind}: {made}"
            self.refusals[problem["code"]] += 1
            return
        folder = self.home / FOLDER / self.house.app.city / self.incident
        assert {path.parent for path in made} <= {folder}, f"{upload.kind}: {made}"
        for path in made:
            data = path.read_bytes()
            assert left_over(data) == [], upload.kind
            assert upload.payload not in data, upload.kind
        self.kept += len(made)
        if answer.json()["room_for"] == 0:
            self.new_incident()


@pytest.fixture
def scene(sampled: House, api: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    temp = tmp_path / "temporary"
    temp.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    made = Scene(sampled, api, tmp_path, temp)
    made.new_incident()
    return made


def children() -> list[psutil.Process]:
    """Processes that this one has, and they have, that examine files: those of this house and of others beside it."""
    return [one for one in psutil.Process().children(recursive=True) if "nursery" in " ".join(one.cmdline())]


def run(scene: Scene, count: int, *, slow: bool) -> None:
    here = set(os.listdir())
    scene.house.examiner.measures()  # started now: the process that bears the children, and its place outside
    resident = len(children())  # other houses of this run may have theirs
    for upload in hostile.uploads(SEED, count, slow=slow):
        scene.check(upload)
    assert sum(scene.codes.values()) == count
    assert len(children()) <= resident, "what bears the children stays as it was; no child is left"
    assert set(os.listdir()) == here
    assert not list(scene.temp.iterdir())
    assert not [path for path in (Path("/tmp/escape.jpg"), Path("/etc/cron.d/escape")) if path.exists()]
    stored = list(scene.house.storage.listed(scene.house.app.city))
    assert len(stored) == scene.kept
    good = httpx.Response(500)
    for photo in camera.photos(SEED, 4):  # the service goes on as if nothing had been
        scene.new_incident()
        good = scene.api.post(scene.address, files=[("file", ("a", photo.data, "image/jpeg"))])
        assert good.status_code == 201, good.text


def test_a_share_of_hostile_uploads(scene: Scene) -> None:
    run(scene, SHARE, slow=False)
    assert scene.codes[413] >= 5
    assert scene.codes[422] >= 20
    assert scene.codes[201] >= 5, "pictures with something hidden behind them are pictures"


@pytest.mark.soak
def test_all_hostile_uploads(scene: Scene, pytestconfig: pytest.Config, capfd: pytest.CaptureFixture[str]) -> None:
    run(scene, ALL, slow=True)
    shown = f"{ALL} hostile uploads: {dict(scene.codes)}, {dict(scene.refusals)}; {scene.kept} files kept, all bare"
    with capfd.disabled():
        pytestconfig.get_terminal_writer().line(f"\n{shown}")


def test_the_generator_gives_every_kind_and_always_the_same() -> None:
    one, other = (list(hostile.uploads(3, 50, slow=False)) for _ in range(2))
    assert [(upload.kind, upload.body) for upload in one] == [(upload.kind, upload.body) for upload in other]
    assert {upload.kind for upload in one} == set(hostile.KINDS) - bombs.SLOW
    assert [upload.body for upload in hostile.uploads(4, 50, slow=False)] != [upload.body for upload in one]


def test_what_is_hidden_would_be_kept_by_storing_what_came() -> None:
    """The control: the judge sees payloads in the files as they are sent, and in what a naive program saves again."""
    sent = naive = 0
    for upload in hostile.uploads(SEED, SHARE, slow=False):
        sent += upload.payload in upload.body
        if upload.kind == "jpeg+page":
            start = upload.body.index(b"\xff\xd8")
            out = io.BytesIO()
            Image.open(io.BytesIO(upload.body[start:])).save(out, "JPEG")
            naive += upload.payload in out.getvalue()
    assert sent > SHARE / 4
    assert naive >= 1
