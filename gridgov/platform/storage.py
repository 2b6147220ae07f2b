"""Bytes under a key: in a folder of this machine, or in a bucket of a service that speaks S3.

Owns where they lie and that they are there once `put` returns. Does not own what a key means, nor which are still
needed (the domains do). Keys are made here at home: lower-case words, digits, and one level a slash.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from gridgov.platform.errors import NotFound, Unavailable
from gridgov.platform.settings import Settings

if TYPE_CHECKING:
    from obstore.store import S3Config

KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*)*\.[a-z]{3,4}")
FOLDER = "attachments"
# A request waits for this; what takes longer is better tried again by whoever sent it.
CONNECT, WHOLE, RETRIES, RETRIED = timedelta(seconds=3), timedelta(seconds=20), 2, timedelta(seconds=15)

Store: TypeAlias = LocalStore | S3Store


class StorageDown(Unavailable):
    code = "storage-down"


class ObjectMissing(NotFound):
    """Nothing lies under the key although something should."""

    code = "object-missing"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where an S3 service keeps things. Without keys, those of the environment or of the machine are used (AWS_…)."""

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str = "us-east-1"
    key_id: str | None = None
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def at(cls, address: str, **more: Any) -> Bucket:
        """From `s3://bucket/prefix`."""
        name, _, prefix = address.removeprefix("s3://").partition("/")
        return cls(name, prefix.strip("/"), **more)


@dataclass(frozen=True, slots=True)
class Stored:
    """One thing that is there."""

    key: str
    size_bytes: int
    modified_at: datetime


class Storage:
    """One place for all threads of a process; nothing is touched before the first use."""

    def __init__(self, store: Store, *, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def in_folder(cls, home: Path) -> Storage:
        """Under the data folder, for its owner alone."""
        folder = home / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(LocalStore(folder, automatic_cleanup=True), folder=folder)

    @classmethod
    def in_bucket(cls, bucket: Bucket) -> Storage:
        config: S3Config = {"region": bucket.region}
        if bucket.endpoint is not None:
            config["endpoint"] = bucket.endpoint
        if bucket.key_id is not None and bucket.secret is not None:
            config |= {"access_key_id": bucket.key_id, "secret_access_key": bucket.secret}
        return cls(
            S3Store(
                bucket.name,
                prefix=bucket.prefix or None,
                config=config,
                client_options={
                    "allow_http": (bucket.endpoint or "").startswith("http://"),
                    "connect_timeout": CONNECT,
                    "timeout": WHOLE,
                },
                retry_config={"max_retries": RETRIES, "retry_timeout": RETRIED},
            )
        )

    @classmethod
    def chosen(cls, settings: Settings) -> Storage:
        """The one that the settings name."""
        if settings.storage is None:
            return cls.in_folder(settings.home)
        return cls.in_bucket(
            Bucket.at(
                settings.storage,
                endpoint=settings.storage_endpoint,
                region=settings.storage_region,
                key_id=settings.storage_key_id,
                secret=settings.storage_secret,
            )
        )

    def put(self, key: str, data: bytes, *, media_type: str) -> None:
        """Stores it whole or not at all; what was there under the key is replaced. Raises `StorageDown`."""
        attributes = {} if self._folder else {"Content-Type": media_type}
        try:
            obstore.put(self._store, _checked(key), data, attributes=attributes, use_multipart=False)
            if self._folder:
                _settle(self._folder / key)
        except (BaseError, OSError) as problem:
            raise _down() from problem

    def get(self, key: str) -> bytes:
        """Raises `ObjectMissing`, `StorageDown`."""
        try:
            return bytes(obstore.get(self._store, _checked(key)).bytes())
        except FileNotFoundError:
            raise ObjectMissing(
                "The stored file is not where it should be.", remedy="Tell whoever runs the platform."
            ) from None
        except (BaseError, OSError) as problem:
            raise _down() from problem

    def delete(self, key: str) -> None:
        """What is not there is gone already. Raises `StorageDown`."""
        try:
            obstore.delete(self._store, _checked(key))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as problem:
            raise _down() from problem

    def listed(self, prefix: str) -> Iterator[Stored]:
        """Everything below a prefix (whole levels: "demo" finds "demo/…"). Raises `StorageDown`."""
        try:
            for page in obstore.list(self._store, prefix):
                for one in page:
                    yield Stored(one["path"], one["size"], one["last_modified"])
        except FileNotFoundError:
            return
        except (BaseError, OSError) as problem:
            raise _down() from problem


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key")
    return key


def _settle(path: Path) -> None:
    """File and folder reach the disk: the row that names them is about to be committed, which does as much."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _down() -> StorageDown:
    return StorageDown("The storage of files does not answer.", remedy="Nothing was stored; try again in a moment.")
