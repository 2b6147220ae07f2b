"""Storage: the same promises in a folder and in a bucket, the bucket behind a real S3 server over HTTP."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gridgov.platform.settings import Settings
from gridgov.platform.storage import FOLDER, Bucket, ObjectMissing, Storage, StorageDown
from tests.buckets import bucket, s3_server

KEY, OTHER = "demo/0199f0a4/abc123.jpg", "demo/0199f0a5/def456-small.jpg"

# As of somebody with a key; this server does not look at the signature itself.
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, Signature=0"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with s3_server() as found:
        yield found


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, address: str) -> Storage:
    """One of each kind, empty."""
    if request.param == "folder":
        return Storage.in_folder(tmp_path)
    return bucket(address, prefix=f"runs/{tmp_path.name.replace('_', '-')}")


def keys(storage: Storage, prefix: str = "demo") -> list[str]:
    return sorted(one.key for one in storage.listed(prefix))


def test_what_was_put_is_there_whole(storage: Storage) -> None:
    data = os.urandom(3_000_000)
    storage.put(KEY, data, media_type="image/jpeg")
    assert storage.get(KEY) == data
    (found,) = storage.listed("demo")
    assert (found.key, found.size_bytes) == (KEY, len(data))
    assert abs(found.modified_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_second_put_replaces_the_first(storage: Storage) -> None:
    for data in (b"first", b"second"):
        storage.put(KEY, data, media_type="image/jpeg")
    assert storage.get(KEY) == b"second"
    assert keys(storage) == [KEY]


def test_deleting_is_final_and_can_be_repeated(storage: Storage) -> None:
    storage.put(KEY, b"x", media_type="image/jpeg")
    storage.put(OTHER, b"y", media_type="image/jpeg")
    for _ in range(2):
        storage.delete(KEY)
    with pytest.raises(ObjectMissing):
        storage.get(KEY)
    assert keys(storage) == [OTHER]


def test_a_prefix_is_whole_levels(storage: Storage) -> None:
    for key in (KEY, OTHER, "demo2/0199f0a4/abc.jpg"):
        storage.put(key, b"x", media_type="image/jpeg")
    assert keys(storage) == [KEY, OTHER]
    assert keys(storage, "demo/0199f0a4") == [KEY]
    assert keys(storage, "nowhere") == []


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x.jpg", "demo/../x.jpg", "demo//x.jpg", "demo/x", "demo/X.jpg", "demo/a b.jpg", "a.jpg\n"],
)
def test_a_key_that_is_no_key_is_a_fault_of_ours(storage: Storage, key: str) -> None:
    for use in (storage.get, storage.delete):
        with pytest.raises(ValueError, match="is no key"):
            use(key)
    with pytest.raises(ValueError, match="is no key"):
        storage.put(key, b"x", media_type="image/jpeg")


def test_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    storage = Storage.in_folder(tmp_path)
    storage.put(KEY, b"x", media_type="image/jpeg")
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700
    assert (tmp_path / FOLDER / KEY).read_bytes() == b"x"
    storage.delete(KEY)
    assert list((tmp_path / FOLDER).iterdir()) == [], "folders that are empty go too"


def test_a_bucket_gets_type_and_prefix(address: str) -> None:
    bucket(address, prefix="city/seven").put(KEY, b"x", media_type="image/jpeg")
    place = f"{address}/photos/city/seven/{KEY}"
    seen = httpx.get(place, headers=SIGNED)
    assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, b"x", "image/jpeg")
    assert httpx.get(place).status_code == 403, "nobody reads it without a key"


def test_a_bucket_that_is_not_there_is_said_in_words(address: str) -> None:
    storage = Storage.in_bucket(Bucket.at("s3://missing", endpoint=address, key_id="key", secret="a secret"))
    with pytest.raises(StorageDown, match="does not answer"):
        storage.put(KEY, b"x", media_type="image/jpeg")


def test_a_service_that_is_gone_is_said_in_words() -> None:
    with s3_server() as address:
        storage = bucket(address)
        storage.put(KEY, b"x", media_type="image/jpeg")
    for use in (
        lambda: storage.put(KEY, b"x", media_type="image/jpeg"),
        lambda: storage.get(KEY),
        lambda: keys(storage),
    ):
        with pytest.raises(StorageDown) as caught:
            use()
        assert "a secret" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    storage = Storage.in_folder(tmp_path)
    (tmp_path / FOLDER / "demo").write_text("a file where a folder should be")
    with pytest.raises(StorageDown):
        storage.put(KEY, b"x", media_type="image/jpeg")


def test_the_settings_choose(tmp_path: Path, address: str) -> None:
    Storage.chosen(Settings(home=tmp_path)).put(KEY, b"here", media_type="image/jpeg")
    assert (tmp_path / FOLDER / KEY).read_bytes() == b"here"
    there = Settings(
        home=tmp_path,
        storage="s3://photos/chosen",
        storage_endpoint=address,
        storage_key_id="key",
        storage_secret="a secret",
    )
    Storage.chosen(there).put(KEY, b"there", media_type="image/jpeg")
    assert httpx.get(f"{address}/photos/chosen/{KEY}", headers=SIGNED).content == b"there"
    assert "a secret" not in repr(there)
