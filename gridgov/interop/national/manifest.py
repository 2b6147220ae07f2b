"""What lies in a folder of exported facts: one manifest a city, which says what each month's file must be.

Owns the form of the folder, and putting files in place so that at every moment each month is one whole file that the
manifest knows. Does not own what is in the files (`facts`).

    FOLDER/incidents/city=demo/_manifest.json
    FOLDER/incidents/city=demo/month=2026-01/facts.parquet

A month's file is made beside, then takes its place. While it does, the manifest names both the coming file and the one
`before`; a process that dies in between leaves either of them there.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from gridgov.platform.errors import BadInput, Unavailable

FORM, VERSION = "gridgov-facts", 1
NAME, FILE = "_manifest.json", "facts.parquet"


class ManifestBroken(BadInput):
    """The manifest of a city cannot be read."""

    code = "manifest-broken"


class FolderUnusable(BadInput):
    """Nothing can be written there."""

    code = "folder-unusable"


class NoRoom(Unavailable):
    code = "no-room"


@dataclass(frozen=True, slots=True)
class Partition:
    """A month's file. `month`: 2026-01, in UTC; `as_of`: when it was read. `before`: SHA-256 of the file that it takes
    the place of just now, "" when it has."""

    month: str
    rows: int
    bytes: int
    sha256: str
    as_of: str
    before: str = ""

    @property
    def path(self) -> str:
        """Below the city's folder."""
        return f"month={self.month}/{FILE}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`as_of`, `origin`, `snapshot`, `codes`: the moment that all months are of, to ask what has changed since."""

    city: str
    as_of: str
    origin: str
    snapshot: str
    codes: str
    partitions: tuple[Partition, ...]

    def text(self) -> str:
        document = {"form": FORM, "version": VERSION, **asdict(self)}
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.partitions)


def city_folder(folder: Path, city: str) -> Path:
    return folder / "incidents" / f"city={city}"


def read(folder: Path) -> Manifest | None:
    """The manifest of a city's folder; None where there is none. Raises `ManifestBroken`."""
    path = folder / NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document.pop("form") != FORM or document.pop("version") != VERSION:
            raise ValueError("another form")
        partitions = tuple(Partition(**one) for one in document.pop("partitions"))
        return Manifest(**document, partitions=partitions)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise ManifestBroken(
            f"“{path}” is not the manifest of an export.",
            field="data",
            remedy="Export that city again with --all, into the same folder.",
        ) from None


def cities(folder: Path) -> dict[str, Path]:
    """City -> its folder, by code, of every city that has been exported into a folder."""
    found = (path.parent for path in folder.glob(f"incidents/city=*/{NAME}"))
    return {one.name.removeprefix("city="): one for one in sorted(found)}


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def put(folder: Path, coming: Manifest, staged: Path, old: Manifest | None) -> tuple[str, ...]:
    """Puts the staged months of `coming` in place; takes away the months that it does not have, and returns these.

    `staged` holds, below it, the file of each month that is new; the others stay as they are.
    """
    was = {one.month: one for one in (old.partitions if old else ())}
    fresh = [one for one in coming.partitions if (staged / one.path).exists()]
    moving = {one.month: replace(one, before=was[one.month].sha256 if one.month in was else "-") for one in fresh}
    folder.mkdir(parents=True, exist_ok=True)
    _state(folder, replace(coming, partitions=tuple(moving.get(one.month, one) for one in coming.partitions)))
    for one in fresh:
        (folder / one.path).parent.mkdir(exist_ok=True)
        os.replace(staged / one.path, folder / one.path)
        flush(folder / one.path)
    _state(folder, coming)
    kept = {one.path for one in coming.partitions}
    gone = [path for path in sorted(folder.glob(f"month=*/{FILE}")) if str(path.relative_to(folder)) not in kept]
    for path in gone:
        path.unlink()
        with suppress(OSError):
            path.parent.rmdir()
    return tuple(path.parent.name.removeprefix("month=") for path in gone)


def flush(path: Path) -> None:
    """To the disk: the file and its name."""
    for one in (path, path.parent):
        descriptor = os.open(one, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """What cannot be written, in words: `NoRoom`, `FolderUnusable`."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (28, 122):  # ENOSPC, EDQUOT
            raise NoRoom(
                f"There is no room in “{folder}”.", remedy="What was there is as it was; make room, then try again."
            ) from None
        raise FolderUnusable(
            f"“{folder}” cannot be written ({problem.strerror}).", field="out", remedy="Name another folder."
        ) from None


def _state(folder: Path, found: Manifest) -> None:
    half = folder / f"{NAME}.part"
    half.write_text(found.text(), encoding="utf-8")
    flush(half)
    os.replace(half, folder / NAME)
    flush(folder / NAME)
